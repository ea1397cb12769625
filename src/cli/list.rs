//! `list`: what there is.

use std::io;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::error::CliError;
use super::explain::mistakes;
use super::flags::{self, Format, Seed};
use super::output::Results;
use super::rare::Rare;
use crate::exit_code::ExitCode;
use crate::model::Strength;
use crate::pool::OFFERS;
use crate::record::{Origin, Transcript};
use crate::report::page::{count, number, one_line};
use crate::rules::{Cited, catalog};
use crate::run::RunError;
use crate::scenario::axes::AXES;
use crate::srp::modexp::{Engine, EngineName};
use crate::subject::Capabilities;
use crate::suite::pairs::Pairs;
use crate::suite::scenarios::scripted;
use crate::suite::{self, Case, Content, Pattern, Selection, recording, vector};

/// The flags of `list`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ListArguments {
    /// rules, mistakes, vectors, recordings, scenarios, axes, classes, cases and others
    // The values' own line would be wider than a page in the short help.
    #[arg(value_enum, value_name = "WHAT", hide_possible_values = true, long_help = KINDS)]
    what: Option<What>,
    /// Only what has an id that matches
    #[arg(long, value_name = "GLOB")]
    filter: Option<Pattern>,
    /// Seed of the generated scenarios, for cases
    #[arg(long, value_name = "N", default_value = "1")]
    seed: Seed,
    /// How many scenarios to generate, for cases (default: as check does)
    #[arg(long, value_name = "N", value_parser = flags::cases)]
    cases: Option<usize>,
    /// text for people, or json: one object a line
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        value_enum,
        default_value_t
    )]
    format: Format,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Requirements.
    Rules,
    /// Known wrong variants.
    Mistakes,
    /// Published vectors, by file.
    Vectors,
    /// Recordings of the real service.
    Recordings,
    /// Named scenarios.
    Scenarios,
    /// Classes of rare values.
    Classes,
    /// What of a scenario varies by itself.
    Axes,
    /// Every case of a check.
    Cases,
    /// Who can do the arithmetic.
    Engines,
    /// What the pool offers.
    Operations,
}

/// Carries `list` out.
///
/// # Errors
/// When what comes with the program can't be read, or results can't be written.
pub fn run(arguments: &ListArguments) -> Result<ExitCode, CliError> {
    let mut results = Results::begin(arguments.format, "list")?;
    let Some(what) = arguments.what else {
        for (what, n, words) in overview()? {
            let item = Item::new("kind", what, format!("{}  {words}", number(n)));
            show(&mut results, &item, 10)?;
        }
        results.flush()?;
        return Ok(ExitCode::Conforms);
    };
    let filter = arguments.filter.as_ref();
    let mut items = match what {
        What::Rules => rules(),
        What::Mistakes => mistakes()
            .into_iter()
            .map(|mistake| Item::new("mistake", mistake.id, mistake.sentence))
            .collect(),
        What::Vectors => vectors()?,
        What::Recordings => recordings()?,
        What::Scenarios => scenarios()?,
        What::Classes => classes(),
        What::Axes => axes(),
        What::Cases => cases(arguments)?,
        What::Engines => engines(),
        What::Operations => operations(),
    };
    items.retain(|item| filter.is_none_or(|filter| filter.matches(&item.id)));
    if items.is_empty() {
        let filter = filter.map_or_else(String::new, Pattern::to_string);
        return Err(CliError::NothingListed { filter });
    }
    let column = items
        .iter()
        .map(|item| item.id.chars().count())
        .filter(|&n| n <= WIDEST)
        .max();
    for item in &items {
        show(&mut results, item, column.unwrap_or(0))?;
    }
    results.flush()?;
    Ok(ExitCode::Conforms)
}

/// One line of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    event: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<Strength>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Cited>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_tries: Option<f64>,
    summary: String,
}

impl Item {
    fn new(event: &'static str, id: impl Into<String>, summary: impl Into<String>) -> Self {
        Self {
            event,
            id: id.into(),
            level: None,
            party: None,
            strength: None,
            evidence: Vec::new(),
            expected_tries: None,
            summary: summary.into(),
        }
    }
}

fn show(results: &mut Results, item: &Item, column: usize) -> io::Result<()> {
    results.write(item, |page| {
        let level = item
            .level
            .as_ref()
            .map_or(String::new(), |level| format!("{level} "));
        let party = item
            .party
            .as_ref()
            .map_or(String::new(), |party| format!("{party}: "));
        let strength = item
            .strength
            .map_or(String::new(), |strength| format!(" ({strength})"));
        let text = format!("{level}{party}{}{strength}", one_line(&item.summary));
        page.entry(0, &item.id, column, &text)
    })
}

fn overview() -> Result<Vec<(&'static str, usize, &'static str)>, CliError> {
    let files = vector::all().map_err(RunError::from)?;
    let vectors = files.iter().map(|file| file.cases.len()).sum();
    let named = scripted().map_err(RunError::from)?.len();
    Ok(vec![
        (
            "rules",
            catalog::all().count(),
            "requirements, with their sources",
        ),
        (
            "mistakes",
            mistakes().len(),
            "known wrong variants, with where they happened",
        ),
        ("vectors", vectors, "published vectors"),
        (
            "recordings",
            recording::names().count(),
            "recordings of the real service",
        ),
        (
            "scenarios",
            named,
            "named scenarios; any number can be generated beside them",
        ),
        (
            "engines",
            EngineName::ALL.len(),
            "engines of modular exponentiation",
        ),
        (
            "classes",
            Rare::all().count(),
            "classes of rare values, with the tries that each takes",
        ),
        (
            "axes",
            AXES.len(),
            "axes along which scenarios vary, with their values",
        ),
        (
            "operations",
            OFFERS.len(),
            "operations, flows, challenges and triggers of the pool, with their evidence",
        ),
    ])
}

