//! When users are migrated, and what becomes of them.

use serde_json::Value;

use super::reason::{Reason, is_well_formed, reasons, refusal, wrong_hash};
use crate::model::{MigrationScript, World};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::Person;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::{GENERIC, ServiceView};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{amplify, guide, issue, measured};
use crate::wire::event::TriggerCall;
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation, ServiceError};

/// When users are migrated.
pub(super) const MIGRATION: Rule = Rule {
    id: "service.migration",
    level: Level::Must,
    party: Party::Service,
    sentence: "UserMigration runs for an unknown user in USER_PASSWORD_AUTH and ForgotPassword and nowhere else: CONFIRMED \
               signs the user in, who may use SRP from then on; anything else asks for a reset; a throw is passed on.",
    sources: &[
        guide(
            "user-pool-lambda-migrate-user",
            "Migrate user Lambda trigger",
            "runs when a user does not exist at a sign-in with a password or in the forgot-password flow",
        ),
        guide(
            "user-pool-lambda-migrate-user",
            "Migrate user response parameters",
            "CONFIRMED lets the user sign in; otherwise the password has to be reset",
        ),
        guide(
            "amazon-cognito-user-pools-authentication-flow",
            "User migration authentication flow",
            "users who were migrated can go on with SRP",
        ),
        amplify(
            "Switching authentication flows",
            "Migrate users with Amazon Cognito",
            "the trigger runs for a user who does not exist and authenticates or resets the password",
        ),
        measured(
            "aws-amplify/amplify-flutter#3779",
            "a throw came as UserLambdaValidationException \"UserMigration failed with error …\"",
        ),
        issue("aws-amplify/amplify-js#6513"),
    ],
    check: Rule::requires(migration),
};

fn migration(case: &Case<'_>) -> Verdict {
    each(case.service_views(), "nobody had to be migrated", |scene| {
        let ran = scene
            .exchange
            .triggers
            .iter()
            .find(|trigger| trigger.source.starts_with("UserMigration"));
        if let Some(run) = ran
            && let Some((expected, got)) = wrong_run(scene, run)
        {
            return Some(Verdict::fail(scene.index(), expected, got));
        }
        let world = case.facts.world()?;
        let script = world.triggers.migration.as_ref();
        if !scene.is_clean {
            return ran.map(|_| Verdict::Pass);
        }
        if scene.starts(&AuthFlow::UserPasswordAuth) && scene.person == Person::Unknown {
            let reasons = reasons(case.facts, scene)?;
            if reasons.iter().any(|reason| *reason != Reason::User) {
                return Some(Verdict::NotApplicable(
                    "there is another reason to refuse the unknown user",
                ));
            }
            let hides = scene
                .client(world)
                .is_some_and(|client| client.prevent_user_existence_errors);
            return Some(outcome(scene, script?, hides));
        }
        if scene.exchange.operation == Some(Operation::ForgotPassword)
            && scene.person == Person::Unknown
        {
            return on_reset(world, scene, script?);
        }
        after_migration(case.facts, scene).or_else(|| ran.map(|_| Verdict::Pass))
    })
}

/// What is wrong with a run of the trigger: expected and got.
fn wrong_run(scene: &ServiceView<'_>, run: &TriggerCall) -> Option<(String, String)> {
    let text = |pointer: &str| run.event.pointer(pointer).and_then(Value::as_str);
    let (source, name, password) = if scene.starts(&AuthFlow::UserPasswordAuth) {
        (
            "UserMigration_Authentication",
            scene.exchange.parameter(key::USERNAME),
            scene.exchange.parameter(key::PASSWORD),
        )
    } else if scene.exchange.operation == Some(Operation::ForgotPassword) {
        let name = scene
            .exchange
            .body
            .as_ref()
            .and_then(|body| body.get("Username"));
        (
            "UserMigration_ForgotPassword",
            name.and_then(Value::as_str),
            None,
        )
    } else {
        return Some((
            "no migration where the service sees no password".to_owned(),
            format!("{} at {}", run.source, scene.exchange.words()),
        ));
    };
    if let Person::Known(_) = scene.person {
        return Some((
            "no migration of a user who is in the pool".to_owned(),
            run.source.clone(),
        ));
    }
    if run.source != source {
        return Some((source.to_owned(), run.source.clone()));
    }
    if text("/userName") != name {
        return Some((
            format!("userName {name:?}, as typed"),
            format!("{:?}", text("/userName")),
        ));
    }
    // The password itself is not shown.
    (text("/request/password") != password).then(|| {
        (
            "the password that was typed as request.password, and none in ForgotPassword"
                .to_owned(),
            "another".to_owned(),
        )
    })
}

