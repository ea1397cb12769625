//! Scenarios in which rules held: where a mistake would have broken one, the port does not make it.

use std::collections::BTreeMap;

use crate::run::event::CaseReport;
use crate::scenario::Scenario;
use crate::suite::{Case, Content};

/// Scenarios in which rules held: for each rule no more than are ever looked at.
#[derive(Default)]
pub(in crate::run) struct Held {
    scenarios: Vec<(Scenario, Vec<&'static str>)>,
    /// In how many of them each rule held.
    times: BTreeMap<&'static str, usize>,
}

impl Held {
    /// Adds a case, if it is one of the first in which some rule held.
    pub(in crate::run) fn remember(&mut self, case: &Case, report: &CaseReport) {
        let Content::Scenario(scenario) = &case.content else {
            return;
        };
        let mut rules = Vec::new();
        for rule in report.judged.iter().copied() {
            let times = self.times.entry(rule).or_default();
            if *times < ELSEWHERE && report.held(rule) {
                *times += 1;
                rules.push(rule);
            }
        }
        if !rules.is_empty() {
            self.scenarios.push((scenario.as_ref().clone(), rules));
        }
    }

    /// The first scenarios in which a rule held.
    pub(super) fn of(&self, rule: &str) -> Vec<Scenario> {
        let mut found = Vec::new();
        for (scenario, rules) in &self.scenarios {
            if rules.contains(&rule) {
                found.push(scenario.clone());
            }
        }
        found
    }
}

/// In how many scenarios that a rule held in a mistake is tried before it is named.
const ELSEWHERE: usize = 24;
