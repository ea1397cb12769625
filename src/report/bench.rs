//! How a measurement reads.

use std::io::{self, Write};

use super::page::{BAD, GOOD, NOTE, Page, QUIET, count, duration, one_line};
use crate::run::bench::advice::Advice;
use crate::run::bench::event::{BenchEvent, BenchSummary, Figures, Started, WrongResult};
use crate::run::bench::measure::ClockKind;
use crate::run::bench::port::{PORT, REFERENCE_CLIENT};
use crate::run::bench::stages::Breakdown;

/// Takes a measurement's events and writes them as they come; figures when all are there.
#[derive(Debug)]
pub struct BenchText<W: Write> {
    page: Page<W>,
    verbose: bool,
    started: Option<Started>,
    missing: Vec<(&'static str, String)>,
    verified: Vec<String>,
    not_measured: Vec<(String, String)>,
    figures: Vec<Figures>,
    findings: Vec<WrongResult>,
    breakdown: Option<Breakdown>,
    advice: Option<Advice>,
}

impl<W: Write> BenchText<W> {
    /// A text on `page`; with `verbose`, nothing is left out.
    pub fn new(page: Page<W>, verbose: bool) -> Self {
        Self {
            page,
            verbose,
            started: None,
            missing: Vec::new(),
            verified: Vec::new(),
            not_measured: Vec::new(),
            figures: Vec::new(),
            findings: Vec::new(),
            breakdown: None,
            advice: None,
        }
    }

    /// Takes one event. The text comes at the end, but for the head.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn take(&mut self, event: BenchEvent) -> io::Result<()> {
        match event {
            BenchEvent::Started(started) => {
                self.head(&started)?;
                self.started = Some(*started);
            }
            BenchEvent::EngineMissing { engine, reason } => self.missing.push((engine, reason)),
            BenchEvent::Verified { what, .. } => self.verified.push(what),
            BenchEvent::NotMeasured { what, reason } => self.not_measured.push((what, reason)),
            BenchEvent::Found(wrong) => self.findings.push(*wrong),
            BenchEvent::Measured(figures) => self.figures.push(*figures),
            BenchEvent::Breakdown(breakdown) => self.breakdown = Some(*breakdown),
            BenchEvent::Advice(advice) => self.advice = Some(*advice),
            BenchEvent::Finished(summary) => self.finish(&summary)?,
        }
        Ok(())
    }

