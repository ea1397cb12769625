//! `USER_AUTH`: the first factor is chosen.

use crate::support::counter::*;
use cognito_conformance::model::{
    ExplicitAuthFlow, FirstFactor, MfaConfiguration, MfaMethod, UserMfa, UserStatus, World,
};
use cognito_conformance::wire::{ErrorKind, PoolNote};
use serde_json::json;

#[test]
fn without_a_preference_the_factors_are_listed() {
    let got = Counter::new(choice_world()).initiate("USER_AUTH", &[("USERNAME", EMAIL)]);
    assert_eq!(got.challenge().as_deref(), Some("SELECT_CHALLENGE"));
    assert!(got.session().is_some(), "a Session");
    assert_eq!(
        got.body()["AvailableChallenges"],
        json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"])
    );
}

#[test]
fn a_preference_that_is_not_available_leads_to_the_list() {
    let mut world = choice_world();
    world.pool.first_factors = vec![FirstFactor::Password];
    let got = Counter::new(world).initiate(
        "USER_AUTH",
        &[("USERNAME", EMAIL), ("PREFERRED_CHALLENGE", "EMAIL_OTP")],
    );
    assert_eq!(got.challenge().as_deref(), Some("SELECT_CHALLENGE"));
    assert_eq!(
        got.body()["AvailableChallenges"],
        json!(["PASSWORD_SRP", "PASSWORD"])
    );
}

#[test]
fn a_temporary_password_has_to_be_used_before_any_code() {
    let mut world = choice_world();
    world.users[0].status = UserStatus::ForceChangePassword;
    let mut counter = Counter::new(world);
    let got = counter.initiate(
        "USER_AUTH",
        &[("USERNAME", EMAIL), ("PREFERRED_CHALLENGE", "EMAIL_OTP")],
    );
    assert_eq!(
        got.challenge().as_deref(),
        Some("SELECT_CHALLENGE"),
        "captured"
    );
    assert_eq!(
        got.body()["AvailableChallenges"],
        json!(["PASSWORD_SRP", "PASSWORD"]),
        "captured"
    );
    let asked = choose(&mut counter, &got, "PASSWORD", &[("PASSWORD", PASSWORD)]);
    assert_eq!(asked.challenge().as_deref(), Some("NEW_PASSWORD_REQUIRED"));
}

#[test]
fn a_preferred_password_is_taken_with_the_first_request() {
    let mut counter = Counter::new(choice_world());
    let with = |counter: &mut Counter, password: &str| {
        counter.initiate(
            "USER_AUTH",
            &[
                ("USERNAME", EMAIL),
                ("PREFERRED_CHALLENGE", "PASSWORD"),
                ("PASSWORD", password),
            ],
        )
    };
    with(&mut counter, "wrong").refuses(ErrorKind::NotAuthorized, GENERIC);
    assert!(with(&mut counter, PASSWORD).has_tokens());
    counter
        .initiate(
            "USER_AUTH",
            &[("USERNAME", EMAIL), ("PREFERRED_CHALLENGE", "PASSWORD")],
        )
        .refuses(
            ErrorKind::InvalidParameter,
            "Missing required parameter PASSWORD",
        );
}

#[test]
fn a_preferred_srp_is_begun_with_the_first_request() {
    let mut counter = Counter::new(choice_world());
    let a = counter.big_a();
    let challenge = counter.initiate(
        "USER_AUTH",
        &[
            ("USERNAME", EMAIL),
            ("PREFERRED_CHALLENGE", "PASSWORD_SRP"),
            ("SRP_A", &a),
        ],
    );
    assert_eq!(challenge.challenge().as_deref(), Some("PASSWORD_VERIFIER"));
    let proof = counter.proof(&challenge, PASSWORD);
    assert!(
        counter
            .answer(&proof, challenge.session().as_deref())
            .has_tokens()
    );
}

#[test]
fn each_factor_can_be_chosen_from_the_list() {
    for (choice, code_key) in [("EMAIL_OTP", "EMAIL_OTP_CODE"), ("SMS_OTP", "SMS_OTP_CODE")] {
        let mut counter = Counter::new(choice_world());
        let listed = counter.initiate("USER_AUTH", &[("USERNAME", EMAIL)]);
        let asked = choose(&mut counter, &listed, choice, &[]);
        assert_eq!(
            asked.challenge().as_deref(),
            Some(choice),
            "{}",
            asked.0.body.to_text()
        );
        let code = code(&mut counter);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let respond = |counter: &mut Counter, code: &str| {
            counter.respond(
                choice,
                asked.session().as_deref(),
                &[("USERNAME", ALICE), (code_key, code)],
            )
        };
        assert_eq!(
            respond(&mut counter, wrong).kind(),
            ErrorKind::CodeMismatch,
            "{choice}"
        );
        assert!(respond(&mut counter, &code).has_tokens(), "{choice}");
    }
    let mut counter = Counter::new(choice_world());
    let listed = counter.initiate("USER_AUTH", &[("USERNAME", EMAIL)]);
    choose(&mut counter, &listed, "PASSWORD", &[("PASSWORD", "wrong")])
        .refuses(ErrorKind::NotAuthorized, GENERIC);
    assert!(choose(&mut counter, &listed, "PASSWORD", &[("PASSWORD", PASSWORD)]).has_tokens());

    let listed = counter.initiate("USER_AUTH", &[("USERNAME", EMAIL)]);
    let a = counter.big_a();
    let challenge = choose(&mut counter, &listed, "PASSWORD_SRP", &[("SRP_A", &a)]);
    assert_eq!(challenge.challenge().as_deref(), Some("PASSWORD_VERIFIER"));
    let proof = counter.proof(&challenge, PASSWORD);
    assert!(
        counter
            .answer(&proof, challenge.session().as_deref())
            .has_tokens()
    );
}

