//! The record of what happened, in order.
//!
//! A transcript is what `--save` writes, what `replay`, `judge` and re-enactment read, and the format of
//! `fixtures/transcripts/`. It is versioned public interface.

use std::collections::BTreeSet;

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::scenario::Scenario;
use crate::wire::{ChallengeName, Event, HttpRequest};

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

    /// The requests of its exchanges, in order.
    pub fn requests(&self) -> impl Iterator<Item = &HttpRequest> {
        self.events.iter().filter_map(|event| match event {
            Event::Requested { request } => Some(request),
            _ => None,
        })
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
        /// The whole scenario. From outside it may ask for anything: who judges it checks its limits.
        #[serde(serialize_with = "by_name")]
        scenario: Box<Scenario>,
        /// The challenges that whoever was under test does not get past, and says so.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        not_offered: BTreeSet<ChallengeName>,
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

/// Writes a scenario's members in the order of their names.
fn by_name<S: Serializer>(scenario: &Scenario, serializer: S) -> Result<S::Ok, S::Error> {
    let members = serde_json::to_value(scenario).map_err(S::Error::custom)?;
    members.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn played(scenario: Scenario) -> Transcript {
        let origin = Origin::Played {
            subject: "a port".to_owned(),
            not_offered: Default::default(),
            scenario: Box::new(scenario),
        };
        Transcript::new("generated/1", origin)
    }

    #[test]
    fn a_played_transcript_survives_json_with_its_scenario_in_the_order_of_names() {
        let transcript = played(Scenario {
            clock: Some(7),
            ..Scenario::plain("generated/1", u64::MAX)
        });
        let written = serde_json::to_string(&transcript).expect("a transcript is writable");
        assert_eq!(
            written,
            "{\"schema\":\"cognito-conformance-transcript/1\",\"id\":\"generated/1\",\"origin\":{\"kind\":\"played\",\
             \"subject\":\"a port\",\"scenario\":{\"clock\":7,\"id\":\"generated/1\",\"nonce\":18446744073709551615}},\
             \"events\":[]}"
        );
        let read: Transcript = serde_json::from_str(&written).expect("it is readable");
        assert_eq!(read, transcript);
    }

    #[test]
    fn a_transcript_whose_scenario_is_none_is_no_transcript() {
        let mut document = serde_json::to_value(played(Scenario::plain("x", 1))).expect("writable");
        document["origin"]["scenario"] = json!({ "id": "x", "colour": "red" });
        let error = serde_json::from_value::<Transcript>(document).expect_err("no such member");
        assert!(error.to_string().contains("colour"), "{error}");
    }
}
