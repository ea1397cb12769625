//! All rules.

use super::{port, service};
use crate::rules::rule::Rule;

/// Every rule: what a port has to do, then what a service has to do, area by area.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    port::areas().flatten().chain(service::RULES)
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mistakes;

    #[test]
    fn every_rule_has_an_id_of_its_own_a_sentence_and_public_sources() {
        let mut ids = BTreeSet::new();
        for rule in all() {
            assert!(ids.insert(rule.id), "{} stands twice", rule.id);
            assert!(
                rule.sentence.ends_with('.'),
                "{}: {}",
                rule.id,
                rule.sentence
            );
            assert!(!rule.sources.is_empty(), "{} names no source", rule.id);
        }
    }

    #[test]
    fn every_mistake_is_expected_by_rules_that_exist() {
        for mistake in mistakes::all() {
            assert!(!mistake.caught_by.is_empty(), "{}", mistake.id);
            for rule in mistake.caught_by {
                assert!(find(rule).is_some(), "{} names {rule}", mistake.id);
            }
        }
    }
}
