//! `serve --judge`: the real binary, and applications that do right and wrong.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![cfg(unix)]

use std::cell::Cell;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use cognito_conformance::srp::{
    BigUint, Claim, ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_public,
    client_session, parse_base64, parse_hex, to_hex,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_cognito-conformance");
const ADA: &str = "ada@example.com";
/// Whose password is long enough to be told from chance.
const ALAN: &str = "alan@example.com";
/// Tuesday, 5 March 2024, 12:07:03 UTC: a day with one digit.
const NOON: i64 = 1_709_640_423;

/// A server in a process of its own, whose clock stands still, and which is killed at the end of the test.
struct Served {
    child: Child,
    address: String,
    stdout: BufReader<ChildStdout>,
    folder: TempDir,
    sign_ins: Cell<u32>,
}

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let sample = Command::new(BINARY)
            .args(["serve", "--print-sample"])
            .output()
            .unwrap();
        let sample = String::from_utf8(sample.stdout).unwrap();
        let clock = format!("clock = {{ fixed = {NOON} }}");
        let served = sample.replace("clock = \"wall\"", &clock);
        assert_ne!(served, sample, "the sample's clock is the machine's");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cognito.toml"), served).unwrap();
        let mut child = Command::new(BINARY)
            .args(["serve", "cognito.toml", "--port", "0", "--judge"])
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built for this test");
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut told = String::new();
        stdout.read_line(&mut told).unwrap();
        let address = told.trim().strip_prefix("Listening on http://");
        Self {
            address: address
                .expect("the first line names the endpoint")
                .to_owned(),
            child,
            stdout,
            folder,
            sign_ins: Cell::new(0),
        }
    }

    fn operation(&self, operation: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
        serde_json::from_str(body).unwrap()
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

    /// The next line of the standard output that contains a text.
    fn line_with(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "no line with {text:?} before the end");
            if line.contains(text) {
                return line;
            }
        }
    }

    fn end(mut self) -> Ended {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let code = self.child.wait().unwrap().code();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        let errors = self.child.stderr.take();
        errors.unwrap().read_to_string(&mut stderr).unwrap();
        Ended {
            code,
            stdout,
            stderr,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already, or the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
    let mut served = Served::start(&["--quiet"]);
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
    let mut served = Served::start(&["--save", "found"]);
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
    kill_process(Pid::from_child(&served.child), Signal::TERM).unwrap();
    assert_eq!(served.child.wait().unwrap().code(), Some(1), "findings");
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
    let output = Command::new(BINARY)
        .arg("judge")
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    text
}

#[test]
fn a_right_client_conforms_even_when_its_user_mistypes_the_password() {
    let served = Served::start(&[]);
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
    let mut served = Served::start(&["--quiet"]);
    served.operation(
        "InitiateAuth",
        &json!({
            "AuthFlow": "USER_SRP_AUTH",
            "ClientId": "localwebclient",
            "AuthParameters": { "USERNAME": ALAN, "SRP_A": "a3".repeat(384) },
            "ClientMetadata": { "note": "it is Temp-Passw0rd1" },
        }),
    );
    kill_process(Pid::from_child(&served.child), Signal::TERM).unwrap();
    let found = served.line_with("secrecy.wire");
    assert!(found.contains("(MUST)"), "{found}");
    assert_eq!(served.child.wait().unwrap().code(), Some(1), "findings");
}

#[test]
fn proofs_of_other_passwords_alone_say_nothing() {
    let served = Served::start(&[]);
    served.sign_in("mistyped", &right_time(), rightly);
    let ended = served.end();
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    let said = "1 proof of another password";
    assert!(ended.stdout.contains(said), "{}", ended.stdout);
}

#[test]
fn a_time_for_which_a_right_proof_is_refused_is_a_finding() {
    let served = Served::start(&[]);
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
    let served = Served::start(&[]);
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
    let output = Command::new(BINARY)
        .args(["serve", "--judge", "--port", "0", "--save", "src"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "usage");
    assert!(output.stdout.is_empty(), "it does not listen");
}
