//! The rules about resets, existence and lock-outs: whose mistake it is, theirs is the blame.
#![allow(clippy::unwrap_used, reason = "a test stops where it is")]

use cognito_conformance::client;
use cognito_conformance::mistakes::{Edit, Mistake, reset, service_reset};
use cognito_conformance::pool::{self, TokenSigning};
use cognito_conformance::rules::{Party, judge};
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::suite::scenarios::scripted;

#[tokio::test]
async fn no_mistake_of_a_port_about_resets_is_blamed_on_the_service() {
    let spoken = findings(reset::FAMILY, |party, _| party == Party::Service).await;
    assert!(spoken.is_empty(), "{}", spoken.join("\n"));
}

#[tokio::test]
async fn no_mistake_of_a_service_about_resets_is_blamed_on_the_port() {
    let spoken = findings(service_reset::FAMILY, |party, rule| {
        party == Party::Port && AREAS.iter().any(|area| rule.starts_with(area))
    })
    .await;
    assert!(spoken.is_empty(), "{}", spoken.join("\n"));
}

/// What the rules that are looked at say of each mistake in each named scenario of the area.
async fn findings(family: &[Mistake], is_looked_at: fn(Party, &str) -> bool) -> Vec<String> {
    let scenarios = of_area();
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    let mut spoken = Vec::new();
    for mistake in family {
        let (mut client, mut pool) = (client::Policy::default(), pool::Policy::default());
        let mut edit_reply = None;
        match mistake.edit {
            Edit::Client(edit) => edit(&mut client),
            Edit::Pool(edit) => edit(&mut pool),
            Edit::Reply(edit) => edit_reply = Some(edit),
            Edit::Dialect(edit) => client.dialect = edit(client.dialect),
        }
        theatre.set_policies(client, edit_reply, pool);
        for scenario in &scenarios {
            let played = theatre.play(scenario).await.unwrap();
            let Played::Transcript(transcript) = played else {
                panic!("{} can't be played", scenario.id);
            };
            let judgement = judge(&transcript, &[Party::Port, Party::Service]).unwrap();
            for (rule, finding) in judgement.failures() {
                if is_looked_at(rule.party, rule.id) {
                    spoken.push(format!(
                        "{} in {}: {}: expected {}, got {}",
                        mistake.id, scenario.id, rule.id, finding.expected, finding.got
                    ));
                }
            }
        }
    }
    spoken
}

fn of_area() -> Vec<Scenario> {
    let scenarios: Vec<Scenario> = scripted()
        .unwrap()
        .into_iter()
        .filter(|scenario| {
            ["reset-", "existence-", "lock-out-not", "session-sign-out"]
                .iter()
                .any(|area| {
                    scenario
                        .id
                        .trim_start_matches("scripted/")
                        .starts_with(area)
                })
        })
        .collect();
    assert!(scenarios.len() > 15, "{}", scenarios.len());
    scenarios
}

/// Areas of rules for the port that a wrong service must not set off.
const AREAS: [&str; 5] = ["reset.", "call.", "existence.", "secrecy.", "secret-hash."];
