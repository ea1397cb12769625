//! One value of each axis, and what of it can be together.

use std::sync::LazyLock;

use super::axis::{Axis, Condition, Need, Value};
use super::list::{AXES, DEAD_ENDS};
use crate::scenario::types::Scenario;

/// One value of one axis, by their places in [`AXES`] and on the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Of the axis.
    pub axis: usize,
    /// On the axis.
    pub value: usize,
}

/// One value of each axis, by its place on the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice(Vec<usize>);

/// Which values may be chosen.
#[derive(Clone, Debug)]
pub struct Allowed(Vec<u64>);

impl Place {
    /// Every value of every axis.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let of = |(axis, it): (usize, &&'static Axis)| {
            (0..it.values.len()).map(move |value| Self { axis, value })
        };
        AXES.iter().enumerate().flat_map(of)
    }

    /// The place of a value of an axis, by their names.
    pub fn named(axis: &str, value: &str) -> Option<Self> {
        let at = AXES.iter().position(|other| other.name == axis)?;
        let value = AXES[at]
            .values
            .iter()
            .position(|other| other.name == value)?;
        Some(Self { axis: at, value })
    }

    /// The axis.
    pub fn axis(self) -> &'static Axis {
        AXES[self.axis]
    }

    /// The value.
    pub fn value(self) -> &'static Value {
        &self.axis().values[self.value]
    }

    /// What it needs of other axes.
    fn needs(self) -> impl Iterator<Item = &'static Ready> {
        static NONE: &[Ready] = &[];
        let needs = match self.value {
            0 => NONE,
            _ => &NEEDS[self.axis][self.value],
        };
        needs.iter()
    }

    fn bit(self) -> u64 {
        1 << self.value
    }
}

/// As `axis=value`.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.axis().name, self.value().name)
    }
}

impl Choice {
    /// The plainest value of each.
    pub fn plainest() -> Self {
        Self(vec![0; AXES.len()])
    }

    /// What a scenario has; of an axis of which it has none, the plainest.
    pub fn of(scenario: &Scenario) -> Self {
        let held = |axis: &&'static Axis| {
            let holds = |value: &Value| (value.holds)(scenario);
            axis.values.iter().position(holds).unwrap_or_default()
        };
        Self(AXES.iter().map(held).collect())
    }

    /// The scenario, without an id.
    pub fn scenario(&self) -> Scenario {
        let mut scenario = Scenario::plain("", 0);
        for place in self.places().filter(|place| place.value > 0) {
            (place.value().set)(&mut scenario);
        }
        scenario
    }

    /// The value of each axis.
    pub fn places(&self) -> impl Iterator<Item = Place> + Clone {
        let places = self.0.iter().enumerate();
        places.map(|(axis, value)| Place {
            axis,
            value: *value,
        })
    }

    /// The value of an axis.
    pub fn at(&self, axis: usize) -> usize {
        self.0[axis]
    }

    /// Chooses a value.
    pub fn set(&mut self, place: Place) {
        self.0[place.axis] = place.value;
    }

    /// How many obstacles stand in the way of its sign-ins and acts.
    pub fn obstacles(&self) -> usize {
        let values = self.places().filter(|place| place.value().stops).count();
        let together = DEAD_ENDS_READY.iter().filter(|all| self.meets(all));
        values + together.count()
    }

    fn meets(&self, all: &[(usize, u64)]) -> bool {
        all.iter()
            .all(|(axis, values)| values & (1 << self.0[*axis]) != 0)
    }
}

impl Allowed {
    /// All of them.
    pub fn everything() -> Self {
        Self(AXES.iter().map(|axis| all_of(axis)).collect())
    }

    /// Whether this one is.
    pub fn contains(&self, place: Place) -> bool {
        self.0[place.axis] & place.bit() != 0
    }

    /// Takes one out.
    pub fn remove(&mut self, place: Place) {
        self.0[place.axis] &= !place.bit();
    }
}

/// A choice that is being made: some axes have got their values, the others still have their plainest.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    choice: Choice,
    /// The axes whose values stay, in the order in which they got them.
    settled: Vec<bool>,
    allowed: &'a Allowed,
}

impl<'a> Draft<'a> {
    /// Nothing is settled.
    pub fn new(allowed: &'a Allowed) -> Self {
        Self {
            choice: Choice::plainest(),
            settled: vec![false; AXES.len()],
            allowed,
        }
    }

    /// The choice as it stands.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// Whether an axis has got its value.
    pub fn is_settled(&self, axis: usize) -> bool {
        self.settled[axis]
    }

    /// The same with these values, and with what they need.
    ///
    /// # Errors
    /// Why they can't be together, or with what is settled.
    pub fn with(&self, places: &[Place]) -> Result<Self, Excluded> {
        let mut draft = self.clone();
        for place in places {
            draft.settle(*place)?;
        }
        draft.complete()
    }

    fn settle(&mut self, place: Place) -> Result<(), Excluded> {
        let holds = self.choice.at(place.axis);
        if self.settled[place.axis] && holds != place.value {
            return Err(Excluded::Other(Place {
                axis: place.axis,
                value: holds,
            }));
        }
        if !self.allowed.contains(place) {
            return Err(Excluded::NotAllowed(place));
        }
        self.choice.set(place);
        self.settled[place.axis] = true;
        Ok(())
    }

