//! How a sign-in starts.

use std::fmt;

use crate::srp::{BigUint, SrpError, client_public, secret_hash, to_hex};
use crate::wire::message::Parameters;
use crate::wire::names::key;
use crate::wire::{AuthFlowType, AuthResponse, ChallengeName, InitiateAuth, NextStep, Operation};

use super::attempt::{Asked, Attempt, KeyPair};
use super::client::{Client, FIRST_FACTORS};
use super::error::{AuthError, NO_SIGN_IN};
use super::exchange::some_metadata;
use super::policy::Input;
use super::transport::Transport;

/// The arguments of a sign-in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SignInRequest {
    /// What the person typed as name.
    pub username: String,
    /// What the person typed as password; flows without SRP and without a password ignore it.
    pub password: Option<String>,
    /// The run-time option: wins over whatever the settings say.
    pub auth_flow_type: Option<AuthFlowType>,
    /// The first factor that is preferred in `userAuth`; other flows ignore it.
    pub preferred_challenge: Option<ChallengeName>,
    /// `ClientMetadata` of every request that this call makes.
    pub metadata: Parameters,
}

impl fmt::Debug for SignInRequest {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInRequest")
            .field("username", &self.username)
            .field("auth_flow_type", &self.auth_flow_type)
            .field("preferred_challenge", &self.preferred_challenge)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

impl<T: Transport> Client<T> {
    pub(super) async fn start(&mut self, request: SignInRequest) -> Result<NextStep, AuthError> {
        let flow = (self.policy.choose_flow)(request.auth_flow_type, &self.settings);
        // Only this flow has a use for it, as in amplify-js.
        let preferred = request
            .preferred_challenge
            .filter(|_| flow == AuthFlowType::UserAuth);
        let with_srp = flow.has_srp() || preferred == Some(ChallengeName::PasswordSrp);
        self.check(
            &request.username,
            request.password.as_deref(),
            flow,
            preferred.as_ref(),
        )?;
        let keys = if with_srp {
            Some(self.key_pair()?)
        } else {
            None
        };
        let device = self
            .devices
            .find(
                &self.settings.user_pool_id,
                self.filed_under(&request.username),
            )
            .cloned();
        self.attempt = Some(Attempt {
            typed_name: request.username,
            password: request.password,
            flow,
            preferred,
            metadata: request.metadata,
            keys,
            returned_name: None,
            pending: None,
            asked: Asked::AsTheChallengeSays,
            device,
            gone: None,
            device_keys: None,
            device_proved: false,
            sessions: Vec::new(),
            started: (self.sources.clock)(),
            proved: false,
            custom_rounds: 0,
        });
        let response = self.begin().await?;
        self.follow(response).await
    }

    /// Starts the sign-in that is going on once more, as if nothing of it had happened, without a device.
    pub(super) async fn start_over(&mut self) -> Result<AuthResponse, AuthError> {
        let with_srp = self.attempt.as_ref().is_some_and(Attempt::starts_with_srp);
        let keys = if with_srp {
            Some(self.key_pair()?)
        } else {
            None
        };
        let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
        attempt.keys = keys;
        attempt.returned_name = None;
        attempt.pending = None;
        attempt.asked = Asked::AsTheChallengeSays;
        attempt.device_keys = None;
        attempt.device_proved = false;
        attempt.proved = false;
        attempt.custom_rounds = 0;
        self.begin().await
    }

    /// Sends the first request; and, where the service has forgotten the device, once more without it.
    async fn begin(&mut self) -> Result<AuthResponse, AuthError> {
        let initiate = self.initiate()?;
        let answered = self.ask(Operation::InitiateAuth, &initiate, None).await;
        match answered {
            Err(error) if self.loses_device(&initiate.auth_parameters, &error) => {
                let again = self.initiate()?;
                self.ask(Operation::InitiateAuth, &again, None).await
            }
            other => other,
        }
    }

