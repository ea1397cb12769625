//! Refresh, revocation and sign-out (developer guide: refresh tokens, token revocation).

use serde_json::{Value, json};

use crate::model::AppClient;
use crate::pool::core::Pool;
use crate::pool::policy::BringsRefreshToken;
use crate::pool::sign_in::initiate::Start;
use crate::pool::state::equal::same_text;
use crate::pool::state::grants::Grant;
use crate::pool::state::sign_in::Occasion;
use crate::pool::state::subject::Subject;
use crate::pool::tokens::issue::{About, origin_jti_of};
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::shape::present;
use crate::wire::names::key;
use crate::wire::token::{ByAccessToken, GetTokensFromRefreshToken, RevokeToken};
use crate::wire::{AuthResponse, AuthenticationResult, Parameters};

impl Pool {
    /// `InitiateAuth` with a refresh token.
    pub(in crate::pool) fn with_refresh_token(
        &mut self,
        start: &Start<'_>,
    ) -> Answer<AuthResponse> {
        let token = present(start.parameters, key::REFRESH_TOKEN)?;
        if start.client.rotation_grace_seconds.is_some() {
            return Err(errors::refresh_flow_off());
        }
        let device = start.parameters.get(key::DEVICE_KEY).map(String::as_str);
        let (origin_jti, grant) = self.grant(start.client, token, device)?;
        self.check_refresh_hash(start, &grant)?;
        // Documented: what comes with InitiateAuth does not reach PreTokenGeneration.
        let mut tokens = self.refreshed(start.client, &origin_jti, &grant, None)?;
        if self.grants.policy().brings == BringsRefreshToken::Always {
            tokens.refresh_token = Some(token.to_owned());
        }
        Ok(AuthResponse {
            challenge_parameters: Some(Parameters::new()),
            authentication_result: Some(tokens),
            ..AuthResponse::default()
        })
    }

    /// `GetTokensFromRefreshToken`.
    pub(in crate::pool) fn get_tokens_from_refresh_token(
        &mut self,
        request: &GetTokensFromRefreshToken,
    ) -> Answer<AuthResponse> {
        let client = self.client(&request.client_id)?;
        if self.grants.policy().demands_secret {
            check_client_secret(&client, request.client_secret.as_deref())?;
        }
        let token = &request.refresh_token;
        let (origin_jti, grant) = self.grant(&client, token, request.device_key.as_deref())?;
        let metadata = request.client_metadata.as_ref();
        let mut tokens = self.refreshed(&client, &origin_jti, &grant, metadata)?;
        if let Some(grace) = client.rotation_grace_seconds {
            let rotated = self.refresh_token(&origin_jti);
            // A grace of no seconds is over before this one is.
            let until = match i64::from(grace) {
                0 => self.now().saturating_sub(1),
                seconds => self.now().saturating_add(seconds),
            };
            self.grants.rotate(&origin_jti, &rotated, until);
            let is_told = self.grants.policy().brings != BringsRefreshToken::Never;
            tokens.refresh_token = Some(rotated).filter(|_| is_told);
        } else if self.grants.policy().brings == BringsRefreshToken::Always {
            tokens.refresh_token = Some(token.clone());
        }
        Ok(AuthResponse {
            authentication_result: Some(tokens),
            ..AuthResponse::default()
        })
    }

    /// `RevokeToken`. A token that is unknown or revoked already is no error (RFC 7009 section 2.2).
    pub(in crate::pool) fn revoke_token(&mut self, request: &RevokeToken) -> Answer<Value> {
        let client = self.client(&request.client_id)?;
        check_client_secret(&client, request.client_secret.as_deref())?;
        if request.token.split('.').count() == 3 {
            return Err(errors::unsupported_token());
        }
        let now = self.now();
        if let Some(origin_jti) = origin_jti_of(&request.token) {
            self.grants
                .revoke(&origin_jti, &client.id, &request.token, now);
        }
        Ok(json!({}))
    }

    /// `GlobalSignOut`.
    pub(in crate::pool) fn global_sign_out(&mut self, request: &ByAccessToken) -> Answer<Value> {
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
            .refreshable(&origin_jti, &client.id, token, self.now())?;
        let holder = &grant.holder;
        let bound = holder.device.as_deref();
        if !self.devices.may_refresh(&holder.username, bound, device) {
            return Err(errors::invalid_refresh_token());
        }
        Ok((origin_jti, grant))
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
        let (origin_jti, auth_time) = match self.grants.policy().keeps_origin {
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
        if !self.grants.policy().demands_secret {
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
