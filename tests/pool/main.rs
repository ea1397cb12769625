//! The reference pool, asked by requests that are made without the reference client.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod choice;
mod custom;
mod devices;
mod docs;
mod factors;
mod functions;
mod hostile;
mod http;
mod migration;
mod mistakes;
mod refuses;
mod setup;
mod signs_in;
mod tokens;
mod users;
