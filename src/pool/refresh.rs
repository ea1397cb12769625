//! Refresh, revocation and sign-out (developer guide: refresh tokens, token revocation).

use serde_json::{Value, json};

use super::errors::{self, Answer};
use super::grants::{Grant, Standing};
use super::initiate::Start;
use super::policy::BringsRefreshToken;
use super::pool::{Pool, same_text};
use super::shape::present;
use super::sign_in::Occasion;
use super::subject::Subject;
use super::tokens::{About, origin_jti_of};
use crate::model::AppClient;
use crate::wire::names::key;
use crate::wire::token::{ByAccessToken, GetTokensFromRefreshToken, RevokeToken};
use crate::wire::{AuthResponse, AuthenticationResult, Parameters};

impl Pool {
    /// `InitiateAuth` with a refresh token.
    pub(super) fn with_refresh_token(&mut self, start: &Start<'_>) -> Answer<AuthResponse> {
        let token = present(start.parameters, key::REFRESH_TOKEN)?;
        if start.client.rotation_grace_seconds.is_some() {
            return Err(errors::refresh_flow_off());
        }
        let device = start.parameters.get(key::DEVICE_KEY).map(String::as_str);
        let (origin_jti, grant) = self.grant(start.client, token, device)?;
        self.check_refresh_hash(start, &grant)?;
        // Documented: what comes with InitiateAuth does not reach PreTokenGeneration.
        let mut tokens = self.refreshed(start.client, &origin_jti, &grant, None)?;
        if self.policy.refresh.brings == BringsRefreshToken::Always {
            tokens.refresh_token = Some(token.to_owned());
        }
        Ok(AuthResponse {
            challenge_parameters: Some(Parameters::new()),
            authentication_result: Some(tokens),
            ..AuthResponse::default()
        })
    }

    /// `GetTokensFromRefreshToken`.
    pub(super) fn get_tokens_from_refresh_token(
        &mut self,
        request: &GetTokensFromRefreshToken,
    ) -> Answer<AuthResponse> {
        let client = self.client(&request.client_id)?;
        if self.policy.refresh.demands_secret {
            check_client_secret(&client, request.client_secret.as_deref())?;
        }
        let token = &request.refresh_token;
        let (origin_jti, grant) = self.grant(&client, token, request.device_key.as_deref())?;
        let metadata = request.client_metadata.as_ref();
        let mut tokens = self.refreshed(&client, &origin_jti, &grant, metadata)?;
        if let Some(grace) = client.rotation_grace_seconds {
            let rotated = self.refresh_token(&origin_jti);
            let until = self.now().saturating_add(i64::from(grace));
            if let Some(grant) = self.grants.get_mut(&origin_jti) {
                grant.rotate(&rotated, until);
            }
            let is_told = self.policy.refresh.brings != BringsRefreshToken::Never;
            tokens.refresh_token = Some(rotated).filter(|_| is_told);
        } else if self.policy.refresh.brings == BringsRefreshToken::Always {
            tokens.refresh_token = Some(token.clone());
        }
        Ok(AuthResponse {
            authentication_result: Some(tokens),
            ..AuthResponse::default()
        })
    }

    /// `RevokeToken`. A token that is unknown or revoked already is no error (RFC 7009 section 2.2).
    pub(super) fn revoke_token(&mut self, request: &RevokeToken) -> Answer<Value> {
        let client = self.client(&request.client_id)?;
        check_client_secret(&client, request.client_secret.as_deref())?;
        if request.token.split('.').count() == 3 {
            return Err(errors::unsupported_token());
        }
        let now = self.now();
        if let Some(grant) =
            origin_jti_of(&request.token).and_then(|origin_jti| self.grants.get_mut(&origin_jti))
            && grant.holder.client == client.id
            && grant.standing(&request.token, now).is_some()
        {
            grant.revoked = true;
        }
        Ok(json!({}))
    }

