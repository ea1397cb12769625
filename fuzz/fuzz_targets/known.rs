//! A file of known findings → what is expected of a case, and what is wrong with the file.
//!
//! No panic, and nothing that is said of it is longer than a person reads.
#![no_main]

use cognito_conformance::run::Known;
use cognito_conformance::run::event::CaseReport;
use cognito_conformance::suite::Part;
use cognito_conformance_fuzz::assert_short;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|octets: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(octets) else {
        return Corpus::Reject;
    };
    let mut known = match Known::read(text, "known.toml") {
        Ok(known) => known,
        Err(error) => {
            assert_short(&error);
            return Corpus::Keep;
        }
    };
    known.mark(&mut CaseReport::new(
        "scripted/plain",
        Part::Scripted,
        "a case",
    ));
    for is_whole in [true, false] {
        for problem in known.problems("2026-11-23", is_whole) {
            assert_short(&problem);
        }
    }
    Corpus::Keep
});
