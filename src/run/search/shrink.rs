//! The smallest scenario that still breaks a rule.
//!
//! What shrinks is a scenario, never octets. First proptest's own tree goes through its simplifications; then each field
//! that is not plain is made plain. A smaller scenario counts only if right references conform in it: else a true finding
//! would slide into a scenario that accuses everybody. It is played again, across the process boundary if the port is one,
//! and kept if the same rule breaks.

use std::collections::HashSet;

use super::plainer::plainer;
use crate::rules::Party;
use crate::run::case::of_scenario;
use crate::run::event::{CaseReport, Failure};
use crate::run::play::{PlayError, Theatre};
use crate::run::requirement::{Requirement, ShimDuty};
use crate::run::witness::Witness;
use crate::scenario::Scenario;
use crate::suite::Part;
use crate::suite::fit::fitted;
use crate::suite::scenarios::Sprout;

/// A minimal scenario and what it breaks.
#[derive(Clone, Debug)]
pub struct Minimal {
    /// The scenario.
    pub scenario: Scenario,
    /// What came of it.
    pub report: CaseReport,
    /// How it breaks the rule.
    pub failure: Failure,
    /// Scenarios that were played in the search.
    pub plays: usize,
}

/// What bounds a search.
pub struct Search<'a> {
    /// What has to stay broken.
    pub requirement: &'a Requirement,
    /// Whom to judge.
    pub parties: &'a [Party],
    /// The most scenarios to play.
    pub most_plays: usize,
    /// Called after each play with the number of plays; `false` stops the search.
    pub goes_on: &'a mut dyn FnMut(usize) -> bool,
    /// Which failures of it count.
    pub counts: &'a dyn Fn(&Failure) -> bool,
    /// Who says whether right references conform in a scenario.
    pub witness: &'a mut Witness,
    /// In how many more plays a call may hang. Each takes a whole deadline, so the search ends with the last.
    pub hangs_left: &'a mut usize,
}

/// Finds the smallest scenario.
///
/// Returns `None` when the rule is not broken when the scenario is played again.
///
/// # Errors
/// When the port can't be driven any more.
pub async fn shrink(
    theatre: &mut Theatre,
    start: &Scenario,
    sprout: Option<Sprout>,
    mut search: Search<'_>,
) -> Result<Option<Minimal>, PlayError> {
    let mut plays = 0;
    let Some(mut best) = search.broken(theatre, start, &mut plays).await? else {
        return Ok(None);
    };
    let offered = theatre.offered();
    let mut tried = HashSet::from([serde_json::to_string(start)?]);
    if let Some(mut sprout) = sprout {
        let mut moved = sprout.simplify();
        while moved && search.may_go_on(plays) {
            let candidate = match &offered {
                Some(offered) => fitted(&sprout.current(), offered),
                None => sprout.current(),
            };
            let is_better = candidate == best.scenario
                || tried.insert(serde_json::to_string(&candidate)?)
                    && search
                        .improve(theatre, &mut best, candidate, &mut plays)
                        .await?;
            moved = match is_better {
                true => sprout.simplify(),
                false => sprout.complicate(),
            };
        }
    }
    // Plain fields first where proptest's alternatives depend on each other.
    let mut improved = true;
    while improved && search.may_go_on(plays) {
        improved = false;
        for candidate in plainer(&best.scenario) {
            if !search.may_go_on(plays) {
                break;
            }
            if !tried.insert(serde_json::to_string(&candidate)?) {
                continue;
            }
            if search
                .improve(theatre, &mut best, candidate, &mut plays)
                .await?
            {
                improved = true;
                break;
            }
        }
    }
    best.plays = plays;
    Ok(Some(best))
}

impl Search<'_> {
    fn may_go_on(&mut self, plays: usize) -> bool {
        plays < self.most_plays && *self.hangs_left > 0 && (self.goes_on)(plays)
    }

    async fn improve(
        &mut self,
        theatre: &mut Theatre,
        best: &mut Minimal,
        candidate: Scenario,
        plays: &mut usize,
    ) -> Result<bool, PlayError> {
        if !self.witness.conforms(&candidate).await? {
            return Ok(false);
        }
        let Some(better) = self.broken(theatre, &candidate, plays).await? else {
            return Ok(false);
        };
        *best = better;
        Ok(true)
    }

    /// Plays a scenario, and says how it breaks the rule if it does.
    async fn broken(
        &mut self,
        theatre: &mut Theatre,
        scenario: &Scenario,
        plays: &mut usize,
    ) -> Result<Option<Minimal>, PlayError> {
        *plays += 1;
        let report = of_scenario(theatre, scenario, Part::Generated, self.parties).await?;
        if has_hung(&report) {
            *self.hangs_left = self.hangs_left.saturating_sub(1);
        }
        let failure = report
            .failures
            .iter()
            .find(|failure| failure.requirement == *self.requirement && (self.counts)(failure))
            .cloned();
        Ok(failure.map(|failure| Minimal {
            scenario: scenario.clone(),
            report,
            failure,
            plays: *plays,
        }))
    }
}

fn has_hung(report: &CaseReport) -> bool {
    let silence = Requirement::Shim(ShimDuty::Answers);
    let mut failures = report.failures.iter();
    failures.any(|failure| failure.requirement == silence)
}
