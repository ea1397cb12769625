//! What a search needs of the run, and what becomes of errors in it.

use super::held::Held;
use super::shrink::Minimal;
use super::suspects::Suspects;
use crate::rules::{Finding, Party};
use crate::run::error::RunError;
use crate::run::event::{Blame, RunEvent};
use crate::run::known::Known;
use crate::run::play::Played;
use crate::run::randomness::first_public_value;
use crate::run::requirement::Requirement;
use crate::run::witness::Witness;
use crate::run::worker::{CheckOptions, Worker};
use crate::run::workers::runtime;
use crate::scenario::Scenario;
use crate::srp::{TELLING_A, WrongConstant};
use crate::suite::scenarios::Generator;
use crate::suite::{Case, Content};
use crate::wire::AuthFlowType;

/// What a search for the smallest scenario needs of the run.
pub(in crate::run) struct Finder<'a> {
    pub(in crate::run) options: &'a CheckOptions,
    pub(in crate::run) known: Option<&'a Known>,
    pub(in crate::run) generator: &'a Generator,
    pub(in crate::run) witness: Witness,
    pub(in crate::run) suspects: Suspects,
    pub(in crate::run) held: &'a Held,
    /// Whether nothing is played any more.
    pub(in crate::run) gives_up: bool,
    /// In how many more plays a call may hang where a shim's faults are looked into: each takes a whole deadline.
    pub(in crate::run) hangs_left: usize,
    /// What the harness itself did wrong in a search, the first of it.
    pub(in crate::run) fault: Option<RunError>,
    pub(in crate::run) sink: &'a mut dyn FnMut(RunEvent),
}

impl Finder<'_> {
    /// Takes note of an error in a search. It takes the search with it, and never what was found.
    pub(super) fn note(&mut self, error: RunError) {
        self.gives_up = true;
        if matches!(error, RunError::Harness(_)) {
            self.fault.get_or_insert(error);
        }
    }

    /// The constant that a port has wrong, if its public values are: a sign-in with a private value that tells it is played once.
    ///
    /// # Errors
    /// When the port can't be driven any more.
    fn wrong_constant(&self, rule: &str) -> Result<Option<WrongConstant>, RunError> {
        if rule != "srp.a-injected" || self.gives_up {
            return Ok(None);
        }
        let mut worker = Worker::start(self.options)?;
        worker.theatre.inject_private_value(TELLING_A.into());
        let scenario = Scenario {
            flow: Some(AuthFlowType::UserSrp),
            ..Scenario::plain("constants", 1)
        };
        let played = worker.runtime.block_on(worker.theatre.play(&scenario))?;
        let Played::Transcript(transcript) = played else {
            return Ok(None);
        };
        let public = first_public_value(&transcript);
        Ok(public.as_ref().and_then(WrongConstant::of))
    }

    /// Says in a finding which constant a port has wrong, if it does: the shim did as it was told then. A port that can't be
    /// driven any more takes that with it, and not the finding.
    pub(super) fn look_for_wrong_constant(&mut self, rule: &str, finding: &mut Finding) {
        match self.wrong_constant(rule) {
            Ok(Some(constant)) => {
                finding.blames = Some(Party::Port);
                finding.got = format!("{}: {constant}", finding.got);
            }
            Ok(None) => {}
            Err(error) => self.note(error),
        }
    }

    /// The known mistakes that the port may make, where the rule does not name them itself.
    pub(super) fn name(
        &mut self,
        requirement: &Requirement,
        minimal: &Minimal,
    ) -> Option<Vec<&'static str>> {
        // What a shim's own requests break, the same mistakes break.
        let is_of_port = matches!(minimal.failure.blames, Blame::Port | Blame::Shim)
            && matches!(requirement, Requirement::Rule(_));
        if minimal.failure.finding.explained_by.is_some() || !is_of_port {
            return None;
        }
        let held = self.held.of(&requirement.id());
        let named = runtime().and_then(|runtime| {
            let named = self
                .suspects
                .of(requirement, &minimal.report, &minimal.scenario, &held);
            Ok(runtime.block_on(named)?)
        });
        self.unless_it_failed(named)
    }

    /// Those of these mistakes that would not have broken a rule where the port held it; all of them where none is left.
    pub(super) fn unrefuted(
        &mut self,
        mistakes: Vec<String>,
        requirement: &Requirement,
    ) -> Vec<String> {
        let rule = requirement.id();
        let held = self.held.of(&rule);
        let kept = runtime().and_then(|runtime| {
            let kept = self.suspects.unrefuted(&mistakes, &rule, &held);
            Ok(runtime.block_on(kept)?)
        });
        match self.unless_it_failed(kept) {
            Some(kept) if !kept.is_empty() => kept,
            _ => mistakes,
        }
    }

    /// Whether one of these mistakes breaks a rule in a case, too; that nobody could say is no reason to tell it apart.
    pub(super) fn may_explain(
        &mut self,
        mistakes: &[&'static str],
        requirement: &Requirement,
        case: &Case,
    ) -> bool {
        let Content::Scenario(scenario) = &case.content else {
            return true;
        };
        let explains = runtime().and_then(|runtime| {
            let explains = self.suspects.may_explain(mistakes, requirement, scenario);
            Ok(runtime.block_on(explains)?)
        });
        self.unless_it_failed(explains).unwrap_or(true)
    }

    fn unless_it_failed<T>(&mut self, outcome: Result<T, RunError>) -> Option<T> {
        match outcome {
            Ok(it) => Some(it),
            Err(error) => {
                self.note(error);
                None
            }
        }
    }
}

/// In how many plays of a run a call may hang where a shim's faults are looked into.
pub(in crate::run) const HANGS: usize = 10;
