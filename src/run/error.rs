//! Why a run can't go on.

use super::play::PlayError;
use crate::exit_code::ExitCode;
use crate::scenario::OutOfLimits;
use crate::subject::{ShimError, StartError};
use crate::suite::SuiteError;
use crate::suite::recording::RecordingError;
use crate::suite::vector::VectorError;

/// Why a run can't go on. None of these is a verdict on the port.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The filter matches no case.
    #[error("no case matches {filter:?}; `list cases` shows what there is")]
    NothingMatched {
        /// The filter.
        filter: String,
    },
    /// No case was applicable.
    #[error("nothing was applicable to this port; the most common reason: {reason}")]
    NothingApplicable {
        /// The most common reason.
        reason: String,
    },
    /// The port can't be driven.
    #[error("the port can't be driven: {0}")]
    Port(#[from] StartError),
    /// The harness itself is at fault.
    #[error("the harness is at fault: {0}; please report this with the command line")]
    Harness(String),
    /// Somebody wanted to see the end before there was anything to tell.
    #[error("interrupted before it came to an end")]
    Interrupted,
    /// This machine does not let it.
    #[error("{0}")]
    Environment(String),
}

impl RunError {
    /// What the process says to its caller.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::NothingMatched { .. }
            | Self::NothingApplicable { .. }
            | Self::Port(_)
            | Self::Interrupted
            | Self::Environment(_) => ExitCode::CouldNotRun,
            Self::Harness(_) => ExitCode::HarnessFault,
        }
    }
}

impl From<PlayError> for RunError {
    fn from(error: PlayError) -> Self {
        match error {
            PlayError::Port(ShimError::CouldNotRun(error)) => Self::Port(error),
            PlayError::Interrupted => Self::Interrupted,
            PlayError::Listen(error) => {
                Self::Environment(format!("can't listen on the loopback interface: {error}"))
            }
            error => Self::Harness(error.to_string()),
        }
    }
}

impl From<VectorError> for RunError {
    fn from(error: VectorError) -> Self {
        Self::Harness(error.to_string())
    }
}

impl From<RecordingError> for RunError {
    fn from(error: RecordingError) -> Self {
        Self::Harness(error.to_string())
    }
}

impl From<SuiteError> for RunError {
    fn from(error: SuiteError) -> Self {
        Self::Harness(error.to_string())
    }
}

impl From<OutOfLimits> for RunError {
    fn from(error: OutOfLimits) -> Self {
        Self::Harness(error.to_string())
    }
}

impl From<serde_json::Error> for RunError {
    fn from(error: serde_json::Error) -> Self {
        Self::Harness(error.to_string())
    }
}
