//! What the client sends, and what it tells the application, when a recording's responses drive it.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::client::{Client, Policy, Sources, TransportError, settings_for};
use crate::srp::Timestamp;
use crate::wire::names::key;
use crate::wire::transcript::Side;
use crate::wire::{
    AuthFlow, AuthFlowType, Call, ChallengeName, ConfirmResetPassword, ConfirmSignIn, ErrorKind,
    HttpRequest, HttpResponse, Inject, Operation, Parameters, Reply, ResetPassword, ServiceError,
    SignIn,
};

use super::compare::Ledger;
use super::exchange::{Exchange, json as body_of, text};
use super::known::Known;
use super::reenactment::ReenactError;

pub(super) async fn compare(
    known: &Known,
    exchanges: &[Exchange],
    policy: &Policy,
    ledger: &mut Ledger<'_>,
) -> Result<(), ReenactError> {
    let mut at = 0;
    while at < exchanges.len() {
        let exchange = &exchanges[at];
        if let Some(why) = not_offered(known, exchange) {
            ledger.not_offered(at, Side::Request, &why);
            at += 1;
            continue;
        }
        let together = at..at + 1 + answers(known, &exchanges[at + 1..]);
        play(known, exchanges, together.clone(), policy, ledger).await?;
        at = together.end;
    }
    Ok(())
}

/// Why our client is not played in this exchange.
fn not_offered(known: &Known, exchange: &Exchange) -> Option<String> {
    if let Some(reason) = known.unplayed(exchange) {
        return Some(reason);
    }
    let flow = exchange.flow().or_else(|| known.flow.clone());
    if let Some(flow) = flow.filter(|flow| flow_type(flow, None).is_none()) {
        return Some(flow.to_string());
    }
    let challenge = match &exchange.request {
        Some(_) => exchange.answered(),
        None => exchange.asked(),
    };
    challenge
        .filter(|challenge| !OFFERED.contains(challenge))
        .map(|challenge| challenge.to_string())
}

/// How many of the exchanges that follow belong to the same sign-in.
fn answers(known: &Known, following: &[Exchange]) -> usize {
    following
        .iter()
        .take_while(|exchange| {
            exchange.operation() == Some(Operation::RespondToAuthChallenge)
                && not_offered(known, exchange).is_none()
        })
        .count()
}

/// Plays one sign-in, or one call outside a sign-in.
async fn play(
    known: &Known,
    exchanges: &[Exchange],
    together: Range<usize>,
    policy: &Policy,
    ledger: &mut Ledger<'_>,
) -> Result<(), ReenactError> {
    let group = &exchanges[together.clone()];
    let sent = Arc::new(Mutex::new(Vec::new()));
    let mut responses: VecDeque<HttpResponse> =
        group.iter().map_while(|e| e.response.clone()).collect();
    let log = Arc::clone(&sent);
    let transport = move |request: HttpRequest| {
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
        responses.pop_front().ok_or(TransportError::Dropped)
    };
    let now = group.iter().find_map(signed_at).unwrap_or(known.now);
    let mut client = Client::new(
        settings_for(&known.target(), policy)?,
        transport,
        Sources::fixed(now, 0),
        policy.clone(),
    )?;
    let mut reply = client.call(&first_call(known, &group[0])).await;
    for exchange in &group[1..] {
        let Reply::Step { next } = &reply else { break };
        let (true, Some(answer)) = (next.awaits_answer(), answer(exchange)) else {
            continue;
        };
        reply = client.call(&Call::ConfirmSignIn(answer)).await;
    }
    let sent = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));

    let mut recorded = 0;
    for (index, exchange) in together.clone().zip(group) {
        match &exchange.request {
            Some(request) => {
                ledger.request(index, request, sent.get(recorded));
                recorded += 1;
            }
            // Its request isn't recorded: whichever came first is taken for it.
            None => recorded = 1,
        }
    }
    let last = together.end - 1;
    let lone_verifier =
        group[0].request.is_none() && group[0].asked() == Some(ChallengeName::PasswordVerifier);
    if lone_verifier {
        answers_verifier(known, last, &group[0], sent.get(1), ledger);
        recorded = 2;
    }
    for extra in sent.get(recorded..).unwrap_or_default() {
        let body = body_of(&extra.body);
        ledger.value(last + 1, Side::Request, "exchange", None, Some(&body));
    }
    let outcome = group.last().and_then(|e| outcome(known, e));
    if let Some(expected) = outcome.filter(|_| !lone_verifier) {
        let got = serde_json::to_value(&reply).unwrap_or_default();
        ledger.value(last, Side::Request, "outcome", Some(&expected), Some(&got));
    }
    Ok(())
}

