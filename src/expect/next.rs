//! What comes next in a sign-in: a new password, a second factor, a custom round, the device, tokens.

use super::factor::{Factor, FactorWorld, second_factor};
use super::hypothesis::{CodeFor, Device, DeviceState, Hypothesis, Status, Waits};
use super::service::{Answer, GENERIC, Outcome, Rules};
use crate::model::{MfaMethod, TriggerFailure};
use crate::scenario::Who;
use crate::wire::{ChallengeName, ErrorKind};

impl Rules<'_> {
    /// What the service may say now that something was shown.
    ///
    /// Among custom rounds the place of a new password and of a second factor is not established: they come somewhere
    /// between the proof and the tokens, and where no password was, perhaps not at all.
    pub(super) fn next(&self, h: &Hypothesis, who: Who) -> Vec<Outcome> {
        let account = h.held.account(who);
        let has_triggers_left = self.is_custom(h) && !h.service.triggers_done;
        let is_gone = !h.service.is_real || account.status == Status::Absent;
        let mut outcomes = Vec::new();
        if is_gone {
            // There is nobody to give tokens to; whatever is asked on the way there leads nowhere.
            outcomes.extend(self.refuse(h, who, ErrorKind::NotAuthorized, Some(GENERIC)));
            if account.status == Status::Absent && h.service.is_real {
                outcomes.extend(self.refuse_any(h));
            }
            if has_triggers_left {
                outcomes.extend(self.custom_round(h));
            }
            return outcomes;
        }
        if let Some(stop) = self.stop_of(h, who) {
            outcomes.extend(stop);
            // A trigger may be asked before the status is looked at.
            if has_triggers_left {
                outcomes.extend(self.custom_round(h));
            }
            return outcomes;
        }
        let wants_password = account.status == Status::Temporary;
        let factors = match h.service.factor_done {
            true => vec![Factor::Nothing],
            false => self.factors(h, who),
        };
        let is_free = self.is_custom(h);
        if wants_password && (h.service.password_done || is_free) {
            outcomes.push(ask(h, ChallengeName::NewPasswordRequired));
            if !is_free {
                return outcomes;
            }
        }
        for factor in factors {
            let mut h = h.clone();
            let needs_factor = match factor.challenge() {
                None => {
                    h.service.factor_done |= h.service.password_done;
                    false
                }
                Some(challenge) => {
                    outcomes.push(ask_for_factor(&h, challenge));
                    h.service.password_done || !is_free
                }
            };
            if has_triggers_left {
                outcomes.extend(self.custom_round(&h).into_iter().flat_map(|outcome| {
                    match outcome {
                        // Define is satisfied, and what is owed besides comes now.
                        (Answer::Tokens, h) if needs_factor => {
                            let mut h = h;
                            h.service.triggers_done = true;
                            factor
                                .challenge()
                                .map(|challenge| ask_for_factor(&h, challenge))
                                .into_iter()
                                .collect()
                        }
                        (Answer::Tokens, mut h) => {
                            h.service.triggers_done = true;
                            self.device_or_tokens(&h, who)
                        }
                        other => vec![other],
                    }
                }));
            } else if !needs_factor {
                outcomes.extend(self.device_or_tokens(&h, who));
            }
        }
        outcomes
    }

    /// What Define, and then Create, say. Tokens mean that Define is satisfied.
    pub(super) fn custom_round(&self, h: &Hypothesis) -> Vec<Outcome> {
        let Some(script) = &self.scenario.custom else {
            return self.refuse_with(h, ErrorKind::InvalidParameter, None);
        };
        match &script.failure {
            Some(TriggerFailure::DefineThrows(_)) => {
                return self.refuse_with(h, ErrorKind::UserLambdaValidation, None);
            }
            Some(TriggerFailure::DefineReturnsNonsense) => {
                return self.refuse_with(h, ErrorKind::InvalidLambdaResponse, None);
            }
            _ => {}
        }
        if h.service.rounds >= script.rounds.len() {
            let mut h = h.clone();
            h.service.triggers_done = true;
            return vec![(Answer::Tokens, h)];
        }
        if matches!(script.failure, Some(TriggerFailure::CreateThrows(_))) {
            return self.refuse_with(h, ErrorKind::UserLambdaValidation, None);
        }
        vec![ask(h, ChallengeName::CustomChallenge)]
    }

    /// The proof of the device, where it is remembered; then tokens.
    fn device_or_tokens(&self, h: &Hypothesis, who: Who) -> Vec<Outcome> {
        if !h.service.device_done && self.has_remembered_device(h, who) {
            return vec![ask(h, ChallengeName::DeviceSrpAuth)];
        }
        let mut h = h.clone();
        h.held.account_mut(who).failures = 0;
        h.service.waits = Waits::Nothing;
        vec![(Answer::Tokens, h)]
    }

    /// The second factors that may be asked for: one, but where the facts leave it open.
    fn factors(&self, h: &Hypothesis, who: Who) -> Vec<Factor> {
        let account = h.held.account(who);
        let needed = second_factor(&FactorWorld {
            offered: &self.offered,
            is_required: self.scenario.mfa.as_ref().is_some_and(|mfa| mfa.required),
            enrolled: &account.enrolled,
            preferred: self
                .scenario
                .mfa
                .as_ref()
                .and_then(|mfa| mfa.preferred)
                .filter(|_| who == Who::Same),
            has_phone: account.has_phone,
            device_stands_in: self.device_replaces_factor(h, who),
        });
        match h.service.password_done {
            true => vec![needed],
            // Whether one is asked where no password was is not established.
            false if needed == Factor::Nothing => vec![needed],
            false => vec![Factor::Nothing, needed],
        }
    }

    fn device_replaces_factor(&self, h: &Hypothesis, who: Who) -> bool {
        self.scenario
            .devices
            .is_some_and(|tracking| tracking.challenge_required_on_new_device)
            && self.has_remembered_device(h, who)
    }

    fn has_remembered_device(&self, h: &Hypothesis, who: Who) -> bool {
        let named = h.service.device.as_ref();
        named.and_then(|key| h.held.devices.get(key))
            == Some(&Device {
                who,
                state: DeviceState::Remembered,
            })
    }
}

/// A challenge that says everything.
pub(super) fn ask(h: &Hypothesis, challenge: ChallengeName) -> Outcome {
    let mut h = h.clone();
    h.service.waits = Waits::Challenge(challenge.clone());
    (Answer::Challenge(challenge), h)
}

/// A code for a purpose.
pub(super) fn ask_for_code(h: &Hypothesis, challenge: ChallengeName, purpose: CodeFor) -> Outcome {
    let mut h = h.clone();
    h.service.waits = Waits::Code {
        challenge: challenge.clone(),
        purpose,
    };
    (Answer::Challenge(challenge), h)
}

/// A second factor: a code, a choice or a set-up.
pub(super) fn ask_for_factor(h: &Hypothesis, challenge: ChallengeName) -> Outcome {
    let is_code = MfaMethod::ALL
        .iter()
        .any(|method| method.as_str() == challenge.as_str());
    match is_code {
        true => ask_for_code(h, challenge, CodeFor::Second),
        false => ask(h, challenge),
    }
}
