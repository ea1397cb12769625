//! What the reference client sends in each flow, and what it tells the application.

use crate::support::script::*;
use cognito_conformance::client::{Client, Policy, SignInRequest, Sources};
use cognito_conformance::srp::{parse_hex, secret_hash};
use cognito_conformance::wire::message::{AuthenticationResult, Parameters};
use cognito_conformance::wire::{AuthFlowType, ConfirmSignIn, NextStep};
use serde_json::{Value, json};

fn answer(text: &str) -> ConfirmSignIn {
    ConfirmSignIn {
        challenge_response: text.to_owned(),
        ..ConfirmSignIn::default()
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

fn shown() -> NextStep {
    NextStep::ConfirmSignInWithCustomChallenge {
        parameters: Parameters::from([
            ("USERNAME".to_owned(), ALICE.to_owned()),
            ("question".to_owned(), "7 × 6?".to_owned()),
        ]),
    }
}

#[test]
fn user_srp_sends_a_public_value_and_then_proves_the_password() {
    let script = Script::new([verifier_challenge(None), tokens()]);
    let mut client = plain_client(&script);
    let step = run(client.sign_in(sign_in(AuthFlowType::UserSrp))).unwrap();
    assert_eq!(step, NextStep::Done);
    let bodies = script.bodies();
    assert_eq!(
        script.sequence(),
        [
            "InitiateAuth USER_SRP_AUTH",
            "RespondToAuthChallenge PASSWORD_VERIFIER"
        ]
    );
    assert_eq!(keys(&bodies[0]["AuthParameters"]), ["SRP_A", "USERNAME"]);
    assert_eq!(
        bodies[0]["AuthParameters"]["USERNAME"], TYPED,
        "the typed name"
    );
    assert_eq!(bodies[0]["ClientId"], CLIENT);
    assert_eq!(
        keys(&bodies[1]["ChallengeResponses"]),
        [
            "PASSWORD_CLAIM_SECRET_BLOCK",
            "PASSWORD_CLAIM_SIGNATURE",
            "TIMESTAMP",
            "USERNAME"
        ]
    );
    assert_eq!(
        bodies[1]["ChallengeResponses"]["USERNAME"], ALICE,
        "the returned name"
    );
    assert_eq!(
        bodies[1]["ChallengeResponses"]["TIMESTAMP"],
        "Tue Mar 5 21:07:03 UTC 2024"
    );
    assert!(
        bodies[1].get("Session").is_none(),
        "none came, so none is sent"
    );
    assert!(
        proves(&bodies[0]["AuthParameters"]["SRP_A"], &bodies[1]),
        "the service accepts the claim"
    );
    assert!(
        client
            .tokens()
            .is_some_and(AuthenticationResult::is_complete)
    );
    for request in script.requests() {
        assert!(
            !request.body.to_text().contains(PASSWORD),
            "the password never leaves the client"
        );
    }
}

#[test]
fn user_password_sends_name_and_password() {
    let script = Script::new([tokens()]);
    let step = run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserPassword))).unwrap();
    assert_eq!(step, NextStep::Done);
    assert_eq!(script.sequence(), ["InitiateAuth USER_PASSWORD_AUTH"]);
    assert_eq!(
        script.bodies()[0]["AuthParameters"],
        json!({"USERNAME": TYPED, "PASSWORD": PASSWORD})
    );
}

#[test]
fn custom_without_srp_sends_the_name_alone_and_ignores_a_password() {
    let script = Script::new([custom("session-1"), tokens()]);
    let mut client = plain_client(&script);
    let step = run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    assert_eq!(
        step,
        shown(),
        "every public parameter reaches the application"
    );
    assert_eq!(
        run(client.confirm_sign_in(answer(" forty-two "))).unwrap(),
        NextStep::Done
    );
    let bodies = script.bodies();
    assert_eq!(bodies[0]["AuthFlow"], "CUSTOM_AUTH");
    assert_eq!(bodies[0]["AuthParameters"], json!({"USERNAME": TYPED}));
    assert_eq!(
        bodies[1]["ChallengeResponses"],
        json!({"USERNAME": ALICE, "ANSWER": " forty-two "}),
        "the answer goes as it is, under the returned name"
    );
    assert_eq!(bodies[1]["Session"], "session-1");
}

