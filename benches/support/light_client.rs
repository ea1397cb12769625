//! A client that costs as little as one can: plain HTTP on one connection, with A computed ahead.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cognito_conformance::model::Clock;
use cognito_conformance::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_public,
    client_session, parse_base64, parse_hex, to_hex,
};
use serde_json::{Value, json};

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
const SCOPE: &str = "Load00001";
const CLIENT: &str = "loadclient";
const USER: &str = "ada@example.com";
const PASSWORD: &str = "Passw0rd-under-load";

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
    dialect: Dialect,
    a: BigUint,
    big_a: String,
}

impl Connection {
    /// Connects to an address, and computes A.
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP connection");
        let dialect = Dialect::cognito();
        let a = BigUint::from_bytes_be(&[0x9d; 128]);
        let big_a = to_hex(&client_public(&dialect, &a).expect("a legal A"));
        Self {
            stream: BufReader::new(stream),
            dialect,
            a,
            big_a,
        }
    }

    /// Waits for the first answer of any operation.
    pub fn first_answer(&mut self) {
        let body = json!({
            "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT,
            "AuthParameters": { "USERNAME": USER, "SRP_A": self.big_a },
        });
        let got = self.send("InitiateAuth", &body).0;
        assert_eq!(got["ChallengeName"], "PASSWORD_VERIFIER", "{got}");
    }

    /// Signs in, and returns the time spent waiting for answers.
    pub fn sign_in(&mut self, flow: Flow) -> Duration {
        match flow {
            Flow::Password => {
                let body = json!({
                    "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": CLIENT,
                    "AuthParameters": { "USERNAME": USER, "PASSWORD": PASSWORD },
                });
                let (got, waited) = self.send("InitiateAuth", &body);
                assert!(got.get("AuthenticationResult").is_some(), "{got}");
                waited
            }
            Flow::Srp => {
                let body = json!({
                    "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT,
                    "AuthParameters": { "USERNAME": USER, "SRP_A": self.big_a },
                });
                let (challenge, first) = self.send("InitiateAuth", &body);
                let answer = self.answer_to(&challenge);
                let (got, second) = self.send("RespondToAuthChallenge", &answer);
                assert!(got.get("AuthenticationResult").is_some(), "{got}");
                first + second
            }
        }
    }

    fn answer_to(&self, challenge: &Value) -> Value {
        let text = |name: &str| {
            challenge["ChallengeParameters"][name]
                .as_str()
                .expect("a string")
        };
        let credentials = Credentials {
            scope: SCOPE,
            user: text("USER_ID_FOR_SRP"),
            password: PASSWORD.as_bytes(),
        };
        let salt = Salt::from_hex(text("SALT")).expect("hexadecimal");
        let b_pub = parse_hex(text("SRP_B")).expect("hexadecimal");
        let session = client_session(&self.dialect, &credentials, &self.a, &salt, &b_pub)
            .expect("legal values");
        let timestamp = Timestamp::from_unix(Clock::Wall.now());
        let claim = claim(
            &session.key,
            &ClaimInput {
                scope: SCOPE,
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

    fn send(&mut self, operation: &str, body: &Value) -> (Value, Duration) {
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