    /// Hands on what was written so far.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.page.flush()
    }

    /// Whether an event leads to any output at once.
    pub fn writes(&self, event: &BenchEvent) -> bool {
        matches!(event, BenchEvent::Started(_) | BenchEvent::Finished(_))
    }

    fn head(&mut self, started: &Started) -> io::Result<()> {
        let title = match &started.subject {
            Some(subject) => format!("{}, beside the reference", one_line(subject)),
            None => "Engines of this machine".to_owned(),
        };
        self.page.heading(&title)?;
        let machine = &started.machine;
        let processor = machine.processor.as_deref().unwrap_or("processor unknown");
        let machine = format!(
            "{}, {}, {} {}; version {}",
            one_line(processor),
            count(machine.processors, "processor", "processors"),
            machine.system,
            machine.architecture,
            env!("CARGO_PKG_VERSION")
        );
        self.page.styled(2, QUIET, &machine)
    }

    fn finish(&mut self, summary: &BenchSummary) -> io::Result<()> {
        let of_port = self
            .started
            .as_ref()
            .is_some_and(|started| started.subject.is_some());
        for (engine, reason) in std::mem::take(&mut self.missing) {
            self.page
                .styled(2, QUIET, &format!("{engine}: {}", one_line(&reason)))?;
        }
        if of_port {
            self.right_first()?;
            if self.has_samples() {
                self.port_table()?;
                self.breakdown()?;
                self.advice()?;
            }
        } else if self.has_samples() {
            self.engine_table("One at a time", 1)?;
            self.engine_table("Eight side by side, each", EIGHT)?;
        }
        self.wrong_results()?;
        self.page.gap()?;
        self.verdict(summary, of_port)
    }

    fn has_samples(&self) -> bool {
        self.figures.iter().any(|figures| figures.summary.is_some())
    }

    fn right_first(&mut self) -> io::Result<()> {
        self.page.gap()?;
        self.page
            .heading("Compared with the reference before anything is timed")?;
        let right = match self.verified.len() {
            0 => "nothing".to_owned(),
            _ => self.verified.join(", "),
        };
        self.page.entry(2, "right", LABEL, &right)?;
        // What went wrong later was right here.
        let wrong: Vec<_> = self
            .findings
            .iter()
            .filter(|wrong| !self.verified.contains(&wrong.what))
            .map(|wrong| one_line(&wrong.what))
            .collect();
        if !wrong.is_empty() {
            self.page.entry(2, "wrong", LABEL, &wrong.join(", "))?;
        }
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for (what, reason) in &self.not_measured {
            match reasons.iter_mut().find(|(told, _)| told == reason) {
                Some((_, whats)) => whats.push(what),
                None => reasons.push((reason, vec![what])),
            }
        }
        for (reason, whats) in reasons {
            let text = format!("{}: {}", whats.join(", "), one_line(reason));
            self.page.entry(2, "not timed", LABEL, &text)?;
        }
        Ok(())
    }

    /// A row a kind of work, a column an engine.
    fn engine_table(&mut self, title: &str, side_by_side: u32) -> io::Result<()> {
        let engines = self
            .started
            .as_ref()
            .map(|started| started.engines.clone())
            .unwrap_or_default();
        let rows = rows(&self.figures, side_by_side);
        let clock = clocks(rows.iter().flat_map(|(_, figures)| figures.iter().copied()));
        self.page.gap()?;
        self.page.heading(&format!(
            "{title}: microseconds, median of {clock}; times as fast as the reference"
        ))?;
        let mut head = format!("{:WORK$}", "");
        for engine in &engines {
            head.push_str(&format!("{engine:>COLUMN$}"));
        }
        let mut lines = vec![(head, true)];
        for (what, figures) in rows {
            let mut line = format!("{what:WORK$}");
            for engine in &engines {
                let cell = figures
                    .iter()
                    .find(|figures| figures.by == *engine)
                    .and_then(|figures| engine_cell(figures));
                line.push_str(&format!("{:>COLUMN$}", cell.unwrap_or("-".to_owned())));
            }
            lines.push((line, false));
            if self.verbose {
                lines.extend(
                    figures
                        .iter()
                        .filter_map(|figures| Some((spread(figures, MICRO, "µs")?, true))),
                );
            }
        }
        for (line, is_quiet) in lines {
            self.line(&line, is_quiet)?;
        }
        Ok(())
    }

    /// A row what was asked, columns for the port and for those beside it.
    fn port_table(&mut self) -> io::Result<()> {
        let rows = rows(&self.figures, 1);
        self.page.gap()?;
        self.page.heading(
            "Milliseconds: median (p10 to p90). Port and sign-ins by wall time, engines by processor time",
        )?;
        let mut engines: Vec<&str> = Vec::new();
        for figures in &self.figures {
            if ![PORT, REFERENCE_CLIENT].contains(&figures.by.as_str())
                && !engines.contains(&figures.by.as_str())
            {
                engines.push(&figures.by);
            }
        }
        let mut head = format!("{:WHAT$}{:>PORT_COLUMN$}", "", "port");
        for engine in &engines {
            head.push_str(&format!("{engine:>NARROW$}"));
        }
        let mut lines = vec![(head, true)];
        for (what, figures) in rows {
            let by = |by: &str| figures.iter().find(|figures| figures.by == by);
            let port = by(PORT)
                .and_then(|figures| port_cell(figures))
                .unwrap_or("-".to_owned());
            let mut line = format!("{what:WHAT$}{port:>PORT_COLUMN$}");
            for engine in &engines {
                let cell = by(engine).and_then(|figures| figures.median());
                line.push_str(&format!(
                    "{:>NARROW$}",
                    cell.map_or(String::new(), |time| three_digits(time / MILLI))
                ));
            }
            if let Some(beside) = by(REFERENCE_CLIENT).and_then(|figures| figures.median()) {
                line = format!("{line}  reference client {}", three_digits(beside / MILLI));
            }
            lines.push((line.trim_end().to_owned(), false));
            if self.verbose {
                lines.extend(
                    figures
                        .iter()
                        .filter_map(|figures| Some((spread(figures, MILLI, "ms")?, true))),
                );
            }
        }
        for (line, is_quiet) in lines {
            self.line(&line, is_quiet)?;
        }
        Ok(())
    }

    fn breakdown(&mut self) -> io::Result<()> {
        let Some(breakdown) = self.breakdown.take() else {
            return Ok(());
        };
        let milli = |time: f64| three_digits(time / MILLI);
        self.page.gap()?;
        self.page.heading(&format!(
            "Where the time goes: {}, {} ms without the round trip to the shim ({} ms)",
            breakdown.of,
            milli(breakdown.total),
            milli(breakdown.round_trip)
        ))?;
        for stage in &breakdown.stages {
            let label = format!("{:>3.0} %  {:>8} ms", stage.percent, milli(stage.port));
            let mut beside = Vec::new();
            if let Some(reference) = stage.reference {
                beside.push(format!("num-bigint {}", milli(reference)));
            }
            if let Some(fastest) = stage.fastest
                && let Some(engine) = self.started.as_ref().and_then(|s| s.engines.last())
                && *engine != "reference"
            {
                beside.push(format!("{engine} {}", milli(fastest)));
            }
            if let Some(openssl) = stage.openssl_about {
                beside.push(format!("OpenSSL about {}", milli(openssl)));
            }
            let beside = match beside.len() {
                0 => String::new(),
                _ => format!(" (here: {})", beside.join(", ")),
            };
            self.page
                .entry(2, &label, STAGE, &format!("{}{beside}", stage.name))?;
        }
        if breakdown
            .stages
            .iter()
            .any(|stage| stage.openssl_about.is_some())
        {
            let text = "OpenSSL was not run: its factor to num-bigint was measured on a Zen 4 machine (2026-11-22).";
            self.page.styled(2, QUIET, text)?;
        }
        self.page
            .text(2, &format!("Most of it: {}.", breakdown.dominant))?;
        if let Some(without) = breakdown.without_srp {
            let text = format!(
                "Without SRP, by userPassword, a sign-in takes {} ms.",
                milli(without)
            );
            self.page.text(2, &text)?;
        }
        if breakdown.set_up > 0.0 {
            let text = format!(
                "Each function takes {} ms at least, even those without a power: what the port does before, such as \
                 making a helper object. It is taken off the parts above, which would exceed the whole otherwise.",
                milli(breakdown.set_up)
            );
            self.page.styled(2, NOTE, &text)?;
        }
        if breakdown.parts_exceed_whole {
            let bits = self
                .started
                .as_ref()
                .and_then(|started| started.private_bits)
                .unwrap_or_default();
            self.page.styled(
                2,
                NOTE,
                &format!(
                    "The parts take longer than the whole. They were asked with an a of {bits} bits; a port that draws \
                     a shorter one is measured rightly with --private-bits."
                ),
            )?;
        }
        Ok(())
    }

    fn advice(&mut self) -> io::Result<()> {
        let Some(advice) = self.advice.take() else {
            return Ok(());
        };
        self.page.gap()?;
        self.page.heading("What it could gain")?;
        if advice.suggestions.is_empty() {
            return self.page.text(
                2,
                "Nothing by what is known here: its powers cost no more than those of the fastest library measured.",
            );
        }
        for suggestion in &advice.suggestions {
            let label = format!(
                "{:>5} x, {:>8} ms",
                three_digits(suggestion.times_as_fast),
                three_digits(suggestion.total_about / MILLI)
            );
            let text = format!("{} ({})", suggestion.what, suggestion.figure);
            self.page.entry(2, &label, GAIN, &text)?;
        }
        let known = match advice.language {
            Some(language) => format!("Each by itself, for a port in {language}."),
            None => "Each by itself. Nothing was measured in the port's own language.".to_owned(),
        };
        self.page.styled(
            2,
            QUIET,
            &format!(
                "{known} About: measured on a Zen 4 machine (2026-11-22), scaled by what num-bigint takes here."
            ),
        )
    }

    fn wrong_results(&mut self) -> io::Result<()> {
        for (at, wrong) in std::mem::take(&mut self.findings).into_iter().enumerate() {
            self.page.gap()?;
            let when = match wrong.after_calls {
                0 => "not timed".to_owned(),
                n => format!(
                    "timed no more after {}",
                    count(n, "right call", "right calls")
                ),
            };
            let title = format!("{}. {}: wrong, and {when}", at + 1, one_line(&wrong.what));
            self.page.styled(0, BAD, &title)?;
            self.page
                .entry(3, "expected", 8, &shortened(&wrong.expected))?;
            self.page.entry(3, "got", 8, &shortened(&wrong.got))?;
            if let Some(cause) = &wrong.explanation {
                let text = format!("{}: {}", cause.mistake, cause.sentence);
                self.page.entry(3, "cause", 8, &text)?;
            }
        }
        Ok(())
    }

    fn verdict(&mut self, summary: &BenchSummary, of_port: bool) -> io::Result<()> {
        let took = duration(summary.elapsed_ms);
        let rounds = format!(
            "{} after {} of warm-up",
            count(summary.rounds, "round", "rounds"),
            summary.warm_up_rounds
        );
        if summary.restarts > 0 {
            let text = format!(
                "The port's process was started again {}; what a compiler had learned was lost each time.",
                count(summary.restarts as usize, "time", "times")
            );
            self.page.styled(0, NOTE, &text)?;
        }
        if let Some(stretch) = summary
            .stretch
            .filter(|stretch| of_port && *stretch >= BUSY)
        {
            let text = format!(
                "The machine was busy: work of this program took {} times as long by the wall as by processor time. The \
                 port's times are likely too long by about as much, and its gains with them.",
                three_digits(stretch)
            );
            self.page.styled(0, NOTE, &text)?;
        }
        let outliers: usize = self
            .figures
            .iter()
            .filter_map(|figures| figures.summary)
            .map(|summary| summary.outliers)
            .sum();
        let samples: usize = self
            .figures
            .iter()
            .filter_map(|figures| figures.summary)
            .map(|summary| summary.samples)
            .sum();
        let outliers = format!(
            "{} outside Tukey's fences, of {}",
            count(outliers, "sample", "samples"),
            super::page::number(samples)
        );
        let (style, word) = if summary.findings > 0 {
            let findings = count(summary.findings, "wrong result", "wrong results");
            (BAD, format!("Not right: {findings}; "))
        } else if summary.interrupted {
            (NOTE, "Interrupted: ".to_owned())
        } else if summary.measured == 0 {
            (NOTE, "Nothing was measured: ".to_owned())
        } else {
            (GOOD, "Measured: ".to_owned())
        };
        self.page
            .styled(0, style, &format!("{word}{rounds}, {outliers}. ({took})"))?;
        if of_port || self.verbose {
            return Ok(());
        }
        self.page.styled(
            0,
            QUIET,
            "-v shows the spread of each; bench --port CMD measures a port.",
        )
    }

    fn line(&mut self, text: &str, is_quiet: bool) -> io::Result<()> {
        if is_quiet {
            self.page.preformatted(2, QUIET, text)
        } else {
            self.page.preformatted(2, super::page::PLAIN, text)
        }
    }
}

