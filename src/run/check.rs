//! A whole check: vectors, recordings, named and generated scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::audition::{self, audition, tell};
use super::case::{of_recording, of_scenario, of_vector};
use super::coverage::Coverage;
use super::error::RunError;
use super::event::{Blame, CaseReport, PartSummary, RunEvent, Started, Summary};
use super::known::Known;
use super::play::Theatre;
use super::randomness;
use super::search::causes::AllBroken;
use super::search::finder::{Finder, HANGS};
use super::search::held::Held;
use super::search::suspects::Suspects;
use super::witness::Witness;
use super::worker::{CheckOptions, Worker};
use super::workers::in_order;
use crate::cut::Cut;
use crate::pool::TokenSigning;
use crate::scenario::strategy::SUITE_VERSION;
use crate::subject::Capabilities;
use crate::suite::fit::fitted;
use crate::suite::pairs::Pairs;
use crate::suite::scenarios::Generator;
use crate::suite::{self, Case, Content, Part, Pattern, Selection};

/// Checks a subject, and tells `sink` as it goes.
///
/// # Errors
/// When nothing could be judged; see [`RunError`].
pub fn check(options: &CheckOptions, sink: &mut dyn FnMut(RunEvent)) -> Result<Summary, RunError> {
    let began = Instant::now();
    let Selection { seed, filter, .. } = &options.selection;
    let mut first = Worker::start(options)?;
    let pairs = pairs_for(&first.theatre, &options.selection);
    let mut cases = suite::cases(&options.selection, &pairs)?;
    if cases.is_empty() {
        return Err(RunError::NothingMatched {
            filter: filter.as_ref().map_or_else(String::new, Pattern::to_string),
        });
    }
    fit(&mut cases, &first.theatre);
    let subject = describe(&mut first.theatre);
    sink(RunEvent::Started(Started {
        suite_version: SUITE_VERSION.to_owned(),
        seed: *seed,
        subject: subject.clone(),
        planned: planned(&cases),
        subject_flags: options.subject.flags(),
        unknown_capabilities: first.theatre.port().description().unknown_capabilities(),
    }));
    let mut summary = Summary {
        subject,
        seed: *seed,
        ..Summary::default()
    };
    let mut known = options.known.clone();
    let Some(other) = first_look(options, &mut first, (&mut known, &mut summary), sink)? else {
        return Ok(finished(summary, began, sink));
    };
    let mut held = Held::default();
    let mut broken = AllBroken::default();
    let mut coverage = Coverage::new(pairs.space());
    // The workers that were started to ask who is there do their share, too.
    let spare: Vec<Worker> = other.into_iter().chain([first]).collect();
    let spare = std::sync::Mutex::new(spare);
    let ran = in_order(
        cases.len(),
        options.jobs,
        &options.interrupted,
        || match spare.lock().ok().and_then(|mut spare| spare.pop()) {
            Some(worker) => Ok(worker),
            None => Worker::start(options),
        },
        |worker, at| {
            let report = one(worker, &cases[at], options)?;
            Ok((at, report))
        },
        |(at, mut report)| {
            let case = &cases[at];
            if let Some(known) = &mut known {
                known.mark(&mut report);
            }
            summary.count(&report);
            if let (Content::Scenario(scenario), Some(transcript)) =
                (&case.content, &report.transcript)
            {
                coverage.played(scenario, transcript);
            }
            broken.remember(at, case, &report);
            held.remember(case, &report);
            if !options.keep_transcripts && report.failures.is_empty() {
                report.transcript = None;
            }
            sink(RunEvent::CaseFinished(Box::new(report)));
        },
    );
    summary.interrupted = options.interrupted.load(Ordering::Relaxed) || ran.is_err();
    summary.covered = has_scenarios(&cases).then(|| coverage.covered());

    let generator = Generator::new(*seed);
    let mut finder = Finder {
        options,
        known: known.as_ref(),
        generator: &generator,
        witness: Witness::new(),
        suspects: Suspects::new(options.manners.sign_out_first()),
        held: &held,
        // Nothing is searched for once somebody wants to see the end, or the port can't be driven any more.
        gives_up: summary.interrupted,
        hangs_left: HANGS,
        fault: None,
        sink: &mut *sink,
    };
    let told = tell_causes(broken, &mut finder, &mut summary);
    let known = known.filter(|_| !summary.interrupted);
    if let Some(known) = &known {
        summary.known_problems = known.problems(&today(), filter.is_none());
    }
    let summary = finished(summary, began, sink);
    told?;
    // What was found counts, even if the port could not be driven to the end; and the summary says that it was interrupted.
    if summary.findings == 0 && !matches!(ran, Err(RunError::Interrupted)) {
        ran?;
    }
    applicable(summary)
}

