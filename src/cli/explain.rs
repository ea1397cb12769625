//! `explain`: a rule, a mistake, a rare value or an exit code.

use std::collections::BTreeSet;
use std::io::{self, Write};

use clap::Args;

use super::error::CliError;
use super::output::page;
use super::rare::Rare;
use crate::exit_code::ExitCode;
use crate::mistakes::{self, arithmetic};
use crate::report::Page;
use crate::report::page::one_line;
use crate::rules::{Rule, catalog};

/// The flags of `explain`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ExplainArguments {
    /// Id of a rule or mistake, a rare value such as 'B = top', or an exit code
    #[arg(value_name = "ID", required = true, num_args = 1..)]
    id: Vec<String>,
}

/// Carries `explain` out.
///
/// # Errors
/// When nothing has that name, or results can't be written.
pub fn run(arguments: &ExplainArguments) -> Result<ExitCode, CliError> {
    let asked = arguments.id.join(" ");
    let mut page = page();
    if let Some(rule) = catalog::find(&asked) {
        rule_page(&mut page, rule)?;
    } else if let Some(mistake) = mistakes().into_iter().find(|mistake| mistake.id == asked) {
        mistake_page(&mut page, &mistake)?;
    } else if let Some(code) = exit_code(&asked) {
        page.heading(&format!("Exit code {}: {}", code as u8, name(code)))?;
        page.text(2, meaning(code))?;
    } else if let Some(rare) = Rare::find(&asked) {
        rare.write(&mut page)?;
    } else if let Some((title, text)) = check_of_another_kind(&asked) {
        page.heading(&one_line(title))?;
        page.text(2, text)?;
    } else {
        return Err(CliError::Unknown(unknown(&asked)));
    }
    page.flush()?;
    Ok(ExitCode::Conforms)
}

/// A mistake of whichever family, as far as it is told.
pub struct KnownMistake {
    /// Its id.
    pub id: &'static str,
    /// What it does.
    pub sentence: &'static str,
    /// Where it happened.
    pub seen: &'static [&'static str],
    /// The rules of which at least one has to catch it; empty where no scenario shows it.
    pub caught_by: &'static [&'static str],
}

/// Every mistake once: those that references can commit, and those of the arithmetic alone.
pub fn mistakes() -> Vec<KnownMistake> {
    let mut told = BTreeSet::new();
    let whole = mistakes::all().map(|mistake| KnownMistake {
        id: mistake.id,
        sentence: mistake.sentence,
        seen: mistake.seen,
        caught_by: mistake.caught_by,
    });
    let arithmetic = arithmetic::ARITHMETIC.iter().map(|mistake| KnownMistake {
        id: mistake.id,
        sentence: mistake.sentence,
        seen: mistake.seen,
        caught_by: &[],
    });
    // What no scenario shows is no proof of any rule, but is real all the same.
    let beyond = mistakes::beyond_scenarios().map(|mistake| KnownMistake {
        id: mistake.id,
        sentence: mistake.sentence,
        seen: mistake.seen,
        caught_by: &[],
    });
    whole
        .chain(beyond)
        .chain(arithmetic)
        .filter(|mistake| told.insert(mistake.id))
        .collect()
}

fn rule_page<W: Write>(page: &mut Page<W>, rule: &Rule) -> io::Result<()> {
    page.heading(&format!(
        "{} ({}, {}, judges the {})",
        rule.id,
        rule.level,
        rule.strength(),
        rule.party
    ))?;
    page.text(2, rule.sentence)?;
    page.gap()?;
    page.label(2, "sources")?;
    for source in rule.sources {
        page.text(4, &source.to_string())?;
        if !source.says.is_empty() {
            page.text(6, source.says)?;
        }
    }
    let catches: Vec<_> = mistakes()
        .into_iter()
        .filter(|mistake| mistake.caught_by.contains(&rule.id))
        .collect();
    if catches.is_empty() {
        return page.entry(
            2,
            "catches",
            LABEL,
            "nothing yet: no known mistake names it",
        );
    }
    page.label(2, "catches")?;
    for mistake in catches {
        page.text(4, mistake.id)?;
        page.text(6, mistake.sentence)?;
    }
    Ok(())
}

fn mistake_page<W: Write>(page: &mut Page<W>, mistake: &KnownMistake) -> io::Result<()> {
    page.heading(&format!("{} (a known mistake)", mistake.id))?;
    page.text(2, mistake.sentence)?;
    page.gap()?;
    let seen = if mistake.seen.is_empty() {
        "nowhere yet, as far as is known".to_owned()
    } else {
        mistake.seen.join("; ")
    };
    page.entry(2, "seen in", LABEL, &seen)?;
    if mistake.caught_by.is_empty() {
        return page.entry(
            2,
            "shown",
            LABEL,
            "known; no scenario of today shows it, so no rule is proved by it",
        );
    }
    page.entry(2, "caught by", LABEL, &mistake.caught_by.join(", "))
}

