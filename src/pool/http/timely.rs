//! Writes that a peer has to take: a deadline for those that make no progress.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;
use tokio::time::{Sleep, sleep};

use super::connections::Connection;

/// A stream that tells its [`Connection`] when the peer takes nothing of what is written, and fails once no octet was taken
/// for as long as the deadline says. A peer that takes its time and reads on is not bounded.
pub(super) struct Timely<S> {
    stream: S,
    deadline: Duration,
    connection: Arc<Connection>,
    /// When the write that is stuck has to have made progress; `None` while none is.
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<S> Timely<S> {
    /// Bounds the writes to `stream`.
    pub(super) fn new(stream: S, deadline: Duration, connection: Arc<Connection>) -> Self {
        Self {
            stream,
            deadline,
            connection,
            stuck: None,
        }
    }

    /// What a write has come to, which fails if it has been stuck for too long.
    fn bounded(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            if self.stuck.take().is_some() {
                self.connection.moves_on();
            }
            return written;
        }
        if self.stuck.is_none() {
            // Not the peer is in the way then but the runtime, which lets others have their turn and comes back at once.
            if !coop::has_budget_remaining() {
                return written;
            }
            self.connection.sticks();
        }
        let deadline = self.deadline;
        let stuck = self.stuck.get_or_insert_with(|| Box::pin(sleep(deadline)));
        match stuck.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the peer took nothing of its answer before the deadline",
            ))),
            Poll::Pending => written,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timely<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timely<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.bounded(cx, written)
    }

    // Neither of the two waits for the peer on a socket.
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
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.bounded(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
