//! Which failures have one cause.
//!
//! A mistake shows in many cases and breaks several rules in each. What is told is the cause: the most exact rule first, and
//! under it, for the cases that they share, the others that break in its smallest scenario, too, and that it can explain: by the
//! mistake that is named, or since they say nothing but how a sign-in ended. Those come last: they say that something is wrong,
//! and the others what.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use super::broken::LookedInto;
use super::cases::{Cases, MOST_CAUSES, Seen, Sorted};
use super::finder::Finder;
use super::symptom::{Symptom, is_about_the_end, is_fault};
use crate::mistakes;
use crate::run::event::{Blame, CaseReport, Failure, Found, Under};
use crate::suite::Case;

/// All that was broken in a run.
#[derive(Default)]
pub(in crate::run) struct AllBroken<'a>(BTreeMap<Symptom, Cases<'a>>);

impl<'a> AllBroken<'a> {
    /// Adds a case's failures that nobody knows.
    pub(in crate::run) fn remember(&mut self, number: usize, case: &'a Case, report: &CaseReport) {
        let failures = report.failures.iter();
        let unknown: Vec<&Failure> = failures.filter(|failure| failure.known.is_none()).collect();
        let mut kept = None;
        for failure in unknown {
            let cases = self.0.entry(self.symptom_of(failure)).or_default();
            if cases.keeps(failure, report) {
                let whole = kept.get_or_insert_with(|| Rc::new(report.clone()));
                cases.keep(Seen {
                    number,
                    case,
                    report: Rc::clone(whole),
                    failure: failure.clone(),
                });
            } else {
                cases.count_in(number, case, failure, report);
            }
        }
    }

    /// What a failure is a symptom of. A shim that tells each crash in other words is told once for all but the first of them.
    fn symptom_of(&self, failure: &Failure) -> Symptom {
        let symptom = Symptom::of(failure);
        if !is_fault(&failure.requirement) || self.0.contains_key(&symptom) {
            return symptom;
        }
        let told = self.0.keys();
        let alike = told.filter(|told| told.requirement == failure.requirement);
        match alike.count() < MOST_CAUSES {
            true => symptom,
            false => symptom.told_anyhow(),
        }
    }

    /// Whom each of them blames, with the first case.
    #[cfg(test)]
    pub(in crate::run) fn blamed(&self) -> Vec<(String, Blame)> {
        let all = self.0.values().filter_map(Cases::first);
        all.map(|first| (first.report.id.clone(), first.failure.blames))
            .collect()
    }

