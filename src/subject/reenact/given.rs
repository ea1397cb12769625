//! What the pool gave in place of what the service gave.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::totp;
use crate::srp::{ClaimInput, Dialect, claim, parse_base64, parse_hex, server_session};
use crate::wire::http::AMZ_JSON;
use crate::wire::{ErrorKind, Event, HttpRequest, Operation, PoolNote, ServiceError};

use super::error::ReenactError;
use super::exchange::{Exchange, json as body_of, owned, text};
use super::report::Substituted;
use super::stand_in;

/// What the pool gave so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// The latest Session.
    session: Option<String>,
    /// The latest secret block.
    secret_block: Option<String>,
    /// The latest challenge of SRP.
    note: Option<PoolNote>,
    /// The latest code or password that was sent to the person, and what for.
    sent: Option<Sent>,
    /// The latest secret of time-based codes.
    secret: Option<String>,
    /// The latest access token.
    pub access_token: Option<String>,
    /// Values of the service, and the pool's in their place.
    in_place: BTreeMap<String, String>,
}

/// A text that went to the person.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// As [`PoolNote::Sent`] has it.
    pub purpose: String,
    /// The code.
    pub text: String,
}

impl Given {
    /// Takes note of a response of the pool, and of the recorded one in whose place it stands.
    pub fn after(&mut self, recorded: Option<&Value>, response: &Value, events: Vec<Event>) {
        let latest = |pointer: &str| owned(response, pointer);
        // What was refused can be tried once more.
        if latest("/__type").is_none() {
            self.session = latest("/Session");
            self.secret_block = latest(ASKED_BLOCK);
        }
        self.secret = latest("/SecretCode").or(self.secret.take());
        self.access_token =
            latest("/AuthenticationResult/AccessToken").or(self.access_token.take());
        for pointer in GIVEN {
            let recorded = recorded.and_then(|recorded| owned(recorded, pointer));
            if let (Some(recorded), Some(given)) = (recorded, latest(pointer)) {
                self.in_place.insert(recorded, given);
            }
        }
        for event in events {
            match event {
                Event::Noted(note @ PoolNote::Srp { .. }) => self.note = Some(note),
                Event::Noted(PoolNote::Sent { purpose, text, .. }) => {
                    self.sent = Some(Sent { purpose, text });
                }
                _ => {}
            }
        }
    }

    /// The latest code for a purpose.
    pub fn code_for(&self, purpose: &str) -> Option<&str> {
        let sent = self.sent.as_ref()?;
        (sent.purpose == purpose).then_some(sent.text.as_str())
    }

    /// The latest code, whatever for.
    pub fn code(&self) -> Option<&str> {
        self.sent.as_ref().map(|sent| sent.text.as_str())
    }

    /// The time-based code of a moment, with the secret that was given last, or else with the one from before.
    pub fn time_based_code(&self, now: i64) -> Option<String> {
        let secret = totp::secret(self.secret.as_deref().unwrap_or(stand_in::TOTP_SECRET))?;
        let step = totp::step_of(now);
        Some(totp::code_at(&secret, step))
    }

    /// The recorded request, with what only this pool can have given in place of what the service gave.
    pub fn adapt(
        &self,
        index: usize,
        exchange: &Exchange,
        request: &HttpRequest,
        now: i64,
        substituted: &mut Vec<Substituted>,
    ) -> Result<HttpRequest, ReenactError> {
        let mut edit = Edit {
            exchange: index,
            body: body_of(&request.body),
            substituted,
        };
        let refusal = exchange.refusal();
        let refused = |kinds: &[ErrorKind]| {
            let kind = refusal.as_ref().map(|error| &error.kind);
            kind.is_some_and(|kind| kinds.contains(kind))
        };
        for (pointer, what) in BY_VALUE {
            if let Some(value) = text(&edit.body, pointer).and_then(|v| self.in_place.get(v)) {
                edit.put(pointer, value, what);
            }
        }
        self.put_session(&mut edit, refusal.as_ref());
        let block = text(&edit.body, SECRET_BLOCK).and_then(|block| self.in_place.get(block));
        if let Some(block) = block.or(self.secret_block.as_ref()) {
            edit.put(SECRET_BLOCK, block, "the pool sealed another secret block");
            // A claim that was refused is as wrong for any other B.
            if let Some(note) = self.note.as_ref().filter(|_| !is_incorrect(&refusal)) {
                let timestamp = text(&edit.body, "/ChallengeResponses/TIMESTAMP");
                let signature =
                    sign(note, block, timestamp.unwrap_or_default()).map_err(|reason| {
                        ReenactError::NoClaim {
                            exchange: index,
                            reason,
                        }
                    })?;
                let why = "the claim depends on the pool's B and secret block";
                edit.put(SIGNATURE, &signature, why);
            }
        }
        if !refused(&WRONG_CODE) {
            if let Some(code) = self.code() {
                for pointer in CODES {
                    edit.put(pointer, code, "the pool sent another code");
                }
            }
            if let Some(code) = self.time_based_code(now) {
                for pointer in TIME_BASED {
                    edit.put(pointer, &code, "the pool made another secret");
                }
            }
        }
        if let Some(token) = &self.access_token
            && !refused(&[ErrorKind::NotAuthorized])
        {
            edit.put("/AccessToken", token, TOKEN);
        }
        let mut headers = request.headers.clone();
        if request.header(CONTENT_TYPE).is_none() {
            // Sources print a selection of the headers, and the service reads no body without this one.
            headers.push((CONTENT_TYPE.to_owned(), AMZ_JSON.to_owned()));
        }
        Ok(HttpRequest {
            headers,
            body: edit.body.to_string().into(),
            ..request.clone()
        })
    }

