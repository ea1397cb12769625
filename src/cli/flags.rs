//! Flags that several commands share.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, ValueEnum};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::excerpt::excerpt;
use crate::run::SubjectChoice;
use crate::subject::Carriage;

/// Who is under test. Without any of these it is the reference client, over HTTP.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Who is under test (default: the reference client, over HTTP)")]
pub struct SubjectFlags {
    /// Command that starts the port's shim, for the shell
    #[arg(long, value_name = "CMD", value_parser = command_line)]
    pub port: Option<String>,
    /// The reference client without HTTP: faster, one process
    #[arg(long, conflicts_with = "port")]
    pub in_process: bool,
    /// How long the port may take for one call, and to start
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 20,
        requires = "port",
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    pub deadline: u64,
}

impl SubjectFlags {
    /// The subject that they choose.
    pub fn choice(&self) -> SubjectChoice {
        match &self.port {
            Some(command) => SubjectChoice::Shim {
                command: command.clone(),
                deadline: Duration::from_secs(self.deadline),
            },
            None if self.in_process => SubjectChoice::Reference(Carriage::InProcess),
            None => SubjectChoice::Reference(Carriage::Http),
        }
    }
}

/// How results are written.
#[derive(Clone, Debug, Args)]
pub struct FormatFlags {
    /// text for people, or json: one object a line
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        value_enum,
        default_value_t,
        help_heading = "Output"
    )]
    pub format: Format,
    /// Leave nothing out
    #[arg(short, long, help_heading = "Output")]
    pub verbose: bool,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[allow(
    missing_docs,
    reason = "the variants' comments would become help texts"
)]
pub enum Format {
    // No doc comments: clap would make them help, and the help long.
    #[default]
    Text,
    Json,
}

/// The seed of generated scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// This one.
    Fixed(u64),
    /// Another one each time; the run says which.
    Random,
}

impl Seed {
    /// The number. A random one has at most ten digits, since people copy it.
    pub fn number(self) -> u64 {
        match self {
            Self::Fixed(seed) => seed,
            Self::Random => ChaCha8Rng::from_os_rng().next_u32().into(),
        }
    }
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "random" {
            return Ok(Self::Random);
        }
        let reason = format!("expected a whole number up to {}, or `random`", u64::MAX);
        text.parse().map(Self::Fixed).map_err(|_| reason)
    }
}

/// As many workers as the machine has processors.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(MOST_JOBS)
}

/// Reads a number of workers.
///
/// # Errors
/// When it is none, or too large.
pub fn jobs(text: &str) -> Result<usize, String> {
    within(text, 1, MOST_JOBS)
}

/// Reads a number of cases.
///
/// # Errors
/// When it is none, or too large.
pub fn cases(text: &str) -> Result<usize, String> {
    within(text, 0, MOST_CASES)
}

/// Reads a number of rounds.
///
/// # Errors
/// When it is none, or too large.
pub fn rounds(text: &str) -> Result<usize, String> {
    within(text, 1, MOST_ROUNDS)
}

/// Reads a command for the shell.
///
/// # Errors
/// When it is empty.
pub fn command_line(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("expected a command, such as 'node shim.js'".to_owned());
    }
    Ok(text.to_owned())
}

/// The error of a command line, in which what was typed is not repeated whole where it is long.
pub fn shortened(mut error: clap::Error) -> clap::Error {
    let typed = [
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidArg,
        ContextKind::InvalidValue,
    ];
    for kind in typed {
        let Some(ContextValue::String(text)) = error.get(kind) else {
            continue;
        };
        let short = excerpt(text).into_owned();
        if short != *text {
            error.insert(kind, ContextValue::String(short));
            // How it could have been meant would repeat it.
            error.remove(ContextKind::Suggested);
        }
    }
    error
}

fn within(text: &str, least: usize, most: usize) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| format!("expected a whole number from {least} to {most}"))
}

const MOST_JOBS: usize = 256;
const MOST_CASES: usize = 1_000_000;
const MOST_ROUNDS: usize = 1_000_000;
