//! The world and the call that follow from a scenario.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::{Password, TypedName};
use super::names::Names;
use super::plan::SignInPlan;
use super::types::{ConfigSource, Scenario, UserKind};
use crate::model::{
    AppClient, Clock, ExplicitAuthFlow, FirstFactor, MfaConfiguration, MfaMethod, Triggers, User,
    UserMfa, UserPool, UserStatus, World,
};
use crate::wire::call::{Configuration, ConfigurationFormat, DeviceSecret};
use crate::wire::{ConfirmResetPassword, Inject, Parameters, ResetPassword, SignIn, Target};

/// The instant of a sign-in whose scenario names none, where the clock can be set: 2026-11-18T10:20:30Z. Nothing about
/// it is special: a day of two digits, a morning hour, seconds of two digits.
pub const PLAIN_INSTANT: i64 = 1_794_997_230;

impl Scenario {
    /// The world in which it is played.
    pub fn world(&self, clock: Clock) -> World {
        let names = Names::of(self);
        let missing = match &self.user {
            UserKind::TemporaryPassword { missing_attributes } => missing_attributes.clone(),
            _ => Vec::new(),
        };
        World {
            pool: UserPool {
                aliases: matches!(
                    self.name,
                    TypedName::Email | TypedName::Phone | TypedName::Sub | TypedName::Empty
                ),
                required_attributes: missing,
                mfa: match &self.mfa {
                    None => MfaConfiguration::Off,
                    Some(mfa) if mfa.required => MfaConfiguration::On,
                    Some(_) => MfaConfiguration::Optional,
                },
                mfa_methods: self
                    .mfa
                    .iter()
                    .flat_map(|mfa| mfa.offered.clone())
                    .collect(),
                devices: self.devices,
                first_factors: match &self.first_factors {
                    Some(factors) if !factors.allowed.is_empty() => factors.allowed.clone(),
                    _ => vec![FirstFactor::Password],
                },
                ..UserPool::new(names.pool_id.clone())
            },
            clients: vec![self.app_client(&names)],
            users: self.users(&names),
            triggers: self.triggers(&names),
            clock,
            steering: self.steering.clone(),
            seed: self.nonce,
        }
    }

    /// The call that starts a sign-in; `password` is the right one by then.
    pub fn sign_in(
        &self,
        plan: &SignInPlan,
        endpoint: &str,
        inject: Inject,
        password: &str,
    ) -> SignIn {
        let names = Names::of(self);
        SignIn {
            target: self.target(endpoint, &names),
            username: plan.username.clone(),
            password: match plan.password {
                // Some ports refuse a password in a flow that has no use for it; where one is to be tried, it is a wrong one.
                Password::Right if plan.surely_needs_no_password(&self.config) => None,
                Password::Right => Some(password.to_owned()),
                Password::Wrong => Some(names.wrong_password),
                Password::Empty => Some(String::new()),
                Password::Absent => None,
            },
            auth_flow_type: plan.flow,
            preferred_challenge: self
                .first_factors
                .as_ref()
                .and_then(|factors| factors.preferred.clone()),
            metadata: self.metadata.clone(),
            inject,
        }
    }

    /// The call that asks for a code to reset the password with.
    pub fn reset_password(&self, endpoint: &str, metadata: &Parameters) -> ResetPassword {
        let names = Names::of(self);
        ResetPassword {
            target: self.target(endpoint, &names),
            username: names.typed,
            metadata: metadata.clone(),
        }
    }

    /// The call that sets a new password with a code.
    pub fn confirm_reset_password(&self, endpoint: &str, code: String) -> ConfirmResetPassword {
        let names = Names::of(self);
        ConfirmResetPassword {
            target: self.target(endpoint, &names),
            username: names.typed,
            confirmation_code: code,
            new_password: names.new_password,
        }
    }

    /// The secret of the first device that the port confirms, where it can be injected.
    pub fn device_secret(&self) -> Option<DeviceSecret> {
        let names = Names::of(self);
        self.devices.map(|_| DeviceSecret {
            password: names.device_password,
            salt: names.device_salt,
        })
    }

    /// The instant of the sign-in, where the port's clock can be set.
    pub fn instant(&self) -> i64 {
        self.clock.unwrap_or(PLAIN_INSTANT)
    }

    /// Whether the day of the month of its instant has one digit.
    pub fn has_one_digit_day(&self) -> bool {
        time::OffsetDateTime::from_unix_timestamp(self.instant())
            .is_ok_and(|instant| instant.day() < 10)
    }

    fn target(&self, endpoint: &str, names: &Names) -> Target {
        Target {
            endpoint: endpoint.to_owned(),
            region: names.region.clone(),
            user_pool_id: names.pool_id.clone(),
            client_id: names.client_id.clone(),
            client_secret: self.client.secret.then(|| names.client_secret.clone()),
            configuration: self.configuration(names),
        }
    }

