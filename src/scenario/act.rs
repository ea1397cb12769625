//! What is done after the first sign-in has ended.

use serde::{Deserialize, Serialize};

use super::input::{AnswerChoice, Password, TypedName};
use crate::wire::{AuthFlowType, NextStep, Parameters, Reply};

/// One thing that is done after the first sign-in, however that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Act {
    /// Somebody signs in on the same port, which has kept what it keeps.
    SignIn(SignInAgain),
    /// The application wants tokens.
    FetchSession(FetchSession),
    /// The person signs out.
    SignOut {
        /// Everywhere.
        #[serde(default)]
        global: bool,
        /// Whether the harness put it in, for a port that refuses to sign in while somebody is signed in. How it goes is not
        /// judged then; what comes after it is.
        #[serde(default, skip_serializing_if = "is_default")]
        put_in: bool,
    },
    /// The person has the device remembered.
    RememberDevice,
    /// The person has the device forgotten.
    ForgetDevice,
    /// The person resets the password: a code is asked for and given.
    ResetPassword(Reset),
}

/// A further sign-in. Whatever is left out is as in the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignInAgain {
    /// Who signs in.
    #[serde(skip_serializing_if = "is_default")]
    pub who: Who,
    /// Under which name, in pools with aliases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<TypedName>,
    /// The run-time option.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<AuthFlowType>,
    /// With which password: the right one is the one that is right by then.
    #[serde(skip_serializing_if = "is_default")]
    pub password: Password,
    /// Seconds that have passed since the act before, where the port's clock can be set.
    #[serde(skip_serializing_if = "is_default")]
    pub after: u32,
}

/// Who signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Who {
    /// The scenario's user.
    #[default]
    Same,
    /// The other user of the pool, who is in good order and has no second factor.
    Other,
}

/// `fetchAuthSession`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FetchSession {
    /// `forceRefresh`.
    #[serde(skip_serializing_if = "is_default")]
    pub force: bool,
    /// `ClientMetadata` of the refresh.
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
    /// Seconds that have passed since the act before, where the port's clock can be set.
    #[serde(skip_serializing_if = "is_default")]
    pub after: u32,
}

/// `resetPassword` and `confirmResetPassword`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reset {
    /// Whether the code is the one that was sent.
    #[serde(skip_serializing_if = "is_default")]
    pub code: AnswerChoice,
    /// `ClientMetadata` of the first call.
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
}

impl Act {
    /// The person signs out, here or everywhere.
    pub fn sign_out(global: bool) -> Self {
        Self::SignOut {
            global,
            put_in: false,
        }
    }

    /// Seconds that have passed since the act before.
    pub fn after(&self) -> u32 {
        match self {
            Self::SignIn(again) => again.after,
            Self::FetchSession(fetch) => fetch.after,
            Self::SignOut { .. }
            | Self::RememberDevice
            | Self::ForgetDevice
            | Self::ResetPassword(_) => 0,
        }
    }

    /// The further sign-in, if it is one.
    pub fn sign_in(&self) -> Option<&SignInAgain> {
        match self {
            Self::SignIn(again) => Some(again),
            _ => None,
        }
    }
}

impl Reset {
    /// The code that the person gives, once the port says that one was sent. A wrong one is made up where nothing came, as it
    /// is for somebody who isn't in the pool.
    pub fn code_for(&self, reply: &Reply, sent: Option<&str>) -> Option<String> {
        let is_asked = matches!(
            reply,
            Reply::Step {
                next: NextStep::ConfirmResetPasswordWithCode { .. }
            }
        );
        let code = sent.unwrap_or(MADE_UP);
        is_asked.then(|| match self.code {
            AnswerChoice::Right => code.to_owned(),
            AnswerChoice::Wrong => wrong_code(code),
        })
    }
}

/// A code that is not this one: its last digit is another.
pub fn wrong_code(right: &str) -> String {
    let mut digits: Vec<char> = right.chars().collect();
    if let Some(last) = digits.last_mut() {
        *last = if *last == '7' { '3' } else { '7' };
    }
    digits.into_iter().collect()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A code that nobody sent.
const MADE_UP: &str = "123456";
