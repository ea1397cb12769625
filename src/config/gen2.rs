//! `amplify_outputs.json` (Gen 2).

use super::document::{Section, parse};
use super::error::ConfigError;
use super::flow::{Reading, read_flow};
use super::settings::ClientSettings;

/// Reads `amplify_outputs.json`: `auth.aws_region`, `auth.user_pool_id`, `auth.user_pool_client_id`.
///
/// Amplify's real schema has no member for the flow, although its documentation promises one. This reader accepts
/// `auth.authentication_flow_type`, an extension of ours, with Gen 1's values or Amplify's names. The format has no
/// client secret, no endpoint and no migration switch.
///
/// # Errors
/// The file is too large, is no JSON, lacks a required member, has a member of the wrong type, or names an unknown flow.
pub fn read_gen2(text: &str) -> Result<ClientSettings, ConfigError> {
    read_gen2_with(text, &Reading::default())
}

/// [`read_gen2`] with another reading of flow names.
///
/// # Errors
/// As [`read_gen2`].
pub fn read_gen2_with(text: &str, reading: &Reading) -> Result<ClientSettings, ConfigError> {
    let document = parse(text)?;
    let auth = Section::root(&document).member("auth");
    Ok(ClientSettings {
        region: auth.member("aws_region").required_text()?,
        user_pool_id: auth.member("user_pool_id").required_text()?,
        client_id: auth.member("user_pool_client_id").required_text()?,
        client_secret: None,
        endpoint: None,
        flow: read_flow(&auth.member("authentication_flow_type"), reading, true)?,
        migration_enabled: false,
    })
}
