//! When failed attempts lock somebody out.

use std::collections::BTreeMap;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::{ServiceView, is_generic};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::service::reason::{Reason, reasons};
use crate::rules::source::{guide, issue};
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation, ServiceError};

/// When somebody is locked out.
pub(in crate::rules::service) const LOCK_OUT: Rule = Rule {
    id: "service.lock-out",
    level: Level::Must,
    party: Party::Service,
    sentence: "After five failed attempts the next within a second is refused with \"Password attempts exceeded\", whatever \
               its password; after fewer nobody is locked out.",
    sources: &[
        guide(
            "amazon-cognito-user-pools-authentication-flow",
            "Amazon Cognito lockout behavior for failed sign-in attempts",
            "after five failures one second, then twice as long after each; attempts meanwhile get \"Password \
             attempts exceeded\"",
        ),
        issue("aws-amplify/amplify-ui-swift-authenticator#96"),
    ],
    check: Rule::requires(lock_out),
};

/// What is known of somebody's attempts.
#[derive(Clone, Copy, Debug, Default)]
struct Attempts {
    /// Refused like a wrong password, at any time.
    refused: usize,
    /// Wrong passwords since the last success.
    failed: usize,
    /// When the last of those came, in seconds since 1970-01-01T00:00:00Z, where the service's clock stands still.
    at: Option<i64>,
}

fn lock_out(case: &Case<'_>) -> Verdict {
    let mut all: BTreeMap<String, Attempts> = BTreeMap::new();
    each(
        case.service_views(),
        "nobody who is known tried to sign in",
        |scene| {
            let account = scene.account()?;
            // A user who was migrated goes by no other name here than the one that was typed.
            let user = account
                .internal
                .clone()
                .or_else(|| account.goes_by_first().map(str::to_owned))?;
            let attempts = all.entry(user).or_default();
            let before = *attempts;
            let now = case.facts.clock_of(scene.call);
            attempts.take(scene, now);
            of_scene(case.facts, scene, before, now)
        },
    )
}

impl Attempts {
    fn take(&mut self, scene: &ServiceView<'_>, now: Option<i64>) {
        if scene.error().is_some_and(is_generic) {
            self.refused += 1;
            if is_attempt(scene) {
                self.failed += 1;
                self.at = now;
            }
        }
        let resets = scene.exchange.operation == Some(Operation::ConfirmForgotPassword);
        if (is_attempt(scene) || resets) && scene.succeeded() || scene.tokens().is_some() {
            self.failed = 0;
        }
    }
}

/// Whether a password is tried.
fn is_attempt(scene: &ServiceView<'_>) -> bool {
    scene.starts(&AuthFlow::UserPasswordAuth) || scene.answers(&ChallengeName::PasswordVerifier)
}

fn of_scene(
    facts: &Facts,
    scene: &ServiceView<'_>,
    before: Attempts,
    now: Option<i64>,
) -> Option<Verdict> {
    if scene.is_later || !scene.exchange.is_of_sign_in() {
        return None;
    }
    if !scene.is_clean {
        return Some(Verdict::NotApplicable("an answer was altered"));
    }
    let is_locked = scene.error().is_some_and(is_lock_out);
    if is_locked && before.refused < ATTEMPTS {
        return Some(Verdict::fail(
            scene.index(),
            format!("no lock-out after {} failed attempts", before.refused),
            scene.told(),
        ));
    }
    if !is_attempt(scene) {
        return None;
    }
    if before.failed < ATTEMPTS {
        return Some(Verdict::Pass);
    }
    if now.is_none() || now != before.at {
        return Some(Verdict::NotApplicable("the lock-out may be over"));
    }
    let others = reasons(facts, scene)?
        .into_iter()
        .any(|reason| !matches!(reason, Reason::LockOut | Reason::Password));
    if others {
        return Some(Verdict::NotApplicable(
            "there is another reason to refuse the attempt",
        ));
    }
    Some(if is_locked {
        Verdict::Pass
    } else {
        Verdict::fail(
            scene.index(),
            format!("NotAuthorizedException {EXCEEDED:?}"),
            scene.told(),
        )
    })
}

fn is_lock_out(error: &ServiceError) -> bool {
    error.kind == ErrorKind::NotAuthorized && error.message == EXCEEDED
}

const ATTEMPTS: usize = 5;
const EXCEEDED: &str = "Password attempts exceeded";
