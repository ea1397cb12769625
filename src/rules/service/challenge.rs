//! What a challenge says.

use num_traits::Zero;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::{ByteClass, SaltChoice};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::Person;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue, kept, measured, model, recording, rfc, seen};
use crate::srp::{Group, parse_base64, parse_hex, to_hex};
use crate::wire::names::key;
use crate::wire::{AuthFlow, AuthResponse, ChallengeName, Parameters};

/// Which parameters a challenge has.
pub(super) const SHAPE: Rule = Rule {
    id: "service.challenge-shape",
    level: Level::Must,
    party: Party::Service,
    sentence: "PASSWORD_VERIFIER has SALT, SECRET_BLOCK, SRP_B, USERNAME and USER_ID_FOR_SRP and nothing else; \
               CUSTOM_CHALLENGE has the public parameters and USERNAME; NEW_PASSWORD_REQUIRED describes the user as JSON text.",
    sources: &[
        measured(
            "floci-io/floci#1305",
            "a real PASSWORD_VERIFIER had exactly these five parameters",
        ),
        recording(
            "fixtures/transcripts/2018-01-srp-success.json",
            "PASSWORD_VERIFIER with these five parameters",
        ),
        guide(
            "user-pool-lambda-create-auth-challenge",
            "Create Auth challenge response parameters",
            "the public parameters are for the client app",
        ),
        model(
            "InitiateAuthResponse$ChallengeName",
            "NEW_PASSWORD_REQUIRED comes with requiredAttributes; a custom challenge's parameters are the trigger's",
        ),
        kept(
            "fixtures/transcripts/amplify-ui/force-change-password-with-attributes.json",
            "userAttributes and requiredAttributes are JSON inside strings",
        ),
        issue("floci-io/floci#1316"),
    ],
    check: Rule::requires(shape),
};

/// Which challenges have a Session.
pub(super) const SESSION_PRESENCE: Rule = Rule {
    id: "service.session-presence",
    level: Level::Must,
    party: Party::Service,
    sentence: "PASSWORD_VERIFIER of USER_SRP_AUTH carries no Session; every other challenge carries one.",
    sources: &[
        measured(
            "floci-io/floci#1305",
            "a real PASSWORD_VERIFIER of USER_SRP_AUTH had no Session",
        ),
        measured(
            "ministackorg/ministack#1758",
            "PASSWORD_VERIFIER of USER_SRP_AUTH had no Session",
        ),
        model(
            "InitiateAuthResponse$Session",
            "where another challenge has to be passed the service returns a Session",
        ),
    ],
    check: Rule::requires(session_presence),
};

/// How the values of `PASSWORD_VERIFIER` and `DEVICE_PASSWORD_VERIFIER` are written.
pub(super) const VALUES: Rule = Rule {
    id: "service.values",
    level: Level::Must,
    party: Party::Service,
    sentence: "SRP_B is lower-case hexadecimal of a number between 0 and N, without leading zeros; SALT is lower-case \
               hexadecimal, not negative and without a leading zero octet; SECRET_BLOCK is base64.",
    sources: &[
        measured(
            "floci-io/floci#1305",
            "SALT and SRP_B in lower-case hexadecimal, SECRET_BLOCK in base64",
        ),
        recording(
            "fixtures/transcripts/2018-01-srp-success.json",
            "SALT and SRP_B in lower-case hexadecimal, SECRET_BLOCK in base64",
        ),
        rfc(5054, "2.5.3", "B is a number modulo N"),
        issue("aws-amplify/amplify-js#7618"),
    ],
    check: Rule::requires(values),
};

/// Which names `PASSWORD_VERIFIER` gives.
pub(super) const NAMES: Rule = Rule {
    id: "service.names",
    level: Level::Must,
    party: Party::Service,
    sentence: "USERNAME and USER_ID_FOR_SRP are the same, and are the user's internal name, not an alias that was typed.",
    sources: &[
        model(
            "AdminInitiateAuthResponse$ChallengeParameters",
            "USER_ID_FOR_SRP is the user name, in place of whatever alias was given",
        ),
        measured(
            "ministackorg/ministack#1758",
            "after an e-mail address was typed USER_ID_FOR_SRP was the user name",
        ),
        seen("name-or-alias-typed", "USER_ID_FOR_SRP is the user name"),
        measured(
            "floci-io/floci#1305",
            "a real PASSWORD_VERIFIER had both, with one value",
        ),
        issue("floci-io/floci#1316"),
    ],
    check: Rule::requires(names),
};

fn shape(case: &Case<'_>) -> Verdict {
    each(case.service_views(), "no challenge was asked", |scene| {
        let (answer, name) = scene.challenge()?;
        let none = Parameters::new();
        let parameters = answer.challenge_parameters.as_ref().unwrap_or(&none);
        match name {
            ChallengeName::PasswordVerifier => Some(verifier_shape(scene, parameters)),
            ChallengeName::CustomChallenge => Some(custom_shape(case.facts, scene, parameters)),
            ChallengeName::NewPasswordRequired => {
                Some(new_password_shape(case.facts, scene, parameters))
            }
            _ => None,
        }
    })
}

