//! How the source is built: what may import what, and how large things may be.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod architecture;
mod source;
