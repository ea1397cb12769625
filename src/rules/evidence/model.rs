//! The service model's bounds, and what of a message is outside them.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Value, json};

use crate::wire::Operation;
use crate::wire::service_model::{Declared, ServiceModel, Shape};

/// One thing about a message that the service model doesn't allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// JSON pointer into the body.
    pub pointer: String,
    /// What the model says, e.g. `maxLength 128`.
    pub rule: String,
    /// What is there instead; of a sensitive member only its type and length.
    pub got: String,
}

/// What of a request's body is outside the model. A member that is `null` counts as absent: the service takes those
/// (recording `2023-08-signup-srp-getuser`).
///
/// Empty for an operation that the model file doesn't have; [`knows`] tells.
pub fn check_request(operation: &Operation, body: &Value) -> Vec<Breach> {
    compiled(operation.as_str()).map_or_else(Vec::new, |compiled| check(&compiled.request, body))
}

/// What of a response is outside the model: members of a success, the declared exceptions for a failure.
///
/// Empty for an operation that the model file doesn't have; [`knows`] tells.
pub fn check_response(operation: &Operation, status: u16, body: &Value) -> Vec<Breach> {
    let (Some(declared), Some(compiled)) = (
        ServiceModel::get().operations.get(operation.as_str()),
        compiled(operation.as_str()),
    ) else {
        return Vec::new();
    };
    if (200..300).contains(&status) {
        return check(&compiled.response, body);
    }
    let kind = body.get("__type").and_then(Value::as_str);
    let mut breaches = Vec::new();
    if !kind.is_some_and(|kind| declared.errors.iter().any(|error| error == kind)) {
        breaches.push(Breach {
            pointer: "/__type".to_owned(),
            rule: format!("an exception that {operation} declares"),
            got: kind.map_or_else(|| describe(body.get("__type"), false), ToOwned::to_owned),
        });
    }
    if !body.get("message").is_some_and(Value::is_string) {
        breaches.push(Breach {
            pointer: "/message".to_owned(),
            rule: "a string".to_owned(),
            got: describe(body.get("message"), false),
        });
    }
    breaches
}

/// Whether the model file has the operation.
pub fn knows(operation: &Operation) -> bool {
    ServiceModel::get()
        .operations
        .contains_key(operation.as_str())
}

/// The exceptions that an operation declares, by their names; empty for one that the model file doesn't have.
pub fn declared_errors(operation: &Operation) -> &'static [String] {
    ServiceModel::get()
        .operations
        .get(operation.as_str())
        .map_or(&[], |operation| &operation.errors)
}

/// The least and the most that the model allows of a shape: of a string its characters, of an integer its value, of a list
/// its length. `None` where it sets no such bound, or has no such shape.
pub fn bounds(shape: &str) -> (Option<u64>, Option<u64>) {
    let shape = ServiceModel::get().shapes.get(shape);
    shape.map_or((None, None), |shape| (shape.min, shape.max))
}

/// Whether a text is as long as the model allows of a shape.
pub fn fits(shape: &str, text: &str) -> bool {
    let (least, most) = bounds(shape);
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    least.is_none_or(|least| length >= least) && most.is_none_or(|most| length <= most)
}

/// The members of an operation's request; none for an operation that the model file doesn't have.
pub fn request_members(operation: &Operation) -> impl Iterator<Item = &'static str> {
    let declared = ServiceModel::get().operations.get(operation.as_str());
    let members = declared.and_then(|declared| declared.input.members.as_ref());
    members
        .into_iter()
        .flat_map(|members| members.keys().map(String::as_str))
}

/// The operations of the model file, by their names.
pub fn operations() -> impl Iterator<Item = &'static str> {
    ServiceModel::get().operations.keys().map(String::as_str)
}

/// How what a member that is missing breaks begins.
pub const REQUIRED: &str = "the required member";

fn check(shape: &Compiled, body: &Value) -> Vec<Breach> {
    let body = without_nulls(body);
    let mut breaches: Vec<Breach> = shape
        .validator
        .iter_errors(&body)
        .map(|error| {
            let pointer = error.instance_path().to_string();
            let sensitive = shape
                .sensitive
                .iter()
                .any(|prefix| pointer == *prefix || pointer.starts_with(&format!("{prefix}/")));
            let path = error.schema_path().to_string();
            let keyword = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("");
            let bound = shape
                .schema
                .pointer(&path)
                .filter(|bound| bound.is_number() || bound.is_string())
                .map_or_else(String::new, |bound| format!(" {bound}"));
            let rule = match (error.kind(), keyword) {
                (ValidationErrorKind::Required { property }, _) => {
                    format!("{REQUIRED} {}", property.as_str().unwrap_or_default())
                }
                (_, "additionalProperties") => "no other members".to_owned(),
                (_, "enum") => "a name of the enumeration".to_owned(),
                _ => format!("{keyword}{bound}"),
            };
            Breach {
                got: describe(body.pointer(&pointer), sensitive),
                pointer,
                rule,
            }
        })
        .collect();
    breaches.sort();
    breaches
}

