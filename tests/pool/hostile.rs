//! Traffic that means no good: bounded, answered as the service would, and nobody else is affected.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;

use crate::support::counter::*;
use cognito_conformance::model::{
    ByteClass, CustomScript, Function, MfaConfiguration, MfaMethod, SaltChoice, TriggerName,
    UserMfa, World,
};
use cognito_conformance::pool::http::{Limits, Listener};
use cognito_conformance::pool::{Message, Pool, Pools, PoolsSettings};
use serde_json::{Value, json};

#[test]
fn what_stands_in_a_sensitive_map_is_never_in_an_answer() {
    const CANARY: &str = "Zz9!CANARY-77";
    let long = format!("{CANARY}{}", "x".repeat(140_000));
    let responses = |value: &Value| json!({ "USERNAME": ALICE, "ANSWER": value, CANARY: "x" });
    let mut counter = Counter::new(world());
    for (operation, body) in [
        (
            "InitiateAuth",
            json!({
                "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": { "USERNAME": ALICE, "PASSWORD": long, CANARY: long },
            }),
        ),
        (
            "InitiateAuth",
            json!({
                "ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": { "USERNAME": ALICE, "PASSWORD": CANARY },
            }),
        ),
        (
            "InitiateAuth",
            json!({
                "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": { "USERNAME": ALICE, "SRP_A": CANARY },
            }),
        ),
        (
            "RespondToAuthChallenge",
            json!({
                "ClientId": CLIENT, "ChallengeName": "SELECT_CHALLENGE",
                "ChallengeResponses": responses(&json!(CANARY)),
            }),
        ),
        (
            "RespondToAuthChallenge",
            json!({
                "ClientId": CLIENT, "ChallengeName": "CUSTOM_CHALLENGE",
                "ChallengeResponses": responses(&json!(long)),
            }),
        ),
        (
            "RespondToAuthChallenge",
            json!({
                "ClientId": CLIENT, "ChallengeName": "CUSTOM_CHALLENGE",
                "ChallengeResponses": responses(&json!([CANARY])),
            }),
        ),
    ] {
        let answer = counter.send(operation, &body).body();
        assert!(
            answer["__type"].is_string(),
            "{operation}: refused: {answer}"
        );
        assert!(
            !answer.to_string().contains("CANARY"),
            "{operation}: {answer}"
        );
    }
}

#[tokio::test]
async fn idle_connections_make_room_for_new_ones() {
    let limits = Limits {
        connections: 4,
        ..Limits::default()
    };
    let pools = Arc::new(pools(vec![world()]));
    let listener = Listener::bind_with(loopback(), pools, limits)
        .await
        .unwrap();
    let address = listener.local_addr();
    let answer = tokio::task::spawn_blocking(move || {
        let mut idle: Vec<TcpStream> = (0..40)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        let answer = over_http(address, "InitiateAuth", &password_sign_in(PASSWORD));
        // The first ones had to go.
        let mut octet = [0];
        assert_eq!(idle[0].read(&mut octet).unwrap(), 0, "closed");
        answer
    })
    .await
    .unwrap();
    assert!(answer["AuthenticationResult"].is_object(), "{answer}");
    listener.stop().await;
}

#[tokio::test]
async fn bodies_that_never_end_make_room_too() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let pools = Arc::new(pools(vec![world()]));
    let listener = Listener::bind_with(loopback(), pools, limits)
        .await
        .unwrap();
    let address = listener.local_addr();
    let answer = tokio::task::spawn_blocking(move || {
        let _slow: Vec<TcpStream> = (0..8)
            .map(|_| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream
                    .write_all(b"POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 1000\r\n\r\n{")
                    .unwrap();
                stream
            })
            .collect();
        over_http(address, "InitiateAuth", &password_sign_in(PASSWORD))
    })
    .await
    .unwrap();
    assert!(answer["AuthenticationResult"].is_object(), "{answer}");
    listener.stop().await;
}

#[test]
fn of_many_who_answer_with_one_session_at_once_one_succeeds() {
    let mut world = world();
    world.pool.mfa = MfaConfiguration::Optional;
    world.users[0].mfa = UserMfa {
        enabled: vec![MfaMethod::SmsMfa],
        ..UserMfa::default()
    };
    world.users[0]
        .attributes
        .insert("phone_number".to_owned(), "+15555550143".to_owned());
    let pools = pools(vec![world]);
    let asked = ask(&pools, "InitiateAuth", &password_sign_in(PASSWORD));
    let messages = pools.messages();
    let Message { text: code, .. } = messages.first().expect("a code was sent");
    let answer = json!({
        "ChallengeName": "SMS_MFA", "ClientId": CLIENT, "Session": asked["Session"],
        "ChallengeResponses": { "USERNAME": ALICE, "SMS_MFA_CODE": code },
    });
    let answers: Vec<Value> = thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| ask(&pools, "RespondToAuthChallenge", &answer)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let (tokens, refused): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer["AuthenticationResult"].is_object());
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    for answer in refused {
        assert_eq!(
            answer["message"],
            "Invalid session for the user, session can only be used once."
        );
    }
}

