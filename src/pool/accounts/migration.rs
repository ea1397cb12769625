//! User migration (developer guide: migrate user Lambda trigger).

use serde_json::{Map, Value, json};

use crate::model::{AppClient, MigrationScript, TriggerName, User, UserStatus};
use crate::pool::accounts::attributes::{ADDRESSES, kind_of};
use crate::pool::core::Pool;
use crate::pool::state::directory::{Account, verified_flag};
use crate::pool::state::outside::Said;
use crate::pool::triggers::trigger::{Run, insert_map};
use crate::pool::wire::errors::{self, Answer};
use crate::wire::Parameters;

/// Why the trigger runs.
#[derive(Clone, Copy, Debug)]
pub(in crate::pool) enum Reason<'a> {
    /// Somebody signs in with this password. Under SRP, where only a wrong service runs the trigger, there is none.
    SignIn {
        /// The password, as it came in clear.
        password: Option<&'a str>,
    },
    /// Somebody resets the password.
    ForgotPassword,
}

impl Pool {
    /// Runs the trigger, if it is configured, and adds the user it knows. Returns the user's internal name, or `None`
    /// where the trigger knows no such user either.
    pub(in crate::pool) fn migrate(
        &mut self,
        client: &AppClient,
        typed: &str,
        reason: Reason<'_>,
        metadata: Option<&Parameters>,
    ) -> Answer<Option<String>> {
        let mut request = Map::new();
        let (source, password) = match reason {
            Reason::SignIn { password } => {
                if let Some(password) = password {
                    request.insert("password".to_owned(), json!(password));
                }
                if self.policy.metadata.initiate_reaches_validation_data {
                    insert_map(&mut request, "validationData", metadata);
                }
                ("UserMigration_Authentication", password)
            }
            Reason::ForgotPassword => {
                if self.policy.metadata.resets_reach_migration {
                    insert_map(&mut request, "clientMetadata", metadata);
                }
                ("UserMigration_ForgotPassword", None)
            }
        };
        let script = self.world.triggers.migration.as_ref();
        let said = script.map(|script| answer(script, typed, password));
        let run = Run {
            trigger: TriggerName::UserMigration,
            source: source.to_owned(),
            client: &client.id,
            user_name: typed,
            request,
        };
        let Some(response) = self.run_trigger(run, said)? else {
            return Ok(None);
        };
        let Some(attributes) = response.get("userAttributes").filter(|map| map.is_object()) else {
            return Ok(None);
        };
        let attributes: Parameters = serde_json::from_value(attributes.clone())
            .map_err(|_| errors::unrecognizable_output())?;
        self.add_migrated(typed, password, attributes, &response)
            .map(Some)
    }

    fn add_migrated(
        &mut self,
        typed: &str,
        password: Option<&str>,
        mut attributes: Parameters,
        response: &Value,
    ) -> Answer<String> {
        // Reported to make the sign-in fail (boto/boto3#2747); with which error is not.
        if attributes.contains_key("sub") {
            return Err(errors::unrecognizable_output());
        }
        for required in &self.world.pool.required_attributes {
            if !attributes.contains_key(required) {
                return Err(errors::attribute_required(required));
            }
        }
        let forces = response.get("forceAliasCreation").and_then(Value::as_bool) == Some(true);
        let pool = &self.world.pool;
        let has_user_names = pool.has_user_names();
        let mut aliases = Vec::new();
        for kind in ADDRESSES {
            let Some(alias) = attributes.get(kind) else {
                continue;
            };
            let is_verified = attributes.get(&verified_flag(kind)).map(String::as_str);
            let is_name = pool.is_username_attribute(kind)
                || (pool.is_alias_attribute(kind) && is_verified == Some("true"));
            if !is_name {
                continue;
            }
            if self.directory.owner_of(alias).is_some() && !forces {
                return Err(errors::alias_exists(kind));
            }
            aliases.push(alias.clone());
        }
        if !has_user_names && !aliases.iter().any(|alias| alias == typed) {
            aliases.push(typed.to_owned());
        }
        let sub = self.random.uuid();
        // Another name than the typed one is allowed only where that is an alias (documented).
        let chosen = attributes.remove("username");
        let username = match chosen {
            Some(name) if self.world.pool.aliases && self.directory.find(&name).is_none() => name,
            _ if !has_user_names => sub.clone(),
            _ => {
                let kind = kind_of(typed).filter(|kind| self.world.pool.is_alias_attribute(kind));
                if let Some(kind) = kind {
                    return Err(errors::username_looks_like(kind));
                }
                typed.to_owned()
            }
        };
        let keeps = !self.policy.migration.honours_status
            || response.get("finalUserStatus").and_then(Value::as_str) == Some("CONFIRMED");
        let keeps = keeps && password.is_some();
        let user = User {
            aliases,
            password: password.filter(|_| keeps).map(str::to_owned),
            status: if keeps {
                UserStatus::Confirmed
            } else {
                UserStatus::ResetRequired
            },
            attributes,
            ..User::new(username.clone(), sub)
        };
        self.directory.add(Account::new(user, self.now()));
        self.note_status(&username);
        Ok(username)
    }
}

/// What the scripted function says: it throws, knows the user, or returns its event as it came.
fn answer(script: &MigrationScript, typed: &str, password: Option<&str>) -> Said {
    if let Some(message) = &script.throws {
        return Said::Threw(message.clone());
    }
    let knows = script
        .directory
        .get(typed)
        .is_some_and(|right| password.is_none_or(|password| password == right));
    if !knows {
        return Said::Response(json!({}));
    }
    let mut response = json!({
        "userAttributes": script.attributes,
        "forceAliasCreation": script.force_alias_creation,
    });
    if let Some(status) = &script.final_user_status {
        response["finalUserStatus"] = json!(status);
    }
    if let Some(action) = &script.message_action {
        response["messageAction"] = json!(action);
    }
    Said::Response(response)
}
