//! `CUSTOM_AUTH`: Define, Create and Verify, and what follows from them (developer guide, custom challenges).

use serde_json::{Value, json};

use super::errors::{self, Answer};
use super::policy::PrivateParameters;
use super::pool::Pool;
use super::script::{self, CUSTOM_CHALLENGE, PASSWORD_VERIFIER};
use super::session::{Awaits, RoundEntry};
use super::subject::Subject;
use super::trigger::{Said, insert_map, session_array};
use crate::model::{AppClient, CustomScript};
use crate::srp::BigUint;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Parameters};

/// One custom sign-in at one moment.
pub(super) struct CustomTurn<'a> {
    /// The app client.
    pub(super) client: &'a AppClient,
    /// Whom it is about.
    pub(super) subject: &'a Subject,
    /// `ClientMetadata`, where the challenge triggers may see it.
    pub(super) metadata: Option<&'a Parameters>,
    /// A, right after it came.
    pub(super) a_pub: Option<BigUint>,
    /// The session array so far.
    pub(super) entries: Vec<RoundEntry>,
}

/// A custom challenge that was answered.
pub(super) struct Answered<'a> {
    /// The answer.
    pub(super) answer: &'a str,
    /// What Create kept for Verify.
    pub(super) private: Parameters,
    /// What Create wrote down for Define.
    pub(super) metadata: Option<String>,
}

impl Pool {
    /// Asks Define what comes next, and does it.
    pub(super) fn go_on(&mut self, turn: CustomTurn<'_>) -> Answer<AuthResponse> {
        let response = self.define(&turn)?;
        let says = |member: &str| response.get(member).and_then(Value::as_bool) == Some(true);
        if says("failAuthentication") {
            return Err(errors::incorrect());
        }
        if says("issueTokens") {
            return self.sign_in(turn.client, turn.subject);
        }
        match response.get("challengeName").and_then(Value::as_str) {
            Some(PASSWORD_VERIFIER) => self.ask_for_password(turn),
            Some(CUSTOM_CHALLENGE) => self.ask(turn),
            // The service's answer to other names is not established; nothing else is offered here.
            _ => Err(errors::unrecognizable_output()),
        }
    }

    /// Has Verify judge an answer, and goes on.
    pub(super) fn judge(
        &mut self,
        mut turn: CustomTurn<'_>,
        answered: Answered<'_>,
    ) -> Answer<AuthResponse> {
        let is_right = self.verify(&turn, &answered)?;
        turn.entries.push(RoundEntry {
            name: CUSTOM_CHALLENGE,
            result: is_right,
            metadata: answered.metadata,
        });
        self.go_on(turn)
    }

    /// The script of the triggers, or why there is none.
    pub(super) fn custom_script(&self) -> Answer<Option<&CustomScript>> {
        match &self.world.triggers.custom {
            None if self.policy.custom.needs_triggers => Err(errors::no_custom_triggers()),
            script => Ok(script.as_ref()),
        }
    }

    fn ask_for_password(&mut self, turn: CustomTurn<'_>) -> Answer<AuthResponse> {
        // What the service does when Define wants a password and no A has come is not established.
        let a_pub = turn.a_pub.ok_or_else(errors::unrecognizable_output)?;
        let challenge = self.challenge(turn.client, turn.subject, a_pub, Some(turn.entries));
        let awaits = Awaits::Verifier {
            block: challenge.block,
        };
        let session = self.open_session(turn.client, turn.subject, awaits);
        Ok(AuthResponse {
            challenge_name: Some(ChallengeName::PasswordVerifier),
            session: Some(session),
            challenge_parameters: Some(challenge.parameters),
            authentication_result: None,
        })
    }

