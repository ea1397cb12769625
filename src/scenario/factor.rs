//! Factors beyond the password.

use serde::{Deserialize, Serialize};

use super::input::AnswerChoice;
use crate::model::{FirstFactor, MfaMethod};
use crate::wire::ChallengeName;

/// A second factor of the scenario's user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mfa {
    /// Whether the pool requires one of everybody: `MfaConfiguration` `ON` in place of `OPTIONAL`.
    pub required: bool,
    /// The factors that the pool offers.
    pub offered: Vec<MfaMethod>,
    /// Those that the user has. Where there are none and one is required, one is set up while signing in.
    pub enrolled: Vec<MfaMethod>,
    /// The one that the user prefers, of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred: Option<MfaMethod>,
    /// The one that the person takes where several are offered; the first of them where it isn't said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<MfaMethod>,
}

/// First factors beside the password in `userAuth`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirstFactors {
    /// Those that the pool allows.
    pub allowed: Vec<FirstFactor>,
    /// The one that signIn prefers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred: Option<ChallengeName>,
    /// The one that the person takes when asked; the first of those that are listed where it isn't said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<ChallengeName>,
}

/// The codes that the person gives in the first sign-in, in order; what is missing is given rightly. After a wrong code the
/// person tries again.
pub type Codes = Vec<AnswerChoice>;
