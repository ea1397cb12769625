//! `serve --judge`: the real binary, and applications that do right and wrong.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use cognito_conformance::srp::{
    BigUint, Claim, ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_public,
    client_session, parse_base64, parse_hex, to_hex,
};
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::{code, folder_with, run, stderr, stdout};
use crate::support::served::Served;

const ADA: &str = "ada@example.com";
/// Whose password is long enough to be told from chance.
const ALAN: &str = "alan@example.com";
/// Tuesday, 5 March 2024, 12:07:03 UTC: a day with one digit.
const NOON: i64 = 1_709_640_423;

/// A server that judges, and whose clock stands still.
struct Judged {
    served: Served,
    folder: TempDir,
    sign_ins: Cell<u32>,
}

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Judged {
    fn start(arguments: &[&str]) -> Self {
        let sample = stdout(&run(&["serve", "--print-sample"]));
        let clock = format!("clock = {{ fixed = {NOON} }}");
        let file = sample.replace("clock = \"wall\"", &clock);
        assert_ne!(file, sample, "the sample's clock is the machine's");
        let folder = folder_with(&file);
        let arguments = [&["cognito.toml", "--judge"], arguments].concat();
        Self {
            served: Served::start(&arguments, folder.path()),
            folder,
            sign_ins: Cell::new(0),
        }
    }

    fn operation(&self, operation: &str, body: &Value) -> Value {
        self.served.operation(operation, body).json()
    }

    /// Signs in by SRP as a client written by hand does.
    fn sign_in(&self, password: &str, timestamp: &str, prove: Prove) -> Value {
        let dialect = Dialect::cognito();
        // Each sign-in has an a of its own.
        self.sign_ins.set(self.sign_ins.get() + 1);
        let a = (BigUint::from(1_u8) << 255_u32) + BigUint::from(self.sign_ins.get());
        let big_a = client_public(&dialect, &a).unwrap();
        let asked = self.operation(
            "InitiateAuth",
            &json!({
                "AuthFlow": "USER_SRP_AUTH",
                "ClientId": "localwebclient",
                "AuthParameters": { "USERNAME": ADA, "SRP_A": to_hex(&big_a) },
            }),
        );
        assert_eq!(asked["ChallengeName"], "PASSWORD_VERIFIER", "{asked}");
        let given = |name: &str| asked["ChallengeParameters"][name].as_str().unwrap();
        let credentials = Credentials {
            scope: "Local0001",
            user: given("USER_ID_FOR_SRP"),
            password: password.as_bytes(),
        };
        let salt = Salt::from_hex(given("SALT")).unwrap();
        let big_b = parse_hex(given("SRP_B")).unwrap();
        let session = client_session(&dialect, &credentials, &a, &salt, &big_b).unwrap();
        let block = parse_base64(given("SECRET_BLOCK")).unwrap();
        let input = ClaimInput {
            scope: "Local0001",
            user: given("USER_ID_FOR_SRP"),
            secret_block: &block,
            timestamp,
        };
        let signature = prove(&session.key, input).signature_b64();
        self.operation(
            "RespondToAuthChallenge",
            &json!({
                "ClientId": "localwebclient",
                "ChallengeName": "PASSWORD_VERIFIER",
                "ChallengeResponses": {
                    "USERNAME": given("USER_ID_FOR_SRP"),
                    "PASSWORD_CLAIM_SECRET_BLOCK": given("SECRET_BLOCK"),
                    "PASSWORD_CLAIM_SIGNATURE": signature,
                    "TIMESTAMP": timestamp,
                },
            }),
        )
    }

    fn line_with(&mut self, text: &str) -> String {
        self.served.line_with(text)
    }

    fn end(self) -> Ended {
        let output = self.served.end(Signal::TERM);
        Ended {
            code: output.status.code(),
            stdout: stdout(&output),
            stderr: stderr(&output),
        }
    }
}

/// How a claim is made of key and input.
type Prove = for<'a> fn(&[u8], ClaimInput<'a>) -> Claim;

fn rightly(key: &[u8], input: ClaimInput<'_>) -> Claim {
    claim(key, &input)
}

fn right_time() -> String {
    let time = Timestamp::from_unix(NOON).as_str().to_owned();
    assert_eq!(time, "Tue Mar 5 12:07:03 UTC 2024", "the day is not padded");
    time
}

