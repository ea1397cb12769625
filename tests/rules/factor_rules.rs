//! The rules about factors blame whoever errs: never a port for what a service does, nor a service for what a port does.
#![allow(clippy::unwrap_used, reason = "a test stops where it is")]

use cognito_conformance::mistakes::{self, Edit, Mistake};
use cognito_conformance::pool::TokenSigning;
use cognito_conformance::rules::{Party, judge};
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::suite::scenarios::scripted;
use cognito_conformance::{client, pool};

#[tokio::test]
async fn no_mistake_of_a_service_is_blamed_on_the_port() {
    let scenarios = scenarios();
    let mut theatre = theatre();
    let mut spoken = Vec::new();
    for (number, mistake) in mistakes::all().enumerate() {
        let Edit::Pool(edit) = mistake.edit else {
            continue;
        };
        let mut policy = pool::Policy::default();
        edit(&mut policy);
        theatre.set_policies(client::Policy::default(), None, policy);
        for scenario in some_of(&scenarios, number, mistake) {
            let broken = broken(&mut theatre, scenario, Party::Port).await;
            spoken.extend(broken.map(|rule| format!("{}: {rule} in {}", mistake.id, scenario.id)));
        }
    }
    assert!(spoken.is_empty(), "{}", spoken.join("\n"));
}

#[tokio::test]
async fn no_mistake_of_a_port_is_blamed_on_the_service() {
    let scenarios = scenarios();
    let mut theatre = theatre();
    let mut spoken = Vec::new();
    for (number, mistake) in mistakes::all().enumerate() {
        let mut policy = client::Policy::default();
        match mistake.edit {
            Edit::Client(edit) => edit(&mut policy),
            Edit::Dialect(_) | Edit::Pool(_) | Edit::Reply(_) => continue,
        }
        theatre.set_policies(policy, None, pool::Policy::default());
        for scenario in some_of(&scenarios, number, mistake) {
            let broken = broken(&mut theatre, scenario, Party::Service).await;
            spoken.extend(broken.map(|rule| format!("{}: {rule} in {}", mistake.id, scenario.id)));
        }
    }
    assert!(spoken.is_empty(), "{}", spoken.join("\n"));
}

fn theatre() -> Theatre {
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    theatre
}

/// The rules about factors that a party breaks.
async fn broken(
    theatre: &mut Theatre,
    scenario: &Scenario,
    party: Party,
) -> impl Iterator<Item = &'static str> {
    let broken: Vec<&'static str> = match theatre.play(scenario).await.unwrap() {
        Played::NotApplicable(_) => Vec::new(),
        Played::Transcript(transcript) => judge(&transcript, &[party])
            .unwrap()
            .failures()
            .map(|(rule, _)| rule.id)
            .filter(|id| AREAS.iter().any(|area| is_about(id, area)))
            .collect(),
    };
    broken.into_iter()
}

/// A part of the scenarios, another one for each mistake: a larger one for those about factors.
fn some_of<'a>(
    scenarios: &'a [Scenario],
    number: usize,
    mistake: &Mistake,
) -> impl Iterator<Item = &'a Scenario> {
    let is_near = AREAS.iter().any(|area| is_about(mistake.id, area));
    let step = if is_near { 3 } else { 10 };
    scenarios.iter().skip(number % step).step_by(step)
}

fn is_about(id: &str, area: &str) -> bool {
    id.trim_start_matches("service.").starts_with(area)
}

/// The named scenarios about factors.
fn scenarios() -> Vec<Scenario> {
    scripted()
        .unwrap()
        .into_iter()
        .filter(|scenario| scenario.mfa.is_some() || scenario.first_factors.is_some())
        .collect()
}

const AREAS: &[&str] = &["factor", "choice"];
