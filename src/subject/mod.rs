//! Whatever is under test.
//!
//! | file | answers |
//! |---|---|
//! | [`capabilities`] | what a port says it offers |
//! | [`primitive`] | which pure functions a port can show, with which inputs and outputs |
//! | [`shim`] | how the harness drives a port that is a program of its own |
//! | [`reenact`] | whether our own references do what was recorded |

pub mod capabilities;
pub mod primitive;
pub mod reenact;
pub mod shim;

pub use capabilities::{Capabilities, Description};
pub use primitive::{Intermediates, PrimitiveCall, PrimitiveReply};
pub use shim::{ShimCommand, ShimError, ShimOptions, ShimPort, StartError};
