//! Which connections there are, and which one makes room for another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// The open connections of one listener.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Vec<Arc<Connection>>,
    /// Some connection may have become one that can make room.
    freed: Arc<Notify>,
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Connection {
    state: Mutex<State>,
    freed: Arc<Notify>,
    /// It has to make room.
    evicted: Notify,
}

/// What a connection is at.
#[derive(Debug)]
struct State {
    /// Since when nothing of it is being answered; `None` while something is.
    waiting_since: Option<Instant>,
    /// Since when its peer takes nothing of what is written; `None` while nothing is stuck.
    stuck_since: Option<Instant>,
}

/// Why a connection can make room, those first that go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spare {
    /// Its peer does not read its answers. Whether one is in progress does not matter: nobody would read it.
    Stuck,
    /// It waits for its next request.
    Waiting,
}

impl Connections {
    /// Adds a connection.
    pub(super) fn add(&mut self) -> Arc<Connection> {
        let connection = Arc::new(Connection {
            state: Mutex::new(State {
                waiting_since: Some(Instant::now()),
                stuck_since: None,
            }),
            freed: Arc::clone(&self.freed),
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

    /// Closes a connection: the one whose peer has not read its answers for the longest time, or, where all read, the one
    /// that has waited for its next request the longest. Returns whether there is one: those that are being answered are left
    /// alone.
    pub(super) fn evict_one(&mut self) -> bool {
        let first = self
            .open
            .iter()
            .enumerate()
            .filter_map(|(at, connection)| Some((connection.lock().spare()?, at)))
            .min();
        let Some((_, at)) = first else {
            return false;
        };
        self.open.swap_remove(at).evicted.notify_one();
        true
    }

    /// Waits until one may make room that could not before.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }
}

impl Connection {
    /// A whole request has come.
    pub(super) fn begins_answer(&self) {
        self.lock().waiting_since = None;
    }

    /// The request is answered.
    pub(super) fn ends_answer(&self) {
        self.lock().waiting_since = Some(Instant::now());
        self.freed.notify_one();
    }

    /// Its peer takes no more of what is written.
    pub(super) fn sticks(&self) {
        self.lock().stuck_since = Some(Instant::now());
        self.freed.notify_one();
    }

    /// Its peer has taken some of it.
    pub(super) fn moves_on(&self) {
        self.lock().stuck_since = None;
    }

    /// Waits until the connection has to make room.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Why it can make room, and since when; `None` while it is being answered.
    fn spare(&self) -> Option<(Spare, Instant)> {
        let stuck = self.stuck_since.map(|since| (Spare::Stuck, since));
        stuck.or(self.waiting_since.map(|since| (Spare::Waiting, since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_never_reads_is_closed_first_and_one_that_is_being_answered_never() {
        let mut connections = Connections::default();
        let [longest, answered, waiting, deafer, deaf] = [(); 5].map(|()| connections.add());
        for connection in [&answered, &deaf, &deafer] {
            connection.begins_answer();
        }
        deafer.sticks();
        deaf.sticks();
        deaf.moves_on();
        deaf.sticks();
        let is_open = |connections: &Connections, connection| {
            let mut open = connections.open.iter();
            open.any(|other| Arc::ptr_eq(other, connection))
        };
        for (what, next) in [
            ("the one that has not read for the longest time", &deafer),
            ("the other one that does not read", &deaf),
            ("the one that has waited the longest", &longest),
            ("the other one that waits", &waiting),
        ] {
            assert!(is_open(&connections, next), "{what} is still there");
            assert!(connections.evict_one(), "{what} can make room");
            assert!(!is_open(&connections, next), "{what} goes");
        }
        assert!(!connections.evict_one(), "nobody is left who can");
        assert!(is_open(&connections, &answered), "it is being answered");
    }

    #[test]
    fn a_peer_that_reads_again_is_as_any_other() {
        let mut connections = Connections::default();
        let [slow, other] = [(); 2].map(|()| connections.add());
        other.begins_answer();
        slow.begins_answer();
        slow.sticks();
        slow.moves_on();
        assert!(!connections.evict_one(), "both are being answered");
        other.ends_answer();
        assert!(connections.evict_one(), "the other one waits");
        assert_eq!(connections.count(), 1, "the slow one is there");
    }
}
