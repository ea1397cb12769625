//! A transcript, read: calls, the exchanges made in each, and what each answers.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::record::{Origin, Transcript};
use crate::scenario::Act;
use crate::scenario::fault::FUTURE_MEMBER;
use crate::wire::event::{Event, PoolNote, TriggerCall};
use crate::wire::{
    AuthFlow, AuthResponse, Call, ChallengeName, ConfirmSignIn, ErrorKind, HttpRequest,
    HttpResponse, InitiateAuth, NextStep, Operation, PortError, Reply, RespondToAuthChallenge,
    ServiceError, SignIn,
};

/// A transcript, read.
#[derive(Clone, Debug, Default)]
pub struct Trace<'t> {
    /// The sign-ins, in order. A recording is one sign-in whose calls nobody saw.
    pub sign_ins: Vec<SignInTrace<'t>>,
    /// Requests that belonged to no call in progress.
    pub strays: Vec<&'t HttpRequest>,
}

/// One sign-in: a `signIn` and the `confirmSignIn`s after it, and whatever else was called before the next.
#[derive(Clone, Debug, Default)]
pub struct SignInTrace<'t> {
    /// Its calls.
    pub calls: Vec<CallTrace<'t>>,
    /// Calls that are no part of it: tokens, sign-out, devices, a new password.
    pub later: Vec<CallTrace<'t>>,
}

/// One call and the exchanges made in it.
#[derive(Clone, Debug, Default)]
pub struct CallTrace<'t> {
    /// The call; `None` in a recording.
    pub call: Option<&'t Call>,
    /// The exchanges.
    pub exchanges: Vec<ExchangeTrace<'t>>,
    /// What came back.
    pub reply: Option<&'t Reply>,
    /// Whether it is a sign-out that the harness put in: what is wrong with it is nobody's fault.
    pub is_put_in: bool,
}

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct ExchangeTrace<'t> {
    /// Index over the whole transcript.
    pub index: usize,
    /// The request.
    pub request: &'t HttpRequest,
    /// The operation its target names.
    pub operation: Option<Operation>,
    /// Its body as JSON.
    pub body: Option<Value>,
    /// Its body, typed.
    pub message: Message,
    /// The answer; `None` when the connection was dropped.
    pub response: Option<&'t HttpResponse>,
    /// The answer, typed, when it is a success.
    pub answer: Option<AuthResponse>,
    /// The answer, typed, when it is a service error.
    pub error: Option<ServiceError>,
    /// Triggers that ran.
    pub triggers: Vec<&'t TriggerCall>,
    /// The pool's notes.
    pub notes: Vec<&'t PoolNote>,
}

/// A request, typed.
#[derive(Clone, Debug)]
pub enum Message {
    /// Starts a sign-in.
    Initiate(InitiateAuth),
    /// Answers a challenge.
    Respond(RespondToAuthChallenge),
    /// Another operation.
    Other,
    /// A sign-in operation whose body can't be read.
    Unreadable(String),
}

