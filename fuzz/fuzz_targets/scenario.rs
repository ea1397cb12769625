//! Scenarios → played in process and judged, as `replay --in-process` does it.
//!
//! Whatever is not refused for its limits can be played, and the right client before the right pool is never accused.
#![no_main]

use std::cell::RefCell;
use std::path::Path;

use cognito_conformance::cli::input::parse_scenario;
use cognito_conformance::model::Clock;
use cognito_conformance::pool::{Policy, Pool, TokenSigning};
use cognito_conformance::rules::{Party, judge};
use cognito_conformance::run::case::judged;
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance_fuzz::{assert_short, mutate_json};
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use tokio::runtime::{Builder, Runtime};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_json(data, size, max_size, seed, fuzzer_mutate)
});

thread_local! {
    static STAGE: RefCell<(Runtime, Theatre)> = RefCell::new({
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut theatre = Theatre::in_process();
        theatre.set_token_signing(TokenSigning::Lazy);
        (runtime, theatre)
    });
}

fuzz_target!(|octets: &[u8]| -> Corpus {
    let scenario = match parse_scenario(octets, Path::new("-")) {
        Ok(scenario) => scenario,
        Err(error) => {
            assert_short(&error);
            return Corpus::Reject;
        }
    };
    if let Err(error) = scenario.check_limits() {
        assert_short(&error);
        return Corpus::Keep;
    }
    if let Err(error) = Pool::new(scenario.world(Clock::Wall), Policy::default()) {
        assert_short(&error);
        return Corpus::Keep;
    }
    let played =
        STAGE.with_borrow_mut(|(runtime, theatre)| runtime.block_on(theatre.play(&scenario)));
    let transcript = match played.expect("what is within the limits can be played") {
        Played::Transcript(transcript) => transcript,
        Played::NotApplicable(reason) => panic!("our own client lacks {reason}"),
    };
    let parties = [Party::Port, Party::Shim, Party::Service];
    let judgement =
        judge(&transcript, judged(&scenario, &parties)).expect("it is within the limits");
    let accused: Vec<String> = judgement
        .failures()
        .map(|(rule, finding)| {
            format!(
                "{}: expected {}, got {}",
                rule.id, finding.expected, finding.got
            )
        })
        .collect();
    assert!(accused.is_empty(), "who is right is accused: {accused:#?}");
    Corpus::Keep
});
