//! HTTP/1.1 by hand, since libraries normalise what is odd.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use cognito_conformance::client::{Transport, TransportError};
use cognito_conformance::wire::{HttpRequest, HttpResponse};

use super::habits::HttpHabits;

/// Sends requests to one endpoint, in a port's way.
pub struct Wire {
    host: String,
    habits: HttpHabits,
    reads: Option<fn(&mut HttpResponse)>,
    kept: Option<TcpStream>,
}

impl Wire {
    pub fn new(
        endpoint: &str,
        habits: HttpHabits,
        reads: Option<fn(&mut HttpResponse)>,
    ) -> Result<Self, TransportError> {
        let host = endpoint
            .strip_prefix("http://")
            .ok_or_else(|| TransportError::Endpoint {
                endpoint: endpoint.to_owned(),
                reason: "only http URLs are supported".to_owned(),
            })?;
        Ok(Self {
            host: host.trim_end_matches('/').to_owned(),
            habits,
            reads,
            kept: None,
        })
    }

    fn exchange(&mut self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut stream = match self.kept.take().filter(is_open) {
            Some(stream) => stream,
            None => TcpStream::connect(&self.host).map_err(|_| TransportError::Connect)?,
        };
        let dropped = |_| TransportError::Dropped;
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .map_err(dropped)?;
        stream.set_nodelay(true).map_err(dropped)?;
        let octets = self.written(request);
        let piece = if self.habits.in_pieces {
            7
        } else {
            octets.len()
        };
        for piece in octets.chunks(piece) {
            stream.write_all(piece).map_err(dropped)?;
        }
        let response = answer(&mut stream)?;
        let ends = response.header("connection") == Some("close");
        if self.habits.keeps_alive && !ends {
            self.kept = Some(stream);
        }
        Ok(response)
    }

    fn written(&self, request: &HttpRequest) -> Vec<u8> {
        let body = serde_json::from_slice(request.body.as_bytes())
            .expect("the reference client writes JSON");
        let body = self.habits.body.write(&body);
        let mut headers = vec![("Host".to_owned(), self.host.clone())];
        headers.extend(request.headers.iter().cloned());
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
        if !self.habits.keeps_alive {
            headers.push(("Connection".to_owned(), "close".to_owned()));
        }
        for (name, value) in self.habits.extra {
            headers.push(((*name).to_owned(), (*value).to_owned()));
        }
        if self.habits.reversed {
            headers.reverse();
        }
        let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
        for (name, value) in &headers {
            let value = match self.habits.content_type {
                Some(other) if name == "Content-Type" => other,
                _ => value,
            };
            text.push_str(&format!("{}: {value}\r\n", (self.habits.names)(name)));
        }
        text.push_str("\r\n");
        text.push_str(&body);
        text.into_bytes()
    }
}

impl Transport for Wire {
    async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut outcome = self.exchange(&request);
        for _ in 1..self.habits.tries {
            if outcome.as_ref().is_ok_and(|response| response.status < 500) {
                break;
            }
            outcome = self.exchange(&request);
        }
        let mut response = outcome?;
        if let Some(reads) = self.reads {
            reads(&mut response);
        }
        Ok(response)
    }
}

/// Whether the service has not ended the connection meanwhile.
fn is_open(stream: &TcpStream) -> bool {
    let waits = stream.set_nonblocking(true).is_ok()
        && matches!(stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
    stream.set_nonblocking(false).is_ok() && waits
}

/// Reads one response whose length is told, or whose end is the connection's.
fn answer(stream: &mut TcpStream) -> Result<HttpResponse, TransportError> {
    let mut octets = Vec::new();
    loop {
        let mut lines = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut lines);
        let parsed = head.parse(&octets).map_err(|_| TransportError::Dropped)?;
        if let httparse::Status::Complete(body) = parsed {
            let status = head.code.ok_or(TransportError::Dropped)?;
            let headers: Vec<_> = head
                .headers
                .iter()
                .map(|line| {
                    let value = String::from_utf8_lossy(line.value).into_owned();
                    (line.name.to_owned(), value)
                })
                .collect();
            let response = HttpResponse::new(status, headers, octets[body..].to_vec());
            return whole(stream, response);
        }
        if !more(stream, &mut octets)? {
            return Err(TransportError::Dropped);
        }
    }
}

fn whole(stream: &mut TcpStream, response: HttpResponse) -> Result<HttpResponse, TransportError> {
    let length = response
        .header("content-length")
        .and_then(|length| length.parse::<usize>().ok());
    let mut body = response.body.as_bytes().to_vec();
    while length.is_none_or(|length| body.len() < length) {
        if !more(stream, &mut body)? {
            if length.is_some() {
                return Err(TransportError::Dropped);
            }
            break;
        }
    }
    Ok(HttpResponse::new(response.status, response.headers, body))
}

/// Reads on; false at the end.
fn more(stream: &mut TcpStream, octets: &mut Vec<u8>) -> Result<bool, TransportError> {
    let mut piece = [0; 8192];
    match stream.read(&mut piece) {
        Ok(read) => {
            octets.extend_from_slice(&piece[..read]);
            Ok(read > 0)
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            Err(TransportError::TimedOut { after_ms: 10_000 })
        }
        Err(_) => Err(TransportError::Dropped),
    }
}
