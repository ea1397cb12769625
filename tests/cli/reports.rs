//! How findings, summaries and the self-test read, and what is kept on disk: reports of events made by hand.

use std::collections::BTreeMap;
use std::fs;

use anstream::StripStream;
use cognito_conformance::model::Strength;
use cognito_conformance::record::{Origin, Transcript};
use cognito_conformance::report::matrix::write_matrix;
use cognito_conformance::report::{Page, Reporter, Save, TextReport};
use cognito_conformance::rules::{Cited, Finding, Level, Party, Severity, catalog};
use cognito_conformance::run::event::{
    Again, Blame, CaseReport, Covered, Explanation, Failure, Found, PartSummary, RuleSummary,
    Started, Steps, Summary, Under,
};
use cognito_conformance::run::{Accusation, Matrix, MatrixRow, Requirement, RunEvent};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::suite::Part;
use insta::{assert_snapshot, with_settings};

fn text(events: &[RunEvent]) -> String {
    let mut report = TextReport::new(StripStream::new(Vec::new()), false);
    for event in events {
        report.take(event).expect("memory takes everything");
    }
    String::from_utf8(report.into_inner().into_inner()).expect("reports are UTF-8")
}

fn finding() -> Finding {
    Finding::new(Some(1), "tXf5Yl8h", "1w9DkQ2+")
        .explained_by(Some("arithmetic.k-over-unsigned-n"))
        .proved()
}

fn evidence() -> Vec<Cited> {
    vec![
        Cited {
            source: "RFC 5869 2".to_owned(),
            strength: Strength::Documented,
            says: "how HKDF extracts and expands a key".to_owned(),
        },
        Cited {
            source: "fixtures/transcripts/2018-01-srp-success.json".to_owned(),
            strength: Strength::Captured,
            says: "a claim that was accepted".to_owned(),
        },
    ]
}

fn rule(id: &str) -> Requirement {
    catalog::find(id).expect("it is in the catalogue").into()
}

fn found() -> Found {
    Found {
        requirement: rule("srp.claim"),
        sentence: "The claim proves the password that was typed.".to_owned(),
        sources: evidence().iter().map(|cited| cited.source.clone()).collect(),
        evidence: evidence(),
        severity: Severity::BreaksUsers,
        strength: Some(Strength::Captured),
        under: vec![Under {
            requirement: rule("outcome.allowed"),
            sentence: "A sign-in ends in a way that its scenario allows.".to_owned(),
            level: Level::Must,
            severity: Severity::BreaksUsers,
            cases: 9,
            expected: "DONE".to_owned(),
            got: "an error".to_owned(),
        }],
        level: Level::Must,
        blames: Blame::Port,
        first_case: "generated/17".to_owned(),
        cases: 12,
        finding: finding(),
        explanation: Some(Explanation {
            mistake: "arithmetic.k-over-unsigned-n".to_owned(),
            sentence: "k is hashed over N without its sign octet.".to_owned(),
            seen: vec!["faiscadev/fakecloud#2389".to_owned()],
        }),
        minimal: Some(Box::new(Scenario::plain("generated/17", 5))),
        minimal_summary: "signIn asks for userSRP".to_owned(),
        plays: 9,
        again: Some(Again { broken: 5, of: 5 }),
        intermittent: false,
        rare: Vec::new(),
        references_break: Vec::new(),
        replay: "cognito-conformance replay --port './shim' --scenario '{\"id\":\"generated/17\",\"nonce\":5}'"
            .to_owned(),
        transcript: Some(Box::new(transcript())),
    }
}

fn transcript() -> Transcript {
    Transcript::new("generated/17", Origin::Recorded(Box::default()))
}

fn started() -> Started {
    Started {
        suite_version: "2".to_owned(),
        seed: 7,
        subject: "a port 1.2.3 (Kotlin)".to_owned(),
        planned: BTreeMap::from([(Part::Vectors, 1200), (Part::Generated, 200)]),
        subject_flags: "--port './shim'".to_owned(),
        unknown_capabilities: Vec::new(),
    }
}

