//! Settings that have no effect on a sign-in, as they were given.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::World;

/// What is known of a pool and its app clients beside the world.
#[derive(Clone, Debug, Default)]
pub(in crate::pool) struct Setup {
    /// Of the pool.
    pub(in crate::pool) pool: Settings,
    /// Of app clients, by their ids.
    pub(in crate::pool) clients: BTreeMap<String, Settings>,
    /// The latest `SetUserPoolMfaConfig`.
    pub(in crate::pool) mfa: Map<String, Value>,
}

/// Settings as they were given, and when.
#[derive(Clone, Debug, Default)]
pub(in crate::pool) struct Settings {
    /// The members of the request.
    pub(in crate::pool) members: Map<String, Value>,
    /// Seconds since 1970 at which they were first given.
    pub(in crate::pool) created: i64,
    /// Seconds since 1970 at which they were given last.
    pub(in crate::pool) modified: i64,
}

impl Setup {
    /// Nothing but the world, which there is since `now`.
    pub(in crate::pool) fn of(world: &World, now: i64) -> Self {
        let settings = Settings {
            members: Map::new(),
            created: now,
            modified: now,
        };
        Self {
            clients: world
                .clients
                .iter()
                .map(|client| (client.id.clone(), settings.clone()))
                .collect(),
            pool: settings,
            mfa: Map::new(),
        }
    }
}
