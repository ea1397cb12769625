//! The pool: what it is made of.

use serde_json::Value;

use super::error::PoolError;
use super::policy::{
    ClientPolicy, CustomPolicy, ErrorPolicy, FactorRules, MetadataPolicy, MigrationPolicy, Policy,
    ResetPolicy, ResponsePolicy, SrpPolicy, TokenPolicy, UserPolicy,
};
use super::state::blocks::Blocks;
use super::state::codes::{Codes, Waits};
use super::state::devices::Devices;
use super::state::directory::Directory;
use super::state::grants::Grants;
use super::state::lockouts::Lockouts;
use super::state::outside::{FunctionLimits, Invocation, Outside};
use super::state::private_values::PrivateValues;
use super::state::random::PoolRandom;
use super::state::sessions::Sessions;
use super::state::setup::Setup;
use super::state::signing_keys::{SigningKeys, TokenSigning};
use super::state::undo::{Step, Undo};
use super::world_check;
use crate::model::{Clock, UserStatus, World};
use crate::srp::{BigUint, Dialect, PoolId};
use crate::wire::{Event, PoolNote, TriggerCall};

/// A user pool: the service's side of everything that a sign-in can touch, with its own clock and random source.
///
/// Two pools of equal worlds and policies answer equal requests with equal octets, as long as the world's clock is fixed.
#[derive(Clone, Debug)]
pub struct Pool {
    pub(in crate::pool) world: World,
    /// Seconds by which the clock of the world was put on, where that is the machine's.
    advanced: i64,
    pub(in crate::pool) id: PoolId,
    pub(in crate::pool) policy: Decisions,
    pub(in crate::pool) random: PoolRandom,
    pub(in crate::pool) directory: Directory,
    pub(in crate::pool) devices: Devices,
    pub(in crate::pool) codes: Codes,
    pub(in crate::pool) lockouts: Lockouts,
    pub(in crate::pool) sessions: Sessions,
    pub(in crate::pool) blocks: Blocks,
    pub(in crate::pool) grants: Grants,
    pub(in crate::pool) private_values: PrivateValues,
    pub(in crate::pool) setup: Setup,
    pub(in crate::pool) outside: Outside,
    pub(in crate::pool) signing: TokenSigning,
    pub(in crate::pool) keys: SigningKeys,
    /// What stands in front of the pool's id in `iss`, where it is not the service's address.
    pub(in crate::pool) issuer: Option<String>,
    /// Whether passwords are kept beside their verifiers, for a judge.
    pub(in crate::pool) remembers_passwords: bool,
    events: Vec<Event>,
}

/// What is decided in operations. What is decided about something that the pool keeps is with that.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Decisions {
    pub(in crate::pool) dialect: Dialect,
    pub(in crate::pool) srp: SrpPolicy,
    pub(in crate::pool) clients: ClientPolicy,
    pub(in crate::pool) users: UserPolicy,
    pub(in crate::pool) custom: CustomPolicy,
    pub(in crate::pool) metadata: MetadataPolicy,
    pub(in crate::pool) migration: MigrationPolicy,
    pub(in crate::pool) resets: ResetPolicy,
    pub(in crate::pool) factors: FactorRules,
    pub(in crate::pool) responses: ResponsePolicy,
    pub(in crate::pool) errors: ErrorPolicy,
    pub(in crate::pool) tokens: TokenPolicy,
}

impl Pool {
    /// A pool that enacts `world`.
    ///
    /// # Errors
    /// What of the world the service would not have let be set up.
    pub fn new(world: World, policy: Policy) -> Result<Self, PoolError> {
        if world.clients.is_empty() {
            return Err(PoolError::NoClient);
        }
        Self::without_clients(world, policy)
    }