/// The call that leads to an exchange: as it was recorded, or one that can get such a response.
fn first_call(known: &Known, exchange: &Exchange) -> Call {
    let body = exchange.request_body();
    let target = known.target();
    let operation = exchange.operation().or_else(|| known.operation.clone());
    let metadata = parameters(&body, "/ClientMetadata");
    let username = |pointer| text(&body, pointer).unwrap_or(&known.username).to_owned();
    match operation {
        Some(Operation::ForgotPassword) => Call::ResetPassword(ResetPassword {
            target,
            username: username("/Username"),
            metadata,
        }),
        Some(Operation::ConfirmForgotPassword) => {
            Call::ConfirmResetPassword(ConfirmResetPassword {
                target,
                username: username("/Username"),
                confirmation_code: text(&body, "/ConfirmationCode")
                    .unwrap_or("123456")
                    .to_owned(),
                new_password: text(&body, "/Password")
                    .unwrap_or(&known.password)
                    .to_owned(),
            })
        }
        _ => {
            let verifier = exchange.asked() == Some(ChallengeName::PasswordVerifier);
            let flow = exchange.flow().or_else(|| known.flow.clone());
            let start = text(&body, "/AuthParameters/CHALLENGE_NAME");
            let flow = match flow {
                Some(flow) => flow_type(&flow, start),
                None if verifier => Some(AuthFlowType::UserSrp),
                None => Some(AuthFlowType::UserPassword),
            };
            Call::SignIn(SignIn {
                target,
                username: username("/AuthParameters/USERNAME"),
                password: Some(
                    text(&body, "/AuthParameters/PASSWORD")
                        .unwrap_or(&known.password)
                        .to_owned(),
                ),
                auth_flow_type: flow,
                preferred_challenge: None,
                metadata,
                inject: Inject {
                    a: known.a.clone(),
                    clock: None,
                    device_password: None,
                },
            })
        }
    }
}

/// What the person answered; `None` where the client answers by itself.
fn answer(exchange: &Exchange) -> Option<ConfirmSignIn> {
    let body = exchange.request_body();
    let responses = parameters(&body, "/ChallengeResponses");
    let challenge_response = match exchange.answered()? {
        ChallengeName::CustomChallenge => responses.get(key::ANSWER),
        ChallengeName::NewPasswordRequired => responses.get(key::NEW_PASSWORD),
        _ => return None,
    }?
    .clone();
    let user_attributes = responses
        .iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix(key::USER_ATTRIBUTES_PREFIX)?;
            Some((name.to_owned(), value.clone()))
        })
        .collect();
    Some(ConfirmSignIn {
        challenge_response,
        metadata: parameters(&body, "/ClientMetadata"),
        user_attributes,
    })
}

/// A challenge that came without a recorded request: what has to go into the answer whoever signs in.
fn answers_verifier(
    known: &Known,
    exchange: usize,
    challenge: &Exchange,
    answer: Option<&HttpRequest>,
    ledger: &mut Ledger<'_>,
) {
    let challenge = challenge.response_body();
    let got = answer.map_or(Value::Null, |request| body_of(&request.body));
    let target = answer.and_then(|request| request.header("x-amz-target"));
    let operation = Operation::RespondToAuthChallenge.target();
    let side = Side::Request;
    let at = "answer:header:x-amz-target";
    ledger.value(
        exchange,
        side,
        at,
        Some(&json!(operation)),
        target.map(|t| json!(t)).as_ref(),
    );
    let parameter = |name: &str| challenge.pointer(&format!("/ChallengeParameters/{name}"));
    let timestamp = json!(Timestamp::from_unix(known.now).as_str());
    let expected = [
        ("/ChallengeName", challenge.get("ChallengeName")),
        ("/Session", challenge.get("Session")),
        ("/ChallengeResponses/USERNAME", parameter(key::USERNAME)),
        (
            "/ChallengeResponses/PASSWORD_CLAIM_SECRET_BLOCK",
            parameter(key::SECRET_BLOCK),
        ),
        ("/ChallengeResponses/TIMESTAMP", Some(&timestamp)),
    ];
    for (pointer, expected) in expected {
        let at = format!("answer:{pointer}");
        ledger.value(exchange, side, &at, expected, got.pointer(pointer));
    }
}

