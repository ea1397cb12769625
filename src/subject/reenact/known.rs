//! Which world a recording was made in.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{
    AppClient, Clock, CustomScript, ExplicitAuthFlow, SaltChoice, Steering, Triggers, User,
    UserPool, UserStatus, World,
};
use crate::srp::Timestamp;
use crate::wire::names::key;
use crate::wire::transcript::Recording;
use crate::wire::{AuthFlow, ChallengeName, Operation, Target};

use super::exchange::{Exchange, text};
use super::reenactment::ReenactError;
use super::script;

/// What is known of the recorded world, with stand-ins where nothing is.
pub(super) struct Known {
    pub username: String,
    pub password: String,
    pub region: String,
    pub pool_id: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    /// Private values, hexadecimal.
    pub a: Vec<String>,
    /// Unix seconds.
    pub now: i64,
    /// Of a response whose request isn't recorded.
    pub operation: Option<Operation>,
    /// Of a response whose request isn't recorded.
    pub flow: Option<AuthFlow>,
    /// Whether the recording says who it was; a stand-in is no such name.
    pub names_user: bool,
    user: Option<User>,
    salt: Option<String>,
    required_attributes: Vec<String>,
    custom: Option<CustomScript>,
}

impl Known {
    pub fn read(header: &Recording, exchanges: &[Exchange]) -> Result<Self, ReenactError> {
        let known = |name: &str| header.known.get(name).cloned();
        let first = |found: fn(&Exchange) -> Option<String>| exchanges.iter().find_map(found);
        let (pool_id, region) = pool(header);
        let typed = known("username")
            .or_else(|| first(|e| owned(&e.request_body(), "/AuthParameters/USERNAME")))
            .or_else(|| first(|e| owned(&e.request_body(), "/Username")));
        let username = typed.clone().unwrap_or_else(|| "stand-in".to_owned());
        let internal = known("internalUsername")
            .or_else(|| first(|e| parameter(&e.response_body(), key::USER_ID_FOR_SRP)))
            .or_else(|| first(|e| parameter(&e.response_body(), key::USERNAME)))
            .unwrap_or_else(|| username.clone());
        let password = known("password").unwrap_or_else(|| "Stand-in-password-1".to_owned());
        let user = match known("userExists").as_deref() {
            Some("false") => None,
            None | Some("true") => Some(User {
                aliases: if username == internal {
                    Vec::new()
                } else {
                    vec![username.clone()]
                },
                password: Some(password.clone()),
                status: status(known("userStatus").as_deref(), exchanges)?,
                attributes: attributes(&header.known, exchanges),
                ..User::new(
                    internal,
                    known("sub").unwrap_or_else(|| STAND_IN_SUB.to_owned()),
                )
            }),
            Some(_) => {
                return Err(ReenactError::Known {
                    name: "userExists",
                    expected: "true or false",
                });
            }
        };
        Ok(Self {
            username,
            password,
            region,
            pool_id,
            client_id: known("clientId")
                .or_else(|| first(|e| owned(&e.request_body(), "/ClientId")))
                .unwrap_or_else(|| "standinclient".to_owned()),
            client_secret: known("clientSecret").filter(|secret| secret != "none"),
            a: known("a").into_iter().collect(),
            now: now(header, exchanges)?,
            operation: known("operation").map(Operation::from),
            flow: known("flow").map(AuthFlow::from),
            names_user: typed.is_some(),
            user,
            salt: first(|e| parameter(&e.response_body(), key::SALT)),
            required_attributes: required_attributes(exchanges),
            custom: script::custom(exchanges),
        })
    }

    /// Why an exchange is not played again: only the operations of a sign-in and of a password reset are, though the pool
    /// offers more.
    pub fn unplayed(&self, exchange: &Exchange) -> Option<String> {
        match exchange.operation().or_else(|| self.operation.clone()) {
            None => Some("an unknown operation".to_owned()),
            Some(
                Operation::InitiateAuth
                | Operation::RespondToAuthChallenge
                | Operation::ForgotPassword
                | Operation::ConfirmForgotPassword,
            ) => None,
            Some(other) => Some(other.to_string()),
        }
    }

