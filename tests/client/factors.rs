//! Factors: how the reference client shows, chooses, sets up and answers them.

use crate::support::stage::*;
use cognito_conformance::client::{AuthError, InvalidServiceResponse, SignInRequest};
use cognito_conformance::model::{MfaConfiguration, MfaMethod, UserStatus, World};
use cognito_conformance::wire::{
    AuthFlowType, ChallengeName, CodeDelivery, HttpResponse, NextStep,
};
use serde_json::{Value, json};

const SESSION: &str = "a-session-of-another-service";
const SRP: Way = Way::Flow(AuthFlowType::UserSrp);
const BY_PASSWORD: Way = Way::Flow(AuthFlowType::UserPassword);
const WITH_PASSWORD: [Way; 5] = [
    SRP,
    BY_PASSWORD,
    Way::Flow(AuthFlowType::CustomWithSrp),
    Way::Preferring("PASSWORD"),
    Way::Preferring("PASSWORD_SRP"),
];

/// Alice has these second factors.
fn having(methods: &[MfaMethod]) -> World {
    let mut world = whole_world().with_mfa(MfaConfiguration::Optional, &MfaMethod::ALL);
    world.users[0].mfa.enabled = methods.to_vec();
    world.users[0].mfa.totp_secret = methods
        .contains(&MfaMethod::SoftwareTokenMfa)
        .then(|| TOTP_SECRET.to_owned());
    world
}

/// Everybody needs one of these, and Alice has none.
fn needing(methods: &[MfaMethod]) -> World {
    let mut world = whole_world().with_mfa(MfaConfiguration::On, methods);
    let attributes = &mut world.users[0].attributes;
    attributes.remove("phone_number");
    attributes.remove("phone_number_verified");
    world
}

fn by_sms() -> CodeDelivery {
    CodeDelivery {
        delivery_medium: "SMS".to_owned(),
        destination: "+*******0100".to_owned(),
    }
}

fn by_email() -> CodeDelivery {
    CodeDelivery {
        delivery_medium: "EMAIL".to_owned(),
        destination: "a***@e***".to_owned(),
    }
}

fn ok(body: Value) -> Act {
    Act::Answer(HttpResponse::new(200, Vec::new(), body.to_string()))
}

fn challenge(name: &str, parameters: Value) -> Act {
    ok(json!({"ChallengeName": name, "Session": SESSION, "ChallengeParameters": parameters}))
}

async fn shown(theatre: &mut Theatre, way: Way) -> NextStep {
    theatre.client.sign_in(sign_in(way, EMAIL)).await.unwrap()
}

async fn confirmed(theatre: &mut Theatre, text: &str) -> Result<NextStep, AuthError> {
    theatre.client.confirm_sign_in(answer(text)).await
}

// ---- One factor ----

#[tokio::test]
async fn each_factor_is_shown_with_where_its_code_went_and_answered_under_its_own_key() {
    for (number, way) in WITH_PASSWORD.into_iter().enumerate() {
        for (method, step, name) in [
            (
                MfaMethod::SmsMfa,
                NextStep::ConfirmSignInWithSmsCode {
                    delivery: Some(by_sms()),
                },
                "SMS_MFA_CODE",
            ),
            (
                MfaMethod::EmailOtp,
                NextStep::ConfirmSignInWithEmailCode {
                    delivery: Some(by_email()),
                },
                "EMAIL_OTP_CODE",
            ),
            (
                MfaMethod::SoftwareTokenMfa,
                NextStep::ConfirmSignInWithTotpCode,
                "SOFTWARE_TOKEN_MFA_CODE",
            ),
        ] {
            let carriage = BOTH[number % 2];
            let mut theatre = Theatre::open(&having(&[method]).with_secret(SECRET), carriage).await;
            let got = shown(&mut theatre, way).await;
            assert_eq!(got, step, "{way:?} {method:?}");
            let before = theatre.look();
            let done = theatre.go_on(got).await;
            assert_eq!(done, Ok(NextStep::Done), "{way:?} {method:?}");
            let after = theatre.look();
            let factor = &after[0];
            assert_eq!(factor.words, method.as_str(), "{way:?}: what is answered");
            assert_eq!(
                factor.parameter_names(),
                in_order(&[name, "SECRET_HASH", "USERNAME"]),
                "{way:?} {method:?}: what is sent"
            );
            assert_eq!(factor.parameters()["USERNAME"], json!(ALICE), "{way:?}");
            assert_eq!(factor.metadata(), Some("confirmSignIn"), "{way:?}");
            assert_eq!(
                factor.sent["Session"],
                before.last().unwrap().got["Session"],
                "{way:?} {method:?}: the Session"
            );
            theatre.close().await;
        }
    }
}

