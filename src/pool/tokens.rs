//! Tokens (developer guide, using tokens with user pools).

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::errors::Answer;
use super::pool::Pool;
use super::subject::Subject;
use crate::model::{AppClient, User, UserStatus};
use crate::wire::message::UNSIGNED;
use crate::wire::{AuthResponse, AuthenticationResult, Parameters};

/// Whether tokens are really signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenSigning {
    /// RS256 with the embedded test keys.
    #[default]
    Real,
    /// A placeholder as third part: signing is what a password sign-in spends its time on, and bulk runs read claims only.
    Lazy,
}

impl Pool {
    /// Ends a sign-in with tokens, unless there is nobody to give them to.
    pub(super) fn sign_in(
        &mut self,
        client: &AppClient,
        subject: &Subject,
    ) -> Answer<AuthResponse> {
        self.refuse_state_after_proof(client, subject)?;
        let Some(account) = self
            .directory
            .find_mut(&subject.id)
            .filter(|_| subject.real)
        else {
            return Err(self.wrong_password());
        };
        if self.policy.users.confirms_by_signing_in {
            account.user.status = UserStatus::Confirmed;
        }
        let user = account.user.clone();
        self.note_status(&user.username);
        Ok(AuthResponse {
            // Captured: an empty object beside the tokens.
            challenge_parameters: Some(Parameters::new()),
            authentication_result: Some(self.tokens(client, &user)),
            ..AuthResponse::default()
        })
    }

    fn tokens(&mut self, client: &AppClient, user: &User) -> AuthenticationResult {
        let (event_id, origin_jti) = (self.random.uuid(), self.random.uuid());
        let now = self.now();
        let shared = json!({
            "sub": user.sub,
            "iss": self.issuer(),
            "event_id": event_id,
            "origin_jti": origin_jti,
            "auth_time": now,
            "iat": now,
            "exp": now.saturating_add(VALID_SECONDS),
        });
        let mut id: Map<String, Value> = user
            .attributes
            .iter()
            .map(|(name, value)| (name.clone(), attribute_claim(name, value)))
            .collect();
        // After the attributes: none of them may pass for one of the pool's own claims.
        id.extend(object(shared.clone()));
        id.extend(object(json!({
            "aud": client.id,
            "token_use": "id",
            "cognito:username": user.username,
            "jti": self.random.uuid(),
        })));
        let mut access = object(shared);
        access.extend(object(json!({
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "username": user.username,
            "jti": self.random.uuid(),
        })));
        let audience = if self.policy.tokens.access_names_client {
            "client_id"
        } else {
            "aud"
        };
        access.insert(audience.to_owned(), json!(client.id));
        AuthenticationResult {
            access_token: Some(self.signed(&access, &ACCESS_KEY)),
            expires_in: u64::try_from(VALID_SECONDS).ok(),
            token_type: Some("Bearer".to_owned()),
            refresh_token: self
                .policy
                .tokens
                .sends_refresh_token
                .then(|| self.refresh_token()),
            id_token: Some(self.signed(&id, &ID_KEY)),
        }
    }

    fn issuer(&self) -> String {
        let pool = &self.world.pool;
        if self.policy.tokens.public_issuer {
            format!(
                "https://cognito-idp.{}.amazonaws.com/{}",
                pool.region, pool.id
            )
        } else {
            format!("http://localhost/{}", pool.id)
        }
    }

    fn signed(&self, claims: &Map<String, Value>, key: &SigningKey) -> String {
        let header = json!({ "alg": "RS256", "kid": key.kid });
        let part =
            |value: &dyn std::fmt::Display| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&Value::Object(claims.clone())));
        let signature = match self.signing {
            _ if self.policy.tokens.stub_signature => "fake-signature".to_owned(),
            TokenSigning::Lazy => BASE64URL_NOPAD.encode(UNSIGNED),
            TokenSigning::Real => BASE64URL_NOPAD.encode(&key.sign(signed.as_bytes())),
        };
        format!("{signed}.{signature}")
    }

    /// Opaque to clients: five parts of which the first says that the rest is encrypted (captured).
    fn refresh_token(&mut self) -> String {
        let header = json!({ "cty": "JWT", "enc": "A256GCM", "alg": "RSA-OAEP" }).to_string();
        let mut parts = vec![BASE64URL_NOPAD.encode(header.as_bytes())];
        for octets in [256, 12, 700, 16] {
            parts.push(BASE64URL_NOPAD.encode(&self.random.octets(octets)));
        }
        parts.join(".")
    }
}

/// The public keys, as a JSON Web Key Set.
pub(super) fn jwks() -> Value {
    serde_json::from_str(JWKS).unwrap_or_default()
}

/// One of the two embedded keys. Made to be published: they sign test tokens and nothing else.
struct SigningKey {
    kid: String,
    pair: Option<KeyPair>,
}

impl SigningKey {
    fn new(pkcs8: &[u8], index: usize) -> Self {
        Self {
            kid: jwks()["keys"][index]["kid"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            pair: KeyPair::from_pkcs8(pkcs8).ok(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let Some(pair) = &self.pair else {
            return Vec::new();
        };
        let mut signature = vec![0; pair.public_modulus_len()];
        match pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message,
            &mut signature,
        ) {
            Ok(()) => signature,
            Err(_) => Vec::new(),
        }
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

static ID_KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::new(include_bytes!("keys/id.pk8"), 0));
static ACCESS_KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::new(include_bytes!("keys/access.pk8"), 1));
const JWKS: &str = include_str!("keys/jwks.json");
/// The service's default.
const VALID_SECONDS: i64 = 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_embedded_keys_are_usable_and_differ() {
        for key in [&*ID_KEY, &*ACCESS_KEY] {
            assert_eq!(key.sign(b"m").len(), 256, "signature of {}", key.kid);
        }
        assert_ne!(ID_KEY.kid, ACCESS_KEY.kid, "key ids");
    }
}
