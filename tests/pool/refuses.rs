//! What the pool refuses, and in which words.

use std::collections::BTreeSet;

use crate::support::counter::*;
use cognito_conformance::model::{Clock, ExplicitAuthFlow, UserStatus, World};
use cognito_conformance::pool::{Policy, Pool, PoolError};
use cognito_conformance::srp::{Group, parse_base64, to_base64, to_hex};
use cognito_conformance::wire::ErrorKind::{
    CodeMismatch, InvalidParameter, InvalidPassword, NotAuthorized, PasswordResetRequired,
    ResourceNotFound, UserNotConfirmed, UserNotFound,
};
use cognito_conformance::wire::{ErrorKind, HttpRequest, ServiceError};
use serde_json::json;

#[test]
fn a_wrong_password_is_told_alike_by_every_flow() {
    let mut counter = Counter::new(custom_world(1));
    counter
        .sign_in_by_srp(EMAIL, "wrong")
        .refuses(NotAuthorized, GENERIC);
    counter
        .with_password(EMAIL, "wrong")
        .refuses(NotAuthorized, GENERIC);
    counter
        .custom_after_password(EMAIL, "wrong")
        .refuses(NotAuthorized, GENERIC);
}

#[test]
fn a_proof_with_one_wrong_part_is_refused_and_the_right_one_still_holds() {
    let mut counter = Counter::new(world());
    let challenge = counter.start_srp(EMAIL);
    let right = counter.proof(&challenge, PASSWORD);
    let flipped = |text: &str| {
        let mut octets = parse_base64(text).unwrap();
        octets[0] ^= 1;
        to_base64(&octets)
    };
    let mut signature = right.clone();
    signature.signature = flipped(&right.signature);
    let mut not_base64 = right.clone();
    not_base64.signature = "%%%".to_owned();
    let mut block = right.clone();
    block.block = flipped(&right.block);
    let mut other = right.clone();
    other.username = BOB.to_owned();
    let mut moved = right.clone();
    moved.timestamp = "Tue Mar 5 09:07:04 UTC 2024".to_owned();
    for (what, proof) in [
        ("signature", signature),
        ("signature that is no base64", not_base64),
        ("secret block", block),
    ] {
        assert_eq!(
            counter.answer(&proof, None).error(),
            ServiceError::new(NotAuthorized, GENERIC),
            "{what}"
        );
    }
    assert_eq!(
        counter.answer(&other, None).error(),
        ServiceError::new(NotAuthorized, GENERIC),
        "another user"
    );
    counter.sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(
        counter.answer(&moved, None).error(),
        ServiceError::new(NotAuthorized, GENERIC),
        "time that was not signed"
    );
    assert!(counter.answer(&right, None).has_tokens(), "the right one");
    counter.answer(&right, None).refuses(NotAuthorized, GENERIC);
}

#[test]
fn a_secret_block_is_bound_to_its_client() {
    let mut counter = Counter::new(world());
    let challenge = counter.start_srp(EMAIL);
    let proof = counter.proof(&challenge, PASSWORD);
    counter.client = OTHER_CLIENT.to_owned();
    counter.answer(&proof, None).refuses(NotAuthorized, GENERIC);
}

#[test]
fn a_secret_block_grows_old() {
    let mut counter = Counter::new(world());
    let challenge = counter.start_srp(EMAIL);
    counter.pool.advance_clock(57);
    let proof = counter.proof(&challenge, PASSWORD);
    assert!(
        counter.answer(&proof, None).has_tokens(),
        "57 s were seen to pass"
    );
    let challenge = counter.start_srp(EMAIL);
    counter.pool.advance_clock(181);
    let proof = counter.proof(&challenge, PASSWORD);
    counter.answer(&proof, None).refuses(NotAuthorized, GENERIC);
}

