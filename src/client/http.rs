//! HTTP.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::wire::{HttpRequest, HttpResponse};

use super::transport::{Transport, TransportError};

/// Sends requests over HTTP to one endpoint, with a deadline, a bounded answer, no redirects, no proxy and no repetition.
///
/// TLS is not built in: an `https` endpoint is refused when the transport is made.
#[derive(Debug)]
pub struct HttpTransport {
    http: reqwest::Client,
    endpoint: Url,
    deadline: Duration,
}

impl HttpTransport {
    /// A transport to `endpoint`, e.g. `http://127.0.0.1:8080/`, with a deadline of ten seconds.
    ///
    /// # Errors
    /// [`TransportError::Endpoint`] when the text is no `http` URL.
    pub fn new(endpoint: &str) -> Result<Self, TransportError> {
        Self::with_deadline(endpoint, DEADLINE)
    }

    /// [`new`](Self::new) with another deadline for a whole exchange.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_deadline(endpoint: &str, deadline: Duration) -> Result<Self, TransportError> {
        let unusable = |reason: &str| TransportError::Endpoint {
            endpoint: endpoint.to_owned(),
            reason: reason.to_owned(),
        };
        let url = Url::parse(endpoint).map_err(|error| unusable(&error.to_string()))?;
        if url.scheme() != "http" {
            return Err(unusable("only http URLs are supported"));
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .http1_only()
            .http1_title_case_headers()
            .timeout(deadline)
            .build()
            .map_err(|_| unusable("the HTTP client could not be set up"))?;
        Ok(Self {
            http,
            endpoint: url,
            deadline,
        })
    }

    fn classify(&self, error: &reqwest::Error) -> TransportError {
        if error.is_timeout() {
            TransportError::TimedOut {
                after_ms: u64::try_from(self.deadline.as_millis()).unwrap_or(u64::MAX),
            }
        } else if error.is_connect() {
            TransportError::Connect
        } else {
            TransportError::Dropped
        }
    }
}

impl Transport for HttpTransport {
    async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|_| TransportError::Request {
                reason: "the method is no HTTP method",
            })?;
        let mut answer = self
            .http
            .request(method, self.endpoint.clone())
            .headers(header_map(&request.headers)?)
            .body(request.body.as_bytes().to_vec())
            .send()
            .await
            .map_err(|error| self.classify(&error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| self.classify(&error))?
        {
            if body.len() + chunk.len() > MAX_OCTETS {
                return Err(TransportError::TooLarge { max: MAX_OCTETS });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpResponse::new(status, headers, body))
    }
}

fn header_map(lines: &[(String, String)]) -> Result<HeaderMap, TransportError> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| TransportError::Request {
                reason: "a header name is not allowed in HTTP",
            })?;
        let value = HeaderValue::from_str(value).map_err(|_| TransportError::Request {
            reason: "a header value is not allowed in HTTP",
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

const DEADLINE: Duration = Duration::from_secs(10);
pub(super) const MAX_OCTETS: usize = 1 << 20;
