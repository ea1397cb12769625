//! Which second factor a sign-in needs (developer guide: adding MFA).

use std::collections::BTreeSet;
use std::fmt;

use crate::model::MfaMethod;
use crate::wire::ChallengeName;

/// What decides on a second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorWorld<'a> {
    /// The factors that the pool offers; none where MFA is off.
    pub offered: &'a [MfaMethod],
    /// Whether everybody needs one.
    pub is_required: bool,
    /// Those of the user's factors that can be used.
    pub enrolled: &'a [MfaMethod],
    /// The one that the user prefers.
    pub preferred: Option<MfaMethod>,
    /// Whether the user has a phone number.
    pub has_phone: bool,
    /// Whether a remembered device stands in for a factor, and one is named.
    pub device_stands_in: bool,
}

/// A second factor that a sign-in needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Factor {
    /// None.
    Nothing,
    /// This one.
    One(MfaMethod),
    /// One of these, as the person chooses.
    Choice(BTreeSet<MfaMethod>),
    /// One has to be set up first.
    SetUp,
}

impl Factor {
    /// The challenge that asks for it.
    pub fn challenge(&self) -> Option<ChallengeName> {
        match self {
            Self::Nothing => None,
            Self::One(method) => Some(ChallengeName::from(method.as_str())),
            Self::Choice(_) => Some(ChallengeName::SelectMfaType),
            Self::SetUp => Some(ChallengeName::MfaSetup),
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no second factor"),
            Self::One(method) => write!(f, "the challenge {}", method.as_str()),
            Self::Choice(among) => {
                let names: Vec<&str> = among.iter().map(|method| method.as_str()).collect();
                write!(f, "SELECT_MFA_TYPE with {}", names.join(", "))
            }
            Self::SetUp => f.write_str("the challenge MFA_SETUP"),
        }
    }
}

/// The second factor that a sign-in needs.
pub fn second_factor(world: &FactorWorld<'_>) -> Factor {
    if world.offered.is_empty() || world.device_stands_in {
        return Factor::Nothing;
    }
    let ready: BTreeSet<MfaMethod> = world
        .enrolled
        .iter()
        .copied()
        .filter(|method| world.offered.contains(method))
        .collect();
    if let Some(preferred) = world.preferred.filter(|method| ready.contains(method)) {
        return Factor::One(preferred);
    }
    match ready.len() {
        0 if !world.is_required => Factor::Nothing,
        // Whoever has a phone number gets codes by SMS without further set-up.
        0 if world.has_phone && world.offered.contains(&MfaMethod::SmsMfa) => {
            Factor::One(MfaMethod::SmsMfa)
        }
        0 => Factor::SetUp,
        1 => ready.first().copied().map_or(Factor::Nothing, Factor::One),
        _ => Factor::Choice(ready),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MfaMethod::{EmailOtp, SmsMfa, SoftwareTokenMfa};

    fn needed(change: impl FnOnce(&mut FactorWorld<'static>)) -> Factor {
        let mut world = FactorWorld {
            offered: &MfaMethod::ALL,
            is_required: true,
            enrolled: &[],
            preferred: None,
            has_phone: false,
            device_stands_in: false,
        };
        change(&mut world);
        second_factor(&world)
    }

    #[test]
    fn who_has_no_factor_sets_one_up_where_one_is_required() {
        assert_eq!(needed(|_| {}), Factor::SetUp, "nothing is there");
        assert_eq!(
            needed(|world| world.is_required = false),
            Factor::Nothing,
            "none is required"
        );
        assert_eq!(
            needed(|world| world.has_phone = true),
            Factor::One(SmsMfa),
            "a phone number is enough"
        );
    }

    #[test]
    fn several_factors_are_a_choice_unless_one_is_preferred() {
        let both = &[SoftwareTokenMfa, EmailOtp];
        assert_eq!(
            needed(|world| world.enrolled = both),
            Factor::Choice(both.iter().copied().collect())
        );
        assert_eq!(
            needed(|world| {
                world.enrolled = both;
                world.preferred = Some(EmailOtp);
            }),
            Factor::One(EmailOtp)
        );
    }

    #[test]
    fn a_factor_that_is_not_offered_any_more_does_not_count() {
        assert_eq!(
            needed(|world| {
                world.offered = &[SoftwareTokenMfa];
                world.enrolled = &[SmsMfa];
            }),
            Factor::SetUp
        );
    }

    #[test]
    fn a_device_can_stand_in_for_a_factor() {
        assert_eq!(
            needed(|world| {
                world.enrolled = &[SmsMfa];
                world.device_stands_in = true;
            }),
            Factor::Nothing
        );
    }
}