    fn ask(&mut self, mut turn: CustomTurn<'_>) -> Answer<AuthResponse> {
        if self
            .policy
            .custom
            .entry_limit
            .is_some_and(|limit| turn.entries.len() >= limit)
        {
            return Err(errors::not_authorized(
                "Max authentication attempts exceeded",
            ));
        }
        let response = self.create(&turn)?;
        let map = |member: &str| -> Parameters {
            response
                .get(member)
                .cloned()
                .and_then(|map| serde_json::from_value(map).ok())
                .unwrap_or_default()
        };
        let metadata = response
            .get("challengeMetadata")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mut private = map("privateChallengeParameters");
        let mut parameters = map("publicChallengeParameters");
        if self.policy.custom.private_parameters == PrivateParameters::Leaked {
            parameters.extend(private.clone());
        }
        if self.policy.custom.private_parameters == PrivateParameters::Dropped {
            private.clear();
        }
        // The service's own parameter wins over one that Create made.
        parameters.insert(key::USERNAME.to_owned(), turn.subject.id.clone());
        if !self.policy.custom.one_entry_a_round {
            turn.entries.push(RoundEntry {
                name: CUSTOM_CHALLENGE,
                result: false,
                metadata: metadata.clone(),
            });
        }
        let awaits = Awaits::Custom {
            entries: turn.entries,
            private,
            metadata,
        };
        let session = self.open_session(turn.client, turn.subject, awaits);
        Ok(AuthResponse {
            challenge_name: Some(ChallengeName::CustomChallenge),
            session: Some(session),
            challenge_parameters: Some(parameters),
            authentication_result: None,
        })
    }

    fn define(&mut self, turn: &CustomTurn<'_>) -> Answer<Value> {
        let said = match self.custom_script()? {
            Some(script) => script::define(script, &turn.entries),
            None => stub::define(&turn.entries),
        };
        let mut request = self.trigger_request(turn.client, turn.subject);
        request.insert("session".to_owned(), session_array(&turn.entries));
        insert_map(&mut request, "clientMetadata", turn.metadata);
        let entries = &turn.entries;
        self.run(
            turn,
            "DefineAuthChallenge_Authentication",
            request,
            said,
            || stub::define(entries),
        )
    }

    fn create(&mut self, turn: &CustomTurn<'_>) -> Answer<Value> {
        let said = match self.custom_script()? {
            Some(script) => script::create(script, &turn.entries),
            None => stub::create(),
        };
        let mut request = self.trigger_request(turn.client, turn.subject);
        request.insert("challengeName".to_owned(), json!(CUSTOM_CHALLENGE));
        request.insert("session".to_owned(), session_array(&turn.entries));
        insert_map(&mut request, "clientMetadata", turn.metadata);
        self.run(
            turn,
            "CreateAuthChallenge_Authentication",
            request,
            said,
            stub::create,
        )
    }

    fn verify(&mut self, turn: &CustomTurn<'_>, answered: &Answered<'_>) -> Answer<bool> {
        let said = match self.custom_script()? {
            Some(script) => {
                script::verify(script, &turn.entries, &answered.private, answered.answer)
            }
            None => stub::verify(answered.answer),
        };
        let mut request = self.trigger_request(turn.client, turn.subject);
        request.insert(
            "privateChallengeParameters".to_owned(),
            json!(answered.private),
        );
        request.insert("challengeAnswer".to_owned(), json!(answered.answer));
        insert_map(&mut request, "clientMetadata", turn.metadata);
        let answer = answered.answer;
        let response = self.run(
            turn,
            "VerifyAuthChallengeResponse_Authentication",
            request,
            said,
            || stub::verify(answer),
        )?;
        if !self.policy.custom.asks_verify {
            return Ok(true);
        }
        Ok(response.get("answerCorrect").and_then(Value::as_bool) == Some(true))
    }

    fn run(
        &mut self,
        turn: &CustomTurn<'_>,
        source: &str,
        request: serde_json::Map<String, Value>,
        said: Said,
        fallback: impl FnOnce() -> Said,
    ) -> Answer<Value> {
        let answer = self.triggered(turn.client, source, &turn.subject.id, request, said);
        match answer {
            Err(_) if !self.policy.custom.failing_trigger_refuses => match fallback() {
                Said::Response(response) => Ok(response),
                _ => Err(errors::unrecognizable_output()),
            },
            answer => answer,
        }
    }
}

/// What an emulator does in place of triggers it doesn't have or that fail (floci-io/floci#1483): one question, to which
/// anything is the right answer.
mod stub {
    use serde_json::json;

    use super::super::script::CUSTOM_CHALLENGE;
    use super::super::session::RoundEntry;
    use super::super::trigger::Said;

    pub(super) fn define(entries: &[RoundEntry]) -> Said {
        let is_answered = entries.iter().any(|entry| entry.name == CUSTOM_CHALLENGE);
        Said::Response(json!({
            "challengeName": CUSTOM_CHALLENGE, "issueTokens": is_answered, "failAuthentication": false,
        }))
    }

    pub(super) fn create() -> Said {
        Said::Response(json!({}))
    }

    pub(super) fn verify(answer: &str) -> Said {
        Said::Response(json!({ "answerCorrect": !answer.is_empty() }))
    }
}
