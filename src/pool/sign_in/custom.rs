//! `CUSTOM_AUTH`: Define, Create and Verify, and what follows from them (developer guide, custom challenges).

use serde_json::{Value, json};

use crate::model::{CustomScript, TriggerName};
use crate::pool::core::Pool;
use crate::pool::policy::PrivateParameters;
use crate::pool::state::outside::Said;
use crate::pool::state::sessions::Awaits;
use crate::pool::state::sign_in::{RoundEntry, Turn};
use crate::pool::triggers::script::{self, CUSTOM_CHALLENGE, PASSWORD_VERIFIER};
use crate::pool::triggers::trigger::{Run, insert_map, session_array};
use crate::pool::wire::errors::{self, Answer};
use crate::srp::BigUint;
use crate::wire::names::key;
use crate::wire::{AuthResponse, Parameters};

/// A custom challenge that was answered.
pub(in crate::pool) struct Answered<'a> {
    /// The answer.
    pub(in crate::pool) answer: &'a str,
    /// What Create kept for Verify.
    pub(in crate::pool) private: Parameters,
    /// What Create wrote down for Define.
    pub(in crate::pool) metadata: Option<String>,
}

impl Pool {
    /// Asks Define what comes next, and does it. A is there right after it came.
    pub(in crate::pool) fn go_on(
        &mut self,
        mut turn: Turn<'_>,
        a_pub: Option<BigUint>,
    ) -> Answer<AuthResponse> {
        let response = self.define(&turn)?;
        let says = |member: &str| response.get(member).and_then(Value::as_bool) == Some(true);
        if says("failAuthentication") {
            return Err(errors::incorrect());
        }
        if says("issueTokens") {
            turn.sign_in.done.triggers = true;
            return self.advance(turn);
        }
        match response.get("challengeName").and_then(Value::as_str) {
            Some(PASSWORD_VERIFIER) => self.ask_for_password(turn, a_pub),
            Some(CUSTOM_CHALLENGE) => self.ask(turn),
            // The service's answer to other names is not established; nothing else is offered here.
            _ => Err(errors::unrecognizable_output()),
        }
    }

    /// Has Verify judge an answer, and goes on.
    pub(in crate::pool) fn judge(
        &mut self,
        mut turn: Turn<'_>,
        answered: Answered<'_>,
    ) -> Answer<AuthResponse> {
        let is_right = self.verify(&turn, &answered)?;
        turn.sign_in
            .entries
            .get_or_insert_default()
            .push(RoundEntry {
                name: CUSTOM_CHALLENGE,
                result: is_right,
                metadata: answered.metadata,
            });
        self.go_on(turn, None)
    }

    /// Refuses where no trigger makes challenges.
    pub(in crate::pool) fn check_custom_triggers(&self) -> Answer<()> {
        self.custom_script().map(|_| ())
    }

    /// The script of the triggers, if there is one, or why nothing answers for them.
    fn custom_script(&self) -> Answer<Option<&CustomScript>> {
        let triggers = &self.world.triggers;
        let has_functions = [
            TriggerName::DefineAuthChallenge,
            TriggerName::CreateAuthChallenge,
            TriggerName::VerifyAuthChallengeResponse,
        ]
        .iter()
        .all(|name| triggers.functions.contains_key(name));
        match &triggers.custom {
            None if self.policy.custom.needs_triggers && !has_functions => {
                Err(errors::no_custom_triggers())
            }
            script => Ok(script.as_ref()),
        }
    }

    fn ask_for_password(&mut self, turn: Turn<'_>, a_pub: Option<BigUint>) -> Answer<AuthResponse> {
        // What the service does when Define wants a password and no A has come is not established.
        let a_pub = a_pub.ok_or_else(errors::unrecognizable_output)?;
        let challenge = self.password_challenge(&turn.sign_in, a_pub);
        let awaits = Awaits::Verifier {
            block: challenge.block,
        };
        Ok(self.challenge_with_session(turn, awaits, challenge.parameters))
    }

    fn ask(&mut self, mut turn: Turn<'_>) -> Answer<AuthResponse> {
        if self
            .policy
            .custom
            .entry_limit
            .is_some_and(|limit| turn.entries().len() >= limit)
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
        parameters.insert(key::USERNAME.to_owned(), turn.sign_in.subject.id.clone());
        if !self.policy.custom.one_entry_a_round {
            turn.sign_in
                .entries
                .get_or_insert_default()
                .push(RoundEntry {
                    name: CUSTOM_CHALLENGE,
                    result: false,
                    metadata: metadata.clone(),
                });
        }
        let awaits = Awaits::Custom { private, metadata };
        Ok(self.challenge_with_session(turn, awaits, parameters))
    }

