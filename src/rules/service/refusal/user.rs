//! What the user's existence and status decide.

use std::collections::BTreeSet;

use crate::model::{AppClient, UserStatus};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::{Account, Person};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::{GENERIC, ServiceView, is_generic};
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::service::reason::{Reason, reasons, refusal};
use crate::rules::source::{guide, issue, measured, model, observed, operation, recording};
use crate::srp::parse_hex;
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Parameters, ServiceError};

/// What an unknown user is told.
pub(in crate::rules::service) const EXISTENCE: Rule = Rule {
    id: "service.existence",
    level: Level::Must,
    party: Party::Service,
    sentence: "An unknown user gets UserNotFoundException, or with PreventUserExistenceErrors what a known user with a wrong \
               password gets: a challenge of the same shape with a stable salt, then the generic refusal; and never tokens.",
    sources: &[
        model(
            "CreateUserPoolClientRequest$PreventUserExistenceErrors",
            "LEGACY: UserNotFoundException; ENABLED: an error that says that name or password is wrong",
        ),
        guide(
            "cognito-user-pool-managing-errors",
            "User creation and authentication operations",
            "a simulated challenge with the same salt and id each time, then the generic refusal",
        ),
        recording(
            "fixtures/transcripts/2026-05/initiate-auth.srp.unknown-user.json",
            "UserNotFoundException at InitiateAuth",
        ),
        issue("ministackorg/ministack#1574"),
        issue("ministackorg/ministack#1758"),
        issue("aws-amplify/amplify-js#1183"),
        issue("amazon-archives/amazon-cognito-identity-js#38"),
        issue("aws-amplify/amplify-js#7618"),
    ],
    check: Rule::requires(existence),
};

/// What a user in no good order is told.
pub(in crate::rules::service) const USER_STATUS: Rule = Rule {
    id: "service.user-status",
    level: Level::Must,
    party: Party::Service,
    sentence: "Users who are unconfirmed, disabled or must reset the password get no tokens and are told why; a temporary \
               password leads to NEW_PASSWORD_REQUIRED, by SRP too.",
    sources: &[
        operation("AdminDisableUser", "a user who was disabled can't sign in"),
        measured(
            "ministackorg/ministack#1758",
            "an unconfirmed user was told so, before the password was looked at",
        ),
        model(
            "UserNotConfirmedException",
            "thrown when a user is not confirmed",
        ),
        model(
            "PasswordResetRequiredException",
            "thrown when a reset is required",
        ),
        model(
            "InitiateAuthResponse$ChallengeName",
            "NEW_PASSWORD_REQUIRED comes for users with a temporary password",
        ),
        observed("unconfirmed-user", "UserNotConfirmedException"),
        observed("reset-required-user", "PasswordResetRequiredException"),
        issue("faiscadev/fakecloud#1961"),
        issue("floci-io/floci#2027"),
    ],
    check: Rule::requires(user_status),
};

fn existence(case: &Case<'_>) -> Verdict {
    let scenes = case.service_views();
    each(
        scenes.iter().enumerate(),
        "nobody knows who is in the pool",
        |(at, scene)| {
            let client = scene.client(case.facts.world()?)?;
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            match &scene.person {
                Person::Untold => None,
                Person::Known(account) => of_known(&scenes[..at], scene, account),
                Person::Unknown => of_unknown(case.facts, client, &scenes[..at], scene),
            }
        },
    )
}

fn of_known(
    earlier: &[ServiceView<'_>],
    scene: &ServiceView<'_>,
    account: &Account,
) -> Option<Verdict> {
    scene.exchange.initiate()?;
    if let Some(error) = scene
        .error()
        .filter(|error| error.kind == ErrorKind::UserNotFound)
    {
        return Some(Verdict::fail(
            scene.index(),
            "the user found",
            error.to_string(),
        ));
    }
    let has_same_password = |before: &ServiceView<'_>| {
        before
            .account()
            .is_some_and(|before| before.times_set == account.times_set)
    };
    Some(stable(earlier, scene, has_same_password).unwrap_or(Verdict::Pass))
}

