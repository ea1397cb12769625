//! A symptom that some cases showed: in which scenario the smallest, and by which mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::inquiry::{Inquiry, Outcome};
use super::shrink::Minimal;
use super::suspects::Suspects;
use super::symptom::{Symptom, mistakes_of, symptoms};
use super::witness::Witness;
use crate::mistakes;
use crate::record::Transcript;
use crate::rules::{Finding, Party, Rule};
use crate::run::error::RunError;
use crate::run::event::{Blame, CaseReport, Explanation, Failure, Found, RunEvent};
use crate::run::known::Known;
use crate::run::play::Played;
use crate::run::randomness::first_public_value;
use crate::run::requirement::Requirement;
use crate::run::worker::{CheckOptions, SubjectChoice, Worker, quoted};
use crate::scenario::Scenario;
use crate::srp::{TELLING_A, WrongConstant};
use crate::subject::Carriage;
use crate::suite::scenarios::Generator;
use crate::suite::{Case, CaseId, Content};
use crate::wire::AuthFlowType;

/// The cases of one symptom.
#[derive(Default)]
pub(in crate::run) struct Broken<'a>(Vec<Seen<'a>>);

/// One case of a symptom.
pub(in crate::run) struct Seen<'a> {
    /// Which case of the run it is.
    pub(in crate::run) number: usize,
    pub(in crate::run) case: &'a Case,
    /// What came of it.
    pub(in crate::run) report: Rc<CaseReport>,
    /// How it broke.
    pub(in crate::run) failure: Failure,
}

impl<'a> Broken<'a> {
    pub(super) fn add(&mut self, seen: Seen<'a>) {
        self.0.push(seen);
    }

    /// In how many cases.
    pub(super) fn cases(&self) -> usize {
        self.0.len()
    }

    /// Which those are.
    pub(super) fn numbers(&self) -> BTreeSet<usize> {
        self.0.iter().map(|seen| seen.number).collect()
    }

    /// At which exchange of the first case.
    pub(super) fn place(&self) -> usize {
        let first = self.0.first();
        first
            .and_then(|seen| seen.failure.finding.exchange)
            .unwrap_or(usize::MAX)
    }

    /// The first case.
    #[cfg(test)]
    pub(super) fn first(&self) -> &Seen<'a> {
        &self.0[0]
    }

    /// Takes out those of these cases.
    pub(super) fn take(&mut self, numbers: &BTreeSet<usize>) -> Vec<Seen<'a>> {
        let all = std::mem::take(&mut self.0);
        let (taken, left) = all
            .into_iter()
            .partition(|seen| numbers.contains(&seen.number));
        self.0 = left;
        taken
    }

    /// The mistake that explains every case, where one does: of those that explain the first.
    fn common_mistake(&self, finding: &Finding) -> Option<String> {
        let explains = |mistake: &String| {
            let mut all = self.0.iter();
            all.all(|seen| mistakes_of(&seen.failure.finding).contains(mistake))
        };
        mistakes_of(finding).into_iter().find(explains)
    }
}

/// What a search for the smallest scenario needs of the run.
pub(in crate::run) struct Finder<'a> {
    pub(in crate::run) options: &'a CheckOptions,
    pub(in crate::run) known: Option<&'a Known>,
    pub(in crate::run) generator: &'a Generator,
    pub(in crate::run) witness: &'a mut Witness,
    pub(in crate::run) suspects: &'a mut Suspects,
    pub(in crate::run) held: &'a Held,
    pub(in crate::run) gives_up: bool,
    pub(in crate::run) sink: &'a mut dyn FnMut(RunEvent),
}

impl Finder<'_> {
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
    fn look_for_wrong_constant(&mut self, rule: &str, finding: &mut Finding) {
        match self.wrong_constant(rule) {
            Ok(Some(constant)) => {
                finding.blames = Some(Party::Port);
                finding.got = format!("{}: {constant}", finding.got);
            }
            Ok(None) => {}
            Err(_) => self.gives_up = true,
        }
    }

    /// The known mistakes that the port may make, where the rule does not name them itself.
    fn name(
        &mut self,
        requirement: &Requirement,
        minimal: &Minimal,
    ) -> Result<Option<Vec<&'static str>>, RunError> {
        let is_of_port = minimal.failure.blames == Blame::Port;
        if minimal.failure.finding.explained_by.is_some() || !is_of_port {
            return Ok(None);
        }
        let held = self.held.of(&requirement.id());
        let runtime = crate::run::workers::runtime()?;
        let named = self
            .suspects
            .of(requirement, &minimal.report, &minimal.scenario, &held);
        Ok(Some(runtime.block_on(named)?))
    }
}