/// Members of the body and of the maps right below it that aren't `null`.
fn without_nulls(body: &Value) -> Value {
    let filter = |members: &serde_json::Map<String, Value>| {
        members
            .iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name.clone(), member.clone()))
            .collect::<serde_json::Map<_, _>>()
    };
    let Value::Object(members) = body else {
        return body.clone();
    };
    let mut members = filter(members);
    for member in members.values_mut() {
        if let Value::Object(inner) = member {
            *inner = filter(inner);
        }
    }
    Value::Object(members)
}

/// A value in a few words.
fn describe(value: Option<&Value>, sensitive: bool) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) if !sensitive && text.chars().count() <= 64 => {
            format!("{text:?}")
        }
        Some(Value::String(text)) => format!("a string of {} characters", text.chars().count()),
        Some(Value::Object(members)) => {
            let names: Vec<&str> = members.keys().map(String::as_str).take(16).collect();
            format!("an object of {}", names.join(", "))
        }
        Some(Value::Array(items)) => format!("an array of {}", items.len()),
        Some(_) if sensitive => "a value of another type".to_owned(),
        Some(other) => other.to_string(),
    }
}

struct Compiled {
    schema: Value,
    validator: Validator,
    /// Pointers of sensitive members.
    sensitive: Vec<String>,
}

struct Messages {
    request: Compiled,
    response: Compiled,
}

fn compile(shape: &Shape, model: &ServiceModel) -> Compiled {
    let schema = schema(shape, model);
    let sensitive = shape
        .members
        .iter()
        .flatten()
        .filter(|(_, name)| is_sensitive(name, model))
        .map(|(member, _)| format!("/{member}"))
        .collect();
    Compiled {
        validator: jsonschema::draft202012::new(&schema)
            .expect("the embedded model makes a valid schema, which a test compiles"),
        schema,
        sensitive,
    }
}

/// A structure with a sensitive member is sensitive as a whole: what is printed of it stays within types and lengths.
fn is_sensitive(name: &str, model: &ServiceModel) -> bool {
    model.shapes.get(name).is_some_and(|shape| {
        shape.sensitive
            || shape
                .members
                .iter()
                .flatten()
                .any(|(_, member)| is_sensitive(member, model))
    })
}

fn schema(shape: &Shape, model: &ServiceModel) -> Value {
    let of = |name: &String| {
        model
            .shapes
            .get(name)
            .map_or_else(|| json!(true), |shape| schema(shape, model))
    };
    let mut schema = match shape.r#type.as_str() {
        "structure" => json!({ "type": "object" }),
        "map" => json!({ "type": "object" }),
        "list" => json!({ "type": "array" }),
        // Seconds since 1970, with a fraction.
        "timestamp" => json!({ "type": "number" }),
        other => json!({ "type": other }),
    };
    let (least, most) = match shape.r#type.as_str() {
        "list" => ("minItems", "maxItems"),
        "integer" => ("minimum", "maximum"),
        _ => ("minLength", "maxLength"),
    };
    if let Some(min) = shape.min {
        schema[least] = json!(min);
    }
    if let Some(max) = shape.max {
        schema[most] = json!(max);
    }
    if let Some(pattern) = &shape.pattern {
        schema["pattern"] = json!(format!("^(?:{pattern})$"));
    }
    if let Some(names) = &shape.r#enum {
        schema["enum"] = json!(names);
    }
    if let Some(members) = &shape.members {
        let members: BTreeMap<&String, Value> = members
            .iter()
            .map(|(name, shape)| (name, of(shape)))
            .collect();
        schema["properties"] = json!(members);
        schema["required"] = json!(shape.required);
        schema["additionalProperties"] = json!(false);
    }
    if let Some(values) = &shape.values {
        schema["additionalProperties"] = of(values);
    }
    if let Some(items) = &shape.items {
        schema["items"] = of(items);
    }
    schema
}

/// Both messages of an operation, compiled when they are first asked for: most runs see a handful of operations.
fn compiled(operation: &str) -> Option<&'static Messages> {
    let (declared, messages) = COMPILED.get(operation)?;
    Some(messages.get_or_init(|| {
        let model = ServiceModel::get();
        Messages {
            request: compile(&declared.input, model),
            response: compile(&declared.output, model),
        }
    }))
}

