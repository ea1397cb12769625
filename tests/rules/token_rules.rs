//! The rules about tokens after a sign-in: silent about every right way.
#![allow(clippy::unwrap_used, reason = "a test stops where it is")]

use cognito_conformance::client::{self, Forgets, RefreshBy};
use cognito_conformance::mistakes::Policies;
use cognito_conformance::pool::TokenSigning;
use cognito_conformance::record::Transcript;
use cognito_conformance::rules::{Party, Verdict, judge};
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance::scenario::{Act, FetchSession, Scenario};
use cognito_conformance::suite::recording;
use cognito_conformance::suite::scenarios::scripted;

#[tokio::test]
async fn a_client_that_refreshes_by_the_older_flow_is_right_while_refresh_tokens_do_not_rotate() {
    let older = client::Policy {
        refresh_by: RefreshBy::RefreshTokenAuth,
        ..client::Policy::default()
    };
    let mut theatre = theatre(older);
    let mut judged = 0;
    for scenario in refreshing() {
        let transcript = play(&mut theatre, &scenario).await;
        let judgement = judge(&transcript, &[Party::Port, Party::Service]).unwrap();
        let spoken: Vec<&str> = judgement.failures().map(|(rule, _)| rule.id).collect();
        let expected: &[&str] = match scenario.client.rotates_refresh_tokens {
            true => &["refresh.rotation"],
            false => &[],
        };
        assert_eq!(spoken, expected, "{}", scenario.id);
        let passes = |id: &str| {
            let mut verdicts = judgement.verdicts.iter();
            verdicts.any(|(rule, verdict)| rule.id == id && *verdict == Verdict::Pass)
        };
        judged += usize::from(passes("refresh.newest-token"));
        if scenario.client.secret && scenario.attack.is_none() {
            assert!(
                passes("refresh.secret"),
                "{}: the hash is judged",
                scenario.id
            );
        }
    }
    assert!(judged >= 5, "refreshes that were judged: {judged}");
}

#[tokio::test]
async fn that_a_sign_out_which_was_put_in_forgets_nothing_is_not_judged() {
    let mut policy = client::Policy::default();
    policy.tokens.forgets = Forgets::Never;
    let mut theatre = theatre(policy);
    for put_in in [false, true] {
        let scenario = Scenario {
            then: vec![
                Act::SignOut {
                    global: false,
                    put_in,
                },
                Act::FetchSession(FetchSession::default()),
            ],
            ..Scenario::plain("t", 1)
        };
        let transcript = play(&mut theatre, &scenario).await;
        let written = serde_json::to_string(&transcript).unwrap();
        let read: Transcript = serde_json::from_str(&written).unwrap();
        let judgement = judge(&read, &[Party::Port]).unwrap();
        let spoken: Vec<&str> = judgement.failures().map(|(rule, _)| rule.id).collect();
        let expected: &[&str] = if put_in { &[] } else { &["sign-out.forgets"] };
        assert_eq!(spoken, expected, "put in: {put_in}");
        assert_eq!(written.contains("put_in"), put_in, "written where it holds");
    }
}

#[test]
fn where_nobody_saw_the_calls_the_rules_for_ports_say_nothing() {
    for recorded in recording::all().unwrap() {
        let judgement = judge(&recorded, &[Party::Port]).unwrap();
        for (rule, verdict) in &judgement.verdicts {
            let area = rule.id.split('.').next().unwrap_or_default();
            if ["refresh", "sign-out"].contains(&area) {
                assert!(
                    matches!(verdict, Verdict::NotApplicable(_)),
                    "{} of {}: {verdict:?}",
                    rule.id,
                    recorded.id
                );
            }
        }
    }
}

/// The named scenarios of our own honest client in which tokens are wanted or given up after a sign-in.
fn refreshing() -> Vec<Scenario> {
    let mut scenarios = scripted().unwrap();
    scenarios.retain(|scenario| {
        let mut acts = scenario.then.iter();
        let is_about_tokens = |act: &Act| matches!(act, Act::FetchSession(_) | Act::SignOut { .. });
        scenario.attack.is_none() && acts.any(is_about_tokens)
    });
    scenarios
}

fn theatre(client: client::Policy) -> Theatre {
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    theatre.set_policies(Policies {
        client,
        ..Policies::default()
    });
    theatre
}

async fn play(theatre: &mut Theatre, scenario: &Scenario) -> Transcript {
    match theatre.play(scenario).await.unwrap() {
        Played::Transcript(transcript) => *transcript,
        Played::NotApplicable(reason) => panic!("{}: {reason}", scenario.id),
    }
}
