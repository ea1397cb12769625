//! `judge`: what the rules say of transcripts from files.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::error::CliError;
use super::flags::FormatFlags;
use super::input::{InputError, read_transcript};
use super::output::{Results, complain, heard};
use crate::exit_code::ExitCode;
use crate::record::{Origin, Transcript};
use crate::report::narrative::write_narrative;
use crate::report::page::one_line;
use crate::report::verdicts::{Tally, Verdicts, write_judgement, write_verdict};
use crate::rules::{Judgement, Party, judge};
use crate::run::case::concealed;

/// The flags of `judge`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct JudgeArguments {
    /// Transcripts; - is the standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    format: FormatFlags,
}

/// Carries `judge` out. A file that can't be read does not keep the others from being judged.
///
/// # Errors
/// When results can't be written.
pub fn run(arguments: &JudgeArguments) -> Result<ExitCode, CliError> {
    let mut results = Results::begin(arguments.format.format, "judge")?;
    let mut done = Done::default();
    let written = judge_all(arguments, &mut results, &mut done);
    heard(written.and_then(|()| results.flush()))?;
    // Where nobody reads any more, the rest is not judged.
    let is_whole = done.judged + done.unreadable == arguments.files.len();
    Ok(if done.unreadable > 0 {
        ExitCode::Usage
    } else if done.tally.broken > 0 {
        ExitCode::Findings
    } else if done.tally.held == 0 || !is_whole {
        ExitCode::CouldNotRun
    } else {
        ExitCode::Conforms
    })
}

/// What was done so far.
#[derive(Default)]
struct Done {
    judged: usize,
    unreadable: usize,
    tally: Tally,
}

fn judge_all(arguments: &JudgeArguments, results: &mut Results, done: &mut Done) -> io::Result<()> {
    for path in &arguments.files {
        let (transcript, judgement) = match judged_file(path) {
            Ok(judged) => judged,
            Err(error) => {
                done.unreadable += 1;
                complain(&error.to_string());
                if let Results::Json(lines) = results {
                    lines.line(&Unreadable {
                        event: "unreadable",
                        path: path.display().to_string(),
                        error: error.to_string(),
                    })?;
                }
                continue;
            }
        };
        let is_first = done.judged == 0;
        done.judged += 1;
        done.tally.add(Tally::of(&judgement));
        let shown = path.display().to_string();
        let verbose = arguments.format.verbose;
        results.write(&Verdicts::of(&transcript.id, &shown, &judgement), |page| {
            if !is_first {
                page.gap()?;
            }
            page.heading(&one_line(&transcript.id))?;
            page.text(2, &one_line(&told(&transcript)))?;
            if verbose {
                write_narrative(page, &transcript)?;
            }
            write_judgement(page, &judgement, verbose)
        })?;
    }
    if done.judged == 0 {
        return Ok(());
    }
    let finished = Finished {
        event: "finished",
        transcripts: done.judged,
        unreadable: done.unreadable,
        tally: done.tally,
    };
    results.write(&finished, |page| {
        write_verdict(page, done.judged, done.tally)
    })
}

fn judged_file(path: &Path) -> Result<(Transcript, Judgement), InputError> {
    let transcript = read_transcript(path)?;
    // What was observed was observed at our own pool, whose world is not in the transcript.
    let parties: &[Party] = match transcript.origin {
        Origin::Observed(_) => &[Party::Port],
        _ => &[Party::Port, Party::Service, Party::Shim],
    };
    let judgement = judge(&transcript, parties).map_err(|source| InputError::OutOfLimits {
        path: path.to_owned(),
        source,
    })?;
    let judgement = concealed(judgement, &transcript);
    Ok((transcript, judgement))
}

fn told(transcript: &Transcript) -> String {
    match &transcript.origin {
        Origin::Played { subject, .. } => format!("played by {subject}"),
        Origin::Observed(header) => format!("observed: {}", header.subject),
        Origin::Recorded(recording) => {
            format!(
                "{}; recorded {}, {}",
                recording.title, recording.recorded, recording.client
            )
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unreadable {
    event: &'static str,
    path: String,
    error: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finished {
    event: &'static str,
    transcripts: usize,
    unreadable: usize,
    tally: Tally,
}

const AFTER_HELP: &str = "\
A transcript is what `check --save` writes, or a recording in the same format. At most 64 MiB a
file are read.

Examples:
  What happened in a case that failed, step by step
    cognito-conformance judge -v out/cases/generated.17.transcript.json

  Several at once, for a program
    cognito-conformance judge --format json out/cases/*.transcript.json

  From another program
    gunzip < session.json.gz | cognito-conformance judge -

Exit codes:
  0 conforms   1 findings   2 a file can't be read   3 no rule had anything to judge";
