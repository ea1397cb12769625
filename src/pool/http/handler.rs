//! What stands behind a listener.

use std::sync::{Mutex, PoisonError};

use crate::pool::{Pool, Pools};
use crate::wire::{HttpRequest, HttpResponse};

/// What a handler wants done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Send this.
    Respond(HttpResponse),
    /// Close the connection without an answer.
    Drop,
}

/// What answers the requests that a listener takes, one at a time.
///
/// It runs on a thread where blocking is allowed.
pub trait Handler: Send {
    /// Answers one request.
    fn handle(&mut self, request: HttpRequest) -> Outcome;
}

/// What answers the requests that a listener takes, many at a time.
///
/// It runs on threads where blocking is allowed.
pub trait SharedHandler: Send + Sync {
    /// Answers one request.
    fn handle(&self, request: HttpRequest) -> Outcome;
}

impl<H: Handler> SharedHandler for Mutex<H> {
    fn handle(&self, request: HttpRequest) -> Outcome {
        self.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .handle(request)
    }
}

impl Handler for Pool {
    fn handle(&mut self, request: HttpRequest) -> Outcome {
        Outcome::Respond(Self::handle(self, &request))
    }
}

impl SharedHandler for Pools {
    fn handle(&self, request: HttpRequest) -> Outcome {
        Outcome::Respond(Self::handle(self, &request))
    }
}
