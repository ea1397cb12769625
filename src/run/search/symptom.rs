//! What may have one cause.

use std::collections::BTreeSet;

use super::wording::without_drawn;
use crate::rules::Finding;
use crate::run::event::{Blame, CaseReport, Failure};
use crate::run::requirement::{Requirement, ShimDuty};

/// What may have one cause: failures of one rule, of those that say how a sign-in ended such as ended alike, and of a shim's such
/// as read alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Symptom {
    pub(super) requirement: Requirement,
    /// Whom it blames.
    blames: Blame,
    /// How the sign-in ended, where that is all that the rule says, or how the shim failed; `None` stands for any.
    told: Option<String>,
}

impl Symptom {
    pub(super) fn of(failure: &Failure) -> Self {
        let got = &failure.finding.got;
        let told = if is_about_the_end(&failure.requirement) {
            how_it_ended(got)
        } else if is_fault(&failure.requirement) {
            // The first line says what happened, the others what came before.
            without_numbers(got.lines().next().unwrap_or_default())
        } else {
            String::new()
        };
        Self {
            requirement: failure.requirement.clone(),
            blames: failure.blames,
            told: Some(told),
        }
    }

    /// The same, however it is told.
    pub(super) fn told_anyhow(self) -> Self {
        Self { told: None, ..self }
    }

    /// Whether a failure is one of these.
    pub(super) fn is_of(&self, failure: &Failure) -> bool {
        let other = Self::of(failure);
        match self.told {
            None => *self == other.told_anyhow(),
            Some(_) => *self == other,
        }
    }
}

/// The symptoms of one play.
pub(super) fn symptoms(report: &CaseReport) -> BTreeSet<Symptom> {
    report.failures.iter().map(Symptom::of).collect()
}

/// Whether all that is said is how a sign-in went on or ended.
pub(super) fn is_about_the_end(requirement: &Requirement) -> bool {
    matches!(
        requirement.id().as_ref(),
        "outcome.allowed" | "outcome.operations"
    )
}

/// Whether a shim crashed, was silent or broke the protocol: then its port was not judged.
pub(super) fn is_fault(requirement: &Requirement) -> bool {
    let faults = [ShimDuty::Lives, ShimDuty::Answers, ShimDuty::Protocol];
    matches!(requirement, Requirement::Shim(duty) if faults.contains(duty))
}

/// The mistakes that would explain a finding.
pub(super) fn mistakes_of(finding: &Finding) -> Vec<String> {
    finding
        .explained_by
        .iter()
        .chain(&finding.or_by)
        .cloned()
        .collect()
}

/// How a sign-in ended, without the texts that came with it: those differ from play to play.
fn how_it_ended(got: &str) -> String {
    let (ended, told) = got.split_once(", told as ").unwrap_or((got, ""));
    let ended = ended.split(['"', ':']).next().unwrap_or_default();
    let name = told.split(':').next().unwrap_or_default();
    without_drawn(&format!("{ended} {name}"))
}

/// A text without words that have digits: numbers of lines and requests, times and ids differ from crash to crash.
fn without_numbers(text: &str) -> String {
    let is_of_word = |c: char| c.is_alphanumeric() || "+/=_-".contains(c);
    let mut shown = String::new();
    for piece in without_drawn(text).split_inclusive(|c: char| !is_of_word(c)) {
        match piece.contains(|c: char| c.is_ascii_digit()) {
            true => {
                shown.push('…');
                shown.extend(piece.chars().last().filter(|last| !is_of_word(*last)));
            }
            false => shown.push_str(piece),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Level;

    fn crash(got: &str) -> Failure {
        Failure {
            requirement: Requirement::Shim(ShimDuty::Lives),
            level: Level::Must,
            blames: Blame::Shim,
            finding: Finding::new(None, "an answer to signIn", got),
            known: None,
        }
    }

    #[test]
    fn crashes_are_told_apart_by_their_words_and_by_no_number() {
        let crashed = |at: &str, with: &str| crash(&format!("it crashed; stderr: [{at}] {with}"));
        let first = Symptom::of(&crashed("12:00:01", "KeyError at request 7"));
        assert!(first.is_of(&crashed("9:15:59", "KeyError at request 12")));
        let other = crashed("12:00:01", "no memory left at request 7");
        assert!(!first.is_of(&other), "another crash");
        assert!(first.told_anyhow().is_of(&other), "however it is told");
    }

    #[test]
    fn an_end_is_told_from_another_by_kind_and_name_and_by_no_text() {
        let ended = |name: &str, text: &str| {
            how_it_ended(&format!(
                "an error of the port's own, told as {name}: {text}"
            ))
        };
        assert_eq!(
            ended("TypeError", "request 1"),
            ended("TypeError", "request 2")
        );
        assert_ne!(ended("TypeError", "x"), ended("RangeError", "x"));
        let service = |kind: &str| {
            how_it_ended(&format!(
                "the service's {kind} \"text\", told as {kind}: text"
            ))
        };
        assert_ne!(
            service("LimitExceededException"),
            service("NotAuthorizedException")
        );
    }
}
