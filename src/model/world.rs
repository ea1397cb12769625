//! A whole world: everything a pool needs to enact one or many sign-ins.

use serde::{Deserialize, Serialize};

use super::app_client::{AppClient, ExplicitAuthFlow};
use super::clock::Clock;
use super::local::stable_sub;
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

impl World {
    /// A pool with one app client, which allows every flow. The clock is the machine's.
    pub fn new(pool_id: impl Into<String>, client_id: impl Into<String>) -> Self {
        use ExplicitAuthFlow as E;
        Self {
            pool: UserPool::new(pool_id),
            clients: vec![AppClient {
                explicit_auth_flows: vec![
                    E::AllowAdminUserPasswordAuth,
                    E::AllowCustomAuth,
                    E::AllowUserPasswordAuth,
                    E::AllowUserSrpAuth,
                    E::AllowRefreshTokenAuth,
                    E::AllowUserAuth,
                ],
                ..AppClient::new(client_id)
            }],
            users: Vec::new(),
            triggers: Triggers::default(),
            clock: Clock::Wall,
            steering: Steering::default(),
            seed: 0,
        }
    }

    /// With one more user, who signs in with a verified e-mail address and a password.
    #[must_use]
    pub fn with_user(mut self, email: &str, password: &str) -> Self {
        let sub = stable_sub(&self.pool.id, email);
        let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        self.users.push(User {
            aliases: vec![email.to_owned()],
            password: Some(password.to_owned()),
            attributes: [
                attribute("email", email),
                attribute("email_verified", "true"),
            ]
            .into(),
            ..User::new(sub.clone(), sub)
        });
        self
    }
}
