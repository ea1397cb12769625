//! Users.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A user of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The internal user name, which the service returns as `USERNAME` and `USER_ID_FOR_SRP`.
    pub username: String,
    /// The `sub` claim: a UUID.
    pub sub: String,
    /// Other names under which the user may sign in: e-mail addresses, phone numbers.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The password; without one no password flow succeeds.
    #[serde(default)]
    pub password: Option<String>,
    /// The status.
    #[serde(default)]
    pub status: UserStatus,
    /// Whether the user may sign in at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Attributes by their bare names.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// `UserStatus`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Signed up, not confirmed.
    Unconfirmed,
    /// In good order.
    #[default]
    Confirmed,
    /// Must set a new password by a code first.
    ResetRequired,
    /// Has a temporary password.
    ForceChangePassword,
}

impl UserStatus {
    /// The service's name of the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ResetRequired => "RESET_REQUIRED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
        }
    }
}