#[test]
fn custom_with_srp_says_so_and_echoes_every_session() {
    let script = Script::new([
        verifier_challenge(Some("session-1")),
        custom("session-2"),
        tokens(),
    ]);
    let mut client = plain_client(&script);
    let step = run(client.sign_in(sign_in(AuthFlowType::CustomWithSrp))).unwrap();
    assert_eq!(step, shown());
    assert_eq!(
        run(client.confirm_sign_in(answer("42"))).unwrap(),
        NextStep::Done
    );
    let bodies = script.bodies();
    assert_eq!(
        script.sequence(),
        [
            "InitiateAuth CUSTOM_AUTH",
            "RespondToAuthChallenge PASSWORD_VERIFIER",
            "RespondToAuthChallenge CUSTOM_CHALLENGE"
        ]
    );
    assert_eq!(bodies[0]["AuthParameters"]["CHALLENGE_NAME"], "SRP_A");
    assert_eq!(
        keys(&bodies[0]["AuthParameters"]),
        ["CHALLENGE_NAME", "SRP_A", "USERNAME"]
    );
    assert_eq!(bodies[1]["Session"], "session-1");
    assert_eq!(bodies[2]["Session"], "session-2");
    assert!(
        proves(&bodies[0]["AuthParameters"]["SRP_A"], &bodies[1]),
        "the service accepts the claim"
    );
}

#[test]
fn a_custom_flow_with_srp_may_skip_the_password_or_every_custom_round() {
    let script = Script::new([custom("session-1")]);
    let step = run(plain_client(&script).sign_in(sign_in(AuthFlowType::CustomWithSrp))).unwrap();
    assert_eq!(step, shown(), "CUSTOM_CHALLENGE at once");
    let script = Script::new([verifier_challenge(Some("session-1")), tokens()]);
    let step = run(plain_client(&script).sign_in(sign_in(AuthFlowType::CustomWithSrp))).unwrap();
    assert_eq!(step, NextStep::Done, "tokens right after the proof");
    let script = Script::new([tokens()]);
    let step = run(plain_client(&script).sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    assert_eq!(step, NextStep::Done, "tokens at once");
}

#[test]
fn the_flow_says_nothing_about_which_challenge_comes() {
    let script = Script::new([custom("session-1")]);
    let step = run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserSrp))).unwrap();
    assert_eq!(step, shown(), "CUSTOM_CHALLENGE after USER_SRP_AUTH");
    let script = Script::new([verifier_challenge(None), new_password("session-1")]);
    let step = run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserSrp))).unwrap();
    assert_eq!(
        step.name(),
        "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED",
        "NEW_PASSWORD_REQUIRED after the proof"
    );
}

#[test]
fn ten_equal_rounds_are_ten_rounds_with_the_newest_session_each() {
    let sessions: Vec<String> = (0..11).map(|n| format!("session-{n}")).collect();
    let mut answers: Vec<_> = sessions.iter().map(|session| custom(session)).collect();
    answers.push(tokens());
    let script = Script::new(answers);
    let mut client = plain_client(&script);
    let mut step = run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    for round in 0..11 {
        assert_eq!(step, shown(), "round {round}");
        step = run(client.confirm_sign_in(answer("42"))).unwrap();
    }
    assert_eq!(step, NextStep::Done);
    let echoed: Vec<Value> = script.bodies()[1..]
        .iter()
        .map(|body| body["Session"].clone())
        .collect();
    assert_eq!(echoed, sessions);
}

