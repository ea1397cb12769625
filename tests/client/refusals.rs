//! What the reference client refuses, and what it says then.

use crate::support::script::*;
use cognito_conformance::client::error::ConfigurationError;
use cognito_conformance::client::{
    AuthError, Client, IllegalB, InvalidServiceResponse, Policy, SecretBlock, SignInRequest,
    Sources, TransportError,
};
use cognito_conformance::config::ClientSettings;
use cognito_conformance::srp::{BigUint, IntegerError, PoolIdError, SrpError, URule, to_hex};
use cognito_conformance::wire::{
    AuthFlowType, ChallengeName, ConfirmSignIn, ErrorKind, HttpResponse, NextStep, PortError,
    ServiceError,
};
use serde_json::json;

fn answer(text: &str) -> ConfirmSignIn {
    ConfirmSignIn {
        challenge_response: text.to_owned(),
        ..ConfirmSignIn::default()
    }
}

/// The error of a `userSRP` sign-in whose first request gets `response`, after checking that nothing else was sent.
fn refusal_of(response: HttpResponse, what: &str) -> AuthError {
    let script = Script::new([response, tokens()]);
    let error = run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserSrp))).unwrap_err();
    assert_eq!(script.requests().len(), 1, "{what}: no claim is sent");
    error
}

fn invalid(error: AuthError) -> InvalidServiceResponse {
    match error {
        AuthError::InvalidServiceResponse(what) => what,
        other => panic!("expected an invalid service response, got {other:?}"),
    }
}

#[test]
fn a_b_that_is_a_multiple_of_n_is_refused_before_any_claim_is_sent() {
    for (text, quotient) in [
        ("0".to_owned(), 0_u8),
        ("000".to_owned(), 0),
        (to_hex(&modulus()), 1),
        (to_hex(&(modulus() * 2_u8)), 2),
    ] {
        let error = refusal_of(altered_challenge("SRP_B", Some(&text)), &text);
        let expected = AuthError::Srp(SrpError::IllegalB {
            quotient: BigUint::from(quotient),
        });
        assert_eq!(error, expected, "{text}");
    }
}

#[test]
fn a_u_of_zero_is_refused_before_any_claim_is_sent() {
    let script = Script::new([verifier_challenge(None), tokens()]);
    let mut policy = Policy::default();
    policy.dialect.u = URule::Constant(BigUint::ZERO);
    let mut client = client(settings(), &script, policy);
    let error = run(client.sign_in(sign_in(AuthFlowType::UserSrp))).unwrap_err();
    assert_eq!(error, AuthError::Srp(SrpError::ZeroU));
    assert_eq!(script.requests().len(), 1, "no claim is sent");
}

#[test]
fn a_policy_without_the_check_of_b_sends_a_claim() {
    let cases = [
        (IllegalB::Used, "0".to_owned(), 2),
        (IllegalB::Used, to_hex(&modulus()), 2),
        (IllegalB::OnlyZeroRefused, "0".to_owned(), 1),
        (IllegalB::OnlyZeroRefused, to_hex(&modulus()), 2),
    ];
    for (illegal_b, text, requests) in cases {
        let script = Script::new([altered_challenge("SRP_B", Some(&text)), tokens()]);
        let policy = Policy {
            illegal_b,
            ..Policy::default()
        };
        let _ = run(client(settings(), &script, policy).sign_in(sign_in(AuthFlowType::UserSrp)));
        assert_eq!(script.requests().len(), requests, "{illegal_b:?} {text}");
    }
}

#[test]
fn a_number_that_is_no_hexadecimal_number_is_refused() {
    for parameter in ["SALT", "SRP_B"] {
        for (text, reason) in [
            ("-16e462a84f2df159eee0c14642974ee7", IntegerError::Negative),
            ("0x16", IntegerError::Prefix),
            ("not-a-number", IntegerError::NotHex { position: 0 }),
        ] {
            let error = refusal_of(altered_challenge(parameter, Some(text)), text);
            let expected = InvalidServiceResponse::MalformedNumber { parameter, reason };
            assert_eq!(invalid(error), expected, "{parameter} {text}");
        }
    }
}

#[test]
fn a_missing_or_empty_parameter_is_named() {
    for parameter in ["SALT", "SRP_B", "SECRET_BLOCK"] {
        for value in [None, Some("")] {
            let error = refusal_of(altered_challenge(parameter, value), parameter);
            let expected = InvalidServiceResponse::MissingParameter {
                challenge: ChallengeName::PasswordVerifier,
                parameter,
            };
            assert_eq!(invalid(error), expected, "{parameter} {value:?}");
        }
    }
}

