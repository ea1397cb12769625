//! Each exchange as the service saw it: what stands before it, and whom it is about.

use crate::model::{AppClient, World};
use crate::rules::evidence::directory::{Account, Directory, Person};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{ExchangeTrace, Trace};
use crate::scenario::Meanwhile;
use crate::wire::{
    AuthFlow, AuthResponse, AuthenticationResult, Call, ChallengeName, ConfirmSignIn, ErrorKind,
    NextStep, Operation, ServiceError, SignIn,
};

/// An exchange with what the service knew when the request came.
#[derive(Clone, Debug)]
pub(in crate::rules) struct ServiceView<'t> {
    /// The exchange.
    pub(in crate::rules) exchange: &'t ExchangeTrace<'t>,
    /// The arguments of that sign-in.
    pub(in crate::rules) call: Option<&'t SignIn>,
    /// The person's answer, if the call in which it was made gives one.
    pub(in crate::rules) given: Option<&'t ConfirmSignIn>,
    /// The step that the application was shown before that call.
    pub(in crate::rules) shown: Option<&'t NextStep>,
    /// The latest `InitiateAuth` of that sign-in, at or before this exchange.
    pub(in crate::rules) start: Option<&'t ExchangeTrace<'t>>,
    /// The exchange whose answer asked the challenge that is pending.
    pub(in crate::rules) asked: Option<&'t ExchangeTrace<'t>>,
    /// How many requests were refused like a wrong password before this one.
    pub(in crate::rules) failures: usize,
    /// Whether no answer was altered so far, this one included. After an altered answer nobody can tell any more what a
    /// client's next request is owed.
    pub(in crate::rules) is_clean: bool,
    /// Whom the sign-in is about.
    pub(in crate::rules) person: Person,
    /// The password that the person had typed by then.
    pub(in crate::rules) password: Option<&'t str>,
    /// Whether it was made in a call after the sign-in.
    pub(in crate::rules) is_later: bool,
}

/// Every exchange of every sign-in, in order, with what the service knew.
pub(super) fn service_views<'t>(facts: &Facts, trace: &'t Trace<'t>) -> Vec<ServiceView<'t>> {
    let mut directory = facts.world().map(Directory::of);
    let mut is_clean = true;
    let mut failures = 0;
    let mut views = Vec::new();
    for sign_in in &trace.sign_ins {
        let mut start = None;
        let mut asked = None;
        let mut password = sign_in
            .arguments()
            .and_then(|call| call.password.as_deref());
        let calls = sign_in.calls.iter().zip(sign_in.answers());
        let calls = calls.map(|(call, answer)| (call, Some(answer)));
        let calls = calls.chain(sign_in.later.iter().map(|call| (call, None)));
        let exchanges = calls.flat_map(|(call, answer)| {
            let exchanges = call.exchanges.iter();
            exchanges.map(move |exchange| (call, exchange, answer))
        });
        for (call, exchange, answer) in exchanges {
            if let Some((Some(step), Some(given))) = answer
                && step.is_about_password()
            {
                password = Some(given.challenge_response.as_str());
            }
            // A browser's question whether it may ask.
            if exchange.request.method == "OPTIONS" {
                continue;
            }
            if exchange.operation == Some(Operation::InitiateAuth) {
                start = Some(exchange);
                asked = None;
            }
            let is_altered = exchange.is_altered() || exchange.response.is_none();
            is_clean &= !is_altered;
            if let (Some(directory), Some(names)) = (&mut directory, facts.names())
                && exchange.meanwhile() == Some(Meanwhile::Deleted)
            {
                directory.delete(&names.internal, exchange.index);
            }
            let person = directory.as_ref().map_or(Person::Untold, |directory| {
                directory.person(exchange, start)
            });
            let view = ServiceView {
                exchange,
                call: sign_in.arguments(),
                given: match &call.call {
                    Some(Call::ConfirmSignIn(given)) => Some(given),
                    _ => None,
                },
                shown: answer.and_then(|(step, _)| step),
                start,
                asked,
                failures,
                is_clean,
                person,
                password,
                is_later: answer.is_none(),
            };
            match &mut directory {
                Some(directory) if is_altered => directory.doubt(exchange, start),
                Some(directory) => directory.learn(exchange, start, &view.person),
                None => {}
            }
            failures += usize::from(view.error().is_some_and(is_generic));
            views.push(view);
            if exchange
                .answer
                .as_ref()
                .is_some_and(|answer| answer.challenge_name.is_some())
            {
                asked = Some(exchange);
            }
        }
    }
    views
}

