//! What a judge may rely on.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;

use crate::expect::{Choice, choices};
use crate::model::{Clock, World};
use crate::record::{Observation, Origin, Transcript};
use crate::scenario::limits::{LAST_INSTANT, MOST_HEX_DIGITS};
use crate::scenario::{Names, OutOfLimits, Scenario};
use crate::wire::event::Event;
use crate::wire::{AuthFlowType, Call, ChallengeName, SignIn};

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

/// Everything known beyond a transcript, by where that came from.
#[derive(Clone, Debug)]
pub enum Facts {
    /// The harness played a scenario.
    Played(Box<Played>),
    /// Somebody recorded the real service.
    Recorded(Box<Header>),
    /// A local pool only looked on: nobody saw the application's calls, or what was typed.
    Observed(Box<Observed>),
}

/// What follows from a scenario that was played.
#[derive(Clone, Debug)]
pub struct Played {
    scenario: Scenario,
    /// The challenges that the port does not get past, and says so.
    not_offered: BTreeSet<ChallengeName>,
    names: Names,
    /// The world in which it was played.
    world: World,
    /// The pool's name.
    pool_name: Option<String>,
    /// The flow that option and configuration lead to, when there is but one reading.
    flow: Option<AuthFlowType>,
    /// The service's time, where its clock stands still.
    clock: Option<i64>,
}

/// What the header of a recording or an observation says.
#[derive(Clone, Debug)]
pub struct Header {
    /// What was typed as name; of an observed sign-in, what was sent as such.
    typed: Fact<String>,
    password: Fact<String>,
    pool_id: Fact<String>,
    /// What goes into x and the claim.
    pool_name: Fact<String>,
    /// The client's private value, where a recording's publisher gave it away.
    a: Option<BigUint>,
    client_id: Fact<String>,
    /// `Known(None)` when the app client has none.
    client_secret: Fact<Option<String>>,
}

/// What a pool that looked on knows.
#[derive(Clone, Debug)]
pub struct Observed {
    header: Header,
    /// The service's time when the password was proved.
    proved_at: Option<i64>,
    /// Whether the `SRP_A` of an earlier sign-in is sent.
    repeats_a: bool,
}

impl Facts {
    /// The facts behind a transcript.
    ///
    /// # Errors
    /// When the scenario that was played asks for more than any scenario needs.
    pub fn of(transcript: &Transcript) -> Result<Self, OutOfLimits> {
        Ok(match &transcript.origin {
            Origin::Played {
                scenario,
                not_offered,
                ..
            } => {
                scenario.check_limits()?;
                let mut played = Played::of((**scenario).clone(), transcript);
                played.not_offered.clone_from(not_offered);
                Self::Played(Box::new(played))
            }
            Origin::Recorded(recording) => Self::Recorded(Box::new(Header::of(&recording.known))),
            Origin::Observed(observation) => Self::Observed(Box::new(Observed::of(observation))),
        })
    }

    /// Whether the harness played a scenario, so that nothing is missing from the transcript.
    pub fn is_played(&self) -> bool {
        matches!(self, Self::Played(_))
    }

    /// Whether somebody recorded the real service.
    pub fn is_recorded(&self) -> bool {
        matches!(self, Self::Recorded(_))
    }

    /// Whether a local pool only looked on.
    pub fn is_observed(&self) -> bool {
        matches!(self, Self::Observed(_))
    }

    /// The scenario, when one was played.
    pub fn scenario(&self) -> Option<&Scenario> {
        self.played().map(|played| &played.scenario)
    }

    /// The challenges that the port does not get past, and says so; none where nobody asked it.
    pub fn not_offered(&self) -> &BTreeSet<ChallengeName> {
        const NONE: &BTreeSet<ChallengeName> = &BTreeSet::new();
        self.played().map_or(NONE, |played| &played.not_offered)
    }

    /// The names that follow from the scenario.
    pub fn names(&self) -> Option<&Names> {
        self.played().map(|played| &played.names)
    }

