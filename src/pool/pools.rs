//! Many pools behind one endpoint, as a region of the service has them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use std::time::{Duration, Instant};

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::{Clock, Function, World};
use crate::pool::answered::{Answered, What};
use crate::pool::core::Pool;
use crate::pool::dispatch::{Asked, Attempt, Progress};
use crate::pool::error::PoolError;
use crate::pool::knowledge::Knowledge;
use crate::pool::policy::{ErrorPolicy, Policy, ResponsePolicy};
use crate::pool::state::random::PoolRandom;
use crate::pool::state::signing_keys::{SigningKeys, TokenSigning};
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::members::text;
use crate::wire::{Event, HttpRequest, HttpResponse, Operation, PoolNote};

/// Pools, and what they share. Requests may come from many threads at once: each pool answers one at a time, tokens are signed
/// outside of that, and nobody waits for a function that another request has to ask.
pub struct Pools {
    pools: RwLock<BTreeMap<String, Arc<Mutex<Pool>>>>,
    /// Which pool an app client was found in last.
    clients: RwLock<HashMap<String, String>>,
    settings: PoolsSettings,
    issuer: RwLock<Option<String>>,
    random: Mutex<PoolRandom>,
    sent: Mutex<VecDeque<Message>>,
    observer: Option<Observer>,
}

/// What pools behind one endpoint share.
#[derive(Clone, Debug)]
pub struct PoolsSettings {
    /// The keys that tokens are signed with.
    pub keys: SigningKeys,
    /// What `iss` says.
    pub issuer: Issuer,
    /// Functions by their Lambda names, for pools whose `LambdaConfig` names ARNs.
    pub functions: BTreeMap<String, Function>,
    /// Where every other function is asked: `<this>/2015-03-31/functions/<name>/invocations`.
    pub lambda_endpoint: Option<String>,
    /// The region of pools that are made by requests which don't tell theirs.
    pub region: String,
    /// Seed of ids that are made here.
    pub seed: u64,
    /// Whether somebody judges what is observed: passwords are then kept beside their verifiers, and told with each sign-in.
    pub judged: bool,
}

impl Default for PoolsSettings {
    fn default() -> Self {
        Self {
            keys: SigningKeys::embedded(),
            issuer: Issuer::Service,
            functions: BTreeMap::new(),
            lambda_endpoint: None,
            region: "us-east-1".to_owned(),
            seed: 0,
            judged: false,
        }
    }
}

/// What stands in front of a pool's id in `iss`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Issuer {
    /// The service's address: what clients expect that know nothing of another endpoint.
    #[default]
    Service,
    /// The endpoint's own URL, once [`Pools::set_endpoint`] has told it: what clients expect that go by it.
    Endpoint,
    /// This URL.
    Url(String),
}

/// Something that the service would have sent by SMS or e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// The pool's id.
    pub user_pool_id: String,
    /// The internal user name.
    pub username: String,
    /// `SMS` or `EMAIL`.
    pub medium: String,
    /// The address.
    pub to: String,
    /// `sign-in`, `sign-up`, `verify-attribute`, `reset-password`, `invitation` or `custom-challenge`.
    pub purpose: String,
    /// The code, or the temporary password.
    pub text: String,
}

/// One exchange, as whoever watches the pools sees it.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// The pool that answered, if any did.
    pub user_pool_id: Option<&'a str>,
    /// The operation, if the request names one.
    pub operation: Option<&'a Operation>,
    /// The request.
    pub request: &'a HttpRequest,
    /// What triggers were run and what the pool noted.
    pub events: &'a [Event],
    /// The response.
    pub response: &'a HttpResponse,
    /// What the pool that answered knows beyond that, where [`PoolsSettings::judged`].
    pub knowledge: Option<&'a Knowledge>,
    /// How long it took, functions outside included.
    pub took: Duration,
}