#[test]
fn a_timestamp_is_judged_by_its_form_before_anything_else() {
    let mut counter = Counter::new(world());
    let challenge = counter.start_srp(EMAIL);
    let pattern = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.";
    for (timestamp, kind, message) in [
        ("Tue Mar 05 09:07:03 UTC 2024", NotAuthorized, GENERIC),
        ("Wed Mar 5 09:07:03 UTC 2024", NotAuthorized, GENERIC),
        ("Tue Mar 5 06:07:03 UTC 2024", NotAuthorized, GENERIC),
        ("Tue Mar 5 12:07:03 UTC 2024", NotAuthorized, GENERIC),
        ("Di März 5 09:07:03 UTC 2024", InvalidParameter, pattern),
        ("Tue Mar 5 24:07:03 UTC 2024", InvalidParameter, pattern),
        ("2024-03-05T09:07:03Z", InvalidParameter, pattern),
    ] {
        let proof = counter.proof_at(&challenge, PASSWORD, timestamp);
        assert_eq!(
            counter.answer(&proof, None).error(),
            ServiceError::new(kind, message),
            "{timestamp}"
        );
        // A success in between keeps the failures from locking the user out.
        assert!(counter.with_password(EMAIL, PASSWORD).has_tokens());
    }
    let proof = counter.proof_at(&challenge, PASSWORD, "Tue Mar 5 08:30:00 UTC 2024");
    assert!(
        counter.answer(&proof, None).has_tokens(),
        "within the window"
    );
}

#[test]
fn missing_parameters_are_named() {
    let mut counter = Counter::new(custom_world(1));
    let a = counter.big_a();
    let missing = |name: &str| format!("Missing required parameter {name}");
    for (flow, parameters, name) in [
        ("USER_SRP_AUTH", vec![("SRP_A", a.as_str())], "USERNAME"),
        ("USER_SRP_AUTH", vec![("USERNAME", EMAIL)], "SRP_A"),
        (
            "USER_SRP_AUTH",
            vec![("USERNAME", ""), ("SRP_A", &a)],
            "USERNAME",
        ),
        ("USER_PASSWORD_AUTH", vec![("USERNAME", EMAIL)], "PASSWORD"),
        (
            "USER_PASSWORD_AUTH",
            vec![("USERNAME", EMAIL), ("PASSWORD", "")],
            "PASSWORD",
        ),
        ("CUSTOM_AUTH", vec![], "USERNAME"),
        (
            "CUSTOM_AUTH",
            vec![("USERNAME", EMAIL), ("CHALLENGE_NAME", "SRP_A")],
            "SRP_A",
        ),
    ] {
        assert_eq!(
            counter.initiate(flow, &parameters).error(),
            ServiceError::new(InvalidParameter, missing(name)),
            "{flow} {name}"
        );
    }
    let challenge = counter.start_srp(EMAIL);
    let proof = counter.proof(&challenge, PASSWORD);
    let all = [
        ("USERNAME", proof.username.as_str()),
        ("PASSWORD_CLAIM_SECRET_BLOCK", &proof.block),
        ("PASSWORD_CLAIM_SIGNATURE", &proof.signature),
        ("TIMESTAMP", &proof.timestamp),
    ];
    for (name, _) in all {
        let rest: Vec<_> = all.into_iter().filter(|(n, _)| *n != name).collect();
        assert_eq!(
            counter.respond("PASSWORD_VERIFIER", None, &rest).error(),
            ServiceError::new(InvalidParameter, missing(name)),
            "{name}"
        );
    }
    let question = counter.start_custom(EMAIL);
    let session = question.session();
    counter
        .respond(
            "CUSTOM_CHALLENGE",
            session.as_deref(),
            &[("USERNAME", ALICE)],
        )
        .refuses(InvalidParameter, &missing("ANSWER"));
    counter
        .respond(
            "CUSTOM_CHALLENGE",
            None,
            &[("USERNAME", ALICE), ("ANSWER", "x")],
        )
        .refuses(InvalidParameter, &missing("Session"));
}

