//! The free strategy: every axis drawn by itself.
//!
//! What an axis is about may then not matter in a scenario (a wrong code where none is asked): that is what makes it free. Were
//! all drawn in every scenario, hardly one sign-in would get as far as what comes after it: so more than half of the scenarios
//! leave out the axes that stand in its way (swarm testing: Groce and others, ISSTA 2012). Weights are such that every rule
//! gives a verdict some fifty times in 5,000 scenarios.

use proptest::bool::weighted;
use proptest::prelude::Strategy;
use proptest::strategy::BoxedStrategy;

use super::axes::{AXES, Axis};
use super::types::Scenario;

/// The axes that often keep a sign-in from reaching its end.
const OBSTACLES: [&str; 12] = [
    "name",
    "password",
    "allowed-flows",
    "user",
    "migration",
    "answers",
    "first-factors",
    "first-factor",
    "mfa-offered",
    "mfa-required",
    "mfa-enrolled",
    "codes",
];

/// Scenarios that combine the values of all axes, as far as [`Scenario::check_limits`] accepts them. The id and the nonce are
/// the caller's to set.
pub fn free_scenarios() -> BoxedStrategy<Scenario> {
    let draws: Vec<_> = AXES.iter().map(drawn).collect();
    (weighted(0.4), draws)
        .prop_map(|(has_obstacles, drawn)| {
            let mut scenario = Scenario::plain("", 0);
            for (axis, at) in AXES.iter().zip(drawn) {
                let is_obstacle = OBSTACLES.contains(&axis.name)
                    // What the service makes of a lie is lost with the answer to it.
                    || axis.name == "fault" && scenario.attack.is_some();
                if is_obstacle && !has_obstacles || is_after_the_end(axis, &scenario) {
                    continue;
                }
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

/// Whether it is about an act after the last one.
fn is_after_the_end(axis: &Axis, scenario: &Scenario) -> bool {
    let number = axis.name.strip_prefix("act-");
    let number = number.and_then(|number| number.parse::<usize>().ok());
    number.is_some_and(|number| scenario.then.len() + 1 < number)
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
