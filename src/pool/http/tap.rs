//! A tap beneath the HTTP library: what it reads is kept, so that heads can be read as they were on the wire.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that copies what is read from it into a [`Tap`].
pub(super) struct Tapped<S> {
    stream: S,
    tap: Tap,
}

impl<S> Tapped<S> {
    /// Taps `stream`.
    pub(super) fn new(stream: S, tap: Tap) -> Self {
        Self { stream, tap }
    }
}

/// What was read and not yet claimed by a request.
#[derive(Clone, Default)]
pub(super) struct Tap(Arc<Mutex<Vec<u8>>>);

/// A request's head as it was on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawHead {
    /// The method.
    pub(super) method: String,
    /// The request target.
    pub(super) path: String,
    /// Header lines.
    pub(super) headers: Vec<(String, String)>,
}

impl Tap {
    /// Claims the oldest request, whose body has been read to its end, and drops its octets. `None` when the octets are
    /// no HTTP/1 request, which the HTTP library would have refused before.
    pub(super) fn take_request(&self) -> Option<RawHead> {
        let mut octets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (head, length) = read_head(&octets)?;
        let body = body_length(&head, octets.get(length..)?)?;
        let end = length.saturating_add(body);
        if end < octets.len() {
            octets.drain(..end);
        } else {
            // A connection that waits does not keep the room of the largest request that came on it.
            *octets = Vec::new();
        }
        Some(head)
    }

    /// The octets of the oldest request's head.
    pub(super) fn head_octets(&self) -> Option<usize> {
        let octets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parse_head(&octets, |_, length| Some(length))
    }

    fn append(&self, octets: &[u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(octets);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = &polled {
            self.tap.append(&buf.filled()[before..]);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

fn read_head(octets: &[u8]) -> Option<(RawHead, usize)> {
    parse_head(octets, |request, length| {
        let headers = request.headers.iter();
        let head = RawHead {
            method: request.method?.to_owned(),
            path: request.path?.to_owned(),
            headers: headers
                .map(|line| {
                    (
                        line.name.to_owned(),
                        String::from_utf8_lossy(line.value).into_owned(),
                    )
                })
                .collect(),
        };
        Some((head, length))
    })
}

/// Does something with the parsed head that the octets begin with, and its length.
fn parse_head<T>(
    octets: &[u8],
    then: impl FnOnce(&httparse::Request<'_, '_>, usize) -> Option<T>,
) -> Option<T> {
    // RFC 9112 section 2.2: empty lines in front of a request line are ignored.
    let skipped = octets
        .iter()
        .take_while(|octet| matches!(octet, b'\r' | b'\n'))
        .count();
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut lines);
    let httparse::Status::Complete(length) = request.parse(octets.get(skipped..)?).ok()? else {
        return None;
    };
    then(&request, skipped + length)
}

/// How many of the octets after a head belong to its body (RFC 9112 section 6).
fn body_length(head: &RawHead, rest: &[u8]) -> Option<usize> {
    let value = |name: &str| {
        head.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    };
    if value("transfer-encoding").is_some_and(|v| v.to_ascii_lowercase().contains("chunked")) {
        return chunked_length(rest);
    }
    match value("content-length") {
        Some(text) => text.trim().parse().ok(),
        None => Some(0),
    }
}

fn chunked_length(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let httparse::Status::Complete((line, size)) =
            httparse::parse_chunk_size(rest.get(at..)?).ok()?
        else {
            return None;
        };
        at += line;
        if size == 0 {
            break;
        }
        at = at
            .checked_add(usize::try_from(size).ok()?)?
            .checked_add(2)?;
    }
    // The trailer section ends with an empty line.
    loop {
        let line = rest.get(at..)?;
        let end = line.iter().position(|octet| *octet == b'\n')?;
        at += end + 1;
        if end <= 1 {
            return Some(at);
        }
    }
}

/// As many as the HTTP library takes.
const MAX_HEADERS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn tapped(octets: &str) -> Tap {
        let tap = Tap::default();
        tap.append(octets.as_bytes());
        tap
    }

    #[test]
    fn the_case_and_order_of_headers_survive() {
        let tap =
            tapped("POST /p HTTP/1.1\r\nX-aMz-TARGET: t\r\nhost: h\r\nX-Amz-Target: u\r\n\r\n");
        let head = tap.take_request().unwrap();
        assert_eq!(head.path, "/p", "request target");
        assert_eq!(
            head.headers,
            [
                ("X-aMz-TARGET".to_owned(), "t".to_owned()),
                ("host".to_owned(), "h".to_owned()),
                ("X-Amz-Target".to_owned(), "u".to_owned()),
            ]
        );
    }

    #[test]
    fn requests_on_one_connection_are_told_apart() {
        let tap = tapped(
            "POST /1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /POST /2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n\r\nGET /3 HTTP/1.1\r\n\r\n",
        );
        let paths: Vec<_> = std::iter::from_fn(|| tap.take_request())
            .map(|head| head.path)
            .collect();
        assert_eq!(paths, ["/1", "/2", "/3"]);
    }
}
