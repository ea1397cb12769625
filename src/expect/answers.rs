//! What a service may answer to a request (developer guide: authentication flow, triggers, user existence errors).

use std::fmt;

use super::hypothesis::{CodeFor, Device, DeviceState, Hypothesis, Status, Waits};
use super::next::{ask, ask_for_code, ask_for_factor};
use super::seen::{Exchange, Heard};
use crate::model::{
    Clock, ExplicitAuthFlow, FirstFactor, MfaMethod, OnWrongAnswer, TriggerFailure,
};
use crate::scenario::{Attack, Named, Names, Scenario, SignInPlan, UserKind, Who};
use crate::wire::names::key;
use crate::wire::{AuthFlow, AuthFlowType, ChallengeName, ErrorKind, Request};

/// An answer that the service may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// This challenge.
    Challenge(ChallengeName),
    /// Tokens.
    Tokens,
    /// This error. The text is compared where the sources agree on it.
    Error(ErrorKind, Option<&'static str>),
    /// Some error.
    AnyError,
}

/// An answer, and what holds after it.
pub(super) type Outcome = (Answer, Hypothesis);

/// What the scenario says of the service.
#[derive(Debug)]
pub(super) struct Rules<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) names: Names,
    /// The second factors that the pool offers.
    pub(super) offered: Vec<MfaMethod>,
}

/// One request as it is answered: who signs in, and with which password.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) plan: &'a SignInPlan,
    /// What the person typed as password, as far as one was typed by now.
    pub(super) password: Option<&'a str>,
    pub(super) exchange: &'a Exchange<'a>,
}

