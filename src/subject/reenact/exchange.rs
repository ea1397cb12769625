//! Which request and which response belong together.

use serde_json::Value;

use crate::wire::redaction::fill;
use crate::wire::{
    AuthFlow, ChallengeName, Event, HttpRequest, HttpResponse, Octets, Operation, Transcript,
};

/// A request and its response, with stand-ins for what was redacted. One of the two may not have been recorded.
pub(super) struct Exchange {
    pub request: Option<HttpRequest>,
    pub response: Option<HttpResponse>,
}

impl Exchange {
    /// The operation that the request names.
    pub fn operation(&self) -> Option<Operation> {
        let target = self.request.as_ref()?.header("x-amz-target")?;
        Operation::from_target(target)
    }

    /// The request's body; `null` where there is none that can be read.
    pub fn request_body(&self) -> Value {
        self.request
            .as_ref()
            .map_or(Value::Null, |request| json(&request.body))
    }

    /// The response's body; `null` where there is none that can be read.
    pub fn response_body(&self) -> Value {
        self.response
            .as_ref()
            .map_or(Value::Null, |response| json(&response.body))
    }

    /// `AuthFlow` of the request.
    pub fn flow(&self) -> Option<AuthFlow> {
        text(&self.request_body(), "/AuthFlow").map(AuthFlow::from)
    }

    /// `ChallengeName` of the request.
    pub fn answered(&self) -> Option<ChallengeName> {
        text(&self.request_body(), "/ChallengeName").map(ChallengeName::from)
    }

    /// `ChallengeName` of the response.
    pub fn asked(&self) -> Option<ChallengeName> {
        text(&self.response_body(), "/ChallengeName").map(ChallengeName::from)
    }
}

pub(super) fn exchanges(transcript: &Transcript) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for event in &transcript.events {
        match event {
            Event::Requested { request } | Event::Stray { request } => exchanges.push(Exchange {
                request: Some(HttpRequest {
                    body: filled(&request.body),
                    ..request.clone()
                }),
                response: None,
            }),
            Event::Responded { response } => {
                let response = HttpResponse {
                    body: filled(&response.body),
                    ..response.clone()
                };
                match exchanges.last_mut() {
                    Some(open) if open.response.is_none() => open.response = Some(response),
                    _ => exchanges.push(Exchange {
                        request: None,
                        response: Some(response),
                    }),
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

fn filled(body: &Octets) -> Octets {
    match std::str::from_utf8(body.as_bytes()) {
        Ok(text) => Octets::from(fill(text)),
        Err(_) => body.clone(),
    }
}
