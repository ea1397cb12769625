//! The pool behind an HTTP listener on the loopback interface.
//!
//! Header names in their case and order, and bodies octet by octet, reach the handler as they were on the wire: the
//! stream is tapped beneath the HTTP library, which would normalise them.

mod connections;
mod handler;
mod limits;
mod listener;
mod tap;
mod timely;

pub use handler::{Handler, Outcome, SharedHandler};
pub use limits::Limits;
pub use listener::Listener;
