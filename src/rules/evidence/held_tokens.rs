//! What a right port holds once somebody is signed in: which tokens, for whom, on which device.
//!
//! Everything is read from what the port was answered, altered or not: a port can't know more. Where an answer leaves open
//! what a port keeps, it is left open here.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use crate::rules::evidence::trace::{CallTrace, ExchangeTrace, SignInTrace, Trace};
use crate::wire::names::key;
use crate::wire::{AuthenticationResult, Call, ErrorKind, NextStep, Operation, Reply, SignIn};

/// A call after a sign-in, with what a right port holds before and after it.
#[derive(Clone, Debug)]
pub(in crate::rules) struct FollowUp<'a> {
    /// The arguments of the sign-in before it.
    pub(in crate::rules) sign_in: Option<&'a SignIn>,
    /// The call and its exchanges.
    pub(in crate::rules) call: &'a CallTrace<'a>,
    /// What was called.
    pub(in crate::rules) asked: &'a Call,
    /// The port's time when it was called, where that was injected.
    pub(in crate::rules) now: Option<i64>,
    /// What is held when it is called.
    pub(in crate::rules) before: TokenState<'a>,
    /// The refreshes that it makes, each with what is held then.
    pub(in crate::rules) refreshes: Vec<(TokenState<'a>, &'a ExchangeTrace<'a>)>,
    /// What is held after the refreshes.
    pub(in crate::rules) after: TokenState<'a>,
}

/// What is held.
#[derive(Clone, Debug)]
pub(in crate::rules) enum TokenState<'a> {
    /// Nothing: nobody has signed in yet, or somebody has signed out.
    Nothing(Option<SignedOut>),
    /// It can't be told.
    Untold,
    /// Tokens.
    Tokens(HeldTokens<'a>),
}

/// A sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) struct SignedOut {
    /// Whether the service agreed to all that was asked of it.
    pub(in crate::rules) agreed: bool,
    /// Whether the harness put it in: then nobody asks what came of it.
    pub(in crate::rules) is_put_in: bool,
}

/// Tokens of somebody who is signed in.
#[derive(Clone, Debug)]
pub(in crate::rules) struct HeldTokens<'a> {
    /// The access token.
    pub(in crate::rules) access: &'a str,
    /// The id token.
    pub(in crate::rules) id: &'a str,
    /// The refresh token: the newest first. More than one only where an answer leaves open which is kept.
    pub(in crate::rules) refresh: Vec<&'a str>,
    /// The device that they are bound to.
    pub(in crate::rules) device: Bound<'a>,
    /// Whether an answer came that leaves open what is kept.
    pub(in crate::rules) is_unsure: bool,
    /// What came of the latest refresh.
    pub(in crate::rules) latest: RefreshOutcome,
    /// Whether the service refused a refresh: then a port may give everything up.
    pub(in crate::rules) is_refused: bool,
}

/// The device that tokens are bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Bound<'a> {
    /// None.
    ToNone,
    /// The one of this key, which was confirmed.
    To(&'a str),
    /// It can't be told.
    Untold,
}

/// What came of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum RefreshOutcome {
    /// Id and access token.
    Tokens,
    /// Only some tokens.
    SomeTokens,
    /// The service's word that this refresh token is no good, or something else that another try will not change.
    Refusal,
    /// No answer, or one that says nothing of the token: the server's trouble, or too many requests.
    Trouble,
}

/// Every call after a sign-in, in order.
pub(super) fn follow_ups<'a>(trace: &'a Trace<'_>) -> Vec<FollowUp<'a>> {
    let mut all = Vec::new();
    let mut holds = TokenState::Nothing(None);
    for sign_in in &trace.sign_ins {
        holds = after_sign_in(sign_in, holds);
        let mut now = sign_in.arguments().and_then(|call| call.inject.clock);
        for call in &sign_in.later {
            let Some(asked) = &call.call else {
                continue;
            };
            if let Call::FetchAuthSession(fetch) = asked {
                now = fetch.clock.or(now);
            }
            let before = holds.clone();
            let mut refreshes = Vec::new();
            for exchange in call.exchanges.iter().filter(|e| e.is_refresh()) {
                refreshes.push((holds.clone(), exchange));
                if let TokenState::Tokens(held) = &mut holds {
                    held.refreshed(exchange);
                }
            }
            let after = holds.clone();
            holds = after_call(asked, call, holds);
            all.push(FollowUp {
                sign_in: sign_in.arguments(),
                call,
                asked,
                now,
                before,
                refreshes,
                after,
            });
        }
    }
    all
}

