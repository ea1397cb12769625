//! A counter to sign in at: a pool, and requests made by the `srp` functions alone, without the reference client.

use std::collections::BTreeMap;

use cognito_conformance::model::{MigrationScript, Round, World};
use cognito_conformance::pool::{Policy, Pool};
use cognito_conformance::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_public,
    client_session, parse_base64, parse_hex, secret_hash, to_hex,
};
use cognito_conformance::wire::{
    ErrorKind, Event, HttpRequest, HttpResponse, PoolNote, ServiceError, TriggerCall,
};
use serde_json::{Value, json};

pub use super::world::*;

pub const GENERIC: &str = "Incorrect username or password.";

pub fn custom_world(rounds: usize) -> World {
    world().with_custom((1..=rounds).map(round))
}

pub fn round(number: usize) -> Round {
    Round {
        public: map(&[("question", &format!("What is {number}?"))]),
        private: map(&[("expected", &format!("kept-{number}"))]),
        metadata: Some(format!("ROUND_{number}")),
        answer: format!("answer {number}"),
    }
}

pub fn migration_world(status: Option<&str>) -> World {
    let mut world = world();
    world.triggers.migration = Some(MigrationScript {
        directory: map(&[("carol@example.com", "Old-Passw0rd!")]),
        attributes: map(&[("email", "carol@example.com"), ("email_verified", "true")]),
        final_user_status: status.map(str::to_owned),
        message_action: Some("SUPPRESS".to_owned()),
        force_alias_creation: false,
        throws: None,
    });
    world
}

pub fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A pool and the requests of one client.
pub struct Counter {
    pub pool: Pool,
    pub dialect: Dialect,
    pub client: String,
    pub secret: Option<String>,
    /// Goes with every request.
    pub metadata: BTreeMap<String, String>,
    pub a: BigUint,
}

impl Counter {
    pub fn new(world: World) -> Self {
        Self::with(world, Policy::default())
    }

    pub fn with(world: World, policy: Policy) -> Self {
        let secret = world.clients[0].secret.clone();
        let client = world.clients[0].id.clone();
        Self {
            pool: Pool::new(world, policy).expect("a world of ours is right"),
            dialect: Dialect::cognito(),
            client,
            secret,
            metadata: BTreeMap::new(),
            a: parse_hex(&"0123456789abcdef".repeat(4)).unwrap(),
        }
    }

    pub fn send(&mut self, operation: &str, body: &Value) -> Got {
        Got(self.pool.handle(&request(operation, body)))
    }

    pub fn initiate(&mut self, flow: &str, parameters: &[(&str, &str)]) -> Got {
        let mut parameters = map(parameters);
        self.add_secret_hash(&mut parameters);
        let mut body = json!({
            "AuthFlow": flow, "ClientId": self.client, "AuthParameters": parameters,
        });
        if !self.metadata.is_empty() {
            body["ClientMetadata"] = json!(self.metadata);
        }
        self.send("InitiateAuth", &body)
    }

    pub fn respond(
        &mut self,
        challenge: &str,
        session: Option<&str>,
        responses: &[(&str, &str)],
    ) -> Got {
        let mut responses = map(responses);
        self.add_secret_hash(&mut responses);
        let mut body = json!({
            "ChallengeName": challenge, "ClientId": self.client, "ChallengeResponses": responses,
        });
        if let Some(session) = session {
            body["Session"] = json!(session);
        }
        if !self.metadata.is_empty() {
            body["ClientMetadata"] = json!(self.metadata);
        }
        self.send("RespondToAuthChallenge", &body)
    }

    pub fn big_a(&self) -> String {
        to_hex(&client_public(&self.dialect, &self.a).unwrap())
    }

    pub fn start_srp(&mut self, typed: &str) -> Got {
        let a = self.big_a();
        self.initiate("USER_SRP_AUTH", &[("USERNAME", typed), ("SRP_A", &a)])
    }

    pub fn start_custom_srp(&mut self, typed: &str) -> Got {
        let a = self.big_a();
        self.initiate(
            "CUSTOM_AUTH",
            &[
                ("USERNAME", typed),
                ("SRP_A", &a),
                ("CHALLENGE_NAME", "SRP_A"),
            ],
        )
    }

    pub fn start_custom(&mut self, typed: &str) -> Got {
        self.initiate("CUSTOM_AUTH", &[("USERNAME", typed)])
    }

    pub fn with_password(&mut self, typed: &str, password: &str) -> Got {
        self.initiate(
            "USER_PASSWORD_AUTH",
            &[("USERNAME", typed), ("PASSWORD", password)],
        )
    }

    /// The right answer to a PASSWORD_VERIFIER challenge, to be changed by who wants a wrong one.
    pub fn proof(&self, challenge: &Got, password: &str) -> Proof {
        let timestamp = Timestamp::from_unix(self.pool.world().clock.now());
        self.proof_at(challenge, password, timestamp.as_str())
    }

