//! The pool: which operation answers a request.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::answered::{Answered, What};
use super::codes::SentCode;
use super::directory::Directory;
use super::error::PoolError;
use super::errors::{self, Answer};
use super::grants::Grants;
use super::ledger::Ledger;
use super::lockout::Lockouts;
use super::policy::Policy;
use super::random::PoolRandom;
use super::session::Session;
use super::setup::Setup;
use super::signing_keys::SigningKeys;
use super::srp_challenge::SecretBlock;
use super::tokens::TokenSigning;
use super::trigger::{FunctionLimits, Invocation, Said};
use super::{shape, world_check};
use crate::model::{AppClient, Clock, Function, UserStatus, World};
use crate::srp::{BigUint, PoolId, secret_hash};
use crate::wire::{Event, HttpRequest, HttpResponse, Operation, PoolNote, ServiceError};

/// A user pool: the service's side of everything that a sign-in can touch, with its own clock and random source.
///
/// Two pools of equal worlds and policies answer equal requests with equal octets, as long as the world's clock is fixed.
#[derive(Clone, Debug)]
pub struct Pool {
    pub(super) world: World,
    pub(super) policy: Policy,
    pub(super) id: PoolId,
    pub(super) random: PoolRandom,
    pub(super) directory: Directory,
    pub(super) sessions: Ledger<Session>,
    pub(super) blocks: Ledger<SecretBlock>,
    /// Codes for new passwords, by internal name.
    pub(super) codes: BTreeMap<String, SentCode>,
    /// Codes for sign-ups, by internal name.
    pub(super) sign_up_codes: BTreeMap<String, SentCode>,
    /// Codes for addresses that were changed or asked about, by internal name and attribute.
    pub(super) attribute_codes: BTreeMap<(String, &'static str), SentCode>,
    pub(super) grants: Grants,
    /// Settings that have no effect on a sign-in.
    pub(super) setup: Setup,
    /// The Sessions of sign-ins that wait for a device, by internal name: some clients don't send them.
    pub(super) device_sessions: BTreeMap<String, String>,
    pub(super) lockouts: Lockouts,
    pub(super) signing: TokenSigning,
    pub(super) keys: SigningKeys,
    /// What stands in front of the pool's id in `iss`, where it is not the service's address.
    pub(super) issuer: Option<String>,
    pub(super) events: Vec<Event>,
    /// The private values a of the rounds to come, as far as they were told.
    pub(super) told: VecDeque<BigUint>,
    /// What functions outside said, in the order in which the operation that is going on asks them.
    pub(super) outside: VecDeque<Said>,
    /// The function that has to be asked next.
    pub(super) waits_for: Option<Invocation>,
    /// Whether passwords are kept beside their verifiers, for a judge.
    pub(super) remembers_passwords: bool,
    /// What functions outside have to keep to.
    pub(super) function_limits: FunctionLimits,
    advanced: i64,
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
    pub(super) fn without_clients(world: World, policy: Policy) -> Result<Self, PoolError> {
        let id = world_check::check(&world)?;
        let directory = Directory::of(&world)?;
        let lockouts = Lockouts::after(policy.users.attempts_before_lock_out);
        Ok(Self {
            random: PoolRandom::new(world.seed),
            id,
            directory,
            policy,
            setup: Setup::of(&world, world.clock.now()),
            world,
            sessions: Ledger::default(),
            blocks: Ledger::default(),
            codes: BTreeMap::new(),
            sign_up_codes: BTreeMap::new(),
            attribute_codes: BTreeMap::new(),
            grants: Grants::default(),
            device_sessions: BTreeMap::new(),
            lockouts,
            signing: TokenSigning::Real,
            keys: SigningKeys::embedded(),
            issuer: None,
            events: Vec::new(),
            told: VecDeque::new(),
            outside: VecDeque::new(),
            waits_for: None,
            remembers_passwords: false,
            function_limits: FunctionLimits::default(),
            advanced: 0,
        })
    }

    /// Answers one request. Any octets get an answer.
    ///
    /// `GET <anything>/<pool id>/.well-known/jwks.json` gets the key set, and `openid-configuration` beside it what verifiers
    /// look for; everything else is an operation. Functions outside of this program are waited for.
    pub fn handle(&mut self, request: &HttpRequest) -> HttpResponse {
        if let Some(document) = self.document(request) {
            return document.finish();
        }
        let asked = Asked::read(request);
        let mut said = Vec::new();
        loop {
            match self.attempt(&asked, &said) {
                Attempt::Answered(answered) => return answered.finish(),
                Attempt::WaitsFor(invocation) => said.push(invocation.run()),
            }
        }
    }

    /// Answers one request as far as it can be answered without asking anybody: `said` is what functions outside have said so
    /// far. An attempt that has to wait for one leaves the pool as it was, so that others can be served meanwhile; it is made
    /// again, from the beginning, once the function has been asked.
    pub(super) fn attempt(&mut self, asked: &Answer<Asked>, said: &[Said]) -> Attempt {
        let before = self.asks_outside().then(|| self.clone());
        self.outside = said.iter().cloned().collect();
        let request_id = self.random.uuid();
        let answer = match asked {
            Ok(asked) => self.run_operation(&asked.operation, &asked.members),
            Err(error) => Err(error.clone()),
        };
        if let Some(invocation) = self.waits_for.take()
            && let Some(before) = before
        {
            *self = before;
            return Attempt::WaitsFor(invocation);
        }
        Attempt::Answered(self.answered(What::Operation {
            answer,
            request_id,
            responses: self.policy.responses.clone(),
            errors: self.policy.errors.clone(),
        }))
    }

    /// Whether an answer takes a bounded time: nobody outside has to be asked, and no rare values are looked for.
    pub(super) fn answers_at_once(&self) -> bool {
        self.world.steering.is_empty() && !self.asks_outside()
    }

    /// What is published under `/.well-known/`, if that is what a request wants.
    pub(super) fn document(&self, request: &HttpRequest) -> Option<Answered> {
        let well_known = format!("/{}/.well-known/", self.world.pool.id);
        let (_, document) = request.path.split_once(&well_known)?;
        match document {
            _ if request.method != "GET" => None,
            "jwks.json" => Some(self.answered(What::Keys)),
            "openid-configuration" => {
                Some(self.answered(What::Document(self.openid_configuration())))
            }
            _ => None,
        }
    }

    fn answered(&self, what: What) -> Answered {
        Answered {
            what,
            keys: self.keys.clone(),
            signing: self.signing,
            stub_signature: self.policy.tokens.stub_signature,
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
        self.codes
            .get(&account.user.username)
            .map(|sent| sent.code.as_str())
    }

    /// The public keys of its tokens, as a JSON Web Key Set: the id token's first, then the access token's.
    pub fn jwks(&self) -> Value {
        self.keys.jwks()
    }

    /// What `/.well-known/openid-configuration` says.
    pub fn openid_configuration(&self) -> Value {
        let issuer = self.issuer();
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "token"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
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
        self.function_limits = limits;
    }

    /// Seconds since 1970-01-01T00:00:00Z, by the pool's clock.
    pub fn now(&self) -> i64 {
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
            (Some(_), None) if !policy.secret_hash_demanded => Ok(()),
            (Some(_), None) if !policy.secret_hash_missed_in_words => Err(wrong()),
            (Some(_), None) => Err(errors::no_secret_hash(&client.id)),
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

    /// Whether a function outside of this program may have to be asked.
    fn asks_outside(&self) -> bool {
        let mut functions = self.world.triggers.functions.values();
        functions.any(Function::is_outside)
    }

    fn run_operation(
        &mut self,
        operation: &Operation,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        use Operation as Op;
        match operation {
            Op::InitiateAuth => body(self.initiate_auth(&shape::initiate_auth(members)?, false)),
            Op::AdminInitiateAuth => {
                body(self.initiate_auth(&shape::initiate_auth(members)?, true))
            }
            Op::RespondToAuthChallenge | Op::AdminRespondToAuthChallenge => {
                let request = shape::respond_to_auth_challenge(members)?;
                body(self.respond_to_auth_challenge(&request))
            }
            Op::GetTokensFromRefreshToken => {
                body(self.get_tokens_from_refresh_token(&shape::typed(members)?))
            }
            Op::RevokeToken => self.revoke_token(&shape::typed(members)?),
            Op::GlobalSignOut => self.global_sign_out(&shape::typed(members)?),
            Op::ConfirmDevice => body(self.confirm_device(&shape::typed(members)?)),
            Op::UpdateDeviceStatus => self.update_device_status(&shape::typed(members)?),
            Op::GetDevice => {
                let (username, device) = self.device_of_bearer(&shape::typed(members)?)?;
                self.get_device(&username, &device)
            }
            Op::ForgetDevice => {
                let (username, device) = self.device_of_bearer(&shape::typed(members)?)?;
                self.forget_device(&username, &device)
            }
            Op::ListDevices => {
                let token = members.get("AccessToken").and_then(Value::as_str);
                let bearer = self.bearer(token.unwrap_or_default())?;
                self.list_devices(&bearer.username, members)
            }
            Op::AssociateSoftwareToken => {
                body(self.associate_software_token(&shape::typed(members)?))
            }
            Op::VerifySoftwareToken => body(self.verify_software_token(&shape::typed(members)?)),
            Op::ForgotPassword => body(self.forgot_password(&shape::typed(members)?)),
            Op::ConfirmForgotPassword => body(
                self.confirm_forgot_password(&shape::typed(members)?)
                    .map(|()| json!({})),
            ),
            Op::SignUp => body(self.sign_up(&shape::typed(members)?)),
            Op::ConfirmSignUp => body(self.confirm_sign_up(&shape::typed(members)?)),
            Op::ResendConfirmationCode => {
                body(self.resend_confirmation_code(&shape::typed(members)?))
            }
            Op::ChangePassword => self.change_password(&shape::typed(members)?),
            Op::GetUser => self.get_user(&shape::typed(members)?),
            Op::UpdateUserAttributes => body(self.update_user_attributes(&shape::typed(members)?)),
            Op::GetUserAttributeVerificationCode => {
                body(self.get_user_attribute_verification_code(&shape::typed(members)?))
            }
            Op::VerifyUserAttribute => self.verify_user_attribute(&shape::typed(members)?),
            Op::DeleteUser => self.delete_user(&shape::typed(members)?),
            Op::SetUserMfaPreference => self.set_user_mfa_preference(&shape::typed(members)?),
            Op::AdminCreateUser
            | Op::AdminSetUserPassword
            | Op::AdminConfirmSignUp
            | Op::AdminGetUser
            | Op::AdminDisableUser
            | Op::AdminEnableUser
            | Op::AdminResetUserPassword
            | Op::AdminUpdateUserAttributes
            | Op::AdminSetUserMfaPreference
            | Op::AdminDeleteUser
            | Op::AdminUserGlobalSignOut
            | Op::AdminListDevices
            | Op::AdminGetDevice
            | Op::AdminForgetDevice
            | Op::ListUsers => self.administer(operation, members),
            Op::UpdateUserPool
            | Op::DescribeUserPool
            | Op::SetUserPoolMfaConfig
            | Op::GetUserPoolMfaConfig
            | Op::CreateUserPoolClient
            | Op::UpdateUserPoolClient
            | Op::DescribeUserPoolClient
            | Op::DeleteUserPoolClient
            | Op::ListUserPoolClients => self.set_up(operation, members),
            other => Err(not_offered(other)),
        }
    }
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The operation.
    pub(super) operation: Operation,
    /// The members of its body, which keep to the service model.
    pub(super) members: Map<String, Value>,
}

impl Asked {
    /// Reads a request.
    pub(super) fn read(request: &HttpRequest) -> Answer<Self> {
        let operation = operation(request)?;
        let members = shape::body(request)?;
        shape::check(&operation, &members)?;
        Ok(Self { operation, members })
    }
}

/// What became of an attempt to answer a request.
#[derive(Debug)]
pub(super) enum Attempt {
    /// It was answered.
    Answered(Answered),
    /// A function outside has to be asked first.
    WaitsFor(Invocation),
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(super) fn same_text(one: &str, other: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn body(answer: Answer<impl Serialize>) -> Answer<Value> {
    answer.map(|body| json!(body))
}

/// An operation that the pool doesn't have.
pub(super) fn not_offered(operation: &Operation) -> ServiceError {
    errors::unknown_operation(format!(
        "{} is not offered by this pool, which offers what a sign-in can touch",
        shape::shortened(operation.as_str())
    ))
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
