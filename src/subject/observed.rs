//! Any application, as a local pool sees it: exchanges put together to sign-ins.
//!
//! `InitiateAuth` starts a sign-in. An answer belongs to the one whose Session or secret block it shows. What can't be
//! assigned is counted with its reason, and never guessed at: a finding is an accusation.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fmt;

use serde_json::Value;

use crate::pool::{Knowledge, Observed, SignInKnowledge};
use crate::record::{Observation, Origin, Transcript};
use crate::wire::event::Event;
use crate::wire::names::key;
use crate::wire::{
    AuthFlow, ChallengeName, ErrorKind, HttpRequest, HttpResponse, Operation, ServiceError,
};

/// An exchange, kept beyond the moment in which it was observed.
#[derive(Clone, Debug)]
pub struct Seen {
    user_pool_id: Option<String>,
    operation: Option<Operation>,
    request: HttpRequest,
    events: Vec<Event>,
    response: HttpResponse,
    knowledge: Knowledge,
}

/// Why an exchange is part of no sign-in that could be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unassigned {
    /// A POST without the name of an operation.
    NoOperation,
    /// No pool answered: the app client is unknown, or the body could not be read.
    NoPool,
    /// Administrators' sign-ins are their servers' affair.
    Administrators,
    /// It shows what an earlier answer of its sign-in showed, as a request that is sent twice does.
    Repeated,
    /// Its sign-in is over.
    Over,
    /// It shows a Session or a secret block that was never given here, say before a restart.
    Unknown,
    /// It shows neither, and no single sign-in waits for it.
    Nothing,
}

impl fmt::Display for Unassigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoOperation => "it names no operation",
            Self::NoPool => "no pool knows its app client, or its body can't be read",
            Self::Administrators => "administrators' sign-ins are not judged",
            Self::Repeated => "it repeats an answer",
            Self::Over => "its sign-in is over",
            Self::Unknown => "its Session or secret block was not given here",
            Self::Nothing => "it shows neither Session nor secret block",
        })
    }
}

/// A sign-in as far as it has come.
#[derive(Clone, Debug)]
pub struct ObservedSignIn {
    /// What was seen of it.
    pub transcript: Transcript,
    /// The name that was sent first; empty without one.
    pub user: String,
    /// The app client.
    pub client_id: String,
    /// The pool.
    pub user_pool_id: String,
    /// Whether it is over: with tokens, with an error that ends it, or because nothing more came.
    pub is_over: bool,
    /// Passwords that were sent, or would have been right.
    pub passwords: BTreeSet<String>,
    /// What else the person answered: codes.
    pub answers: BTreeSet<String>,
}

/// Puts exchanges together to sign-ins.
#[derive(Debug, Default)]
pub struct Assembler {
    open: VecDeque<Open>,
    begun: u64,
    over: Remembered,
    proved: Remembered,
    unassigned: BTreeMap<Unassigned, usize>,
}

#[derive(Debug)]
struct Open {
    sign_in: ObservedSignIn,
    /// Names under which it was spoken of.
    names: BTreeSet<String>,
    /// What it waits for.
    pending: Option<ChallengeName>,
    /// Sessions that it was given, the latest last, each with the challenge it came with.
    sessions: Vec<(String, Option<ChallengeName>)>,
    /// Whether the latest answer gave a Session.
    has_session: bool,
    /// Secret blocks that it was given, the latest last.
    blocks: Vec<String>,
    /// `SRP_A` of its first request.
    a: Option<String>,
    exchanges: usize,
    session_seconds: i64,
    latest: i64,
}

/// The latest texts of a kind.
#[derive(Debug, Default)]
struct Remembered {
    texts: HashSet<String>,
    order: VecDeque<String>,
}

enum Belongs {
    To(usize),
    Not(Unassigned),
}

impl Seen {
    /// Keeps an exchange, if a sign-in can be made of it.
    pub fn of(observed: &Observed<'_>) -> Option<Self> {
        let is_wanted = match observed.operation {
            None => observed.request.method == "POST",
            Some(operation) => matches!(
                operation,
                Operation::InitiateAuth
                    | Operation::RespondToAuthChallenge
                    | Operation::AssociateSoftwareToken
                    | Operation::VerifySoftwareToken
                    | Operation::AdminInitiateAuth
                    | Operation::AdminRespondToAuthChallenge
            ),
        };
        is_wanted.then(|| Self {
            user_pool_id: observed.user_pool_id.map(str::to_owned),
            operation: observed.operation.cloned(),
            request: observed.request.clone(),
            events: observed.events.to_vec(),
            response: observed.response.clone(),
            knowledge: observed.knowledge.cloned().unwrap_or_default(),
        })
    }
}