impl<'s> Rules<'s> {
    pub(super) fn of(scenario: &'s Scenario) -> Self {
        let pool = scenario.world(Clock::Fixed(0)).pool;
        Self {
            scenario,
            names: Names::of(scenario),
            offered: pool.offered_mfa().to_vec(),
        }
    }

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
        h.service = super::hypothesis::Service {
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

    /// The lie of the client in this sign-in: it is told in the first.
    fn attack(&self, plan: &SignInPlan) -> Option<Attack> {
        self.scenario.attack.filter(|_| plan.act == 0)
    }

    /// Whom the typed name means. Of a user who comes from the old directory the pool knows the name under which that was
    /// asked, and the e-mail address.
    pub(super) fn meant(&self, h: &Hypothesis, plan: &SignInPlan) -> Named {
        if self.scenario.user != UserKind::InOldDirectory || plan.who == Who::Other {
            return plan.named;
        }
        let is_there = h.held.account(Who::Same).status != Status::InOldDirectory;
        let is_first = plan.username == self.names.typed;
        match plan.named {
            Named::Nobody => Named::Nobody,
            Named::User(_) | Named::Sub if is_first => Named::User(Who::Same),
            Named::User(who) if is_there && plan.username == self.names.email => Named::User(who),
            Named::User(_) | Named::Sub => Named::Sub,
        }
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
    fn take_password(&self, h: &Hypothesis, asked: &Asked<'_>, who: Who) -> Vec<Outcome> {
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

    fn by_first_factor(
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
    fn first_factors(&self, h: &Hypothesis, who: Who) -> Vec<ChallengeName> {
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

    fn respond(
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

    /// Why a user's status stops the sign-in, if it does. Under a client that hides existence a status is not told, either.
    pub(super) fn stop_of(&self, h: &Hypothesis, who: Who) -> Option<Vec<Outcome>> {
        let kind = match h.held.account(who).status {
            Status::Unconfirmed => ErrorKind::UserNotConfirmed,
            Status::Disabled => ErrorKind::NotAuthorized,
            Status::ResetRequired => ErrorKind::PasswordResetRequired,
            _ => return None,
        };
        let mut outcomes = self.refuse(h, who, kind, None);
        if self.scenario.client.prevent_user_existence_errors {
            outcomes.extend(self.refuse(h, who, ErrorKind::NotAuthorized, None));
        }
        Some(outcomes)
    }

    fn is_right(&self, h: &Hypothesis, typed: Option<&str>, who: Who) -> bool {
        let right = match (who, h.held.account(who).has_new_password) {
            (Who::Same, false) => &self.names.password,
            (Who::Same, true) => &self.names.new_password,
            (Who::Other, _) => &self.names.other_password,
        };
        typed == Some(right.as_str())
    }

    pub(super) fn is_custom(&self, h: &Hypothesis) -> bool {
        h.service.flow.is_some_and(AuthFlowType::is_custom)
    }

    fn is_allowed(&self, flow: AuthFlowType) -> bool {
        use ExplicitAuthFlow as Allowed;
        let Some(list) = &self.scenario.client.explicit_auth_flows else {
            return true;
        };
        let names_new = list.iter().any(|flow| !flow.is_legacy());
        let only_custom = list.contains(&Allowed::CustomAuthFlowOnly);
        match flow {
            AuthFlowType::UserSrp if names_new => list.contains(&Allowed::AllowUserSrpAuth),
            AuthFlowType::UserSrp => !only_custom,
            AuthFlowType::UserPassword => {
                list.contains(&Allowed::UserPasswordAuth)
                    || list.contains(&Allowed::AllowUserPasswordAuth)
            }
            AuthFlowType::CustomWithSrp | AuthFlowType::CustomWithoutSrp => {
                !names_new || list.contains(&Allowed::AllowCustomAuth)
            }
            AuthFlowType::UserAuth => list.contains(&Allowed::AllowUserAuth),
        }
    }

    /// A refusal that counts as a failed attempt.
    pub(super) fn refuse(
        &self,
        h: &Hypothesis,
        who: Who,
        kind: ErrorKind,
        text: Option<&'static str>,
    ) -> Vec<Outcome> {
        let mut h = h.clone();
        if kind == ErrorKind::NotAuthorized {
            h.held.account_mut(who).fail();
        }
        self.refuse_with(&h, kind, text)
    }

    /// A refusal. What a request has used up may be gone, or not: an answer that is repeated finds out.
    pub(super) fn refuse_with(
        &self,
        h: &Hypothesis,
        kind: ErrorKind,
        text: Option<&'static str>,
    ) -> Vec<Outcome> {
        vec![(Answer::Error(kind, text), h.clone())]
    }

    /// A refusal of which the facts don't say how it reads.
    pub(super) fn refuse_any(&self, h: &Hypothesis) -> Vec<Outcome> {
        vec![(Answer::AnyError, h.clone())]
    }
}

impl Answer {
    /// Whether this is what the port heard, where nothing was altered.
    pub(super) fn fits(&self, heard: &Heard) -> bool {
        match (self, heard) {
            (Self::Challenge(name), Heard::Challenge(got)) => name == got,
            (Self::Tokens, Heard::Tokens { .. }) | (Self::AnyError, Heard::Error(_)) => true,
            (Self::Error(kind, text), Heard::Error(got)) => {
                *kind == got.kind && text.is_none_or(|text| text == got.message)
            }
            _ => false,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Error(..) | Self::AnyError)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Challenge(name) => write!(f, "the challenge {name}"),
            Self::Tokens => f.write_str("tokens"),
            Self::Error(kind, None) => write!(f, "{kind}"),
            Self::Error(kind, Some(text)) => write!(f, "{kind} {text:?}"),
            Self::AnyError => f.write_str("an error"),
        }
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

/// The text for a wrong password, a wrong proof and `failAuthentication` alike (captured, aws-amplify/amplify-swift#3344).
pub(super) const GENERIC: &str = "Incorrect username or password.";
/// The text for a device that the service does not know (aws-amplify/amplify-js, `retryOnResourceNotFoundException`).
pub(super) const NO_DEVICE: &str = "Device does not exist.";
