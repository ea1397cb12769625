//! What a rule is, and what it may say.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Strength;
use crate::rules::evidence::case::Case;
use crate::rules::source::Source;
use crate::wire::cut::redact_cut_text;
use crate::wire::redaction::Secret;

/// One requirement.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Stable id, `area.requirement`.
    pub id: &'static str,
    /// How binding it is.
    pub level: Level,
    /// Whom it judges.
    pub party: Party,
    /// One sentence.
    pub sentence: &'static str,
    /// Where it is from, at least one place.
    pub sources: &'static [Source],
    /// The check: pure and cheap, except for the arithmetic of a claim.
    pub check: Check,
}

/// How a rule looks at a transcript. What correct ports do differently is only watched: an observation has no way to fail.
#[derive(Clone, Copy)]
pub enum Check {
    /// Of a rule that is MUST or SHOULD.
    Requirement(fn(&Case<'_>) -> Verdict),
    /// Of a rule that is OBSERVED.
    Observation(fn(&Case<'_>) -> Observation),
}

impl Rule {
    /// The check of a requirement, as tables write it.
    pub const fn requires(check: fn(&Case<'_>) -> Verdict) -> Check {
        Check::Requirement(check)
    }

    /// The check of what is only observed, as tables write it.
    pub const fn observes(check: fn(&Case<'_>) -> Observation) -> Check {
        Check::Observation(check)
    }

    /// How well it is known: the strength of its best source. That is a ceiling for the level, see [`Level::takes`].
    pub fn strength(&self) -> Strength {
        let strengths = self.sources.iter().map(|source| source.strength);
        strengths.min().unwrap_or(Strength::Inferred)
    }

    /// What it says of a transcript.
    pub fn judge(&self, case: &Case<'_>) -> Verdict {
        match self.check {
            Check::Requirement(check) => check(case),
            Check::Observation(check) => check(case).into(),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.id)
    }
}

/// How binding a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A public source or a recording says so.
    Must,
    /// Good practice, or several SDKs, say so.
    Should,
    /// Correct ports differ: reported, never failed.
    Observed,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::Observed => "OBSERVED",
        })
    }
}

impl Level {
    /// Whether a rule of this level may rest on a fact of that strength: nobody is told that he must do what is only
    /// reported or inferred.
    pub fn takes(self, strength: Strength) -> bool {
        self != Self::Must || strength <= Strength::Documented
    }
}

/// Whom a rule judges, and whom a finding blames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The client implementation.
    Port,
    /// The service.
    Service,
    /// The program between the harness and the port.
    Shim,
}

impl Party {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Port, Self::Service, Self::Shim];
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Port => "port",
            Self::Service => "service",
            Self::Shim => "shim",
        })
    }
}

/// What a rule says of one transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was applicable and held everywhere.
    Pass,
    /// It was broken.
    Fail(Box<Finding>),
    /// It had nothing to judge, or what it needs is redacted or unknown.
    NotApplicable(&'static str),
    /// What a correct port may do in more than one way.
    Observed(String),
}

impl Verdict {
    /// A failure at one exchange.
    pub fn fail(
        exchange: Option<usize>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Finding::new(exchange, expected, got).into()
    }

    /// The same failure, proved by arithmetic on what the transcript holds: see [`Finding::proved`].
    pub fn proved(self) -> Self {
        self.with(Finding::proved)
    }

    /// The same failure, which holds only if the service did right: see [`Finding::presumes_service`].
    pub fn if_service_is_right(self) -> Self {
        self.with(Finding::if_service_is_right)
    }

    fn with(self, change: fn(Finding) -> Finding) -> Self {
        match self {
            Self::Fail(finding) => change(*finding).into(),
            other => other,
        }
    }

    /// Whether it is a failure.
    pub fn is_fail(&self) -> bool {
        matches!(self, Self::Fail(_))
    }
}

/// A rule broken at one place of one transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Index of the exchange, counted over the whole transcript from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub got: String,
    /// The mistake that explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained_by: Option<String>,
    /// Other mistakes that would have given the same here. Where a rule breaks in several cases, the one that explains
    /// them all is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or_by: Vec<String>,
    /// Who is to blame, when it is not the party that the rule judges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blames: Option<Party>,
    /// Whether the transcript proves it by arithmetic, as it proves a wrong signature: then it is true even where it does
    /// not come again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proved: bool,
    /// Whether it holds only if the service did what a right one does: then the judge drops it where the service broke a MUST.
    #[serde(skip)]
    pub presumes_service: bool,
    /// Both texts as they were, if they were cut: secrets are taken out before the cut, which could leave a part of one.
    #[serde(skip)]
    whole: Option<Box<(String, String)>>,
}

impl Finding {
    /// What was expected and what was found, each cut to what a reader can take in.
    pub fn new(
        exchange: Option<usize>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        let whole = (expected.into(), got.into());
        let (expected, got) = shortened(whole.0.clone(), whole.1.clone());
        let is_cut = whole.0 != expected || whole.1 != got;
        Self {
            exchange,
            expected,
            got,
            explained_by: None,
            or_by: Vec::new(),
            blames: None,
            proved: false,
            presumes_service: false,
            whole: is_cut.then(|| Box::new(whole)),
        }
    }

    /// The same without secrets, also where one was cut in half.
    #[must_use]
    pub fn without(mut self, secrets: &[Secret]) -> Self {
        let conceal = |text: &str| redact_cut_text(text, secrets);
        (self.expected, self.got) = match self.whole.take() {
            Some(whole) => shortened(conceal(&whole.0), conceal(&whole.1)),
            None => (conceal(&self.expected), conceal(&self.got)),
        };
        self
    }

