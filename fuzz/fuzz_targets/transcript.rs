//! Transcripts → the judge and every page about them, as `judge -v` does it.
//!
//! No panic; no error that is longer than a person reads; nothing on a page that a terminal would obey.
#![no_main]

use std::path::Path;

use cognito_conformance::cli::input::parse_transcript;
use cognito_conformance::report::narrative::write_narrative;
use cognito_conformance::report::page::Page;
use cognito_conformance::report::verdicts::{Verdicts, write_judgement};
use cognito_conformance::rules::{Party, judge};
use cognito_conformance::run::case::concealed;
use cognito_conformance_fuzz::{assert_harmless, assert_short, mutate_json};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_json(data, size, max_size, seed, fuzzer_mutate)
});

fuzz_target!(|octets: &[u8]| {
    let transcript = match parse_transcript(octets, Path::new("-")) {
        Ok(transcript) => transcript,
        Err(error) => return assert_short(&error),
    };
    let judgement = match judge(&transcript, &[Party::Port, Party::Service, Party::Shim]) {
        Ok(judgement) => concealed(judgement, &transcript),
        Err(error) => return assert_short(&error),
    };
    let mut page = Page::new(Vec::new());
    write_narrative(&mut page, &transcript).expect("memory");
    write_judgement(&mut page, &judgement, true).expect("memory");
    let page = String::from_utf8(page.into_inner()).expect("a page is text");
    assert_harmless(&page);
    let verdicts = Verdicts::of(&transcript.id, "-", &judgement);
    serde_json::to_string(&verdicts).expect("verdicts can be written");
    let written = serde_json::to_vec(&transcript).expect("what was read can be written");
    let again = parse_transcript(&written, Path::new("-")).expect("what was written can be read");
    assert_eq!(again, transcript, "what was written is what was read");
});