fn in_order<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_wrong_code_is_corrected_with_the_same_session() {
    for method in MfaMethod::ALL {
        let mut theatre = Theatre::open(&having(&[method]), Carriage::InProcess).await;
        let step = shown(&mut theatre, SRP).await;
        theatre.look();
        for _ in 0..3 {
            let error = confirmed(&mut theatre, "no code").await.unwrap_err();
            assert_eq!(error.name(), "CodeMismatchException", "{method:?}");
        }
        let done = theatre.go_on(step).await;
        assert_eq!(done, Ok(NextStep::Done), "{method:?}: the right one");
        let passed = theatre.look();
        let sessions: Vec<_> = passed.iter().map(|p| p.sent["Session"].clone()).collect();
        assert_eq!(sessions.len(), 4, "{method:?}: answers");
        assert!(
            sessions.iter().all(|session| *session == sessions[0]),
            "{method:?}: one Session"
        );
    }
}

#[tokio::test]
async fn a_time_based_code_that_was_used_can_be_followed_by_the_next() {
    let world = having(&[MfaMethod::SoftwareTokenMfa]);
    let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
    let done = theatre.play(sign_in(SRP, EMAIL)).await;
    assert_eq!(done, Ok(NextStep::Done), "the first time");
    let step = shown(&mut theatre, SRP).await;
    let used = theatre.totp();
    let error = confirmed(&mut theatre, &used).await.unwrap_err();
    assert_eq!(error.name(), "ExpiredCodeException", "used");
    theatre.wait(30);
    assert_eq!(theatre.go_on(step).await, Ok(NextStep::Done), "the next");
}

#[tokio::test]
async fn an_empty_code_is_not_sent() {
    let mut theatre = Theatre::open(&having(&[MfaMethod::SmsMfa]), Carriage::InProcess).await;
    let step = shown(&mut theatre, SRP).await;
    theatre.look();
    let error = confirmed(&mut theatre, "").await.unwrap_err();
    assert_eq!(error.name(), "Validation", "{error}");
    assert!(theatre.look().is_empty(), "nothing was sent");
    assert_eq!(theatre.go_on(step).await, Ok(NextStep::Done), "it waits");
}

// ---- A choice ----

#[tokio::test]
async fn a_second_factor_is_chosen_by_the_service_s_name_and_then_answered() {
    for carriage in BOTH {
        for (chosen, next) in [
            ("SMS_MFA", "CONFIRM_SIGN_IN_WITH_SMS_CODE"),
            ("EMAIL_OTP", "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"),
            ("SOFTWARE_TOKEN_MFA", "CONFIRM_SIGN_IN_WITH_TOTP_CODE"),
        ] {
            let world = having(&MfaMethod::ALL).with_secret(SECRET);
            let mut theatre = Theatre::open(&world, carriage).await;
            let step = shown(&mut theatre, SRP).await;
            let allowed = MfaMethod::ALL.map(|m| ChallengeName::from(m.as_str()));
            assert_eq!(
                step,
                NextStep::ContinueSignInWithMfaSelection {
                    allowed: allowed.into()
                }
            );
            theatre.look();
            for wrong in ["TOTP", "sms_mfa", "PASSWORD"] {
                let error = confirmed(&mut theatre, wrong).await.unwrap_err();
                assert_eq!(error.name(), "Validation", "{wrong}");
            }
            assert!(theatre.look().is_empty(), "nothing of it was sent");
            let step = confirmed(&mut theatre, chosen).await.unwrap();
            assert_eq!(step.name(), next, "{chosen}");
            let choice = &theatre.look()[0];
            assert_eq!(choice.words, "SELECT_MFA_TYPE");
            assert_eq!(choice.parameters()["ANSWER"], json!(chosen));
            assert_eq!(choice.metadata(), Some("confirmSignIn"), "{chosen}");
            let done = theatre.go_on(step).await;
            assert_eq!(done, Ok(NextStep::Done), "{chosen} {carriage:?}");
            assert_eq!(theatre.look()[0].words, chosen, "the factor's own answer");
            theatre.close().await;
        }
    }
}