fn summary() -> Summary {
    let counts = |pairs: &[(&str, usize)]| -> BTreeMap<String, usize> {
        pairs
            .iter()
            .map(|&(what, n)| (what.to_owned(), n))
            .collect()
    };
    Summary {
        subject: "a port 1.2.3 (Kotlin)".to_owned(),
        seed: 7,
        causes: 1,
        for_no_port: BTreeMap::new(),
        broken_rules: 2,
        parts: BTreeMap::from([
            (
                Part::Vectors,
                PartSummary {
                    cases: 1200,
                    passed: 3456,
                    sources: counts(&[("cognito-made", 1000), ("cognito-edge", 200)]),
                    ..PartSummary::default()
                },
            ),
            (
                Part::Generated,
                PartSummary {
                    cases: 180,
                    failed: 12,
                    known: 3,
                    not_applicable: 20,
                    passed: 4000,
                    ..PartSummary::default()
                },
            ),
        ]),
        rules: cognito_conformance::rules::catalog::all()
            .filter(|rule| rule.id != "refusal.b-zero")
            .map(|rule| (rule.id.to_owned(), RuleSummary { held: 3, broken: 0 }))
            .collect(),
        not_applicable: counts(&[("ClientMetadata", 12), ("the flow userPassword", 8)]),
        reached: counts(&[("B:top", 12), ("u:00lo", 2)]),
        not_reached: counts(&[("A:top: needs inject: a", 40)]),
        tries: 4321,
        observed: BTreeMap::from([(
            "srp.wire-form".to_owned(),
            counts(&[("lower case", 160), ("mixed case", 1)]),
        )]),
        covered: Some(Covered {
            met: 1200,
            possible: 1202,
            not_met: vec![
                "flow=userSRP, file=gen1".to_owned(),
                "name=phone, user=disabled".to_owned(),
            ],
            not_offered: 300,
            excluded: counts(&[("mfa-required=yes: the pool offers no second factor", 40)]),
            steps: Steps {
                transitions: counts(&[
                    ("begin → PASSWORD_VERIFIER", 9),
                    ("PASSWORD_VERIFIER → tokens", 8),
                ]),
                calls: counts(&[("at first: signIn", 9)]),
                calls_not_met: vec!["signed out: signOut".to_owned()],
            },
        }),
        findings: 12,
        intermittent: 0,
        harness_faults: 0,
        known: 3,
        known_problems: Vec::new(),
        interrupted: false,
        elapsed_ms: 61_000,
    }
}

#[test]
fn a_finding_says_all_that_leads_to_its_cause() {
    let events = [
        RunEvent::Started(started()),
        RunEvent::Found(Box::new(found())),
        RunEvent::Finished(Box::new(summary())),
    ];
    assert_snapshot!("findings", text(&events));
}

#[test]
fn a_finding_says_what_comes_and_goes_which_rare_value_it_takes_and_when_the_harness_is_at_fault() {
    let intermittent = Found {
        requirement: rule("outcome.allowed"),
        again: Some(Again { broken: 1, of: 5 }),
        intermittent: true,
        plays: 0,
        explanation: None,
        ..found()
    };
    let proved = Found {
        again: Some(Again { broken: 2, of: 5 }),
        rare: vec!["u = 00hi".to_owned(), "S = nib".to_owned()],
        ..found()
    };
    let rare = Found {
        rare: vec!["salt = nib".to_owned()],
        ..found()
    };
    let harness = Found {
        blames: Blame::Harness,
        again: None,
        references_break: vec!["outcome.allowed".to_owned()],
        ..found()
    };
    let events =
        [intermittent, proved, rare, harness].map(|found| RunEvent::Found(Box::new(found)));
    assert_snapshot!("again_rare_harness", text(&events));
}

#[test]
fn the_last_line_is_the_verdict() {
    let last = |summary: Summary| -> String {
        let text = text(&[RunEvent::Finished(Box::new(summary))]);
        text.lines().last().unwrap_or_default().to_owned()
    };
    let right = || {
        let mut summary = summary();
        summary.findings = 0;
        summary
    };
    let stale = Summary {
        known_problems: vec!["known.toml: the entry no longer fails".to_owned()],
        ..right()
    };
    let interrupted = Summary {
        interrupted: true,
        ..right()
    };
    let faulty = Summary {
        harness_faults: 2,
        ..right()
    };
    let mixed = Summary {
        harness_faults: 1,
        intermittent: 3,
        ..summary()
    };
    let lines = [
        last(right()),
        last(faulty),
        last(mixed),
        last(stale),
        last(interrupted),
        last(Summary::default()),
    ];
    // The catalogue grows.
    with_settings!({filters => vec![(r"\d+ rules", "N rules")]}, {
        assert_snapshot!("verdicts", lines.join("\n"));
    });
}

