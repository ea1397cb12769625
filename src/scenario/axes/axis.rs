//! What an axis and a value are, and what a value needs.

use crate::scenario::types::Scenario;

/// Something about a scenario that can be varied by itself.
#[derive(Debug)]
pub struct Axis {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// What every value but the plainest needs before it means anything.
    pub needs: Option<Need>,
    /// Its values, the plainest first.
    pub values: &'static [Value],
}

/// One value of an axis.
pub struct Value {
    /// Its name, unique on its axis.
    pub name: &'static str,
    /// How often the free strategy draws it, in relation to the other values of the axis.
    pub weight: u32,
    /// Sets it.
    pub set: fn(&mut Scenario),
    /// Whether a scenario has it.
    pub holds: fn(&Scenario) -> bool,
    /// What it needs beside what its axis needs.
    pub needs: Option<Need>,
    /// Whether it is an obstacle: what a sign-in, or an act after it, may not get past.
    pub stops: bool,
}

/// What a value needs of other axes: one of several conditions, each about one or more of them.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// The conditions.
    pub any: &'static [Condition],
    /// What is missing where none holds.
    pub otherwise: &'static str,
}

/// For each of these axes, the values of which it must have one; an empty list stands for all but the plainest.
pub type Condition = &'static [(&'static str, &'static [&'static str])];

/// All but the plainest value.
pub const SOME: &[&str] = &[];

impl Axis {
    /// The value of this name.
    pub fn value(&self, name: &str) -> Option<&'static Value> {
        self.values.iter().find(|value| value.name == name)
    }
}

impl Value {
    pub(super) const fn new(
        name: &'static str,
        weight: u32,
        set: fn(&mut Scenario),
        holds: fn(&Scenario) -> bool,
    ) -> Self {
        Self {
            name,
            weight,
            set,
            holds,
            needs: None,
            stops: false,
        }
    }

    pub(super) const fn needs(mut self, need: Need) -> Self {
        self.needs = Some(need);
        self
    }

    pub(super) const fn stops(mut self) -> Self {
        self.stops = true;
        self
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A value that is one member of the scenario.
macro_rules! is {
    ($name:literal, $weight:literal, $($member:ident).+ = $value:expr) => {
        crate::scenario::axes::axis::Value::new(
            $name,
            $weight,
            |s| s.$($member).+ = $value,
            |s| s.$($member).+ == $value,
        )
    };
}
pub(super) use is;
