//! Where two messages differ.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use crate::record::{Covers, Incomparable, Side};
use crate::wire::{HttpRequest, HttpResponse};

use super::exchange::json as body_of;
use super::report::{Difference, Reenactment};

/// Keeps count of comparisons, and of which entries of the recording's list were needed.
pub(super) struct Ledger<'a> {
    listed: &'a [Incomparable],
    used: BTreeSet<usize>,
    compared: usize,
    differences: Vec<Difference>,
}

impl<'a> Ledger<'a> {
    pub fn new(listed: &'a [Incomparable]) -> Self {
        Self {
            listed,
            used: BTreeSet::new(),
            compared: 0,
            differences: Vec::new(),
        }
    }

    pub fn close(self) -> Reenactment {
        let (mut incomparable, mut needless) = (Vec::new(), Vec::new());
        for (index, entry) in self.listed.iter().enumerate() {
            if self.used.contains(&index) {
                incomparable.push(entry.clone());
            } else {
                needless.push(entry.clone());
            }
        }
        Reenactment {
            compared: self.compared,
            incomparable,
            needless,
            substituted: Vec::new(),
            led: Vec::new(),
            differences: self.differences,
        }
    }

    /// One half of an exchange can't be played. It has to be listed as such, as a whole.
    pub fn not_offered(&mut self, exchange: usize, side: Side, why: &str) {
        match self.entry(exchange, side, WHOLE) {
            Some(index) => {
                self.used.insert(index);
            }
            None => self.difference(exchange, side, WHOLE, Some(json!(why)), None),
        }
    }

    /// One half of an exchange did not come about. It can be listed as such, as a whole.
    pub fn nothing(&mut self, exchange: usize, side: Side, expected: &Value) {
        self.value(exchange, side, WHOLE, Some(expected), None);
    }

    /// One half of an exchange came about that isn't recorded. It can be listed as such, as a whole.
    pub fn surplus(&mut self, exchange: usize, side: Side, got: &Value) {
        self.value(exchange, side, WHOLE, None, Some(got));
    }

    /// Compares requests. `got` is `None` when the client sent nothing.
    pub fn request(&mut self, exchange: usize, expected: &HttpRequest, got: Option<&HttpRequest>) {
        let side = Side::Request;
        let Some(got) = got else {
            self.difference(exchange, side, WHOLE, Some(body_of(&expected.body)), None);
            return;
        };
        self.value(
            exchange,
            side,
            "method",
            Some(&json!(expected.method)),
            Some(&json!(got.method)),
        );
        self.value(
            exchange,
            side,
            "path",
            Some(&json!(expected.path)),
            Some(&json!(got.path)),
        );
        self.headers(exchange, side, &expected.headers, |name| got.header(name));
        self.value(
            exchange,
            side,
            "",
            Some(&body_of(&expected.body)),
            Some(&body_of(&got.body)),
        );
    }

    /// Compares responses.
    pub fn response(&mut self, exchange: usize, expected: &HttpResponse, got: &HttpResponse) {
        let side = Side::Response;
        self.value(
            exchange,
            side,
            "status",
            Some(&json!(expected.status)),
            Some(&json!(got.status)),
        );
        self.headers(exchange, side, &expected.headers, |name| got.header(name));
        self.value(
            exchange,
            side,
            "",
            Some(&body_of(&expected.body)),
            Some(&body_of(&got.body)),
        );
    }

    /// Compares values, member by member, item by item.
    pub fn value(
        &mut self,
        exchange: usize,
        side: Side,
        at: &str,
        expected: Option<&Value>,
        got: Option<&Value>,
    ) {
        let (expected, got) = read_texts(expected, got);
        if let Some(index) = self.entry(exchange, side, at) {
            self.listed_value(index, expected, got);
            return;
        }
        match (expected, got) {
            (Some(Value::Object(expected)), Some(Value::Object(got))) => {
                let names: BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
                for name in names {
                    let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                    self.value(exchange, side, &at, expected.get(name), got.get(name));
                }
            }
            (Some(Value::Array(expected)), Some(Value::Array(got))) => {
                for index in 0..expected.len().max(got.len()) {
                    let at = format!("{at}/{index}");
                    self.value(exchange, side, &at, expected.get(index), got.get(index));
                }
            }
            (expected, got) => {
                self.compared += 1;
                if expected != got {
                    self.difference(exchange, side, at, expected, got);
                }
            }
        }
    }

