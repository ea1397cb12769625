//! What a refresh token or an access token stands for when it is shown, as the service saw it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use crate::model::{AppClient, World};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::held_tokens::{claims, shown_token};
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::evidence::trace::{ExchangeTrace, Trace};
use crate::scenario::Meanwhile;
use crate::srp::secret_hash;
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::{AuthenticationResult, Call, Operation};

/// A sign-in that brought tokens, and what became of it.
#[derive(Clone, Debug)]
pub(in crate::rules) struct Grant<'a> {
    /// The app client that signed in.
    pub(in crate::rules) client: Option<&'a str>,
    /// What its first access token says.
    pub(in crate::rules) claims: Rc<Value>,
    /// Its refresh tokens, the newest last, each with the time at which another replaced it.
    pub(in crate::rules) refresh: Vec<(&'a str, Option<i64>)>,
    /// The device that it was made on, and whether that was confirmed.
    pub(in crate::rules) device: Option<(String, bool)>,
    /// What ended it.
    pub(in crate::rules) ended: Option<Ended>,
    /// Whether something was done that may have ended it.
    pub(in crate::rules) is_unsure: bool,
    access: Vec<&'a str>,
}

/// What ended a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Ended {
    /// Its refresh token was revoked, or its user signed out everywhere.
    Revoked,
    /// Its user was deleted.
    Deleted,
}

/// An exchange, with the sign-in whose token it shows.
#[derive(Clone, Copy, Debug)]
pub(in crate::rules) struct TokenUse<'c, 't> {
    /// The exchange.
    pub(in crate::rules) view: &'c ServiceView<'t>,
    /// The service's time, where it is known.
    pub(in crate::rules) now: Option<i64>,
    /// The sign-in, as it stood when the request came; `None` where the token is none that was seen.
    pub(in crate::rules) grant: Option<&'c Grant<'t>>,
}

/// What one exchange shows of a sign-in, and when.
#[derive(Clone, Debug)]
pub(super) struct Shown<'t> {
    now: Option<i64>,
    grant: Option<Grant<'t>>,
}

/// How somebody shows that a request is the app client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Secret {
    /// As it should be.
    Right,
    /// Not at all, or wrongly.
    Wrong,
    /// In a way of which nobody knows what the service makes.
    Untold,
}

/// The sign-in whose token each exchange shows, in the order of the views.
pub(super) fn shown<'t>(
    facts: &Facts,
    trace: &'t Trace<'t>,
    views: &[ServiceView<'t>],
) -> Vec<Shown<'t>> {
    let times = times(trace);
    let user = facts.names().map(|names| names.internal.as_str());
    let mut history = History::default();
    let of_view = |view: &ServiceView<'t>| {
        let now = times.get(&view.exchange.index).copied().flatten();
        for note in &view.exchange.notes {
            if let PoolNote::Meanwhile { what } = note {
                history.happens(what, user);
            }
        }
        let grant = history.shown_by(view.exchange).cloned();
        history.learn(view, now);
        Shown { now, grant }
    };
    views.iter().map(of_view).collect()
}

impl<'c, 't> TokenUse<'c, 't> {
    /// An exchange, and what it shows.
    pub(super) fn new(view: &'c ServiceView<'t>, shown: &'c Shown<'t>) -> Self {
        Self {
            view,
            now: shown.now,
            grant: shown.grant.as_ref(),
        }
    }

    /// Whether the refresh token that is shown is the newest.
    pub(in crate::rules) fn shows_newest(&self) -> bool {
        let shown = shown_token(self.view.exchange);
        let newest = self.grant.and_then(|grant| grant.refresh.last());
        newest.is_some_and(|(newest, _)| Some(*newest) == shown)
    }

    /// When the refresh token that is shown was replaced; `None` where it was not.
    pub(in crate::rules) fn replaced(&self) -> Option<Option<i64>> {
        let shown = shown_token(self.view.exchange)?;
        let (_, before) = self.grant?.refresh.split_last()?;
        let (_, at) = before.iter().find(|(token, _)| *token == shown)?;
        Some(*at)
    }