    /// The world for a pool.
    pub fn world(&self) -> World {
        World {
            pool: UserPool {
                aliases: self
                    .user
                    .as_ref()
                    .is_some_and(|user| !user.aliases.is_empty()),
                required_attributes: self.required_attributes.clone(),
                ..UserPool::new(self.pool_id.clone())
            },
            clients: vec![AppClient {
                secret: self.client_secret.clone(),
                explicit_auth_flows: vec![
                    ExplicitAuthFlow::AllowUserSrpAuth,
                    ExplicitAuthFlow::AllowUserPasswordAuth,
                    ExplicitAuthFlow::AllowCustomAuth,
                    ExplicitAuthFlow::AllowRefreshTokenAuth,
                ],
                ..AppClient::new(self.client_id.clone())
            }],
            users: self.user.clone().into_iter().collect(),
            triggers: Triggers {
                custom: self.custom.clone(),
                ..Triggers::default()
            },
            clock: Clock::Fixed(self.now),
            steering: Steering {
                salt: self.salt.clone().map(SaltChoice::Dictated),
                ..Steering::default()
            },
            seed: 0,
        }
    }

    /// Where a client finds that world.
    pub fn target(&self) -> Target {
        Target {
            // Nobody connects to it: the transport is a script.
            endpoint: "http://127.0.0.1/".to_owned(),
            region: self.region.clone(),
            user_pool_id: self.pool_id.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            configuration: None,
        }
    }
}

fn pool(header: &Recording) -> (String, String) {
    let known = |name: &str| header.known.get(name).cloned();
    let region = known("region").unwrap_or_else(|| "us-east-1".to_owned());
    match known("userPoolId") {
        Some(id) => {
            let region = id
                .split_once('_')
                .map_or(region, |(region, _)| region.to_owned());
            (id, region)
        }
        None => {
            let name = known("poolName").unwrap_or_else(|| "Standin01".to_owned());
            (format!("{region}_{name}"), region)
        }
    }
}

/// When the recorded answer was made: `now`, else `timestamp`, else the first `TIMESTAMP` that was sent.
fn now(header: &Recording, exchanges: &[Exchange]) -> Result<i64, ReenactError> {
    let wrong = |name, expected| ReenactError::Known { name, expected };
    if let Some(now) = header.known.get("now") {
        return now.parse().map_err(|_| wrong("now", "Unix seconds"));
    }
    let sent = || {
        exchanges
            .iter()
            .find_map(|e| owned(&e.request_body(), "/ChallengeResponses/TIMESTAMP"))
    };
    match header.known.get("timestamp").cloned().or_else(sent) {
        Some(text) => Timestamp::parse(&text)
            .map(|timestamp| timestamp.unix)
            .map_err(|_| wrong("timestamp", "a TIMESTAMP")),
        None => Ok(STAND_IN_NOW),
    }
}

/// As `known` has it; else whoever is asked for a new password has a temporary one.
fn status(text: Option<&str>, exchanges: &[Exchange]) -> Result<UserStatus, ReenactError> {
    match text {
        None if asked_for_new_password(exchanges).is_some() => Ok(UserStatus::ForceChangePassword),
        None => Ok(UserStatus::Confirmed),
        Some(text) => serde_json::from_value(Value::from(text)).map_err(|_| ReenactError::Known {
            name: "userStatus",
            expected: "a UserStatus",
        }),
    }
}

/// What `known` has, and what a request for a new password says of the user.
fn attributes(
    known: &BTreeMap<String, String>,
    exchanges: &[Exchange],
) -> BTreeMap<String, String> {
    let told: BTreeMap<String, String> = asked_for_new_password(exchanges)
        .and_then(|body| parameter(&body, key::USER_ATTRIBUTES))
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let known = known.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix("attribute.")?.to_owned(), value.clone()))
    });
    told.into_iter().chain(known).collect()
}

fn required_attributes(exchanges: &[Exchange]) -> Vec<String> {
    asked_for_new_password(exchanges)
        .and_then(|body| parameter(&body, key::REQUIRED_ATTRIBUTES))
        .and_then(|text| serde_json::from_str::<Vec<String>>(&text).ok())
        .unwrap_or_default()
        .into_iter()
        .map(|name| name.replace(key::USER_ATTRIBUTES_PREFIX, ""))
        .collect()
}

fn asked_for_new_password(exchanges: &[Exchange]) -> Option<Value> {
    exchanges
        .iter()
        .find(|e| e.asked() == Some(ChallengeName::NewPasswordRequired))
        .map(Exchange::response_body)
}

fn parameter(body: &Value, name: &str) -> Option<String> {
    owned(body, &format!("/ChallengeParameters/{name}"))
}

fn owned(body: &Value, pointer: &str) -> Option<String> {
    text(body, pointer).map(ToOwned::to_owned)
}

const STAND_IN_SUB: &str = "00000000-0000-4000-8000-000000000001";
const STAND_IN_NOW: i64 = 1_700_000_000;
