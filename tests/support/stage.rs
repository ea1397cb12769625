//! The reference client before the reference pool, in the same process or over HTTP, with everything that passes between them.

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use cognito_conformance::client::{
    AuthError, Client, HttpTransport, Policy, SignInRequest, Sources, Transport, TransportError,
};
use cognito_conformance::config::ClientSettings;
use cognito_conformance::model::{DeviceTracking, World};
use cognito_conformance::pool::http::{Handler, Listener, Outcome};
use cognito_conformance::pool::{self, Pool};
use cognito_conformance::srp::secret_hash;
use cognito_conformance::wire::{
    AuthFlowType, ChallengeName, ConfirmSignIn, Event, HttpRequest, HttpResponse, NextStep,
    PoolNote,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

pub use super::world::*;

/// The whole world, with devices that are remembered at once.
pub fn tracking() -> World {
    whole_world().with_devices(DeviceTracking::default())
}

/// Every way to prove who one is.
pub const WAYS: [Way; 8] = [
    Way::Flow(AuthFlowType::UserSrp),
    Way::Flow(AuthFlowType::UserPassword),
    Way::Flow(AuthFlowType::CustomWithSrp),
    Way::Flow(AuthFlowType::CustomWithoutSrp),
    Way::Preferring("PASSWORD"),
    Way::Preferring("PASSWORD_SRP"),
    Way::Preferring("EMAIL_OTP"),
    Way::Preferring("SMS_OTP"),
];

/// A flow; or `userAuth`, with the first factor that is preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Flow(AuthFlowType),
    Preferring(&'static str),
}

pub fn sign_in(way: Way, username: &str) -> SignInRequest {
    let (flow, preferred) = match way {
        Way::Flow(flow) => (flow, None),
        Way::Preferring(name) => (AuthFlowType::UserAuth, Some(ChallengeName::from(name))),
    };
    SignInRequest {
        username: username.to_owned(),
        password: Some(PASSWORD.to_owned()),
        auth_flow_type: Some(flow),
        preferred_challenge: preferred,
        metadata: [("from".to_owned(), "signIn".to_owned())].into(),
    }
}

/// An answer, with metadata that say of which call they are.
pub fn answer(text: &str) -> ConfirmSignIn {
    ConfirmSignIn {
        challenge_response: text.to_owned(),
        metadata: [("from".to_owned(), "confirmSignIn".to_owned())].into(),
        ..ConfirmSignIn::default()
    }
}

/// Whether requests travel over a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriage {
    InProcess,
    Http,
}

pub const BOTH: [Carriage; 2] = [Carriage::InProcess, Carriage::Http];

/// What comes before a request is answered, once: by the first request of these words.
pub struct Interruption {
    pub words: &'static str,
    pub act: Act,
}

pub enum Act {
    /// This happens at the pool, whose last access token is given.
    At(Box<dyn FnMut(&mut Pool) + Send>),
    /// The request is answered with this, and the pool does not hear of it.
    Answer(HttpResponse),
}

/// A pool that keeps what passes it.
pub struct Watched {
    pub pool: Pool,
    pub passed: Vec<(HttpRequest, HttpResponse)>,
    pub codes: Vec<String>,
    pub interruption: Option<Interruption>,
}

impl Watched {
    fn answer(&mut self, request: HttpRequest) -> HttpResponse {
        let response = match self.interruption_of(&request) {
            Some(Act::Answer(response)) => response,
            Some(Act::At(mut act)) => {
                act(&mut self.pool);
                self.pool.handle(&request)
            }
            None => self.pool.handle(&request),
        };
        for event in self.pool.take_events() {
            if let Event::Noted(PoolNote::Sent { text, .. }) = event {
                self.codes.push(text);
            }
        }
        self.passed.push((request, response.clone()));
        response
    }

    fn interruption_of(&mut self, request: &HttpRequest) -> Option<Act> {
        let meant = self.interruption.as_ref()?.words == words(request);
        if meant {
            self.interruption
                .take()
                .map(|interruption| interruption.act)
        } else {
            None
        }
    }
}

impl Handler for Watched {
    fn handle(&mut self, request: HttpRequest) -> Outcome {
        Outcome::Respond(self.answer(request))
    }
}

