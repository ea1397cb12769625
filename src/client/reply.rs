//! How results look to the harness.

use crate::wire::{NextStep, Reply};

use super::error::AuthError;

/// A next step or an error, as the harness sees it.
pub fn step(result: Result<NextStep, AuthError>) -> Reply {
    match result {
        Ok(next) => Reply::Step { next },
        Err(error) => Reply::Error {
            error: error.into(),
        },
    }
}

/// Nothing to say or an error, as the harness sees it.
pub fn empty(result: Result<(), AuthError>) -> Reply {
    match result {
        Ok(()) => Reply::Empty,
        Err(error) => Reply::Error {
            error: error.into(),
        },
    }
}
