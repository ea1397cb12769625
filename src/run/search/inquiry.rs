//! What comes of a failing case that is looked into: does it fail again, in what smaller scenario, by which rare value?
//!
//! | step | plays |
//! |---|---|
//! | the scenario as it is, before a port that was started anew | 1 |
//! | smaller ones, as long as it fails: [`shrink`](super::shrink) | bounded |
//! | the smallest, before another port that was started anew | 5 |
//! | the smallest with other names, salts and private values | 8 |
//! | the smallest with each rare value that none of the passing plays had | 8 at most, then 5 |
//!
//! How often something is played follows from nothing but what came of the plays before, never from the time.

use super::rare::Rare;
use super::shrink::{Minimal, Search, shrink};
use crate::run::case::of_scenario;
use crate::run::error::RunError;
use crate::run::event::{Again, CaseReport, Failure};
use crate::run::requirement::Requirement;
use crate::run::witness::Witness;
use crate::run::worker::{CheckOptions, Worker};
use crate::scenario::Scenario;
use crate::suite::Part;
use crate::suite::scenarios::{Sprout, nonce};

/// What is looked for, and how.
pub(in crate::run) struct Inquiry<'a> {
    /// The run.
    pub(in crate::run) options: &'a CheckOptions,
    /// What broke.
    pub(in crate::run) requirement: &'a Requirement,
    /// Who says whether right references conform.
    pub(in crate::run) witness: &'a mut Witness,
    /// In how many more plays of a search a call may hang.
    pub(in crate::run) hangs_left: &'a mut usize,
    /// Which failures of it count.
    pub(in crate::run) counts: &'a dyn Fn(&Failure) -> bool,
    /// Called after each play with the number of plays; `false` stops the search.
    pub(in crate::run) goes_on: &'a mut dyn FnMut(usize) -> bool,
}

/// What came of it.
pub(in crate::run) struct Outcome {
    /// The smallest scenario, or the failing one as it is where it comes and goes.
    pub(in crate::run) minimal: Minimal,
    /// How often that failed again.
    pub(in crate::run) again: Again,
    /// Rare values that the failing sign-in had and no passing play had.
    pub(in crate::run) rare: Vec<Rare>,
}

impl Outcome {
    /// Whether it comes and goes, and nothing in the transcript proves it.
    pub(in crate::run) fn is_intermittent(&self) -> bool {
        !self.again.is_always() && !self.minimal.failure.finding.proved
    }
}

/// What came of playing a scenario several times.
struct Plays {
    again: Again,
    /// The latest that failed.
    failed: Option<Minimal>,
    /// What the passing ones had.
    passed: Vec<Vec<Rare>>,
}

