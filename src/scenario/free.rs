//! The free strategy: every axis drawn by itself.
//!
//! What an axis is about may then not matter in a scenario (a wrong code where none is asked): that is what makes it free. Were
//! all drawn in every scenario, hardly one sign-in would get as far as what comes after it: so more than half of the scenarios
//! leave out the axes that stand in its way (swarm testing: Groce and others, ISSTA 2012). A lie or a fault rarely meets what
//! it is about: half of the scenarios that have one are led to it. Weights are such that every rule gives a verdict fifty times
//! in 5,000 scenarios.

use proptest::bool::weighted;
use proptest::prelude::Strategy;
use proptest::strategy::BoxedStrategy;

use super::axes::{AXES, Axis};
use super::types::Scenario;

/// The axes that often keep a sign-in from reaching its end.
const OBSTACLES: [&str; 13] = [
    "name",
    "password",
    "allowed-flows",
    "user",
    "migration",
    "answers",
    "first-factors",
    "first-factor",
    "first-factor-by",
    "mfa-offered",
    "mfa-required",
    "mfa-enrolled",
    "codes",
];

/// Values of axes, by name.
type Values = &'static [(&'static str, &'static str)];

/// What a value of an axis needs in order to meet what it is about.
struct Lead {
    axis: &'static str,
    values: &'static [&'static str],
    to: Values,
}

const LEADS: &[Lead] = &[
    lead(
        "user",
        &["disabled"],
        &[("existence", "told"), ("act-1", "reset-password")],
    ),
    lead("mfa-enrolled", &["all"], &[("mfa-offered", "all")]),
    lead(
        "attack",
        &[
            "padded-day",
            "wrong-weekday",
            "unparsable-timestamp",
            "altered-secret-block",
            "other-users-name",
            "foreign-session",
        ],
        &[("flow", "userSRP")],
    ),
    lead(
        "attack",
        &["wrong-secret-hash", "missing-secret-hash"],
        &[("client-secret", "some")],
    ),
    lead(
        "attack",
        &["session-twice"],
        &[("flow", "customWithoutSRP"), ("custom", "two-rounds")],
    ),
    lead("attack", &["missing-password"], &[("flow", "userPassword")]),
    lead(
        "attack",
        &["first-refresh-token"],
        &[
            ("rotation", "on"),
            ("act-1", "session"),
            ("session-force", "yes"),
            ("act-2", "session"),
            ("last-session-force", "yes"),
            ("last-session-after", "after-six-minutes"),
        ],
    ),
    lead("attack", &["forged-refresh-token"], REFRESH),
    lead(
        "attack",
        &["refresh-without-secret"],
        &[
            ("client-secret", "some"),
            ("act-1", "session"),
            ("session-force", "yes"),
        ],
    ),
    lead(
        "attack",
        &["refresh-without-device"],
        &[
            ("devices", "tracked"),
            ("device-prompt", "no"),
            ("act-1", "session"),
            ("session-force", "yes"),
        ],
    ),
    lead(
        "attack",
        &["signed-out-tokens"],
        &[
            ("act-1", "sign-out"),
            ("sign-out-everywhere", "yes"),
            ("act-2", "sign-out"),
            ("last-sign-out-everywhere", "yes"),
            ("act-3", "session"),
            ("session-force", "yes"),
        ],
    ),
    lead(
        "fault",
        &[
            "bad-b",
            "bad-salt",
            "block-not-base64",
            "without-parameter",
            "unknown-challenge",
        ],
        &[
            ("flow", "userSRP"),
            ("fault-act", "0"),
            ("fault-request", "0"),
        ],
    ),
    lead(
        "fault",
        &["without-token", "server-error", "dropped"],
        &[
            ("act-1", "session"),
            ("session-force", "yes"),
            ("fault-act", "1"),
            ("fault-request", "0"),
        ],
    ),
    lead(
        "fault",
        &["error"],
        &[
            ("act-1", "sign-out"),
            ("sign-out-everywhere", "yes"),
            ("fault-act", "1"),
            ("fault-request", "0"),
        ],
    ),
    lead(
        "fault",
        &["meanwhile"],
        &[
            ("devices", "tracked"),
            ("device-prompt", "no"),
            ("act-1", "sign-in"),
            ("fault-act", "1"),
            ("fault-request", "0"),
        ],
    ),
];

const REFRESH: Values = &[("act-1", "session"), ("session-force", "yes")];

const fn lead(axis: &'static str, values: &'static [&'static str], to: Values) -> Lead {
    Lead { axis, values, to }
}

/// Scenarios that combine the values of all axes, as far as [`Scenario::check_limits`] accepts them. The id and the nonce are
/// the caller's to set.
pub fn free_scenarios() -> BoxedStrategy<Scenario> {
    let draws: Vec<_> = AXES.iter().copied().map(drawn).collect();
    (weighted(0.4), weighted(0.5), draws)
        .prop_map(|(has_obstacles, is_led, drawn)| {
            let led = match is_led {
                true => leads(&drawn, has_obstacles),
                false => &[],
            };
            let mut scenario = Scenario::plain("", 0);
            for (axis, at) in AXES.iter().copied().zip(drawn) {
                let led = led.iter().find(|(name, _)| *name == axis.name);
                let led = led.and_then(|(_, value)| axis.value(value));
                let is_obstacle = OBSTACLES.contains(&axis.name)
                    // What the service makes of a lie is lost with the answer to it.
                    || axis.name == "fault" && scenario.attack.is_some();
                let is_left_out =
                    is_obstacle && !has_obstacles || is_after_the_end(axis, &scenario);
                if led.is_none() && is_left_out {
                    continue;
                }
                let mut candidate = scenario.clone();
                (led.unwrap_or(&axis.values[at]).set)(&mut candidate);
                // A value that those before it exclude is left out, and the plainest stays.
                if candidate.check_limits().is_ok() {
                    scenario = candidate;
                }
            }
            scenario
        })
        .boxed()
}

/// Where the values that were drawn are led.
fn leads(drawn: &[usize], has_obstacles: bool) -> Values {
    let is_drawn = |lead: &&Lead| {
        if OBSTACLES.contains(&lead.axis) && !has_obstacles {
            return false;
        }
        let mut values = AXES
            .iter()
            .copied()
            .zip(drawn)
            .map(|(axis, at)| (axis, &axis.values[*at]));
        values.any(|(axis, value)| axis.name == lead.axis && lead.values.contains(&value.name))
    };
    LEADS.iter().find(is_drawn).map_or(&[], |lead| lead.to)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::axes::axis;

    #[test]
    fn what_free_scenarios_leave_out_or_are_led_to_are_axes_and_values() {
        let axis = |name: &str| axis(name).unwrap_or_else(|| panic!("{name} is no axis"));
        for name in OBSTACLES {
            axis(name);
        }
        for lead in LEADS {
            let values = lead.values.iter().map(|value| (lead.axis, *value));
            for (name, value) in values.chain(lead.to.iter().copied()) {
                assert!(axis(name).value(value).is_some(), "{name}={value}");
            }
        }
    }
}