    pub fn proof_at(&self, challenge: &Got, password: &str, timestamp: &str) -> Proof {
        let user = challenge.parameter("USER_ID_FOR_SRP");
        let scope = POOL_ID.split_once('_').unwrap().1;
        let credentials = Credentials {
            scope,
            user: &user,
            password: password.as_bytes(),
        };
        let salt = Salt::from_hex(&challenge.parameter("SALT")).expect("SALT is hex");
        let b = parse_hex(&challenge.parameter("SRP_B")).expect("SRP_B is hex");
        let session = client_session(&self.dialect, &credentials, &self.a, &salt, &b)
            .expect("an honest pool's values are legal");
        let block = challenge.parameter("SECRET_BLOCK");
        let claim = claim(
            &session.key,
            &ClaimInput {
                scope,
                user: &user,
                secret_block: &parse_base64(&block).expect("SECRET_BLOCK is base64"),
                timestamp,
            },
        );
        Proof {
            username: user,
            block,
            timestamp: timestamp.to_owned(),
            signature: claim.signature_b64(),
        }
    }

    pub fn answer(&mut self, proof: &Proof, session: Option<&str>) -> Got {
        self.respond(
            "PASSWORD_VERIFIER",
            session,
            &[
                ("USERNAME", &proof.username),
                ("PASSWORD_CLAIM_SECRET_BLOCK", &proof.block),
                ("TIMESTAMP", &proof.timestamp),
                ("PASSWORD_CLAIM_SIGNATURE", &proof.signature),
            ],
        )
    }

    /// A whole sign-in by SRP.
    pub fn sign_in_by_srp(&mut self, typed: &str, password: &str) -> Got {
        let challenge = self.start_srp(typed);
        if challenge.challenge().as_deref() != Some("PASSWORD_VERIFIER") {
            return challenge;
        }
        let proof = self.proof(&challenge, password);
        self.answer(&proof, None)
    }

    /// A custom sign-in with SRP, up to the first custom round.
    pub fn custom_after_password(&mut self, typed: &str, password: &str) -> Got {
        let challenge = self.start_custom_srp(typed);
        let proof = self.proof(&challenge, password);
        self.answer(&proof, challenge.session().as_deref())
    }

    pub fn answer_custom(&mut self, question: &Got, answer: &str) -> Got {
        let username = question.parameter("USERNAME");
        self.respond(
            "CUSTOM_CHALLENGE",
            question.session().as_deref(),
            &[("USERNAME", &username), ("ANSWER", answer)],
        )
    }

    /// Triggers since the last look.
    pub fn triggers(&mut self) -> Vec<TriggerCall> {
        self.pool
            .take_events()
            .into_iter()
            .filter_map(|event| match event {
                Event::Triggered(call) => Some(call),
                _ => None,
            })
            .collect()
    }

    /// Notes since the last look.
    pub fn notes(&mut self) -> Vec<PoolNote> {
        self.pool
            .take_events()
            .into_iter()
            .filter_map(|event| match event {
                Event::Noted(note) => Some(note),
                _ => None,
            })
            .collect()
    }

    fn add_secret_hash(&self, parameters: &mut BTreeMap<String, String>) {
        if let (Some(secret), Some(username)) = (&self.secret, parameters.get("USERNAME")) {
            let hash = secret_hash(secret, username, &self.client);
            parameters.entry("SECRET_HASH".to_owned()).or_insert(hash);
        }
    }
}

/// The answer to PASSWORD_VERIFIER.
#[derive(Clone, Debug)]
pub struct Proof {
    pub username: String,
    pub block: String,
    pub timestamp: String,
    pub signature: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Got(pub HttpResponse);

impl Got {
    pub fn body(&self) -> Value {
        serde_json::from_slice(self.0.body.as_bytes()).expect("a body is JSON")
    }

    pub fn challenge(&self) -> Option<String> {
        text(&self.body()["ChallengeName"])
    }

    pub fn session(&self) -> Option<String> {
        text(&self.body()["Session"])
    }

    pub fn parameter(&self, name: &str) -> String {
        text(&self.body()["ChallengeParameters"][name])
            .unwrap_or_else(|| panic!("{name} is missing from {}", self.0.body.to_text()))
    }

    pub fn has_tokens(&self) -> bool {
        let result = &self.body()["AuthenticationResult"];
        ["AccessToken", "IdToken", "RefreshToken"]
            .iter()
            .all(|name| result[name].is_string())
    }

    pub fn token(&self, name: &str) -> String {
        text(&self.body()["AuthenticationResult"][name])
            .unwrap_or_else(|| panic!("{name} is missing from {}", self.0.body.to_text()))
    }

    pub fn error(&self) -> ServiceError {
        ServiceError::from_response(&self.0)
            .unwrap_or_else(|| panic!("expected an error, got {}", self.0.body.to_text()))
    }

    pub fn kind(&self) -> ErrorKind {
        self.error().kind
    }

    #[track_caller]
    pub fn refuses(&self, kind: ErrorKind, message: &str) {
        assert_eq!(self.error(), ServiceError::new(kind, message));
    }
}

pub fn request(operation: &str, body: &Value) -> HttpRequest {
    HttpRequest::calling(operation, body)
}

/// The claims of a token.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("a token has three parts");
    let octets = data_encoding::BASE64URL_NOPAD
        .decode(part.as_bytes())
        .expect("claims are base64url");
    serde_json::from_slice(&octets).expect("claims are JSON")
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
