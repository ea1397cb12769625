//! What can go wrong in a call. No error ever carries a secret.

use crate::config::ConfigError;
use crate::srp::{Base64Error, IntegerError, PoolIdError, SrpError};
use crate::wire::{ChallengeName, PortError, ServiceError};

use super::transport::TransportError;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// An argument of the call; nothing was sent.
    #[error("{field}: {reason}")]
    Validation {
        /// The argument.
        field: &'static str,
        /// What is wrong with it and what to do.
        reason: &'static str,
    },
    /// The call does not fit what happened before; nothing was sent.
    #[error("{0}")]
    InvalidState(&'static str),
    /// The settings cannot be used; nothing was sent.
    #[error("configuration: {0}")]
    Configuration(#[from] ConfigurationError),
    /// The service answered with an error.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The service answered something that this client can't go on with.
    #[error("invalid service response: {0}")]
    InvalidServiceResponse(#[from] InvalidServiceResponse),
    /// A value of SRP that would give the password away, or prove nothing.
    #[error("SRP: {0}")]
    Srp(#[from] SrpError),
    /// No answer came.
    #[error("network: {0}")]
    Network(#[from] TransportError),
}

impl AuthError {
    /// The error's name: a service error keeps the service's name of it, others have Amplify's case names.
    pub fn name(&self) -> &str {
        match self {
            Self::Validation { .. } => "Validation",
            Self::InvalidState(_) => "InvalidState",
            Self::Configuration(_) => "Configuration",
            Self::Service(error) => error.kind.as_str(),
            Self::InvalidServiceResponse(_) => "InvalidServiceResponse",
            Self::Srp(_) => "Srp",
            Self::Network(_) => "Network",
        }
    }
}

impl From<AuthError> for PortError {
    /// The message of a service error is the service's own, word for word.
    fn from(error: AuthError) -> Self {
        let message = match &error {
            AuthError::Service(error) => error.message.clone(),
            other => other.to_string(),
        };
        Self {
            name: error.name().to_owned(),
            message,
        }
    }
}

/// Why settings cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// The configuration file.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// The pool id.
    #[error("user pool id: {0}")]
    PoolId(#[from] PoolIdError),
    /// There is no app client id.
    #[error("the app client id is empty")]
    NoClientId,
}

/// What is wrong with a service's answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServiceResponse {
    /// A failure that carries no error name.
    #[error("HTTP status {status} without an error name")]
    UnnamedFailure {
        /// The status.
        status: u16,
    },
    /// A success whose body is not what the operation returns.
    #[error("HTTP status {status}, but the body is not the operation's JSON object: {reason}")]
    NotUnderstood {
        /// The status.
        status: u16,
        /// Where parsing failed: line and column, never the content.
        reason: String,
    },
    /// The body is larger than is read.
    #[error("the body has {got} octets; at most {max} are read")]
    TooLarge {
        /// Octets found.
        got: usize,
        /// Octets allowed.
        max: usize,
    },
    /// A challenge lacks a parameter.
    #[error("{challenge} came without {parameter}")]
    MissingParameter {
        /// The challenge.
        challenge: ChallengeName,
        /// The parameter's key.
        parameter: &'static str,
    },
    /// A number that is no hexadecimal number.
    #[error("{parameter}: {reason}")]
    MalformedNumber {
        /// The parameter's key.
        parameter: &'static str,
        /// What is wrong with it.
        reason: IntegerError,
    },
    /// SECRET_BLOCK is not base64.
    #[error("SECRET_BLOCK: {0}")]
    MalformedSecretBlock(Base64Error),
    /// A list that is no JSON array of strings inside a string.
    #[error("{parameter}: expected a JSON array of strings inside a string")]
    MalformedList {
        /// The parameter's key.
        parameter: &'static str,
    },
    /// A challenge that this client does not know how to answer.
    #[error("unsupported challenge {name}")]
    UnsupportedChallenge {
        /// Its name.
        name: ChallengeName,
    },
    /// PASSWORD_VERIFIER in a sign-in that did not start with SRP_A.
    #[error("PASSWORD_VERIFIER came, but this sign-in did not send SRP_A")]
    VerifierWithoutSrp,
    /// PASSWORD_VERIFIER again after it was answered: going on would never end.
    #[error("PASSWORD_VERIFIER came a second time in one sign-in")]
    VerifierAgain,
    /// DEVICE_SRP_AUTH, but this client was given no device, or the service has said that it is none.
    #[error("DEVICE_SRP_AUTH came, but there is no device here to prove")]
    DeviceWithoutRecord,
    /// DEVICE_SRP_AUTH about a device that was not named.
    #[error("DEVICE_SRP_AUTH came for another device than the one that was named")]
    OtherDevice,
    /// DEVICE_PASSWORD_VERIFIER before DEVICE_SRP_AUTH was answered.
    #[error("DEVICE_PASSWORD_VERIFIER came, but this device did not send SRP_A")]
    DeviceVerifierWithoutSrp,
    /// A device challenge again after it was answered: going on would never end.
    #[error("a device challenge came a second time in one sign-in")]
    DeviceAgain,
    /// A member that the next request needs.
    #[error("{what} came without {member}")]
    MissingMember {
        /// The challenge, or the operation that was answered.
        what: &'static str,
        /// The member.
        member: &'static str,
    },
    /// An empty list to choose from.
    #[error("{parameter}: there is nothing to choose")]
    NothingToChoose {
        /// The parameter's key.
        parameter: &'static str,
    },
    /// No factor that can be set up while signing in.
    #[error(
        "MFA_SETUP came, but nothing of what it lists can be set up while signing in: {}",
        names(listed)
    )]
    NothingToSetUp {
        /// What it lists.
        listed: Vec<ChallengeName>,
    },
    /// VerifySoftwareToken succeeded and says otherwise.
    #[error("VerifySoftwareToken did not say SUCCESS")]
    SoftwareTokenNotVerified,
    /// Some tokens are there and some are not.
    #[error("the sign-in result lacks {}", missing.join(", "))]
    IncompleteTokens {
        /// Those that are not there.
        missing: Vec<&'static str>,
    },
    /// Neither tokens nor a challenge.
    #[error("neither a challenge nor tokens")]
    NoSignInInformation,
}

fn names(challenges: &[ChallengeName]) -> String {
    let names: Vec<_> = challenges.iter().map(ChallengeName::as_str).collect();
    names.join(", ")
}

/// An answer, and nothing to answer.
pub(super) const NO_SIGN_IN: AuthError =
    AuthError::InvalidState("no sign-in is waiting for an answer; call signIn first");
