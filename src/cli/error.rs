//! Why a command can't be carried out.

use std::io;

use super::input::InputError;
use crate::exit_code::ExitCode;
use crate::report::SaveError;
use crate::run::{KnownError, RunError};
use crate::srp::modexp::EngineError;

/// Why a command can't be carried out.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The run can't go on.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The known-findings file can't be used.
    #[error(transparent)]
    Known(#[from] KnownError),
    /// A file can't be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Nothing can be kept in the folder.
    #[error(transparent)]
    Save(#[from] SaveError),
    /// What the command line names does not exist.
    #[error("{0}")]
    Unknown(String),
    /// A scenario that nobody can play.
    #[error("scenario {id:?} can't be played: {reason}")]
    Unplayable {
        /// Its id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The filter leaves nothing to list.
    #[error("nothing in the list matches {filter:?}")]
    NothingListed {
        /// The filter.
        filter: String,
    },
    /// The engine can't be used.
    #[error("{0}; `cognito-conformance list engines` says which can")]
    Engine(#[from] EngineError),
    /// Results can't be written.
    #[error("results can't be written: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// What the process says to its caller.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Run(error) => error.exit_code(),
            Self::Unplayable { .. }
            | Self::Known(_)
            | Self::Input(_)
            | Self::Save(_)
            | Self::Unknown(_) => ExitCode::Usage,
            Self::Engine(EngineError::Unknown { .. }) => ExitCode::Usage,
            Self::Engine(EngineError::Late { .. }) => ExitCode::HarnessFault,
            Self::Engine(EngineError::Unavailable { .. })
            | Self::Output(_)
            | Self::NothingListed { .. } => ExitCode::CouldNotRun,
        }
    }
}