#[test]
fn of_many_who_show_one_proof_at_once_one_succeeds() {
    let pools = pools(vec![world()]);
    let counter = Counter::new(world());
    let challenge = ask(
        &pools,
        "InitiateAuth",
        &json!({
            "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT,
            "AuthParameters": { "USERNAME": EMAIL, "SRP_A": counter.big_a() },
        }),
    );
    let challenge = Got(cognito_conformance::wire::HttpResponse::new(
        200,
        Vec::new(),
        challenge.to_string(),
    ));
    let proof = counter.proof(&challenge, PASSWORD);
    let answer = json!({
        "ChallengeName": "PASSWORD_VERIFIER", "ClientId": CLIENT,
        "ChallengeResponses": {
            "USERNAME": proof.username, "TIMESTAMP": proof.timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": proof.block, "PASSWORD_CLAIM_SIGNATURE": proof.signature,
        },
    });
    let succeeded = thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| ask(&pools, "RespondToAuthChallenge", &answer)))
            .collect();
        let answers = threads.into_iter().map(|thread| thread.join().unwrap());
        answers
            .filter(|answer| answer["AuthenticationResult"].is_object())
            .count()
    });
    assert_eq!(succeeded, 1);
}

#[test]
fn a_session_of_one_pool_is_nothing_in_another() {
    let mut other = custom_world(1);
    other.pool.id = "us-east-1_Another01".to_owned();
    other.clients.truncate(1);
    other.clients[0].id = "anotherpoolsclient".to_owned();
    other.seed = 8;
    let pools = pools(vec![custom_world(1), other]);
    let asked = ask(
        &pools,
        "InitiateAuth",
        &json!({ "AuthFlow": "CUSTOM_AUTH", "ClientId": CLIENT, "AuthParameters": { "USERNAME": EMAIL } }),
    );
    let answer = |client: &str| {
        json!({
            "ChallengeName": "CUSTOM_CHALLENGE", "ClientId": client, "Session": asked["Session"],
            "ChallengeResponses": { "USERNAME": ALICE, "ANSWER": "answer 1" },
        })
    };
    let refused = ask(
        &pools,
        "RespondToAuthChallenge",
        &answer("anotherpoolsclient"),
    );
    assert_eq!(
        refused["message"], "Invalid session for the user.",
        "{refused}"
    );
    let tokens = ask(&pools, "RespondToAuthChallenge", &answer(CLIENT));
    assert!(
        tokens["AuthenticationResult"].is_object(),
        "still good in its own: {tokens}"
    );
}

#[test]
fn requests_find_their_pool_by_client_token_session_or_name_and_are_told_when_they_can_not() {
    let pools = pools(vec![world()]);
    for (operation, body, kind, message) in [
        (
            "InitiateAuth",
            json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": "stranger", "AuthParameters": { "USERNAME": "u", "SRP_A": "a3" } }),
            "ResourceNotFoundException",
            "User pool client stranger does not exist.",
        ),
        (
            "AdminGetUser",
            json!({ "UserPoolId": "us-east-1_Stranger", "Username": "u" }),
            "ResourceNotFoundException",
            "User pool us-east-1_Stranger does not exist.",
        ),
        (
            "GetDevice",
            json!({ "AccessToken": "a.b.c", "DeviceKey": "us-east-1_0" }),
            "NotAuthorizedException",
            "Invalid Access Token",
        ),
        (
            "AssociateSoftwareToken",
            json!({ "Session": "x".repeat(40) }),
            "NotAuthorizedException",
            "Invalid session for the user.",
        ),
        (
            "StartWebAuthnRegistration",
            json!({ "UserPoolId": POOL_ID }),
            "UnknownOperationException",
            "StartWebAuthnRegistration is not offered by this pool, which offers what a sign-in can touch",
        ),
    ] {
        let answer = ask(&pools, operation, &body);
        assert_eq!(answer["__type"], kind, "{operation}: {answer}");
        assert_eq!(answer["message"], message, "{operation}");
    }
}

