//! How what an application did wrong at a local pool reads.

use std::io::{self, Write};

use super::finding::write_seen;
use super::page::{BAD, GOOD, NOTE, Page, count, number, one_line};
use crate::run::watch::{FoundAgain, Sighting, WatchSummary, outcome};

/// Writes a broken rule: which, where, by whom, and why.
///
/// # Errors
/// When it can't be written.
pub fn write_sighting<W: Write>(
    page: &mut Page<W>,
    at: usize,
    sighting: &Sighting<'_>,
) -> io::Result<()> {
    let sign_in = sighting.sign_in;
    let user = if sign_in.user.is_empty() {
        "-"
    } else {
        &sign_in.user
    };
    let told = format!(
        "{}: user={user} client={} pool={}, {}",
        sign_in.transcript.id,
        sign_in.client_id,
        sign_in.user_pool_id,
        outcome(sign_in)
    );
    write_seen(page, at, sighting.rule, &sighting.finding, &one_line(&told))
}

/// Writes what came of watching. `lost` exchanges came faster than they could be judged.
///
/// # Errors
/// When it can't be written.
pub fn write_watched<W: Write>(
    page: &mut Page<W>,
    summary: &WatchSummary,
    lost: u64,
) -> io::Result<()> {
    page.gap()?;
    page.heading("Judged")?;
    let sign_ins = format!(
        "{}, {} of which rules applied to",
        count(summary.sign_ins, "sign-in", "sign-ins"),
        number(summary.judged)
    );
    page.entry(2, "sign-ins", LABEL, &sign_ins)?;
    if !summary.held.is_empty() {
        page.entry(2, "held", LABEL, &summary.held.join(", "))?;
    }
    for found in &summary.found {
        page.entry(2, "broken", LABEL, &broken(found))?;
    }
    if summary.unexplained > 0 {
        let proofs = count(summary.unexplained, "proof", "proofs");
        let text = format!(
            "{proofs} of another password than the right one: mistyped, or from a mistake in x or k, which only \
             `check --port` can name"
        );
        page.entry(2, "not judged", LABEL, &text)?;
    }
    for (reason, times) in &summary.unassigned {
        let text = format!("{}: {reason}", count(*times, "request", "requests"));
        page.entry(2, "not judged", LABEL, &text)?;
    }
    if lost > 0 {
        let requests = count(
            usize::try_from(lost).unwrap_or(usize::MAX),
            "request",
            "requests",
        );
        let text = format!("{requests}: they came faster than they could be judged");
        page.entry(2, "not judged", LABEL, &text)?;
    }
    page.gap()?;
    if !summary.found.is_empty() {
        let findings = count(summary.found.len(), "finding", "findings");
        page.styled(0, BAD, &format!("Does not conform: {findings}."))
    } else if summary.judged == 0 {
        page.styled(0, NOTE, "Nothing was judged: nobody signed in.")
    } else if summary.proves_nothing() {
        let text = "Nothing is known of the proofs: none was that of the right password.";
        page.styled(0, NOTE, text)
    } else {
        let held = count(summary.held.len(), "rule", "rules");
        let judged = count(summary.judged, "sign-in", "sign-ins");
        page.styled(
            0,
            GOOD,
            &format!("Conforms: {judged}, {held}, nothing broken."),
        )
    }
}

fn broken(found: &FoundAgain) -> String {
    let cause = found
        .cause
        .as_ref()
        .map_or(String::new(), |cause| format!(" ({cause})"));
    match found.times {
        1 => format!("{}{cause}", found.rule),
        times => format!(
            "{}{cause}, and again, {}",
            found.rule,
            count(times - 1, "time", "times")
        ),
    }
}

const LABEL: usize = 10;
