//! The smallest scenario that still breaks a rule.
//!
//! What shrinks is a scenario, never octets. First proptest's own tree goes through its simplifications; then each field
//! that is not plain is made plain. After every step the scenario is played again, across the process boundary if the port
//! is one, and kept if the same rule breaks.

use super::case::of_scenario;
use super::event::{CaseReport, Failure, Part};
use super::play::{PlayError, Theatre};
use crate::rules::Party;
use crate::scenario::{Act, Scenario, UserKind};
use crate::suite::scenarios::Sprout;

/// A minimal scenario and what it breaks.
#[derive(Clone, Debug)]
pub struct Minimal {
    /// The scenario.
    pub scenario: Scenario,
    /// What came of it.
    pub report: CaseReport,
    /// How it breaks the rule.
    pub failure: Failure,
    /// Scenarios that were played in the search.
    pub plays: usize,
}

/// What bounds a search.
pub struct Search<'a> {
    /// The rule that has to stay broken.
    pub rule: &'a str,
    /// Whom to judge.
    pub parties: &'a [Party],
    /// The most scenarios to play.
    pub most_plays: usize,
    /// Called after each play with the number of plays; `false` stops the search.
    pub goes_on: &'a mut dyn FnMut(usize) -> bool,
    /// Which failures of the rule count.
    pub counts: &'a dyn Fn(&Failure) -> bool,
}

/// Finds the smallest scenario.
///
/// Returns `None` when the rule is not broken when the scenario is played again.
///
/// # Errors
/// When the port can't be driven any more.
pub async fn shrink(
    theatre: &mut Theatre,
    start: &Scenario,
    sprout: Option<Sprout>,
    mut search: Search<'_>,
) -> Result<Option<Minimal>, PlayError> {
    let mut plays = 0;
    let Some((report, failure)) = search.broken(theatre, start, &mut plays).await? else {
        return Ok(None);
    };
    let mut best = Minimal {
        scenario: start.clone(),
        report,
        failure,
        plays,
    };
    if let Some(mut sprout) = sprout {
        let mut moved = sprout.simplify();
        while moved && search.may_go_on(plays) {
            let candidate = sprout.current();
            moved = match search
                .improve(theatre, &mut best, candidate, &mut plays)
                .await?
            {
                true => sprout.simplify(),
                false => sprout.complicate(),
            };
        }
    }
    // Plain fields first where proptest's alternatives depend on each other.
    let mut improved = true;
    while improved && search.may_go_on(plays) {
        improved = false;
        for candidate in plainer(&best.scenario) {
            if !search.may_go_on(plays) {
                break;
            }
            if search
                .improve(theatre, &mut best, candidate, &mut plays)
                .await?
            {
                improved = true;
                break;
            }
        }
    }
    best.plays = plays;
    Ok(Some(best))
}

impl Search<'_> {
    fn may_go_on(&mut self, plays: usize) -> bool {
        plays < self.most_plays && (self.goes_on)(plays)
    }

    async fn improve(
        &self,
        theatre: &mut Theatre,
        best: &mut Minimal,
        candidate: Scenario,
        plays: &mut usize,
    ) -> Result<bool, PlayError> {
        if candidate == best.scenario {
            return Ok(true);
        }
        let Some((report, failure)) = self.broken(theatre, &candidate, plays).await? else {
            return Ok(false);
        };
        *best = Minimal {
            scenario: candidate,
            report,
            failure,
            plays: *plays,
        };
        Ok(true)
    }

    async fn broken(
        &self,
        theatre: &mut Theatre,
        scenario: &Scenario,
        plays: &mut usize,
    ) -> Result<Option<(CaseReport, Failure)>, PlayError> {
        *plays += 1;
        let report = of_scenario(theatre, scenario, Part::Generated, self.parties).await?;
        let failure = report
            .failures
            .iter()
            .find(|failure| failure.rule == self.rule && (self.counts)(failure))
            .cloned();
        Ok(failure.map(|failure| (report, failure)))
    }
}

