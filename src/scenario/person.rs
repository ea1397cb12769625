//! What the person answers at each step.

use super::act::{Who, wrong_code};
use super::input::{AnswerChoice, Password};
use super::names::Names;
use super::plan::SignInPlan;
use super::types::{Scenario, UserKind};
use crate::model::{MfaMethod, OnWrongAnswer, totp};
use crate::wire::{Call, ChallengeName, ConfirmSignIn, NextStep, Parameters, Reply};

/// The person who signs in, again and again: remembers how far they have come, which password is good by now, and the secret
/// of their time-based codes.
#[derive(Clone, Debug)]
pub struct Person<'a> {
    scenario: &'a Scenario,
    names: Names,
    /// The sign-in that is going on.
    plan: SignInPlan,
    asked: usize,
    rounds_answered: usize,
    rounds_right: usize,
    codes_given: usize,
    /// The step that a wrong code was given to, until another code is given.
    to_repeat: Option<NextStep>,
    password: String,
    new_password_given: bool,
    totp_secret: Option<Vec<u8>>,
    totp_used: Option<u64>,
}

/// What the person can look at.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The time, in seconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// The latest code that was sent to the person.
    pub sent: Option<&'a str>,
}

impl<'a> Person<'a> {
    /// A person at the beginning of the scenario.
    pub fn new(scenario: &'a Scenario) -> Self {
        let names = Names::of(scenario);
        Self {
            plan: SignInPlan::first(scenario),
            asked: 0,
            rounds_answered: 0,
            rounds_right: 0,
            codes_given: 0,
            to_repeat: None,
            password: names.password.clone(),
            new_password_given: false,
            totp_secret: totp::secret(&names.totp_secret),
            totp_used: None,
            scenario,
            names,
        }
    }

    /// A sign-in begins.
    pub fn begins(&mut self, plan: SignInPlan) {
        self.plan = plan;
        self.asked = 0;
        self.codes_given = 0;
        self.rounds_answered = 0;
        self.rounds_right = 0;
        self.to_repeat = None;
        self.new_password_given = false;
    }

    /// The password of one of the two users that is right by now.
    pub fn password_of(&self, who: Who) -> &str {
        match who {
            Who::Same => &self.password,
            Who::Other => &self.names.other_password,
        }
    }

    /// Takes note of what became of a call: a password may be another one from then on.
    pub fn learns(&mut self, call: &Call, reply: &Reply) {
        let is_set = match call {
            Call::ConfirmSignIn(_) => {
                self.new_password_given && matches!(reply, Reply::Step { .. })
            }
            Call::ConfirmResetPassword(_) => *reply == Reply::Empty,
            _ => false,
        };
        if is_set {
            self.password.clone_from(&self.names.new_password);
        }
    }

    /// The answer to what came of the call before, or `None` where the person has nothing to answer or gives up.
    pub fn answer(
        &mut self,
        reply: &Reply,
        surroundings: &Surroundings<'_>,
    ) -> Option<ConfirmSignIn> {
        let step = match reply {
            Reply::Step { next } => next.clone(),
            // The code was wrong, and the person knows it.
            Reply::Error { .. } => self.to_repeat.take()?,
            _ => return None,
        };
        if self.asked >= MOST_ANSWERS || !step.awaits_answer() {
            return None;
        }
        self.asked += 1;
        self.to_repeat = None;
        let answer = |text: String, metadata: Parameters| {
            Some(ConfirmSignIn {
                challenge_response: text,
                metadata,
                user_attributes: Parameters::new(),
            })
        };
        let metadata = self.metadata();
        match &step {
            NextStep::ConfirmSignInWithCustomChallenge { .. } => Some(self.custom_answer()),
            NextStep::ConfirmSignInWithNewPassword { .. } => {
                self.new_password_given = true;
                Some(ConfirmSignIn {
                    challenge_response: self.names.new_password.clone(),
                    metadata,
                    user_attributes: new_attributes(self.scenario),
                })
            }
            NextStep::ConfirmSignInWithSmsCode { .. }
            | NextStep::ConfirmSignInWithEmailCode { .. } => {
                let right = surroundings.sent?.to_owned();
                answer(self.code(&step, right), metadata)
            }
            NextStep::ConfirmSignInWithTotpCode => {
                let right = self.totp(surroundings.now)?;
                answer(self.code(&step, right), metadata)
            }
            NextStep::ContinueSignInWithTotpSetup { shared_secret } => {
                self.totp_secret = totp::secret(shared_secret);
                self.totp_used = None;
                let right = self.totp(surroundings.now)?;
                answer(self.code(&step, right), metadata)
            }
            NextStep::ContinueSignInWithMfaSelection { allowed }
            | NextStep::ContinueSignInWithMfaSetupSelection { allowed } => {
                let choice = self.scenario.mfa.as_ref().and_then(|mfa| mfa.choice);
                let chosen = choice.map(MfaMethod::as_str).map(ChallengeName::from);
                let chosen = chosen.or_else(|| allowed.first().cloned())?;
                answer(chosen.as_str().to_owned(), metadata)
            }
            NextStep::ContinueSignInWithEmailSetup => answer(self.names.email.clone(), metadata),
            NextStep::ContinueSignInWithFirstFactorSelection { available } => {
                let factors = self.scenario.first_factors.as_ref();
                let choice = factors.and_then(|factors| factors.choice.clone());
                let chosen = choice.or_else(|| available.first().cloned())?;
                answer(chosen.as_str().to_owned(), metadata)
            }
            NextStep::ConfirmSignInWithPassword => {
                // Who gave none before gives it now that it is asked for.
                let text = match self.plan.password {
                    Password::Wrong => self.names.wrong_password.clone(),
                    Password::Right | Password::Empty | Password::Absent => {
                        self.password_of(self.plan.who).to_owned()
                    }
                };
                answer(text, metadata)
            }
            _ => None,
        }
    }

