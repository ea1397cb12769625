//! The pool: which operation answers a request.

use serde_json::Value;

use super::error::PoolError;
use super::policy::Policy;
use super::tokens::TokenSigning;
use crate::model::{UserStatus, World};
use crate::wire::{Event, HttpRequest, HttpResponse};

/// A user pool.
#[derive(Debug)]
pub struct Pool {
    world: World,
    policy: Policy,
    signing: TokenSigning,
    events: Vec<Event>,
}

impl Pool {
    /// A pool that enacts `world`.
    ///
    /// # Errors
    /// What of the world is wrong.
    pub fn new(world: World, policy: Policy) -> Result<Self, PoolError> {
        Ok(Self {
            world,
            policy,
            signing: TokenSigning::Real,
            events: Vec::new(),
        })
    }

    /// Answers one request. Any octets get an answer.
    pub fn handle(&mut self, _request: &HttpRequest) -> HttpResponse {
        let _ = (&self.policy, self.signing);
        HttpResponse::new(500, Vec::new(), "")
    }

    /// What triggers were run and what the pool noted since the last call, in order.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// The world as it was given, with its clock as it stands now.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Where a user stands.
    pub fn user_status(&self, _username: &str) -> Option<UserStatus> {
        None
    }

    /// The code that `ForgotPassword` made for a user, by internal name or alias.
    pub fn code_for(&self, _username: &str) -> Option<&str> {
        None
    }

    /// The public keys of its tokens, as a JSON Web Key Set.
    pub fn jwks(&self) -> Value {
        Value::Null
    }

    /// Lets time pass.
    pub fn advance_clock(&mut self, _seconds: i64) {}

    /// Chooses whether tokens are really signed.
    pub fn set_token_signing(&mut self, signing: TokenSigning) {
        self.signing = signing;
    }
}
