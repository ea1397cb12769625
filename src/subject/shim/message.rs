//! What a line says (JSON-RPC 2.0, sections 4 and 5).

use serde::Serialize;
use serde_json::{Value, json};

use super::MAX_LINE;
use super::schema::{self, Breach};
use crate::excerpt::on_one_line;
use crate::wire::PortError;

/// What a shim answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A result, which keeps to the schema.
    Result(Value),
    /// The port does not offer the method.
    Unsupported(String),
    /// An error came out of the port.
    Error(PortError),
}

/// A request as a line, with its line feed. `call` serializes to `method` and `params`.
pub(super) fn request(
    id: u64,
    method: &'static str,
    call: &impl Serialize,
) -> Result<String, Breach> {
    let whole = |problem: String| Breach {
        path: String::new(),
        problem,
    };
    let mut message = serde_json::to_value(call).map_err(|error| whole(error.to_string()))?;
    message["jsonrpc"] = json!("2.0");
    message["id"] = json!(id);
    schema::check(&schema::definition(method, "request"), &message)?;
    // serde_json escapes every control character, so the line feed at the end is the only one.
    let mut line = message.to_string();
    if line.len() > MAX_LINE {
        return Err(whole(format!(
            "the line has {} octets, {MAX_LINE} are allowed",
            line.len()
        )));
    }
    line.push('\n');
    Ok(line)
}

/// Reads the answer to request `id`. The error says what is wrong, with the line cut short.
pub(super) fn answer(line: &[u8], id: u64, method: &str) -> Result<Answer, String> {
    let shown = || on_one_line(&String::from_utf8_lossy(line));
    let text = std::str::from_utf8(line).map_err(|error| {
        format!(
            "a line on stdout is not UTF-8 from octet {} on: {}",
            error.valid_up_to(),
            shown()
        )
    })?;
    let message: Value = serde_json::from_str(text).map_err(|error| {
        format!(
            "a line on stdout is not JSON ({error}); stdout carries protocol only: {}",
            shown()
        )
    })?;
    if let Some(got) = message.get("id").and_then(Value::as_u64)
        && got != id
    {
        let why = if got < id {
            "was answered before or belongs to a former process"
        } else {
            "was never sent"
        };
        return Err(format!(
            "an answer to request {id} was expected, got one to {got}, which {why}: {}",
            shown()
        ));
    }
    let definition = if message.get("error").is_some() {
        "error.response".to_owned()
    } else {
        schema::definition(method, "response")
    };
    schema::check(&definition, &message)
        .map_err(|breach| format!("the answer to `{method}` breaks the schema {breach}"))?;
    if message["id"].as_u64() != Some(id) {
        return Err(format!(
            "an answer to request {id} was expected, got one without its id: {}",
            shown()
        ));
    }
    match message.get("error") {
        None => Ok(Answer::Result(message["result"].clone())),
        Some(error) => read_error(error),
    }
}

fn read_error(error: &Value) -> Result<Answer, String> {
    let message = error["message"].as_str().unwrap_or_default();
    match error["code"].as_i64() {
        Some(METHOD_NOT_FOUND) => Ok(Answer::Unsupported(on_one_line(message))),
        Some(PORT_ERROR) => {
            let text = |name: &str| error["data"][name].as_str().unwrap_or_default().to_owned();
            Ok(Answer::Error(PortError {
                name: text("name"),
                message: text("message"),
            }))
        }
        _ => Err(format!(
            "the shim answered with error code {}, which says that it failed itself: {}",
            error["code"],
            on_one_line(message)
        )),
    }
}

/// The method does not exist (JSON-RPC 2.0, section 5.1): the port does not offer it.
const METHOD_NOT_FOUND: i64 = -32601;

/// An error came out of the port.
const PORT_ERROR: i64 = 1001;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_answer_that_comes_again_is_named_as_such() {
        let error = answer(br#"{"jsonrpc":"2.0","id":3,"result":{}}"#, 4, "reset").unwrap_err();
        assert!(
            error.contains("got one to 3, which was answered before"),
            "{error}"
        );
    }

    #[test]
    fn an_error_without_an_id_is_no_answer() {
        let line = br#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}"#;
        let error = answer(line, 1, "reset").unwrap_err();
        assert!(error.contains("without its id"), "{error}");
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let line = "[".repeat(100_000);
        assert!(
            answer(line.as_bytes(), 1, "reset")
                .unwrap_err()
                .contains("not JSON")
        );
    }
}
