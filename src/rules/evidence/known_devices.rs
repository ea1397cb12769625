//! Which devices the service gave, and what became of them.

use serde::Deserialize;

use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::held_tokens::claims;
use crate::rules::evidence::trace::{ExchangeTrace, SignInTrace, Trace};
use crate::wire::device::ConfirmDevice;
use crate::wire::names::key;
use crate::wire::{Call, DeviceSecret, Operation};

/// Every device of a transcript, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(in crate::rules) struct KnownDevices<'a> {
    /// The devices.
    pub(in crate::rules) given: Vec<IssuedDevice<'a>>,
    /// How many exchanges stand before each `signOut`.
    sign_outs: Vec<usize>,
}

/// A device that the service gave.
#[derive(Clone, Debug)]
pub(in crate::rules) struct IssuedDevice<'a> {
    /// `DeviceKey`.
    pub(in crate::rules) key: &'a str,
    /// `DeviceGroupKey`.
    pub(in crate::rules) group_key: &'a str,
    /// Whose it is, by the access token that came with it.
    pub(in crate::rules) owner: Option<String>,
    /// The name that was typed in that sign-in.
    pub(in crate::rules) typed: Option<&'a str>,
    /// Index of the exchange in which it was given.
    pub(in crate::rules) at: usize,
    /// Index of the first exchange in which the port asked to confirm it, whatever came of that.
    pub(in crate::rules) asked: Option<usize>,
    /// Index of the exchange in which the port confirmed it and the service accepted that.
    pub(in crate::rules) confirmed: Option<usize>,
    /// Index of the exchange from which on it is none: the service says so, or the person has it forgotten.
    pub(in crate::rules) gone: Option<usize>,
}

/// A `ConfirmDevice`, whatever the service said.
#[derive(Clone, Debug)]
pub(in crate::rules) struct Confirmation<'a> {
    /// The exchange.
    pub(in crate::rules) exchange: &'a ExchangeTrace<'a>,
    /// The sign-in.
    pub(in crate::rules) sign_in: &'a SignInTrace<'a>,
    /// The request.
    pub(in crate::rules) request: ConfirmDevice,
    /// What was injected for it.
    pub(in crate::rules) secret: Option<&'a DeviceSecret>,
}

impl<'a> KnownDevices<'a> {
    /// Reads them from a transcript.
    pub(super) fn of(trace: &'a Trace<'a>) -> Self {
        let mut devices = Self::default();
        let mut count = 0;
        for sign_in in &trace.sign_ins {
            let typed = sign_in.arguments().map(|call| call.username.as_str());
            for call in sign_in.all_calls() {
                if matches!(call.call, Some(Call::SignOut(_))) {
                    devices.sign_outs.push(count);
                }
                for exchange in &call.exchanges {
                    count = exchange.index + 1;
                    devices.learn(exchange, typed);
                }
            }
        }
        devices
    }

    /// The device of that key.
    pub(in crate::rules) fn find(&self, key: &str) -> Option<&IssuedDevice<'a>> {
        self.given.iter().find(|given| given.key == key)
    }

    /// The device that a port has, at an exchange, of whoever types a name: it was given under the same name, the port has
    /// confirmed it, and nobody has said that it is gone.
    pub(in crate::rules) fn known_at(
        &self,
        index: usize,
        typed: Option<&str>,
    ) -> Option<&IssuedDevice<'a>> {
        let known = self.given.iter().rev().find(|given| {
            typed.is_some() && given.typed == typed && given.is_confirmed_before(index)
        })?;
        // One that the same user was given since may have taken its place, confirmed or not.
        let is_replaced = self.given.iter().any(|other| {
            other.at > known.at
                && other.owner.is_some()
                && other.owner == known.owner
                && other.at < index
        });
        (!is_replaced).then_some(known)
    }

    /// Whether somebody signed out between the exchange in which a device was given and this one.
    pub(in crate::rules) fn is_signed_out_between(
        &self,
        given: &IssuedDevice<'_>,
        index: usize,
    ) -> bool {
        self.sign_outs
            .iter()
            .any(|sign_out| (given.at + 1..=index).contains(sign_out))
    }

    fn learn(&mut self, exchange: &'a ExchangeTrace<'a>, typed: Option<&'a str>) {
        // What the port was told counts, altered or not.
        if let Some((key, group_key)) = new_device(exchange) {
            let result = exchange
                .answer
                .as_ref()
                .and_then(|answer| answer.authentication_result.as_ref());
            let token = result.and_then(|result| result.access_token.as_deref());
            self.given.push(IssuedDevice {
                key,
                group_key,
                owner: token.and_then(user_of),
                typed,
                at: exchange.index,
                asked: None,
                confirmed: None,
                gone: None,
            });
        }
        let named = key_named(exchange);
        let given = named.and_then(|key| self.given.iter_mut().find(|given| given.key == key));
        let Some(given) = given else {
            return;
        };
        // A port that asks for a device to be forgotten may let go of it at once, whatever comes of the request.
        let is_let_go = exchange.operation == Some(Operation::ForgetDevice);
        if is_let_go || exchange.misses_device() {
            given.gone.get_or_insert(exchange.index);
        }
        let is_asked = exchange.operation == Some(Operation::ConfirmDevice);
        if is_asked {
            given.asked.get_or_insert(exchange.index);
        }
        if is_asked && exchange.succeeded() && !exchange.is_altered() {
            given.confirmed = Some(exchange.index);
        }
    }
}

