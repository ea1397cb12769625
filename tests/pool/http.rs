//! The listener: what reaches the handler, and what hostile peers get.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::counter::*;
use cognito_conformance::pool::http::{Handler, Limits, Listener, Outcome, SharedHandler};
use cognito_conformance::wire::{HttpRequest, HttpResponse};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;

/// Remembers what it is asked, and answers with one word.
#[derive(Default)]
struct Ear {
    heard: Vec<HttpRequest>,
    drops: bool,
}

impl Handler for Ear {
    fn handle(&mut self, request: HttpRequest) -> Outcome {
        self.heard.push(request);
        if self.drops {
            return Outcome::Drop;
        }
        let headers = vec![("X-Heard".to_owned(), self.heard.len().to_string())];
        Outcome::Respond(HttpResponse::new(200, headers, "heard"))
    }
}

async fn listening(limits: Limits) -> (Listener, Arc<Mutex<Ear>>) {
    let ear = Arc::new(Mutex::new(Ear::default()));
    let address = "127.0.0.1:0".parse().unwrap();
    let listener = Listener::bind_with(address, Arc::<Mutex<Ear>>::clone(&ear), limits)
        .await
        .expect("loopback can be bound");
    (listener, ear)
}

/// Sends octets and returns everything that comes back until the peer closes.
async fn exchange(listener: &Listener, octets: &[u8]) -> String {
    let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
    // A peer that closes early breaks the pipe; what it said first is still to be read.
    let _ = stream.write_all(octets).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn headers_and_body_reach_the_handler_as_they_were_on_the_wire() {
    let (listener, ear) = listening(Limits::default()).await;
    let body = "{\"a\" :\t1}";
    let octets = format!(
        "POST / HTTP/1.1\r\nhOsT: pool\r\nX-AMZ-Target: one\r\nx-amz-target: two\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(&listener, octets.as_bytes()).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.to_lowercase().contains("x-heard: 1"), "{answer}");
    assert!(answer.ends_with("heard"), "{answer}");
    let heard = ear.lock().unwrap().heard.clone();
    assert_eq!(heard.len(), 1, "requests");
    assert_eq!(heard[0].method, "POST", "method");
    let names: Vec<_> = heard[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "hOsT",
            "X-AMZ-Target",
            "x-amz-target",
            "Content-Length",
            "Connection"
        ],
        "header names"
    );
    assert_eq!(heard[0].body.as_bytes(), body.as_bytes(), "body");
    listener.stop().await;
}

#[tokio::test]
async fn a_connection_serves_many_requests_also_when_they_are_sent_at_once() {
    let (listener, ear) = listening(Limits::default()).await;
    let octets = "POST /1 HTTP/1.1\r\nHost: p\r\nContent-Length: 3\r\nA-Header: x\r\n\r\nabc\
                  POST /2 HTTP/1.1\r\nhost: p\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n\
                  POST /3 HTTP/1.1\r\nHOST: p\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let answer = exchange(&listener, octets.as_bytes()).await;
    assert_eq!(answer.matches("200 OK").count(), 3, "{answer}");
    let heard = ear.lock().unwrap().heard.clone();
    let seen: Vec<_> = heard
        .iter()
        .map(|r| (r.path.as_str(), r.headers[0].0.as_str(), r.body.to_text()))
        .collect();
    assert_eq!(
        seen,
        [
            ("/1", "Host", "abc".into()),
            ("/2", "host", "de".into()),
            ("/3", "HOST", "".into())
        ]
    );
}

#[tokio::test]
async fn a_handler_that_drops_gives_no_answer() {
    let (listener, ear) = listening(Limits::default()).await;
    ear.lock().unwrap().drops = true;
    let answer = exchange(
        &listener,
        b"POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(answer, "");
    assert_eq!(ear.lock().unwrap().heard.len(), 1, "it was heard");
}

/// Answers some paths at once, and fails at others.
struct Prompt;

impl SharedHandler for Prompt {
    fn handle(&self, request: HttpRequest) -> Outcome {
        assert_ne!(request.path, "/fail", "a failure on purpose");
        Outcome::Respond(HttpResponse::new(200, Vec::new(), "later"))
    }

    fn handle_at_once(&self, request: HttpRequest) -> Result<Outcome, HttpRequest> {
        assert_ne!(request.path, "/fail-at-once", "a failure on purpose");
        if request.path == "/now" {
            return Ok(Outcome::Respond(HttpResponse::new(200, Vec::new(), "now")));
        }
        Err(request)
    }
}

#[tokio::test]
async fn what_is_not_answered_at_once_is_answered_all_the_same_and_a_failure_is_told() {
    let address = "127.0.0.1:0".parse().unwrap();
    let listener = Listener::bind(address, Arc::new(Prompt)).await.unwrap();
    let expected = [
        ("/now", "200", "now"),
        ("/fail-at-once", "500", "InternalErrorException"),
        ("/fail", "500", "InternalErrorException"),
        ("/", "200", "later"),
    ];
    for (path, expected_status, expected_body) in expected {
        let octets = format!("POST {path} HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n");
        let answer = exchange(&listener, octets.as_bytes()).await;
        assert_eq!(status(&answer), expected_status, "{path}: {answer}");
        assert!(answer.contains(expected_body), "{path}: {answer}");
    }
}

#[tokio::test]
async fn too_large_a_body_is_refused_announced_or_not() {
    let limits = Limits {
        body_octets: 1000,
        ..Limits::default()
    };
    let (listener, ear) = listening(limits).await;
    let announced = "POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 1001\r\n\r\n";
    let answer = exchange(&listener, announced.as_bytes()).await;
    assert_eq!(status(&answer), "413", "announced: {answer}");
    assert!(
        answer.contains("\"__type\""),
        "in the service's form: {answer}"
    );
    assert!(answer.contains("1000"), "the bound is named: {answer}");
    let mut unannounced =
        "POST / HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    for _ in 0..20 {
        unannounced.push_str("64\r\n");
        unannounced.push_str(&"x".repeat(100));
        unannounced.push_str("\r\n");
    }
    let answer = exchange(&listener, unannounced.as_bytes()).await;
    assert_eq!(status(&answer), "413", "not announced: {answer}");
    assert!(
        ear.lock().unwrap().heard.is_empty(),
        "the handler heard nothing"
    );
}

#[tokio::test]
async fn a_body_of_the_usual_bound_passes() {
    let (listener, ear) = listening(Limits::default()).await;
    let mut octets = format!(
        "POST / HTTP/1.1\r\nHost: p\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        1024 * 1024
    )
    .into_bytes();
    octets.resize(octets.len() + 1024 * 1024, b'x');
    let answer = exchange(&listener, &octets).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert_eq!(
        ear.lock().unwrap().heard[0].body.as_bytes().len(),
        1024 * 1024
    );
}

#[tokio::test]
async fn too_large_a_head_is_refused() {
    let (listener, ear) = listening(Limits::default()).await;
    let octets = format!(
        "POST / HTTP/1.1\r\nHost: p\r\nX: {}\r\n\r\n",
        "y".repeat(80 * 1024)
    );
    let answer = exchange(&listener, octets.as_bytes()).await;
    assert_eq!(status(&answer), "431", "{answer}");
    assert!(
        ear.lock().unwrap().heard.is_empty(),
        "the handler heard nothing"
    );
}

#[tokio::test]
async fn a_peer_that_is_too_slow_is_let_go() {
    let limits = Limits {
        read_deadline: Duration::from_millis(30),
        ..Limits::default()
    };
    let (listener, ear) = listening(limits).await;
    let nothing = exchange(&listener, b"").await;
    assert_eq!(nothing, "", "nothing at all");
    let head = exchange(&listener, b"POST / HTTP/1.1\r\nHost:").await;
    assert!(
        head.is_empty() || status(&head) == "408",
        "half a head: {head}"
    );
    let body = exchange(
        &listener,
        b"POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 5\r\n\r\nab",
    )
    .await;
    assert_eq!(status(&body), "408", "half a body: {body}");
    assert!(
        ear.lock().unwrap().heard.is_empty(),
        "the handler heard nothing"
    );
}

/// Answers `/large` with more than a connection holds on its way, `/slow` once it may, and others with their path. Pages may ask
/// all but `/local`. It tells each path that it hears.
struct Speaker {
    heard: mpsc::UnboundedSender<String>,
    may_answer: Mutex<std::sync::mpsc::Receiver<()>>,
}

impl SharedHandler for Speaker {
    fn handle(&self, request: HttpRequest) -> Outcome {
        // Not every test listens until the end.
        let _ = self.heard.send(request.path.clone());
        if request.path == "/slow" {
            let _ = self.may_answer.lock().unwrap().recv();
        }
        let body = match request.path.as_str() {
            "/large" => "x".repeat(LARGE),
            path => path.to_owned(),
        };
        Outcome::Respond(HttpResponse::new(200, Vec::new(), body))
    }

    fn is_open_to_pages(&self, request: &HttpRequest) -> bool {
        request.path != "/local"
    }
}

/// A speaker behind a listener that closes nothing of itself unless `limits` say so.
struct Speaking {
    listener: Listener,
    speaker: Arc<Speaker>,
    heard: mpsc::UnboundedReceiver<String>,
    answer: std::sync::mpsc::Sender<()>,
}

impl Speaking {
    async fn within(limits: Limits) -> Self {
        let (told, heard) = mpsc::unbounded_channel();
        let (answer, may_answer) = std::sync::mpsc::channel();
        let speaker = Arc::new(Speaker {
            heard: told,
            may_answer: Mutex::new(may_answer),
        });
        let address = "127.0.0.1:0".parse().unwrap();
        let listener = Listener::bind_with(address, Arc::<Speaker>::clone(&speaker), limits)
            .await
            .expect("loopback can be bound");
        Self {
            listener,
            speaker,
            heard,
            answer,
        }
    }

    /// A peer that asks for large answers, and reads none. It is being answered when it is returned.
    async fn deaf(&mut self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let address = self.listener.local_addr();
        let mut stream = socket.connect(address).await.unwrap();
        let request = b"GET /large HTTP/1.1\r\nHost: p\r\n\r\n";
        stream.write_all(&request.repeat(3)).await.unwrap();
        let heard = self.heard.recv().await;
        assert_eq!(heard.as_deref(), Some("/large"), "it is answered");
        stream
    }

    /// What somebody new is answered.
    async fn greeted(&mut self) -> String {
        let octets = b"GET /hello HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n";
        let answer = exchange(&self.listener, octets).await;
        let heard = self.heard.recv().await;
        assert_eq!(heard.as_deref(), Some("/hello"), "nobody else is heard");
        answer
    }

    /// Waits until no connection is served: each holds the handler, as the listener and the test do.
    async fn served_nobody(&self) {
        let gone = async {
            while Arc::strong_count(&self.speaker) > 2 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(120), gone).await;
        assert!(waited.is_ok(), "a connection is served for ever");
    }
}

/// How many octets come before a connection ends, with an error or without.
async fn left_on(mut stream: TcpStream) -> usize {
    let mut buffer = vec![0; 64 * 1024];
    let mut read = 0;
    while let Ok(octets @ 1..) = stream.read(&mut buffer).await {
        read += octets;
    }
    read
}

const PATIENT: Limits = Limits {
    head_octets: 64 * 1024,
    body_octets: 1024 * 1024,
    read_deadline: Duration::from_secs(3600),
    write_deadline: Duration::from_secs(3600),
    connections: 1,
    stop_deadline: Duration::ZERO,
};
/// More than any system holds of what a connection has not read.
const LARGE: usize = 32 * 1024 * 1024;

#[tokio::test]
async fn a_peer_that_never_reads_makes_room_for_a_new_one() {
    let mut speaking = Speaking::within(PATIENT).await;
    for round in 0..3 {
        let deaf = speaking.deaf().await;
        let answer = speaking.greeted().await;
        assert_eq!(status(&answer), "200", "{round}: {answer}");
        let octets = left_on(deaf).await;
        assert!(octets < LARGE, "{round}: its connection ended early");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_takes_ends_at_its_deadline() {
    let limits = Limits {
        write_deadline: Duration::from_millis(30),
        connections: 100,
        ..PATIENT
    };
    let mut speaking = Speaking::within(limits).await;
    let deaf = speaking.deaf().await;
    speaking.served_nobody().await;
    let octets = left_on(deaf).await;
    assert!(octets < LARGE, "the rest was not kept for it");
    let answer = speaking.greeted().await;
    assert_eq!(status(&answer), "200", "{answer}");
}

#[tokio::test]
async fn a_peer_that_reads_late_gets_its_whole_answer() {
    let mut speaking = Speaking::within(PATIENT).await;
    let mut late = speaking.deaf().await;
    let mut read = vec![0; LARGE];
    late.read_exact(&mut read).await.expect("nothing is lost");
    assert!(read.starts_with(b"HTTP/1.1 200 OK\r\n"), "an answer");
    assert_eq!(read.last(), Some(&b'x'), "its body");
}

#[tokio::test]
async fn whoever_has_been_answered_makes_room_for_somebody_who_came_meanwhile() {
    let mut speaking = Speaking::within(PATIENT).await;
    let mut first = TcpStream::connect(speaking.listener.local_addr())
        .await
        .unwrap();
    let octets = b"GET /slow HTTP/1.1\r\nHost: p\r\n\r\n";
    first.write_all(octets).await.unwrap();
    let heard = speaking.heard.recv().await;
    assert_eq!(
        heard.as_deref(),
        Some("/slow"),
        "the first is being answered"
    );
    let mut second = TcpStream::connect(speaking.listener.local_addr())
        .await
        .unwrap();
    let octets = b"GET /hello HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n";
    second.write_all(octets).await.unwrap();
    speaking.answer.send(()).unwrap();
    let mut answer = String::new();
    second.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
    let mut answer = String::new();
    first.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.ends_with("/slow"),
        "the first had its answer: {answer}"
    );
}

#[tokio::test]
async fn what_is_not_for_pages_is_neither_granted_nor_readable() {
    let mut speaking = Speaking::within(PATIENT).await;
    let page = "Host: p\r\nOrigin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n";
    for method in ["OPTIONS", "GET"] {
        let request = format!("{method} /local HTTP/1.1\r\n{page}\r\n");
        let answer = exchange(&speaking.listener, request.as_bytes()).await;
        assert!(answer.ends_with("/local"), "{method} is handled: {answer}");
        let lower = answer.to_lowercase();
        assert!(!lower.contains("access-control-"), "{method}: {answer}");
        assert_eq!(speaking.heard.recv().await.as_deref(), Some("/local"));
        let request = format!("{method} /open HTTP/1.1\r\n{page}\r\n");
        let answer = exchange(&speaking.listener, request.as_bytes()).await;
        let lower = answer.to_lowercase();
        assert!(
            lower.contains("access-control-allow-origin: *"),
            "{method}: {answer}"
        );
    }
    assert_eq!(speaking.heard.recv().await.as_deref(), Some("/open"));
    drop(speaking.answer);
    assert!(
        speaking.heard.try_recv().is_err(),
        "a preflight is no request"
    );
}

#[tokio::test]
async fn a_body_that_ends_too_early_is_not_handed_on() {
    let (listener, ear) = listening(Limits::default()).await;
    let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 500\r\n\r\n{")
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(
        ear.lock().unwrap().heard.is_empty(),
        "the handler heard nothing"
    );
    listener.stop().await;
}

#[tokio::test]
async fn garbage_is_refused_and_the_listener_lives_on() {
    let (listener, _) = listening(Limits::default()).await;
    for octets in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: p\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
        let _ = stream.write_all(octets).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(
            answer.is_empty() || status(&answer) == "400",
            "{:?}: {answer}",
            String::from_utf8_lossy(octets)
        );
    }
    let answer = exchange(
        &listener,
        b"POST / HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert_eq!(status(&answer), "200", "{answer}");
}

#[tokio::test]
async fn browsers_may_ask_and_read() {
    let (listener, ear) = listening(Limits::default()).await;
    let preflight = "OPTIONS / HTTP/1.1\r\nHost: p\r\nOrigin: http://localhost:3000\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type,x-amz-target\r\nConnection: close\r\n\r\n";
    let answer = exchange(&listener, preflight.as_bytes())
        .await
        .to_lowercase();
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(
        answer.contains("access-control-allow-origin: *"),
        "{answer}"
    );
    assert!(
        answer.contains("access-control-allow-headers: content-type,x-amz-target"),
        "{answer}"
    );
    assert!(
        ear.lock().unwrap().heard.is_empty(),
        "a preflight is no request of the port"
    );
    let request = "POST / HTTP/1.1\r\nHost: p\r\nOrigin: http://localhost:3000\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let answer = exchange(&listener, request.as_bytes()).await.to_lowercase();
    assert!(
        answer.contains("access-control-allow-origin: *"),
        "{answer}"
    );
    assert!(
        answer.contains("access-control-expose-headers: x-amzn-requestid,x-amzn-errortype,x-amzn-errormessage,date"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_whole_sign_in_goes_over_the_wire() {
    let counter = Counter::new(world());
    let a = counter.big_a();
    let Counter { pool, .. } = counter;
    let pool = Arc::new(Mutex::new(pool));
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), pool)
        .await
        .unwrap();
    assert_eq!(
        listener.endpoint(),
        format!("http://{}/", listener.local_addr()),
        "endpoint"
    );
    let body = json!({
        "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT,
        "AuthParameters": { "USERNAME": EMAIL, "SRP_A": a },
    })
    .to_string();
    let over_the_wire = exchange(&listener, &post("InitiateAuth", &body)).await;
    let (head, got) = over_the_wire.split_once("\r\n\r\n").expect("head and body");
    assert_eq!(status(head), "200", "{head}");

    let mut in_process = Counter::new(world());
    let same = in_process.start_srp(EMAIL);
    assert_eq!(got, same.0.body.to_text(), "the same octets either way");
    let proof = in_process.proof(&same, PASSWORD);
    let body = json!({
        "ChallengeName": "PASSWORD_VERIFIER", "ClientId": CLIENT,
        "ChallengeResponses": {
            "USERNAME": proof.username, "PASSWORD_CLAIM_SECRET_BLOCK": proof.block,
            "TIMESTAMP": proof.timestamp, "PASSWORD_CLAIM_SIGNATURE": proof.signature,
        },
    })
    .to_string();
    let done = exchange(&listener, &post("RespondToAuthChallenge", &body)).await;
    assert_eq!(status(&done), "200", "{done}");
    assert!(done.contains("AccessToken"), "{done}");
    let again = exchange(&listener, &post("RespondToAuthChallenge", &body)).await;
    assert_eq!(status(&again), "400", "{again}");
    assert!(
        again
            .to_lowercase()
            .contains("x-amzn-errortype: notauthorizedexception:"),
        "{again}"
    );
    listener.stop().await;
}

#[tokio::test]
async fn hostile_requests_to_a_pool_get_the_services_errors() {
    let pool = Arc::new(Mutex::new(Counter::new(world()).pool));
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), pool)
        .await
        .unwrap();
    let huge_a = json!({
        "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT,
        "AuthParameters": { "USERNAME": EMAIL, "SRP_A": "f".repeat(1_000_000) },
    })
    .to_string();
    let deep = "[".repeat(500_000);
    for (what, octets, kind) in [
        ("huge A", post("InitiateAuth", &huge_a), "InvalidParameterException"),
        ("deep JSON", post("InitiateAuth", &deep), "SerializationException"),
        ("no JSON", post("InitiateAuth", "SRP please"), "SerializationException"),
        ("unknown operation", post("Nonsense", "{}"), "UnknownOperationException"),
        (
            "wrong content type",
            b"POST / HTTP/1.1\r\nHost: p\r\nContent-Type: text/xml\r\nX-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".to_vec(),
            "SerializationException",
        ),
    ] {
        let answer = exchange(&listener, &octets).await;
        assert_eq!(status(&answer), "400", "{what}: {answer}");
        assert!(answer.contains(&format!("\"__type\":\"{kind}\"")), "{what}: {answer}");
        assert!(answer.len() < 2000, "{what}: what was sent is not echoed");
    }
}

#[tokio::test]
async fn a_stopped_listener_takes_no_more_connections() {
    let (listener, _) = listening(Limits::default()).await;
    let address = listener.local_addr();
    // An idle connection must not keep it from stopping.
    let _idle = TcpStream::connect(address).await.unwrap();
    listener.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

fn post(operation: &str, body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nHost: p\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.{operation}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