#[test]
fn what_is_not_listed_can_not_be_chosen() {
    let mut world = choice_world();
    world.pool.first_factors = vec![FirstFactor::Password];
    let mut counter = Counter::new(world);
    let listed = counter.initiate("USER_AUTH", &[("USERNAME", EMAIL)]);
    for choice in ["EMAIL_OTP", "WEB_AUTHN", "password", "SMS_MFA"] {
        let got = choose(&mut counter, &listed, choice, &[]);
        assert_eq!(got.kind(), ErrorKind::InvalidParameter, "{choice}");
    }
}

#[test]
fn a_second_factor_follows_a_password_and_no_code() {
    let mut world = choice_world();
    world.pool.mfa = MfaConfiguration::Optional;
    world.users[0].mfa = UserMfa {
        enabled: vec![MfaMethod::SmsMfa],
        ..UserMfa::default()
    };
    let mut counter = Counter::new(world);
    let listed = counter.initiate("USER_AUTH", &[("USERNAME", EMAIL)]);
    let asked = choose(&mut counter, &listed, "PASSWORD", &[("PASSWORD", PASSWORD)]);
    assert_eq!(
        asked.challenge().as_deref(),
        Some("SMS_MFA"),
        "after a password"
    );
    let listed = counter.initiate("USER_AUTH", &[("USERNAME", EMAIL)]);
    let asked = choose(&mut counter, &listed, "EMAIL_OTP", &[]);
    let code = code(&mut counter);
    let got = counter.respond(
        "EMAIL_OTP",
        asked.session().as_deref(),
        &[("USERNAME", ALICE), ("EMAIL_OTP_CODE", &code)],
    );
    assert!(got.has_tokens(), "{}", got.0.body.to_text());
}

#[test]
fn nobody_gets_the_same_list_and_the_same_address_each_time_where_existence_is_hidden() {
    let world = hiding(choice_world());
    let mut counter = Counter::new(world.clone());
    let start = |counter: &mut Counter| {
        let got = counter.initiate(
            "USER_AUTH",
            &[
                ("USERNAME", "nobody@example.com"),
                ("PREFERRED_CHALLENGE", "EMAIL_OTP"),
            ],
        );
        assert_eq!(
            got.challenge().as_deref(),
            Some("EMAIL_OTP"),
            "simulated (captured)"
        );
        got
    };
    let (first, second) = (start(&mut counter), start(&mut counter));
    for name in ["CODE_DELIVERY_DESTINATION", "USER_ID_FOR_SRP"] {
        assert_eq!(first.parameter(name), second.parameter(name), "{name}");
    }
    let sent = counter
        .notes()
        .into_iter()
        .any(|note| matches!(note, PoolNote::Sent { .. }));
    assert!(!sent, "nothing goes to a stranger");
    let name = first.parameter("USER_ID_FOR_SRP");
    for code in ["000000", "123456"] {
        let got = counter.respond(
            "EMAIL_OTP",
            first.session().as_deref(),
            &[("USERNAME", &name), ("EMAIL_OTP_CODE", code)],
        );
        assert_eq!(got.kind(), ErrorKind::CodeMismatch, "{code}");
    }
    let mut world = choice_world();
    world.clients[0].prevent_user_existence_errors = false;
    Counter::new(world)
        .initiate("USER_AUTH", &[("USERNAME", "nobody@example.com")])
        .refuses(ErrorKind::UserNotFound, "User does not exist.");
}

fn choice_world() -> World {
    let mut world = world();
    world.clients[0]
        .explicit_auth_flows
        .push(ExplicitAuthFlow::AllowUserAuth);
    world.pool.first_factors = vec![
        FirstFactor::Password,
        FirstFactor::EmailOtp,
        FirstFactor::SmsOtp,
    ];
    let attributes = &mut world.users[0].attributes;
    attributes.extend(map(&[
        ("phone_number", "+15555550143"),
        ("phone_number_verified", "true"),
    ]));
    world
}

fn choose(counter: &mut Counter, listed: &Got, choice: &str, more: &[(&str, &str)]) -> Got {
    let responses: Vec<_> = [("USERNAME", ALICE), ("ANSWER", choice)]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    counter.respond("SELECT_CHALLENGE", listed.session().as_deref(), &responses)
}

/// The code that was sent last.
fn code(counter: &mut Counter) -> String {
    let sent = counter
        .notes()
        .into_iter()
        .rev()
        .find_map(|note| match note {
            PoolNote::Sent { text, .. } => Some(text),
            _ => None,
        });
    sent.expect("a code was sent")
}
