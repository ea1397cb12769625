//! The runner: what shrinks, what is known, what a self-test proves.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cognito_conformance::mistakes::{self, Edit};
use cognito_conformance::model::Wish;
use cognito_conformance::pool::{self, TokenSigning};
use cognito_conformance::rules::{Finding, Level, Party};
use cognito_conformance::run::case::of_scenario;
use cognito_conformance::run::event::{CaseReport, Failure, Part};
use cognito_conformance::run::shrink::{Minimal, Search, shrink};
use cognito_conformance::run::{Known, RunError, SelftestOptions, Theatre, selftest};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::suite::scenarios::Generator;
use cognito_conformance::{client, wire::Transcript};

const PORT: &[Party] = &[Party::Port, Party::Shim];

/// A stage on which our own client commits a mistake.
fn theatre_of(mistake: &str) -> Theatre {
    let mistake = mistakes::find(mistake).expect("the mistake is in the list");
    let mut policy = client::Policy::default();
    let mut reply = None;
    match mistake.edit {
        Edit::Dialect(edit) => policy.dialect = edit(policy.dialect),
        Edit::Client(edit) => edit(&mut policy),
        Edit::Reply(edit) => reply = Some(edit),
        Edit::Pool(_) => panic!("{} is a service's", mistake.id),
    }
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    theatre.set_policies(policy, reply, pool::Policy::default());
    theatre
}

/// The smallest scenario in which the mistake breaks the rule, from the first generated one that does.
fn smallest(mistake: &str, rule: &str) -> Minimal {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut theatre = theatre_of(mistake);
    let generator = Generator::new(1);
    runtime.block_on(async {
        for number in 0..200 {
            let scenario = generator.scenario(number);
            // A client that lies on purpose is judged as a service's visitor, not as a port.
            if scenario.attack.is_some() {
                continue;
            }
            let report = of_scenario(&mut theatre, &scenario, Part::Generated, PORT)
                .await
                .expect("it can be played");
            if report.failures.iter().any(|failure| failure.rule == rule) {
                let search = Search {
                    rule,
                    parties: PORT,
                    most_plays: 400,
                    goes_on: &mut |_| true,
                    counts: &|_| true,
                };
                let sprout = Some(generator.sprout(number));
                let found = shrink(&mut theatre, &scenario, sprout, search)
                    .await
                    .expect("it can be played");
                return found.expect("what broke once breaks again");
            }
        }
        panic!("{mistake} never breaks {rule}");
    })
}

/// A scenario without what only names it.
fn special(scenario: &Scenario) -> Vec<String> {
    scenario.traits()
}

#[test]
fn a_padded_day_comes_back_as_a_clock_and_nothing_else() {
    let minimal = smallest("timestamp.padded-day", "timestamp.format");
    let scenario = &minimal.scenario;
    assert!(
        scenario.has_one_digit_day(),
        "the day has one digit: {scenario}"
    );
    let plain = Scenario {
        clock: scenario.clock,
        ..Scenario::plain(scenario.id.clone(), scenario.nonce)
    };
    assert_eq!(scenario, &plain, "only the clock is special");
}

#[test]
fn an_alias_in_x_comes_back_as_the_plainest_sign_in_with_its_cause_named() {
    let minimal = smallest("username.typed-alias-in-x", "srp.claim");
    assert_eq!(
        special(&minimal.scenario),
        Vec::<String>::new(),
        "the default name is an alias"
    );
    assert_eq!(
        minimal.failure.finding.explained_by.as_deref(),
        Some("username.typed-alias-in-x")
    );
}

#[test]
fn a_session_lost_in_custom_flows_comes_back_with_one_round() {
    let minimal = smallest("session.lost", "session.echo");
    let rounds = minimal
        .scenario
        .custom
        .as_ref()
        .map(|script| script.rounds.len());
    assert!(
        rounds.is_none() || rounds == Some(1),
        "{}",
        minimal.scenario
    );
}

#[test]
fn a_rare_padding_mistake_is_named_among_those_that_give_the_same() {
    let minimal = smallest("arithmetic.hkdf-salt-unsigned", "srp.claim");
    let finding = minimal.failure.finding;
    let causes: Vec<_> = finding.explained_by.iter().chain(&finding.or_by).collect();
    assert!(
        causes
            .iter()
            .any(|cause| *cause == "arithmetic.hkdf-salt-unsigned"),
        "{causes:?}"
    );
    assert!(
        causes.len() <= 3,
        "a u with its top bit set leaves few: {causes:?}"
    );
}

#[test]
fn the_same_scenario_gives_the_same_transcript_octet_for_octet() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let generator = Generator::new(5);
    let play = |number: usize| -> Option<Box<Transcript>> {
        let mut theatre = Theatre::in_process();
        let scenario = generator.scenario(number);
        let report = runtime.block_on(of_scenario(&mut theatre, &scenario, Part::Generated, PORT));
        report.expect("it can be played").transcript
    };
    for number in 0..12 {
        let first = serde_json::to_string(&play(number)).expect("a transcript is writable");
        let second = serde_json::to_string(&play(number)).expect("a transcript is writable");
        assert_eq!(first, second, "generated/{number}");
    }
}

