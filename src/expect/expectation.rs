//! Expectations: allowed pairs of a request sequence and an end.

use std::fmt;

use crate::wire::{ErrorKind, NextStep};

/// What a sign-in may do and how it may end, one list of paths for each `signIn` of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// For each `signIn`, the allowed paths.
    pub sign_ins: Vec<Vec<Path>>,
}

/// One allowed way through a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The requests: operation and flow or challenge, e.g. `RespondToAuthChallenge PASSWORD_VERIFIER`.
    pub requests: Vec<String>,
    /// The end.
    pub end: Final,
    /// A request that may be repeated, since its answer looked like a passing trouble.
    pub may_repeat: Option<usize>,
}

/// How a sign-in ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Final {
    /// With this next step.
    Step(&'static str),
    /// With this error of the service, passed on. The text is compared where the sources agree on it.
    ServiceError(ErrorKind, Option<&'static str>),
    /// With an error of the port's own.
    OwnError,
    /// With any error.
    AnyError,
}

/// How a sign-in did end, as the harness saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a next step.
    Step(NextStep),
    /// With an error, after the service had answered with this error.
    ServiceError(ErrorKind, String),
    /// With an error although the service's last answer was none.
    OwnError,
}

/// The most often that a port may repeat a request whose answer looked like a passing trouble.
pub const MOST_REPEATS: usize = 4;

impl Path {
    /// A path without anything repeatable.
    pub fn new(requests: &[String], end: Final) -> Self {
        Self {
            requests: requests.to_vec(),
            end,
            may_repeat: None,
        }
    }

    /// Whether the requests that were made are those of this path.
    pub fn allows_requests(&self, made: &[String]) -> bool {
        let Some(at) = self.may_repeat else {
            return self.requests == made;
        };
        let Some(extra) = made.len().checked_sub(self.requests.len()) else {
            return false;
        };
        if extra > MOST_REPEATS || self.requests.len() <= at {
            return self.requests == made;
        }
        let (before, after) = self.requests.split_at(at + 1);
        made.starts_with(before)
            && made[before.len()..before.len() + extra]
                .iter()
                .all(|request| request == &self.requests[at])
            && &made[before.len() + extra..] == after
    }
}

impl Final {
    /// Whether the sign-in ended this way.
    pub fn allows(&self, ended: &Ended) -> bool {
        match (self, ended) {
            (Self::Step(name), Ended::Step(step)) => *name == step.name(),
            (Self::ServiceError(kind, text), Ended::ServiceError(got, message)) => {
                kind == got && text.is_none_or(|text| text == message)
            }
            (Self::OwnError, Ended::OwnError)
            | (Self::AnyError, Ended::OwnError | Ended::ServiceError(..)) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Final {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(name) => f.write_str(name),
            Self::ServiceError(kind, None) => write!(f, "the service's {kind}"),
            Self::ServiceError(kind, Some(text)) => write!(f, "the service's {kind} {text:?}"),
            Self::OwnError => f.write_str("an error of the port's own"),
            Self::AnyError => f.write_str("an error"),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => f.write_str(step.name()),
            Self::ServiceError(kind, message) => write!(f, "the service's {kind} {message:?}"),
            Self::OwnError => f.write_str("an error of the port's own"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(may_repeat: Option<usize>) -> Path {
        Path {
            requests: vec!["a".into(), "b".into()],
            end: Final::OwnError,
            may_repeat,
        }
    }

    fn made(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn only_the_troubled_request_may_be_repeated_and_not_for_ever() {
        assert!(path(None).allows_requests(&made("ab")), "as it stands");
        assert!(
            !path(None).allows_requests(&made("aab")),
            "nothing was troubled"
        );
        assert!(
            path(Some(0)).allows_requests(&made("aaab")),
            "the first was troubled"
        );
        assert!(
            !path(Some(0)).allows_requests(&made("abb")),
            "the second was not"
        );
        assert!(
            !path(Some(0)).allows_requests(&made("aaaaaab")),
            "five repeats are a storm"
        );
        assert!(
            path(Some(1)).allows_requests(&made("abb")),
            "the second was troubled"
        );
    }
}