// ---- A set-up ----

#[tokio::test]
async fn time_based_codes_are_set_up_by_the_secret_a_code_and_the_session_that_comes_for_it() {
    for (number, way) in WITH_PASSWORD.into_iter().enumerate() {
        let world = needing(&[MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa]).with_secret(SECRET);
        let mut theatre = Theatre::open(&world, BOTH[number % 2]).await;
        let step = shown(&mut theatre, way).await;
        let NextStep::ContinueSignInWithTotpSetup { shared_secret } = &step else {
            panic!("{way:?}: a secret was expected, got {step:?}");
        };
        let secret = decoded(shared_secret);
        let passed = theatre.look();
        let [.., asked, associated] = passed.as_slice() else {
            panic!("{way:?}: two requests at least");
        };
        assert_eq!(associated.words, "AssociateSoftwareToken", "{way:?}");
        assert_eq!(
            associated.sent,
            json!({"Session": asked.got["Session"]}),
            "{way:?}: the challenge's Session alone"
        );

        let error = confirmed(&mut theatre, "000000").await.unwrap_err();
        assert_eq!(error.name(), "EnableSoftwareTokenMFAException", "{way:?}");
        let step = confirmed(&mut theatre, &totp(&secret, NOW)).await.unwrap();
        let passed = theatre.look();
        assert_eq!(
            sequence(&passed[..3]),
            ["VerifySoftwareToken", "VerifySoftwareToken", "MFA_SETUP"],
            "{way:?}"
        );
        for verify in &passed[..2] {
            assert_eq!(
                verify.sent["Session"], associated.got["Session"],
                "{way:?}: the Session that came with the secret"
            );
        }
        assert_eq!(
            passed[2].sent["Session"], passed[1].got["Session"],
            "{way:?}: the Session that came for the code"
        );
        assert_eq!(
            passed[2].parameter_names(),
            ["SECRET_HASH", "USERNAME"],
            "{way:?}"
        );
        assert_eq!(passed[2].metadata(), Some("confirmSignIn"), "{way:?}");
        let done = theatre.go_on(step).await;
        assert_eq!(done, Ok(NextStep::Done), "{way:?}");

        theatre.wait(30);
        let step = shown(&mut theatre, SRP).await;
        assert_eq!(step, NextStep::ConfirmSignInWithTotpCode, "{way:?}: kept");
        let code = totp(&secret, NOW + 30);
        let done = confirmed(&mut theatre, &code).await;
        assert_eq!(done, Ok(NextStep::Done), "{way:?}: with that secret");
        theatre.close().await;
    }
}

fn decoded(secret: &str) -> Vec<u8> {
    let octets = data_encoding::BASE32_NOPAD.decode(secret.as_bytes());
    octets.expect("the secret is base32")
}

#[tokio::test]
async fn an_address_is_set_up_by_the_code_that_goes_to_it() {
    for carriage in BOTH {
        let mut world = needing(&[MfaMethod::EmailOtp]).with_secret(SECRET);
        world.users[0].attributes.remove("email_verified");
        let mut theatre = Theatre::open(&world, carriage).await;
        let step = shown(&mut theatre, SRP).await;
        assert_eq!(step, NextStep::ContinueSignInWithEmailSetup, "at once");
        theatre.look();
        let step = confirmed(&mut theatre, "new@example.org").await.unwrap();
        let delivery = CodeDelivery {
            delivery_medium: "EMAIL".to_owned(),
            destination: "n***@e***".to_owned(),
        };
        assert_eq!(
            step,
            NextStep::ConfirmSignInWithEmailCode {
                delivery: Some(delivery)
            }
        );
        let set_up = &theatre.look()[0];
        assert_eq!(set_up.words, "MFA_SETUP");
        assert_eq!(set_up.parameters()["EMAIL"], json!("new@example.org"));
        assert_eq!(theatre.go_on(step).await, Ok(NextStep::Done));
        assert_eq!(theatre.look()[0].words, "EMAIL_OTP");
        theatre.close().await;
    }
}

