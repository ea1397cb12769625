//! Tokens (developer guide, using tokens with user pools): what they say, and how they are signed.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use crate::model::{AppClient, TriggerName, User};
use crate::pool::core::Pool;
use crate::pool::state::grants::Holder;
use crate::pool::state::sign_in::{Occasion, Turn};
use crate::pool::state::subject::Subject;
use crate::pool::triggers::trigger::{Run, insert_map};
use crate::pool::wire::errors::Answer;
use crate::wire::{AuthenticationResult, Parameters};

/// What two tokens are about.
pub(in crate::pool) struct About<'a> {
    /// The app client.
    pub(in crate::pool) client: &'a AppClient,
    /// The user.
    pub(in crate::pool) user: &'a User,
    /// The sign-in that they come of.
    pub(in crate::pool) origin_jti: &'a str,
    /// When that sign-in was.
    pub(in crate::pool) auth_time: i64,
    /// The device, where devices are tracked.
    pub(in crate::pool) device: Option<&'a str>,
    /// Claims that PreTokenGeneration wants otherwise.
    pub(in crate::pool) overrides: Value,
}

impl Pool {
    /// All three tokens of a sign-in.
    pub(in crate::pool) fn first_tokens(
        &mut self,
        turn: &Turn<'_>,
    ) -> Answer<AuthenticationResult> {
        let sign_in = &turn.sign_in;
        let occasion = sign_in.occasion;
        let overrides =
            self.pre_token_generation(turn.client, &sign_in.subject, occasion, turn.metadata)?;
        let Some(account) = self.directory.find(&sign_in.subject.id) else {
            return Err(self.wrong_password());
        };
        let user = account.user.clone();
        let (event_id, origin_jti) = (self.random.uuid(), self.random.uuid());
        let now = self.now();
        let mut tokens = self.tokens(
            &About {
                client: turn.client,
                user: &user,
                origin_jti: &origin_jti,
                auth_time: now,
                device: sign_in.device.as_deref(),
                overrides,
            },
            &event_id,
        );
        if self.policy.tokens.sends_refresh_token {
            let refresh_token = self.refresh_token(&origin_jti);
            let seconds = 60 * i64::from(turn.client.refresh_token_minutes);
            let holder = Holder {
                username: user.username,
                client: turn.client.id.clone(),
                device: sign_in.device.clone(),
            };
            let expires = now.saturating_add(seconds);
            self.grants
                .add(&origin_jti, holder, now, expires, &refresh_token);
            tokens.refresh_token = Some(refresh_token);
        }
        Ok(tokens)
    }

    /// An id token and an access token.
    pub(in crate::pool) fn tokens(
        &mut self,
        about: &About<'_>,
        event_id: &str,
    ) -> AuthenticationResult {
        let (client, user, now) = (about.client, about.user, self.now());
        let mut shared = json!({
            "sub": user.sub,
            "iss": self.issuer(),
            "event_id": event_id,
            "auth_time": about.auth_time,
            "iat": now,
        });
        if client.token_revocation {
            shared["origin_jti"] = json!(about.origin_jti);
        }
        let lifetimes = self.grants.policy().lifetimes;
        let lives = |minutes: u32| if lifetimes { minutes } else { 60 };
        let expires = |minutes: u32| now.saturating_add(60 * i64::from(lives(minutes)));
        let mut id: Map<String, Value> = user
            .attributes
            .iter()
            .map(|(name, value)| (name.clone(), attribute_claim(name, value)))
            .collect();
        // After the attributes: none of them may pass for one of the pool's own claims.
        override_claims(&mut id, &about.overrides);
        id.extend(object(shared.clone()));
        id.extend(object(json!({
            "aud": client.id,
            "token_use": "id",
            "cognito:username": user.username,
            "exp": expires(client.id_token_minutes),
            "jti": self.random.uuid(),
        })));
        let mut access = object(shared);
        access.extend(object(json!({
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "username": user.username,
            "exp": expires(client.access_token_minutes),
            "jti": self.random.uuid(),
        })));
        if let Some(device) = about.device {
            access.insert("device_key".to_owned(), json!(device));
        }
        let audience = if self.policy.tokens.access_names_client {
            "client_id"
        } else {
            "aud"
        };
        access.insert(audience.to_owned(), json!(client.id));
        // Signed on the way out (`answered`).
        let unsigned = |claims: Map<String, Value>| Some(Value::Object(claims).to_string());
        AuthenticationResult {
            access_token: unsigned(access),
            expires_in: Some(60 * u64::from(lives(client.access_token_minutes))),
            token_type: Some("Bearer".to_owned()),
            refresh_token: None,
            id_token: unsigned(id),
            new_device_metadata: None,
        }
    }

