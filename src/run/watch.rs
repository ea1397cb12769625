//! How whatever an application does at a local pool is judged while it does it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{Transcript, redact};
use crate::rules::{Finding, Party, Rule, UNEXPLAINED, Verdict, judge};
use crate::subject::{Assembler, ObservedSignIn, Seen};
use crate::wire::ServiceError;
use crate::wire::redaction::{RedactedKind, RedactionError, Secret};

/// Judges an application's sign-ins by the rules for a port, one exchange after another.
#[derive(Debug, Default)]
pub struct Watch {
    assembler: Assembler,
    /// What was told of each sign-in that is not over, by its id.
    told: BTreeMap<String, BTreeSet<Place>>,
    found: Vec<FoundAgain>,
    held: BTreeSet<&'static str>,
    sign_ins: usize,
    judged: usize,
    unexplained: usize,
}

type Place = (&'static str, Option<usize>);

/// A rule that a sign-in broke.
#[derive(Debug)]
pub struct Sighting<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// How it was broken, without what a person typed.
    pub finding: Finding,
    /// The sign-in.
    pub sign_in: &'a ObservedSignIn,
    /// Whether the same rule was broken for the same cause before.
    pub again: bool,
}

/// A broken rule, and how often that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundAgain {
    /// The rule's id.
    pub rule: &'static str,
    /// The mistake that explains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// How many times.
    pub times: usize,
}

/// What came of watching.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WatchSummary {
    /// Sign-ins that were seen.
    pub sign_ins: usize,
    /// Those to which at least one rule applied.
    pub judged: usize,
    /// Sign-ins whose proof is not that of the right password, which no known mistake explains.
    pub unexplained: usize,
    /// Rules that held where they applied, and nowhere were broken.
    pub held: Vec<&'static str>,
    /// Rules that were broken.
    pub found: Vec<FoundAgain>,
    /// Requests that belong to no sign-in, counted by the reason.
    pub unassigned: BTreeMap<String, usize>,
}

impl WatchSummary {
    /// Whether proofs were made of which nothing could be said, and none that was right: then nobody knows whether the
    /// application's SRP is.
    pub fn proves_nothing(&self) -> bool {
        self.unexplained > 0 && self.found.is_empty() && !self.held.contains(&"srp.claim")
    }
}

impl Watch {
    /// Takes the next exchange; `sink` is told every broken rule.
    ///
    /// # Errors
    /// When `sink` fails.
    pub fn take<E>(
        &mut self,
        seen: Seen,
        sink: &mut dyn FnMut(&Sighting<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for sign_in in self.assembler.take(seen) {
            self.judge(&sign_in, sink)?;
        }
        Ok(())
    }

    /// Judges what is still open, and says what came of it all.
    ///
    /// # Errors
    /// When `sink` fails.
    pub fn finish<E>(
        mut self,
        sink: &mut dyn FnMut(&Sighting<'_>) -> Result<(), E>,
    ) -> Result<WatchSummary, E> {
        for sign_in in self.assembler.finish() {
            self.judge(&sign_in, sink)?;
        }
        let is_broken = |rule: &str| self.found.iter().any(|found| found.rule == rule);
        let unassigned = self.assembler.unassigned().iter();
        Ok(WatchSummary {
            sign_ins: self.sign_ins,
            judged: self.judged,
            unexplained: self.unexplained,
            held: self
                .held
                .iter()
                .copied()
                .filter(|rule| !is_broken(rule))
                .collect(),
            unassigned: unassigned
                .map(|(reason, times)| (reason.to_string(), *times))
                .collect(),
            found: self.found,
        })
    }

    fn judge<E>(
        &mut self,
        sign_in: &ObservedSignIn,
        sink: &mut dyn FnMut(&Sighting<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // The header of an observed sign-in has nothing that could not be read.
        let Ok(judgement) = judge(&sign_in.transcript, &[Party::Port]) else {
            return Ok(());
        };
        let id = &sign_in.transcript.id;
        let mut told = self.told.remove(id).unwrap_or_default();
        for (rule, finding) in judgement.failures() {
            if !told.insert((rule.id, finding.exchange)) {
                continue;
            }
            let again = self.count(rule.id, finding.explained_by.as_ref());
            sink(&Sighting {
                rule,
                finding: without_secrets(finding, sign_in),
                sign_in,
                again,
            })?;
        }
        if !sign_in.is_over {
            self.told.insert(id.clone(), told);
            return Ok(());
        }
        let applied = |verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::Fail(_));
        self.sign_ins += 1;
        self.judged += usize::from(judgement.verdicts.iter().any(|(_, v)| applied(v)));
        let unexplained = Verdict::NotApplicable(UNEXPLAINED);
        self.unexplained += usize::from(judgement.verdicts.iter().any(|(_, v)| *v == unexplained));
        let held = judgement.verdicts.iter();
        self.held.extend(
            held.filter(|(_, verdict)| *verdict == Verdict::Pass)
                .map(|(rule, _)| rule.id),
        );
        Ok(())
    }

    /// Counts a broken rule; whether it was broken for this cause before.
    fn count(&mut self, rule: &'static str, cause: Option<&String>) -> bool {
        let is_same = |found: &&mut FoundAgain| found.rule == rule && found.cause.as_ref() == cause;
        if let Some(found) = self.found.iter_mut().find(is_same) {
            found.times += 1;
            return true;
        }
        self.found.push(FoundAgain {
            rule,
            cause: cause.cloned(),
            times: 1,
        });
        false
    }
}

/// The transcript of a sign-in as it may be kept: without passwords.
///
/// # Errors
/// When a password can't be taken out, say because it is too short to be told from chance. Then nothing may be kept.
pub fn keepable(sign_in: &ObservedSignIn) -> Result<Transcript, RedactionError> {
    let passwords = sign_in.passwords.iter().filter(|text| !text.is_empty());
    let secrets: Vec<Secret> = passwords
        .map(|password| Secret::new(RedactedKind::Password, password))
        .collect::<Result<_, _>>()?;
    redact(&sign_in.transcript, &secrets)
}

/// What the latest response of a sign-in said, in a word.
pub fn outcome(sign_in: &ObservedSignIn) -> String {
    let responses = sign_in.transcript.events.iter().rev();
    let mut responses = responses.filter_map(|event| match event {
        crate::wire::Event::Responded { response } => Some(response),
        _ => None,
    });
    let Some(response) = responses.next() else {
        return "nothing".to_owned();
    };
    if let Some(error) = ServiceError::from_response(response) {
        return error.to_string();
    }
    let body: serde_json::Value =
        serde_json::from_slice(response.body.as_bytes()).unwrap_or_default();
    match body["ChallengeName"].as_str() {
        Some(challenge) => format!("{challenge} is pending"),
        None => "tokens".to_owned(),
    }
}

/// The finding without what a person typed: no rule shows it on purpose.
fn without_secrets(finding: &Finding, sign_in: &ObservedSignIn) -> Finding {
    let typed = sign_in
        .passwords
        .iter()
        .map(|text| (RedactedKind::Password, text))
        .chain(
            sign_in
                .answers
                .iter()
                .map(|text| (RedactedKind::from("answer"), text)),
        );
    let secrets: Vec<Secret> = typed
        .filter_map(|(kind, text)| Secret::new(kind, text).ok())
        .collect();
    finding.clone().without(&secrets)
}