    /// `GlobalSignOut`.
    pub(super) fn global_sign_out(&mut self, request: &ByAccessToken) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        self.grants.revoke_all(&bearer.username);
        Ok(json!({}))
    }

    /// The grant of a refresh token that this client may use, on this device.
    fn grant(
        &self,
        client: &AppClient,
        token: &str,
        device: Option<&str>,
    ) -> Answer<(String, Grant)> {
        let origin_jti = origin_jti_of(token).ok_or_else(errors::invalid_refresh_token)?;
        let grant = self
            .grants
            .get(&origin_jti)
            .filter(|grant| grant.holder.client == client.id)
            .ok_or_else(errors::invalid_refresh_token)?;
        let policy = &self.policy.refresh;
        let standing = grant
            .standing(token, self.now())
            .or((!policy.checks_token).then_some(Standing::Good))
            .ok_or_else(errors::invalid_refresh_token)?;
        if grant.revoked && policy.refuses_revoked {
            return Err(errors::revoked_refresh_token());
        }
        if standing == Standing::Replaced && policy.refuses_replaced {
            return Err(errors::reused_refresh_token());
        }
        if self.now() > grant.expires {
            return Err(errors::expired_refresh_token());
        }
        // Bound to the device, which has to be confirmed (aws-amplify/amplify-android#2506 and many others).
        if policy.binds_device
            && let Some(bound) = &grant.holder.device
        {
            let is_confirmed = self
                .device(&grant.holder.username, bound)
                .is_some_and(|device| device.verifier.is_some());
            let is_good = is_confirmed && self.policy.devices.refreshes;
            if device != Some(bound.as_str()) || !is_good {
                return Err(errors::invalid_refresh_token());
            }
        }
        Ok((origin_jti, grant.clone()))
    }

    fn refreshed(
        &mut self,
        client: &AppClient,
        origin_jti: &str,
        grant: &Grant,
        metadata: Option<&Parameters>,
    ) -> Answer<AuthenticationResult> {
        let subject = Subject {
            id: grant.holder.username.clone(),
            typed: grant.holder.username.clone(),
            real: true,
        };
        if self.directory.find(&grant.holder.username).is_none() {
            return Err(errors::no_such_user());
        }
        self.refuse_state(&subject)?;
        let overrides =
            self.pre_token_generation(client, &subject, Occasion::RefreshTokens, metadata)?;
        let user = match self.directory.find(&grant.holder.username) {
            Some(account) => account.user.clone(),
            None => return Err(errors::no_such_user()),
        };
        let event_id = self.random.uuid();
        let (origin_jti, auth_time) = match self.policy.refresh.keeps_origin {
            true => (origin_jti, grant.auth_time),
            false => (event_id.as_str(), self.now()),
        };
        let about = About {
            client,
            user: &user,
            origin_jti,
            auth_time,
            device: grant.holder.device.as_deref(),
            overrides,
        };
        Ok(self.tokens(&about, &event_id))
    }

    /// The hash is over the internal name or the sub; the secret itself passes, too, since a shipped client sends that
    /// (aws-sdk-android).
    fn check_refresh_hash(&self, start: &Start<'_>, grant: &Grant) -> Answer<()> {
        if !self.policy.refresh.demands_secret {
            return Ok(());
        }
        let got = start.parameters.get(key::SECRET_HASH);
        if let (Some(secret), Some(got)) = (&start.client.secret, got)
            && same_text(secret, got)
        {
            return Ok(());
        }
        let sub = self
            .directory
            .find(&grant.holder.username)
            .map(|account| account.user.sub.clone());
        let by_name = self.check_secret_hash(start.client, &grant.holder.username, got);
        match (by_name, sub) {
            (Err(_), Some(sub)) => self.check_secret_hash(start.client, &sub, got),
            (answer, _) => answer,
        }
    }
}

/// Operations on tokens take the secret itself.
fn check_client_secret(client: &AppClient, got: Option<&str>) -> Answer<()> {
    match (&client.secret, got) {
        (None, _) => Ok(()),
        (Some(secret), Some(got)) if same_text(secret, got) => Ok(()),
        (Some(_), _) => Err(errors::wrong_client_secret(&client.id)),
    }
}
