//! What comes before an exchange and isn't recorded: a sign-in of our client at our pool, up to the request whose response is
//! recorded, or that is recorded itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::client::{Client, Policy, Sources, TransportError, settings_for};
use crate::pool::Pool;
use crate::wire::{
    AuthFlow, AuthFlowType, Call, ChallengeName, ConfirmSignIn, ErrorKind, HttpRequest,
    HttpResponse, Inject, NextStep, Operation, Parameters, Reply, SignIn,
};

use super::error::ReenactError;
use super::exchange::{Exchange, json as body_of};
use super::given::{Given, asked};
use super::known::Known;

/// Up to where a lead goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Until {
    operation: Operation,
    challenge: Option<ChallengeName>,
}

impl Until {
    /// Where the lead to an exchange ends; `None` where none is needed or it isn't known.
    pub fn before(known: &Known, exchanges: &[Exchange], at: usize) -> Option<Self> {
        let exchange = &exchanges[at];
        let operation = known.operation_of(exchange)?;
        let challenge = known.answered_by(exchange);
        let goes_on = match operation {
            Operation::RespondToAuthChallenge => challenge.is_some(),
            Operation::AssociateSoftwareToken | Operation::VerifySoftwareToken => {
                exchange.request_body().get("AccessToken").is_none()
            }
            _ => false,
        };
        let is_under_way = exchanges[..at].iter().any(|e| e.asked().is_some());
        (goes_on && !is_under_way).then_some(Self {
            operation,
            challenge,
        })
    }

    /// Whether this is the request that a lead ends with.
    pub fn is(&self, request: &HttpRequest) -> bool {
        let (operation, body) = asked(request);
        let answers = body.get("ChallengeName").and_then(|name| name.as_str());
        operation.as_ref() == Some(&self.operation)
            && self.challenge.as_ref().map(ChallengeName::as_str) == answers
    }

    /// Whether this response asks for that request.
    pub fn asks(&self, response: &HttpResponse) -> bool {
        let body = body_of(&response.body);
        let asked = body.get("ChallengeName").and_then(|name| name.as_str());
        asked.is_some() && asked == self.challenge.as_ref().map(ChallengeName::as_str)
    }
}

/// A pool and what it gave.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub pool: Pool,
    pub given: Given,
}

impl Service {
    pub fn new(pool: Pool) -> Self {
        Self {
            pool,
            given: Given::default(),
        }
    }

    /// Seconds since 1970, by the pool's clock.
    pub fn now(&self) -> i64 {
        self.pool.world().clock.now()
    }

    /// Has the pool answer, in place of `recorded`.
    pub fn answer(&mut self, request: &HttpRequest, recorded: Option<&Exchange>) -> HttpResponse {
        let response = self.pool.handle(request);
        let events = self.pool.take_events();
        let recorded = recorded.map(Exchange::response_body);
        self.given.after(recorded, &body_of(&response.body), events);
        response
    }
}

/// Leads a pool up to a request, which it does not get; without one, until somebody is signed in.
pub(super) async fn lead(
    known: &Known,
    service: &mut Service,
    until: Option<&Until>,
    exchange: &Exchange,
) -> Result<Option<HttpRequest>, ReenactError> {
    let stage = Arc::new(Mutex::new(Stage {
        service: service.clone(),
        until: until.cloned(),
        held: None,
    }));
    let shared = Arc::clone(&stage);
    let transport = move |request: HttpRequest| locked(&shared).serve(request);
    let policy = Policy::default();
    let mut client = Client::new(
        settings_for(&known.target(), &policy)?,
        transport,
        Sources::fixed(service.now(), LEADING_SEED),
        policy,
    )?;
    client.set_devices(known.devices());
    let mut reply = client.call(&start(known, service.now())).await;
    for _ in 0..MOST_ANSWERS {
        let answer = {
            let stage = locked(&stage);
            let person = Person {
                known,
                service: &stage.service,
                exchange,
            };
            match &reply {
                Reply::Step { next } if stage.held.is_none() => person.answer(next),
                _ => None,
            }
        };
        let Some(answer) = answer else { break };
        reply = client.call(&Call::ConfirmSignIn(answer)).await;
    }
    let mut stage = locked(&stage);
    *service = stage.service.clone();
    Ok(stage.held.take())
}

