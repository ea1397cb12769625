//! From results to octets.

use serde::Serialize;
use serde_json::{Value, json};

use crate::wire::http::AMZ_JSON;
use crate::wire::{ErrorKind, HttpResponse, ServiceError};

/// How every answer looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponsePolicy {
    /// The content type of every answer.
    pub content_type: &'static str,
    /// Every answer carries `x-amzn-RequestId`.
    pub request_id: bool,
}

impl Default for ResponsePolicy {
    fn default() -> Self {
        Self {
            content_type: AMZ_JSON,
            request_id: true,
        }
    }
}

/// How errors look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPolicy {
    /// The `x-amzn-ErrorType` and `x-amzn-ErrorMessage` headers are sent.
    pub headers: bool,
    /// How `__type` is written.
    pub type_form: TypeForm,
    /// The name of the member that holds the text.
    pub message_member: MessageMember,
    /// The HTTP status of a client's fault.
    pub status: u16,
    /// Texts end in a full stop exactly where the service's do.
    pub full_stops: bool,
    /// What a wrong password is called.
    pub wrong_password: ErrorKind,
}

impl Default for ErrorPolicy {
    fn default() -> Self {
        Self {
            headers: true,
            type_form: TypeForm::Bare,
            message_member: MessageMember::Lower,
            status: 400,
            full_stops: true,
            wrong_password: ErrorKind::NotAuthorized,
        }
    }
}

/// How `__type` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeForm {
    /// The shape's bare name: right.
    Bare,
    /// With a namespace and `#` in front.
    Namespaced,
}

/// The name of the member that holds an error's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageMember {
    /// `message`: right.
    Lower,
    /// `Message`.
    Capital,
}

/// A success with this body.
pub(in crate::pool) fn success(
    body: &impl Serialize,
    request_id: &str,
    policy: &ResponsePolicy,
) -> HttpResponse {
    let body = serde_json::to_string(body).unwrap_or_else(|_| "{}".to_owned());
    HttpResponse::new(200, headers(request_id, policy), body)
}

/// An error in the service's form (captured, aws-amplify/amplify-swift#3344): compact body, bare `__type`, and a header
/// that ends in a colon.
pub(in crate::pool) fn failure(
    error: &ServiceError,
    request_id: &str,
    responses: &ResponsePolicy,
    policy: &ErrorPolicy,
) -> HttpResponse {
    let message = match error.message.strip_suffix('.') {
        _ if policy.full_stops => error.message.clone(),
        Some(without) => without.to_owned(),
        None => format!("{}.", error.message),
    };
    let mut headers = headers(request_id, responses);
    if policy.headers {
        headers.push(("x-amzn-ErrorType".to_owned(), format!("{}:", error.kind)));
        headers.push(("x-amzn-ErrorMessage".to_owned(), one_line(&message)));
    }
    let kind = match policy.type_form {
        TypeForm::Bare => error.kind.to_string(),
        TypeForm::Namespaced => format!("com.amazonaws.cognitoidentityprovider#{}", error.kind),
    };
    let member = match policy.message_member {
        MessageMember::Lower => "message",
        MessageMember::Capital => "Message",
    };
    let status = if error.kind == ErrorKind::InternalError {
        500
    } else {
        policy.status
    };
    let body = json!({ "__type": kind, member: message }).to_string();
    HttpResponse::new(status, headers, body)
}

/// A document that verifiers look for.
pub(in crate::pool) fn document(document: &Value) -> HttpResponse {
    let header = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    HttpResponse::new(200, header, document.to_string())
}

fn headers(request_id: &str, policy: &ResponsePolicy) -> Vec<(String, String)> {
    let mut headers = vec![("Content-Type".to_owned(), policy.content_type.to_owned())];
    if policy.request_id {
        headers.push(("x-amzn-RequestId".to_owned(), request_id.to_owned()));
    }
    headers
}

/// A header's value has one line and nothing but visible ASCII characters.
fn one_line(text: &str) -> String {
    text.trim_end()
        .chars()
        .map(|c| if (' '..='~').contains(&c) { c } else { '?' })
        .collect()
}