impl<'a> FollowUp<'a> {
    /// The tokens that are held when it is called, if the service has not refused them.
    pub(in crate::rules) fn good(&self) -> Option<&HeldTokens<'a>> {
        match &self.before {
            TokenState::Tokens(held) if !held.is_refused => Some(held),
            _ => None,
        }
    }

    /// Its exchanges of an operation.
    pub(in crate::rules) fn of(
        &self,
        operation: Operation,
    ) -> impl Iterator<Item = &'a ExchangeTrace<'a>> {
        let exchanges = self.call.exchanges.iter();
        exchanges.filter(move |exchange| exchange.operation.as_ref() == Some(&operation))
    }

    /// Index of its last exchange, for findings.
    pub(in crate::rules) fn index(&self) -> Option<usize> {
        self.call.exchanges.last().map(|exchange| exchange.index)
    }

    /// What came of its last refresh.
    pub(in crate::rules) fn refresh_outcome(&self) -> Option<RefreshOutcome> {
        self.refreshes
            .last()
            .map(|(_, exchange)| refresh_outcome(exchange))
    }
}

impl<'a> TokenState<'a> {
    /// The tokens.
    pub(in crate::rules) fn tokens(&self) -> Option<&HeldTokens<'a>> {
        match self {
            Self::Tokens(held) => Some(held),
            Self::Nothing(_) | Self::Untold => None,
        }
    }
}

impl<'a> HeldTokens<'a> {
    fn of(result: &'a AuthenticationResult, device: Bound<'a>) -> Option<Self> {
        Some(Self {
            access: result.access_token.as_deref()?,
            id: result.id_token.as_deref()?,
            refresh: vec![result.refresh_token.as_deref()?],
            device,
            is_unsure: false,
            latest: RefreshOutcome::Tokens,
            is_refused: false,
        })
    }

    fn refreshed(&mut self, exchange: &'a ExchangeTrace<'a>) {
        self.latest = refresh_outcome(exchange);
        let result = result_of(exchange);
        let came = |token: fn(&AuthenticationResult) -> &Option<String>| {
            result.and_then(|result| token(result).as_deref())
        };
        match self.latest {
            RefreshOutcome::Tokens => {
                self.access = came(|result| &result.access_token).unwrap_or(self.access);
                self.id = came(|result| &result.id_token).unwrap_or(self.id);
                if let Some(refresh) = came(|result| &result.refresh_token) {
                    self.refresh = vec![refresh];
                }
                self.is_unsure = false;
                self.is_refused = false;
            }
            // One port takes what there is, another none of it.
            RefreshOutcome::SomeTokens => {
                self.is_unsure = true;
                if let Some(refresh) = came(|result| &result.refresh_token) {
                    self.refresh.insert(0, refresh);
                }
            }
            RefreshOutcome::Refusal => self.is_refused = true,
            RefreshOutcome::Trouble => {}
        }
    }
}

/// The refresh token that a refresh shows.
pub(in crate::rules) fn shown_token<'a>(exchange: &'a ExchangeTrace<'_>) -> Option<&'a str> {
    match exchange.operation {
        Some(Operation::GetTokensFromRefreshToken) => exchange.member("RefreshToken"),
        _ => exchange.parameter(key::REFRESH_TOKEN),
    }
}

/// What a token says; nothing is verified.
pub(in crate::rules) fn claims(token: &str) -> Option<Value> {
    let octets = BASE64URL_NOPAD
        .decode(token.split('.').nth(1)?.as_bytes())
        .ok()?;
    serde_json::from_slice(&octets).ok()
}