#[tokio::test]
async fn of_two_factors_one_is_chosen_for_the_set_up_without_a_request() {
    for chosen in ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"] {
        let mut world = needing(&MfaMethod::ALL);
        world.users[0].attributes.remove("email_verified");
        let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
        let step = shown(&mut theatre, SRP).await;
        assert_eq!(
            step,
            NextStep::ContinueSignInWithMfaSetupSelection {
                // A code by SMS can't be set up while signing in.
                allowed: vec![ChallengeName::SoftwareTokenMfa, ChallengeName::EmailOtp]
            }
        );
        theatre.look();
        let error = confirmed(&mut theatre, "SMS_MFA").await.unwrap_err();
        assert_eq!(error.name(), "Validation", "{error}");
        let step = confirmed(&mut theatre, chosen).await.unwrap();
        let words = theatre.look();
        let words = sequence(&words);
        if chosen == "EMAIL_OTP" {
            assert_eq!(step, NextStep::ContinueSignInWithEmailSetup);
            assert!(words.is_empty(), "the service need not know: {words:?}");
            let step = confirmed(&mut theatre, "new@example.org").await.unwrap();
            assert_eq!(theatre.go_on(step).await, Ok(NextStep::Done));
        } else {
            let NextStep::ContinueSignInWithTotpSetup { shared_secret } = &step else {
                panic!("a secret was expected, got {step:?}");
            };
            assert_eq!(words, ["AssociateSoftwareToken"], "of the set-up itself");
            let code = totp(&decoded(shared_secret), NOW);
            assert_eq!(confirmed(&mut theatre, &code).await, Ok(NextStep::Done));
        }
    }
}

#[tokio::test]
async fn once_the_code_was_taken_only_the_rest_of_the_set_up_is_tried_again() {
    let world = needing(&[MfaMethod::SoftwareTokenMfa]);
    let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
    let step = shown(&mut theatre, SRP).await;
    let NextStep::ContinueSignInWithTotpSetup { shared_secret } = &step else {
        panic!("a secret was expected, got {step:?}");
    };
    theatre.look();
    let busy = failure("TooManyRequestsException", "Rate exceeded");
    theatre.interrupt("MFA_SETUP", Act::Answer(busy));
    let code = totp(&decoded(shared_secret), NOW);
    let error = confirmed(&mut theatre, &code).await.unwrap_err();
    assert_eq!(error.name(), "TooManyRequestsException");
    assert_eq!(confirmed(&mut theatre, &code).await, Ok(NextStep::Done));
    assert_eq!(
        sequence(&theatre.look()),
        ["VerifySoftwareToken", "MFA_SETUP", "MFA_SETUP"]
    );
}

// ---- A new password before it ----

#[tokio::test]
async fn after_a_new_password_any_factor_may_follow() {
    for way in [SRP, BY_PASSWORD, Way::Preferring("PASSWORD_SRP")] {
        for (methods, expected) in [
            (
                vec![MfaMethod::SmsMfa],
                vec!["NEW_PASSWORD_REQUIRED", "SMS_MFA"],
            ),
            (
                vec![MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa],
                vec!["NEW_PASSWORD_REQUIRED", "SELECT_MFA_TYPE", "SMS_MFA"],
            ),
        ] {
            let mut world = having(&methods).with_secret(SECRET);
            world.users[0].status = UserStatus::ForceChangePassword;
            let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
            let step = shown(&mut theatre, way).await;
            assert_eq!(
                step.name(),
                "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED",
                "{way:?}"
            );
            theatre.look();
            let mut step = confirmed(&mut theatre, NEW_PASSWORD).await.unwrap();
            if methods.len() > 1 {
                step = confirmed(&mut theatre, "SMS_MFA").await.unwrap();
            }
            assert_eq!(theatre.go_on(step).await, Ok(NextStep::Done), "{way:?}");
            let passed = theatre.look();
            assert_eq!(sequence(&passed), expected, "{way:?}");
            assert_sessions(&passed);
        }
    }
}

// ---- The first factor ----

