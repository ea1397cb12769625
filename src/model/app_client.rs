//! App clients.

use serde::{Deserialize, Serialize};

/// An app client of a pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppClient {
    /// The id: 1–128 of `[\w+]`.
    pub id: String,
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
}

fn three_minutes() -> u8 {
    3
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
