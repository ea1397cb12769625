//! The pool: which operation answers a request.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::directory::Directory;
use super::error::PoolError;
use super::errors::{self, Answer};
use super::ledger::Ledger;
use super::lockout::Lockouts;
use super::policy::Policy;
use super::random::PoolRandom;
use super::reset::ResetCode;
use super::session::Session;
use super::srp_challenge::SecretBlock;
use super::tokens::{self, TokenSigning};
use super::{response, shape, world_check};
use crate::model::{AppClient, Clock, UserStatus, World};
use crate::srp::{BigUint, PoolId, secret_hash};
use crate::wire::{Event, HttpRequest, HttpResponse, Operation, PoolNote};

/// A user pool: the service's side of `InitiateAuth`, `RespondToAuthChallenge`, `ForgotPassword` and
/// `ConfirmForgotPassword`, with its own clock and random source.
///
/// Two pools of equal worlds and policies answer equal requests with equal octets, as long as the world's clock is fixed.
#[derive(Debug)]
pub struct Pool {
    pub(super) world: World,
    pub(super) policy: Policy,
    pub(super) id: PoolId,
    pub(super) random: PoolRandom,
    pub(super) directory: Directory,
    pub(super) sessions: Ledger<Session>,
    pub(super) blocks: Ledger<SecretBlock>,
    pub(super) codes: BTreeMap<String, ResetCode>,
    pub(super) lockouts: Lockouts,
    pub(super) signing: TokenSigning,
    pub(super) events: Vec<Event>,
    /// The private values a of the rounds to come, as far as they were told.
    pub(super) told: VecDeque<BigUint>,
    advanced: i64,
}

impl Pool {
    /// A pool that enacts `world`.
    ///
    /// # Errors
    /// What of the world the service would not have let be set up.
    pub fn new(world: World, policy: Policy) -> Result<Self, PoolError> {
        let id = world_check::check(&world)?;
        let directory = Directory::of(&world)?;
        Ok(Self {
            random: PoolRandom::new(world.seed),
            id,
            directory,
            policy,
            world,
            sessions: Ledger::default(),
            blocks: Ledger::default(),
            codes: BTreeMap::new(),
            lockouts: Lockouts::default(),
            signing: TokenSigning::Real,
            events: Vec::new(),
            told: VecDeque::new(),
            advanced: 0,
        })
    }

    /// Answers one request. Any octets get an answer.
    ///
    /// `GET <anything>/<pool id>/.well-known/jwks.json` gets the key set; everything else is an operation.
    pub fn handle(&mut self, request: &HttpRequest) -> HttpResponse {
        let keys = format!("/{}/.well-known/jwks.json", self.world.pool.id);
        if request.method == "GET" && request.path.ends_with(&keys) {
            return response::key_set(&self.jwks());
        }
        let request_id = self.random.uuid();
        match self.answer(request) {
            Ok(body) => response::success(&body, &request_id, &self.policy.responses),
            Err(error) => response::failure(&error, &request_id, &self.policy),
        }
    }

    /// What triggers were run and what the pool noted since the last call, in order.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// The world as it was given, with its clock, if fixed, as it stands now. Users that were migrated or changed are
    /// not in it: see [`user_status`](Self::user_status).
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Where a user stands, by internal name or alias.
    pub fn user_status(&self, username: &str) -> Option<UserStatus> {
        self.directory
            .find(username)
            .map(|account| account.user.status)
    }

    /// The code that `ForgotPassword` made for a user, by internal name or alias, until it is used.
    pub fn code_for(&self, username: &str) -> Option<&str> {
        let account = self.directory.find(username)?;
        self.codes
            .get(&account.user.username)
            .map(|sent| sent.code.as_str())
    }

    /// The public keys of its tokens, as a JSON Web Key Set: the id token's first, then the access token's.
    pub fn jwks(&self) -> Value {
        tokens::jwks()
    }

    /// Lets time pass: seconds forward, or back where they are negative.
    pub fn advance_clock(&mut self, seconds: i64) {
        match &mut self.world.clock {
            Clock::Fixed(at) => *at = at.saturating_add(seconds),
            Clock::Wall => self.advanced = self.advanced.saturating_add(seconds),
        }
    }

