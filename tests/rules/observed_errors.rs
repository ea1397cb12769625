//! Errors and behaviours that people reported of the service are ours, too.

use cognito_conformance::model::{
    AppClient, Clock, ExplicitAuthFlow, Round, User, UserStatus, World,
};
use cognito_conformance::pool::{Policy, Pool};
use cognito_conformance::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_public,
    client_session, parse_base64, parse_hex, secret_hash, to_hex,
};
use cognito_conformance::suite::recording;
use cognito_conformance::wire::{Event, HttpRequest, HttpResponse, Operation, ServiceError};
use serde_json::{Value, json};

const NOW: i64 = 1_709_629_623; // Tue Mar 5 09:07:03 UTC 2024
const CLIENT: &str = "1example23456789";
const CLIENT_WITH_SECRET: &str = "2example23456789";
const SECRET: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const PASSWORD: &str = "Right-password-1";

#[test]
fn every_reported_error_text_is_one_that_the_pool_gives() {
    let mut not_offered = Vec::new();
    let mut given = 0;
    for error in recording::observed().expect("readable").errors {
        let at = format!("{} {}", error.operation, error.situation);
        let Some((client, response)) = lead(&error.operation, &error.situation) else {
            not_offered.push(at);
            continue;
        };
        let got = ServiceError::from_response(&response)
            .unwrap_or_else(|| panic!("{at}: no error: {}", response.body.to_text()));
        assert_eq!(got.kind.as_str(), error.kind, "{at}: name");
        assert_eq!(
            got.message,
            error.message.replace("{clientId}", client),
            "{at}: text"
        );
        if let Some(status) = error.status {
            assert_eq!(response.status, status, "{at}: status");
        }
        for (name, value) in &error.headers {
            assert_eq!(response.header(name), Some(value.as_str()), "{at}: {name}");
        }
        given += 1;
    }
    assert_eq!(
        not_offered,
        [
            "RespondToAuthChallenge custom-only-client",
            "RespondToAuthChallenge wrong-sms-code",
            "ConfirmSignUp wrong-code",
            "ConfirmSignUp expired-code",
            "SignUp name-taken",
            "RespondToAuthChallenge software-token-again",
        ],
        "operations and challenges that the pool does not offer"
    );
    assert_eq!(given, 13, "error texts given");
}

