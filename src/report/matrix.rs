//! How the self-test reads: mistakes by rules.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::page::{BAD, GOOD, Page, QUIET, count, duration, number, one_line};
use crate::rules::Party;
use crate::run::{Accusation, Matrix, MatrixRow};

/// Writes the matrix: a row a mistake, then what is wrong with it, then the verdict.
///
/// # Errors
/// When it can't be written.
pub fn write_matrix<W: Write>(
    page: &mut Page<W>,
    matrix: &Matrix,
    verbose: bool,
) -> io::Result<()> {
    page.heading("Mistakes, and the rules that caught them in how many plays")?;
    for row in &matrix.rows {
        write_row(page, row, verbose)?;
    }
    survivors(page, matrix)?;
    silent(page, matrix)?;
    false_alarms(page, matrix)?;
    false_accusations(page, matrix)?;
    page.gap()?;
    verdict(page, matrix)
}

fn write_row<W: Write>(page: &mut Page<W>, row: &MatrixRow, verbose: bool) -> io::Result<()> {
    let mut rules: Vec<_> = row.caught.iter().collect();
    // The rules that have to catch it first, then those that happen to, by how often.
    rules.sort_by_key(|(rule, n)| (!row.expected.contains(rule), usize::MAX - **n, **rule));
    let shown = if verbose { rules.len() } else { MOST_RULES };
    let mut words: Vec<_> = rules
        .iter()
        .take(shown)
        .map(|(rule, n)| format!("{rule} {}", number(**n)))
        .collect();
    if rules.len() > shown {
        words.push(format!("{} more", rules.len() - shown));
    }
    if row.survived {
        words.insert(0, "SURVIVED".to_owned());
    }
    let mut text = words.join(", ");
    if !row.accused.is_empty() {
        let accused: Vec<_> = row.accused.iter().map(told).collect();
        let _ = write!(text, "; blames the {}: {}", other(row), accused.join(", "));
    }
    page.entry(2, row.mistake, MISTAKE, &text)?;
    if !verbose {
        return Ok(());
    }
    let of = format!(
        "{} Changed {} of {}.",
        row.sentence,
        number(row.changed),
        count(row.plays, "play", "plays")
    );
    page.styled(4, QUIET, &of)
}

/// Who is right where the row's party errs.
fn other(row: &MatrixRow) -> &'static str {
    match row.party {
        Party::Service => "port",
        Party::Port | Party::Shim => "service",
    }
}

fn told(accused: &Accusation) -> String {
    let Accusation {
        rule,
        level,
        scenarios,
        ..
    } = accused;
    format!("{rule} ({level}) {}", number(*scenarios))
}

fn survivors<W: Write>(page: &mut Page<W>, matrix: &Matrix) -> io::Result<()> {
    let survivors: Vec<_> = matrix.rows.iter().filter(|row| row.survived).collect();
    if survivors.is_empty() {
        return Ok(());
    }
    page.gap()?;
    page.heading("Survivors: none of the rules that they name caught them")?;
    for row in survivors {
        page.styled(2, BAD, row.mistake)?;
        page.text(4, row.sentence)?;
        let changed = match row.changed {
            0 => "It changed nothing in any play.".to_owned(),
            n => format!(
                "It changed {} of {}.",
                number(n),
                count(row.plays, "play", "plays")
            ),
        };
        page.text(
            4,
            &format!("{changed} Expected from: {}", row.expected.join(", ")),
        )?;
    }
    Ok(())
}

fn silent<W: Write>(page: &mut Page<W>, matrix: &Matrix) -> io::Result<()> {
    // With a part of the mistakes only, silence says nothing.
    if matrix.rules_that_catch_nothing.is_empty() || matrix.partial {
        return Ok(());
    }
    page.gap()?;
    page.heading("Silent rules: none of the mistakes played makes them fail")?;
    page.styled(2, BAD, &matrix.rules_that_catch_nothing.join(", "))
}

fn false_alarms<W: Write>(page: &mut Page<W>, matrix: &Matrix) -> io::Result<()> {
    if matrix.rules_that_spoke_on_right_transcripts.is_empty() {
        return Ok(());
    }
    page.gap()?;
    page.heading("False alarms: rules broken by a right sign-in")?;
    for (rule, case) in &matrix.rules_that_spoke_on_right_transcripts {
        page.styled(2, BAD, &format!("{} in {}", one_line(rule), one_line(case)))?;
    }
    Ok(())
}