#[tokio::test]
async fn without_a_preference_the_person_chooses_the_first_factor() {
    for carriage in BOTH {
        for (chosen, expected) in [
            ("PASSWORD", vec!["SELECT_CHALLENGE"]),
            (
                "PASSWORD_SRP",
                vec!["SELECT_CHALLENGE", "PASSWORD_VERIFIER"],
            ),
            ("EMAIL_OTP", vec!["SELECT_CHALLENGE", "EMAIL_OTP"]),
            ("SMS_OTP", vec!["SELECT_CHALLENGE", "SMS_OTP"]),
        ] {
            let mut theatre = Theatre::open(&whole_world().with_secret(SECRET), carriage).await;
            let request = SignInRequest {
                preferred_challenge: None,
                password: None,
                ..sign_in(Way::Preferring("PASSWORD"), EMAIL)
            };
            let step = theatre.client.sign_in(request).await.unwrap();
            let available = ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"];
            assert_eq!(
                step,
                NextStep::ContinueSignInWithFirstFactorSelection {
                    available: available.map(ChallengeName::from).into()
                }
            );
            let first = &theatre.look()[0];
            assert_eq!(first.words, "USER_AUTH");
            assert_eq!(
                first.parameter_names(),
                ["SECRET_HASH", "USERNAME"],
                "nothing is preferred"
            );
            let error = confirmed(&mut theatre, "WEB_AUTHN").await.unwrap_err();
            assert_eq!(error.name(), "Validation", "{error}");
            let step = confirmed(&mut theatre, chosen).await.unwrap();
            if chosen.starts_with("PASSWORD") {
                assert_eq!(step, NextStep::ConfirmSignInWithPassword, "{chosen}");
                assert!(theatre.look().is_empty(), "{chosen}: not sent yet");
            }
            let done = theatre.go_on(step).await;
            assert_eq!(done, Ok(NextStep::Done), "{chosen} {carriage:?}");
            let passed = theatre.look();
            assert_eq!(sequence(&passed), expected, "{chosen}");
            let choice = passed[0].parameters();
            assert_eq!(choice["ANSWER"], json!(chosen));
            assert_eq!(choice["PASSWORD"].is_string(), chosen == "PASSWORD");
            assert_eq!(choice["SRP_A"].is_string(), chosen == "PASSWORD_SRP");
            for passed in &passed {
                assert_eq!(passed.metadata(), Some("confirmSignIn"), "{chosen}");
            }
            theatre.close().await;
        }
    }
}

#[tokio::test]
async fn a_preferred_factor_goes_with_the_first_request_and_brings_what_it_needs() {
    for (preferred, brings, expected) in [
        ("PASSWORD", Some("PASSWORD"), vec!["USER_AUTH"]),
        (
            "PASSWORD_SRP",
            Some("SRP_A"),
            vec!["USER_AUTH", "PASSWORD_VERIFIER"],
        ),
        ("EMAIL_OTP", None, vec!["USER_AUTH", "EMAIL_OTP"]),
        ("SMS_OTP", None, vec!["USER_AUTH", "SMS_OTP"]),
    ] {
        for carriage in BOTH {
            let mut theatre = Theatre::open(&whole_world().with_secret(SECRET), carriage).await;
            let done = theatre
                .play(sign_in(Way::Preferring(preferred), EMAIL))
                .await;
            assert_eq!(done, Ok(NextStep::Done), "{preferred} {carriage:?}");
            let passed = theatre.look();
            assert_eq!(sequence(&passed), expected, "{preferred}");
            let mut names = vec!["PREFERRED_CHALLENGE", "SECRET_HASH", "USERNAME"];
            names.extend(brings);
            assert_eq!(passed[0].parameter_names(), in_order(&names), "{preferred}");
            theatre.close().await;
        }
    }
}

#[tokio::test]
async fn a_preferred_factor_that_can_t_be_had_leads_to_a_choice() {
    let mut world = whole_world();
    world.users[0].status = UserStatus::ForceChangePassword;
    let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
    let step = shown(&mut theatre, Way::Preferring("EMAIL_OTP")).await;
    assert_eq!(
        step,
        NextStep::ContinueSignInWithFirstFactorSelection {
            available: vec![ChallengeName::PasswordSrp, ChallengeName::Password]
        },
        "a temporary password has to be used first"
    );
    let step = confirmed(&mut theatre, "PASSWORD_SRP").await.unwrap();
    assert_eq!(theatre.go_on(step).await, Ok(NextStep::Done));
}