#[test]
fn nobody_waits_for_a_function_that_another_sign_in_has_to_ask() {
    // A function that answers when it is told to.
    let function = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", function.local_addr().unwrap());
    let (asked, is_asked) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let functions = thread::spawn(move || {
        let (mut stream, _) = function.accept().unwrap();
        let event = read_request(&mut stream);
        asked.send(()).unwrap();
        released.recv().unwrap();
        let mut event: Value = serde_json::from_slice(&event).unwrap();
        event["response"] = json!({ "issueTokens": true, "failAuthentication": false });
        let body = event.to_string();
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let mut world = world();
    world.triggers.custom = Some(CustomScript::default());
    world.triggers.functions =
        BTreeMap::from([(TriggerName::DefineAuthChallenge, Function::Http(url))]);
    let pools = pools(vec![world]);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            ask(
                &pools,
                "InitiateAuth",
                &json!({ "AuthFlow": "CUSTOM_AUTH", "ClientId": CLIENT, "AuthParameters": { "USERNAME": EMAIL } }),
            )
        });
        is_asked.recv().unwrap();
        let other = ask(&pools, "InitiateAuth", &password_sign_in(PASSWORD));
        assert!(
            other["AuthenticationResult"].is_object(),
            "meanwhile: {other}"
        );
        release.send(()).unwrap();
        let tokens = waiting.join().unwrap();
        assert!(
            tokens["AuthenticationResult"].is_object(),
            "in the end: {tokens}"
        );
    });
    functions.join().unwrap();
}

#[test]
fn what_may_take_longer_is_not_answered_at_once_and_leaves_no_trace() {
    let sign_in = request("InitiateAuth", &password_sign_in(PASSWORD));
    let plain = pools(vec![world()]);
    let at_once = plain.handle_at_once(&sign_in).expect("a plain sign-in is");
    let later = pools(vec![world()]).handle(&sign_in);
    assert_eq!(at_once.status, later.status, "the same status");
    assert_eq!(at_once.body, later.body, "the same octets");
    let unknown = request("InitiateAuth", &json!({ "ClientId": "nobody" }));
    let refusal = plain.handle_at_once(&unknown).expect("a refusal is");
    assert_eq!(refusal.status, 400, "a refusal");

    let mut steered = world();
    steered.steering.salt = Some(SaltChoice::Class(ByteClass::ZeroLow));
    let mut asking = world();
    asking.triggers.functions = BTreeMap::from([(
        TriggerName::PreAuthentication,
        Function::Http("http://127.0.0.1:9/".to_owned()),
    )]);
    let mut watched = pools(vec![world()]);
    watched.observe(|_| {});
    for (what, pools) in [
        ("rare values are looked for", pools(vec![steered])),
        ("a function outside may be asked", pools(vec![asking])),
        ("somebody observes", watched),
    ] {
        assert!(pools.handle_at_once(&sign_in).is_none(), "{what}");
        let events = pools.with_pool(POOL_ID, Pool::take_events);
        assert_eq!(events.as_deref(), Some(&[][..]), "{what}: no events");
    }
    let busy = plain.with_pool(POOL_ID, |_| plain.handle_at_once(&sign_in).is_none());
    assert_eq!(busy, Some(true), "somebody is at work in the pool");
    let listing = request("ListUserPools", &json!({ "MaxResults": 1 }));
    assert!(plain.handle_at_once(&listing).is_none(), "all pools");
}

#[test]
fn members_of_the_wrong_type_and_size_are_refused_before_anything_is_done() {
    let pools = pools(vec![world()]);
    let long = "x".repeat(200_000);
    for (what, body) in [
        ("a number", json!({ "AuthFlow": 7, "ClientId": CLIENT })),
        (
            "a list",
            json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT, "AuthParameters": ["USERNAME"] }),
        ),
        (
            "an object",
            json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT, "AuthParameters": { "USERNAME": {} } }),
        ),
        (
            "a long name",
            json!({ "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": CLIENT, "AuthParameters": { "USERNAME": long, "PASSWORD": "x" } }),
        ),
        (
            "a long Session",
            json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT, "Session": long }),
        ),
    ] {
        let answer = ask(&pools, "InitiateAuth", &body);
        let kind = answer["__type"].as_str().unwrap_or_default();
        assert!(
            ["SerializationException", "InvalidParameterException"].contains(&kind),
            "{what}: {answer}"
        );
        assert!(
            answer.to_string().len() < 500,
            "{what}: what was sent is not echoed"
        );
    }
}

fn pools(worlds: Vec<World>) -> Pools {
    let pools = Pools::new(PoolsSettings::default());
    for world in worlds {
        pools.add(world).unwrap();
    }
    pools
}

fn ask(pools: &Pools, operation: &str, body: &Value) -> Value {
    let response = pools.handle(&request(operation, body));
    serde_json::from_slice(response.body.as_bytes()).unwrap()
}

fn password_sign_in(password: &str) -> Value {
    json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": CLIENT,
        "AuthParameters": { "USERNAME": EMAIL, "PASSWORD": password },
    })
}

fn over_http(address: SocketAddr, operation: &str, body: &Value) -> Value {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: p\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

/// The body of a request.
fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        octets.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&octets);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return body.as_bytes().to_vec();
            }
        }
        assert_ne!(count, 0, "the request is whole");
    }
}

fn loopback() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}