fn false_accusations<W: Write>(page: &mut Page<W>, matrix: &Matrix) -> io::Result<()> {
    if matrix.false_accusations().next().is_none() {
        return Ok(());
    }
    page.gap()?;
    page.heading("False accusations: rules that blame who is right for the other party's mistake")?;
    for (mistake, accused) in matrix.false_accusations() {
        let scenarios = count(accused.scenarios, "scenario", "scenarios");
        let text = format!(
            "{mistake}: {} in {scenarios}, first in {}",
            accused.rule,
            one_line(&accused.first)
        );
        page.styled(2, BAD, &text)?;
        page.text(4, &one_line(&accused.finding))?;
    }
    Ok(())
}

fn verdict<W: Write>(page: &mut Page<W>, matrix: &Matrix) -> io::Result<()> {
    let mistakes = matrix.rows.len();
    let survived = matrix.rows.iter().filter(|row| row.survived).count();
    let plays = matrix.right_plays + matrix.rows.iter().map(|row| row.plays).sum::<usize>();
    let took = duration(matrix.elapsed_ms);
    let plays = count(plays, "play", "plays");
    let caught = format!(
        "{} of {} caught",
        number(mistakes - survived),
        count(mistakes, "mistake", "mistakes")
    );
    let alarms = match matrix.rules_that_spoke_on_right_transcripts.len() {
        0 => "no false alarm".to_owned(),
        n => count(n, "false alarm", "false alarms"),
    };
    let accusations = match matrix.false_accusations().count() {
        0 => "nobody right accused".to_owned(),
        n => count(n, "false accusation", "false accusations"),
    };
    let silent = match matrix.rules_that_catch_nothing.len() {
        _ if matrix.partial => "a part of the mistakes only".to_owned(),
        0 => "no silent rule".to_owned(),
        n => count(n, "silent rule", "silent rules"),
    };
    let (style, word) = if matrix.is_green() {
        (GOOD, "Proved")
    } else {
        (BAD, "Not proved")
    };
    page.styled(
        0,
        style,
        &format!("{word}: {caught}, {silent}, {alarms}, {accusations}, {plays}. ({took})"),
    )
}

/// A row as data, for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RowLine<'a> {
    event: &'static str,
    mistake: &'static str,
    party: Party,
    sentence: &'static str,
    plays: usize,
    changed: usize,
    caught: &'a BTreeMap<&'static str, usize>,
    expected: &'static [&'static str],
    survived: bool,
    accused: &'a [Accusation],
}

impl<'a> RowLine<'a> {
    /// The line of a row; its `event` is `mistake`.
    pub fn of(row: &'a MatrixRow) -> Self {
        Self {
            event: "mistake",
            mistake: row.mistake,
            party: row.party,
            sentence: row.sentence,
            plays: row.plays,
            changed: row.changed,
            caught: &row.caught,
            expected: row.expected,
            survived: row.survived,
            accused: &row.accused,
        }
    }
}

/// The end of a self-test as data, for programs. The rows have their own lines.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatrixLine<'a> {
    event: &'static str,
    is_green: bool,
    mistakes: usize,
    survivors: Vec<&'static str>,
    silent_rules: &'a [&'static str],
    false_alarms: &'a [(String, String)],
    false_accusations: usize,
    right_plays: usize,
    partial: bool,
    elapsed_ms: u64,
}

impl<'a> MatrixLine<'a> {
    /// The line of a matrix; its `event` is `finished`.
    pub fn of(matrix: &'a Matrix) -> Self {
        let survivors = matrix.rows.iter().filter(|row| row.survived);
        Self {
            event: "finished",
            is_green: matrix.is_green(),
            mistakes: matrix.rows.len(),
            survivors: survivors.map(|row| row.mistake).collect(),
            silent_rules: &matrix.rules_that_catch_nothing,
            false_alarms: &matrix.rules_that_spoke_on_right_transcripts,
            false_accusations: matrix.false_accusations().count(),
            right_plays: matrix.right_plays,
            partial: matrix.partial,
            elapsed_ms: matrix.elapsed_ms,
        }
    }
}

const MISTAKE: usize = 40;
const MOST_RULES: usize = 4;
