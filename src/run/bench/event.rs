//! What a measurement tells those who report. The runner itself prints nothing.

use serde::Serialize;

use super::advice::Advice;
use super::machine::Machine;
use super::stages::Breakdown;
use crate::run::bench::measure::{ClockKind, Measured, Ratio, Summary};
use crate::run::error::RunError;
use crate::run::event::Explanation;

/// One thing a measurement tells, in this order: `Started`; an `EngineMissing`, `Verified`, `Found` or `NotMeasured` for each
/// thing that was to be measured; when all rounds are over, a `Measured` for each candidate, `Found` for what went wrong
/// meanwhile; of a port a `Breakdown` and `Advice`; `Finished`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum BenchEvent {
    /// The measurement begins.
    Started(Box<Started>),
    /// An engine can't run on this machine.
    EngineMissing {
        /// Its name.
        engine: &'static str,
        /// Why.
        reason: String,
    },
    /// Something gives the right result, and will be timed.
    Verified {
        /// What, e.g. `srp/A`.
        what: String,
        /// How many values were compared.
        values: usize,
    },
    /// Something does not give the right result, and is not timed, or not any more.
    Found(Box<WrongResult>),
    /// Something can't be measured, and that is no fault.
    NotMeasured {
        /// What.
        what: String,
        /// Why not.
        reason: String,
    },
    /// The times of one candidate.
    Measured(Box<Figures>),
    /// Where the port's sign-in spends its time.
    Breakdown(Box<Breakdown>),
    /// What could make the port faster.
    Advice(Box<Advice>),
    /// The measurement is over.
    Finished(BenchSummary),
}

/// The head of a measurement.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    /// The port; `None` when the engines are measured alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Where it is measured.
    pub machine: Machine,
    /// The engines that are measured, the slowest first; the first is the reference.
    pub engines: Vec<&'static str>,
    /// The most rounds.
    pub rounds: usize,
    /// Wall time for all rounds, in milliseconds.
    pub budget_ms: u64,
    /// How many bits the private value has that the port computes with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_bits: Option<u64>,
}

/// A result that is not what it should be.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WrongResult {
    /// What was asked, e.g. `srp/A` or `sign-in userSRP`.
    pub what: String,
    /// How many times it was right while it was timed, the warm-up included.
    pub after_calls: usize,
    /// What is right.
    pub expected: String,
    /// What came.
    pub got: String,
    /// The known mistake that gives this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// The times of one candidate, in nanoseconds for one thing.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// What was measured, e.g. `g^a, 1024 bits` or `srp/S`. The same for all that are compared.
    pub what: String,
    /// Who did it: an engine's name, `port`, or `reference client`.
    pub by: String,
    /// How many were done side by side in one call.
    pub side_by_side: u32,
    /// The clock that was read.
    pub clock: ClockKind,
    /// How many calls make a sample.
    pub repetitions: u32,
    /// What the samples come to; `None` when there was no round.
    #[serde(flatten)]
    pub summary: Option<Summary>,
    /// How many times as long the reference takes for the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_takes: Option<Ratio>,
}

impl Figures {
    /// What a candidate came to; `reference` did the same.
    pub(super) fn of<E>(
        (what, by): (&str, &str),
        measured: &Measured<E>,
        reference: Option<&Measured<E>>,
    ) -> Self {
        Self {
            what: what.to_owned(),
            by: by.to_owned(),
            side_by_side: measured.items,
            clock: measured.clock,
            repetitions: measured.repetitions,
            summary: measured.summary(),
            reference_takes: reference.and_then(|reference| reference.ratio_to(measured)),
        }
    }

    /// The median in nanoseconds.
    pub fn median(&self) -> Option<f64> {
        self.summary.map(|summary| summary.median)
    }
}

/// The end of a measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BenchSummary {
    /// Whole rounds that count.
    pub rounds: usize,
    /// Rounds of warm-up.
    pub warm_up_rounds: usize,
    /// Candidates with at least one sample.
    pub measured: usize,
    /// Wrong results.
    pub findings: usize,
    /// How often the port's process had to be started again: each time its compilers begin anew.
    pub restarts: u32,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// How many times as long as its processor time the work of this program took by the wall: above 1 where others use the
    /// machine, too, and then a port's times are too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stretch: Option<f64>,
    /// Wall time of all of it, in milliseconds.
    pub elapsed_ms: u64,
}

/// What a measurement ends with.
#[derive(Debug)]
pub struct BenchOutcome {
    /// What there is.
    pub summary: BenchSummary,
    /// Why it could not go on to its end, if so.
    pub stopped: Option<RunError>,
}
