//! Ports that are programs of their own, driven through a shim: JSON-RPC 2.0, one object a line, over stdin and stdout.
//!
//! The protocol's page for who writes a shim is `fixtures/shim-protocol/README.md`; its JSON Schema lies beside it, and every
//! message in both directions is checked against it.
//!
//! | file | answers |
//! |---|---|
//! | `options` | which command, which deadlines |
//! | `port` | one call in, one reply out, whatever the shim does |
//! | `process` | how the process is started, read within bounds, and ended |
//! | `message` | what a line says |
//! | `schema` | whether a message keeps to the protocol |
//! | `error` | why a shim could not be driven at all |

mod error;
mod message;
mod options;
mod port;
mod process;
mod schema;

pub use error::{ShimError, StartError};
pub use options::{ShimCommand, ShimOptions};
pub use port::ShimPort;
pub use schema::{Breach, PROTOCOL_SCHEMA, check_message};

/// The version of the shim protocol.
pub const PROTOCOL_VERSION: u64 = 1;

/// The longest line either side may send, in octets, without its line feed.
pub const MAX_LINE: usize = 1 << 20;