/// Figures by what was measured, in their order.
fn rows(figures: &[Figures], side_by_side: u32) -> Vec<(String, Vec<&Figures>)> {
    let mut rows: Vec<(String, Vec<&Figures>)> = Vec::new();
    for figures in figures
        .iter()
        .filter(|figures| figures.side_by_side == side_by_side)
    {
        match rows.iter_mut().find(|(what, _)| *what == figures.what) {
            Some((_, row)) => row.push(figures),
            None => rows.push((figures.what.clone(), vec![figures])),
        }
    }
    rows
}

fn clocks<'a>(figures: impl Iterator<Item = &'a Figures>) -> String {
    let mut clocks: Vec<ClockKind> = figures.map(|figures| figures.clock).collect();
    clocks.sort();
    clocks.dedup();
    let words: Vec<_> = clocks.iter().map(ToString::to_string).collect();
    words.join(" and ")
}

fn engine_cell(figures: &Figures) -> Option<String> {
    let median = three_digits(figures.median()? / MICRO);
    let ratio = figures.reference_takes.map_or(String::new(), |ratio| {
        format!("({})", three_digits(ratio.median))
    });
    Some(format!("{median} {ratio:>7}"))
}

fn port_cell(figures: &Figures) -> Option<String> {
    let summary = figures.summary?;
    let milli = |time: f64| three_digits(time / MILLI);
    Some(format!(
        "{} ({} to {})",
        milli(summary.median),
        milli(summary.p10),
        milli(summary.p90)
    ))
}