/// The call that a sign-in starts with which isn't recorded.
pub(super) fn start(known: &Known, now: i64) -> Call {
    let flow = known.flow.as_ref().and_then(|flow| flow_type(flow, None));
    Call::SignIn(SignIn {
        target: known.target(),
        username: known.username.clone(),
        password: Some(known.password.clone()),
        auth_flow_type: Some(flow.unwrap_or(AuthFlowType::UserSrp)),
        preferred_challenge: None,
        metadata: Parameters::new(),
        inject: Inject {
            a: Vec::new(),
            clock: Some(now),
            device_password: None,
        },
    })
}

/// The flow that our client has for this one, given the challenge that it starts with.
pub(super) fn flow_type(flow: &AuthFlow, start: Option<&str>) -> Option<AuthFlowType> {
    match flow {
        AuthFlow::UserSrpAuth => Some(AuthFlowType::UserSrp),
        AuthFlow::UserPasswordAuth => Some(AuthFlowType::UserPassword),
        AuthFlow::CustomAuth if start == Some("SRP_A") => Some(AuthFlowType::CustomWithSrp),
        AuthFlow::CustomAuth => Some(AuthFlowType::CustomWithoutSrp),
        AuthFlow::UserAuth => Some(AuthFlowType::UserAuth),
        _ => None,
    }
}

/// Who answers what isn't recorded, so that the recorded response can follow: rightly, unless that refuses the answer.
pub(super) struct Person<'a> {
    pub known: &'a Known,
    pub service: &'a Service,
    /// The exchange that is led to.
    pub exchange: &'a Exchange,
}

impl Person<'_> {
    /// The answer to a step; `None` to one that awaits none.
    pub fn answer(&self, step: &NextStep) -> Option<ConfirmSignIn> {
        let mut user_attributes = Parameters::new();
        let challenge_response = match step {
            NextStep::ConfirmSignInWithNewPassword { missing_attributes } => {
                let missing = missing_attributes.iter();
                user_attributes.extend(missing.map(|name| (name.clone(), "stand-in".to_owned())));
                match self.exchange.is_refused_as(&ErrorKind::InvalidPassword) {
                    true => "short",
                    false => "Stand-in-password-2",
                }
                .to_owned()
            }
            NextStep::ConfirmSignInWithSmsCode { .. }
            | NextStep::ConfirmSignInWithEmailCode { .. } => {
                self.code(self.service.given.code()?.to_owned())
            }
            NextStep::ConfirmSignInWithTotpCode | NextStep::ContinueSignInWithTotpSetup { .. } => {
                let now = self.service.now();
                self.code(self.service.given.time_based_code(now)?)
            }
            NextStep::ContinueSignInWithMfaSelection { allowed }
            | NextStep::ContinueSignInWithMfaSetupSelection { allowed } => {
                allowed.first()?.as_str().to_owned()
            }
            NextStep::ContinueSignInWithFirstFactorSelection { available } => {
                available.first()?.as_str().to_owned()
            }
            NextStep::ContinueSignInWithEmailSetup => "stand-in@example.com".to_owned(),
            NextStep::ConfirmSignInWithPassword => self.known.password.clone(),
            // Nobody knows the question.
            NextStep::ConfirmSignInWithCustomChallenge { .. } => return None,
            NextStep::ConfirmSignUp
            | NextStep::ResetPassword
            | NextStep::Done
            | NextStep::ConfirmResetPasswordWithCode { .. } => return None,
        };
        Some(ConfirmSignIn {
            challenge_response,
            metadata: Parameters::new(),
            user_attributes,
        })
    }

    /// The right code, or another one of as many digits where a code is refused.
    fn code(&self, right: String) -> String {
        if self.exchange.is_refused_as(&ErrorKind::CodeMismatch) {
            return wrong(&right);
        }
        right
    }
}

/// Another code of as many digits.
pub(super) fn wrong(code: &str) -> String {
    code.chars()
        .map(|digit| if digit == '0' { '1' } else { '0' })
        .collect()
}

/// A service that keeps back the request that it is led to.
struct Stage {
    service: Service,
    until: Option<Until>,
    held: Option<HttpRequest>,
}

impl Stage {
    fn serve(&mut self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if self.held.is_some() {
            return Err(TransportError::Dropped);
        }
        if self.until.as_ref().is_some_and(|until| until.is(&request)) {
            self.held = Some(request);
            return Err(TransportError::Dropped);
        }
        Ok(self.service.answer(&request, None))
    }
}

fn locked(stage: &Mutex<Stage>) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

/// More than any sign-in asks of a person, so that a lead ends.
const MOST_ANSWERS: usize = 8;
const LEADING_SEED: u64 = 1;
