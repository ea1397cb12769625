//! App clients.

use serde::{Deserialize, Serialize};

/// An app client of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppClient {
    /// The id: 1–128 of `[\w+]`.
    pub id: String,
    /// The name that people give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The secret: 24–64 of `[\w+]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The flows it allows. Empty means the service's default: SRP, custom and refresh.
    #[serde(default)]
    pub explicit_auth_flows: Vec<ExplicitAuthFlow>,
    /// `PreventUserExistenceErrors`: `true` is `ENABLED`, `false` is `LEGACY`.
    #[serde(default)]
    pub prevent_user_existence_errors: bool,
    /// `AuthSessionValidity`: minutes for which a Session is valid, 3–15.
    #[serde(default = "three_minutes")]
    pub auth_session_validity: u8,
    /// `AccessTokenValidity`: minutes, 5 to 1440.
    #[serde(default = "an_hour", skip_serializing_if = "is_an_hour")]
    pub access_token_minutes: u32,
    /// `IdTokenValidity`: minutes, 5 to 1440.
    #[serde(default = "an_hour", skip_serializing_if = "is_an_hour")]
    pub id_token_minutes: u32,
    /// `RefreshTokenValidity`: minutes, 60 to ten years.
    #[serde(default = "thirty_days", skip_serializing_if = "is_thirty_days")]
    pub refresh_token_minutes: u32,
    /// `RefreshTokenRotation`: seconds for which a refresh token that was replaced is still good, 0 to 60; absent means that
    /// refresh tokens are not replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation_grace_seconds: Option<u8>,
    /// `EnableTokenRevocation`.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub token_revocation: bool,
}

impl AppClient {
    /// A client of this id with every default of the service.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            secret: None,
            explicit_auth_flows: Vec::new(),
            prevent_user_existence_errors: false,
            auth_session_validity: three_minutes(),
            access_token_minutes: an_hour(),
            id_token_minutes: an_hour(),
            refresh_token_minutes: thirty_days(),
            rotation_grace_seconds: None,
            token_revocation: yes(),
        }
    }
}

fn three_minutes() -> u8 {
    3
}

fn an_hour() -> u32 {
    60
}

fn is_an_hour(minutes: &u32) -> bool {
    *minutes == an_hour()
}

fn thirty_days() -> u32 {
    30 * 24 * 60
}

fn is_thirty_days(minutes: &u32) -> bool {
    *minutes == thirty_days()
}

fn yes() -> bool {
    true
}

fn is_yes(flag: &bool) -> bool {
    *flag
}

/// `ExplicitAuthFlows`: legacy names and `ALLOW_*` names, which the service does not mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExplicitAuthFlow {
    /// Legacy.
    AdminNoSrpAuth,
    /// Legacy.
    CustomAuthFlowOnly,
    /// Legacy.
    UserPasswordAuth,
    /// `ADMIN_USER_PASSWORD_AUTH`.
    AllowAdminUserPasswordAuth,
    /// `CUSTOM_AUTH`, with and without SRP.
    AllowCustomAuth,
    /// `USER_PASSWORD_AUTH`.
    AllowUserPasswordAuth,
    /// `USER_SRP_AUTH`.
    AllowUserSrpAuth,
    /// `REFRESH_TOKEN_AUTH`.
    AllowRefreshTokenAuth,
    /// `USER_AUTH`.
    AllowUserAuth,
}

impl ExplicitAuthFlow {
    /// Whether this is one of the names from before `ALLOW_*`.
    pub fn is_legacy(self) -> bool {
        matches!(
            self,
            Self::AdminNoSrpAuth | Self::CustomAuthFlowOnly | Self::UserPasswordAuth
        )
    }
}