#[test]
fn an_a_that_is_zero_modulo_n_or_no_number_is_refused() {
    let n = Group::cognito().n;
    let (zero, one, two) = ("0".to_owned(), to_hex(&n), to_hex(&(&n * 2_u32)));
    let mut counter = Counter::new(world());
    for a in [zero.as_str(), "000", &one, &two, "xyz", "-5", "0x5", " 5"] {
        let got = counter.initiate("USER_SRP_AUTH", &[("USERNAME", EMAIL), ("SRP_A", a)]);
        assert_eq!(got.kind(), InvalidParameter, "{a}");
    }
    let next = to_hex(&(&n + 1_u32));
    let got = counter.initiate("USER_SRP_AUTH", &[("USERNAME", EMAIL), ("SRP_A", &next)]);
    assert_eq!(
        got.challenge().as_deref(),
        Some("PASSWORD_VERIFIER"),
        "N + 1 is legal"
    );
}

#[test]
fn the_state_of_a_user_is_told_in_the_services_words() {
    type Change = fn(&mut World);
    let table: [(&str, Change, ErrorKind, &str); 3] = [
        (
            "unconfirmed",
            |world| world.users[0].status = UserStatus::Unconfirmed,
            UserNotConfirmed,
            "User is not confirmed.",
        ),
        (
            "disabled",
            |world| world.users[0].enabled = false,
            NotAuthorized,
            "User is disabled.",
        ),
        (
            "reset required",
            |world| world.users[0].status = UserStatus::ResetRequired,
            PasswordResetRequired,
            "Password reset required for the user",
        ),
    ];
    for (what, change, kind, message) in table {
        let mut world = custom_world(0);
        change(&mut world);
        let mut counter = Counter::new(world);
        let expected = ServiceError::new(kind, message);
        assert_eq!(
            counter.sign_in_by_srp(EMAIL, PASSWORD).error(),
            expected,
            "{what}, SRP"
        );
        assert_eq!(
            counter.with_password(EMAIL, PASSWORD).error(),
            expected,
            "{what}, password"
        );
        assert_eq!(
            counter.start_custom(EMAIL).error(),
            expected,
            "{what}, custom"
        );
    }
}

#[test]
fn an_unconfirmed_user_is_told_so_before_the_password_is_looked_at() {
    let mut world = world();
    world.users[0].status = UserStatus::Unconfirmed;
    Counter::new(world)
        .with_password(EMAIL, "wrong")
        .refuses(UserNotConfirmed, "User is not confirmed.");
}

#[test]
fn a_refused_new_password_does_not_use_the_session_up() {
    let mut counter = Counter::new(temporary());
    let asked = counter.with_password(EMAIL, PASSWORD);
    let session = asked.session();
    let short = counter.respond(
        "NEW_PASSWORD_REQUIRED",
        session.as_deref(),
        &[("USERNAME", ALICE), ("NEW_PASSWORD", "short")],
    );
    short.refuses(
        InvalidPassword,
        "Password does not conform to policy: Password not long enough",
    );
    let done = counter.respond(
        "NEW_PASSWORD_REQUIRED",
        session.as_deref(),
        &[("USERNAME", ALICE), ("NEW_PASSWORD", "long enough")],
    );
    assert!(
        done.has_tokens(),
        "a refused password does not use the Session up"
    );
}

#[test]
fn an_unknown_user_is_told_as_such_or_hidden() {
    let nobody = "nobody@example.com";
    let mut counter = Counter::new(custom_world(1));
    for got in [
        counter.start_srp(nobody),
        counter.with_password(nobody, "x"),
        counter.start_custom(nobody),
        counter.start_srp(SUB),
    ] {
        got.refuses(UserNotFound, "User does not exist.");
    }

    let mut counter = Counter::new(hiding(custom_world(1)));
    counter
        .with_password(nobody, "x")
        .refuses(NotAuthorized, GENERIC);
    counter
        .sign_in_by_srp(nobody, "x")
        .refuses(NotAuthorized, GENERIC);
    counter
        .custom_after_password(nobody, "x")
        .refuses(NotAuthorized, GENERIC);
    let question = counter.start_custom(nobody);
    assert_eq!(question.challenge().as_deref(), Some("CUSTOM_CHALLENGE"));
    counter
        .answer_custom(&question, "answer 1")
        .refuses(NotAuthorized, GENERIC);
}

