//! What pages in a developer's browser can do, and what they can't: read codes, or have commands run.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::process::{folder_with, run_in, stderr};
use crate::support::served::{Answer, Served};

const PAGE: &str = "Origin: http://localhost:3000\r\n";
const ASKS: &str = "Origin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type,x-amz-target\r\n";
const POOL: &str = "[[pools]]\nid = \"eu-west-1_Local0001\"\nclients = [{ id = \"localwebclient\", explicit_auth_flows = [\"ALLOW_USER_PASSWORD_AUTH\"] }]\nusers = [{ username = \"ada\", password = \"Passw0rd!\" }]\n";

/// An operation, asked for by a page.
fn of_page(served: &Served, host: &str, origin: &str, operation: &str, body: &Value) -> Answer {
    let headers = format!(
        "{origin}Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\n"
    );
    served.send_as(host, "POST", "/", &headers, &body.to_string())
}

fn sign_in() -> Value {
    json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": "localwebclient",
        "AuthParameters": { "USERNAME": "ada@example.com", "PASSWORD": "Passw0rd!" },
    })
}

fn is_readable(answer: &Answer) -> bool {
    answer.head.contains("access-control-allow-origin: *")
}

#[test]
fn pages_are_let_in_where_apps_ask() {
    let served = Served::ready();
    for path in ["/", "/eu-west-1_Local0001/.well-known/jwks.json"] {
        let answer = served.send("OPTIONS", path, ASKS, "");
        assert_eq!(answer.status, 200, "{path}");
        assert!(is_readable(&answer), "{path}: {}", answer.head);
        let granted = "access-control-allow-headers: content-type,x-amz-target";
        assert!(answer.head.contains(granted), "{path}: {}", answer.head);
    }
    for origin in [PAGE, "Origin: https://app.example\r\n", "Origin: null\r\n"] {
        let answer = of_page(&served, "localhost", origin, "InitiateAuth", &sign_in());
        assert_eq!(answer.status, 200, "{origin}: {}", answer.body);
        assert!(is_readable(&answer), "{origin}: {}", answer.head);
    }
}

#[test]
fn no_page_reads_what_was_sent() {
    let served = Served::ready();
    for path in ["/_local/messages", "/_local/health", "/_local/nothing"] {
        let preflight = served.send("OPTIONS", path, ASKS, "");
        assert_eq!(preflight.status, 405, "{path}: {}", preflight.body);
        let answer = served.send("GET", path, PAGE, "");
        for told in [preflight.head, answer.head] {
            assert!(!told.contains("access-control-"), "{path}: {told}");
        }
    }
    assert_eq!(served.send("GET", "/_local/health", "", "").status, 200);
    assert_eq!(served.send("GET", "/_local/nothing", "", "").status, 404);
    assert_eq!(served.send("POST", "/_local/health", "", "").status, 405);
}

#[test]
fn a_name_that_a_stranger_can_have_is_refused_with_what_to_do_and_an_sdk_may_use_it() {
    let served = Served::ready();
    let foreign = "cognito:9229";
    let refused = [
        served.send_as(foreign, "OPTIONS", "/", ASKS, ""),
        of_page(&served, foreign, PAGE, "InitiateAuth", &sign_in()),
        served.send_as(foreign, "GET", "/_local/messages", "", ""),
        served.send_as(foreign, "OPTIONS", "/_local/messages", ASKS, ""),
        served.send_as(foreign, "GET", "/_local/messages", PAGE, ""),
    ];
    for answer in &refused {
        assert_eq!(answer.status, 403, "{}", answer.body);
        assert!(!answer.head.contains("access-control-"), "{}", answer.head);
        assert!(
            answer
                .head
                .contains("x-amzn-errortype: forbiddenexception:"),
            "{}",
            answer.head
        );
        assert_eq!(answer.json()["__type"], "ForbiddenException");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("--allow-host"), "{message}");
        assert!(message.contains("'cognito:9229'"), "{message}");
    }
    let answer = of_page(&served, foreign, "", "InitiateAuth", &sign_in());
    assert_eq!(answer.status, 200, "of no page: {}", answer.body);
    let log = stderr(&served.end(Signal::TERM));
    let told = log.matches("ForbiddenException: expected a Host").count();
    assert_eq!(
        told,
        refused.len(),
        "who wonders finds it in the log: {log}"
    );
}

