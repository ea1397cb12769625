//! Whether a port tells who exists.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::trace::{ExchangeTrace, SignInTrace};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue};
use crate::wire::names::key;
use crate::wire::{Reply, ServiceError};

/// The rules of this area.
pub const RULES: &[Rule] = &[Rule {
    id: "existence.not-told-apart",
    level: Level::Should,
    party: Party::Port,
    sentence: "Where the service refuses two sign-ins in the same words, the application is told the same of both, so that \
               nobody learns from it who exists.",
    sources: &[
        guide(
            "cognito-user-pool-managing-errors",
            "User creation and authentication operations",
            "with the setting on, a wrong name and a wrong password get the same generic error",
        ),
        issue("amazon-archives/amazon-cognito-identity-js#38"),
        issue("aws-amplify/amplify-js#1183"),
    ],
    check: Rule::requires(not_told_apart),
}];

fn not_told_apart(case: &Case<'_>) -> Verdict {
    let hides = case
        .facts
        .scenario()
        .is_some_and(|scenario| scenario.client.prevent_user_existence_errors);
    if !hides {
        return Verdict::NotApplicable("no app client that hides who exists is known");
    }
    let refused: Vec<Refused<'_>> = case.trace.sign_ins.iter().filter_map(Refused::of).collect();
    each(
        refused.iter().enumerate(),
        "no two sign-ins were refused in the same words",
        |(at, later)| {
            let earlier = refused[..at].iter().find(|earlier| {
                earlier.error == later.error && earlier.exchange.words() == later.exchange.words()
            })?;
            let (first, second) = (earlier.told(), later.told());
            Some(if first == second {
                Verdict::Pass
            } else {
                Verdict::fail(
                    Some(later.exchange.index),
                    format!("{first}, as after exchange {}", earlier.exchange.index),
                    second,
                )
            })
        },
    )
}

/// A sign-in that the service refused.
struct Refused<'a> {
    sign_in: &'a SignInTrace<'a>,
    exchange: &'a ExchangeTrace<'a>,
    error: &'a ServiceError,
}

impl<'a> Refused<'a> {
    fn of(sign_in: &'a SignInTrace<'a>) -> Option<Self> {
        let exchange = sign_in.exchanges().next_back()?;
        let error = sign_in
            .passed_on_error()
            .filter(|_| !exchange.is_altered())?;
        matches!(
            sign_in.last_reply()?,
            Reply::Error { .. } | Reply::Step { .. }
        )
        .then_some(Self {
            sign_in,
            exchange,
            error,
        })
    }

    /// What the application was told, without what is another's each time: the user's names and the request's id.
    fn told(&self) -> String {
        let mut told = match self.sign_in.last_reply() {
            Some(Reply::Error { error }) => format!("{}: {}", error.name, error.message),
            Some(Reply::Step { next }) => next.name().to_owned(),
            _ => return String::new(),
        };
        let typed = self.sign_in.arguments().map(|call| call.username.as_str());
        let named = self.sign_in.exchanges().flat_map(|exchange| {
            let returned = exchange
                .answer
                .as_ref()
                .and_then(|answer| answer.challenge_parameters.as_ref());
            let returned = [key::USERNAME, key::USER_ID_FOR_SRP]
                .into_iter()
                .filter_map(move |name| returned?.get(name).map(String::as_str));
            let sent = exchange.parameter(key::USERNAME);
            let id = exchange
                .response
                .as_ref()
                .and_then(|response| response.header("x-amzn-requestid"));
            returned.chain(sent).chain(id)
        });
        for own in typed.into_iter().chain(named) {
            if !own.is_empty() {
                told = told.replace(own, "…");
            }
        }
        told
    }
}