/// Either way for a request to travel.
pub enum Carrier {
    InProcess(Arc<Mutex<Watched>>),
    Http(HttpTransport),
}

impl Transport for Carrier {
    fn send(
        &mut self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> + Send {
        let there = match self {
            Self::InProcess(watched) => Ok(watched.lock().unwrap().answer(request)),
            Self::Http(transport) => Err(transport.send(request)),
        };
        async move {
            match there {
                Ok(response) => Ok(response),
                Err(sending) => sending.await,
            }
        }
    }
}

/// A client before a pool.
pub struct Theatre {
    pub client: Client<Carrier>,
    pub watched: Arc<Mutex<Watched>>,
    /// The client's, in seconds since 1970-01-01T00:00:00Z.
    pub clock: Arc<AtomicI64>,
    secret: Option<String>,
    listener: Option<Listener>,
}

impl Theatre {
    pub async fn open(world: &World, carriage: Carriage) -> Self {
        Self::with(world, carriage, Policy::default()).await
    }

    pub async fn with(world: &World, carriage: Carriage, policy: Policy) -> Self {
        let watched = Arc::new(Mutex::new(Watched {
            pool: Pool::new(world.clone(), pool::Policy::default()).unwrap(),
            passed: Vec::new(),
            codes: Vec::new(),
            interruption: None,
        }));
        let (carrier, listener) = match carriage {
            Carriage::InProcess => (Carrier::InProcess(watched.clone()), None),
            Carriage::Http => {
                let handler = Arc::clone(&watched);
                let listener = Listener::bind(([127, 0, 0, 1], 0).into(), handler)
                    .await
                    .unwrap();
                let transport = HttpTransport::new(&listener.endpoint()).unwrap();
                (Carrier::Http(transport), Some(listener))
            }
        };
        let clock = Arc::new(AtomicI64::new(NOW));
        let mut sources = Sources::fixed(NOW, 7);
        sources.clock = Box::new({
            let clock = clock.clone();
            move || clock.load(Ordering::SeqCst)
        });
        let secret = world.clients[0].secret.clone();
        let settings = ClientSettings {
            region: world.pool.region.clone(),
            user_pool_id: world.pool.id.clone(),
            client_id: world.clients[0].id.clone(),
            client_secret: secret.clone(),
            endpoint: None,
            flow: None,
            migration_enabled: false,
        };
        Self {
            client: Client::new(settings, carrier, sources, policy).unwrap(),
            watched,
            clock,
            secret,
            listener,
        }
    }

    pub async fn close(self) {
        if let Some(listener) = self.listener {
            listener.stop().await;
        }
    }

    /// Signs in, gives every answer that is asked for, and returns the last step.
    pub async fn play(&mut self, request: SignInRequest) -> Result<NextStep, AuthError> {
        let step = self.client.sign_in(request).await?;
        self.go_on(step).await
    }

    /// Gives every answer that is asked for from this step on.
    pub async fn go_on(&mut self, mut step: NextStep) -> Result<NextStep, AuthError> {
        while step.awaits_answer() {
            let text = match &step {
                NextStep::ConfirmSignInWithCustomChallenge { .. } => "42".to_owned(),
                NextStep::ConfirmSignInWithNewPassword { .. } => NEW_PASSWORD.to_owned(),
                NextStep::ConfirmSignInWithSmsCode { .. }
                | NextStep::ConfirmSignInWithEmailCode { .. } => self.code(),
                NextStep::ConfirmSignInWithTotpCode => self.totp(),
                NextStep::ConfirmSignInWithPassword => PASSWORD.to_owned(),
                other => panic!("a test of its own is for {other:?}"),
            };
            step = self.client.confirm_sign_in(answer(&text)).await?;
        }
        Ok(step)
    }

    /// The code that was sent last.
    pub fn code(&self) -> String {
        let watched = self.watched.lock().unwrap();
        watched.codes.last().expect("a code was sent").clone()
    }

    /// The time-based code of the moment.
    pub fn totp(&self) -> String {
        let secret = data_encoding::BASE32
            .decode(TOTP_SECRET.as_bytes())
            .unwrap();
        totp(&secret, self.clock.load(Ordering::SeqCst))
    }

