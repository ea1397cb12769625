//! `serve`: a local Cognito.
//!
//! | file | answers |
//! |---|---|
//! | `command` | what the command does |
//! | `welcome` | what is told at the start |
//! | `log` | what is told of each operation |
//! | `sample.toml` | what a file may say, and what is served without one |

mod command;
mod log;
mod welcome;

pub use command::{ServeArguments, run};