impl Inquiry<'_> {
    /// Looks into a case that failed.
    ///
    /// # Errors
    /// When the port can't be driven any more.
    pub(in crate::run) fn look_into(
        &mut self,
        first: Minimal,
        sprout: Option<Sprout>,
    ) -> Result<Outcome, RunError> {
        if let Some(smallest) = self.smallest(&first.scenario, sprout)? {
            let again = self.again(&smallest.scenario)?;
            let others = self.elsewhere(&smallest)?;
            // It fails with any names and values, but for those that the scenario asks for: else that had been made plain.
            if again.again.is_always() && others.passed.is_empty() {
                let mut rare = rare_of(&smallest);
                rare.retain(|rare| rare.is_asked(&smallest.scenario.steering));
                return Ok(Outcome {
                    minimal: smallest,
                    again: again.again,
                    rare,
                });
            }
            let passed = [again.passed, others.passed].concat();
            let rare = differing(&smallest, &passed);
            if let Some(pinned) = self.pinned(&smallest, &rare)? {
                return Ok(pinned);
            }
            if again.again.is_always() {
                return Ok(Outcome {
                    minimal: smallest,
                    again: again.again,
                    rare: rare.into_iter().filter(|rare| !rare.is_plain()).collect(),
                });
            }
        }
        self.comes_and_goes(first)
    }

    /// The smallest scenario that fails, `None` where it does not fail again as it is.
    fn smallest(
        &mut self,
        scenario: &Scenario,
        sprout: Option<Sprout>,
    ) -> Result<Option<Minimal>, RunError> {
        let Worker {
            runtime,
            mut theatre,
            ..
        } = Worker::start(self.options)?;
        let search = Search {
            requirement: self.requirement,
            parties: self.options.subject.parties(),
            most_plays: self.options.max_plays,
            goes_on: &mut *self.goes_on,
            counts: self.counts,
            witness: &mut *self.witness,
            hangs_left: &mut *self.hangs_left,
        };
        Ok(runtime.block_on(shrink(&mut theatre, scenario, sprout, search))?)
    }

    /// A failing case that a smaller one does not show again each time: by a rare value, or as it is.
    fn comes_and_goes(&mut self, first: Minimal) -> Result<Outcome, RunError> {
        let plays = self.again(&first.scenario)?;
        let rare = differing(&first, &plays.passed);
        for rare in &rare {
            let Some(scenario) = self.steered(&first.scenario, *rare)? else {
                continue;
            };
            if let Some(smallest) = self.smallest(&scenario, None)?
                && let Some(pinned) = self.holds(smallest, *rare)?
            {
                return Ok(pinned);
            }
        }
        Ok(Outcome {
            minimal: plays.failed.unwrap_or(first),
            again: plays.again,
            rare: rare.into_iter().filter(|rare| !rare.is_plain()).collect(),
        })
    }

    /// The scenario that asks for the one of these values under which it fails each time, whatever the others are.
    fn pinned(&mut self, smallest: &Minimal, rare: &[Rare]) -> Result<Option<Outcome>, RunError> {
        for rare in rare {
            let Some(scenario) = self.steered(&smallest.scenario, *rare)? else {
                continue;
            };
            let pinned = Minimal {
                scenario,
                ..smallest.clone()
            };
            if let Some(outcome) = self.holds(pinned, *rare)? {
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }

    /// Whether a scenario that asks for a value fails with any others, and each time.
    fn holds(&mut self, pinned: Minimal, rare: Rare) -> Result<Option<Outcome>, RunError> {
        if !self.elsewhere(&pinned)?.passed.is_empty() {
            return Ok(None);
        }
        let plays = self.again(&pinned.scenario)?;
        Ok(match plays.failed {
            Some(failed) if plays.again.is_always() => Some(Outcome {
                minimal: Minimal {
                    plays: pinned.plays,
                    ..failed
                },
                again: plays.again,
                rare: vec![rare],
            }),
            _ => None,
        })
    }

    /// The scenario that asks for a value; `None` where it can't be had, or convicts nobody.
    fn steered(&mut self, scenario: &Scenario, rare: Rare) -> Result<Option<Scenario>, RunError> {
        let mut steered = scenario.clone();
        rare.steer(&mut steered.steering);
        let runtime = crate::run::workers::runtime()?;
        let conforms = runtime.block_on(self.witness.conforms(&steered))?;
        Ok(conforms.then_some(steered))
    }

    /// Plays a scenario as it is, before a port that was started anew.
    fn again(&self, scenario: &Scenario) -> Result<Plays, RunError> {
        self.plays((0..PLAYS).map(|_| scenario.clone()))
    }

    /// Plays a scenario with other names, salts and private values. Only a sign-in with SRP has values that can be told apart.
    fn elsewhere(&mut self, minimal: &Minimal) -> Result<Plays, RunError> {
        let has_values = !rare_of(minimal).is_empty();
        let others = (0..ELSEWHERE).filter(|_| has_values).map(|at| Scenario {
            nonce: nonce(minimal.scenario.nonce, &format!("elsewhere/{at}")),
            ..minimal.scenario.clone()
        });
        let mut convicting = Vec::new();
        let runtime = crate::run::workers::runtime()?;
        for other in others {
            if runtime.block_on(self.witness.conforms(&other))? {
                convicting.push(other);
            }
        }
        self.plays(convicting.into_iter())
    }

    fn plays(&self, scenarios: impl Iterator<Item = Scenario>) -> Result<Plays, RunError> {
        let mut scenarios = scenarios.peekable();
        let mut plays = Plays {
            again: Again { broken: 0, of: 0 },
            failed: None,
            passed: Vec::new(),
        };
        if scenarios.peek().is_none() {
            return Ok(plays);
        }
        let mut worker = Worker::start(self.options)?;
        for scenario in scenarios {
            let report = worker.runtime.block_on(of_scenario(
                &mut worker.theatre,
                &scenario,
                Part::Generated,
                self.options.subject.parties(),
            ))?;
            plays.again.of += 1;
            match self.failure(&report) {
                Some(failure) => {
                    plays.again.broken += 1;
                    plays.failed = Some(Minimal {
                        scenario,
                        failure,
                        report,
                        plays: 0,
                    });
                }
                None => plays.passed.push(values_of(&report, None)),
            }
        }
        Ok(plays)
    }

    fn failure(&self, report: &CaseReport) -> Option<Failure> {
        let mut failures = report.failures.iter();
        let failure = failures
            .find(|failure| failure.requirement == *self.requirement && (self.counts)(failure));
        failure.cloned()
    }
}

/// The values of a failing play that none of the passing ones had, the rarest first.
fn differing(failed: &Minimal, passed: &[Vec<Rare>]) -> Vec<Rare> {
    let mut rare = rare_of(failed);
    rare.retain(|rare| !passed.iter().any(|had| had.contains(rare)));
    rare
}

fn rare_of(minimal: &Minimal) -> Vec<Rare> {
    values_of(&minimal.report, minimal.failure.finding.exchange)
}

fn values_of(report: &CaseReport, exchange: Option<usize>) -> Vec<Rare> {
    let transcript = report.transcript.as_deref();
    transcript.map_or_else(Vec::new, |transcript| Rare::of(transcript, exchange))
}

/// How often a scenario is played to see whether it fails each time: what fails once in five by chance passes for certain
/// once in 3125.
const PLAYS: usize = 5;
/// How often with other values: a value that every other sign-in has is missed once in 256.
const ELSEWHERE: usize = 8;
