//! A pool, and one client at it.

use cognito_conformance::model::{
    AppClient, Clock, ExplicitAuthFlow, Steering, Triggers, User, UserPool, World,
};
use cognito_conformance::pool::{Policy, Pool, TokenSigning};
use cognito_conformance::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_public,
    client_session, parse_base64, parse_hex, to_hex,
};
use cognito_conformance::wire::HttpRequest;
use serde_json::{Value, json};

/// The right password.
pub const PASSWORD: &str = "Passw0rd-of-the-benchmark";
const POOL_ID: &str = "eu-west-1_Bench0001";
const CLIENT: &str = "benchclient";
const USER: &str = "ada@example.com";

/// A pool, and one client at it.
pub struct Counter {
    pool: Pool,
    dialect: Dialect,
    a: BigUint,
    big_a: String,
}

impl Counter {
    /// A pool with one user.
    pub fn new(signing: TokenSigning) -> Self {
        let world = World {
            pool: UserPool::new(POOL_ID),
            clients: vec![AppClient {
                explicit_auth_flows: vec![
                    ExplicitAuthFlow::AllowUserSrpAuth,
                    ExplicitAuthFlow::AllowUserPasswordAuth,
                ],
                ..AppClient::new(CLIENT)
            }],
            users: vec![User {
                aliases: vec![USER.to_owned()],
                password: Some(PASSWORD.to_owned()),
                ..User::new(
                    "11111111-2222-4333-8444-555555555555",
                    "11111111-2222-4333-8444-555555555555",
                )
            }],
            triggers: Triggers::default(),
            clock: Clock::Wall,
            steering: Steering::default(),
            seed: 1,
        };
        let mut pool = Pool::new(world, Policy::default()).expect("a right world");
        pool.set_token_signing(signing);
        let dialect = Dialect::cognito();
        let a = BigUint::from_bytes_be(&[0x9d; 128]);
        let big_a = to_hex(&client_public(&dialect, &a).expect("a legal A"));
        let mut counter = Self {
            pool,
            dialect,
            a,
            big_a,
        };
        counter.sign_in_by_password();
        let challenge = counter.start();
        let answer = counter.answer_to(&challenge, PASSWORD);
        counter.finish(&answer);
        counter
    }

    /// A sign-in with the password in clear.
    pub fn sign_in_by_password(&mut self) {
        let body = json!({
            "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": CLIENT,
            "AuthParameters": { "USERNAME": USER, "PASSWORD": PASSWORD },
        });
        let got = self.send("InitiateAuth", &body);
        assert!(got.get("AuthenticationResult").is_some(), "{got}");
    }

    /// The first half of a sign-in by SRP.
    pub fn start(&mut self) -> Value {
        let body = json!({
            "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT,
            "AuthParameters": { "USERNAME": USER, "SRP_A": self.big_a },
        });
        self.send("InitiateAuth", &body)
    }

    /// What a client answers.
    pub fn answer_to(&self, challenge: &Value, password: &str) -> Value {
        let parameters = &challenge["ChallengeParameters"];
        let text = |name: &str| parameters[name].as_str().expect("a string");
        let (_, scope) = POOL_ID.split_once('_').expect("an underscore");
        let credentials = Credentials {
            scope,
            user: text("USER_ID_FOR_SRP"),
            password: password.as_bytes(),
        };
        let salt = Salt::from_hex(text("SALT")).expect("hexadecimal");
        let b_pub = parse_hex(text("SRP_B")).expect("hexadecimal");
        let session = client_session(&self.dialect, &credentials, &self.a, &salt, &b_pub)
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
            "ChallengeName": "PASSWORD_VERIFIER", "ClientId": CLIENT,
            "ChallengeResponses": {
                "USERNAME": text("USERNAME"),
                "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
                "TIMESTAMP": timestamp.as_str(),
                "PASSWORD_CLAIM_SIGNATURE": claim.signature_b64(),
            },
        })
    }

    /// The second half.
    pub fn finish(&mut self, answer: &Value) {
        let got = self.send("RespondToAuthChallenge", answer);
        assert!(got.get("AuthenticationResult").is_some(), "{got}");
    }

    fn send(&mut self, operation: &str, body: &Value) -> Value {
        let response = self.pool.handle(&HttpRequest {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: vec![
                (
                    "Content-Type".to_owned(),
                    "application/x-amz-json-1.1".to_owned(),
                ),
                (
                    "X-Amz-Target".to_owned(),
                    format!("AWSCognitoIdentityProviderService.{operation}"),
                ),
            ],
            body: body.to_string().into(),
        });
        let _ = self.pool.take_events();
        serde_json::from_slice(response.body.as_bytes()).expect("a body is JSON")
    }
}
