//! What the person answers at each step.

use super::names::Names;
use super::types::{AnswerChoice, Scenario, UserKind};
use crate::model::OnWrongAnswer;
use crate::wire::{ConfirmSignIn, NextStep, Parameters};

/// The person who signs in: remembers how far they have come.
#[derive(Clone, Debug)]
pub struct Person<'a> {
    scenario: &'a Scenario,
    names: Names,
    asked: usize,
    rounds_answered: usize,
    rounds_right: usize,
}

impl<'a> Person<'a> {
    /// A person at the beginning of the scenario.
    pub fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            names: Names::of(scenario),
            asked: 0,
            rounds_answered: 0,
            rounds_right: 0,
        }
    }

    /// The answer to a step, or `None` where the person has nothing to answer or gives up.
    pub fn answer(&mut self, step: &NextStep) -> Option<ConfirmSignIn> {
        if self.asked >= MOST_ANSWERS || !step.awaits_answer() {
            return None;
        }
        self.asked += 1;
        match step {
            NextStep::ConfirmSignInWithCustomChallenge { .. } => {
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
                Some(ConfirmSignIn {
                    challenge_response,
                    metadata: answer.metadata,
                    user_attributes: Parameters::new(),
                })
            }
            NextStep::ConfirmSignInWithNewPassword { .. } => Some(ConfirmSignIn {
                challenge_response: self.names.new_password.clone(),
                metadata: self
                    .scenario
                    .answers
                    .last()
                    .map(|answer| answer.metadata.clone())
                    .unwrap_or_default(),
                user_attributes: new_attributes(self.scenario),
            }),
            _ => None,
        }
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

/// The number of wrong answers after which the person gives up; no script of ours asks more often.
pub const MOST_ANSWERS: usize = 24;

impl Scenario {
    /// Whether a wrong answer ends the sign-in.
    pub fn wrong_answer_ends_it(&self) -> bool {
        self.custom
            .as_ref()
            .is_some_and(|script| script.on_wrong_answer == OnWrongAnswer::Fail)
    }
}
