//! `selftest`: mistakes by rules.

use std::sync::atomic::Ordering;

use clap::Args;

use super::error::CliError;
use super::flags::{self, FormatFlags, Seed};
use super::output::{Results, heard};
use super::{innocence, interrupt};
use crate::exit_code::ExitCode;
use crate::report::Progress;
use crate::report::matrix::{MatrixLine, RowLine, write_matrix};
use crate::run::{self, InnocenceOptions, SelftestEvent, SelftestOptions, Space};
use crate::subject::Carriage;
use crate::suite::Pattern;

/// The flags of `selftest`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct SelftestArguments {
    /// Only the mistakes whose ids match, e.g. 'arithmetic.*'
    #[arg(long, value_name = "GLOB")]
    filter: Option<Pattern>,
    /// Seed of the generated scenarios: a number, or random
    #[arg(long, value_name = "N", default_value = "1")]
    seed: Seed,
    /// How many scenarios to generate
    #[arg(long, value_name = "N", default_value_t = CASES, value_parser = flags::cases)]
    cases: usize,
    /// Workers at a time (default: one a processor)
    #[arg(long, value_name = "N", default_value_t = flags::default_jobs(), hide_default_value = true, value_parser = flags::jobs)]
    jobs: usize,
    /// Play every mistake in every scenario, which takes minutes
    #[arg(long)]
    whole: bool,
    /// Play N right sign-ins that combine everything: nobody may be accused
    #[arg(long, value_name = "N", value_parser = flags::cases, group = "space", conflicts_with_all = ["filter", "cases", "whole"])]
    free: Option<usize>,
    /// Likewise for every possible pair of values of two axes
    #[arg(long, group = "space", conflicts_with_all = ["filter", "cases", "whole"])]
    pairs: bool,
    /// With --free or --pairs: requests travel over HTTP
    #[arg(long, requires = "space")]
    http: bool,
    /// With --free or --pairs: every rule has to give a verdict at least N times
    #[arg(long, value_name = "N", requires = "space")]
    verdicts: Option<usize>,
    #[command(flatten)]
    format: FormatFlags,
}

/// Carries `selftest` out.
///
/// # Errors
/// When the run can't begin or go on.
pub fn run(arguments: &SelftestArguments) -> Result<ExitCode, CliError> {
    let space = match arguments.free {
        Some(cases) => Some(Space::Free(cases)),
        None => arguments.pairs.then_some(Space::Pairs),
    };
    let Some(space) = space else {
        return run_mistakes(arguments);
    };
    let options = InnocenceOptions {
        seed: arguments.seed.number(),
        space,
        jobs: arguments.jobs,
        carriage: match arguments.http {
            true => Carriage::Http,
            false => Carriage::InProcess,
        },
        interrupted: interrupt::flag(),
    };
    innocence::run(&options, arguments.verdicts, &arguments.format)
}

/// Proves the rules by mistakes.
fn run_mistakes(arguments: &SelftestArguments) -> Result<ExitCode, CliError> {
    let options = SelftestOptions {
        seed: arguments.seed.number(),
        cases: arguments.cases,
        jobs: arguments.jobs,
        filter: arguments.filter.clone(),
        whole: arguments.whole,
        interrupted: interrupt::flag(),
    };
    let mut progress = Progress::for_terminal();
    let mut results = Results::begin(arguments.format.format, "selftest")?;
    let mut output_error = None;
    let outcome = run::selftest(&options, &mut |event| match event {
        SelftestEvent::Started {
            scenarios,
            mistakes,
        } => progress.set_total(scenarios + mistakes),
        SelftestEvent::RightPlayed => progress.step(false),
        SelftestEvent::MistakeDone(row) => {
            progress.step(row.survived);
            if let Results::Json(lines) = &mut results
                && output_error.is_none()
                && let Err(error) = lines.line(&RowLine::of(&row))
            {
                // Nobody reads any more: playing on would be for nothing.
                options.interrupted.store(true, Ordering::SeqCst);
                output_error = Some(error);
            }
        }
    });
    drop(progress);
    if let Some(error) = output_error {
        heard(Err(error))?;
        if let Err(failed) = &outcome {
            return Ok(failed.exit_code());
        }
    }
    let matrix = outcome?;
    let written = results.write(&MatrixLine::of(&matrix), |page| {
        write_matrix(page, &matrix, arguments.format.verbose)
    });
    heard(written.and_then(|()| results.flush()))?;
    Ok(if matrix.is_green() {
        ExitCode::Conforms
    } else {
        ExitCode::Findings
    })
}

const CASES: usize = 100;

const AFTER_HELP: &str = "\
A test that can't fail proves nothing. Here the reference client and the reference pool commit
known mistakes, one at a time, in scenarios that the mistake changes. Each mistake has to be caught
by one of the rules that it names, each rule has to catch something, and no rule may speak on a
right sign-in. A rule that says MUST may not blame the other party, who is right, either.

Examples:
  Everything
    cognito-conformance selftest

  The mistakes of one family, with what each does
    cognito-conformance selftest --filter 'arithmetic.*' -v

  Nobody who is right is accused, in 10,000 sign-ins that combine everything
    cognito-conformance selftest --free 10000

  The same, and every rule has its say in it
    cognito-conformance selftest --free 5000 --verdicts 50

Exit codes:
  0 every rule is proved   1 a survivor, a silent rule, too few verdicts or a false accusation
  2 usage   3 could not run   4 the harness is at fault";