#[test]
fn every_reported_behaviour_is_the_pools() {
    let mut not_offered = Vec::new();
    for behaviour in recording::observed().expect("readable").behaviours {
        let situation = behaviour.situation.as_str();
        let refused = |response: &HttpResponse, case: &str| {
            let error = ServiceError::from_response(response);
            let text = error.map(|error| error.to_string());
            let expected = "NotAuthorizedException: Incorrect username or password.";
            assert_eq!(text.as_deref(), Some(expected), "{situation}: {case}");
        };
        match situation {
            "name-or-alias-typed" => {
                for typed in ["user1", "user1@example.com"] {
                    let mut stage = Stage::new();
                    let challenge = stage.challenge(typed);
                    let parameters = &challenge["ChallengeParameters"];
                    assert_eq!(
                        parameters["USER_ID_FOR_SRP"], "user1",
                        "{typed}: the user name"
                    );
                    assert_eq!(challenge.get("Session"), None, "{typed}: no Session");
                    let response = stage.answer(&challenge, |_| {});
                    assert!(
                        body(&response).get("AuthenticationResult").is_some(),
                        "{typed}: tokens"
                    );
                }
            }
            "sub-or-unknown-name" => {
                for typed in [SUB, "nobody"] {
                    let response =
                        Stage::new().initiate(&json!({ "USERNAME": typed, "SRP_A": "aa" }));
                    let error = ServiceError::from_response(&response).expect("an error");
                    assert_eq!(error.kind.as_str(), "UserNotFoundException", "{typed}");
                }
            }
            "wrong-proofs" => {
                for (case, edit) in WRONG_PROOFS {
                    let mut stage = Stage::new();
                    let challenge = stage.challenge("user1");
                    refused(&stage.answer(&challenge, edit), case);
                }
            }
            "padded-day" => {
                let mut stage = Stage::new();
                let challenge = stage.challenge("user1");
                refused(&stage.answer(&challenge, padded_day), "a day of two digits");
            }
            "local-time-labelled-utc" => {
                let mut stage = Stage::new();
                let challenge = stage.challenge("user1");
                let hours_away = |answer: &mut Answer| {
                    answer.timestamp = Timestamp::from_unix(NOW + 2 * 3600).as_str().to_owned();
                };
                let response = stage.answer(&challenge, hours_away);
                assert!(ServiceError::from_response(&response).is_some(), "rejected");
            }
            "answer-after-57-seconds" => {
                let mut stage = Stage::new();
                let challenge = stage.challenge("user1");
                stage.pool.advance_clock(57);
                let response = stage.answer(&challenge, |_| {});
                assert_eq!(response.status, 200, "{}", response.body.to_text());
            }
            "custom-with-srp" => {
                let mut stage = Stage::new();
                let challenge = body(&stage.call(
                    &Operation::InitiateAuth,
                    &json!({
                        "AuthFlow": "CUSTOM_AUTH",
                        "ClientId": CLIENT,
                        "AuthParameters": {
                            "USERNAME": "user1", "CHALLENGE_NAME": "SRP_A", "SRP_A": stage.public(),
                        },
                    }),
                ));
                assert_eq!(challenge["ChallengeName"], "PASSWORD_VERIFIER");
                for name in ["USER_ID_FOR_SRP", "SALT", "SRP_B", "SECRET_BLOCK"] {
                    assert!(challenge["ChallengeParameters"][name].is_string(), "{name}");
                }
                let triggers: Vec<String> = stage
                    .pool
                    .take_events()
                    .into_iter()
                    .filter_map(|event| match event {
                        Event::Triggered(trigger) => Some(trigger.source),
                        _ => None,
                    })
                    .collect();
                assert_eq!(
                    triggers,
                    ["DefineAuthChallenge_Authentication"],
                    "no Create"
                );
            }
            other => not_offered.push(other.to_owned()),
        }
    }
    assert_eq!(
        not_offered,
        [
            "admin-initiated-srp",
            "device-session",
            // What was altered and why it was refused most of the time, but not always, isn't told.
            "altered-a",
            // These three are held by `tests/pool_factors.rs`, `tests/pool_custom.rs` and `tests/pool_choice.rs`.
            "wrong-code-again",
            "session-used-again",
            "choice-of-a-temporary-password",
            "sms-mfa",
        ],
        "not offered, or not told well enough"
    );
}

