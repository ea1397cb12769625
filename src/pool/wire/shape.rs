//! From octets to typed requests: what the service model demands of a body's shape.
//!
//! Every operation is checked against the published model, in the words that AWS services share. A value that the model
//! calls sensitive is not repeated.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::pool::wire::errors::{self, Answer};
use crate::wire::http::AMZ_JSON;
use crate::wire::service_model::{ServiceModel, Shape};
use crate::wire::{AuthFlow, HttpRequest, InitiateAuth, Operation, RespondToAuthChallenge};

/// A body as a JSON object.
pub(in crate::pool) fn body(request: &HttpRequest) -> Answer<Map<String, Value>> {
    let content_type = request.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(AMZ_JSON) {
        return Err(errors::serialization(format!(
            "expected Content-Type {AMZ_JSON}, got '{}'",
            errors::shortened(content_type)
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

/// Checks a body against the model. A `null` counts as absent; members that the model doesn't know are passed over.
pub(in crate::pool) fn check(operation: &Operation, members: &Map<String, Value>) -> Answer<()> {
    let Some(declared) = ServiceModel::get().operations.get(operation.as_str()) else {
        return Ok(());
    };
    let mut breaches = Vec::new();
    structure(&declared.input, members, Path::BODY, &mut breaches)?;
    match breaches.as_slice() {
        [] => Ok(()),
        breaches => Err(errors::constraints(breaches)),
    }
}

/// A body that was checked, as a request.
pub(in crate::pool) fn typed<T: DeserializeOwned>(members: &Map<String, Value>) -> Answer<T> {
    T::deserialize(members).map_err(|_| {
        errors::serialization("a member has the wrong type: expected strings and maps of strings")
    })
}

/// The request of `InitiateAuth`, and of its form for administrators.
pub(in crate::pool) fn initiate_auth(members: &Map<String, Value>) -> Answer<InitiateAuth> {
    let request: InitiateAuth = typed(members)?;
    let needed: &[&str] = match request.auth_flow {
        AuthFlow::UserSrpAuth => &["USERNAME", "SRP_A"],
        AuthFlow::UserPasswordAuth => &["USERNAME", "PASSWORD"],
        AuthFlow::CustomAuth | AuthFlow::UserAuth => &["USERNAME"],
        AuthFlow::RefreshTokenAuth | AuthFlow::RefreshToken => &["REFRESH_TOKEN"],
        // Looked at once it is known that an administrator asks.
        AuthFlow::AdminUserPasswordAuth | AuthFlow::AdminNoSrpAuth | AuthFlow::Other(_) => &[],
    };
    for parameter in needed {
        present(&request.auth_parameters, parameter)?;
    }
    Ok(request)
}

/// The request of `RespondToAuthChallenge`, and of its form for administrators.
pub(in crate::pool) fn respond_to_auth_challenge(
    members: &Map<String, Value>,
) -> Answer<RespondToAuthChallenge> {
    let request: RespondToAuthChallenge = typed(members)?;
    present(&request.challenge_responses, "USERNAME")?;
    Ok(request)
}

/// A value that a flow or challenge needs, not empty.
pub(in crate::pool) fn present<'a>(
    parameters: &'a crate::wire::Parameters,
    name: &str,
) -> Answer<&'a str> {
    match parameters.get(name) {
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(errors::missing(name)),
    }
}

/// `[\w+]+`, with the ASCII meaning of `\w`.
pub(in crate::pool) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'_' || octet == b'+')
}

fn structure(
    shape: &Shape,
    members: &Map<String, Value>,
    at: Path<'_>,
    breaches: &mut Vec<String>,
) -> Answer<()> {
    for (name, shape_name) in shape.members.iter().flatten() {
        let at = at.to(Step::Member(name));
        match members.get(name) {
            None | Some(Value::Null) => {
                if shape.required.contains(name) {
                    breaches.push(breach(Some("null"), at, "Member must not be null"));
                }
            }
            Some(value) => value_of(shape_name, value, at, breaches)?,
        }
        if breaches.len() >= MOST_BREACHES {
            break;
        }
    }
    Ok(())
}

fn value_of(
    shape_name: &str,
    value: &Value,
    at: Path<'_>,
    breaches: &mut Vec<String>,
) -> Answer<()> {
    let Some(shape) = ServiceModel::get().shapes.get(shape_name) else {
        return Ok(());
    };
    match (shape.r#type.as_str(), value) {
        ("structure", Value::Object(members)) => structure(shape, members, at, breaches),
        ("map", Value::Object(entries)) => {
            let at = if shape.sensitive { at.hidden() } else { at };
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                if let Some(of) = &shape.values {
                    value_of(of, value, at.to(Step::Key(key)), breaches)?;
                }
                if breaches.len() >= MOST_BREACHES {
                    break;
                }
            }
            Ok(())
        }
        ("list", Value::Array(items)) => {
            bounds(shape, items.len(), "length", None, at, breaches);
            for (number, item) in items.iter().enumerate().take(MOST_ITEMS) {
                if let Some(of) = &shape.items {
                    value_of(of, item, at.to(Step::Item(number + 1)), breaches)?;
                }
            }
            Ok(())
        }
        ("string", Value::String(text)) => {
            string(shape_name, shape, text, at, breaches);
            Ok(())
        }
        ("integer", Value::Number(number)) if number.is_i64() || number.is_u64() => {
            let count = number
                .as_u64()
                .map_or(0, |n| usize::try_from(n).unwrap_or(usize::MAX));
            let shown = number.to_string();
            bounds(shape, count, "value", Some(&shown), at, breaches);
            Ok(())
        }
        ("boolean", Value::Bool(_)) | ("timestamp", Value::Number(_)) => Ok(()),
        (expected, _) => Err(errors::serialization(format!(
            "expected {} {expected} as {at}",
            if expected == "integer" { "an" } else { "a" }
        ))),
    }
}

