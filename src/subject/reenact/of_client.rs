//! What the client sends, and what it tells the application, when a recording's responses drive it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::client::{Client, Policy, RefreshBy, Sources, Transport, TransportError, settings_for};
use crate::model::World;
use crate::pool::{self, Pool};
use crate::record::Side;
use crate::wire::names::key;
use crate::wire::{
    AuthFlow, AuthFlowType, Call, ChallengeName, ConfirmResetPassword, ConfirmSignIn,
    FetchAuthSession, ForgetDevice, HttpRequest, HttpResponse, Inject, NextStep, Operation,
    Parameters, Reply, ResetPassword, SignIn, SignOut,
};

use super::compare::Ledger;
use super::error::ReenactError;
use super::exchange::{Exchange, json as body_of, owned, text};
use super::given::asked;
use super::known::{Known, signed_at};
use super::lead::{Person, Service, Until, flow_type, start};
use super::outcome::{goes_on, is_refresh, outcome};

pub(super) async fn compare(
    known: &Known,
    world: &World,
    exchanges: &[Exchange],
    policy: &Policy,
    ledger: &mut Ledger<'_>,
) -> Result<(), ReenactError> {
    let mut policy = policy.clone();
    if exchanges.iter().any(|exchange| is_refresh(known, exchange)) {
        policy.refresh_by = RefreshBy::RefreshTokenAuth;
    }
    let script = Arc::new(Mutex::new(Script::of(known, exchanges)));
    let shared = Arc::clone(&script);
    let transport = move |request: HttpRequest| locked(&shared).serve(request);
    let mut client = Client::new(
        settings_for(&known.target(), &policy)?,
        transport,
        Sources::fixed(known.now, 0),
        policy,
    )?;
    client.set_devices(known.devices());
    // The latest step that awaits an answer: an answer that was refused can be given once more.
    let mut step = None;
    let mut at = 0;
    while at < exchanges.len() {
        if let Some(why) = not_offered(known, exchanges, at) {
            ledger.not_offered(at, Side::Request, &why);
            at += 1;
            continue;
        }
        locked(&script).start(at, lead_before(known, world, exchanges, at)?);
        let reply = match Until::before(known, exchanges, at) {
            Some(_) => led(known, exchanges, at, &mut client, &script).await,
            None => play(known, exchanges, at, &mut client, &script, step.as_ref()).await,
        };
        if let Reply::Step { next } = &reply {
            step = Some(next.clone());
        }
        let (taken, surplus) = locked(&script).end();
        at = judge(known, exchanges, at, &taken, &surplus, &reply, ledger);
    }
    Ok(())
}

/// Why our client is not played in this exchange.
fn not_offered(known: &Known, exchanges: &[Exchange], at: usize) -> Option<String> {
    let exchange = &exchanges[at];
    let Some(operation) = known.operation_of(exchange) else {
        return Some("an unknown operation".to_owned());
    };
    let body = exchange.request_body();
    let signed_in = || exchanges[..at].iter().any(Exchange::gives_tokens);
    let offers = match operation {
        Operation::ForgotPassword | Operation::ConfirmForgotPassword => true,
        Operation::InitiateAuth if is_refresh(known, exchange) => {
            let is_older = known.flow_of(exchange) == Some(AuthFlow::RefreshToken);
            signed_in() && !is_older
        }
        Operation::InitiateAuth => match known.flow_of(exchange) {
            Some(flow) if flow_type(&flow, None).is_none() => return Some(flow.to_string()),
            _ => true,
        },
        Operation::RespondToAuthChallenge => match known.answered_by(exchange) {
            Some(challenge) if OFFERED.contains(&challenge) => true,
            Some(challenge) => return Some(challenge.to_string()),
            None => return Some("an answer to an unknown challenge".to_owned()),
        },
        Operation::AssociateSoftwareToken | Operation::VerifySoftwareToken => {
            body.get("AccessToken").is_none()
        }
        Operation::UpdateDeviceStatus => {
            signed_in() && text(body, "/DeviceRememberedStatus") == Some("remembered")
        }
        Operation::ConfirmDevice
        | Operation::ForgetDevice
        | Operation::GetTokensFromRefreshToken
        | Operation::RevokeToken
        | Operation::GlobalSignOut => signed_in(),
        _ => false,
    };
    (!offers).then(|| operation.to_string())
}