fn rules() -> Vec<Item> {
    catalog::all()
        .map(|rule| Item {
            level: Some(rule.level.to_string()),
            party: Some(rule.party.to_string()),
            strength: Some(rule.strength()),
            evidence: rule.sources.iter().map(Cited::from).collect(),
            ..Item::new("rule", rule.id, rule.sentence)
        })
        .collect()
}

fn vectors() -> Result<Vec<Item>, CliError> {
    let files = vector::all().map_err(RunError::from)?;
    let item = |file: &vector::VectorFile| {
        let cases = count(file.cases.len(), "case", "cases");
        Item::new(
            "vectors",
            file.id.as_str(),
            format!("{cases}; {}", file.title),
        )
    };
    Ok(files.iter().map(item).collect())
}

fn recordings() -> Result<Vec<Item>, CliError> {
    let recordings = recording::all().map_err(RunError::from)?;
    let item =
        |transcript: &Transcript| Item::new("recording", transcript.id.as_str(), told(transcript));
    Ok(recordings.iter().map(item).collect())
}

/// What a recording is, in one line.
fn told(recording: &Transcript) -> String {
    match &recording.origin {
        Origin::Recorded(header) => {
            format!("{} ({}, {})", header.title, header.recorded, header.client)
        }
        Origin::Played { subject, .. } => subject.clone(),
        Origin::Observed(header) => header.subject.clone(),
    }
}

fn scenarios() -> Result<Vec<Item>, CliError> {
    let scenarios = scripted().map_err(RunError::from)?;
    Ok(scenarios
        .iter()
        .map(|scenario| Item::new("scenario", scenario.id.as_str(), scenario.to_string()))
        .collect())
}

fn classes() -> Vec<Item> {
    Rare::all()
        .map(|rare| Item {
            expected_tries: Some(rare.expected_tries()),
            ..Item::new("class", rare.name(), rare.summary())
        })
        .collect()
}

/// What of a scenario varies by itself.
fn axes() -> Vec<Item> {
    AXES.iter()
        .map(|axis| {
            let values: Vec<&str> = axis.values.iter().map(|value| value.name).collect();
            let needs = axis.needs.map_or(String::new(), |need| {
                format!(" (only the first where {})", need.otherwise)
            });
            let summary = format!("{}: {}{needs}", axis.about, values.join(", "));
            Item::new("axis", axis.name, summary)
        })
        .collect()
}

/// Every case of a check with the same flags, in its order, for a port that offers everything.
fn cases(arguments: &ListArguments) -> Result<Vec<Item>, CliError> {
    let selection = Selection {
        seed: arguments.seed.number(),
        pairs: true,
        generated: arguments.cases,
        filter: arguments.filter.clone(),
    };
    let item = |case: Case| {
        let text = match case.content {
            Content::Vector { file, .. } => file.title.clone(),
            Content::Recording(recording) => told(&recording),
            Content::Scenario(scenario) => scenario.to_string(),
        };
        Item::new("case", case.id.to_string(), text)
    };
    let pairs = Pairs::of(&Capabilities::everything(), selection.seed);
    let cases = suite::cases(&selection, &pairs).map_err(RunError::from)?;
    Ok(cases.into_iter().map(item).collect())
}

/// Every engine, and whether it runs on this machine.
fn engines() -> Vec<Item> {
    let in_use = Engine::current().name();
    let item = |name: EngineName| {
        let text = match name.engine() {
            Ok(_) if name == in_use => "runs here, and is in use".to_owned(),
            Ok(_) => "runs here".to_owned(),
            Err(error) => error.to_string(),
        };
        Item::new("engine", name.as_str(), text)
    };
    EngineName::ALL.into_iter().map(item).collect()
}

/// Everything that the pool offers, and how it is known.
fn operations() -> Vec<Item> {
    OFFERS
        .iter()
        .map(|offer| {
            let inferred = match offer.inferred {
                "" => String::new(),
                what => format!("; inferred: {what}"),
            };
            let text = format!("{} ({}){inferred}", offer.evidence, offer.sources);
            Item::new("offer", format!("{} {}", offer.kind, offer.name), text)
        })
        .collect()
}

/// What each kind is, for the long help.
const KINDS: &str = "\
- rules:      requirements
- mistakes:   known wrong variants
- vectors:    published vectors, by file
- recordings: recordings of the real service
- scenarios:  named scenarios
- classes:    classes of rare values, with the tries that each takes
- axes:       what of a scenario varies by itself: its values, and what excludes them
- cases:      every case of a check, by id
- engines:    who can do the arithmetic, and who can't here
- operations: operations, flows, challenges and triggers of the pool, with their evidence";

const WIDEST: usize = 44;

const AFTER_HELP: &str = "\
Examples:
  What is required of TIMESTAMP
    cognito-conformance list rules --filter 'timestamp.*'

  The scenarios that `check --seed 7 --cases 20` generates
    cognito-conformance list cases --seed 7 --cases 20 --filter 'generated/*'";