    fn custom_answer(&mut self) -> ConfirmSignIn {
        let asked = self
            .scenario
            .custom
            .as_ref()
            .map_or(0, |script| script.rounds.len());
        if self.rounds_right >= asked {
            // Every round was answered: the sign-in has started over, as it does where the device was forgotten meanwhile.
            self.rounds_answered = 0;
            self.rounds_right = 0;
        }
        let answer = self
            .scenario
            .answers
            .get(self.rounds_answered)
            .cloned()
            .unwrap_or_default();
        self.rounds_answered += 1;
        let rounds = self
            .scenario
            .custom
            .as_ref()
            .map_or(&[][..], |script| &script.rounds);
        let right = rounds
            .get(self.rounds_right)
            .map_or("", |round| &round.answer);
        let challenge_response = match answer.choice {
            AnswerChoice::Right => {
                self.rounds_right += 1;
                right.to_owned()
            }
            AnswerChoice::Wrong => format!("not {right}"),
        };
        ConfirmSignIn {
            challenge_response,
            metadata: answer.metadata,
            user_attributes: Parameters::new(),
        }
    }

    /// The code that is given where this one is right.
    fn code(&mut self, step: &NextStep, right: String) -> String {
        let choice = self.plan.codes.get(self.codes_given).copied();
        let choice = choice.unwrap_or_default();
        self.codes_given += 1;
        match choice {
            AnswerChoice::Right => right,
            AnswerChoice::Wrong => {
                self.to_repeat = Some(step.clone());
                // A code that was not given away is good for a second try.
                if let Some(used) = &mut self.totp_used {
                    *used = used.saturating_sub(1);
                }
                wrong_code(&right)
            }
        }
    }

    /// A time-based code that was not given yet: of this step or, where that was, of the next.
    fn totp(&mut self, now: i64) -> Option<String> {
        let step = totp::step_of(now);
        let step = self.totp_used.map_or(step, |used| step.max(used + 1));
        self.totp_used = Some(step);
        Some(totp::code_at(self.totp_secret.as_ref()?, step))
    }

    fn metadata(&self) -> Parameters {
        self.scenario
            .answers
            .last()
            .map(|answer| answer.metadata.clone())
            .unwrap_or_default()
    }
}

/// The attributes that the person gives with a new password.
pub fn new_attributes(scenario: &Scenario) -> Parameters {
    match &scenario.user {
        UserKind::TemporaryPassword { missing_attributes } => missing_attributes
            .iter()
            .map(|name| (name.clone(), format!("A value \"of\" {name}")))
            .collect(),
        _ => Parameters::new(),
    }
}

/// The number of answers after which the person gives up; no script of ours asks more often.
pub const MOST_ANSWERS: usize = 24;

impl Scenario {
    /// Whether a wrong answer ends the sign-in.
    pub fn wrong_answer_ends_it(&self) -> bool {
        self.custom
            .as_ref()
            .is_some_and(|script| script.on_wrong_answer == OnWrongAnswer::Fail)
    }
}
