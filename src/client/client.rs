//! What a client is made of, and what it keeps.

use std::fmt;

use crate::config::ClientSettings;
use crate::srp::{PoolId, PoolIdError};
use crate::wire::ChallengeName;
use crate::wire::message::AuthenticationResult;

use super::attempt::Attempt;
use super::devices::DeviceStore;
use super::error::{AuthError, ConfigurationError};
use super::policy::{Policy, PoolName};
use super::sources::Sources;
use super::transport::Transport;

/// A client of one app client of one pool, with at most one sign-in going on.
pub struct Client<T> {
    pub(super) settings: ClientSettings,
    pub(super) pool_id: Option<PoolId>,
    pub(super) pool_name: String,
    pub(super) transport: T,
    pub(super) sources: Sources,
    pub(super) policy: Policy,
    pub(super) attempt: Option<Attempt>,
    pub(super) signed_in: Option<SignedIn>,
    pub(super) devices: DeviceStore,
}

impl<T> fmt::Debug for Client<T> {
    /// Settings only: everything else is secret or no data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Somebody who is signed in. It holds tokens, so it has no `Debug`.
pub struct SignedIn {
    /// The tokens as they came, and since then as they were refreshed.
    pub(super) tokens: AuthenticationResult,
    /// What was typed as name.
    pub(super) typed_name: String,
    /// The internal user name.
    pub(super) username: String,
    /// The device that the refresh token is bound to.
    pub(super) device_key: Option<String>,
}

impl<T: Transport> Client<T> {
    /// A client that has sent nothing.
    ///
    /// # Errors
    /// [`AuthError::Configuration`] when the pool id is no pool id or there is no client id.
    pub fn new(
        settings: ClientSettings,
        transport: T,
        sources: Sources,
        policy: Policy,
    ) -> Result<Self, AuthError> {
        if settings.client_id.is_empty() {
            return Err(ConfigurationError::NoClientId.into());
        }
        let (pool_id, pool_name) = match PoolId::parse(&settings.user_pool_id) {
            Ok(id) => {
                let name = id.name().to_owned();
                (Some(id), name)
            }
            Err(PoolIdError::NoUnderscore { .. })
                if policy.pool_name == PoolName::WholeWithoutUnderscore =>
            {
                (None, settings.user_pool_id.clone())
            }
            Err(error) => return Err(ConfigurationError::from(error).into()),
        };
        Ok(Self {
            settings,
            pool_id,
            pool_name,
            transport,
            sources,
            policy,
            attempt: None,
            signed_in: None,
            devices: DeviceStore::default(),
        })
    }

    /// The tokens of whoever is signed in, as they are.
    pub fn tokens(&self) -> Option<&AuthenticationResult> {
        self.signed_in.as_ref().map(|signed_in| &signed_in.tokens)
    }

    /// The devices that this client was given. They survive `signIn` and `signOut`.
    pub fn devices(&self) -> &DeviceStore {
        &self.devices
    }

    /// Takes over the devices of another client, in place of its own: what an application finds in its storage when it starts.
    pub fn set_devices(&mut self, devices: DeviceStore) {
        self.devices = devices;
    }

    /// Forgets everything: tokens, devices, and a sign-in that is going on.
    pub fn reset(&mut self) {
        self.attempt = None;
        self.signed_in = None;
        self.devices = DeviceStore::default();
    }
}

/// First factors that this client knows. It has no passkeys.
pub(super) const FIRST_FACTORS: [ChallengeName; 4] = [
    ChallengeName::Password,
    ChallengeName::PasswordSrp,
    ChallengeName::EmailOtp,
    ChallengeName::SmsOtp,
];
