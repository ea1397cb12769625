//! How a check reads for a person.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::coverage::write_covered;
use super::finding::write_found;
use super::page::{BAD, GOOD, NOTE, Page, QUIET, count, duration, number, one_line};
use super::reporter::Reporter;
use crate::rules::{Level, Party, catalog};
use crate::run::RunEvent;
use crate::run::event::{CaseReport, PartSummary, Started, Summary};
use crate::suite::Part;

/// Writes a check as text: a head, the findings as they are found, and a summary.
#[derive(Debug)]
pub struct TextReport<W> {
    page: Page<W>,
    verbose: bool,
    found: usize,
}

impl<W: Write> TextReport<W> {
    /// A report on `out`. With `verbose` every case gets its line, and the summary leaves nothing out.
    pub fn new(out: W, verbose: bool) -> Self {
        Self {
            page: Page::new(out),
            verbose,
            found: 0,
        }
    }

    /// Whether an event leads to any text.
    pub fn writes(&self, event: &RunEvent) -> bool {
        match event {
            RunEvent::Started(_)
            | RunEvent::SignsOutFirst
            | RunEvent::Found(_)
            | RunEvent::Finished(_) => true,
            RunEvent::CaseFinished(_) => self.verbose,
            RunEvent::Shrinking { .. } => false,
        }
    }

    /// The stream beneath.
    pub fn into_inner(self) -> W {
        self.page.into_inner()
    }

    fn started(&mut self, started: &Started) -> io::Result<()> {
        let Started {
            suite_version,
            seed,
            subject,
            planned,
            unknown_capabilities: unknown,
            ..
        } = started;
        let version = env!("CARGO_PKG_VERSION");
        self.page.heading(&format!(
            "cognito-conformance {version}, suite {suite_version}, seed {seed}"
        ))?;
        self.page.entry(0, "subject", LABEL, &one_line(subject))?;
        let plan: Vec<_> = Part::ALL
            .iter()
            .filter_map(|part| Some((part, planned.get(part).copied().filter(|&n| n > 0)?)))
            .map(|(part, n)| format!("{} {}", number(n), noun(*part, n)))
            .collect();
        self.page.entry(0, "plan", LABEL, &plan.join(", "))?;
        if !unknown.is_empty() {
            let ignored = format!("unknown capabilities: {}", one_line(&unknown.join(", ")));
            self.page.entry(0, "ignored", LABEL, &ignored)?;
        }
        self.page.flush()
    }

    fn case(&mut self, case: &CaseReport) -> io::Result<()> {
        if !self.verbose {
            return Ok(());
        }
        let unknown = case.failures.iter().any(|failure| failure.known.is_none());
        let is_ours = !case.references_break.is_empty();
        let (style, word) = match (&case.not_applicable, case.failures.is_empty(), unknown) {
            (Some(_), ..) => (QUIET, "n/a  "),
            (None, true, _) => (GOOD, "ok   "),
            (None, false, true) if is_ours => (BAD, "fault"),
            (None, false, true) => (BAD, "FAIL "),
            (None, false, false) => (NOTE, "known"),
        };
        let what = case.not_applicable.as_ref().unwrap_or(&case.summary);
        let line = format!("{word}  {}  {}", one_line(&case.id), one_line(what));
        self.page.styled(0, style, &line)
    }

    fn finished(&mut self, summary: &Summary) -> io::Result<()> {
        self.page.gap()?;
        self.page.heading("Checked")?;
        self.parts(summary)?;
        self.covered(summary)?;
        self.reached(summary)?;
        self.observed(summary)?;
        self.not_applicable(summary)?;
        self.for_no_port(summary)?;
        self.never_judged(summary)?;
        if !summary.known_problems.is_empty() {
            self.section("Wrong with the known-findings file")?;
            for problem in &summary.known_problems {
                self.page.styled(2, BAD, &one_line(problem))?;
            }
        }
        self.page.gap()?;
        let (style, verdict) = verdict(summary);
        self.page.styled(0, style, &verdict)?;
        self.page.flush()
    }

    fn parts(&mut self, summary: &Summary) -> io::Result<()> {
        for part in Part::ALL {
            let Some(counts) = summary.parts.get(&part) else {
                continue;
            };
            if counts.cases + counts.not_applicable == 0 {
                continue;
            }
            self.page
                .entry(2, part.as_str(), PART, &told(part, counts))?;
            if part == Part::Vectors || self.verbose {
                let sources: Vec<_> = counts
                    .sources
                    .iter()
                    .map(|(source, n)| format!("{}\u{a0}{}", one_line(source), number(*n)))
                    .collect();
                if !sources.is_empty() {
                    self.page.styled(2 + PART + 2, QUIET, &sources.join(", "))?;
                }
            }
        }
        Ok(())
    }