/// The pool that a client is led through, where a sign-in isn't recorded from its beginning.
fn lead_before(
    known: &Known,
    world: &World,
    exchanges: &[Exchange],
    at: usize,
) -> Result<Option<Lead>, ReenactError> {
    let Some(until) = Until::before(known, exchanges, at) else {
        return Ok(None);
    };
    let pool = Pool::new(world.clone(), pool::Policy::default())?;
    Ok(Some(Lead {
        service: Service::new(pool),
        until,
        answered: exchanges[at].request_body().clone(),
    }))
}

/// Plays a sign-in from its beginning, which isn't recorded.
async fn led<T: Transport>(
    known: &Known,
    exchanges: &[Exchange],
    at: usize,
    client: &mut Client<T>,
    script: &Mutex<Script>,
) -> Reply {
    let exchange = &exchanges[at];
    let now = signed_at(exchange.request_body()).unwrap_or(known.now);
    let mut reply = client.call(&start(known, now)).await;
    for _ in 0..MOST_CALLS {
        let answer = match (&reply, &locked(script).lead) {
            (Reply::Step { next }, Some(lead)) => {
                let person = Person {
                    known,
                    service: &lead.service,
                    exchange,
                };
                answer(known, exchanges, at, next).or_else(|| person.answer(next))
            }
            _ => None,
        };
        let Some(answer) = answer else { break };
        reply = client.call(&Call::ConfirmSignIn(answer)).await;
    }
    reply
}

/// Makes the calls that lead to an exchange, until the client has sent something.
async fn play<T: Transport>(
    known: &Known,
    exchanges: &[Exchange],
    at: usize,
    client: &mut Client<T>,
    script: &Mutex<Script>,
    step: Option<&NextStep>,
) -> Reply {
    let mut step = step.cloned();
    let mut reply = Reply::Empty;
    for _ in 0..MOST_CALLS {
        let Some(call) = call(known, exchanges, at, step.as_ref()) else {
            break;
        };
        reply = client.call(&call).await;
        // A choice is kept by the client, and asks for the next answer.
        match &reply {
            Reply::Step { next } if locked(script).is_untouched() => step = Some(next.clone()),
            _ => break,
        }
    }
    reply
}

/// Compares what came of it, and returns the index of the exchange that is next.
fn judge(
    known: &Known,
    exchanges: &[Exchange],
    at: usize,
    taken: &[HttpRequest],
    surplus: &[HttpRequest],
    reply: &Reply,
    ledger: &mut Ledger<'_>,
) -> usize {
    for (index, request) in (at..).zip(taken) {
        if let Some(expected) = &exchanges[index].request {
            ledger.request(index, expected, Some(request));
        }
    }
    let Some(last) = (at + taken.len()).checked_sub(1).filter(|last| *last >= at) else {
        match &exchanges[at].request {
            Some(expected) => ledger.request(at, expected, None),
            None => ledger.nothing(at, Side::Request, &json!("a request")),
        }
        for request in surplus {
            ledger.surplus(at, Side::Request, &body_of(&request.body));
        }
        return at + 1;
    };
    let carried_on = goes_on(known, exchanges, last, surplus.first(), ledger);
    for request in surplus.iter().skip(usize::from(carried_on)) {
        ledger.surplus(last + 1, Side::Request, &body_of(&request.body));
    }
    let expected = outcome(known, exchanges, last).filter(|_| !carried_on);
    if let Some(expected) = expected {
        let got = serde_json::to_value(reply).unwrap_or_default();
        ledger.value(last, Side::Request, "outcome", Some(&expected), Some(&got));
    }
    last + 1
}

/// The call that leads to an exchange: as it was recorded, or one that can get such a response. `None` where none does.
fn call(known: &Known, exchanges: &[Exchange], at: usize, step: Option<&NextStep>) -> Option<Call> {
    let exchange = &exchanges[at];
    let body = exchange.request_body();
    let target = known.target();
    let metadata = parameters(body, "/ClientMetadata");
    let username = |pointer| text(body, pointer).unwrap_or(&known.username).to_owned();
    let refresh = |metadata| {
        Call::FetchAuthSession(FetchAuthSession {
            force_refresh: true,
            metadata,
            clock: None,
        })
    };
    Some(match known.operation_of(exchange)? {
        Operation::InitiateAuth if is_refresh(known, exchange) => refresh(metadata),
        Operation::InitiateAuth => Call::SignIn(sign_in(known, exchanges, at)),
        Operation::RespondToAuthChallenge
        | Operation::AssociateSoftwareToken
        | Operation::VerifySoftwareToken => {
            Call::ConfirmSignIn(answer(known, exchanges, at, step?)?)
        }
        Operation::ForgotPassword => Call::ResetPassword(ResetPassword {
            target,
            username: username("/Username"),
            metadata,
        }),
        Operation::ConfirmForgotPassword => Call::ConfirmResetPassword(ConfirmResetPassword {
            target,
            username: username("/Username"),
            confirmation_code: text(body, "/ConfirmationCode")
                .unwrap_or("123456")
                .to_owned(),
            new_password: text(body, "/Password")
                .unwrap_or(&known.password)
                .to_owned(),
        }),
        Operation::GetTokensFromRefreshToken => refresh(metadata),
        Operation::GlobalSignOut => Call::SignOut(SignOut { global: true }),
        Operation::RevokeToken => Call::SignOut(SignOut { global: false }),
        Operation::UpdateDeviceStatus => Call::RememberDevice,
        Operation::ForgetDevice => Call::ForgetDevice(ForgetDevice {
            device_key: owned(body, "/DeviceKey"),
        }),
        // It belongs to a sign-in, which has not come to it.
        _ => return None,
    })
}

