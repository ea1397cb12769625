//! What comes out of a re-enactment.

use std::fmt;

use serde_json::Value;

use crate::record::{Incomparable, Side};

/// What a re-enactment found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reenactment {
    /// How many values were compared, and how many of them differed or not: leaves of bodies, headers, statuses.
    pub compared: usize,
    /// Entries of the recording's list that were needed.
    pub incomparable: Vec<Incomparable>,
    /// Entries that were not: the values are equal, or not there, or less would have been enough.
    pub needless: Vec<Incomparable>,
    /// What of a recorded request was exchanged before the pool got it.
    pub substituted: Vec<Substituted>,
    /// What was done before an exchange that isn't recorded, so that the pool could answer as it was.
    pub led: Vec<Led>,
    /// Where a reference differs from the recording.
    pub differences: Vec<Difference>,
}

impl Reenactment {
    /// Whether both references do as was recorded, and the recording's list is honest.
    pub fn is_faithful(&self) -> bool {
        self.differences.is_empty() && self.needless.is_empty()
    }
}

/// One place where a reference differs from the recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Index of the exchange.
    pub exchange: usize,
    /// `request`: our client sent something else, or made something else of the response. `response`: our pool answered
    /// something else.
    pub side: Side,
    /// As in [`Incomparable::at`]; or `method`, `path`, or `outcome` and a pointer into the reply to the application.
    pub at: String,
    /// What was recorded, or follows from it; `None` is nothing.
    pub expected: Option<Value>,
    /// What the reference did.
    pub got: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |value: &Option<Value>| match value {
            None => "nothing".to_owned(),
            Some(value) => {
                let text = value.to_string();
                match text.char_indices().nth(SHOWN) {
                    None => text,
                    Some((at, _)) => format!("{} … ({} octets)", &text[..at], text.len()),
                }
            }
        };
        let (expected, got) = (short(&self.expected), short(&self.got));
        write!(
            f,
            "exchange {}, {}, at {:?}: expected {expected}, got {got}",
            self.exchange, self.side, self.at
        )
    }
}

/// A value that was exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Substituted {
    /// Index of the exchange.
    pub exchange: usize,
    /// JSON pointer into the request's body.
    pub at: String,
    /// Why.
    pub reason: &'static str,
}

/// Something that has to have come before an exchange and isn't recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Led {
    /// Index of the exchange.
    pub exchange: usize,
    /// The operation that was asked for, or `a sign-in`.
    pub by: &'static str,
}

/// How many characters of a value a report shows: enough of a text, not all of a token.
const SHOWN: usize = 160;
