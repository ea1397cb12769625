//! Custom challenges: what the triggers are told, and what follows.

use crate::support::counter::*;
use cognito_conformance::model::{OnWrongAnswer, TriggerFailure};
use cognito_conformance::wire::ErrorKind::{
    InvalidLambdaResponse, InvalidParameter, NotAuthorized, UserLambdaValidation,
};
use cognito_conformance::wire::{ServiceError, TriggerCall};
use serde_json::{Value, json};

#[test]
fn any_number_of_rounds_ends_in_tokens() {
    for rounds in [0, 1, 2, 3, 10] {
        for with_srp in [false, true] {
            let mut counter = Counter::new(custom_world(rounds));
            let mut got = if with_srp {
                counter.custom_after_password(EMAIL, PASSWORD)
            } else {
                counter.start_custom(EMAIL)
            };
            for number in 1..=rounds {
                assert_eq!(
                    got.challenge().as_deref(),
                    Some("CUSTOM_CHALLENGE"),
                    "round {number} of {rounds}, SRP {with_srp}"
                );
                assert_eq!(got.parameter("USERNAME"), ALICE, "USERNAME");
                assert_eq!(
                    got.parameter("question"),
                    format!("What is {number}?"),
                    "public parameter"
                );
                assert!(
                    !got.0.body.to_text().contains("kept-"),
                    "private parameters stay private"
                );
                got = counter.answer_custom(&got, &format!("answer {number}"));
            }
            assert!(
                got.has_tokens(),
                "{rounds} rounds, SRP {with_srp}: {:?}",
                got.0
            );
        }
    }
}

#[test]
fn the_password_round_of_a_custom_flow_has_a_session_and_needs_it() {
    let mut counter = Counter::new(custom_world(1));
    let challenge = counter.start_custom_srp(EMAIL);
    assert_eq!(challenge.challenge().as_deref(), Some("PASSWORD_VERIFIER"));
    assert!(challenge.session().is_some(), "it has a Session");
    let proof = counter.proof(&challenge, PASSWORD);
    counter
        .answer(&proof, None)
        .refuses(InvalidParameter, "Missing required parameter Session");
    let another = counter.start_custom_srp(EMAIL);
    counter
        .answer(&proof, another.session().as_deref())
        .refuses(NotAuthorized, GENERIC);
    let question = counter.answer(&proof, challenge.session().as_deref());
    assert_eq!(question.challenge().as_deref(), Some("CUSTOM_CHALLENGE"));
}

#[test]
fn a_wrong_proof_ends_a_custom_sign_in() {
    let mut counter = Counter::new(custom_world(1));
    let challenge = counter.start_custom_srp(EMAIL);
    let wrong = counter.proof(&challenge, "wrong");
    counter.triggers();
    counter
        .answer(&wrong, challenge.session().as_deref())
        .refuses(NotAuthorized, GENERIC);
    assert_eq!(counter.triggers(), [], "Define is not told");
    let right = counter.proof(&challenge, PASSWORD);
    counter
        .answer(&right, challenge.session().as_deref())
        .refuses(NotAuthorized, "Invalid session for the user.");
}

#[test]
fn a_wrong_answer_asks_again_under_a_new_session_or_ends_it() {
    let mut counter = Counter::new(custom_world(2));
    let first = counter.start_custom(EMAIL);
    let again = counter.answer_custom(&first, "no");
    assert_eq!(again.parameter("question"), "What is 1?", "the same round");
    assert_ne!(again.session(), first.session(), "a new Session");
    counter.answer_custom(&first, "answer 1").refuses(
        NotAuthorized,
        "Invalid session for the user, session can only be used once.",
    );
    let second = counter.answer_custom(&again, "answer 1");
    assert_eq!(second.parameter("question"), "What is 2?", "the next round");
    assert!(counter.answer_custom(&second, "answer 2").has_tokens());

    let mut world = custom_world(2);
    if let Some(script) = &mut world.triggers.custom {
        script.on_wrong_answer = OnWrongAnswer::Fail;
    }
    let mut counter = Counter::new(world);
    let first = counter.start_custom(EMAIL);
    counter
        .answer_custom(&first, "no")
        .refuses(NotAuthorized, GENERIC);
    counter
        .answer_custom(&first, "answer 1")
        .refuses(NotAuthorized, "Invalid session for the user.");
}

