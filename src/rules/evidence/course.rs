//! How a played transcript's sign-ins went, held against their scenario.

use crate::expect::{Course, Ended, Exchange, Heard, Verdict};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{CallTrace, ExchangeTrace, Message, SignInTrace, Trace};
use crate::scenario::Meanwhile;
use crate::wire::event::PoolNote;
use crate::wire::{Call, Operation, Request};

/// What came of each sign-in, in order; nothing where no scenario says what is allowed.
pub(in crate::rules) fn course(facts: &Facts, trace: &Trace<'_>) -> Vec<Verdict> {
    let Some(scenario) = facts.scenario() else {
        return Vec::new();
    };
    let mut course = Course::new(scenario, facts.not_offered());
    let mut code = None;
    for sign_in in &trace.sign_ins {
        let Some(call) = sign_in.arguments() else {
            return Vec::new();
        };
        course.begin(call.password.as_deref());
        for call in &sign_in.calls {
            if let Some(Call::ConfirmSignIn(answer)) = call.call {
                course.answer(&answer.challenge_response);
            }
            follow(&mut course, call, &mut code);
        }
        course.end(sign_in.ended().as_ref());
        for call in &sign_in.later {
            follow(&mut course, call, &mut code);
        }
    }
    course.into_verdicts()
}

fn follow<'t>(course: &mut Course<'_>, call: &'t CallTrace<'_>, code: &mut Option<&'t str>) {
    for exchange in &call.exchanges {
        course.exchange(&seen(exchange, *code));
        for note in &exchange.notes {
            if let PoolNote::Sent { text, .. } = note {
                *code = Some(text);
            }
        }
    }
}

fn seen<'t>(exchange: &'t ExchangeTrace<'_>, code: Option<&'t str>) -> Exchange<'t> {
    Exchange {
        index: exchange.index,
        operation: exchange.operation.clone(),
        request: exchange.asks(),
        parameters: exchange.parameters(),
        body: exchange.body.as_ref(),
        heard: heard(exchange),
        is_altered: exchange.is_altered() || exchange.response.is_none(),
        meanwhile: exchange.meanwhile(),
        code,
    }
}

fn heard(exchange: &ExchangeTrace<'_>) -> Heard {
    if let Some(error) = &exchange.error {
        return Heard::Error(error.clone());
    }
    let is_success = exchange
        .response
        .as_ref()
        .is_some_and(|response| response.status == 200);
    if !is_success {
        return Heard::Nonsense;
    }
    if matches!(exchange.message, Message::Other)
        && !matches!(
            exchange.operation,
            Some(Operation::InitiateAuth | Operation::RespondToAuthChallenge)
        )
    {
        return Heard::Success;
    }
    let Some(answer) = &exchange.answer else {
        return Heard::Nonsense;
    };
    match (&answer.authentication_result, &answer.challenge_name) {
        (Some(tokens), _) => Heard::Tokens {
            is_complete: tokens.is_complete(),
            new_device: tokens
                .new_device_metadata
                .as_ref()
                .and_then(|device| device.device_key.clone()),
        },
        (None, Some(name)) => Heard::Challenge(name.clone()),
        (None, None) => Heard::Nonsense,
    }
}

impl SignInTrace<'_> {
    /// How it ended; `None` when it broke off without a verdict of the port: a crash, a time-out, a broken protocol.
    pub fn ended(&self) -> Option<Ended> {
        use crate::wire::Reply;
        match self.last_reply()? {
            Reply::Step { next } => Some(Ended::Step(next.clone())),
            Reply::Error { .. } => Some(match self.passed_on_error() {
                Some(error) => Ended::ServiceError(error.clone()),
                None => Ended::OwnError,
            }),
            _ => None,
        }
    }
}

impl ExchangeTrace<'_> {
    /// What happened at the service just before it.
    pub fn meanwhile(&self) -> Option<Meanwhile> {
        self.notes.iter().find_map(|note| match note {
            PoolNote::Meanwhile { what } => Meanwhile::ALL
                .into_iter()
                .find(|meanwhile| meanwhile.as_str() == what),
            _ => None,
        })
    }

    /// What it starts or answers.
    pub fn asks(&self) -> Request {
        match &self.message {
            Message::Initiate(request) => Request::Initiate(request.auth_flow.clone()),
            Message::Respond(request) => Request::Respond(request.challenge_name.clone()),
            Message::Other | Message::Unreadable(_) => Request::Other(
                self.operation
                    .as_ref()
                    .map_or("an unnamed operation".to_owned(), ToString::to_string),
            ),
        }
    }
}