#[tokio::test]
async fn a_preference_that_this_client_can_t_follow_is_refused_before_anything_is_sent() {
    for (preferred, password, field) in [
        ("WEB_AUTHN", Some(PASSWORD), "preferredChallenge"),
        ("CUSTOM_CHALLENGE", Some(PASSWORD), "preferredChallenge"),
        ("PASSWORD", None, "password"),
        ("PASSWORD_SRP", Some(""), "password"),
    ] {
        let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
        let request = SignInRequest {
            password: password.map(str::to_owned),
            ..sign_in(Way::Preferring(preferred), EMAIL)
        };
        let error = theatre.client.sign_in(request).await.unwrap_err();
        let AuthError::Validation { field: got, .. } = error else {
            panic!("{preferred}: a validation error was expected, got {error}");
        };
        assert_eq!(got, field, "{preferred}");
        assert!(theatre.look().is_empty(), "{preferred}: nothing was sent");
    }
}

#[tokio::test]
async fn other_flows_ignore_a_preference() {
    let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
    let request = SignInRequest {
        preferred_challenge: Some(ChallengeName::WebAuthn),
        ..sign_in(BY_PASSWORD, EMAIL)
    };
    assert_eq!(theatre.play(request).await, Ok(NextStep::Done));
    let first = &theatre.look()[0];
    assert_eq!(first.parameter_names(), ["PASSWORD", "USERNAME"]);
}

#[tokio::test]
async fn a_wrong_password_ends_a_sign_in_by_choice() {
    for chosen in ["PASSWORD", "PASSWORD_SRP"] {
        let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
        let request = SignInRequest {
            preferred_challenge: None,
            ..sign_in(Way::Preferring("PASSWORD"), EMAIL)
        };
        theatre.client.sign_in(request).await.unwrap();
        confirmed(&mut theatre, chosen).await.unwrap();
        let error = confirmed(&mut theatre, "Wrong-Passw0rd!")
            .await
            .unwrap_err();
        assert_eq!(error.name(), "NotAuthorizedException", "{chosen}");
        let error = confirmed(&mut theatre, PASSWORD).await.unwrap_err();
        assert_eq!(error.name(), "InvalidState", "{chosen}: it is over");
    }
}

#[tokio::test]
async fn a_password_challenge_of_the_service_s_own_is_answered_by_its_name() {
    for (name, key) in [("PASSWORD", "PASSWORD"), ("PASSWORD_SRP", "SRP_A")] {
        let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
        theatre.interrupt("USER_AUTH", challenge(name, json!({})));
        let step = shown(&mut theatre, Way::Preferring("EMAIL_OTP")).await;
        assert_eq!(step, NextStep::ConfirmSignInWithPassword, "{name}");
        theatre.look();
        // The pool knows no such Session; what counts is what it was sent.
        let error = confirmed(&mut theatre, PASSWORD).await.unwrap_err();
        assert_eq!(error.name(), "NotAuthorizedException", "{name}");
        let sent = &theatre.look()[0];
        assert_eq!(sent.words, name);
        assert_eq!(sent.parameter_names(), in_order(&[key, "USERNAME"]));
        assert_eq!(sent.sent["Session"], json!(SESSION), "{name}");
    }
}

// ---- What a service must not get away with ----

