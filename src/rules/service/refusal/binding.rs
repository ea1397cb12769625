//! What an answer is bound to.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::Person;
use crate::rules::evidence::service_view::GENERIC;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::service::reason::{Reason, reasons, refusal};
use crate::rules::source::{issue, measured, seen};
use crate::wire::names::key;
use crate::wire::{ChallengeName, ErrorKind};

/// Which secret block an answer has to carry.
pub(in crate::rules::service) const BINDING: Rule = Rule {
    id: "service.binding",
    level: Level::Must,
    party: Party::Service,
    sentence: "An answer that carries another secret block than the challenge's is refused like a wrong password.",
    sources: &[
        measured(
            "ministackorg/ministack#1758",
            "a wrong SECRET_BLOCK was refused with NotAuthorizedException, like a wrong password",
        ),
        seen(
            "wrong-proofs",
            "a wrong SECRET_BLOCK is refused like a wrong password",
        ),
    ],
    check: Rule::requires(binding),
};

/// Whose the answer has to be.
pub(in crate::rules::service) const BINDING_USER: Rule = Rule {
    id: "service.binding-user",
    level: Level::Should,
    party: Party::Service,
    sentence: "An answer that names another user, or comes by another app client than the sign-in, is refused.",
    sources: &[
        issue("getmoto/moto#10243"),
        issue("faiscadev/fakecloud#1961"),
    ],
    check: Rule::requires(binding_user),
};

fn binding(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no answer was sent with another challenge's secret block",
        |scene| {
            let request = scene.exchange.respond()?;
            scene.asked?;
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let reasons = reasons(case.facts, scene)?;
            let block = request
                .challenge_responses
                .get(key::PASSWORD_CLAIM_SECRET_BLOCK)
                .filter(|block| !is_redacted(block));
            let is_another = request.challenge_name == ChallengeName::PasswordVerifier
                && block.is_some()
                && reasons.contains(&Reason::Block);
            is_another.then(|| {
                refusal(
                    scene,
                    format!("NotAuthorizedException {GENERIC:?} for another secret block"),
                    reasons.len() > 1,
                    |kind, message| *kind == ErrorKind::NotAuthorized && message == GENERIC,
                )
            })
        },
    )
}

fn binding_user(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no answer was sent that belongs to another user's or client's sign-in",
        |scene| {
            let request = scene.exchange.respond()?;
            let world = case.facts.world()?;
            scene.asked?;
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let reasons = reasons(case.facts, scene)?;
            if scene.person == Person::Untold {
                return Some(Verdict::NotApplicable(
                    "whom the answer is about is not sure",
                ));
            }
            let named = request.challenge_responses.get(key::USERNAME);
            let is_own = named
                .zip(scene.account())
                .is_some_and(|(name, account)| account.goes_by(name));
            let names_another = reasons.contains(&Reason::Name)
                && !is_own
                && world.users.iter().any(|user| {
                    Some(&user.username) == named
                        || named.is_some_and(|name| user.aliases.contains(name))
                });
            let is_of_another_client =
                scene.start.and_then(|start| start.client_id()) != scene.exchange.client_id();
            let expected = if names_another {
                "a refusal of an answer that names another user"
            } else if is_of_another_client {
                "a refusal of an answer by another app client"
            } else {
                return None;
            };
            Some(refusal(scene, expected, true, |_, _| true))
        },
    )
}
