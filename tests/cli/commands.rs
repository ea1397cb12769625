//! The command line as people and programs meet it: the real binary, its streams and its exit codes.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use crate::support::process::{code, command, json_lines, run, stderr, stdout};

/// What grows with the catalogue, so that a new rule changes no snapshot of other things.
const GROWING: [(&str, &str); 1] = [(r"\d+ rules", "N rules")];
const RECORDING: &str = "fixtures/transcripts/2018-01-srp-success.json";

/// The results of a command that is expected to end with a code, as a snapshot sees them.
fn shown(arguments: &[&str], expected_code: i32) -> String {
    let output = run(arguments);
    assert_eq!(
        code(&output),
        expected_code,
        "{arguments:?}: {}",
        stderr(&output)
    );
    format!("{}{}", stdout(&output), stderr(&output))
}

#[test]
fn help_teaches_each_command() {
    assert_snapshot!("help", shown(&["--help"], 0));
    for command in [
        "check", "selftest", "judge", "replay", "bench", "serve", "list", "explain",
    ] {
        assert_snapshot!(format!("help_{command}"), shown(&[command, "--help"], 0));
    }
}

#[test]
fn a_rule_a_mistake_a_rare_value_and_an_exit_code_are_explained() {
    assert_snapshot!("explain_rule", shown(&["explain", "timestamp.now"], 0));
    assert_snapshot!(
        "explain_mistake",
        shown(&["explain", "arithmetic.k-over-unsigned-n"], 0)
    );
    assert_snapshot!("explain_class", shown(&["explain", "B = top"], 0));
    assert_snapshot!("explain_exit_code", shown(&["explain", "3"], 0));
}