#[tokio::test]
async fn challenges_that_can_t_be_shown_are_errors_that_name_what_is_wrong() {
    let list = |parameter| InvalidServiceResponse::MalformedList { parameter };
    let empty = |parameter| InvalidServiceResponse::NothingToChoose { parameter };
    let missing = |challenge, parameter| InvalidServiceResponse::MissingParameter {
        challenge,
        parameter,
    };
    let no_list = InvalidServiceResponse::MissingMember {
        what: "SELECT_CHALLENGE",
        member: "AvailableChallenges",
    };
    let (choose, set_up) = ("MFAS_CAN_CHOOSE", "MFAS_CAN_SETUP");
    for (name, parameters, expected) in [
        (
            "SELECT_MFA_TYPE",
            json!({}),
            missing(ChallengeName::SelectMfaType, choose),
        ),
        ("SELECT_MFA_TYPE", json!({choose: "SMS_MFA"}), list(choose)),
        ("SELECT_MFA_TYPE", json!({choose: "[1]"}), list(choose)),
        ("SELECT_MFA_TYPE", json!({choose: "{}"}), list(choose)),
        (
            "SELECT_MFA_TYPE",
            json!({choose: "[\"SMS_MFA\""}),
            list(choose),
        ),
        ("SELECT_MFA_TYPE", json!({choose: "[]"}), empty(choose)),
        (
            "MFA_SETUP",
            json!({}),
            missing(ChallengeName::MfaSetup, set_up),
        ),
        ("MFA_SETUP", json!({set_up: ""}), list(set_up)),
        ("MFA_SETUP", json!({set_up: "[]"}), empty(set_up)),
        (
            "MFA_SETUP",
            json!({set_up: "[\"SMS_MFA\",\"FACE_MFA\"]"}),
            InvalidServiceResponse::NothingToSetUp {
                listed: vec!["SMS_MFA".into(), "FACE_MFA".into()],
            },
        ),
        ("SELECT_CHALLENGE", json!({}), no_list),
        (
            "WEB_AUTHN",
            json!({}),
            InvalidServiceResponse::UnsupportedChallenge {
                name: ChallengeName::WebAuthn,
            },
        ),
    ] {
        let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
        theatre.interrupt("USER_PASSWORD_AUTH", challenge(name, parameters.clone()));
        let error = theatre.play(sign_in(BY_PASSWORD, EMAIL)).await.unwrap_err();
        assert_eq!(
            error,
            AuthError::InvalidServiceResponse(expected),
            "{name} {parameters}"
        );
        assert_eq!(sequence(&theatre.look()), ["USER_PASSWORD_AUTH"], "{name}");
        let error = confirmed(&mut theatre, "1").await.unwrap_err();
        assert_eq!(error.name(), "InvalidState", "{name}: it is over");
    }
}

#[tokio::test]
async fn a_code_of_which_nobody_says_where_it_went_is_asked_for_all_the_same() {
    for parameters in [json!({}), json!({"CODE_DELIVERY_DESTINATION": "+1"})] {
        let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
        theatre.interrupt("USER_PASSWORD_AUTH", challenge("SMS_MFA", parameters));
        let step = shown(&mut theatre, BY_PASSWORD).await;
        assert_eq!(step, NextStep::ConfirmSignInWithSmsCode { delivery: None });
    }
}

#[tokio::test]
async fn a_set_up_that_breaks_off_is_an_error_that_names_what_is_missing() {
    let member = |what, member| InvalidServiceResponse::MissingMember { what, member };
    for (at, body, expected) in [
        (
            "AssociateSoftwareToken",
            json!({"Session": "s"}),
            member("AssociateSoftwareToken", "SecretCode"),
        ),
        (
            "AssociateSoftwareToken",
            json!({"SecretCode": "GEZDGNBV"}),
            member("AssociateSoftwareToken", "Session"),
        ),
        (
            "VerifySoftwareToken",
            json!({"Status": "SUCCESS"}),
            member("VerifySoftwareToken", "Session"),
        ),
        (
            "VerifySoftwareToken",
            json!({"Status": "ERROR", "Session": "s"}),
            InvalidServiceResponse::SoftwareTokenNotVerified,
        ),
        (
            "VerifySoftwareToken",
            json!({"Session": "s"}),
            InvalidServiceResponse::SoftwareTokenNotVerified,
        ),
    ] {
        let world = needing(&[MfaMethod::SoftwareTokenMfa]);
        let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
        theatre.interrupt(at, ok(body.clone()));
        let mut got = theatre.client.sign_in(sign_in(SRP, EMAIL)).await;
        if at == "VerifySoftwareToken" {
            assert!(got.is_ok(), "{at}: the secret came");
            got = confirmed(&mut theatre, "123456").await;
        }
        let error = got.unwrap_err();
        assert_eq!(
            error,
            AuthError::InvalidServiceResponse(expected),
            "{at} {body}"
        );
        assert_eq!(theatre.look().last().unwrap().words, at, "nothing follows");
    }
}
