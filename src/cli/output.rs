//! Where results and complaints go: text with colours where the terminal has them, or JSON Lines.

use std::io::{self, Stdout, Write};

use anstream::AutoStream;
use serde::Serialize;

use super::flags::Format;
use crate::report::page::{BAD, harmless};
use crate::report::{JsonLines, Page};

/// The standard output, for people. Colours are left out where nobody sees them, and with `NO_COLOR`.
pub type Out = AutoStream<Stdout>;

/// A page on the standard output.
pub fn page() -> Page<Out> {
    Page::new(anstream::stdout())
}

/// JSON Lines on the standard output, begun.
///
/// # Errors
/// When it can't be written.
pub fn json_lines(command: &'static str) -> io::Result<JsonLines<Stdout>> {
    JsonLines::begin(io::stdout(), command)
}

/// Says on the error stream why a command is not carried out.
pub(super) fn complain(message: &str) {
    let message = harmless(message);
    let mut stderr = anstream::stderr().lock();
    let _ = writeln!(stderr, "{BAD}error:{BAD:#} {}", message.trim_end());
}

/// What came of writing. Who stops reading has seen enough: that is no fault of anybody, and changes no verdict.
///
/// # Errors
/// When it can't be written for another reason.
pub fn heard(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Results in the format that was asked for.
#[derive(Debug)]
pub enum Results {
    /// For people.
    Text(Page<Out>),
    /// For programs.
    Json(JsonLines<Stdout>),
}

impl Results {
    /// Begins to write the results of `command`.
    ///
    /// # Errors
    /// When the head can't be written.
    pub fn begin(format: Format, command: &'static str) -> io::Result<Self> {
        Ok(match format {
            Format::Text => Self::Text(page()),
            Format::Json => Self::Json(json_lines(command)?),
        })
    }

    /// Writes one thing in the format that was asked for.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(
        &mut self,
        object: &impl Serialize,
        text: impl FnOnce(&mut Page<Out>) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Self::Text(page) => text(page),
            Self::Json(lines) => lines.line(object),
        }
    }

    /// Hands on what was written so far.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn flush(self) -> io::Result<()> {
        match self {
            Self::Text(page) => page.into_inner().flush(),
            Self::Json(lines) => lines.into_inner().flush(),
        }
    }
}
