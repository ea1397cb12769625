//! How the process begins and ends.

#[cfg(unix)]
use std::env;
use std::io;
use std::panic;

use clap::Parser;

use super::arguments::{Arguments, Command};
use super::error::CliError;
use super::output::complain;
use super::{bench, check, explain, flags, judge, list, replay, selftest, serve};
use crate::exit_code::ExitCode;
use crate::process_group;
use crate::srp::modexp::Engine;

/// Reads the command line, carries it out, and says with which code the process ends.
///
/// A panic anywhere is a fault of the harness: it ends with [`ExitCode::HarnessFault`] and asks for a report. However it ends, no
/// process that it started goes on.
pub fn main() -> ExitCode {
    #[cfg(unix)]
    {
        if env::args_os().skip(1).eq([process_group::GUARDIAN]) {
            process_group::watch();
            return ExitCode::Conforms;
        }
        process_group::guard();
    }
    panic::set_hook(Box::new(ask_for_a_report));
    let code = panic::catch_unwind(run).unwrap_or(ExitCode::HarnessFault);
    process_group::kill_all();
    code
}

fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let error = flags::shortened(error);
            // Nobody is left to be told when the streams are closed.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Conforms
            };
        }
    };
    if let Err(error) = Engine::choose(arguments.engine) {
        let error = CliError::from(error);
        complain(&error.to_string());
        return error.exit_code();
    }
    let only_shows = matches!(arguments.command, Command::List(_) | Command::Explain(_));
    let outcome = match arguments.command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Selftest(arguments) => selftest::run(&arguments),
        Command::Judge(arguments) => judge::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
    };
    match outcome {
        Ok(code) => code,
        // `| head` has seen enough; that is no fault of anybody, and no verdict where there was to be one.
        Err(CliError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            match only_shows {
                true => ExitCode::Conforms,
                false => ExitCode::CouldNotRun,
            }
        }
        Err(error) => {
            complain(&error.to_string());
            error.exit_code()
        }
    }
}

fn ask_for_a_report(panic: &panic::PanicHookInfo<'_>) {
    let what = panic.payload_as_str().unwrap_or("no message");
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    complain(&format!(
        "the harness itself is at fault: {what}\n  at {place}, version {}\n\
         This says nothing about the port. Please report it, with this message and the command line.",
        env!("CARGO_PKG_VERSION")
    ));
}
