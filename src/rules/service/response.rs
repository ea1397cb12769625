//! How answers and errors look on the wire.

use serde_json::Value;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::trace::Message;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{measured, model, operation, recording};
use crate::wire::http::AMZ_JSON;
use crate::wire::{ErrorKind, HttpResponse};

/// How an error looks.
pub(super) const ERROR_FORM: Rule = Rule {
    id: "service.error-form",
    level: Level::Must,
    party: Party::Service,
    sentence: "An error has status 400, an x-amzn-ErrorType header that ends in a colon, and a compact JSON body with the \
               bare __type and a message.",
    sources: &[
        measured(
            "aws-amplify/amplify-swift#3344",
            "a trace with status 400, an x-amzn-ErrorType that ends in a colon, and a compact body",
        ),
        measured(
            "furaiev/amazon-cognito-identity-dart-2#10",
            "a trace of the same form",
        ),
        recording(
            "fixtures/transcripts/2026-05/initiate-auth.srp.unknown-user.json",
            "an error of the same form",
        ),
    ],
    check: Rule::requires(error_form),
};

/// How a success looks.
pub(super) const RESPONSE_FORM: Rule = Rule {
    id: "service.response-form",
    level: Level::Must,
    party: Party::Service,
    sentence: "A success has status 200, the content type of AWS JSON 1.1, an x-amzn-RequestId, and a JSON object with \
               either a challenge or tokens.",
    sources: &[
        recording(
            "fixtures/transcripts/2023-08-signup-srp-getuser.json",
            "successes with these headers",
        ),
        model("InitiateAuthResponse", "either a challenge or tokens"),
        operation("InitiateAuth", "JSON 1.1; a challenge, or tokens"),
    ],
    check: Rule::requires(response_form),
};

fn error_form(case: &Case<'_>) -> Verdict {
    let is_recorded = !case.facts.is_played();
    each(case.service_views(), "no error was sent", |scene| {
        let response = scene.exchange.response.as_ref()?;
        if (200..300).contains(&response.status) || scene.exchange.is_altered() {
            return None;
        }
        let wrong = wrong_error(response, is_recorded);
        Some(match wrong {
            Some((expected, got)) => Verdict::fail(scene.index(), expected, got),
            None => Verdict::Pass,
        })
    })
}

/// What is wrong with an error's form: expected and got. A recording may lack headers that its source does not print.
fn wrong_error(response: &HttpResponse, is_recorded: bool) -> Option<(String, String)> {
    let body = response.body.to_text();
    let parsed: Option<Value> = serde_json::from_str(&body).ok();
    let text = |name: &str| parsed.as_ref()?.get(name)?.as_str();
    let Some(kind) = text("__type") else {
        return Some((
            "a JSON object with __type and message".to_owned(),
            format!("status {}: {body}", response.status),
        ));
    };
    if kind.contains(['#', ':', ',']) {
        return Some(("a bare __type".to_owned(), kind.to_owned()));
    }
    let is_internal = ErrorKind::from(kind) == ErrorKind::InternalError;
    let is_status = response.status == 400 || is_internal && response.status == 500;
    if !is_status {
        return Some((
            "status 400".to_owned(),
            format!("status {}", response.status),
        ));
    }
    if text("message").is_none() {
        return Some(("a message, in lower case".to_owned(), body.into_owned()));
    }
    if has_space_between_tokens(&body) {
        return Some(("a compact body".to_owned(), body.into_owned()));
    }
    let expected_header = format!("{kind}:");
    match response.header("x-amzn-errortype") {
        Some(header) if header != expected_header => {
            return Some((
                format!("x-amzn-ErrorType: {expected_header}"),
                header.to_owned(),
            ));
        }
        None if !is_recorded => {
            return Some((
                format!("x-amzn-ErrorType: {expected_header}"),
                "no such header".to_owned(),
            ));
        }
        _ => {}
    }
    wrong_content_type(response, is_recorded)
}

fn wrong_content_type(response: &HttpResponse, is_recorded: bool) -> Option<(String, String)> {
    let expected = format!("Content-Type: {AMZ_JSON}");
    match response.header("content-type") {
        Some(sent) => {
            let media = sent.split(';').next().unwrap_or(sent).trim();
            (!media.eq_ignore_ascii_case(AMZ_JSON)).then(|| (expected, sent.to_owned()))
        }
        None => (!is_recorded).then(|| (expected, "no such header".to_owned())),
    }
}

/// Whether a JSON text has white space outside its strings.
fn has_space_between_tokens(json: &str) -> bool {
    let mut in_string = false;
    let mut escaped = false;
    for letter in json.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if !in_string && letter.is_whitespace() => return true,
            _ => {}
        }
    }
    false
}

fn response_form(case: &Case<'_>) -> Verdict {
    let is_recorded = !case.facts.is_played();
    each(case.service_views(), "no success was sent", |scene| {
        let response = scene.exchange.response.as_ref()?;
        if !(200..400).contains(&response.status) || scene.exchange.is_altered() {
            return None;
        }
        let at = scene.index();
        if response.status != 200 {
            return Some(Verdict::fail(
                at,
                "status 200",
                format!("status {}", response.status),
            ));
        }
        if let Some((expected, got)) = wrong_content_type(response, is_recorded) {
            return Some(Verdict::fail(at, expected, got));
        }
        if !is_recorded
            && response
                .header("x-amzn-requestid")
                .is_none_or(str::is_empty)
        {
            return Some(Verdict::fail(at, "an x-amzn-RequestId", "none"));
        }
        let body = response.body.to_text();
        if !matches!(
            scene.exchange.message,
            Message::Initiate(_) | Message::Respond(_)
        ) {
            // Operations without output answer `{}` or nothing.
            let is_object = serde_json::from_str::<Value>(&body).is_ok_and(|body| body.is_object());
            return Some(if is_object || body.is_empty() {
                Verdict::Pass
            } else {
                Verdict::fail(at, "a JSON object", body)
            });
        }
        let Some(answer) = &scene.exchange.answer else {
            return Some(Verdict::fail(
                at,
                "a JSON object in the shape of the service model",
                body,
            ));
        };
        let has = (
            answer.challenge_name.is_some(),
            answer.authentication_result.is_some(),
        );
        Some(match has {
            (true, false) | (false, true) => Verdict::Pass,
            (true, true) => Verdict::fail(at, "a challenge or tokens", "both"),
            (false, false) => Verdict::fail(at, "a challenge or tokens", body),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_inside_strings_leaves_a_body_compact() {
        assert!(!has_space_between_tokens(r#"{"message":"two \" words"}"#));
        assert!(has_space_between_tokens(r#"{"message": "x"}"#));
        assert!(has_space_between_tokens("{\"a\":1}\n"));
    }
}
