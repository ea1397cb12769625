//! Proof that every rule can fail: each known mistake is played through the scenarios and has to be caught.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde::Serialize;

use super::case::judged;
use super::error::RunError;
use super::play::Played;
use super::worker::{SubjectChoice, Worker};
use super::workers::in_order;
use crate::mistakes::{self, Mistake, Policies};
use crate::model::{SrpValue, Wish};
use crate::pool::TokenSigning;
use crate::rules::{Level, Party, Rule, catalog, judge};
use crate::scenario::Scenario;
use crate::subject::Carriage;
use crate::suite::Pattern;
use crate::suite::scenarios::{Generator, scripted};
use crate::wire::event::Event;

/// What to play.
#[derive(Clone, Debug)]
pub struct SelftestOptions {
    /// The seed of the generated scenarios.
    pub seed: u64,
    /// How many scenarios to generate beside the named ones.
    pub cases: usize,
    /// How many workers.
    pub jobs: usize,
    /// A pattern on mistakes' ids.
    pub filter: Option<Pattern>,
    /// Whether each mistake meets every cheap scenario, not only as many as it takes and a sample.
    pub whole: bool,
    /// Set from outside to stop after the work in hand.
    pub interrupted: Arc<AtomicBool>,
}

/// What a selftest tells those who report.
#[derive(Clone, Debug)]
pub enum SelftestEvent {
    /// It begins: so many right plays, so many mistakes.
    Started {
        /// Scenarios.
        scenarios: usize,
        /// Mistakes.
        mistakes: usize,
    },
    /// A scenario was played by the right references.
    RightPlayed,
    /// A mistake is done with.
    MistakeDone(Box<MatrixRow>),
}

/// Mistakes × rules.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// A row a mistake.
    pub rows: Vec<MatrixRow>,
    /// Rules that can fail and that no mistake broke.
    pub rules_that_catch_nothing: Vec<&'static str>,
    /// Rules that spoke although nothing was wrong, with the case.
    pub rules_that_spoke_on_right_transcripts: Vec<(String, String)>,
    /// Scenarios played by the right references.
    pub right_plays: usize,
    /// Whether only some of the mistakes were played: then a silent rule proves nothing.
    pub partial: bool,
    /// Wall time, in milliseconds.
    pub elapsed_ms: u64,
}

/// One mistake.
#[derive(Clone, Debug)]
pub struct MatrixRow {
    /// Its id.
    pub mistake: &'static str,
    /// Who errs.
    pub party: Party,
    /// What it does.
    pub sentence: &'static str,
    /// Scenarios played with it.
    pub plays: usize,
    /// Scenarios in which it changed anything.
    pub changed: usize,
    /// The rules it broke, each with the number of scenarios.
    pub caught: BTreeMap<&'static str, usize>,
    /// The rules of which at least one has to break.
    pub expected: &'static [&'static str],
    /// Whether none of those broke.
    pub survived: bool,
    /// What accused the other party, who is right.
    pub accused: Vec<Accusation>,
}

/// A rule that blamed the party that was right for the other one's mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Accusation {
    /// The rule.
    pub rule: &'static str,
    /// How binding it is.
    pub level: Level,
    /// In how many scenarios.
    pub scenarios: usize,
    /// The first of them.
    pub first: String,
    /// What was expected and found there.
    pub finding: String,
}

impl Accusation {
    /// Whether no right party may ever hear it.
    pub fn is_false(&self) -> bool {
        self.level == Level::Must
    }
}

impl Matrix {
    /// Whether every mistake was caught, every rule caught one, none spoke on a right transcript, and no MUST accused the
    /// party that was right.
    pub fn is_green(&self) -> bool {
        let silent = !self.partial && !self.rules_that_catch_nothing.is_empty();
        !silent
            && self.rules_that_spoke_on_right_transcripts.is_empty()
            && self.rows.iter().all(|row| !row.survived)
            && self.false_accusations().next().is_none()
    }

