//! The runner: what shrinks, what is known, what a self-test proves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cognito_conformance::client;
use cognito_conformance::mistakes::{self, Policies};
use cognito_conformance::model::Wish;
use cognito_conformance::pool::TokenSigning;
use cognito_conformance::record::Transcript;
use cognito_conformance::rules::{Finding, Level, Party, Severity, catalog};
use cognito_conformance::run::case::of_scenario;
use cognito_conformance::run::event::{Again, Blame, CaseReport, Failure, Found, Summary};
use cognito_conformance::run::search::shrink::{Minimal, Search, shrink};
use cognito_conformance::run::witness::Witness;
use cognito_conformance::run::{
    CheckOptions, Known, Manners, Matrix, Requirement, RunError, RunEvent, SelftestOptions,
    SubjectChoice, Theatre, check, selftest,
};
use cognito_conformance::scenario::{Names, Password, PasswordText, Scenario, TypedName};
use cognito_conformance::subject::Carriage;
use cognito_conformance::suite::scenarios::Generator;
use cognito_conformance::suite::{Part, Selection};
use cognito_conformance::wire::{AuthFlowType, NextStep, PortError, Reply, ServiceError};
use serde_json::json;

const PORT: &[Party] = &[Party::Port, Party::Shim];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A stage on which our own client commits a mistake.
fn theatre_of(mistake: &str) -> Theatre {
    let mistake = mistakes::find(mistake).expect("the mistake is in the list");
    assert!(mistake.is_of_the_port(), "{} is a service's", mistake.id);
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    theatre.set_policies(Policies::of(mistake));
    theatre
}

