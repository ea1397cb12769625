//! What a check has met, of what its port can meet.

use std::collections::BTreeMap;

use serde::Serialize;

use super::steps::Steps;
use crate::record::Transcript;
use crate::scenario::Scenario;
use crate::scenario::axes::{Choice, Pair, PairSet};
use crate::suite::space::Space;

/// The measure, while a check goes on.
#[derive(Debug)]
pub(super) struct Coverage<'a> {
    space: &'a Space,
    met: PairSet,
    steps: Steps,
}

impl<'a> Coverage<'a> {
    /// Nothing was met.
    pub(super) fn new(space: &'a Space) -> Self {
        Self {
            space,
            met: PairSet::default(),
            steps: Steps::default(),
        }
    }

    /// A scenario was played.
    pub(super) fn played(&mut self, scenario: &Scenario, transcript: &Transcript) {
        self.steps.played(transcript);
        let choice = Choice::of(scenario);
        for pair in self.space.met(&choice) {
            self.met.insert(pair);
        }
    }

    /// What it comes to.
    pub(super) fn covered(&self) -> Covered {
        let possible = self.space.possible();
        let open = Pair::all().filter(|pair| possible.contains(*pair) && !self.met.contains(*pair));
        Covered {
            met: self.met.len(),
            possible: possible.len(),
            not_met: open.take(MOST_GAPS).map(|pair| pair.to_string()).collect(),
            not_offered: self.space.not_offered(),
            excluded: self.space.excluded().clone(),
            steps: self.steps.clone().finished(),
        }
    }
}

/// What was met: pairs of values of two axes, and steps.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Covered {
    /// How many of those that the port can meet.
    pub met: usize,
    /// How many it can meet.
    pub possible: usize,
    /// The first thousand of those that were not met, since no scenario that was played has both values and gets that far.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_met: Vec<String>,
    /// How many others need a value that the port does not offer.
    pub not_offered: usize,
    /// How many others exclude each other, by reason.
    pub excluded: BTreeMap<String, usize>,
    /// Which steps were taken.
    pub steps: Steps,
}

/// More names than anybody reads.
const MOST_GAPS: usize = 1000;
