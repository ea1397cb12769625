//! Messages about devices (service model: `ConfirmDeviceRequest` and its kin).

use serde::{Deserialize, Serialize};

/// The request of `ConfirmDevice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfirmDevice {
    /// Whose device it is.
    pub access_token: String,
    /// Which device.
    pub device_key: String,
    /// The verifier of its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_secret_verifier_config: Option<DeviceSecretVerifierConfig>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
}

/// The verifier of a device's password (service model: `DeviceSecretVerifierConfigType`). Both values are base64 of the octets
/// of a non-negative number in two's complement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeviceSecretVerifierConfig {
    /// v.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_verifier: Option<String>,
    /// The salt that v was made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
}

/// The response of `ConfirmDevice`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ConfirmDeviceResponse {
    /// Whether the person has to be asked before the device is remembered.
    pub user_confirmation_necessary: bool,
}

/// The request of `UpdateDeviceStatus`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateDeviceStatus {
    /// Whose device it is.
    pub access_token: String,
    /// Which device.
    pub device_key: String,
    /// `remembered` or `not_remembered`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_remembered_status: Option<String>,
}

/// The request of `GetDevice` and `ForgetDevice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OneDevice {
    /// Whose device it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Which device.
    pub device_key: String,
}