#[test]
fn a_simulated_challenge_is_stable_and_shaped_like_a_real_one() {
    let mut counter = Counter::new(hiding(world()));
    let nobody = "nobody@example.com";
    let simulated = [counter.start_srp(nobody), counter.start_srp(nobody)];
    let real = counter.start_srp(EMAIL);
    for name in ["SALT", "USERNAME", "USER_ID_FOR_SRP"] {
        assert_eq!(
            simulated[0].parameter(name),
            simulated[1].parameter(name),
            "{name} is stable"
        );
    }
    assert_ne!(
        simulated[0].parameter("SRP_B"),
        simulated[1].parameter("SRP_B"),
        "SRP_B is not"
    );
    let names = |got: &Got| -> BTreeSet<String> {
        let body = got.body();
        let parameters = body["ChallengeParameters"].as_object().unwrap();
        parameters.keys().cloned().collect()
    };
    assert_eq!(names(&simulated[0]), names(&real), "parameters");
    assert_eq!(
        simulated[0].parameter("USERNAME").len(),
        ALICE.len(),
        "looks like a UUID"
    );
    for name in ["SALT", "SRP_B"] {
        let length = simulated[0].parameter(name).len();
        assert!(
            length.abs_diff(real.parameter(name).len()) <= 2,
            "{name}: {length}"
        );
    }
    assert_eq!(
        simulated[0].parameter("SECRET_BLOCK").len(),
        real.parameter("SECRET_BLOCK").len(),
        "SECRET_BLOCK"
    );
    assert_ne!(
        counter.start_srp("another@example.com").parameter("SALT"),
        simulated[0].parameter("SALT"),
        "another name has another salt"
    );
}

#[test]
fn an_imported_user_is_hidden_where_existence_is() {
    let mut world = world();
    world.users[0].status = UserStatus::ResetRequired;
    world.users[0].password = None;
    let message = "Password reset required for the user";
    let mut counter = Counter::new(world.clone());
    counter
        .start_srp(EMAIL)
        .refuses(PasswordResetRequired, message);
    counter
        .with_password(EMAIL, "x")
        .refuses(PasswordResetRequired, message);
    let mut counter = Counter::new(hiding(world));
    counter
        .sign_in_by_srp(EMAIL, "x")
        .refuses(NotAuthorized, GENERIC);
    counter
        .with_password(EMAIL, "x")
        .refuses(NotAuthorized, GENERIC);
}

#[test]
fn a_flow_that_is_off_is_refused_before_the_secret_hash_and_the_user_are_looked_at() {
    let mut world = custom_world(1);
    world.clients[0].explicit_auth_flows = vec![ExplicitAuthFlow::AllowRefreshTokenAuth];
    world.clients[0].secret = Some(SECRET.to_owned());
    let mut counter = Counter::new(world);
    counter.secret = None;
    for (got, message) in [
        (
            counter.start_srp("nobody"),
            "USER_SRP_AUTH is not enabled for the client.",
        ),
        (
            counter.with_password("nobody", "x"),
            "USER_PASSWORD_AUTH flow not enabled for this client",
        ),
        (
            counter.start_custom("nobody"),
            "CUSTOM_AUTH is not enabled for the client.",
        ),
        (
            counter.initiate("USER_AUTH", &[("USERNAME", "nobody")]),
            "USER_AUTH flow not enabled for this client",
        ),
        (
            counter.initiate("ADMIN_USER_PASSWORD_AUTH", &[]),
            "Initiate Auth method not supported.",
        ),
    ] {
        got.refuses(InvalidParameter, message);
    }
}

#[test]
fn a_client_for_custom_challenges_only_says_so() {
    let mut world = custom_world(1);
    world.clients[0].explicit_auth_flows = vec![ExplicitAuthFlow::CustomAuthFlowOnly];
    Counter::new(world).start_srp(EMAIL).refuses(
        InvalidParameter,
        "Only custom auth (lambda driven) is enabled for this client.",
    );
}

