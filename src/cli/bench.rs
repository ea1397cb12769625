//! `bench`: measures the engines of this machine, or a port beside them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::error::CliError;
use super::flags::{self, Format, FormatFlags};
use super::interrupt;
use super::output::{Out, complain, heard, json_lines, page};
use crate::exit_code::ExitCode;
use crate::report::{BenchText, JsonLines, Progress};
use crate::run::RunError;
use crate::run::bench::event::BenchOutcome;
use crate::run::bench::measure::{Step, SystemClock};
use crate::run::bench::{self, BenchEvent, BenchOptions, BenchSummary, PortCommand};

/// The flags of `bench`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct BenchArguments {
    /// Command that starts the port's shim, for the shell
    #[arg(long, value_name = "CMD", value_parser = flags::command_line, help_heading = "What is measured (default: the engines of this machine)")]
    port: Option<String>,
    /// How long the port may take for one call, and to start
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 20,
        requires = "port",
        value_parser = clap::value_parser!(u64).range(1..=3600),
        help_heading = "What is measured (default: the engines of this machine)"
    )]
    deadline: u64,
    /// Bits of the private value a, for the port's functions
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1024,
        requires = "port",
        value_parser = clap::value_parser!(u64).range(64..=1024),
        help_heading = "What is measured (default: the engines of this machine)"
    )]
    private_bits: u64,
    /// The most rounds; each runs everything once
    #[arg(long, value_name = "N", default_value_t = ROUNDS, value_parser = flags::rounds, help_heading = "For how long")]
    rounds: usize,
    /// Wall time for all rounds; the last one is finished
    #[arg(long, value_name = "SECONDS", default_value_t = SECONDS, value_parser = clap::value_parser!(u64).range(1..=86_400), help_heading = "For how long")]
    seconds: u64,
    #[command(flatten)]
    format: FormatFlags,
}

/// Carries `bench` out.
///
/// # Errors
/// When the measurement can't begin or go on.
pub fn run(arguments: &BenchArguments) -> Result<ExitCode, CliError> {
    let options = BenchOptions {
        rounds: arguments.rounds,
        budget: Duration::from_secs(arguments.seconds),
        private_bits: arguments.private_bits,
        interrupted: interrupt::flag(),
    };
    let mut output = Output::begin(&arguments.format)?;
    let mut output_error = None;
    // Told by two closures in turn: events and steps.
    let progress = std::cell::RefCell::new(Progress::for_terminal());
    let interrupted = Arc::clone(&options.interrupted);
    let mut sink = |event: BenchEvent| {
        if output_error.is_some() {
            return;
        }
        let written = if output.writes(&event) {
            progress.borrow().aside(|| output.take(event))
        } else {
            output.take(event)
        };
        if let Err(error) = written {
            // Nobody reads any more: measuring on would be for nothing.
            interrupted.store(true, Ordering::SeqCst);
            output_error = Some(error);
        }
    };
    let mut steps = |step: Step| progress.borrow_mut().reach(step.fraction(), said(&step));
    let clock = SystemClock::new();
    let outcome = match &arguments.port {
        None => bench::engines(&options, &clock, &mut sink, &mut steps),
        Some(command) => {
            let command = PortCommand {
                command: command.clone(),
                deadline: Duration::from_secs(arguments.deadline),
            };
            bench::port(&options, &command, &clock, &mut sink, &mut steps)
        }
    };
    progress.borrow_mut().end();
    if let Some(error) = output_error {
        heard(Err(error))?;
        return Ok(match outcome {
            Ok(outcome) => verdict(&outcome.summary),
            Err(failed) => failed.exit_code(),
        });
    }
    output.end(outcome)
}

enum Output {
    Text(Box<BenchText<Out>>),
    Json(JsonLines<io::Stdout>),
}

impl Output {
    fn begin(flags: &FormatFlags) -> io::Result<Self> {
        Ok(match flags.format {
            Format::Text => Self::Text(Box::new(BenchText::new(page(), flags.verbose))),
            Format::Json => Self::Json(json_lines("bench")?),
        })
    }

    fn writes(&self, event: &BenchEvent) -> bool {
        match self {
            Self::Text(text) => text.writes(event),
            Self::Json(_) => true,
        }
    }

