//! Functions: those outside of the program, in real processes and behind real HTTP, and those that are part of it.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::support::counter::*;
use cognito_conformance::model::{
    BuiltIn, FixedAnswer, Function, MfaConfiguration, TriggerName, World,
};
use cognito_conformance::pool::{FunctionLimits, Invocation, Said};
use cognito_conformance::wire::{ErrorKind, Event, PoolNote};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

/// A world whose Define is this function; Create and Verify are there, too.
fn defined_by(function: Function) -> World {
    let mut world = world();
    world.triggers.functions = BTreeMap::from([
        (TriggerName::DefineAuthChallenge, function),
        (
            TriggerName::CreateAuthChallenge,
            Function::Respond(json!({})),
        ),
        (
            TriggerName::VerifyAuthChallengeResponse,
            Function::Respond(json!({ "answerCorrect": true })),
        ),
    ]);
    world
}

fn built_in(function: &BuiltIn) -> World {
    let mut world = world();
    world.triggers.functions = [
        TriggerName::DefineAuthChallenge,
        TriggerName::CreateAuthChallenge,
        TriggerName::VerifyAuthChallengeResponse,
    ]
    .into_iter()
    .map(|name| (name, Function::BuiltIn(function.clone())))
    .collect();
    world
}

fn sh(script: &str) -> Function {
    Function::Command(vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()])
}

/// The script that returns its event with this response.
fn responding(response: &str) -> String {
    format!(r#"sed 's/"response":{{[^}}]*}}/"response":{response}/'"#)
}

/// What the pool hands to a function, at the first trigger of a custom sign-in.
fn invocation(function: Function) -> Invocation {
    let mut counter = Counter::new(defined_by(Function::Respond(
        json!({ "issueTokens": true }),
    )));
    counter.start_custom(EMAIL);
    let call = counter.triggers().remove(0);
    Invocation {
        function,
        event: call.event,
        limits: FunctionLimits::default(),
    }
}

fn short() -> FunctionLimits {
    FunctionLimits {
        time: Duration::from_millis(100),
        ..FunctionLimits::default()
    }
}

#[test]
fn a_command_reads_the_event_and_prints_it_with_its_response() {
    let script = responding(r#"{"issueTokens":true,"failAuthentication":false}"#);
    let mut counter = Counter::new(defined_by(sh(&script)));
    let got = counter.start_custom(EMAIL);
    assert!(got.has_tokens(), "{}", got.0.body.to_text());
    let events = counter.triggers();
    assert_eq!(events.len(), 1, "one trigger in the transcript");
    assert_eq!(events[0].response["issueTokens"], true, "as it was said");
    assert_eq!(
        events[0].event["response"]["issueTokens"],
        Value::Null,
        "as it was asked"
    );
}

#[test]
fn a_command_that_reads_nothing_is_heard_all_the_same() {
    let whole =
        r#"{"callerContext":{"clientId":"c"},"request":{},"response":{"issueTokens":true}}"#;
    let said = invocation(sh(&format!("echo '{whole}'"))).run();
    assert_eq!(said, Said::Response(json!({ "issueTokens": true })));
}

#[test]
fn the_last_line_of_a_failing_command_is_the_error_message() {
    let function = sh("echo first >&2; echo 'Not today' >&2; echo >&2; exit 3");
    let got = Counter::new(defined_by(function)).start_custom(EMAIL);
    got.refuses(
        ErrorKind::UserLambdaValidation,
        "DefineAuthChallenge failed with error Not today.",
    );
    let silent = invocation(sh("exit 3")).run();
    assert_eq!(silent, Said::Threw("exit status: 3".to_owned()));
}

#[test]
fn what_is_no_json_is_told_from_what_is_not_the_event() {
    let not_json = Counter::new(defined_by(sh("echo hello"))).start_custom(EMAIL);
    not_json.refuses(
        ErrorKind::InvalidLambdaResponse,
        "Invalid lambda function output : Invalid JSON",
    );
    for (what, script) in [
        (
            "only a response",
            r#"echo '{"response":{"issueTokens":true}}'"#,
        ),
        ("null", "echo null"),
        ("no callerContext", "sed 's/callerContext/context/'"),
        ("no request", "sed 's/\"request\"/\"asked\"/'"),
        (
            "PascalCase",
            "sed 's/\"request\"/\"Request\"/;s/\"callerContext\"/\"CallerContext\"/'",
        ),
        (
            "a null for the client",
            r#"sed 's/"clientId":"[^"]*"/"clientId":null/'"#,
        ),
        (
            "a null for a map",
            r#"sed 's/"request":{/"request":{"clientMetadata":null,/'"#,
        ),
        (
            "a response that is a text",
            r#"sed 's/"response":{[^}]*}/"response":"yes"/'"#,
        ),
    ] {
        let said = invocation(sh(script)).run();
        assert_eq!(said, Said::Nonsense, "{what}");
    }
    Counter::new(defined_by(sh("echo null")))
        .start_custom(EMAIL)
        .refuses(
            ErrorKind::InvalidLambdaResponse,
            "Unrecognizable lambda output",
        );
}

#[test]
fn a_command_is_asked_three_times_and_killed_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let (asked, alive) = (folder.path().join("asked"), folder.path().join("alive"));
    let made = std::process::Command::new("mkfifo")
        .arg(&alive)
        .status()
        .unwrap();
    assert!(made.success(), "a pipe with a name");
    // Whoever is alive holds the pipe open, so that reading it ends with the last of them.
    let path = alive.clone();
    let (died, deaths) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let mut octets = Vec::new();
        std::fs::File::open(path)
            .unwrap()
            .read_to_end(&mut octets)
            .unwrap();
        died.send(octets).unwrap();
    });
    let script = format!(
        "echo asked >> '{}'; sleep 100000 > '{}' & wait",
        asked.display(),
        alive.display()
    );
    let mut counter = Counter::new(defined_by(sh(&script)));
    counter.pool.set_function_limits(FunctionLimits {
        time: Duration::from_millis(500),
        ..FunctionLimits::default()
    });
    let got = counter.start_custom(EMAIL);
    assert_eq!(
        std::fs::read_to_string(asked).unwrap(),
        "asked\n".repeat(3),
        "attempts"
    );
    let died = deaths.recv_timeout(Duration::from_secs(60));
    assert_eq!(died, Ok(Vec::new()), "the child's child is gone");
    got.refuses(
        ErrorKind::from("UnexpectedLambdaException"),
        "DefineAuthChallenge failed with error Socket timeout while invoking Lambda function.",
    );
}