/// Scenarios in which rules held: for each rule no more than are ever looked at.
#[derive(Default)]
pub(in crate::run) struct Held {
    scenarios: Vec<(Scenario, Vec<&'static str>)>,
    /// In how many of them each rule held.
    times: BTreeMap<&'static str, usize>,
}

impl Held {
    /// Adds a case, if it is one of the first in which some rule held.
    pub(in crate::run) fn remember(&mut self, case: &Case, report: &CaseReport) {
        let Content::Scenario(scenario) = &case.content else {
            return;
        };
        let is_broken = |rule: &str| {
            let mut failures = report.failures.iter();
            failures.any(|failure| failure.requirement.id() == rule)
        };
        let mut rules = Vec::new();
        for rule in report
            .judged
            .iter()
            .copied()
            .filter(|rule| !is_broken(rule))
        {
            let times = self.times.entry(rule).or_default();
            if *times < ELSEWHERE {
                *times += 1;
                rules.push(rule);
            }
        }
        if !rules.is_empty() {
            self.scenarios.push((scenario.as_ref().clone(), rules));
        }
    }

    /// The first scenarios in which a rule held.
    fn of(&self, rule: &str) -> Vec<Scenario> {
        let mut found = Vec::new();
        for (scenario, rules) in &self.scenarios {
            if rules.contains(&rule) {
                found.push(scenario.clone());
            }
        }
        found
    }
}

/// In how many scenarios that a rule held in a mistake is tried before it is named.
const ELSEWHERE: usize = 24;

impl Broken<'_> {
    /// Looks into it: smaller, again, and why.
    ///
    /// # Errors
    /// When nothing can be played any more.
    pub(super) fn find(
        self,
        symptom: &Symptom,
        finder: &mut Finder<'_>,
    ) -> Result<(Found, BTreeSet<Symptom>), RunError> {
        let options = finder.options;
        let requirement = symptom.requirement.clone();
        let first = &self.0[0];
        let scenario = match &first.case.content {
            Content::Scenario(scenario) => Some(scenario.as_ref()),
            Content::Vector { .. } | Content::Recording(_) => None,
        };
        let outcome = match scenario {
            Some(scenario) if !finder.gives_up && first.may_be_looked_into() => {
                let outcome = first.look_into(symptom, scenario, finder);
                // A port that ends in the middle of a search takes the search with it, not the finding.
                finder.gives_up |= outcome.is_err();
                outcome.ok()
            }
            _ => None,
        };
        let again = outcome.as_ref().map(|outcome| outcome.again);
        let intermittent = outcome.as_ref().is_some_and(Outcome::is_intermittent);
        let rare = outcome.iter().flat_map(|outcome| &outcome.rare);
        let rare = rare.map(ToString::to_string).collect();
        let named = match &outcome {
            Some(Outcome { minimal, .. }) => finder.name(&requirement, minimal)?,
            None => None,
        };
        let breaks = symptoms(match &outcome {
            Some(outcome) => &outcome.minimal.report,
            None => &first.report,
        });
        let Smallest {
            mut finding,
            transcript,
            scenario,
            plays,
        } = Smallest::of(outcome, first, scenario);
        self.name_cause(&mut finding, named);
        finder.look_for_wrong_constant(&requirement.id(), &mut finding);
        let blames = match (first.failure.blames, finding.blames) {
            (Blame::Harness, _) | (_, None) => first.failure.blames,
            (_, Some(party)) => party.into(),
        };
        let evidence = requirement.evidence();
        let found = Found {
            sentence: requirement.sentence().into_owned(),
            severity: requirement.severity(),
            strength: requirement.rule().map(Rule::strength),
            requirement,
            sources: evidence.iter().map(|cited| cited.source.clone()).collect(),
            evidence,
            level: first.failure.level,
            blames,
            first_case: first.report.id.clone(),
            cases: self.cases(),
            under: Vec::new(),
            explanation: finding.explained_by.as_deref().and_then(explanation),
            finding,
            minimal_summary: scenario
                .as_ref()
                .map_or_else(|| first.report.summary.clone(), ToString::to_string),
            replay: replay_line(options, scenario.as_ref(), &first.case.id, blames)?,
            minimal: scenario.map(Box::new),
            plays,
            again,
            intermittent,
            rare,
            references_break: first.report.references_break.clone(),
            transcript,
        };
        Ok((found, breaks))
    }

