//! What a check finds out about a port before it judges it, and whom it blames then.
//!
//! The ports are those of `odd_ports`: the reference client behind a shim of its own, with one habit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cognito_conformance::mistakes::Policies;
use cognito_conformance::mistakes::arithmetic::u_swapped;
use cognito_conformance::run::event::{Blame, Found, Summary};
use cognito_conformance::run::{CheckOptions, Manners, RunEvent, SubjectChoice, check};
use cognito_conformance::srp::BigUint;
use cognito_conformance::suite::Selection;
use cognito_conformance::wire::{Call, Operation, PortError};

use crate::odd::habits::Habits;

/// The habits of the port that a test is about.
pub fn habits_of(name: &str) -> Option<Habits> {
    let mut habits = Habits::default();
    match name {
        "plain" => habits.capabilities.sign_in_while_signed_in = None,
        "one at a time" => {
            habits.one_at_a_time = true;
            habits.capabilities.sign_in_while_signed_in = None;
        }
        "one at a time, and wrong by SRP" => {
            habits.one_at_a_time = true;
            habits.capabilities.sign_in_while_signed_in = None;
            habits.policy.dialect = u_swapped(habits.policy.dialect);
        }
        "one at a time, revokes nothing" => {
            habits.one_at_a_time = true;
            habits.capabilities.sign_in_while_signed_in = None;
            habits.policy.tokens.revokes = false;
        }
        "one at a time, says too much when it signs out" => {
            habits.one_at_a_time = true;
            habits.capabilities.sign_in_while_signed_in = Some(false);
            habits.policy.outgoing = Some(|message| {
                if *message.operation == Operation::RevokeToken {
                    message.members().insert("Colour".to_owned(), "red".into());
                }
            });
        }
        "one at a time, and never signs out" => {
            habits.one_at_a_time = true;
            habits.capabilities.sign_in_while_signed_in = Some(false);
            habits.policy.outgoing = Some(|message| {
                if *message.operation == Operation::RevokeToken {
                    message.members().insert("Token".to_owned(), 7.into());
                }
            });
        }
        "resets nothing" => {
            habits.one_at_a_time = true;
            habits.resets_nothing = true;
        }
        "ignores what is injected" => {
            habits.policy.private_value = |a| a + BigUint::from(1_u8);
        }
        "always the same a" => {
            habits.capabilities.inject.a = false;
            habits.policy.private_value = |_| BigUint::from(7_u8) << 900_u32;
        }
        "no metadata" => no_metadata(&mut habits),
        "no metadata, by glue" => {
            no_metadata(&mut habits);
            habits.capabilities.glue.insert(Operation::InitiateAuth);
        }
        "crashes in two ways" => {
            habits.refuses = Some(|call| match call {
                Call::ConfirmSignIn(_) => crash("no answer was expected"),
                Call::SignOut(_) => crash("nobody is here"),
                _ => None,
            });
        }
        "hangs when it signs out" => {
            habits.refuses = Some(|call| match call {
                Call::SignOut(_) => loop {
                    std::thread::park();
                },
                _ => None,
            });
        }
        _ => return None,
    }
    Some(habits)
}

fn crash(last_words: &str) -> Option<PortError> {
    eprintln!("{last_words}");
    std::process::exit(3);
}

fn no_metadata(habits: &mut Habits) {
    habits.policy.outgoing = Some(|message| {
        message.members().remove("ClientMetadata");
    });
}

/// What came of a check.
struct Checked {
    found: Vec<Found>,
    summary: Summary,
    signs_out_first: bool,
}

impl Checked {
    fn rules(&self) -> Vec<String> {
        let found = self.found.iter();
        found.map(|found| found.requirement.to_string()).collect()
    }
}

/// Checks a port by the named scenarios that match. Without a pattern it ends with the first thing that is found.
fn check_of(name: &str, filter: Option<&str>) -> Checked {
    check_by(&command_of(name), Duration::from_secs(20), filter)
}

/// The command that starts a port.
fn command_of(name: &str) -> String {
    let program = std::env::current_exe().unwrap();
    format!(
        "ODD_PORT='{name}' exec '{}' --exact odd_ports::be_the_shim --ignored --nocapture --test-threads 1 3>&1 >/dev/null",
        program.display()
    )
}

