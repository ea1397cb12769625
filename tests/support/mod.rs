//! What several areas share.
//!
//! | file | answers |
//! |---|---|
//! | `world` | who is there |
//! | `counter` | how one asks the pool without the reference client |
//! | `script` | how a service that plays a script answers the reference client |
//! | `stage` | what passes between the reference client and the reference pool |
//! | `process` | how the program runs as a command |
//! | `left` | which processes are left of those that a test had started |
//! | `served` | how one asks the local Cognito in a process of its own |
#![allow(dead_code, reason = "each area uses a part")]

pub mod counter;
#[cfg(unix)]
pub mod left;
pub mod process;
pub mod script;
#[cfg(unix)]
pub mod served;
pub mod stage;
pub mod world;
