//! A whole world: everything a pool needs to enact one or many sign-ins.

use serde::{Deserialize, Serialize};

use super::app_client::{AppClient, ExplicitAuthFlow};
use super::clock::Clock;
use super::pool::{DeviceTracking, MfaConfiguration, MfaMethod, UserPool};
use super::steering::Steering;
use super::trigger::{CustomScript, Round, Triggers};
use super::user::{User, stable_sub};

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
    pub fn with_user(self, email: &str, password: &str) -> Self {
        let sub = stable_sub(&self.pool.id, email);
        let user = User::new(sub.clone(), sub);
        self.with_users([user.with_email(email).with_password(password)])
    }

    /// With these users beside those that it has.
    #[must_use]
    pub fn with_users(mut self, users: impl IntoIterator<Item = User>) -> Self {
        self.users.extend(users);
        self
    }

    /// With one more app client.
    #[must_use]
    pub fn with_client(mut self, client: AppClient) -> Self {
        self.clients.push(client);
        self
    }

    /// With a secret of the app client under test.
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<String>) -> Self {
        if let Some(client) = self.clients.first_mut() {
            client.secret = Some(secret.into());
        }
        self
    }

    /// With app clients that allow these flows and no others.
    #[must_use]
    pub fn allowing(mut self, flows: &[ExplicitAuthFlow]) -> Self {
        for client in &mut self.clients {
            client.explicit_auth_flows = flows.to_vec();
        }
        self
    }

    /// With custom challenges: these, in this order.
    #[must_use]
    pub fn with_custom(mut self, rounds: impl IntoIterator<Item = Round>) -> Self {
        self.triggers.custom = Some(CustomScript {
            rounds: rounds.into_iter().collect(),
            ..CustomScript::default()
        });
        self
    }

    /// With second factors: whether they are needed, and which there are.
    #[must_use]
    pub fn with_mfa(mut self, mfa: MfaConfiguration, methods: &[MfaMethod]) -> Self {
        self.pool.mfa = mfa;
        self.pool.mfa_methods = methods.to_vec();
        self
    }

    /// With devices that are followed in this way.
    #[must_use]
    pub fn with_devices(mut self, devices: DeviceTracking) -> Self {
        self.pool.devices = Some(devices);
        self
    }

    /// With a clock of its own.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// With this seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}
