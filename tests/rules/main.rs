//! The rules and what they are held against: recordings, observations, wrong ports and wrong services.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod innocent;
mod observed;
mod observed_errors;
mod recordings;
mod redaction;
mod reenactment;
mod service_rules;
mod service_support;
mod targets;
mod token_rules;