    /// The mistake that explains it, if one does.
    #[must_use]
    pub fn explained_by(mut self, mistake: Option<impl Into<String>>) -> Self {
        self.explained_by = mistake.map(Into::into);
        self
    }

    /// Other mistakes that would have given the same.
    #[must_use]
    pub fn or_by<T: Into<String>>(mut self, mistakes: impl IntoIterator<Item = T>) -> Self {
        self.or_by = mistakes.into_iter().map(Into::into).collect();
        self
    }

    /// Who is to blame, when it is not the party that the rule judges.
    #[must_use]
    pub fn blames(mut self, party: Party) -> Self {
        self.blames = Some(party);
        self
    }

    /// It is proved by arithmetic on what the transcript holds.
    #[must_use]
    pub fn proved(mut self) -> Self {
        self.proved = true;
        self
    }

    /// It holds only if the service did right.
    #[must_use]
    pub fn if_service_is_right(mut self) -> Self {
        self.presumes_service = true;
        self
    }
}

impl From<Finding> for Verdict {
    fn from(finding: Finding) -> Self {
        Self::Fail(Box::new(finding))
    }
}

/// What a rule that is OBSERVED says of one transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// What was done, of what correct ports do in more than one way.
    Seen(String),
    /// There was nothing to see.
    NotApplicable(&'static str),
}

impl From<Observation> for Verdict {
    fn from(observation: Observation) -> Self {
        match observation {
            Observation::Seen(value) => Self::Observed(value),
            Observation::NotApplicable(reason) => Self::NotApplicable(reason),
        }
    }
}

/// Looks at each thing in turn: what was seen last counts.
pub fn observe<T>(
    things: impl IntoIterator<Item = T>,
    nothing: &'static str,
    look: impl FnMut(T) -> Option<String>,
) -> Observation {
    let last = things.into_iter().filter_map(look).last();
    last.map_or(Observation::NotApplicable(nothing), Observation::Seen)
}

/// Judges each thing in turn: the first failure counts, else a pass if anything was judged.
pub fn each<T>(
    things: impl IntoIterator<Item = T>,
    nothing: &'static str,
    judge: impl FnMut(T) -> Option<Verdict>,
) -> Verdict {
    within(things, judge).unwrap_or(Verdict::NotApplicable(nothing))
}

/// Like [`each`], for the parts of one thing: `None` where there was nothing to judge.
pub fn within<T>(
    things: impl IntoIterator<Item = T>,
    mut judge: impl FnMut(T) -> Option<Verdict>,
) -> Option<Verdict> {
    let mut outcome = None;
    for thing in things {
        match judge(thing) {
            Some(verdict @ Verdict::Fail(_)) => return Some(verdict),
            Some(reason @ Verdict::NotApplicable(_)) => {
                if matches!(outcome, None | Some(Verdict::NotApplicable(_))) {
                    outcome = Some(reason);
                }
            }
            Some(verdict) => outcome = Some(verdict),
            None => {}
        }
    }
    outcome
}

/// A text that may be a secret, in words that give nothing away.
pub fn concealed(text: &str) -> String {
    format!("another text, of {} characters", text.chars().count())
}

/// Two values, each cut to what a reader can take in: where both are long and begin alike, the beginning is cut, so that what
/// differs is shown.
fn shortened(expected: String, got: String) -> (String, String) {
    let is_long = |text: &str| text.chars().nth(MOST_SHOWN).is_some();
    let alike = expected
        .chars()
        .zip(got.chars())
        .take_while(|(one, other)| one == other)
        .count();
    let is_late = alike > MOST_SHOWN / 2 && (is_long(&expected) || is_long(&got));
    let from = if is_late { alike - CONTEXT } else { 0 };
    (ends(expected, from), ends(got, from))
}

/// A text from a character on, and no more than is shown.
fn ends(text: String, from: usize) -> String {
    let length = text.chars().count();
    if from == 0 && length <= MOST_SHOWN {
        return text;
    }
    let shown: String = text.chars().skip(from).take(MOST_SHOWN).collect();
    let before = if from > 0 { "…" } else { "" };
    let after = if from + MOST_SHOWN < length {
        "…"
    } else {
        ""
    };
    format!("{before}{shown}{after} ({length} characters)")
}

/// How many characters are shown in front of what differs.
const CONTEXT: usize = 24;
/// The most characters of a value that a finding shows.
const MOST_SHOWN: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::redaction::RedactedKind;

    #[test]
    fn what_differs_late_in_two_long_values_is_shown() {
        let alike = "ab".repeat(400);
        let finding = Finding::new(None, format!("{alike}left"), format!("{alike}right"));
        assert!(
            finding.expected.contains("left (804"),
            "{}",
            finding.expected
        );
        assert!(finding.got.contains("right (805"), "{}", finding.got);
    }

    #[test]
    fn a_secret_is_taken_out_before_a_text_is_cut() {
        let password = "Tr0ub4dor&3";
        let secret = Secret::new(RedactedKind::Password, password).expect("it is long enough");
        for at in 285..=300 {
            let text = format!("{}{password} and more", "x ".repeat(200)[..at].to_owned());
            let finding = Finding::new(None, "y", &text).without(std::slice::from_ref(&secret));
            assert!(!finding.got.contains("Tr0"), "{at}: {}", finding.got);
        }
        let short = Finding::new(None, password, "y").without(&[secret]);
        assert_eq!(short.expected, "[redacted: password, 11 characters]");
    }

    #[test]
    fn a_long_value_is_cut_and_a_short_one_is_not() {
        let finding = Finding::new(None, "x".repeat(400), "y");
        assert_eq!(
            finding.expected,
            format!("{}… (400 characters)", "x".repeat(300))
        );
        assert_eq!(finding.got, "y");
    }
}
