//! Named and generated scenarios.
//!
//! A generated scenario is a pure function of suite version, seed and number: never of earlier outcomes, of the number of
//! workers, or of the time of day.

use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sha2::{Digest as _, Sha256};

use super::case_id::{CaseId, Part};
use crate::scenario::Scenario;
use crate::scenario::free::free_scenarios;
use crate::scenario::strategy::{SUITE_VERSION, scenarios};

/// The generator of scenarios for one seed.
#[derive(Debug)]
pub struct Generator {
    /// What the ids of its scenarios begin with.
    part: &'static str,
    seed: u64,
    strategy: BoxedStrategy<Scenario>,
}

/// A generated scenario that can be made simpler.
pub struct Sprout {
    tree: Box<dyn ValueTree<Value = Scenario>>,
    id: String,
    nonce: u64,
}

impl Generator {
    /// The generator for a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            part: Part::Generated.as_str(),
            seed,
            strategy: scenarios(),
        }
    }

    /// The generator of scenarios that combine everything, for a seed.
    pub fn free(seed: u64) -> Self {
        Self {
            part: "free",
            seed,
            strategy: free_scenarios(),
        }
    }

    /// The scenario of that number.
    pub fn scenario(&self, number: usize) -> Scenario {
        self.sprout(number).current()
    }

    /// The scenario of that number, ready to shrink.
    pub fn sprout(&self, number: usize) -> Sprout {
        let id = format!("{}/{number}", self.part);
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &digest(self.seed, &id));
        let mut runner = TestRunner::new_with_rng(config, rng);
        let tree = self
            .strategy
            .new_tree(&mut runner)
            .expect("no strategy of ours rejects a value");
        Sprout {
            tree,
            nonce: nonce(self.seed, &id),
            id,
        }
    }
}

impl Sprout {
    /// The scenario as it stands.
    pub fn current(&self) -> Scenario {
        Scenario {
            id: self.id.clone(),
            nonce: self.nonce,
            ..self.tree.current()
        }
    }

    /// Makes it simpler; `false` when it can't be.
    pub fn simplify(&mut self) -> bool {
        self.tree.simplify()
    }

    /// Takes part of the latest simplification back; `false` when there is nothing to take back.
    pub fn complicate(&mut self) -> bool {
        self.tree.complicate()
    }
}

impl std::fmt::Debug for Sprout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sprout")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The named scenarios of `fixtures/scenarios/`.
///
/// # Errors
/// When the embedded file is not what this program reads; a test keeps that from happening.
pub fn scripted() -> Result<Vec<Scenario>, serde_json::Error> {
    let named = named()?.into_iter();
    Ok(named.map(|(_, scenario)| scenario).collect())
}

/// The scenario of a named or a generated case; `None` where there is no such scenario.
///
/// # Errors
/// See [`scripted`].
pub fn scenario(case: &CaseId, seed: u64) -> Result<Option<Scenario>, serde_json::Error> {
    Ok(match case.part {
        Part::Vectors | Part::Recordings => None,
        // They depend on what is possible for a port, which nobody has said.
        Part::Pairs => None,
        Part::Scripted => named()?
            .into_iter()
            .find(|(id, _)| id == case)
            .map(|(_, scenario)| scenario),
        Part::Generated => case
            .number()
            .map(|number| Generator::new(seed).scenario(number)),
    })
}

/// The named scenarios, each with the id of its case.
pub(super) fn named() -> Result<Vec<(CaseId, Scenario)>, serde_json::Error> {
    let scenarios: Vec<Scenario> = serde_json::from_str(SCRIPTED)?;
    let named = scenarios.into_iter().map(|scenario| {
        let case = CaseId::scripted(&scenario.id);
        let id = case.to_string();
        let scenario = Scenario {
            nonce: nonce(0, &id),
            id,
            ..scenario
        };
        (case, scenario)
    });
    Ok(named.collect())
}

/// The number from which a case's names follow.
pub fn nonce(seed: u64, id: &str) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = digest(seed, id);
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

pub(super) fn digest(seed: u64, id: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(SUITE_VERSION)
        .chain_update([0])
        .chain_update(seed.to_be_bytes())
        .chain_update(id)
        .finalize()
        .into()
}

const SCRIPTED: &str = include_str!("../../fixtures/scenarios/scripted.json");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Origin, Transcript};

    #[test]
    fn a_generated_scenario_follows_from_seed_and_number_alone() {
        let forwards: Vec<_> = (0..20)
            .map(|number| Generator::new(7).scenario(number))
            .collect();
        let generator = Generator::new(7);
        let backwards: Vec<_> = (0..20)
            .rev()
            .map(|number| generator.scenario(number))
            .collect();
        assert_eq!(forwards, backwards.into_iter().rev().collect::<Vec<_>>());
        assert_ne!(forwards[3], Generator::new(8).scenario(3), "another seed");
    }

    #[test]
    fn every_scenario_survives_in_the_transcript_of_its_play() {
        let generator = Generator::new(7);
        let generated = (0..100).map(|number| generator.scenario(number));
        let named = scripted().expect("the embedded file is ours");
        for scenario in named.into_iter().chain(generated) {
            let origin = Origin::Played {
                subject: "a port".to_owned(),
                not_offered: Default::default(),
                scenario: Box::new(scenario),
            };
            let transcript = Transcript::new("x", origin);
            let written = serde_json::to_string(&transcript).expect("it is writable");
            let read: Transcript = serde_json::from_str(&written).expect(&written);
            assert_eq!(read, transcript);
        }
    }

    #[test]
    fn every_named_scenario_is_readable_and_has_a_name_of_its_own() {
        let named = scripted().expect("the embedded file is ours");
        let ids: std::collections::BTreeSet<_> =
            named.iter().map(|scenario| &scenario.id).collect();
        assert_eq!(ids.len(), named.len());
    }
}