    /// The Session that stands in place of the recorded one; else the latest, unless the service refused it.
    fn put_session(&self, edit: &mut Edit<'_>, refusal: Option<&ServiceError>) {
        let mapped = text(&edit.body, "/Session").and_then(|session| self.in_place.get(session));
        let is_refused = refusal.is_some_and(|error| error.message.starts_with("Invalid session"));
        let latest = self.session.as_ref().filter(|_| !is_refused);
        if let Some(session) = mapped.or(latest) {
            edit.put("/Session", session, "the pool sealed another Session");
        }
    }
}

/// A request's body as it is being changed.
struct Edit<'a> {
    exchange: usize,
    body: Value,
    substituted: &'a mut Vec<Substituted>,
}

impl Edit<'_> {
    /// Puts a value in place of one that is there and differs.
    fn put(&mut self, at: &str, value: &str, reason: &'static str) {
        if let Some(member) = self.body.pointer_mut(at).filter(|m| **m != *value) {
            *member = json!(value);
            self.substituted.push(Substituted {
                exchange: self.exchange,
                at: at.to_owned(),
                reason,
            });
        }
    }
}

/// The operation and the body of a request.
pub(super) fn asked(request: &HttpRequest) -> (Option<Operation>, Value) {
    let target = request.header("x-amz-target");
    let operation = target.and_then(Operation::from_target);
    (operation, body_of(&request.body))
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

fn is_incorrect(refusal: &Option<ServiceError>) -> bool {
    refusal
        .as_ref()
        .is_some_and(|error| error.message == "Incorrect username or password.")
}

const CONTENT_TYPE: &str = "Content-Type";
const ASKED_BLOCK: &str = "/ChallengeParameters/SECRET_BLOCK";
const SECRET_BLOCK: &str = "/ChallengeResponses/PASSWORD_CLAIM_SECRET_BLOCK";
const SIGNATURE: &str = "/ChallengeResponses/PASSWORD_CLAIM_SIGNATURE";
const TOKEN: &str = "the pool signed another token";
const DEVICE: &str = "the pool gave the device another key";
/// What responses give and requests show again.
const GIVEN: [&str; 7] = [
    "/Session",
    ASKED_BLOCK,
    "/AuthenticationResult/AccessToken",
    "/AuthenticationResult/IdToken",
    "/AuthenticationResult/RefreshToken",
    "/AuthenticationResult/NewDeviceMetadata/DeviceKey",
    "/AuthenticationResult/NewDeviceMetadata/DeviceGroupKey",
];
/// Where requests show what was given earlier.
const BY_VALUE: [(&str, &str); 7] = [
    ("/AccessToken", TOKEN),
    ("/Token", TOKEN),
    ("/RefreshToken", TOKEN),
    ("/AuthParameters/REFRESH_TOKEN", TOKEN),
    ("/AuthParameters/DEVICE_KEY", DEVICE),
    ("/ChallengeResponses/DEVICE_KEY", DEVICE),
    ("/DeviceKey", DEVICE),
];
/// Where requests show a code that was sent.
const CODES: [&str; 4] = [
    "/ChallengeResponses/SMS_MFA_CODE",
    "/ChallengeResponses/EMAIL_OTP_CODE",
    "/ChallengeResponses/SMS_OTP_CODE",
    "/ConfirmationCode",
];
/// Where requests show a code that was made.
const TIME_BASED: [&str; 2] = ["/ChallengeResponses/SOFTWARE_TOKEN_MFA_CODE", "/UserCode"];
/// How the service refuses a code that is not right.
const WRONG_CODE: [ErrorKind; 3] = [
    ErrorKind::CodeMismatch,
    ErrorKind::ExpiredCode,
    ErrorKind::EnableSoftwareTokenMFA,
];
