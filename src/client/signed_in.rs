//! What can be done once somebody is signed in: refresh, sign-out, and what the service keeps of devices.

use crate::wire::device::{OneDevice, UpdateDeviceStatus};
use crate::wire::message::Parameters;
use crate::wire::names::key;
use crate::wire::token::{ByAccessToken, GetTokensFromRefreshToken, RevokeToken};
use crate::wire::{AuthFlow, AuthResponse, AuthenticationResult, InitiateAuth, Operation};

use super::client::{Client, SignedIn};
use super::devices::DeviceStore;
use super::error::{AuthError, InvalidServiceResponse};
use super::exchange::{parse, some_metadata};
use super::jwt;
use super::policy::RefreshBy;
use super::token_policy::Forgets;
use super::transport::Transport;

impl<T: Transport> Client<T> {
    /// Refreshes the tokens if that is asked for, or if one of them has under two minutes left or can't be read
    /// (amplify-swift's `AmplifyCredentials+CognitoSession`).
    pub(super) async fn refresh_where_needed(
        &mut self,
        force: bool,
        metadata: &Parameters,
    ) -> Result<(), AuthError> {
        let now = (self.sources.clock)();
        let policy = self.policy.tokens;
        let Some(signed_in) = &self.signed_in else {
            return Ok(());
        };
        let left = |token: &Option<String>| {
            let expires = token.as_deref().and_then(jwt::expires);
            expires.map(|expires| expires.saturating_sub(now))
        };
        let tokens = &signed_in.tokens;
        let is_forced = force && policy.honours_force;
        if !is_forced && !(policy.due)(left(&tokens.access_token), left(&tokens.id_token)) {
            return Ok(());
        }
        let refreshed = self.refreshed(metadata).await;
        if let Err(error) = &refreshed
            && (policy.gives_up)(error)
        {
            self.signed_in = None;
        }
        if policy.tells_failure {
            refreshed
        } else {
            Ok(())
        }
    }