impl<'t> ServiceView<'t> {
    /// Index of the exchange, for findings.
    pub(in crate::rules) fn index(&self) -> Option<usize> {
        Some(self.exchange.index)
    }

    /// The challenge it answers with, as the service sent it.
    pub(in crate::rules) fn challenge(&self) -> Option<(&'t AuthResponse, &'t ChallengeName)> {
        let answer = self.answer()?;
        Some((answer, answer.challenge_name.as_ref()?))
    }

    /// The tokens it answers with, as the service sent them.
    pub(in crate::rules) fn tokens(&self) -> Option<&'t AuthenticationResult> {
        self.answer()?.authentication_result.as_ref()
    }

    /// Whether a refresh token was shown, which is answered with two tokens.
    pub(in crate::rules) fn is_refresh(&self) -> bool {
        self.exchange.is_refresh()
    }

    /// The error it answers with, as the service sent it.
    pub(in crate::rules) fn error(&self) -> Option<&'t ServiceError> {
        let error = self.exchange.error.as_ref();
        error.filter(|_| !self.exchange.is_altered())
    }

    /// Whether the service answered with a success.
    pub(in crate::rules) fn succeeded(&self) -> bool {
        !self.exchange.is_altered() && self.exchange.succeeded()
    }

    /// The flow of its sign-in.
    pub(in crate::rules) fn flow(&self) -> Option<&'t AuthFlow> {
        self.start?.initiate().map(|request| &request.auth_flow)
    }

    /// Whether it starts a sign-in by this flow.
    pub(in crate::rules) fn starts(&self, flow: &AuthFlow) -> bool {
        self.exchange
            .initiate()
            .is_some_and(|request| request.auth_flow == *flow)
    }

    /// Whether it answers this challenge.
    pub(in crate::rules) fn answers(&self, challenge: &ChallengeName) -> bool {
        self.exchange
            .respond()
            .is_some_and(|request| request.challenge_name == *challenge)
    }

    /// Whether its Session is that of the pending challenge, rather than one from before.
    pub(in crate::rules) fn continues(&self) -> bool {
        let asked = self.asked.and_then(|asked| asked.answer.as_ref());
        let session = asked.and_then(|asked| asked.session.as_ref());
        self.exchange
            .respond()
            .is_none_or(|request| request.session.as_ref() == session)
    }

    /// A parameter of the pending challenge.
    pub(in crate::rules) fn asked_parameter(&self, name: &str) -> Option<&'t str> {
        let parameters = self.asked?.answer.as_ref()?.challenge_parameters.as_ref()?;
        parameters.get(name).map(String::as_str)
    }

    /// The app client that the request names.
    pub(in crate::rules) fn client<'w>(&self, world: &'w World) -> Option<&'w AppClient> {
        let id = self.exchange.client_id()?;
        world.clients.iter().find(|client| client.id == id)
    }

    /// The user, if there is one.
    pub(in crate::rules) fn account(&self) -> Option<&Account> {
        match &self.person {
            Person::Known(account) => Some(account),
            Person::Untold | Person::Unknown => None,
        }
    }

    /// What the service answered, in a few words.
    pub(in crate::rules) fn told(&self) -> String {
        if let Some((_, name)) = self.challenge() {
            return format!("the challenge {name}");
        }
        if self.tokens().is_some() {
            return "tokens".to_owned();
        }
        match (self.error(), &self.exchange.response) {
            (Some(error), _) => error.to_string(),
            (None, Some(response)) => {
                format!("status {} without an error name", response.status)
            }
            (None, None) => "no answer".to_owned(),
        }
    }

    fn answer(&self) -> Option<&'t AuthResponse> {
        let answer = self.exchange.answer.as_ref();
        answer.filter(|_| !self.exchange.is_altered())
    }
}

/// Whether an error is the one for a wrong password, a wrong proof and `failAuthentication` alike.
pub(in crate::rules) fn is_generic(error: &ServiceError) -> bool {
    error.kind == ErrorKind::NotAuthorized && error.message == GENERIC
}

/// The text for a wrong password, a wrong proof and `failAuthentication` alike (captured, aws-amplify/amplify-swift#3344).
pub(in crate::rules) const GENERIC: &str = "Incorrect username or password.";