    /// The first request of the sign-in that is going on.
    pub(super) fn initiate(&self) -> Result<InitiateAuth, AuthError> {
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        let mut parameters = Parameters::new();
        parameters.insert(key::USERNAME.to_owned(), attempt.typed_name.clone());
        if let Some(keys) = attempt.keys.as_ref().filter(|_| attempt.starts_with_srp()) {
            parameters.insert(key::SRP_A.to_owned(), to_hex(&keys.a_pub));
        }
        match attempt.flow {
            AuthFlowType::UserPassword => {
                let password = attempt.password.clone().unwrap_or_default();
                parameters.insert(key::PASSWORD.to_owned(), password);
            }
            AuthFlowType::CustomWithSrp => {
                parameters.insert(key::CHALLENGE_NAME.to_owned(), key::SRP_A.to_owned());
            }
            AuthFlowType::UserAuth => {
                if let Some(preferred) = &attempt.preferred {
                    parameters.insert(
                        key::PREFERRED_CHALLENGE.to_owned(),
                        preferred.as_str().to_owned(),
                    );
                }
                if attempt.preferred == Some(ChallengeName::Password) {
                    let password = attempt.password.clone().unwrap_or_default();
                    parameters.insert(key::PASSWORD.to_owned(), password);
                }
            }
            AuthFlowType::UserSrp | AuthFlowType::CustomWithoutSrp => {}
        }
        self.add_secret_hash(&mut parameters, &attempt.typed_name);
        if let Some(device) = &attempt.device {
            parameters.insert(key::DEVICE_KEY.to_owned(), device.key.clone());
        }
        Ok(InitiateAuth {
            auth_flow: attempt.flow.auth_flow(),
            client_id: self.settings.client_id.clone(),
            auth_parameters: parameters,
            client_metadata: some_metadata(&attempt.metadata),
            session: None,
        })
    }

    /// Adds `SECRET_HASH` over `name` if the app client has a secret.
    pub(super) fn add_secret_hash(&self, parameters: &mut Parameters, name: &str) {
        if let Some(hash) = self.hash_over(name) {
            parameters.insert(key::SECRET_HASH.to_owned(), hash);
        }
    }

    /// The secret hash over `name` if the app client has a secret.
    pub(super) fn hash_over(&self, name: &str) -> Option<String> {
        let secret = self.settings.client_secret.as_deref()?;
        Some(secret_hash(secret, name, &self.settings.client_id))
    }

    fn check(
        &self,
        username: &str,
        password: Option<&str>,
        flow: AuthFlowType,
        preferred: Option<&ChallengeName>,
    ) -> Result<(), AuthError> {
        if let Some(preferred) = preferred
            && !FIRST_FACTORS.contains(preferred)
        {
            return Err(AuthError::Validation {
                field: "preferredChallenge",
                reason: "is no first factor of this client: PASSWORD, PASSWORD_SRP, EMAIL_OTP, SMS_OTP",
            });
        }
        if self.policy.input == Input::Unchecked {
            return Ok(());
        }
        if username.is_empty() {
            return Err(AuthError::Validation {
                field: "username",
                reason: "is required to sign in",
            });
        }
        let needs_password = match flow {
            AuthFlowType::CustomWithoutSrp => false,
            AuthFlowType::UserAuth => matches!(
                preferred,
                Some(ChallengeName::Password | ChallengeName::PasswordSrp)
            ),
            AuthFlowType::UserSrp | AuthFlowType::UserPassword | AuthFlowType::CustomWithSrp => {
                true
            }
        };
        if password.is_none_or(str::is_empty) && needs_password {
            return Err(AuthError::Validation {
                field: "password",
                reason: "is required by this flow; choose customWithoutSRP to sign in without one",
            });
        }
        Ok(())
    }

    /// A fresh key pair.
    pub(super) fn key_pair(&mut self) -> Result<KeyPair, SrpError> {
        let a = match self.sources.private_values.pop_front() {
            Some(a) => a,
            None => self.draw(),
        };
        let a = (self.policy.private_value)(a);
        let a_pub = client_public(&self.policy.dialect, &a)?;
        Ok(KeyPair { a, a_pub })
    }

    /// A private value of 1024 bits, the top one set, so that it is never small.
    fn draw(&mut self) -> BigUint {
        let mut octets = [0_u8; 128];
        (self.sources.random)(&mut octets);
        octets[0] |= 0x80;
        BigUint::from_bytes_be(&octets)
    }
}
