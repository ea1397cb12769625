//! A shim that crashes, is silent or breaks the protocol: in which smaller scenario it still does.
//!
//! Each silence takes a whole deadline. So a shorter one holds in the search, few scenarios are played, and fewer yet may hang.
//! What is slow and no more would look silent then: the smallest scenario is played once more with the deadline of the run, and
//! told only if the shim fails again.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::cases::Seen;
use super::finder::Finder;
use super::inquiry::Outcome;
use super::shrink::{Minimal, Search, shrink};
use crate::run::case::of_scenario;
use crate::run::error::RunError;
use crate::run::event::{Again, CaseReport, Failure, RunEvent};
use crate::run::requirement::Requirement;
use crate::run::worker::{CheckOptions, SubjectChoice, Worker};
use crate::scenario::Scenario;
use crate::suite::Part;
use crate::suite::scenarios::Sprout;

/// Looks for the smallest scenario; `None` where the shim does not fail in it again.
///
/// # Errors
/// When the port can't be driven any more.
pub(super) fn look_into(
    requirement: &Requirement,
    scenario: &Scenario,
    sprout: Option<Sprout>,
    counts: &dyn Fn(&Failure) -> bool,
    finder: &mut Finder<'_>,
) -> Result<Option<Outcome>, RunError> {
    let SubjectChoice::Shim { deadline, .. } = &finder.options.subject else {
        return Ok(None);
    };
    if finder.hangs_left == 0 {
        return Ok(None);
    }
    let options = finder.options;
    let mut worker = Worker::hurried(options, shortened(*deadline))?;
    let sink = &mut *finder.sink;
    let mut goes_on = |plays| {
        sink(RunEvent::Shrinking {
            requirement: requirement.clone(),
            plays,
        });
        !options.interrupted.load(Ordering::Relaxed)
    };
    let mut hangs = finder.hangs_left.min(MOST_HANGS);
    let spared = finder.hangs_left - hangs;
    let search = Search {
        requirement,
        parties: options.subject.parties(),
        most_plays: options.max_plays.min(MOST_PLAYS),
        goes_on: &mut goes_on,
        counts,
        witness: &mut finder.witness,
        hangs_left: &mut hangs,
    };
    let found = shrink(&mut worker.theatre, scenario, sprout, search);
    let found = worker.runtime.block_on(found);
    finder.hangs_left = spared + hangs;
    let Some(smallest) = found? else {
        return Ok(None);
    };
    let played = play(&smallest.scenario, counts, options)?;
    Ok(played.map(|(report, failure)| Outcome {
        minimal: Minimal {
            report,
            failure,
            ..smallest
        },
        again: Again { broken: 1, of: 1 },
        rare: Vec::new(),
    }))
}

/// A case as it is when it is played again; `None` where it is no scenario's, or does not fail again.
///
/// # Errors
/// When the port can't be driven any more.
pub(super) fn played_again<'a>(
    seen: &Seen<'a>,
    scenario: Option<&Scenario>,
    counts: &dyn Fn(&Failure) -> bool,
    options: &CheckOptions,
) -> Result<Option<Seen<'a>>, RunError> {
    let Some(scenario) = scenario else {
        return Ok(None);
    };
    let played = play(scenario, counts, options)?;
    Ok(played.map(|(report, failure)| Seen {
        report: Rc::new(report),
        // Whom it blames was settled by the right references.
        failure: Failure {
            blames: seen.failure.blames,
            ..failure
        },
        ..*seen
    }))
}

/// Plays a scenario before a port that was started anew; `None` where it does not fail.
fn play(
    scenario: &Scenario,
    counts: &dyn Fn(&Failure) -> bool,
    options: &CheckOptions,
) -> Result<Option<(CaseReport, Failure)>, RunError> {
    let mut worker = Worker::start(options)?;
    let parties = options.subject.parties();
    let report = of_scenario(&mut worker.theatre, scenario, Part::Generated, parties);
    let report = worker.runtime.block_on(report)?;
    let failure = report.failures.iter().find(|failure| counts(failure));
    Ok(failure.cloned().map(|failure| (report, failure)))
}

/// How long a call may take in a search.
fn shortened(deadline: Duration) -> Duration {
    (deadline / 4).max(SHORTEST).min(deadline)
}

/// What the slowest of right ports may take for a call.
const SHORTEST: Duration = Duration::from_secs(2);
/// The most scenarios to play in one search.
const MOST_PLAYS: usize = 20;
/// In how many plays of one search a call may hang.
pub(super) const MOST_HANGS: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_waits_a_quarter_as_long_and_neither_too_short_nor_longer_than_the_run() {
        let of = |seconds| shortened(Duration::from_secs(seconds)).as_secs();
        assert_eq!(of(20), 5);
        assert_eq!(of(4), 2, "not too short");
        assert_eq!(of(1), 1, "not longer");
    }
}
