//! What an answer is bound to.

use super::client::refusal;
use super::reason::{Reason, reasons};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::Person;
use crate::rules::evidence::service_view::GENERIC;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::wire::names::key;
use crate::wire::{ChallengeName, ErrorKind};

/// What an answer is bound to.
pub(super) const BINDING: Rule = Rule {
    id: "service.binding",
    level: Level::Must,
    party: Party::Service,
    sentence: "An answer that names another user, comes by another app client, or carries another secret block than the \
               challenge's is refused.",
    sources: &[
        "getmoto/moto#10243",
        "faiscadev/fakecloud#1961",
        "ministackorg/ministack#1758 (captured: the block)",
        "ministackorg/ministack#1758",
    ],
    check: binding,
};

fn binding(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no answer was sent that belongs to another challenge",
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
            if names_another {
                return Some(refusal(
                    scene,
                    "a refusal of an answer that names another user",
                    true,
                    |_, _| true,
                ));
            }
            if scene.start.and_then(|start| start.client_id()) != scene.exchange.client_id() {
                return Some(refusal(
                    scene,
                    "a refusal of an answer by another app client",
                    true,
                    |_, _| true,
                ));
            }
            let block = request
                .challenge_responses
                .get(key::PASSWORD_CLAIM_SECRET_BLOCK)
                .filter(|block| !is_redacted(block));
            if request.challenge_name == ChallengeName::PasswordVerifier
                && block.is_some()
                && reasons.contains(&Reason::Block)
            {
                return Some(refusal(
                    scene,
                    format!("NotAuthorizedException {GENERIC:?} for another secret block"),
                    reasons.len() > 1,
                    |kind, message| *kind == ErrorKind::NotAuthorized && message == GENERIC,
                ));
            }
            None
        },
    )
}