    /// The world in which the scenario was played.
    pub fn world(&self) -> Option<&World> {
        self.played().map(|played| &played.world)
    }

    /// The flow that option and configuration lead to, when there is but one reading.
    pub fn flow(&self) -> Option<AuthFlowType> {
        self.played()?.flow
    }

    /// The service's time, where its clock stands still.
    pub fn fixed_clock(&self) -> Option<i64> {
        self.played()?.clock
    }

    /// What was typed as name; of an observed sign-in, what was sent as such.
    pub fn typed(&self) -> Option<&str> {
        self.text(|names| &names.typed, |header| &header.typed)
    }

    /// The right password.
    pub fn password(&self) -> Option<&str> {
        self.text(|names| &names.password, |header| &header.password)
    }

    /// The pool id.
    pub fn pool_id(&self) -> Option<&str> {
        self.text(|names| &names.pool_id, |header| &header.pool_id)
    }

    /// The pool's name: what goes into x and the claim.
    pub fn pool_name(&self) -> Option<&str> {
        match self.header() {
            Some(header) => header.pool_name.known().map(String::as_str),
            None => self.played()?.pool_name.as_deref(),
        }
    }

    /// The app client.
    pub fn client_id(&self) -> Option<&str> {
        self.text(|names| &names.client_id, |header| &header.client_id)
    }

    /// The app client's secret; `Some(None)` when it has none, `None` when nobody knows.
    pub fn client_secret(&self) -> Option<Option<&str>> {
        match self {
            Self::Played(played) => {
                let secret = played.names.client_secret.as_str();
                Some(played.scenario.client.secret.then_some(secret))
            }
            Self::Recorded(_) | Self::Observed(_) => {
                let secret = self.header()?.client_secret.known()?;
                Some(secret.as_deref())
            }
        }
    }

    /// The client's private value, where a recording's publisher gave it away.
    pub fn published_a(&self) -> Option<&BigUint> {
        self.header()?.a.as_ref()
    }

    /// The service's time when an observed sign-in proved the password.
    pub fn proved_at(&self) -> Option<i64> {
        self.observed()?.proved_at
    }

    /// Whether an observed sign-in sends the `SRP_A` of an earlier one.
    pub fn repeats_a(&self) -> bool {
        self.observed().is_some_and(|observed| observed.repeats_a)
    }

    /// What was typed as name in a call; where nobody saw the call, what is known of it.
    pub fn typed_in<'a>(&'a self, call: Option<&'a SignIn>) -> Option<&'a str> {
        let typed = call.map(|call| call.username.as_str());
        typed.or(self.typed())
    }

    /// The service's time during a sign-in, where its clock stands still.
    pub fn clock_of(&self, call: Option<&SignIn>) -> Option<i64> {
        call.and_then(|call| call.inject.clock)
            .and_then(instant)
            .or(self.fixed_clock())
    }

    /// Whether a password is the right one of whoever typed it: the first, the one that replaced it, or the other user's. None
    /// of them is typed when another is right.
    pub fn is_right_password(&self, typed: &str) -> bool {
        match self.names() {
            Some(names) => [&names.password, &names.new_password, &names.other_password]
                .into_iter()
                .any(|right| right == typed),
            None => self.password() == Some(typed),
        }
    }

    /// Every password that a person of the scenario has; of other sign-ins, the one that is known.
    pub fn passwords(&self) -> Vec<&str> {
        match self.names() {
            Some(names) => vec![
                &names.password,
                &names.new_password,
                &names.other_password,
                &names.wrong_password,
            ],
            None => self.password().into_iter().collect(),
        }
    }

