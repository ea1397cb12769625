//! Events for programs: JSON Lines, one object a line, beginning with a head that carries the version of the format.
//!
//! The member `event` of each line says what it is. New members and new events may come; a program passes over what it
//! does not know. What changes the meaning of a member changes [`EVENTS_SCHEMA`].

use std::io::{self, Write};

use serde::Serialize;

use super::reporter::Reporter;
use crate::run::RunEvent;

/// The version of the format.
pub const EVENTS_SCHEMA: &str = "cognito-conformance-events/1";

/// Writes one object a line.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    /// Begins on `out` with the head: schema, program, version and command.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn begin(out: W, command: &'static str) -> io::Result<Self> {
        let mut lines = Self { out };
        lines.line(&Head {
            event: "head",
            schema: EVENTS_SCHEMA,
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            command,
        })?;
        Ok(lines)
    }

    /// Writes one object and hands it on at once, so that a run that is killed has told what it knew.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn line(&mut self, object: &impl Serialize) -> io::Result<()> {
        let mut text = serde_json::to_vec(object)?;
        text.push(b'\n');
        self.out.write_all(&text)?;
        self.out.flush()
    }

    /// The stream beneath.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Reporter for JsonLines<W> {
    fn take(&mut self, event: &RunEvent) -> io::Result<()> {
        self.line(event)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    event: &'static str,
    schema: &'static str,
    program: &'static str,
    version: &'static str,
    command: &'static str,
}