type ByOperation = BTreeMap<&'static str, (&'static Declared, OnceLock<Messages>)>;

static COMPILED: LazyLock<ByOperation> = LazyLock::new(|| {
    ServiceModel::get()
        .operations
        .iter()
        .map(|(name, declared)| (name.as_str(), (declared, OnceLock::new())))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Value) -> Vec<(String, String)> {
        check_request(&Operation::InitiateAuth, &body)
            .into_iter()
            .map(|breach| (breach.pointer, breach.rule))
            .collect()
    }

    fn one(pointer: &str, rule: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), rule.to_owned())]
    }

    #[test]
    fn every_pattern_of_the_model_is_understood() {
        for operation in operations() {
            assert!(compiled(operation).is_some(), "{operation}");
        }
        for operation in Operation::ALL {
            assert!(knows(operation), "{operation}");
        }
    }

    #[test]
    fn bounds_and_members_are_those_of_the_file() {
        assert_eq!(bounds("SessionType"), (Some(20), Some(4096)));
        assert_eq!(bounds("SecretCodeType"), (Some(16), None));
        assert_eq!(bounds("NoSuchType"), (None, None));
        for (length, fit) in [(19, false), (20, true), (4096, true), (4097, false)] {
            assert_eq!(fits("SessionType", &"ä".repeat(length)), fit, "{length}");
        }
        let members: Vec<&str> = request_members(&Operation::GetTokensFromRefreshToken).collect();
        assert_eq!(
            members,
            [
                "ClientId",
                "ClientMetadata",
                "ClientSecret",
                "DeviceKey",
                "RefreshToken"
            ]
        );
    }

    #[test]
    fn a_right_request_breaks_nothing() {
        let body = json!({
            "AuthFlow": "USER_SRP_AUTH",
            "ClientId": "2v9jjjin7sspgics9r9od61rve",
            "AuthParameters": { "USERNAME": "ä", "SRP_A": "a3", "SECRET_HASH": null },
            "ClientMetadata": {},
            "UserContextData": null,
        });
        assert_eq!(request(body), []);
    }

    #[test]
    fn each_kind_of_bound_is_checked() {
        let with = |name: &str, value: Value| {
            let mut body = json!({ "AuthFlow": "CUSTOM_AUTH", "ClientId": "c" });
            body[name] = value;
            request(body)
        };
        assert_eq!(
            with("ClientId", json!("")),
            [
                one("/ClientId", "minLength 1"),
                one("/ClientId", r#"pattern "^(?:[\\w+]+)$""#)
            ]
            .concat()
        );
        assert_eq!(
            with("ClientId", json!("x".repeat(129))),
            one("/ClientId", "maxLength 128")
        );
        assert_eq!(
            with("ClientId", json!("a b")),
            one("/ClientId", r#"pattern "^(?:[\\w+]+)$""#)
        );
        assert_eq!(
            with("AuthFlow", json!("SRP")),
            one("/AuthFlow", "a name of the enumeration")
        );
        assert_eq!(
            with("AuthParameters", json!({ "USERNAME": 1 })),
            one("/AuthParameters/USERNAME", r#"type "string""#)
        );
        assert_eq!(
            with("AuthParameters", json!([])),
            one("/AuthParameters", r#"type "object""#)
        );
        assert_eq!(with("Extra", json!("x")), one("", "no other members"));
        assert_eq!(
            with("ClientId", json!(null)),
            one("", "the required member ClientId")
        );
        assert_eq!(request(json!("x")), one("", r#"type "object""#));
    }

    #[test]
    fn a_sensitive_value_is_never_quoted() {
        let long = "p".repeat(131_073);
        let body = json!({ "AuthFlow": "CUSTOM_AUTH", "ClientId": "se cret", "AuthParameters": { "PASSWORD": long } });
        let breaches = check_request(&Operation::InitiateAuth, &body);
        let got: Vec<&str> = breaches.iter().map(|breach| breach.got.as_str()).collect();
        assert_eq!(
            got,
            ["a string of 131073 characters", "a string of 7 characters"]
        );
    }

    #[test]
    fn an_exception_that_the_operation_does_not_declare_is_a_breach() {
        let body = |kind: &str| json!({ "__type": kind, "message": "m" });
        let check = |kind: &str| check_response(&Operation::InitiateAuth, 400, &body(kind));
        assert_eq!(check("NotAuthorizedException"), []);
        let breaches = check("UsernameExistsException");
        assert_eq!(breaches.len(), 1, "{breaches:?}");
        assert_eq!(breaches[0].got, "UsernameExistsException");
        assert_eq!(
            check_response(&Operation::InitiateAuth, 400, &json!(null)).len(),
            2,
            "no body"
        );
    }
}