    /// Shows the refresh token, and takes over what comes of it.
    async fn refreshed(&mut self, metadata: &Parameters) -> Result<(), AuthError> {
        let response = match self.policy.refresh_by {
            RefreshBy::GetTokensFromRefreshToken => self.by_refresh_token(metadata).await?,
            RefreshBy::RefreshTokenAuth => self.by_older_refresh(metadata).await?,
        };
        let policy = self.policy.tokens;
        let fresh = response
            .authentication_result
            .ok_or(InvalidServiceResponse::NoSignInInformation)?;
        let missing: Vec<_> = [
            ("AccessToken", fresh.access_token.is_none()),
            ("IdToken", fresh.id_token.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
        if !missing.is_empty() && policy.refuses_incomplete {
            return Err(InvalidServiceResponse::IncompleteTokens { missing }.into());
        }
        let signed_in = self.signed_in.as_mut().ok_or(NOBODY)?;
        if !policy.keeps_answer {
            return Ok(());
        }
        let before = signed_in.tokens.refresh_token.take();
        signed_in.tokens = AuthenticationResult {
            refresh_token: (policy.kept_refresh_token)(before, fresh.refresh_token.clone()),
            ..fresh
        };
        Ok(())
    }

    /// Signs out: everywhere and then here, as amplify-swift does it. Where the first fails, the second is not tried; what is
    /// kept here is forgotten in any case.
    pub(super) async fn leave(&mut self, global: bool) -> Result<(), AuthError> {
        self.attempt = None;
        if !self.policy.devices.survive_sign_out {
            self.devices = DeviceStore::default();
        }
        let Some(signed_in) = &self.signed_in else {
            return Ok(());
        };
        let tokens = signed_in.tokens.clone();
        let name = signed_in.typed_name.clone();
        let result = self.give_up(tokens, &name, global).await;
        let forgets = match self.policy.tokens.forgets {
            Forgets::InAnyCase => true,
            Forgets::OnSuccess => result.is_ok(),
            Forgets::Never => false,
        };
        if forgets {
            self.signed_in = None;
        }
        result
    }

    /// The service's part of a sign-out.
    async fn give_up(
        &mut self,
        tokens: AuthenticationResult,
        name: &str,
        global: bool,
    ) -> Result<(), AuthError> {
        let policy = self.policy.tokens;
        if global
            && policy.signs_out_everywhere
            && let Some(access_token) = tokens.access_token
        {
            let request = ByAccessToken { access_token };
            self.ask_apart(Operation::GlobalSignOut, &request, name)
                .await?;
        }
        if policy.revokes
            && let Some(token) = tokens.refresh_token
        {
            let request = RevokeToken {
                token,
                client_id: self.settings.client_id.clone(),
                client_secret: self.settings.client_secret.clone(),
            };
            self.ask_apart(Operation::RevokeToken, &request, name)
                .await?;
        }
        Ok(())
    }

    /// Has the service remember the device.
    pub(super) async fn remember(&mut self) -> Result<(), AuthError> {
        self.refresh_where_needed(false, &Parameters::new()).await?;
        let signed_in = self.signed_in.as_ref().ok_or(NOBODY)?;
        let request = UpdateDeviceStatus {
            access_token: access_token(signed_in)?,
            device_key: signed_in.device_key.clone().ok_or(NO_DEVICE)?,
            device_remembered_status: Some("remembered".to_owned()),
        };
        let name = signed_in.typed_name.clone();
        self.ask_apart(Operation::UpdateDeviceStatus, &request, &name)
            .await?;
        Ok(())
    }

    /// Has the service forget a device; what is kept here is about this one alone.
    pub(super) async fn forget(&mut self, device_key: Option<&str>) -> Result<(), AuthError> {
        self.refresh_where_needed(false, &Parameters::new()).await?;
        let signed_in = self.signed_in.as_ref().ok_or(NOBODY)?;
        let device_key = match device_key {
            Some(named) => named.to_owned(),
            None => signed_in.device_key.clone().ok_or(NO_DEVICE)?,
        };
        let request = OneDevice {
            access_token: Some(access_token(signed_in)?),
            device_key,
        };
        let name = signed_in.typed_name.clone();
        self.ask_apart(Operation::ForgetDevice, &request, &name)
            .await?;
        let signed_in = self.signed_in.as_mut().ok_or(NOBODY)?;
        // Of another device of theirs nothing is kept here (aws-amplify/amplify-flutter#4060).
        if signed_in.device_key.as_ref() == Some(&request.device_key)
            && self.policy.devices.forgotten_here
        {
            signed_in.device_key = None;
            let pool = &self.settings.user_pool_id;
            for name in [&signed_in.username, &signed_in.typed_name] {
                self.devices.forget(pool, name, &request.device_key);
            }
        }
        Ok(())
    }

    async fn by_refresh_token(&mut self, metadata: &Parameters) -> Result<AuthResponse, AuthError> {
        let signed_in = self.signed_in.as_ref().ok_or(NOBODY)?;
        let request = GetTokensFromRefreshToken {
            refresh_token: refresh_token(signed_in)?,
            client_id: self.settings.client_id.clone(),
            client_secret: self.settings.client_secret.clone(),
            device_key: signed_in.device_key.clone(),
            client_metadata: some_metadata(metadata),
        };
        let name = signed_in.typed_name.clone();
        let response = self
            .ask_apart(Operation::GetTokensFromRefreshToken, &request, &name)
            .await?;
        Ok(parse(&response)?)
    }

    /// `REFRESH_TOKEN_AUTH`. No name goes with it, so the hash is over the internal one.
    async fn by_older_refresh(&mut self, metadata: &Parameters) -> Result<AuthResponse, AuthError> {
        let signed_in = self.signed_in.as_ref().ok_or(NOBODY)?;
        let mut parameters =
            Parameters::from([(key::REFRESH_TOKEN.to_owned(), refresh_token(signed_in)?)]);
        if let Some(device_key) = &signed_in.device_key {
            parameters.insert(key::DEVICE_KEY.to_owned(), device_key.clone());
        }
        self.add_secret_hash(&mut parameters, &signed_in.username);
        let request = InitiateAuth {
            auth_flow: AuthFlow::RefreshTokenAuth,
            client_id: self.settings.client_id.clone(),
            auth_parameters: parameters,
            client_metadata: some_metadata(metadata),
            session: None,
        };
        let name = signed_in.typed_name.clone();
        let response = self
            .ask_apart(Operation::InitiateAuth, &request, &name)
            .await?;
        Ok(parse(&response)?)
    }
}

fn access_token(signed_in: &SignedIn) -> Result<String, AuthError> {
    let token = signed_in.tokens.access_token.clone();
    token.ok_or(AuthError::InvalidState("there is no access token"))
}

fn refresh_token(signed_in: &SignedIn) -> Result<String, AuthError> {
    let token = signed_in.tokens.refresh_token.clone();
    token.ok_or(AuthError::InvalidState("there is no refresh token"))
}

const NOBODY: AuthError = AuthError::InvalidState("nobody is signed in; call signIn first");
const NO_DEVICE: AuthError =
    AuthError::InvalidState("there is no device; the pool has not given this client one");