fn exit_code(asked: &str) -> Option<ExitCode> {
    let number = asked.strip_prefix("exit ").unwrap_or(asked);
    let number = number.strip_prefix("code ").unwrap_or(number);
    CODES
        .into_iter()
        .find(|code| (*code as u8).to_string() == number)
}

fn name(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Conforms => "conforms",
        ExitCode::Findings => "findings",
        ExitCode::Usage => "usage",
        ExitCode::CouldNotRun => "could not run",
        ExitCode::HarnessFault => "the harness is at fault",
    }
}

fn meaning(code: ExitCode) -> &'static str {
    match code {
        ExitCode::Conforms => {
            "Everything that was applicable conforms. What was not applicable or not reached is listed, never counted as passed."
        }
        ExitCode::Findings => {
            "At least one rule is broken that no known-findings file expects, or an entry of such a file is not true any more. Of selftest: a survivor, a silent rule or a false alarm."
        }
        ExitCode::Usage => {
            "The command line is wrong, or a file named on it can't be read or written; the message says which, and where in it."
        }
        ExitCode::CouldNotRun => {
            "Nothing can be said about the port: it never started, the filter matched nothing, nothing was applicable, or the run was interrupted before anything was found. A run that was interrupted after a finding ends with 1. A run that conforms ends so, too, if what --save keeps of it is not complete."
        }
        ExitCode::HarnessFault => {
            "The harness itself is at fault, which says nothing about the port. Please report it, with the message and the command line."
        }
    }
}

/// Checks that are no rules of the catalogue: vectors, re-enactments, a port's pure functions.
fn check_of_another_kind(asked: &str) -> Option<(&str, &'static str)> {
    let (kind, rest) = asked.split_once('.')?;
    if rest.is_empty() {
        return None;
    }
    let text = match kind {
        "vector" => {
            "A value of a published vector comes out differently. The case's id names the file and the vector; `list vectors` tells where each file is from."
        }
        "recording" => {
            "A reference does not do what was recorded of the real service: `recording.client` when our client sends another request, `recording.pool` when our pool gives another answer."
        }
        "primitive" => {
            "A pure function that the port shows through its shim gives another value than a published vector has."
        }
        _ => return None,
    };
    Some((asked, text))
}

fn unknown(asked: &str) -> String {
    let wanted = pairs(asked);
    let rules = catalog::all().map(|rule| rule.id);
    let mut near: Vec<_> = rules
        .chain(mistakes().into_iter().map(|mistake| mistake.id))
        .map(|id| {
            let pairs = pairs(id);
            let shared = pairs.intersection(&wanted).count();
            (2_000 * shared / (pairs.len() + wanted.len()).max(1), id)
        })
        .filter(|(alike, _)| *alike >= LEAST_ALIKE)
        .collect();
    near.sort_by_key(|(alike, id)| (usize::MAX - alike, *id));
    let near: Vec<_> = near.iter().take(MOST_NEAR).map(|(_, id)| *id).collect();
    let hint = if near.is_empty() {
        "`list rules` and `list mistakes` name what there is".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    let asked: String = one_line(asked).chars().take(LONGEST_ASKED).collect();
    format!("nothing is called {asked:?}; {hint}")
}

/// The pairs of neighbouring letters: names that share many of them are alike.
fn pairs(name: &str) -> BTreeSet<(char, char)> {
    let letters: Vec<char> = name.to_lowercase().chars().take(LONGEST_ASKED).collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

const CODES: [ExitCode; 5] = [
    ExitCode::Conforms,
    ExitCode::Findings,
    ExitCode::Usage,
    ExitCode::CouldNotRun,
    ExitCode::HarnessFault,
];
const LABEL: usize = 10;
const MOST_NEAR: usize = 3;
/// Of a thousand.
const LEAST_ALIKE: usize = 500;
const LONGEST_ASKED: usize = 80;

const AFTER_HELP: &str = "\
Examples:
  A rule: what it requires, where that is from, which mistakes it catches
    cognito-conformance explain srp.claim

  A mistake: what it does, and where it happened
    cognito-conformance explain arithmetic.x-over-unsigned-salt

  A rare value; an exit code
    cognito-conformance explain B = top
    cognito-conformance explain 3";
