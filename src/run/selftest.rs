//! Proof that every rule can fail: each known mistake is played through the scenarios and has to be caught.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::case::judged;
use super::check::{SubjectChoice, Worker, pattern};
use super::error::RunError;
use super::play::Played;
use super::workers::in_order;
use crate::client;
use crate::mistakes::{self, Edit, Mistake};
use crate::model::{SrpValue, Wish};
use crate::pool::{self, TokenSigning};
use crate::rules::{Level, Party, catalog, judge};
use crate::scenario::Scenario;
use crate::subject::Carriage;
use crate::suite::scenarios::{Generator, scripted};
use crate::wire::Reply;
use crate::wire::transcript::Event;

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
    pub filter: Option<String>,
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
}

impl Matrix {
    /// Whether every mistake was caught, every rule caught one, and none spoke on a right transcript.
    pub fn is_green(&self) -> bool {
        let silent = !self.partial && !self.rules_that_catch_nothing.is_empty();
        !silent
            && self.rules_that_spoke_on_right_transcripts.is_empty()
            && self.rows.iter().all(|row| !row.survived)
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
    let filter = options.filter.as_deref().map(pattern).transpose()?;
    let chosen: Vec<&'static Mistake> = mistakes::all()
        .filter(|mistake| {
            filter
                .as_ref()
                .is_none_or(|filter| filter.is_match(mistake.id))
        })
        .collect();
    if chosen.is_empty() {
        return Err(RunError::NothingMatched {
            filter: options.filter.clone().unwrap_or_default(),
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
        |(events, broken): (Vec<Event>, Vec<&'static str>)| {
            let case = &scenarios[right.len()].id;
            let spoke = broken
                .into_iter()
                .map(|rule| (rule.to_owned(), case.clone()));
            matrix.rules_that_spoke_on_right_transcripts.extend(spoke);
            right.push(events);
            sink(SelftestEvent::RightPlayed);
        },
    )?;
    matrix.right_plays = right.len();
    if right.len() < scenarios.len() {
        return Err(RunError::Environment("interrupted".to_owned()));
    }
    in_order(
        chosen.len(),
        options.jobs,
        &options.interrupted,
        start,
        |worker, at| row(worker, chosen[at], &scenarios, &right),
        |row| {
            sink(SelftestEvent::MistakeDone(Box::new(row.clone())));
            matrix.rows.push(row);
        },
    )?;
    if matrix.rows.len() < chosen.len() {
        return Err(RunError::Environment("interrupted".to_owned()));
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
    let mut worker = Worker::start(&SubjectChoice::Reference(Carriage::InProcess))?;
    worker.theatre.set_token_signing(TokenSigning::Lazy);
    Ok(worker)
}

fn row(
    worker: &mut Worker,
    mistake: &'static Mistake,
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
    };
    for (scenario, right) in scenarios.iter().zip(right) {
        // A client that lies on purpose is not the one whose mistakes are looked for.
        if mistake.is_of_the_port() && scenario.attack.is_some() {
            continue;
        }
        let (events, broken) = play(worker, scenario, Some(mistake))?;
        row.plays += 1;
        if events == *right {
            continue;
        }
        row.changed += 1;
        for rule in broken {
            *row.caught.entry(rule).or_default() += 1;
        }
        let caught = row
            .expected
            .iter()
            .filter(|rule| row.caught.contains_key(*rule))
            .count();
        // One rule may hide behind another, so all that are expected are waited for; but not for ever.
        if caught == row.expected.len() || (caught > 0 && row.changed >= PATIENCE) {
            break;
        }
    }
    row.survived = !row
        .expected
        .iter()
        .any(|rule| row.caught.contains_key(rule));
    Ok(row)
}

fn play(
    worker: &mut Worker,
    scenario: &Scenario,
    mistake: Option<&Mistake>,
) -> Result<(Vec<Event>, Vec<&'static str>), RunError> {
    let mut client = client::Policy::default();
    let mut pool = pool::Policy::default();
    let mut reply: Option<fn(Reply) -> Reply> = None;
    match mistake.map(|mistake| mistake.edit) {
        None => {}
        Some(Edit::Dialect(edit)) => client.dialect = edit(client.dialect),
        Some(Edit::Client(edit)) => edit(&mut client),
        Some(Edit::Pool(edit)) => edit(&mut pool),
        Some(Edit::Reply(edit)) => reply = Some(edit),
    }
    let parties: &[Party] = match mistake {
        None => &[Party::Port, Party::Shim, Party::Service],
        Some(mistake) if mistake.is_of_the_port() => &[Party::Port, Party::Shim],
        Some(_) => &[Party::Service],
    };
    worker.theatre.set_policies(client, reply, pool);
    match worker.runtime.block_on(worker.theatre.play(scenario))? {
        Played::NotApplicable(reason) => Err(RunError::Harness(format!(
            "{} is not applicable to our own client: {reason}",
            scenario.id
        ))),
        Played::Transcript(transcript) => {
            let judgement = judge(&transcript, judged(scenario, parties))?;
            let broken = judgement.failures().map(|(rule, _)| rule.id).collect();
            Ok((transcript.events, broken))
        }
    }
}

/// In how many scenarios a caught mistake has to show before the other rules that should catch it are given up.
const PATIENCE: usize = 16;
