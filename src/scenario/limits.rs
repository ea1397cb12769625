//! What no scenario needs: a file that asks for more is refused before it costs anything.

use super::types::{Scenario, UserKind};
use crate::model::steering::{MOST_EXPECTED_TRIES, OutOfReach};
use crate::model::{ByteClass, SrpValue};

/// Why a scenario is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: expected {expected}, got {got}")]
pub struct OutOfLimits {
    /// The member.
    pub member: &'static str,
    /// What it may be.
    pub expected: String,
    /// What it is.
    pub got: String,
}

impl Scenario {
    /// Checks the bounds of a scenario that came from outside.
    ///
    /// # Errors
    /// The first member that is out of its bounds.
    pub fn check_limits(&self) -> Result<(), OutOfLimits> {
        let at_most = |member, most: usize, got: usize| match got <= most {
            true => Ok(()),
            false => Err(OutOfLimits {
                member,
                expected: format!("at most {most}"),
                got: got.to_string(),
            }),
        };
        if let Some(clock) = self
            .clock
            .filter(|clock| !(0..=LAST_INSTANT).contains(clock))
        {
            return Err(OutOfLimits {
                member: "clock",
                expected: format!("an instant from 0 to {LAST_INSTANT}, in Unix seconds"),
                got: clock.to_string(),
            });
        }
        at_most(
            "fault.exchange",
            MOST_EXCHANGES,
            self.fault.as_ref().map_or(0, |fault| fault.exchange),
        )?;
        at_most(
            "custom.rounds",
            MOST_ROUNDS,
            self.custom.as_ref().map_or(0, |script| script.rounds.len()),
        )?;
        at_most("answers", MOST_ROUNDS, self.answers.len())?;
        at_most("codes", MOST_ROUNDS, self.codes.len())?;
        at_most("then", MOST_ACTS, self.then.len())?;
        for act in &self.then {
            at_most("then.after", MOST_SECONDS, act.after() as usize)?;
        }
        at_most(
            "mfa",
            MOST_FACTORS,
            self.mfa
                .as_ref()
                .map_or(0, |mfa| mfa.offered.len().max(mfa.enrolled.len())),
        )?;
        at_most(
            "first_factors.allowed",
            MOST_FACTORS,
            self.first_factors
                .as_ref()
                .map_or(0, |factors| factors.allowed.len()),
        )?;
        at_most(
            "steering.b",
            MOST_HEX_DIGITS,
            self.steering.b.as_ref().map_or(0, String::len),
        )?;
        if self.steering.b.is_some() {
            at_most("steering.reach", MOST_QUESTIONS, self.steering.reach.len())?;
        }
        self.steering.check().map_err(|error| match error {
            OutOfReach::Exclusive { first, second } => OutOfLimits {
                member: "steering.reach",
                expected: "at most one class for each value".to_owned(),
                got: format!("{first} and {second}"),
            },
            OutOfReach::TooRare { wishes, expected } => OutOfLimits {
                member: "steering.reach",
                expected: format!("what holds once in {MOST_EXPECTED_TRIES} values or more often"),
                got: format!("{} (once in {expected})", wishes.join(" and ")),
            },
        })?;
        let missing = match &self.user {
            UserKind::TemporaryPassword { missing_attributes } => missing_attributes.len(),
            _ => 0,
        };
        at_most("missing_attributes", MOST_ROUNDS, missing)
    }
}

/// The digits of the widest number that any published vector or recording has as private value: 8192 bits.
pub const MOST_HEX_DIGITS: usize = 2048;
/// Every class of every value, and the parity.
const MOST_QUESTIONS: usize = SrpValue::ALL.len() * ByteClass::ALL.len() + 1;
/// 9999-01-01: the last that a `TIMESTAMP` can say.
const LAST_INSTANT: i64 = 253_370_764_800;
/// No sign-in has as many exchanges.
const MOST_EXCHANGES: usize = 1000;
/// No sign-in has as many rounds.
const MOST_ROUNDS: usize = 64;
/// More than this is no story of one person.
const MOST_ACTS: usize = 32;
/// Ten years: as long as a refresh token may be good.
const MOST_SECONDS: usize = 10 * 366 * 24 * 60 * 60;
/// There are not as many.
const MOST_FACTORS: usize = 8;