#[test]
fn a_command_that_has_answered_and_ended_is_not_waited_for_when_a_helper_holds_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    let whole =
        r#"{"callerContext":{"clientId":"c"},"request":{},"response":{"issueTokens":true}}"#;
    let script = format!(
        "echo asked >> '{}'; sleep 100000 & echo '{whole}'",
        asked.display()
    );
    let long = FunctionLimits {
        // Never reached.
        time: Duration::from_secs(600),
        ..FunctionLimits::default()
    };
    let said = Invocation {
        limits: long,
        ..invocation(sh(&script))
    }
    .run();
    assert_eq!(said, Said::Response(json!({ "issueTokens": true })));
    let times = std::fs::read_to_string(&asked).unwrap();
    assert_eq!(times, "asked\n", "it is asked once");
    let failing = Invocation {
        limits: long,
        ..invocation(sh("sleep 100000 & echo 'Not today' >&2; exit 3"))
    };
    assert_eq!(failing.run(), Said::Threw("Not today".to_owned()));
}

#[test]
fn a_flood_of_output_is_cut_off() {
    let said = invocation(sh("head -c 3000000 /dev/zero")).run();
    let why = "The function answered with more than 1048576 octets".to_owned();
    assert_eq!(said, Said::Failed(why), "a command");
    let flood = format!("\"{}\"", "x".repeat(2_000_000));
    let server = Server::answering(vec![ok(&flood)]);
    let said = invocation(Function::Http(server.url("/"))).run();
    assert!(
        matches!(&said, Said::Failed(why) if why.contains("1048576")),
        "a function behind HTTP: {said:?}"
    );
}

#[test]
fn what_cannot_be_started_is_named() {
    let function = Function::Command(vec!["./no-such-function".to_owned()]);
    let got = Counter::new(defined_by(function)).start_custom(EMAIL);
    assert_eq!(got.kind().as_str(), "UnexpectedLambdaException");
    let message = got.error().message;
    assert!(
        message.contains("./no-such-function could not be started"),
        "{message}"
    );
}

#[test]
fn a_function_behind_http_gets_the_event_at_the_emulators_path() {
    let whole = json!({
        "callerContext": { "clientId": CLIENT }, "request": {}, "response": { "issueTokens": true },
    });
    let server = Server::answering(vec![ok(&whole.to_string())]);
    let mut counter = Counter::new(defined_by(Function::Http(server.url(""))));
    let got = counter.start_custom(EMAIL);
    assert!(got.has_tokens(), "{}", got.0.body.to_text());
    let heard = server.heard();
    assert_eq!(heard.len(), 1, "requests");
    assert_eq!(
        heard[0].0, "POST /2015-03-31/functions/function/invocations HTTP/1.1",
        "request line"
    );
    assert_eq!(
        heard[0].1["triggerSource"], "DefineAuthChallenge_Authentication",
        "the event"
    );
}

