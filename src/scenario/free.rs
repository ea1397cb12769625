//! The free strategy: every axis drawn by itself.
//!
//! What an axis is about may then not matter in a scenario (a wrong code where none is asked): that is what makes it free.

use proptest::prelude::Strategy;
use proptest::strategy::BoxedStrategy;

use super::axes::{AXES, Axis};
use super::types::Scenario;

/// Scenarios that combine the values of all axes, as far as [`Scenario::check_limits`] accepts them. The id and the nonce are
/// the caller's to set.
pub fn free_scenarios() -> BoxedStrategy<Scenario> {
    let draws: Vec<_> = AXES.iter().map(drawn).collect();
    draws
        .prop_map(|drawn| {
            let mut scenario = Scenario::plain("", 0);
            for (axis, at) in AXES.iter().zip(drawn) {
                let mut candidate = scenario.clone();
                (axis.values[at].set)(&mut candidate);
                // A value that those before it exclude is left out, and the plainest stays.
                if candidate.check_limits().is_ok() {
                    scenario = candidate;
                }
            }
            scenario
        })
        .boxed()
}

/// The index of a value, by the values' weights. It shrinks towards the plainest.
fn drawn(axis: &'static Axis) -> BoxedStrategy<usize> {
    let total: u32 = axis.values.iter().map(|value| value.weight).sum();
    (0..total)
        .prop_map(move |drawn| {
            let mut left = drawn;
            axis.values
                .iter()
                .position(|value| match left.checked_sub(value.weight) {
                    Some(rest) => {
                        left = rest;
                        false
                    }
                    None => true,
                })
                .unwrap_or_default()
        })
        .boxed()
}