    /// PreTokenGeneration, when it is configured: the claims that it wants otherwise.
    pub(in crate::pool) fn pre_token_generation(
        &mut self,
        client: &AppClient,
        subject: &Subject,
        occasion: Occasion,
        metadata: Option<&Parameters>,
    ) -> Answer<Value> {
        if !self.has_function(TriggerName::PreTokenGeneration) {
            return Ok(Value::Null);
        }
        let mut request = Map::new();
        request.insert(
            "userAttributes".to_owned(),
            self.trigger_attributes(subject),
        );
        request.insert(
            "groupConfiguration".to_owned(),
            json!({ "groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null }),
        );
        insert_map(&mut request, "clientMetadata", metadata);
        let run = Run {
            trigger: TriggerName::PreTokenGeneration,
            source: occasion.source().to_owned(),
            client: &client.id,
            user_name: &subject.id,
            request,
        };
        let response = self.run_trigger(run, None)?.unwrap_or_default();
        Ok(response
            .get("claimsOverrideDetails")
            .cloned()
            .unwrap_or_default())
    }

    /// The issuer: the service's own, unless another was chosen.
    pub fn issuer(&self) -> String {
        let pool = &self.world.pool;
        match &self.issuer {
            _ if !self.policy.tokens.public_issuer => format!("http://localhost/{}", pool.id),
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), pool.id),
            None => format!(
                "https://cognito-idp.{}.amazonaws.com/{}",
                pool.region, pool.id
            ),
        }
    }

    /// Opaque to clients: five parts of which the first says that the rest is encrypted (captured). The second begins with
    /// `origin_jti`, by which the grant is found again; a digest of the whole is kept with the grant.
    pub(in crate::pool) fn refresh_token(&mut self, origin_jti: &str) -> String {
        let header = json!({ "cty": "JWT", "enc": "A256GCM", "alg": "RSA-OAEP" }).to_string();
        let mut parts = vec![BASE64URL_NOPAD.encode(header.as_bytes())];
        let id = uuid::Uuid::parse_str(origin_jti).map_or([0; 16], uuid::Uuid::into_bytes);
        let mut key = id.to_vec();
        key.extend(self.random.octets(240));
        parts.push(BASE64URL_NOPAD.encode(&key));
        for octets in [12, 700, 16] {
            parts.push(BASE64URL_NOPAD.encode(&self.random.octets(octets)));
        }
        parts.join(".")
    }
}

/// `origin_jti` of a refresh token.
pub(in crate::pool) fn origin_jti_of(refresh_token: &str) -> Option<String> {
    let part = refresh_token.split('.').nth(1)?;
    // 16 octets are 22 digits of base64, of which the last carries octets of what follows.
    let octets = BASE64URL_NOPAD.decode(part.get(..24)?.as_bytes()).ok()?;
    let id: [u8; 16] = octets.get(..16)?.try_into().ok()?;
    Some(uuid::Uuid::from_bytes(id).to_string())
}

/// What PreTokenGeneration adds, replaces and takes away; the service's own claims follow and can't be changed (developer
/// guide, pre token generation trigger).
fn override_claims(claims: &mut Map<String, Value>, overrides: &Value) {
    if let Some(added) = overrides
        .get("claimsToAddOrOverride")
        .and_then(Value::as_object)
    {
        for (name, value) in added {
            if !RESERVED.contains(&name.as_str()) {
                claims.insert(name.clone(), value.clone());
            }
        }
    }
    let suppressed = overrides.get("claimsToSuppress").and_then(Value::as_array);
    for name in suppressed.into_iter().flatten().filter_map(Value::as_str) {
        claims.remove(name);
    }
    let groups = overrides
        .pointer("/groupOverrideDetails/groupsToOverride")
        .filter(|groups| groups.as_array().is_some_and(|groups| !groups.is_empty()));
    if let Some(groups) = groups {
        claims.insert("cognito:groups".to_owned(), groups.clone());
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Attributes are strings, but the two flags are JSON booleans in the id token.
fn attribute_claim(name: &str, value: &str) -> Value {
    match (name, value) {
        ("email_verified" | "phone_number_verified", "true" | "True") => Value::Bool(true),
        ("email_verified" | "phone_number_verified", _) => Value::Bool(false),
        _ => json!(value),
    }
}

/// Claims that PreTokenGeneration can't change (developer guide).
const RESERVED: [&str; 17] = [
    "acr",
    "amr",
    "aud",
    "at_hash",
    "auth_time",
    "azp",
    "cognito:username",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "sub",
    "token_use",
];
