//! Which command, which deadlines.

use std::fmt;
use std::time::Duration;

/// How a shim is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShimCommand {
    /// A line for the system's shell, e.g. `node shim.js`.
    Line(String),
    /// A program and its arguments, without a shell.
    Words(Vec<String>),
}

impl From<&str> for ShimCommand {
    fn from(line: &str) -> Self {
        Self::Line(line.to_owned())
    }
}

impl From<String> for ShimCommand {
    fn from(line: String) -> Self {
        Self::Line(line)
    }
}

impl From<Vec<String>> for ShimCommand {
    fn from(words: Vec<String>) -> Self {
        Self::Words(words)
    }
}

impl fmt::Display for ShimCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => f.write_str(line),
            Self::Words(words) => f.write_str(&words.join(" ")),
        }
    }
}

/// How long to wait, and how often to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShimOptions {
    /// How long `initialize` may take, the process's start included. Interpreters and virtual machines start slowly.
    pub start_deadline: Duration,
    /// How long any other request may take.
    pub deadline: Duration,
    /// How long a process may take to end by itself once its input or output is closed.
    pub grace: Duration,
    /// How often in a row the process may be started again after a crash or a kill, without a reply in between.
    pub restarts: u32,
    /// Variables that are added to the environment.
    pub env: Vec<(String, String)>,
}

impl Default for ShimOptions {
    fn default() -> Self {
        Self {
            start_deadline: Duration::from_secs(30),
            deadline: Duration::from_secs(20),
            grace: Duration::from_secs(2),
            restarts: 20,
            env: Vec::new(),
        }
    }
}
