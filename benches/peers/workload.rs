//! What is measured side by side, and with how much effort.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cognito_conformance::run::bench::measure::{
    Candidate, Measured, Measurements, Plan, SystemClock, measure,
};
use cognito_conformance::srp::modexp::EngineName;

/// The results of candidates that took turns.
#[derive(Debug)]
pub struct Workload {
    /// Its name, e.g. `base^e 1024`.
    pub name: String,
    /// Rounds that count.
    pub rounds: usize,
    /// One result a candidate.
    pub results: Vec<Result>,
}

/// What one candidate took.
pub type Result = Measured<String>;

/// How much to measure.
#[derive(Clone, Debug)]
pub struct Effort {
    /// For work within this process.
    pub plan: Plan,
    /// For runs of the program.
    pub runs: Plan,
    /// Scenarios in a run of the program.
    pub cases: u32,
    /// Whether times mean nothing.
    pub is_quick: bool,
}

impl Effort {
    /// Enough for figures that can be shown.
    pub fn whole(rounds: usize, cases: u32) -> Self {
        Self {
            plan: Plan {
                warm_up_rounds: 3,
                rounds,
                budget: Duration::from_secs(120),
                shortest_sample: Duration::from_millis(1),
            },
            runs: Plan {
                warm_up_rounds: 1,
                rounds: rounds.min(MOST_RUNS),
                budget: Duration::from_secs(600),
                shortest_sample: Duration::ZERO,
            },
            cases,
            is_quick: false,
        }
    }

    /// Just enough to see that everything runs.
    pub fn quick() -> Self {
        let plan = Plan {
            warm_up_rounds: 1,
            rounds: 2,
            budget: Duration::from_secs(10),
            shortest_sample: Duration::ZERO,
        };
        Self {
            runs: Plan {
                rounds: 1,
                ..plan.clone()
            },
            plan,
            cases: 10,
            is_quick: true,
        }
    }
}

impl Workload {
    /// Lets candidates take turns. Why one could not go on is in its result.
    pub fn measure(name: String, candidates: Vec<Candidate<'_, String>>, plan: &Plan) -> Self {
        eprintln!("measuring: {name}");
        let never = AtomicBool::new(false);
        let Measurements {
            results, rounds, ..
        } = measure(candidates, plan, &SystemClock::new(), &never, &mut |_| {});
        Self {
            name,
            rounds,
            results,
        }
    }

    /// The result of the candidate of this name.
    pub fn find(&self, name: &str) -> Option<&Result> {
        self.results.iter().find(|result| result.name == name)
    }

    /// The fastest of the candidates whose names begin so, by their medians.
    pub fn fastest(&self, beginning: &str) -> Option<&Result> {
        self.results
            .iter()
            .filter(|result| result.name.starts_with(beginning))
            .filter_map(|result| Some((result.summary()?.median, result)))
            .min_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, result)| result)
    }
}

/// What an engine is called in the tables.
pub fn engine_name(engine: EngineName, side_by_side: bool) -> String {
    let how = if side_by_side {
        ", eight side by side"
    } else {
        ""
    };
    format!("{engine} engine{how}")
}

/// Runs of the program take seconds.
const MOST_RUNS: usize = 7;
