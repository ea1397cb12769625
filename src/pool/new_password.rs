//! `NEW_PASSWORD_REQUIRED`: a temporary password has to be replaced.

use serde_json::{Value, json};

use super::custom::CustomTurn;
use super::errors::{self, Answer};
use super::pool::Pool;
use super::session::{Awaits, RoundEntry};
use super::shape::present;
use super::subject::Subject;
use crate::model::{AppClient, UserStatus};
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Parameters, RespondToAuthChallenge};

impl Pool {
    /// Asks for a new password. `then` is the session array when custom challenges follow; where the service puts this
    /// challenge among those is not established.
    pub(super) fn ask_for_new_password(
        &mut self,
        client: &AppClient,
        subject: &Subject,
        then: Option<Vec<RoundEntry>>,
    ) -> AuthResponse {
        let mut parameters = Parameters::from([
            (key::USERNAME.to_owned(), subject.id.clone()),
            (key::USER_ID_FOR_SRP.to_owned(), subject.id.clone()),
        ]);
        if self.policy.users.new_password_describes_user {
            let (missing, attributes) = self.profile(subject);
            // JSON inside strings (captured, aws-amplify/amplify-ui).
            let missing: Vec<_> = missing
                .iter()
                .map(|name| format!("{}{name}", key::USER_ATTRIBUTES_PREFIX))
                .collect();
            parameters.insert(
                key::REQUIRED_ATTRIBUTES.to_owned(),
                json!(missing).to_string(),
            );
            parameters.insert(
                key::USER_ATTRIBUTES.to_owned(),
                json!(attributes).to_string(),
            );
        }
        let session = self.open_session(client, subject, Awaits::NewPassword { then });
        AuthResponse {
            challenge_name: Some(ChallengeName::NewPasswordRequired),
            session: Some(session),
            challenge_parameters: Some(parameters),
            authentication_result: None,
        }
    }

    pub(super) fn answer_new_password(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let username = present(answer, key::USERNAME)?;
        let password = present(answer, key::NEW_PASSWORD)?;
        let session_text = request.session.as_deref();
        let found = self.session(session_text, client, &ChallengeName::NewPasswordRequired);
        let (subject, then) = match found {
            Ok(session) => {
                if self.policy.srp.binds_user && !session.subject.is_called(username, true) {
                    return Err(errors::invalid_session());
                }
                let Awaits::NewPassword { then } = session.awaits else {
                    return Err(errors::invalid_session());
                };
                (session.subject, then)
            }
            // The mistake of an emulator: an invented Session will do.
            Err(error) if self.policy.sessions.demanded_for_new_password => return Err(error),
            Err(error) => (self.known(username).ok_or(error)?, None),
        };
        self.refuse_state_after_proof(client, &subject)?;
        self.refuse_password(password)?;
        let given = self.given_attributes(&subject, answer)?;

        let Some(account) = self.directory.find_mut(&subject.id) else {
            return Err(errors::invalid_session());
        };
        account.user.password = Some(password.to_owned());
        account.user.status = UserStatus::Confirmed;
        account.user.attributes.extend(given);
        account.passwords += 1;
        self.close_session(session_text);
        self.note_status(&subject.id);
        match then {
            None => self.sign_in(client, &subject),
            Some(entries) => self.go_on(CustomTurn {
                client,
                subject: &subject,
                metadata: self.answers_metadata(request),
                a_pub: None,
                entries,
            }),
        }
    }

    /// Refuses a new password that breaks the pool's policy.
    pub(super) fn refuse_password(&self, password: &str) -> Answer<()> {
        if password.chars().count() < self.policy.users.minimum_password_length {
            return Err(errors::password_too_short());
        }
        Ok(())
    }

    /// The attributes that come with an answer, all required ones among them.
    fn given_attributes(&self, subject: &Subject, answer: &Parameters) -> Answer<Parameters> {
        let (missing, attributes) = self.profile(subject);
        let given: Parameters = answer
            .iter()
            .filter_map(|(name, value)| {
                let name = name.strip_prefix(key::USER_ATTRIBUTES_PREFIX)?;
                Some((name.to_owned(), value.clone()))
            })
            .collect();
        for name in missing {
            if given.get(&name).is_none_or(String::is_empty) {
                return Err(errors::attribute_required(&name));
            }
        }
        let required = &self.world.pool.required_attributes;
        for (name, value) in &given {
            let present = attributes.get(name).and_then(Value::as_str);
            if required.contains(name) && present.is_some_and(|present| present != value) {
                return Err(errors::already_provided(name));
            }
        }
        Ok(given)
    }

    /// Required attributes that the user lacks, and the attributes the user has.
    fn profile(&self, subject: &Subject) -> (Vec<String>, serde_json::Map<String, Value>) {
        let attributes = self
            .directory
            .find(&subject.id)
            .map(|account| account.user.attributes.clone())
            .unwrap_or_default();
        let missing = self
            .world
            .pool
            .required_attributes
            .iter()
            .filter(|name| !attributes.contains_key(*name))
            .cloned()
            .collect();
        let attributes = attributes
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect();
        (missing, attributes)
    }
}
