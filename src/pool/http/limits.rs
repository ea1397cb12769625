//! What a listener puts up with.

use std::time::Duration;

/// Bounds of one listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a request line and headers.
    pub head_octets: usize,
    /// Octets of a body. The largest request that the service model allows is far below.
    pub body_octets: usize,
    /// Time in which a head, and then a body, has to arrive.
    pub read_deadline: Duration,
    /// Time in which a peer has to take more of its answer, be it one octet. Whoever takes nothing for so long is let go.
    pub write_deadline: Duration,
    /// Connections served at a time. One more closes one that does not read its answers, or else the one that has waited for
    /// its next request the longest.
    pub connections: usize,
    /// Time that open connections get to finish when the listener stops.
    pub stop_deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_octets: 64 * 1024,
            body_octets: 1024 * 1024,
            read_deadline: Duration::from_secs(10),
            write_deadline: Duration::from_secs(10),
            connections: 256,
            stop_deadline: Duration::from_secs(2),
        }
    }
}
