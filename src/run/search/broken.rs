//! Cases that may have one cause: in which scenario the smallest shows it, and by which mistake.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::cases::{Seen, Sorted};
use super::fault;
use super::finder::Finder;
use super::inquiry::{Inquiry, Outcome};
use super::shrink::Minimal;
use super::symptom::{Symptom, is_fault, mistakes_of, symptoms};
use crate::mistakes;
use crate::record::Transcript;
use crate::rules::{Finding, Rule};
use crate::run::error::RunError;
use crate::run::event::{Blame, Explanation, Failure, Found, RunEvent};
use crate::run::requirement::Requirement;
use crate::run::worker::{SubjectChoice, quoted};
use crate::scenario::Scenario;
use crate::subject::Carriage;
use crate::suite::{CaseId, Content};
use crate::wire::Call;
use crate::wire::event::Event;

/// What came of cases that may have one cause.
pub(super) struct LookedInto<'a> {
    pub(super) found: Found,
    /// The cases in which it showed.
    pub(super) cases: BTreeSet<usize>,
    /// What broke in its smallest scenario.
    pub(super) breaks: BTreeSet<Symptom>,
    /// Cases that the mistake that was found can't explain.
    pub(super) others: Option<Sorted<'a>>,
}

impl<'a> Sorted<'a> {
    /// Looks into them: smaller, again, and why. At most so many scenarios are tried to see whether the mistake that is found
    /// explains all of them. `None` where there are none.
    pub(super) fn look_into(
        mut self,
        symptom: &Symptom,
        finder: &mut Finder<'_>,
        tries: &mut usize,
    ) -> Option<LookedInto<'a>> {
        let requirement = symptom.requirement.clone();
        let first = self.first(symptom, finder)?;
        let scenario = scenario_of(&first);
        let outcome = match scenario {
            Some(scenario) if !finder.gives_up && first.failure.blames != Blame::Harness => {
                self.outcome(symptom, &first, scenario, finder)
            }
            _ => None,
        };
        let again = outcome.as_ref().map(|outcome| outcome.again);
        let intermittent = outcome.as_ref().is_some_and(Outcome::is_intermittent);
        let rare = outcome.iter().flat_map(|outcome| &outcome.rare);
        let rare = rare.map(ToString::to_string).collect();
        let (named, others) = match &outcome {
            Some(outcome) => self.named(&outcome.minimal, &requirement, finder, tries),
            None => (None, None),
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
        } = Smallest::of(outcome, &first, scenario);
        self.name_cause(
            &mut finding,
            named,
            (&requirement, transcript.as_deref()),
            finder,
        );
        finder.look_for_wrong_constant(&requirement.id(), &mut finding);
        let blames = match (first.failure.blames, finding.blames) {
            (Blame::Harness, _) | (_, None) => first.failure.blames,
            (_, Some(party)) => party.into(),
        };
        let evidence = requirement.evidence();
        let cases = self.cases.numbers();
        let found = Found {
            sentence: requirement.sentence().into_owned(),
            severity: requirement.severity(),
            strength: requirement.rule().map(Rule::strength),
            requirement,
            sources: evidence.iter().map(|cited| cited.source.clone()).collect(),
            evidence,
            level: first.failure.level,
            blames,
            first_case: first.case.id.to_string(),
            cases: cases.len(),
            under: Vec::new(),
            explanation: finding.explained_by.as_deref().and_then(explanation),
            finding,
            minimal_summary: scenario
                .as_ref()
                .map_or_else(|| first.report.summary.clone(), ToString::to_string),
            replay: replay_line(finder, scenario.as_ref(), &first.case.id, blames),
            minimal: scenario.map(Box::new),
            plays,
            again,
            intermittent,
            rare,
            references_break: first.report.references_break.clone(),
            transcript,
        };
        Some(LookedInto {
            found,
            cases,
            breaks,
            others,
        })
    }

    /// The first case with what came of it. It is played again where that was not kept.
    fn first(&self, symptom: &Symptom, finder: &mut Finder<'_>) -> Option<Seen<'a>> {
        if let Some(first) = self.cases.first() {
            return Some(first.clone());
        }
        let (stand_in, example) = self.cases.stand_in()?;
        if finder.gives_up {
            return Some(example);
        }
        let counts = |failure: &Failure| symptom.is_of(failure) && self.is_of(failure);
        match fault::played_again(&stand_in, scenario_of(&stand_in), &counts, finder.options) {
            Ok(seen) => Some(seen.unwrap_or(example)),
            Err(error) => {
                finder.note(error);
                Some(example)
            }
        }
    }

    /// What comes of the first case's scenario; `None` where nothing does, and the case is told as it is.
    fn outcome(
        &self,
        symptom: &Symptom,
        first: &Seen<'_>,
        scenario: &Scenario,
        finder: &mut Finder<'_>,
    ) -> Option<Outcome> {
        let outcome = match &symptom.requirement {
            requirement if is_fault(requirement) => {
                self.look_into_fault(symptom, first, scenario, finder)
            }
            // What a reset leaves behind was there before the scenario.
            Requirement::Shim(_) => Ok(None),
            _ => self
                .look_into_failure(symptom, first, scenario, finder)
                .map(Some),
        };
        // A port that ends in the middle of a search takes the search with it, not the finding.
        outcome.unwrap_or_else(|error| {
            finder.note(error);
            None
        })
    }

    /// The mistakes that were found out by playing, and the cases that they can't explain, which are parted off.
    fn named(
        &mut self,
        minimal: &Minimal,
        requirement: &Requirement,
        finder: &mut Finder<'_>,
        tries: &mut usize,
    ) -> (Option<Vec<&'static str>>, Option<Self>) {
        let named = finder.name(requirement, minimal);
        let named = named.map(|named| self.narrowed(named, requirement, finder));
        let others = self.unlike(named.as_deref().unwrap_or_default(), minimal, finder, tries);
        (named, others)
    }

    /// Of mistakes that would all give the smallest scenario's failure those that explain the most of the others, too.
    fn narrowed(
        &self,
        mut named: Vec<&'static str>,
        requirement: &Requirement,
        finder: &mut Finder<'_>,
    ) -> Vec<&'static str> {
        if named.len() < 2 {
            return named;
        }
        let cases: Vec<_> = self.cases.of_each_kind().take(MOST_KINDS_TRIED).collect();
        let mut explains = |mistake: &'static str| {
            let cases = cases.iter();
            let explained = cases.filter(|case| finder.may_explain(&[mistake], requirement, case));
            explained.count()
        };
        let counts: Vec<usize> = named.iter().map(|mistake| explains(mistake)).collect();
        let most = counts.iter().copied().max();
        let mut counts = counts.into_iter();
        named.retain(|_| counts.next() == most);
        named
    }

    /// Parts off the cases that none of these mistakes can explain.
    fn unlike(
        &mut self,
        named: &[&'static str],
        minimal: &Minimal,
        finder: &mut Finder<'_>,
        tries: &mut usize,
    ) -> Option<Self> {
        if named.is_empty() {
            return None;
        }
        let Minimal {
            failure, report, ..
        } = minimal;
        self.cases.part_off((failure, report), |case| {
            if *tries == 0 {
                return true;
            }
            *tries -= 1;
            finder.may_explain(named, &failure.requirement, case)
        })
    }

    /// Names the cause of a finding: those that explain every case, where there are such and the port did not hold the rule where
    /// they would have broken it, or what was found out by playing.
    fn name_cause(
        &self,
        finding: &mut Finding,
        named: Option<Vec<&'static str>>,
        (requirement, transcript): (&Requirement, Option<&Transcript>),
        finder: &mut Finder<'_>,
    ) {
        let mut computed = mistakes_of(finding);
        computed.retain(|mistake| self.by.contains(mistake));
        if computed.len() > 1 && transcript.is_some_and(is_injected) {
            computed = finder.unrefuted(computed, requirement);
        }
        let named = named.map(|named| named.into_iter().map(str::to_owned).collect());
        let mut names = match named {
            _ if !computed.is_empty() => computed,
            Some(named) if finding.explained_by.is_none() => named,
            _ => return,
        }
        .into_iter();
        finding.explained_by = names.next();
        finding.or_by = names.collect();
    }

    fn look_into_failure(
        &self,
        symptom: &Symptom,
        seen: &Seen<'_>,
        scenario: &Scenario,
        finder: &mut Finder<'_>,
    ) -> Result<Outcome, RunError> {
        let Finder {
            options,
            known,
            generator,
            ref mut witness,
            ref mut sink,
            ..
        } = *finder;
        let requirement = &symptom.requirement;
        let mut hangs = fault::MOST_HANGS;
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
            hangs_left: &mut hangs,
            goes_on: &mut goes_on,
            // A new finding must not turn into a known one on its way down.
            counts: &|failure| {
                let is_known =
                    known.is_some_and(|known| known.expects_in_place_of(&seen.failure, failure));
                symptom.is_of(failure) && self.is_of(failure) && !is_known
            },
        };
        let first = Minimal {
            scenario: scenario.clone(),
            report: seen.report.as_ref().clone(),
            failure: seen.failure.clone(),
            plays: 0,
        };
        let number = seen.case.id.number();
        inquiry.look_into(first, number.map(|number| generator.sprout(number)))
    }

    fn look_into_fault(
        &self,
        symptom: &Symptom,
        seen: &Seen<'_>,
        scenario: &Scenario,
        finder: &mut Finder<'_>,
    ) -> Result<Option<Outcome>, RunError> {
        let known = finder.known;
        let counts = |failure: &Failure| {
            let is_known =
                known.is_some_and(|known| known.expects_in_place_of(&seen.failure, failure));
            symptom.is_of(failure) && !is_known
        };
        let number = seen.case.id.number();
        let sprout = number.map(|number| finder.generator.sprout(number));
        fault::look_into(&symptom.requirement, scenario, sprout, &counts, finder)
    }
}

