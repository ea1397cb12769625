//! How one broken rule reads.

use std::io::{self, Write};

use super::page::{BAD, HEADING, Page, count, one_line};
use crate::mistakes;
use crate::rules::{Finding, Level, Rule};
use crate::run::event::{Again, Blame, Explanation, Found, Under};

/// Writes a broken rule with its smallest scenario.
///
/// # Errors
/// When it can't be written.
pub fn write_found<W: Write>(page: &mut Page<W>, number: usize, found: &Found) -> io::Result<()> {
    page.gap()?;
    let how = match (found.blames, found.intermittent) {
        (Blame::Harness, _) => {
            "the harness is at fault, for right references break a rule here, too"
        }
        (_, true) => "it breaks now and then",
        (Blame::Port, false) => "the port breaks it",
        (Blame::Service, false) => "the service breaks it",
        (Blame::Shim, false) => "the shim breaks it",
    };
    let how = format!("{how}; {}", found.severity);
    title(page, number, &found.requirement.id(), found.level, &how)?;
    page.styled(INDENT, HEADING, &found.sentence)?;
    if !found.minimal_summary.is_empty() {
        page.entry(INDENT, "scenario", LABEL, &one_line(&found.minimal_summary))?;
    }
    let smallest = match found.plays {
        0 => String::new(),
        plays => format!(
            "; the smallest scenario took {}",
            count(plays, "play", "plays")
        ),
    };
    let cases = count(found.cases, "case", "cases");
    let first = one_line(&found.first_case);
    page.entry(
        INDENT,
        "broken in",
        LABEL,
        &format!("{cases}, first in {first}{smallest}"),
    )?;
    if let Some(again) = found.again.filter(|again| !again.is_always()) {
        page.entry(INDENT, "again", LABEL, &comes_and_goes(again, found))?;
    }
    if !found.rare.is_empty() {
        page.entry(INDENT, "rare", LABEL, &needed(found))?;
    }
    if !found.references_break.is_empty() {
        let text = format!(
            "{}: please report this with the line below",
            found.references_break.join(", ")
        );
        page.entry(INDENT, "reference", LABEL, &one_line(&text))?;
    }
    write_finding(page, &found.finding)?;
    if !found.under.is_empty() {
        page.entry(
            INDENT,
            "breaks",
            LABEL,
            &one_line(&listed_under(&found.under)),
        )?;
    }
    if let Some(explanation) = &found.explanation {
        write_cause(page, explanation)?;
    }
    if !found.evidence.is_empty() {
        page.entry(INDENT, "sources", LABEL, &listed(&found.evidence))?;
    }
    if !found.replay.is_empty() {
        page.label(INDENT, "replay")?;
        page.verbatim(INDENT + 2, &one_line(&found.replay))?;
    }
    Ok(())
}

/// Writes a rule that one transcript broke.
///
/// # Errors
/// When it can't be written.
pub fn write_broken<W: Write>(
    page: &mut Page<W>,
    number: usize,
    rule: &Rule,
    finding: &Finding,
) -> io::Result<()> {
    page.gap()?;
    let blames = finding.blames.unwrap_or(rule.party);
    title(
        page,
        number,
        rule.id,
        rule.level,
        &format!("the {blames} breaks it"),
    )?;
    page.styled(INDENT, HEADING, rule.sentence)?;
    write_finding(page, finding)?;
    if let Some(mistake) = &finding.explained_by {
        let text = format!(
            "{}; `explain {}` tells it",
            one_line(mistake),
            one_line(mistake)
        );
        page.entry(INDENT, "cause", LABEL, &text)?;
    }
    page.entry(INDENT, "sources", LABEL, &listed(rule.sources))
}

/// Writes a rule that an observed sign-in broke; `sign_in` says which that was.
///
/// # Errors
/// When it can't be written.
pub fn write_seen<W: Write>(
    page: &mut Page<W>,
    number: usize,
    rule: &Rule,
    finding: &Finding,
    sign_in: &str,
) -> io::Result<()> {
    page.gap()?;
    let heading = format!(
        "{number}. {} ({}): the application breaks it",
        rule.id, rule.level
    );
    page.styled(0, BAD, &heading)?;
    page.styled(INDENT, HEADING, rule.sentence)?;
    page.entry(INDENT, "sign-in", LABEL, sign_in)?;
    write_finding(page, finding)?;
    let cause = finding
        .explained_by
        .as_deref()
        .and_then(|id| mistakes::find(id));
    let asked = match cause {
        Some(mistake) => {
            let text = format!("{}: {}", mistake.id, mistake.sentence);
            page.entry(INDENT, "cause", LABEL, &text)?;
            mistake.id
        }
        None => rule.id,
    };
    let text = format!("`cognito-conformance explain {asked}` tells more");
    page.entry(INDENT, "explain", LABEL, &text)
}

