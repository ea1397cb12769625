//! Typed requests and responses (service model: `InitiateAuthRequest` and its kin).
//!
//! Members that this program does not know are kept out of the types on purpose: rules read the octets for those.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{AuthFlow, ChallengeName};

/// A map of strings to strings, ordered so that what we write is canonical.
pub type Parameters = BTreeMap<String, String>;

/// The request of `InitiateAuth`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct InitiateAuth {
    /// The flow.
    pub auth_flow: AuthFlow,
    /// The app client.
    pub client_id: String,
    /// `USERNAME` and what the flow needs. A `null` value counts as absent: one shipped client sends such a one.
    #[serde(
        default,
        deserialize_with = "without_nulls",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub auth_parameters: Parameters,
    /// Reaches PreAuthentication and UserMigration as `validationData`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
    /// Only of choice-based flows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// The request of `RespondToAuthChallenge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RespondToAuthChallenge {
    /// The app client.
    pub client_id: String,
    /// The challenge that is answered.
    pub challenge_name: ChallengeName,
    /// The `Session` of the response that is answered, if that had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `USERNAME` and the answer.
    #[serde(
        default,
        deserialize_with = "without_nulls",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub challenge_responses: Parameters,
    /// Reaches the challenge triggers, PostAuthentication and PreTokenGeneration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
}

/// The response of `InitiateAuth` and `RespondToAuthChallenge`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AuthResponse {
    /// The next challenge; absent when there are tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_name: Option<ChallengeName>,
    /// To be echoed with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What the challenge needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_parameters: Option<Parameters>,
    /// The tokens; absent when there is a challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication_result: Option<AuthenticationResult>,
    /// What can be chosen among, in choice-based flows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_challenges: Option<Vec<ChallengeName>>,
}

impl AuthResponse {
    /// A challenge with what it needs.
    pub fn challenge(name: ChallengeName, session: Option<String>, parameters: Parameters) -> Self {
        Self {
            challenge_name: Some(name),
            session,
            challenge_parameters: Some(parameters),
            ..Self::default()
        }
    }
}

/// Tokens (service model: `AuthenticationResultType`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AuthenticationResult {
    /// A JWT for the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Seconds for which the access token is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Opaque to clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// A JWT about the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// A device that was seen for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_device_metadata: Option<NewDeviceMetadata>,
}

/// A device that was seen for the first time (service model: `NewDeviceMetadataType`). It comes only once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NewDeviceMetadata {
    /// Region, underscore, UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_key: Option<String>,
    /// What stands in place of the pool's name in the device's x and claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_group_key: Option<String>,
}

/// What stands in place of a token's signature where nobody verifies it: our own pool's bulk runs.
pub const UNSIGNED: &[u8] = b"not signed";

impl AuthenticationResult {
    /// Whether all three tokens of a sign-in are there.
    pub fn is_complete(&self) -> bool {
        self.access_token.is_some() && self.id_token.is_some() && self.refresh_token.is_some()
    }
}

/// The request of `ForgotPassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ForgotPassword {
    /// The app client.
    pub client_id: String,
    /// Who forgot.
    pub username: String,
    /// Top-level here, unlike in the sign-in operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_hash: Option<String>,
    /// Reaches UserMigration as `clientMetadata`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
}

/// The response of `ForgotPassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ForgotPasswordResponse {
    /// Where the code went. The service always says so; the model does not demand it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_delivery_details: Option<CodeDeliveryDetails>,
}

/// Where a code was sent (service model: `CodeDeliveryDetailsType`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CodeDeliveryDetails {
    /// The attribute that held the address.
    pub attribute_name: String,
    /// `EMAIL` or `SMS`.
    pub delivery_medium: String,
    /// The address, masked.
    pub destination: String,
}

/// The request of `ConfirmForgotPassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConfirmForgotPassword {
    /// The app client.
    pub client_id: String,
    /// Who forgot.
    pub username: String,
    /// The code that was sent.
    pub confirmation_code: String,
    /// The new password.
    pub password: String,
    /// Top-level here, unlike in the sign-in operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_hash: Option<String>,
    /// Reaches PostConfirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
}

fn without_nulls<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Parameters, D::Error> {
    let with_nulls = Option::<BTreeMap<String, Option<String>>>::deserialize(deserializer)?;
    Ok(with_nulls
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect())
}
