//! `replay`: plays one scenario again and tells what happened.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde::Serialize;

use super::error::CliError;
use super::flags::{FormatFlags, Seed, SubjectFlags};
use super::input::{parse_scenario, read_scenario};
use super::interrupt;
use super::output::{Results, heard};
use crate::excerpt::excerpt;
use crate::exit_code::ExitCode;
use crate::mistakes::Policies;
use crate::model::Clock;
use crate::pool::{Policy, Pool};
use crate::record::Transcript;
use crate::report::narrative::write_narrative;
use crate::report::page::{BAD, NOTE, one_line};
use crate::report::verdicts::{Tally, Verdicts, write_judgement, write_verdict};
use crate::run::event::CaseReport;
use crate::run::{self, CheckOptions, Manners, RunError};
use crate::scenario::Scenario;
use crate::suite::scenarios::scenario;
use crate::suite::{CaseId, Part, Selection};

/// The flags of `replay`.
#[derive(Debug, Args)]
#[command(
    after_help = AFTER_HELP,
    group = ArgGroup::new("which").required(true).args(["scenario", "case", "file"])
)]
pub struct ReplayArguments {
    /// A scenario, or the transcript of its play; - is the standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The whole scenario as JSON: what a finding prints
    #[arg(long, value_name = "JSON")]
    scenario: Option<String>,
    /// Id of a scripted or generated case
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    /// Seed of a generated case
    #[arg(long, value_name = "N", default_value = "1", requires = "case")]
    seed: Seed,
    #[command(flatten)]
    subject: SubjectFlags,
    #[command(flatten)]
    format: FormatFlags,
}

/// Carries `replay` out.
///
/// # Errors
/// When there is no such scenario, or it can't be played.
pub fn run(arguments: &ReplayArguments) -> Result<ExitCode, CliError> {
    let seed = arguments.seed.number();
    let scenario = match (&arguments.scenario, &arguments.case, &arguments.file) {
        (Some(json), ..) => parse_scenario(json.as_bytes(), Path::new("--scenario"))?,
        (_, Some(id), _) => named(id, seed)?,
        (_, _, Some(path)) => read_scenario(path)?,
        // The group requires one of them.
        (None, None, None) => return Err(CliError::Unknown("no scenario was named".to_owned())),
    };
    playable(&scenario)?;
    let options = CheckOptions {
        selection: Selection::default(),
        jobs: 1,
        subject: arguments.subject.choice(),
        policies: Policies::default(),
        known: None,
        keep_transcripts: true,
        max_plays: 1,
        interrupted: interrupt::flag(),
        manners: Manners::default(),
    };
    let replayed = run::replay(&options, &scenario)?;
    let transcript = replayed.report.transcript.as_deref();
    let judgement = &replayed.judgement;
    let tally = Tally::of(judgement);
    let is_harness = !replayed.report.references_break.is_empty();
    let verbose = arguments.format.verbose;
    let mut results = Results::begin(arguments.format.format, "replay")?;
    let event = ReplayedEvent {
        event: "replayed",
        scenario: &scenario,
        report: &replayed.report,
        transcript,
    };
    let written = results.write(&event, |page| {
        page.heading(&one_line(&scenario.id))?;
        page.text(2, &one_line(&scenario.to_string()))?;
        if let Some(reason) = &replayed.report.not_applicable {
            page.gap()?;
            return page.styled(
                0,
                NOTE,
                &format!("Not applicable: the port lacks {}.", one_line(reason)),
            );
        }
        page.gap()?;
        page.heading("What happened")?;
        if let Some(transcript) = transcript {
            write_narrative(page, transcript)?;
        }
        page.gap()?;
        page.heading("What the rules say")?;
        write_judgement(page, judgement, verbose)?;
        if !is_harness {
            return write_verdict(page, 1, tally);
        }
        page.gap()?;
        let text = format!(
            "The harness is at fault: right references break a rule in this scenario, too ({}), so that it convicts \
             nobody. Please report it.",
            one_line(&replayed.report.references_break.join(", "))
        );
        page.styled(0, BAD, &text)
    });
    let written = written.and_then(|()| match &mut results {
        Results::Json(lines) => lines.line(&Verdicts::of(&scenario.id, "", judgement)),
        Results::Text(_) => Ok(()),
    });
    heard(written.and_then(|()| results.flush()))?;
    Ok(if is_harness {
        ExitCode::HarnessFault
    } else if tally.broken > 0 {
        ExitCode::Findings
    } else if tally.held == 0 {
        ExitCode::CouldNotRun
    } else {
        ExitCode::Conforms
    })
}

fn named(id: &str, seed: u64) -> Result<Scenario, CliError> {
    let case: Option<CaseId> = id.parse().ok();
    if let Some(case) = &case
        && let Some(scenario) = scenario(case, seed).map_err(RunError::from)?
    {
        return Ok(scenario);
    }
    let shown = one_line(&excerpt(id));
    Err(CliError::Unknown(match case.map(|case| case.part) {
        Some(Part::Vectors | Part::Recordings) => {
            format!("{shown} is no scenario; `check --filter '{shown}'` checks it again")
        }
        Some(Part::Pairs) => format!(
            "{shown} depends on what a port offers; `check --filter '{shown}'` plays it again"
        ),
        Some(Part::Scripted | Part::Generated) | None => format!(
            "there is no scenario {shown:?}; `list scenarios` names them, and generated/0 and so on are generated"
        ),
    }))
}

/// Refuses what a person may have written that no generator makes, before it looks like a fault of the port or the harness.
fn playable(scenario: &Scenario) -> Result<(), CliError> {
    let unplayable = |reason: String| {
        Err(CliError::Unplayable {
            id: scenario.id.clone(),
            reason,
        })
    };
    if let Err(error) = scenario.check_limits() {
        return unplayable(error.to_string());
    }
    match Pool::new(scenario.world(Clock::Wall), Policy::default()) {
        Ok(_) => Ok(()),
        Err(error) => unplayable(error.to_string()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplayedEvent<'a> {
    event: &'static str,
    scenario: &'a Scenario,
    report: &'a CaseReport,
    transcript: Option<&'a Transcript>,
}

const AFTER_HELP: &str = "\
Where the port's randomness and clock can be set, the same octets travel again. Otherwise the pool
makes the same rare values happen again, and the rest is drawn anew.

Examples:
  The line that a finding printed
    cognito-conformance replay --port ./shim --scenario '{\"id\":\"generated/17\",\"nonce\":5}'

  By seed and id
    cognito-conformance replay --port ./shim --case generated/17 --seed 1

  From a folder that `check --save out` wrote: a smallest scenario, or a case's transcript
    cognito-conformance replay --port ./shim out/findings/srp.claim.scenario.json
    cognito-conformance replay --port ./shim out/cases/generated.17.transcript.json

Exit codes:
  0 conforms   1 findings   2 usage   3 could not run   4 the harness is at fault";