#[test]
fn a_secret_block_that_is_no_base64_is_refused_unless_the_policy_is_lenient() {
    for block in ["%%%", "AAE", "A-_="] {
        let error = refusal_of(altered_challenge("SECRET_BLOCK", Some(block)), block);
        assert!(
            matches!(
                invalid(error),
                InvalidServiceResponse::MalformedSecretBlock(_)
            ),
            "{block}"
        );
    }
    let script = Script::new([altered_challenge("SECRET_BLOCK", Some("%%%")), tokens()]);
    let policy = Policy {
        secret_block: SecretBlock::Lenient,
        ..Policy::default()
    };
    let _ = run(client(settings(), &script, policy).sign_in(sign_in(AuthFlowType::UserSrp)));
    assert_eq!(script.requests().len(), 2, "lenient");
}

#[test]
fn a_challenge_nobody_knows_is_refused_by_name() {
    let name = ChallengeName::from("CHALLENGE_FROM_THE_FUTURE");
    for (response, expected) in [
        (
            ok(json!({"ChallengeName": "CHALLENGE_FROM_THE_FUTURE", "ChallengeParameters": {}})),
            InvalidServiceResponse::UnsupportedChallenge { name },
        ),
        (ok(json!({})), InvalidServiceResponse::NoSignInInformation),
        (
            ok(json!({"AuthenticationResult": {"AccessToken": "a"}})),
            InvalidServiceResponse::IncompleteTokens {
                missing: vec!["IdToken", "RefreshToken"],
            },
        ),
    ] {
        let error = refusal_of(response, "an answer that leads nowhere");
        assert_eq!(invalid(error), expected);
    }
}

#[test]
fn a_sign_in_is_not_done_before_all_three_tokens_are_there() {
    for missing in ["AccessToken", "IdToken", "RefreshToken"] {
        let mut body: serde_json::Value = serde_json::from_slice(tokens().body.as_bytes()).unwrap();
        body["AuthenticationResult"]
            .as_object_mut()
            .unwrap()
            .remove(missing);
        let script = Script::new([ok(body)]);
        let mut client = plain_client(&script);
        let error = run(client.sign_in(sign_in(AuthFlowType::UserPassword))).unwrap_err();
        assert_eq!(
            invalid(error),
            InvalidServiceResponse::IncompleteTokens {
                missing: vec![missing]
            }
        );
        assert_eq!(client.tokens(), None, "without {missing}");
    }
}

#[test]
fn a_body_that_is_no_json_object_is_refused_whatever_it_is() {
    for body in [
        "",
        "<html>",
        "[]",
        "null",
        "{\"ChallengeName\":",
        "{\"Session\":1}",
    ] {
        let error = refusal_of(HttpResponse::new(200, Vec::new(), body), body);
        assert!(
            matches!(
                invalid(error),
                InvalidServiceResponse::NotUnderstood { status: 200, .. }
            ),
            "{body}"
        );
    }
    let huge = HttpResponse::new(200, Vec::new(), " ".repeat((1 << 20) + 1));
    assert!(matches!(
        invalid(refusal_of(huge, "huge")),
        InvalidServiceResponse::TooLarge { .. }
    ));
    let deep = HttpResponse::new(200, Vec::new(), "{\"a\":".repeat(100_000));
    assert!(matches!(
        invalid(refusal_of(deep, "deep")),
        InvalidServiceResponse::NotUnderstood { .. }
    ));
}

#[test]
fn a_verifier_challenge_is_answered_once_and_only_after_srp_a() {
    let again = [
        verifier_challenge(Some("1")),
        verifier_challenge(Some("2")),
        verifier_challenge(Some("3")),
    ];
    let script = Script::new(again);
    let error = run(plain_client(&script).sign_in(sign_in(AuthFlowType::CustomWithSrp)));
    assert_eq!(
        invalid(error.unwrap_err()),
        InvalidServiceResponse::VerifierAgain
    );
    assert_eq!(script.requests().len(), 2, "no storm");
    let script = Script::new([verifier_challenge(None)]);
    let error = run(plain_client(&script).sign_in(sign_in(AuthFlowType::CustomWithoutSrp)));
    assert_eq!(
        invalid(error.unwrap_err()),
        InvalidServiceResponse::VerifierWithoutSrp
    );
}