    /// Whether a refresh shows the client's secret as it should.
    pub(in crate::rules) fn secret(&self, client: &AppClient) -> Secret {
        let exchange = self.view.exchange;
        let is_by_member = exchange.operation == Some(Operation::GetTokensFromRefreshToken);
        let sent = match is_by_member {
            true => exchange.member("ClientSecret"),
            false => exchange.parameter(key::SECRET_HASH),
        };
        match (&client.secret, sent) {
            (None, None) => Secret::Right,
            (None, Some(_)) => Secret::Untold,
            (Some(_), None) => Secret::Wrong,
            (Some(secret), Some(sent)) if secret == sent => Secret::Right,
            (Some(_), Some(_)) if is_by_member => Secret::Wrong,
            (Some(secret), Some(sent)) => {
                let claim = |name: &str| self.grant?.claims.get(name)?.as_str();
                let mut names = [claim("username"), claim("sub")].into_iter().flatten();
                let is_right = names.any(|name| secret_hash(secret, name, &client.id) == sent);
                match is_right {
                    true => Secret::Right,
                    false if exchange.parameter(key::USERNAME).is_some() => Secret::Untold,
                    false => Secret::Wrong,
                }
            }
        }
    }

    /// Whether a refresh names the device that its token is bound to, if it is bound to one.
    pub(in crate::rules) fn names_device(&self) -> bool {
        let exchange = self.view.exchange;
        let sent = match exchange.operation {
            Some(Operation::GetTokensFromRefreshToken) => exchange.member("DeviceKey"),
            _ => exchange.parameter(key::DEVICE_KEY),
        };
        let bound = self.grant.and_then(|grant| grant.device.as_ref());
        // What a device that was never confirmed binds is not established.
        bound.is_none_or(|(device, is_confirmed)| !is_confirmed || sent == Some(device))
    }

    /// The app client that the request names, if there is one and the token is its own.
    pub(in crate::rules) fn own_client<'w>(&self, world: &'w World) -> Option<&'w AppClient> {
        let client = self.view.client(world)?;
        let owner = self.grant?.client?;
        (owner == client.id).then_some(client)
    }
}

/// What the service has given out, and taken back.
#[derive(Default)]
struct History<'a> {
    grants: Vec<Grant<'a>>,
    confirmed: BTreeSet<&'a str>,
}