fn of_unknown(
    facts: &Facts,
    client: &AppClient,
    earlier: &[ServiceView<'_>],
    scene: &ServiceView<'_>,
) -> Option<Verdict> {
    let reasons = reasons(facts, scene)?;
    let has_others = reasons.iter().any(|reason| *reason != Reason::User);
    let may_migrate = scene.starts(&AuthFlow::UserPasswordAuth)
        && facts
            .world()
            .is_some_and(|world| world.triggers.migration.is_some());
    if scene.tokens().is_some() && !may_migrate {
        return Some(Verdict::fail(
            scene.index(),
            "no tokens for a user who does not exist",
            "tokens",
        ));
    }
    let request = scene.exchange.initiate()?;
    if has_others || may_migrate {
        return Some(Verdict::NotApplicable(
            "there is another reason to refuse the unknown user, or a migration trigger",
        ));
    }
    if !client.prevent_user_existence_errors {
        let expected = "UserNotFoundException \"User does not exist.\"";
        return Some(refusal(scene, expected, false, |kind, message| {
            *kind == ErrorKind::UserNotFound && message == "User does not exist."
        }));
    }
    match request.auth_flow {
        AuthFlow::UserPasswordAuth => {
            let expected = format!("NotAuthorizedException {GENERIC:?}");
            Some(refusal(scene, expected, false, |kind, message| {
                *kind == ErrorKind::NotAuthorized && message == GENERIC
            }))
        }
        AuthFlow::UserSrpAuth => Some(simulated(earlier, scene)),
        AuthFlow::CustomAuth => Some(asked_of_triggers(scene)),
        _ => None,
    }
}

/// The challenge that stands in for that of a user.
fn simulated(earlier: &[ServiceView<'_>], scene: &ServiceView<'_>) -> Verdict {
    let at = scene.index();
    let challenge = scene
        .challenge()
        .filter(|(_, name)| **name == ChallengeName::PasswordVerifier);
    let Some((answer, _)) = challenge else {
        return Verdict::fail(at, "a simulated PASSWORD_VERIFIER challenge", scene.told());
    };
    let none = Parameters::new();
    let parameters = answer.challenge_parameters.as_ref().unwrap_or(&none);
    let value = |name: &str| parameters.get(name).map_or("", String::as_str);
    let salt = value(key::SALT);
    let is_salt =
        parse_hex(salt).is_ok_and(|salt| (FEWEST_SALT_BITS..=SALT_BITS).contains(&salt.bits()));
    if !is_salt {
        return Verdict::fail(at, "a SALT like a user's: a number of 16 octets", salt);
    }
    let user_id = value(key::USER_ID_FOR_SRP);
    if !is_like_uuid(user_id) {
        return Verdict::fail(at, "a USER_ID_FOR_SRP like a UUID", user_id);
    }
    // Somebody else's salt, who went by that name before, was another.
    let is_nobodys = |before: &ServiceView<'_>| before.person == Person::Unknown;
    stable(earlier, scene, is_nobodys).unwrap_or(Verdict::Pass)
}

/// Whether salt and user id are those that the same name had before, so that nobody can tell by them who exists.
fn stable(
    earlier: &[ServiceView<'_>],
    scene: &ServiceView<'_>,
    is_comparable: impl Fn(&ServiceView<'_>) -> bool,
) -> Option<Verdict> {
    let of = |scene: &ServiceView<'_>, name: &str| {
        let (answer, _) = scene.challenge()?;
        let value = answer.challenge_parameters.as_ref()?.get(name)?.clone();
        (!is_redacted(&value)).then_some(value)
    };
    let name = scene.exchange.parameter(key::USERNAME);
    let before = earlier.iter().rev().find(|before| {
        before.exchange.initiate().is_some()
            && before.exchange.parameter(key::USERNAME) == name
            && of(before, key::SALT).is_some()
            && is_comparable(before)
    })?;
    [key::SALT, key::USER_ID_FOR_SRP].iter().find_map(|name| {
        let (first, second) = (of(before, name)?, of(scene, name)?);
        (first != second).then(|| {
            Verdict::fail(
                scene.index(),
                format!("{name} = {first}, as at the first sign-in by that name"),
                second,
            )
        })
    })
}

fn asked_of_triggers(scene: &ServiceView<'_>) -> Verdict {
    if let Some(error) = scene
        .error()
        .filter(|error| error.kind == ErrorKind::UserNotFound)
    {
        return Verdict::fail(
            scene.index(),
            "nothing that tells that the user does not exist",
            error.to_string(),
        );
    }
    let triggers = scene.exchange.triggers.iter();
    let unmarked = triggers
        .filter(|trigger| trigger.source.contains("AuthChallenge"))
        .find(|trigger| {
            trigger.event.pointer("/request/userNotFound") != Some(&serde_json::Value::Bool(true))
        });
    match unmarked {
        Some(trigger) => Verdict::fail(
            scene.index(),
            format!("userNotFound: true for {}", trigger.source),
            trigger
                .event
                .pointer("/request/userNotFound")
                .map_or_else(|| "none".to_owned(), ToString::to_string),
        ),
        None => Verdict::Pass,
    }
}

fn is_like_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == length && part.bytes().all(|octet| octet.is_ascii_hexdigit())
        })
}

