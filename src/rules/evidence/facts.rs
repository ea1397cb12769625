//! What a judge may rely on.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use crate::expect::{Choice, choices};
use crate::model::{Clock, World};
use crate::scenario::limits::MOST_HEX_DIGITS;
use crate::scenario::{Names, Scenario};
use crate::wire::transcript::{Event, Observation, Origin, Transcript};
use crate::wire::{AuthFlowType, Call, SignIn};

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is this.
    Known(T),
    /// It was taken out of the recording.
    Redacted,
    /// Nobody said.
    Unknown,
}

impl<T> Fact<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Redacted | Self::Unknown => None,
        }
    }

    fn of(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

/// Everything known about a sign-in beyond its transcript.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The scenario, when the harness played one.
    pub scenario: Option<Scenario>,
    /// The names that follow from it.
    pub names: Option<Names>,
    /// The world in which it was played.
    pub world: Option<World>,
    /// Whether a local pool only looked on: nobody saw the application's calls, or what was typed.
    pub observed: bool,
    /// What the person typed as name; of an observed sign-in, what was sent as such.
    pub typed: Fact<String>,
    /// The right password.
    pub password: Fact<String>,
    /// The pool id.
    pub pool_id: Fact<String>,
    /// The pool's name: what goes into x and the claim.
    pub pool_name: Fact<String>,
    /// The client's private value, where a recording's publisher gave it away.
    pub published_a: Option<BigUint>,
    /// The app client.
    pub client_id: Fact<String>,
    /// The app client's secret; `Known(None)` when it has none.
    pub client_secret: Fact<Option<String>>,
    /// The flow that option and configuration lead to, when there is but one reading.
    pub flow: Fact<AuthFlowType>,
    /// The service's time, where its clock stands still.
    pub fixed_clock: Option<i64>,
    /// The service's time when an observed sign-in proved the password.
    pub proved_at: Option<i64>,
    /// Whether an observed sign-in sends the `SRP_A` of an earlier one.
    pub repeats_a: bool,
}

impl Facts {
    /// The facts behind a transcript.
    ///
    /// # Errors
    /// When the transcript says it was played but its scenario can't be read, or asks for more than any scenario needs.
    pub fn of(transcript: &Transcript) -> Result<Self, serde_json::Error> {
        match &transcript.origin {
            Origin::Played { scenario, .. } => {
                let scenario: Scenario = serde_json::from_value(scenario.clone())?;
                scenario.check_limits().map_err(serde::de::Error::custom)?;
                Ok(Self::of_played(scenario, transcript))
            }
            Origin::Recorded(recording) => Ok(Self::of_known(&recording.known)),
            Origin::Observed(observation) => Ok(Self::of_observed(observation)),
        }
    }

    /// What was typed as name in a call; where nobody saw the call, what is known of it.
    pub fn typed_in<'a>(&'a self, call: Option<&'a SignIn>) -> Option<&'a str> {
        let typed = call.map(|call| call.username.as_str());
        typed.or(self.typed.known().map(String::as_str))
    }

    /// The service's time during a sign-in, where its clock stands still.
    pub fn clock_of(&self, call: Option<&SignIn>) -> Option<i64> {
        call.and_then(|call| call.inject.clock).or(self.fixed_clock)
    }

    /// Whether a password is the right one of whoever typed it: the first, the one that replaced it, or the other user's. None
    /// of them is typed when another is right.
    pub fn is_right_password(&self, typed: &str) -> bool {
        match &self.names {
            Some(names) => [&names.password, &names.new_password, &names.other_password]
                .into_iter()
                .any(|right| right == typed),
            None => self.password.known().is_some_and(|right| right == typed),
        }
    }

    /// Every password that a person of the scenario has; of other sign-ins, the one that is known.
    pub fn passwords(&self) -> Vec<&str> {
        match &self.names {
            Some(names) => vec![
                &names.password,
                &names.new_password,
                &names.other_password,
                &names.wrong_password,
            ],
            None => self
                .password
                .known()
                .map(String::as_str)
                .into_iter()
                .collect(),
        }
    }

