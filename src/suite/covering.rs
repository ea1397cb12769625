//! A covering array: scenarios that meet every possible pair of values, as few as may be.
//!
//! Each row begins with a pair that is still open, and takes for each other axis, in a drawn order, the value that closes most
//! pairs; of several such rows the best stays (AETG: Cohen and others, IEEE Transactions on Software Engineering 23, 1997). Values
//! need others and exclude each other, and obstacles are kept apart: rows without any come first.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::space::{MOST_OBSTACLES, Space};
use crate::scenario::axes::choice::{Choice, Draft, Place};
use crate::scenario::axes::{AXES, Pair, PairSet};

/// The rows of a covering array, in the order in which they are worth most.
pub fn rows(space: &Space, seed: [u8; 32]) -> Vec<Choice> {
    let mut making = Making {
        space,
        random: ChaCha8Rng::from_seed(seed),
        open: space.possible().clone(),
        most_obstacles: 0,
    };
    let mut rows = Vec::new();
    for most_obstacles in [0, MOST_OBSTACLES] {
        making.most_obstacles = most_obstacles;
        while let Some(row) = making.row() {
            rows.push(row);
        }
    }
    rows
}

struct Making<'a> {
    space: &'a Space,
    random: ChaCha8Rng,
    /// The pairs that no row has met.
    open: PairSet,
    /// How many obstacles a row may have.
    most_obstacles: usize,
}

impl Making<'_> {
    /// The next row; `None` where no pair is left.
    fn row(&mut self) -> Option<Choice> {
        let left: Vec<Pair> = Pair::all()
            .filter(|pair| self.open.contains(*pair))
            .filter(|pair| self.most_obstacles > 0 || self.space.is_calm(*pair))
            .collect();
        if left.is_empty() {
            return None;
        }
        let candidates = (0..CANDIDATES).filter_map(|_| {
            let pair = left[self.below(left.len())];
            let begun = Draft::new(self.space.allowed()).with(&[pair.first, pair.second]);
            // A possible pair can be begun with.
            let row = self.filled(begun.ok()?);
            let closed = self
                .space
                .met(&row)
                .filter(|pair| self.open.contains(*pair));
            Some((closed.count(), row))
        });
        let (_, row) = candidates.max_by_key(|(closed, _)| *closed)?;
        for pair in self.space.met(&row) {
            self.open.remove(pair);
        }
        Some(row)
    }

    /// A row of which some values are settled, with those that close most pairs beside them.
    fn filled(&mut self, mut draft: Draft<'_>) -> Choice {
        for axis in self.shuffled() {
            if draft.is_settled(axis) {
                continue;
            }
            let values = 0..AXES[axis].values.len();
            let better = values
                .filter_map(|value| draft.with(&[Place { axis, value }]).ok())
                .filter(|with| with.choice().obstacles() <= self.most_obstacles)
                .map(|with| (self.gain(&draft, &with), with))
                .max_by_key(|(gain, _)| *gain);
            if let Some((gain, with)) = better
                && gain > 0
            {
                draft = with;
            }
        }
        draft.choice().clone()
    }

    /// How many open pairs come with what one draft has settled beyond another.
    fn gain(&self, before: &Draft<'_>, after: &Draft<'_>) -> usize {
        let settled: Vec<Place> = after
            .choice()
            .places()
            .filter(|place| after.is_settled(place.axis))
            .collect();
        let new = settled
            .iter()
            .filter(|place| !before.is_settled(place.axis));
        let open = |new: &Place| {
            let others = settled.iter().filter(|other| {
                let counts_once = before.is_settled(other.axis) || other.axis < new.axis;
                counts_once && self.open.has(*new, **other)
            });
            others.count()
        };
        new.map(open).sum()
    }

    /// The axes in a drawn order.
    fn shuffled(&mut self) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..AXES.len()).collect();
        for at in (1..axes.len()).rev() {
            let other = self.below(at + 1);
            axes.swap(at, other);
        }
        axes
    }

    fn below(&mut self, bound: usize) -> usize {
        let drawn = self.random.next_u64() % bound.max(1) as u64;
        usize::try_from(drawn).unwrap_or_default()
    }
}

/// How many rows are tried for each that stays.
const CANDIDATES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Capabilities;

    #[test]
    fn rows_meet_every_possible_pair_and_there_are_at_most_as_many_as_a_run_has_time_for() {
        let space = Space::of(&Capabilities::everything());
        let rows = rows(&space, [1; 32]);
        let mut open = space.possible().clone();
        for row in &rows {
            for pair in space.met(row) {
                open.remove(pair);
            }
        }
        let left: Vec<String> = Pair::all()
            .filter(|pair| open.contains(*pair))
            .map(|pair| pair.to_string())
            .collect();
        assert_eq!(left, Vec::<String>::new());
        assert!(rows.len() <= 500, "{} rows", rows.len());
    }
}
