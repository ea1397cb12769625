//! What the log of a real server says of hostile requests: who asked and what came of it, never what was secret, never much.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::process::stderr;
use crate::support::served::Served;

const CANARY: &str = "Zz9!CANARY-77";

/// Requests with a canary in each place whose values are nobody's business, short and of 900,000 characters.
fn hostile() -> Vec<(&'static str, Value)> {
    let long = format!("{CANARY}{}", "x".repeat(900_000));
    let mut requests = Vec::new();
    for canary in [CANARY, &long] {
        let flows = [
            ("USER_PASSWORD_AUTH", "PASSWORD"),
            ("USER_SRP_AUTH", "SRP_A"),
            ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"),
            ("USER_PASSWORD_AUTH", "SECRET_HASH"),
            ("CUSTOM_AUTH", "CHALLENGE_NAME"),
            ("USER_AUTH", "PREFERRED_CHALLENGE"),
            ("USER_PASSWORD_AUTH", "DEVICE_KEY"),
        ];
        for (flow, key) in flows {
            let mut parameters = json!({ "USERNAME": "ada@example.com", "PASSWORD": "x" });
            parameters[key] = json!(canary);
            let request = json!({ "AuthFlow": flow, "ClientId": "localwebclient", "AuthParameters": parameters });
            requests.push(("InitiateAuth", request));
        }
        for challenge in [
            "PASSWORD_VERIFIER",
            "SMS_MFA",
            "NEW_PASSWORD_REQUIRED",
            "CUSTOM_CHALLENGE",
        ] {
            let keys = [
                "ANSWER",
                "NEW_PASSWORD",
                "SMS_MFA_CODE",
                "PASSWORD_CLAIM_SIGNATURE",
                "TIMESTAMP",
                "PASSWORD_CLAIM_SECRET_BLOCK",
            ];
            for key in keys {
                let mut responses = json!({ "USERNAME": "ada@example.com" });
                responses[key] = json!(canary);
                let request = json!({
                    "ClientId": "localwebclient",
                    "ChallengeName": challenge,
                    "Session": CANARY,
                    "ChallengeResponses": responses,
                });
                requests.push(("RespondToAuthChallenge", request));
            }
        }
        let request =
            json!({ "ClientId": "localwebclient", "ChallengeName": "SMS_MFA", "Session": canary });
        requests.push(("RespondToAuthChallenge", request));
    }
    requests
}

#[test]
fn the_log_repeats_no_value_that_is_sensitive_and_no_long_one() {
    let served = Served::ready();
    let requests = hostile();
    for (operation, body) in &requests {
        let answer = served.operation(operation, body);
        assert!(answer.status < 500, "{operation}: {}", answer.status);
    }
    let log = stderr(&served.end(Signal::TERM));
    assert!(!log.contains(&CANARY[..8]), "no part of it: {log}");
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines.len() >= requests.len(), "a line a request: {log}");
    for line in lines {
        assert!(line.chars().count() < 500, "{line}");
    }
}