    fn configuration(&self, names: &Names) -> Option<Configuration> {
        let (format, document) = match &self.config {
            ConfigSource::Direct => return None,
            ConfigSource::Gen1 {
                flow,
                migration_enabled,
            } => (
                ConfigurationFormat::Gen1,
                self.gen1(names, flow.as_deref(), *migration_enabled),
            ),
            ConfigSource::Gen2 { flow } => {
                (ConfigurationFormat::Gen2, gen2(names, flow.as_deref()))
            }
        };
        Some(Configuration {
            format,
            text: document.to_string(),
        })
    }

    fn gen1(&self, names: &Names, flow: Option<&str>, migration_enabled: Option<bool>) -> Value {
        let mut user_pool = json!({
            "PoolId": names.pool_id, "AppClientId": names.client_id, "Region": names.region,
        });
        if self.client.secret {
            user_pool["AppClientSecret"] = names.client_secret.clone().into();
        }
        if let Some(enabled) = migration_enabled {
            user_pool["MigrationEnabled"] = enabled.into();
        }
        let mut plugin = json!({ "CognitoUserPool": { "Default": user_pool } });
        if let Some(flow) = flow {
            plugin["Auth"] = json!({ "Default": { "authenticationFlowType": flow } });
        }
        json!({ "auth": { "plugins": { "awsCognitoAuthPlugin": plugin } } })
    }

    fn app_client(&self, names: &Names) -> AppClient {
        let all = || {
            vec![
                ExplicitAuthFlow::AllowUserSrpAuth,
                ExplicitAuthFlow::AllowUserPasswordAuth,
                ExplicitAuthFlow::AllowCustomAuth,
                ExplicitAuthFlow::AllowRefreshTokenAuth,
                ExplicitAuthFlow::AllowUserAuth,
            ]
        };
        let default = AppClient::new(names.client_id.clone());
        AppClient {
            secret: self.client.secret.then(|| names.client_secret.clone()),
            explicit_auth_flows: self.client.explicit_auth_flows.clone().unwrap_or_else(all),
            prevent_user_existence_errors: self.client.prevent_user_existence_errors,
            rotation_grace_seconds: self.client.rotates_refresh_tokens.then_some(0),
            id_token_minutes: self
                .client
                .id_token_minutes
                .unwrap_or(default.id_token_minutes),
            access_token_minutes: self
                .client
                .access_token_minutes
                .unwrap_or(default.access_token_minutes),
            ..default
        }
    }

    fn users(&self, names: &Names) -> Vec<User> {
        let other = User {
            aliases: vec![names.other_email.clone()],
            password: Some(names.other_password.clone()),
            attributes: BTreeMap::from([("email".to_owned(), names.other_email.clone())]),
            ..User::new(names.other_internal.clone(), names.other_internal.clone())
        };
        let status = match self.user {
            UserKind::Unknown | UserKind::InOldDirectory => return vec![other],
            UserKind::Confirmed | UserKind::Disabled => UserStatus::Confirmed,
            UserKind::Unconfirmed => UserStatus::Unconfirmed,
            UserKind::ResetRequired => UserStatus::ResetRequired,
            UserKind::TemporaryPassword { .. } => UserStatus::ForceChangePassword,
        };
        let aliases = match self.name {
            TypedName::Email | TypedName::Phone | TypedName::Sub | TypedName::Empty => {
                vec![names.email.clone(), names.phone.clone()]
            }
            TypedName::Username | TypedName::UnicodeUsername => Vec::new(),
        };
        let user = User {
            aliases,
            password: Some(names.password.clone()),
            status,
            enabled: self.user != UserKind::Disabled,
            attributes: BTreeMap::from([
                ("email".to_owned(), names.email.clone()),
                ("email_verified".to_owned(), "true".to_owned()),
                ("phone_number".to_owned(), names.phone.clone()),
                ("phone_number_verified".to_owned(), "true".to_owned()),
            ]),
            mfa: self.user_mfa(names),
            ..User::new(names.internal.clone(), names.sub.clone())
        };
        vec![user, other]
    }

    fn user_mfa(&self, names: &Names) -> UserMfa {
        let Some(mfa) = &self.mfa else {
            return UserMfa::default();
        };
        UserMfa {
            enabled: mfa.enrolled.clone(),
            preferred: mfa.preferred,
            totp_secret: mfa
                .enrolled
                .contains(&MfaMethod::SoftwareTokenMfa)
                .then(|| names.totp_secret.clone()),
        }
    }

    fn triggers(&self, names: &Names) -> Triggers {
        let mut migration = self.migration.clone();
        if let Some(script) = &mut migration {
            if self.user == UserKind::InOldDirectory {
                script
                    .directory
                    .insert(names.typed.clone(), names.password.clone());
            }
            script
                .attributes
                .entry("email".to_owned())
                .or_insert_with(|| names.email.clone());
            script
                .attributes
                .entry("email_verified".to_owned())
                .or_insert_with(|| "true".to_owned());
        }
        Triggers {
            custom: self.custom.clone(),
            migration,
            ..Triggers::default()
        }
    }
}

fn gen2(names: &Names, flow: Option<&str>) -> Value {
    let mut auth = json!({
        "aws_region": names.region, "user_pool_id": names.pool_id, "user_pool_client_id": names.client_id,
    });
    if let Some(flow) = flow {
        auth["authentication_flow_type"] = flow.into();
    }
    json!({ "version": "1", "auth": auth })
}
