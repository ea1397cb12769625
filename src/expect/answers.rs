//! What a service may answer to a request, and to the first of a sign-in (developer guide: authentication flow, triggers,
//! user existence errors).

use super::hypothesis::{CodeFor, Device, DeviceState, Hypothesis, Service, Status};
use super::next::{ask, ask_for_code};
use super::service::{Answer, Asked, GENERIC, NO_DEVICE, Outcome, Rules};
use crate::model::{Clock, FirstFactor, TriggerFailure};
use crate::scenario::{Attack, Named, Who};
use crate::wire::names::key;
use crate::wire::{AuthFlow, AuthFlowType, ChallengeName, ErrorKind, Request};

impl Rules<'_> {
    /// Every answer that may come.
    pub(super) fn answers(&self, h: &Hypothesis, asked: &Asked<'_>) -> Vec<Outcome> {
        let mut h = h.clone();
        let missing = self.name_device(&mut h, asked);
        let mut outcomes = Vec::new();
        if let Some(is_certain) = missing {
            outcomes.extend(self.refuse_with(&h, ErrorKind::ResourceNotFound, Some(NO_DEVICE)));
            if is_certain {
                // Another reason to refuse may be looked at first.
                let others = self.given_the_device(&h, asked);
                outcomes.extend(others.into_iter().filter(|(answer, _)| answer.is_error()));
                return outcomes;
            }
        }
        outcomes.extend(self.given_the_device(&h, asked));
        outcomes
    }

    fn given_the_device(&self, h: &Hypothesis, asked: &Asked<'_>) -> Vec<Outcome> {
        match &asked.exchange.request {
            Request::Initiate(flow) => self.initiate(h, asked, flow),
            Request::Respond(challenge) => self.respond(h, asked, challenge),
            Request::Other(_) => self.refuse_any(h),
        }
    }

    /// Takes over the device that is named. Whether it is missing, and whether that is certain.
    fn name_device(&self, h: &mut Hypothesis, asked: &Asked<'_>) -> Option<bool> {
        let named = asked.exchange.parameter(key::DEVICE_KEY);
        let named = named.filter(|key| !key.is_empty() && self.scenario.devices.is_some())?;
        let Named::User(who) = self.meant(h, asked.plan) else {
            // Nobody has no devices, but must not be told from somebody by that.
            return None;
        };
        match h.held.account(who).status {
            // Whether a user who is not there is told from the device is not established.
            Status::Absent | Status::InOldDirectory => return Some(false),
            _ => {}
        }
        match h.held.devices.get(named) {
            Some(Device { who: owner, state }) if *owner == who => {
                let is_open = *state == DeviceState::Given;
                h.service.device = Some(named.to_owned());
                is_open.then_some(false)
            }
            _ => Some(true),
        }
    }

    fn initiate(&self, h: &Hypothesis, asked: &Asked<'_>, flow: &AuthFlow) -> Vec<Outcome> {
        let has_srp_a = asked.exchange.parameter(key::SRP_A).is_some();
        let Some(flow) = flow_begun(flow, has_srp_a) else {
            return self.refuse_any(h);
        };
        let mut h = h.clone();
        let device = h.service.device.take();
        h.service = Service {
            flow: Some(flow),
            device,
            ..Default::default()
        };
        let mut certain = Vec::new();
        let attack = self.attack(asked.plan);
        if flow == AuthFlowType::UserPassword
            && (asked.password.is_none_or(str::is_empty) || attack == Some(Attack::MissingPassword))
        {
            certain.extend(self.refuse_with(&h, ErrorKind::InvalidParameter, None));
        }
        if !self.is_allowed(flow) {
            certain.extend(self.refuse_with(&h, ErrorKind::InvalidParameter, None));
        }
        if self.is_custom(&h) && self.scenario.custom.is_none() {
            certain.extend(self.refuse_with(&h, ErrorKind::InvalidParameter, None));
        }
        if self.scenario.client.secret
            && matches!(
                attack,
                Some(Attack::WrongSecretHash | Attack::MissingSecretHash)
            )
        {
            certain.extend(self.refuse_with(&h, ErrorKind::NotAuthorized, None));
        }
        let named = self.meant(&h, asked.plan);
        if named == Named::Nobody {
            certain.extend(self.refuse_any(&h));
        }
        let mut outcomes = match named {
            Named::User(who) => self.begin(&h, asked, flow, who),
            Named::Sub | Named::Nobody => self.begin_with_nobody(&h, flow),
        };
        if has_srp_a && matches!(attack, Some(Attack::ZeroA | Attack::AIsN)) {
            // Which error, and at which step, is not established.
            outcomes.retain(|(answer, _)| *answer != Answer::Tokens);
            outcomes.extend(self.refuse_any(&h));
        }
        if certain.is_empty() {
            return outcomes;
        }
        // In which order the service looks for reasons to refuse is mostly inferred.
        certain.extend(outcomes.into_iter().filter(|(answer, _)| answer.is_error()));
        certain
    }

    /// The beginning of a sign-in of one of the two users.
    fn begin(
        &self,
        h: &Hypothesis,
        asked: &Asked<'_>,
        flow: AuthFlowType,
        who: Who,
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let account = h.held.account(who);
        if account.may_be_locked() {
            outcomes.extend(self.refuse_with(h, ErrorKind::NotAuthorized, None));
        }
        match account.status {
            Status::Absent => {
                outcomes.extend(self.begin_with_nobody(h, flow));
                return outcomes;
            }
            Status::InOldDirectory => {
                outcomes.extend(self.begin_migrating(h, asked, flow, who));
                return outcomes;
            }
            _ => {}
        }
        let mut h = h.clone();
        h.service.is_real = true;
        let stop = self.stop_of(&h, who);
        match flow {
            AuthFlowType::UserPassword => {
                outcomes.extend(self.take_password(&h, asked, who));
                outcomes.extend(stop.into_iter().flatten());
            }
            AuthFlowType::UserSrp => {
                outcomes.extend(stop.into_iter().flatten());
                outcomes.push(ask(&h, ChallengeName::PasswordVerifier));
            }
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => {
                if stop.is_some() {
                    // Whether a trigger is asked before the status is looked at is not established.
                    outcomes.extend(stop.into_iter().flatten());
                    outcomes.extend(self.refuse_any(&h));
                }
                outcomes.extend(self.begin_custom(&h, flow, who));
            }
            AuthFlowType::UserAuth => {
                if stop.is_some() {
                    outcomes.extend(stop.into_iter().flatten());
                    outcomes.extend(self.refuse_any(&h));
                }
                outcomes.extend(self.begin_choice(&h, asked, who));
            }
        }
        outcomes
    }

    /// A sign-in of somebody who is not there.
    fn begin_with_nobody(&self, h: &Hypothesis, flow: AuthFlowType) -> Vec<Outcome> {
        let migration = self.scenario.migration.as_ref();
        if flow == AuthFlowType::UserPassword
            && migration.is_some_and(|script| script.throws.is_some())
        {
            return self.refuse_with(h, ErrorKind::UserLambdaValidation, None);
        }
        if !self.scenario.client.prevent_user_existence_errors {
            return self.refuse_with(h, ErrorKind::UserNotFound, Some("User does not exist."));
        }
        let generic = || self.refuse_with(h, ErrorKind::NotAuthorized, Some(GENERIC));
        match flow {
            AuthFlowType::UserPassword => generic(),
            AuthFlowType::UserSrp => vec![ask(h, ChallengeName::PasswordVerifier)],
            // The triggers run with userNotFound.
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => {
                let mut outcomes = generic();
                outcomes.extend(
                    self.begin_custom(h, flow, Who::Same)
                        .into_iter()
                        .filter(|(answer, _)| *answer != Answer::Tokens),
                );
                outcomes
            }
            AuthFlowType::UserAuth => {
                let mut outcomes = self.refuse_any(h);
                outcomes.push(ask(h, ChallengeName::SelectChallenge));
                outcomes.push(ask(h, ChallengeName::PasswordVerifier));
                for code in [ChallengeName::EmailOtp, ChallengeName::SmsOtp] {
                    outcomes.push(ask_for_code(h, code, CodeFor::First));
                }
                outcomes
            }
        }
    }

    /// A sign-in of somebody in the old directory (developer guide: migrate user Lambda trigger).
    fn begin_migrating(
        &self,
        h: &Hypothesis,
        asked: &Asked<'_>,
        flow: AuthFlowType,
        who: Who,
    ) -> Vec<Outcome> {
        let script = self.scenario.migration.as_ref();
        let Some(script) = script.filter(|_| flow == AuthFlowType::UserPassword) else {
            return self.begin_with_nobody(h, flow);
        };
        if script.throws.is_some() {
            return self.refuse_with(h, ErrorKind::UserLambdaValidation, None);
        }
        if asked.password != Some(self.names.password.as_str()) {
            return self.begin_with_nobody(h, flow);
        }
        if self.lacks_required_attributes() {
            return self.refuse_any(h);
        }
        let mut h = h.clone();
        h.service.is_real = true;
        let account = h.held.account_mut(who);
        if script.final_user_status.as_deref() == Some("CONFIRMED") {
            account.status = Status::Confirmed;
            account.failures = 0;
            h.service.password_done = true;
            return self.next(&h, who);
        }
        account.status = Status::ResetRequired;
        self.refuse_with(&h, ErrorKind::PasswordResetRequired, None)
    }

    /// Whether a migrated user would lack an attribute that the pool requires.
    fn lacks_required_attributes(&self) -> bool {
        let required = self
            .scenario
            .world(Clock::Fixed(0))
            .pool
            .required_attributes;
        !required.is_empty()
    }

    /// The password in clear.
    pub(super) fn take_password(
        &self,
        h: &Hypothesis,
        asked: &Asked<'_>,
        who: Who,
    ) -> Vec<Outcome> {
        if self.attack(asked.plan) == Some(Attack::MissingPassword) {
            return self.refuse_with(h, ErrorKind::InvalidParameter, None);
        }
        if !self.is_right(h, asked.password, who) {
            return self.refuse(h, who, ErrorKind::NotAuthorized, Some(GENERIC));
        }
        let mut h = h.clone();
        h.service.password_done = true;
        self.next(&h, who)
    }

    fn begin_custom(&self, h: &Hypothesis, flow: AuthFlowType, who: Who) -> Vec<Outcome> {
        let Some(script) = &self.scenario.custom else {
            return Vec::new();
        };
        let asks_first = flow == AuthFlowType::CustomWithSrp && !script.skips_password;
        match &script.failure {
            Some(TriggerFailure::DefineThrows(_) | TriggerFailure::DefineReturnsNonsense) => {
                self.custom_round(h)
            }
            _ if asks_first => vec![ask(h, ChallengeName::PasswordVerifier)],
            _ => self.next(h, who),
        }
    }

    /// `USER_AUTH`: the factor that is preferred, or the choice.
    fn begin_choice(&self, h: &Hypothesis, asked: &Asked<'_>, who: Who) -> Vec<Outcome> {
        let preferred = asked.exchange.parameter(key::PREFERRED_CHALLENGE);
        let available = self.first_factors(h, who);
        let chosen = preferred.map(ChallengeName::from);
        match chosen.filter(|name| available.contains(name)) {
            Some(name) => self.by_first_factor(h, asked, &name, who),
            None => vec![ask(h, ChallengeName::SelectChallenge)],
        }
    }

    pub(super) fn by_first_factor(
        &self,
        h: &Hypothesis,
        asked: &Asked<'_>,
        factor: &ChallengeName,
        who: Who,
    ) -> Vec<Outcome> {
        match factor {
            ChallengeName::Password => {
                let mut outcomes = self.take_password(h, asked, who);
                outcomes.extend(self.stop_of(h, who).into_iter().flatten());
                outcomes
            }
            ChallengeName::PasswordSrp => {
                let mut outcomes = vec![ask(h, ChallengeName::PasswordVerifier)];
                if let Some(Attack::ZeroA | Attack::AIsN) = self.attack(asked.plan) {
                    // Which error, and at which step, is not established.
                    outcomes.extend(self.refuse_any(h));
                }
                outcomes
            }
            code => vec![ask_for_code(h, code.clone(), CodeFor::First)],
        }
    }

    /// The first factors that can be chosen. A temporary password has to be used first (captured).
    pub(super) fn first_factors(&self, h: &Hypothesis, who: Who) -> Vec<ChallengeName> {
        let factors = self.scenario.first_factors.clone().unwrap_or_default();
        let account = h.held.account(who);
        let is_temporary = account.status == Status::Temporary;
        let password = [ChallengeName::PasswordSrp, ChallengeName::Password];
        if factors.allowed.is_empty() {
            return password.to_vec();
        }
        factors
            .allowed
            .iter()
            .flat_map(|factor| match factor {
                FirstFactor::Password => password.to_vec(),
                FirstFactor::EmailOtp if !is_temporary => vec![ChallengeName::EmailOtp],
                FirstFactor::SmsOtp if !is_temporary && account.has_phone => {
                    vec![ChallengeName::SmsOtp]
                }
                FirstFactor::EmailOtp | FirstFactor::SmsOtp => Vec::new(),
            })
            .collect()
    }
}

fn flow_begun(flow: &AuthFlow, has_srp_a: bool) -> Option<AuthFlowType> {
    match flow {
        AuthFlow::UserSrpAuth => Some(AuthFlowType::UserSrp),
        AuthFlow::UserPasswordAuth => Some(AuthFlowType::UserPassword),
        AuthFlow::CustomAuth if has_srp_a => Some(AuthFlowType::CustomWithSrp),
        AuthFlow::CustomAuth => Some(AuthFlowType::CustomWithoutSrp),
        AuthFlow::UserAuth => Some(AuthFlowType::UserAuth),
        _ => None,
    }
}
