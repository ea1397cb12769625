//! What to measure, and for how long.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::run::bench::measure::Plan;

/// What to measure, and for how long.
#[derive(Clone, Debug)]
pub struct BenchOptions {
    /// The most rounds.
    pub rounds: usize,
    /// Wall time for all rounds and the warm-up; what is checked before is not in it.
    pub budget: Duration,
    /// How many bits the client's private value has that a port is asked to compute with.
    pub private_bits: u64,
    /// Set from outside to stop after the work in hand.
    pub interrupted: Arc<AtomicBool>,
}

/// A port to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortCommand {
    /// The command that starts its shim.
    pub command: String,
    /// How long one call may take.
    pub deadline: Duration,
}

impl BenchOptions {
    pub(super) fn plan(&self, shortest_sample: Duration) -> Plan {
        Plan {
            warm_up_rounds: WARM_UP_ROUNDS,
            rounds: self.rounds,
            budget: self.budget,
            shortest_sample,
        }
    }
}

/// A compiler at run time has seen the loops of a power many thousand times after the first of them already; what is cheap is
/// called a few times more before it counts.
const WARM_UP_ROUNDS: usize = 3;
