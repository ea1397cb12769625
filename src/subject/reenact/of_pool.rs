//! What the pool answers when a recording's requests drive it.

use serde_json::{Value, json};

use crate::pool::{Policy, Pool};
use crate::srp::{
    ClaimInput, Dialect, claim, client_public, parse_base64, parse_hex, server_session,
};
use crate::wire::http::AMZ_JSON;
use crate::wire::names::key;
use crate::wire::redaction::{Redacted, RedactedKind};
use crate::wire::transcript::Side;
use crate::wire::{AuthFlow, Event, HttpRequest, Operation, PoolNote};

use super::compare::Ledger;
use super::exchange::{Exchange, json as body_of, text};
use super::known::Known;
use super::of_client::OFFERED;
use super::reenactment::{ReenactError, Substituted};

pub(super) fn compare(
    known: &Known,
    exchanges: &[Exchange],
    policy: &Policy,
    ledger: &mut Ledger<'_>,
) -> Result<Vec<Substituted>, ReenactError> {
    let mut pool = Pool::new(known.world(), policy.clone())?;
    let mut state = State::default();
    let mut substituted = Vec::new();
    for (index, exchange) in exchanges.iter().enumerate() {
        if let Some(why) = not_offered(known, exchange) {
            ledger.not_offered(index, Side::Response, &why);
            continue;
        }
        let request = match &exchange.request {
            Some(request) => adapt(index, request, &state, &mut substituted)?,
            None => match made(known)? {
                Some(request) => request,
                None => {
                    ledger.not_offered(index, Side::Response, "no request is known");
                    continue;
                }
            },
        };
        let response = pool.handle(&request);
        state.after(&body_of(&response.body), pool.take_events());
        if let Some(expected) = &exchange.response {
            ledger.response(index, expected, &response);
        }
    }
    Ok(substituted)
}

/// Why our pool is not played in this exchange.
fn not_offered(known: &Known, exchange: &Exchange) -> Option<String> {
    if let Some(reason) = known.unplayed(exchange) {
        return Some(reason);
    }
    exchange
        .answered()
        .or_else(|| exchange.asked())
        .filter(|challenge| !OFFERED.contains(challenge))
        .map(|challenge| challenge.to_string())
}

/// What an answer to the pool's latest response needs.
#[derive(Default)]
struct State {
    session: Option<String>,
    secret_block: Option<String>,
    note: Option<PoolNote>,
}

impl State {
    fn after(&mut self, response: &Value, events: Vec<Event>) {
        self.session = text(response, "/Session").map(ToOwned::to_owned);
        self.secret_block =
            text(response, "/ChallengeParameters/SECRET_BLOCK").map(ToOwned::to_owned);
        for event in events {
            if let Event::Noted(note @ PoolNote::Srp { .. }) = event {
                self.note = Some(note);
            }
        }
    }
}

/// The recorded request, with what only this pool can have given in place of what the service gave.
fn adapt(
    exchange: usize,
    request: &HttpRequest,
    state: &State,
    substituted: &mut Vec<Substituted>,
) -> Result<HttpRequest, ReenactError> {
    let mut body = body_of(&request.body);
    let mut put = |at: &str, value: &str, reason: &'static str| {
        if let Some(member) = body.pointer_mut(at).filter(|member| **member != *value) {
            *member = json!(value);
            substituted.push(Substituted {
                exchange,
                at: at.to_owned(),
                reason,
            });
        }
    };
    if let Some(session) = &state.session {
        put("/Session", session, "the pool sealed another Session");
    }
    if let Some(block) = &state.secret_block {
        put(SECRET_BLOCK, block, "the pool sealed another secret block");
        let timestamp = text(&body_of(&request.body), "/ChallengeResponses/TIMESTAMP")
            .unwrap_or_default()
            .to_owned();
        if let Some(note) = &state.note {
            let signature = sign(note, block, &timestamp)
                .map_err(|reason| ReenactError::NoClaim { exchange, reason })?;
            put(
                SIGNATURE,
                &signature,
                "the claim depends on the pool's B and secret block",
            );
        }
    }
    let mut headers = request.headers.clone();
    if request.header(CONTENT_TYPE).is_none() {
        // Sources print a selection of the headers, and the service reads no body without this one.
        headers.push((CONTENT_TYPE.to_owned(), AMZ_JSON.to_owned()));
    }
    Ok(HttpRequest {
        headers,
        body: body.to_string().into(),
        ..request.clone()
    })
}

/// The right claim, from the pool's own secrets: `S = (A · v^u)^b`.
fn sign(note: &PoolNote, secret_block: &str, timestamp: &str) -> Result<String, String> {
    let PoolNote::Srp {
        scope,
        user,
        v,
        b,
        big_a,
        ..
    } = note
    else {
        return Err("the pool noted nothing of SRP".to_owned());
    };
    let number = |text: &str| parse_hex(text).map_err(|error| error.to_string());
    let session = server_session(
        &Dialect::cognito(),
        &number(v)?,
        &number(b)?,
        &number(big_a)?,
    )
    .map_err(|error| error.to_string())?;
    let secret_block = parse_base64(secret_block).map_err(|error| error.to_string())?;
    let claim = claim(
        &session.key,
        &ClaimInput {
            scope,
            user,
            secret_block: &secret_block,
            timestamp,
        },
    );
    Ok(claim.signature_b64())
}

/// A request that leads to a response whose own request isn't recorded; `None` where what is known doesn't tell.
fn made(known: &Known) -> Result<Option<HttpRequest>, ReenactError> {
    let body = match (&known.operation, &known.flow) {
        (Some(Operation::InitiateAuth), Some(flow)) => {
            let mut parameters = json!({ "USERNAME": known.username });
            match flow {
                AuthFlow::UserSrpAuth => parameters[key::SRP_A] = json!(public_value(known)?),
                AuthFlow::UserPasswordAuth => parameters[key::PASSWORD] = json!(known.password),
                _ => {}
            }
            json!({ "AuthFlow": flow, "ClientId": known.client_id, "AuthParameters": parameters })
        }
        (Some(Operation::ForgotPassword), _) if known.names_user => {
            json!({ "ClientId": known.client_id, "Username": known.username })
        }
        _ => return Ok(None),
    };
    let operation = known.operation.as_ref().map_or("", Operation::as_str);
    Ok(Some(HttpRequest::calling(operation, &body)))
}

fn public_value(known: &Known) -> Result<String, ReenactError> {
    let Some(a) = known.a.first() else {
        let some = Redacted {
            kind: RedactedKind::PublicValue,
            len: Some(768),
        };
        return Ok(some.stand_in());
    };
    let wrong = ReenactError::Known {
        name: "a",
        expected: "a private value, hexadecimal",
    };
    let Ok(a) = parse_hex(a) else {
        return Err(wrong);
    };
    client_public(&Dialect::cognito(), &a).map_or(Err(wrong), |a| Ok(crate::srp::to_hex(&a)))
}

const CONTENT_TYPE: &str = "Content-Type";
const SECRET_BLOCK: &str = "/ChallengeResponses/PASSWORD_CLAIM_SECRET_BLOCK";
const SIGNATURE: &str = "/ChallengeResponses/PASSWORD_CLAIM_SIGNATURE";
