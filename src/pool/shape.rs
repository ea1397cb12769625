//! From octets to typed requests: what the service model demands of a body's shape.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::errors::{self, Answer};
use crate::wire::http::AMZ_JSON;
use crate::wire::message::{ConfirmForgotPassword, ForgotPassword};
use crate::wire::{AuthFlow, ChallengeName, HttpRequest, InitiateAuth, RespondToAuthChallenge};

/// A body as a JSON object.
pub(super) fn body(request: &HttpRequest) -> Answer<Map<String, Value>> {
    let content_type = request.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(AMZ_JSON) {
        return Err(errors::serialization(format!(
            "expected Content-Type {AMZ_JSON}, got '{}'",
            shortened(content_type)
        )));
    }
    match serde_json::from_slice(request.body.as_bytes()) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(errors::serialization(
            "expected a JSON object as body, got another JSON value",
        )),
        Err(error) => Err(errors::serialization(format!(
            "expected a JSON object as body: line {}, column {}: it {}",
            error.line(),
            error.column(),
            match error.classify() {
                serde_json::error::Category::Eof => "ends too early",
                _ => "is not JSON, or too deep",
            }
        ))),
    }
}

/// The request of `InitiateAuth`.
pub(super) fn initiate_auth(members: Map<String, Value>) -> Answer<InitiateAuth> {
    let flow = required(&members, "AuthFlow", "authFlow")?;
    if matches!(AuthFlow::from(flow), AuthFlow::Other(_)) {
        return Err(not_in_set(
            flow,
            "authFlow",
            AuthFlow::ALL.iter().map(AuthFlow::as_str),
        ));
    }
    client_id(&members)?;
    session(&members)?;
    values(&members, "AuthParameters", "authParameters")?;
    let request: InitiateAuth = typed(members)?;
    let needed: &[&str] = match request.auth_flow {
        AuthFlow::UserSrpAuth => &["USERNAME", "SRP_A"],
        AuthFlow::UserPasswordAuth => &["USERNAME", "PASSWORD"],
        AuthFlow::CustomAuth | AuthFlow::UserAuth => &["USERNAME"],
        AuthFlow::RefreshTokenAuth | AuthFlow::RefreshToken => &["REFRESH_TOKEN"],
        _ => &[],
    };
    for parameter in needed {
        present(&request.auth_parameters, parameter)?;
    }
    Ok(request)
}

/// The request of `RespondToAuthChallenge`.
pub(super) fn respond_to_auth_challenge(
    members: Map<String, Value>,
) -> Answer<RespondToAuthChallenge> {
    let name = required(&members, "ChallengeName", "challengeName")?;
    if matches!(ChallengeName::from(name), ChallengeName::Other(_)) {
        return Err(not_in_set(
            name,
            "challengeName",
            ChallengeName::ALL.iter().map(ChallengeName::as_str),
        ));
    }
    client_id(&members)?;
    session(&members)?;
    values(&members, "ChallengeResponses", "challengeResponses")?;
    let request: RespondToAuthChallenge = typed(members)?;
    present(&request.challenge_responses, "USERNAME")?;
    Ok(request)
}

/// The request of `ForgotPassword`.
pub(super) fn forgot_password(members: Map<String, Value>) -> Answer<ForgotPassword> {
    client_id(&members)?;
    username(&members)?;
    typed(members)
}

/// The request of `ConfirmForgotPassword`.
pub(super) fn confirm_forgot_password(
    members: Map<String, Value>,
) -> Answer<ConfirmForgotPassword> {
    client_id(&members)?;
    username(&members)?;
    let code = required(&members, "ConfirmationCode", "confirmationCode")?;
    length(code, "confirmationCode", 1, 2048)?;
    without_space(code, "confirmationCode")?;
    let password = required(&members, "Password", "password")?;
    length(password, "password", 0, 256)?;
    without_space(password, "password")?;
    typed(members)
}

/// A value that a flow or challenge needs, not empty.
pub(super) fn present<'a>(parameters: &'a crate::wire::Parameters, name: &str) -> Answer<&'a str> {
    match parameters.get(name) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(errors::missing(name)),
    }
}

/// What was sent, cut short so that errors and logs stay small.
pub(super) fn shortened(text: &str) -> String {
    let mut shortened: String = text.chars().take(SHOWN).collect();
    if shortened.len() < text.len() {
        shortened.push('…');
    }
    shortened
}

fn typed<T: DeserializeOwned>(members: Map<String, Value>) -> Answer<T> {
    serde_json::from_value(Value::Object(members)).map_err(|_| {
        errors::serialization("a member has the wrong type: expected strings and maps of strings")
    })
}

fn required<'a>(members: &'a Map<String, Value>, name: &str, member: &str) -> Answer<&'a str> {
    match members.get(name) {
        Some(Value::String(text)) => Ok(text),
        None | Some(Value::Null) => {
            Err(errors::constraint(None, member, "Member must not be null"))
        }
        Some(_) => Err(errors::serialization(format!(
            "expected a string as {name}"
        ))),
    }
}

/// `ClientIdType`: 1–128 of `[\w+]+`.
fn client_id(members: &Map<String, Value>) -> Answer<()> {
    let id = required(members, "ClientId", "clientId")?;
    length(id, "clientId", 1, 128)?;
    if is_word(id) {
        Ok(())
    } else {
        Err(errors::constraint(
            Some(&shortened(id)),
            "clientId",
            r"Member must satisfy regular expression pattern: [\w+]+",
        ))
    }
}

/// `UsernameType`: 1–128.
fn username(members: &Map<String, Value>) -> Answer<()> {
    let name = required(members, "Username", "username")?;
    length(name, "username", 1, 128)?;
    without_space(name, "username")
}

/// `SessionType`: 20–2048.
fn session(members: &Map<String, Value>) -> Answer<()> {
    match members.get("Session") {
        Some(Value::String(text)) => length(text, "session", 20, 2048),
        _ => Ok(()),
    }
}

/// `StringType` inside the parameter maps: up to 131,072.
fn values(members: &Map<String, Value>, name: &str, member: &str) -> Answer<()> {
    let Some(Value::Object(map)) = members.get(name) else {
        return Ok(());
    };
    for value in map.values().filter_map(Value::as_str) {
        length(value, member, 0, MAX_STRING)?;
    }
    Ok(())
}

fn length(text: &str, member: &str, least: usize, most: usize) -> Answer<()> {
    let count = text.chars().count();
    let rule = if count < least {
        format!("Member must have length greater than or equal to {least}")
    } else if count > most {
        format!("Member must have length less than or equal to {most}")
    } else {
        return Ok(());
    };
    Err(errors::constraint(Some(&shortened(text)), member, &rule))
}

fn without_space(text: &str, member: &str) -> Answer<()> {
    if text.chars().any(char::is_whitespace) {
        return Err(errors::constraint(
            None,
            member,
            r"Member must satisfy regular expression pattern: [\S]+",
        ));
    }
    Ok(())
}

fn not_in_set<'a>(
    value: &str,
    member: &str,
    set: impl Iterator<Item = &'a str>,
) -> crate::wire::ServiceError {
    let set: Vec<_> = set.collect();
    errors::constraint(
        Some(&shortened(value)),
        member,
        &format!("Member must satisfy enum value set: [{}]", set.join(", ")),
    )
}

/// `[\w+]+`, with the ASCII meaning of `\w`.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'_' || octet == b'+')
}

const MAX_STRING: usize = 131_072;
const SHOWN: usize = 64;