/// The smallest scenario in which the mistake breaks the rule, from the first generated one that does.
fn smallest(mistake: &str, rule: &str) -> Minimal {
    let runtime = runtime();
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
            let failure = |failure: &&Failure| failure.requirement.id() == rule;
            if let Some(failure) = report.failures.iter().find(failure) {
                let search = Search {
                    requirement: &failure.requirement,
                    parties: PORT,
                    most_plays: 400,
                    goes_on: &mut |_| true,
                    counts: &|_| true,
                    witness: &mut Witness::new(),
                    hangs_left: &mut 1,
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
fn the_session_of_an_earlier_response_is_told_from_the_latest() {
    let runtime = runtime();
    let mut theatre = theatre_of("session.first-one-for-ever");
    let round = json!({ "public": {}, "private": { "answer": "7" }, "answer": "7" });
    let scenario: Scenario = serde_json::from_value(json!({
        "id": "two-rounds",
        "nonce": 3,
        "flow": "customWithoutSRP",
        "custom": { "rounds": [round, round], "on_wrong_answer": "again" },
    }))
    .expect("a scenario");
    let report = runtime
        .block_on(of_scenario(&mut theatre, &scenario, Part::Generated, PORT))
        .expect("the references can be played");
    let of_session = |failure: &&Failure| failure.requirement.id() == "session.echo";
    let failure = report.failures.iter().find(of_session);
    let finding = &failure.expect("the second answer is judged").finding;
    assert_eq!(
        (finding.expected.as_str(), finding.got.as_str()),
        (
            "the Session of the response that is answered",
            "the Session of response 0 in the answer to CUSTOM_CHALLENGE"
        )
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
fn a_smaller_scenario_in_which_the_references_do_not_conform_is_none() {
    let runtime = runtime();
    let mut theatre = theatre_of("arithmetic.k-over-unsigned-n");
    let start = Scenario {
        name: TypedName::Username,
        password_text: PasswordText::Symbols,
        ..Scenario::plain("x", 7)
    };
    // These references err wherever an alias is typed.
    let alias = mistakes::find("username.typed-alias-in-x").expect("the mistake is in the list");
    for (mut witness, name) in [
        (Witness::new(), TypedName::Email),
        (Witness::of(Policies::of(alias)), TypedName::Username),
    ] {
        let search = Search {
            requirement: &rule("srp.claim"),
            parties: PORT,
            most_plays: 50,
            goes_on: &mut |_| true,
            counts: &|_| true,
            witness: &mut witness,
            hangs_left: &mut 1,
        };
        let found = runtime.block_on(shrink(&mut theatre, &start, None, search));
        let minimal = found.expect("it can be played").expect("it breaks again");
        assert_eq!(minimal.scenario.name, name, "{}", minimal.scenario);
        assert_eq!(
            minimal.scenario.password_text,
            PasswordText::Ascii,
            "the rest is made plain"
        );
    }
}

/// What a check says of a reference client with a policy of its own.
fn found_with(client: client::Policy, filter: &str, cases: usize) -> (Vec<Found>, Summary) {
    let policies = Policies {
        client,
        ..Policies::default()
    };
    found_by(policies, filter, cases)
}

/// A check of references with policies of their own.
fn options_of(policies: Policies, filter: &str, cases: usize) -> CheckOptions {
    CheckOptions {
        selection: Selection {
            seed: 1,
            pairs: false,
            generated: Some(cases),
            filter: Some(filter.parse().expect("it is a pattern")),
        },
        jobs: 1,
        subject: SubjectChoice::Reference(Carriage::InProcess),
        policies,
        known: None,
        keep_transcripts: false,
        max_plays: 100,
        interrupted: Arc::new(AtomicBool::new(false)),
        manners: Manners::default(),
    }
}

/// What a check says of references with policies of their own.
fn found_by(policies: Policies, filter: &str, cases: usize) -> (Vec<Found>, Summary) {
    let options = options_of(policies, filter, cases);
    let mut found = Vec::new();
    let summary = check(&options, &mut |event| {
        if let RunEvent::Found(one) = event {
            found.push(*one);
        }
    });
    (found, summary.expect("it can be run"))
}

fn of_rule<'a>(found: &'a [Found], rule: &str) -> &'a Found {
    let mut all = found.iter();
    all.find(|found| found.requirement.id() == rule)
        .unwrap_or_else(|| panic!("{rule} is not among {found:?}"))
}

#[test]
fn a_mistake_that_shows_only_for_odd_salts_comes_back_with_the_salt_in_its_scenario() {
    let client = client::Policy {
        outgoing: Some(|out| {
            let asked = out.sender.challenge.filter(|_| out.sender.proof.is_some());
            let salt = asked.and_then(|asked| asked.parameters.get("SALT"));
            if salt.is_some_and(|salt| salt.len() % 2 == 1) {
                out.set("PASSWORD_CLAIM_SIGNATURE", WRONG_SIGNATURE);
            }
        }),
        ..client::Policy::default()
    };
    let (found, summary) = found_with(client, "scripted/{flow,name,password,clock,config}-*", 0);
    let claim = of_rule(&found, "srp.claim");
    assert_eq!(claim.rare, ["salt = nib"], "the value that it takes");
    assert_eq!(claim.again, Some(Again { broken: 5, of: 5 }));
    assert!(!claim.intermittent);
    let minimal = claim.minimal.as_deref().expect("it is a scenario's");
    assert_eq!(
        minimal.traits(),
        ["salt = nib"],
        "nothing but the value is special"
    );
    assert!(
        claim.replay.contains(r#""salt":{"class":"nib"}"#),
        "{}",
        claim.replay
    );
    assert_eq!(summary.intermittent, 0);
}

#[test]
fn a_port_that_fails_one_time_in_five_is_told_as_such_and_its_scenario_stays_as_it_is() {
    let claims = Arc::new(AtomicUsize::new(0));
    let lie = move |out: &mut client::Outgoing<'_>| {
        if out.sender.proof.is_some() && claims.fetch_add(1, Ordering::SeqCst) % 5 == 4 {
            out.set("PASSWORD_CLAIM_SIGNATURE", WRONG_SIGNATURE);
        }
    };
    let client = client::Policy {
        lie: Some(client::Lie(Arc::new(lie))),
        ..client::Policy::default()
    };
    let filter =
        "scripted/{plain,flow-userSRP,name-phone,name-plain,password-symbols,steered-B-top}";
    let (found, summary) = found_with(client, filter, 0);
    let claim = of_rule(&found, "srp.claim");
    assert!(
        !claim.intermittent,
        "a wrong proof is wrong, once or always"
    );
    assert_eq!(claim.again, Some(Again { broken: 1, of: 5 }));
    let minimal = claim.minimal.as_deref().expect("it is a scenario's");
    assert_eq!(minimal.id, claim.first_case, "the case itself");
    assert_eq!(claim.plays, 0, "nothing was made smaller");
    assert_eq!(under(claim), ["outcome.allowed"], "what follows from it");
    assert_eq!(found.len(), 1, "one cause: {found:?}");
    assert!(summary.findings >= 2, "they count all the same");
    assert!(!summary.is_green());
}

#[test]
fn an_end_that_nothing_explains_and_that_comes_and_goes_is_told_as_such() {
    static REPLIES: AtomicUsize = AtomicUsize::new(0);
    let policies = Policies {
        reply: Some(|reply| match reply {
            Reply::Step {
                next: NextStep::Done,
            } if REPLIES.fetch_add(1, Ordering::SeqCst) % 5 == 4 => Reply::Error {
                error: PortError {
                    name: "Flaky".to_owned(),
                    message: "not this time".to_owned(),
                },
            },
            reply => reply,
        }),
        ..Policies::default()
    };
    let filter =
        "scripted/{plain,flow-userSRP,name-phone,name-plain,password-symbols,steered-B-top}";
    let (found, summary) = found_by(policies, filter, 0);
    let outcome = of_rule(&found, "outcome.allowed");
    assert!(
        outcome.intermittent,
        "a sign-in that fails may have many reasons"
    );
    assert_eq!(outcome.again, Some(Again { broken: 1, of: 5 }));
    assert_eq!(summary.intermittent, 1, "causes that come and go");
    assert!(!summary.is_green());
}

#[test]
fn what_breaks_by_one_cause_is_told_once_under_the_most_exact_rule() {
    let mistake = mistakes::find("arithmetic.generator-5").expect("a mistake");
    let (found, summary) = found_by(Policies::of(mistake), "scripted/{plain,name,flow}*", 0);
    assert_eq!(found.len(), 1, "{found:?}");
    let cause = &found[0];
    assert_eq!(cause.requirement.id(), "srp.a-injected");
    let under = under(cause);
    assert!(under.contains(&"srp.claim".to_owned()), "{under:?}");
    assert!(under.contains(&"outcome.allowed".to_owned()), "{under:?}");
    assert_eq!(cause.severity, Severity::BreaksUsers);
    assert_eq!(summary.causes, 1);
    assert_eq!(summary.broken_rules, 1 + under.len());
}

/// The paragraphs about a rule: the mistake that each names, and in how many cases.
fn causes_of(found: &[Found], rule: &str) -> Vec<(String, usize)> {
    let of_rule = found.iter().filter(|one| one.requirement.id() == rule);
    let named = |one: &Found| {
        let explanation = one.explanation.as_ref();
        explanation.map_or_else(String::new, |it| it.mistake.clone())
    };
    of_rule.map(|one| (named(one), one.cases)).collect()
}

/// A port that makes several mistakes.
fn who_commits(ids: &[&str]) -> Policies {
    let mut policies = Policies::default();
    for id in ids {
        mistakes::find(id).expect("a mistake").commit(&mut policies);
    }
    policies
}

const ODD_SALT: &str = "arithmetic.odd-salt-loses-a-nibble";
const LONG_U: &str = "arithmetic.hkdf-salt-padded-hash-text";

#[test]
fn two_slips_that_break_one_rule_are_two_causes_and_where_they_meet_is_of_the_first() {
    let filter = "scripted/{plain,steered-salt-nib,steered-u-00lo,steered-u-00hi,steered-u-0000}";
    let (found, _) = found_by(who_commits(&[ODD_SALT, LONG_U]), filter, 0);
    let mut causes = causes_of(&found, "srp.claim");
    causes.sort();
    // In one case the salt is odd and u is short: no single mistake gives what was sent, and both do.
    let of_u = "arithmetic.hkdf-salt-raw-hash";
    assert_eq!(causes, [(of_u.to_owned(), 1), (ODD_SALT.to_owned(), 3)]);
}

#[test]
fn a_check_says_how_many_pairs_of_values_it_met_and_which_it_did_not() {
    let options = CheckOptions {
        selection: Selection {
            seed: 1,
            pairs: true,
            generated: Some(0),
            filter: Some("pairs/?".parse().expect("it is a pattern")),
        },
        ..options_of(Policies::default(), "*", 0)
    };
    let summary = check(&options, &mut |_| {}).expect("it can be played");
    assert_eq!(summary.parts[&Part::Pairs].cases, 10, "ten scenarios");
    assert_eq!(summary.findings, 0, "nobody is accused");
    let covered = summary.covered.expect("scenarios were played");
    assert!(
        covered.met > 4_000,
        "ten rows meet thousands: {}",
        covered.met
    );
    assert!(
        covered.met < covered.possible / 2,
        "not all of {}",
        covered.possible
    );
    assert_eq!(
        covered.not_met.len(),
        1000,
        "the first of the others by name"
    );
    assert!(
        covered.not_met[0].contains("flow="),
        "{}",
        covered.not_met[0]
    );
    assert_eq!(covered.not_offered, 0, "our own client offers everything");
    let hidden = "a fault and another obstacle hide each other";
    assert!(
        covered.excluded.contains_key(hidden),
        "{:?}",
        covered.excluded
    );
    assert!(covered.steps.calls.contains_key("at first: signIn"));
}

#[test]
fn one_slip_is_one_cause_in_however_many_cases() {
    for slip in [ODD_SALT, LONG_U, "arithmetic.u-over-unsigned-public-values"] {
        let (found, _) = found_by(who_commits(&[slip]), "scripted/{steered,name,flow}-*", 0);
        let causes = causes_of(&found, "srp.claim");
        assert_eq!(causes.len(), 1, "{slip}: {causes:?}");
        assert!(!causes[0].0.is_empty(), "{slip} is named");
    }
}

#[test]
fn an_end_without_an_more_exact_rule_stands_alone_beside_another_cause() {
    let client = client::Policy {
        // No metadata anywhere, which is one cause; and no end of a custom flow without rounds, which is another.
        tokens_may_follow_the_proof: false,
        outgoing: Some(|out| {
            out.members().remove("ClientMetadata");
        }),
        ..client::Policy::default()
    };
    let (found, _) = found_with(client, "scripted/{custom,flow}-*", 0);
    let metadata = of_rule(&found, "metadata.initiate");
    assert_eq!(metadata.level, Level::Should, "{metadata:?}");
    let outcome = of_rule(&found, "outcome.allowed");
    assert_eq!(outcome.level, Level::Must, "{outcome:?}");
}

#[test]
fn a_password_that_a_port_leaks_stands_in_no_finding_of_it() {
    let scenario = Scenario {
        flow: Some(AuthFlowType::UserPassword),
        password: Password::Wrong,
        ..Scenario::plain("leak", 5)
    };
    let secret = Names::of(&scenario).wrong_password;
    let mut theatre = Theatre::in_process();
    theatre.set_policies(Policies {
        client: client::Policy {
            // The service's error is told by the request that it answered, password and all.
            error_text: Some(|_, body| body.to_owned()),
            read_error: |response| {
                let error = ServiceError::from_response(response)?;
                Some(ServiceError::new("AnotherName".into(), error.message))
            },
            ..client::Policy::default()
        },
        ..Policies::default()
    });
    let report = of_scenario(&mut theatre, &scenario, Part::Generated, PORT);
    let report = runtime().block_on(report).expect("it can be played");
    let texts: Vec<_> = report
        .failures
        .iter()
        .map(|failure| failure.finding.got.clone())
        .collect();
    assert!(!texts.is_empty(), "the leak is found");
    for text in &texts {
        assert!(!text.contains(&secret), "{text}");
    }
    assert!(
        texts.iter().any(|text| text.contains("redacted")),
        "{texts:?}"
    );
}

/// The ids of the rules that break under a cause.
fn under(found: &Found) -> Vec<String> {
    let under = found.under.iter();
    under
        .map(|under| under.requirement.id().into_owned())
        .collect()
}

/// The length of a signature, and nobody's.
const WRONG_SIGNATURE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

#[test]
fn the_same_scenario_gives_the_same_transcript_octet_for_octet() {
    let runtime = runtime();
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
    let runtime = runtime();
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
    let runtime = runtime();
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

fn rule(id: &str) -> Requirement {
    catalog::find(id).expect("it is in the catalogue").into()
}

fn failing_report() -> CaseReport {
    let mut report = CaseReport::new("scripted/name-empty", Part::Scripted, "empty name");
    report.failures.push(Failure {
        requirement: rule("refusal.bad-input"),
        level: Level::Should,
        blames: Blame::Port,
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
fn an_entry_for_another_case_does_not_make_a_new_finding_come_and_go() {
    let failure = &failing_report().failures[0];
    let other_case =
        known("rule = \"refusal.bad-input\"\ncase = \"scripted/plain\"\nreason = \"issue 7\"");
    assert!(
        !other_case.expects_in_place_of(failure, failure),
        "it fits the new finding, but for its case"
    );
    let other_end = known("rule = \"refusal.bad-input\"\ngot = \"DONE\"\nreason = \"issue 7\"");
    let mut smaller = failure.clone();
    smaller.finding = Finding::new(Some(0), "an error before any request", "DONE");
    assert!(
        other_end.expects_in_place_of(failure, &smaller),
        "on its way down it has turned into a known one"
    );
    assert!(
        !other_end.expects_in_place_of(failure, failure),
        "the new one is none of those"
    );
}

#[test]
fn an_entry_that_no_longer_fails_is_a_problem() {
    let mut known =
        known("rule = \"refusal.bad-input\"\ngot = \"something else\"\nreason = \"issue 7\"");
    let mut report = failing_report();
    report.judged = vec!["refusal.bad-input"];
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

/// The same of every mistake: `selftest --cases 0`, which `.ci/run` plays.
#[test]
#[ignore = "takes minutes without optimisation; `selftest --cases 0` plays the same"]
fn named_scenarios_alone_show_every_mistake_and_accuse_nobody_who_is_right() {
    let matrix = matrix(None);
    assert!(matrix.rows.len() > 300, "{} rows", matrix.rows.len());
    proves(&matrix);
    assert_eq!(matrix.rules_that_catch_nothing, Vec::<&str>::new());
}

#[test]
fn named_scenarios_alone_show_the_mistakes_of_an_area_and_accuse_nobody_who_is_right() {
    let matrix = matrix(Some(
        "{timestamp.*,custom.*,service.*proof*,service.custom*}",
    ));
    assert!(matrix.rows.len() > 15, "{} rows", matrix.rows.len());
    let of_services = matrix.rows.iter().filter(|row| row.party == Party::Service);
    assert!(of_services.count() >= 2, "both parties err");
    proves(&matrix);
}

fn matrix(filter: Option<&str>) -> Matrix {
    let options = SelftestOptions {
        seed: 3,
        cases: 0,
        jobs: 2,
        filter: filter.map(|text| text.parse().expect("a pattern")),
        whole: false,
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    selftest(&options, &mut |_| {}).expect("it can be run")
}

fn proves(matrix: &Matrix) {
    for row in &matrix.rows {
        assert!(!row.survived, "{} survives: {:?}", row.mistake, row.caught);
    }
    assert_eq!(matrix.rules_that_spoke_on_right_transcripts, Vec::new());
    let accusations: Vec<String> = matrix
        .false_accusations()
        .map(|(mistake, accused)| format!("{mistake}: {} in {}", accused.rule, accused.first))
        .collect();
    assert!(accusations.is_empty(), "{}", accusations.join("\n"));
    assert!(matrix.is_green());
}

#[test]
fn a_filter_that_matches_no_mistake_is_an_error_and_not_a_green_run() {
    let options = SelftestOptions {
        seed: 1,
        cases: 0,
        jobs: 1,
        filter: Some("nothing.*".parse().expect("it is a pattern")),
        whole: false,
        interrupted: Arc::new(AtomicBool::new(false)),
    };
    let outcome = selftest(&options, &mut |_| {});
    assert!(
        matches!(outcome, Err(RunError::NothingMatched { .. })),
        "{:?}",
        outcome.map(|matrix| matrix.rows.len())
    );
}

#[test]
fn who_falls_back_on_the_typed_name_where_the_service_gives_none_is_not_accused() {
    let scenario: Scenario = serde_json::from_value(json!({
        "id": "nobody-named",
        "nonce": 5,
        "fault": { "exchange": 0, "kind": { "without": "USERNAME" } },
    }))
    .expect("a scenario");
    let mut theatre = theatre_of("username.typed-name-in-answers");
    let report = runtime()
        .block_on(of_scenario(&mut theatre, &scenario, Part::Generated, PORT))
        .expect("the references can be played");
    assert!(report.judged.contains(&"name.typed-first"), "it was judged");
    let accused = report
        .failures
        .iter()
        .map(|one| one.requirement.to_string());
    let mut accused = accused.filter(|rule| rule.starts_with("name."));
    assert_eq!(accused.next(), None, "it had no other name");
}