#[test]
fn a_padded_day_is_found_while_it_runs_and_the_exit_code_tells() {
    let mut served = Judged::start(&["--quiet"]);
    let answer = served.sign_in("Passw0rd!", "Tue Mar 05 12:07:03 UTC 2024", rightly);
    assert_eq!(answer["__type"], "NotAuthorizedException", "{answer}");
    let found = served.line_with("timestamp.format");
    assert!(
        found.contains("(MUST): the application breaks it"),
        "{found}"
    );
    let who = served.line_with("sign-in");
    assert!(
        who.contains("user=ada@example.com client=localwebclient"),
        "{who}"
    );
    let expected = served.line_with("expected");
    assert!(
        expected.contains("Tue Mar 5 12:07:03 UTC 2024"),
        "{expected}"
    );
    let got = served.line_with("got");
    assert!(got.contains("Tue Mar 05 12:07:03 UTC 2024"), "{got}");
    let hint = served.line_with("explain");
    assert!(hint.contains("explain timestamp.format"), "{hint}");
    served.sign_in("Passw0rd!", "Tue Mar 05 12:07:03 UTC 2024", rightly);
    let ended = served.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("timestamp.format, and again, 1 time"),
        "the second is counted: {}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("Does not conform"),
        "{}",
        ended.stdout
    );
    assert_eq!(ended.stderr, "", "quiet");
}

#[test]
fn a_known_mistake_in_a_proof_is_named_and_kept_without_the_password() {
    let mut served = Judged::start(&["--save", "found"]);
    served.sign_in("Passw0rd!", &right_time(), |key, input| {
        let scope = "eu-west-1_Local0001";
        claim(key, &ClaimInput { scope, ..input })
    });
    served.line_with("srp.claim (MUST)");
    let cause = served.line_with("cause");
    assert!(
        cause.contains("identity.whole-pool-id-in-the-claim"),
        "{cause}"
    );
    let folder = served.folder.path().join("found");
    served.served.signal(Signal::TERM);
    assert_eq!(served.served.wait(), Some(1), "findings");
    let kept = folder.join("cases/observed.1.transcript.json");
    let text = fs::read_to_string(&kept).expect("the transcript is kept");
    assert!(!text.contains("Passw0rd!"), "no password");
    let events = fs::read_to_string(folder.join("events.jsonl")).unwrap();
    assert!(
        events.contains(r#""event":"found","rule":"srp.claim""#),
        "{events}"
    );
    assert!(events.contains(r#""event":"finished""#), "{events}");
    let judged = judged_again(&kept);
    assert!(
        judged.contains("identity.whole-pool-id-in-the-claim"),
        "the same cause, from the file: {judged}"
    );
}

fn judged_again(path: &Path) -> String {
    let output = run(&["judge", path.to_str().unwrap()]);
    let text = stdout(&output);
    assert_eq!(code(&output), 1, "{text}");
    text
}

#[test]
fn a_right_client_conforms_even_when_its_user_mistypes_the_password() {
    let served = Judged::start(&[]);
    let answer = served.sign_in("mistyped", &right_time(), rightly);
    assert_eq!(answer["__type"], "NotAuthorizedException", "{answer}");
    let answer = served.sign_in("Passw0rd!", &right_time(), rightly);
    assert!(answer["AuthenticationResult"].is_object(), "{answer}");
    let ended = served.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("2 sign-ins"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("srp.claim"),
        "it held: {}",
        ended.stdout
    );
    assert!(ended.stdout.contains("Conforms:"), "{}", ended.stdout);
    let log = &ended.stderr;
    assert!(
        log.contains("RespondToAuthChallenge user="),
        "the log stays: {log}"
    );
}

#[test]
fn a_password_that_leaves_the_client_under_srp_is_found() {
    let mut served = Judged::start(&["--quiet"]);
    served.operation(
        "InitiateAuth",
        &json!({
            "AuthFlow": "USER_SRP_AUTH",
            "ClientId": "localwebclient",
            "AuthParameters": { "USERNAME": ALAN, "SRP_A": "a3".repeat(384) },
            "ClientMetadata": { "note": "it is Temp-Passw0rd1" },
        }),
    );
    served.served.signal(Signal::TERM);
    let found = served.line_with("secrecy.wire");
    assert!(found.contains("(MUST)"), "{found}");
    assert_eq!(served.served.wait(), Some(1), "findings");
}

#[test]
fn proofs_of_other_passwords_alone_say_nothing() {
    let served = Judged::start(&[]);
    served.sign_in("mistyped", &right_time(), rightly);
    let ended = served.end();
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    let said = "1 proof of another password";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
}

#[test]
fn a_time_for_which_a_right_proof_is_refused_is_a_finding() {
    let served = Judged::start(&[]);
    let late = Timestamp::from_unix(NOON + 19_800);
    let answer = served.sign_in("Passw0rd!", late.as_str(), rightly);
    assert_eq!(answer["__type"], "NotAuthorizedException", "{answer}");
    let ended = served.end();
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stdout.contains("timestamp.now"), "{}", ended.stdout);
    assert!(ended.stdout.contains("19800 s away"), "{}", ended.stdout);
}

#[test]
fn where_nobody_signs_in_nothing_was_judged() {
    let served = Judged::start(&[]);
    let ended = served.end();
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("Nothing was judged"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_folder_that_holds_something_is_refused_before_anything_is_served() {
    let output = run(&["serve", "--judge", "--port", "0", "--save", "src"]);
    assert_eq!(code(&output), 2, "usage");
    assert!(output.stdout.is_empty(), "it does not listen");
}