/// Leads a pool into a situation; `None` where the pool does not offer what it takes. Also the app client's id.
fn lead(operation: &str, situation: &str) -> Option<(&'static str, HttpResponse)> {
    let mut stage = Stage::new();
    let srp_a = stage.public();
    let response = match (operation, situation) {
        ("RespondToAuthChallenge", "wrong-password") => {
            let challenge = stage.challenge("user1");
            stage.answer(&challenge, |answer| {
                answer.password = "Wrong-password-1".to_owned();
            })
        }
        ("RespondToAuthChallenge", "unparsable-timestamp") => {
            let challenge = stage.challenge("user1");
            stage.answer(&challenge, |answer| {
                answer.timestamp = "Di M\u{e4}r 5 09:07:03 +05:30 2024".to_owned();
            })
        }
        ("RespondToAuthChallenge", "foreign-session") => stage.call(
            &Operation::RespondToAuthChallenge,
            &json!({
                "ChallengeName": "CUSTOM_CHALLENGE",
                "ClientId": CLIENT,
                "Session": "AYABe-nothing-that-this-pool-sealed-nothing-that-this-pool-sealed",
                "ChallengeResponses": { "USERNAME": "user1", "ANSWER": "x" },
            }),
        ),
        ("RespondToAuthChallenge", "new-password-too-short") => {
            stage.status(UserStatus::ForceChangePassword);
            let challenge = stage.challenge("user1");
            let asked = body(&stage.answer(&challenge, |_| {}));
            assert_eq!(asked["ChallengeName"], "NEW_PASSWORD_REQUIRED", "{asked}");
            stage.call(
                &Operation::RespondToAuthChallenge,
                &json!({
                    "ChallengeName": "NEW_PASSWORD_REQUIRED",
                    "ClientId": CLIENT,
                    "Session": asked["Session"],
                    "ChallengeResponses": { "USERNAME": "user1", "NEW_PASSWORD": "Ab1!" },
                }),
            )
        }
        ("InitiateAuth", "wrong-secret-hash") => {
            let hash = secret_hash("another secret", "user1", CLIENT_WITH_SECRET);
            let parameters = json!({ "USERNAME": "user1", "SRP_A": srp_a, "SECRET_HASH": hash });
            return Some((
                CLIENT_WITH_SECRET,
                stage.initiate_by(CLIENT_WITH_SECRET, "USER_SRP_AUTH", &parameters),
            ));
        }
        ("InitiateAuth", "missing-secret-hash") => {
            let parameters = json!({ "USERNAME": "user1", "SRP_A": srp_a });
            return Some((
                CLIENT_WITH_SECRET,
                stage.initiate_by(CLIENT_WITH_SECRET, "USER_SRP_AUTH", &parameters),
            ));
        }
        ("InitiateAuth", "missing-srp-a") => stage.initiate(&json!({ "USERNAME": "user1" })),
        ("InitiateAuth", "missing-username") => stage.initiate(&json!({ "SRP_A": srp_a })),
        ("InitiateAuth", "user-auth-not-enabled") => {
            stage.initiate_by(CLIENT, "USER_AUTH", &json!({ "USERNAME": "user1" }))
        }
        ("InitiateAuth", "unknown-user") => {
            stage.initiate(&json!({ "USERNAME": "nobody", "SRP_A": srp_a }))
        }
        ("ForgotPassword", "unknown-user") => stage.call(
            &Operation::ForgotPassword,
            &json!({ "ClientId": CLIENT, "Username": "nobody" }),
        ),
        ("InitiateAuth", "unconfirmed-user") => {
            stage.status(UserStatus::Unconfirmed);
            let parameters = json!({ "USERNAME": "user1", "PASSWORD": PASSWORD });
            stage.initiate_by(CLIENT, "USER_PASSWORD_AUTH", &parameters)
        }
        ("InitiateAuth", "reset-required-user") => {
            stage.status(UserStatus::ResetRequired);
            let parameters = json!({ "USERNAME": "user1", "PASSWORD": PASSWORD });
            stage.initiate_by(CLIENT, "USER_PASSWORD_AUTH", &parameters)
        }
        _ => return None,
    };
    Some((CLIENT, response))
}

/// A pool with a user, and a client that knows the right password.
struct Stage {
    pool: Pool,
    a: BigUint,
}

/// What goes into an answer to PASSWORD_VERIFIER, and may be spoilt before and after the claim is made.
struct Answer {
    password: String,
    timestamp: String,
    signature: Option<String>,
    secret_block: Option<String>,
}

type Edit = fn(&mut Answer);

const WRONG_PROOFS: [(&str, Edit); 5] = [
    ("wrong password", |answer| {
        answer.password = "Wrong-password-1".to_owned();
    }),
    ("wrong signature", |answer| {
        answer.signature = Some("A".repeat(43) + "=");
    }),
    ("wrong SECRET_BLOCK", |answer| {
        answer.secret_block = Some("AAAA".repeat(400));
    }),
    ("day of two digits", padded_day),
    ("wrong weekday", |answer| {
        answer.timestamp = answer.timestamp.replace("Tue", "Wed");
    }),
];

fn padded_day(answer: &mut Answer) {
    answer.timestamp = answer.timestamp.replace(" 5 ", " 05 ");
}

const SUB: &str = "6b9f0c4e-2d1a-4a57-9a53-0d6a1b5f7c11";

impl Stage {
    fn new() -> Self {
        Self::of(UserStatus::Confirmed)
    }

