//! What an edit of a message may see and change.

use serde_json::{Map, Value};

use crate::config::ClientSettings;
use crate::srp::{Dialect, PoolId, secret_hash};
use crate::wire::message::Parameters;
use crate::wire::names::key;
use crate::wire::{AuthFlowType, ChallengeName, Operation};

use super::attempt::{KeyPair, Pending};
use super::devices::DeviceRecord;
use super::proof::Proof;

/// A message on its way out, and what its sender knows.
pub struct Outgoing<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The body: a JSON object.
    pub body: &'a mut Value,
    /// The headers.
    pub headers: &'a mut Vec<(String, String)>,
    /// What the sender knows.
    pub sender: Sender<'a>,
}

/// What the sender of a message knows: settings, secrets and history.
pub struct Sender<'a> {
    /// The client's settings, secret included.
    pub settings: &'a ClientSettings,
    /// The pool id, if it is one.
    pub pool_id: Option<&'a PoolId>,
    /// The arithmetic.
    pub dialect: &'a Dialect,
    /// The flow of the sign-in; `None` outside of one.
    pub flow: Option<AuthFlowType>,
    /// The name as the person typed it.
    pub typed_name: &'a str,
    /// The name the service returned, if it has.
    pub returned_name: Option<&'a str>,
    /// The password.
    pub password: Option<&'a str>,
    /// The key pair, in flows with SRP; in the device's own round that round's.
    pub keys: Option<&'a KeyPair>,
    /// The device that is named.
    pub device: Option<&'a DeviceRecord>,
    /// The challenge that this message answers.
    pub challenge: Option<&'a Pending>,
    /// What the claim in this message was made of; only in answers to PASSWORD_VERIFIER and
    /// DEVICE_PASSWORD_VERIFIER.
    pub proof: Option<&'a Proof>,
    /// Every Session that came so far in this sign-in, in order.
    pub sessions: &'a [String],
    /// The clock when the sign-in (or the reset) started, in seconds since 1970-01-01T00:00:00Z.
    pub started: i64,
    /// How many custom challenges came so far in this sign-in, the one that is answered included.
    pub custom_rounds: usize,
}

impl Outgoing<'_> {
    /// Whether this message starts a sign-in.
    pub fn starts(&self) -> bool {
        *self.operation == Operation::InitiateAuth
    }

    /// Whether this message answers `challenge`.
    pub fn answers(&self, challenge: &ChallengeName) -> bool {
        *self.operation == Operation::RespondToAuthChallenge
            && self
                .sender
                .challenge
                .is_some_and(|pending| pending.name == *challenge)
    }

    /// The body's members.
    pub fn members(&mut self) -> &mut Map<String, Value> {
        object(self.body)
    }

    /// `AuthParameters` or `ChallengeResponses`; in other operations the members themselves.
    pub fn parameters(&mut self) -> &mut Map<String, Value> {
        let member = match self.operation {
            Operation::InitiateAuth => "AuthParameters",
            Operation::RespondToAuthChallenge => "ChallengeResponses",
            _ => return object(self.body),
        };
        let members = object(self.body);
        object(
            members
                .entry(member)
                .or_insert_with(|| Value::Object(Map::new())),
        )
    }

    /// The text of a parameter.
    pub fn get(&mut self, parameter: &str) -> Option<String> {
        let value = self.parameters().get(parameter)?;
        value.as_str().map(str::to_owned)
    }

    /// Sets a parameter.
    pub fn set(&mut self, parameter: &str, value: impl Into<String>) {
        let value = Value::String(value.into());
        self.parameters().insert(parameter.to_owned(), value);
    }

    /// Changes the text of a parameter that is there.
    pub fn change(&mut self, parameter: &str, edit: impl FnOnce(&str) -> String) {
        if let Some(text) = self.get(parameter) {
            self.set(parameter, edit(&text));
        }
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, parameter: &str) {
        self.parameters().remove(parameter);
    }

    /// Makes the secret hash anew over `name`, if this message carries one.
    pub fn rehash(&mut self, name: &str) {
        let Some(secret) = &self.sender.settings.client_secret else {
            return;
        };
        let hash = secret_hash(secret, name, &self.sender.settings.client_id);
        let parameter = self.secret_hash_key();
        if self.parameters().contains_key(parameter) {
            self.set(parameter, hash);
        }
    }

    /// The key of the secret hash: `SECRET_HASH` among parameters, `SecretHash` among members.
    pub fn secret_hash_key(&self) -> &'static str {
        match self.operation {
            Operation::InitiateAuth | Operation::RespondToAuthChallenge => key::SECRET_HASH,
            _ => "SecretHash",
        }
    }

    /// Changes what the claim is made of and signs anew, setting `TIMESTAMP` and `PASSWORD_CLAIM_SIGNATURE`. Does nothing
    /// in a message without a claim, or when the dialect refuses the values.
    pub fn reclaim(&mut self, edit: impl FnOnce(&mut Proof)) {
        let Some(proof) = self.sender.proof else {
            return;
        };
        let mut proof = proof.clone();
        edit(&mut proof);
        if let Ok(claim) = proof.claim(self.sender.dialect) {
            self.set(key::PASSWORD_CLAIM_SIGNATURE, claim.signature_b64());
            self.set(key::TIMESTAMP, proof.timestamp);
        }
    }

    /// Adds to `ClientMetadata`.
    pub fn add_metadata(&mut self, name: &str, value: impl Into<String>) {
        let value = Value::String(value.into());
        object(
            self.members()
                .entry("ClientMetadata")
                .or_insert_with(|| Value::Object(Map::new())),
        )
        .insert(name.to_owned(), value);
    }
}

impl Sender<'_> {
    /// The parameters of the challenge that is answered; empty when none is.
    pub fn challenge_parameters(&self) -> Option<&Parameters> {
        self.challenge.map(|pending| &pending.parameters)
    }
}

/// The object that `value` is; anything else becomes an empty one, since only our own bodies come here.
fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("made an object just above")
}