/// All that is known of one candidate's samples.
fn spread(figures: &Figures, unit: f64, name: &str) -> Option<String> {
    let summary = figures.summary?;
    let shown = |time: f64| three_digits(time / unit);
    Some(format!(
        "  {}: {} {name}, p10 {}, p90 {}, {} to {}; {} with {}",
        figures.by,
        shown(summary.median),
        shown(summary.p10),
        shown(summary.p90),
        shown(summary.min),
        shown(summary.max),
        count(summary.samples, "sample", "samples"),
        count(summary.outliers, "outlier", "outliers"),
    ))
}

/// Three digits that count, thousands apart: `0.0812`, `5.13`, `90.8`, `1,320`.
fn three_digits(value: f64) -> String {
    match value {
        v if !v.is_finite() => "-".to_owned(),
        v if v < 0.000_05 => "0".to_owned(),
        v if v >= 99.95 => super::page::number(v.round() as usize),
        v if v >= 9.995 => format!("{v:.1}"),
        v if v >= 0.9995 => format!("{v:.2}"),
        v if v >= 0.09995 => format!("{v:.3}"),
        v => format!("{v:.4}"),
    }
}

/// One line, cut where it is longer than anybody compares by eye.
fn shortened(text: &str) -> String {
    let text = one_line(text);
    if text.chars().count() <= LONGEST {
        return text;
    }
    let begins: String = text.chars().take(LONGEST).collect();
    format!("{begins}…")
}

const MICRO: f64 = 1e3;
const MILLI: f64 = 1e6;
const EIGHT: u32 = crate::srp::modexp::LANES as u32;
const LABEL: usize = 9;
const WORK: usize = 30;
const COLUMN: usize = 20;
const WHAT: usize = 22;
const PORT_COLUMN: usize = 30;
const NARROW: usize = 11;
const STAGE: usize = 18;
const GAIN: usize = 20;
const LONGEST: usize = 200;
/// A machine that is left alone stays below.
const BUSY: f64 = 1.1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_count_at_every_size() {
        for (value, text) in [
            (1319.6, "1,320"),
            (99.96, "100"),
            (90.84, "90.8"),
            (5.129, "5.13"),
            (0.9996, "1.00"),
            (0.7704, "0.770"),
            (0.07, "0.0700"),
            (0.0, "0"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(three_digits(value), text, "{value}");
        }
    }

    #[test]
    fn what_a_port_says_reaches_no_terminal_and_is_cut() {
        let shown = shortened(&format!("\u{1b}[2J{}", "x".repeat(500)));
        assert!(!shown.contains('\u{1b}'), "{shown}");
        assert!(shown.chars().count() <= LONGEST + 1, "{shown}");
    }
}
