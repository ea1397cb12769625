//! Whose doing a finding is, where a port says what of a sign-in it does itself.
//!
//! A library of helpers computes values, and leaves requests and stores to the application. In a check that part is played by
//! code in the shim, its *glue*. What the glue does wrong is not the library's.

use std::collections::BTreeSet;

use super::event::Blame;
use crate::record::Transcript;
use crate::rules::{Finding, Rule};
use crate::subject::Capabilities;
use crate::wire::{HttpRequest, Operation};

/// Whose doing it is that a rule broke; `None` where it is nobody's whom the harness judges.
pub(super) fn blamed(
    offered: &Capabilities,
    rule: &Rule,
    finding: &Finding,
    transcript: &Transcript,
) -> Option<Blame> {
    let usual = finding.blames.unwrap_or(rule.party).into();
    if !is_asked_of(offered, rule.id) {
        return None;
    }
    if usual != Blame::Port {
        return Some(usual);
    }
    let is_glue = !is_about_values(rule.id) && is_of_glue(&offered.glue, finding, transcript);
    Some(if is_glue { Blame::Shim } else { usual })
}

/// Whether a rule is asked of such a port at all.
pub(super) fn is_asked_of(offered: &Capabilities, rule: &str) -> bool {
    offered.device_store != Some(false) || !KEEPS_DEVICES.contains(&rule)
}

/// Whether the request in question is the glue's. What ends wrong without one is, where every request of the sign-in is.
fn is_of_glue(glue: &BTreeSet<Operation>, finding: &Finding, transcript: &Transcript) -> bool {
    let mut requests = transcript.requests();
    let is_glue = |request: &HttpRequest| {
        let operation = request.operation();
        operation.is_some_and(|operation| glue.contains(&operation))
    };
    match finding.exchange {
        Some(at) => requests.nth(at).is_some_and(is_glue),
        None => {
            let mut requests = requests.peekable();
            requests.peek().is_some() && requests.all(is_glue)
        }
    }
}

/// Whether a rule is about a value that a library computes, whoever sends it.
fn is_about_values(rule: &str) -> bool {
    VALUES.iter().any(|prefix| rule.starts_with(prefix))
}

/// Rules about devices between one sign-in and the next.
const KEEPS_DEVICES: &[&str] = &[
    "device.gone-retried-once",
    "device.gone-dropped",
    "device.survives-sign-out",
    "device.key-first",
    "device.key-of-this-user",
    "device.by-another-alias",
];
/// How the ids of rules about computed values begin.
const VALUES: &[&str] = &[
    "srp.",
    "timestamp.",
    "secret-hash.",
    "device.verifier",
    "device.claim",
    "device.password-fresh",
    "refusal.b-zero",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Origin;
    use crate::rules::catalog;
    use crate::scenario::Scenario;
    use crate::wire::event::Event;

    fn of(offered: &Capabilities, rule: &str) -> Option<Blame> {
        let rule = catalog::find(rule).expect("a rule");
        let request = HttpRequest::calling("InitiateAuth", &serde_json::json!({}));
        let origin = Origin::Played {
            subject: "a port".to_owned(),
            scenario: Box::new(Scenario::plain("t", 5)),
            not_offered: BTreeSet::new(),
        };
        let mut transcript = Transcript::new("t", origin);
        transcript.events.push(Event::Requested { request });
        blamed(
            offered,
            rule,
            &Finding::new(Some(0), "this", "that"),
            &transcript,
        )
    }

    #[test]
    fn what_a_shim_sends_by_itself_is_its_own_and_values_are_the_librarys() {
        let mut offered = Capabilities::everything();
        assert_eq!(
            of(&offered, "name.typed-first"),
            Some(Blame::Port),
            "no glue"
        );
        offered.glue.insert(Operation::InitiateAuth);
        assert_eq!(of(&offered, "name.typed-first"), Some(Blame::Shim), "glue");
        assert_eq!(of(&offered, "srp.a-in-range"), Some(Blame::Port), "a value");
    }

    #[test]
    fn a_port_without_a_store_is_not_asked_to_keep_devices() {
        let mut offered = Capabilities::everything();
        assert_eq!(of(&offered, "device.gone-dropped"), Some(Blame::Port));
        offered.device_store = Some(false);
        assert_eq!(of(&offered, "device.gone-dropped"), None);
        assert_eq!(of(&offered, "device.claim"), Some(Blame::Port));
    }

    #[test]
    fn every_rule_that_is_named_here_exists() {
        for id in KEEPS_DEVICES {
            assert!(catalog::find(id).is_some(), "{id}");
        }
        for prefix in VALUES {
            let is_used = catalog::all().any(|rule| rule.id.starts_with(prefix));
            assert!(is_used, "{prefix}");
        }
    }
}
