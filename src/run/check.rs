//! A whole check: vectors, recordings, named and generated scenarios.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::case::{of_recording, of_scenario, of_vector};
use super::error::RunError;
use super::event::{Blame, CaseReport, Explanation, Failure, Found, RunEvent, Started, Summary};
use super::known::Known;
use super::play::Theatre;
use super::requirement::Requirement;
use super::search::{Inquiry, Outcome};
use super::shrink::Minimal;
use super::witness::Witness;
use super::worker::{CheckOptions, SubjectChoice, Worker, quoted};
use super::workers::in_order;
use crate::mistakes;
use crate::pool::TokenSigning;
use crate::rules::{Cited, Finding, Party};
use crate::scenario::Scenario;
use crate::scenario::strategy::SUITE_VERSION;
use crate::subject::Carriage;
use crate::suite::scenarios::Generator;
use crate::suite::{self, Case, CaseId, Content, Part, Pattern, Selection};

/// Checks a subject, and tells `sink` as it goes.
///
/// # Errors
/// When nothing could be judged; see [`RunError`].
pub fn check(options: &CheckOptions, sink: &mut dyn FnMut(RunEvent)) -> Result<Summary, RunError> {
    let began = Instant::now();
    let Selection { seed, filter, .. } = &options.selection;
    let cases = suite::cases(&options.selection)?;
    if cases.is_empty() {
        return Err(RunError::NothingMatched {
            filter: filter.as_ref().map_or_else(String::new, Pattern::to_string),
        });
    }
    let mut first = Worker::start(options)?;
    let subject = describe(&mut first.theatre);
    let mut planned = BTreeMap::new();
    for case in &cases {
        *planned.entry(case.id.part).or_insert(0) += 1;
    }
    sink(RunEvent::Started(Started {
        suite_version: SUITE_VERSION.to_owned(),
        seed: *seed,
        subject: subject.clone(),
        planned,
        subject_flags: options.subject.flags(),
    }));

    let mut summary = Summary {
        subject,
        seed: *seed,
        ..Summary::default()
    };
    let mut known = options.known.clone();
    let mut broken: BTreeMap<(Requirement, bool), Broken<'_>> = BTreeMap::new();
    // The worker that was started to ask who is there does its share, too.
    let spare = std::sync::Mutex::new(Some(first));
    let ran = in_order(
        cases.len(),
        options.jobs,
        &options.interrupted,
        || match spare.lock().ok().and_then(|mut spare| spare.take()) {
            Some(worker) => Ok(worker),
            None => Worker::start(options),
        },
        |worker, at| {
            let report = one(worker, &cases[at], options.subject.parties())?;
            Ok((&cases[at], report))
        },
        |(case, mut report)| {
            if let Some(known) = &mut known {
                known.mark(&mut report);
            }
            summary.count(&report);
            remember(&mut broken, case, &report);
            if !options.keep_transcripts && report.failures.is_empty() {
                report.transcript = None;
            }
            sink(RunEvent::CaseFinished(Box::new(report)));
        },
    );
    summary.interrupted = options.interrupted.load(Ordering::Relaxed) || ran.is_err();

    let generator = Generator::new(*seed);
    let mut witness = Witness::new();
    for ((requirement, _), broken) in broken {
        let found = broken.find(
            requirement,
            &mut Finder {
                options,
                known: known.as_ref(),
                generator: &generator,
                witness: &mut witness,
                // Nothing is searched for once somebody wants to see the end, or the port can't be driven any more.
                gives_up: summary.interrupted,
                sink: &mut *sink,
            },
        )?;
        summary.intermittent += usize::from(found.intermittent);
        sink(RunEvent::Found(Box::new(found)));
    }
    if let Some(known) = &known
        && !summary.interrupted
    {
        summary.known_problems = known.problems(&today(), filter.is_none());
    }
    summary.elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    sink(RunEvent::Finished(Box::new(summary.clone())));
    // What was found counts, even if the port could not be driven to the end.
    if summary.findings == 0 {
        ran?;
    }
    if summary.parts.values().all(|part| part.cases == 0) && !summary.interrupted {
        let reason = summary
            .not_applicable
            .iter()
            .max_by_key(|(_, count)| **count);
        return Err(RunError::NothingApplicable {
            reason: reason.map_or(String::new(), |(reason, _)| reason.clone()),
        });
    }
    Ok(summary)
}

impl Summary {
    /// Whether everything that was applicable conforms, or fails as is known.
    pub fn is_green(&self) -> bool {
        self.findings == 0
            && self.harness_faults == 0
            && self.known_problems.is_empty()
            && !self.interrupted
    }