fn check_by(command: &str, deadline: Duration, filter: Option<&str>) -> Checked {
    let interrupted = Arc::new(AtomicBool::new(false));
    let options = CheckOptions {
        selection: Selection {
            seed: 1,
            pairs: false,
            generated: Some(0),
            filter: filter.map(|text| text.parse().unwrap()),
        },
        // Two processes only where they are compared: the port draws the same in each.
        jobs: if filter.is_some() { 1 } else { 2 },
        subject: SubjectChoice::Shim {
            command: command.to_owned(),
            deadline,
        },
        policies: Policies::default(),
        known: None,
        keep_transcripts: false,
        max_plays: 100,
        interrupted: Arc::clone(&interrupted),
        manners: Manners::default(),
    };
    let (mut found, mut signs_out_first) = (Vec::new(), false);
    let summary = check(&options, &mut |event| match event {
        RunEvent::Found(one) => {
            found.push(*one);
            if filter.is_none() {
                interrupted.store(true, Ordering::SeqCst);
            }
        }
        RunEvent::SignsOutFirst => signs_out_first = true,
        _ => {}
    });
    Checked {
        found,
        summary: summary.unwrap(),
        signs_out_first,
    }
}

#[test]
fn a_port_that_signs_in_one_at_a_time_is_signed_out_first_and_not_accused() {
    let checked = check_of("one at a time", Some(TWICE));
    assert!(checked.signs_out_first, "it was found out");
    assert_eq!(checked.rules(), Vec::<String>::new());
    assert!(!checked.summary.judged_no_sign_in(), "and it was judged");
    let other = check_of("plain", Some(TWICE));
    assert!(!other.signs_out_first, "another port is left alone");
    assert_eq!(other.rules(), Vec::<String>::new());
}

#[test]
fn a_port_whose_proofs_are_wrong_shows_by_its_other_flow_that_it_signs_in_one_at_a_time() {
    let by_password = Some("scripted/device-opt-in-never-remembered");
    let checked = check_of("one at a time, and wrong by SRP", by_password);
    assert!(checked.signs_out_first, "it was found out");
    assert_eq!(checked.rules(), Vec::<String>::new());
}

#[test]
fn a_sign_out_that_the_harness_puts_in_is_not_judged_and_one_of_the_scenario_is() {
    let odd = [
        ("one at a time, revokes nothing", "sign-out.revokes"),
        (
            "one at a time, says too much when it signs out",
            "call.request-members",
        ),
    ];
    for (name, rule) in odd {
        let put_in = check_of(name, Some(TWICE));
        assert!(put_in.signs_out_first, "{name}");
        assert_eq!(put_in.rules(), Vec::<String>::new(), "{name}");
        assert!(!put_in.summary.judged_no_sign_in(), "{name}: it was judged");
        let own = check_of(name, Some("scripted/session-sign-out"));
        let rules = own.rules();
        assert!(rules.iter().any(|found| found == rule), "{name}: {rules:?}");
    }
}

#[test]
fn whoever_could_not_be_signed_out_first_is_not_signed_in_over_and_accused() {
    let checked = check_of("one at a time, and never signs out", Some(TWICE));
    assert!(checked.signs_out_first, "the capability says it");
    assert_eq!(checked.rules(), Vec::<String>::new());
    assert!(!checked.summary.judged_no_sign_in(), "the first is judged");
}

#[test]
fn a_reset_that_resets_nothing_is_the_shims_and_its_port_is_not_judged() {
    let checked = check_of("resets nothing", Some(TWICE));
    assert_eq!(checked.rules(), ["shim.reset"]);
    assert_eq!(checked.found[0].blames, Blame::Shim);
    assert!(checked.summary.parts.is_empty(), "no case was judged");
    assert!(!checked.summary.is_green());
}

#[test]
fn private_values_that_come_again_are_told_before_any_case() {
    let checked = check_of("always the same a", None);
    let first = checked.found.first().expect("something is found");
    assert_eq!(first.requirement.id(), "srp.a-not-small");
    assert_eq!(first.blames, Blame::Port);
    assert_eq!(first.finding.got, "the A of an earlier sign-in");
}