/// What was played, unless that is nothing.
///
/// # Errors
/// When no case was applicable.
fn applicable(summary: Summary) -> Result<Summary, RunError> {
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

/// Which pairs of values the port can meet, with scenarios that meet all of them where such are wanted.
fn pairs_for(theatre: &Theatre, selection: &Selection) -> Pairs {
    // Our own client offers everything.
    let offered = theatre.offered().unwrap_or_else(Capabilities::everything);
    match selection.pairs {
        true => Pairs::of(&offered, selection.seed),
        false => Pairs::none_of(&offered),
    }
}

fn has_scenarios(cases: &[Case]) -> bool {
    let mut cases = cases.iter();
    cases.any(|case| matches!(case.content, Content::Scenario(_)))
}

/// Looks into what was broken, and tells it cause by cause.
///
/// # Errors
/// What the harness itself did wrong meanwhile, once all is told.
fn tell_causes(
    broken: AllBroken<'_>,
    finder: &mut Finder<'_>,
    summary: &mut Summary,
) -> Result<(), RunError> {
    let mut rules = BTreeSet::new();
    for found in broken.find(finder) {
        if found.blames != Blame::Harness {
            rules.insert(found.requirement.clone());
            rules.extend(found.under.iter().map(|under| under.requirement.clone()));
            summary.causes += 1;
        }
        summary.intermittent += usize::from(found.intermittent);
        (finder.sink)(RunEvent::Found(Box::new(found)));
    }
    summary.broken_rules += rules.len();
    finder.fault.take().map_or(Ok(()), Err)
}

/// How many cases there are in each part.
fn planned(cases: &[Case]) -> BTreeMap<Part, usize> {
    let mut planned = BTreeMap::new();
    for case in cases {
        *planned.entry(case.id.part).or_insert(0) += 1;
    }
    planned
}

/// Looks at a port before any case is played. Gives a second worker where one was needed, which goes on; nothing where none of the
/// port's sign-ins comes to an end, or nobody wants to wait for that.
fn first_look(
    options: &CheckOptions,
    worker: &mut Worker,
    (known, summary): (&mut Option<Known>, &mut Summary),
    sink: &mut dyn FnMut(RunEvent),
) -> Result<Option<Option<Worker>>, RunError> {
    let mut look = |summary: &mut Summary| {
        if !is_worth_playing(options, worker, (&mut *known, &mut *summary), sink)? {
            return Ok(None);
        }
        look_at_randomness(options, worker, (known, summary), sink).map(Some)
    };
    match look(summary) {
        Err(RunError::Interrupted) => {
            summary.interrupted = true;
            Ok(None)
        }
        looked => looked,
    }
}

/// Finds out about a port what has to be known before it is judged. `false` where none of its sign-ins comes to an end.
fn is_worth_playing(
    options: &CheckOptions,
    worker: &mut Worker,
    (known, summary): (&mut Option<Known>, &mut Summary),
    sink: &mut dyn FnMut(RunEvent),
) -> Result<bool, RunError> {
    let audition = worker.runtime.block_on(audition(&mut worker.theatre))?;
    if audition.signs_out_first {
        options.manners.learn(true);
        worker.theatre.sign_out_first();
        sink(RunEvent::SignsOutFirst);
    }
    let is_hopeless = audition.is_hopeless;
    let flags = options.subject.flags();
    for (failure, transcript) in audition.faults {
        let how = (audition::HOW, flags.as_str());
        tell(failure, transcript, how, (known, summary), sink);
    }
    Ok(!is_hopeless)
}

/// Looks for weaknesses of a port's private values, in two processes where there may be two. The second goes on as a worker.
fn look_at_randomness(
    options: &CheckOptions,
    worker: &mut Worker,
    (known, summary): (&mut Option<Known>, &mut Summary),
    sink: &mut dyn FnMut(RunEvent),
) -> Result<Option<Worker>, RunError> {
    // Whether ours are is for its own tests to say.
    if worker.theatre.offered().is_none() || options.selection.filter.is_some() {
        return Ok(None);
    }
    // Who wants one process at a time gets no second one; and one that doesn't start is nothing to compare with.
    let mut other = match options.jobs {
        0 | 1 => None,
        _ => Worker::start(options).ok(),
    };
    let values = |worker: &mut Worker, plays| {
        let values = randomness::public_values(&mut worker.theatre, plays);
        worker.runtime.block_on(values)
    };
    let here = values(worker, randomness::PLAYS)?;
    let elsewhere = match &mut other {
        Some(other) => values(other, randomness::PLAYS_ELSEWHERE)?,
        None => Vec::new(),
    };
    let secrets = randomness::device_secrets(&mut worker.theatre);
    let secrets = worker
        .runtime
        .block_on(Cut::new(&options.interrupted).unless(secrets))
        .ok_or(RunError::Interrupted)??;
    let how = "some sign-ins in two processes, in which the port draws its own values";
    let found = randomness::weakness(&here, &elsewhere);
    for failure in found.into_iter().chain(secrets) {
        let flags = options.subject.flags();
        tell(failure, None, (how, &flags), (known, summary), sink);
    }
    Ok(other)
}

fn finished(mut summary: Summary, began: Instant, sink: &mut dyn FnMut(RunEvent)) -> Summary {
    summary.elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    sink(RunEvent::Finished(Box::new(summary.clone())));
    summary
}

impl Summary {
    /// Whether everything that was applicable conforms, or fails as is known.
    pub fn is_green(&self) -> bool {
        self.findings == 0
            && self.harness_faults == 0
            && self.known_problems.is_empty()
            && !self.interrupted
    }

    /// Whether sign-ins were asked for and none could be judged: that some pure functions agree proves no port.
    pub fn judged_no_sign_in(&self) -> bool {
        let of_sign_ins = [Part::Scripted, Part::Pairs, Part::Generated];
        let parts: Vec<&PartSummary> = of_sign_ins
            .iter()
            .filter_map(|part| self.parts.get(part))
            .collect();
        !parts.is_empty() && parts.iter().all(|part| part.cases == 0)
    }

    fn count(&mut self, report: &CaseReport) {
        let part = self.parts.entry(report.part).or_default();
        if let Some(reason) = &report.not_applicable {
            part.not_applicable += 1;
            let reasons = match report.for_no_port {
                true => &mut self.for_no_port,
                false => &mut self.not_applicable,
            };
            *reasons.entry(reason.clone()).or_default() += 1;
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

/// Leaves out of generated scenarios what the port does not offer.
fn fit(cases: &mut [Case], theatre: &Theatre) {
    let Some(offered) = theatre.offered() else {
        return;
    };
    let generated = cases
        .iter_mut()
        .filter(|case| case.id.part == Part::Generated);
    for case in generated {
        if let Content::Scenario(scenario) = &mut case.content {
            **scenario = fitted(scenario, &offered);
        }
    }
}

fn one(worker: &mut Worker, case: &Case, options: &CheckOptions) -> Result<CaseReport, RunError> {
    let Worker {
        runtime,
        theatre,
        witness,
    } = worker;
    match &case.content {
        Content::Vector { file, at } => {
            let compared = of_vector(theatre, file, &file.cases[*at]);
            let mut cut = Cut::new(&options.interrupted);
            let compared = runtime.block_on(cut.unless(compared));
            compared.unwrap_or(Err(RunError::Interrupted))
        }
        Content::Recording(recording) => runtime.block_on(of_recording(theatre, recording)),
        Content::Scenario(scenario) => {
            let part = case.id.part;
            // Two signatures cost as much as the arithmetic of a sign-in. In bulk runs they are left out where nobody can
            // verify them; named scenarios and everything over HTTP have real ones.
            let is_bulk = matches!(part, Part::Pairs | Part::Generated) && theatre.is_in_process();
            theatre.set_token_signing(if is_bulk {
                TokenSigning::Lazy
            } else {
                TokenSigning::Real
            });
            let parties = options.subject.parties();
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
    use crate::run::event::Failure;
    use crate::suite::CaseId;

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
        let (mut summary, mut broken) = (Summary::default(), AllBroken::default());
        let case = |name| Case {
            id: CaseId::scripted(name),
            content: Content::Scenario(Box::new(Generator::new(1).scenario(0))),
        };
        let cases = [case("innocent"), case("guilty")];
        let references_break = [&["service.answers"][..], &[]];
        for (at, (case, references_break)) in cases.iter().zip(references_break).enumerate() {
            let report = report(&case.id.to_string(), references_break);
            summary.count(&report);
            broken.remember(at, case, &report);
        }
        assert_eq!(summary.harness_faults, 1, "the harness's");
        assert_eq!(summary.findings, 1, "the port's");
        assert_eq!(
            broken.blamed(),
            [
                ("scripted/guilty".to_owned(), Blame::Port),
                ("scripted/innocent".to_owned(), Blame::Harness),
            ]
        );
    }
}