    /// Tells the pool the private values a that the client was given, in the order of its rounds. No service knows them;
    /// steering needs them for the parity of the client's exponent. What does not fit the A that comes is not relied on.
    pub fn tell_private_values(&mut self, values: impl IntoIterator<Item = BigUint>) {
        self.told.extend(values);
    }

    /// Chooses whether tokens are really signed.
    pub fn set_token_signing(&mut self, signing: TokenSigning) {
        self.signing = signing;
    }

    /// Seconds since 1970-01-01T00:00:00Z, by the pool's clock.
    pub(super) fn now(&self) -> i64 {
        self.world.clock.now().saturating_add(self.advanced)
    }

    /// Notes what only the pool knows.
    pub(super) fn note(&mut self, note: PoolNote) {
        self.events.push(Event::Noted(note));
    }

    /// The app client of this id.
    pub(super) fn client(&self, id: &str) -> Answer<AppClient> {
        self.world
            .clients
            .iter()
            .find(|client| client.id == id)
            .cloned()
            .ok_or_else(|| errors::no_such_client(id))
    }

    /// `SECRET_HASH` over the user name in the same map.
    pub(super) fn check_secret_hash(
        &self,
        client: &AppClient,
        username: &str,
        got: Option<&String>,
    ) -> Answer<()> {
        let policy = &self.policy.clients;
        let wrong = || errors::wrong_secret_hash(&client.id);
        match (&client.secret, got) {
            (None, None) => Ok(()),
            (None, Some(_)) if policy.secret_hash_checked => Err(wrong()),
            (None, Some(_)) => Ok(()),
            (Some(_), None) if policy.secret_hash_demanded => {
                Err(errors::no_secret_hash(&client.id))
            }
            (Some(_), None) => Ok(()),
            (Some(secret), Some(got)) => {
                let expected = secret_hash(secret, username, &client.id);
                let is_right = aws_lc_rs::constant_time::verify_slices_are_equal(
                    expected.as_bytes(),
                    got.as_bytes(),
                )
                .is_ok();
                if is_right || !policy.secret_hash_checked {
                    Ok(())
                } else {
                    Err(wrong())
                }
            }
        }
    }

    fn answer(&mut self, request: &HttpRequest) -> Answer<Value> {
        let operation = operation(request)?;
        let members = shape::body(request)?;
        self.run_operation(&operation, members)
    }

    fn run_operation(
        &mut self,
        operation: &Operation,
        members: Map<String, Value>,
    ) -> Answer<Value> {
        match operation {
            Operation::InitiateAuth => {
                let request = shape::initiate_auth(members)?;
                self.initiate_auth(&request).map(|body| json!(body))
            }
            Operation::RespondToAuthChallenge => {
                let request = shape::respond_to_auth_challenge(members)?;
                self.respond_to_auth_challenge(&request)
                    .map(|body| json!(body))
            }
            Operation::ForgotPassword => {
                let request = shape::forgot_password(members)?;
                self.forgot_password(&request).map(|body| json!(body))
            }
            Operation::ConfirmForgotPassword => {
                let request = shape::confirm_forgot_password(members)?;
                self.confirm_forgot_password(&request).map(|()| json!({}))
            }
            Operation::Other(name) => {
                let offered: Vec<_> = Operation::ALL.iter().map(Operation::as_str).collect();
                Err(errors::unknown_operation(format!(
                    "{} is not offered by this pool, which offers {}",
                    shape::shortened(name),
                    offered.join(", ")
                )))
            }
        }
    }
}

fn operation(request: &HttpRequest) -> Answer<Operation> {
    if request.method != "POST" {
        return Err(errors::unknown_operation(format!(
            "expected POST /, got {} {}",
            shape::shortened(&request.method),
            shape::shortened(&request.path)
        )));
    }
    let target = request.header("x-amz-target").unwrap_or_default();
    Operation::from_target(target).ok_or_else(|| {
        errors::unknown_operation(format!(
            "expected a header X-Amz-Target: {}.<Operation>, got '{}'",
            Operation::TARGET_PREFIX,
            shape::shortened(target)
        ))
    })
}
