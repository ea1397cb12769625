//! What happened, in order, and where that is known from.
//!
//! | file | answers |
//! |---|---|
//! | [`transcript`] | what a record holds, and where it came from |
//! | `redaction` | how secrets are taken out of it |

mod redaction;
pub mod transcript;

pub use redaction::redact;
pub use transcript::{
    Covers, Incomparable, Observation, Origin, Recording, Side, TRANSCRIPT_SCHEMA, Transcript,
};
