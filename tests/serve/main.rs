//! The local Cognito in a process of its own, and what it finds in applications.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod ends;
mod judging;
mod pages;
mod secrets;
mod serving;