#[test]
fn an_unknown_client_is_named() {
    let mut counter = Counter::new(world());
    counter.client = "nosuchclient".to_owned();
    counter.start_srp(EMAIL).refuses(
        ResourceNotFound,
        "User pool client nosuchclient does not exist.",
    );
}

#[test]
fn a_secret_hash_is_missing_wrong_or_over_another_name() {
    let mut world = world();
    world.clients[0].secret = Some(SECRET.to_owned());
    let mut counter = Counter::new(world.clone());
    counter.secret = None;
    let missing =
        format!("Client {CLIENT} is configured with secret but SECRET_HASH was not received");
    let wrong = format!("Unable to verify secret hash for client {CLIENT}");
    counter.start_srp(EMAIL).refuses(NotAuthorized, &missing);
    counter.secret = Some("another-secret".to_owned());
    counter.start_srp(EMAIL).refuses(NotAuthorized, &wrong);

    let mut counter = Counter::new(world);
    let challenge = counter.start_srp(EMAIL);
    let proof = counter.proof(&challenge, PASSWORD);
    let over_alias = cognito_conformance::srp::secret_hash(SECRET, EMAIL, CLIENT);
    let got = counter.respond(
        "PASSWORD_VERIFIER",
        None,
        &[
            ("USERNAME", ALICE),
            ("PASSWORD_CLAIM_SECRET_BLOCK", &proof.block),
            ("PASSWORD_CLAIM_SIGNATURE", &proof.signature),
            ("TIMESTAMP", &proof.timestamp),
            ("SECRET_HASH", &over_alias),
        ],
    );
    got.refuses(NotAuthorized, &wrong);

    // A client without a secret has none to make a hash from.
    let mut counter = Counter::new(crate::support::counter::world());
    counter.secret = Some(SECRET.to_owned());
    counter.start_srp(EMAIL).refuses(NotAuthorized, &wrong);
}

#[test]
fn a_session_lives_three_minutes_and_is_used_once() {
    let invalid = "Invalid session for the user.";
    let mut counter = Counter::new(custom_world(2));
    let question = counter.start_custom(EMAIL);
    let next = counter.answer_custom(&question, "answer 1");
    assert_eq!(next.challenge().as_deref(), Some("CUSTOM_CHALLENGE"));
    assert_ne!(
        next.session(),
        question.session(),
        "each round has its own Session"
    );
    counter.answer_custom(&question, "answer 1").refuses(
        NotAuthorized,
        "Invalid session for the user, session can only be used once.",
    );
    counter.pool.advance_clock(180);
    counter.client = OTHER_CLIENT.to_owned();
    counter
        .answer_custom(&next, "answer 2")
        .refuses(NotAuthorized, invalid);
    counter.client = CLIENT.to_owned();
    let session = next.session();
    counter
        .respond(
            "NEW_PASSWORD_REQUIRED",
            session.as_deref(),
            &[("USERNAME", ALICE), ("NEW_PASSWORD", "long enough")],
        )
        .refuses(NotAuthorized, invalid);
    counter
        .respond(
            "CUSTOM_CHALLENGE",
            session.as_deref(),
            &[("USERNAME", BOB), ("ANSWER", "answer 2")],
        )
        .refuses(NotAuthorized, invalid);
    counter.pool.advance_clock(1);
    counter.answer_custom(&next, "answer 2").refuses(
        NotAuthorized,
        "Invalid session for the user, session is expired.",
    );
    let made_up = "AYAB".repeat(200);
    counter
        .respond(
            "CUSTOM_CHALLENGE",
            Some(&made_up),
            &[("USERNAME", ALICE), ("ANSWER", "answer 1")],
        )
        .refuses(NotAuthorized, invalid);
}

#[test]
fn a_session_looks_like_the_services() {
    let session = Counter::new(custom_world(1))
        .start_custom(EMAIL)
        .session()
        .expect("a Session");
    assert_eq!(session.len(), 846, "length");
    assert!(session.starts_with("AYAB"), "{session}");
}

