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

    /// Answers a request on a thread that other connections need, too, or gives it back to be handled where blocking is
    /// allowed. Whoever answers here waits for nobody and takes about a millisecond: handing a request to another thread
    /// costs the processor more than most of what is done with it.
    ///
    /// # Errors
    /// The request, unchanged, where it may take longer. That is what happens unless an implementation says otherwise.
    fn handle_at_once(&self, request: HttpRequest) -> Result<Outcome, HttpRequest> {
        Err(request)
    }

    /// Whether pages in browsers may ask this, whatever origin they are from, and read the answer. Where they may not, a
    /// preflight is a request as any other, and no answer lets a page of another origin read it. They may, unless an
    /// implementation says otherwise.
    fn is_open_to_pages(&self, request: &HttpRequest) -> bool {
        let _ = request;
        true
    }
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

    fn handle_at_once(&self, request: HttpRequest) -> Result<Outcome, HttpRequest> {
        match Self::handle_at_once(self, &request) {
            Some(response) => Ok(Outcome::Respond(response)),
            None => Err(request),
        }
    }
}
