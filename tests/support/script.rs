//! A service that plays a script, for tests of the reference client.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};

use cognito_conformance::client::{
    Client, Policy, SignInRequest, Sources, Transport, TransportError,
};
use cognito_conformance::config::ClientSettings;
use cognito_conformance::srp::{
    BigUint, ClaimInput, Credentials, Dialect, Group, Salt, claim, parse_base64, parse_hex,
    server_public, server_session, to_base64, to_hex, verifier,
};
use cognito_conformance::wire::{AuthFlowType, HttpRequest, HttpResponse};
use serde_json::{Value, json};

pub use super::world::{ALICE, CLIENT, PASSWORD, POOL_ID, SECRET};

/// The user's name as it is typed.
pub const TYPED: &str = "Alice@Example.com";
/// Tue Mar 5 21:07:03 UTC 2024: a day and a second of one digit, an afternoon hour.
pub const AFTERNOON: i64 = 1_709_672_823;
pub const SALT: &str = "beb25379d1a8581eb5a727673a2441ee";

/// What the client sent, and what it is answered.
#[derive(Clone, Default)]
pub struct Script {
    sent: Arc<Mutex<Vec<HttpRequest>>>,
    answers: Arc<Mutex<VecDeque<Result<HttpResponse, TransportError>>>>,
}

impl Script {
    pub fn new(answers: impl IntoIterator<Item = HttpResponse>) -> Self {
        let script = Self::default();
        script
            .answers
            .lock()
            .unwrap()
            .extend(answers.into_iter().map(Ok));
        script
    }

    pub fn then(self, answer: Result<HttpResponse, TransportError>) -> Self {
        self.answers.lock().unwrap().push_back(answer);
        self
    }

    pub fn requests(&self) -> Vec<HttpRequest> {
        self.sent.lock().unwrap().clone()
    }

    pub fn bodies(&self) -> Vec<Value> {
        self.requests()
            .iter()
            .map(|request| serde_json::from_slice(request.body.as_bytes()).unwrap())
            .collect()
    }

    /// Operation and flow or challenge of each request.
    pub fn sequence(&self) -> Vec<String> {
        self.requests()
            .iter()
            .zip(self.bodies())
            .map(|(request, body)| {
                let target = request.header("x-amz-target").unwrap_or_default();
                let operation = target.rsplit('.').next().unwrap_or_default();
                let what = ["AuthFlow", "ChallengeName"]
                    .iter()
                    .find_map(|member| body.get(member))
                    .and_then(Value::as_str);
                match what {
                    Some(what) => format!("{operation} {what}"),
                    None => operation.to_owned(),
                }
            })
            .collect()
    }
}

