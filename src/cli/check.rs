//! `check`: plays sign-ins against a port and judges what happened.

use std::io::{self, Stdout};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use serde::Serialize;

use super::error::CliError;
use super::flags::{self, Format, FormatFlags, Seed, SubjectFlags};
use super::input::{LARGEST_OTHER, read_text};
use super::interrupt;
use super::output::{Out, complain, heard, json_lines};
use crate::exit_code::ExitCode;
use crate::mistakes::Policies;
use crate::report::{JsonLines, Progress, Reporter, Save, TextReport};
use crate::run::event::Summary;
use crate::run::{self, CheckOptions, Known, Manners, RunError, RunEvent};
use crate::suite::{Pattern, Selection};

/// The flags of `check`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct CheckArguments {
    #[command(flatten)]
    subject: SubjectFlags,
    /// Only the cases whose ids match, e.g. 'vectors/*'
    #[arg(long, value_name = "GLOB", help_heading = "Which cases")]
    filter: Option<Pattern>,
    /// Seed of the generated scenarios: a number, or random
    #[arg(
        long,
        value_name = "N",
        default_value = "1",
        help_heading = "Which cases"
    )]
    seed: Seed,
    /// How many scenarios to generate (default: with those of pairs/, 600)
    #[arg(long, value_name = "N", value_parser = flags::cases, help_heading = "Which cases")]
    cases: Option<usize>,
    /// Leave out the scenarios that meet every pair of values
    #[arg(long, help_heading = "Which cases")]
    no_pairs: bool,
    /// Workers at a time (default: one a processor)
    #[arg(long, value_name = "N", default_value_t = flags::default_jobs(), hide_default_value = true, value_parser = flags::jobs, help_heading = "Which cases")]
    jobs: usize,
    /// File of known findings, strict: a stale entry is an error
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    known: Option<PathBuf>,
    /// Keep transcripts, smallest scenarios and events in this folder
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    save: Option<PathBuf>,
    #[command(flatten)]
    format: FormatFlags,
}

/// Carries `check` out.
///
/// # Errors
/// When the run can't begin or go on.
pub fn run(arguments: &CheckArguments) -> Result<ExitCode, CliError> {
    let known = match &arguments.known {
        None => None,
        Some(path) => {
            let text = read_text(path, LARGEST_OTHER)?;
            Some(Known::read(&text, &path.display().to_string())?)
        }
    };
    let save = match &arguments.save {
        None => None,
        Some(folder) => Some(Save::begin(folder, COMMAND)?),
    };
    let interrupted = interrupt::flag();
    let options = CheckOptions {
        selection: Selection {
            seed: arguments.seed.number(),
            pairs: !arguments.no_pairs,
            generated: arguments.cases,
            filter: arguments.filter.clone(),
        },
        jobs: arguments.jobs,
        subject: arguments.subject.choice(),
        policies: Policies::default(),
        known,
        keep_transcripts: save.is_some(),
        max_plays: MOST_PLAYS,
        interrupted: Arc::clone(&interrupted),
        manners: Manners::default(),
    };
    let mut reporters = Reporters {
        output: Output::begin(&arguments.format)?,
        save,
        progress: Progress::for_terminal(),
        interrupted,
        output_error: None,
        save_error: None,
    };
    let outcome = run::check(&options, &mut |event| reporters.take(&event));
    reporters.end(outcome)
}

struct Reporters {
    output: Output,
    save: Option<Save>,
    progress: Progress,
    interrupted: Arc<AtomicBool>,
    output_error: Option<io::Error>,
    save_error: Option<io::Error>,
}

enum Output {
    Text(Box<TextReport<Out>>),
    Json(JsonLines<Stdout>),
}

impl Output {
    fn begin(flags: &FormatFlags) -> io::Result<Self> {
        Ok(match flags.format {
            Format::Text => {
                Self::Text(Box::new(TextReport::new(anstream::stdout(), flags.verbose)))
            }
            Format::Json => Self::Json(json_lines(COMMAND)?),
        })
    }

    /// Whether an event leads to any output; else the line of progress would flicker for nothing.
    fn writes(&self, event: &RunEvent) -> bool {
        match self {
            Self::Text(text) => text.writes(event),
            Self::Json(_) => true,
        }
    }

    fn take(&mut self, event: &RunEvent) -> io::Result<()> {
        match self {
            Self::Text(text) => text.take(event),
            Self::Json(lines) => lines.take(event),
        }
    }
}

impl Reporters {
    fn take(&mut self, event: &RunEvent) {
        if let Some(save) = &mut self.save
            && self.save_error.is_none()
        {
            self.save_error = save.take(event).err();
        }
        // The line of progress never fails: it is for nobody but who watches.
        let _ = self.progress.take(event);
        if self.output_error.is_none() {
            let written = if self.output.writes(event) {
                self.progress.aside(|| self.output.take(event))
            } else {
                Ok(())
            };
            if let Err(error) = written {
                // Nobody reads any more: playing on would be for nothing.
                self.interrupted.store(true, Ordering::SeqCst);
                self.output_error = Some(error);
            }
        }
    }

