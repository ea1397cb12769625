//! The private values a that clients were given, as far as the pool was told.

use std::collections::VecDeque;

use super::undo::{Step, Undo};
use crate::srp::BigUint;

/// The private values of the rounds to come, in their order. No service knows them; steering needs them.
#[derive(Clone, Debug, Default)]
pub(in crate::pool) struct PrivateValues {
    to_come: VecDeque<BigUint>,
    /// Those that were taken, while that is written down.
    taken: Option<Vec<BigUint>>,
}

impl PrivateValues {
    /// More of them.
    pub(in crate::pool) fn tell(&mut self, values: impl IntoIterator<Item = BigUint>) {
        self.to_come.extend(values);
    }

    /// That of the next round.
    pub(in crate::pool) fn next(&mut self) -> Option<BigUint> {
        let value = self.to_come.pop_front()?;
        if let Some(taken) = &mut self.taken {
            taken.push(value.clone());
        }
        Some(value)
    }
}

impl Undo for PrivateValues {
    fn undo(&mut self, step: Step) {
        let taken = match step {
            Step::Begin => self.taken.replace(Vec::new()),
            Step::Keep | Step::TakeBack => self.taken.take(),
        };
        if step == Step::TakeBack {
            for value in taken.into_iter().flatten().rev() {
                self.to_come.push_front(value);
            }
        }
    }
}
