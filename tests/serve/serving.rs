//! `serve`: the real binary, as applications and shells meet it, and the same within a Rust test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use cognito_conformance::local::{LocalCognito, LocalCognitoError};
use cognito_conformance::model::World;
use data_encoding::BASE64URL_NOPAD;
use insta::{assert_snapshot, with_settings};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::process::{folder_with, run, run_in, stderr, stdout};
use crate::support::served::Served;

const POOL: &str = "eu-west-1_Local0001";

fn part_of(token: &Value, index: usize) -> Value {
    let part = token.as_str().unwrap().split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// What a command says that can't be carried out, in a folder with this file.
fn refused(file: &str, arguments: &[&str], expected_code: i32) -> String {
    let folder = folder_with(file);
    let arguments = [&["serve", "cognito.toml"], arguments].concat();
    let output = run_in(folder.path(), &arguments);
    assert_eq!(
        output.status.code(),
        Some(expected_code),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "", "nothing on the standard output");
    stderr(&output)
}

#[test]
fn somebody_signs_in_at_the_printed_endpoint_with_tokens_that_it_issued() {
    let served = Served::ready();
    let answer = served.with_password("ada@example.com", "Passw0rd!");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let tokens = &answer.json()["AuthenticationResult"];
    let issuer = format!("{}/{POOL}", served.endpoint);
    assert_eq!(
        part_of(&tokens["IdToken"], 1)["iss"],
        json!(issuer),
        "issuer"
    );
    let document = served.get(&format!("/{POOL}/.well-known/openid-configuration"));
    assert_eq!(document["issuer"], json!(issuer), "the document's issuer");
    let keys = served.get(&format!("/{POOL}/.well-known/jwks.json"));
    let ids: Vec<_> = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["kid"])
        .collect();
    let header = part_of(&tokens["AccessToken"], 0);
    assert!(
        ids.contains(&&header["kid"]),
        "{header} is signed by one of {ids:?}"
    );
    let output = served.end(Signal::TERM);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn an_issuer_can_be_chosen() {
    let served = Served::start(&["--issuer", "service", "--quiet"], Path::new("."));
    let answer = served.with_password("ada@example.com", "Passw0rd!").json();
    let claims = part_of(&answer["AuthenticationResult"]["IdToken"], 1);
    assert_eq!(
        claims["iss"],
        json!(format!(
            "https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"
        ))
    );
}

#[test]
fn the_start_tells_what_there_is_and_how_to_get_there() {
    let served = Served::ready();
    let port = served.endpoint.rsplit(':').next().unwrap().to_owned();
    // Answered, so that everything has been told.
    served.get("/_local/health");
    let output = served.end(Signal::INT);
    assert_eq!(output.status.code(), Some(0), "Ctrl-C");
    assert_snapshot!("welcome", stdout(&output).replace(&port, "PORT"));
}

#[test]
fn the_printed_sample_can_be_served_and_quiet_is_quiet() {
    let printed = run(&["serve", "--print-sample"]);
    assert_eq!(printed.status.code(), Some(0), "it only prints");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), printed.stdout).unwrap();
    let served = Served::start(&["mine.toml", "--quiet"], folder.path());
    let answer = served.with_password("grace@example.com", "Passw0rd!");
    assert_eq!(
        answer.json()["ChallengeName"],
        "SOFTWARE_TOKEN_MFA",
        "{}",
        answer.body
    );
    let answer = served.with_password("alan@example.com", "Temp-Passw0rd1");
    assert_eq!(
        answer.json()["ChallengeName"],
        "NEW_PASSWORD_REQUIRED",
        "{}",
        answer.body
    );
    let first_line = served.told.clone();
    let output = served.end(Signal::TERM);
    assert_eq!(stdout(&output), first_line, "one line");
    assert_eq!(stderr(&output), "", "no log");
}

#[test]
fn what_was_sent_is_at_the_messages_and_in_the_log_and_secrets_are_not() {
    let served = Served::ready();
    let body = json!({
        "AuthFlow": "CUSTOM_AUTH",
        "ClientId": "localwebclient",
        "AuthParameters": { "USERNAME": "ada@example.com" },
    });
    let asked = served.operation("InitiateAuth", &body).json();
    assert_eq!(asked["ChallengeName"], "CUSTOM_CHALLENGE", "{asked}");
    let answer = served.with_password("ada@example.com", "Not-Passw0rd!");
    assert_eq!(
        answer.json()["__type"],
        "NotAuthorizedException",
        "a wrong password"
    );
    let messages = served.get("/_local/messages")["messages"].clone();
    assert_eq!(messages.as_array().unwrap().len(), 1, "{messages}");
    assert_eq!(messages[0]["to"], "ada@example.com");
    assert_eq!(messages[0]["userPoolId"], POOL);
    let code = messages[0]["text"].as_str().unwrap();
    let of =
        |name: &str| served.get(&format!("/_local/messages?username={name}"))["messages"].clone();
    assert_eq!(of("ada%40example.com"), messages, "by address");
    let name = messages[0]["username"].as_str().unwrap();
    assert_eq!(of(name), messages, "by internal name");
    assert_eq!(of("grace%40example.com"), json!([]), "somebody else's");
    let answered = served.operation(
        "RespondToAuthChallenge",
        &json!({
            "ChallengeName": "CUSTOM_CHALLENGE",
            "ClientId": "localwebclient",
            "Session": asked["Session"],
            "ChallengeResponses": { "USERNAME": name, "ANSWER": code },
        }),
    );
    let token = &answered.json()["AuthenticationResult"]["AccessToken"];
    assert!(token.is_string(), "{}", answered.body);
    let log = stderr(&served.end(Signal::TERM));
    let lines: Vec<_> = log
        .lines()
        .map(|line| line.rsplit_once(' ').unwrap().0)
        .map(|line| {
            line.trim_end_matches(|c: char| c.is_ascii_digit())
                .trim_end()
        })
        .collect();
    let refused = "InitiateAuth user=ada@example.com client=localwebclient -> NotAuthorizedException: Incorrect username or password.";
    assert_eq!(
        lines,
        [
            "sent to ada@example.com by EMAIL (custom-challenge):",
            "InitiateAuth user=ada@example.com client=localwebclient -> CUSTOM_CHALLENGE",
            refused,
            &format!("RespondToAuthChallenge user={name} client=localwebclient -> tokens"),
        ],
        "{log}"
    );
    assert_eq!(
        log.matches(code).count(),
        1,
        "the code is on one line: {log}"
    );
    assert!(!log.contains("Not-Passw0rd!"), "no password: {log}");
}

