//! What is known of the world a recording was made in.

use serde_json::Value;

use crate::client::{DeviceRecord, DeviceStore};
use crate::model::Device;
use crate::record::Recording;
use crate::srp::Timestamp;
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation, Parameters, Target};

use super::error::ReenactError;
use super::exchange::{Exchange, owned, parameter};
use super::{stand_in, told};

/// What is known of the recorded world, with stand-ins where nothing is.
pub(super) struct Known {
    pub username: String,
    pub internal_username: String,
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
    /// Which challenge a request answered that isn't recorded.
    pub answered: Option<ChallengeName>,
    /// What is told of the user's attributes, at whichever moment.
    pub attributes: Parameters,
    /// A device that the client had before.
    pub device: Option<Device>,
}

impl Known {
    pub fn read(header: &Recording, exchanges: &[Exchange]) -> Result<Self, ReenactError> {
        let known = |name: &str| header.known.get(name).cloned();
        let first = |found: fn(&Exchange) -> Option<String>| exchanges.iter().find_map(found);
        let (pool_id, region) = pool(header, exchanges);
        let internal = known("internalUsername")
            .or_else(|| first(|e| parameter(e.response_body(), key::USER_ID_FOR_SRP)))
            .or_else(|| first(|e| parameter(e.response_body(), key::USERNAME)))
            .or_else(|| first(|e| owned(e.response_body(), "/Username")));
        let typed = known("username")
            .or_else(|| first(|e| owned(e.request_body(), "/AuthParameters/USERNAME")))
            .or_else(|| first(|e| owned(e.request_body(), "/Username")));
        let answering = || first(|e| owned(e.request_body(), "/ChallengeResponses/USERNAME"));
        let username = typed
            .or_else(|| internal.clone())
            .or_else(answering)
            .unwrap_or_else(|| stand_in::NAME.to_owned());
        let operation = known("operation").map(Operation::from);
        Ok(Self {
            attributes: told::attributes(&username, operation.as_ref(), header, exchanges),
            device: told::device(header, exchanges),
            internal_username: internal.unwrap_or_else(|| username.clone()),
            username,
            password: known("password")
                .or_else(|| first(password_of))
                .unwrap_or_else(|| stand_in::PASSWORD.to_owned()),
            client_id: known("clientId")
                .or_else(|| first(|e| owned(e.request_body(), "/ClientId")))
                .unwrap_or_else(|| "standinclient".to_owned()),
            client_secret: known("clientSecret").filter(|secret| secret != "none"),
            a: known("a").into_iter().collect(),
            now: now(header, exchanges)?,
            operation,
            flow: known("flow").map(AuthFlow::from),
            answered: known("answered").map(ChallengeName::from),
            region,
            pool_id,
        })
    }

    /// The operation of an exchange, where it is known.
    pub fn operation_of(&self, exchange: &Exchange) -> Option<Operation> {
        exchange.operation_or(self.operation.as_ref())
    }

    /// The flow that an exchange starts, where it is known.
    pub fn flow_of(&self, exchange: &Exchange) -> Option<AuthFlow> {
        exchange.flow().or_else(|| {
            let is_unrecorded = exchange.request.is_none();
            self.flow.clone().filter(|_| is_unrecorded)
        })
    }

    /// The challenge that an exchange answers, where it is known.
    pub fn answered_by(&self, exchange: &Exchange) -> Option<ChallengeName> {
        exchange.answered().or_else(|| {
            let is_unrecorded = exchange.request.is_none();
            self.answered.clone().filter(|_| is_unrecorded)
        })
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

    /// What a client of that world keeps from before.
    pub fn devices(&self) -> DeviceStore {
        let mut store = DeviceStore::default();
        if let Some(device) = &self.device {
            let record = DeviceRecord {
                key: device.key.clone(),
                group_key: device.group_key.clone(),
                password: device.password.clone(),
            };
            store.keep(&self.pool_id, &self.internal_username, record);
            store.link(&self.pool_id, &self.username, &self.internal_username);
        }
        store
    }
}

fn pool(header: &Recording, exchanges: &[Exchange]) -> (String, String) {
    let known = |name: &str| header.known.get(name).cloned();
    let sent = || {
        exchanges
            .iter()
            .find_map(|e| owned(e.request_body(), "/UserPoolId"))
    };
    let region = known("region").unwrap_or_else(|| "us-east-1".to_owned());
    match known("userPoolId").or_else(sent) {
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

/// The password that a request shows, unless it was refused.
fn password_of(exchange: &Exchange) -> Option<String> {
    let body = exchange.request_body();
    let sent = PASSWORDS.iter().find_map(|at| owned(body, at));
    sent.filter(|_| !exchange.is_refused_as(&ErrorKind::NotAuthorized))
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
            .find_map(|e| owned(e.request_body(), "/ChallengeResponses/TIMESTAMP"))
    };
    match header.known.get("timestamp").cloned().or_else(sent) {
        Some(text) => Timestamp::parse(&text)
            .map(|timestamp| timestamp.unix)
            .map_err(|_| wrong("timestamp", "a TIMESTAMP")),
        None => Ok(stand_in::NOW),
    }
}

/// When a claim was signed, in Unix seconds.
pub(super) fn signed_at(body: &Value) -> Option<i64> {
    let text = owned(body, "/ChallengeResponses/TIMESTAMP")?;
    Some(Timestamp::parse(&text).ok()?.unix)
}

/// Where a request shows the password in clear.
const PASSWORDS: [&str; 3] = [
    "/AuthParameters/PASSWORD",
    "/ChallengeResponses/PASSWORD",
    "/Password",
];
