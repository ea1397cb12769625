//! Files and patterns that are not what they should be: refused with a reason that a person can read.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::process::{code, run_in, stderr};

/// A message of the program is shorter than that, whatever it is about.
const LONGEST: usize = 1_500;

/// What the program says of its arguments, in a folder that holds this file.
fn said(file: Option<(&str, &[u8])>, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    if let Some((name, octets)) = file {
        fs::write(folder.path().join(name), octets).expect("a file");
    }
    run_in(Path::new(folder.path()), arguments)
}

/// Its complaint, which is short and says that the use of the program is wrong.
fn refused(file: Option<(&str, &[u8])>, arguments: &[&str]) -> String {
    let output = said(file, arguments);
    let complaint = stderr(&output);
    let shown: String = complaint.chars().take(LONGEST).collect();
    assert_eq!(code(&output), 2, "{arguments:?}: {shown}");
    assert!(
        complaint.len() < LONGEST,
        "{} octets: {shown}",
        complaint.len()
    );
    complaint
}

/// How `check` is asked for one case, with this file of known findings.
const KNOWN: [&str; 6] = [
    "check",
    "--in-process",
    "--filter",
    "scripted/plain",
    "--known",
    "file",
];

#[test]
fn patterns_that_nest_without_end_are_refused_wherever_there_is_one() {
    let nested = "{a,".repeat(125) + "b" + &"}".repeat(125);
    let reason = "expected at most 20 braces in each other, got 125";
    for command in [
        ["list", "cases"].as_slice(),
        &["check", "--in-process"],
        &["selftest"],
    ] {
        let complaint = refused(None, &[command, &["--filter", &nested]].concat());
        assert!(complaint.contains(reason), "{command:?}: {complaint}");
    }
    for member in ["case", "got"] {
        let known =
            format!("[[known]]\nrule = \"srp.claim\"\n{member} = \"{nested}\"\nreason = \"r\"\n");
        let complaint = refused(Some(("file", known.as_bytes())), &KNOWN);
        assert!(complaint.contains(reason), "{member}: {complaint}");
    }
}

#[test]
fn what_is_long_is_not_repeated_whole() {
    let long = "x".repeat(100_000);
    let scenario = format!("{{\"id\":\"x\",\"{long}\":1}}");
    let clock = format!("{{\"id\":\"{long}\",\"clock\":-1}}");
    for arguments in [
        ["list", "cases", "--seed", &long].as_slice(),
        &["list", &long],
        &[&long],
        &["check", &format!("--{long}")],
        &["list", "cases", "--filter", &format!("[{long}")],
        &["list", "cases", "--filter", &"*".repeat(10_001)],
        &["replay", "--case", &long],
        &["replay", "--scenario", &scenario],
        &["replay", "--scenario", &clock],
        &["explain", &long],
    ] {
        refused(None, arguments);
    }
    let unmatched = said(None, &["list", "cases", "--filter", &long[..5_000]]);
    assert_eq!(code(&unmatched), 3, "nothing has that name");
    let complaint = stderr(&unmatched);
    assert!(complaint.len() < LONGEST, "{} octets", complaint.len());
}

#[test]
fn a_file_of_one_long_line_gives_a_short_reason_with_line_and_column() {
    let long = "x".repeat(200_000);
    let entry = |member: &str| format!("[[known]]\nrule = \"r\"\nreason = \"r\"\n{member}\n");
    let date = "expected a date as 2026-11-23";
    for (text, reason) in [
        (long.clone(), "line 1, column 200001"),
        (format!("{long} = 1"), "unknown field"),
        (format!("known = \"{long}\""), "line 1, column 9"),
        (entry(&format!("expires = \"{long}\"")), date),
        (entry(&format!("case = \"{{{long}\"")), "is no pattern"),
    ] {
        let complaint = refused(Some(("file", text.as_bytes())), &KNOWN);
        assert!(complaint.contains(reason), "{reason}: {complaint}");
    }
    for text in [
        long.clone(),
        format!("issuer = \"{long}\""),
        format!("[[pools]]\nid = \"{long}\"\n"),
        format!("[[pools]]\nid = \"eu-west-1_A\"\n\"{long}\" = 1\n"),
    ] {
        refused(
            Some(("file", text.as_bytes())),
            &["serve", "file", "--port", "0"],
        );
    }
}

#[test]
fn a_byte_order_mark_is_named() {
    let utf_16 = |text: &str, octets: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let marked = format!("\u{feff}{text}");
        marked.encode_utf16().flat_map(octets).collect()
    };
    let json = r#"{"schema":"cognito-conformance-transcript/1"}"#;
    for (encoding, octets) in [
        ("UTF-16", utf_16(json, u16::to_le_bytes)),
        ("UTF-16", utf_16(json, u16::to_be_bytes)),
        ("UTF-8", format!("\u{feff}{json}").into_bytes()),
    ] {
        let expected =
            format!("begins with a byte order mark ({encoding}): save it as UTF-8 without one");
        let mut commands = vec![["judge", "file"].as_slice(), &["replay", "file"]];
        if encoding != "UTF-8" {
            commands.extend([KNOWN.as_slice(), &["serve", "file", "--port", "0"]]);
        }
        for command in commands {
            let complaint = refused(Some(("file", &octets)), command);
            assert!(complaint.contains(&expected), "{command:?}: {complaint}");
        }
    }
    let scenario = format!("\u{feff}{json}");
    let complaint = refused(None, &["replay", "--scenario", &scenario]);
    assert!(complaint.contains("byte order mark (UTF-8)"), "{complaint}");
}

#[test]
fn a_file_of_toml_may_begin_with_the_mark_of_utf_8() {
    let output = said(
        Some(("file", "\u{feff}# nothing is known\n".as_bytes())),
        &KNOWN,
    );
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}
