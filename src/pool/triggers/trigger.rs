//! Triggers: the event that goes in, and what becomes of what comes out (developer guide, Lambda triggers).

use serde_json::{Map, Value, json};

use crate::model::{AppClient, Function, TriggerName};
use crate::pool::core::Pool;
use crate::pool::state::outside::Said;
use crate::pool::state::sign_in::{RoundEntry, Turn};
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::{Parameters, TriggerCall};

/// One run of a trigger.
pub(in crate::pool) struct Run<'a> {
    /// Which trigger.
    pub(in crate::pool) trigger: TriggerName,
    /// `triggerSource`.
    pub(in crate::pool) source: String,
    /// `callerContext.clientId`.
    pub(in crate::pool) client: &'a str,
    /// `userName`.
    pub(in crate::pool) user_name: &'a str,
    /// `request`.
    pub(in crate::pool) request: Map<String, Value>,
}

impl Pool {
    /// Runs a trigger and returns its `response`: that of the function which is configured, else what a script says, else
    /// nothing, since the trigger is not configured.
    pub(in crate::pool) fn run_trigger(
        &mut self,
        run: Run<'_>,
        scripted: Option<Said>,
    ) -> Answer<Option<Value>> {
        let event = json!({
            "version": "1",
            "triggerSource": run.source,
            "region": self.world.pool.region,
            "userPoolId": self.world.pool.id,
            "userName": run.user_name,
            "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": run.client },
            "request": run.request,
            "response": initial_response(run.trigger),
        });
        let function = self.world.triggers.functions.get(&run.trigger).cloned();
        let said = match (function, scripted) {
            (Some(Function::Respond(response)), _) => Said::Response(response),
            (Some(Function::Throw(message)), _) => Said::Threw(message),
            (Some(Function::BuiltIn(built_in)), _) => {
                self.run_built_in(&built_in, run.trigger, &event)
            }
            (Some(outside), _) => self.outside.ask(outside, &event)?,
            (None, Some(said)) => said,
            (None, None) => return Ok(None),
        };
        let (response, error) = match &said {
            Said::Response(response) => (response.clone(), None),
            Said::Threw(message) | Said::Failed(message) => (Value::Null, Some(message.clone())),
            Said::Nonsense | Said::NotJson | Said::TimedOut => (Value::Null, None),
        };
        self.note_trigger(TriggerCall {
            source: run.source,
            event,
            response,
            error,
        });
        let name = run.trigger.as_str();
        match said {
            Said::Response(response) => Ok(Some(response)),
            Said::Threw(message) => Err(errors::trigger_failed(name, &message)),
            Said::Nonsense => Err(errors::unrecognizable_output()),
            Said::NotJson => Err(errors::output_not_json()),
            Said::Failed(why) => Err(errors::trigger_not_invoked(name, &why)),
            Said::TimedOut => Err(errors::trigger_timed_out(name)),
        }
    }

    /// Whether a function answers for this trigger.
    pub(in crate::pool) fn has_function(&self, trigger: TriggerName) -> bool {
        self.world.triggers.functions.contains_key(&trigger)
    }

    /// The members of a request that every trigger but migration has.
    pub(in crate::pool) fn trigger_request(
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
    pub(in crate::pool) fn pre_authentication(
        &mut self,
        client: &AppClient,
        subject: &Subject,
        metadata: Option<&Parameters>,
    ) -> Answer<()> {
        let denial = self.world.triggers.pre_authentication_denies.clone();
        if denial.is_none() && !self.has_function(TriggerName::PreAuthentication) {
            return Ok(());
        }
        let mut request = self.trigger_request(client, subject);
        if self.policy.metadata.initiate_reaches_validation_data {
            insert_map(&mut request, "validationData", metadata);
        }
        let run = Run {
            trigger: TriggerName::PreAuthentication,
            source: "PreAuthentication_Authentication".to_owned(),
            client: &client.id,
            user_name: &subject.id,
            request,
        };
        self.run_trigger(run, denial.map(Said::Threw)).map(|_| ())
    }

    /// PostAuthentication, when it is configured.
    pub(in crate::pool) fn post_authentication(
        &mut self,
        turn: &Turn<'_>,
        new_device: bool,
    ) -> Answer<()> {
        if !self.has_function(TriggerName::PostAuthentication) {
            return Ok(());
        }
        let mut request = self.trigger_request(turn.client, &turn.sign_in.subject);
        request.insert("newDeviceUsed".to_owned(), Value::Bool(new_device));
        insert_map(&mut request, "clientMetadata", turn.metadata);
        let run = Run {
            trigger: TriggerName::PostAuthentication,
            source: "PostAuthentication_Authentication".to_owned(),
            client: &turn.client.id,
            user_name: &turn.sign_in.subject.id,
            request,
        };
        self.run_trigger(run, None).map(|_| ())
    }

    /// All values are strings; `sub`, the status and aliases stand among the user's own attributes (captured,
    /// aws-amplify/amplify-js#5834).
    pub(in crate::pool) fn trigger_attributes(&self, subject: &Subject) -> Value {
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
                let kind = match alias {
                    email if email.contains('@') => "cognito:email_alias",
                    name if Some(name) == attributes.get("preferred_username") => continue,
                    _ => "cognito:phone_number_alias",
                };
                attributes.insert(kind.to_owned(), alias.clone());
            }
        }
        json!(attributes)
    }
}

/// What `response` holds before the trigger has run: functions fill it in (developer guide, Lambda triggers).
fn initial_response(trigger: TriggerName) -> Value {
    match trigger {
        TriggerName::PreSignUp => {
            json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false })
        }
        TriggerName::PreTokenGeneration => json!({ "claimsOverrideDetails": null }),
        TriggerName::UserMigration => json!({
            "userAttributes": null,
            "forceAliasCreation": null,
            "enableSMSMFA": null,
            "finalUserStatus": null,
            "messageAction": null,
            "desiredDeliveryMediums": null,
        }),
        TriggerName::DefineAuthChallenge => {
            json!({ "challengeName": null, "issueTokens": null, "failAuthentication": null })
        }
        TriggerName::CreateAuthChallenge => json!({
            "publicChallengeParameters": null,
            "privateChallengeParameters": null,
            "challengeMetadata": null,
        }),
        TriggerName::VerifyAuthChallengeResponse => json!({ "answerCorrect": null }),
        TriggerName::PostConfirmation
        | TriggerName::PreAuthentication
        | TriggerName::PostAuthentication => json!({}),
    }
}

/// Puts a map into a request unless it is empty: the service leaves such members out, and functions written in typed
/// languages choke on a null.
pub(in crate::pool) fn insert_map(
    request: &mut Map<String, Value>,
    name: &str,
    map: Option<&Parameters>,
) {
    if let Some(map) = map.filter(|map| !map.is_empty()) {
        request.insert(name.to_owned(), json!(map));
    }
}

/// The session array as triggers see it.
pub(in crate::pool) fn session_array(entries: &[RoundEntry]) -> Value {
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
