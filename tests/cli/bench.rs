//! What `bench` makes of ports that are right, wrong, poor, or die midway, and how it reads.
//!
//! The shims are scripts for `sh` that answer from files, so that nothing but a shell is needed. No test looks at a time:
//! only at what was measured, and at what was told.

#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use cognito_conformance::report::{BenchText, Page};
use cognito_conformance::run::bench::advice::Advice;
use cognito_conformance::run::bench::event::{Figures, Started, WrongResult};
use cognito_conformance::run::bench::machine::Machine;
use cognito_conformance::run::bench::measure::{ClockKind, Ratio, Summary};
use cognito_conformance::run::bench::question::questions;
use cognito_conformance::run::bench::stages::{Breakdown, Times};
use cognito_conformance::run::{BenchEvent, BenchSummary};
use cognito_conformance::srp::modexp::{Engine, EngineName};
use insta::assert_snapshot;
use serde_json::Value;

use crate::support::process::{code, json_lines, run, stderr, stdout};

// ---- A port behind a shim ----

#[test]
fn what_a_right_port_shows_is_measured_beside_the_reference() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = shim(folder.path(), &ALL, &[], "");
    let output = bench(&[
        "--port",
        &port,
        "--rounds",
        "2",
        "--seconds",
        "3600",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    let lines = json_lines(&stdout(&output));
    assert_eq!(lines[0]["command"], "bench", "the head");
    assert_eq!(lines[1]["event"], "started");
    assert_eq!(lines[1]["subject"], "files 1 (sh)");
    for method in ALL {
        let verified = of(&lines, "verified", method);
        assert_eq!(verified.len(), 1, "{method} is compared first");
        let measured = of(&lines, "measured", method);
        let by: Vec<_> = measured.iter().map(|line| &line["by"]).collect();
        assert_eq!(by[..2], ["port", "reference"], "{method}");
        assert_eq!(measured[0]["samples"], 2, "{method}: the rounds");
        assert_eq!(measured[0]["clock"], "wall", "{method}: another process");
    }
    assert_eq!(of(&lines, "measured", "round trip (reset)").len(), 1);
    let flow = of(&lines, "notMeasured", "sign-in userSRP");
    assert_eq!(flow[0]["reason"], "the port lacks the flow userSRP");
    assert!(
        lines.iter().any(|line| line["event"] == "breakdown"),
        "taken apart"
    );
    let finished = &lines[lines.len() - 1];
    assert_eq!(finished["event"], "finished");
    assert_eq!(finished["rounds"], 2, "{finished}");
    assert_eq!(finished["findings"], 0, "{finished}");
    assert_eq!(finished["restarts"], 0, "{finished}");
}

#[test]
fn a_wrong_result_is_a_finding_with_its_cause_and_is_not_timed() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = shim(folder.path(), &["srp/A", "srp/u"], &["srp/u"], "");
    let output = bench(&[
        "--port",
        &port,
        "--rounds",
        "1",
        "--seconds",
        "3600",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    let found = of(&lines, "found", "srp/u");
    assert_eq!(found[0]["got"], "u = 1");
    assert!(
        found[0]["expected"]
            .as_str()
            .is_some_and(|right| right.starts_with("u = ")),
        "{}",
        found[0]
    );
    assert_eq!(of(&lines, "measured", "srp/u").len(), 0, "it is not timed");
    assert_eq!(
        of(&lines, "measured", "srp/A")[0]["samples"],
        1,
        "the right one is"
    );
}

#[test]
fn what_a_port_does_not_offer_is_told_and_is_no_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = shim(folder.path(), &["srp/A"], &[], "");
    let output = bench(&[
        "--port",
        &port,
        "--rounds",
        "1",
        "--seconds",
        "3600",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    for method in ALL.into_iter().filter(|method| *method != "srp/A") {
        assert_eq!(of(&lines, "notMeasured", method).len(), 1, "{method}");
        assert_eq!(of(&lines, "measured", method).len(), 0, "{method}");
    }
}

#[test]
fn a_port_that_dies_midway_keeps_its_figures_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    // Compared once, three rounds of warm-up, and one that counts; then it ends.
    let dies = r#"case $m in srp/A) n=$((n+1)); [ $n -le 5 ] || exit 7 ;; esac"#;
    let port = shim(folder.path(), &["srp/A", "srp/u"], &[], dies);
    let output = bench(&[
        "--port",
        &port,
        "--rounds",
        "3",
        "--seconds",
        "3600",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    let found = of(&lines, "found", "srp/A");
    assert_eq!(found[0]["afterCalls"], 4, "{}", found[0]);
    let got = found[0]["got"].as_str().unwrap_or_default();
    assert!(got.contains("exit status: 7"), "{got}");
    assert_eq!(
        of(&lines, "measured", "srp/A")[0]["samples"],
        1,
        "what it did before"
    );
    assert_eq!(
        of(&lines, "measured", "srp/u")[0]["samples"],
        3,
        "by a new process"
    );
    assert_eq!(lines[lines.len() - 1]["restarts"], 1);
}

#[test]
fn a_port_that_only_says_done_is_not_signed_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let lies = r#"case $m in signIn) ok '{"nextStep":{"signInStep":"DONE"}}'; continue ;; esac"#;
    let port = shim(folder.path(), &["srp/k"], &[], &format!("{FLOWS}{lies}"));
    let output = bench(&[
        "--port",
        &port,
        "--rounds",
        "1",
        "--seconds",
        "3600",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    for flow in ["sign-in userSRP", "sign-in userPassword"] {
        let found = of(&lines, "found", flow);
        assert_eq!(
            found[0]["got"],
            "DONE, although the pool gave out no tokens"
        );
        assert_eq!(of(&lines, "measured", flow).len(), 0, "{flow}");
    }
}

#[test]
fn a_port_that_never_starts_could_not_run_and_one_without_anything_measures_the_round_trip() {
    let output = bench(&["--port", "exit 7", "--format", "json"]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    assert_eq!(lines[lines.len() - 1]["event"], "failed");
    assert!(stderr(&output).contains("exit 7"), "the command is named");

    let folder = tempfile::tempdir().expect("a folder");
    let port = shim(folder.path(), &[], &[], "");
    let output = bench(&["--port", &port, "--rounds", "1", "--seconds", "3600"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(
        stdout(&output).contains("round trip (reset)"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_port_that_is_silent_is_given_up_at_the_deadline() {
    let folder = tempfile::tempdir().expect("a folder");
    let silent = r#"case $m in srp/u) exec sleep 600 ;; esac"#;
    let port = shim(folder.path(), &["srp/A", "srp/u"], &[], silent);
    let output = bench(&[
        "--port",
        &port,
        "--deadline",
        "3",
        "--rounds",
        "1",
        "--seconds",
        "3600",
        "--format",
        "json",
    ]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    assert_eq!(
        of(&lines, "found", "srp/u")[0]["got"],
        "no answer within 3000 ms"
    );
    assert_eq!(
        of(&lines, "measured", "srp/A").len(),
        2 + usize::from(is_there_a_faster_one())
    );
}

// ---- The engines ----

#[test]
fn the_engines_are_measured_with_every_kind_of_work_and_missing_ones_are_told() {
    let output = bench(&["--rounds", "1", "--seconds", "1", "--format", "json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    let engines: Vec<_> = Engine::available().map(Engine::name).collect();
    let measured: Vec<_> = lines
        .iter()
        .filter(|line| line["event"] == "measured")
        .collect();
    assert_eq!(measured.len(), 18 * engines.len(), "nine kinds, two ways");
    for line in &measured {
        assert_eq!(line["samples"], 1, "{line}");
        assert!(line["referenceTakes"]["median"].is_number(), "{line}");
    }
    for name in EngineName::ALL {
        let told = lines
            .iter()
            .any(|line| line["event"] == "engineMissing" && line["engine"] == name.as_str());
        assert_ne!(told, engines.contains(&name), "{name}");
    }
}

// ---- How it reads ----

#[test]
fn a_measurement_of_engines_reads_well() {
    let figures = |what: &str, by: &str, side_by_side: u32, median: f64, ratio: f64| {
        BenchEvent::Measured(Box::new(Figures {
            what: what.to_owned(),
            by: by.to_owned(),
            side_by_side,
            clock: ClockKind::ThreadCpu,
            repetitions: 1,
            summary: Some(summary(median)),
            reference_takes: Some(Ratio {
                rounds: 25,
                median: ratio,
                p10: ratio,
                p90: ratio,
            }),
        }))
    };
    let a = "g^a, a of 1024 bits";
    assert_snapshot!(
        "bench_engines",
        read(
            false,
            vec![
                started(None),
                BenchEvent::EngineMissing {
                    engine: "ifma",
                    reason: "the engine ifma can't run here: AVX-512-IFMA".to_owned(),
                },
                figures(a, "reference", 1, 5_137_000.0, 1.0),
                figures(a, "portable", 1, 636_400.0, 8.07),
                figures(a, "reference", 8, 5_117_000.0, 1.0),
                figures(a, "portable", 8, 622_000.0, 8.22),
                finished(0),
            ],
        )
    );
}

#[test]
fn a_measurement_of_a_port_reads_well() {
    let figures = |what: &str, by: &str, clock, median: f64| {
        BenchEvent::Measured(Box::new(Figures {
            what: what.to_owned(),
            by: by.to_owned(),
            side_by_side: 1,
            clock,
            repetitions: 1,
            summary: Some(summary(median)),
            reference_takes: None,
        }))
    };
    let cpu = ClockKind::ThreadCpu;
    let times = Times {
        port: [("srp/A", 90.2e6), ("srp/S", 110.2e6), ("srp/key", 111.2e6)]
            .map(|(method, time)| (method.to_owned(), time))
            .into(),
        round_trip: 0.2e6,
        sign_in: Some(206.2e6),
        without_srp: Some(88.2e6),
        reference: [("srp/A".to_owned(), 5.1e6), ("srp/S".to_owned(), 6.4e6)].into(),
        fastest: [("srp/A".to_owned(), 0.6e6), ("srp/S".to_owned(), 5.2e6)].into(),
    };
    let breakdown = Breakdown::of(&times).expect("there are parts");
    let advice = Advice::of("JavaScript", &breakdown, 1024).expect("A and S are shown");
    let wrong = WrongResult {
        what: "srp/u".to_owned(),
        after_calls: 4,
        expected: "u = 5".to_owned(),
        got: "the process ended \u{1b}[2J".to_owned(),
        explanation: None,
    };
    let events = |_: ()| {
        vec![
            started(Some("my-sdk 3.2.0 (JavaScript)")),
            BenchEvent::Verified {
                what: "srp/A".to_owned(),
                values: 1,
            },
            BenchEvent::NotMeasured {
                what: "srp/x".to_owned(),
                reason: "the port does not offer it".to_owned(),
            },
            figures("srp/A", "port", ClockKind::Wall, 90.2e6),
            figures("srp/A", "reference", cpu, 5.1e6),
            figures("srp/A", "portable", cpu, 0.6e6),
            figures("sign-in userSRP", "port", ClockKind::Wall, 206.2e6),
            figures(
                "sign-in userSRP",
                "reference client",
                ClockKind::Wall,
                10.9e6,
            ),
            BenchEvent::Found(Box::new(wrong.clone())),
            BenchEvent::Breakdown(Box::new(breakdown.clone())),
            BenchEvent::Advice(Box::new(advice.clone())),
            finished(1),
        ]
    };
    assert_snapshot!("bench_port", read(false, events(())));
    assert_snapshot!("bench_port_verbose", read(true, events(())));
}

// ---- Helpers ----

/// A command that starts a shim which answers the methods in `right` from files, those in `wrong` wrongly. `extra` is run
/// before a request is answered, with its method in `m`.
fn shim(folder: &Path, right: &[&str], wrong: &[&str], extra: &str) -> String {
    for mut question in questions(1024, true) {
        let method = question.call.method();
        if method == "srp/key" {
            // The protocol doesn't let it show what it was given.
            question.expected.big_a = None;
        }
        let answer = if wrong.contains(&method) {
            r#"{"u":"1"}"#.to_owned()
        } else {
            serde_json::to_string(&question.expected).expect("values are text")
        };
        fs::write(folder.join(method.replace('/', ".")), answer).expect("a file");
    }
    let flows = if extra.starts_with(FLOWS) {
        r#""userSRP","userPassword""#
    } else {
        ""
    };
    let mut offered = String::new();
    for method in right {
        let comma = if offered.is_empty() { "" } else { "," };
        let _ = write!(offered, "{comma}\"{method}\"");
    }
    let script = format!(
        r#"n=0
ok() {{ printf '{{"jsonrpc":"2.0","id":%s,"result":%s}}\n' "$id" "$1"; }}
while IFS= read -r line; do
    id=${{line#*\"id\":}}; id=${{id%%[,\}}]*}}
    m=${{line#*\"method\":\"}}; m=${{m%%\"*}}
    {extra}
    case $m in
        initialize) ok '{{"protocol":1,"name":"files","version":"1","language":"sh","capabilities":{{"flows":[{flows}],"challenges":["PASSWORD_VERIFIER"],"primitives":[{offered}],"inject":{{"devicePassword":true}}}}}}' ;;
        reset) ok '{{}}' ;;
        srp/*) ok "$(cat "{folder}/srp.${{m#srp/}}")" ;;
    esac
done
"#,
        folder = folder.display()
    );
    let path = folder.join("shim.sh");
    fs::write(&path, script).expect("a file");
    format!("sh '{}'", path.display())
}

fn bench(arguments: &[&str]) -> Output {
    run(&[&["bench"], arguments].concat())
}

/// The lines of an event that are about `what`.
fn of<'a>(lines: &'a [Value], event: &str, what: &str) -> Vec<&'a Value> {
    lines
        .iter()
        .filter(|line| line["event"] == event && line["what"] == what)
        .collect()
}

fn is_there_a_faster_one() -> bool {
    Engine::fastest().name() != EngineName::Reference
}

fn read(verbose: bool, events: Vec<BenchEvent>) -> String {
    let mut octets = Vec::new();
    let mut text = BenchText::new(Page::new(&mut octets), verbose);
    for event in events {
        text.take(event).expect("memory");
    }
    drop(text);
    let text = String::from_utf8(octets).expect("UTF-8");
    let text = anstream::adapter::strip_str(&text).to_string();
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
    text
}

fn started(subject: Option<&str>) -> BenchEvent {
    BenchEvent::Started(Box::new(Started {
        subject: subject.map(str::to_owned),
        machine: Machine {
            processor: Some("Some Processor".to_owned()),
            processors: 2,
            architecture: "x86_64",
            system: "linux",
        },
        engines: vec!["reference", "portable"],
        rounds: 100,
        budget_ms: 30_000,
        private_bits: subject.map(|_| 1024),
    }))
}

fn summary(median: f64) -> Summary {
    Summary {
        samples: 25,
        median,
        p10: 0.99 * median,
        p90: 1.02 * median,
        min: 0.98 * median,
        max: 1.5 * median,
        outliers: 2,
    }
}

fn finished(findings: usize) -> BenchEvent {
    BenchEvent::Finished(BenchSummary {
        rounds: 25,
        warm_up_rounds: 3,
        measured: 4,
        findings,
        restarts: u32::from(findings > 0),
        interrupted: false,
        stretch: Some(1.46),
        elapsed_ms: 30_400,
    })
}

const FLOWS: &str = ": flows; ";
const ALL: [&str; 11] = [
    "srp/k",
    "srp/A",
    "srp/u",
    "srp/x",
    "srp/S",
    "srp/hkdf",
    "srp/key",
    "srp/claim",
    "srp/timestamp",
    "srp/secretHash",
    "srp/deviceVerifier",
];