/// The scenarios that are one step plainer.
fn plainer(scenario: &Scenario) -> Vec<Scenario> {
    let plain = Scenario::plain(scenario.id.clone(), scenario.nonce);
    let mut candidates = Vec::new();
    let mut try_with = |change: &dyn Fn(&mut Scenario)| {
        let mut candidate = scenario.clone();
        change(&mut candidate);
        if candidate != *scenario {
            candidates.push(candidate);
        }
    };
    try_with(&|s| s.attack = None);
    try_with(&|s| s.fault = None);
    try_with(&|s| s.steering = plain.steering.clone());
    for at in (0..scenario.steering.reach.len()).rev() {
        try_with(&|s| {
            s.steering.reach.remove(at);
        });
    }
    try_with(&|s| s.then.clear());
    for at in (0..scenario.then.len()).rev() {
        try_with(&|s| {
            s.then.remove(at);
            // A fault of an act stays with it, or goes with it.
            s.fault.take_if(|fault| fault.act == at + 1);
            if let Some(fault) = s.fault.as_mut().filter(|fault| fault.act > at + 1) {
                fault.act -= 1;
            }
        });
        try_with(&|s| {
            if let Act::SignIn(again) = &mut s.then[at] {
                *again = Default::default();
            }
        });
    }
    try_with(&|s| s.mfa = None);
    try_with(&|s| {
        if let Some(mfa) = &mut s.mfa {
            mfa.required = false;
        }
    });
    try_with(&|s| s.devices = None);
    try_with(&|s| {
        if let Some(devices) = &mut s.devices {
            *devices = Default::default();
        }
    });
    try_with(&|s| s.codes.clear());
    try_with(&|s| s.first_factors = None);
    try_with(&|s| {
        s.migration = None;
        if s.user == UserKind::InOldDirectory {
            s.user = UserKind::Confirmed;
        }
    });
    try_with(&|s| s.user = UserKind::Confirmed);
    try_with(&|s| s.config = plain.config.clone());
    try_with(&|s| s.custom = None);
    try_with(&|s| s.flow = None);
    try_with(&|s| s.clock = None);
    try_with(&|s| s.answers.clear());
    try_with(&|s| s.metadata.clear());
    try_with(&|s| s.client = plain.client.clone());
    try_with(&|s| s.client.secret = false);
    try_with(&|s| s.client.prevent_user_existence_errors = false);
    try_with(&|s| s.client.explicit_auth_flows = None);
    try_with(&|s| s.password = plain.password);
    try_with(&|s| s.password_text = plain.password_text);
    try_with(&|s| s.name = plain.name);
    try_with(&|s| {
        if let Some(fault) = &mut s.fault {
            fault.exchange = 0;
        }
    });
    try_with(&|s| {
        if let UserKind::TemporaryPassword { missing_attributes } = &mut s.user {
            missing_attributes.clear();
        }
    });
    for at in (0..scenario.answers.len()).rev() {
        try_with(&|s| {
            s.answers.remove(at);
        });
        try_with(&|s| s.answers[at].metadata.clear());
        try_with(&|s| s.answers[at] = Default::default());
    }
    if let Some(script) = &scenario.custom {
        for at in (0..script.rounds.len()).rev() {
            try_with(&|s| {
                if let Some(script) = &mut s.custom {
                    script.rounds.remove(at);
                }
            });
            try_with(&|s| {
                if let Some(script) = &mut s.custom {
                    script.rounds[at] = crate::model::Round {
                        answer: "7".to_owned(),
                        ..Default::default()
                    };
                }
            });
        }
        try_with(&|s| {
            if let Some(script) = &mut s.custom {
                script.failure = None;
                script.skips_password = false;
            }
        });
        try_with(&|s| {
            if let Some(script) = &mut s.custom {
                script.on_wrong_answer = Default::default();
            }
        });
    }
    candidates
}
