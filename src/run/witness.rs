//! Whether right references conform in a scenario: who is innocent there must not be accused.

use std::collections::HashMap;

use crate::mistakes::Policies;
use crate::pool::TokenSigning;
use crate::rules::{Party, judge};
use crate::run::case::judged;
use crate::run::play::{PlayError, Played, Theatre};
use crate::scenario::Scenario;

/// The right client before the right pool, in process, judged by every rule. What was asked once is not played again.
#[derive(Debug)]
pub struct Witness {
    theatre: Theatre,
    asked: HashMap<String, Vec<String>>,
}

impl Witness {
    /// A witness who was asked nothing yet.
    pub fn new() -> Self {
        Self::of(Policies::default())
    }

    /// One whose references decide so, for who looks what comes of scenarios in which they don't conform.
    pub fn of(policies: Policies) -> Self {
        let mut theatre = Theatre::in_process();
        theatre.set_token_signing(TokenSigning::Lazy);
        theatre.set_policies(policies);
        Self {
            theatre,
            asked: HashMap::new(),
        }
    }

    /// Whether a scenario is within the limits, describes a possible world, and is one in which right references break no
    /// rule.
    ///
    /// # Errors
    /// See [`PlayError`].
    pub async fn conforms(&mut self, scenario: &Scenario) -> Result<bool, PlayError> {
        Ok(self.breaks(scenario).await?.is_empty())
    }

    /// What right references break in a scenario: the ids of rules, or why it can't be played at all. Where there is
    /// anything, the scenario convicts nobody.
    ///
    /// # Errors
    /// See [`PlayError`].
    pub async fn breaks(&mut self, scenario: &Scenario) -> Result<Vec<String>, PlayError> {
        let key = serde_json::to_string(scenario)?;
        if let Some(known) = self.asked.get(&key) {
            return Ok(known.clone());
        }
        let broken = self.play(scenario).await?;
        self.asked.insert(key, broken.clone());
        Ok(broken)
    }

    async fn play(&mut self, scenario: &Scenario) -> Result<Vec<String>, PlayError> {
        if let Err(error) = scenario.check_limits() {
            return Ok(vec![error.to_string()]);
        }
        let transcript = match self.theatre.play(scenario).await {
            Ok(Played::Transcript(transcript)) => transcript,
            Ok(Played::NotApplicable(reason)) => return Ok(vec![reason]),
            Err(error @ PlayError::World { .. }) => return Ok(vec![error.to_string()]),
            Err(error) => return Err(error),
        };
        let judgement = judge(&transcript, judged(scenario, Party::ALL))?;
        let broken = judgement.failures().map(|(rule, _)| rule.id.to_owned());
        Ok(broken.collect())
    }
}

impl Default for Witness {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MfaMethod;
    use crate::scenario::{Mfa, SignInAgain};

    #[tokio::test]
    async fn the_plainest_sign_in_convicts_whoever_breaks_a_rule_in_it() {
        let plain = Scenario::plain("x", 7);
        let broken = Witness::new().breaks(&plain).await.unwrap();
        assert_eq!(broken, Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_scenario_beyond_the_limits_or_of_no_possible_world_convicts_nobody() {
        let mut witness = Witness::new();
        let mut endless = Scenario::plain("x", 7);
        endless.then = vec![crate::scenario::Act::SignIn(SignInAgain::default()); 33];
        let broken = witness.breaks(&endless).await.unwrap();
        assert!(broken[0].contains("at most 32"), "{broken:?}");
        let mut impossible = Scenario::plain("x", 7);
        impossible.clock = Some(-1);
        assert!(!witness.conforms(&impossible).await.unwrap());
        let mut twice = Scenario::plain("x", 7);
        twice.mfa = Some(Mfa {
            offered: vec![MfaMethod::SmsMfa],
            enrolled: vec![MfaMethod::SmsMfa],
            ..Mfa::default()
        });
        let first = witness.breaks(&twice).await.unwrap();
        let second = witness.breaks(&twice).await.unwrap();
        assert_eq!(first, second, "what was asked once is remembered");
        assert_eq!(witness.asked.len(), 3, "three scenarios were asked about");
    }
}