#[test]
fn names_are_let_in_by_the_flag_and_by_the_file() {
    let folder = folder_with(&format!("allow_hosts = [\"from-file\"]\n{POOL}"));
    let served = Served::start(
        &[
            "cognito.toml",
            "--allow-host",
            "one.example",
            "--allow-host",
            "Two",
        ],
        folder.path(),
    );
    for (host, status) in [
        ("from-file", 200),
        ("one.example:9229", 200),
        ("two", 200),
        ("three", 403),
    ] {
        let answer = served.send_as(host, "OPTIONS", "/", ASKS, "");
        assert_eq!(answer.status, status, "a page at {host}");
        let answer = served.send_as(host, "GET", "/_local/health", "", "");
        assert_eq!(answer.status, status, "/_local/ at {host}");
    }
}

#[test]
fn what_is_no_name_is_refused_at_the_start() {
    let folder = folder_with(POOL);
    let asked = [
        "serve",
        "cognito.toml",
        "--allow-host",
        "http://cognito:9229",
    ];
    let output = run_in(folder.path(), &asked);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let expected = "expected the name of a machine, such as cognito or pc.example";
    assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    let folder = folder_with(&format!("allow_hosts = [\"*\"]\n{POOL}"));
    let output = run_in(folder.path(), &["serve", "cognito.toml"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    assert!(stderr(&output).contains("line 1"), "{}", stderr(&output));
}

#[test]
fn no_page_from_elsewhere_gives_a_pool_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        format!("{POOL}[functions]\nhook = {{ command = [\"sh\", \"-c\", \"touch ran; cat\"] }}\n");
    fs::write(folder.path().join("cognito.toml"), file).unwrap();
    let served = Served::start(&["cognito.toml"], folder.path());
    let arn = "arn:aws:lambda:eu-west-1:000000000000:function:hook";
    let pool = json!({ "PoolName": "x", "LambdaConfig": { "PreSignUp": arn } });
    let update = json!({ "UserPoolId": "eu-west-1_Local0001", "LambdaConfig": { "PreAuthentication": arn } });
    for origin in ["Origin: https://evil.example\r\n", "Origin: null\r\n"] {
        for (operation, body) in [("CreateUserPool", &pool), ("UpdateUserPool", &update)] {
            let answer = of_page(&served, "127.0.0.1:9229", origin, operation, body);
            assert_eq!(answer.status, 403, "{operation}: {}", answer.body);
            assert!(!is_readable(&answer), "{operation}: {}", answer.head);
        }
    }
    let answer = served.with_password("ada", "Passw0rd!");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(
        !folder.path().join("ran").exists(),
        "the command did not run"
    );
    let answer = of_page(&served, "127.0.0.1", PAGE, "UpdateUserPool", &update);
    assert_eq!(answer.status, 200, "one's own page may: {}", answer.body);
    served.with_password("ada", "Passw0rd!");
    assert!(folder.path().join("ran").exists(), "and then it runs");
}

#[test]
fn the_name_of_a_function_is_nothing_else_in_a_url() {
    let served = Served::ready();
    let arn = |rest: &str| format!("arn:aws:lambda:eu-west-1:000000000000:{rest}");
    for (rest, is_taken) in [
        ("function:my-function_2", true),
        ("function:my-function:live", true),
        ("function:../../x", false),
        ("function:a/b", false),
        ("function:a:../b", false),
        ("function:a@b", false),
        ("layer:a", false),
    ] {
        let config = json!({ "PreSignUp": arn(rest) });
        let create = json!({ "PoolName": "x", "LambdaConfig": config });
        let update = json!({ "UserPoolId": "eu-west-1_Local0001", "LambdaConfig": config });
        for (operation, body) in [("CreateUserPool", create), ("UpdateUserPool", update)] {
            let answer = served.operation(operation, &body);
            assert_eq!(
                answer.status == 200,
                is_taken,
                "{operation} with {rest}: {}",
                answer.body
            );
            if !is_taken {
                let error = answer.json();
                assert_eq!(error["__type"], "InvalidParameterException", "{error}");
                let message = error["message"].as_str().unwrap();
                assert!(message.contains("LambdaConfig.PreSignUp"), "{message}");
            }
        }
    }
    let folder = folder_with(&format!(
        "{POOL}[functions]\n\"../../x\" = {{ throw = \"no\" }}\n"
    ));
    let output = run_in(folder.path(), &["serve", "cognito.toml"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let expected = "[functions]: expected a name of letters, digits, _ and -, got '../../x'";
    assert!(stderr(&output).contains(expected), "{}", stderr(&output));
}