impl<'t> Trace<'t> {
    /// Reads a transcript.
    pub fn of(transcript: &'t Transcript) -> Self {
        let mut trace = Self::default();
        let mut index = 0;
        let mut later = false;
        let mut notes: (Vec<&TriggerCall>, Vec<&PoolNote>) = Default::default();
        let mut put_in = put_in(transcript);
        for event in &transcript.events {
            match event {
                Event::Called { call } => {
                    if matches!(call, Call::SignIn(_)) || trace.sign_ins.is_empty() {
                        trace.sign_ins.push(SignInTrace::default());
                    }
                    later = !matches!(call, Call::SignIn(_) | Call::ConfirmSignIn(_));
                    let call = CallTrace {
                        call: Some(call),
                        is_put_in: matches!(call, Call::SignOut(_)) && put_in.next() == Some(true),
                        ..CallTrace::default()
                    };
                    match trace.sign_ins.last_mut() {
                        Some(sign_in) if later => sign_in.later.push(call),
                        Some(sign_in) => sign_in.calls.push(call),
                        None => {}
                    }
                }
                Event::Requested { request } => {
                    trace
                        .current_call(later)
                        .exchanges
                        .push(ExchangeTrace::of(index, request));
                    index += 1;
                }
                Event::Triggered(trigger) => notes.0.push(trigger),
                Event::Noted(note) => notes.1.push(note),
                Event::Responded { response } => {
                    if trace
                        .current_call(later)
                        .exchanges
                        .last()
                        .is_none_or(|exchange| exchange.response.is_some())
                    {
                        trace
                            .current_call(later)
                            .exchanges
                            .push(ExchangeTrace::of(index, &NO_REQUEST));
                        index += 1;
                    }
                    if let Some(exchange) = trace.current_call(later).exchanges.last_mut() {
                        exchange.answered(response);
                        (exchange.triggers, exchange.notes) = std::mem::take(&mut notes);
                    }
                }
                Event::Dropped => {
                    if let Some(exchange) = trace.current_call(later).exchanges.last_mut() {
                        (exchange.triggers, exchange.notes) = std::mem::take(&mut notes);
                    }
                }
                Event::Replied { reply } => trace.current_call(later).reply = Some(reply),
                Event::Stray { request } => trace.strays.push(request),
            }
        }
        trace
    }

    /// The trace without the requests that the service refused: a recording proves a client right only where the service
    /// accepted what it sent.
    pub fn accepted(&self) -> Self {
        let mut accepted = self.clone();
        for call in accepted
            .sign_ins
            .iter_mut()
            .flat_map(|sign_in| sign_in.calls.iter_mut().chain(&mut sign_in.later))
        {
            call.exchanges.retain(|exchange| exchange.error.is_none());
        }
        accepted
    }

    /// Every exchange, also of what was called after a sign-in.
    pub fn exchanges(&self) -> impl Iterator<Item = &ExchangeTrace<'_>> {
        self.all_calls().flat_map(|call| &call.exchanges)
    }

    /// The same, without those of sign-outs that the harness put in.
    pub fn asked_exchanges(&self) -> impl Iterator<Item = &ExchangeTrace<'_>> {
        let calls = self.sign_ins.iter().flat_map(SignInTrace::asked_calls);
        calls.flat_map(|call| &call.exchanges)
    }

    /// Every call, also after a sign-in.
    pub fn all_calls(&self) -> impl Iterator<Item = &CallTrace<'_>> {
        self.sign_ins.iter().flat_map(SignInTrace::all_calls)
    }

    /// Every call after a sign-in, each with that sign-in.
    pub fn calls_after_sign_in(&self) -> impl Iterator<Item = (&SignInTrace<'_>, &CallTrace<'_>)> {
        self.sign_ins
            .iter()
            .flat_map(|sign_in| sign_in.later.iter().map(move |call| (sign_in, call)))
    }

    /// The call that is going on. A recording's exchanges belong to one that nobody saw.
    fn current_call(&mut self, later: bool) -> &mut CallTrace<'t> {
        if self.sign_ins.is_empty() {
            self.sign_ins.push(SignInTrace::default());
        }
        let sign_in = self.sign_ins.last_mut().expect("one was just pushed");
        let calls = match later {
            true => &mut sign_in.later,
            false => &mut sign_in.calls,
        };
        if calls.is_empty() {
            calls.push(CallTrace::default());
        }
        calls.last_mut().expect("one was just pushed")
    }
}

