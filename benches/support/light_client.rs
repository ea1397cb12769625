//! A client that costs as little as one can: plain HTTP on one connection, with A computed ahead.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cognito_conformance::srp::BigUint;
use serde_json::Value;

use super::account::Account;

/// The pool that the client signs in to.
pub const WORLD: &str = r#"
[[pools]]
id = "eu-west-1_Load00001"

[[pools.clients]]
id = "loadclient"
explicit_auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"]

[[pools.users]]
username = "11111111-2222-4333-8444-555555555555"
aliases = ["ada@example.com"]
password = "Passw0rd-under-load"
"#;
/// Who signs in.
pub const ACCOUNT: Account = Account {
    pool_id: "eu-west-1_Load00001",
    client: "loadclient",
    user: "ada@example.com",
    password: "Passw0rd-under-load",
};

/// How somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// `USER_PASSWORD_AUTH`.
    Password,
    /// `USER_SRP_AUTH`.
    Srp,
}

impl Flow {
    /// The service's name of the flow.
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "USER_PASSWORD_AUTH",
            Self::Srp => "USER_SRP_AUTH",
        }
    }
}

/// One connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    a: BigUint,
    big_a: String,
}

impl Connection {
    /// Connects to an address, and computes A.
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP connection");
        let (a, big_a) = Account::key_pair();
        Self {
            stream: BufReader::new(stream),
            a,
            big_a,
        }
    }

    /// Waits for the first answer of any operation.
    pub fn first_answer(&mut self) {
        let body = ACCOUNT.with_srp(&self.big_a);
        let got = self.send("InitiateAuth", &body).0;
        assert_eq!(got["ChallengeName"], "PASSWORD_VERIFIER", "{got}");
    }

    /// Starts a sign-in by SRP that nobody ends.
    pub fn abandon(&mut self) {
        let body = ACCOUNT.with_srp(&self.big_a);
        let (challenge, _) = self.send("InitiateAuth", &body);
        assert_eq!(
            challenge["ChallengeName"], "PASSWORD_VERIFIER",
            "{challenge}"
        );
    }

    /// Signs in, and returns the time spent waiting for answers.
    pub fn sign_in(&mut self, flow: Flow) -> Duration {
        match flow {
            Flow::Password => {
                let body = ACCOUNT.with_password();
                let (got, waited) = self.send("InitiateAuth", &body);
                assert!(got.get("AuthenticationResult").is_some(), "{got}");
                waited
            }
            Flow::Srp => {
                let body = ACCOUNT.with_srp(&self.big_a);
                let (challenge, first) = self.send("InitiateAuth", &body);
                let answer = ACCOUNT.answer_to(&challenge, &self.a);
                let (got, second) = self.send("RespondToAuthChallenge", &answer);
                assert!(got.get("AuthenticationResult").is_some(), "{got}");
                first + second
            }
        }
    }

    /// Sends a request and waits for its answer.
    pub fn send(&mut self, operation: &str, body: &Value) -> (Value, Duration) {
        let body = body.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: load\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let before = Instant::now();
        self.stream
            .get_mut()
            .write_all(request.as_bytes())
            .expect("the server reads");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream
                .read_line(&mut line)
                .expect("the server answers");
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("the whole body");
        let waited = before.elapsed();
        (serde_json::from_slice(&body).expect("JSON"), waited)
    }
}
