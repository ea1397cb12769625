//! A pool, and one client at it.

use cognito_conformance::model::World;
use cognito_conformance::pool::{Policy, Pool, TokenSigning};
use cognito_conformance::srp::BigUint;
use cognito_conformance::wire::HttpRequest;
use serde_json::Value;

use super::account::Account;

/// A pool, and one client at it.
pub struct Counter {
    pool: Pool,
    account: Account,
    a: BigUint,
    big_a: String,
}

impl Counter {
    /// A pool with one user.
    pub fn new(signing: TokenSigning) -> Self {
        let account = Account {
            pool_id: "eu-west-1_Bench0001",
            client: "benchclient",
            user: "ada@example.com",
            password: "Passw0rd-of-the-benchmark",
        };
        let world = World::new(account.pool_id, account.client)
            .with_user(account.user, account.password)
            .with_seed(1);
        let mut pool = Pool::new(world, Policy::default()).expect("a right world");
        pool.set_token_signing(signing);
        let (a, big_a) = Account::key_pair();
        let mut counter = Self {
            pool,
            account,
            a,
            big_a,
        };
        counter.sign_in_by_password();
        let challenge = counter.start();
        let answer = counter.answer_to(&challenge);
        counter.finish(&answer);
        counter
    }

    /// A sign-in with the password in clear.
    pub fn sign_in_by_password(&mut self) {
        let body = self.account.with_password();
        let got = self.send("InitiateAuth", &body);
        assert!(got.get("AuthenticationResult").is_some(), "{got}");
    }

    /// The first half of a sign-in by SRP.
    pub fn start(&mut self) -> Value {
        let body = self.account.with_srp(&self.big_a);
        self.send("InitiateAuth", &body)
    }

    /// What a client answers.
    pub fn answer_to(&self, challenge: &Value) -> Value {
        self.account.answer_to(challenge, &self.a)
    }

    /// The second half.
    pub fn finish(&mut self, answer: &Value) {
        let got = self.send("RespondToAuthChallenge", answer);
        assert!(got.get("AuthenticationResult").is_some(), "{got}");
    }

    fn send(&mut self, operation: &str, body: &Value) -> Value {
        let response = self.pool.handle(&HttpRequest::calling(operation, body));
        let _ = self.pool.take_events();
        serde_json::from_slice(response.body.as_bytes()).expect("a body is JSON")
    }
}
