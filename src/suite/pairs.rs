//! The scenarios that meet every pair of values that is possible for a port.

use super::case_id::CaseId;
use super::covering::rows;
use super::scenarios::{digest, nonce};
use super::space::Space;
use crate::scenario::Scenario;
use crate::scenario::axes::Choice;
use crate::subject::Capabilities;

/// The space of one port, and the scenarios that meet all of it: a pure function of the suite's version, a seed, and what the port
/// offers.
#[derive(Debug)]
pub struct Pairs {
    seed: u64,
    space: Space,
    rows: Vec<Choice>,
}

impl Pairs {
    /// Those of a port that offers this.
    pub fn of(offered: &Capabilities, seed: u64) -> Self {
        let space = Space::of(offered);
        let rows = rows(&space, digest(seed, "pairs"));
        Self { seed, space, rows }
    }

    /// The space alone, for a check without such scenarios.
    pub fn none_of(offered: &Capabilities) -> Self {
        Self {
            seed: 0,
            space: Space::of(offered),
            rows: Vec::new(),
        }
    }

    /// Which pairs are possible.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// How many scenarios there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The scenario of that number.
    ///
    /// # Panics
    /// When there are not as many.
    pub fn scenario(&self, number: usize) -> Scenario {
        let id = CaseId::pairs(number).to_string();
        Scenario {
            nonce: nonce(self.seed, &id),
            id,
            ..self.rows[number].scenario()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::SignInPlan;
    use crate::suite::fit::{fitted, lacks};
    use crate::wire::{AuthFlowType, Call, ChallengeName};

    /// What somebody's first shim offers.
    fn a_first_shim() -> Capabilities {
        Capabilities {
            flows: [AuthFlowType::UserSrp, AuthFlowType::CustomWithSrp].into(),
            challenges: [
                ChallengeName::PasswordVerifier,
                ChallengeName::CustomChallenge,
            ]
            .into(),
            ..Capabilities::default()
        }
    }

    #[test]
    fn a_port_that_offers_less_has_fewer_pairs_and_scenarios_that_it_can_play() {
        let offered = a_first_shim();
        let pairs = Pairs::of(&offered, 1);
        let everything = Space::of(&Capabilities::everything());
        let space = pairs.space();
        assert!(space.not_offered() > 10_000, "{}", space.not_offered());
        assert!(space.possible().len() < everything.possible().len() / 2);
        assert!(pairs.len() > 50, "{} scenarios", pairs.len());
        for number in 0..pairs.len() {
            let scenario = pairs.scenario(number);
            assert_eq!(fitted(&scenario, &offered), scenario, "{}", scenario.id);
            let plan = SignInPlan::first(&scenario);
            let call = scenario.sign_in(&plan, "http://127.0.0.1:1/", Default::default(), "p");
            let lacked = lacks(&offered, &scenario, &Call::SignIn(call));
            assert_eq!(lacked, None, "{}", scenario.id);
            assert_eq!(scenario.check_limits(), Ok(()), "{}", scenario.id);
        }
    }

    #[test]
    fn the_scenarios_follow_from_the_seed_and_from_what_is_offered() {
        let all = |seed| {
            let pairs = Pairs::of(&a_first_shim(), seed);
            (0..pairs.len())
                .map(|number| pairs.scenario(number))
                .collect::<Vec<_>>()
        };
        let first = all(1);
        assert_eq!(first, all(1), "the same seed");
        let second = all(2);
        assert_ne!(first[0].nonce, second[0].nonce, "another seed, other names");
        assert_ne!(first, second, "another seed");
    }
}