fn user_status(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no user's status stops a sign-in",
        |scene| {
            let client = scene.client(case.facts.world()?)?;
            let account = scene.account()?;
            if scene.is_later || !scene.exchange.is_of_sign_in() {
                return None;
            }
            let refuses = match account.status {
                _ if !account.enabled => Some(Refuses::Disabled),
                UserStatus::Unconfirmed => Some(Refuses::Unconfirmed),
                UserStatus::ResetRequired => Some(Refuses::ResetRequired),
                UserStatus::ForceChangePassword => None,
                UserStatus::Confirmed => return None,
            };
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let reasons = reasons(case.facts, scene)?;
            match refuses {
                Some(refuses) => {
                    let mut others = reasons;
                    others.remove(&Reason::Status);
                    of_refused(client, scene, refuses, &others)
                }
                None => of_temporary(scene, reasons.is_empty()),
            }
        },
    )
}

/// Why a status stops a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refuses {
    Disabled,
    Unconfirmed,
    ResetRequired,
}

impl Refuses {
    fn error(self) -> ServiceError {
        match self {
            Self::Disabled => ServiceError::new(ErrorKind::NotAuthorized, "User is disabled."),
            Self::Unconfirmed => {
                ServiceError::new(ErrorKind::UserNotConfirmed, "User is not confirmed.")
            }
            Self::ResetRequired => ServiceError::new(
                ErrorKind::PasswordResetRequired,
                "Password reset required for the user",
            ),
        }
    }
}

fn of_refused(
    client: &AppClient,
    scene: &ServiceView<'_>,
    refuses: Refuses,
    others: &BTreeSet<Reason>,
) -> Option<Verdict> {
    let has_others = !others.is_empty();
    let expected = refuses.error();
    if scene.tokens().is_some() {
        return Some(Verdict::fail(scene.index(), expected.to_string(), "tokens"));
    }
    let may_hide = client.prevent_user_existence_errors;
    if scene.starts(&AuthFlow::UserPasswordAuth) {
        // Only of unconfirmed users it is captured that the password is not looked at first.
        let is_told_first = refuses == Refuses::Unconfirmed && !may_hide;
        let only_password = others.iter().all(|reason| *reason == Reason::Password);
        let is_free = has_others && !(is_told_first && only_password);
        return Some(refusal(
            scene,
            expected.to_string(),
            is_free,
            |kind, message| {
                (*kind == expected.kind && message == expected.message)
                    || may_hide && message == GENERIC
            },
        ));
    }
    // At which step the status is looked at is only inferred for the other flows: a challenge may come first.
    let is_proof = scene.answers(&ChallengeName::PasswordVerifier);
    if scene.challenge().is_some() && !(is_proof && scene.flow() == Some(&AuthFlow::UserSrpAuth)) {
        return Some(Verdict::Pass);
    }
    if scene.flow() != Some(&AuthFlow::UserSrpAuth) {
        return Some(Verdict::NotApplicable(
            "what a trigger decides about such a user is not established",
        ));
    }
    let is_right = scene.error().is_some_and(|error| {
        has_others
            || *error == expected
            || error.kind == expected.kind && expected.kind != ErrorKind::NotAuthorized
            || (may_hide || is_proof) && is_generic(error)
    });
    Some(if is_right {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), expected.to_string(), scene.told())
    })
}

fn of_temporary(scene: &ServiceView<'_>, is_right: bool) -> Option<Verdict> {
    let sets_password = scene.answers(&ChallengeName::NewPasswordRequired);
    // Where a temporary password stands among custom challenges is not established.
    if sets_password || scene.flow() == Some(&AuthFlow::CustomAuth) {
        return None;
    }
    let expected = "NEW_PASSWORD_REQUIRED after the temporary password";
    if scene.tokens().is_some() {
        return Some(Verdict::fail(scene.index(), expected, "tokens"));
    }
    let proves = scene.starts(&AuthFlow::UserPasswordAuth) && is_right
        || scene.answers(&ChallengeName::PasswordVerifier) && scene.succeeded();
    let asks = scene
        .challenge()
        .is_some_and(|(_, name)| *name == ChallengeName::NewPasswordRequired);
    Some(if proves && !asks {
        Verdict::fail(scene.index(), expected, scene.told())
    } else {
        Verdict::Pass
    })
}

const SALT_BITS: u64 = 128;
/// A random number of 128 bits has fewer once in 2^64.
const FEWEST_SALT_BITS: u64 = 64;