fn sign_in(known: &Known, exchanges: &[Exchange], at: usize) -> SignIn {
    let exchange = &exchanges[at];
    let body = exchange.request_body();
    let start = text(body, "/AuthParameters/CHALLENGE_NAME");
    let verifier = exchange.asked() == Some(ChallengeName::PasswordVerifier);
    let flow = match known.flow_of(exchange) {
        Some(flow) => flow_type(&flow, start),
        None if verifier => Some(AuthFlowType::UserSrp),
        None => Some(AuthFlowType::UserPassword),
    };
    let following = exchanges[at + 1..].iter();
    let mut of_sign_in = following.take_while(|e| e.operation() != Some(Operation::InitiateAuth));
    let now = of_sign_in.find_map(|e| signed_at(e.request_body()));
    SignIn {
        target: known.target(),
        username: text(body, "/AuthParameters/USERNAME")
            .unwrap_or(&known.username)
            .to_owned(),
        password: Some(
            text(body, "/AuthParameters/PASSWORD")
                .unwrap_or(&known.password)
                .to_owned(),
        ),
        auth_flow_type: flow,
        preferred_challenge: text(body, "/AuthParameters/PREFERRED_CHALLENGE")
            .map(ChallengeName::from),
        metadata: parameters(body, "/ClientMetadata"),
        inject: Inject {
            a: match flow {
                Some(flow) if flow.has_srp() => known.a.clone(),
                _ => Vec::new(),
            },
            clock: Some(now.unwrap_or(known.now)),
            device_password: None,
        },
    }
}

/// What the person answered to a step; `None` where the request tells nothing of it.
fn answer(
    known: &Known,
    exchanges: &[Exchange],
    at: usize,
    step: &NextStep,
) -> Option<ConfirmSignIn> {
    let exchange = &exchanges[at];
    exchange.request.as_ref()?;
    let body = exchange.request_body();
    let responses = parameters(body, "/ChallengeResponses");
    let given = |name: &str| responses.get(name).cloned();
    let challenge_response = match step {
        NextStep::ConfirmSignInWithCustomChallenge { .. }
        | NextStep::ContinueSignInWithMfaSelection { .. } => given(key::ANSWER),
        NextStep::ContinueSignInWithFirstFactorSelection { .. } => {
            // A password that is named as challenge of its own is chosen, too.
            given(key::ANSWER).or_else(|| Some(exchange.answered()?.as_str().to_owned()))
        }
        NextStep::ConfirmSignInWithNewPassword { .. } => given(key::NEW_PASSWORD),
        NextStep::ConfirmSignInWithSmsCode { .. } => {
            given(key::SMS_MFA_CODE).or_else(|| given(key::SMS_OTP_CODE))
        }
        NextStep::ConfirmSignInWithEmailCode { .. } => given(key::EMAIL_OTP_CODE),
        NextStep::ConfirmSignInWithTotpCode => given(key::SOFTWARE_TOKEN_MFA_CODE),
        NextStep::ContinueSignInWithMfaSetupSelection { .. } => {
            let chosen = match exchange.operation() {
                Some(Operation::AssociateSoftwareToken) => ChallengeName::SoftwareTokenMfa,
                _ => ChallengeName::EmailOtp,
            };
            Some(chosen.as_str().to_owned())
        }
        NextStep::ContinueSignInWithEmailSetup => given(key::EMAIL),
        NextStep::ContinueSignInWithTotpSetup { .. } => owned(body, "/UserCode"),
        NextStep::ConfirmSignInWithPassword => {
            given(key::PASSWORD).or_else(|| Some(known.password.clone()))
        }
        NextStep::ConfirmSignUp
        | NextStep::ResetPassword
        | NextStep::Done
        | NextStep::ConfirmResetPasswordWithCode { .. } => None,
    }?;
    // What sets a factor up carries no metadata, but the answer after it does.
    let answers = exchanges[at..]
        .iter()
        .find(|e| e.operation() == Some(Operation::RespondToAuthChallenge));
    let metadata = answers.map(|e| parameters(e.request_body(), "/ClientMetadata"));
    let user_attributes = responses
        .iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(key::USER_ATTRIBUTES_PREFIX)?;
            Some((name.to_owned(), value.clone()))
        })
        .collect();
    Some(ConfirmSignIn {
        challenge_response,
        metadata: metadata.unwrap_or_default(),
        user_attributes,
    })
}

