//! The command line, one file a command. Its flags, exit codes and JSON are public interface.
//!
//! | file | answers |
//! |---|---|
//! | [`entry`] | how the process begins and ends |
//! | [`arguments`] | which commands there are |
//! | [`flags`] | which flags several commands share |
//! | `check`, `selftest`, `innocence`, `judge`, `replay`, `bench`, `serve`, `list`, `explain` | what each command does |
//! | `rare` | what `list` and `explain` say of rare values |
//! | [`input`] | how files are read that may be anything |
//! | [`output`] | where results and complaints go |
//! | `interrupt` | what Ctrl-C, SIGTERM and SIGHUP do |
//! | [`error`] | why a command can't be carried out |

pub mod arguments;
pub mod entry;
pub mod error;
pub mod flags;
pub mod input;
pub mod output;

mod bench;
mod check;
mod explain;
mod innocence;
mod interrupt;
mod judge;
mod list;
mod rare;
mod replay;
mod selftest;
mod serve;

pub use arguments::Arguments;
pub use entry::main;
pub use error::CliError;
