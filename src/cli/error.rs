//! Why a command can't be carried out.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::input::InputError;
use crate::excerpt::excerpt;
use crate::exit_code::ExitCode;
use crate::local::LocalCognitoError;
use crate::model::LocalError;
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
    #[error("scenario {:?} can't be played: {reason}", excerpt(.id))]
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
    /// A file describes no local Cognito.
    #[error("{}: {source}", .path.display())]
    Local {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: LocalError,
    },
    /// A file describes a pool that the service would not have let be set up.
    #[error("{}: {source}", .path.display())]
    Served {
        /// The file.
        path: PathBuf,
        /// Which pool, and why.
        source: LocalCognitoError,
    },
    /// A local Cognito can't listen.
    #[error("can't listen on {address}: {source}; {}", advice(.source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
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
            | Self::Unknown(_)
            | Self::Local { .. }
            | Self::Served { .. } => ExitCode::Usage,
            Self::Engine(EngineError::Unknown { .. }) => ExitCode::Usage,
            Self::Engine(EngineError::Late { .. }) => ExitCode::HarnessFault,
            Self::Engine(EngineError::Unavailable { .. })
            | Self::Output(_)
            | Self::Listen { .. }
            | Self::NothingListed { .. } => ExitCode::CouldNotRun,
        }
    }
}

/// What to do when an address can't be listened on.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there, perhaps a local Cognito that is still running; \
             --port takes another port, and --port 0 lets the system choose"
        }
        io::ErrorKind::AddrNotAvailable => "--address takes an address of this machine",
        _ => "--port and --address take others",
    }
}