#[test]
fn five_failures_lock_a_user_out_for_a_while() {
    let mut counter = Counter::new(world());
    for _ in 0..5 {
        counter
            .with_password(EMAIL, "wrong")
            .refuses(NotAuthorized, GENERIC);
    }
    for _ in 0..2 {
        counter
            .with_password(EMAIL, PASSWORD)
            .refuses(NotAuthorized, "Password attempts exceeded");
    }
    counter.pool.advance_clock(1);
    assert!(counter.with_password(EMAIL, PASSWORD).has_tokens());
}

#[test]
fn requests_outside_the_service_model_are_told_which_member_is_wrong() {
    let mut counter = Counter::new(world());
    for (operation, body, member) in [
        ("InitiateAuth", json!({ "ClientId": CLIENT }), "authFlow"),
        (
            "InitiateAuth",
            json!({ "AuthFlow": "USER_SRP_AUTH" }),
            "clientId",
        ),
        (
            "InitiateAuth",
            json!({ "AuthFlow": "SRP", "ClientId": CLIENT }),
            "authFlow",
        ),
        (
            "InitiateAuth",
            json!({ "AuthFlow": "USER_SRP_AUTH", "ClientId": "no word!" }),
            "clientId",
        ),
        (
            "RespondToAuthChallenge",
            json!({ "ChallengeName": "QUIZ", "ClientId": CLIENT }),
            "challengeName",
        ),
        (
            "RespondToAuthChallenge",
            json!({ "ChallengeName": "CUSTOM_CHALLENGE", "ClientId": CLIENT, "Session": "short" }),
            "session",
        ),
        ("ForgotPassword", json!({ "ClientId": CLIENT }), "username"),
        (
            "ConfirmForgotPassword",
            json!({ "ClientId": CLIENT, "Username": "u", "ConfirmationCode": "1", "Password": "a b" }),
            "password",
        ),
    ] {
        let error = counter.send(operation, &body).error();
        assert_eq!(error.kind, InvalidParameter, "{operation} {body}");
        assert!(
            error
                .message
                .contains(&format!("at '{member}' failed to satisfy constraint")),
            "{operation} {body}: {}",
            error.message
        );
    }
}

#[test]
fn octets_that_are_no_request_get_an_answer_that_says_so() {
    let mut pool = Pool::new(world(), Policy::default()).unwrap();
    let deep = "[".repeat(100_000);
    let deep_object = r#"{"a":"#.repeat(100_000);
    for body in ["", "{", "null", "[]", "\u{feff}{}", &deep, &deep_object] {
        let mut request = request("InitiateAuth", &json!({}));
        request.body = body.into();
        let error = error_of(&mut pool, &request);
        assert_eq!(
            error.kind.as_str(),
            "SerializationException",
            "{:.20}",
            body
        );
    }
    let mut not_text = request("InitiateAuth", &json!({}));
    not_text.body = vec![0xff, 0xfe, 0x00].into();
    assert_eq!(
        error_of(&mut pool, &not_text).kind.as_str(),
        "SerializationException"
    );

    let wrong_type = request(
        "InitiateAuth",
        &json!({ "AuthFlow": 5, "ClientId": CLIENT }),
    );
    assert_eq!(
        error_of(&mut pool, &wrong_type).kind.as_str(),
        "SerializationException"
    );
    let wrong_map = request(
        "InitiateAuth",
        &json!({ "AuthFlow": "USER_AUTH", "ClientId": CLIENT, "AuthParameters": ["x"] }),
    );
    assert_eq!(
        error_of(&mut pool, &wrong_map).kind.as_str(),
        "SerializationException"
    );

    let mut content_type = request("InitiateAuth", &json!({}));
    content_type.headers[0].1 = "text/plain".to_owned();
    let error = error_of(&mut pool, &content_type);
    assert!(error.message.contains("text/plain"), "{error}");

    let unknown = request("AdminDeleteEverything", &json!({}));
    let error = error_of(&mut pool, &unknown);
    assert_eq!(error.kind.as_str(), "UnknownOperationException");
    assert!(error.message.contains("AdminDeleteEverything"), "{error}");
    let mut no_target = request("InitiateAuth", &json!({}));
    no_target.headers.truncate(1);
    assert_eq!(
        error_of(&mut pool, &no_target).kind.as_str(),
        "UnknownOperationException"
    );
    let mut get = request("InitiateAuth", &json!({}));
    get.method = "GET".to_owned();
    assert_eq!(
        error_of(&mut pool, &get).kind.as_str(),
        "UnknownOperationException"
    );
}

