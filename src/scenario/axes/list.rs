//! Which axes there are.

use std::sync::LazyLock;

use super::axis::{Axis, Condition};
use super::{acts, challenges, disturbance, service, sign_in};

/// Every axis. Those whose values are set on what others have set come after them.
pub static AXES: LazyLock<Vec<&'static Axis>> = LazyLock::new(|| {
    [
        sign_in::AXES,
        service::AXES,
        challenges::AXES,
        acts::AXES,
        disturbance::AXES,
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// What is an obstacle together, while none of it is one by itself.
pub const DEAD_ENDS: &[Condition] = &[
    &[
        ("flow", &["customWithSRP", "customWithoutSRP"]),
        ("custom", &["none"]),
    ],
    &[
        (
            "file-flow",
            &["custom-with-srp", "custom-without-srp", "custom"],
        ),
        ("custom", &["none"]),
    ],
    &[("user", &["in-old-directory"]), ("migration", &["none"])],
];

/// The axis of this name.
pub fn axis(name: &str) -> Option<&'static Axis> {
    AXES.iter().copied().find(|axis| axis.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scenario::types::Scenario;

    #[test]
    fn the_plainest_scenario_has_the_plainest_value_of_every_axis() {
        let plain = Scenario::plain("t", 1);
        for axis in AXES.iter() {
            let plainest = axis.values.first().expect("an axis has values");
            assert!((plainest.holds)(&plain), "{}: {}", axis.name, plainest.name);
            assert!(!plainest.stops, "{}: {}", axis.name, plainest.name);
        }
    }

    #[test]
    fn names_are_unique_and_needs_name_axes_and_values_that_there_are() {
        let names: BTreeSet<_> = AXES.iter().map(|axis| axis.name).collect();
        assert_eq!(names.len(), AXES.len(), "axes");
        for axis in AXES.iter() {
            let values: BTreeSet<_> = axis.values.iter().map(|value| value.name).collect();
            assert_eq!(values.len(), axis.values.len(), "{}", axis.name);
            let of_values = axis.values.iter().filter_map(|value| value.needs);
            for need in of_values.chain(axis.needs) {
                for (name, needed) in need.any.iter().copied().flatten() {
                    let other = super::axis(name);
                    let other = other.unwrap_or_else(|| panic!("{}: {name} is no axis", axis.name));
                    for value in *needed {
                        assert!(
                            other.value(value).is_some(),
                            "{}: {name}={value}",
                            axis.name
                        );
                    }
                }
            }
        }
    }
}