    /// Looks into all of it, and tells cause by cause, the gravest first. Nothing is told before the end: any cause may still
    /// take over what a later symptom shows. Errors are noted with the [`Finder`].
    pub(in crate::run) fn find(self, finder: &mut Finder<'_>) -> Vec<Found> {
        let mut symptoms: Vec<_> = self.0.into_iter().collect();
        symptoms.sort_by_key(|(symptom, cases)| {
            let id = symptom.requirement.id();
            // Where A is not g^a, all that follows is wrong, too.
            let is_vague = is_about_the_end(&symptom.requirement);
            let exactness = (is_vague, id != "srp.a-injected");
            let first = cases.first().and_then(|seen| seen.failure.finding.exchange);
            (
                exactness,
                Reverse(cases.count()),
                first.unwrap_or(usize::MAX),
                symptom.clone(),
            )
        });
        let mut causes: Vec<Cause> = Vec::new();
        for (symptom, mut cases) in symptoms {
            for cause in &mut causes {
                cause.take(&symptom, &mut cases);
            }
            let mut waiting: VecDeque<Sorted<'_>> = cases.by_mistake().into();
            let mut tries = MOST_TRIES;
            let mut told = 0;
            while let Some(sorted) = waiting.pop_front() {
                told += 1;
                // Of what would be one cause too many nothing is parted off.
                let mut none = 0;
                let tries = if told < MOST_CAUSES {
                    &mut tries
                } else {
                    &mut none
                };
                let Some(one) = sorted.look_into(&symptom, finder, tries) else {
                    continue;
                };
                let LookedInto {
                    found,
                    cases,
                    breaks,
                    others,
                } = one;
                waiting.extend(others);
                if let Some(explanation) = &found.explanation
                    && matches!(found.blames, Blame::Port | Blame::Shim)
                    && found.finding.or_by.is_empty()
                {
                    finder.suspects.convict(&explanation.mistake);
                }
                let cause = Cause {
                    found,
                    cases,
                    breaks,
                };
                match causes.iter_mut().find(|known| known.is_that_of(&cause)) {
                    Some(known) => known.adopt(cause),
                    None => causes.push(cause),
                }
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
        causes.into_iter().map(|cause| cause.found).collect()
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
    fn take(&mut self, symptom: &Symptom, cases: &mut Cases<'_>) {
        if !self.breaks.contains(symptom) || !self.may_explain(symptom) {
            return;
        }
        if let Some((taken, first)) = cases.take(&self.cases) {
            self.add(Under::of(&first, taken));
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

    /// Whether another one is the same: by the same known mistake of the same party.
    fn is_that_of(&self, other: &Self) -> bool {
        let mistake = |cause: &Self| {
            let explanation = cause.found.explanation.as_ref();
            explanation.map(|explanation| explanation.mistake.clone())
        };
        let own = mistake(self);
        own.is_some() && own == mistake(other) && self.found.blames == other.found.blames
    }

    /// Takes over what was looked into and has the same cause.
    fn adopt(&mut self, other: Self) {
        let found = other.found;
        self.cases.extend(other.cases);
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

/// How many scenarios are tried to see whether one mistake explains all cases of a symptom.
const MOST_TRIES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Finding, Level, Severity, catalog};
    use crate::run::event::Explanation;

    /// A cause that some cases showed.
    fn cause(rule: &str, mistake: Option<&str>, blames: Blame, cases: &[usize]) -> Cause {
        let rule = catalog::find(rule).expect("a rule");
        let explanation = mistake.map(|mistake| Explanation {
            mistake: mistake.to_owned(),
            sentence: String::new(),
            seen: Vec::new(),
        });
        Cause {
            found: Found {
                requirement: rule.into(),
                sentence: rule.sentence.to_owned(),
                sources: Vec::new(),
                evidence: Vec::new(),
                level: rule.level,
                severity: rule.severity(),
                strength: None,
                blames,
                under: Vec::new(),
                first_case: "scripted/some".to_owned(),
                cases: cases.len(),
                finding: Finding::new(None, "this", "that"),
                explanation,
                minimal: None,
                minimal_summary: String::new(),
                plays: 0,
                again: None,
                intermittent: false,
                rare: Vec::new(),
                references_break: Vec::new(),
                replay: String::new(),
                transcript: None,
            },
            cases: cases.iter().copied().collect(),
            breaks: BTreeSet::new(),
        }
    }

    const LOST: Option<&str> = Some("session.lost");

    #[test]
    fn only_the_same_known_mistake_of_the_same_party_is_one_cause() {
        let known = cause("session.echo", LOST, Blame::Port, &[1]);
        let is_same = |mistake, blames| {
            let other = cause("metadata.initiate", mistake, blames, &[2]);
            known.is_that_of(&other)
        };
        assert!(is_same(LOST, Blame::Port));
        assert!(!is_same(Some("session.invented"), Blame::Port), "another");
        assert!(!is_same(LOST, Blame::Shim), "somebody else's");
        assert!(!is_same(None, Blame::Port), "nobody knows why");
        let unknown = cause("session.echo", None, Blame::Port, &[1]);
        let other = cause("metadata.initiate", None, Blame::Port, &[2]);
        assert!(!unknown.is_that_of(&other), "two of which nobody knows why");
    }

    #[test]
    fn a_cause_adopts_the_cases_the_rules_and_the_gravest_of_another() {
        let mut known = cause("metadata.initiate", LOST, Blame::Port, &[1, 2]);
        known.found.severity = Severity::Form;
        let mut other = cause("session.echo", LOST, Blame::Port, &[2, 3]);
        let last = cause("outcome.allowed", LOST, Blame::Port, &[3]);
        other.add(Under {
            requirement: last.found.requirement,
            sentence: last.found.sentence,
            level: last.found.level,
            severity: last.found.severity,
            cases: 1,
            expected: String::new(),
            got: String::new(),
        });
        known.adopt(other);
        assert_eq!(known.found.cases, 3, "no case counts twice");
        let under = known.found.under.iter();
        let under: Vec<_> = under
            .map(|under| (under.requirement.id().into_owned(), under.cases))
            .collect();
        assert_eq!(
            under,
            [
                ("session.echo".to_owned(), 2),
                ("outcome.allowed".to_owned(), 1)
            ]
        );
        assert_eq!(known.found.level, Level::Must, "the most binding of them");
        assert_eq!(known.found.severity, Severity::BreaksUsers);
    }
}
