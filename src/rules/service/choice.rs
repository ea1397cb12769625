//! `USER_AUTH`: which first factors are listed, and which is asked for.

use std::collections::BTreeSet;

use num_traits::Zero;

use super::reason::{Reason, reasons};
use crate::model::{FirstFactor, User, UserStatus};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::factors::told;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{model, seen};
use crate::srp::{Group, parse_hex};
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName};

/// Which first factors are listed.
pub(super) const AVAILABLE: Rule = Rule {
    id: "service.choice-available",
    level: Level::Must,
    party: Party::Service,
    sentence: "SELECT_CHALLENGE comes with AvailableChallenges: the first factors that the pool allows and the user has, and \
               no others.",
    sources: &[
        model(
            "InitiateAuthResponse$AvailableChallenges",
            "the challenges that the user can choose from",
        ),
        model(
            "SignInPolicyType$AllowedFirstAuthFactors",
            "the first factors that the pool supports",
        ),
        seen(
            "choice-of-a-temporary-password",
            "SELECT_CHALLENGE listed PASSWORD_SRP and PASSWORD",
        ),
    ],
    check: Rule::requires(available),
};

/// Which first factor is asked for.
pub(super) const FOLLOWED: Rule = Rule {
    id: "service.choice-followed",
    level: Level::Must,
    party: Party::Service,
    sentence: "USER_AUTH goes on with the first factor that is preferred or chosen, if the user has it, and else with \
               SELECT_CHALLENGE.",
    sources: &[
        model(
            "InitiateAuthRequest$AuthParameters",
            "PREFERRED_CHALLENGE asks for a factor; without it the service lists what is available",
        ),
        model(
            "RespondToAuthChallengeRequest$ChallengeResponses",
            "after SELECT_CHALLENGE the chosen factor is asked for, or its proof is in the answer",
        ),
        seen(
            "choice-of-a-temporary-password",
            "a preferred factor that the user could not use led to SELECT_CHALLENGE",
        ),
    ],
    check: Rule::requires(followed),
};

/// The first factors of a user: those that are surely there, and those that may be.
struct Can {
    surely: BTreeSet<ChallengeName>,
    perhaps: BTreeSet<ChallengeName>,
}

fn can(facts: &Facts, scene: &ServiceView<'_>) -> Option<Can> {
    let world = facts.world()?;
    let account = scene.account()?;
    let internal = account.internal.as_ref()?;
    let user = world.users.iter().find(|user| user.username == *internal)?;
    let mut can = Can {
        surely: BTreeSet::new(),
        perhaps: BTreeSet::new(),
    };
    for factor in &world.pool.first_factors {
        let (names, has) = match factor {
            FirstFactor::Password => (
                vec![ChallengeName::Password, ChallengeName::PasswordSrp],
                user.password.is_some(),
            ),
            FirstFactor::EmailOtp => (vec![ChallengeName::EmailOtp], verified(user, "email")),
            FirstFactor::SmsOtp => (vec![ChallengeName::SmsOtp], verified(user, "phone_number")),
        };
        // Of a temporary password, which has to be used first, only that is known (captured).
        let is_sure = has && account.enabled && account.status == UserStatus::Confirmed;
        can.perhaps.extend(names.iter().cloned());
        if is_sure {
            can.surely.extend(names);
        }
    }
    Some(can)
}

fn verified(user: &User, attribute: &str) -> bool {
    let flag = user.attributes.get(&format!("{attribute}_verified"));
    user.attributes.contains_key(attribute) && flag.is_some_and(|flag| flag == "true")
}

fn available(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no choice of a first factor was asked for",
        |scene| {
            let (answer, name) = scene.challenge()?;
            if *name != ChallengeName::SelectChallenge {
                return None;
            }
            let at = scene.index();
            let listed = answer.available_challenges.as_ref();
            let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
                return Some(Verdict::fail(at, "AvailableChallenges", "none"));
            };
            let listed: BTreeSet<ChallengeName> = listed.iter().cloned().collect();
            let Some(can) = can(case.facts, scene) else {
                return Some(Verdict::NotApplicable("the user's factors are not known"));
            };
            Some(
                if can.surely.is_subset(&listed) && listed.is_subset(&can.perhaps) {
                    Verdict::Pass
                } else {
                    Verdict::fail(at, told(&can.surely), told(&listed))
                },
            )
        },
    )
}

fn followed(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no first factor was preferred or chosen",
        |scene| {
            let starts = scene.starts(&AuthFlow::UserAuth);
            if !starts && !scene.answers(&ChallengeName::SelectChallenge) {
                return None;
            }
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            // Only of what was listed before is anything chosen.
            let listed = scene
                .asked
                .and_then(|asked| asked.answer.as_ref()?.available_challenges.clone());
            let reasons = reasons(case.facts, scene)?;
            if reasons.iter().any(|reason| *reason != Reason::OtherFlow) {
                return Some(Verdict::NotApplicable(
                    "there are reasons to refuse the request",
                ));
            }
            let can = can(case.facts, scene)?;
            let wanted = match starts {
                true => scene.exchange.parameter(key::PREFERRED_CHALLENGE),
                false => scene.exchange.parameter(key::ANSWER),
            };
            let wanted = wanted.map(ChallengeName::from);
            match wanted {
                Some(wanted) if can.surely.contains(&wanted) => {
                    if !starts && !listed?.contains(&wanted) {
                        return None;
                    }
                    goes_on(scene, &wanted)
                }
                Some(wanted) if starts && can.perhaps.contains(&wanted) => None,
                _ if starts => Some(asks(scene, &ChallengeName::SelectChallenge)),
                _ => None,
            }
        },
    )
}

/// Whether the service goes on with this factor.
fn goes_on(scene: &ServiceView<'_>, factor: &ChallengeName) -> Option<Verdict> {
    match factor {
        ChallengeName::PasswordSrp => {
            let a = parse_hex(scene.exchange.parameter(key::SRP_A)?).ok()?;
            // How an A that is 0 modulo N is refused is not established.
            if (a % Group::cognito().n).is_zero() {
                return None;
            }
            Some(asks(scene, &ChallengeName::PasswordVerifier))
        }
        ChallengeName::Password => {
            let sent = scene.exchange.parameter(key::PASSWORD)?;
            let right = scene.account()?.password.as_deref()?;
            let expected = match sent == right {
                true => "what follows the right password",
                false => "NotAuthorizedException for a wrong password",
            };
            let asks_again = scene
                .challenge()
                .is_some_and(|(_, name)| *name == ChallengeName::SelectChallenge);
            let is_right = scene.succeeded() == (sent == right) && !asks_again;
            Some(match is_right {
                true => Verdict::Pass,
                false => Verdict::fail(scene.index(), expected, scene.told()),
            })
        }
        code => Some(asks(scene, code)),
    }
}

fn asks(scene: &ServiceView<'_>, expected: &ChallengeName) -> Verdict {
    let is_asked = scene.challenge().is_some_and(|(_, name)| name == expected);
    match is_asked {
        true => Verdict::Pass,
        false => Verdict::fail(
            scene.index(),
            format!("the challenge {expected}"),
            scene.told(),
        ),
    }
}
