//! Messages about users, by themselves (service model: `SignUpRequest` and its kin).

use serde::{Deserialize, Serialize};

use super::message::{CodeDeliveryDetails, Parameters};

/// An attribute of a user (service model: `AttributeType`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// The bare name, or `custom:` and a name.
    pub name: String,
    /// The value; absent or empty where the attribute is to be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The request of `SignUp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SignUp {
    /// The app client.
    pub client_id: String,
    /// Top-level here, unlike in the sign-in operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_hash: Option<String>,
    /// The user name, or the address that stands in for one.
    pub username: String,
    /// The password; absent where users sign in by codes alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_attributes: Option<Vec<Attribute>>,
    /// Reaches PreSignUp and is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_data: Option<Vec<Attribute>>,
    /// Reaches PreSignUp and PostConfirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
}

/// The response of `SignUp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SignUpResponse {
    /// Whether the user may sign in already.
    pub user_confirmed: bool,
    /// The `sub`.
    pub user_sub: String,
    /// Where the code went, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_delivery_details: Option<CodeDeliveryDetails>,
    /// For `ConfirmSignUp`, or, of a confirmed user, for `USER_AUTH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// The request of `ConfirmSignUp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfirmSignUp {
    /// The app client.
    pub client_id: String,
    /// Top-level here, unlike in the sign-in operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_hash: Option<String>,
    /// Who signed up.
    pub username: String,
    /// The code that was sent.
    pub confirmation_code: String,
    /// Whether an alias may be taken from another user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force_alias_creation: Option<bool>,
    /// Reaches PostConfirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
    /// The one that `SignUp` answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// The response of `ConfirmSignUp`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ConfirmSignUpResponse {
    /// Signs the user in by `USER_AUTH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// The request of `ResendConfirmationCode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResendConfirmationCode {
    /// The app client.
    pub client_id: String,
    /// Top-level here, unlike in the sign-in operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_hash: Option<String>,
    /// Who signed up.
    pub username: String,
}

/// The request of `ChangePassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangePassword {
    /// Whose password.
    pub access_token: String,
    /// The password until now; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_password: Option<String>,
    /// The password from now on.
    pub proposed_password: String,
}

/// The request of `UpdateUserAttributes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateUserAttributes {
    /// Whose attributes.
    pub access_token: String,
    /// The attributes that change.
    pub user_attributes: Vec<Attribute>,
}

/// The response of `UpdateUserAttributes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateUserAttributesResponse {
    /// Where codes went, one for each address that has to be verified.
    pub code_delivery_details_list: Vec<CodeDeliveryDetails>,
}

/// The request of `GetUserAttributeVerificationCode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetUserAttributeVerificationCode {
    /// Whose attribute.
    pub access_token: String,
    /// The attribute that holds the address.
    pub attribute_name: String,
}

/// The request of `VerifyUserAttribute`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct VerifyUserAttribute {
    /// Whose attribute.
    pub access_token: String,
    /// The attribute that holds the address.
    pub attribute_name: String,
    /// The code that was sent to it.
    pub code: String,
}

/// The request of `SetUserMFAPreference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SetUserMfaPreference {
    /// Whose factors.
    pub access_token: String,
    /// The factors.
    #[serde(flatten)]
    pub settings: MfaSettings,
}

/// The second factors that a user turns on and off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MfaSettings {
    /// A code by SMS.
    #[serde(rename = "SMSMfaSettings", skip_serializing_if = "Option::is_none")]
    pub sms: Option<MfaSetting>,
    /// A time-based code.
    #[serde(
        rename = "SoftwareTokenMfaSettings",
        skip_serializing_if = "Option::is_none"
    )]
    pub software_token: Option<MfaSetting>,
    /// A code by e-mail.
    #[serde(rename = "EmailMfaSettings", skip_serializing_if = "Option::is_none")]
    pub email: Option<MfaSetting>,
}

/// One second factor (service model: `SMSMfaSettingsType` and its kin).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MfaSetting {
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// Whether it is the one that is asked for when several are on.
    pub preferred_mfa: Option<bool>,
}
