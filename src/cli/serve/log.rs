//! What is told of each operation: one line, and one for whatever the service would have sent.

use std::io::Write as _;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use crate::local::LocalObserver;
use crate::pool::Observed;
use crate::report::page::one_line;
use crate::wire::service_model::{ServiceModel, Shape};
use crate::wire::{Event, Operation, PoolNote, ServiceError};

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

/// Operation, user, client, outcome and time, each at a length that a line bears; never a secret, a password or a token, also
/// where the answer says what was wrong with one. Codes and temporary passwords stand on lines of their own, since no message
/// brings them.
fn lines(observed: &Observed<'_>) -> Vec<String> {
    let sent = observed.events.iter().filter_map(|event| match event {
        Event::Noted(PoolNote::Sent {
            to,
            medium,
            purpose,
            text,
            ..
        }) => Some(format!(
            "sent to {} by {medium} ({purpose}): {}",
            shortened(to),
            shortened(text)
        )),
        _ => None,
    });
    let mut lines: Vec<String> = sent.collect();
    let body: Value = serde_json::from_slice(observed.request.body.as_bytes()).unwrap_or_default();
    let what = match observed.operation {
        Some(operation) => {
            let asked = Asked::read(&body);
            format!(
                "{} user={} client={}",
                operation.as_str(),
                asked.user,
                asked.client
            )
        }
        None => format!("{} {}", observed.request.method, observed.request.path),
    };
    lines.push(format!(
        "{} -> {} {} ms",
        shortened(&what),
        shortened(&outcome(observed, &body)),
        observed.took.as_millis()
    ));
    lines
}

/// Who asked, as far as the request says.
struct Asked {
    user: String,
    client: String,
}

