//! The world that a recording was made in: what has to be there for the service to have answered as it did.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{
    AppClient, Clock, DeviceTracking, ExplicitAuthFlow, FirstFactor, Function, MfaConfiguration,
    MfaMethod, SaltChoice, Steering, TriggerName, Triggers, User, UserMfa, UserPool, UserStatus,
    World,
};
use crate::record::Recording;
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation};

use super::error::ReenactError;
use super::exchange::{Exchange, owned, parameter};
use super::known::Known;
use super::told::{address_kind, first_factors, listed, proves_device, required};
use super::{script, stand_in};

/// The world, from what is known of it besides.
pub(super) fn of(
    known: &Known,
    header: &Recording,
    exchanges: &[Exchange],
) -> Result<World, ReenactError> {
    let scene = Scene { known, exchanges };
    let user = match header.known.get("userExists").map(String::as_str) {
        Some("false") => None,
        None if scene.signs_up() => None,
        None | Some("true") => Some(scene.user(header)?),
        Some(_) => {
            return Err(ReenactError::Known {
                name: "userExists",
                expected: "true or false",
            });
        }
    };
    let salt = exchanges
        .iter()
        .filter(|e| e.asked() == Some(ChallengeName::PasswordVerifier))
        .find_map(|e| parameter(e.response_body(), key::SALT));
    Ok(World {
        pool: scene.pool(user.as_ref()),
        clients: vec![scene.client()],
        users: user.into_iter().collect(),
        triggers: scene.triggers(),
        clock: Clock::Fixed(known.now),
        steering: Steering {
            salt: salt.map(SaltChoice::Dictated),
            ..Steering::default()
        },
        seed: 0,
    })
}

struct Scene<'a> {
    known: &'a Known,
    exchanges: &'a [Exchange],
}

