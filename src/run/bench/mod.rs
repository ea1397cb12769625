//! Measures sign-ins and what they are made of: the engines of this machine, or a port beside them.
//!
//! Whatever is timed is compared with the reference first. A wrong result is a finding, and is not timed.
//!
//! | file | answers |
//! |---|---|
//! | [`event`] | what a measurement tells those who report |
//! | [`options`] | what to measure, and for how long |
//! | [`engines`](mod@engines) | how the engines of this machine are measured |
//! | [`port`](mod@port) | how a port is measured beside them |
//! | [`work`] | what an engine is asked: powers, and whole steps of either side |
//! | [`question`] | what a port is asked, and what the right answer is |
//! | [`stages`] | where a port's sign-in spends its time |
//! | `figures` | what was measured of powers elsewhere, and its source |
//! | [`advice`] | what could make it faster |
//! | [`machine`] | on what it was measured |
//! | [`measure`](mod@measure) | how candidates are timed side by side |

pub mod advice;
pub mod engines;
pub mod event;
mod figures;
pub mod machine;
pub mod measure;
pub mod options;
pub mod port;
pub mod question;
pub mod stages;
pub mod work;

pub use engines::engines;
pub use event::{BenchEvent, BenchSummary};
pub use options::{BenchOptions, PortCommand};
pub use port::port;