#[test]
fn a_new_password_goes_with_one_key_an_attribute() {
    let script = Script::new([new_password("session-1"), tokens()]);
    let mut client = plain_client(&script);
    let step = run(client.sign_in(sign_in(AuthFlowType::UserPassword))).unwrap();
    assert_eq!(
        step,
        NextStep::ConfirmSignInWithNewPassword {
            missing_attributes: vec!["name".to_owned(), "family_name".to_owned()]
        },
        "without the prefix"
    );
    let step = run(client.confirm_sign_in(ConfirmSignIn {
        challenge_response: "New-Passw0rd!".to_owned(),
        user_attributes: [
            ("name".to_owned(), "Alice".to_owned()),
            (
                "userAttributes.family_name".to_owned(),
                "Liddell".to_owned(),
            ),
        ]
        .into(),
        ..ConfirmSignIn::default()
    }));
    assert_eq!(step.unwrap(), NextStep::Done);
    assert_eq!(
        script.bodies()[1]["ChallengeResponses"],
        json!({"USERNAME": ALICE, "NEW_PASSWORD": "New-Passw0rd!",
            "userAttributes.name": "Alice", "userAttributes.family_name": "Liddell"})
    );
}

#[test]
fn metadata_goes_with_every_request_of_its_call() {
    let script = Script::new([
        verifier_challenge(Some("session-1")),
        custom("session-2"),
        custom("session-3"),
        tokens(),
    ]);
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::CustomWithSrp))).unwrap();
    run(client.confirm_sign_in(ConfirmSignIn {
        metadata: [("from".to_owned(), "confirmSignIn".to_owned())].into(),
        ..answer("41")
    }))
    .unwrap();
    run(client.confirm_sign_in(answer("42"))).unwrap();
    let bodies = script.bodies();
    assert_eq!(bodies[0]["ClientMetadata"], json!({"from": "signIn"}));
    assert_eq!(
        bodies[1]["ClientMetadata"],
        json!({"from": "signIn"}),
        "also with the proof"
    );
    assert_eq!(
        bodies[2]["ClientMetadata"],
        json!({"from": "confirmSignIn"})
    );
    assert!(
        bodies[3].get("ClientMetadata").is_none(),
        "no metadata, no member"
    );
}

#[test]
fn the_secret_hash_is_over_the_name_beside_it_in_every_request() {
    let script = Script::new([
        verifier_challenge(Some("session-1")),
        custom("session-2"),
        new_password("session-3"),
        tokens(),
    ]);
    let mut client = client(with_secret(), &script, Policy::default());
    run(client.sign_in(sign_in(AuthFlowType::CustomWithSrp))).unwrap();
    run(client.confirm_sign_in(answer("42"))).unwrap();
    run(client.confirm_sign_in(answer("New-Passw0rd!"))).unwrap();
    for (body, (member, name)) in script.bodies().iter().zip([
        ("AuthParameters", TYPED),
        ("ChallengeResponses", ALICE),
        ("ChallengeResponses", ALICE),
        ("ChallengeResponses", ALICE),
    ]) {
        assert_eq!(body[member]["USERNAME"], name, "{body}");
        assert_eq!(
            body[member]["SECRET_HASH"],
            secret_hash(SECRET, name, CLIENT),
            "{body}"
        );
    }
    assert_eq!(script.bodies().len(), 4);
}

#[test]
fn without_a_returned_name_answers_carry_the_typed_one() {
    let challenge =
        ok(json!({"ChallengeName": "CUSTOM_CHALLENGE", "Session": "s", "ChallengeParameters": {}}));
    let script = Script::new([challenge, tokens()]);
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    run(client.confirm_sign_in(answer("42"))).unwrap();
    assert_eq!(script.bodies()[1]["ChallengeResponses"]["USERNAME"], TYPED);
}