#[test]
fn an_overlong_srp_a_is_refused_unread() {
    let mut counter = Counter::new(world());
    let a = "f".repeat(1024 * 1024);
    let error = counter
        .initiate("USER_SRP_AUTH", &[("USERNAME", EMAIL), ("SRP_A", &a)])
        .error();
    assert_eq!(error.kind, InvalidParameter);
    assert!(
        error.message.len() < 300,
        "what was sent is not echoed: {}",
        error.message.len()
    );
}

#[test]
fn errors_come_in_the_captured_form() {
    let got = Counter::new(world()).with_password(EMAIL, "wrong").0;
    assert_eq!(got.status, 400, "status");
    assert_eq!(
        got.body.to_text(),
        r#"{"__type":"NotAuthorizedException","message":"Incorrect username or password."}"#,
        "body"
    );
    assert_eq!(
        got.header("x-amzn-errortype"),
        Some("NotAuthorizedException:"),
        "type header"
    );
    assert_eq!(
        got.header("x-amzn-errormessage"),
        Some(GENERIC),
        "message header"
    );
    assert_eq!(
        got.header("content-type"),
        Some("application/x-amz-json-1.1"),
        "content type"
    );
    assert_eq!(
        got.header("x-amzn-requestid").map(str::len),
        Some(36),
        "request id"
    );
}

#[test]
fn a_world_that_can_not_be_is_refused_with_what_is_wrong() {
    type Change = fn(&mut World);
    let table: [(&str, Change, &str); 9] = [
        (
            "pool id",
            |w| w.pool.id = "nounderscore".to_owned(),
            "pool.id",
        ),
        (
            "region",
            |w| w.pool.region = "eu-west-1".to_owned(),
            "pool.region",
        ),
        ("no client", |w| w.clients.clear(), "clients"),
        (
            "client twice",
            |w| w.clients[1].id = CLIENT.to_owned(),
            "clients[].id",
        ),
        (
            "user twice",
            |w| w.users[1].username = ALICE.to_owned(),
            "users[].username",
        ),
        (
            "alias twice",
            |w| w.users[1].aliases = vec![EMAIL.to_owned()],
            "users[].aliases",
        ),
        (
            "mixed flows",
            |w| {
                w.clients[0]
                    .explicit_auth_flows
                    .push(ExplicitAuthFlow::UserPasswordAuth);
            },
            "explicit_auth_flows",
        ),
        (
            "session validity",
            |w| w.clients[0].auth_session_validity = 16,
            "auth_session_validity",
        ),
        (
            "short secret",
            |w| w.clients[0].secret = Some("hush".to_owned()),
            "secret",
        ),
    ];
    for (what, change, named) in table {
        let mut world = world();
        change(&mut world);
        let error: PoolError = Pool::new(world, Policy::default())
            .err()
            .unwrap_or_else(|| panic!("{what} is let pass"));
        assert!(error.to_string().contains(named), "{what}: {error}");
        assert!(!error.to_string().contains("hush"), "{what}: {error}");
    }
}

#[test]
fn a_clock_at_the_end_of_time_stops_nothing() {
    for at in [i64::MIN, i64::MAX] {
        let mut world = custom_world(1);
        world.clock = Clock::Fixed(at);
        let mut counter = Counter::new(world);
        counter.pool.advance_clock(i64::MAX);
        assert!(counter.with_password(EMAIL, PASSWORD).has_tokens(), "{at}");
        assert!(counter.start_custom(EMAIL).session().is_some(), "{at}");
        counter.sign_in_by_srp(EMAIL, "wrong");
    }
}

