//! Messages about users, by administrators (service model: `AdminCreateUserRequest` and its kin).

use serde::{Deserialize, Serialize};

use super::message::Parameters;
use super::user::{Attribute, MfaSettings};

/// The request of the operations that need a user and nothing else, or metadata beside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OneUser {
    /// The pool.
    pub user_pool_id: String,
    /// The user: by user name, alias or sub.
    pub username: String,
    /// Reaches PostConfirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
}

/// The request of `AdminCreateUser`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdminCreateUser {
    /// The pool.
    pub user_pool_id: String,
    /// The user name, or the address that stands in for one.
    pub username: String,
    /// The attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_attributes: Option<Vec<Attribute>>,
    /// Reaches PreSignUp and is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_data: Option<Vec<Attribute>>,
    /// The temporary password; absent means that the pool makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary_password: Option<String>,
    /// Whether an alias may be taken from another user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force_alias_creation: Option<bool>,
    /// `SUPPRESS`: no message. `RESEND`: another message to a user that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_action: Option<String>,
    /// `EMAIL`, `SMS` or both; absent means `SMS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_delivery_mediums: Option<Vec<String>>,
    /// Reaches PreSignUp.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
}

/// The request of `AdminSetUserPassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdminSetUserPassword {
    /// The pool.
    pub user_pool_id: String,
    /// The user.
    pub username: String,
    /// The password.
    pub password: String,
    /// Whether it stays; else it is temporary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permanent: Option<bool>,
}

/// The request of `AdminUpdateUserAttributes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdminUpdateUserAttributes {
    /// The pool.
    pub user_pool_id: String,
    /// The user.
    pub username: String,
    /// The attributes that change.
    pub user_attributes: Vec<Attribute>,
}

/// The request of `AdminSetUserMFAPreference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdminSetUserMfaPreference {
    /// The pool.
    pub user_pool_id: String,
    /// The user.
    pub username: String,
    /// The factors.
    #[serde(flatten)]
    pub settings: MfaSettings,
}

/// The request of `AdminGetDevice` and `AdminForgetDevice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AdminOneDevice {
    /// The pool.
    pub user_pool_id: String,
    /// The user.
    pub username: String,
    /// The device.
    pub device_key: String,
}

/// The request of `ListUsers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsers {
    /// The pool.
    pub user_pool_id: String,
    /// Which attributes are told; absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes_to_get: Option<Vec<String>>,
    /// How many users at most, up to 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u8>,
    /// Where the list before ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination_token: Option<String>,
    /// `attribute = "value"` or `attribute ^= "beginning"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}
