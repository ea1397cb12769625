//! Which flow a text names, and which of several wins.

use super::document::Section;
use super::error::ConfigError;
use super::settings::ClientSettings;
use crate::wire::AuthFlowType;

/// The flow of a sign-in: the run-time option, else `userPassword` if the file sets `MigrationEnabled`, else the flow of
/// the file, else `userSRP` (Amplify documentation: Switching authentication flows; amplify-swift's `ConfigurationHelper` and `AWSAuthSignInTask`).
pub fn effective_flow(run_time: Option<AuthFlowType>, settings: &ClientSettings) -> AuthFlowType {
    let migration = settings
        .migration_enabled
        .then_some(AuthFlowType::UserPassword);
    run_time.or(migration).or(settings.flow).unwrap_or_default()
}

/// How the flow names of a file are understood. The default is right; mistakes edit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the legacy name `CUSTOM_AUTH` means. With SRP in amplify-swift, without in amplify-android.
    pub legacy_custom_auth: AuthFlowType,
    /// What happens to a name that is not known.
    pub unknown_flow: UnknownFlow,
    /// The names that `authenticationFlowType` may have besides the legacy one.
    pub names: &'static [(&'static str, AuthFlowType)],
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            legacy_custom_auth: AuthFlowType::CustomWithSrp,
            unknown_flow: UnknownFlow::Refused,
            names: FLOW_NAMES,
        }
    }
}

/// What happens to a flow name that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownFlow {
    /// The file is refused: a misspelt flow must not mean another one in silence.
    Refused,
    /// It counts as absent, so that it means `userSRP` (amplify-swift).
    Ignored,
}

/// Reads a flow by the names of Gen 1 and, where `also_amplifys` says so, by Amplify's own (`userSRP` …).
///
/// Matching is by case and without trimming, as in amplify-swift.
pub(super) fn read_flow(
    section: &Section<'_>,
    reading: &Reading,
    also_amplifys: bool,
) -> Result<Option<AuthFlowType>, ConfigError> {
    let Some(text) = section.optional_text()? else {
        return Ok(None);
    };
    let by_name = reading
        .names
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, flow)| *flow);
    let legacy = || (text == LEGACY_CUSTOM_AUTH).then_some(reading.legacy_custom_auth);
    let amplifys = || {
        let mut flows = AuthFlowType::ALL.into_iter();
        flows.find(|flow| also_amplifys && flow.as_str() == text)
    };
    match by_name.or_else(legacy).or_else(amplifys) {
        Some(flow) => Ok(Some(flow)),
        None if reading.unknown_flow == UnknownFlow::Ignored => Ok(None),
        None => {
            let shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
            Err(section.wrong(EXPECTED, format!("{shown:?}")))
        }
    }
}

/// `authenticationFlowType`'s values in amplify-swift's `AuthFlowType`.
pub const FLOW_NAMES: &[(&str, AuthFlowType)] = &[
    ("USER_SRP_AUTH", AuthFlowType::UserSrp),
    ("USER_PASSWORD_AUTH", AuthFlowType::UserPassword),
    ("CUSTOM_AUTH_WITH_SRP", AuthFlowType::CustomWithSrp),
    ("CUSTOM_AUTH_WITHOUT_SRP", AuthFlowType::CustomWithoutSrp),
];

const LEGACY_CUSTOM_AUTH: &str = "CUSTOM_AUTH";
const EXPECTED: &str = "one of USER_SRP_AUTH, USER_PASSWORD_AUTH, CUSTOM_AUTH_WITH_SRP, CUSTOM_AUTH_WITHOUT_SRP, CUSTOM_AUTH";
const SHOWN_CHARACTERS: usize = 64;