/// The rules that break by the same cause.
fn listed_under(under: &[Under]) -> String {
    let rules = under.iter().map(|under| {
        let cases = count(under.cases, "case", "cases");
        format!("{} ({}) in {cases}", under.requirement, under.level)
    });
    let rules: Vec<String> = rules.collect();
    format!("by the same cause {}", rules.join(", "))
}

/// Sources on one line, each with its strength.
fn listed<T: ToString>(sources: &[T]) -> String {
    let sources: Vec<String> = sources.iter().map(ToString::to_string).collect();
    one_line(&sources.join("; "))
}

fn title<W: Write>(
    page: &mut Page<W>,
    number: usize,
    rule: &str,
    level: Level,
    how: &str,
) -> io::Result<()> {
    let rule = one_line(rule);
    page.styled(0, BAD, &format!("{number}. {rule} ({level}): {how}"))
}

/// What is said of a failure that does not come each time.
fn comes_and_goes(again: Again, found: &Found) -> String {
    let Again { broken, of } = again;
    let plays = format!("it broke again in {broken} of {of} plays of this very scenario");
    if found.intermittent {
        format!("{plays}, so that it was not made smaller")
    } else {
        format!("{plays}; what the transcript shows proves it all the same")
    }
}

/// What is said of the rare values without which a scenario passes.
fn needed(found: &Found) -> String {
    let values = found.rare.join(", ");
    match &found.again {
        Some(again) if again.is_always() && found.rare.len() == 1 => {
            format!("{values}: with other values the same sign-in passes")
        }
        _ => format!("{values}: what the failing sign-in had, and none of those that passed"),
    }
}

fn write_finding<W: Write>(page: &mut Page<W>, finding: &Finding) -> io::Result<()> {
    if let Some(exchange) = finding.exchange {
        let text = format!("exchange {exchange}, counted from 0");
        page.entry(INDENT, "where", LABEL, &text)?;
    }
    let (expected, got) = apart(&finding.expected, &finding.got);
    page.entry(INDENT, "expected", LABEL, &one_line(&expected))?;
    page.entry(INDENT, "got", LABEL, &one_line(&got))
}

/// Two values, shown from where they differ when they are long and begin alike.
fn apart(expected: &str, got: &str) -> (String, String) {
    let alike = expected
        .chars()
        .zip(got.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let lengths = [expected.chars().count(), got.chars().count()];
    if alike < LONG || lengths.iter().any(|&length| length < LONG) {
        return (expected.to_owned(), got.to_owned());
    }
    if lengths == [alike; 2] {
        let begins: String = expected.chars().take(LONG).collect();
        return (
            format!("{begins}…"),
            "alike in the part that is kept; the transcript has the rest".to_owned(),
        );
    }
    let cut = alike - CONTEXT;
    let rest = |text: &str| text.chars().skip(cut).collect::<String>();
    (
        format!("(the first {cut} characters are alike) …{}", rest(expected)),
        format!("(the first {cut} characters are alike) …{}", rest(got)),
    )
}

fn write_cause<W: Write>(page: &mut Page<W>, cause: &Explanation) -> io::Result<()> {
    let Explanation {
        mistake,
        sentence,
        seen,
    } = cause;
    page.entry(INDENT, "cause", LABEL, &format!("{mistake}: {sentence}"))?;
    if seen.is_empty() {
        return Ok(());
    }
    page.entry(INDENT, "seen in", LABEL, &seen.join("; "))
}

const INDENT: usize = 3;
const LABEL: usize = 9;
const LONG: usize = 72;
const CONTEXT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shown_from_where_they_differ() {
        let long = "ab".repeat(60);
        let (expected, got) = apart(&format!("{long}left"), &format!("{long}right"));
        assert_eq!(
            expected,
            "(the first 112 characters are alike) …abababableft"
        );
        assert_eq!(got, "(the first 112 characters are alike) …ababababright");
        assert_eq!(
            apart("abc", "abd"),
            ("abc".to_owned(), "abd".to_owned()),
            "short ones stay"
        );
        let (_, got) = apart(&long, &long);
        assert!(got.starts_with("alike"), "cut before they differ: {got}");
    }
}