    /// Every MUST that blamed the party that was right, with the mistake.
    pub fn false_accusations(&self) -> impl Iterator<Item = (&'static str, &Accusation)> {
        self.rows.iter().flat_map(|row| {
            let accused = row.accused.iter().filter(|accused| accused.is_false());
            accused.map(|accused| (row.mistake, accused))
        })
    }
}

/// Plays every mistake.
///
/// # Errors
/// See [`RunError`].
pub fn selftest(
    options: &SelftestOptions,
    sink: &mut dyn FnMut(SelftestEvent),
) -> Result<Matrix, RunError> {
    let began = Instant::now();
    let filter = options.filter.as_ref();
    let chosen: Vec<&'static Mistake> = mistakes::all()
        .filter(|mistake| filter.is_none_or(|filter| filter.matches(mistake.id)))
        .collect();
    if chosen.is_empty() {
        return Err(RunError::NothingMatched {
            filter: filter.map_or_else(String::new, Pattern::to_string),
        });
    }
    let mut scenarios = scripted()?;
    let generator = Generator::new(options.seed);
    scenarios.extend((0..options.cases).map(|number| generator.scenario(number)));
    // What takes a long search comes last: most mistakes are caught before it is their turn.
    scenarios.sort_by_key(|scenario| {
        let steering = &scenario.steering;
        let of_s = |wish: &Wish| matches!(wish, Wish::Begins(SrpValue::S, _));
        (
            steering.reach.iter().any(of_s),
            steering.expected_tries() as u64,
        )
    });
    sink(SelftestEvent::Started {
        scenarios: scenarios.len(),
        mistakes: chosen.len(),
    });

    let mut matrix = Matrix {
        partial: filter.is_some(),
        ..Matrix::default()
    };
    let mut right: Vec<Vec<Event>> = Vec::with_capacity(scenarios.len());
    in_order(
        scenarios.len(),
        options.jobs,
        &options.interrupted,
        start,
        |worker, at| play(worker, &scenarios[at], None),
        |(events, broken): Judged| {
            let case = &scenarios[right.len()].id;
            let spoke = broken
                .into_iter()
                .map(|broken| (broken.rule.id.to_owned(), case.clone()));
            matrix.rules_that_spoke_on_right_transcripts.extend(spoke);
            right.push(events);
            sink(SelftestEvent::RightPlayed);
        },
    )?;
    matrix.right_plays = right.len();
    if right.len() < scenarios.len() {
        return Err(RunError::Interrupted);
    }
    in_order(
        chosen.len(),
        options.jobs,
        &options.interrupted,
        start,
        |worker, at| {
            let sample = if options.whole { 1 } else { SAMPLE };
            row(worker, chosen[at], (at, sample), &scenarios, &right)
        },
        |row| {
            sink(SelftestEvent::MistakeDone(Box::new(row.clone())));
            matrix.rows.push(row);
        },
    )?;
    if matrix.rows.len() < chosen.len() {
        return Err(RunError::Interrupted);
    }
    matrix.rules_that_catch_nothing = catalog::all()
        .filter(|rule| rule.level != Level::Observed)
        .filter(|rule| {
            !matrix
                .rows
                .iter()
                .any(|row| row.caught.contains_key(rule.id))
        })
        .map(|rule| rule.id)
        .collect();
    matrix.elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(matrix)
}

fn start() -> Result<Worker, RunError> {
    let mut worker = Worker::of(&SubjectChoice::Reference(Carriage::InProcess))?;
    worker.theatre.set_token_signing(TokenSigning::Lazy);
    Ok(worker)
}

