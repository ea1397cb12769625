//! Two values of two axes, and sets of them.

use std::sync::LazyLock;

use super::choice::{Allowed, Choice, Draft, Excluded, Place};
use super::list::AXES;

/// Two values of two axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair {
    /// Of the axis that comes first.
    pub first: Place,
    /// Of the axis that comes later.
    pub second: Place,
}

impl Pair {
    /// Every pair, possible or not.
    pub fn all() -> impl Iterator<Item = Self> {
        let all = Place::all();
        all.clone().flat_map(move |first| {
            let later = all.clone().filter(move |second| second.axis > first.axis);
            later.map(move |second| Self { first, second })
        })
    }

    /// The plainest choice that has both.
    ///
    /// # Errors
    /// Why there is none.
    pub fn choice(self, allowed: &Allowed) -> Result<Choice, Excluded> {
        let draft = Draft::new(allowed).with(&[self.first, self.second])?;
        Ok(draft.choice().clone())
    }
}

/// As `axis=value, axis=value`.
impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", self.first, self.second)
    }
}

/// A set of pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairSet(Vec<u64>);

impl Default for PairSet {
    fn default() -> Self {
        let values = *VALUES;
        Self(vec![0; (values * values).div_ceil(64)])
    }
}

impl PairSet {
    /// Puts one in, and says whether it was not in yet.
    pub fn insert(&mut self, pair: Pair) -> bool {
        let (word, bit) = at(pair.first, pair.second);
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    /// Takes one out, and says whether it was in.
    pub fn remove(&mut self, pair: Pair) -> bool {
        let (word, bit) = at(pair.first, pair.second);
        let was_in = self.0[word] & bit != 0;
        self.0[word] &= !bit;
        was_in
    }

    /// Whether it is in.
    pub fn contains(&self, pair: Pair) -> bool {
        let (word, bit) = at(pair.first, pair.second);
        self.0[word] & bit != 0
    }

    /// Whether these two are, whichever axis comes first.
    pub fn has(&self, one: Place, other: Place) -> bool {
        let (first, second) = match one.axis < other.axis {
            true => (one, other),
            false => (other, one),
        };
        self.contains(Pair { first, second })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Those of a choice.
    pub fn of(choice: &Choice) -> impl Iterator<Item = Pair> {
        let places = choice.places();
        places.clone().flat_map(move |first| {
            let later = places.clone().skip(first.axis + 1);
            later.map(move |second| Pair { first, second })
        })
    }
}

fn at(first: Place, second: Place) -> (usize, u64) {
    let bit = number(first) * *VALUES + number(second);
    (bit / 64, 1 << (bit % 64))
}

fn number(place: Place) -> usize {
    OFFSETS[place.axis] + place.value
}

/// How many values come before those of each axis.
static OFFSETS: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let mut before = 0;
    AXES.iter()
        .map(|axis| {
            let offset = before;
            before += axis.values.len();
            offset
        })
        .collect()
});

/// How many values there are.
static VALUES: LazyLock<usize> = LazyLock::new(|| AXES.iter().map(|axis| axis.values.len()).sum());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_a_scenario_that_has_both_or_a_reason_why_there_is_none() {
        let allowed = Allowed::everything();
        let (mut possible, mut reasons) = (0, std::collections::BTreeSet::new());
        for pair in Pair::all() {
            match pair.choice(&allowed) {
                Ok(choice) => {
                    let scenario = choice.scenario();
                    assert_eq!(scenario.check_limits(), Ok(()), "{pair}");
                    assert_eq!(Choice::of(&scenario), choice, "{pair}");
                    possible += 1;
                }
                Err(why) => {
                    reasons.insert(why.to_string());
                }
            }
        }
        assert!(possible > 15_000, "{possible} pairs are possible");
        let expected = "mfa-required=yes: the pool offers no second factor";
        assert!(reasons.contains(expected), "{reasons:#?}");
    }
}
