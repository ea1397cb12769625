//! What happens between a client and the service, one thing at a time.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{Call, Reply};
use super::http::{HttpRequest, HttpResponse};

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
        /// Whether the answer says the same as before.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        harmless: bool,
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
