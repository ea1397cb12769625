//! What both sides have to know before the first line.

/// The version of the shim protocol.
pub const PROTOCOL_VERSION: u64 = 1;

/// The longest line either side may send, in octets, without its line feed.
pub const MAX_LINE: usize = 1 << 20;
