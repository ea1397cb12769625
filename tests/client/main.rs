//! The reference client, before a script and before the reference pool.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../support/mod.rs"]
mod support;

mod before_the_pool;
mod config_files;
mod devices;
mod factors;
mod flows;
mod http;
mod mistakes;
mod refusals;
mod tokens;