    fn count(&mut self, report: &CaseReport) {
        let part = self.parts.entry(report.part).or_default();
        if let Some(reason) = &report.not_applicable {
            part.not_applicable += 1;
            *self.not_applicable.entry(reason.clone()).or_default() += 1;
            return;
        }
        part.cases += 1;
        part.passed += report.passed;
        part.incomparable += report.incomparable.len();
        if !report.source.is_empty() {
            *part.sources.entry(report.source.clone()).or_default() += 1;
        }
        if report
            .failures
            .iter()
            .any(|failure| failure.known.is_none())
        {
            part.failed += 1;
        } else if !report.failures.is_empty() {
            part.known += 1;
        }
        for failure in &report.failures {
            match (&failure.known, failure.blames) {
                (Some(_), _) => self.known += 1,
                (None, Blame::Harness) => self.harness_faults += 1,
                (None, _) => self.findings += 1,
            }
        }
        for rule in &report.judged {
            let counts = self.rules.entry((*rule).to_owned()).or_default();
            if report
                .failures
                .iter()
                .any(|failure| failure.requirement.id() == *rule)
            {
                counts.broken += 1;
            } else {
                counts.held += 1;
            }
        }
        self.tries += report.tries;
        for class in &report.reached {
            *self.reached.entry(class.clone()).or_default() += 1;
        }
        for class in &report.not_reached {
            *self.not_reached.entry(class.clone()).or_default() += 1;
        }
        for (rule, value) in &report.observed {
            *self
                .observed
                .entry((*rule).to_owned())
                .or_default()
                .entry(value.clone())
                .or_default() += 1;
        }
    }
}

/// The cases of one broken rule.
struct Broken<'a> {
    case: &'a Case,
    first: CaseReport,
    failure: Failure,
    cases: usize,
    causes: Vec<String>,
}

/// Adds a case's failures, those of the harness apart from those of others.
fn remember<'a>(
    broken: &mut BTreeMap<(Requirement, bool), Broken<'a>>,
    case: &'a Case,
    report: &CaseReport,
) {
    for failure in report
        .failures
        .iter()
        .filter(|failure| failure.known.is_none())
    {
        let key = (
            failure.requirement.clone(),
            failure.blames == Blame::Harness,
        );
        match broken.get_mut(&key) {
            Some(broken) => {
                broken.cases += 1;
                let causes = causes(&failure.finding);
                broken.causes.retain(|cause| causes.contains(cause));
            }
            None => {
                let first = Broken {
                    case,
                    first: report.clone(),
                    failure: failure.clone(),
                    cases: 1,
                    causes: causes(&failure.finding),
                };
                broken.insert(key, first);
            }
        }
    }
}

/// The mistakes that would explain a finding.
fn causes(finding: &Finding) -> Vec<String> {
    finding
        .explained_by
        .iter()
        .chain(&finding.or_by)
        .cloned()
        .collect()
}

/// What a search for the smallest scenario needs of the run.
struct Finder<'a> {
    options: &'a CheckOptions,
    known: Option<&'a Known>,
    generator: &'a Generator,
    witness: &'a mut Witness,
    gives_up: bool,
    sink: &'a mut dyn FnMut(RunEvent),
}