    /// Lets time pass on both sides.
    pub fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
        self.watched.lock().unwrap().pool.advance_clock(seconds);
    }

    /// Has something happen before the next request of these words is answered.
    pub fn interrupt(&self, words: &'static str, act: Act) {
        self.watched.lock().unwrap().interruption = Some(Interruption { words, act });
    }

    /// What passed since the last look. Whatever carries a hash carries the right one.
    pub fn look(&self) -> Vec<Passed> {
        let passed = std::mem::take(&mut self.watched.lock().unwrap().passed);
        passed
            .into_iter()
            .map(|(request, response)| Passed::new(&request, &response))
            .inspect(|passed| self.check_hash(passed))
            .collect()
    }

    fn check_hash(&self, passed: &Passed) {
        let map = passed.parameters();
        let Some(name) = map["USERNAME"].as_str() else {
            return;
        };
        let expected = self.secret.as_deref().map_or(Value::Null, |secret| {
            json!(secret_hash(secret, name, CLIENT))
        });
        assert_eq!(
            map["SECRET_HASH"], expected,
            "{}: the hash over the name beside it",
            passed.words
        );
    }
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Passed {
    pub words: String,
    pub sent: Value,
    pub got: Value,
    pub status: u16,
}

impl Passed {
    fn new(request: &HttpRequest, response: &HttpResponse) -> Self {
        let json = |octets: &[u8]| serde_json::from_slice(octets).unwrap_or_default();
        Self {
            words: words(request),
            sent: json(request.body.as_bytes()),
            got: json(response.body.as_bytes()),
            status: response.status,
        }
    }

    /// `AuthParameters` or `ChallengeResponses`.
    pub fn parameters(&self) -> &Value {
        match &self.sent["AuthParameters"] {
            Value::Null => &self.sent["ChallengeResponses"],
            parameters => parameters,
        }
    }

    pub fn parameter_names(&self) -> Vec<&str> {
        let map = self.parameters().as_object().expect("a map of parameters");
        map.keys().map(String::as_str).collect()
    }

    pub fn metadata(&self) -> Option<&str> {
        self.sent["ClientMetadata"]["from"].as_str()
    }
}

pub fn sequence(passed: &[Passed]) -> Vec<&str> {
    passed.iter().map(|passed| passed.words.as_str()).collect()
}

/// Operation and flow or challenge of a request, the operation left out where the other says it.
pub fn words(request: &HttpRequest) -> String {
    let target = request.header("x-amz-target").unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let body: Value = serde_json::from_slice(request.body.as_bytes()).unwrap_or_default();
    match (body["AuthFlow"].as_str(), body["ChallengeName"].as_str()) {
        (Some(what), _) | (None, Some(what)) => what.to_owned(),
        (None, None) => operation.to_owned(),
    }
}

/// Every answer sends back the Session that the response before it came with, and none where there was none.
pub fn assert_sessions(passed: &[Passed]) {
    for pair in passed.windows(2) {
        let [before, after] = pair else { continue };
        if after.sent["ChallengeName"].is_string() && before.status == 200 {
            assert_eq!(
                after.sent["Session"], before.got["Session"],
                "{} after {}: the Session",
                after.words, before.words
            );
        }
    }
}

pub fn failure(kind: &str, message: &str) -> HttpResponse {
    HttpResponse::new(
        400,
        vec![("x-amzn-ErrorType".to_owned(), format!("{kind}:"))],
        json!({"__type": kind, "message": message}).to_string(),
    )
}

pub fn request(operation: &str, body: &Value) -> HttpRequest {
    HttpRequest::calling(operation, body)
}

/// The claims of a token.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("a token has three parts");
    let octets = data_encoding::BASE64URL_NOPAD
        .decode(part.as_bytes())
        .expect("claims are base64url");
    serde_json::from_slice(&octets).expect("claims are JSON")
}

/// RFC 6238, six digits: the code of a moment.
pub fn totp(secret: &[u8], now: i64) -> String {
    let step = u64::try_from(now).unwrap() / 30;
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).unwrap();
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}