#[test]
fn required_attributes_that_are_no_list_are_refused() {
    for text in ["undefined", "{}", "[1]"] {
        let challenge = ok(
            json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": {"requiredAttributes": text}}),
        );
        let error = refusal_of(challenge, text);
        assert_eq!(
            invalid(error),
            InvalidServiceResponse::MalformedList {
                parameter: "requiredAttributes"
            }
        );
    }
}

#[test]
fn an_argument_that_cannot_work_is_refused_before_anything_is_sent() {
    let script = Script::default();
    let mut client = plain_client(&script);
    for flow in AuthFlowType::ALL {
        let no_name = SignInRequest {
            username: String::new(),
            ..sign_in(flow)
        };
        let error = run(client.sign_in(no_name)).unwrap_err();
        assert!(
            matches!(
                error,
                AuthError::Validation {
                    field: "username",
                    ..
                }
            ),
            "{flow}"
        );
        for password in [None, Some(String::new())] {
            let no_password = SignInRequest {
                password,
                ..sign_in(flow)
            };
            let result = run(client.sign_in(no_password));
            let refused = matches!(
                result,
                Err(AuthError::Validation {
                    field: "password",
                    ..
                })
            );
            assert_eq!(refused, flow != AuthFlowType::CustomWithoutSrp, "{flow}");
        }
    }
    assert_eq!(
        script.sequence(),
        ["InitiateAuth CUSTOM_AUTH"; 2],
        "only the flow that needs no password sent anything"
    );
    let error = run(client.confirm_sign_in(answer("42"))).unwrap_err();
    assert!(
        matches!(error, AuthError::InvalidState(_)),
        "nothing is pending: {error:?}"
    );
}

#[test]
fn an_empty_answer_is_refused_and_the_challenge_stays_pending() {
    let script = Script::new([custom("session-1"), tokens()]);
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    let error = run(client.confirm_sign_in(answer(""))).unwrap_err();
    assert!(matches!(
        error,
        AuthError::Validation {
            field: "challengeResponse",
            ..
        }
    ));
    assert_eq!(
        run(client.confirm_sign_in(answer("42"))),
        Ok(NextStep::Done)
    );
}

#[test]
fn settings_that_cannot_work_are_refused_before_there_is_a_client() {
    let refused = |settings: ClientSettings| {
        let sources = Sources::fixed(AFTERNOON, 7);
        match Client::new(settings, Script::default(), sources, Policy::default()) {
            Err(AuthError::Configuration(error)) => error,
            other => panic!("expected a configuration error, got {other:?}"),
        }
    };
    for id in ["us-east-1", "us-east-1:1b2c3d", "us-east-1_", ""] {
        let error = refused(ClientSettings {
            user_pool_id: id.to_owned(),
            ..settings()
        });
        assert!(matches!(error, ConfigurationError::PoolId(_)), "{id:?}");
    }
    let error = refused(ClientSettings {
        user_pool_id: "a".repeat(1 << 20),
        ..settings()
    });
    assert!(matches!(
        error,
        ConfigurationError::PoolId(PoolIdError::TooLong { .. })
    ));
    let error = refused(ClientSettings {
        client_id: String::new(),
        ..settings()
    });
    assert_eq!(error, ConfigurationError::NoClientId);
}

#[test]
fn a_service_error_is_passed_on_word_for_word_in_every_form() {
    let typed = |kind: &str, member: &str| json!({"__type": kind, member: "Too many requests"});
    let header = || {
        vec![(
            "X-Amzn-ErrorType".to_owned(),
            "TooManyRequestsException:".to_owned(),
        )]
    };
    let with_text = || {
        let mut headers = header();
        headers.push((
            "x-amzn-errormessage".to_owned(),
            "Too many requests".to_owned(),
        ));
        headers
    };
    let forms = [
        HttpResponse::new(400, header(), typed("X", "message").to_string()),
        HttpResponse::new(
            400,
            Vec::new(),
            typed("a.b#TooManyRequestsException", "message").to_string(),
        ),
        HttpResponse::new(
            429,
            Vec::new(),
            typed("TooManyRequestsException", "Message").to_string(),
        ),
        HttpResponse::new(400, with_text(), ""),
        HttpResponse::new(503, with_text(), "<html>"),
    ];
    for response in forms {
        let error = refusal_of(response.clone(), "an error");
        assert_eq!(error.name(), "TooManyRequestsException", "{response:?}");
        let expected = ServiceError::new(ErrorKind::TooManyRequests, "Too many requests");
        assert_eq!(error, AuthError::Service(expected), "{response:?}");
        let shown = PortError::from(error);
        assert_eq!(shown.message, "Too many requests", "{response:?}");
    }
    let unnamed = HttpResponse::new(500, Vec::new(), "<html>");
    assert_eq!(
        invalid(refusal_of(unnamed, "500")),
        InvalidServiceResponse::UnnamedFailure { status: 500 }
    );
}

