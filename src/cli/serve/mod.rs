//! `serve`: a local Cognito.
//!
//! | file | answers |
//! |---|---|
//! | `command` | what the command does |
//! | `welcome` | what is told at the start |
//! | `log` | what is told of each operation |
//! | `judging` | how what applications do is judged meanwhile |
//! | `sample.toml` | what a file may say, and what is served without one |

mod command;
mod judging;
mod log;
mod welcome;

pub use command::{ServeArguments, run};
