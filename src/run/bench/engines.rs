//! How the engines of this machine are measured: powers, and whole steps of either side, all interleaved in one run.

use std::hint::black_box;
use std::time::Duration;

use super::event::{BenchEvent, BenchOutcome, BenchSummary, Figures, Started};
use super::machine::Machine;
use super::options::BenchOptions;
use super::work::{Kind, Work};
use crate::run::bench::measure::{Candidate, Clock, Step, measure};
use crate::run::error::RunError;
use crate::srp::modexp::{Engine, EngineName};

/// Measures every engine of this machine. What each gives is compared with the reference first.
///
/// # Errors
/// When an engine computes something else than the reference: that is a fault of this program.
pub fn engines(
    options: &BenchOptions,
    clock: &dyn Clock,
    sink: &mut dyn FnMut(BenchEvent),
    progress: &mut dyn FnMut(Step),
) -> Result<BenchOutcome, RunError> {
    let engines: Vec<_> = Engine::available().collect();
    sink(BenchEvent::Started(Box::new(Started {
        subject: None,
        machine: Machine::this(),
        engines: names(&engines),
        rounds: options.rounds,
        budget_ms: milliseconds(options.budget),
        private_bits: None,
    })));
    tell_missing(sink);
    let work: Vec<_> = Kind::ALL
        .into_iter()
        .flat_map(|kind| [false, true].map(|eight| Work::new(kind, eight)))
        .collect();
    for work in &work {
        verify(work, &engines)?;
    }
    for engine in &engines {
        sink(BenchEvent::Verified {
            what: engine.name().to_string(),
            values: work.iter().map(|work| work.items() as usize).sum(),
        });
    }
    let pairs: Vec<_> = work
        .iter()
        .flat_map(|work| engines.iter().map(move |engine| (work, *engine)))
        .collect();
    let candidates = pairs
        .iter()
        .map(|&(work, engine)| {
            Candidate::<std::convert::Infallible>::new(
                work.kind().to_string(),
                work.items(),
                move || {
                    // Verified before: none of these can fail.
                    let _ = black_box(black_box(work).run(engine));
                },
            )
        })
        .collect();
    let done = measure(
        candidates,
        &options.plan(SHORTEST_SAMPLE),
        clock,
        &options.interrupted,
        progress,
    );
    let per_work = engines.len().max(1);
    for (at, (measured, (work, engine))) in done.results.iter().zip(&pairs).enumerate() {
        // The slowest engine comes first for each work, and that is the reference.
        let reference = &done.results[at - at % per_work];
        let what = work.kind().to_string();
        sink(BenchEvent::Measured(Box::new(Figures::of(
            (&what, engine.name().as_str()),
            measured,
            Some(reference),
        ))));
    }
    let summary = BenchSummary {
        rounds: done.rounds,
        warm_up_rounds: done.warm_up_rounds,
        measured: done
            .results
            .iter()
            .filter(|result| result.summary().is_some())
            .count(),
        interrupted: done.interrupted,
        stretch: done.stretch,
        elapsed_ms: milliseconds(done.elapsed),
        ..BenchSummary::default()
    };
    sink(BenchEvent::Finished(summary));
    Ok(BenchOutcome {
        summary,
        stopped: None,
    })
}

/// Tells which engines can't run here, and why.
pub(super) fn tell_missing(sink: &mut dyn FnMut(BenchEvent)) {
    for name in EngineName::ALL {
        if let Err(error) = name.engine() {
            sink(BenchEvent::EngineMissing {
                engine: name.as_str(),
                reason: error.to_string(),
            });
        }
    }
}

pub(super) fn names(engines: &[Engine]) -> Vec<&'static str> {
    engines
        .iter()
        .map(|engine| engine.name().as_str())
        .collect()
}

pub(super) fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Compares what every engine gives, and what the rest of the program gives.
fn verify(work: &Work, engines: &[Engine]) -> Result<(), RunError> {
    let fault = |who: &str, error: &str| {
        RunError::Harness(format!("{}, computed by {who}: {error}", work.kind()))
    };
    let mut expected = None;
    for engine in engines {
        let name = engine.name().as_str();
        let got = work
            .run(*engine)
            .map_err(|error| fault(name, &error.to_string()))?;
        if *expected.get_or_insert_with(|| got.clone()) != got {
            return Err(fault(name, "it is not what the reference gives"));
        }
    }
    match work.by_the_book() {
        None => Ok(()),
        Some(Ok(book)) if Some(&book) == expected.as_ref() => Ok(()),
        Some(Ok(_)) => Err(fault(
            "the engine in use",
            "it is not what the reference gives",
        )),
        Some(Err(error)) => Err(fault("the engine in use", &error.to_string())),
    }
}

/// So long that reading the clock is no part of it.
const SHORTEST_SAMPLE: Duration = Duration::from_micros(200);
