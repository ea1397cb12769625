//! Which connections there are, and which one makes room for another.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The open connections of one listener.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Vec<Arc<Connection>>,
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Connection {
    /// Since when nothing of it is being answered; `None` while something is.
    waiting_since: Mutex<Option<Instant>>,
    /// It has to make room.
    evicted: Notify,
}

impl Connections {
    /// Adds a connection.
    pub(super) fn add(&mut self) -> Arc<Connection> {
        let connection = Arc::new(Connection {
            waiting_since: Mutex::new(Some(Instant::now())),
            evicted: Notify::new(),
        });
        self.open.push(Arc::clone(&connection));
        connection
    }

    /// Forgets the connections that have ended.
    pub(super) fn tidy(&mut self) {
        // Whoever serves a connection holds it, too.
        self.open
            .retain(|connection| Arc::strong_count(connection) > 1);
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.open.len()
    }

    /// Closes the connection that has waited for its next request the longest. Returns whether there is one: those that are
    /// being answered are left alone.
    pub(super) fn evict_one(&mut self) -> bool {
        let longest = self
            .open
            .iter()
            .enumerate()
            .filter_map(|(at, connection)| Some((connection.waiting_since()?, at)))
            .min();
        let Some((_, at)) = longest else {
            return false;
        };
        self.open.swap_remove(at).evicted.notify_one();
        true
    }
}

impl Connection {
    /// A whole request has come.
    pub(super) fn begins_answer(&self) {
        *self.lock() = None;
    }

    /// The request is answered.
    pub(super) fn ends_answer(&self) {
        *self.lock() = Some(Instant::now());
    }

    /// Waits until the connection has to make room.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    fn waiting_since(&self) -> Option<Instant> {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.waiting_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
