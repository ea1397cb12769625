//! Known findings: what is expected to fail, and why.

use std::fmt;

use serde::Deserialize;

use super::event::{CaseReport, Failure};
use crate::excerpt::{excerpt, toml_reason};
use crate::rules::catalog;
use crate::suite::{Pattern, PatternError};

/// The entries of a known-findings file. It is strict: an entry that no longer fails, names an unknown rule or has expired
/// is an error.
#[derive(Clone, Debug)]
pub struct Known {
    path: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    text: EntryText,
    case: Pattern,
    got: Option<Pattern>,
    /// Cases that its pattern names.
    matched: usize,
    /// Those in which its rule was judged.
    judged: usize,
    met: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: Vec<EntryText>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    rule: String,
    #[serde(default = "everything")]
    case: String,
    got: Option<String>,
    cause: Option<String>,
    reason: String,
    link: Option<String>,
    expires: Option<String>,
}

/// What is wrong with a known-findings file.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// It is no TOML of the wanted shape; the text names line and column.
    #[error("{path}: {reason}")]
    Format {
        /// The file.
        path: String,
        /// What was expected, where.
        reason: String,
    },
    /// A date is none.
    #[error(
        "{path}: expires = {:?} of the entry for {}: expected a date as 2026-11-23",
        excerpt(.got),
        excerpt(.rule)
    )]
    Date {
        /// The file.
        path: String,
        /// The entry's rule.
        rule: String,
        /// What stands there.
        got: String,
    },
    /// A pattern is none.
    #[error("{path}: {:?} is no pattern: {reason}", excerpt(.pattern))]
    Pattern {
        /// The file.
        path: String,
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        reason: PatternError,
    },
}

impl Known {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no TOML of the wanted shape, or a pattern in it is none.
    pub fn read(text: &str, path: &str) -> Result<Self, KnownError> {
        let file: File = toml::from_str(text).map_err(|error| KnownError::Format {
            path: path.to_owned(),
            reason: toml_reason(&error, text),
        })?;
        let pattern = |pattern: &str| {
            pattern
                .parse::<Pattern>()
                .map_err(|reason| KnownError::Pattern {
                    path: path.to_owned(),
                    pattern: pattern.to_owned(),
                    reason,
                })
        };
        let entries = file
            .known
            .into_iter()
            .map(|text| {
                if let Some(got) = text.expires.clone().filter(|date| !is_date(date)) {
                    let (path, rule) = (path.to_owned(), text.rule);
                    return Err(KnownError::Date { path, rule, got });
                }
                Ok(Entry {
                    case: pattern(&text.case)?,
                    got: text.got.as_deref().map(pattern).transpose()?,
                    text,
                    matched: 0,
                    judged: 0,
                    met: 0,
                })
            })
            .collect::<Result<_, KnownError>>()?;
        Ok(Self {
            path: path.to_owned(),
            entries,
        })
    }

    /// Marks the failures of a case that are known.
    pub fn mark(&mut self, report: &mut CaseReport) {
        if report.not_applicable.is_none() {
            for entry in &mut self.entries {
                let rule = entry.text.rule.as_str();
                // What is no rule, a pure function, say, is judged wherever it is asked.
                let is_judged = catalog::find(rule).is_none() || report.judged.contains(&rule);
                let is_meant = entry.case.matches(&report.id);
                entry.matched += usize::from(is_meant);
                entry.judged += usize::from(is_meant && is_judged);
            }
        }
        for failure in &mut report.failures {
            let entry = self
                .entries
                .iter_mut()
                .find(|entry| entry.fits(failure) && entry.case.matches(&report.id));
            if let Some(entry) = entry {
                entry.met += 1;
                failure.known = Some(entry.text.reason.clone());
            }
        }
    }

    /// Whether a finding that was new has turned into one that an entry expects, wherever that is found. What fits the new one,
    /// too, and was new for its case alone, tells nothing.
    pub fn expects_in_place_of(&self, new: &Failure, failure: &Failure) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.fits(failure) && !entry.fits(new))
    }

    /// What is wrong with the file, now that a run is over. `today` is a date as `2026-11-23`. Only a `whole` run can tell
    /// that an entry speaks of no case at all: a filter leaves cases out.
    pub fn problems(&self, today: &str, whole: bool) -> Vec<String> {
        let mut problems = Vec::new();
        for entry in &self.entries {
            let is_rule = catalog::find(&entry.text.rule).is_some()
                || ["primitive.", "shim."]
                    .iter()
                    .any(|kind| entry.text.rule.starts_with(kind));
            if !is_rule {
                problems.push(format!("{}: {entry} names an unknown rule", self.path));
            } else if entry
                .text
                .expires
                .as_deref()
                .is_some_and(|expires| expires < today)
            {
                problems.push(format!("{}: {entry} has expired", self.path));
            } else if entry.matched == 0 && whole {
                problems.push(format!(
                    "{}: {entry} matches no case that was played",
                    self.path
                ));
            } else if entry.met == 0
                && entry.judged > 0
                && (whole || entry.text.case != everything())
            {
                problems.push(format!("{}: {entry} no longer fails", self.path));
            }
        }
        problems
    }
}

impl Entry {
    fn fits(&self, failure: &Failure) -> bool {
        let finding = &failure.finding;
        let mut causes = finding.explained_by.iter().chain(&finding.or_by);
        self.text.rule == failure.requirement.id()
            && self
                .got
                .as_ref()
                .is_none_or(|got| got.matches(&finding.got))
            && self
                .text
                .cause
                .as_ref()
                .is_none_or(|cause| causes.any(|explains| explains == cause))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the entry for {} in {}",
            excerpt(&self.text.rule),
            self.case
        )?;
        if let Some(got) = &self.text.got {
            write!(f, " (got {:?})", excerpt(got))?;
        }
        match &self.text.link {
            Some(link) => write!(f, " [{}]", excerpt(link)),
            None => Ok(()),
        }
    }
}

/// Whether a text is a date of the calendar, written as 2026-11-23.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let widths = [year.len(), month.len(), day.len()] == [4, 2, 2];
    let date = (|| {
        let month = time::Month::try_from(month.parse::<u8>().ok()?).ok()?;
        time::Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
    })();
    widths && date.is_some()
}

fn everything() -> String {
    "*".to_owned()
}