#[test]
fn a_code_resets_a_password() {
    let mut counter = Counter::new(world());
    let forgot = json!({ "ClientId": CLIENT, "Username": EMAIL });
    let got = counter.send("ForgotPassword", &forgot);
    assert_eq!(
        got.body(),
        json!({ "CodeDeliveryDetails": {
            "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "a***@e***",
        }})
    );
    let code = counter
        .pool
        .code_for(EMAIL)
        .expect("a code was made")
        .to_owned();
    assert_eq!(code.len(), 6, "{code}");
    let confirm = |code: &str, password: &str| {
        json!({
            "ClientId": CLIENT, "Username": EMAIL, "ConfirmationCode": code, "Password": password,
        })
    };
    let other = if code == "000000" { "000001" } else { "000000" };
    counter
        .send("ConfirmForgotPassword", &confirm(other, "A-new-Passw0rd!"))
        .refuses(
            CodeMismatch,
            "Invalid verification code provided, please try again.",
        );
    assert_eq!(
        counter
            .send("ConfirmForgotPassword", &confirm(&code, "short"))
            .kind(),
        InvalidPassword
    );
    let done = counter.send("ConfirmForgotPassword", &confirm(&code, "A-new-Passw0rd!"));
    assert_eq!(done.body(), json!({}), "an empty answer");
    assert_eq!(
        counter
            .send("ConfirmForgotPassword", &confirm(&code, "A-new-Passw0rd!"))
            .kind(),
        ErrorKind::ExpiredCode,
        "a code is good once"
    );
    assert!(
        counter
            .sign_in_by_srp(EMAIL, "A-new-Passw0rd!")
            .has_tokens()
    );
    counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .refuses(NotAuthorized, GENERIC);
}

#[test]
fn a_reset_of_nobody_is_told_as_such_or_simulated() {
    let forgot = json!({ "ClientId": CLIENT, "Username": "nobody@example.com" });
    Counter::new(world())
        .send("ForgotPassword", &forgot)
        .refuses(UserNotFound, "Username/client id combination not found.");
    let mut counter = Counter::new(hiding(world()));
    let got = counter.send("ForgotPassword", &forgot).body();
    assert_eq!(
        got["CodeDeliveryDetails"]["Destination"],
        json!("n***@e***")
    );
    let confirm = json!({
        "ClientId": CLIENT, "Username": "nobody@example.com", "ConfirmationCode": "123456",
        "Password": "long enough".replace(' ', "-"),
    });
    assert_eq!(
        counter.send("ConfirmForgotPassword", &confirm).kind(),
        ErrorKind::ExpiredCode
    );
}

#[test]
fn a_reset_needs_a_verified_address_and_a_password_that_is_not_temporary() {
    let mut world = world();
    world.users[0].aliases.clear();
    world.users[0].username = "alice".to_owned();
    world.users[0].attributes.remove("email_verified");
    let forgot = json!({ "ClientId": CLIENT, "Username": "alice" });
    let error = Counter::new(world).send("ForgotPassword", &forgot).error();
    assert_eq!(error.kind, InvalidParameter);
    assert!(
        error.message.contains("no registered/verified email"),
        "{error}"
    );

    let forgot = json!({ "ClientId": CLIENT, "Username": EMAIL });
    Counter::new(temporary())
        .send("ForgotPassword", &forgot)
        .refuses(
            NotAuthorized,
            "User password cannot be reset in the current state.",
        );
}

fn temporary() -> World {
    let mut world = world();
    world.users[0].status = UserStatus::ForceChangePassword;
    world
}

fn error_of(pool: &mut Pool, request: &HttpRequest) -> ServiceError {
    let response = pool.handle(request);
    ServiceError::from_response(&response).expect("an error")
}
