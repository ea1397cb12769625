//! One account, and what its owner's client sends.

use cognito_conformance::model::Clock;
use cognito_conformance::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_public,
    client_session, parse_base64, parse_hex, to_hex,
};
use serde_json::{Value, json};

/// One account.
pub struct Account {
    /// The pool's id.
    pub pool_id: &'static str,
    /// The app client.
    pub client: &'static str,
    /// The name that is typed.
    pub user: &'static str,
    /// The right password.
    pub password: &'static str,
}

impl Account {
    /// a, always the same, and A as it is sent.
    pub fn key_pair() -> (BigUint, String) {
        let a = BigUint::from_bytes_be(&[0x9d; 128]);
        let a_pub = client_public(&Dialect::cognito(), &a).expect("a legal A");
        (a, to_hex(&a_pub))
    }

    /// A sign-in with the password in clear.
    pub fn with_password(&self) -> Value {
        json!({
            "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": self.client,
            "AuthParameters": { "USERNAME": self.user, "PASSWORD": self.password },
        })
    }

    /// The first half of a sign-in by SRP.
    pub fn with_srp(&self, big_a: &str) -> Value {
        json!({
            "AuthFlow": "USER_SRP_AUTH", "ClientId": self.client,
            "AuthParameters": { "USERNAME": self.user, "SRP_A": big_a },
        })
    }

    /// The second half.
    pub fn answer_to(&self, challenge: &Value, a: &BigUint) -> Value {
        let parameters = &challenge["ChallengeParameters"];
        let text = |name: &str| parameters[name].as_str().expect("a string");
        let (_, scope) = self.pool_id.split_once('_').expect("an underscore");
        let credentials = Credentials {
            scope,
            user: text("USER_ID_FOR_SRP"),
            password: self.password.as_bytes(),
        };
        let salt = Salt::from_hex(text("SALT")).expect("hexadecimal");
        let b_pub = parse_hex(text("SRP_B")).expect("hexadecimal");
        let session = client_session(&Dialect::cognito(), &credentials, a, &salt, &b_pub)
            .expect("legal values");
        let timestamp = Timestamp::from_unix(Clock::Wall.now());
        let claim = claim(
            &session.key,
            &ClaimInput {
                scope,
                user: text("USER_ID_FOR_SRP"),
                secret_block: &parse_base64(text("SECRET_BLOCK")).expect("base64"),
                timestamp: timestamp.as_str(),
            },
        );
        json!({
            "ChallengeName": "PASSWORD_VERIFIER", "ClientId": self.client,
            "ChallengeResponses": {
                "USERNAME": text("USERNAME"),
                "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
                "TIMESTAMP": timestamp.as_str(),
                "PASSWORD_CLAIM_SIGNATURE": claim.signature_b64(),
            },
        })
    }
}