#[test]
fn a_function_behind_http_that_throws_is_answered_200_with_its_message() {
    let thrown = json!({ "errorMessage": "Not today", "errorType": "Error" }).to_string();
    let server = Server::answering(vec![ok(&thrown), ok("Task timed out"), ok("null")]);
    let function = Function::Http(server.url("/mine"));
    let said = |_| invocation(function.clone()).run();
    let expected = [
        Said::Threw("Not today".to_owned()),
        Said::NotJson,
        Said::Nonsense,
    ];
    assert_eq!([0, 1, 2].map(said), expected);
    assert!(
        server.heard()[0].0.starts_with("POST /mine "),
        "its own path"
    );
}

#[test]
fn a_failing_or_absent_server_is_named() {
    let server = Server::answering(vec![
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".to_owned(),
    ]);
    let url = server.url("/mine");
    let said = invocation(Function::Http(url.clone())).run();
    assert_eq!(
        said,
        Said::Failed(format!("{url} answered 502 Bad Gateway")),
        "its status"
    );
    drop(server.heard());
    let Said::Failed(why) = invocation(Function::Http(url.clone())).run() else {
        panic!("nobody listens there any more");
    };
    assert!(
        why.starts_with(&format!("No connection to {url}: ")),
        "{why}"
    );
    let https = invocation(Function::Http("https://localhost/".to_owned())).run();
    let why = "https://localhost/ can't be asked: only http URLs are supported".to_owned();
    assert_eq!(https, Said::Failed(why), "a scheme that is not built in");
}

#[test]
fn a_server_that_does_not_answer_is_asked_three_times() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let said = Invocation {
        limits: short(),
        ..invocation(Function::Http(url))
    }
    .run();
    assert_eq!(said, Said::TimedOut);
    listener.set_nonblocking(true).unwrap();
    assert_eq!(
        listener.incoming().take_while(Result::is_ok).count(),
        3,
        "attempts"
    );
}

