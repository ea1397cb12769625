//! The two keys of a pool: id tokens and access tokens are signed by different ones.

use std::sync::{Arc, LazyLock, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Whether tokens are really signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenSigning {
    /// RS256.
    #[default]
    Real,
    /// A placeholder as third part: signing is what a password sign-in spends its time on, and bulk runs read claims only.
    Lazy,
}

/// The keys of one or many pools. Making them takes a while, so it begins at once and nobody waits for it before the first
/// token is needed.
#[derive(Clone, Debug)]
pub struct SigningKeys(Arc<Keys>);

#[derive(Debug)]
struct Keys {
    id: OnceLock<Key>,
    access: OnceLock<Key>,
}

/// One key.
#[derive(Debug)]
struct Key {
    kid: String,
    pair: KeyPair,
}

/// A public key: modulus and exponent, big-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct PublicKey {
    /// The modulus.
    pub(in crate::pool) n: Vec<u8>,
    /// The exponent.
    pub(in crate::pool) e: Vec<u8>,
}

impl SigningKeys {
    /// The embedded keys: the same everywhere, published, and good for tests only.
    pub fn embedded() -> Self {
        EMBEDDED.clone()
    }

    /// New keys, which nobody else has. They are being made on a thread of their own when this returns.
    pub fn generate() -> Self {
        let keys = Self(Arc::new(Keys {
            id: OnceLock::new(),
            access: OnceLock::new(),
        }));
        let making = keys.clone();
        // Where no thread is to be had, whoever needs a token first makes the keys.
        let _ = std::thread::Builder::new()
            .name("signing keys".to_owned())
            .spawn(move || {
                making.access();
                making.id();
            });
        keys
    }

    /// Whether both are there, so that nobody waits for them.
    pub(in crate::pool) fn are_made(&self) -> bool {
        self.0.id.get().is_some() && self.0.access.get().is_some()
    }

    /// The public keys, as a JSON Web Key Set: the id token's first, then the access token's.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.id().described(), self.access().described()] })
    }

    /// Signs an id token's text.
    pub fn sign_id(&self, message: &[u8]) -> Vec<u8> {
        self.id().sign(message)
    }

    /// Signs an access token's text.
    pub fn sign_access(&self, message: &[u8]) -> Vec<u8> {
        self.access().sign(message)
    }

    /// `kid` of the id token's key.
    pub(in crate::pool) fn id_kid(&self) -> &str {
        &self.id().kid
    }

    /// `kid` of the access token's key.
    pub(in crate::pool) fn access_kid(&self) -> &str {
        &self.access().kid
    }

    /// The access token's public key.
    pub(in crate::pool) fn access_public(&self) -> PublicKey {
        self.access().public()
    }

    fn id(&self) -> &Key {
        self.0.id.get_or_init(Key::generate)
    }

    fn access(&self) -> &Key {
        self.0.access.get_or_init(Key::generate)
    }
}

impl Key {
    fn new(pair: KeyPair) -> Self {
        let digest = Sha256::digest(pair.public_key().as_ref());
        Self {
            // As long as the service's: base64 of 32 octets.
            kid: BASE64.encode(&digest),
            pair,
        }
    }

    fn generate() -> Self {
        // It fails only without memory; tokens that verify against the published key set are better than none.
        KeyPair::generate(KeySize::Rsa2048).map_or_else(|_| Self::read(ID), Self::new)
    }

    fn read(pkcs8: &[u8]) -> Self {
        Self::new(
            KeyPair::from_pkcs8(pkcs8).expect("the embedded keys are keys, which a test reads"),
        )
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        match self.pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message,
            &mut signature,
        ) {
            Ok(()) => signature,
            Err(_) => Vec::new(),
        }
    }

    fn public(&self) -> PublicKey {
        let key = self.pair.public_key();
        PublicKey {
            n: key.modulus().big_endian_without_leading_zero().to_vec(),
            e: key.exponent().big_endian_without_leading_zero().to_vec(),
        }
    }

    fn described(&self) -> Value {
        let public = self.public();
        json!({
            "alg": "RS256",
            "e": BASE64URL_NOPAD.encode(&public.e),
            "kid": self.kid,
            "kty": "RSA",
            "n": BASE64URL_NOPAD.encode(&public.n),
            "use": "sig",
        })
    }
}

static EMBEDDED: LazyLock<SigningKeys> = LazyLock::new(|| {
    let keys = Keys {
        id: OnceLock::new(),
        access: OnceLock::new(),
    };
    keys.id.get_or_init(|| Key::read(ID));
    keys.access.get_or_init(|| Key::read(ACCESS));
    SigningKeys(Arc::new(keys))
});
const ID: &[u8] = include_bytes!("keys/id.pk8");
const ACCESS: &[u8] = include_bytes!("keys/access.pk8");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_embedded_keys_are_usable_and_differ() {
        let keys = SigningKeys::embedded();
        assert_eq!(keys.sign_id(b"m").len(), 256, "signature for an id token");
        assert_eq!(
            keys.sign_access(b"m").len(),
            256,
            "signature for an access token"
        );
        assert_ne!(keys.id_kid(), keys.access_kid(), "key ids");
    }
}
