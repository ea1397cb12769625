//! What is kept on disk. It is written as the run goes, so that the folder is of use even when the run is killed.
//!
//! | path | what |
//! |---|---|
//! | `events.jsonl` | the head and every event so far, as `--format json` prints them |
//! | `cases/ID.transcript.json` | what happened in a case that broke a rule; for `judge` |
//! | `cases/ID.stderr.txt` | the end of the port's error output in it |
//! | `findings/RULE.scenario.json` | the smallest scenario that breaks the rule; for `replay` |
//! | `findings/RULE.transcript.json` | what happened in it |
//! | `findings/RULE.json` | the finding itself |
//! | `summary.json` | the end of the run; if it is missing, the run did not come to its end |
//!
//! Every file but `events.jsonl` appears whole or not at all: it is written under another name and renamed. A slash in
//! an id is a dot in a name.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::json::JsonLines;
use super::reporter::Reporter;
use crate::record::Transcript;
use crate::run::RunEvent;
use crate::run::event::{CaseReport, Found};

/// Keeps a run in a folder.
#[derive(Debug)]
pub struct Save {
    folder: PathBuf,
    events: JsonLines<File>,
    names: BTreeMap<String, String>,
    /// How many causes were told by each rule.
    found: BTreeMap<String, usize>,
}

/// Why nothing can be kept in a folder.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It holds something already, which would be mixed up with this run.
    #[error("{}: not empty; name another folder, or remove this one", .folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// It can't be made or written.
    #[error("{}: {source}", .folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Save {
    /// Begins to keep a run in `folder`, which is made if it isn't there and has to be empty if it is.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub fn begin(folder: &Path, command: &'static str) -> Result<Self, SaveError> {
        let io = |source| SaveError::Io {
            folder: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(io)?;
        if fs::read_dir(folder).map_err(io)?.next().is_some() {
            return Err(SaveError::NotEmpty {
                folder: folder.to_owned(),
            });
        }
        let events = File::create_new(folder.join("events.jsonl")).map_err(io)?;
        Ok(Self {
            folder: folder.to_owned(),
            events: JsonLines::begin(events, command).map_err(io)?,
            names: BTreeMap::new(),
            found: BTreeMap::new(),
        })
    }

    /// Keeps the transcript of a sign-in that was observed, in place of an earlier state of it.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn observed(&mut self, transcript: &Transcript) -> io::Result<()> {
        let name = self.name(&transcript.id);
        self.json(&format!("cases/{name}.transcript.json"), transcript)
    }

    /// Adds a line of one's own to the events.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn line(&mut self, object: &impl Serialize) -> io::Result<()> {
        self.events.line(object)
    }

    fn case(&mut self, case: &CaseReport) -> io::Result<()> {
        if case.failures.is_empty() {
            return Ok(());
        }
        let name = self.name(&case.id);
        if let Some(transcript) = &case.transcript {
            self.json(&format!("cases/{name}.transcript.json"), transcript)?;
        }
        if !case.stderr.is_empty() {
            self.whole(&format!("cases/{name}.stderr.txt"), case.stderr.as_bytes())?;
        }
        Ok(())
    }

    fn found(&mut self, found: &Found) -> io::Result<()> {
        let id = found.requirement.id();
        let of_rule = self.found.entry(id.to_string()).or_default();
        *of_rule += 1;
        let name = match *of_rule {
            1 => id.to_string(),
            n => format!("{id}-{n}"),
        };
        let name = self.name(&name);
        if let Some(scenario) = &found.minimal {
            self.json(&format!("findings/{name}.scenario.json"), scenario)?;
        }
        if let Some(transcript) = &found.transcript {
            self.json(&format!("findings/{name}.transcript.json"), transcript)?;
        }
        self.json(&format!("findings/{name}.json"), found)
    }

    /// A file name for an id: letters, digits, `.`, `_` and `-`, and no two ids' alike, not even by case.
    fn name(&mut self, id: &str) -> String {
        let made: String = id
            .chars()
            .map(|c| match c {
                '/' => '.',
                c if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') => c,
                _ => '_',
            })
            .take(LONGEST_NAME)
            .collect();
        let made = match made.strip_prefix('.') {
            Some(rest) => format!("_{rest}"),
            None if made.is_empty() => "_".to_owned(),
            None => made,
        };
        let mut name = made.clone();
        let mut next = 2;
        while self
            .names
            .get(&name.to_ascii_lowercase())
            .is_some_and(|owner| owner != id)
        {
            name = format!("{made}-{next}");
            next += 1;
        }
        self.names.insert(name.to_ascii_lowercase(), id.to_owned());
        name
    }

    fn json(&self, path: &str, value: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        self.whole(path, &text)
    }

    fn whole(&self, path: &str, octets: &[u8]) -> io::Result<()> {
        let path = self.folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        let mut file = File::create(&unfinished)?;
        file.write_all(octets)?;
        drop(file);
        fs::rename(unfinished, path)
    }
}

impl Reporter for Save {
    fn take(&mut self, event: &RunEvent) -> io::Result<()> {
        self.events.take(event)?;
        match event {
            RunEvent::Started(_) | RunEvent::SignsOutFirst | RunEvent::Shrinking { .. } => Ok(()),
            RunEvent::CaseFinished(case) => self.case(case),
            RunEvent::Found(found) => self.found(found),
            RunEvent::Finished(summary) => self.json("summary.json", summary),
        }
    }
}

const LONGEST_NAME: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leads_out_of_the_folder_or_onto_another_ids_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut save = Save::begin(&folder.path().join("run"), "check").expect("it is empty");
        let ids = [
            "generated/1",
            "generated.1",
            "GENERATED/1",
            "../../etc",
            "a\0b",
            "",
        ];
        let names: Vec<_> = ids.iter().map(|id| save.name(id)).collect();
        assert_eq!(names[0], "generated.1");
        assert!(
            names
                .iter()
                .all(|name| !name.contains(['/', '\\', '\0']) && !name.starts_with('.')),
            "{names:?}"
        );
        let distinct: std::collections::BTreeSet<_> =
            names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(distinct.len(), ids.len(), "{names:?}");
        assert_eq!(
            save.name("generated/1"),
            "generated.1",
            "an id keeps its name"
        );
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("precious"), "x").expect("a file");
        let error = Save::begin(folder.path(), "check").expect_err("it is not empty");
        assert!(matches!(error, SaveError::NotEmpty { .. }), "{error}");
    }
}