fn parameters(body: &Value, pointer: &str) -> Parameters {
    body.pointer(pointer)
        .cloned()
        .and_then(|map| serde_json::from_value(map).ok())
        .unwrap_or_default()
}

/// The recorded responses, each for a request of the operation that got it.
struct Script {
    /// The operation and the response of each exchange; nothing where the client is not played.
    scripted: Vec<Option<(Operation, Option<HttpResponse>)>>,
    next: usize,
    lead: Option<Lead>,
    taken: Vec<HttpRequest>,
    surplus: Vec<HttpRequest>,
}

/// A pool that answers until the client has come to what is recorded.
struct Lead {
    service: Service,
    until: Until,
    /// The body of the recorded request, `null` where it isn't recorded.
    answered: Value,
}

impl Script {
    fn of(known: &Known, exchanges: &[Exchange]) -> Self {
        let scripted = exchanges.iter().enumerate().map(|(at, exchange)| {
            let operation = known
                .operation_of(exchange)
                .filter(|_| not_offered(known, exchanges, at).is_none())?;
            Some((operation, exchange.response.clone()))
        });
        Self {
            scripted: scripted.collect(),
            next: 0,
            lead: None,
            taken: Vec::new(),
            surplus: Vec::new(),
        }
    }

    fn start(&mut self, at: usize, lead: Option<Lead>) {
        self.next = at;
        self.lead = lead;
    }

    /// The requests that were recorded ones, and the others.
    fn end(&mut self) -> (Vec<HttpRequest>, Vec<HttpRequest>) {
        self.lead = None;
        (
            std::mem::take(&mut self.taken),
            std::mem::take(&mut self.surplus),
        )
    }

    fn is_untouched(&self) -> bool {
        self.taken.is_empty() && self.surplus.is_empty()
    }

    fn serve(&mut self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if let Some(lead) = &mut self.lead {
            if !lead.until.is(&request) {
                return Ok(lead.serve(&request));
            }
            self.lead = None;
        }
        let (operation, _) = asked(&request);
        match self.scripted.get(self.next) {
            Some(Some((expected, response))) if operation.as_ref() == Some(expected) => {
                self.next += 1;
                self.taken.push(request);
                response.clone().ok_or(TransportError::Dropped)
            }
            _ => {
                self.surplus.push(request);
                Err(TransportError::Dropped)
            }
        }
    }
}

impl Lead {
    /// The pool's response; the one that is answered by what is recorded gives what that shows again.
    fn serve(&mut self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.service.answer(request, None);
        if self.until.asks(&response) {
            let mut body = body_of(&response.body);
            for (from, to) in SHOWN_AGAIN {
                if let (Some(value), Some(member)) =
                    (self.answered.pointer(from), body.pointer_mut(to))
                {
                    member.clone_from(value);
                }
            }
            response.body = body.to_string().into();
        }
        response
    }
}

fn locked(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The challenges that our client answers.
const OFFERED: [ChallengeName; 13] = [
    ChallengeName::PasswordVerifier,
    ChallengeName::CustomChallenge,
    ChallengeName::NewPasswordRequired,
    ChallengeName::SmsMfa,
    ChallengeName::EmailOtp,
    ChallengeName::SmsOtp,
    ChallengeName::SoftwareTokenMfa,
    ChallengeName::SelectMfaType,
    ChallengeName::MfaSetup,
    ChallengeName::SelectChallenge,
    ChallengeName::Password,
    ChallengeName::DeviceSrpAuth,
    ChallengeName::DevicePasswordVerifier,
];
/// Where a request shows what a challenge gave.
const SHOWN_AGAIN: [(&str, &str); 2] = [
    ("/Session", "/Session"),
    (
        "/ChallengeResponses/PASSWORD_CLAIM_SECRET_BLOCK",
        "/ChallengeParameters/SECRET_BLOCK",
    ),
];
/// More than any sign-in asks of a person, so that it ends.
const MOST_CALLS: usize = 8;
