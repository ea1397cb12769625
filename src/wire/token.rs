//! Messages about tokens: refresh, revocation, sign-out, and the secret of time-based codes.

use serde::{Deserialize, Serialize};

use super::message::Parameters;

/// The request of `GetTokensFromRefreshToken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetTokensFromRefreshToken {
    /// The refresh token.
    pub refresh_token: String,
    /// The app client it was made for.
    pub client_id: String,
    /// The client's secret itself, not a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The device it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_key: Option<String>,
    /// Reaches PreTokenGeneration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_metadata: Option<Parameters>,
}

/// The request of `RevokeToken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RevokeToken {
    /// The refresh token.
    pub token: String,
    /// The app client it was made for.
    pub client_id: String,
    /// The client's secret itself, not a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

/// The request of operations that need an access token and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ByAccessToken {
    /// The access token.
    pub access_token: String,
}

/// The request of `AssociateSoftwareToken`: by either of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AssociateSoftwareToken {
    /// Of somebody who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Of a sign-in that has come to `MFA_SETUP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// The response of `AssociateSoftwareToken`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AssociateSoftwareTokenResponse {
    /// The secret, base32.
    pub secret_code: String,
    /// Takes the place of the Session that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// The request of `VerifySoftwareToken`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VerifySoftwareToken {
    /// Of somebody who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// Of a sign-in that has come to `MFA_SETUP`: the one that `AssociateSoftwareToken` answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The code of the moment.
    pub user_code: String,
    /// What people call what makes the codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_device_name: Option<String>,
}

/// The response of `VerifySoftwareToken`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VerifySoftwareTokenResponse {
    /// `SUCCESS`.
    pub status: String,
    /// What `MFA_SETUP` is answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}
