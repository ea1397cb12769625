//! A whole world: everything a pool needs to enact one or many sign-ins.

use serde::{Deserialize, Serialize};

use super::app_client::AppClient;
use super::clock::Clock;
use super::pool::UserPool;
use super::steering::Steering;
use super::trigger::Triggers;
use super::user::User;

/// Everything a pool needs to know before the first request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The pool.
    pub pool: UserPool,
    /// Its app clients; the first is the one under test.
    pub clients: Vec<AppClient>,
    /// Its users.
    #[serde(default)]
    pub users: Vec<User>,
    /// Its triggers.
    #[serde(default)]
    pub triggers: Triggers,
    /// Its clock.
    pub clock: Clock,
    /// What it is asked to make happen.
    #[serde(default)]
    pub steering: Steering,
    /// Seed of the pool's random source: salts, b, secret blocks, sessions and token ids follow from it.
    pub seed: u64,
}