#[test]
fn every_steering_class_of_the_scripted_scenarios_is_reached() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut theatre = Theatre::in_process();
    for scenario in
        cognito_conformance::suite::scenarios::scripted().expect("the embedded file is ours")
    {
        let wishes = scenario.steering.wishes();
        if wishes.is_empty() {
            continue;
        }
        let report = runtime
            .block_on(of_scenario(&mut theatre, &scenario, Part::Scripted, PORT))
            .expect("it can be played");
        assert_eq!(report.reached, wishes, "{}", scenario.id);
        assert!(report.not_reached.is_empty(), "{}", scenario.id);
        assert!(
            report.failures.is_empty(),
            "{}: {:?}",
            scenario.id,
            report.failures
        );
    }
}

#[test]
fn every_wish_of_a_generated_scenario_is_accounted_for_and_what_was_never_asked_is_not_reached() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    let mut play = |scenario: &Scenario| {
        runtime
            .block_on(of_scenario(&mut theatre, scenario, Part::Generated, PORT))
            .expect("it can be played")
    };
    let generator = Generator::new(3);
    let (mut wished, mut reached) = (0, 0);
    for scenario in (0..250).map(|number| generator.scenario(number)) {
        let wishes = scenario.steering.wishes();
        if wishes.is_empty() {
            continue;
        }
        let report = play(&scenario);
        let told = report.reached.len() + report.not_reached.len();
        assert_eq!(told, wishes.len(), "{}: {scenario}", scenario.id);
        wished += wishes.len();
        reached += report.reached.len();
    }
    assert!(wished >= 15, "{wished} wishes in 250 scenarios");
    assert!(reached * 10 >= wished * 9, "{reached} of {wished} reached");

    let mut by_password = Scenario::plain("x", 7);
    by_password.flow = Some(cognito_conformance::wire::AuthFlowType::UserPassword);
    by_password.steering.reach = vec![Wish::OddExponent];
    let report = play(&by_password);
    assert_eq!(report.reached, Vec::<String>::new());
    assert_eq!(
        report.not_reached,
        ["exponent:odd: no PASSWORD_VERIFIER was asked"]
    );
}

fn failing_report() -> CaseReport {
    let mut report = CaseReport::new("scripted/name-empty", Part::Scripted, "empty name");
    report.failures.push(Failure {
        rule: "refusal.bad-input".to_owned(),
        level: Level::Should,
        blames: Party::Port,
        finding: Finding::new(
            Some(0),
            "an error before any request",
            "InitiateAuth USER_SRP_AUTH",
        ),
        known: None,
    });
    report
}

fn known(entry: &str) -> Known {
    Known::read(&format!("[[known]]\n{entry}"), "known.toml").expect("it is well formed")
}

#[test]
fn a_known_finding_is_marked_with_its_reason_and_leaves_no_problem() {
    let mut known = known(
        "rule = \"refusal.bad-input\"\ncase = \"scripted/*\"\ngot = \"InitiateAuth*\"\nreason = \"issue 7\"",
    );
    let mut report = failing_report();
    known.mark(&mut report);
    assert_eq!(report.failures[0].known.as_deref(), Some("issue 7"));
    assert_eq!(known.problems("2026-11-23", true), Vec::<String>::new());
}

#[test]
fn an_entry_that_no_longer_fails_is_a_problem() {
    let mut known =
        known("rule = \"refusal.bad-input\"\ngot = \"something else\"\nreason = \"issue 7\"");
    let mut report = failing_report();
    known.mark(&mut report);
    assert_eq!(report.failures[0].known, None, "what was got differs");
    let problems = known.problems("2026-11-23", true);
    assert!(
        matches!(problems.as_slice(), [one] if one.contains("no longer fails")),
        "{problems:?}"
    );
}

#[test]
fn an_entry_that_has_expired_or_names_an_unknown_rule_is_a_problem() {
    let mut expired =
        known("rule = \"refusal.bad-input\"\nreason = \"issue 7\"\nexpires = \"2026-11-22\"");
    expired.mark(&mut failing_report());
    let problems = expired.problems("2026-11-23", true);
    assert!(
        matches!(problems.as_slice(), [one] if one.contains("has expired")),
        "{problems:?}"
    );
    let problems =
        known("rule = \"refusal.nonsense\"\nreason = \"issue 7\"").problems("2026-11-23", true);
    assert!(
        matches!(problems.as_slice(), [one] if one.contains("unknown rule")),
        "{problems:?}"
    );
}

#[test]
fn a_self_test_catches_every_timestamp_mistake_and_accuses_no_right_client() {
    let options = SelftestOptions {
        seed: 3,
        cases: 0,
        jobs: 2,
        filter: Some("timestamp.*".to_owned()),
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    let matrix = selftest(&options, &mut |_| {}).expect("it can be run");
    assert!(matrix.rows.len() >= 8, "{} rows", matrix.rows.len());
    for row in &matrix.rows {
        assert!(!row.survived, "{} survives: {:?}", row.mistake, row.caught);
    }
    assert_eq!(matrix.rules_that_spoke_on_right_transcripts, Vec::new());
}

#[test]
fn a_filter_that_matches_no_mistake_is_an_error_and_not_a_green_run() {
    let options = SelftestOptions {
        seed: 1,
        cases: 0,
        jobs: 1,
        filter: Some("nothing.*".to_owned()),
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    let outcome = selftest(&options, &mut |_| {});
    assert!(
        matches!(outcome, Err(RunError::NothingMatched { .. })),
        "{:?}",
        outcome.map(|matrix| matrix.rows.len())
    );
}