    fn take(&mut self, event: BenchEvent) -> io::Result<()> {
        match self {
            Self::Text(text) => text.take(event),
            Self::Json(lines) => lines.line(&event),
        }
    }

    /// Writes why the measurement could not go on, if so; what was measured has been written.
    fn end(mut self, outcome: Result<BenchOutcome, RunError>) -> Result<ExitCode, CliError> {
        let (summary, stopped) = match outcome {
            Ok(BenchOutcome { summary, stopped }) => (summary, stopped),
            Err(error) => (BenchSummary::default(), Some(error)),
        };
        let written = match (&mut self, &stopped) {
            (Self::Text(text), _) => text.flush(),
            (Self::Json(lines), Some(error)) => lines.line(&Failed {
                event: "failed",
                error: error.to_string(),
                exit_code: error.exit_code() as u8,
            }),
            (Self::Json(_), None) => Ok(()),
        };
        heard(written)?;
        match stopped {
            None => Ok(verdict(&summary)),
            Some(error) if summary.findings > 0 => {
                complain(&error.to_string());
                Ok(ExitCode::Findings)
            }
            Some(error) => Err(error.into()),
        }
    }
}

/// A measurement that could not go on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    event: &'static str,
    error: String,
    exit_code: u8,
}

/// What a measurement says to the caller. A wrong result counts even if it was interrupted.
fn verdict(summary: &BenchSummary) -> ExitCode {
    if summary.findings > 0 {
        ExitCode::Findings
    } else if summary.interrupted || summary.measured == 0 {
        ExitCode::CouldNotRun
    } else {
        ExitCode::Conforms
    }
}

fn said(step: &Step) -> String {
    if step.warming_up {
        "per cent: warming up".to_owned()
    } else {
        format!(
            "per cent: round {} of at most {}",
            step.rounds + 1,
            step.most_rounds
        )
    }
}

/// Enough for medians to settle; the time ends most measurements earlier.
const ROUNDS: usize = 100;
/// So that the slowest known port is measured within a minute, start and comparison included.
const SECONDS: u64 = 30;

const AFTER_HELP: &str = "\
Everything is compared with the reference before it is timed: a wrong result is a finding. All
candidates take turns in one run, so that ratios hold on a machine that others use, too. Work of
this program is timed by processor time, a port by the wall: on a busy machine it looks slower
beside the engines than it is. The results say which clock was read.

Without --port: g^a and base^e, one at a time and eight side by side, and whole client and server
steps, by every engine of this machine.

With --port: each function that the shim declares (srp/A, srp/S ...), whole sign-ins with SRP and
without, and the round trip to the shim, beside the reference client and the engines. Then which
part of a sign-in takes most, what a good library would need here, and what the port could gain.

Examples:
  The engines of this machine
    cognito-conformance bench

  A port behind a shim
    cognito-conformance bench --port 'node shim.js'

  A port that draws an a of 256 bits, measured for two minutes, with the spread of each figure
    cognito-conformance bench --port ./shim --private-bits 256 --seconds 120 --rounds 1000 -v

  For a program to read: medians in nanoseconds
    cognito-conformance bench --port ./shim --format json

Ctrl-C, SIGTERM and SIGHUP finish the call in hand and report what was measured so far.

Exit codes:
  0 measured   1 a wrong result   2 usage   3 could not run, or interrupted
  4 the harness is at fault";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_to_the_end_is_no_success_and_a_wrong_result_counts_always() {
        let whole = BenchSummary {
            measured: 3,
            ..BenchSummary::default()
        };
        assert_eq!(verdict(&whole), ExitCode::Conforms, "a whole run");
        let interrupted = BenchSummary {
            interrupted: true,
            ..whole
        };
        assert_eq!(verdict(&interrupted), ExitCode::CouldNotRun);
        let wrong = BenchSummary {
            findings: 1,
            ..interrupted
        };
        assert_eq!(verdict(&wrong), ExitCode::Findings);
        assert_eq!(
            verdict(&BenchSummary::default()),
            ExitCode::CouldNotRun,
            "nothing was measured"
        );
    }
}
