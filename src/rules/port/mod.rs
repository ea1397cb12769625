//! What a port has to do, one file an area.
//!
//! | file | answers |
//! |---|---|
//! | [`list`] | which rules there are |
//! | [`wire`] | how requests are formed |
//! | [`flow`], [`configuration`] | which flow is begun, and where that is said |
//! | [`names`] | under which name, with which secret hash |
//! | [`session`], [`answers`] | what an answer to a challenge carries |
//! | [`srp`], [`timestamp`] | the arithmetic of A and of the claim |
//! | [`outcome`], [`refusal`] | how a sign-in ends, and what has to be refused |
//! | [`secrecy`] | what never leaves the port |
//! | [`choice`], [`factor`], [`device`] | first factors, second factors, devices |
//! | [`refresh`], [`tokens`], [`sign_out`], [`reset`] | what is called after a sign-in |
//! | [`call`], [`existence`] | what an application is told |

mod answers;
mod call;
mod choice;
mod configuration;
mod device;
mod existence;
mod factor;
mod flow;
mod list;
mod names;
mod outcome;
mod refresh;
mod refusal;
mod reset;
mod secrecy;
mod session;
mod sign_out;
mod srp;
mod timestamp;
mod tokens;
mod wire;

pub use list::areas;
pub use srp::UNEXPLAINED;