fn string(shape_name: &str, shape: &Shape, text: &str, at: Path<'_>, breaches: &mut Vec<String>) {
    let shown = (!shape.sensitive).then_some(text);
    if let Some(values) = &shape.r#enum
        && !values.iter().any(|value| value == text)
    {
        let rule = format!(
            "Member must satisfy enum value set: [{}]",
            values.join(", ")
        );
        breaches.push(breach(shown, at, &rule));
    }
    if shape.min.is_some() || shape.max.is_some() {
        let count = text.chars().count();
        bounds(shape, count, "length", shown, at, breaches);
    }
    if let Some(pattern) = &shape.pattern
        && !matches(shape_name, text)
    {
        let rule = format!("Member must satisfy regular expression pattern: {pattern}");
        breaches.push(breach(shown, at, &rule));
    }
}

fn bounds(
    shape: &Shape,
    count: usize,
    what: &str,
    shown: Option<&str>,
    at: Path<'_>,
    breaches: &mut Vec<String>,
) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let rule = match (shape.min, shape.max) {
        (Some(least), _) if count < least => {
            format!("Member must have {what} greater than or equal to {least}")
        }
        (_, Some(most)) if count > most => {
            format!("Member must have {what} less than or equal to {most}")
        }
        _ => return,
    };
    breaches.push(breach(shown, at, &rule));
}

/// Whether the whole text matches the pattern of a shape. Patterns are compiled when they are first needed.
fn matches(shape_name: &str, text: &str) -> bool {
    let Some((pattern, compiled)) = PATTERNS.get(shape_name) else {
        return true;
    };
    compiled
        .get_or_init(|| Regex::new(&whole(pattern)).ok())
        .as_ref()
        .is_none_or(|pattern| pattern.is_match(text))
}

/// The model's patterns are Java's, where `\w` and `\d` mean ASCII.
fn whole(pattern: &str) -> String {
    let ascii = pattern.replace(r"\w", "0-9A-Za-z_").replace(r"\d", "0-9");
    format!(r"\A(?:{ascii})\z")
}

/// `Value 'x' at 'member' failed to satisfy constraint: …`; what is sensitive is left out, and what is long is cut short.
fn breach(value: Option<&str>, at: Path<'_>, rule: &str) -> String {
    let value = match value {
        Some("null") => "Value null".to_owned(),
        Some(value) if !at.hides => format!("Value '{}'", errors::shortened(value)),
        _ => "Value".to_owned(),
    };
    format!("{value} at '{at}' failed to satisfy constraint: {rule}")
}

/// Where a value stands in a body. It becomes a text only where something is wrong there.
#[derive(Clone, Copy)]
struct Path<'a> {
    /// What it stands in, and where in that.
    last: Option<(&'a Self, Step<'a>)>,
    /// Whether everything in it is secret: neither its values nor its keys are repeated.
    hides: bool,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    /// A member of a structure.
    Member(&'a str),
    /// A key of a map.
    Key(&'a str),
    /// An element of a list, counted from 1.
    Item(usize),
}

impl<'a> Path<'a> {
    const BODY: Self = Self {
        last: None,
        hides: false,
    };

    /// What stands in this; in what hides it, the same place.
    fn to(&'a self, step: Step<'a>) -> Self {
        if self.hides {
            return *self;
        }
        Self {
            last: Some((self, step)),
            hides: false,
        }
    }

    /// The same, as something that hides what stands in it.
    fn hidden(self) -> Self {
        Self {
            hides: true,
            ..self
        }
    }
}

/// The names of members with a small first letter, as AWS services write them.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((before, step)) = &self.last else {
            return Ok(());
        };
        if before.last.is_some() {
            write!(f, "{before}.")?;
        }
        match step {
            Step::Member(name) => {
                let mut letters = name.chars();
                if let Some(first) = letters.next() {
                    f.write_char(first.to_ascii_lowercase())?;
                }
                f.write_str(letters.as_str())
            }
            Step::Key(key) => f.write_str(&errors::shortened(key)),
            Step::Item(number) => write!(f, "{number}.member"),
        }
    }
}

type Patterns = BTreeMap<&'static str, (&'static str, OnceLock<Option<Regex>>)>;

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let shapes = ServiceModel::get().shapes.iter();
    shapes
        .filter_map(|(name, shape)| {
            let pattern = shape.pattern.as_deref()?;
            Some((name.as_str(), (pattern, OnceLock::new())))
        })
        .collect()
});

/// The service reports a handful at once.
const MOST_BREACHES: usize = 10;
/// More than any list of the model may have.
const MOST_ITEMS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_model_compiles() {
        for (name, (pattern, _)) in PATTERNS.iter() {
            let compiled = Regex::new(&whole(pattern));
            assert!(compiled.is_ok(), "{name}: {pattern}: {compiled:?}");
        }
    }

    #[test]
    fn patterns_match_the_whole_text_with_ascii_word_characters() {
        assert!(matches("ClientIdType", "a+b_1"), "a client id");
        assert!(!matches("ClientIdType", "a-b"), "a hyphen");
        assert!(!matches("ClientIdType", "é"), "a letter outside ASCII");
        assert!(!matches("ClientIdType", "a\n"), "a line feed at the end");
        assert!(matches("UsernameType", "grüße@例え"), "a user name");
        assert!(!matches("UsernameType", "a b"), "a space");
        assert!(matches("DeviceKeyType", "us-east-1_6f7a-0"), "a device key");
    }
}
