//! Which failures have one cause.
//!
//! A mistake shows in many cases and breaks several rules in each. What is told is the cause: the most exact rule first, and
//! under it, for the cases that they share, the others that break in its smallest scenario, too, and that it can explain: by the
//! mistake that is named, or since they say nothing but how a sign-in ended. Those come last: they say that something is wrong,
//! and the others what.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::broken::{Broken, Finder, Seen};
use super::symptom::{Symptom, is_about_the_end};
use crate::mistakes;
use crate::run::error::RunError;
use crate::run::event::{Blame, CaseReport, Failure, Found, Under};
use crate::suite::Case;

/// All that was broken in a run.
#[derive(Default)]
pub(in crate::run) struct AllBroken<'a>(BTreeMap<Symptom, Broken<'a>>);

impl<'a> AllBroken<'a> {
    /// Adds a case's failures that nobody knows.
    pub(in crate::run) fn remember(&mut self, number: usize, case: &'a Case, report: &CaseReport) {
        let failures = report.failures.iter();
        let unknown: Vec<&Failure> = failures.filter(|failure| failure.known.is_none()).collect();
        if unknown.is_empty() {
            return;
        }
        let mut report = report.clone();
        let is_new = |failure: &&Failure| {
            let known = self.0.get(&Symptom::of(failure));
            known.is_none_or(|broken| broken.cases() < TRANSCRIPTS)
        };
        if !unknown.iter().any(is_new) {
            report.transcript = None;
        }
        let report = Rc::new(report);
        for failure in unknown {
            let broken = self.0.entry(Symptom::of(failure)).or_default();
            broken.add(Seen {
                number,
                case,
                report: Rc::clone(&report),
                failure: failure.clone(),
            });
        }
    }

    /// Whom each of them blames, with the first case.
    #[cfg(test)]
    pub(in crate::run) fn blamed(&self) -> Vec<(String, Blame)> {
        let all = self.0.values().map(Broken::first);
        all.map(|first| (first.report.id.clone(), first.failure.blames))
            .collect()
    }

    /// Looks into all of it, and tells cause by cause, the gravest first.
    ///
    /// # Errors
    /// When nothing can be played any more.
    pub(in crate::run) fn find(self, finder: &mut Finder<'_>) -> Result<Vec<Found>, RunError> {
        let mut symptoms: Vec<_> = self.0.into_iter().collect();
        symptoms.sort_by_key(|(symptom, broken)| {
            let id = symptom.requirement.id();
            // Where A is not g^a, all that follows is wrong, too.
            let is_vague = is_about_the_end(&symptom.requirement);
            let exactness = (is_vague, id != "srp.a-injected");
            (
                exactness,
                Reverse(broken.cases()),
                broken.place(),
                symptom.clone(),
            )
        });
        let mut causes: Vec<Cause> = Vec::new();
        for (symptom, mut broken) in symptoms {
            for cause in &mut causes {
                cause.take(&symptom, &mut broken);
            }
            if broken.cases() == 0 {
                continue;
            }
            let cases = broken.numbers();
            let (found, breaks) = broken.find(&symptom, finder)?;
            if let Some(explanation) = &found.explanation
                && found.blames == Blame::Port
                && found.finding.or_by.is_empty()
            {
                finder.suspects.convict(&explanation.mistake);
            }
            let explains = |cause: &Cause| {
                let mistake = found.explanation.as_ref().map(|it| &it.mistake);
                found.blames == cause.found.blames
                    && mistake.is_some()
                    && mistake == cause.found.explanation.as_ref().map(|it| &it.mistake)
            };
            match causes.iter_mut().find(|cause| explains(cause)) {
                Some(cause) => cause.adopt(found, &cases),
                None => causes.push(Cause {
                    found,
                    cases,
                    breaks,
                }),
            }
        }
        causes.sort_by_key(|cause| {
            let found = &cause.found;
            (
                found.blames == Blame::Harness,
                found.severity,
                Reverse(found.cases),
            )
        });
        Ok(causes.into_iter().map(|cause| cause.found).collect())
    }
}

/// A cause that was looked into.
struct Cause {
    found: Found,
    /// The cases in which it showed.
    cases: BTreeSet<usize>,
    /// What else broke in its smallest scenario.
    breaks: BTreeSet<Symptom>,
}

impl Cause {
    /// Takes over the cases of another symptom that it explains.
    fn take(&mut self, symptom: &Symptom, broken: &mut Broken<'_>) {
        if !self.breaks.contains(symptom) || !self.may_explain(symptom) {
            return;
        }
        let taken = broken.take(&self.cases);
        if let Some(first) = taken.first() {
            self.add(Under::of(&first.failure, taken.len()));
        }
    }

    /// Whether it can be why another symptom shows in the same plays: two mistakes that always show always come together, too.
    fn may_explain(&self, symptom: &Symptom) -> bool {
        let id = symptom.requirement.id();
        let mistake = self.found.explanation.as_ref();
        let mistake = mistake.and_then(|it| mistakes::find(&it.mistake));
        // Where A is wrong, all that is computed from it is, too.
        let is_of_srp = self.found.requirement.id().starts_with("srp.") && id.starts_with("srp.");
        let is_of_mistake = mistake.is_some_and(|it| it.caught_by.contains(&id.as_ref()));
        is_about_the_end(&symptom.requirement) || is_of_srp || is_of_mistake
    }

    /// Takes over what was looked into and has the same cause.
    fn adopt(&mut self, found: Found, cases: &BTreeSet<usize>) {
        self.cases.extend(cases);
        self.found.cases = self.cases.len();
        self.add(Under {
            requirement: found.requirement,
            sentence: found.sentence,
            level: found.level,
            severity: found.severity,
            cases: found.cases,
            expected: found.finding.expected,
            got: found.finding.got,
        });
        for under in found.under {
            self.add(under);
        }
    }

    fn add(&mut self, under: Under) {
        let found = &mut self.found;
        found.level = found.level.min(under.level);
        found.severity = found.severity.min(under.severity);
        let same = |known: &&mut Under| known.requirement == under.requirement;
        match found.under.iter_mut().find(same) {
            Some(known) => known.cases += under.cases,
            None if found.requirement == under.requirement => {}
            None => found.under.push(under),
        }
    }
}

impl Under {
    fn of(failure: &Failure, cases: usize) -> Self {
        Self {
            sentence: failure.requirement.sentence().into_owned(),
            level: failure.level,
            severity: failure.requirement.severity(),
            requirement: failure.requirement.clone(),
            cases,
            expected: failure.finding.expected.clone(),
            got: failure.finding.got.clone(),
        }
    }
}

/// In how many cases of a symptom the transcript is kept.
const TRANSCRIPTS: usize = 4;
