//! Conformance tests for ports of Amazon Cognito's sign-in.
//!
//! One idea carries the crate: **play a scenario, keep the transcript, judge the transcript.** Whoever is under test, and
//! wherever the transcript came from, the same rules judge it.
//!
//! ```text
//! suite ─► scenario ─► run (subject ⇄ pool) ─► transcript ─► facts ─► rules ─► findings ─► events ─► reports
//! ```
//!
//! The modules stand in the order in which data flows; a module imports only from those above it.
//!
//! This is a test oracle. Its arithmetic takes variable time and its secrets are made to be published: never use it to
//! protect anything.

mod cut;
mod excerpt;
pub mod exit_code;
mod process_group;

pub mod srp;
pub mod wire;

pub mod model;

pub mod config;

pub mod pool;

pub mod local;

pub mod client;

pub mod scenario;

pub mod record;

pub mod expect;

pub mod mistakes;

pub mod rules;

pub mod subject;

pub mod suite;

pub mod run;

pub mod report;

pub mod cli;