impl Asked {
    fn read(body: &Value) -> Self {
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

fn outcome(observed: &Observed<'_>, asked: &Value) -> String {
    let response = observed.response;
    if let Some(error) = ServiceError::from_response(response) {
        let secrets = secrets(observed.operation, asked);
        if secrets.iter().any(|secret| quotes(&error.message, secret)) {
            return format!(
                "{} (its text repeats what has no place in a log)",
                error.kind
            );
        }
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

/// What of a request has no place in a log: whatever the service model calls sensitive, but for the user's name and the app
/// client's id, which a line tells. Where the model knows nothing, that is everything.
fn secrets(operation: Option<&Operation>, asked: &Value) -> Vec<String> {
    let declared = operation.and_then(|name| ServiceModel::get().operations.get(name.as_str()));
    let mut secrets = Vec::new();
    match declared {
        Some(declared) => collect(&declared.input, asked, &mut secrets),
        None => collect_all(asked, &mut secrets),
    }
    secrets.retain(|text| !is_public(text));
    secrets
}

/// Whether a value is a word of the protocol, which stands in maps of secrets, too, and which errors speak of.
fn is_public(text: &str) -> bool {
    let challenges = ServiceModel::get().shapes.get("ChallengeNameType");
    let names = challenges.and_then(|shape| shape.r#enum.as_ref());
    text == "SRP_A" || names.is_some_and(|names| names.iter().any(|name| name == text))
}

fn collect(shape: &Shape, value: &Value, secrets: &mut Vec<String>) {
    if shape.sensitive {
        return collect_all(value, secrets);
    }
    let of = |name: Option<&String>| name.and_then(|name| ServiceModel::get().shapes.get(name));
    match (value, &shape.members) {
        (Value::Object(members), Some(declared)) => {
            for (name, value) in members.iter().filter(|(name, _)| !is_told(name)) {
                match of(declared.get(name)) {
                    Some(shape) => collect(shape, value, secrets),
                    None => collect_all(value, secrets),
                }
            }
        }
        (Value::Object(entries), None) => {
            for value in entries.values() {
                match of(shape.values.as_ref()) {
                    Some(shape) => collect(shape, value, secrets),
                    None => collect_all(value, secrets),
                }
            }
        }
        (Value::Array(elements), _) => {
            for value in elements {
                match of(shape.items.as_ref()) {
                    Some(shape) => collect(shape, value, secrets),
                    None => collect_all(value, secrets),
                }
            }
        }
        // A text of a kind that is not sensitive, or something of another kind than is declared, which nobody repeats.
        _ => {}
    }
}

fn collect_all(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (_, value) in members.iter().filter(|(name, _)| !is_told(name)) {
                collect_all(value, secrets);
            }
        }
        Value::Array(elements) => {
            for value in elements {
                collect_all(value, secrets);
            }
        }
        Value::String(text) => secrets.push(text.clone()),
        Value::Number(number) => secrets.push(number.to_string()),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether a line tells it anyway.
fn is_told(member: &str) -> bool {
    matches!(member, "USERNAME" | "Username" | "ClientId")
}

/// Whether a text has a value in it, or enough of one to be no chance: its beginning, as far as a quotation may have been cut.
/// A value that short words may contain has to stand by itself.
fn quotes(text: &str, value: &str) -> bool {
    let beginning: String = value.chars().take(TELLING).collect();
    let is_telling = beginning.chars().nth(TELLING - 1).is_some();
    let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    !beginning.is_empty()
        && text.match_indices(&beginning).any(|(at, found)| {
            is_telling
                || is_apart(text[..at].chars().next_back())
                    && is_apart(text[at + found.len()..].chars().next())
        })
}

/// A text on one line, and no more of it than a line bears.
fn shortened(text: &str) -> String {
    let beginning: String = text.chars().take(LONGEST).collect();
    one_line(&beginning).chars().take(LONGEST).collect()
}

const NOBODY: &str = "-";
/// So many characters of a value are not in a text by chance.
const TELLING: usize = 8;
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
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
    fn no_value_of_a_sensitive_map_stands_in_a_line_though_the_answer_repeats_it() {
        let long = format!("Zz9!CANARY-{}", "x".repeat(900_000));
        let cut = format!("{}…", &long[..60]);
        for canary in [long.as_str(), "Zz9!CANARY", "Zz9", "7"] {
            let quoted = if canary.len() > 60 { &cut } else { canary };
            let message = format!("1 error: Value '{quoted}' at 'authParameters.X' is too long");
            let error = json!({ "__type": "InvalidParameterException", "message": message });
            for map in ["AuthParameters", "ChallengeResponses"] {
                for key in [
                    "PASSWORD",
                    "SRP_A",
                    "ANSWER",
                    "NEW_PASSWORD",
                    "SECRET_HASH",
                    "OTHER",
                ] {
                    let value = [(key, canary), ("USERNAME", "ada")];
                    let request = json!({ "ClientId": "web", map: BTreeMap::from(value) });
                    let operation = match map {
                        "AuthParameters" => Operation::InitiateAuth,
                        _ => Operation::RespondToAuthChallenge,
                    };
                    let lines = told(operation, &request, (400, &error), &[]);
                    let [line] = lines.as_slice() else {
                        panic!("one line: {lines:?}");
                    };
                    let expected = "user=ada client=web -> InvalidParameterException (its text repeats what has no place in a log) 7 ms";
                    assert!(line.ends_with(expected), "{map}.{key}: {line}");
                }
            }
        }
    }

    #[test]
    fn no_secret_beside_the_maps_stands_in_a_line_and_other_values_do() {
        let error = |got: &str| {
            let message = format!("Value '{got}' is not right");
            json!({ "__type": "InvalidParameterException", "message": message })
        };
        for (member, value, is_hidden) in [
            ("Password", json!("Passw0rd!"), true),
            ("Session", json!("AYABeC-session"), true),
            ("AccessToken", json!("eyJraWQiOiJ"), true),
            ("SecretHash", json!("aGFzaA-hash"), true),
            (
                "UserAttributes",
                json!([{ "Name": "email", "Value": "ada@example.com" }]),
                true,
            ),
            ("Nonsense", json!({ "deep": [{ "er": "Passw0rd!" }] }), true),
            ("Username", json!("somebody"), false),
            ("ChallengeName", json!("NO_SUCH_CHALLENGE"), false),
        ] {
            let text = match &value {
                Value::String(text) => text,
                Value::Array(_) => "ada@example.com",
                _ => "Passw0rd!",
            };
            let operation = match member {
                "Session" | "ChallengeName" => Operation::RespondToAuthChallenge,
                "AccessToken" => Operation::GetUser,
                _ => Operation::SignUp,
            };
            let lines = told(
                operation,
                &json!({ member: value }),
                (400, &error(text)),
                &[],
            );
            let (_, outcome) = lines[0].split_once(" -> ").expect("a line has an outcome");
            assert_eq!(!outcome.contains(text), is_hidden, "{member}: {outcome}");
        }
    }

    #[test]
    fn words_of_the_protocol_are_no_secrets() {
        let request = json!({ "AuthParameters": { "CHALLENGE_NAME": "SRP_A", "PREFERRED_CHALLENGE": "EMAIL_OTP" } });
        for message in [
            "Missing required parameter SRP_A",
            "Missing required parameter EMAIL_OTP_CODE",
        ] {
            let error = json!({ "__type": "InvalidParameterException", "message": message });
            let lines = told(Operation::InitiateAuth, &request, (400, &error), &[]);
            assert!(lines[0].contains(message), "{}", lines[0]);
        }
    }

    #[test]
    fn a_line_bears_no_more_than_some_hundred_characters_of_a_request() {
        let long = "\u{202e}x".repeat(500_000);
        let request = json!({ "Username": long, "ClientId": long });
        let error = json!({ "__type": "UserNotFoundException", "message": long });
        let sent = Event::Noted(PoolNote::Sent {
            username: long.clone(),
            medium: "EMAIL".to_owned(),
            to: long.clone(),
            purpose: "invitation".to_owned(),
            text: long.clone(),
        });
        let lines = told(Operation::ForgotPassword, &request, (400, &error), &[sent]);
        assert_eq!(lines.len(), 2, "lines");
        for line in lines {
            assert!(line.chars().count() < 2 * LONGEST + 50, "{line}");
        }
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