/// What came of a refresh.
pub(in crate::rules) fn refresh_outcome(exchange: &ExchangeTrace<'_>) -> RefreshOutcome {
    if let Some(result) = result_of(exchange) {
        return match (&result.access_token, &result.id_token) {
            (Some(_), Some(_)) => RefreshOutcome::Tokens,
            (None, None) if result.refresh_token.is_none() => RefreshOutcome::Trouble,
            _ => RefreshOutcome::SomeTokens,
        };
    }
    let is_named = |error: &&crate::wire::ServiceError| {
        !matches!(
            error.kind,
            ErrorKind::TooManyRequests | ErrorKind::LimitExceeded | ErrorKind::InternalError
        )
    };
    let is_server = exchange
        .response
        .as_ref()
        .is_none_or(|response| response.status >= 500);
    match exchange.error.as_ref().filter(is_named) {
        Some(_) if !is_server => RefreshOutcome::Refusal,
        _ => RefreshOutcome::Trouble,
    }
}

fn result_of<'a>(exchange: &'a ExchangeTrace<'_>) -> Option<&'a AuthenticationResult> {
    exchange.answer.as_ref()?.authentication_result.as_ref()
}

fn after_sign_in<'a>(sign_in: &'a SignInTrace<'a>, before: TokenState<'a>) -> TokenState<'a> {
    if sign_in.calls.is_empty() {
        return before;
    }
    let is_done = matches!(
        sign_in.last_reply(),
        Some(Reply::Step {
            next: NextStep::Done
        })
    );
    let mut results = sign_in
        .exchanges()
        .filter(|exchange| !exchange.is_refresh())
        .filter_map(result_of);
    let issued = results.next_back();
    let Some(issued) = issued else {
        // Whether a sign-in that comes to nothing leaves the one before alone is every port's own affair.
        return match before {
            TokenState::Nothing(out) if !is_done => TokenState::Nothing(out),
            _ => TokenState::Untold,
        };
    };
    let Some(mut held) = HeldTokens::of(issued, device_of(sign_in, issued)).filter(|_| is_done)
    else {
        return TokenState::Untold;
    };
    // A port that refreshes at once.
    for exchange in sign_in.exchanges().filter(|exchange| exchange.is_refresh()) {
        held.refreshed(exchange);
    }
    TokenState::Tokens(held)
}

/// The device that a sign-in was made on.
fn device_of<'a>(sign_in: &'a SignInTrace<'a>, issued: &'a AuthenticationResult) -> Bound<'a> {
    if let Some(new) = &issued.new_device_metadata {
        let is_confirmed = sign_in.exchanges().any(|exchange| {
            exchange.operation == Some(Operation::ConfirmDevice)
                && exchange.response.as_ref().is_some_and(|r| r.status == 200)
                && exchange.member("DeviceKey") == new.device_key.as_deref()
        });
        return match &new.device_key {
            Some(key) if is_confirmed => Bound::To(key),
            _ => Bound::Untold,
        };
    }
    // The service names the device in the access token; the port knows it by the key that it sent.
    let named = issued.access_token.as_deref().and_then(claims);
    let named = named.as_ref().and_then(|claims| claims.get("device_key"));
    let sent = sign_in
        .exchanges()
        .filter_map(|exchange| exchange.parameter(key::DEVICE_KEY))
        .next_back();
    match (named.and_then(Value::as_str), sent) {
        (None, None) => Bound::ToNone,
        (Some(named), Some(sent)) if named == sent => Bound::To(sent),
        _ => Bound::Untold,
    }
}

fn after_call<'a>(
    asked: &Call,
    call: &'a CallTrace<'a>,
    mut holds: TokenState<'a>,
) -> TokenState<'a> {
    let is_broken = !matches!(
        call.reply,
        Some(Reply::Step { .. } | Reply::Empty | Reply::Session { .. } | Reply::Error { .. })
    );
    if is_broken {
        return TokenState::Untold;
    }
    match asked {
        Call::SignOut(_) => {
            let agreed = matches!(call.reply, Some(Reply::Empty))
                && call.exchanges.iter().all(|exchange| {
                    let response = exchange.response.as_ref();
                    response.is_some_and(|response| response.status == 200)
                });
            TokenState::Nothing(Some(SignedOut {
                agreed,
                is_put_in: call.is_put_in,
            }))
        }
        Call::Reset => TokenState::Nothing(None),
        Call::ForgetDevice(_) => {
            if let TokenState::Tokens(held) = &mut holds {
                held.device = Bound::Untold;
            }
            holds
        }
        _ => holds,
    }
}
