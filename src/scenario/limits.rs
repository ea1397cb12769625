//! What no scenario needs: a file that asks for more is refused before it costs anything.

use super::input::AnswerChoice;
use super::person::MOST_ANSWERS;
use super::types::{Scenario, UserKind};
use crate::excerpt::excerpt;
use crate::model::steering::{MOST_EXPECTED_TRIES, OutOfReach};
use crate::model::{ByteClass, MfaMethod, SrpValue};
use crate::wire::ChallengeName;

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
        self.check_factors()?;
        self.check_rounds()?;
        self.check_token_lives()?;
        let missing = match &self.user {
            UserKind::TemporaryPassword { missing_attributes } => missing_attributes.len(),
            _ => 0,
        };
        at_most("missing_attributes", MOST_ROUNDS, missing)
    }
}

impl Scenario {
    /// Factors that no pool can have.
    fn check_factors(&self) -> Result<(), OutOfLimits> {
        let refuse = |member, expected: &str, got: String| {
            Err(OutOfLimits {
                member,
                expected: expected.to_owned(),
                got,
            })
        };
        let preferred = self.first_factors.as_ref();
        if let Some(name) = preferred.and_then(|factors| factors.preferred.as_ref())
            && !matches!(
                name,
                ChallengeName::Password
                    | ChallengeName::PasswordSrp
                    | ChallengeName::EmailOtp
                    | ChallengeName::SmsOtp
            )
        {
            let got = excerpt(name.as_str()).into_owned();
            return refuse("first_factors.preferred", "a first factor", got);
        }
        if let Some(mfa) = &self.mfa {
            for (member, methods) in [
                ("mfa.offered", &mfa.offered),
                ("mfa.enrolled", &mfa.enrolled),
            ] {
                let twice = (1..methods.len()).find(|at| methods[..*at].contains(&methods[*at]));
                if let Some(at) = twice {
                    let got = format!("{} twice", methods[at].as_str());
                    return refuse(member, "each factor once", got);
                }
            }
            let offers =
                |method: &MfaMethod| mfa.offered.is_empty() || mfa.offered.contains(method);
            if let Some(method) = mfa.enrolled.iter().find(|method| !offers(method)) {
                return refuse(
                    "mfa.enrolled",
                    "factors that are offered",
                    method.as_str().to_owned(),
                );
            }
            if let Some(method) = mfa
                .preferred
                .filter(|method| !mfa.enrolled.contains(method))
            {
                return refuse(
                    "mfa.preferred",
                    "a factor that is enrolled",
                    method.as_str().to_owned(),
                );
            }
        }
        Ok(())
    }

    /// Rounds that nobody can answer, or not rightly.
    fn check_rounds(&self) -> Result<(), OutOfLimits> {
        let Some(script) = &self.custom else {
            return Ok(());
        };
        let wrong = self
            .answers
            .iter()
            .filter(|answer| answer.choice == AnswerChoice::Wrong);
        let rounds = script.rounds.len() + wrong.count();
        if rounds > MOST_ANSWERS {
            return Err(OutOfLimits {
                member: "custom.rounds",
                expected: format!("at most {MOST_ANSWERS} answers, after which a person gives up"),
                got: rounds.to_string(),
            });
        }
        for round in &script.rounds {
            if round.answer.is_empty() {
                return Err(OutOfLimits {
                    member: "custom.rounds.answer",
                    expected: "an answer that a person can give".to_owned(),
                    got: "none".to_owned(),
                });
            }
            let private = round.private.get("answer");
            if private.is_some_and(|private| *private != round.answer) {
                return Err(OutOfLimits {
                    member: "custom.rounds.answer",
                    expected: "the answer among the private parameters".to_owned(),
                    got: "another".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Token lives that the service does not allow (developer guide: from five minutes to one day).
    fn check_token_lives(&self) -> Result<(), OutOfLimits> {
        for (member, minutes) in [
            (
                "client.access_token_minutes",
                self.client.access_token_minutes,
            ),
            ("client.id_token_minutes", self.client.id_token_minutes),
        ] {
            if let Some(minutes) = minutes.filter(|minutes| !TOKEN_MINUTES.contains(minutes)) {
                return Err(OutOfLimits {
                    member,
                    expected: format!(
                        "{} to {} minutes, as the service allows",
                        TOKEN_MINUTES.start(),
                        TOKEN_MINUTES.end()
                    ),
                    got: minutes.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// Five minutes to one day.
const TOKEN_MINUTES: std::ops::RangeInclusive<u32> = 5..=1440;
/// The digits of the widest number that any published vector or recording has as private value: 8192 bits.
pub const MOST_HEX_DIGITS: usize = 2048;
/// Every class of every value, and the parity.
const MOST_QUESTIONS: usize = SrpValue::ALL.len() * ByteClass::ALL.len() + 1;
/// 9999-01-01: the last that a `TIMESTAMP` can say.
pub const LAST_INSTANT: i64 = 253_370_764_800;
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
