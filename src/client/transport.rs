//! How requests travel.

use std::future::Future;

use crate::wire::{HttpRequest, HttpResponse};

/// Carries requests to the service and brings back its answers.
///
/// Any `FnMut(HttpRequest) -> Result<HttpResponse, TransportError>` is one: a script, or a pool in the same process.
pub trait Transport: Send {
    /// Sends one request.
    ///
    /// The future fails with [`TransportError`] when no whole answer came.
    fn send(
        &mut self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> + Send;
}

impl<F> Transport for F
where
    F: FnMut(HttpRequest) -> Result<HttpResponse, TransportError> + Send,
{
    fn send(
        &mut self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> + Send {
        std::future::ready(self(request))
    }
}

/// Why no whole answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The endpoint is no URL that this transport can reach.
    #[error("the endpoint {endpoint:?} cannot be used: {reason}")]
    Endpoint {
        /// The endpoint as configured.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection.
    #[error("could not connect to the service")]
    Connect,
    /// The connection ended before the answer was complete.
    #[error("the connection ended before the answer was complete")]
    Dropped,
    /// The deadline passed.
    #[error("no whole answer within {after_ms} ms")]
    TimedOut {
        /// The deadline in milliseconds.
        after_ms: u64,
    },
    /// The answer is larger than is read.
    #[error("the answer has more than {max} octets")]
    TooLarge {
        /// Octets allowed.
        max: usize,
    },
    /// The request could not be put on the wire.
    #[error("the request could not be sent: {reason}")]
    Request {
        /// Why, without any of its content.
        reason: &'static str,
    },
}
