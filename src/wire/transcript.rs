//! The record of what happened, in order.
//!
//! A transcript is what `--save` writes, what `replay`, `judge` and re-enactment read, and the format of
//! `fixtures/transcripts/`. It is versioned public interface.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{Call, Reply};
use super::http::{HttpRequest, HttpResponse};

/// The version of the transcript format that this program writes.
pub const TRANSCRIPT_SCHEMA: &str = "cognito-conformance-transcript/1";

/// What happened, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// [`TRANSCRIPT_SCHEMA`].
    pub schema: String,
    /// Stable name: a case id, or the id of a recording.
    pub id: String,
    /// Where it came from.
    pub origin: Origin,
    /// The events.
    pub events: Vec<Event>,
}

impl Transcript {
    /// An empty transcript.
    pub fn new(id: impl Into<String>, origin: Origin) -> Self {
        Self {
            schema: TRANSCRIPT_SCHEMA.to_owned(),
            id: id.into(),
            origin,
            events: Vec::new(),
        }
    }
}

/// Where a transcript came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Origin {
    /// The harness played a scenario.
    Played {
        /// Who was under test.
        subject: String,
        /// The whole scenario.
        scenario: Value,
    },
    /// Somebody recorded the real service.
    Recorded(Box<Recording>),
    /// A local pool saw an application sign in.
    Observed(Box<Observation>),
}

/// The header of an observed sign-in. Nobody saw the application's calls, or what was typed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Observation {
    /// Who was seen where.
    pub subject: String,
    /// What the pool knows, in the words of a recording: `username` (as it was sent first), `userPoolId`, `clientId`,
    /// `clientSecret` (`none` for a client without), and `now` (Unix seconds by the pool's clock when the password was
    /// proved, or else when the sign-in began).
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub known: std::collections::BTreeMap<String, String>,
    /// Whether an earlier sign-in that was carried on had sent the same `SRP_A`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats_a: bool,
    /// The right password of the user who is named, where the pool has one. It is never written.
    #[serde(skip)]
    pub password: Option<String>,
}

/// The header of a recording: provenance, what is known, and what re-enactment cannot compare.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Recording {
    /// One line on what it shows.
    pub title: String,
    /// When it was recorded, as precisely as is known.
    pub recorded: String,
    /// The client that was recorded.
    pub client: String,
    /// Where it was published.
    pub sources: Vec<String>,
    /// Under which terms.
    pub licence: String,
    /// What its publisher, or we, took out.
    pub redacted: Vec<String>,
    /// What its publisher, or we, put together again rather than recorded: status codes, JSON around values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rebuilt: Vec<String>,
    /// What re-enactment can't compare, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomparable: Vec<Incomparable>,
    /// What is known of the world it was recorded in: `username` (as typed), `internalUsername` (where no challenge names
    /// it), `password`, `region`, `userPoolId` or `poolName`, `clientId`, `clientSecret` (`none` for a client without),
    /// `sub`, `a` (hexadecimal), `now` (Unix seconds) or `timestamp` (a `TIMESTAMP`), `userExists` (`false`),
    /// `userStatus`, `attribute.NAME`, `deviceGroupKey`; and of a response whose request isn't recorded `operation`, `flow` (an
    /// `AuthFlow`) and `answered` (the challenge that the request answered).
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub known: std::collections::BTreeMap<String, String>,
}

/// A value that re-enactment can't compare.
///
/// A request is what our client has to send again, a response what our pool has to answer again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incomparable {
    /// Index of the exchange, from 0. A response without a recorded request is an exchange too, and the reverse.
    pub exchange: usize,
    /// Which half of it.
    pub side: Side,
    /// JSON pointer into the body, `header:NAME`, `status`, or `exchange` for the whole of that half, where our
    /// reference does not offer the operation. A token counts as an object of `header`, `claims` (of a JWT) and `rest`
    /// (what can't be read without a key), so that each claim has a pointer.
    pub at: String,
    /// What of it is not compared.
    #[serde(default, skip_serializing_if = "Covers::is_value")]
    pub covers: Covers,
    /// Why: random `a`, random B, signed token …
    pub reason: String,
}