impl Broken<'_> {
    fn find(self, requirement: Requirement, finder: &mut Finder<'_>) -> Result<Found, RunError> {
        let options = finder.options;
        let scenario = match &self.case.content {
            Content::Scenario(scenario) => Some(scenario.as_ref()),
            Content::Vector { .. } | Content::Recording(_) => None,
        };
        let outcome = match scenario {
            Some(scenario) if !finder.gives_up && self.failure.blames != Blame::Harness => {
                let outcome = self.look_into(&requirement, scenario, finder);
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
        let (mut finding, transcript, scenario, plays) = match outcome {
            Some(Outcome { minimal, .. }) => (
                minimal.failure.finding,
                minimal.report.transcript,
                Some(minimal.scenario),
                minimal.plays,
            ),
            None => (
                self.failure.finding.clone(),
                self.first.transcript.clone(),
                scenario.cloned(),
                0,
            ),
        };
        // The cause is the one that explains every case, where there is one.
        if let Some(cause) = causes(&finding)
            .into_iter()
            .find(|cause| self.causes.contains(cause))
        {
            finding.explained_by = Some(cause);
            finding.or_by.clear();
        }
        let blames = match (self.failure.blames, finding.blames) {
            (Blame::Harness, _) | (_, None) => self.failure.blames,
            (_, Some(party)) => party.into(),
        };
        let sources = requirement.rule().map_or(&[][..], |rule| rule.sources);
        let evidence: Vec<Cited> = sources.iter().map(Cited::from).collect();
        Ok(Found {
            sentence: requirement.sentence().into_owned(),
            requirement,
            sources: evidence.iter().map(|cited| cited.source.clone()).collect(),
            evidence,
            level: self.failure.level,
            blames,
            first_case: self.first.id.clone(),
            cases: self.cases,
            explanation: finding.explained_by.as_deref().and_then(explanation),
            finding,
            minimal_summary: scenario
                .as_ref()
                .map_or_else(|| self.first.summary.clone(), ToString::to_string),
            replay: replay_line(options, scenario.as_ref(), &self.case.id, blames)?,
            minimal: scenario.map(Box::new),
            plays,
            again,
            intermittent,
            rare,
            references_break: self.first.references_break.clone(),
            transcript,
        })
    }

    fn look_into(
        &self,
        requirement: &Requirement,
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
                !known.is_some_and(|known| known.expects_in_place_of(&self.failure, failure))
            },
        };
        let first = Minimal {
            scenario: scenario.clone(),
            report: self.first.clone(),
            failure: self.failure.clone(),
            plays: 0,
        };
        inquiry.look_into(first, number.map(|number| generator.sprout(number)))
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

fn one(worker: &mut Worker, case: &Case, parties: &[Party]) -> Result<CaseReport, RunError> {
    let Worker {
        runtime,
        theatre,
        witness,
    } = worker;
    match &case.content {
        Content::Vector { file, at } => {
            runtime.block_on(of_vector(theatre, file, &file.cases[*at]))
        }
        Content::Recording(recording) => runtime.block_on(of_recording(theatre, recording)),
        Content::Scenario(scenario) => {
            let part = case.id.part;
            // Two signatures cost as much as the arithmetic of a sign-in. In bulk runs they are left out where nobody can
            // verify them; named scenarios and everything over HTTP have real ones.
            let is_bulk = part == Part::Generated && theatre.is_in_process();
            theatre.set_token_signing(if is_bulk {
                TokenSigning::Lazy
            } else {
                TokenSigning::Real
            });
            let mut report = runtime.block_on(of_scenario(theatre, scenario, part, parties))?;
            if !report.failures.is_empty() {
                report.acquit(runtime.block_on(witness.breaks(scenario))?);
            }
            Ok(report)
        }
    }
}

fn describe(theatre: &mut Theatre) -> String {
    let port = theatre.port().description();
    format!("{} {} ({})", port.name, port.version, port.language)
}

fn today() -> String {
    let now = time::OffsetDateTime::now_utc();
    format!(
        "{:04}-{:02}-{:02}",
        now.year(),
        u8::from(now.month()),
        now.day()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Level, catalog};

    #[test]
    fn what_right_references_break_as_well_is_counted_and_found_apart() {
        let report = |id: &str, references_break: &[&str]| {
            let mut report = CaseReport::new(id, Part::Scripted, "a sign-in");
            let finding = crate::rules::Verdict::fail(None, "this", "that");
            let crate::rules::Verdict::Fail(finding) = finding else {
                panic!("it is a failure");
            };
            report.failures.push(Failure {
                requirement: catalog::find("outcome.allowed").expect("a rule").into(),
                level: Level::Must,
                blames: Blame::Port,
                finding: *finding,
                known: None,
            });
            report.acquit(
                references_break
                    .iter()
                    .map(|rule| (*rule).to_owned())
                    .collect(),
            );
            report
        };
        let (mut summary, mut broken) = (Summary::default(), BTreeMap::new());
        let case = |name| Case {
            id: CaseId::scripted(name),
            content: Content::Scenario(Box::new(Generator::new(1).scenario(0))),
        };
        let cases = [case("innocent"), case("guilty")];
        for (case, references_break) in cases.iter().zip([&["service.answers"][..], &[]]) {
            let report = report(&case.id.to_string(), references_break);
            summary.count(&report);
            remember(&mut broken, case, &report);
        }
        assert_eq!(summary.harness_faults, 1, "the harness's");
        assert_eq!(summary.findings, 1, "the port's");
        let blamed: Vec<_> = broken
            .values()
            .map(|broken| (broken.first.id.as_str(), broken.failure.blames))
            .collect();
        assert_eq!(
            blamed,
            [
                ("scripted/guilty", Blame::Port),
                ("scripted/innocent", Blame::Harness),
            ]
        );
    }
}