#[test]
fn an_answer_is_compared_octet_by_octet() {
    let mut counter = Counter::new(custom_world(1));
    for answer in ["answer 1 ", " answer 1", "ANSWER 1", "answer\u{a0}1"] {
        let question = counter.start_custom(EMAIL);
        let got = counter.answer_custom(&question, answer);
        assert_eq!(
            got.challenge().as_deref(),
            Some("CUSTOM_CHALLENGE"),
            "{answer:?}"
        );
    }
}

#[test]
fn a_custom_answer_may_name_the_user_as_typed() {
    let mut counter = Counter::new(custom_world(1));
    let question = counter.start_custom(EMAIL);
    let got = counter.respond(
        "CUSTOM_CHALLENGE",
        question.session().as_deref(),
        &[("USERNAME", EMAIL), ("ANSWER", "answer 1")],
    );
    assert!(got.has_tokens());
}

#[test]
fn define_may_skip_the_password() {
    let mut world = custom_world(1);
    if let Some(script) = &mut world.triggers.custom {
        script.skips_password = true;
    }
    let mut counter = Counter::new(world);
    let question = counter.start_custom_srp(EMAIL);
    assert_eq!(question.challenge().as_deref(), Some("CUSTOM_CHALLENGE"));
    assert!(counter.answer_custom(&question, "answer 1").has_tokens());
    let sessions: Vec<_> = counter
        .triggers()
        .into_iter()
        .filter(|call| call.source.starts_with("Define"))
        .map(|call| call.event["request"]["session"].clone())
        .collect();
    assert_eq!(
        sessions[1],
        json!([
            { "challengeName": "SRP_A", "challengeResult": true, "challengeMetadata": null },
            { "challengeName": "CUSTOM_CHALLENGE", "challengeResult": true, "challengeMetadata": "ROUND_1" },
        ])
    );
}

#[test]
fn failing_triggers_are_told_in_the_services_words_and_void_the_session() {
    let at_start = [
        (
            TriggerFailure::DefineThrows("no way".to_owned()),
            ServiceError::new(
                UserLambdaValidation,
                "DefineAuthChallenge failed with error no way.",
            ),
        ),
        (
            TriggerFailure::CreateThrows("no idea".to_owned()),
            ServiceError::new(
                UserLambdaValidation,
                "CreateAuthChallenge failed with error no idea.",
            ),
        ),
        (
            TriggerFailure::DefineReturnsNonsense,
            ServiceError::new(InvalidLambdaResponse, "Unrecognizable lambda output"),
        ),
    ];
    for (failure, error) in at_start {
        let mut world = custom_world(1);
        if let Some(script) = &mut world.triggers.custom {
            script.failure = Some(failure);
        }
        assert_eq!(Counter::new(world).start_custom(EMAIL).error(), error);
    }
    let mut world = custom_world(1);
    if let Some(script) = &mut world.triggers.custom {
        script.failure = Some(TriggerFailure::VerifyThrows("boom".to_owned()));
    }
    let mut counter = Counter::new(world);
    let question = counter.start_custom(EMAIL);
    counter.answer_custom(&question, "answer 1").refuses(
        UserLambdaValidation,
        "VerifyAuthChallengeResponse failed with error boom.",
    );
    counter
        .answer_custom(&question, "answer 1")
        .refuses(NotAuthorized, "Invalid session for the user.");
}

#[test]
fn a_pool_without_triggers_says_so() {
    Counter::new(world()).start_custom(EMAIL).refuses(
        InvalidParameter,
        "Custom auth lambda trigger is not configured for the user pool.",
    );
}

