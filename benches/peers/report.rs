//! What is shown: the machine, the medians, the goals.

use std::fmt;

use cognito_conformance::run::bench::machine::Machine;
use cognito_conformance::run::bench::measure::Summary;
use serde::Serialize;
use time::OffsetDateTime;

use crate::goals::{self, Row};
use crate::libraries::versions;
use crate::sign_ins;
use crate::workload::{Effort, Workload};

/// All figures of a run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    command: &'static str,
    machine: Machine,
    /// Of UTC, e.g. `2026-11-25`.
    date: String,
    versions: Vec<Version>,
    /// Times of a quick run mean nothing.
    quick: bool,
    workloads: Vec<Figures>,
    /// None after a quick run.
    goals: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Version {
    name: &'static str,
    version: String,
}

/// The figures of a workload.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    workload: String,
    rounds: usize,
    candidates: Vec<Figure>,
}

/// The figures of a candidate, in microseconds for one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figure {
    name: String,
    clock: String,
    samples: usize,
    median: f64,
    p10: f64,
    p90: f64,
    outliers: usize,
}

impl Report {
    /// Of what was measured.
    pub fn new(effort: &Effort, done: &[Workload]) -> Self {
        let versions = versions().into_iter();
        Self {
            command: COMMAND,
            machine: Machine::this(),
            date: OffsetDateTime::now_utc().date().to_string(),
            versions: versions
                .map(|(name, version)| Version { name, version })
                .collect(),
            quick: effort.is_quick,
            workloads: done.iter().map(Figures::of).collect(),
            goals: if effort.is_quick {
                Vec::new()
            } else {
                goals::rows(done)
            },
        }
    }

    /// As one JSON document.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("the report is plain data")
    }

    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine {
            processor,
            processors,
            architecture,
            system,
        } = &self.machine;
        let processor = processor.as_deref().unwrap_or("unknown processor");
        writeln!(
            f,
            "{processor}, {processors} in use, {architecture}, {system}"
        )?;
        writeln!(f, "{}", self.date)?;
        writeln!(f, "`{}`", self.command)?;
        for Version { name, version } in &self.versions {
            // OpenSSL says its name itself.
            let name = if version.starts_with(name) { "" } else { name };
            writeln!(f, "{}", format!("{name} {version}").trim_start())?;
        }
        if self.quick {
            writeln!(
                f,
                "A quick run: everything ran and agreed. The times mean nothing."
            )?;
        }
        Ok(())
    }

    /// Medians: a row for each candidate, a column for each workload within this process.
    fn medians(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&Figures> = self.within_process().collect();
        // The workload with most candidates gives the order.
        let mut widest_first = columns.clone();
        widest_first.sort_by_key(|column| std::cmp::Reverse(column.candidates.len()));
        let mut names: Vec<&str> = Vec::new();
        for figure in widest_first.iter().flat_map(|column| &column.candidates) {
            if !names.contains(&figure.name.as_str()) {
                names.push(&figure.name);
            }
        }
        let mut head = vec!["µs for one, median".to_owned()];
        head.extend(columns.iter().map(|column| column.workload.clone()));
        let mut rows: Vec<Vec<String>> = Vec::new();
        for name in names {
            let mut row = vec![name.to_owned()];
            row.extend(columns.iter().map(|column| {
                column
                    .find(name)
                    .map_or_else(String::new, |figure| micros(figure.median))
            }));
            rows.push(row);
        }
        let mut rounds = vec!["rounds".to_owned()];
        rounds.extend(columns.iter().map(|column| column.rounds.to_string()));
        rows.push(rounds);
        table(f, 1, &head, &rows)
    }

    fn sign_ins(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(figures) = self
            .workloads
            .iter()
            .find(|figures| figures.workload == sign_ins::WORKLOAD)
        else {
            return Ok(());
        };
        let head = [
            "generated sign-ins, one core",
            "µs for one, median",
            "a second",
            "runs",
        ]
        .map(str::to_owned);
        let rows: Vec<Vec<String>> = figures
            .candidates
            .iter()
            .map(|figure| {
                vec![
                    figure.name.clone(),
                    micros(figure.median),
                    format!("{:.0}", 1e6 / figure.median),
                    figure.samples.to_string(),
                ]
            })
            .collect();
        writeln!(f)?;
        table(f, 1, &head, &rows)
    }

    fn goals(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = [
            "times as fast",
            "ours",
            "against",
            "",
            "must",
            "goal",
            "reached",
            "p10 to p90",
        ]
        .map(str::to_owned);
        let rows: Vec<Vec<String>> = self
            .goals
            .iter()
            .map(|row| {
                let spread = row.p10.zip(row.p90);
                vec![
                    row.what.to_owned(),
                    row.own.clone(),
                    row.against.clone(),
                    row.verdict.as_str().to_owned(),
                    row.must.to_string(),
                    row.goal.to_string(),
                    row.reached
                        .map_or_else(String::new, |reached| format!("{reached:.2}")),
                    spread.map_or_else(String::new, |(p10, p90)| format!("{p10:.2} to {p90:.2}")),
                ]
            })
            .collect();
        table(f, 4, &head, &rows)
    }

    fn within_process(&self) -> impl Iterator<Item = &Figures> {
        self.workloads
            .iter()
            .filter(|figures| figures.workload != sign_ins::WORKLOAD)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        if self.within_process().next().is_some() {
            writeln!(f)?;
            self.medians(f)?;
        }
        self.sign_ins(f)?;
        if self.goals.is_empty() {
            return Ok(());
        }
        writeln!(f)?;
        self.goals(f)
    }
}

impl Figures {
    fn of(workload: &Workload) -> Self {
        let candidates = workload.results.iter().filter_map(|result| {
            let Summary {
                samples,
                median,
                p10,
                p90,
                outliers,
                ..
            } = result.summary()?;
            Some(Figure {
                name: result.name.clone(),
                clock: result.clock.to_string(),
                samples,
                median: median / NANOS,
                p10: p10 / NANOS,
                p90: p90 / NANOS,
                outliers,
            })
        });
        Self {
            workload: workload.name.clone(),
            rounds: workload.rounds,
            candidates: candidates.collect(),
        }
    }

    fn find(&self, name: &str) -> Option<&Figure> {
        self.candidates.iter().find(|figure| figure.name == name)
    }
}

fn micros(value: f64) -> String {
    if value < 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// A table in Markdown whose columns stand under each other. `texts` says how many columns from the left are text; the
/// numbers of the others stand at the right.
fn table(
    f: &mut fmt::Formatter<'_>,
    texts: usize,
    head: &[String],
    rows: &[Vec<String>],
) -> fmt::Result {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| &row[column]);
        cells
            .chain([&head[column]])
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut line = |cells: &[String]| {
        for (column, (cell, &width)) in cells.iter().zip(&widths).enumerate() {
            if column < texts {
                write!(f, "| {cell:width$} ")?;
            } else {
                write!(f, "| {cell:>width$} ")?;
            }
        }
        writeln!(f, "|")
    };
    line(head)?;
    let rule = widths.iter().enumerate().map(|(column, width)| {
        let end = if column < texts { "-" } else { ":" };
        "-".repeat(width - 1) + end
    });
    line(&rule.collect::<Vec<_>>())?;
    rows.iter().try_for_each(|row| line(row))
}

const COMMAND: &str = "cargo bench --features peer-benches --bench peers";
/// Nanoseconds in a microsecond.
const NANOS: f64 = 1e3;