#[test]
fn two_errors_are_next_steps() {
    for (kind, step) in [
        ("UserNotConfirmedException", NextStep::ConfirmSignUp),
        ("PasswordResetRequiredException", NextStep::ResetPassword),
    ] {
        let script = Script::new([failure(kind, "text")]);
        let mut client = plain_client(&script);
        let result = run(client.sign_in(sign_in(AuthFlowType::UserPassword)));
        assert_eq!(result, Ok(step), "{kind}");
        assert!(
            run(client.confirm_sign_in(answer("42"))).is_err(),
            "{kind}: the sign-in is over"
        );
    }
}

#[test]
fn a_wrong_code_can_be_corrected_with_the_same_session() {
    let script = Script::new([
        custom("session-1"),
        failure("CodeMismatchException", "Invalid code"),
        tokens(),
    ])
    .then(Err(TransportError::Dropped));
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    let error = run(client.confirm_sign_in(answer("41"))).unwrap_err();
    assert_eq!(error.name(), "CodeMismatchException");
    assert_eq!(
        run(client.confirm_sign_in(answer("42"))),
        Ok(NextStep::Done)
    );
    let bodies = script.bodies();
    assert_eq!(bodies[1]["Session"], bodies[2]["Session"]);
    assert_eq!(
        bodies[2]["ChallengeResponses"]["ANSWER"], "42",
        "the new answer"
    );
}

#[test]
fn an_answer_that_got_lost_can_be_given_again() {
    let script = Script::new([custom("session-1")])
        .then(Err(TransportError::Dropped))
        .then(Ok(tokens()));
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    let error = run(client.confirm_sign_in(answer("42"))).unwrap_err();
    assert_eq!(error, AuthError::Network(TransportError::Dropped));
    assert_eq!(
        run(client.confirm_sign_in(answer("42"))),
        Ok(NextStep::Done)
    );
}

#[test]
fn a_refusal_ends_the_sign_in_and_the_next_one_starts_clean() {
    let script = Script::new([
        custom("session-1"),
        failure("NotAuthorizedException", "Incorrect username or password."),
        custom("session-2"),
    ]);
    let mut client = plain_client(&script);
    run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    let error = run(client.confirm_sign_in(answer("41"))).unwrap_err();
    assert_eq!(error.name(), "NotAuthorizedException");
    assert!(matches!(
        run(client.confirm_sign_in(answer("42"))),
        Err(AuthError::InvalidState(_))
    ));
    assert_eq!(script.requests().len(), 2, "nothing is sent after the end");
    let step = run(client.sign_in(sign_in(AuthFlowType::CustomWithoutSrp))).unwrap();
    assert!(step.awaits_answer());
}

#[test]
fn a_failed_request_is_not_repeated() {
    let html = HttpResponse::new(500, Vec::new(), "<html>");
    let script = Script::new([html, tokens()]);
    let _ = run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserPassword)));
    assert_eq!(script.requests().len(), 1);
    let script = Script::default().then(Err(TransportError::Connect));
    let error = run(plain_client(&script).sign_in(sign_in(AuthFlowType::UserPassword)));
    assert_eq!(error, Err(AuthError::Network(TransportError::Connect)));
    assert_eq!(script.requests().len(), 1);
}

#[test]
fn neither_errors_nor_debug_output_show_a_secret() {
    let script = Script::new([
        altered_challenge("SRP_B", Some("0")),
        altered_challenge("SALT", Some("-1")),
        failure("NotAuthorizedException", "Incorrect username or password."),
        HttpResponse::new(200, Vec::new(), "{"),
    ]);
    let mut client = client(with_secret(), &script, Policy::default());
    let mut shown = format!("{client:?} {:?}", sign_in(AuthFlowType::UserSrp));
    for _ in 0..5 {
        let error = run(client.sign_in(sign_in(AuthFlowType::UserSrp))).unwrap_err();
        shown.push_str(&format!(
            "{error} {error:?} {:?}",
            PortError::from(error.clone())
        ));
    }
    for secret in [PASSWORD, SECRET] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