impl<'t> SignInTrace<'t> {
    /// The arguments of its `signIn`.
    pub fn arguments(&self) -> Option<&'t SignIn> {
        match self.calls.first()?.call? {
            Call::SignIn(call) => Some(call),
            _ => None,
        }
    }

    /// Its calls and the later ones.
    pub fn all_calls(&self) -> impl Iterator<Item = &CallTrace<'_>> {
        self.calls.iter().chain(&self.later)
    }

    /// The same, without sign-outs that the harness put in.
    pub fn asked_calls(&self) -> impl Iterator<Item = &CallTrace<'_>> {
        self.all_calls().filter(|call| !call.is_put_in)
    }

    /// Its exchanges, without those of later calls.
    pub fn exchanges(&self) -> impl DoubleEndedIterator<Item = &ExchangeTrace<'_>> {
        self.calls.iter().flat_map(|call| &call.exchanges)
    }

    /// What the person answered in each of its calls, with the step that was answered.
    pub fn answers(&self) -> Vec<(Option<&NextStep>, Option<&ConfirmSignIn>)> {
        let mut step = None;
        let mut answers = Vec::new();
        for call in &self.calls {
            let given = match &call.call {
                Some(Call::ConfirmSignIn(given)) => Some(given),
                _ => None,
            };
            answers.push((step, given));
            step = match &call.reply {
                Some(Reply::Step { next }) => Some(next),
                // What was wrongly answered is asked again.
                Some(Reply::Error { .. }) => step,
                _ => None,
            };
        }
        answers
    }

    /// The passwords that the person typed: with `signIn`, or when the port asked for one.
    pub fn typed_passwords(&self) -> Vec<&str> {
        let with_call = self.arguments();
        let with_call = with_call.and_then(|call| call.password.as_deref());
        let asked = self.answers().into_iter().filter_map(|(step, given)| {
            let is_password = step == Some(&NextStep::ConfirmSignInWithPassword);
            let given = given.filter(|_| is_password)?;
            Some(given.challenge_response.as_str())
        });
        with_call.into_iter().chain(asked).collect()
    }

    /// The last thing that came back.
    pub fn last_reply(&self) -> Option<&'t Reply> {
        self.calls.last()?.reply
    }

    /// The error the port gave.
    pub fn port_error(&self) -> Option<&PortError> {
        match self.last_reply()? {
            Reply::Error { error } => Some(error),
            _ => None,
        }
    }

    /// The service's error that the last call ran into, if its last exchange ended in one.
    pub fn passed_on_error(&self) -> Option<&ServiceError> {
        self.calls.last()?.exchanges.last()?.error.as_ref()
    }
}

