//! How a transcript reads: one line an event. Values are not shown, but for those that say where a sign-in stands.

use std::io::{self, Write};

use serde_json::Value;

use super::page::{Page, QUIET, one_line};
use crate::record::Transcript;
use crate::wire::event::{Event, PoolNote, TriggerCall};
use crate::wire::{AuthFlowType, Call, HttpRequest, HttpResponse, ServiceError};

/// Writes what happened, in order.
///
/// # Errors
/// When it can't be written.
pub fn write_narrative<W: Write>(page: &mut Page<W>, transcript: &Transcript) -> io::Result<()> {
    for event in &transcript.events {
        match event {
            Event::Called { call } => page.text(2, &called(call))?,
            Event::Requested { request } => page.text(4, &format!("> {}", requested(request)))?,
            Event::Triggered(trigger) => page.styled(6, QUIET, &triggered(trigger))?,
            Event::Noted(note) => {
                for line in noted(note) {
                    page.styled(6, QUIET, &one_line(&line))?;
                }
            }
            Event::Responded { response } => {
                page.text(4, &format!("< {}", responded(response)))?;
            }
            Event::Dropped => page.text(4, "< nothing: the connection is closed")?,
            Event::Replied { reply } => page.text(2, &format!("= {}", one_line(&reply.words())))?,
            Event::Stray { request } => {
                let text = format!("> stray, outside any call: {}", requested(request));
                page.text(4, &text)?;
            }
        }
    }
    Ok(())
}

fn called(call: &Call) -> String {
    match call {
        Call::SignIn(call) => {
            let flow = match call.auth_flow_type {
                Some(flow) => flow.to_string(),
                None => format!("no flow given (default {})", AuthFlowType::default()),
            };
            let configured = if call.target.configuration.is_some() {
                ", a configuration file"
            } else {
                ""
            };
            let secret = if call.target.client_secret.is_some() {
                ", a client secret"
            } else {
                ""
            };
            let password = match call.password.as_deref() {
                None => "no password",
                Some("") => "an empty password",
                Some(_) => "a password",
            };
            format!("signIn with {flow}{configured}{secret}, {password}")
        }
        other => other.method().to_owned(),
    }
}

fn requested(request: &HttpRequest) -> String {
    let operation = request
        .header("x-amz-target")
        .map_or("no X-Amz-Target", |target| {
            target.rsplit('.').next().unwrap_or(target)
        });
    let body = json(request.body.as_bytes());
    let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let about = format!("{operation} {}{}", word("AuthFlow"), word("ChallengeName"));
    one_line(about.trim_end())
}

fn responded(response: &HttpResponse) -> String {
    let body = json(response.body.as_bytes());
    let what = if let Some(error) = ServiceError::from_response(response) {
        error.to_string()
    } else if let Some(challenge) = body.get("ChallengeName").and_then(Value::as_str) {
        challenge.to_owned()
    } else if body
        .get("AuthenticationResult")
        .is_some_and(Value::is_object)
    {
        "tokens".to_owned()
    } else {
        format!("{} octets", response.body.as_bytes().len())
    };
    one_line(&format!("{} {what}", response.status))
}

fn triggered(trigger: &TriggerCall) -> String {
    let error = trigger
        .error
        .as_ref()
        .map_or(String::new(), |error| format!(" throws {error:?}"));
    one_line(&format!("trigger {}{error}", trigger.source))
}

fn noted(note: &PoolNote) -> Vec<String> {
    match note {
        PoolNote::Srp {
            reached,
            not_reached,
            tries,
            ..
        } => {
            let reached = reached.iter().map(|class| format!("reached {class}"));
            let missed = not_reached
                .iter()
                .map(|class| format!("not reached: {class}"));
            let sought = (*tries > 1).then(|| format!("sought among {tries} values of b"));
            reached.chain(missed).chain(sought).collect()
        }
        PoolNote::Fault { what, .. } => vec![format!("altered on its way: {what}")],
        PoolNote::Meanwhile { what } => vec![format!("meanwhile {what}")],
        PoolNote::Sent {
            medium, purpose, ..
        } => vec![format!("a {purpose} code goes out by {medium}")],
        PoolNote::UserStatus { status, .. } => vec![format!("the user is now {status}")],
    }
}

fn json(octets: &[u8]) -> Value {
    serde_json::from_slice(octets).unwrap_or_default()
}
