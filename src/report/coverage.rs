//! How much of what a port can meet was met, in a few lines.

use std::io::{self, Write};

use super::page::{NOTE, Page, QUIET, count, number, one_line};
use crate::run::event::{Covered, Steps};

/// Writes what was met, and with `verbose` what was not, by name.
pub(super) fn write_covered<W: Write>(
    page: &mut Page<W>,
    covered: &Covered,
    verbose: bool,
) -> io::Result<()> {
    let Covered { met, possible, .. } = covered;
    let open = possible - met;
    let pairs = format!(
        "{} of {} pairs of values of two axes",
        number(*met),
        number(*possible)
    );
    page.text(2, &pairs)?;
    let excluded: usize = covered.excluded.values().sum();
    let others = format!(
        "{} others need what the port does not offer, {} exclude each other",
        number(covered.not_offered),
        number(excluded)
    );
    page.styled(2, QUIET, &others)?;
    match (open, verbose) {
        (0, _) => {}
        (_, false) => {
            let told = format!("{} were not met: -v names them", number(open));
            page.styled(2, NOTE, &told)?;
        }
        (_, true) => write_open(page, covered, open)?,
    }
    write_steps(page, &covered.steps, verbose)
}

/// Names pairs that were not met.
fn write_open<W: Write>(page: &mut Page<W>, covered: &Covered, open: usize) -> io::Result<()> {
    for pair in covered.not_met.iter().take(MOST_NAMES) {
        page.styled(2, NOTE, &format!("not met: {pair}"))?;
    }
    match open.checked_sub(MOST_NAMES) {
        None | Some(0) => Ok(()),
        Some(more) => page.styled(2, NOTE, &format!("and {} others", number(more))),
    }
}

fn write_steps<W: Write>(page: &mut Page<W>, steps: &Steps, verbose: bool) -> io::Result<()> {
    let told = format!(
        "{} from one answer of the service to the next, {} of {} calls in each state",
        count(steps.transitions.len(), "transition", "transitions"),
        number(steps.calls.len()),
        number(steps.calls.len() + steps.calls_not_met.len()),
    );
    page.text(2, &told)?;
    if !verbose {
        return Ok(());
    }
    for counts in [&steps.transitions, &steps.calls] {
        let rows: Vec<_> = counts
            .iter()
            .map(|(what, times)| (one_line(what), number(*times)))
            .collect();
        page.entries(4, &rows)?;
    }
    if steps.calls_not_met.is_empty() {
        return Ok(());
    }
    let none = format!("never: {}", steps.calls_not_met.join(", "));
    page.styled(4, NOTE, &none)
}

/// As many names as somebody reads.
const MOST_NAMES: usize = 100;
