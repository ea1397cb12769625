//! How one request is sent and its answer read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::http::AMZ_JSON;
use crate::wire::message::Parameters;
use crate::wire::{AuthResponse, HttpRequest, HttpResponse, Operation, ServiceError};

use super::attempt::Attempt;
use super::client::Client;
use super::error::{AuthError, InvalidServiceResponse};
use super::http::MAX_OCTETS;
use super::outgoing::{Outgoing, Sender};
use super::policy::{Policy, UnknownMembers};
use super::proof::Proof;
use super::transport::Transport;

impl<T: Transport> Client<T> {
    /// Sends a request of a sign-in, and returns what the service says.
    pub(super) async fn ask(
        &mut self,
        operation: Operation,
        request: &impl Serialize,
        proof: Option<&Proof>,
    ) -> Result<AuthResponse, AuthError> {
        let answer = self.exchange(operation, request, proof).await?;
        if self.policy.unknown_members == UnknownMembers::Refused {
            parse::<Known>(&answer)?;
        }
        let response: AuthResponse = parse(&answer)?;
        if let Some(attempt) = &mut self.attempt {
            attempt.sessions.extend(response.session.clone());
        }
        Ok(response)
    }

    /// Sends a request that belongs to a sign-in, and returns the octets of a successful answer.
    pub(super) async fn exchange(
        &mut self,
        operation: Operation,
        request: &impl Serialize,
        proof: Option<&Proof>,
    ) -> Result<HttpResponse, AuthError> {
        let sent = {
            let attempt = self.attempt.as_ref();
            let sender = Sender {
                settings: &self.settings,
                pool_id: self.pool_id.as_ref(),
                dialect: &self.policy.dialect,
                flow: attempt.map(|attempt| attempt.flow),
                typed_name: attempt.map_or("", |attempt| attempt.typed_name.as_str()),
                returned_name: attempt.and_then(|attempt| attempt.returned_name.as_deref()),
                password: attempt.and_then(|attempt| attempt.password.as_deref()),
                keys: attempt.and_then(Attempt::keys_in_use),
                device: attempt.and_then(|attempt| attempt.device.as_ref()),
                challenge: attempt.and_then(|attempt| attempt.pending.as_ref()),
                proof,
                sessions: attempt.map_or(&[], |attempt| attempt.sessions.as_slice()),
                started: attempt.map_or(0, |attempt| attempt.started),
                custom_rounds: attempt.map_or(0, |attempt| attempt.custom_rounds),
            };
            message(&operation, request, &self.policy, sender)
        };
        self.send(sent).await
    }

    /// Sends a request outside a sign-in, and returns the octets of a successful answer.
    pub(super) async fn ask_apart(
        &mut self,
        operation: Operation,
        request: &impl Serialize,
        username: &str,
    ) -> Result<HttpResponse, AuthError> {
        let sender = Sender {
            settings: &self.settings,
            pool_id: self.pool_id.as_ref(),
            dialect: &self.policy.dialect,
            flow: None,
            typed_name: username,
            returned_name: None,
            password: None,
            keys: None,
            device: None,
            challenge: None,
            proof: None,
            sessions: &[],
            started: (self.sources.clock)(),
            custom_rounds: 0,
        };
        let sent = message(&operation, request, &self.policy, sender);
        self.send(sent).await
    }

    async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, AuthError> {
        let mut response = self.transport.send(request.clone()).await?;
        for _ in 0..self.policy.retries {
            if response.status < self.policy.retries_from_status {
                break;
            }
            response = self.transport.send(request.clone()).await?;
        }
        let size = response.body.as_bytes().len();
        if size > MAX_OCTETS {
            return Err(InvalidServiceResponse::TooLarge {
                got: size,
                max: MAX_OCTETS,
            }
            .into());
        }
        if (200..300).contains(&response.status) {
            return Ok(response);
        }
        Err(match (self.policy.read_error)(&response) {
            Some(error) => self.worded(error, &request).into(),
            None => InvalidServiceResponse::UnnamedFailure {
                status: response.status,
            }
            .into(),
        })
    }

    fn worded(&self, error: ServiceError, request: &HttpRequest) -> ServiceError {
        let Some(text) = self.policy.error_text else {
            return error;
        };
        let message = text(&error, &request.body.to_text());
        ServiceError::new(error.kind, message)
    }
}

/// An answer to a request of a sign-in, and nothing more: what a client reads that takes no member it doesn't know.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only whether it can be read is of interest")]
struct Known {
    challenge_name: Option<Value>,
    session: Option<Value>,
    challenge_parameters: Option<Value>,
    authentication_result: Option<Value>,
    available_challenges: Option<Value>,
}

/// Parses the body of a successful answer.
pub(super) fn parse<R: serde::de::DeserializeOwned>(
    response: &HttpResponse,
) -> Result<R, InvalidServiceResponse> {
    let not_understood = |reason: String| InvalidServiceResponse::NotUnderstood {
        status: response.status,
        reason,
    };
    // An array of the right length would pass as an object in serde's eyes.
    let body = response.body.as_bytes();
    if body.iter().find(|octet| !octet.is_ascii_whitespace()) != Some(&b'{') {
        return Err(not_understood("it does not begin with a brace".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| {
        not_understood(format!(
            "{:?} error at line {}, column {}",
            error.classify(),
            error.line(),
            error.column()
        ))
    })
}

/// Metadata as a member: absent when there is none.
pub(super) fn some_metadata(metadata: &Parameters) -> Option<Parameters> {
    (!metadata.is_empty()).then(|| metadata.clone())
}

fn message(
    operation: &Operation,
    request: &impl Serialize,
    policy: &Policy,
    sender: Sender<'_>,
) -> HttpRequest {
    let mut body = serde_json::to_value(request)
        .expect("requests are maps of strings, which JSON can always write");
    let mut headers = vec![
        ("Content-Type".to_owned(), AMZ_JSON.to_owned()),
        ("X-Amz-Target".to_owned(), operation.target()),
        ("Cache-Control".to_owned(), "no-store".to_owned()),
        ("X-Amz-User-Agent".to_owned(), USER_AGENT.to_owned()),
    ];
    let mut outgoing = Outgoing {
        operation,
        body: &mut body,
        headers: &mut headers,
        sender,
    };
    if let Some(edit) = policy.outgoing {
        edit(&mut outgoing);
    }
    if let Some(lie) = &policy.lie {
        (lie.0)(&mut outgoing);
    }
    HttpRequest {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers,
        body: Value::to_string(&body).into(),
    }
}

const USER_AGENT: &str = concat!("cognito-conformance/", env!("CARGO_PKG_VERSION"));