impl<'a> History<'a> {
    fn shown_by(&self, exchange: &ExchangeTrace<'_>) -> Option<&Grant<'a>> {
        let shown = shown_token(exchange);
        let access = exchange.member("AccessToken");
        self.grants.iter().rev().find(|grant| {
            let is_own = |(token, _): &(&str, Option<i64>)| Some(*token) == shown;
            let is_access = |token: &&str| Some(*token) == access;
            grant.refresh.iter().any(is_own) || grant.access.iter().any(is_access)
        })
    }

    /// Something that another hand did.
    fn happens(&mut self, what: &str, user: Option<&str>) {
        let is = |meanwhile: Meanwhile| what == meanwhile.as_str();
        for grant in &mut self.grants {
            if is(Meanwhile::DevicesForgotten) {
                grant.is_unsure = true;
            }
            if user.is_some() && grant.user() != user {
                continue;
            }
            if is(Meanwhile::SignedOut) {
                grant.ended = Some(Ended::Revoked);
            } else if is(Meanwhile::Deleted) {
                grant.ended = Some(Ended::Deleted);
            }
        }
    }

    fn learn(&mut self, view: &ServiceView<'a>, now: Option<i64>) {
        let exchange: &'a ExchangeTrace<'a> = view.exchange;
        if let Some(result) = view.tokens() {
            match view.is_refresh() {
                true => self.refreshed(exchange, result, now),
                false => self.signed_in(exchange, result),
            }
        }
        if !view.succeeded() {
            return;
        }
        match exchange.operation {
            Some(Operation::RevokeToken) => {
                let token = exchange.member("Token");
                for grant in &mut self.grants {
                    let newest = grant.refresh.last().map(|(newest, _)| *newest);
                    if newest == token && grant.client == exchange.client_id() {
                        grant.ended = Some(Ended::Revoked);
                    } else if grant.refresh.iter().any(|(other, _)| Some(*other) == token) {
                        grant.is_unsure = true;
                    }
                }
            }
            Some(Operation::GlobalSignOut) => {
                let Some(user) = self.shown_by(exchange).map(|grant| grant.user()) else {
                    return;
                };
                let user = user.map(str::to_owned);
                for grant in &mut self.grants {
                    if grant.user() == user.as_deref() {
                        grant.ended = Some(Ended::Revoked);
                    }
                }
            }
            Some(Operation::ConfirmDevice) => {
                let Some(device) = exchange.member("DeviceKey") else {
                    return;
                };
                self.confirmed.insert(device);
                for grant in &mut self.grants {
                    if let Some((key, is_confirmed)) = &mut grant.device {
                        *is_confirmed |= key == device;
                    }
                }
            }
            // What these do to tokens is not established.
            Some(Operation::ForgetDevice | Operation::ConfirmForgotPassword) => {
                for grant in &mut self.grants {
                    grant.is_unsure = true;
                }
            }
            _ => {}
        }
    }

    fn signed_in(&mut self, exchange: &'a ExchangeTrace<'a>, result: &'a AuthenticationResult) {
        let (Some(access), Some(refresh)) = (&result.access_token, &result.refresh_token) else {
            return;
        };
        let claims = Rc::new(claims(access).unwrap_or_default());
        let device = claims.get("device_key").and_then(Value::as_str);
        self.grants.push(Grant {
            client: exchange.client_id(),
            refresh: vec![(refresh, None)],
            device: device.map(|key| (key.to_owned(), self.confirmed.contains(key))),
            ended: None,
            is_unsure: false,
            access: vec![access],
            claims,
        });
    }

    fn refreshed(
        &mut self,
        exchange: &'a ExchangeTrace<'a>,
        result: &'a AuthenticationResult,
        now: Option<i64>,
    ) {
        let shown = shown_token(exchange);
        let grant = self.grants.iter_mut().rev().find(|grant| {
            let mut tokens = grant.refresh.iter();
            tokens.any(|(token, _)| Some(*token) == shown)
        });
        let Some(grant) = grant else {
            return;
        };
        grant.access.extend(result.access_token.as_deref());
        forget_oldest(&mut grant.access);
        let newest = grant.refresh.last_mut();
        if let (Some(came), Some(newest)) = (result.refresh_token.as_deref(), newest)
            && came != newest.0
        {
            newest.1 = now;
            grant.refresh.push((came, None));
            forget_oldest(&mut grant.refresh);
        }
    }
}

/// A grant is kept as it stood at each request, so that what it holds is bounded.
fn forget_oldest<T>(tokens: &mut Vec<T>) {
    if tokens.len() > MOST_TOKENS {
        tokens.remove(0);
    }
}

impl Grant<'_> {
    fn user(&self) -> Option<&str> {
        self.claims.get("username")?.as_str()
    }
}

/// The time of each exchange, where it was set for the port and so for the service.
fn times(trace: &Trace<'_>) -> BTreeMap<usize, Option<i64>> {
    let mut times = BTreeMap::new();
    for sign_in in &trace.sign_ins {
        let mut now = sign_in.arguments().and_then(|call| call.inject.clock);
        for call in sign_in.all_calls() {
            if let Some(Call::FetchAuthSession(fetch)) = &call.call {
                now = fetch.clock.or(now);
            }
            times.extend(call.exchanges.iter().map(|exchange| (exchange.index, now)));
        }
    }
    times
}

/// More refreshes of one sign-in than anybody looks back on.
const MOST_TOKENS: usize = 64;
