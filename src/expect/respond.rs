//! What a service may answer to an answer (developer guide: challenges, triggers, adding MFA).

use super::hypothesis::{CodeFor, Hypothesis, Status, Waits};
use super::next::{ask, ask_for_code, ask_for_factor};
use super::service::{Answer, Asked, GENERIC, Outcome, Rules};
use crate::model::{MfaMethod, OnWrongAnswer, TriggerFailure};
use crate::scenario::{Attack, Named, SignInPlan, Who};
use crate::wire::names::key;
use crate::wire::{AuthFlowType, ChallengeName, ErrorKind};

impl Rules<'_> {
    /// Every answer to `RespondToAuthChallenge`, once the device is named.
    pub(super) fn respond(
        &self,
        h: &Hypothesis,
        asked: &Asked<'_>,
        challenge: &ChallengeName,
    ) -> Vec<Outcome> {
        let who = match self.meant(h, asked.plan) {
            Named::User(who) => who,
            Named::Sub | Named::Nobody => Who::Same,
        };
        if h.service.waits.challenge() != Some(challenge) {
            return self.refuse_any(h);
        }
        let mut outcomes = Vec::new();
        let account = h.held.account(who);
        if account.may_be_locked() {
            outcomes.extend(self.refuse_with(h, ErrorKind::NotAuthorized, None));
        }
        if h.service.is_real && account.status == Status::Absent {
            // The user was deleted meanwhile.
            outcomes.extend(self.refuse_any(h));
        }
        if *challenge == ChallengeName::PasswordVerifier
            && h.service.flow == Some(AuthFlowType::UserAuth)
            && self.attack(asked.plan) == Some(Attack::ForeignSession)
        {
            // Whether the Session counts there beside the secret block is not established.
            outcomes.extend(self.refuse_any(h));
        } else if let Some(refusals) = self.refused_attack(h, asked.plan, who, challenge) {
            outcomes.extend(refusals);
            return outcomes;
        }
        outcomes.extend(match challenge {
            ChallengeName::PasswordVerifier => self.prove(h, asked, who),
            ChallengeName::CustomChallenge => self.answer_round(h, asked, who),
            ChallengeName::NewPasswordRequired => self.take_new_password(h, who),
            ChallengeName::SelectMfaType => self.choose_mfa(h, asked),
            ChallengeName::MfaSetup => self.set_up(h, asked, who),
            ChallengeName::SelectChallenge
            | ChallengeName::Password
            | ChallengeName::PasswordSrp => self.choose_first(h, asked, who),
            ChallengeName::DeviceSrpAuth => vec![ask(h, ChallengeName::DevicePasswordVerifier)],
            ChallengeName::DevicePasswordVerifier => {
                let mut h = h.clone();
                h.service.device_done = true;
                self.next(&h, who)
            }
            _ => self.take_code(h, asked, challenge, who),
        });
        outcomes
    }

    fn prove(&self, h: &Hypothesis, asked: &Asked<'_>, who: Who) -> Vec<Outcome> {
        let is_right = h.service.is_real && self.is_right(h, asked.password, who);
        if is_right {
            let mut h = h.clone();
            h.service.password_done = true;
            return self.next(&h, who);
        }
        let mut outcomes = self.refuse(h, who, ErrorKind::NotAuthorized, Some(GENERIC));
        if h.service.is_real {
            outcomes.extend(self.stop_of(h, who).into_iter().flatten());
        }
        outcomes
    }

    fn answer_round(&self, h: &Hypothesis, asked: &Asked<'_>, who: Who) -> Vec<Outcome> {
        let Some(script) = &self.scenario.custom else {
            return self.refuse_any(h);
        };
        if matches!(script.failure, Some(TriggerFailure::VerifyThrows(_))) {
            return self.refuse_with(h, ErrorKind::UserLambdaValidation, None);
        }
        let right = script.rounds.get(h.service.rounds);
        let is_right = right.is_some_and(|round| {
            asked.exchange.parameter(key::ANSWER) == Some(round.answer.as_str())
        });
        if !is_right && script.on_wrong_answer == OnWrongAnswer::Fail {
            return self.refuse(h, who, ErrorKind::NotAuthorized, Some(GENERIC));
        }
        let mut h = h.clone();
        h.service.rounds += usize::from(is_right);
        self.next(&h, who)
    }

    fn take_new_password(&self, before: &Hypothesis, who: Who) -> Vec<Outcome> {
        let mut h = before.clone();
        let account = h.held.account_mut(who);
        account.status = Status::Confirmed;
        account.has_new_password = true;
        h.service.password_done = true;
        let mut outcomes = self.next(&h, who);
        // Whether the password is set where a trigger fails afterwards is not established.
        let failed: Vec<Outcome> = outcomes
            .iter()
            .filter(|(answer, _)| answer.is_error())
            .map(|(answer, _)| (answer.clone(), before.clone()))
            .collect();
        outcomes.extend(failed);
        outcomes
    }

    fn choose_mfa(&self, h: &Hypothesis, asked: &Asked<'_>) -> Vec<Outcome> {
        let chosen = asked.exchange.parameter(key::ANSWER).unwrap_or_default();
        let method = MfaMethod::ALL
            .into_iter()
            .find(|method| method.as_str() == chosen);
        match method {
            Some(method) => {
                vec![ask_for_factor(h, ChallengeName::from(method.as_str()))]
            }
            None => self.refuse_any(h),
        }
    }

    fn set_up(&self, h: &Hypothesis, asked: &Asked<'_>, who: Who) -> Vec<Outcome> {
        if asked.exchange.parameter(key::EMAIL).is_some() {
            return vec![ask_for_code(h, ChallengeName::EmailOtp, CodeFor::SetUp)];
        }
        let mut h = h.clone();
        let account = h.held.account_mut(who);
        account.enrolled = vec![MfaMethod::SoftwareTokenMfa];
        h.service.factor_done = true;
        self.next(&h, who)
    }

    fn choose_first(&self, h: &Hypothesis, asked: &Asked<'_>, who: Who) -> Vec<Outcome> {
        let chosen = asked.exchange.parameter(key::ANSWER).unwrap_or_default();
        let chosen = ChallengeName::from(chosen);
        if !h.service.is_real {
            let mut outcomes = self.refuse_any(h);
            outcomes.push(ask(h, ChallengeName::PasswordVerifier));
            outcomes.push(ask_for_code(h, chosen, CodeFor::First));
            return outcomes;
        }
        if !self.first_factors(h, who).contains(&chosen) {
            return self.refuse_any(h);
        }
        self.by_first_factor(h, asked, &chosen, who)
    }

    fn take_code(
        &self,
        h: &Hypothesis,
        asked: &Asked<'_>,
        challenge: &ChallengeName,
        who: Who,
    ) -> Vec<Outcome> {
        let Waits::Code { purpose, .. } = h.service.waits else {
            return self.refuse_any(h);
        };
        let given = code_parameter(challenge).and_then(|name| asked.exchange.parameter(name));
        // A time-based code is good once, so that a person may have none left: whether one is right is another rule's
        // matter.
        let is_time_based = *challenge == ChallengeName::SoftwareTokenMfa;
        let is_right = is_time_based || given.is_some() && given == asked.exchange.code;
        let is_wrong = is_time_based || !is_right || !h.service.is_real;
        let mut outcomes = Vec::new();
        if is_wrong {
            outcomes.push((Answer::Error(ErrorKind::CodeMismatch, None), h.clone()));
        }
        if is_time_based {
            outcomes.push((Answer::Error(ErrorKind::ExpiredCode, None), h.clone()));
        }
        if is_right && h.service.is_real {
            let mut h = h.clone();
            match purpose {
                CodeFor::First => h.held.account_mut(who).failures = 0,
                CodeFor::Second => {}
                CodeFor::SetUp => h.held.account_mut(who).enrolled = vec![MfaMethod::EmailOtp],
            }
            h.service.factor_done |= purpose != CodeFor::First;
            outcomes.extend(self.next(&h, who));
        }
        outcomes
    }

    /// What a lie of the client is answered, where it has to be refused.
    fn refused_attack(
        &self,
        h: &Hypothesis,
        plan: &SignInPlan,
        who: Who,
        challenge: &ChallengeName,
    ) -> Option<Vec<Outcome>> {
        let generic = || self.refuse(h, who, ErrorKind::NotAuthorized, Some(GENERIC));
        let proves = *challenge == ChallengeName::PasswordVerifier;
        let is_plain = h.service.flow == Some(AuthFlowType::UserSrp);
        let refusals = match self.attack(plan)? {
            Attack::PaddedDay if proves && self.scenario.has_one_digit_day() => generic(),
            Attack::WrongWeekday | Attack::AlteredSignature | Attack::AlteredSecretBlock
                if proves =>
            {
                generic()
            }
            Attack::UnparsableTimestamp if proves => {
                self.refuse_with(h, ErrorKind::InvalidParameter, None)
            }
            Attack::OtherUsersName if proves => generic(),
            Attack::OtherUsersName => self.refuse_any(h),
            // The challenge of plain SRP has no Session.
            Attack::ForeignSession if !(proves && is_plain) => {
                self.refuse_with(h, ErrorKind::NotAuthorized, None)
            }
            Attack::ZeroA | Attack::AIsN if proves => self.refuse_any(h),
            Attack::WrongSecretHash | Attack::MissingSecretHash if self.scenario.client.secret => {
                self.refuse_any(h)
            }
            _ => return None,
        };
        Some(refusals)
    }
}

/// The parameter in which a code travels.
fn code_parameter(challenge: &ChallengeName) -> Option<&'static str> {
    match challenge {
        ChallengeName::SmsMfa => Some(key::SMS_MFA_CODE),
        ChallengeName::SmsOtp => Some(key::SMS_OTP_CODE),
        ChallengeName::EmailOtp => Some(key::EMAIL_OTP_CODE),
        ChallengeName::SoftwareTokenMfa => Some(key::SOFTWARE_TOKEN_MFA_CODE),
        _ => None,
    }
}