impl Transport for Script {
    fn send(
        &mut self,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> + Send {
        self.sent.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        std::future::ready(answer.unwrap_or(Err(TransportError::Dropped)))
    }
}

pub fn settings() -> ClientSettings {
    ClientSettings {
        region: "us-east-1".to_owned(),
        user_pool_id: POOL_ID.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: None,
        endpoint: None,
        flow: None,
        migration_enabled: false,
    }
}

pub fn with_secret() -> ClientSettings {
    ClientSettings {
        client_secret: Some(SECRET.to_owned()),
        ..settings()
    }
}

pub fn client(settings: ClientSettings, script: &Script, policy: Policy) -> Client<Script> {
    Client::new(
        settings,
        script.clone(),
        Sources::fixed(AFTERNOON, 7),
        policy,
    )
    .unwrap()
}

pub fn plain_client(script: &Script) -> Client<Script> {
    client(settings(), script, Policy::default())
}

pub fn sign_in(flow: AuthFlowType) -> SignInRequest {
    SignInRequest {
        username: TYPED.to_owned(),
        password: Some(PASSWORD.to_owned()),
        auth_flow_type: Some(flow),
        preferred_challenge: None,
        metadata: [("from".to_owned(), "signIn".to_owned())].into(),
    }
}

pub fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

pub fn ok(body: Value) -> HttpResponse {
    HttpResponse::new(200, Vec::new(), body.to_string())
}

pub fn failure(kind: &str, message: &str) -> HttpResponse {
    HttpResponse::new(
        400,
        vec![("x-amzn-ErrorType".to_owned(), format!("{kind}:"))],
        json!({"__type": kind, "message": message}).to_string(),
    )
}

pub fn tokens() -> HttpResponse {
    ok(
        json!({"AuthenticationResult": {"AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh", "ExpiresIn": 3600, "TokenType": "Bearer"}, "ChallengeParameters": {}}),
    )
}

pub fn custom(session: &str) -> HttpResponse {
    ok(
        json!({"ChallengeName": "CUSTOM_CHALLENGE", "Session": session,
        "ChallengeParameters": {"USERNAME": ALICE, "question": "7 × 6?"}}),
    )
}

pub fn new_password(session: &str) -> HttpResponse {
    ok(
        json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeParameters": {
        "USER_ID_FOR_SRP": ALICE, "requiredAttributes": "[\"userAttributes.name\",\"userAttributes.family_name\"]", "userAttributes": "{\"email\":\"a@b\"}"}}),
    )
}

pub fn verifier_challenge(session: Option<&str>) -> HttpResponse {
    ok(verifier_body(session))
}

pub fn verifier_body(session: Option<&str>) -> Value {
    let mut body = json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {
        "SALT": SALT, "SRP_B": to_hex(&SERVICE.public), "SECRET_BLOCK": to_base64(BLOCK),
        "USERNAME": ALICE, "USER_ID_FOR_SRP": ALICE}});
    if let Some(session) = session {
        body["Session"] = session.into();
    }
    body
}

/// A PASSWORD_VERIFIER challenge with one parameter replaced, or taken out.
pub fn altered_challenge(parameter: &str, value: Option<&str>) -> HttpResponse {
    let mut body = verifier_body(Some("session-1"));
    let parameters = body["ChallengeParameters"].as_object_mut().unwrap();
    match value {
        Some(value) => parameters.insert(parameter.to_owned(), value.into()),
        None => parameters.remove(parameter),
    };
    ok(body)
}

/// Whether the claim in an answer proves the password to the service that made the challenge, given `SRP_A`.
pub fn proves(srp_a: &Value, answer: &Value) -> bool {
    let responses = &answer["ChallengeResponses"];
    let a_pub = parse_hex(srp_a.as_str().unwrap()).unwrap();
    let d = Dialect::cognito();
    let session = server_session(&d, &SERVICE.verifier, &SERVICE.b, &a_pub).unwrap();
    let block = responses["PASSWORD_CLAIM_SECRET_BLOCK"].as_str().unwrap();
    let expected = claim(
        &session.key,
        &ClaimInput {
            scope: "TestPool1",
            user: ALICE,
            secret_block: &parse_base64(block).unwrap(),
            timestamp: responses["TIMESTAMP"].as_str().unwrap(),
        },
    );
    responses["PASSWORD_CLAIM_SIGNATURE"] == expected.signature_b64()
}

pub fn modulus() -> BigUint {
    Group::cognito().n
}

const BLOCK: &[u8] = b"opaque to clients, \xff\xfe\xfd bound to A and b";

struct Service {
    b: BigUint,
    verifier: BigUint,
    public: BigUint,
}

static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let d = Dialect::cognito();
    let credentials = Credentials {
        scope: "TestPool1",
        user: ALICE,
        password: PASSWORD.as_bytes(),
    };
    let verifier = verifier(&d, &credentials, &Salt::from_hex(SALT).unwrap());
    let b = (BigUint::from(1_u8) << 1023_u32) + 5_u8;
    let public = server_public(&d, &verifier, &b);
    Service {
        b,
        verifier,
        public,
    }
});
