//! Users.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::pool::MfaMethod;

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
    /// Second factors.
    #[serde(default, skip_serializing_if = "UserMfa::is_empty")]
    pub mfa: UserMfa,
    /// Devices that are known already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
}

impl User {
    /// A confirmed user without a password.
    pub fn new(username: impl Into<String>, sub: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            sub: sub.into(),
            aliases: Vec::new(),
            password: None,
            status: UserStatus::default(),
            enabled: true,
            attributes: BTreeMap::new(),
            mfa: UserMfa::default(),
            devices: Vec::new(),
        }
    }

    /// With this password.
    #[must_use]
    pub fn with_password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// With a verified e-mail address, by which the user may sign in.
    #[must_use]
    pub fn with_email(self, email: &str) -> Self {
        self.with_address("email", email)
    }

    /// With a verified phone number, by which the user may sign in.
    #[must_use]
    pub fn with_phone(self, number: &str) -> Self {
        self.with_address("phone_number", number)
    }

    fn with_address(mut self, attribute: &str, address: &str) -> Self {
        self.aliases.push(address.to_owned());
        self.attributes.extend([
            (attribute.to_owned(), address.to_owned()),
            (format!("{attribute}_verified"), "true".to_owned()),
        ]);
        self
    }
}

/// The second factors of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserMfa {
    /// Which are on.
    pub enabled: Vec<MfaMethod>,
    /// Which one is asked for when several are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred: Option<MfaMethod>,
    /// The secret of time-based codes, base32.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp_secret: Option<String>,
}

impl UserMfa {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A device that is known already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// `DeviceKey`: region, underscore, UUID.
    pub key: String,
    /// `DeviceGroupKey`.
    pub group_key: String,
    /// `DeviceName`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The device's own password, from which its verifier is made.
    pub password: String,
    /// Whether it is remembered.
    #[serde(default = "yes")]
    pub remembered: bool,
}

/// A UUID that is always the same for a pool and a name.
pub(super) fn stable_sub(pool: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{pool}/{name}").as_bytes());
    let mut octets = [0; 16];
    octets.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(octets)
        .into_uuid()
        .to_string()
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