#[test]
fn a_shim_that_does_not_inject_is_not_told_as_a_port_with_a_wrong_modulus() {
    let checked = check_of("ignores what is injected", Some("scripted/plain"));
    let injected = checked.found.iter();
    let mut injected = injected.filter(|found| found.requirement.id() == "srp.a-injected");
    let injected = injected.next().expect("that A is not g^a is told");
    assert_eq!(injected.blames, Blame::Shim, "{:?}", injected.finding);
    assert!(
        !injected.finding.got.contains("N is"),
        "{}",
        injected.finding.got
    );
}

#[test]
fn what_is_wrong_with_a_request_of_the_glue_is_told_as_the_shims() {
    for (name, blames) in [
        ("no metadata", Blame::Port),
        ("no metadata, by glue", Blame::Shim),
    ] {
        let checked = check_of(name, Some("scripted/factor-totp-with-metadata"));
        let metadata = checked.found.iter();
        let mut metadata = metadata.filter(|found| found.requirement.id() == "metadata.initiate");
        let metadata = metadata.next().expect("it is told");
        assert_eq!(metadata.blames, blames, "{name}");
    }
}

#[test]
fn crashes_are_told_apart_and_each_comes_back_in_a_smaller_scenario() {
    let filter =
        "scripted/{factor-totp-with-metadata,factor-totp-with-secret,session-sign-out-everywhere}";
    let checked = check_of("crashes in two ways", Some(filter));
    assert_eq!(checked.rules(), ["shim.lives", "shim.lives"]);
    let [answering, leaving] = checked.found.as_slice() else {
        panic!("they are two");
    };
    let words = |found: &Found| found.finding.got.clone();
    let answered = words(answering);
    assert!(answered.contains("no answer was expected"), "{answered}");
    assert!(words(leaving).contains("nobody is here"));
    assert_eq!((answering.cases, leaving.cases), (2, 1));
    for found in &checked.found {
        assert_eq!(found.blames, Blame::Shim);
        assert!((2..=20).contains(&found.plays), "{} plays", found.plays);
        assert!(found.replay.contains("--scenario"), "{}", found.replay);
    }
    let minimal = answering.minimal.as_deref().expect("a scenario");
    assert!(minimal.metadata.is_empty(), "{minimal}");
    let minimal = leaving.minimal.as_deref().expect("a scenario");
    assert_eq!(minimal.then.len(), 1, "{minimal}");
}

#[test]
fn a_silence_comes_back_in_a_smaller_scenario_within_few_plays() {
    let command = command_of("hangs when it signs out");
    let filter = "scripted/session-sign-out-with-secret";
    let checked = check_by(&command, Duration::from_secs(4), Some(filter));
    assert_eq!(checked.rules(), ["shim.answers"]);
    let found = &checked.found[0];
    assert_eq!(found.blames, Blame::Shim);
    assert_eq!(
        found.finding.got, "no reply within 4000 ms",
        "by the run's own deadline"
    );
    assert!((2..=20).contains(&found.plays), "{} plays", found.plays);
    let minimal = found.minimal.as_deref().expect("a scenario");
    assert!(minimal.then.len() < 3, "{minimal}");
}

#[test]
fn a_port_that_can_not_be_started_again_takes_no_finding_with_it() {
    let once = std::env::temp_dir().join(format!("started-once-{}", std::process::id()));
    let command = format!(
        "mkdir '{}' || exit 1; {}",
        once.display(),
        command_of("no metadata")
    );
    let filter = "scripted/factor-totp-with-metadata";
    let checked = check_by(&command, Duration::from_secs(20), Some(filter));
    std::fs::remove_dir(&once).unwrap();
    let rules = checked.rules();
    assert!(rules.contains(&"metadata.initiate".to_owned()), "{rules:?}");
    for found in &checked.found {
        assert_eq!(found.again, None, "it is told as it is");
    }
}

/// Scenarios with a further sign-in.
const TWICE: &str = "scripted/{again,device-again-userSRP,session-refresh-by-the-other-user}";