impl Assembler {
    /// Takes the next exchange, and gives the sign-ins that have come to an end or met an error by it, and those that have
    /// ended because nothing more came.
    pub fn take(&mut self, seen: Seen) -> Vec<ObservedSignIn> {
        let mut given = self.idle(&seen);
        match self.belongs(&seen) {
            None => {}
            Some(Belongs::Not(reason)) => *self.unassigned.entry(reason).or_default() += 1,
            Some(Belongs::To(at)) => given.extend(self.add(at, seen)),
        }
        given
    }

    /// Ends whatever is still open.
    pub fn finish(&mut self) -> Vec<ObservedSignIn> {
        let open: Vec<_> = self.open.drain(..).collect();
        open.into_iter().map(|open| self.close(open)).collect()
    }

    /// The exchanges that belong to no sign-in, counted.
    pub fn unassigned(&self) -> &BTreeMap<Unassigned, usize> {
        &self.unassigned
    }

    /// The sign-ins of this pool for which nothing has come for longer than their Sessions live.
    fn idle(&mut self, seen: &Seen) -> Vec<ObservedSignIn> {
        let Some(pool) = &seen.user_pool_id else {
            return Vec::new();
        };
        let (idle, open): (Vec<_>, Vec<_>) = self.open.drain(..).partition(|open| {
            open.sign_in.user_pool_id == *pool
                && seen.knowledge.at.saturating_sub(open.latest) > open.session_seconds
        });
        self.open = open.into();
        idle.into_iter().map(|open| self.close(open)).collect()
    }

    /// Which sign-in an exchange belongs to; one that starts is opened. `None` for what no sign-in is about.
    fn belongs(&mut self, seen: &Seen) -> Option<Belongs> {
        let not = |reason| Some(Belongs::Not(reason));
        let Some(operation) = &seen.operation else {
            return not(Unassigned::NoOperation);
        };
        let body: Value = serde_json::from_slice(seen.request.body.as_bytes()).unwrap_or_default();
        match operation {
            Operation::AdminInitiateAuth | Operation::AdminRespondToAuthChallenge => {
                not(Unassigned::Administrators)
            }
            Operation::InitiateAuth => {
                let flow = body["AuthFlow"].as_str().map(AuthFlow::from);
                if let Some(AuthFlow::RefreshToken | AuthFlow::RefreshTokenAuth) = flow {
                    return None;
                }
                let known = seen.knowledge.sign_in.as_ref();
                match (&seen.user_pool_id, known) {
                    (Some(pool), Some(known)) => Some(Belongs::To(self.open(
                        pool,
                        known,
                        seen.knowledge.at,
                        &body,
                    ))),
                    _ => not(Unassigned::NoPool),
                }
            }
            Operation::RespondToAuthChallenge if seen.user_pool_id.is_none() => {
                not(Unassigned::NoPool)
            }
            Operation::RespondToAuthChallenge => Some(self.answered_by(&body)),
            // With an access token it is the profile's affair.
            _ => {
                let session = body["Session"].as_str()?;
                Some(
                    match self.open.iter().position(|open| open.waits_with(session)) {
                        Some(at) => Belongs::To(at),
                        None if self.over.has(session) => Belongs::Not(Unassigned::Over),
                        None => Belongs::Not(Unassigned::Unknown),
                    },
                )
            }
        }
    }

    fn open(&mut self, pool: &str, known: &SignInKnowledge, at: i64, body: &Value) -> usize {
        self.begun += 1;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = text(&body["AuthParameters"][key::USERNAME]);
        let client_id = text(&body["ClientId"]);
        let a = body["AuthParameters"][key::SRP_A].as_str();
        let secret = known.client_secret.clone();
        let facts = [
            ("userPoolId", pool.to_owned()),
            ("clientId", client_id.clone()),
            ("clientSecret", secret.unwrap_or_else(|| "none".to_owned())),
            ("username", user.clone()),
            ("now", at.to_string()),
        ];
        let observation = Observation {
            subject: format!("an application seen at {pool}"),
            known: facts
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            repeats_a: a.is_some_and(|a| self.proved.has(a)),
            password: known.password.clone(),
        };
        let origin = Origin::Observed(Box::new(observation));
        self.open.push_back(Open {
            sign_in: ObservedSignIn {
                transcript: Transcript::new(format!("observed/{}", self.begun), origin),
                user: user.clone(),
                client_id,
                user_pool_id: pool.to_owned(),
                is_over: false,
                passwords: known.password.iter().cloned().collect(),
                answers: BTreeSet::new(),
            },
            names: [user].into(),
            pending: None,
            sessions: Vec::new(),
            has_session: false,
            blocks: Vec::new(),
            a: a.map(str::to_owned),
            exchanges: 0,
            session_seconds: known.session_seconds,
            latest: at,
        });
        self.open.len() - 1
    }

