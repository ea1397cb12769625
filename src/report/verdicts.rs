//! How what the rules said of one transcript reads.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::finding::write_broken;
use super::page::{BAD, GOOD, NOTE, Page, count, number, one_line};
use crate::rules::{Finding, Judgement, Level, Party, Verdict};

/// Counts of verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Rules that held.
    pub held: usize,
    /// Rules that were broken.
    pub broken: usize,
    /// Values that were observed.
    pub observed: usize,
    /// Rules that had nothing to judge.
    pub not_applicable: usize,
}

impl Tally {
    /// The counts of a judgement.
    pub fn of(judgement: &Judgement) -> Self {
        let mut tally = Self::default();
        for (_, verdict) in &judgement.verdicts {
            *match verdict {
                Verdict::Pass => &mut tally.held,
                Verdict::Fail(_) => &mut tally.broken,
                Verdict::Observed(_) => &mut tally.observed,
                Verdict::NotApplicable(_) => &mut tally.not_applicable,
            } += 1;
        }
        tally
    }

    /// Adds those of another.
    pub fn add(&mut self, other: Self) {
        self.held += other.held;
        self.broken += other.broken;
        self.observed += other.observed;
        self.not_applicable += other.not_applicable;
    }
}

/// Writes a judgement: what held, what was observed, what was not applicable, what was broken.
///
/// # Errors
/// When it can't be written.
pub fn write_judgement<W: Write>(
    page: &mut Page<W>,
    judgement: &Judgement,
    verbose: bool,
) -> io::Result<()> {
    let held: Vec<_> = judgement
        .verdicts
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Pass)
        .map(|(rule, _)| rule.id)
        .collect();
    if !held.is_empty() {
        page.entry(2, "held", LABEL, &held.join(", "))?;
    }
    for (rule, verdict) in &judgement.verdicts {
        if let Verdict::Observed(value) = verdict {
            let text = format!("{}: {}", rule.id, one_line(value));
            page.entry(2, "observed", LABEL, &text)?;
        }
    }
    not_applicable(page, judgement, verbose)?;
    for (at, (rule, finding)) in judgement.failures().enumerate() {
        write_broken(page, at + 1, rule, finding)?;
    }
    Ok(())
}

/// Writes what several judgements come to, in one line.
///
/// # Errors
/// When it can't be written.
pub fn write_verdict<W: Write>(
    page: &mut Page<W>,
    transcripts: usize,
    tally: Tally,
) -> io::Result<()> {
    let of = count(transcripts, "transcript", "transcripts");
    let held = count(tally.held, "verdict held", "verdicts held");
    page.gap()?;
    if tally.broken > 0 {
        let broken = count(tally.broken, "rule", "rules");
        let text = format!("Does not conform: {broken} broken in {of}, {held}.");
        page.styled(0, BAD, &text)
    } else if tally.held == 0 {
        page.styled(0, NOTE, &format!("No rule had anything to judge in {of}."))
    } else {
        page.styled(0, GOOD, &format!("Conforms: {of}, {held}, nothing broken."))
    }
}

/// A judgement as data, for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdicts<'a> {
    /// Always `judged`.
    pub event: &'static str,
    /// The transcript's id.
    pub id: &'a str,
    /// Where it was read from; empty for one that was played just now.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub path: &'a str,
    /// The counts.
    pub tally: Tally,
    /// Every rule and what it said.
    pub verdicts: Vec<Line<'a>>,
}

/// One rule and what it said.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line<'a> {
    rule: &'static str,
    level: Level,
    party: Party,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<&'a Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl<'a> Verdicts<'a> {
    /// A judgement of the transcript `id`.
    pub fn of(id: &'a str, path: &'a str, judgement: &'a Judgement) -> Self {
        let line = |(rule, verdict): &'a (&'static crate::rules::Rule, Verdict)| {
            let (word, finding, value, reason) = match verdict {
                Verdict::Pass => ("pass", None, None, None),
                Verdict::Fail(finding) => ("fail", Some(finding.as_ref()), None, None),
                Verdict::Observed(value) => ("observed", None, Some(value.as_str()), None),
                Verdict::NotApplicable(reason) => ("notApplicable", None, None, Some(*reason)),
            };
            Line {
                rule: rule.id,
                level: rule.level,
                party: rule.party,
                verdict: word,
                finding,
                value,
                reason,
            }
        };
        Self {
            event: "judged",
            id,
            path,
            tally: Tally::of(judgement),
            verdicts: judgement.verdicts.iter().map(line).collect(),
        }
    }
}

fn not_applicable<W: Write>(
    page: &mut Page<W>,
    judgement: &Judgement,
    verbose: bool,
) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (rule, verdict) in &judgement.verdicts {
        if let Verdict::NotApplicable(reason) = verdict {
            reasons.entry(reason).or_default().push(rule.id);
        }
    }
    let total: usize = reasons.values().map(Vec::len).sum();
    if total == 0 {
        return Ok(());
    }
    if !verbose {
        let text = format!("{} (-v tells why)", count(total, "rule", "rules"));
        return page.entry(2, "not applicable", LABEL, &text);
    }
    page.entry(2, "not applicable", LABEL, &number(total))?;
    for (reason, rules) in reasons {
        page.text(4, &format!("{reason}: {}", rules.join(", ")))?;
    }
    Ok(())
}

const LABEL: usize = 14;
