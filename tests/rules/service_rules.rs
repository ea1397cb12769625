//! The rules that judge the service: silent where it is right, whoever the client is, and loud where it is wrong.
#![allow(clippy::unwrap_used, reason = "a test stops where it is")]

use std::collections::BTreeSet;

use cognito_conformance::mistakes::Policies;
use cognito_conformance::pool::{self, TokenSigning};
use cognito_conformance::record::Transcript;
use cognito_conformance::rules::{Judgement, Party, Verdict, catalog, judge};
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::suite::recording;
use cognito_conformance::suite::scenarios::{Generator, scripted};
use cognito_conformance::wire::{Call, Event, PoolNote};

use crate::service_support::edits::EDITS;
use crate::service_support::services::SERVICES;

#[tokio::test]
async fn the_rules_are_silent_wherever_client_and_pool_are_right() {
    let mut theatre = theatre(pool::Policy::default());
    let mut spoken = Vec::new();
    for scenario in scenarios(count(80)) {
        let Some(transcript) = play(&mut theatre, &scenario).await else {
            continue;
        };
        spoken.extend(failures(&transcript, &scenario.to_string()));
    }
    assert!(spoken.is_empty(), "{}", spoken.join("\n"));
}

#[test]
fn the_rules_are_silent_about_recordings_of_the_real_service() {
    let spoken: Vec<String> = recording::all()
        .unwrap()
        .iter()
        .flat_map(|recorded| failures(recorded, &recorded.id))
        .collect();
    assert!(spoken.is_empty(), "{}", spoken.join("\n"));
}

#[tokio::test]
async fn each_wrong_service_breaks_the_rule_that_a_right_one_keeps() {
    let mut wrong = Vec::new();
    for service in SERVICES {
        let scenario = (service.scenario)();
        let what = format!("{} ({})", service.what, service.rule);
        let right = play(&mut theatre(pool::Policy::default()), &scenario).await;
        let kept = verdict(&judged(&right.unwrap()), service.rule);
        if kept != Verdict::Pass {
            wrong.push(format!("the right service: {what}: {kept:?}"));
        }
        let mut policy = pool::Policy::default();
        (service.edit)(&mut policy);
        let mistaken = play(&mut theatre(policy), &scenario).await;
        let broken = verdict(&judged(&mistaken.unwrap()), service.rule);
        if !broken.is_fail() {
            wrong.push(format!("the wrong service: {what}: {broken:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each octet of an exponent is paid for, and a file may hold many.
#[tokio::test]
async fn numbers_wider_than_any_real_one_are_no_exponents() {
    let scenario = Scenario::plain("scripted/plain", 1);
    let played = play(&mut theatre(pool::Policy::default()), &scenario).await;
    let mut transcript = played.expect("a sign-in with SRP");
    let mut noted = 0;
    for event in &mut transcript.events {
        match event {
            // Whoever knows a needs no b.
            Event::Called {
                call: Call::SignIn(call),
            } => call.inject.a.clear(),
            Event::Noted(PoolNote::Srp { b, .. }) => {
                *b = "f".repeat(60_000);
                noted += 1;
            }
            _ => {}
        }
    }
    assert!(noted > 0, "b was noted");
    let judgement = judged(&transcript);
    let expected = "what the service tells of b and v are no numbers of at most 8,192 bits";
    assert_eq!(
        verdict(&judgement, "service.b"),
        Verdict::NotApplicable(expected),
        "B"
    );
    let proof = verdict(&judgement, "service.proof");
    assert!(
        matches!(proof, Verdict::NotApplicable(_)),
        "whether the proof holds is not known: {proof:?}"
    );
}

/// Times are subtracted from each other, and a file may hold any.
#[tokio::test]
async fn a_time_that_no_timestamp_can_say_is_no_time() {
    let scenario = Scenario::plain("scripted/plain", 1);
    for clock in [i64::MIN, -1, i64::MAX] {
        let played = play(&mut theatre(pool::Policy::default()), &scenario).await;
        let mut transcript = played.expect("a sign-in with SRP");
        for event in &mut transcript.events {
            if let Event::Called {
                call: Call::SignIn(call),
            } = event
            {
                call.inject.clock = Some(clock);
            }
        }
        let judgement = judge(&transcript, &[Party::Port]).expect("it can be judged");
        assert_eq!(
            verdict(&judgement, "timestamp.now"),
            Verdict::NotApplicable("the port's clock can't be set"),
            "{clock}"
        );
    }
}

#[tokio::test]
async fn each_edit_of_a_right_transcript_breaks_its_rule() {
    let mut wrong = Vec::new();
    for edit in EDITS {
        let scenario = (edit.scenario)();
        let what = format!("{} ({})", edit.what, edit.rule);
        let played = play(&mut theatre(pool::Policy::default()), &scenario).await;
        let mut transcript = played.unwrap();
        let kept = verdict(&judged(&transcript), edit.rule);
        if kept != Verdict::Pass {
            wrong.push(format!("before the edit: {what}: {kept:?}"));
        }
        (edit.edit)(&mut transcript);
        let broken = verdict(&judged(&transcript), edit.rule);
        if !broken.is_fail() {
            wrong.push(format!("after the edit: {what}: {broken:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_for_services_is_shown_to_fail() {
    let shown: BTreeSet<&str> = SERVICES
        .iter()
        .map(|service| service.rule)
        .chain(EDITS.iter().map(|edit| edit.rule))
        .collect();
    let rules: BTreeSet<&str> = catalog::all()
        .filter(|rule| rule.party == Party::Service)
        .map(|rule| rule.id)
        .collect();
    assert_eq!(rules.len(), 52, "rules for services");
    assert_eq!(shown, rules, "rules that are shown to fail");
}

fn theatre(policy: pool::Policy) -> Theatre {
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    theatre.set_policies(Policies {
        pool: policy,
        ..Policies::default()
    });
    theatre
}

async fn play(theatre: &mut Theatre, scenario: &Scenario) -> Option<Transcript> {
    match theatre.play(scenario).await.unwrap() {
        Played::Transcript(transcript) => Some(*transcript),
        Played::NotApplicable(_) => None,
    }
}

fn judged(transcript: &Transcript) -> Judgement {
    judge(transcript, &[Party::Service]).unwrap()
}

fn verdict(judgement: &Judgement, rule: &str) -> Verdict {
    let found = judgement
        .verdicts
        .iter()
        .find(|(judged, _)| judged.id == rule);
    found.unwrap().1.clone()
}

fn failures(transcript: &Transcript, what: &str) -> Vec<String> {
    judged(transcript)
        .failures()
        .map(|(rule, finding)| format!("{what}: {} {finding:?}", rule.id))
        .collect()
}

/// The named scenarios, and so many generated ones.
fn scenarios(generated: usize) -> Vec<Scenario> {
    let generator = Generator::new(1);
    let mut scenarios = scripted().unwrap();
    scenarios.extend((0..generated).map(|number| generator.scenario(number)));
    scenarios
}

/// How many generated scenarios to play; more on request.
fn count(usual: usize) -> usize {
    std::env::var("SERVICE_RULES_SCENARIOS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(usual)
}
