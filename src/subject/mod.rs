//! Whatever is under test.
//!
//! | file | answers |
//! |---|---|
//! | [`capabilities`] | what a port says it offers |
//! | [`primitive`] | which pure functions a port can show, with which inputs and outputs |
//! | [`shim`] | how the harness drives a port that is a program of its own |
//! | [`stage`] | where a sign-in is played, and how it is recorded |
//! | [`reference`](mod@reference) | our own client as a port, in process or over HTTP |
//! | [`attack`] | how our own client lies to a service |
//! | [`port`] | any port |
//! | [`observed`] | how what a local pool sees of any application becomes sign-ins |
//! | [`reenact`] | whether our own references do what was recorded |

pub mod attack;
pub mod capabilities;
pub mod observed;
pub mod port;
pub mod primitive;
pub mod reenact;
pub mod reference;
pub mod shim;
pub mod stage;

pub use capabilities::{Capabilities, Description};
pub use observed::{Assembler, ObservedSignIn, Seen, Unassigned};
pub use port::Port;
pub use primitive::{Intermediates, PrimitiveCall, PrimitiveReply};
pub use reference::{Carriage, ReferencePort};
pub use shim::{ShimCommand, ShimError, ShimOptions, ShimPort, StartError};
pub use stage::Stage;
