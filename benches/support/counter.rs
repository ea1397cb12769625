//! A pool, and one client at it.

use cognito_conformance::model::{Function, TriggerName, User, World};
use cognito_conformance::pool::{Policy, Pool, TokenSigning};
use cognito_conformance::srp::BigUint;
use cognito_conformance::wire::HttpRequest;
use serde_json::{Value, json};

use super::account::Account;

/// A pool, and one client at it.
pub struct Counter {
    pool: Pool,
    account: Account,
    a: BigUint,
    big_a: String,
    /// Those of the latest sign-in with a password.
    tokens: Value,
}

impl Counter {
    /// A pool with one user.
    pub fn new(signing: TokenSigning) -> Self {
        Self::over(signing, |world| world)
    }

    /// A pool with so many users, whose tokens are not signed; with a function outside of the program, if wanted, which
    /// confirmations of users would ask, and which nothing here does.
    pub fn among(users: usize, asks_outside: bool) -> Self {
        Self::over(TokenSigning::Lazy, |mut world| {
            for number in 1..users {
                let sub = format!("00000000-0000-4000-8000-{number:012}");
                let mut user = User::new(sub.clone(), sub);
                user.aliases = vec![format!("user-{number}@example.com")];
                world.users.push(user);
            }
            if asks_outside {
                let function = Function::Http("http://127.0.0.1:9".to_owned());
                let functions = &mut world.triggers.functions;
                functions.insert(TriggerName::PostConfirmation, function);
            }
            world
        })
    }

    fn over(signing: TokenSigning, change: impl FnOnce(World) -> World) -> Self {
        let account = Account {
            pool_id: "eu-west-1_Bench0001",
            client: "benchclient",
            user: "ada@example.com",
            password: "Passw0rd-of-the-benchmark",
        };
        let world = World::new(account.pool_id, account.client)
            .with_user(account.user, account.password)
            .with_seed(1);
        let mut pool = Pool::new(change(world), Policy::default()).expect("a right world");
        pool.set_token_signing(signing);
        let (a, big_a) = Account::key_pair();
        let mut counter = Self {
            pool,
            account,
            a,
            big_a,
            tokens: Value::Null,
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
        let mut got = self.send("InitiateAuth", &body);
        assert!(got.get("AuthenticationResult").is_some(), "{got}");
        self.tokens = got["AuthenticationResult"].take();
    }

    /// A sign-in with a wrong password, and then the right one's effect on failures, without which the user is locked out.
    pub fn fail_with_password(&mut self) {
        self.pool.advance_clock(QUIET_SECONDS);
        let mut body = self.account.with_password();
        body["AuthParameters"]["PASSWORD"] = json!("wrong");
        let got = self.send("InitiateAuth", &body);
        assert_eq!(got["__type"], "NotAuthorizedException", "{got}");
    }

    /// Other tokens for a refresh token.
    pub fn refresh(&mut self) {
        let body = json!({
            "AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": self.account.client,
            "AuthParameters": { "REFRESH_TOKEN": self.tokens["RefreshToken"] },
        });
        let got = self.send("InitiateAuth", &body);
        assert!(got.get("AuthenticationResult").is_some(), "{got}");
    }

    /// A user comes and goes.
    pub fn make_and_delete_a_user(&mut self) {
        let body = json!({
            "UserPoolId": self.account.pool_id, "Username": "new@example.com",
            "TemporaryPassword": "Passw0rd!", "MessageAction": "SUPPRESS",
        });
        let got = self.send("AdminCreateUser", &body);
        assert!(got.get("User").is_some(), "{got}");
        let body = json!({ "UserPoolId": self.account.pool_id, "Username": "new@example.com" });
        let got = self.send("AdminDeleteUser", &body);
        assert_eq!(got, json!({}), "deleted");
    }

    /// Somebody by what is no name.
    pub fn find_by_sub(&mut self) {
        let sub = "00000000-0000-4000-8000-000000000009";
        let body = json!({ "UserPoolId": self.account.pool_id, "Username": sub });
        let got = self.send("AdminGetUser", &body);
        assert_eq!(got["Username"], sub, "{got}");
    }

    /// The first page of a list.
    pub fn list_ten_users(&mut self) {
        let body = json!({ "UserPoolId": self.account.pool_id, "Limit": 10 });
        let got = self.send("ListUsers", &body);
        assert_eq!(got["Users"].as_array().map(Vec::len), Some(10), "{got}");
    }

    /// All sign-ins of the user end; and another one, which is ended by the next.
    pub fn sign_out_everywhere(&mut self) {
        let body = json!({ "AccessToken": self.tokens["AccessToken"] });
        let got = self.send("GlobalSignOut", &body);
        assert_eq!(got, json!({}), "signed out");
        self.sign_in_by_password();
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

/// After which failures are forgotten.
const QUIET_SECONDS: i64 = 900;
