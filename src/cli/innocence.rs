//! `selftest --free`: nobody who is right is accused.

use std::collections::BTreeMap;

use serde_json::json;

use super::error::CliError;
use super::flags::FormatFlags;
use super::output::{Results, heard};
use crate::client::RefreshBy;
use crate::exit_code::ExitCode;
use crate::report::Progress;
use crate::report::page::{count, duration, number};
use crate::run::{Innocence, InnocenceOptions, Progressed, innocence};

/// Plays free scenarios with the right references.
///
/// # Errors
/// When the run can't begin or go on.
pub fn run(
    options: &InnocenceOptions,
    least_verdicts: Option<usize>,
    FormatFlags { format, verbose }: &FormatFlags,
) -> Result<ExitCode, CliError> {
    let mut progress = Progress::for_terminal();
    let mut results = Results::begin(*format, "selftest")?;
    let mut planned = 0;
    let outcome = innocence(options, &mut |progressed| match progressed {
        Progressed::Begins(count) => {
            planned = count;
            progress.set_total(count);
        }
        Progressed::Played { is_accused } => progress.step(is_accused),
    });
    drop(progress);
    let found = outcome?;
    let least = least_verdicts.unwrap_or_default();
    let rare = found.judged_less_than(least);
    let is_whole = found.played == planned;
    let written = results.write(&as_json(&found), |page| {
        let by_rule = smallest_by_rule(&found);
        if !by_rule.is_empty() {
            page.heading("Accused although right")?;
        }
        for (rule, cases) in &by_rule {
            page.entry(2, rule, 40, &count(cases.len(), "scenario", "scenarios"))?;
            let shown = if *verbose { cases.len() } else { 3 };
            for (line, words) in cases.iter().take(shown) {
                page.verbatim(4, line)?;
                page.text(6, words)?;
            }
        }
        if *verbose {
            page.heading("Verdicts by rule")?;
            for (rule, n) in &found.verdicts {
                page.entry(2, rule, 40, &number(*n))?;
            }
        }
        if !found.silent.is_empty() {
            page.heading("Rules without a verdict")?;
            page.text(2, &found.silent.join(", "))?;
        }
        if !rare.is_empty() {
            page.heading(&format!("Rules with fewer than {least} verdicts"))?;
            for (rule, n) in &rare {
                page.entry(2, rule, 40, &number(*n))?;
            }
        }
        page.gap()?;
        let so_far = if is_whole {
            ""
        } else {
            "Interrupted; so far: "
        };
        page.text(
            0,
            &format!(
                "{so_far}{}, {} accused. ({})",
                count(found.played, "right sign-in", "right sign-ins"),
                number(found.accused.len()),
                duration(found.elapsed_ms)
            ),
        )
    });
    heard(written.and_then(|()| results.flush()))?;
    Ok(match (found.accused.is_empty(), is_whole) {
        (false, _) => ExitCode::Findings,
        // What was not played accuses nobody, and proves nothing.
        (true, false) => ExitCode::CouldNotRun,
        (true, true) if !rare.is_empty() => ExitCode::Findings,
        (true, true) => ExitCode::Conforms,
    })
}

/// For each rule the scenarios in which it spoke, the smallest first.
fn smallest_by_rule(found: &Innocence) -> BTreeMap<String, Vec<(String, String)>> {
    let mut by_rule: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for accusation in &found.accused {
        let line = serde_json::to_string(&accusation.scenario).unwrap_or_default();
        let by = operation(accusation.refresh_by);
        for (rule, party, words) in &accusation.rules {
            by_rule
                .entry(format!("{rule} ({party})"))
                .or_default()
                .push((
                    line.clone(),
                    format!("{words}, with a client that refreshes by {by}"),
                ));
        }
    }
    for cases in by_rule.values_mut() {
        cases.sort_by_key(|(line, _)| line.len());
    }
    by_rule
}

fn operation(refresh_by: RefreshBy) -> &'static str {
    match refresh_by {
        RefreshBy::GetTokensFromRefreshToken => "GetTokensFromRefreshToken",
        RefreshBy::RefreshTokenAuth => "REFRESH_TOKEN_AUTH",
    }
}

fn as_json(found: &Innocence) -> serde_json::Value {
    let accused: Vec<_> = found
        .accused
        .iter()
        .map(|accusation| {
            let rules: Vec<_> = accusation
                .rules
                .iter()
                .map(|(rule, party, words)| json!({ "rule": rule, "party": party, "words": words }))
                .collect();
            json!({
                "scenario": accusation.scenario,
                "refreshBy": operation(accusation.refresh_by),
                "rules": rules,
            })
        })
        .collect();
    json!({
        "event": "innocence",
        "played": found.played,
        "accused": accused,
        "verdicts": found.verdicts,
        "silent": found.silent,
        "accusedValues": found.accused_values,
        "accusedPairs": found.accused_pairs,
        "elapsedMs": found.elapsed_ms,
    })
}
