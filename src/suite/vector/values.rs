//! Values by name, and their comparison.

use std::collections::BTreeMap;

use super::error::VectorError;
use super::format::{Case, Kind, Under};
use super::inputs::Inputs;
use super::outcome::{Check, Origin, Outcome};
use crate::srp::{BigUint, Hash, IntForm, parse_hex, to_hex};

/// Everything that follows from the inputs of a case.
#[derive(Default)]
pub(super) struct Values(pub(super) BTreeMap<String, Vec<(Side, Value)>>);

/// A computed value, in the form in which it is compared.
pub(super) enum Value {
    Int(BigUint),
    Octets(Vec<u8>),
    Text(String),
}

impl Value {
    fn is(&self, expected: &str) -> bool {
        match self {
            Self::Int(value) => parse_hex(expected).is_ok_and(|expected| expected == *value),
            Self::Octets(bytes) => hex(bytes) == expected,
            Self::Text(text) => text == expected,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Int(value) => to_hex(value),
            Self::Octets(bytes) => hex(bytes),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Which side of the protocol computed a value; empty where only one can.
pub(super) type Side = &'static str;

impl Values {
    pub(super) fn compute(case: &Case, under: &Under) -> Result<Self, VectorError> {
        let inputs = Inputs { case, under };
        let mut values = Self::default();
        match case.kind.unwrap_or_default() {
            Kind::Srp => values.srp(&inputs)?,
            Kind::Device => values.device(&inputs)?,
            Kind::SecretHash => values.secret_hash(&inputs)?,
            Kind::Hash => values.hash(&inputs)?,
            Kind::Hkdf => values.hkdf(&inputs)?,
            Kind::Encoding => values.encoding(&inputs)?,
            Kind::Timestamp => values.timestamp(&inputs)?,
            Kind::Modexp => values.modexp(&inputs)?,
            Kind::Group => values.group(&inputs)?,
        }
        Ok(values)
    }

    pub(super) fn digits(&mut self, name: &str, value: &BigUint) {
        let text = to_hex(value);
        self.octets(
            &format!("{name}_text_sha256"),
            Hash::Sha256.digest(&[text.as_bytes()]),
        );
        self.text(&format!("{name}_digits"), text.len().to_string());
    }

    pub(super) fn lead(&mut self, name: &str, value: &BigUint, n: &BigUint) {
        self.octets(&format!("{name}_lead"), first_two(value, n));
    }

    pub(super) fn int(&mut self, name: &str, value: BigUint) {
        self.0
            .entry(name.to_owned())
            .or_default()
            .push(("", Value::Int(value)));
    }

    pub(super) fn octets(&mut self, name: &str, value: Vec<u8>) {
        self.0
            .entry(name.to_owned())
            .or_default()
            .push(("", Value::Octets(value)));
    }

    pub(super) fn text(&mut self, name: &str, value: String) {
        self.0
            .entry(name.to_owned())
            .or_default()
            .push(("", Value::Text(value)));
    }

    pub(super) fn compare(&self, name: &str, expected: &str, origin: Origin) -> Vec<Check> {
        self.each(name, expected, origin, |value| {
            if value.is(expected) {
                Outcome::Match
            } else {
                Outcome::Mismatch {
                    expected: expected.to_owned(),
                    got: value.text(),
                }
            }
        })
    }

    pub(super) fn refute(&self, name: &str, expected: &str) -> Vec<Check> {
        self.each(name, expected, Origin::Published, |value| {
            if value.is(expected) {
                Outcome::NegativeRefuted { got: value.text() }
            } else {
                Outcome::NegativeConfirmed
            }
        })
    }

    fn each(
        &self,
        name: &str,
        expected: &str,
        origin: Origin,
        judge: impl Fn(&Value) -> Outcome,
    ) -> Vec<Check> {
        let computed = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        if computed.is_empty() {
            let outcome = Outcome::NotComputed {
                expected: expected.to_owned(),
            };
            return vec![Check {
                name: name.to_owned(),
                origin,
                outcome,
            }];
        }
        computed
            .iter()
            .map(|(side, value)| Check {
                name: if side.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name} ({side})")
                },
                origin,
                outcome: judge(value),
            })
            .collect()
    }
}

/// The first two octets at the width of `n`.
pub(super) fn first_two(value: &BigUint, n: &BigUint) -> Vec<u8> {
    IntForm::Padded
        .bytes(value, n)
        .into_iter()
        .take(2)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