    /// As [`new`](Self::new), where app clients may be made later on.
    pub(in crate::pool) fn without_clients(
        world: World,
        policy: Policy,
    ) -> Result<Self, PoolError> {
        let id = world_check::check(&world)?;
        let directory = Directory::of(&world)?;
        Ok(Self {
            advanced: 0,
            id,
            random: PoolRandom::new(world.seed),
            directory,
            devices: Devices::of(&world, policy.devices),
            codes: Codes::default(),
            lockouts: Lockouts::new(policy.lockouts),
            sessions: Sessions::new(policy.sessions),
            blocks: Blocks::new(policy.proof),
            grants: Grants::new(policy.refresh),
            private_values: PrivateValues::default(),
            setup: Setup::of(&world, world.clock.now()),
            outside: Outside::default(),
            signing: TokenSigning::Real,
            keys: SigningKeys::embedded(),
            issuer: None,
            remembers_passwords: false,
            events: Vec::new(),
            policy: Decisions {
                dialect: policy.dialect,
                srp: policy.srp,
                clients: policy.clients,
                users: policy.users,
                custom: policy.custom,
                metadata: policy.metadata,
                migration: policy.migration,
                resets: policy.resets,
                factors: policy.factors,
                responses: policy.responses,
                errors: policy.errors,
                tokens: policy.tokens,
            },
            world,
        })
    }

    /// Does something that may turn out to have to wait: then nothing of it has happened, and it is done again later. The
    /// values that it draws are the same then, and nobody else's meanwhile: what functions were told has to stay true.
    pub(in crate::pool) fn try_with<T>(
        &mut self,
        random: PoolRandom,
        act: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, Invocation> {
        let events = self.events.len();
        let own = std::mem::replace(&mut self.random, random);
        self.undo(Step::Begin);
        let done = act(self);
        self.random = own;
        match self.outside.take_waiting() {
            None => {
                self.undo(Step::Keep);
                Ok(done)
            }
            Some(invocation) => {
                self.undo(Step::TakeBack);
                self.events.truncate(events);
                Err(invocation)
            }
        }
    }

    /// Everything that an operation changes which may have to wait for a function outside.
    fn undo(&mut self, step: Step) {
        let parts: [&mut dyn Undo; 8] = [
            &mut self.directory,
            &mut self.devices,
            &mut self.codes,
            &mut self.lockouts,
            &mut self.sessions,
            &mut self.blocks,
            &mut self.grants,
            &mut self.private_values,
        ];
        for part in parts {
            part.undo(step);
        }
    }

    /// What triggers were run and what the pool noted since the last call, in order.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// The world as it was given, with its settings, its app clients and its clock, if fixed, as they stand now. Users that
    /// were made or changed are not in it: see [`user_status`](Self::user_status).
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Where a user stands, by internal name or alias.
    pub fn user_status(&self, username: &str) -> Option<UserStatus> {
        self.directory
            .find(username)
            .map(|account| account.user.status)
    }

    /// The internal name of a user, by that or an alias.
    pub fn username_of(&self, name: &str) -> Option<&str> {
        let account = self.directory.find(name)?;
        Some(&account.user.username)
    }

    /// The code that `ForgotPassword` made for a user, by internal name or alias, until it is used.
    pub fn code_for(&self, username: &str) -> Option<&str> {
        let account = self.directory.find(username)?;
        self.codes.latest(&account.user.username, Waits::Reset)
    }

    /// The public keys of its tokens, as a JSON Web Key Set: the id token's first, then the access token's.
    pub fn jwks(&self) -> Value {
        self.keys.jwks()
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
        self.private_values.tell(values);
    }

    /// Chooses whether tokens are really signed.
    pub fn set_token_signing(&mut self, signing: TokenSigning) {
        self.signing = signing;
    }

    /// Signs with other keys than the embedded ones.
    pub fn set_keys(&mut self, keys: SigningKeys) {
        self.keys = keys;
    }

    /// Says what stands in front of the pool's id in `iss`. `None` means the service's own address.
    pub fn set_issuer(&mut self, base: Option<String>) {
        self.issuer = base;
    }

    /// Says what functions outside have to keep to.
    pub fn set_function_limits(&mut self, limits: FunctionLimits) {
        self.outside.limit(limits);
    }

    /// Seconds since 1970-01-01T00:00:00Z, by the pool's clock.
    pub fn now(&self) -> i64 {
        self.world.clock.now().saturating_add(self.advanced)
    }

    /// Notes what only the pool knows.
    pub(in crate::pool) fn note(&mut self, note: PoolNote) {
        self.events.push(Event::Noted(note));
    }

    /// Notes that a trigger was run.
    pub(in crate::pool) fn note_trigger(&mut self, call: TriggerCall) {
        self.events.push(Event::Triggered(call));
    }
}
