//! `amplifyconfiguration.json` (Gen 1).

use super::document::{Section, parse};
use super::error::ConfigError;
use super::flow::{Reading, read_flow};
use super::settings::ClientSettings;

/// Reads `amplifyconfiguration.json`, with or without the `auth.plugins` wrapper around `awsCognitoAuthPlugin`.
///
/// | member | required |
/// |---|---|
/// | `CognitoUserPool.Default.PoolId`, `.AppClientId`, `.Region` | yes |
/// | `CognitoUserPool.Default.AppClientSecret`, `.Endpoint`, `.MigrationEnabled` | no |
/// | `Auth.Default.authenticationFlowType` | no |
///
/// # Errors
/// The file is too large, is no JSON, lacks a required member, has a member of the wrong type, or names an unknown flow.
pub fn read_gen1(text: &str) -> Result<ClientSettings, ConfigError> {
    read_gen1_with(text, &Reading::default())
}

/// [`read_gen1`] with another reading of flow names.
///
/// # Errors
/// As [`read_gen1`].
pub fn read_gen1_with(text: &str, reading: &Reading) -> Result<ClientSettings, ConfigError> {
    let document = parse(text)?;
    let root = Section::root(&document);
    let plugins = if root.has("auth") {
        root.member("auth").member("plugins")
    } else if root.has("plugins") {
        root.member("plugins")
    } else {
        root
    };
    let plugin = plugins.member("awsCognitoAuthPlugin");
    let pool = plugin.member("CognitoUserPool").member("Default");
    let auth = plugin.member("Auth").member("Default");
    Ok(ClientSettings {
        region: pool.member("Region").required_text()?,
        user_pool_id: pool.member("PoolId").required_text()?,
        client_id: pool.member("AppClientId").required_text()?,
        client_secret: pool.member("AppClientSecret").optional_text()?,
        endpoint: pool.member("Endpoint").optional_text()?,
        flow: read_flow(&auth.member("authenticationFlowType"), reading, false)?,
        migration_enabled: pool.member("MigrationEnabled").is_true(),
    })
}
