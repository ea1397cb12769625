//! Access tokens: whose one is, and whether it is still good.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use crate::pool::core::Pool;
use crate::pool::state::signing_keys::{PublicKey, TokenSigning};
use crate::pool::wire::errors::{self, Answer};
use crate::wire::message::UNSIGNED;

/// What an access token says, once it is known to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct Bearer {
    /// The internal user name.
    pub(in crate::pool) username: String,
    /// The sign-in that it came of.
    pub(in crate::pool) origin_jti: String,
    /// The client that it was made for.
    pub(in crate::pool) client: String,
}

impl Pool {
    /// Whose access token this is.
    pub(in crate::pool) fn bearer(&self, token: &str) -> Answer<Bearer> {
        let claims = self
            .verified(token)
            .ok_or_else(errors::invalid_access_token)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("token_use") != Some("access") {
            return Err(errors::invalid_access_token());
        }
        if claims.get("exp").and_then(Value::as_i64) < Some(self.now()) {
            return Err(errors::expired_access_token());
        }
        let (Some(username), Some(event)) = (text("username"), text("event_id")) else {
            return Err(errors::invalid_access_token());
        };
        // Without revocation tokens have no origin_jti, and nothing revokes them but the end of the user.
        let origin_jti = text("origin_jti").unwrap_or(event);
        let is_revoked = text("origin_jti").is_some() && self.grants.ends_access(origin_jti);
        if is_revoked {
            return Err(errors::revoked_access_token());
        }
        let Some(account) = self.directory.find(username) else {
            return Err(errors::no_such_user());
        };
        if !account.user.enabled && self.policy.users.refuses_disabled {
            return Err(errors::disabled());
        }
        Ok(Bearer {
            username: username.to_owned(),
            origin_jti: origin_jti.to_owned(),
            client: text("client_id")
                .or(text("aud"))
                .unwrap_or_default()
                .to_owned(),
        })
    }

    /// The claims of a token that this pool signed.
    fn verified(&self, token: &str) -> Option<Value> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let signed = &token[..header.len() + 1 + claims.len()];
        let is_signed = if self.policy.tokens.stub_signature {
            true
        } else {
            let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
            match self.signing {
                TokenSigning::Lazy => signature == UNSIGNED,
                TokenSigning::Real => {
                    is_signature(&self.keys.access_public(), signed.as_bytes(), &signature)
                }
            }
        };
        if !is_signed {
            return None;
        }
        serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?).ok()
    }
}

fn is_signature(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let key = RsaPublicKeyComponents {
        n: &key.n,
        e: &key.e,
    };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        .is_ok()
}