#[test]
fn metadata_of_initiate_auth_does_not_reach_the_challenge_triggers() {
    let mut counter = Counter::new(custom_world(1));
    counter.metadata = map(&[("tenant", "blue")]);
    let question = counter.start_custom(EMAIL);
    for call in counter.triggers() {
        assert_eq!(
            call.event["request"]["clientMetadata"],
            Value::Null,
            "{}",
            call.source
        );
    }
    counter.metadata = map(&[("tenant", "red")]);
    counter.answer_custom(&question, "no");
    let calls = counter.triggers();
    assert_eq!(sources(&calls), ["Verify", "Define", "Create"], "order");
    for call in calls {
        assert_eq!(
            call.event["request"]["clientMetadata"],
            json!({ "tenant": "red" }),
            "{}",
            call.source
        );
    }
}

#[test]
fn pre_authentication_sees_the_metadata_as_validation_data_and_denies() {
    let mut world = world();
    world.triggers.pre_authentication_denies = Some("Email not verified".to_owned());
    let mut counter = Counter::new(world);
    counter.metadata = map(&[("tenant", "blue")]);
    for got in [
        counter.start_srp(EMAIL),
        counter.with_password(EMAIL, PASSWORD),
    ] {
        got.refuses(
            UserLambdaValidation,
            "PreAuthentication failed with error Email not verified.",
        );
    }
    let calls = counter.triggers();
    assert_eq!(calls.len(), 2, "it runs before the password is looked at");
    insta::assert_json_snapshot!("pre_authentication", calls[0]);
}

#[test]
fn the_triggers_of_a_custom_sign_in_without_srp_get_the_documented_events() {
    let mut counter = Counter::new(custom_world(1));
    let question = counter.start_custom(EMAIL);
    counter.metadata = map(&[("step", "one")]);
    let question = counter.answer_custom(&question, "no");
    counter.answer_custom(&question, "answer 1");
    let calls = counter.triggers();
    assert_eq!(
        sources(&calls),
        [
            "Define", "Create", "Verify", "Define", "Create", "Verify", "Define"
        ]
    );
    insta::assert_json_snapshot!("custom_without_srp", calls);
}

#[test]
fn the_triggers_of_a_custom_sign_in_with_srp_get_the_documented_events() {
    let mut counter = Counter::new(custom_world(2));
    let question = counter.custom_after_password(EMAIL, PASSWORD);
    let question = counter.answer_custom(&question, "answer 1");
    assert!(counter.answer_custom(&question, "answer 2").has_tokens());
    let calls = counter.triggers();
    assert_eq!(
        sources(&calls),
        [
            "Define", "Define", "Create", "Verify", "Define", "Create", "Verify", "Define"
        ],
        "Create is not asked for the password"
    );
    insta::assert_json_snapshot!("custom_with_srp", calls);
}

#[test]
fn the_triggers_of_nobody_are_told_so() {
    let mut counter = Counter::new(hiding(custom_world(1)));
    let question = counter.start_custom("nobody@example.com");
    counter
        .answer_custom(&question, "answer 1")
        .refuses(NotAuthorized, GENERIC);
    let calls = counter.triggers();
    for call in &calls {
        assert_eq!(
            call.event["request"]["userNotFound"],
            json!(true),
            "{}",
            call.source
        );
        assert_eq!(
            call.event["request"]["userAttributes"],
            json!({}),
            "{}",
            call.source
        );
    }
    insta::assert_json_snapshot!("custom_of_nobody", calls[0]);
}

fn sources(calls: &[TriggerCall]) -> Vec<&str> {
    calls
        .iter()
        .map(|call| match call.source.as_str() {
            "DefineAuthChallenge_Authentication" => "Define",
            "CreateAuthChallenge_Authentication" => "Create",
            "VerifyAuthChallengeResponse_Authentication" => "Verify",
            other => other,
        })
        .collect()
}
