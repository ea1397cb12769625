//! The command line and its reports, as people and programs meet them.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod bench;
mod commands;
#[cfg(unix)]
mod ends;
mod files;
mod reports;