/// What the application has to be told after the last response; `None` where it isn't recorded or the client goes on.
fn outcome(known: &Known, exchange: &Exchange) -> Option<Value> {
    let response = exchange.response.as_ref()?;
    let body = exchange.response_body();
    let step = |step: Value| Some(json!({ "reply": "step", "next": step }));
    let operation = exchange.operation().or_else(|| known.operation.clone());
    let signs_in = matches!(
        operation,
        Some(Operation::InitiateAuth | Operation::RespondToAuthChallenge)
    );
    if let Some(error) = ServiceError::from_response(response) {
        return match error.kind {
            ErrorKind::UserNotConfirmed if signs_in => {
                step(json!({ "signInStep": "CONFIRM_SIGN_UP" }))
            }
            ErrorKind::PasswordResetRequired if signs_in => {
                step(json!({ "signInStep": "RESET_PASSWORD" }))
            }
            kind => Some(json!({
                "reply": "error",
                "error": { "name": kind.as_str(), "message": error.message },
            })),
        };
    }
    if let Some(delivery) = body.get("CodeDeliveryDetails") {
        return step(json!({
            "signInStep": "CONFIRM_RESET_PASSWORD_WITH_CODE",
            "codeDeliveryDetails": delivery,
        }));
    }
    if operation == Some(Operation::ConfirmForgotPassword) {
        return Some(json!({ "reply": "empty" }));
    }
    match exchange.asked() {
        None => step(json!({ "signInStep": "DONE" })),
        Some(ChallengeName::NewPasswordRequired) => step(json!({
            "signInStep": "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED",
            "missingAttributes": missing_attributes(&body),
        })),
        Some(ChallengeName::CustomChallenge) => step(json!({
            "signInStep": "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE",
            "additionalInfo": body.get("ChallengeParameters"),
        })),
        Some(_) => None,
    }
}

fn missing_attributes(body: &Value) -> Vec<String> {
    let listed = text(body, "/ChallengeParameters/requiredAttributes").unwrap_or("[]");
    serde_json::from_str::<Vec<String>>(listed)
        .unwrap_or_default()
        .into_iter()
        .map(|name| name.replace(key::USER_ATTRIBUTES_PREFIX, ""))
        .collect()
}

fn flow_type(flow: &AuthFlow, start: Option<&str>) -> Option<AuthFlowType> {
    match flow {
        AuthFlow::UserSrpAuth => Some(AuthFlowType::UserSrp),
        AuthFlow::UserPasswordAuth => Some(AuthFlowType::UserPassword),
        AuthFlow::CustomAuth if start == Some(key::SRP_A) => Some(AuthFlowType::CustomWithSrp),
        AuthFlow::CustomAuth => Some(AuthFlowType::CustomWithoutSrp),
        _ => None,
    }
}

/// When the recorded client signed its claim.
fn signed_at(exchange: &Exchange) -> Option<i64> {
    let body = exchange.request_body();
    let text = text(&body, "/ChallengeResponses/TIMESTAMP")?;
    Some(Timestamp::parse(text).ok()?.unix)
}

fn parameters(body: &Value, pointer: &str) -> Parameters {
    body.pointer(pointer)
        .cloned()
        .and_then(|map| serde_json::from_value(map).ok())
        .unwrap_or_default()
}

/// The challenges that our references offer.
pub(super) const OFFERED: [ChallengeName; 3] = [
    ChallengeName::PasswordVerifier,
    ChallengeName::CustomChallenge,
    ChallengeName::NewPasswordRequired,
];