    fn headers<'h>(
        &mut self,
        exchange: usize,
        side: Side,
        expected: &[(String, String)],
        got: impl Fn(&str) -> Option<&'h str>,
    ) {
        for (name, value) in expected {
            let at = format!("header:{name}");
            let got = got(name).map(|value| json!(value));
            self.value(exchange, side, &at, Some(&json!(value)), got.as_ref());
        }
    }

    /// A listed entry is needed when the values differ, and honest when it asks for no more than that takes.
    fn listed_value(&mut self, index: usize, expected: Option<Value>, got: Option<Value>) {
        self.compared += 1;
        if expected == got {
            return;
        }
        let entry = &self.listed[index];
        let same_type = match (&expected, &got) {
            (Some(expected), Some(got)) => {
                std::mem::discriminant(expected) == std::mem::discriminant(got)
            }
            _ => false,
        };
        match entry.covers {
            Covers::Value if same_type => {
                self.used.insert(index);
            }
            Covers::Presence if !same_type => {
                self.used.insert(index);
            }
            // It lists more than it needs: the member is there on both sides.
            Covers::Presence => {}
            Covers::Value => {
                self.used.insert(index);
                self.difference(entry.exchange, entry.side, &entry.at, expected, got);
            }
        }
    }

    fn entry(&self, exchange: usize, side: Side, at: &str) -> Option<usize> {
        self.listed.iter().position(|entry| {
            entry.exchange == exchange && entry.side == side && same_place(&entry.at, at)
        })
    }

    fn difference(
        &mut self,
        exchange: usize,
        side: Side,
        at: &str,
        expected: Option<Value>,
        got: Option<Value>,
    ) {
        self.differences.push(Difference {
            exchange,
            side,
            at: at.to_owned(),
            expected,
            got,
        });
    }
}

fn same_place(one: &str, other: &str) -> bool {
    match (one.strip_prefix(HEADER), other.strip_prefix(HEADER)) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

/// Two texts as what can be read in them: tokens as objects of their readable parts, so that claims are compared and
/// signatures are not, and JSON inside strings as what it says. Values that can't both be read stay as they are.
fn read_texts(expected: Option<&Value>, got: Option<&Value>) -> (Option<Value>, Option<Value>) {
    for read in [read_token, read_json] {
        let both = expected
            .and_then(read)
            .and_then(|expected| Some((expected, got.and_then(read)?)));
        if let Some((expected, got)) = both {
            return (Some(expected), Some(got));
        }
    }
    (expected.cloned(), got.cloned())
}

/// An object or a list inside a string.
fn read_json(value: &Value) -> Option<Value> {
    let read: Value = serde_json::from_str(value.as_str()?).ok()?;
    (read.is_object() || read.is_array()).then_some(read)
}

/// A token is a text of parts with dots between them, the first of which is base64url of a JSON object.
fn read_token(value: &Value) -> Option<Value> {
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok()
    };
    let (header, rest) = value.as_str()?.split_once('.')?;
    let header = object(header)?;
    let claims = rest
        .split_once('.')
        .and_then(|(claims, signature)| Some((object(claims)?, signature)));
    Some(match claims {
        Some((claims, signature)) => {
            json!({ "header": header, "claims": claims, "rest": signature })
        }
        None => json!({ "header": header, "rest": rest }),
    })
}

