//! Plays one scenario again.

use super::audition::audition;
use super::error::RunError;
use super::event::CaseReport;
use super::worker::{CheckOptions, Worker};
use crate::rules::{Judgement, judge};
use crate::scenario::Scenario;
use crate::suite::Part;

use super::case::{concealed, judged, of_scenario};

/// What came of a replay.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The case, with its transcript when it was applicable.
    pub report: CaseReport,
    /// Every verdict; empty when it was not applicable.
    pub judgement: Judgement,
}

/// Plays a scenario with the subject of the options.
///
/// # Errors
/// See [`RunError`].
pub fn replay(options: &CheckOptions, scenario: &Scenario) -> Result<Replayed, RunError> {
    let mut worker = Worker::start(options)?;
    let audition = worker.runtime.block_on(audition(&mut worker.theatre))?;
    if audition.signs_out_first {
        worker.theatre.sign_out_first();
    }
    let parties = options.subject.parties();
    let mut report = worker.runtime.block_on(of_scenario(
        &mut worker.theatre,
        scenario,
        Part::Generated,
        parties,
    ))?;
    if !report.failures.is_empty() {
        report.acquit(worker.runtime.block_on(worker.witness.breaks(scenario))?);
    }
    let judgement = match &report.transcript {
        Some(transcript) => concealed(judge(transcript, judged(scenario, parties))?, transcript),
        None => Judgement {
            verdicts: Vec::new(),
        },
    };
    Ok(Replayed { report, judgement })
}
