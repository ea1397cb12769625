//! What a scenario allows, written from the published facts alone.
//!
//! This model shares no code with the client or the pool. It follows a sign-in as it was seen, request by request: which
//! requests a right port may make after what it heard, which answers a right service may give to them, and how the sign-in
//! may end. Where the sources only infer, or shipped clients differ and the service accepts them all, it keeps every
//! possibility as a `hypothesis` of its own, until something that is seen rules it out. So features combine without a word
//! about their combination: a device that is forgotten in the middle of a second sign-in by an alias needs no case.
//!
//! | file | answers |
//! |---|---|
//! | [`seen`] | what of a sign-in is looked at |
//! | [`flow`] | which flow option and configuration lead to |
//! | [`factor`] | which second factor a sign-in needs |
//! | `hypothesis` | what port and service may hold at a moment |
//! | `next` | what comes next in a sign-in |
//! | `service` | what the scenario says of the service, and which answers there are |
//! | `answers` | what a service may answer to a request, and to the first of a sign-in |
//! | `respond` | what a service may answer to an answer |
//! | `port` | what a port may do after an answer |
//! | [`verdict`] | what came of a sign-in |
//! | [`course`] | whether a sign-in went as the scenario allows |

mod answers;
pub mod course;
pub mod factor;
pub mod flow;
mod hypothesis;
mod next;
mod port;
mod respond;
pub mod seen;
mod service;
pub mod verdict;

pub use course::Course;
pub use flow::{Choice, choices};
pub use seen::{Ended, Exchange, Heard};
pub use verdict::{By, Strayed, Verdict};
