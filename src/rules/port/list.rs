//! Which rules there are.

use super::{
    answers, call, choice, configuration, device, existence, factor, flow, names, outcome, refresh,
    refusal, reset, secrecy, session, sign_out, srp, timestamp, tokens, wire,
};
use crate::rules::rule::Rule;

/// The rules of this side, area by area.
pub fn areas() -> impl Iterator<Item = &'static [Rule]> {
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
        device::confirm::RULES,
        device::proof::RULES,
        device::keep::RULES,
        factor::RULES,
        choice::RULES,
        refresh::RULES,
        tokens::RULES,
        sign_out::RULES,
        reset::RULES,
        call::RULES,
        existence::RULES,
    ]
    .into_iter()
}
