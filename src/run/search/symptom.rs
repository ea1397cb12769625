//! What may have one cause.

use std::collections::BTreeSet;

use super::suspects::without_drawn;
use crate::rules::Finding;
use crate::run::event::{Blame, CaseReport, Failure};
use crate::run::requirement::Requirement;

/// What may have one cause: failures of one rule, and of those that say how a sign-in ended such as ended alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Symptom {
    pub(super) requirement: Requirement,
    /// Whom it blames.
    blames: Blame,
    /// How the sign-in ended, where that is all that the rule says.
    ended: String,
}

impl Symptom {
    pub(super) fn of(failure: &Failure) -> Self {
        let ended = match is_about_the_end(&failure.requirement) {
            true => how_it_ended(&failure.finding.got),
            false => String::new(),
        };
        Self {
            requirement: failure.requirement.clone(),
            blames: failure.blames,
            ended,
        }
    }

    /// Whether a failure is one of these.
    pub(super) fn is_of(&self, failure: &Failure) -> bool {
        *self == Self::of(failure)
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

#[cfg(test)]
mod tests {
    use super::*;

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
