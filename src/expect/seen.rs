//! What of a sign-in is looked at.

use std::fmt;

use serde_json::Value;

use crate::scenario::Meanwhile;
use crate::wire::{ChallengeName, NextStep, Operation, Parameters, Request, ServiceError};

/// A request and what the port heard in answer.
#[derive(Clone, Debug)]
pub struct Exchange<'a> {
    /// Index over the whole transcript.
    pub index: usize,
    /// The operation.
    pub operation: Option<Operation>,
    /// What the request starts or answers.
    pub request: Request,
    /// `AuthParameters` or `ChallengeResponses`.
    pub parameters: Option<&'a Parameters>,
    /// The whole body.
    pub body: Option<&'a Value>,
    /// The answer as the port heard it.
    pub heard: Heard,
    /// Whether the answer was altered on its way, or lost.
    pub is_altered: bool,
    /// What happened at the service just before.
    pub meanwhile: Option<Meanwhile>,
    /// The latest code that was sent to the person before the request.
    pub code: Option<&'a str>,
}

/// An answer, as a port hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A challenge.
    Challenge(ChallengeName),
    /// Tokens.
    Tokens {
        /// Whether all three are there.
        is_complete: bool,
        /// The key of the device that the service has named.
        new_device: Option<String>,
    },
    /// An error of the service.
    Error(ServiceError),
    /// Success of another operation.
    Success,
    /// Nothing, or nothing that means anything: a lost connection, half of a body, an empty object, an unnamed failure.
    Nonsense,
}

/// How a sign-in did end, as the harness saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a next step.
    Step(NextStep),
    /// With an error, after the service had answered with this error.
    ServiceError(ServiceError),
    /// With an error although the service's last answer was none.
    OwnError,
}

impl Exchange<'_> {
    /// One of its parameters.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters?.get(name).map(String::as_str)
    }

    /// The text of a member of its body.
    pub fn member(&self, name: &str) -> Option<&str> {
        self.body?.get(name)?.as_str()
    }

    /// Whether it belongs to a sign-in, rather than to what a client asks for besides.
    pub fn is_of_sign_in(&self) -> bool {
        !matches!(self.request, Request::Other(_)) || self.operation.is_none()
    }
}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Challenge(name) => write!(f, "the challenge {name}"),
            Self::Tokens { .. } => f.write_str("tokens"),
            Self::Error(error) => write!(f, "{error}"),
            Self::Success => f.write_str("success"),
            Self::Nonsense => f.write_str("an answer without meaning"),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => f.write_str(step.name()),
            Self::ServiceError(error) => {
                write!(f, "the service's {} {:?}", error.kind, error.message)
            }
            Self::OwnError => f.write_str("an error of the port's own"),
        }
    }
}