#[test]
fn a_function_of_the_file_is_asked_in_the_folder_where_it_was_started() {
    let folder = tempfile::tempdir().unwrap();
    let define = "#!/bin/sh\nsed 's/\"response\":{[^}]*}/\"response\":{\"issueTokens\":true}/'\n";
    fs::write(folder.path().join("define.sh"), define).unwrap();
    let file = r#"
        [[pools]]
        id = "eu-west-1_Local0001"
        clients = [{ id = "localwebclient" }]
        users = [{ attributes = { email = "ada@example.com" } }]
        [pools.triggers]
        define_auth_challenge = { command = ["sh", "define.sh"] }
        create_auth_challenge = { respond = {} }
        verify_auth_challenge_response = { throw = "never asked" }
    "#;
    fs::write(folder.path().join("cognito.toml"), file).unwrap();
    let served = Served::start(&["cognito.toml"], folder.path());
    let body = json!({
        "AuthFlow": "CUSTOM_AUTH",
        "ClientId": "localwebclient",
        "AuthParameters": { "USERNAME": "ada@example.com" },
    });
    let answer = served.operation("InitiateAuth", &body);
    assert!(
        answer.json()["AuthenticationResult"].is_object(),
        "{}",
        answer.body
    );
}

#[test]
fn a_wrong_file_is_refused_with_the_place_and_what_was_expected() {
    assert_snapshot!(
        "file_unknown_setting",
        refused(
            "[[pools]]\nid = \"eu-west-1_A\"\n\n[[pools.clients]]\nid = \"web\"\nscret = \"x\"\n",
            &[],
            2
        )
    );
    assert_snapshot!(
        "file_wrong_value",
        refused(
            "issuer = \"localhost\"\n[[pools]]\nid = \"eu-west-1_A\"\n",
            &[],
            2
        )
    );
    assert_snapshot!(
        "file_no_world",
        refused(
            "[[pools]]\nid = \"eu-west-1_A\"\nclients = [{ id = \"web\", secret = \"short\" }]\n",
            &[],
            2
        )
    );
    assert_snapshot!(
        "file_no_name",
        refused(
            "[[pools]]\nid = \"eu-west-1_A\"\nusers = [{ password = \"Passw0rd!\" }]\n",
            &[],
            2
        )
    );
    assert_snapshot!(
        "file_no_name_without_aliases",
        refused(
            "[[pools]]\nid = \"eu-west-1_A\"\naliases = false\nusers = [{ attributes = { email = \"ada@example.com\" } }]\n",
            &[],
            2
        )
    );
    let pool = "[[pools]]\nid = \"eu-west-1_A\"\nclients = [{ id = \"web\" }]\n";
    assert_snapshot!("file_pool_twice", refused(&format!("{pool}{pool}"), &[], 2));
}

#[test]
fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let pool = "[[pools]]\nid = \"eu-west-1_A\"\nclients = [{ id = \"web\" }]\n";
    let said = refused(pool, &["--port", &port], 3);
    // The number of the error is the system's own.
    with_settings!({filters => vec![(r" \(os error \d+\)", "")]}, {
        assert_snapshot!("port_in_use", said.replace(&port, "PORT"));
    });
}

#[tokio::test]
async fn a_rust_test_embeds_it_and_the_port_is_free_when_it_is_dropped() {
    let world = World::new(POOL, "web").with_user("ada@example.com", "Passw0rd!");
    let cognito = LocalCognito::start(world).await.unwrap();
    let address = cognito.local_addr();
    assert_eq!(
        cognito.endpoint(),
        format!("http://{address}"),
        "the endpoint"
    );
    assert_eq!(
        cognito.message_for("ada@example.com"),
        None,
        "nothing was sent"
    );
    let answer = reqwest::Client::new()
        .post(cognito.endpoint())
        .header("Content-Type", "application/x-amz-json-1.1")
        .header(
            "X-Amz-Target",
            "AWSCognitoIdentityProviderService.ForgotPassword",
        )
        .body(r#"{"ClientId":"web","Username":"ada@example.com"}"#)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let code = cognito
        .message_for("ada@example.com")
        .expect("a code was sent");
    let known = cognito.pools().with_pool(POOL, |pool| {
        pool.code_for("ada@example.com").map(str::to_owned)
    });
    assert_eq!(known, Some(Some(code)), "the pool's code");
    cognito.stop().await;
    assert!(
        TcpStream::connect(address).is_err(),
        "nobody listens there any more"
    );
}

#[tokio::test]
async fn a_world_that_cannot_be_is_refused_with_the_name_of_its_pool() {
    let error = LocalCognito::start(World::new(POOL, "no client id")).await;
    let Err(LocalCognitoError::Pool { id, .. }) = &error else {
        panic!("expected a refusal of the pool, got {error:?}");
    };
    assert_eq!(id, POOL);
}