    fn define(&mut self, turn: &Turn<'_>) -> Answer<Value> {
        let entries = turn.entries();
        let said = match self.custom_script()? {
            Some(script) => script::define(script, entries),
            None => stub::define(entries),
        };
        let mut request = self.trigger_request(turn.client, &turn.sign_in.subject);
        request.insert("session".to_owned(), session_array(entries));
        insert_map(&mut request, "clientMetadata", turn.metadata);
        let trigger = TriggerName::DefineAuthChallenge;
        self.run_round(turn, trigger, request, said, || stub::define(entries))
    }

    fn create(&mut self, turn: &Turn<'_>) -> Answer<Value> {
        let said = match self.custom_script()? {
            Some(script) => script::create(script, turn.entries()),
            None => stub::create(),
        };
        let mut request = self.trigger_request(turn.client, &turn.sign_in.subject);
        request.insert("challengeName".to_owned(), json!(CUSTOM_CHALLENGE));
        request.insert("session".to_owned(), session_array(turn.entries()));
        insert_map(&mut request, "clientMetadata", turn.metadata);
        let trigger = TriggerName::CreateAuthChallenge;
        self.run_round(turn, trigger, request, said, stub::create)
    }

    fn verify(&mut self, turn: &Turn<'_>, answered: &Answered<'_>) -> Answer<bool> {
        let said = match self.custom_script()? {
            Some(script) => {
                script::verify(script, turn.entries(), &answered.private, answered.answer)
            }
            None => stub::verify(answered.answer),
        };
        let mut request = self.trigger_request(turn.client, &turn.sign_in.subject);
        request.insert(
            "privateChallengeParameters".to_owned(),
            json!(answered.private),
        );
        request.insert("challengeAnswer".to_owned(), json!(answered.answer));
        insert_map(&mut request, "clientMetadata", turn.metadata);
        let answer = answered.answer;
        let trigger = TriggerName::VerifyAuthChallengeResponse;
        let response = self.run_round(turn, trigger, request, said, || stub::verify(answer))?;
        if !self.policy.custom.asks_verify {
            return Ok(true);
        }
        Ok(response.get("answerCorrect").and_then(Value::as_bool) == Some(true))
    }

    fn run_round(
        &mut self,
        turn: &Turn<'_>,
        trigger: TriggerName,
        request: serde_json::Map<String, Value>,
        scripted: Said,
        fallback: impl FnOnce() -> Said,
    ) -> Answer<Value> {
        let run = Run {
            trigger,
            source: format!("{}_Authentication", trigger.as_str()),
            client: &turn.client.id,
            user_name: &turn.sign_in.subject.id,
            request,
        };
        match self.run_trigger(run, Some(scripted)) {
            Err(_) if !self.policy.custom.failing_trigger_refuses => match fallback() {
                Said::Response(response) => Ok(response),
                _ => Err(errors::unrecognizable_output()),
            },
            answer => answer.map(Option::unwrap_or_default),
        }
    }
}

impl Turn<'_> {
    /// The session array so far.
    fn entries(&self) -> &[RoundEntry] {
        self.sign_in.entries.as_deref().unwrap_or_default()
    }
}

/// What an emulator does in place of triggers it doesn't have or that fail (floci-io/floci#1483): one question, to which
/// anything is the right answer.
mod stub {
    use serde_json::json;

    use crate::pool::state::outside::Said;
    use crate::pool::state::sign_in::RoundEntry;
    use crate::pool::triggers::script::CUSTOM_CHALLENGE;

    pub(in crate::pool) fn define(entries: &[RoundEntry]) -> Said {
        let is_answered = entries.iter().any(|entry| entry.name == CUSTOM_CHALLENGE);
        Said::Response(json!({
            "challengeName": CUSTOM_CHALLENGE, "issueTokens": is_answered, "failAuthentication": false,
        }))
    }

    pub(in crate::pool) fn create() -> Said {
        Said::Response(json!({}))
    }

    pub(in crate::pool) fn verify(answer: &str) -> Said {
        Said::Response(json!({ "answerCorrect": !answer.is_empty() }))
    }
}