    /// The sign-in that an answer belongs to.
    fn answered_by(&self, body: &Value) -> Belongs {
        let answer = &body["ChallengeResponses"];
        let session = body["Session"].as_str();
        let block = answer[key::PASSWORD_CLAIM_SECRET_BLOCK].as_str();
        let challenge = body["ChallengeName"].as_str().map(ChallengeName::from);
        if let Some(session) = session {
            let mut open = self.open.iter();
            if let Some(at) = open.position(|open| open.waits_with(session)) {
                return Belongs::To(at);
            }
            let mut open = self.open.iter().enumerate();
            if let Some((at, since)) = open.find_map(|(at, open)| Some((at, open.since(session)?)))
            {
                // The Session of another challenge than the one that is answered is stale; that of the same one may be
                // there because the request is sent twice.
                let is_stale = challenge == self.open[at].pending && challenge != *since;
                return if is_stale {
                    Belongs::To(at)
                } else {
                    Belongs::Not(Unassigned::Repeated)
                };
            }
            if self.over.has(session) {
                return Belongs::Not(Unassigned::Over);
            }
        }
        if let Some(block) = block {
            for (at, open) in self.open.iter().enumerate() {
                if open.blocks.iter().any(|given| given == block) {
                    let is_awaited = open.blocks.last().is_some_and(|latest| latest == block)
                        && open.pending.as_ref().is_some_and(is_verifier);
                    return if is_awaited {
                        Belongs::To(at)
                    } else {
                        Belongs::Not(Unassigned::Repeated)
                    };
                }
            }
            if self.over.has(block) {
                return Belongs::Not(Unassigned::Over);
            }
        }
        if session.is_some() {
            return Belongs::Not(Unassigned::Unknown);
        }
        // A client that lost them is told so, where it can be told which sign-in it means.
        let name = answer[key::USERNAME].as_str().unwrap_or_default();
        let mut waiting = self.open.iter().enumerate().filter(|(_, open)| {
            open.sign_in.client_id == body["ClientId"].as_str().unwrap_or_default()
                && open.names.contains(name)
                && open.pending.is_some()
                && open.pending == challenge
        });
        match (waiting.next(), waiting.next(), block) {
            (Some((at, _)), None, _) => Belongs::To(at),
            (_, _, Some(_)) => Belongs::Not(Unassigned::Unknown),
            _ => Belongs::Not(Unassigned::Nothing),
        }
    }

    fn add(&mut self, at: usize, seen: Seen) -> Vec<ObservedSignIn> {
        let mut given = Vec::new();
        let Some(open) = self.open.get_mut(at) else {
            return given;
        };
        let starts = open.exchanges == 0;
        if open.proves(&seen)
            && let Some(a) = &open.a
        {
            self.proved.keep(a);
        }
        let error = ServiceError::from_response(&seen.response);
        let has_tokens = open.take(seen);
        let is_ended = has_tokens
            || open.exchanges >= MOST_EXCHANGES
            || error
                .as_ref()
                .is_some_and(|error| starts || ends(&error.kind));
        if is_ended {
            let ended = self.open.remove(at);
            given.extend(ended.map(|open| self.close(open)));
        } else if error.is_some() {
            given.push(open.sign_in.clone());
        }
        while self.open.len() > MOST_OPEN {
            let oldest = self.open.pop_front();
            given.extend(oldest.map(|open| self.close(open)));
        }
        given
    }

    fn close(&mut self, open: Open) -> ObservedSignIn {
        let sessions = open.sessions.iter().map(|(session, _)| session);
        for text in sessions.chain(&open.blocks) {
            self.over.keep(text);
        }
        ObservedSignIn {
            is_over: true,
            ..open.sign_in
        }
    }
}