impl Scene<'_> {
    fn pool(&self, user: Option<&User>) -> UserPool {
        let signs_up_by_address = self.signs_up() && address_kind(&self.known.username).is_some();
        let (set_up, enabled) = (self.set_up(), self.enabled());
        let mut mfa_methods = set_up.clone();
        for method in enabled.iter().copied().chain(self.turned_on()) {
            if !mfa_methods.contains(&method) {
                mfa_methods.push(method);
            }
        }
        UserPool {
            aliases: signs_up_by_address || user.is_some_and(|user| !user.aliases.is_empty()),
            required_attributes: self.required_attributes(),
            auto_verified_attributes: self.auto_verified(),
            mfa: match (set_up.as_slice(), mfa_methods.as_slice()) {
                ([], []) => MfaConfiguration::Off,
                ([], _) => MfaConfiguration::Optional,
                _ => MfaConfiguration::On,
            },
            mfa_methods,
            devices: self.devices(!enabled.is_empty()),
            first_factors: self.first_factors(),
            ..UserPool::new(self.known.pool_id.clone())
        }
    }

    /// Allows every flow that isn't refused as switched off.
    fn client(&self) -> AppClient {
        use ExplicitAuthFlow as E;
        let flows = [
            (AuthFlow::UserSrpAuth, E::AllowUserSrpAuth),
            (AuthFlow::UserPasswordAuth, E::AllowUserPasswordAuth),
            (AuthFlow::CustomAuth, E::AllowCustomAuth),
            (AuthFlow::RefreshTokenAuth, E::AllowRefreshTokenAuth),
            (AuthFlow::UserAuth, E::AllowUserAuth),
            (
                AuthFlow::AdminUserPasswordAuth,
                E::AllowAdminUserPasswordAuth,
            ),
        ];
        let starts = |exchange: &Exchange, flow: &AuthFlow| {
            self.known.flow_of(exchange).as_ref() == Some(flow)
        };
        let is_off = |flow: &AuthFlow| {
            let mut exchanges = self.exchanges.iter();
            // It shows in other responses, too, so that it is on only where it is used.
            let is_idle = *flow == AuthFlow::UserAuth && !exchanges.any(|e| starts(e, flow));
            is_idle
                || self.exchanges.iter().any(|exchange| {
                    let refusal = exchange.refusal();
                    starts(exchange, flow)
                        && refusal.is_some_and(|error| error.message.contains("not enabled"))
                })
        };
        let rotates = self.exchanges.iter().any(|exchange| {
            let refreshed = "/AuthenticationResult/RefreshToken";
            self.is(exchange, &Operation::GetTokensFromRefreshToken)
                && exchange.response_body().pointer(refreshed).is_some()
        });
        AppClient {
            secret: self.known.client_secret.clone(),
            explicit_auth_flows: flows
                .into_iter()
                .filter(|(flow, _)| !is_off(flow))
                .map(|(_, allowed)| allowed)
                .collect(),
            rotation_grace_seconds: rotates.then_some(0),
            ..AppClient::new(self.known.client_id.clone())
        }
    }

    fn triggers(&self) -> Triggers {
        let mut functions = BTreeMap::new();
        let confirms = self.exchanges.iter().any(|exchange| {
            self.is(exchange, &Operation::SignUp)
                && exchange.response_body().get("UserConfirmed") == Some(&Value::Bool(true))
        });
        if confirms {
            let response = serde_json::json!({ "autoConfirmUser": true });
            functions.insert(TriggerName::PreSignUp, Function::Respond(response));
        }
        Triggers {
            custom: script::custom(self.exchanges),
            functions,
            ..Triggers::default()
        }
    }

    fn user(&self, header: &Recording) -> Result<User, ReenactError> {
        let known = self.known;
        let enabled = self.enabled();
        let has_totp = enabled.contains(&MfaMethod::SoftwareTokenMfa);
        let mut attributes = known.attributes.clone();
        let confirmed_by_code = self.auto_verified();
        for (method, attribute, address) in [
            (MfaMethod::SmsMfa, "phone_number", stand_in::NUMBER),
            (MfaMethod::EmailOtp, "email", stand_in::ADDRESS),
        ] {
            let is_name = address_kind(&known.username) == Some(attribute);
            let address = if is_name { &known.username } else { address };
            if enabled.contains(&method) || confirmed_by_code.iter().any(|name| name == attribute) {
                let entry = attributes.entry(attribute.to_owned());
                entry.or_insert_with(|| address.to_owned());
            }
        }
        let resets = |e: &Exchange| self.is(e, &Operation::ConfirmForgotPassword);
        if self.exchanges.iter().any(resets) {
            let entry = attributes.entry("email".to_owned());
            entry.or_insert_with(|| stand_in::ADDRESS.to_owned());
            attributes.insert("email_verified".to_owned(), "true".to_owned());
        }
        let sub = header.known.get("sub").cloned();
        let told = || {
            let mut lists = self.exchanges.iter().map(|e| listed(e.response_body()));
            lists.find_map(|mut list| list.remove("sub"))
        };
        Ok(User {
            aliases: if known.username == known.internal_username {
                Vec::new()
            } else {
                vec![known.username.clone()]
            },
            password: Some(known.password.clone()),
            status: self.status(header.known.get("userStatus"))?,
            attributes,
            mfa: UserMfa {
                enabled,
                preferred: None,
                totp_secret: has_totp.then(|| stand_in::TOTP_SECRET.to_owned()),
            },
            devices: known.device.clone().into_iter().collect(),
            ..User::new(
                known.internal_username.clone(),
                sub.or_else(told)
                    .unwrap_or_else(|| stand_in::SUB.to_owned()),
            )
        })
    }

    /// As `known` has it; else whoever is asked for a new password has a temporary one, and whoever still has to confirm
    /// hasn't yet.
    fn status(&self, text: Option<&String>) -> Result<UserStatus, ReenactError> {
        if let Some(text) = text {
            let read = serde_json::from_value(Value::from(text.as_str()));
            return read.map_err(|_| ReenactError::Known {
                name: "userStatus",
                expected: "a UserStatus",
            });
        }
        let is_temporary = self.exchanges.iter().any(|exchange| {
            let about = [exchange.asked(), self.known.answered_by(exchange)];
            about.contains(&Some(ChallengeName::NewPasswordRequired))
        });
        let confirms = self.exchanges.iter().any(|exchange| {
            let is_done = [ErrorKind::InvalidParameter, ErrorKind::NotAuthorized]
                .iter()
                .any(|kind| exchange.is_refused_as(kind));
            let confirms = self.is(exchange, &Operation::ConfirmSignUp)
                || self.is(exchange, &Operation::ResendConfirmationCode);
            confirms && !is_done
        });
        Ok(if is_temporary {
            UserStatus::ForceChangePassword
        } else if confirms {
            UserStatus::Unconfirmed
        } else {
            UserStatus::Confirmed
        })
    }

    /// Whether the user comes to be in the recording.
    fn signs_up(&self) -> bool {
        self.exchanges.iter().any(|exchange| {
            self.is(exchange, &Operation::SignUp) && !exchange.is_refused_as(&USERNAME_EXISTS)
        })
    }

    /// What has to come with a new password, and what was missed at a sign-up.
    fn required_attributes(&self) -> Vec<String> {
        let asked = self.exchanges.iter().map(required);
        let missed = self.exchanges.iter().find_map(|exchange| {
            let message = exchange.refusal()?.message;
            let rest = message.strip_prefix(NOT_IN_SCHEMA)?;
            let name = rest.split_once(": The attribute is required")?.0;
            Some(name.to_owned())
        });
        let asked = asked.into_iter().find(|names| !names.is_empty());
        asked.into_iter().flatten().chain(missed).collect()
    }

    /// The attributes that codes of a sign-up went to; where it isn't told, the e-mail address.
    fn auto_verified(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for exchange in self.exchanges {
            let sends = self.is(exchange, &Operation::SignUp)
                || self.is(exchange, &Operation::ResendConfirmationCode);
            let told = owned(
                exchange.response_body(),
                "/CodeDeliveryDetails/AttributeName",
            );
            if let Some(told) = told.filter(|told| sends && !found.contains(told)) {
                found.push(told);
            }
        }
        let confirms = |e: &Exchange| self.is(e, &Operation::ConfirmSignUp);
        if found.is_empty() && self.exchanges.iter().any(confirms) {
            found.push("email".to_owned());
        }
        found
    }

    /// The factors that can be set up while signing in. Where that is all that is known, it is the time-based one.
    fn set_up(&self) -> Vec<MfaMethod> {
        for exchange in self.exchanges {
            if let Some(listed) = methods(exchange, key::MFAS_CAN_SETUP) {
                return listed;
            }
        }
        let associates = self.exchanges.iter().any(|exchange| {
            exchange.request.is_none() && self.is(exchange, &Operation::AssociateSoftwareToken)
        });
        match associates {
            true => vec![MfaMethod::SoftwareTokenMfa],
            false => Vec::new(),
        }
    }

    /// The second factors that are on from the start: those that are asked for before any is set up.
    fn enabled(&self) -> Vec<MfaMethod> {
        let mut enabled = Vec::new();
        for exchange in self.exchanges {
            let asked = exchange.asked();
            if asked == Some(ChallengeName::MfaSetup)
                || self.is(exchange, &Operation::SetUserMfaPreference)
                || self.is(exchange, &Operation::AssociateSoftwareToken)
            {
                break;
            }
            let among = methods(exchange, key::MFAS_CAN_CHOOSE).unwrap_or_default();
            let answered = self.known.answered_by(exchange);
            let is_first = self.known.flow_of(exchange) == Some(AuthFlow::UserAuth)
                || answered == Some(ChallengeName::SelectChallenge);
            let shown = [asked.filter(|_| !is_first), answered]
                .into_iter()
                .flatten();
            let by_name = shown.filter_map(|name| match name {
                ChallengeName::SmsMfa => Some(MfaMethod::SmsMfa),
                ChallengeName::SoftwareTokenMfa => Some(MfaMethod::SoftwareTokenMfa),
                // As an answer it may be a first factor, which was asked for then.
                ChallengeName::EmailOtp if exchange.asked() == Some(ChallengeName::EmailOtp) => {
                    Some(MfaMethod::EmailOtp)
                }
                _ => None,
            });
            for method in among.into_iter().chain(by_name) {
                if !enabled.contains(&method) {
                    enabled.push(method);
                }
            }
        }
        enabled
    }

    /// The second factors that a user turns on in the recording.
    fn turned_on(&self) -> Vec<MfaMethod> {
        let settings = [
            ("/SMSMfaSettings/Enabled", MfaMethod::SmsMfa),
            (
                "/SoftwareTokenMfaSettings/Enabled",
                MfaMethod::SoftwareTokenMfa,
            ),
            ("/EmailMfaSettings/Enabled", MfaMethod::EmailOtp),
        ];
        self.exchanges
            .iter()
            .map(Exchange::request_body)
            .flat_map(|body| {
                settings
                    .into_iter()
                    .filter(move |(at, _)| body.pointer(at) == Some(&Value::Bool(true)))
                    .map(|(_, method)| method)
            })
            .collect()
    }

    fn first_factors(&self) -> Vec<FirstFactor> {
        let mut factors = vec![FirstFactor::Password];
        for factor in self.exchanges.iter().flat_map(first_factors) {
            if !factors.contains(&factor) {
                factors.push(factor);
            }
        }
        factors
    }

    fn devices(&self, has_factor: bool) -> Option<DeviceTracking> {
        let is_tracked = self.exchanges.iter().any(|exchange| {
            let new = "/AuthenticationResult/NewDeviceMetadata";
            exchange.device_key().is_some()
                || exchange.response_body().pointer(new).is_some()
                || proves_device(exchange)
        });
        let waits = |exchange: &Exchange| {
            let body = exchange.response_body();
            body.get("UserConfirmationNecessary") == Some(&Value::Bool(true))
        };
        // The proof of the password led to the device, and no factor came before it.
        let replaces = |exchange: &Exchange| {
            let after = exchange.answered();
            exchange.asked() == Some(ChallengeName::DeviceSrpAuth)
                && (after.is_none() || after == Some(ChallengeName::PasswordVerifier))
        };
        is_tracked.then(|| DeviceTracking {
            challenge_required_on_new_device: has_factor && self.exchanges.iter().any(replaces),
            only_remembered_on_user_prompt: self.exchanges.iter().any(waits),
        })
    }

    fn is(&self, exchange: &Exchange, operation: &Operation) -> bool {
        self.known.operation_of(exchange).as_ref() == Some(operation)
    }
}

fn methods(exchange: &Exchange, name: &str) -> Option<Vec<MfaMethod>> {
    let text = parameter(exchange.response_body(), name)?;
    let listed: Vec<Value> = serde_json::from_str(&text).ok()?;
    let read = |method| serde_json::from_value(method).ok();
    Some(listed.into_iter().filter_map(read).collect())
}

const USERNAME_EXISTS: ErrorKind = ErrorKind::UsernameExists;
const NOT_IN_SCHEMA: &str = "Attributes did not conform to the schema: ";
