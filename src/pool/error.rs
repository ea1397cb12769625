//! What can be wrong with a world.

use crate::model::ExplicitAuthFlow;
use crate::model::steering::OutOfReach;
use crate::srp::{IntegerError, PoolIdError};

/// Why a world can't be enacted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The pool's id is none.
    #[error("pool.id: {0}")]
    PoolId(#[from] PoolIdError),
    /// The pool's id names another region than the pool.
    #[error("pool.region: expected the region of the pool's id, {expected:?}, got {got:?}")]
    Region {
        /// The region in the pool's id.
        expected: String,
        /// The region the world states.
        got: String,
    },
    /// There is no app client, so nobody can sign in.
    #[error("clients: expected at least one app client, got none")]
    NoClient,
    /// Two app clients, or two users, go by the same name.
    #[error("{at}: expected each name once, got {name:?} twice")]
    Twice {
        /// Where in the world.
        at: &'static str,
        /// The name.
        name: String,
    },
    /// A client mixes names from before `ALLOW_*` with those, which the service refuses.
    #[error(
        "clients[{client:?}].explicit_auth_flows: expected either legacy names or ALLOW_* names, got {legacy:?} beside {modern:?}"
    )]
    MixedFlows {
        /// The client's id.
        client: String,
        /// One of the legacy names.
        legacy: ExplicitAuthFlow,
        /// One of the other names.
        modern: ExplicitAuthFlow,
    },
    /// A value is outside the service model's bounds.
    #[error("{at}: expected {expected}, got {got:?}")]
    OutOfBounds {
        /// Where in the world.
        at: String,
        /// What the service allows.
        expected: &'static str,
        /// What the world states.
        got: String,
    },
    /// A dictated salt or b is no number.
    #[error("steering.{what}: {source}")]
    Steering {
        /// `salt` or `b`.
        what: &'static str,
        /// Why not.
        source: IntegerError,
    },
    /// Rare values that can't be sought.
    #[error("steering.reach: {0}")]
    OutOfReach(#[from] OutOfReach),
}
