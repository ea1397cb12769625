//! The requirements, the facts they rely on, and the judge.
//!
//! A rule is cheap, pure and independent: it reads a [`Case`], which is [`Facts`] and a [`Trace`], never another rule's findings.
//!
//! | file | answers |
//! |---|---|
//! | [`rule`] | what a rule is, and what it may say |
//! | [`severity`] | what it means for people that a rule is broken |
//! | [`source`] | where a rule is from, and how well that is known |
//! | [`evidence`] | what is known, and what the transcript shows |
//! | `port` | what a port has to do |
//! | `service` | what the service has to do |
//! | [`catalog`] | which rules there are |
//! | [`judge`](mod@judge) | what they say of one transcript |
//! | [`explain`] | which known mistake explains a bad proof |

pub mod catalog;
pub mod evidence;
pub mod explain;
pub mod judge;
pub mod rule;
pub mod severity;
pub mod source;

mod port;
mod service;

pub use evidence::case::Case;
pub use evidence::facts::{self, Fact, Facts};
pub use evidence::model;
pub use evidence::trace::{self, Trace};
pub use judge::{Judgement, judge};
pub use port::UNEXPLAINED;
pub use rule::{Finding, Level, Party, Rule, Verdict};
pub use severity::Severity;
pub use source::{Cited, Source};
