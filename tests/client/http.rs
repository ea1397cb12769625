//! The reference client over HTTP, against servers that behave and servers that do not.

use std::time::Duration;

use crate::support::script::*;
use cognito_conformance::client::{
    AuthError, Client, HttpTransport, Policy, Sources, TransportError,
};
use cognito_conformance::wire::{AuthFlowType, NextStep};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Answers each connection with the next of `answers`, and returns what came in.
async fn serve(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    let seen = tokio::spawn(async move {
        let mut seen = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut octets = Vec::new();
            while !is_whole(&octets) {
                let mut buffer = [0; 4096];
                let count = stream.read(&mut buffer).await.unwrap();
                if count == 0 {
                    break;
                }
                octets.extend_from_slice(&buffer[..count]);
            }
            seen.push(String::from_utf8(octets).unwrap());
            // A client that has read enough may have gone away.
            let _ = stream.write_all(&answer).await;
        }
        seen
    });
    (endpoint, seen)
}

fn is_whole(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

fn http(status: &str, extra: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{extra}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn sign_in_at(endpoint: &str, deadline: Duration) -> Result<NextStep, AuthError> {
    let transport = HttpTransport::with_deadline(endpoint, deadline).unwrap();
    let sources = Sources::fixed(AFTERNOON, 7);
    let mut client = Client::new(settings(), transport, sources, Policy::default()).unwrap();
    client.sign_in(sign_in(AuthFlowType::UserSrp)).await
}

const PATIENT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn over_http_the_same_bodies_and_headers_are_sent() {
    let answers = [verifier_challenge(None), tokens()];
    let octets = answers
        .iter()
        .map(|answer| http("200 OK", "", answer.body.as_bytes()))
        .collect();
    let (endpoint, seen) = serve(octets).await;
    assert_eq!(sign_in_at(&endpoint, PATIENT).await, Ok(NextStep::Done));

    let script = Script::new(answers);
    plain_client(&script)
        .sign_in(sign_in(AuthFlowType::UserSrp))
        .await
        .unwrap();
    let seen = seen.await.unwrap();
    assert_eq!(seen.len(), 2);
    for (seen, request) in seen.iter().zip(script.requests()) {
        let (head, body) = seen.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST / HTTP/1.1\r\n"), "{head}");
        assert_eq!(body, request.body.to_text());
        for (name, value) in &request.headers {
            let line = format!("{name}: {value}");
            assert!(head.lines().any(|got| got == line), "{line} in {head}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (endpoint, seen) = serve(vec![http(
        "307 Temporary Redirect",
        "Location: http://127.0.0.1:1/\r\n",
        b"",
    )])
    .await;
    let error = sign_in_at(&endpoint, PATIENT).await.unwrap_err();
    assert_eq!(error.name(), "InvalidServiceResponse", "{error}");
    assert_eq!(seen.await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_read_to_its_end() {
    let body = vec![b' '; (1 << 20) + 1];
    let (endpoint, _seen) = serve(vec![http("200 OK", "", &body)]).await;
    assert_eq!(
        sign_in_at(&endpoint, PATIENT).await,
        Err(AuthError::Network(TransportError::TooLarge {
            max: 1 << 20
        }))
    );
}

#[tokio::test]
async fn a_connection_that_ends_too_early_is_a_network_error() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    for answer in [Vec::new(), half] {
        let (endpoint, _seen) = serve(vec![answer]).await;
        assert_eq!(
            sign_in_at(&endpoint, PATIENT).await,
            Err(AuthError::Network(TransportError::Dropped))
        );
    }
}

#[tokio::test]
async fn a_silent_service_is_given_up_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    let result = sign_in_at(&endpoint, Duration::from_millis(50)).await;
    assert_eq!(
        result,
        Err(AuthError::Network(TransportError::TimedOut {
            after_ms: 50
        }))
    );
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        sign_in_at(&endpoint, PATIENT).await,
        Err(AuthError::Network(TransportError::Connect))
    );
}

#[test]
fn an_endpoint_that_cannot_be_reached_by_plain_http_is_refused() {
    for endpoint in ["https://example.com/", "ftp://example.com", "no url", ""] {
        assert!(
            matches!(
                HttpTransport::new(endpoint),
                Err(TransportError::Endpoint { .. })
            ),
            "{endpoint:?}"
        );
    }
}