    /// The typed password of a call: what the port was given, right or wrong.
    pub fn given_password<'a>(&self, call: Option<&'a SignIn>) -> Option<&'a str> {
        call.map(|call| call.password.as_deref().unwrap_or_default())
    }

    /// The password that belongs to a call: the one it was given, or, where nobody saw the call of an observed sign-in, the
    /// right one.
    pub fn password_of<'a>(&'a self, call: Option<&'a SignIn>) -> Option<&'a str> {
        let right = self.password().filter(|_| self.is_observed());
        self.given_password(call).or(right)
    }

    fn text(
        &self,
        of_names: fn(&Names) -> &String,
        of_header: fn(&Header) -> &Fact<String>,
    ) -> Option<&str> {
        let text = match self.header() {
            Some(header) => of_header(header).known(),
            None => self.names().map(of_names),
        };
        text.map(String::as_str)
    }

    fn played(&self) -> Option<&Played> {
        match self {
            Self::Played(played) => Some(played),
            Self::Recorded(_) | Self::Observed(_) => None,
        }
    }

    fn observed(&self) -> Option<&Observed> {
        match self {
            Self::Observed(observed) => Some(observed),
            Self::Played(_) | Self::Recorded(_) => None,
        }
    }

    fn header(&self) -> Option<&Header> {
        match self {
            Self::Played(_) => None,
            Self::Recorded(header) => Some(header),
            Self::Observed(observed) => Some(&observed.header),
        }
    }
}

impl Played {
    fn of(scenario: Scenario, transcript: &Transcript) -> Self {
        let clock = played_clock(transcript);
        let names = Names::of(&scenario);
        Self {
            flow: match choices(scenario.flow, &scenario.config).as_slice() {
                [Choice::Flow(flow)] => Some(*flow),
                _ => None,
            },
            world: scenario.world(clock.map_or(Clock::Wall, Clock::Fixed)),
            pool_name: name_of(&names.pool_id),
            names,
            clock,
            scenario,
            not_offered: BTreeSet::new(),
        }
    }
}

impl Observed {
    fn of(observation: &Observation) -> Self {
        let known = &observation.known;
        Self {
            header: Header {
                password: Fact::of(observation.password.clone()),
                ..Header::of(known)
            },
            proved_at: known
                .get("now")
                .and_then(|now| now.parse().ok())
                .and_then(instant),
            repeats_a: observation.repeats_a,
        }
    }
}

impl Header {
    fn of(known: &BTreeMap<String, String>) -> Self {
        let known = |name: &str| match known.get(name) {
            Some(value) if value.contains("[redacted") => Fact::Redacted,
            value => Fact::of(value.cloned()),
        };
        Self {
            typed: known("username"),
            password: known("password"),
            pool_name: match known("userPoolId") {
                Fact::Redacted => Fact::Redacted,
                Fact::Known(id) if name_of(&id).is_some() => Fact::of(name_of(&id)),
                Fact::Known(_) | Fact::Unknown => known("poolName"),
            },
            a: known("a").known().and_then(|a| private_number(a)),
            pool_id: known("userPoolId"),
            client_id: known("clientId"),
            client_secret: match known("clientSecret") {
                Fact::Known(secret) if secret == "none" => Fact::Known(None),
                Fact::Known(secret) => Fact::Known(Some(secret)),
                Fact::Redacted => Fact::Redacted,
                Fact::Unknown => Fact::Unknown,
            },
        }
    }
}

/// The name in a pool id.
fn name_of(pool_id: &str) -> Option<String> {
    let id = crate::srp::PoolId::parse(pool_id).ok()?;
    Some(id.name().to_owned())
}

/// The injected clock of a played transcript, which is also the pool's.
fn played_clock(transcript: &Transcript) -> Option<i64> {
    transcript.events.iter().find_map(|event| match event {
        Event::Called {
            call: Call::SignIn(call),
        } => call.inject.clock.and_then(instant),
        _ => None,
    })
}

/// A time from a transcript, in Unix seconds; `None` when no `TIMESTAMP` can say it, so that it can be reckoned with.
fn instant(seconds: i64) -> Option<i64> {
    (0..=LAST_INSTANT).contains(&seconds).then_some(seconds)
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