    /// Names the cause of a finding: the one that explains every case, where there is one, or what was found out by playing.
    fn name_cause(&self, finding: &mut Finding, named: Option<Vec<&'static str>>) {
        if let Some(cause) = self.common_mistake(finding) {
            finding.explained_by = Some(cause);
            finding.or_by.clear();
        } else if let (Some(named), true) = (named, finding.explained_by.is_none()) {
            let mut named = named.into_iter().map(str::to_owned);
            finding.explained_by = named.next();
            finding.or_by = named.collect();
        }
    }
}

impl Seen<'_> {
    /// Whether a smaller scenario says more: what a shim breaks it breaks anywhere.
    fn may_be_looked_into(&self) -> bool {
        let is_of_shim = matches!(self.failure.requirement, Requirement::Shim(_));
        self.failure.blames != Blame::Harness && !is_of_shim
    }

    fn look_into(
        &self,
        symptom: &Symptom,
        scenario: &Scenario,
        finder: &mut Finder<'_>,
    ) -> Result<Outcome, RunError> {
        let requirement = &symptom.requirement;
        let Finder {
            options,
            known,
            generator,
            ref mut witness,
            ref mut sink,
            ..
        } = *finder;
        let number = self.case.id.number();
        let mut goes_on = |plays| {
            sink(RunEvent::Shrinking {
                requirement: requirement.clone(),
                plays,
            });
            !options.interrupted.load(Ordering::Relaxed)
        };
        let mut inquiry = Inquiry {
            options,
            requirement,
            witness,
            goes_on: &mut goes_on,
            // A new finding must not turn into a known one on its way down.
            counts: &|failure| {
                let is_known =
                    known.is_some_and(|known| known.expects_in_place_of(&self.failure, failure));
                symptom.is_of(failure) && !is_known
            },
        };
        let first = Minimal {
            scenario: scenario.clone(),
            report: self.report.as_ref().clone(),
            failure: self.failure.clone(),
            plays: 0,
        };
        inquiry.look_into(first, number.map(|number| generator.sprout(number)))
    }
}

/// What is shown of a symptom.
struct Smallest {
    finding: Finding,
    transcript: Option<Box<Transcript>>,
    scenario: Option<Scenario>,
    plays: usize,
}

impl Smallest {
    /// Of what it was looked into, or else of the first case.
    fn of(outcome: Option<Outcome>, first: &Seen<'_>, scenario: Option<&Scenario>) -> Self {
        match outcome {
            Some(Outcome { minimal, .. }) => Self {
                finding: minimal.failure.finding,
                transcript: minimal.report.transcript,
                scenario: Some(minimal.scenario),
                plays: minimal.plays,
            },
            None => Self {
                finding: first.failure.finding.clone(),
                transcript: first.report.transcript.clone(),
                scenario: scenario.cloned(),
                plays: 0,
            },
        }
    }
}

/// What a mistake's id stands for.
pub fn explanation(mistake: &str) -> Option<Explanation> {
    let mistake = mistakes::find(mistake)?;
    Some(Explanation {
        mistake: mistake.id.to_owned(),
        sentence: mistake.sentence.to_owned(),
        seen: mistake.seen.iter().map(|seen| (*seen).to_owned()).collect(),
    })
}

fn replay_line(
    options: &CheckOptions,
    scenario: Option<&Scenario>,
    case: &CaseId,
    blames: Blame,
) -> Result<String, RunError> {
    // What the harness is to blame for, the references show.
    let flags = match blames {
        Blame::Harness => SubjectChoice::Reference(Carriage::InProcess).flags(),
        Blame::Port | Blame::Service | Blame::Shim => options.subject.flags(),
    };
    let flags = if flags.is_empty() {
        flags
    } else {
        format!(" {flags}")
    };
    Ok(match scenario {
        Some(scenario) => {
            let json = serde_json::to_string(scenario)?;
            format!(
                "cognito-conformance replay{flags} --scenario {}",
                quoted(&json)
            )
        }
        None => format!(
            "cognito-conformance check{flags} --filter {}",
            quoted(&case.to_string())
        ),
    })
}