/// One half of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// What the client sent.
    Request,
    /// What the service answered.
    Response,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}

/// How much of a value an [`Incomparable`] covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Covers {
    /// Its value. It still has to be there, with the same JSON type.
    #[default]
    Value,
    /// Also whether it is there at all.
    Presence,
}

impl Covers {
    fn is_value(&self) -> bool {
        *self == Self::Value
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum Event {
    /// The application called the port.
    Called {
        /// The call.
        call: Call,
    },
    /// A request reached the service.
    Requested {
        /// The request.
        request: HttpRequest,
    },
    /// The service ran a trigger.
    Triggered(TriggerCall),
    /// The pool notes what only it knows.
    Noted(PoolNote),
    /// The service answered the latest request.
    Responded {
        /// The response.
        response: HttpResponse,
    },
    /// The connection was dropped without an answer.
    Dropped,
    /// The call returned.
    Replied {
        /// What came back.
        reply: Reply,
    },
    /// A request came that belongs to no call in progress: another case's client id, or after the call returned.
    Stray {
        /// The request.
        request: HttpRequest,
    },
}

/// A trigger and what it said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriggerCall {
    /// `triggerSource`, e.g. `DefineAuthChallenge_Authentication`.
    pub source: String,
    /// The event that went in. As JSON `input`, since `event` is the tag of [`Event`].
    #[serde(rename = "input")]
    pub event: Value,
    /// The event's `response` member as it came out, or `null` when the trigger threw.
    pub response: Value,
    /// What the trigger threw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What only the pool knows about a step. All values are test secrets, hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "camelCase")]
pub enum PoolNote {
    /// An SRP challenge was issued.
    Srp {
        /// The pool name that goes into x and the claim.
        scope: String,
        /// `USER_ID_FOR_SRP`.
        user: String,
        /// Whether the user is real: the verifier of an unknown user belongs to nobody.
        real: bool,
        /// The salt as sent.
        salt: String,
        /// The password verifier.
        v: String,
        /// The private value.
        b: String,
        /// `SRP_A` as received, as a number.
        big_a: String,
        /// `SRP_B` as sent.
        big_b: String,
        /// Steering classes that were asked for and reached.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reached: Vec<String>,
        /// Steering classes that were asked for and not reached, with the reason.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        not_reached: Vec<String>,
        /// How many b were tried to reach them; 0 where none was looked for.
        #[serde(default, skip_serializing_if = "is_zero")]
        tries: u64,
    },
    /// The service's answer was altered on purpose after the pool had made it.
    Fault {
        /// What was done.
        what: String,
    },
    /// Something happened at the service by another hand than the port's, just before the request.
    Meanwhile {
        /// What happened.
        what: String,
    },
    /// Something was sent to the person: a code, or a temporary password.
    Sent {
        /// The internal user name.
        username: String,
        /// `SMS` or `EMAIL`.
        medium: String,
        /// The address.
        to: String,
        /// `sign-in`, `sign-up`, `verify-attribute`, `reset-password`, `invitation` or `custom-challenge`.
        purpose: String,
        /// The code, or the password.
        text: String,
    },
    /// Where a migrated or known user stands after this step.
    UserStatus {
        /// The internal user name.
        username: String,
        /// The status.
        status: String,
    },
}

fn is_zero(tries: &u64) -> bool {
    *tries == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_trigger_survives_json() {
        let event = Event::Triggered(TriggerCall {
            source: "DefineAuthChallenge_Authentication".to_owned(),
            event: json!({ "request": { "session": [] } }),
            response: json!({ "issueTokens": false }),
            error: None,
        });
        let written = serde_json::to_string(&event).expect("an event is writable");
        let read: Event = serde_json::from_str(&written).expect("what was written is readable");
        assert_eq!(read, event);
    }
}
