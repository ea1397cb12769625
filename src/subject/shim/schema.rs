//! Whether a message keeps to the protocol.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::excerpt::on_one_line;

/// The protocol's JSON Schema, version 1.
pub const PROTOCOL_SCHEMA: &str = include_str!("../../../fixtures/shim-protocol/v1.schema.json");

/// Where and how a message broke the protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at `{path}`: {problem}")]
pub struct Breach {
    /// JSON pointer into the message; empty for the message itself.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
}

/// Checks one line's object, in either direction, without knowing which request it belongs to.
///
/// # Errors
///
/// The first breach. Where several kinds of message could have been meant, it is no more precise than that.
pub fn check_message(message: &Value) -> Result<(), Breach> {
    first_breach(&SCHEMAS.any, message)
}

/// Checks a message against one entry of the schema's `$defs`, e.g. `signIn.response`.
pub(super) fn check(definition: &str, message: &Value) -> Result<(), Breach> {
    match SCHEMAS.by_definition.get(definition) {
        Some(validator) => first_breach(validator, message),
        None => Err(Breach {
            path: String::new(),
            problem: format!("the schema has no entry {definition}"),
        }),
    }
}

/// The name in `$defs` of a method's request or response.
pub(super) fn definition(method: &str, side: &str) -> String {
    format!("{}.{side}", method.replace('/', "."))
}

fn first_breach(validator: &Validator, message: &Value) -> Result<(), Breach> {
    let Some(error) = validator.iter_errors(message).next() else {
        return Ok(());
    };
    Err(Breach {
        path: error.instance_path().to_string(),
        problem: on_one_line(&error.to_string()),
    })
}

struct Schemas {
    any: Validator,
    by_definition: HashMap<String, Validator>,
}

impl Schemas {
    fn compile() -> Self {
        const EMBEDDED: &str = "the embedded schema compiles; a test holds it to that";
        let whole: Value = serde_json::from_str(PROTOCOL_SCHEMA).expect(EMBEDDED);
        let definitions = whole["$defs"].as_object().expect(EMBEDDED);
        let by_definition = definitions
            .keys()
            .filter(|name| name.ends_with(".request") || name.ends_with(".response"))
            .map(|name| {
                let entry = json!({
                    "$schema": whole["$schema"],
                    "$ref": format!("#/$defs/{name}"),
                    "$defs": definitions,
                });
                (
                    name.clone(),
                    jsonschema::validator_for(&entry).expect(EMBEDDED),
                )
            })
            .collect();
        Self {
            any: jsonschema::validator_for(&whole).expect(EMBEDDED),
            by_definition,
        }
    }
}

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(Schemas::compile);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::capabilities::{CALLS, Capabilities};
    use crate::subject::primitive::PrimitiveCall;
    use crate::wire::NextStep;

    #[test]
    fn every_method_has_a_request_and_a_response_in_the_schema() {
        let methods = [
            "initialize",
            "signIn",
            "confirmSignIn",
            "resetPassword",
            "confirmResetPassword",
            "reset",
        ];
        let methods = methods.into_iter().chain(CALLS);
        for method in methods.chain(PrimitiveCall::METHODS) {
            for side in ["request", "response"] {
                let name = definition(method, side);
                assert!(
                    SCHEMAS.by_definition.contains_key(&name),
                    "{name} is missing"
                );
            }
        }
    }

    #[test]
    fn everything_we_can_offer_is_in_the_schema() {
        let message = json!({"jsonrpc": "2.0", "id": 1, "result": {
            "protocol": 1, "name": "n", "version": "1", "language": "l",
            "capabilities": Capabilities::everything(),
        }});
        assert_eq!(check("initialize.response", &message), Ok(()));
        assert_eq!(check_message(&message), Ok(()));
    }

    #[test]
    fn the_schema_and_the_types_know_the_same_next_steps() {
        let whole: Value = serde_json::from_str(PROTOCOL_SCHEMA).unwrap();
        let names = whole["$defs"]["signInStep"]["enum"].as_array().unwrap();
        for name in names {
            let name = name.as_str().unwrap();
            assert!(NextStep::NAMES.contains(&name), "{name} in the types");
        }
        assert_eq!(names.len(), NextStep::NAMES.len(), "none is missing");
    }

    #[test]
    fn a_step_needs_what_the_types_can_t_do_without() {
        let step = |step: Value| json!({"jsonrpc": "2.0", "id": 1, "result": {"nextStep": step}});
        for (right, wrong) in [
            (
                json!({"signInStep": "CONTINUE_SIGN_IN_WITH_TOTP_SETUP", "sharedSecret": "GEZDGNBV"}),
                json!({"signInStep": "CONTINUE_SIGN_IN_WITH_TOTP_SETUP"}),
            ),
            (
                json!({"signInStep": "CONFIRM_SIGN_IN_WITH_SMS_CODE",
                    "codeDeliveryDetails": {"DeliveryMedium": "SMS", "Destination": "+*******4444"}}),
                json!({"signInStep": "CONFIRM_SIGN_IN_WITH_SMS_CODE", "codeDeliveryDetails": {"Destination": "+1"}}),
            ),
            (
                json!({"signInStep": "CONFIRM_RESET_PASSWORD_WITH_CODE",
                    "codeDeliveryDetails": {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "a***"}}),
                json!({"signInStep": "CONFIRM_RESET_PASSWORD_WITH_CODE",
                    "codeDeliveryDetails": {"DeliveryMedium": "EMAIL", "Destination": "a***"}}),
            ),
        ] {
            assert_eq!(
                check("confirmSignIn.response", &step(right.clone())),
                Ok(()),
                "{right}"
            );
            assert!(
                serde_json::from_value::<NextStep>(right.clone()).is_ok(),
                "read: {right}"
            );
            assert!(
                check("confirmSignIn.response", &step(wrong.clone())).is_err(),
                "{wrong}"
            );
            assert!(
                serde_json::from_value::<NextStep>(wrong.clone()).is_err(),
                "not read: {wrong}"
            );
        }
    }

    #[test]
    fn a_breach_names_the_path() {
        let message =
            json!({"jsonrpc": "2.0", "id": 1, "result": {"nextStep": {"signInStep": "ALMOST"}}});
        let breach = check("signIn.response", &message).unwrap_err();
        assert_eq!(breach.path, "/result/nextStep/signInStep");
        assert!(breach.problem.contains("ALMOST"), "{breach}");
    }

    #[test]
    fn a_port_error_needs_its_name_and_message() {
        let error = |data: Value| json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 1001, "message": "m", "data": data}});
        assert_eq!(
            check(
                "error.response",
                &error(json!({"name": "n", "message": "m"}))
            ),
            Ok(())
        );
        let breach = check("error.response", &error(json!({"name": "n"}))).unwrap_err();
        assert_eq!(breach.path, "/error/data");
    }

    #[test]
    fn a_response_can_not_carry_a_result_and_an_error() {
        let message = json!({"jsonrpc": "2.0", "id": 1, "result": {}, "error": {"code": -32601, "message": "m"}});
        assert!(check("error.response", &message).is_err());
        assert!(check("reset.response", &message).is_err());
    }
}