    /// The typed password of a call: what the port was given, right or wrong.
    pub fn given_password<'a>(&self, call: Option<&'a SignIn>) -> Option<&'a str> {
        call.map(|call| call.password.as_deref().unwrap_or_default())
    }

    /// The password that belongs to a call: the one it was given, or, where nobody saw the call of an observed sign-in, the
    /// right one.
    pub fn password_of<'a>(&'a self, call: Option<&'a SignIn>) -> Option<&'a str> {
        self.given_password(call).or_else(|| {
            let right = self.password.known().filter(|_| self.observed);
            right.map(String::as_str)
        })
    }

    fn of_played(scenario: Scenario, transcript: &Transcript) -> Self {
        let clock = played_clock(transcript);
        let names = Names::of(&scenario);
        let flows = choices(scenario.flow, &scenario.config);
        let flow = match flows.as_slice() {
            [Choice::Flow(flow)] => Fact::Known(*flow),
            _ => Fact::Unknown,
        };
        Self {
            observed: false,
            proved_at: None,
            repeats_a: false,
            typed: Fact::Known(names.typed.clone()),
            password: Fact::Known(names.password.clone()),
            pool_id: Fact::Known(names.pool_id.clone()),
            pool_name: name_of(&Fact::Known(names.pool_id.clone())),
            published_a: None,
            client_id: Fact::Known(names.client_id.clone()),
            client_secret: Fact::Known(scenario.client.secret.then(|| names.client_secret.clone())),
            flow,
            fixed_clock: clock,
            world: Some(scenario.world(clock.map_or(Clock::Wall, Clock::Fixed))),
            names: Some(names),
            scenario: Some(scenario),
        }
    }

    fn of_observed(observation: &Observation) -> Self {
        let known = &observation.known;
        Self {
            observed: true,
            password: Fact::of(observation.password.clone()),
            proved_at: known.get("now").and_then(|now| now.parse().ok()),
            repeats_a: observation.repeats_a,
            ..Self::of_known(known)
        }
    }

    fn of_known(known: &BTreeMap<String, String>) -> Self {
        let known = |name: &str| match known.get(name) {
            Some(value) if value.contains("[redacted") => Fact::Redacted,
            value => Fact::of(value.cloned()),
        };
        Self {
            observed: false,
            proved_at: None,
            repeats_a: false,
            scenario: None,
            names: None,
            world: None,
            typed: known("username"),
            password: known("password"),
            pool_name: match name_of(&known("userPoolId")) {
                Fact::Unknown => known("poolName"),
                name => name,
            },
            published_a: known("a").known().and_then(|a| private_number(a)),
            pool_id: known("userPoolId"),
            client_id: known("clientId"),
            client_secret: match known("clientSecret") {
                Fact::Known(secret) if secret == "none" => Fact::Known(None),
                Fact::Known(secret) => Fact::Known(Some(secret)),
                Fact::Redacted => Fact::Redacted,
                Fact::Unknown => Fact::Unknown,
            },
            flow: Fact::Unknown,
            fixed_clock: None,
        }
    }
}

fn name_of(pool_id: &Fact<String>) -> Fact<String> {
    match pool_id {
        Fact::Known(id) => Fact::of(
            crate::srp::PoolId::parse(id)
                .ok()
                .map(|id| id.name().to_owned()),
        ),
        Fact::Redacted => Fact::Redacted,
        Fact::Unknown => Fact::Unknown,
    }
}

/// The injected clock of a played transcript, which is also the pool's.
fn played_clock(transcript: &Transcript) -> Option<i64> {
    transcript.events.iter().find_map(|event| match event {
        Event::Called {
            call: Call::SignIn(call),
        } => call.inject.clock,
        _ => None,
    })
}

/// The injected private value of a sign-in.
pub fn injected_a(call: &SignIn) -> Option<BigUint> {
    call.inject.a.first().and_then(|a| private_number(a))
}

/// A private value from a transcript, hexadecimal; `None` when it is wider than any real one, since each power of it is paid
/// for.
pub fn private_number(text: &str) -> Option<BigUint> {
    (text.len() <= MOST_HEX_DIGITS)
        .then(|| crate::srp::parse_hex(text).ok())
        .flatten()
}
