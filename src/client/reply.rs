//! How results look to the harness.

use crate::wire::{AuthenticationResult, NextStep, Reply, SessionTokens};

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

/// Tokens or an error, as the harness sees them.
pub fn session(result: Result<Option<&AuthenticationResult>, AuthError>) -> Reply {
    match result {
        Ok(tokens) => Reply::Session {
            tokens: tokens.map_or_else(SessionTokens::default, |tokens| SessionTokens {
                access_token: tokens.access_token.clone(),
                id_token: tokens.id_token.clone(),
                refresh_token: tokens.refresh_token.clone(),
            }),
        },
        Err(error) => Reply::Error {
            error: error.into(),
        },
    }
}
