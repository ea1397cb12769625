//! Scenarios as they are played, shrunk and compared, and the protocol of shims.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod acts;
#[cfg(unix)]
mod first_contact;
#[cfg(unix)]
mod odd;
mod odd_ports;
mod plays;
mod shim_protocol;
