//! Which request and which response belong together.

use serde_json::Value;

use crate::record::Transcript;
use crate::wire::redaction::fill;
use crate::wire::{
    AuthFlow, ChallengeName, ErrorKind, Event, HttpRequest, HttpResponse, Octets, Operation,
    ServiceError,
};

/// A request and its response, with stand-ins for what was redacted. One of the two may not have been recorded.
pub(super) struct Exchange {
    pub request: Option<HttpRequest>,
    pub response: Option<HttpResponse>,
    request_body: Value,
    response_body: Value,
}

impl Exchange {
    fn of(request: Option<HttpRequest>) -> Self {
        let body = request.as_ref().map(|request| json(&request.body));
        Self {
            request,
            response: None,
            request_body: body.unwrap_or_default(),
            response_body: Value::Null,
        }
    }

    fn answered_with(&mut self, response: HttpResponse) {
        self.response_body = json(&response.body);
        self.response = Some(response);
    }

    /// The operation that the request names.
    pub fn operation(&self) -> Option<Operation> {
        let target = self.request.as_ref()?.header("x-amz-target")?;
        Operation::from_target(target)
    }

    /// The same, or `unrecorded` where the request isn't recorded.
    pub fn operation_or(&self, unrecorded: Option<&Operation>) -> Option<Operation> {
        self.operation()
            .or_else(|| unrecorded.filter(|_| self.request.is_none()).cloned())
    }

    /// The request's body; `null` where there is none that can be read.
    pub fn request_body(&self) -> &Value {
        &self.request_body
    }

    /// The response's body; `null` where there is none that can be read.
    pub fn response_body(&self) -> &Value {
        &self.response_body
    }

    /// `AuthFlow` of the request.
    pub fn flow(&self) -> Option<AuthFlow> {
        text(self.request_body(), "/AuthFlow").map(AuthFlow::from)
    }

    /// `ChallengeName` of the request.
    pub fn answered(&self) -> Option<ChallengeName> {
        text(self.request_body(), "/ChallengeName").map(ChallengeName::from)
    }

    /// `ChallengeName` of the response.
    pub fn asked(&self) -> Option<ChallengeName> {
        text(self.response_body(), "/ChallengeName").map(ChallengeName::from)
    }

    /// The error that the response is.
    pub fn refusal(&self) -> Option<ServiceError> {
        ServiceError::from_response(self.response.as_ref()?)
    }

    /// Whether the response is an error of this kind.
    pub fn is_refused_as(&self, kind: &ErrorKind) -> bool {
        self.refusal().is_some_and(|error| error.kind == *kind)
    }

    /// Whether the response has tokens.
    pub fn gives_tokens(&self) -> bool {
        self.response_body()
            .pointer("/AuthenticationResult/AccessToken")
            .is_some()
    }

    /// The device that the request names.
    pub fn device_key(&self) -> Option<String> {
        let body = self.request_body();
        DEVICE_KEYS
            .iter()
            .find_map(|pointer| text(body, pointer))
            .filter(|key| !key.is_empty())
            .map(ToOwned::to_owned)
    }
}

pub(super) fn exchanges(transcript: &Transcript) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for event in &transcript.events {
        match event {
            Event::Requested { request } | Event::Stray { request } => {
                exchanges.push(Exchange::of(Some(HttpRequest {
                    body: filled(&request.body),
                    ..request.clone()
                })));
            }
            Event::Responded { response } => {
                let response = HttpResponse {
                    body: filled(&response.body),
                    ..response.clone()
                };
                match exchanges.last_mut() {
                    Some(open) if open.response.is_none() => open.answered_with(response),
                    _ => {
                        let mut unasked = Exchange::of(None);
                        unasked.answered_with(response);
                        exchanges.push(unasked);
                    }
                }
            }
            Event::Called { .. }
            | Event::Triggered(_)
            | Event::Noted(_)
            | Event::Dropped
            | Event::Replied { .. } => {}
        }
    }
    exchanges
}

/// A string member, by JSON pointer.
pub(super) fn text<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer).and_then(Value::as_str)
}

pub(super) fn json(body: &Octets) -> Value {
    serde_json::from_slice(body.as_bytes()).unwrap_or_default()
}

/// A parameter of a challenge.
pub(super) fn parameter(body: &Value, name: &str) -> Option<String> {
    owned(body, &format!("/ChallengeParameters/{name}"))
}

/// A string member, by JSON pointer.
pub(super) fn owned(body: &Value, pointer: &str) -> Option<String> {
    text(body, pointer).map(ToOwned::to_owned)
}

fn filled(body: &Octets) -> Octets {
    match std::str::from_utf8(body.as_bytes()) {
        Ok(text) => Octets::from(fill(text)),
        Err(_) => body.clone(),
    }
}

/// Where a request names a device.
const DEVICE_KEYS: [&str; 3] = [
    "/AuthParameters/DEVICE_KEY",
    "/ChallengeResponses/DEVICE_KEY",
    "/DeviceKey",
];
