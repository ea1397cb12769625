//! What stands behind a listener.

use crate::pool::Pool;
use crate::wire::{HttpRequest, HttpResponse};

/// What a handler wants done with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Send this.
    Respond(HttpResponse),
    /// Close the connection without an answer.
    Drop,
}

/// What answers the requests that a listener takes.
///
/// It runs on a thread where blocking is allowed, one request at a time.
pub trait Handler: Send {
    /// Answers one request.
    fn handle(&mut self, request: HttpRequest) -> Outcome;
}

impl Handler for Pool {
    fn handle(&mut self, request: HttpRequest) -> Outcome {
        Outcome::Respond(Self::handle(self, &request))
    }
}
