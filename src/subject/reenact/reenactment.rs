//! What comes out of a re-enactment.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use crate::client::{self, AuthError};
use crate::pool::{self, PoolError};
use crate::record::{Incomparable, Origin, Side, Transcript};

use super::compare::Ledger;
use super::exchange::exchanges;
use super::known::Known;
use super::{of_client, of_pool};

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

/// Why a recording can't be re-enacted.
#[derive(Debug, Error)]
pub enum ReenactError {
    /// A transcript that we played ourselves proves nothing about the service.
    #[error("{id} is no recording: the harness played it")]
    NotRecorded {
        /// The transcript.
        id: String,
    },
    /// A message can't be used.
    #[error("exchange {exchange}: {what}")]
    Message {
        /// Index of the exchange.
        exchange: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A value of `known` can't be used.
    #[error("known.{name}: expected {expected}")]
    Known {
        /// Its name.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The world that follows from the recording can't be enacted.
    #[error("the recorded world: {0}")]
    World(#[from] PoolError),
    /// The client can't be set up for that world.
    #[error("the recorded client: {0}")]
    Client(#[from] AuthError),
    /// An answer of the pool can't be read, so that no claim can be made for it.
    #[error("exchange {exchange}: the pool's challenge can't be answered: {reason}")]
    NoClaim {
        /// Index of the exchange.
        exchange: usize,
        /// Why not.
        reason: String,
    },
}

/// Re-enacts a recording from both ends.
///
/// # Errors
/// When the recording can't be re-enacted at all.
pub async fn reenact(recording: &Transcript) -> Result<Reenactment, ReenactError> {
    reenact_with(
        recording,
        &client::Policy::default(),
        &pool::Policy::default(),
    )
    .await
}

/// Re-enacts a recording with references that may commit mistakes: shows which mistakes a recording rules out.
///
/// # Errors
/// When the recording can't be re-enacted at all.
pub async fn reenact_with(
    recording: &Transcript,
    client: &client::Policy,
    pool: &pool::Policy,
) -> Result<Reenactment, ReenactError> {
    let Origin::Recorded(header) = &recording.origin else {
        return Err(ReenactError::NotRecorded {
            id: recording.id.clone(),
        });
    };
    let exchanges = exchanges(recording);
    let known = Known::read(header, &exchanges)?;
    let mut ledger = Ledger::new(&header.incomparable);
    of_client::compare(&known, &exchanges, client, &mut ledger).await?;
    let (substituted, led) = of_pool::compare(&known, &exchanges, pool, &mut ledger).await?;
    let mut reenactment = ledger.close();
    reenactment.substituted = substituted;
    reenactment.led = led;
    Ok(reenactment)
}

/// How many characters of a value a report shows: enough of a text, not all of a token.
const SHOWN: usize = 160;