fn verifier_shape(scene: &ServiceView<'_>, parameters: &Parameters) -> Verdict {
    let sent: BTreeSet<&str> = parameters.keys().map(String::as_str).collect();
    let expected = BTreeSet::from([
        key::SALT,
        key::SECRET_BLOCK,
        key::SRP_B,
        key::USERNAME,
        key::USER_ID_FOR_SRP,
    ]);
    if sent == expected {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), format!("{expected:?}"), format!("{sent:?}"))
    }
}

fn custom_shape(facts: &Facts, scene: &ServiceView<'_>, parameters: &Parameters) -> Verdict {
    if !parameters.contains_key(key::USERNAME) {
        return Verdict::fail(
            scene.index(),
            "USERNAME among the parameters of CUSTOM_CHALLENGE",
            format!("{:?}", parameters.keys().collect::<Vec<_>>()),
        );
    }
    let candidates = public_parameters(facts, scene);
    let shows = |public: &Parameters| {
        public
            .iter()
            .all(|(name, value)| name == key::USERNAME || parameters.get(name) == Some(value))
    };
    match candidates.first() {
        Some(expected) if !candidates.iter().any(shows) => Verdict::fail(
            scene.index(),
            format!("the public parameters {expected:?}"),
            format!("{parameters:?}"),
        ),
        _ => Verdict::Pass,
    }
}

/// What Create said is public; where nobody saw it run, what any round of its script says.
fn public_parameters(facts: &Facts, scene: &ServiceView<'_>) -> Vec<Parameters> {
    let created = scene
        .exchange
        .triggers
        .iter()
        .rev()
        .find(|trigger| trigger.source.starts_with("CreateAuthChallenge"));
    if let Some(trigger) = created {
        let public = trigger.response.get("publicChallengeParameters").cloned();
        return public
            .and_then(|public| serde_json::from_value(public).ok())
            .into_iter()
            .collect();
    }
    let script = facts
        .world()
        .and_then(|world| world.triggers.custom.as_ref());
    script
        .map(|script| {
            script
                .rounds
                .iter()
                .map(|round| round.public.clone())
                .collect()
        })
        .unwrap_or_default()
}

fn new_password_shape(facts: &Facts, scene: &ServiceView<'_>, parameters: &Parameters) -> Verdict {
    let at = scene.index();
    let json = |name: &str| {
        let text = parameters.get(name)?;
        Some((text, serde_json::from_str::<Value>(text).ok()))
    };
    let Some((text, attributes)) = json(key::USER_ATTRIBUTES) else {
        return Verdict::fail(at, "userAttributes", "none");
    };
    if !attributes.is_some_and(|attributes| attributes.is_object()) && !is_redacted(text) {
        return Verdict::fail(at, "userAttributes: a JSON object as text", text);
    }
    let Some((text, required)) = json(key::REQUIRED_ATTRIBUTES) else {
        return Verdict::fail(at, "requiredAttributes", "none");
    };
    if is_redacted(text) {
        return Verdict::NotApplicable("the required attributes are redacted");
    }
    let required: Option<Vec<String>> =
        required.and_then(|required| serde_json::from_value(required).ok());
    let Some(required) = required else {
        return Verdict::fail(
            at,
            "requiredAttributes: a JSON array of strings as text",
            text,
        );
    };
    let lacks_prefix = |name: &&String| !name.starts_with(key::USER_ATTRIBUTES_PREFIX);
    if let Some(bare) = required.iter().find(lacks_prefix) {
        return Verdict::fail(
            at,
            "each required attribute with the prefix userAttributes.",
            bare,
        );
    }
    let Some((world, internal)) = facts.world().zip(
        scene
            .account()
            .and_then(|account| account.internal.as_ref()),
    ) else {
        return Verdict::Pass;
    };
    let user = world.users.iter().find(|user| user.username == *internal);
    let unlisted = world.pool.required_attributes.iter().find(|name| {
        user.is_some_and(|user| !user.attributes.contains_key(*name))
            && !required.contains(&format!("{}{name}", key::USER_ATTRIBUTES_PREFIX))
    });
    match unlisted {
        Some(name) => Verdict::fail(
            at,
            format!("userAttributes.{name}, which the user lacks"),
            text,
        ),
        None => Verdict::Pass,
    }
}

fn session_presence(case: &Case<'_>) -> Verdict {
    each(case.service_views(), "no challenge was asked", |scene| {
        let (answer, name) = scene.challenge()?;
        let has = answer.session.is_some();
        let needs = match (name, scene.flow()) {
            (ChallengeName::PasswordVerifier, Some(AuthFlow::UserSrpAuth)) => false,
            (ChallengeName::PasswordVerifier, Some(AuthFlow::CustomAuth)) => true,
            (ChallengeName::PasswordVerifier, _) => {
                return Some(Verdict::NotApplicable(
                    "the flow that led to PASSWORD_VERIFIER was not seen",
                ));
            }
            _ => true,
        };
        let words = |has: bool| if has { "a Session" } else { "no Session" };
        Some(if has == needs {
            Verdict::Pass
        } else {
            let flow = scene.flow().map(|flow| format!(" in {flow}"));
            let expected = format!("{} with {name}{}", words(needs), flow.unwrap_or_default());
            Verdict::fail(scene.index(), expected, words(has))
        })
    })
}