#[test]
fn either_name_of_the_challenge_stands_in_for_the_other() {
    for absent in ["USERNAME", "USER_ID_FOR_SRP"] {
        let script = Script::new([altered_challenge(absent, None), tokens()]);
        run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserSrp))).unwrap();
        let bodies = script.bodies();
        assert_eq!(
            bodies[1]["ChallengeResponses"]["USERNAME"], ALICE,
            "without {absent}"
        );
        assert!(
            proves(&bodies[0]["AuthParameters"]["SRP_A"], &bodies[1]),
            "without {absent}"
        );
    }
}

#[test]
fn the_timestamp_is_the_time_of_the_answer() {
    let script = Script::new([verifier_challenge(None), tokens()]);
    let mut now = AFTERNOON;
    let mut sources = Sources::fixed(AFTERNOON, 7);
    sources.clock = Box::new(move || {
        now += 60;
        now
    });
    let mut client = Client::new(settings(), script.clone(), sources, Policy::default()).unwrap();
    run(client.sign_in(sign_in(AuthFlowType::UserSrp))).unwrap();
    // The clock is read when the sign-in starts, and again for the claim.
    assert_eq!(
        script.bodies()[1]["ChallengeResponses"]["TIMESTAMP"],
        "Tue Mar 5 21:09:03 UTC 2024"
    );
}

#[test]
fn injected_values_give_the_published_signature() {
    let b = parse_hex(&"fedcba9876543210".repeat(16)).unwrap();
    let challenge = published_challenge(&b);
    let script = Script::new([challenge, tokens()]);
    // 2024-03-05T09:07:03Z
    let mut sources = Sources::fixed(1_709_629_623, 7);
    let a = parse_hex(&"0123456789abcdef".repeat(16)).unwrap();
    sources.private_values.push_back(a);
    let mut client = Client::new(settings(), script.clone(), sources, Policy::default()).unwrap();
    run(client.sign_in(SignInRequest {
        username: "alice".to_owned(),
        password: Some("Passw0rd!".to_owned()),
        ..SignInRequest::default()
    }))
    .unwrap();
    let bodies = script.bodies();
    let srp_a = bodies[0]["AuthParameters"]["SRP_A"].as_str().unwrap();
    assert_eq!(srp_a.len(), 767, "an odd number of digits is sent as it is");
    assert!(srp_a.starts_with("54b8e4da8991abf6") && srp_a.ends_with("6ba1174323284223"));
    assert_eq!(
        bodies[1]["ChallengeResponses"]["PASSWORD_CLAIM_SIGNATURE"],
        "a3Abl9XjpVHUP2eXitqNrVRMdE0ZnelfSyi5pH79T9c="
    );
}

/// The challenge of the vector: B = k·v + g^b for `alice`, `Passw0rd!`.
fn published_challenge(
    b: &cognito_conformance::srp::BigUint,
) -> cognito_conformance::wire::HttpResponse {
    use cognito_conformance::srp::{Credentials, Dialect, Salt, server_public, to_hex, verifier};
    let d = Dialect::cognito();
    let credentials = Credentials {
        scope: "TestPool1",
        user: "alice",
        password: b"Passw0rd!",
    };
    let v = verifier(&d, &credentials, &Salt::from_hex(SALT).unwrap());
    ok(
        json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {
        "SALT": SALT, "SRP_B": to_hex(&server_public(&d, &v, b)),
        "SECRET_BLOCK": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "USERNAME": "alice", "USER_ID_FOR_SRP": "alice"}}),
    )
}

#[test]
fn every_sign_in_has_its_own_private_value_of_1024_bits() {
    let script = Script::new([custom("1"), custom("2")]);
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::CustomWithSrp))).unwrap();
    run(client.sign_in(sign_in(AuthFlowType::CustomWithSrp))).unwrap();
    let sent: Vec<String> = script
        .bodies()
        .iter()
        .map(|body| body["AuthParameters"]["SRP_A"].as_str().unwrap().to_owned())
        .collect();
    assert_ne!(sent[0], sent[1]);
    for text in sent {
        let a_pub = parse_hex(&text).unwrap();
        assert!(a_pub < modulus(), "reduced");
        assert!(a_pub.bits() > 2800, "not a small power of two");
    }
}