    fn covered(&mut self, summary: &Summary) -> io::Result<()> {
        let Some(covered) = &summary.covered else {
            return Ok(());
        };
        self.section("Met, of what the port can meet")?;
        write_covered(&mut self.page, covered, self.verbose)
    }

    fn reached(&mut self, summary: &Summary) -> io::Result<()> {
        if !summary.reached.is_empty() {
            self.section("Rare values reached, and in how many sign-ins")?;
            self.page.text(2, &tallied(&summary.reached))?;
            if summary.tries > 0 {
                let tries = usize::try_from(summary.tries).unwrap_or(usize::MAX);
                let text = format!("sought among {} values of b", number(tries));
                self.page.styled(2, QUIET, &text)?;
            }
        }
        if !summary.not_reached.is_empty() {
            self.section("Rare values not reached")?;
            let rows: Vec<_> = summary.not_reached.iter().map(row).collect();
            self.page.entries(2, &rows)?;
        }
        Ok(())
    }

    fn observed(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.observed.is_empty() {
            return Ok(());
        }
        self.section("Observed where right ports differ")?;
        let mut rows = Vec::new();
        for (rule, values) in &summary.observed {
            let mut label = rule.clone();
            let mut by_frequency: Vec<_> = values.iter().collect();
            by_frequency.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            let shown = if self.verbose {
                usize::MAX
            } else {
                MOST_VALUES
            };
            for (value, n) in by_frequency.iter().take(shown) {
                let text = format!("{} ({})", one_line(value), number(**n));
                rows.push((std::mem::take(&mut label), text));
            }
            if let Some(rest) = by_frequency.len().checked_sub(shown).filter(|&n| n > 0) {
                rows.push((
                    label,
                    format!("and {}", count(rest, "other value", "other values")),
                ));
            }
        }
        self.page.entries(2, &rows)
    }

    fn not_applicable(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.not_applicable.is_empty() {
            return Ok(());
        }
        self.section("Not applicable: cases that need what the port does not offer")?;
        let rows: Vec<_> = summary.not_applicable.iter().map(row).collect();
        self.page.entries(2, &rows)
    }

    fn for_no_port(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.for_no_port.is_empty() {
            return Ok(());
        }
        let cases: usize = summary.for_no_port.values().sum();
        self.section("For no port")?;
        let about = "that check our own references";
        self.page
            .text(2, &format!("{} {about}", count(cases, "case", "cases")))?;
        if self.verbose {
            let rows: Vec<_> = summary.for_no_port.iter().map(row).collect();
            self.page.entries(4, &rows)?;
        }
        Ok(())
    }

    fn never_judged(&mut self, summary: &Summary) -> io::Result<()> {
        let judged: BTreeSet<_> = summary.rules.keys().map(String::as_str).collect();
        let silent: Vec<_> = catalog::all()
            .filter(|rule| rule.party == Party::Port && rule.level != Level::Observed)
            .map(|rule| rule.id)
            .filter(|id| !judged.contains(id))
            .collect();
        if silent.is_empty() {
            return Ok(());
        }
        self.section("Rules that no case gave anything to judge")?;
        if self.verbose || silent.len() <= MOST_SILENT {
            self.page.text(2, &silent.join(", "))
        } else {
            let text = format!("{} (-v names them)", count(silent.len(), "rule", "rules"));
            self.page.text(2, &text)
        }
    }

    fn section(&mut self, title: &str) -> io::Result<()> {
        self.page.gap()?;
        self.page.heading(title)
    }
}

impl<W: Write> Reporter for TextReport<W> {
    fn take(&mut self, event: &RunEvent) -> io::Result<()> {
        match event {
            RunEvent::Started(started) => self.started(started),
            RunEvent::SignsOutFirst => {
                let refuses =
                    "no signIn while somebody is signed in: whoever is there is signed out first";
                self.page.entry(0, "takes", LABEL, refuses)?;
                self.page.flush()
            }
            RunEvent::CaseFinished(case) => self.case(case),
            RunEvent::Shrinking { .. } => Ok(()),
            RunEvent::Found(found) => {
                self.found += 1;
                write_found(&mut self.page, self.found, found)?;
                self.page.flush()
            }
            RunEvent::Finished(summary) => self.finished(summary),
        }
    }
}

