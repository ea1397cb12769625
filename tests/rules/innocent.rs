//! Nobody who is right is accused: the right client before the right pool, in scenarios that combine every axis freely.
//! `.ci/run` plays thousands of them; here are some hundred, and what a fault of the harness would look like.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cognito_conformance::run::{Innocence, InnocenceOptions, Space, innocence};
use cognito_conformance::scenario::axes::choice::Allowed;
use cognito_conformance::scenario::axes::{AXES, Pair, Place};
use cognito_conformance::scenario::{Mfa, Scenario};
use cognito_conformance::subject::Carriage;
use cognito_conformance::suite::scenarios::Generator;

fn played(space: Space, carriage: Carriage) -> Innocence {
    let options = InnocenceOptions {
        seed: 11,
        space,
        jobs: 2,
        carriage,
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    innocence(&options, &mut |_| {}).expect("the references can be played")
}

fn accusations(found: &Innocence) -> Vec<String> {
    found
        .accused
        .iter()
        .map(|accusation| {
            let scenario = serde_json::to_string(&accusation.scenario).expect("a scenario");
            format!("{:?} in {scenario}", accusation.rules)
        })
        .collect()
}

#[test]
fn the_right_client_before_the_right_pool_breaks_no_rule_of_either_party() {
    let found = played(Space::Free(400), Carriage::InProcess);
    assert_eq!(found.played, 400, "all were played");
    assert_eq!(accusations(&found), Vec::<String>::new());
    assert!(
        found.verdicts.len() > 120,
        "most rules had something to say: {}",
        found.verdicts.len()
    );
}

#[test]
fn nor_does_it_over_http() {
    let found = played(Space::Free(60), Carriage::Http);
    assert_eq!(found.played, 60, "all were played");
    assert_eq!(accusations(&found), Vec::<String>::new());
}

#[test]
fn scenarios_in_which_somebody_was_accused_once_accuse_nobody() {
    let scenarios: Vec<Scenario> = include_str!("once_accused.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a scenario a line"))
        // An odd nonce has the client refresh by REFRESH_TOKEN_AUTH, an even one by GetTokensFromRefreshToken.
        .flat_map(|scenario: Scenario| {
            let nonce = scenario.nonce ^ 1;
            [scenario.clone(), Scenario { nonce, ..scenario }]
        })
        .collect();
    let count = scenarios.len();
    assert!(count > 40, "they are kept: {count}");
    let found = played(Space::Given(scenarios), Carriage::InProcess);
    assert_eq!(found.played, count, "all were played");
    assert_eq!(accusations(&found), Vec::<String>::new());
}

#[test]
fn free_scenarios_follow_from_seed_and_number_and_are_within_the_limits() {
    let free = |seed, number| Generator::free(seed).scenario(number);
    for number in 0..300 {
        let scenario = free(11, number);
        assert_eq!(scenario.check_limits(), Ok(()), "{scenario:?}");
    }
    assert_eq!(free(11, 7), free(11, 7), "the same seed and number");
    assert_ne!(free(11, 7), free(12, 7), "another seed");
}

#[test]
fn every_value_of_every_axis_is_met_by_free_scenarios() {
    let generator = Generator::free(11);
    let scenarios: Vec<Scenario> = (0..3000).map(|number| generator.scenario(number)).collect();
    let missed: Vec<String> = AXES
        .iter()
        .flat_map(|axis| axis.values.iter().map(move |value| (axis, value)))
        .filter(|(_, value)| !scenarios.iter().any(|scenario| (value.holds)(scenario)))
        .map(|(axis, value)| format!("{}={}", axis.name, value.name))
        .collect();
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn what_no_world_can_hold_is_refused_with_the_reason() {
    let with_mfa = |mfa: Mfa| Scenario {
        mfa: Some(mfa),
        ..Scenario::plain("t", 1)
    };
    use cognito_conformance::model::MfaMethod::{EmailOtp, SmsMfa};
    let not_offered = with_mfa(Mfa {
        offered: vec![EmailOtp],
        enrolled: vec![SmsMfa],
        ..Mfa::default()
    });
    let error = not_offered.check_limits().expect_err("it is not offered");
    assert_eq!(
        error.to_string(),
        "mfa.enrolled: expected factors that are offered, got SMS_MFA"
    );
    let twice = with_mfa(Mfa {
        offered: vec![EmailOtp, SmsMfa, EmailOtp],
        ..Mfa::default()
    });
    let error = twice.check_limits().expect_err("it is offered twice");
    assert_eq!(
        error.to_string(),
        "mfa.offered: expected each factor once, got EMAIL_OTP twice"
    );
    for (scenario, reason) in [
        (
            r#"{"id":"t","flow":"userAuth","first_factors":{"preferred":"CUSTOM_CHALLENGE"}}"#,
            "first_factors.preferred: expected a first factor, got CUSTOM_CHALLENGE",
        ),
        (
            r#"{"id":"t","flow":"customWithoutSRP","custom":{"rounds":[{"answer":""}]}}"#,
            "custom.rounds.answer: expected an answer that a person can give, got none",
        ),
    ] {
        let scenario: Scenario = serde_json::from_str(scenario).expect("it can be read");
        let error = scenario.check_limits().expect_err("nobody can play it");
        assert_eq!(error.to_string(), reason);
    }
    let not_enrolled = with_mfa(Mfa {
        offered: vec![EmailOtp, SmsMfa],
        enrolled: vec![EmailOtp],
        preferred: Some(SmsMfa),
        ..Mfa::default()
    });
    let error = not_enrolled.check_limits().expect_err("it is not enrolled");
    assert_eq!(
        error.to_string(),
        "mfa.preferred: expected a factor that is enrolled, got SMS_MFA"
    );
    let mut short_lived = Scenario::plain("t", 1);
    short_lived.client.access_token_minutes = Some(4);
    let error = short_lived.check_limits().expect_err("too short a life");
    assert_eq!(
        error.to_string(),
        "client.access_token_minutes: expected 5 to 1440 minutes, as the service allows, got 4"
    );
}

#[test]
fn a_pair_of_values_that_exclude_each_other_says_why() {
    let place = |axis, value| Place::named(axis, value).expect("a value");
    let pair = Pair {
        first: place("mfa-offered", "none"),
        second: place("mfa-choice", "prefers-the-last"),
    };
    let why = pair.choice(&Allowed::everything()).expect_err("no factor");
    assert_eq!(
        why.to_string(),
        "mfa-choice=prefers-the-last: the user has no second factor"
    );
}
