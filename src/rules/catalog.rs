//! All rules.

use super::rule::Rule;
use super::{
    answers, configuration, flow, names, outcome, refusal, secrecy, service, session, srp,
    timestamp, wire,
};

/// Every rule, area by area.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        wire::RULES,
        flow::RULES,
        configuration::RULES,
        names::RULES,
        session::RULES,
        srp::RULES,
        timestamp::RULES,
        answers::RULES,
        outcome::RULES,
        refusal::RULES,
        secrecy::RULES,
        service::RULES,
    ]
    .into_iter()
    .flatten()
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}
