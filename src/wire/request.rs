//! Which request of a sign-in one is.

use std::fmt;

use super::names::{AuthFlow, ChallengeName};

/// A request of a sign-in, by what it starts or answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// `InitiateAuth` with this flow.
    Initiate(AuthFlow),
    /// `RespondToAuthChallenge` to this challenge.
    Respond(ChallengeName),
    /// Nothing of the kind, or nothing that can be read; what it says it is.
    Other(String),
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Initiate(flow) => write!(f, "InitiateAuth {flow}"),
            Self::Respond(challenge) => write!(f, "RespondToAuthChallenge {challenge}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}
