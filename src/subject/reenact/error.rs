//! Why a recording can't be re-enacted.

use thiserror::Error;

use crate::client::AuthError;
use crate::pool::PoolError;

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