#[test]
fn an_unknown_id_is_a_usage_error_that_names_the_nearest() {
    let output = run(&["explain", "srp.clam"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("srp.claim"), "{}", stderr(&output));
}

#[test]
fn rules_are_listed_with_level_party_and_sentence() {
    let output = run(&["list", "rules", "--filter", "timestamp.*"]);
    assert_eq!(code(&output), 0);
    assert_snapshot!("list_rules", stdout(&output));
}

#[test]
fn the_list_of_cases_names_a_case_that_replay_takes() {
    let listed = run(&["list", "cases", "--cases", "2", "--format", "json"]);
    let lines = json_lines(&stdout(&listed));
    let last = lines.last().expect("there are cases")["id"].as_str();
    assert_eq!(last, Some("generated/1"));
    let replayed = run(&[
        "replay",
        "--in-process",
        "--case",
        "generated/1",
        "--format",
        "json",
    ]);
    let lines = json_lines(&stdout(&replayed));
    assert_eq!(lines[1]["event"], "replayed", "{}", stderr(&replayed));
    assert_eq!(lines[1]["scenario"]["id"], "generated/1");
}

#[test]
fn a_check_goes_through_the_cases_that_are_listed_for_it() {
    let chosen = [
        "--seed",
        "5",
        "--cases",
        "3",
        "--filter",
        "{vectors/rfc*,recordings/challenges.*,scripted/name-*,generated/*}",
        "--format",
        "json",
    ];
    let ids = |command: &[&str], event: &str| {
        let output = run(&[command, &chosen[..]].concat());
        assert_eq!(code(&output), 0, "{command:?}: {}", stderr(&output));
        let lines = json_lines(&stdout(&output)).into_iter();
        let cases = lines.filter(|line| line["event"] == event);
        cases
            .map(|case| case["id"].as_str().expect("an id").to_owned())
            .collect::<Vec<_>>()
    };
    let listed = ids(&["list", "cases"], "case");
    for part in ["vectors/", "recordings/", "scripted/", "generated/"] {
        let is_there = listed.iter().any(|id| id.starts_with(part));
        assert!(is_there, "a case of {part}: {listed:?}");
    }
    let checked = ids(&["check", "--in-process"], "caseFinished");
    assert_eq!(checked, listed, "the same cases in the same order");
}

#[test]
fn the_line_that_replays_takes_the_whole_scenario() {
    let scenario = r#"{"id":"mine","nonce":5,"flow":"userPassword"}"#;
    let output = run(&["replay", "--in-process", "--scenario", scenario]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    with_settings!({filters => GROWING.to_vec()}, {
        assert_snapshot!("replay_text", stdout(&output));
    });
}

#[test]
fn wrong_command_lines_are_usage_errors() {
    let cases: [(&str, &[&str]); 9] = [
        ("wrong_flag", &["check", "--prot", "x"]),
        ("wrong_seed", &["check", "--seed", "tuesday"]),
        ("wrong_glob", &["check", "--filter", "x["]),
        (
            "port_and_in_process",
            &["check", "--port", "x", "--in-process"],
        ),
        ("nothing_to_replay", &["replay"]),
        ("nothing_to_judge", &["judge"]),
        (
            "impossible_clock",
            &[
                "replay",
                "--scenario",
                "{\"id\":\"x\",\"clock\":-9223372036854775808}",
            ],
        ),
        (
            "impossible_world",
            &[
                "replay",
                "--scenario",
                "{\"id\":\"x\",\"steering\":{\"b\":\"zz\"}}",
            ],
        ),
        (
            "wrong_scenario",
            &["replay", "--scenario", "{\"id\":\"x\",\"colour\":1}"],
        ),
    ];
    for (name, arguments) in cases {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{name}: {}", stderr(&output));
        assert_eq!(
            stdout(&output),
            "",
            "{name} says nothing on the standard output"
        );
        assert_snapshot!(format!("usage_{name}"), stderr(&output));
    }
}

#[test]
fn a_rule_that_hardly_judges_in_free_scenarios_is_told_when_asked() {
    let free = |least: &str| run(&["selftest", "--free", "20", "--verdicts", least]);
    assert_eq!(code(&free("0")), 0, "every rule judges at least never");
    let output = free("9");
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("Rules with fewer than 9 verdicts"), "{told}");
    assert!(told.contains("20 right sign-ins, 0 accused."), "{told}");
    let output = run(&["selftest", "--http"]);
    assert_eq!(code(&output), 2, "it says nothing about mistakes");
    assert!(stderr(&output).contains("--free"), "{}", stderr(&output));
}

#[test]
fn a_recording_is_judged() {
    with_settings!({filters => GROWING.to_vec()}, {
        assert_snapshot!("judge_recording", shown(&["judge", RECORDING], 0));
    });
}

#[test]
fn files_that_are_no_transcript_are_refused_with_a_reason_and_do_not_hide_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep = format!(
        "{{\"schema\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let escape = "{\"schema\":\"\\u001b]0;owned\\u0007\"}".to_owned();
    let played = |scenario: &str| {
        format!(
            "{{\"schema\":\"cognito-conformance-transcript/1\",\"id\":\"x\",\"origin\":{{\"kind\":\"played\",\
             \"subject\":\"x\",\"scenario\":{scenario}}},\"events\":[]}}"
        )
    };
    let cases = [
        ("empty.json", String::new(), "line 1 column 0"),
        (
            "colour.json",
            played("{\"id\":\"x\",\"colour\":\"red\"}"),
            "expected a transcript whose scenario can be read: unknown field `colour`",
        ),
        (
            "clock.json",
            played("{\"id\":\"x\",\"clock\":-1}"),
            "expected a transcript whose scenario can be read: clock: expected an instant",
        ),
        (
            "cut.json",
            "{\"schema\":\"cognito-conformance-tran".to_owned(),
            "line 1",
        ),
        (
            "other.json",
            "{\"schema\":\"cognito-conformance-transcript/2\"}".to_owned(),
            "transcript/2",
        ),
        ("deep.json", deep, "line 1"),
        ("escape.json", escape, "\\u{1b}"),
        ("array.json", "[]".to_owned(), "expected a transcript"),
    ];
    for (name, text, reason) in &cases {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        let output = run(&["judge", &path.display().to_string(), RECORDING]);
        let complaint = stderr(&output);
        assert_eq!(code(&output), 2, "{name}: {complaint}");
        assert!(complaint.contains(name), "{name} is named: {complaint}");
        assert!(complaint.contains(reason), "{name}: {complaint}");
        assert!(!complaint.contains('\u{1b}'), "{name} reaches no terminal");
        assert!(
            stdout(&output).contains("1 transcript"),
            "{name}: the other is judged"
        );
    }
    let missing = run(&["judge", "no-such-file.json"]);
    assert_eq!(code(&missing), 2);
    assert!(stderr(&missing).contains("no-such-file.json"));
}

#[test]
fn a_check_reads_well() {
    let arguments = [
        "check",
        "--cases",
        "8",
        "--seed",
        "1",
        "--in-process",
        "--filter",
        "generated/*",
    ];
    let output = run(&arguments);
    assert!(matches!(code(&output), 0 | 1), "{}", stderr(&output));
    assert_eq!(
        stderr(&output),
        "",
        "nothing on the error stream where nobody watches"
    );
    for line in stdout(&output)
        .lines()
        .filter(|line| !line.contains("replay "))
    {
        assert!(line.chars().count() <= 100, "{line}");
    }
    with_settings!({filters => vec![(r"\([0-9.]+ (ms|s)\)", "(TIME)"), (r"\(?\d[\d,]*\)?( rules| verdicts|\n)", "N$1")]}, {
        assert_snapshot!("check_text", stdout(&output));
    });
}

#[test]
fn a_check_as_json_is_one_object_a_line_and_ends_with_its_summary() {
    let arguments = [
        "check",
        "--cases",
        "2",
        "--in-process",
        "--filter",
        "generated/*",
        "--format",
        "json",
    ];
    let output = run(&arguments);
    let lines = json_lines(&stdout(&output));
    let events: Vec<_> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(
        lines[0]["schema"], "cognito-conformance-events/1",
        "the head"
    );
    assert_eq!(lines[0]["command"], "check");
    assert_eq!(
        events[..4],
        ["head", "started", "caseFinished", "caseFinished"]
    );
    assert_eq!(events.last(), Some(&"finished"));
    assert_eq!(lines[2]["id"], "generated/0");
    let finished = &lines[lines.len() - 1];
    assert_eq!(finished["parts"]["generated"]["cases"], 2, "{finished}");
}

#[test]
fn a_port_that_never_starts_could_not_run() {
    let output = run(&[
        "check", "--port", "exit 7", "--cases", "1", "--format", "json",
    ]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let lines = json_lines(&stdout(&output));
    let last = &lines[lines.len() - 1];
    assert_eq!(last["event"], "failed");
    assert_eq!(last["exitCode"], 3);
    assert!(stderr(&output).contains("exit 7"), "the command is named");
}

#[test]
fn a_filter_that_matches_nothing_could_not_run() {
    let output = run(&["check", "--in-process", "--filter", "no/such/case"]);
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("no/such/case"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_saved_run_can_be_read_again_and_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let out = out.to_str().expect("a name in ASCII");
    let arguments = [
        "check",
        "--cases",
        "1",
        "--in-process",
        "--filter",
        "generated/*",
        "--save",
        out,
    ];
    let first = run(&arguments);
    assert!(matches!(code(&first), 0 | 1), "{}", stderr(&first));
    let events = fs::read_to_string(Path::new(out).join("events.jsonl")).expect("it is there");
    assert_eq!(
        json_lines(&events).last().expect("a line")["event"],
        "finished"
    );
    let summary = fs::read_to_string(Path::new(out).join("summary.json")).expect("it is there");
    let summary: Value = serde_json::from_str(&summary).expect("it is JSON");
    assert_eq!(summary["seed"], 1);
    let second = run(&arguments);
    assert_eq!(code(&second), 2, "the folder is in use");
    assert!(stderr(&second).contains("not empty"), "{}", stderr(&second));
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let mut child = command(Path::new("."), &["list", "cases", "--cases", "2000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built for this test");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}
