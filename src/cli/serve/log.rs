//! What is told of each operation: one line, and one for whatever the service would have sent.

use std::io::Write as _;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use crate::local::LocalObserver;
use crate::pool::Observed;
use crate::report::page::one_line;
use crate::wire::{Event, PoolNote, ServiceError};

/// Writes the lines of every exchange to the error stream.
pub(super) fn observer() -> LocalObserver {
    Box::new(|observed| {
        let mut stderr = anstream::stderr().lock();
        for line in lines(observed) {
            // Nobody is left to be told when the stream is closed.
            let _ = writeln!(stderr, "{line}");
        }
    })
}

/// Operation, user, client, outcome and time; never a secret, a password or a token. Codes and temporary passwords stand on
/// lines of their own, since no message brings them.
fn lines(observed: &Observed<'_>) -> Vec<String> {
    let sent = observed.events.iter().filter_map(|event| match event {
        Event::Noted(PoolNote::Sent {
            to,
            medium,
            purpose,
            text,
            ..
        }) => Some(format!("sent to {to} by {medium} ({purpose}): {text}")),
        _ => None,
    });
    let mut lines: Vec<String> = sent.map(|line| one_line(&line)).collect();
    let what = match observed.operation {
        Some(operation) => {
            let asked = Asked::read(observed);
            format!(
                "{} user={} client={}",
                operation.as_str(),
                asked.user,
                asked.client
            )
        }
        None => format!("{} {}", observed.request.method, observed.request.path),
    };
    lines.push(one_line(&format!(
        "{} -> {} {} ms",
        shortened(&what),
        shortened(&outcome(observed)),
        observed.took.as_millis()
    )));
    lines
}

/// Who asked, as far as the request says.
struct Asked {
    user: String,
    client: String,
}

impl Asked {
    fn read(observed: &Observed<'_>) -> Self {
        let body: Value =
            serde_json::from_slice(observed.request.body.as_bytes()).unwrap_or_default();
        let claims = body["AccessToken"].as_str().map(claims).unwrap_or_default();
        let first = |values: &[&Value]| {
            values
                .iter()
                .find_map(|value| value.as_str().map(str::to_owned))
        };
        let user = first(&[
            &body["AuthParameters"]["USERNAME"],
            &body["ChallengeResponses"]["USERNAME"],
            &body["Username"],
            &claims["username"],
        ]);
        let client = first(&[&body["ClientId"], &claims["client_id"]]);
        Self {
            user: user.unwrap_or_else(|| NOBODY.to_owned()),
            client: client.unwrap_or_else(|| NOBODY.to_owned()),
        }
    }
}

fn outcome(observed: &Observed<'_>) -> String {
    let response = observed.response;
    if let Some(error) = ServiceError::from_response(response) {
        return error.to_string();
    }
    if observed.operation.is_none() {
        return response.status.to_string();
    }
    let body: Value = serde_json::from_slice(response.body.as_bytes()).unwrap_or_default();
    match body["ChallengeName"].as_str() {
        Some(challenge) => challenge.to_owned(),
        None if body["AuthenticationResult"].is_object() => "tokens".to_owned(),
        None => "ok".to_owned(),
    }
}

/// What a token says, whoever made it: for the log it need not be right.
fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap_or_default();
    let octets = BASE64URL_NOPAD.decode(part.as_bytes()).unwrap_or_default();
    serde_json::from_slice(&octets).unwrap_or_default()
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

const NOBODY: &str = "-";
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::wire::{HttpRequest, HttpResponse, Operation};

    fn told(
        operation: Operation,
        request: &Value,
        response: (u16, &Value),
        events: &[Event],
    ) -> Vec<String> {
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            body: request.to_string().into(),
        };
        let response = HttpResponse::new(response.0, Vec::new(), response.1.to_string());
        lines(&Observed {
            user_pool_id: Some("eu-west-1_A"),
            operation: Some(&operation),
            request: &request,
            events,
            response: &response,
            knowledge: None,
            took: Duration::from_millis(7),
        })
    }

    #[test]
    fn a_line_tells_operation_user_client_outcome_and_time_and_no_secret() {
        let request = json!({
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": "web",
            "AuthParameters": { "USERNAME": "ada", "PASSWORD": "Passw0rd!", "SECRET_HASH": "hash" },
        });
        let tokens = json!({ "AuthenticationResult": { "AccessToken": "secret" } });
        let challenge = json!({ "ChallengeName": "SMS_MFA", "Session": "secret" });
        let error = json!({ "__type": "NotAuthorizedException", "message": "No.\nReally." });
        let first =
            |status, body| told(Operation::InitiateAuth, &request, (status, body), &[]).remove(0);
        assert_eq!(
            first(200, &tokens),
            "InitiateAuth user=ada client=web -> tokens 7 ms"
        );
        assert_eq!(
            first(200, &challenge),
            "InitiateAuth user=ada client=web -> SMS_MFA 7 ms"
        );
        assert_eq!(
            first(400, &error),
            "InitiateAuth user=ada client=web -> NotAuthorizedException: No.\\nReally. 7 ms"
        );
    }

    #[test]
    fn a_bearer_is_named_by_the_token() {
        let claims = BASE64URL_NOPAD.encode(br#"{"username":"ada","client_id":"web"}"#);
        let request = json!({ "AccessToken": format!("e30.{claims}.x") });
        let lines = told(Operation::GlobalSignOut, &request, (200, &json!({})), &[]);
        assert_eq!(lines, ["GlobalSignOut user=ada client=web -> ok 7 ms"]);
    }

    #[test]
    fn what_was_sent_stands_on_a_line_of_its_own() {
        let sent = Event::Noted(PoolNote::Sent {
            username: "ada".to_owned(),
            medium: "EMAIL".to_owned(),
            to: "ada@example.com".to_owned(),
            purpose: "reset-password".to_owned(),
            text: "123456".to_owned(),
        });
        let request = json!({ "ClientId": "web", "Username": "ada" });
        let lines = told(
            Operation::ForgotPassword,
            &request,
            (200, &json!({})),
            &[sent],
        );
        assert_eq!(
            lines,
            [
                "sent to ada@example.com by EMAIL (reset-password): 123456",
                "ForgotPassword user=ada client=web -> ok 7 ms",
            ]
        );
    }
}