/// What a run comes to, in one line.
fn verdict(summary: &Summary) -> (anstyle::Style, String) {
    let total = |get: fn(&PartSummary) -> usize| summary.parts.values().map(get).sum::<usize>();
    let cases = count(total(|part| part.cases), "case", "cases");
    let took = duration(summary.elapsed_ms);
    let known = match summary.known {
        0 => String::new(),
        n => format!(", {} known", number(n)),
    };
    let so_far = if summary.interrupted {
        "Interrupted; so far: "
    } else {
        ""
    };
    if summary.findings > 0 {
        let causes = count(summary.causes, "cause", "causes");
        let rules = count(summary.broken_rules, "rule", "rules");
        let failed = number(total(|part| part.failed));
        let known = match summary.intermittent {
            0 => known,
            n => format!(", {} of them now and then{known}", number(n)),
        };
        let known = match summary.harness_faults {
            0 => known,
            n => format!(
                ", {} of the harness's own{known}",
                count(n, "fault", "faults")
            ),
        };
        return (
            BAD,
            format!(
                "{so_far}Does not conform: {causes}, {rules} broken in {failed} of {cases}{known}. ({took})"
            ),
        );
    }
    if summary.harness_faults > 0 {
        let faults = count(summary.harness_faults, "verdict", "verdicts");
        return (
            BAD,
            format!(
                "{so_far}The harness is at fault: {faults} that would accuse right references, too; nobody else is \
                 accused. {cases}{known}. ({took})"
            ),
        );
    }
    if !summary.known_problems.is_empty() {
        let problems = count(summary.known_problems.len(), "entry", "entries");
        return (
            BAD,
            format!(
                "{so_far}The known-findings file is not true any more: {problems} to correct. {cases}{known}. ({took})"
            ),
        );
    }
    if summary.interrupted {
        return (
            NOTE,
            format!("Interrupted; nothing broken in the first {cases}{known}. ({took})"),
        );
    }
    if total(|part| part.cases) == 0 {
        return (NOTE, format!("Nothing was judged. ({took})"));
    }
    if summary.judged_no_sign_in() {
        let text = format!("Pure functions agree; no sign-in was judged. {cases}{known}. ({took})");
        return (NOTE, text);
    }
    let rules = count(summary.rules.len(), "rule", "rules");
    (
        GOOD,
        format!("Conforms: {cases}, {rules}, nothing broken{known}. ({took})"),
    )
}

/// What one part comes to.
fn told(part: Part, counts: &PartSummary) -> String {
    let mut words = vec![format!(
        "{} {}",
        number(counts.cases),
        noun(part, counts.cases)
    )];
    if counts.sources.len() > 1 && part == Part::Vectors {
        words.push(format!(
            "from {}",
            count(counts.sources.len(), "source", "sources")
        ));
    }
    words.push(match part {
        Part::Vectors => count(counts.passed, "value agrees", "values agree"),
        Part::Recordings => count(
            counts.passed,
            "value or verdict agrees",
            "values and verdicts agree",
        ),
        Part::Scripted | Part::Pairs | Part::Generated => {
            count(counts.passed, "verdict held", "verdicts held")
        }
    });
    if counts.incomparable > 0 {
        words.push(format!("{} can't be compared", number(counts.incomparable)));
    }
    if counts.not_applicable > 0 {
        words.push(format!("{} not applicable", number(counts.not_applicable)));
    }
    if counts.known > 0 {
        words.push(format!("{} broken as known", number(counts.known)));
    }
    if counts.failed > 0 {
        words.push(format!("{}\u{a0}BROKEN", number(counts.failed)));
    }
    words.join(", ")
}

fn noun(part: Part, n: usize) -> &'static str {
    match (part, n) {
        (Part::Vectors, 1) => "vector",
        (Part::Vectors, _) => "vectors",
        (Part::Recordings, 1) => "recording",
        (Part::Recordings, _) => "recordings",
        (Part::Scripted, 1) => "named scenario",
        (Part::Scripted, _) => "named scenarios",
        (Part::Pairs, 1) => "pair scenario",
        (Part::Pairs, _) => "pair scenarios",
        (Part::Generated, 1) => "generated scenario",
        (Part::Generated, _) => "generated scenarios",
    }
}

fn tallied(counts: &BTreeMap<String, usize>) -> String {
    let words: Vec<_> = counts
        .iter()
        .map(|(what, n)| format!("{}\u{a0}{}", one_line(what), number(*n)))
        .collect();
    words.join(", ")
}

fn row((what, n): (&String, &usize)) -> (String, String) {
    (number(*n), one_line(what))
}

const LABEL: usize = 7;
const PART: usize = 10;
const MOST_VALUES: usize = 4;
const MOST_SILENT: usize = 8;
