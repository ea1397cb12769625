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
//! | `protocol` | which version both sides speak, and how long a line may be |

mod error;
mod message;
mod options;
mod port;
mod process;
mod protocol;
mod schema;

pub use error::{ShimError, StartError};
pub use options::{ShimCommand, ShimOptions};
pub use port::ShimPort;
#[doc(hidden)]
pub use port::{primitive_reply_in, reply_in};
pub use protocol::{MAX_LINE, PROTOCOL_VERSION};
pub use schema::{Breach, PROTOCOL_SCHEMA, check_message};
