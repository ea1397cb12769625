//! `NEW_PASSWORD_REQUIRED`: a temporary password has to be replaced.

use serde_json::{Value, json};

use crate::model::{AppClient, UserStatus};
use crate::pool::accounts::attributes::in_service_order;
use crate::pool::core::Pool;
use crate::pool::state::sessions::Awaits;
use crate::pool::state::sign_in::{Occasion, SignIn, Turn};
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::shape::present;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Parameters, RespondToAuthChallenge};

impl Pool {
    /// Asks for a new password. Where the service puts this challenge among custom ones is not established; here it comes
    /// right after the proof.
    pub(in crate::pool) fn ask_for_new_password(&mut self, turn: Turn<'_>) -> AuthResponse {
        let subject = turn.sign_in.subject.clone();
        let mut parameters = Parameters::from([
            (key::USERNAME.to_owned(), subject.id.clone()),
            (key::USER_ID_FOR_SRP.to_owned(), subject.id.clone()),
        ]);
        if self.policy.users.new_password_describes_user {
            let (missing, attributes) = self.profile(&subject);
            // JSON inside strings (captured, aws-amplify/amplify-ui).
            let missing = missing
                .iter()
                .map(|name| format!("{}{name}", key::USER_ATTRIBUTES_PREFIX));
            let missing = in_service_order(missing.collect(), String::clone);
            parameters.insert(
                key::REQUIRED_ATTRIBUTES.to_owned(),
                json!(missing).to_string(),
            );
            parameters.insert(
                key::USER_ATTRIBUTES.to_owned(),
                json!(attributes).to_string(),
            );
        }
        self.challenge_with_session(turn, Awaits::NewPassword, parameters)
    }

    pub(in crate::pool) fn answer_new_password(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let username = present(answer, key::USERNAME)?;
        let password = present(answer, key::NEW_PASSWORD)?;
        let found = self.answered_session(client, request, &ChallengeName::NewPasswordRequired);
        let mut sign_in = match found {
            Ok(session) => session.sign_in,
            // The mistake of an emulator: an invented Session will do.
            Err(error) if self.sessions.policy().demanded_for_new_password => return Err(error),
            Err(error) => SignIn::new(client, self.known(username).ok_or(error)?),
        };
        let subject = sign_in.subject.clone();
        self.refuse_state_after_proof(client, &subject)?;
        self.refuse_password(password)?;
        let given = self.given_attributes(&subject, answer)?;

        let Some(account) = self.directory.find_mut(&subject.id) else {
            return Err(errors::invalid_session());
        };
        account.user.status = UserStatus::Confirmed;
        account.user.attributes.extend(given);
        self.set_password(&subject.id, password);
        self.sessions.close(request.session.as_deref());
        self.note_status(&subject.id);
        sign_in.done.password = true;
        sign_in.occasion = Occasion::NewPasswordChallenge;
        let metadata = self.answers_metadata(request);
        self.advance(Turn {
            client,
            sign_in,
            metadata,
        })
    }

    /// Refuses a new password that breaks the pool's policy.
    pub(in crate::pool) fn refuse_password(&self, password: &str) -> Answer<()> {
        let policy = &self.world.pool.password_policy;
        let has = |wanted: fn(char) -> bool| password.chars().any(wanted);
        if password.chars().count() < policy.minimum_length {
            return Err(errors::password_breaks("Password not long enough"));
        }
        for (is_asked, is_there, character) in [
            (
                policy.require_lowercase,
                has(char::is_lowercase),
                "lowercase",
            ),
            (
                policy.require_uppercase,
                has(char::is_uppercase),
                "uppercase",
            ),
            (policy.require_numbers, has(char::is_numeric), "numeric"),
            (
                policy.require_symbols,
                has(|c| SYMBOLS.contains(c)),
                "symbol",
            ),
        ] {
            if is_asked && !is_there {
                return Err(errors::password_breaks(&format!(
                    "Password must have {character} characters"
                )));
            }
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

/// What counts as a special character (developer guide, password requirements).
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ";