#[tokio::test]
async fn a_function_can_be_asked_within_a_runtime() {
    let script = responding(r#"{"issueTokens":true}"#);
    let said = invocation(sh(&script)).run();
    assert_eq!(said, Said::Response(json!({ "issueTokens": true })));
}

#[test]
fn a_fixed_answer_is_asked_for_as_often_as_it_says() {
    let mut counter = Counter::new(built_in(&BuiltIn::FixedAnswer(FixedAnswer {
        answer: "blue".to_owned(),
        rounds: 2,
        question: Some("Which colour?".to_owned()),
    })));
    let first = counter.start_custom(EMAIL);
    assert_eq!(first.challenge().as_deref(), Some("CUSTOM_CHALLENGE"));
    assert_eq!(first.parameter("question"), "Which colour?");
    assert_eq!(
        first.body()["ChallengeParameters"]["answer"],
        Value::Null,
        "kept private"
    );
    let second = counter.answer_custom(&first, "blue");
    assert_eq!(
        second.challenge().as_deref(),
        Some("CUSTOM_CHALLENGE"),
        "the second round"
    );
    assert!(
        counter.answer_custom(&second, "blue").has_tokens(),
        "two right answers"
    );
}

#[test]
fn a_built_in_challenge_comes_after_the_password_and_three_wrong_answers_end_it() {
    let mut counter = Counter::new(built_in(&BuiltIn::FixedAnswer(FixedAnswer {
        answer: "blue".to_owned(),
        rounds: 1,
        question: None,
    })));
    let mut asked = counter.custom_after_password(EMAIL, PASSWORD);
    for attempt in 1..=2 {
        assert_eq!(
            asked.challenge().as_deref(),
            Some("CUSTOM_CHALLENGE"),
            "{attempt}"
        );
        asked = counter.answer_custom(&asked, "Blue");
    }
    let right = counter.custom_after_password(EMAIL, PASSWORD);
    assert!(
        counter.answer_custom(&right, "blue").has_tokens(),
        "another sign-in"
    );
    counter
        .answer_custom(&asked, "green")
        .refuses(ErrorKind::NotAuthorized, GENERIC);
}

#[test]
fn a_code_is_sent_once_and_stays_good_after_a_wrong_answer() {
    let mut counter = Counter::new(built_in(&BuiltIn::SentCode));
    let first = counter.start_custom(EMAIL);
    let sent = counter.notes();
    let [
        PoolNote::Sent {
            to,
            purpose,
            medium,
            text,
            ..
        },
    ] = sent.as_slice()
    else {
        panic!("one message: {sent:?}");
    };
    assert_eq!((to.as_str(), medium.as_str()), (EMAIL, "EMAIL"), "where to");
    assert_eq!(purpose, "custom-challenge");
    assert_eq!(text.len(), 6, "six digits");
    assert_eq!(first.parameter("medium"), "EMAIL");
    assert_eq!(first.parameter("destination"), "a***@e***");
    let second = counter.answer_custom(&first, "no code");
    assert_eq!(counter.notes(), [], "nothing is sent again");
    assert!(
        counter.answer_custom(&second, text).has_tokens(),
        "the code of the first message"
    );
}

#[test]
fn nobody_is_asked_for_a_code_that_is_not_sent() {
    let mut counter = Counter::new(hiding(built_in(&BuiltIn::SentCode)));
    let asked = counter.start_custom("nobody@example.com");
    assert_eq!(asked.challenge().as_deref(), Some("CUSTOM_CHALLENGE"));
    assert_eq!(counter.notes(), [], "messages");
}

#[test]
fn a_sum_is_asked_in_words_and_answered_in_digits() {
    let words = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let mut counter = Counter::new(built_in(&BuiltIn::Sum));
    let asked = counter.start_custom(EMAIL);
    let question = asked.parameter("question");
    let number = |word: &str| words.iter().position(|other| *other == word).unwrap();
    let parts: Vec<&str> = question.split([' ', '?']).collect();
    let sum = number(parts[3]) + number(parts[5]);
    let again = counter.answer_custom(&asked, &(sum + 1).to_string());
    assert_ne!(again.parameter("question"), question, "another sum");
    let question = again.parameter("question");
    let parts: Vec<&str> = question.split([' ', '?']).collect();
    let sum = number(parts[3]) + number(parts[5]);
    assert!(
        counter.answer_custom(&again, &sum.to_string()).has_tokens(),
        "{question}"
    );
}

#[test]
fn every_trigger_gets_the_event_that_its_documentation_shows() {
    let mut world = built_in(&BuiltIn::FixedAnswer(FixedAnswer {
        answer: "blue".to_owned(),
        rounds: 1,
        question: None,
    }));
    world.pool.mfa = MfaConfiguration::Off;
    for name in TriggerName::ALL {
        let answer = match name {
            TriggerName::UserMigration => json!({
                "userAttributes": { "email": "carol@example.com", "email_verified": "true" },
                "finalUserStatus": "CONFIRMED",
                "messageAction": "SUPPRESS",
            }),
            _ => json!({}),
        };
        let functions = &mut world.triggers.functions;
        functions.entry(name).or_insert(Function::Respond(answer));
    }
    let mut counter = Counter::new(world);
    counter.metadata = map(&[("from", "the test")]);
    let question = counter.custom_after_password(EMAIL, PASSWORD);
    assert!(
        counter.answer_custom(&question, "blue").has_tokens(),
        "a custom sign-in"
    );
    let migrated = counter.with_password("carol@example.com", "Old-Passw0rd!");
    assert!(
        migrated.has_tokens(),
        "a migration: {}",
        migrated.0.body.to_text()
    );
    let mut seen = BTreeMap::new();
    for event in counter.pool.take_events() {
        if let Event::Triggered(call) = event {
            // The last of each kind, which knows most.
            seen.insert(call.source, call.event);
        }
    }
    for (source, event) in seen {
        assert_json_snapshot!(format!("event_{source}"), event);
    }
}

/// A server that gives one answer after the other, each on a connection of its own.
struct Server {
    address: SocketAddr,
    serving: JoinHandle<Vec<(String, Value)>>,
}

impl Server {
    fn answering(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serving = thread::spawn(move || {
            let answer_one = |answer: String| {
                let (mut stream, _) = listener.accept().unwrap();
                let heard = read_request(&mut BufReader::new(&stream));
                // A client that has had enough closes early.
                let _ = stream.write_all(answer.as_bytes());
                heard
            };
            answers.into_iter().map(answer_one).collect()
        });
        Self { address, serving }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked: request line and body of each. Nobody listens there any more.
    fn heard(self) -> Vec<(String, Value)> {
        self.serving.join().unwrap()
    }
}

fn read_request(stream: &mut impl BufRead) -> (String, Value) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let length = lines
        .iter()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (lines[0].clone(), serde_json::from_slice(&body).unwrap())
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
