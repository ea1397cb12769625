//! Why a shim could not be driven at all. None of this is a verdict on the port.

use std::io;

use super::options::ShimCommand;
use super::schema::Breach;

/// A shim that could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The command has no words.
    #[error("the shim's command is empty; give the program and its arguments")]
    NoCommand,
    /// The operating system would not start it.
    #[error("could not start the shim `{command}`: {source}")]
    Spawn {
        /// The command.
        command: ShimCommand,
        /// The system's reason.
        source: io::Error,
    },
    /// It ended before it had answered `initialize`, several times in a row.
    #[error(
        "the shim `{command}` ended {attempts} times before it answered `initialize`: {detail}"
    )]
    Crashed {
        /// The command.
        command: ShimCommand,
        /// How often.
        attempts: u32,
        /// The last end: status or signal, and the end of its error output.
        detail: String,
    },
    /// It did not answer `initialize` in time.
    #[error(
        "the shim `{command}` did not answer `initialize` within {after_ms} ms; its error output: {stderr:?}"
    )]
    TimedOut {
        /// The command.
        command: ShimCommand,
        /// The deadline, in milliseconds.
        after_ms: u64,
        /// The end of its error output.
        stderr: String,
    },
    /// Its answer to `initialize` was no answer.
    #[error("the shim `{command}` broke the protocol at `initialize`: {detail}")]
    Protocol {
        /// The command.
        command: ShimCommand,
        /// What was wrong.
        detail: String,
    },
    /// It answered `initialize` with an error.
    #[error("the shim `{command}` refused `initialize`: {detail}")]
    Refused {
        /// The command.
        command: ShimCommand,
        /// The error's text.
        detail: String,
    },
    /// After a restart it described itself differently, so nothing that was decided from its capabilities holds.
    #[error(
        "the shim `{command}` described itself differently after a restart: was {before}, is {after}"
    )]
    Changed {
        /// The command.
        command: ShimCommand,
        /// The first description, as JSON.
        before: String,
        /// The new one.
        after: String,
    },
    /// It had to be restarted too often.
    #[error(
        "the shim `{command}` was restarted {budget} times and ended again; the budget is used up"
    )]
    OutOfRestarts {
        /// The command.
        command: ShimCommand,
        /// The budget.
        budget: u32,
    },
}

/// A request that got no reply that could be judged.
#[derive(Debug, thiserror::Error)]
pub enum ShimError {
    /// The shim ended and could not be started again: the run can't go on (exit code 3).
    #[error(transparent)]
    CouldNotRun(#[from] StartError),
    /// Our own message broke the protocol: the harness is at fault (exit code 4), not the port.
    #[error("the harness broke the shim protocol with `{method}`: {breach}")]
    Harness {
        /// The method.
        method: &'static str,
        /// Where and how.
        breach: Breach,
    },
}