    /// Settles what its values need, in the first way that is possible.
    fn complete(self) -> Result<Self, Excluded> {
        let unmet = self.choice.places().find_map(|place| {
            let unmet = place.needs().find(|need| !self.is_met(need));
            unmet.map(|need| (place, need))
        });
        let Some((place, need)) = unmet else {
            return Ok(self);
        };
        let mut excluded = Excluded::Unmet(place, need.otherwise);
        for condition in &need.any {
            match self.meeting(condition) {
                Ok(met) => return Ok(met),
                Err(Excluded::NotAllowed(place)) => excluded = Excluded::NotAllowed(place),
                Err(_) => {}
            }
        }
        Err(excluded)
    }

    /// The same with a condition met, and all that this needs.
    fn meeting(&self, condition: &[(usize, u64)]) -> Result<Self, Excluded> {
        let mut draft = self.clone();
        for (axis, values) in condition {
            let holds = draft.choice.at(*axis);
            let value = match values & (1 << holds) != 0 {
                true => holds,
                false => {
                    let allowed = values & self.allowed.0[*axis];
                    let first = if allowed == 0 { values } else { &allowed };
                    first.trailing_zeros() as usize
                }
            };
            draft.settle(Place { axis: *axis, value })?;
        }
        draft.complete()
    }

    fn is_met(&self, need: &Ready) -> bool {
        need.any.iter().any(|all| {
            // A plainest value that is not settled may still change.
            let is_settled = all.iter().all(|(axis, _)| self.settled[*axis]);
            is_settled && self.choice.meets(all)
        })
    }
}

/// Why values can't be together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// The axis has this value.
    Other(Place),
    /// This one may not be chosen.
    NotAllowed(Place),
    /// What this one needs isn't there.
    Unmet(Place, &'static str),
}

impl std::fmt::Display for Excluded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Other(place) => write!(f, "{place} stands in its place"),
            Self::NotAllowed(place) => write!(f, "{place} is not offered"),
            Self::Unmet(place, otherwise) => write!(f, "{place}: {otherwise}"),
        }
    }
}

/// A need by places.
struct Ready {
    any: Vec<Vec<(usize, u64)>>,
    otherwise: &'static str,
}

/// What the values of each axis need.
static NEEDS: LazyLock<Vec<Vec<Vec<Ready>>>> = LazyLock::new(|| {
    let of = |axis: &&'static Axis| {
        // What says more comes first: what it settles meets the other as well.
        let needs = |value: &Value| value.needs.iter().chain(&axis.needs).map(ready).collect();
        axis.values.iter().map(needs).collect()
    };
    AXES.iter().map(of).collect()
});

static DEAD_ENDS_READY: LazyLock<Vec<Vec<(usize, u64)>>> =
    LazyLock::new(|| DEAD_ENDS.iter().map(|all| by_place(all)).collect());

fn ready(need: &Need) -> Ready {
    Ready {
        any: need.any.iter().map(|all| by_place(all)).collect(),
        otherwise: need.otherwise,
    }
}

/// A condition by places. What names no axis or value of ours never holds; a test keeps that from happening.
fn by_place(condition: Condition) -> Vec<(usize, u64)> {
    let by_place = |(name, values): &(&str, &[&str])| {
        let at = AXES.iter().position(|axis| axis.name == *name);
        let axis = at.unwrap_or_default();
        let named = values
            .iter()
            .filter_map(|value| Place::named(name, value))
            .fold(0, |all, place| all | place.bit());
        match values.is_empty() {
            true => (axis, all_of(AXES[axis]) & !1),
            false => (axis, named),
        }
    };
    condition.iter().map(by_place).collect()
}

/// A bit for each value of an axis.
fn all_of(axis: &Axis) -> u64 {
    (1 << axis.values.len()) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_what_its_scenario_holds() {
        let allowed = Allowed::everything();
        for place in Place::all() {
            let draft = Draft::new(&allowed).with(&[place]);
            let draft = draft.unwrap_or_else(|why| panic!("{place} is possible: {why}"));
            let scenario = draft.choice().scenario();
            assert_eq!(scenario.check_limits(), Ok(()), "{place}");
            let held = Choice::of(&scenario);
            for (chosen, held) in draft.choice().places().zip(held.places()) {
                assert_eq!(chosen, held, "of {place}: {chosen} became {held}");
            }
        }
    }

    #[test]
    fn what_comes_to_nothing_together_is_an_obstacle() {
        let allowed = Allowed::everything();
        let obstacles = |named: &[(&str, &str)]| {
            let places: Vec<_> = named
                .iter()
                .map(|(axis, value)| Place::named(axis, value).expect("a value"))
                .collect();
            let draft = Draft::new(&allowed).with(&places).expect("it is possible");
            draft.choice().obstacles()
        };
        assert_eq!(obstacles(&[]), 0, "the plainest");
        assert_eq!(obstacles(&[("password", "wrong"), ("name", "sub")]), 2);
        assert_eq!(obstacles(&[("flow", "customWithSRP")]), 1, "no triggers");
        let with_triggers = [("flow", "customWithSRP"), ("custom", "one-round")];
        assert_eq!(obstacles(&with_triggers), 0);
    }
}
