//! What the application has to be told, and what the client sends without being told to, written from the responses alone.

use serde_json::{Value, json};

use crate::record::Side;
use crate::srp::Timestamp;
use crate::wire::names::key;
use crate::wire::{ChallengeName, ErrorKind, HttpRequest, Operation};

use super::compare::Ledger;
use super::exchange::{Exchange, parameter, text};
use super::given::asked;
use super::known::Known;

/// What the application has to be told after the last response; `None` where it isn't recorded or the client goes on.
pub(super) fn outcome(known: &Known, exchanges: &[Exchange], last: usize) -> Option<Value> {
    let exchange = &exchanges[last];
    exchange.response.as_ref()?;
    let body = exchange.response_body();
    let operation = known.operation_of(exchange);
    let signs_in = matches!(
        operation,
        Some(Operation::InitiateAuth | Operation::RespondToAuthChallenge)
    );
    if let Some(error) = exchange.refusal() {
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
    match operation? {
        Operation::ForgotPassword => step(json!({
            "signInStep": "CONFIRM_RESET_PASSWORD_WITH_CODE",
            "codeDeliveryDetails": body.get("CodeDeliveryDetails")?,
        })),
        Operation::ConfirmForgotPassword
        | Operation::RevokeToken
        | Operation::UpdateDeviceStatus
        | Operation::ForgetDevice => Some(json!({ "reply": "empty" })),
        Operation::AssociateSoftwareToken => step(json!({
            "signInStep": "CONTINUE_SIGN_IN_WITH_TOTP_SETUP",
            "sharedSecret": body.get("SecretCode")?,
        })),
        // A device's sign-in ends with its confirmation.
        Operation::ConfirmDevice => step(json!({ "signInStep": "DONE" })),
        Operation::GetTokensFromRefreshToken => Some(refreshed(exchanges, last)),
        Operation::InitiateAuth if is_refresh(known, exchange) => Some(refreshed(exchanges, last)),
        Operation::InitiateAuth | Operation::RespondToAuthChallenge => next_step(exchange, body),
        _ => None,
    }
}

/// Whether the client goes on by itself after the last recorded response; compares what is known of that request then.
pub(super) fn goes_on(
    known: &Known,
    exchanges: &[Exchange],
    last: usize,
    next: Option<&HttpRequest>,
    ledger: &mut Ledger<'_>,
) -> bool {
    let exchange = &exchanges[last];
    let body = exchange.response_body();
    let challenge = exchange.asked();
    let is_recorded = exchanges.get(last + 1).is_some_and(|following| {
        let answered = following.answered();
        answered.is_some() && answered == challenge
            || following.operation() == Some(Operation::AssociateSoftwareToken)
            || following.operation() == Some(Operation::ConfirmDevice)
    });
    if is_recorded || exchange.refusal().is_some() {
        return false;
    }
    let session = ("/Session", body.get("Session").cloned());
    let new_device = "/AuthenticationResult/NewDeviceMetadata/DeviceKey";
    let (operation, expected) = match challenge {
        Some(ChallengeName::PasswordVerifier) => (
            Operation::RespondToAuthChallenge,
            proof(known, body, session),
        ),
        Some(ChallengeName::MfaSetup) if set_up(body) == [ChallengeName::SoftwareTokenMfa] => {
            (Operation::AssociateSoftwareToken, vec![session])
        }
        None if body.pointer(new_device).is_some() => (
            Operation::ConfirmDevice,
            vec![("/DeviceKey", body.pointer(new_device).cloned())],
        ),
        _ => return false,
    };
    let (sent, got) = next.map_or((None, Value::Null), asked);
    let sent = sent.map(|operation| json!(operation.target()));
    let target = json!(operation.target());
    let side = Side::Request;
    let at = "answer:header:x-amz-target";
    ledger.value(last, side, at, Some(&target), sent.as_ref());
    for (pointer, expected) in expected {
        let at = format!("answer:{pointer}");
        ledger.value(last, side, &at, expected.as_ref(), got.pointer(pointer));
    }
    true
}

/// Whether an exchange refreshes tokens by the older flow.
pub(super) fn is_refresh(known: &Known, exchange: &Exchange) -> bool {
    let flow = known.flow_of(exchange);
    flow.is_some_and(|flow| flow.as_str().starts_with("REFRESH_TOKEN"))
}

fn next_step(exchange: &Exchange, body: &Value) -> Option<Value> {
    let listed = |name: &str| listed(body, name);
    let mut named = json!({});
    let Some(challenge) = exchange.asked() else {
        let has_new_device = "/AuthenticationResult/NewDeviceMetadata";
        let is_done = body.pointer(has_new_device).is_none();
        return is_done.then_some(json!({ "reply": "step", "next": { "signInStep": "DONE" } }));
    };
    let name = match challenge {
        ChallengeName::NewPasswordRequired => {
            let missing: Vec<String> = listed(key::REQUIRED_ATTRIBUTES)
                .into_iter()
                .map(|name| name.replace(key::USER_ATTRIBUTES_PREFIX, ""))
                .collect();
            named["missingAttributes"] = json!(missing);
            "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED"
        }
        ChallengeName::CustomChallenge => {
            named["additionalInfo"] = json!(body.get("ChallengeParameters"));
            "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"
        }
        ChallengeName::SmsMfa | ChallengeName::SmsOtp => {
            named["codeDeliveryDetails"] = delivery(body);
            "CONFIRM_SIGN_IN_WITH_SMS_CODE"
        }
        ChallengeName::EmailOtp => {
            named["codeDeliveryDetails"] = delivery(body);
            "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
        }
        ChallengeName::SoftwareTokenMfa => "CONFIRM_SIGN_IN_WITH_TOTP_CODE",
        ChallengeName::SelectMfaType => {
            named["allowedMFATypes"] = json!(listed(key::MFAS_CAN_CHOOSE));
            "CONTINUE_SIGN_IN_WITH_MFA_SELECTION"
        }
        ChallengeName::MfaSetup => match set_up(body).as_slice() {
            [ChallengeName::EmailOtp] => "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP",
            [] | [_] => return None,
            several => {
                named["allowedMFATypes"] = json!(several);
                "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION"
            }
        },
        ChallengeName::SelectChallenge => {
            named["availableChallenges"] = json!(body.get("AvailableChallenges"));
            "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION"
        }
        _ => return None,
    };
    named["signInStep"] = json!(name);
    step(named)
}

/// The tokens after a refresh: the fresh ones, and the refresh token from before where none came.
fn refreshed(exchanges: &[Exchange], last: usize) -> Value {
    let latest = |name: &str| {
        let pointer = format!("/AuthenticationResult/{name}");
        let mut before = exchanges[..=last].iter().rev();
        before.find_map(|exchange| exchange.response_body().pointer(&pointer).cloned())
    };
    json!({
        "reply": "session",
        "tokens": {
            "accessToken": latest("AccessToken"),
            "idToken": latest("IdToken"),
            "refreshToken": latest("RefreshToken"),
        },
    })
}

/// What has to go into the answer to `PASSWORD_VERIFIER` whoever signs in.
fn proof(
    known: &Known,
    body: &Value,
    session: (&'static str, Option<Value>),
) -> Vec<(&'static str, Option<Value>)> {
    let parameter = |name: &str| parameter(body, name).map(Value::from);
    let timestamp = json!(Timestamp::from_unix(known.now).as_str());
    vec![
        ("/ChallengeName", body.get("ChallengeName").cloned()),
        session,
        ("/ChallengeResponses/USERNAME", parameter(key::USERNAME)),
        (
            "/ChallengeResponses/PASSWORD_CLAIM_SECRET_BLOCK",
            parameter(key::SECRET_BLOCK),
        ),
        ("/ChallengeResponses/TIMESTAMP", Some(timestamp)),
    ]
}

/// What a sign-in can set up: no code by SMS.
fn set_up(body: &Value) -> Vec<ChallengeName> {
    listed(body, key::MFAS_CAN_SETUP)
        .into_iter()
        .map(ChallengeName::from)
        .filter(|name| *name != ChallengeName::SmsMfa)
        .collect()
}

fn delivery(body: &Value) -> Value {
    json!({
        "DeliveryMedium": parameter(body, key::CODE_DELIVERY_DELIVERY_MEDIUM),
        "Destination": parameter(body, key::CODE_DELIVERY_DESTINATION),
    })
}

fn listed(body: &Value, name: &str) -> Vec<String> {
    let at = format!("/ChallengeParameters/{name}");
    let listed = text(body, &at).unwrap_or("[]");
    serde_json::from_str(listed).unwrap_or_default()
}

fn step(step: Value) -> Option<Value> {
    Some(json!({ "reply": "step", "next": step }))
}