fn row(
    worker: &mut Worker,
    mistake: &'static Mistake,
    (number, every): (usize, usize),
    scenarios: &[Scenario],
    right: &[Vec<Event>],
) -> Result<MatrixRow, RunError> {
    let mut row = MatrixRow {
        mistake: mistake.id,
        party: if mistake.is_of_the_port() {
            Party::Port
        } else {
            Party::Service
        },
        sentence: mistake.sentence,
        plays: 0,
        changed: 0,
        caught: BTreeMap::new(),
        expected: mistake.caught_by,
        survived: true,
        accused: Vec::new(),
    };
    let mut is_caught = false;
    for (at, (scenario, right)) in scenarios.iter().zip(right).enumerate() {
        // A client that lies on purpose is not the one whose mistakes are looked for.
        if mistake.is_of_the_port() && scenario.attack.is_some() {
            continue;
        }
        // Once it is caught, only who else is accused is of interest: another part of the scenarios for each mistake.
        let is_sample = (at + number).is_multiple_of(every) && is_cheap(scenario);
        if is_caught && !is_sample {
            continue;
        }
        let (events, broken) = play(worker, scenario, Some(mistake))?;
        row.plays += 1;
        if events == *right {
            continue;
        }
        row.changed += 1;
        row.count(broken, &scenario.id);
        let caught = row
            .expected
            .iter()
            .filter(|rule| row.caught.contains_key(*rule))
            .count();
        // One rule may hide behind another, so all that are expected are waited for; but not for ever.
        is_caught = caught == row.expected.len() || (caught > 0 && row.changed >= PATIENCE);
    }
    row.survived = !row
        .expected
        .iter()
        .any(|rule| row.caught.contains_key(rule));
    Ok(row)
}

impl MatrixRow {
    /// Counts the rules that broke in a scenario, each for whom it blames.
    fn count(&mut self, broken: Vec<Broken>, scenario: &str) {
        for Broken {
            rule,
            blames: blamed,
            finding,
        } in broken
        {
            if (blamed == Party::Service) == (self.party == Party::Service) {
                *self.caught.entry(rule.id).or_default() += 1;
                continue;
            }
            match self.accused.iter_mut().find(|known| known.rule == rule.id) {
                Some(known) => known.scenarios += 1,
                None => self.accused.push(Accusation {
                    rule: rule.id,
                    level: rule.level,
                    scenarios: 1,
                    first: scenario.to_owned(),
                    finding,
                }),
            }
        }
    }
}

/// The record of a play, and the rules that broke in it.
type Judged = (Vec<Event>, Vec<Broken>);

/// A rule that broke.
#[derive(Debug)]
struct Broken {
    rule: &'static Rule,
    blames: Party,
    finding: String,
}

fn play(
    worker: &mut Worker,
    scenario: &Scenario,
    mistake: Option<&Mistake>,
) -> Result<Judged, RunError> {
    let policies = mistake.map(Policies::of).unwrap_or_default();
    worker.theatre.set_policies(policies);
    match worker.runtime.block_on(worker.theatre.play(scenario))? {
        Played::NotApplicable(reason) => Err(RunError::Harness(format!(
            "{} is not applicable to our own client: {reason}",
            scenario.id
        ))),
        Played::Transcript(transcript) => {
            let judgement = judge(&transcript, judged(scenario, Party::ALL))?;
            let broken = judgement
                .failures()
                .map(|(rule, finding)| Broken {
                    rule,
                    blames: finding.blames.unwrap_or(rule.party),
                    finding: format!("expected {}, got {}", finding.expected, finding.got),
                })
                .collect();
            Ok((transcript.events, broken))
        }
    }
}

/// Whether nothing is searched for that takes longer than the sign-in itself.
fn is_cheap(scenario: &Scenario) -> bool {
    scenario.steering.expected_tries() <= CHEAP
}

/// Every how many scenarios are played to see who else is accused of a mistake that is caught.
const SAMPLE: usize = 12;
/// Values to try for what a scenario asks for.
const CHEAP: f64 = 20.0;
/// In how many scenarios a caught mistake has to show before the other rules that should catch it are given up.
const PATIENCE: usize = 16;