impl Open {
    /// Whether this is the Session that it waits with.
    fn waits_with(&self, session: &str) -> bool {
        let latest = self.sessions.last();
        self.has_session && latest.is_some_and(|(latest, _)| latest == session)
    }

    /// The challenge with which it was given an earlier Session.
    fn since(&self, session: &str) -> Option<&Option<ChallengeName>> {
        let mut given = self.sessions.iter();
        given
            .find(|(earlier, _)| earlier == session)
            .map(|(_, challenge)| challenge)
    }

    /// Whether the exchange answers `PASSWORD_VERIFIER`.
    fn proves(&self, seen: &Seen) -> bool {
        seen.operation == Some(Operation::RespondToAuthChallenge)
            && self.pending == Some(ChallengeName::PasswordVerifier)
    }

    /// Adds an exchange; whether it brought tokens.
    fn take(&mut self, seen: Seen) -> bool {
        self.exchanges += 1;
        // What names no app client may come without a time.
        self.latest = self.latest.max(seen.knowledge.at);
        if self.proves(&seen)
            && let Origin::Observed(observation) = &mut self.sign_in.transcript.origin
        {
            let now = seen.knowledge.at.to_string();
            observation.known.insert("now".to_owned(), now);
        }
        self.keep_secrets(&seen.request);
        let answer: Value =
            serde_json::from_slice(seen.response.body.as_bytes()).unwrap_or_default();
        let is_success = seen.response.status == 200;
        let events = &mut self.sign_in.transcript.events;
        events.push(Event::Requested {
            request: seen.request,
        });
        events.extend(seen.events);
        events.push(Event::Responded {
            response: seen.response,
        });
        if !is_success {
            return false;
        }
        let session = answer["Session"].as_str();
        if let Some(challenge) = answer["ChallengeName"].as_str() {
            self.pending = Some(ChallengeName::from(challenge));
            self.has_session = session.is_some();
            let parameters = &answer["ChallengeParameters"];
            for name in [key::USERNAME, key::USER_ID_FOR_SRP] {
                self.names
                    .extend(parameters[name].as_str().map(str::to_owned));
            }
            let block = parameters[key::SECRET_BLOCK].as_str();
            self.blocks.extend(block.map(str::to_owned));
        }
        if let Some(session) = session {
            // The set-up of time-based codes gives one too.
            self.has_session = true;
            self.sessions
                .push((session.to_owned(), self.pending.clone()));
        }
        answer["AuthenticationResult"].is_object()
    }

    fn keep_secrets(&mut self, request: &HttpRequest) {
        let body: Value = serde_json::from_slice(request.body.as_bytes()).unwrap_or_default();
        for map in ["AuthParameters", "ChallengeResponses"] {
            for (name, value) in body[map].as_object().into_iter().flatten() {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                if matches!(name.as_str(), key::PASSWORD | key::NEW_PASSWORD) {
                    self.sign_in.passwords.insert(text);
                } else if name == key::ANSWER || name.ends_with("_CODE") {
                    self.sign_in.answers.insert(text);
                }
            }
        }
    }
}

impl Remembered {
    fn has(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    fn keep(&mut self, text: &str) {
        if !self.texts.insert(text.to_owned()) {
            return;
        }
        self.order.push_back(text.to_owned());
        if self.order.len() > MOST_REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.texts.remove(&oldest);
        }
    }
}

fn is_verifier(challenge: &ChallengeName) -> bool {
    matches!(
        challenge,
        ChallengeName::PasswordVerifier | ChallengeName::DevicePasswordVerifier
    )
}

/// Whether an error to an answer ends the sign-in. After others, say a mistyped code, the person tries again; after one
/// about a device some clients answer again without it.
fn ends(error: &ErrorKind) -> bool {
    matches!(
        error,
        ErrorKind::NotAuthorized
            | ErrorKind::UserNotFound
            | ErrorKind::UserNotConfirmed
            | ErrorKind::PasswordResetRequired
    )
}

/// The most sign-ins that are open at a time; the oldest is judged when there are more.
const MOST_OPEN: usize = 256;
/// The most exchanges of a sign-in; one with more is judged as it stands.
const MOST_EXCHANGES: usize = 64;
/// How many Sessions and secret blocks of sign-ins that are over are remembered, and how many values of A.
const MOST_REMEMBERED: usize = 2048;
