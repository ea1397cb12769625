//! The requirements, the facts they rely on, and the judge.
//!
//! A rule is cheap, pure and independent: it reads [`Facts`] and a [`Trace`], never another rule's findings.
//!
//! | file | answers |
//! |---|---|
//! | [`rule`] | what a rule is, and what it may say |
//! | [`model`] | which bounds the service model sets |
//! | [`facts`] | what is known beyond the transcript |
//! | [`trace`] | what the transcript says |
//! | `held` | what a right port holds once somebody is signed in |
//! | `known_devices` | which devices the service gave, and what became of them |
//! | [`catalog`] | which rules there are |
//! | [`judge`](mod@judge) | what they say of one transcript |
//! | [`explain`] | which known mistake explains a bad proof |

pub mod catalog;
pub mod explain;
pub mod facts;
pub mod judge;
pub mod model;
pub mod rule;
pub mod trace;

mod answers;
mod call;
mod choice;
mod configuration;
mod device;
mod existence;
mod factor;
mod flow;
mod held;
mod known_devices;
mod names;
mod outcome;
mod refresh;
mod refusal;
mod reset;
mod secrecy;
mod service;
mod session;
mod sign_out;
mod srp;
mod timestamp;
mod tokens;
mod wire;

pub use facts::{Fact, Facts};
pub use judge::{Judgement, judge};
pub use rule::{Finding, Level, Party, Rule, Verdict};
pub use srp::UNEXPLAINED;
pub use trace::Trace;
