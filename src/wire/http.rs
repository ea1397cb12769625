//! HTTP messages as they were on the wire.

use std::fmt;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::names::Operation;

/// The content type of AWS JSON 1.1.
pub const AMZ_JSON: &str = "application/x-amz-json-1.1";

/// A request: header names in the case and the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// The request target, as sent.
    pub path: String,
    /// Name and value of each header line.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Octets,
}

impl HttpRequest {
    /// A request for an operation, with the two headers that it needs.
    pub fn calling(operation: &str, body: &serde_json::Value) -> Self {
        let target = Operation::from(operation).target();
        Self {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: vec![
                ("Content-Type".to_owned(), AMZ_JSON.to_owned()),
                ("X-Amz-Target".to_owned(), target),
            ],
            body: body.to_string().into(),
        }
    }

    /// The value of the first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The service's operation that it asks for.
    pub fn operation(&self) -> Option<Operation> {
        Operation::from_target(self.header("x-amz-target")?)
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Name and value of each header line.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Octets,
}

impl HttpResponse {
    /// A response of these parts.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: impl Into<Octets>) -> Self {
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// The value of the first header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.as_str())
}

/// Octets of a body. In JSON they are a string when they are UTF-8, else an object `{"base64": …}`.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Octets(Vec<u8>);

impl Octets {
    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets as text, with what is not UTF-8 replaced.
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<Vec<u8>> for Octets {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&str> for Octets {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Octets {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Base64 { base64: String },
}

impl From<Octets> for Written {
    fn from(octets: Octets) -> Self {
        match String::from_utf8(octets.0) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Base64 {
                base64: BASE64.encode(error.as_bytes()),
            },
        }
    }
}

impl From<Written> for Octets {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => Self(text.into_bytes()),
            // A file somebody edited by hand: text that is not base64 is kept as it stands, so that rules can see it.
            Written::Base64 { base64 } => Self(
                BASE64
                    .decode(base64.as_bytes())
                    .unwrap_or_else(|_| base64.into_bytes()),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_that_are_not_text_survive_json() {
        let octets = Octets::from(vec![0xff, 0x00, 0x80]);
        let json = serde_json::to_string(&octets).expect("octets are writable");
        assert_eq!(json, r#"{"base64":"/wCA"}"#);
        assert_eq!(
            serde_json::from_str::<Octets>(&json).expect("what was written is readable"),
            octets
        );
    }
}