fn outcome(scene: &ServiceView<'_>, script: &MigrationScript, hides: bool) -> Verdict {
    if let Some(message) = &script.throws {
        let text = format!("UserMigration failed with error {message}.");
        let expected = format!("UserLambdaValidationException {text:?}");
        return refusal(scene, expected, false, |kind, message| {
            *kind == ErrorKind::UserLambdaValidation && message == text
        });
    }
    let typed = scene.exchange.parameter(key::USERNAME).unwrap_or_default();
    let knows =
        script.directory.get(typed).map(String::as_str) == scene.exchange.parameter(key::PASSWORD);
    if !knows {
        let expected = "the refusal of an unknown user";
        return refusal(scene, expected, false, |kind, message| {
            *kind == ErrorKind::UserNotFound && !hides
                || *kind == ErrorKind::NotAuthorized && message == GENERIC && hides
        });
    }
    if script.final_user_status.as_deref() == Some("CONFIRMED") {
        return if scene.succeeded() {
            Verdict::Pass
        } else {
            Verdict::fail(
                scene.index(),
                "what follows the right password, since finalUserStatus is CONFIRMED",
                scene.told(),
            )
        };
    }
    let expected = "PasswordResetRequiredException, as finalUserStatus is not CONFIRMED";
    refusal(scene, expected, false, |kind, message| {
        *kind == ErrorKind::PasswordResetRequired
            || hides && *kind == ErrorKind::NotAuthorized && message == GENERIC
    })
}

/// An unknown user who wants to reset the password is looked for in the old directory.
fn on_reset(world: &World, scene: &ServiceView<'_>, script: &MigrationScript) -> Option<Verdict> {
    let client = scene.client(world)?;
    let typed = scene.exchange.member("Username")?;
    let hash = scene.exchange.member("SecretHash");
    if !is_well_formed(scene.exchange) || wrong_hash(client, typed, hash).is_some() {
        return Some(Verdict::NotApplicable(
            "there is another reason to refuse the reset",
        ));
    }
    let runs = &scene.exchange.triggers;
    if !runs
        .iter()
        .any(|run| run.source == "UserMigration_ForgotPassword")
    {
        return Some(Verdict::fail(
            scene.index(),
            "UserMigration_ForgotPassword for the unknown user",
            "no such run",
        ));
    }
    if let Some(message) = &script.throws {
        let text = format!("UserMigration failed with error {message}.");
        let expected = format!("UserLambdaValidationException {text:?}");
        return Some(refusal(scene, expected, false, |kind, message| {
            *kind == ErrorKind::UserLambdaValidation && message == text
        }));
    }
    let is_untold = |error: &ServiceError| error.kind != ErrorKind::UserNotFound;
    let is_right = scene.succeeded() || scene.error().is_some_and(is_untold);
    Some(if is_right || !script.directory.contains_key(typed) {
        Verdict::Pass
    } else {
        Verdict::fail(
            scene.index(),
            "a code for the user who was migrated",
            scene.told(),
        )
    })
}

/// A user who was migrated with a password is asked for its proof.
fn after_migration(facts: &Facts, scene: &ServiceView<'_>) -> Option<Verdict> {
    let account = scene.account()?;
    if account.internal.is_some() || !account.may_prove() {
        return None;
    }
    if !scene.starts(&AuthFlow::UserSrpAuth) || !reasons(facts, scene)?.is_empty() {
        return None;
    }
    let asks = scene
        .challenge()
        .is_some_and(|(_, name)| *name == ChallengeName::PasswordVerifier);
    Some(if asks {
        Verdict::Pass
    } else {
        Verdict::fail(
            scene.index(),
            "PASSWORD_VERIFIER for the user who was migrated",
            scene.told(),
        )
    })
}
