//! Triggers: the event that goes in, and what becomes of what comes out (developer guide, Lambda triggers).

use serde_json::{Map, Value, json};

use super::errors::{self, Answer};
use super::pool::Pool;
use super::session::RoundEntry;
use super::subject::Subject;
use crate::model::AppClient;
use crate::wire::{Event, Parameters, TriggerCall};

/// What a trigger did.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// It returned its event with this `response`.
    Response(Value),
    /// It threw.
    Threw(String),
    /// It returned something that is not its event.
    Nonsense,
}

impl Pool {
    /// Records a run of the trigger `source` and reads what it said.
    pub(super) fn triggered(
        &mut self,
        client: &AppClient,
        source: &str,
        user_name: &str,
        request: Map<String, Value>,
        said: Said,
    ) -> Answer<Value> {
        let event = json!({
            "version": "1",
            "triggerSource": source,
            "region": self.world.pool.region,
            "userPoolId": self.world.pool.id,
            "userName": user_name,
            "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client.id },
            "request": request,
            "response": {},
        });
        let (response, error) = match &said {
            Said::Response(response) => (response.clone(), None),
            Said::Threw(message) => (Value::Null, Some(message.clone())),
            Said::Nonsense => (Value::Null, None),
        };
        self.events.push(Event::Triggered(TriggerCall {
            source: source.to_owned(),
            event,
            response,
            error,
        }));
        let name = source.split('_').next().unwrap_or(source);
        match said {
            Said::Response(response) => Ok(response),
            Said::Threw(message) => Err(errors::trigger_failed(name, &message)),
            Said::Nonsense => Err(errors::unrecognizable_output()),
        }
    }

    /// The members of a request that every trigger but migration has.
    pub(super) fn trigger_request(
        &self,
        client: &AppClient,
        subject: &Subject,
    ) -> Map<String, Value> {
        let mut request = Map::new();
        request.insert(
            "userAttributes".to_owned(),
            self.trigger_attributes(subject),
        );
        // Documented as filled in when existence errors are suppressed.
        if self.hides_existence(client) {
            request.insert("userNotFound".to_owned(), Value::Bool(!subject.real));
        }
        request
    }

    /// PreAuthentication, when it is configured. It runs before the password is looked at.
    pub(super) fn pre_authentication(
        &mut self,
        client: &AppClient,
        subject: &Subject,
        metadata: Option<&Parameters>,
    ) -> Answer<()> {
        let Some(message) = self.world.triggers.pre_authentication_denies.clone() else {
            return Ok(());
        };
        let mut request = self.trigger_request(client, subject);
        if self.policy.metadata.initiate_reaches_validation_data {
            insert_map(&mut request, "validationData", metadata);
        }
        self.triggered(
            client,
            "PreAuthentication_Authentication",
            &subject.id,
            request,
            Said::Threw(message),
        )
        .map(|_| ())
    }

    /// All values are strings; `sub`, the status and aliases stand among the user's own attributes (captured,
    /// aws-amplify/amplify-js#5834).
    fn trigger_attributes(&self, subject: &Subject) -> Value {
        let Some(account) = self.directory.find(&subject.id).filter(|_| subject.real) else {
            return json!({});
        };
        let user = &account.user;
        let mut attributes: Parameters = user.attributes.clone();
        attributes.insert("sub".to_owned(), user.sub.clone());
        attributes.insert(
            "cognito:user_status".to_owned(),
            user.status.as_str().to_owned(),
        );
        if self.world.pool.aliases {
            for alias in &user.aliases {
                let kind = if alias.contains('@') {
                    "cognito:email_alias"
                } else {
                    "cognito:phone_number_alias"
                };
                attributes.insert(kind.to_owned(), alias.clone());
            }
        }
        json!(attributes)
    }
}

/// Puts a map into a request unless it is empty: the service leaves such members out, and functions written in typed
/// languages choke on a null.
pub(super) fn insert_map(request: &mut Map<String, Value>, name: &str, map: Option<&Parameters>) {
    if let Some(map) = map.filter(|map| !map.is_empty()) {
        request.insert(name.to_owned(), json!(map));
    }
}

/// The session array as triggers see it.
pub(super) fn session_array(entries: &[RoundEntry]) -> Value {
    entries
        .iter()
        .map(|entry| {
            json!({
                "challengeName": entry.name,
                "challengeResult": entry.result,
                "challengeMetadata": entry.metadata,
            })
        })
        .collect()
}