type Observer = Box<dyn Fn(&Observed<'_>) + Send + Sync>;

impl fmt::Debug for Pools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pools")
            .field("pools", &self.ids())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Pools {
    /// No pools yet.
    pub fn new(settings: PoolsSettings) -> Self {
        let issuer = match &settings.issuer {
            Issuer::Service | Issuer::Endpoint => None,
            Issuer::Url(url) => Some(url.clone()),
        };
        Self {
            pools: RwLock::default(),
            clients: RwLock::default(),
            random: Mutex::new(PoolRandom::new(settings.seed)),
            settings,
            issuer: RwLock::new(issuer),
            sent: Mutex::default(),
            observer: None,
        }
    }

    /// Has every exchange told to `observer`, on the thread that answers it.
    pub fn observe(&mut self, observer: impl Fn(&Observed<'_>) + Send + Sync + 'static) {
        self.observer = Some(Box::new(observer));
    }

    /// Adds a pool.
    ///
    /// # Errors
    /// What of the world the service would not have let be set up, and an id that is taken.
    pub fn add(&self, world: World) -> Result<(), PoolError> {
        self.insert(Pool::new(world, Policy::default())?)
    }

    fn insert(&self, mut pool: Pool) -> Result<(), PoolError> {
        pool.set_keys(self.settings.keys.clone());
        pool.set_issuer(read(&self.issuer).clone());
        pool.remembers_passwords = self.settings.judged;
        pool.derive_verifiers();
        self.resolve_functions(&mut pool);
        let id = pool.world().pool.id.clone();
        let mut pools = write(&self.pools);
        if pools.contains_key(&id) {
            return Err(PoolError::Twice {
                at: "pools[].id",
                name: id,
            });
        }
        let clients = pool.world().clients.iter();
        write(&self.clients).extend(clients.map(|client| (client.id.clone(), id.clone())));
        pools.insert(id, Arc::new(Mutex::new(pool)));
        Ok(())
    }

    /// Tells the URL at which the pools can be reached.
    pub fn set_endpoint(&self, url: &str) {
        if self.settings.issuer != Issuer::Endpoint {
            return;
        }
        *write(&self.issuer) = Some(url.to_owned());
        for pool in read(&self.pools).values() {
            lock(pool).set_issuer(Some(url.to_owned()));
        }
    }

    /// The ids of all pools.
    pub fn ids(&self) -> Vec<String> {
        read(&self.pools).keys().cloned().collect()
    }

    /// Does something with a pool, while it answers nobody.
    pub fn with_pool<T>(&self, id: &str, act: impl FnOnce(&mut Pool) -> T) -> Option<T> {
        let pool = Arc::clone(read(&self.pools).get(id)?);
        let mut pool = lock(&pool);
        Some(act(&mut pool))
    }

    /// What was sent, the latest first, as far as it is kept.
    pub fn messages(&self) -> Vec<Message> {
        lock(&self.sent).iter().rev().cloned().collect()
    }

    /// Answers one request. Any octets get an answer.
    pub fn handle(&self, request: &HttpRequest) -> HttpResponse {
        let began = Instant::now();
        if let Some((pool, answered)) = self.document(request) {
            let response = answered.finish();
            self.tell(&Observed {
                user_pool_id: Some(&pool),
                operation: None,
                request,
                events: &[],
                response: &response,
                knowledge: None,
                took: began.elapsed(),
            });
            return response;
        }
        let asked = Asked::read(request);
        let nobody = |answer| (None, self.answered(answer), Vec::new(), None);
        let (pool, answered, events, knowledge) = match &asked {
            Ok(read) => match self.above_pools(request, read) {
                Some(answer) => nobody(answer),
                None => match self.pool_of(read) {
                    Ok((id, pool)) => {
                        let (answered, events, knowledge) = self.ask(&pool, &asked);
                        (Some(id), answered, events, knowledge)
                    }
                    Err(error) => nobody(Err(error)),
                },
            },
            Err(error) => nobody(Err(error.clone())),
        };
        if let Some(id) = &pool {
            self.keep_messages(id, &events);
        }
        let response = answered.finish();
        self.tell(&Observed {
            user_pool_id: pool.as_deref(),
            operation: asked.as_ref().ok().map(|asked| &asked.operation),
            request,
            events: &events,
            response: &response,
            knowledge: knowledge.as_ref(),
            took: began.elapsed(),
        });
        response
    }

    /// Answers one request as [`handle`](Self::handle) does, if it takes no longer than a few powers and signatures: where a
    /// function outside may have to be asked, rare values are looked for, keys are still being made, or somebody observes,
    /// there is no answer, and nothing has happened.
    pub fn handle_at_once(&self, request: &HttpRequest) -> Option<HttpResponse> {
        if self.observer.is_some() || !self.settings.keys.are_made() || request.method != "POST" {
            return None;
        }
        let asked = Asked::read(request);
        let found = match &asked {
            Ok(asked) if sets_up(&asked.operation) || !self.is_found_at_once(asked) => {
                return None;
            }
            Ok(asked) => self.pool_of(asked),
            Err(error) => Err(error.clone()),
        };
        let answered = match found {
            Ok((id, pool)) => {
                // Nobody waits here for who has it: a search for rare values, say.
                let mut pool = match pool.try_lock() {
                    Ok(pool) => pool,
                    Err(TryLockError::Poisoned(pool)) => pool.into_inner(),
                    Err(TryLockError::WouldBlock) => return None,
                };
                if !pool.answers_at_once() {
                    return None;
                }
                let Attempt::Answered(answered) = pool.attempt(&asked, &mut Progress::default())
                else {
                    return None;
                };
                let events = pool.take_events();
                drop(pool);
                self.keep_messages(&id, &events);
                answered
            }
            Err(error) => self.answered(Err(error)),
        };
        Some(answered.finish())
    }

    /// Has a pool answer. While a function outside is asked, the pool answers others.
    fn ask(
        &self,
        pool: &Mutex<Pool>,
        asked: &Answer<Asked>,
    ) -> (Answered, Vec<Event>, Option<Knowledge>) {
        let mut progress = Progress::default();
        loop {
            let invocation = {
                let mut pool = lock(pool);
                match pool.attempt(asked, &mut progress) {
                    Attempt::Answered(answered) => {
                        let asked = asked.as_ref().ok();
                        if asked.is_some_and(|asked| asked.operation == Operation::UpdateUserPool) {
                            self.resolve_functions(&mut pool);
                        }
                        let judge = asked.filter(|_| self.settings.judged);
                        let knowledge = judge.map(|asked| pool.knowledge_of(asked));
                        return (answered, pool.take_events(), knowledge);
                    }
                    Attempt::WaitsFor(invocation) => invocation,
                }
            };
            progress.said.push(invocation.run());
        }
    }

    /// Operations that are about no pool, or about which pools there are.
    fn above_pools(&self, request: &HttpRequest, asked: &Asked) -> Option<Answer<Value>> {
        match asked.operation {
            Operation::CreateUserPool => Some(self.create_user_pool(request, &asked.members)),
            Operation::DeleteUserPool => Some(self.delete_user_pool(&asked.members)),
            Operation::ListUserPools => Some(Ok(self.list_user_pools(&asked.members))),
            _ => None,
        }
    }

    fn create_user_pool(
        &self,
        request: &HttpRequest,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        let region = signed_region(request).unwrap_or(&self.settings.region);
        let id = format!("{region}_{}", lock(&self.random).letters(9));
        let seed = lock(&self.random).number(8);
        let seed = seed.iter_u64_digits().next().unwrap_or_default();
        let pool = Pool::create_user_pool(members, &id, Clock::Wall, seed, Policy::default())?;
        self.insert(pool)
            .map_err(|error| errors::invalid_parameter(error.to_string()))?;
        let described = self.with_pool(&id, |pool| pool.describe());
        Ok(json!({ "UserPool": described }))
    }

    fn delete_user_pool(&self, members: &Map<String, Value>) -> Answer<Value> {
        let id = text(members, "UserPoolId").unwrap_or_default();
        write(&self.pools)
            .remove(id)
            .ok_or_else(|| errors::no_such_pool(id))?;
        write(&self.clients).retain(|_, pool| pool != id);
        Ok(json!({}))
    }

    fn list_user_pools(&self, members: &Map<String, Value>) -> Value {
        let most = members.get("MaxResults").and_then(Value::as_u64);
        let most = usize::try_from(most.unwrap_or(60)).unwrap_or(60).max(1);
        let after = text(members, "NextToken").unwrap_or_default();
        let ids = self.ids();
        let mut rest = ids.into_iter().filter(|id| id.as_str() > after);
        let listed: Vec<String> = rest.by_ref().take(most).collect();
        let described: Vec<Value> = listed
            .iter()
            .filter_map(|id| self.with_pool(id, |pool| pool.summary()))
            .collect();
        let mut response = json!({ "UserPools": described });
        if let (Some(last), Some(_)) = (listed.last(), rest.next()) {
            response["NextToken"] = json!(last);
        }
        response
    }

    /// The pool that a request is about: by the pool's id, an app client, a token, or a Session.
    fn pool_of(&self, asked: &Asked) -> Answer<(String, Arc<Mutex<Pool>>)> {
        let members = &asked.members;
        if let Some(id) = text(members, "UserPoolId") {
            return self.pool(id).ok_or_else(|| errors::no_such_pool(id));
        }
        if let Some(client) = text(members, "ClientId") {
            return self
                .pool_of_client(client)
                .ok_or_else(|| errors::no_such_client(client));
        }
        if let Some(token) = text(members, "AccessToken") {
            return pool_in(token)
                .and_then(|id| self.pool(&id))
                .ok_or_else(errors::invalid_access_token);
        }
        if let Some(session) = text(members, "Session") {
            let pools = read(&self.pools);
            let mut pools = pools.iter();
            return pools
                .find(|(_, pool)| lock(pool).sessions.knows(session))
                .map(|(id, pool)| (id.clone(), Arc::clone(pool)))
                .ok_or_else(errors::invalid_session);
        }
        Err(match asked.operation {
            Operation::AssociateSoftwareToken | Operation::VerifySoftwareToken => {
                errors::missing("Session")
            }
            ref other => errors::operation_not_offered(other),
        })
    }

    /// Whether the pool that a request is about is found without a look into pools, which others may be at work in.
    fn is_found_at_once(&self, asked: &Asked) -> bool {
        let members = &asked.members;
        let by_client = || {
            text(members, "ClientId").is_some_and(|client| read(&self.clients).contains_key(client))
        };
        text(members, "UserPoolId").is_some()
            || text(members, "AccessToken").is_some()
            || by_client()
    }

    fn pool(&self, id: &str) -> Option<(String, Arc<Mutex<Pool>>)> {
        let pool = Arc::clone(read(&self.pools).get(id)?);
        Some((id.to_owned(), pool))
    }

    fn pool_of_client(&self, client: &str) -> Option<(String, Arc<Mutex<Pool>>)> {
        let last = read(&self.clients).get(client).cloned();
        if let Some(found) = last.and_then(|id| self.pool(&id)) {
            return Some(found);
        }
        // Made since by an operation that one pool has answered.
        let found = read(&self.pools)
            .iter()
            .find(|(_, pool)| lock(pool).world().clients.iter().any(|c| c.id == client))
            .map(|(id, pool)| (id.clone(), Arc::clone(pool)))?;
        write(&self.clients).insert(client.to_owned(), found.0.clone());
        Some(found)
    }

    fn document(&self, request: &HttpRequest) -> Option<(String, Answered)> {
        if request.method != "GET" {
            return None;
        }
        let (before, _) = request.path.split_once("/.well-known/")?;
        let (id, pool) = self.pool(before.rsplit('/').next()?)?;
        let answered = lock(&pool).document(request)?;
        Some((id, answered))
    }

    /// An answer that no pool gives.
    fn answered(&self, answer: Answer<Value>) -> Answered {
        Answered {
            what: What::Operation {
                answer,
                request_id: lock(&self.random).uuid(),
                responses: ResponsePolicy::default(),
                errors: ErrorPolicy::default(),
            },
            keys: self.settings.keys.clone(),
            signing: TokenSigning::Real,
            stub_signature: false,
        }
    }

    fn keep_messages(&self, id: &str, events: &[Event]) {
        for event in events {
            let Event::Noted(PoolNote::Sent {
                username,
                medium,
                to,
                purpose,
                text,
            }) = event
            else {
                continue;
            };
            let mut sent = lock(&self.sent);
            if sent.len() >= MOST_MESSAGES {
                sent.pop_front();
            }
            sent.push_back(Message {
                at: Clock::Wall.now(),
                user_pool_id: id.to_owned(),
                username: username.clone(),
                medium: medium.clone(),
                to: to.clone(),
                purpose: purpose.clone(),
                text: text.clone(),
            });
        }
    }

    fn tell(&self, observed: &Observed<'_>) {
        if let Some(observer) = &self.observer {
            observer(observed);
        }
    }

    /// Gives triggers that are named by ARNs the functions behind them.
    fn resolve_functions(&self, pool: &mut Pool) {
        let triggers = &mut pool.world.triggers;
        for (trigger, arn) in &triggers.lambda_arns {
            if let Some(function) = self.function(arn) {
                triggers.functions.entry(*trigger).or_insert(function);
            }
        }
    }

    fn function(&self, arn: &str) -> Option<Function> {
        let name = Function::name_in(arn)?;
        if let Some(function) = self.settings.functions.get(name) {
            return Some(function.clone());
        }
        let base = self.settings.lambda_endpoint.as_ref()?;
        let base = base.trim_end_matches('/');
        Some(Function::Http(format!(
            "{base}/2015-03-31/functions/{name}/invocations"
        )))
    }
}

/// Whether an operation changes which pools there are, or which functions one asks.
fn sets_up(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::CreateUserPool
            | Operation::DeleteUserPool
            | Operation::ListUserPools
            | Operation::UpdateUserPool
    )
}

/// The region that a signed request names (SigV4: `Credential=<key>/<date>/<region>/cognito-idp/aws4_request`).
fn signed_region(request: &HttpRequest) -> Option<&str> {
    let (_, credential) = request.header("authorization")?.split_once("Credential=")?;
    let region = credential.split(',').next()?.split('/').nth(2)?;
    let is_region = (1..=32).contains(&region.len())
        && region
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
    is_region.then_some(region)
}

/// The pool that a token names in `iss`. Whether the token is good is the pool's to say.
fn pool_in(token: &str) -> Option<String> {
    let claims = BASE64URL_NOPAD
        .decode(token.split('.').nth(1)?.as_bytes())
        .ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let (_, id) = claims.get("iss")?.as_str()?.rsplit_once('/')?;
    Some(id.to_owned())
}

/// A panic in one request must not keep the others from being answered.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// The latest of which are kept.
const MOST_MESSAGES: usize = 1000;