impl IssuedDevice<'_> {
    /// Whether it was given to whoever types this name, as far as the names are known.
    pub(in crate::rules) fn is_of(&self, facts: &Facts, typed: &str) -> bool {
        let owner = self.typed.and_then(|name| person(facts, name));
        self.typed == Some(typed) || owner.is_some() && owner == person(facts, typed)
    }

    /// Whether the port had it, as far as anybody saw, when it made a request.
    pub(in crate::rules) fn is_confirmed_before(&self, index: usize) -> bool {
        self.confirmed.is_some_and(|confirmed| confirmed < index) && !self.is_gone_before(index)
    }

    /// Whether the port may have had it: it asked, and what it made of an answer that was lost or altered is its own matter.
    pub(in crate::rules) fn may_be_held_before(&self, index: usize) -> bool {
        self.asked.is_some_and(|asked| asked < index) && !self.is_gone_before(index)
    }

    fn is_gone_before(&self, index: usize) -> bool {
        self.gone.is_some_and(|gone| gone < index)
    }
}

/// Every `ConfirmDevice` of a transcript. A secret is injected for the first one after its `signIn`.
pub(super) fn confirmations<'a>(trace: &'a Trace<'_>) -> Vec<Confirmation<'a>> {
    let mut found = Vec::new();
    for sign_in in &trace.sign_ins {
        let injected = sign_in.arguments();
        let mut secret = injected.and_then(|call| call.inject.device_password.as_ref());
        let calls = sign_in.all_calls();
        for exchange in calls.flat_map(|call| &call.exchanges) {
            if exchange.operation == Some(Operation::ConfirmDevice)
                && let Some(request) = confirmation(exchange)
            {
                found.push(Confirmation {
                    exchange,
                    sign_in,
                    request,
                    secret: secret.take(),
                });
            }
        }
    }
    found
}

/// The keys of the device that an answer gives.
pub(in crate::rules) fn new_device<'a>(
    exchange: &'a ExchangeTrace<'_>,
) -> Option<(&'a str, &'a str)> {
    let result = exchange.answer.as_ref()?.authentication_result.as_ref()?;
    let metadata = result.new_device_metadata.as_ref()?;
    Some((
        metadata.device_key.as_deref()?,
        metadata.device_group_key.as_deref()?,
    ))
}

/// The device that a request of a sign-in names. An empty key counts as none: amplify-android sends such a one.
pub(in crate::rules) fn key_sent<'a>(exchange: &'a ExchangeTrace<'_>) -> Option<&'a str> {
    exchange
        .parameter(key::DEVICE_KEY)
        .filter(|key| !key.is_empty())
}

/// The device that any request names.
pub(in crate::rules) fn key_named<'a>(exchange: &'a ExchangeTrace<'_>) -> Option<&'a str> {
    key_sent(exchange).or_else(|| exchange.member("DeviceKey"))
}

/// Which of a scenario's two users goes by a name that is typed; `None` where no scenario says so.
pub(in crate::rules) fn person<'a>(facts: &'a Facts, typed: &str) -> Option<&'a str> {
    let names = facts.names()?;
    let own = [&names.typed, &names.internal, &names.email, &names.phone];
    if own.into_iter().any(|name| name == typed) {
        return Some(&names.internal);
    }
    let others = [names.other_typed(), &names.other_internal];
    others
        .contains(&typed)
        .then_some(names.other_internal.as_str())
}

fn confirmation(exchange: &ExchangeTrace<'_>) -> Option<ConfirmDevice> {
    ConfirmDevice::deserialize(exchange.body.as_ref()?).ok()
}

/// The internal name in an access token. Nothing is verified.
fn user_of(access_token: &str) -> Option<String> {
    let claims = claims(access_token)?;
    Some(claims.get("username")?.as_str()?.to_owned())
}
