//! A configuration file as a JSON document that knows the path of each field.

use serde_json::Value;

use super::error::ConfigError;

/// A place in a document.
pub(super) struct Section<'a> {
    path: String,
    value: Option<&'a Value>,
}

/// Parses the text of a file.
pub(super) fn parse(text: &str) -> Result<Value, ConfigError> {
    if text.len() > MAX_OCTETS {
        return Err(ConfigError::TooLarge {
            got: text.len(),
            max: MAX_OCTETS,
        });
    }
    if text.starts_with('\u{feff}') {
        return Err(ConfigError::ByteOrderMark);
    }
    serde_json::from_str(text).map_err(|error| ConfigError::NotJson {
        line: error.line(),
        column: error.column(),
    })
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(super) fn root(document: &'a Value) -> Self {
        Self {
            path: String::new(),
            value: Some(document),
        }
    }

    /// Whether there is a member of that name here.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value.is_some_and(|value| value.get(name).is_some())
    }

    /// The member of that name; what it lacks is reported when it is read.
    pub(super) fn member(&self, name: &str) -> Self {
        let path = if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        };
        Self {
            path,
            value: self.value.and_then(|value| value.get(name)),
        }
    }

    /// A string that has to be there and may not be empty.
    pub(super) fn required_text(&self) -> Result<String, ConfigError> {
        match self.value {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(self.unlike("a string that is not empty")),
        }
    }

    /// A string that may be absent or `null`.
    pub(super) fn optional_text(&self) -> Result<Option<String>, ConfigError> {
        match self.value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.unlike("a string")),
        }
    }

    /// Whether JSON `true` stands here. Like amplify-swift, nothing else counts, the string `"true"` included.
    pub(super) fn is_true(&self) -> bool {
        self.value == Some(&Value::Bool(true))
    }

    /// The error that says that this place holds `found` where `expected` should stand.
    pub(super) fn wrong(&self, expected: &str, found: impl Into<String>) -> ConfigError {
        ConfigError::Field {
            path: self.path.clone(),
            expected: expected.to_owned(),
            found: found.into(),
        }
    }

    fn unlike(&self, expected: &str) -> ConfigError {
        let found = match self.value {
            None => "nothing",
            Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "a boolean",
            Some(Value::Number(_)) => "a number",
            Some(Value::String(text)) if text.is_empty() => "an empty string",
            Some(Value::String(_)) => "a string",
            Some(Value::Array(_)) => "an array",
            Some(Value::Object(_)) => "an object",
        };
        self.wrong(expected, found)
    }
}

const MAX_OCTETS: usize = 1 << 20;