    fn end(mut self, outcome: Result<Summary, RunError>) -> Result<ExitCode, CliError> {
        self.progress.end();
        if let (Err(error), Output::Json(lines), None) =
            (&outcome, &mut self.output, &self.output_error)
        {
            let failed = Failed {
                event: "failed",
                error: error.to_string(),
                exit_code: error.exit_code() as u8,
            };
            self.output_error = lines.line(&failed).err();
        }
        if let Some(error) = &self.save_error {
            complain(&format!("--save: {error}; what was saved is not complete"));
        }
        if let Some(error) = self.output_error {
            heard(Err(error))?;
            if let Err(failed) = &outcome {
                return Ok(failed.exit_code());
            }
        }
        Ok(match verdict(&outcome?) {
            // Who asked for a folder has not got what he asked for; a finding is one all the same.
            ExitCode::Conforms if self.save_error.is_some() => ExitCode::CouldNotRun,
            code => code,
        })
    }
}

/// A run that could not go on.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    event: &'static str,
    error: String,
    exit_code: u8,
}

/// What a run says to the caller. A finding counts even if the run was interrupted; the want of one then counts for nothing.
fn verdict(summary: &Summary) -> ExitCode {
    let judged: usize = summary.parts.values().map(|part| part.cases).sum();
    if summary.findings > 0 {
        ExitCode::Findings
    } else if summary.harness_faults > 0 {
        ExitCode::HarnessFault
    } else if summary.interrupted || judged == 0 || summary.judged_no_sign_in() {
        ExitCode::CouldNotRun
    } else if !summary.known_problems.is_empty() {
        ExitCode::Findings
    } else {
        ExitCode::Conforms
    }
}

const COMMAND: &str = "check";
/// The most scenarios that are played to make one smaller.
const MOST_PLAYS: usize = 300;

const AFTER_HELP: &str = "\
Cases are vectors, recordings of the real service, named scenarios, scenarios that meet every pair
of values of two axes that the port can meet (`list axes`), and scenarios generated by chance; ids
begin with vectors/, recordings/, scripted/, pairs/ and generated/. `list cases` names them all.
Seed and id alone determine a case; those of pairs/ depend on what the port offers as well.

Examples:
  The reference client against the reference pool: what a right run looks like
    cognito-conformance check

  A port behind a shim, more scenarios than usual, and everything kept on disk
    cognito-conformance check --port 'node shim.js' --cases 1000 --save out

  Other scenarios each night; the report names the seed
    cognito-conformance check --port ./shim --seed random

  One vector file; one case
    cognito-conformance check --port ./shim --filter 'vectors/cognito-timestamp/*'
    cognito-conformance check --port ./shim --filter generated/17

  In CI, with findings that are known and have an issue each
    cognito-conformance check --port ./shim --known known.toml --format json

Known findings (TOML): [[known]] rule, case (a pattern), reason; got, cause, link, expires.

--save writes events.jsonl, cases/ (transcripts of failing cases), findings/ (smallest scenarios and
their transcripts) and, at the end, summary.json. It needs an empty or new folder. Where that can't
be written to the end, as on a full disk, the run goes on; what would have been 0 is then 3.

Ctrl-C, SIGTERM and SIGHUP finish the case in hand, or give it up after some seconds, and report
what was found so far: exit code 1 if that is anything, else 3. A second one ends the run at once,
with 3. Whatever ends the run, no process of a port is left. Where no sign-in could be judged, it is
3 as well: pure functions that agree prove no port.

Exit codes:
  0 conforms   1 findings   2 usage   3 could not run   4 the harness is at fault";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::PartSummary;
    use crate::suite::Part;

    fn summary() -> Summary {
        let parts = [(
            Part::Vectors,
            PartSummary {
                cases: 3,
                ..PartSummary::default()
            },
        )];
        Summary {
            parts: parts.into(),
            ..Summary::default()
        }
    }

    #[test]
    fn an_interrupted_run_never_conforms() {
        assert_eq!(verdict(&summary()), ExitCode::Conforms, "a whole run");
        let mut interrupted = summary();
        interrupted.interrupted = true;
        assert_eq!(verdict(&interrupted), ExitCode::CouldNotRun);
        interrupted.findings = 1;
        assert_eq!(
            verdict(&interrupted),
            ExitCode::Findings,
            "it found something before"
        );
    }

    #[test]
    fn what_right_references_break_as_well_is_the_harnesss_fault_and_no_finding() {
        let mut faulty = summary();
        faulty.harness_faults = 1;
        assert_eq!(verdict(&faulty), ExitCode::HarnessFault);
        faulty.interrupted = true;
        assert_eq!(verdict(&faulty), ExitCode::HarnessFault, "even so far");
        faulty.findings = 1;
        assert_eq!(
            verdict(&faulty),
            ExitCode::Findings,
            "another scenario convicts somebody"
        );
    }

    #[test]
    fn nothing_judged_is_no_success_and_a_stale_file_is_a_finding() {
        assert_eq!(verdict(&Summary::default()), ExitCode::CouldNotRun);
        let mut stale = summary();
        stale.known_problems = vec!["no longer fails".to_owned()];
        assert_eq!(verdict(&stale), ExitCode::Findings);
    }
}