/// The parameters of a `PASSWORD_VERIFIER` challenge.
fn verifier<'a>(scene: &ServiceView<'a>) -> Option<&'a Parameters> {
    let (answer, name): (&'a AuthResponse, _) = scene.challenge()?;
    (*name == ChallengeName::PasswordVerifier)
        .then_some(answer.challenge_parameters.as_ref())
        .flatten()
}

fn values(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no password and no device had to be proved",
        |scene| {
            let (answer, name): (&AuthResponse, _) = scene.challenge()?;
            let is_about_proof = matches!(
                name,
                ChallengeName::PasswordVerifier | ChallengeName::DevicePasswordVerifier
            );
            let parameters = answer.challenge_parameters.as_ref();
            let parameters = parameters.filter(|_| is_about_proof)?;
            let at = scene.index();
            let value = |name: &str| {
                parameters
                    .get(name)
                    .map(String::as_str)
                    .filter(|value| !is_redacted(value))
            };
            let mut verdict =
                Verdict::NotApplicable("SRP_B, SALT and SECRET_BLOCK are missing or redacted");
            for (sent, wrong) in [
                (value(key::SRP_B), wrong_b as fn(&Facts, &str) -> Option<_>),
                (value(key::SALT), wrong_salt),
                (value(key::SECRET_BLOCK), wrong_block),
            ] {
                let Some(sent) = sent else { continue };
                if let Some(expected) = wrong(case.facts, sent) {
                    return Some(Verdict::fail(at, expected, sent));
                }
                verdict = Verdict::Pass;
            }
            Some(verdict)
        },
    )
}

fn wrong_b(_: &Facts, sent: &str) -> Option<&'static str> {
    match parse_hex(sent) {
        Err(_) => Some("SRP_B in hexadecimal"),
        Ok(b) if b.is_zero() || b >= Group::cognito().n => Some("0 < SRP_B < N"),
        Ok(b) if to_hex(&b) != sent => Some("SRP_B in lower case, without leading zeros"),
        Ok(_) => None,
    }
}

fn wrong_salt(facts: &Facts, sent: &str) -> Option<&'static str> {
    let steered = facts.world().and_then(|world| world.steering.salt.as_ref());
    match parse_hex(sent) {
        Err(_) => Some("SALT in hexadecimal, not negative"),
        // A salt of this kind was asked for, to see how the client reads it.
        Ok(_) if matches!(steered, Some(SaltChoice::Dictated(_))) => None,
        Ok(_) if sent.contains(|digit: char| digit.is_ascii_uppercase()) => {
            Some("SALT in lower case")
        }
        Ok(_)
            if matches!(
                steered,
                Some(SaltChoice::Class(ByteClass::ZeroLow | ByteClass::ZeroZero))
            ) =>
        {
            None
        }
        Ok(_) if sent.starts_with("00") => {
            Some("SALT without a leading zero octet, which clients read in two ways")
        }
        Ok(salt) if salt.is_zero() => Some("a SALT other than 0"),
        Ok(_) => None,
    }
}

fn wrong_block(_: &Facts, sent: &str) -> Option<&'static str> {
    match parse_base64(sent) {
        Ok(block) if !block.is_empty() => None,
        _ => Some("SECRET_BLOCK in base64"),
    }
}

fn names(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no PASSWORD_VERIFIER was asked",
        |scene| {
            let parameters = verifier(scene)?;
            let at = scene.index();
            let (Some(username), Some(user_id)) = (
                parameters.get(key::USERNAME),
                parameters.get(key::USER_ID_FOR_SRP),
            ) else {
                return Some(Verdict::fail(
                    at,
                    "USERNAME and USER_ID_FOR_SRP",
                    format!("{:?}", parameters.keys().collect::<Vec<_>>()),
                ));
            };
            if is_redacted(username) || is_redacted(user_id) {
                return Some(Verdict::NotApplicable("a name is redacted"));
            }
            if username != user_id {
                return Some(Verdict::fail(
                    at,
                    format!("USERNAME = USER_ID_FOR_SRP = {user_id}"),
                    format!("USERNAME = {username}"),
                ));
            }
            let typed = scene.start.and_then(|start| start.parameter(key::USERNAME));
            let aliases = case.facts.world().is_some_and(|world| world.pool.aliases);
            let expected = match &scene.person {
                Person::Known(account) => account.internal.as_deref(),
                Person::Untold | Person::Unknown => None,
            };
            Some(match expected {
                Some(internal) if internal != user_id => {
                    Verdict::fail(at, format!("the internal name {internal}"), user_id)
                }
                None if aliases && typed == Some(user_id.as_str()) => Verdict::fail(
                    at,
                    "an internal name, as this is a pool whose users sign in by aliases",
                    format!("{user_id}, which was typed"),
                ),
                _ => Verdict::Pass,
            })
        },
    )
}
