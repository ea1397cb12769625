//! What a check finds out about a port before it judges it, and whom it blames then.
//!
//! The ports are those of `odd_ports`: the reference client behind a shim of its own, with one habit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cognito_conformance::mistakes::Policies;
use cognito_conformance::run::event::{Blame, Found, Summary};
use cognito_conformance::run::{CheckOptions, Manners, RunEvent, SubjectChoice, check};
use cognito_conformance::srp::BigUint;
use cognito_conformance::suite::Selection;
use cognito_conformance::wire::Operation;

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
        _ => return None,
    }
    Some(habits)
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
    let program = std::env::current_exe().unwrap();
    let command = format!(
        "ODD_PORT='{name}' exec '{}' --exact odd_ports::be_the_shim --ignored --nocapture --test-threads 1 3>&1 >/dev/null",
        program.display()
    );
    let interrupted = Arc::new(AtomicBool::new(false));
    let options = CheckOptions {
        selection: Selection {
            seed: 1,
            generated: 0,
            filter: filter.map(|text| text.parse().unwrap()),
        },
        // Two processes only where they are compared: the port draws the same in each.
        jobs: if filter.is_some() { 1 } else { 2 },
        subject: SubjectChoice::Shim {
            command,
            deadline: Duration::from_secs(20),
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

/// Scenarios with a further sign-in.
const TWICE: &str = "scripted/{again,device-again-userSRP,session-refresh-by-the-other-user}";
