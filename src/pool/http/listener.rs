//! The listener.

use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use hyper::rt::{Sleep, Timer};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::connections::{Connection, Connections};
use super::handler::{Outcome, SharedHandler};
use super::limits::Limits;
use super::tap::{RawHead, Tap, Tapped};
use super::timely::Timely;
use crate::wire::http::AMZ_JSON;
use crate::wire::{HttpRequest, HttpResponse, Octets};

/// A listener for HTTP/1.1 on a TCP port, which hands whole requests to a [`SharedHandler`].
///
/// Dropping it closes everything at once; [`stop`](Self::stop) lets answers in progress finish.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on `addr` (`127.0.0.1:0` lets the system choose a port) with the default [`Limits`].
    ///
    /// # Errors
    /// What the system says about the address.
    pub async fn bind(addr: SocketAddr, handler: Arc<dyn SharedHandler>) -> io::Result<Self> {
        Self::bind_with(addr, handler, Limits::default()).await
    }

    /// As [`bind`](Self::bind) with other limits.
    ///
    /// # Errors
    /// What the system says about the address.
    pub async fn bind_with(
        addr: SocketAddr,
        handler: Arc<dyn SharedHandler>,
        limits: Limits,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, handler, limits, stopped));
        Ok(Self {
            address,
            stop,
            accepting: Some(accepting),
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as the URL that clients are given.
    pub fn endpoint(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Takes no more connections, lets answers in progress finish within the limits' deadline, and closes the rest.
    pub async fn stop(mut self) {
        // Nobody listening any more means that it has stopped already.
        let _ = self.stop.send(true);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

type Shared = Arc<dyn SharedHandler>;

async fn accept(
    listener: TcpListener,
    handler: Shared,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) {
    let mut open = Connections::default();
    let mut connections = JoinSet::new();
    'accepting: loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        open.tidy();
        // A connection that broke before it was accepted, or a shortage of descriptors, is no reason to stop listening.
        let Ok((stream, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        // Whoever keeps connections open for nothing must not keep others out.
        while open.count() >= limits.connections && !open.evict_one() {
            tokio::select! {
                _ = connections.join_next() => {}
                () = open.freed() => {}
                _ = stopped.changed() => break 'accepting,
            }
            open.tidy();
        }
        let connection = open.add();
        let (handler, stopped) = (Arc::clone(&handler), stopped.clone());
        connections.spawn(async move {
            let evicted = Arc::clone(&connection);
            tokio::select! {
                () = serve(stream, handler, limits, stopped, connection) => {}
                () = evicted.evicted() => {}
            }
        });
    }
    drop(listener);
    let _ = timeout(limits.stop_deadline, async {
        while connections.join_next().await.is_some() {}
    })
    .await;
}

async fn serve(
    stream: TcpStream,
    handler: Shared,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
    connection: Arc<Connection>,
) {
    // Answers are small and awaited: waiting to fill a segment only costs time.
    let _ = stream.set_nodelay(true);
    let timer = HeadTimer::starting_now();
    // A connection that nothing was sent on yet does without the library's buffers, which are most of what one takes. An
    // octet is looked for, since a new connection counts as readable until somebody has tried.
    let mut first = [0];
    tokio::select! {
        looked = timeout(limits.read_deadline, stream.peek(&mut first)) => {
            if !matches!(looked, Ok(Ok(1))) {
                return;
            }
        }
        _ = stopped.changed() => return,
    }
    // Boxed, so that it takes no room before.
    Box::pin(serve_http(
        stream, timer, handler, limits, stopped, connection,
    ))
    .await;
}

async fn serve_http(
    stream: TcpStream,
    timer: HeadTimer,
    handler: Shared,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
    connection: Arc<Connection>,
) {
    let tap = Tap::default();
    let stream = Timely::new(stream, limits.write_deadline, Arc::clone(&connection));
    let stream = Tapped::new(stream, tap.clone());
    let service = service_fn(move |request| {
        let (tap, handler) = (tap.clone(), Arc::clone(&handler));
        let connection = Arc::clone(&connection);
        answer(request, tap, handler, limits, connection)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(timer)
        .header_read_timeout(limits.read_deadline)
        .max_buf_size(limits.head_octets.max(HYPER_LEAST_BUFFER))
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // How a connection ended is its peer's business.
        _ = connection.as_mut() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// A timer for the heads of one connection. The library starts to count when it begins to read; the time for the first head
/// is counted from when the connection was taken.
#[derive(Debug)]
struct HeadTimer {
    taken: Instant,
    is_first: AtomicBool,
}

impl HeadTimer {
    fn starting_now() -> Self {
        Self {
            taken: TokioTimer::new().now(),
            is_first: AtomicBool::new(true),
        }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        TokioTimer::new().sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        TokioTimer::new().sleep_until(deadline)
    }

    /// What the library adds its time-out to.
    fn now(&self) -> Instant {
        if self.is_first.swap(false, Ordering::Relaxed) {
            self.taken
        } else {
            TokioTimer::new().now()
        }
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, new_deadline: Instant) {
        TokioTimer::new().reset(sleep, new_deadline);
    }
}

/// The handler panicked.
struct Failed;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

async fn answer(
    request: Request<Incoming>,
    tap: Tap,
    handler: Shared,
    limits: Limits,
    connection: Arc<Connection>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let cors = request.headers().contains_key(header::ORIGIN);
    let asked_headers = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .cloned();
    let preflight = request.method() == Method::OPTIONS;
    // The library's own bound is one of buffers, which a head may exceed.
    if tap
        .head_octets()
        .is_some_and(|octets| octets > limits.head_octets)
    {
        return Ok(refusal(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "RequestHeaderTooLargeException",
            &format!("expected a head of at most {} octets", limits.head_octets),
        ));
    }
    let (parsed, body) = request.into_parts();
    let body = match read_body(body, limits).await {
        Ok(body) => body,
        Err(refusal) => return Ok(refusal),
    };
    let head = match tap.take_request() {
        Some(head) => head,
        None => head_as_parsed(&parsed),
    };
    let request = HttpRequest {
        method: head.method,
        path: head.path,
        headers: head.headers,
        body: Octets::from(body),
    };
    let is_open = handler.is_open_to_pages(&request);
    if preflight && is_open {
        return Ok(granted(asked_headers));
    }
    connection.begins_answer();
    // A handler that fails must not take the connection with it, whichever thread it is on.
    let at_once = AssertUnwindSafe(|| handler.handle_at_once(request));
    let outcome = match catch_unwind(at_once) {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(request)) => tokio::task::spawn_blocking(move || handler.handle(request))
            .await
            .map_err(|_| Failed),
        Err(_) => Err(Failed),
    };
    connection.ends_answer();
    match outcome {
        Ok(Outcome::Respond(response)) => {
            let mut response = written(response);
            if cors && is_open {
                allow_origin(&mut response);
            }
            Ok(response)
        }
        Ok(Outcome::Drop) => Err(Dropped),
        Err(Failed) => Ok(refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalErrorException",
            "the handler behind this listener failed; please report this as a fault of the harness",
        )),
    }
}

async fn read_body(body: Incoming, limits: Limits) -> Result<Vec<u8>, Response<Full<Bytes>>> {
    let too_large = || {
        refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLargeException",
            &format!("expected a body of at most {} octets", limits.body_octets),
        )
    };
    // Refused before it is read, where its length is announced.
    if body.size_hint().lower() > u64::try_from(limits.body_octets).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let reading = Limited::new(body, limits.body_octets).collect();
    match timeout(limits.read_deadline, reading).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(refusal(
            StatusCode::BAD_REQUEST,
            "SerializationException",
            "the body ended before it was complete",
        )),
        Err(_) => Err(refusal(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeoutException",
            "the body did not arrive before the deadline",
        )),
    }
}

fn head_as_parsed(request: &Parts) -> RawHead {
    RawHead {
        method: request.method.to_string(),
        path: request.uri.to_string(),
        headers: request
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
    }
}

fn written(response: HttpResponse) -> Response<Full<Bytes>> {
    let mut built = Response::new(Full::new(Bytes::copy_from_slice(response.body.as_bytes())));
    *built.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        // A fault may ask for a header that HTTP can't carry; the rest still goes out.
        if let (Ok(name), Ok(value)) = (
            header::HeaderName::from_bytes(name.as_bytes()),
            header::HeaderValue::from_bytes(value.as_bytes()),
        ) {
            built.headers_mut().append(name, value);
        }
    }
    built
}

/// A refusal in the service's form, after which the connection is closed: its octets can't be trusted any more.
fn refusal(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = serde_json::json!({ "__type": kind, "message": message }).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(AMZ_JSON),
    );
    headers.insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    if let Ok(kind) = header::HeaderValue::from_str(&format!("{kind}:")) {
        headers.insert(header::HeaderName::from_static("x-amzn-errortype"), kind);
    }
    response
}

/// The answer to a preflight: a page may send what it asked for.
fn granted(asked_headers: Option<header::HeaderValue>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HTTP_METHODS);
    if let Some(asked) = asked_headers {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    allow_origin(&mut response);
    response
}

fn allow_origin(response: &mut Response<Full<Bytes>>) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// What hyper wants at least.
const HYPER_LEAST_BUFFER: usize = 8192;
const ANY_ORIGIN: header::HeaderValue = header::HeaderValue::from_static("*");
const HTTP_METHODS: header::HeaderValue = header::HeaderValue::from_static("POST, GET, OPTIONS");
const PREFLIGHT_SECONDS: header::HeaderValue = header::HeaderValue::from_static("172800");
/// What the service exposes to scripts (aws-amplify/amplify-js#11034).
const EXPOSED: header::HeaderValue =
    header::HeaderValue::from_static("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