    fn of(status: UserStatus) -> Self {
        let user = User::new("user1", SUB)
            .with_email("user1@example.com")
            .with_password(PASSWORD);
        let with_secret = AppClient {
            secret: Some(SECRET.to_owned()),
            ..AppClient::new(CLIENT_WITH_SECRET)
        };
        let world = World::new("us-east-1_AbCdEf123", CLIENT)
            .with_client(with_secret)
            .allowing(&[
                ExplicitAuthFlow::AllowUserSrpAuth,
                ExplicitAuthFlow::AllowUserPasswordAuth,
                ExplicitAuthFlow::AllowCustomAuth,
            ])
            .with_users([User { status, ..user }])
            .with_custom([Round::default()])
            .with_clock(Clock::Fixed(NOW))
            .with_seed(1);
        Self {
            pool: Pool::new(world, Policy::default()).expect("a right world"),
            a: BigUint::from(0xa5a5_a5a5_a5a5_a5a5_u64).pow(4),
        }
    }

    fn status(&mut self, status: UserStatus) {
        *self = Self::of(status);
    }

    fn public(&self) -> String {
        to_hex(&client_public(&Dialect::cognito(), &self.a).expect("A is no multiple of N"))
    }

    fn call(&mut self, operation: &Operation, body: &Value) -> HttpResponse {
        self.pool
            .handle(&HttpRequest::calling(operation.as_str(), body))
    }

    fn initiate(&mut self, parameters: &Value) -> HttpResponse {
        self.initiate_by(CLIENT, "USER_SRP_AUTH", parameters)
    }

    fn initiate_by(&mut self, client: &str, flow: &str, parameters: &Value) -> HttpResponse {
        self.call(
            &Operation::InitiateAuth,
            &json!({ "AuthFlow": flow, "ClientId": client, "AuthParameters": parameters }),
        )
    }

    fn challenge(&mut self, typed: &str) -> Value {
        let public = self.public();
        let response = self.initiate(&json!({ "USERNAME": typed, "SRP_A": public }));
        assert_eq!(response.status, 200, "{}", response.body.to_text());
        body(&response)
    }

    fn answer(&mut self, challenge: &Value, edit: impl FnOnce(&mut Answer)) -> HttpResponse {
        let mut answer = Answer {
            password: PASSWORD.to_owned(),
            timestamp: Timestamp::from_unix(NOW).as_str().to_owned(),
            signature: None,
            secret_block: None,
        };
        edit(&mut answer);
        let text = |name: &str| {
            let value = &challenge["ChallengeParameters"][name];
            value
                .as_str()
                .unwrap_or_else(|| panic!("no {name}"))
                .to_owned()
        };
        let user = text("USER_ID_FOR_SRP");
        let credentials = Credentials {
            scope: "AbCdEf123",
            user: &user,
            password: answer.password.as_bytes(),
        };
        let session = client_session(
            &Dialect::cognito(),
            &credentials,
            &self.a,
            &Salt::from_hex(&text("SALT")).expect("a salt"),
            &parse_hex(&text("SRP_B")).expect("a number"),
        )
        .expect("a right challenge");
        let secret_block = text("SECRET_BLOCK");
        let claim = claim(
            &session.key,
            &ClaimInput {
                scope: "AbCdEf123",
                user: &user,
                secret_block: &parse_base64(&secret_block).expect("base64"),
                timestamp: &answer.timestamp,
            },
        );
        self.call(
            &Operation::RespondToAuthChallenge,
            &json!({
                "ChallengeName": "PASSWORD_VERIFIER",
                "ClientId": CLIENT,
                "ChallengeResponses": {
                    "USERNAME": text("USERNAME"),
                    "PASSWORD_CLAIM_SECRET_BLOCK": answer.secret_block.unwrap_or(secret_block),
                    "PASSWORD_CLAIM_SIGNATURE": answer.signature.unwrap_or_else(|| claim.signature_b64()),
                    "TIMESTAMP": answer.timestamp,
                },
            }),
        )
    }
}

fn body(response: &HttpResponse) -> Value {
    serde_json::from_slice(response.body.as_bytes()).expect("JSON")
}