const WHOLE: &str = "exchange";
const HEADER: &str = "header:";

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: &str, covers: Covers) -> Incomparable {
        Incomparable {
            exchange: 0,
            side: Side::Response,
            at: at.to_owned(),
            covers,
            reason: "a test".to_owned(),
        }
    }

    fn compare(listed: &[Incomparable], expected: Value, got: Value) -> Reenactment {
        let mut ledger = Ledger::new(listed);
        ledger.value(0, Side::Response, "", Some(&expected), Some(&got));
        ledger.close()
    }

    #[test]
    fn equal_values_differ_nowhere_and_are_counted() {
        let value = json!({ "a": [1, { "b": "c" }], "d": null });
        let result = compare(&[], value.clone(), value);
        assert_eq!(result.compared, 3);
        assert!(result.is_faithful(), "{result:?}");
    }

    #[test]
    fn a_difference_names_its_place() {
        let result = compare(
            &[],
            json!({ "a/b": [1, 2], "c": 1 }),
            json!({ "a/b": [1], "d": 1 }),
        );
        let at: Vec<&str> = result.differences.iter().map(|d| d.at.as_str()).collect();
        assert_eq!(at, ["/a~1b/1", "/c", "/d"]);
    }

    #[test]
    fn a_listed_value_that_is_equal_is_needless() {
        let listed = [entry("/a", Covers::Value)];
        let result = compare(&listed, json!({ "a": 1 }), json!({ "a": 1 }));
        assert_eq!(result.needless, listed);
        assert_eq!(result.differences, []);
    }

    #[test]
    fn a_listed_value_that_is_nowhere_is_needless() {
        let listed = [entry("/b", Covers::Presence)];
        let result = compare(&listed, json!({ "a": 1 }), json!({ "a": 1 }));
        assert_eq!(result.needless, listed);
    }

    #[test]
    fn a_listed_value_has_to_be_there_with_its_type() {
        let listed = [entry("/a", Covers::Value)];
        let same = compare(&listed, json!({ "a": "x" }), json!({ "a": "y" }));
        assert!(same.is_faithful(), "another text: {same:?}");
        assert_eq!(same.incomparable, listed, "and it counts as needed");
        for got in [json!({}), json!({ "a": 1 }), json!({ "a": null })] {
            let result = compare(&listed, json!({ "a": "x" }), got.clone());
            assert_eq!(result.differences.len(), 1, "{got}");
        }
    }

    #[test]
    fn an_entry_for_presence_that_only_needs_the_value_is_needless() {
        let listed = [entry("/a", Covers::Presence)];
        let result = compare(&listed, json!({ "a": "x" }), json!({ "a": "y" }));
        assert_eq!(result.needless, listed);
        assert!(
            compare(&listed, json!({ "a": "x" }), json!({})).is_faithful(),
            "absent"
        );
    }

    #[test]
    fn claims_of_a_token_are_compared_one_by_one() {
        let token = |claims: &Value, signature: &str| {
            let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
            json!(format!(
                "{}.{}.{signature}",
                part(&json!({ "alg": "RS256" })),
                part(claims)
            ))
        };
        let listed = [entry("/rest", Covers::Value)];
        let result = compare(
            &listed,
            token(&json!({ "sub": "x", "exp": 1 }), "AAAA"),
            token(&json!({ "sub": "x", "exp": 2 }), "BBBB"),
        );
        let at: Vec<&str> = result.differences.iter().map(|d| d.at.as_str()).collect();
        assert_eq!(at, ["/claims/exp"]);
        assert_eq!(result.needless, []);
    }

    #[test]
    fn json_inside_strings_is_compared_by_what_it_says() {
        let result = compare(
            &[],
            json!({ "list": "[\"a\", \"b\"]", "object": "{\"x\":1,\"y\":2}" }),
            json!({ "list": "[\"a\",\"c\"]", "object": "{\"y\":2,\"x\":1}" }),
        );
        let at: Vec<&str> = result.differences.iter().map(|d| d.at.as_str()).collect();
        assert_eq!(at, ["/list/1"], "neither spaces nor the order of members");
        let result = compare(&[], json!("[]"), json!("none"));
        assert_eq!(result.differences.len(), 1, "another text");
    }

    #[test]
    fn what_is_not_offered_has_to_be_listed() {
        let mut ledger = Ledger::new(&[]);
        ledger.not_offered(0, Side::Response, "an operation");
        assert_eq!(ledger.close().differences.len(), 1, "unlisted");
        let listed = [entry(WHOLE, Covers::Value)];
        let mut ledger = Ledger::new(&listed);
        ledger.not_offered(0, Side::Response, "an operation");
        assert!(ledger.close().is_faithful(), "listed");
    }
}
