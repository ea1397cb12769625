//! Proof that nobody who is right is accused: the right client before the right pool, in scenarios that combine everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::case::judged;
use super::error::RunError;
use super::play::Played;
use super::worker::{SubjectChoice, Worker};
use super::workers::in_order;
use crate::client::RefreshBy;
use crate::mistakes::Policies;
use crate::pool::TokenSigning;
use crate::rules::{Level, Party, Verdict, catalog, judge};
use crate::scenario::Scenario;
use crate::scenario::axes::choice::Allowed;
use crate::scenario::axes::{Choice, Pair, Place};
use crate::subject::Carriage;
use crate::suite::scenarios::{Generator, nonce};

/// What to play.
#[derive(Clone, Debug)]
pub struct InnocenceOptions {
    /// The seed of the scenarios.
    pub seed: u64,
    /// What to play.
    pub space: Space,
    /// How many workers.
    pub jobs: usize,
    /// Whether requests travel over HTTP.
    pub carriage: Carriage,
    /// Set from outside to stop after the work in hand.
    pub interrupted: Arc<AtomicBool>,
}

/// Which scenarios are played.
#[derive(Clone, Debug, PartialEq)]
pub enum Space {
    /// So many in which every axis is drawn by itself.
    Free(usize),
    /// For every possible pair of values of two axes the plainest that has both.
    Pairs,
    /// These.
    Given(Vec<Scenario>),
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Innocence {
    /// Scenarios played.
    pub played: usize,
    /// Scenarios in which somebody was accused.
    pub accused: Vec<Accusation>,
    /// How often each rule gave a verdict: a pass, a failure or an observation.
    pub verdicts: BTreeMap<&'static str, usize>,
    /// Rules that no scenario gave anything to judge.
    pub silent: Vec<&'static str>,
    /// In how many accused scenarios each value of an axis held.
    pub accused_values: BTreeMap<String, usize>,
    /// In how many accused scenarios each pair of values of two axes held.
    pub accused_pairs: usize,
    /// Wall time, in milliseconds.
    pub elapsed_ms: u64,
}

/// A scenario in which somebody who is right was accused.
#[derive(Clone, Debug)]
pub struct Accusation {
    /// The scenario.
    pub scenario: Scenario,
    /// How the client refreshed.
    pub refresh_by: RefreshBy,
    /// The rules that spoke, with what they expected and found.
    pub rules: Vec<(&'static str, Party, String)>,
}

impl Innocence {
    /// The rules that gave a verdict less often than this, with how often.
    pub fn judged_less_than(&self, least: usize) -> Vec<(&'static str, usize)> {
        catalog::all()
            .map(|rule| {
                let verdicts = self.verdicts.get(rule.id).copied();
                (rule.id, verdicts.unwrap_or_default())
            })
            .filter(|(_, verdicts)| *verdicts < least)
            .collect()
    }
}

struct Play {
    scenario: Scenario,
    refresh_by: RefreshBy,
    rules: Vec<(&'static str, Party, String)>,
    verdicts: Vec<&'static str>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progressed {
    /// So many scenarios will be played.
    Begins(usize),
    /// One was played.
    Played {
        /// Whether somebody was accused.
        is_accused: bool,
    },
}

/// Plays free scenarios with the right references, and judges both parties.
///
/// # Errors
/// See [`RunError`].
pub fn innocence(
    options: &InnocenceOptions,
    progress: &mut dyn FnMut(Progressed),
) -> Result<Innocence, RunError> {
    let began = Instant::now();
    let listed = match &options.space {
        Space::Free(_) => Vec::new(),
        Space::Pairs => pairs(options.seed),
        Space::Given(scenarios) => scenarios.clone(),
    };
    let count = match options.space {
        Space::Free(count) => count,
        Space::Pairs | Space::Given(_) => listed.len(),
    };
    progress(Progressed::Begins(count));
    let mut found = Innocence::default();
    let mut pairs = BTreeSet::new();
    in_order(
        count,
        options.jobs,
        &options.interrupted,
        || {
            let mut worker = Worker::of(&SubjectChoice::Reference(options.carriage))?;
            worker.theatre.set_token_signing(TokenSigning::Lazy);
            Ok((worker, Generator::free(options.seed)))
        },
        |(worker, generator), at| {
            let scenario = listed.get(at).cloned();
            let scenario = scenario.unwrap_or_else(|| generator.scenario(at));
            play(worker, scenario)
        },
        |play: Play| {
            progress(Progressed::Played {
                is_accused: !play.rules.is_empty(),
            });
            found.played += 1;
            for rule in play.verdicts {
                *found.verdicts.entry(rule).or_default() += 1;
            }
            if play.rules.is_empty() {
                return;
            }
            let values = values_of(&play.scenario);
            for (at, first) in values.iter().enumerate() {
                *found.accused_values.entry(first.clone()).or_default() += 1;
                pairs.extend(
                    values[at + 1..]
                        .iter()
                        .map(|second| (first.clone(), second.clone())),
                );
            }
            found.accused.push(Accusation {
                scenario: play.scenario,
                refresh_by: play.refresh_by,
                rules: play.rules,
            });
        },
    )?;
    found.accused_pairs = pairs.len();
    let silent = found.judged_less_than(1).into_iter();
    found.silent = silent.map(|(rule, _)| rule).collect();
    found.elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(found)
}

/// The plainest scenario of every possible pair.
fn pairs(seed: u64) -> Vec<Scenario> {
    let allowed = Allowed::everything();
    let possible = Pair::all().filter_map(|pair| {
        let scenario = pair.choice(&allowed).ok()?.scenario();
        let id = format!("pair/{}/{}", pair.first, pair.second);
        Some(Scenario {
            nonce: nonce(seed, &id),
            id,
            ..scenario
        })
    });
    possible.collect()
}

/// How the client refreshes: both ways are right, as far as refresh tokens don't rotate. It follows from the scenario, so that
/// one that is played again is played as it was.
fn refresh_by(scenario: &Scenario) -> RefreshBy {
    match scenario.nonce % 2 == 1 && !scenario.client.rotates_refresh_tokens {
        true => RefreshBy::RefreshTokenAuth,
        false => RefreshBy::GetTokensFromRefreshToken,
    }
}

fn play(worker: &mut Worker, scenario: Scenario) -> Result<Play, RunError> {
    let refresh_by = refresh_by(&scenario);
    let mut policies = Policies::default();
    policies.client.refresh_by = refresh_by;
    worker.theatre.set_policies(policies);
    let transcript = match worker.runtime.block_on(worker.theatre.play(&scenario))? {
        Played::Transcript(transcript) => transcript,
        Played::NotApplicable(reason) => {
            return Err(RunError::Harness(format!(
                "{} is not applicable to our own client: {reason}",
                scenario.id
            )));
        }
    };
    let parties = [Party::Port, Party::Shim, Party::Service];
    let judgement = judge(&transcript, judged(&scenario, &parties))?;
    let rules = judgement
        .failures()
        .map(|(rule, finding)| {
            let words = format!("expected {}, got {}", finding.expected, finding.got);
            (rule.id, rule.party, words)
        })
        .collect();
    let verdicts = judgement
        .verdicts
        .iter()
        .filter(|(rule, verdict)| {
            !matches!(verdict, Verdict::NotApplicable(_)) || rule.level == Level::Observed
        })
        .map(|(rule, _)| rule.id)
        .collect();
    Ok(Play {
        scenario,
        refresh_by,
        rules,
        verdicts,
    })
}

/// The values that a scenario has, as `axis=value`; those of axes at their plainest are left out.
fn values_of(scenario: &Scenario) -> Vec<String> {
    let places = Choice::of(scenario).places().collect::<Vec<_>>();
    let varied = places.iter().filter(|place| place.value > 0);
    varied.map(Place::to_string).collect()
}