impl<'t> ExchangeTrace<'t> {
    fn of(index: usize, request: &'t HttpRequest) -> Self {
        let operation = request.operation();
        let body: Option<Value> = serde_json::from_slice(request.body.as_bytes()).ok();
        let message = match (&operation, &body) {
            (Some(Operation::InitiateAuth), Some(body)) => read(body, Message::Initiate),
            (Some(Operation::RespondToAuthChallenge), Some(body)) => read(body, Message::Respond),
            (Some(Operation::InitiateAuth | Operation::RespondToAuthChallenge), None) => {
                Message::Unreadable("the body is not JSON".to_owned())
            }
            _ => Message::Other,
        };
        Self {
            index,
            request,
            operation,
            body,
            message,
            response: None,
            answer: None,
            error: None,
            triggers: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn answered(&mut self, response: &'t HttpResponse) {
        self.error = ServiceError::from_response(response);
        self.answer = if response.status == 200 {
            serde_json::from_slice(response.body.as_bytes()).ok()
        } else {
            None
        };
        // What was put in for the port to ignore is none of the service's parameters.
        let answer = self.answer.as_mut();
        if let Some(parameters) = answer.and_then(|answer| answer.challenge_parameters.as_mut()) {
            parameters.remove(FUTURE_MEMBER);
        }
        self.response = Some(response);
    }

    /// Operation and flow or challenge.
    pub fn words(&self) -> String {
        self.asks().to_string()
    }

    /// The parameters it sends: `AuthParameters` or `ChallengeResponses`.
    pub fn parameters(&self) -> Option<&crate::wire::Parameters> {
        match &self.message {
            Message::Initiate(request) => Some(&request.auth_parameters),
            Message::Respond(request) => Some(&request.challenge_responses),
            Message::Other | Message::Unreadable(_) => None,
        }
    }

    /// One of the parameters it sends.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters()?.get(name).map(String::as_str)
    }

    /// The challenge it answers.
    pub fn respond(&self) -> Option<&RespondToAuthChallenge> {
        match &self.message {
            Message::Respond(request) => Some(request),
            _ => None,
        }
    }

    /// The sign-in it starts.
    pub fn initiate(&self) -> Option<&InitiateAuth> {
        match &self.message {
            Message::Initiate(request) => Some(request),
            _ => None,
        }
    }

    /// Whether an `SRP_A` in it begins the proof of a password. Some clients send it again with the proof.
    pub fn begins_srp(&self) -> bool {
        self.initiate().is_some()
            || self.respond().is_some_and(|request| {
                matches!(
                    request.challenge_name,
                    ChallengeName::SelectChallenge | ChallengeName::PasswordSrp
                )
            })
    }

    /// The text of a member of its body.
    pub fn member(&self, name: &str) -> Option<&str> {
        self.body.as_ref()?.get(name)?.as_str()
    }

    /// The body of its answer as JSON.
    pub fn body_of_answer(&self) -> Option<Value> {
        serde_json::from_slice(self.response.as_ref()?.body.as_bytes()).ok()
    }

    /// Its answer in another shape than that of a sign-in.
    pub fn read_answer<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.response?.body.as_bytes()).ok()
    }

    /// The client id it names.
    pub fn client_id(&self) -> Option<&str> {
        self.member("ClientId")
    }

    /// Whether the service says that the device which was named is none. Other things that are not found have the same kind
    /// and another text (aws-amplify/amplify-js#12188).
    pub fn misses_device(&self) -> bool {
        self.error.as_ref().is_some_and(|error| {
            error.kind == ErrorKind::ResourceNotFound
                && error.message.contains("Device does not exist")
        })
    }

    /// Whether it shows a refresh token, by whichever operation.
    pub fn is_refresh(&self) -> bool {
        self.operation == Some(Operation::GetTokensFromRefreshToken)
            || self.initiate().is_some_and(|request| {
                matches!(
                    request.auth_flow,
                    AuthFlow::RefreshTokenAuth | AuthFlow::RefreshToken
                )
            })
    }

    /// Whether it belongs to a sign-in, rather than to what a client asks for besides.
    pub fn is_of_sign_in(&self) -> bool {
        !matches!(self.message, Message::Other) || self.operation.is_none()
    }

    /// Whether what came was a success, altered or not.
    pub fn succeeded(&self) -> bool {
        self.response
            .as_ref()
            .is_some_and(|response| (200..300).contains(&response.status))
    }

    /// The pool's note on the SRP challenge that it sent.
    pub fn srp_note(&self) -> Option<&'t PoolNote> {
        let is_srp = |note: &&PoolNote| matches!(note, PoolNote::Srp { .. });
        self.notes.iter().copied().rfind(is_srp)
    }

    /// Whether the service's answer was altered on its way so that it says something else.
    pub fn is_altered(&self) -> bool {
        self.notes.iter().any(|note| {
            matches!(
                note,
                PoolNote::Fault {
                    harmless: false,
                    ..
                }
            )
        })
    }

    /// Whether members that nobody knows were put into the service's answer on its way.
    pub fn is_enriched(&self) -> bool {
        let mut notes = self.notes.iter();
        notes.any(|note| matches!(note, PoolNote::Fault { harmless: true, .. }))
    }
}

/// Of each sign-out of a played transcript, in order, whether the harness put it in. Each is one call.
fn put_in(transcript: &Transcript) -> impl Iterator<Item = bool> + '_ {
    let acts = match &transcript.origin {
        Origin::Played { scenario, .. } => scenario.then.as_slice(),
        Origin::Recorded(_) | Origin::Observed(_) => &[],
    };
    acts.iter().filter_map(|act| match act {
        Act::SignOut { put_in, .. } => Some(*put_in),
        _ => None,
    })
}

fn read<'b, T: Deserialize<'b>>(body: &'b Value, wrap: fn(T) -> Message) -> Message {
    match T::deserialize(body) {
        Ok(message) => wrap(message),
        Err(error) => Message::Unreadable(error.to_string()),
    }
}

/// Whether a value, or a part of it, was taken out of a recording.
pub fn is_redacted(value: &str) -> bool {
    value.contains("[redacted")
}

/// What stands in the place of a request in a collection of single answers.
static NO_REQUEST: LazyLock<HttpRequest> = LazyLock::new(|| HttpRequest {
    method: String::new(),
    path: String::new(),
    headers: Vec::new(),
    body: Default::default(),
});
