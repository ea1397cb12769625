//! Where the settings of a call come from.

use crate::config::{ClientSettings, read_gen1_with, read_gen2_with};
use crate::wire::Target;
use crate::wire::call::ConfigurationFormat;

use super::error::{AuthError, ConfigurationError};
use super::policy::{Ids, Policy};

/// The settings for a call: the configuration file's when the call brings one, otherwise the call's own.
///
/// The endpoint is always the call's, since that is where the harness listens. Gen 2 files have no member for a client
/// secret, so the call's is used with them.
///
/// # Errors
/// [`AuthError::Configuration`] when the file can't be used.
pub fn settings_for(target: &Target, policy: &Policy) -> Result<ClientSettings, AuthError> {
    let of_the_call = ClientSettings {
        region: target.region.clone(),
        user_pool_id: target.user_pool_id.clone(),
        client_id: target.client_id.clone(),
        client_secret: target.client_secret.clone(),
        endpoint: Some(target.endpoint.clone()),
        flow: None,
        migration_enabled: false,
    };
    let Some(configuration) = &target.configuration else {
        return Ok(of_the_call);
    };
    let read = match configuration.format {
        ConfigurationFormat::Gen1 => read_gen1_with(&configuration.text, &policy.reading),
        ConfigurationFormat::Gen2 => read_gen2_with(&configuration.text, &policy.reading),
    };
    let file = read.map_err(ConfigurationError::from)?;
    let client_secret = match configuration.format {
        ConfigurationFormat::Gen1 => file.client_secret,
        ConfigurationFormat::Gen2 => of_the_call.client_secret.clone(),
    };
    Ok(match policy.ids {
        Ids::OfTheFile => ClientSettings {
            client_secret,
            endpoint: of_the_call.endpoint,
            ..file
        },
        Ids::OfTheCall => ClientSettings {
            flow: file.flow,
            migration_enabled: file.migration_enabled,
            ..of_the_call
        },
    })
}