#[test]
fn a_request_looks_as_the_service_model_says() {
    let script = Script::new([tokens()]);
    run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserPassword))).unwrap();
    let request = &script.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/")
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/x-amz-json-1.1")
    );
    assert_eq!(
        request.header("x-amz-target"),
        Some("AWSCognitoIdentityProviderService.InitiateAuth")
    );
    assert_eq!(request.header("cache-control"), Some("no-store"));
    assert_eq!(
        request.header("authorization"),
        None,
        "sign-in is not signed"
    );
}

#[test]
fn the_run_time_option_wins_over_every_setting() {
    for flow in AuthFlowType::ALL {
        let script = Script::new([tokens()]);
        let mut settings = settings();
        settings.migration_enabled = true;
        settings.flow = Some(AuthFlowType::CustomWithSrp);
        run(client(settings, &script, Policy::default()).sign_in(sign_in(flow))).unwrap();
        let body = &script.bodies()[0];
        assert_eq!(body["AuthFlow"], flow.auth_flow().as_str(), "{flow}");
        assert_eq!(
            body["AuthParameters"].get("SRP_A").is_some(),
            flow.has_srp(),
            "{flow}"
        );
    }
}

#[test]
fn two_sign_ins_of_one_client_may_use_two_flows() {
    let script = Script::new([tokens(), verifier_challenge(None), tokens()]);
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::UserPassword))).unwrap();
    run(client.sign_in(sign_in(AuthFlowType::UserSrp))).unwrap();
    assert_eq!(
        script.sequence(),
        [
            "InitiateAuth USER_PASSWORD_AUTH",
            "InitiateAuth USER_SRP_AUTH",
            "RespondToAuthChallenge PASSWORD_VERIFIER"
        ]
    );
}

#[test]
fn equal_sources_send_equal_octets() {
    let play = || {
        let script = Script::new([verifier_challenge(None), tokens()]);
        run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserSrp))).unwrap();
        script.requests()
    };
    assert_eq!(play(), play());
}

#[test]
fn a_password_is_reset_by_a_code() {
    let delivery = json!({"CodeDeliveryDetails": {"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "a***@e***"}});
    let script = Script::new([ok(delivery), ok(json!({}))]);
    let mut client = client(with_secret(), &script, Policy::default());
    let metadata = [("from".to_owned(), "reset".to_owned())].into();
    let step = run(client.reset_password(TYPED, &metadata)).unwrap();
    assert_eq!(step.name(), "CONFIRM_RESET_PASSWORD_WITH_CODE");
    run(client.confirm_reset_password(TYPED, "123456", "New-Passw0rd!", &Parameters::new()))
        .unwrap();
    assert_eq!(
        script.sequence(),
        ["ForgotPassword", "ConfirmForgotPassword"]
    );
    let hash = secret_hash(SECRET, TYPED, CLIENT);
    assert_eq!(
        script.bodies(),
        [
            json!({"ClientId": CLIENT, "Username": TYPED, "SecretHash": hash, "ClientMetadata": {"from": "reset"}}),
            json!({"ClientId": CLIENT, "Username": TYPED, "SecretHash": hash, "ConfirmationCode": "123456", "Password": "New-Passw0rd!"}),
        ]
    );
}

#[test]
fn the_confirmation_of_a_reset_may_come_back_empty() {
    let empty = cognito_conformance::wire::HttpResponse::new(200, Vec::new(), "");
    let script = Script::new([empty]);
    let done = run(plain_client(&script).confirm_reset_password(
        TYPED,
        "123456",
        "New-Passw0rd!",
        &Parameters::new(),
    ));
    assert_eq!(done, Ok(()));
}