fn scenario_of<'a>(seen: &Seen<'a>) -> Option<&'a Scenario> {
    match &seen.case.content {
        Content::Scenario(scenario) => Some(scenario.as_ref()),
        Content::Vector { .. } | Content::Recording(_) => None,
    }
}

/// Whether the port was given its private value: only then our client computes what it computes.
fn is_injected(transcript: &Transcript) -> bool {
    let mut events = transcript.events.iter();
    events.any(|event| {
        matches!(event, Event::Called { call: Call::SignIn(call) } if !call.inject.a.is_empty())
    })
}

/// In how many kinds of cases mistakes are tried that the smallest scenario does not tell apart.
const MOST_KINDS_TRIED: usize = 6;

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

/// The command line that plays it again: by its scenario, or by its case where it has none or that can't be written.
fn replay_line(
    finder: &mut Finder<'_>,
    scenario: Option<&Scenario>,
    case: &CaseId,
    blames: Blame,
) -> String {
    // What the harness is to blame for, the references show.
    let flags = match blames {
        Blame::Harness => SubjectChoice::Reference(Carriage::InProcess).flags(),
        Blame::Port | Blame::Service | Blame::Shim => finder.options.subject.flags(),
    };
    let flags = if flags.is_empty() {
        flags
    } else {
        format!(" {flags}")
    };
    match scenario.map(serde_json::to_string) {
        Some(Ok(json)) => {
            return format!(
                "cognito-conformance replay{flags} --scenario {}",
                quoted(&json)
            );
        }
        Some(Err(error)) => finder.note(error.into()),
        None => {}
    }
    format!(
        "cognito-conformance check{flags} --filter {}",
        quoted(&case.to_string())
    )
}