#[test]
fn what_a_port_says_can_not_command_the_terminal() {
    let mut hostile = found();
    hostile.finding.got = "\u{1b}[2J\u{1b}]0;owned\u{7}\nConforms".to_owned();
    let text = text(&[RunEvent::Found(Box::new(hostile))]);
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text}");
    assert!(
        !text.lines().any(|line| line.starts_with("Conforms")),
        "no line can be forged: {text}"
    );
}

#[test]
fn a_run_that_is_killed_leaves_what_it_knew() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut save = Save::begin(folder.path(), "check").expect("it is empty");
    let failed = CaseReport {
        failures: vec![Failure {
            requirement: rule("srp.claim"),
            level: Level::Must,
            blames: Blame::Port,
            finding: finding(),
            known: None,
        }],
        transcript: Some(Box::new(transcript())),
        stderr: "a stack trace".to_owned(),
        ..CaseReport::new("generated/17", Part::Generated, "signIn asks for userSRP")
    };
    let passed = CaseReport {
        transcript: Some(Box::new(transcript())),
        ..CaseReport::new("generated/18", Part::Generated, "the plainest")
    };
    for event in [
        RunEvent::Started(started()),
        RunEvent::CaseFinished(Box::new(failed)),
        RunEvent::CaseFinished(Box::new(passed)),
        RunEvent::Found(Box::new(found())),
    ] {
        save.take(&event).expect("the folder takes it");
    }
    // Killed here: no summary, and `save` never gets to clean up.
    std::mem::forget(save);
    let mut names: Vec<String> = Vec::new();
    for part in ["", "cases", "findings"] {
        for entry in fs::read_dir(folder.path().join(part)).expect("it is there") {
            let entry = entry.expect("it can be read");
            if entry.path().is_file() {
                names.push(format!("{part}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    names.sort();
    assert_eq!(
        names,
        [
            "/events.jsonl",
            "cases/generated.17.stderr.txt",
            "cases/generated.17.transcript.json",
            "findings/srp.claim.json",
            "findings/srp.claim.scenario.json",
            "findings/srp.claim.transcript.json",
        ]
    );
    let scenario =
        fs::read(folder.path().join("findings/srp.claim.scenario.json")).expect("it is there");
    let scenario: Scenario = serde_json::from_slice(&scenario).expect("replay reads it");
    assert_eq!(scenario, Scenario::plain("generated/17", 5));
    let events = fs::read_to_string(folder.path().join("events.jsonl")).expect("it is there");
    assert_eq!(events.lines().count(), 5, "the head and four events");
}

#[test]
fn a_matrix_names_survivors_silent_rules_false_alarms_and_false_accusations() {
    let row = |mistake, caught: &[(&'static str, usize)], survived| MatrixRow {
        mistake,
        party: Party::Port,
        sentence: "k is hashed over N without its sign octet.",
        plays: 40,
        changed: 31,
        caught: caught.iter().copied().collect(),
        expected: &["srp.claim"],
        survived,
        accused: Vec::new(),
    };
    let accusation = |rule, level| Accusation {
        rule,
        level,
        scenarios: 2,
        first: "scripted/plain".to_owned(),
        finding: "expected DONE, got an error".to_owned(),
    };
    let matrix = Matrix {
        rows: vec![
            row(
                "arithmetic.k-over-unsigned-n",
                &[("outcome.allowed", 12), ("srp.claim", 1)],
                false,
            ),
            row("flow.made-up", &[("outcome.allowed", 2)], true),
            MatrixRow {
                accused: vec![
                    accusation("service.names", Level::Should),
                    accusation("service.b", Level::Must),
                ],
                ..row("srp.made-up", &[("srp.claim", 3)], false)
            },
        ],
        rules_that_catch_nothing: vec!["error.network"],
        rules_that_spoke_on_right_transcripts: vec![(
            "wire.members".to_owned(),
            "generated/3".to_owned(),
        )],
        right_plays: 64,
        partial: false,
        elapsed_ms: 1234,
    };
    let mut page = Page::new(StripStream::new(Vec::new()));
    write_matrix(&mut page, &matrix, false).expect("memory takes everything");
    let text = String::from_utf8(page.into_inner().into_inner()).expect("reports are UTF-8");
    assert_snapshot!("matrix", text);
}
