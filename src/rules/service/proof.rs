//! The arithmetic of B and of the claim.

use num_bigint::BigUint;
use num_traits::Zero;

use super::reason::{Reason, reasons};
use crate::mistakes::{self, VerifierForm};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::Person;
use crate::rules::evidence::facts::{Facts, injected_a, private_number};
use crate::rules::evidence::service_view::{ServiceView, is_generic};
use crate::rules::evidence::trace::{ExchangeTrace, is_redacted};
use crate::rules::rule::{Finding, Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue, measured, recording, rfc, sample, seen};
use crate::srp::{
    self, ClaimInput, Credentials, Dialect, Group, PoolId, Salt, Timestamp, parse_base64, parse_hex,
};
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind};

/// What `SRP_B` is.
pub(super) const PUBLIC_VALUE: Rule = Rule {
    id: "service.b",
    level: Level::Must,
    party: Party::Service,
    sentence: "SRP_B is k·v + g^b for the verifier of the user's password, with Cognito's k and x.",
    sources: &[
        rfc(5054, "2.5.3", "B is k·v + g^b modulo N"),
        sample(
            "utils/SRPUtils.java",
            "what k and x are, from which the client's side follows",
        ),
        recording(
            "fixtures/vectors/cognito-net-known-claim.json",
            "a claim over a B of the service that worked with k and x of this form",
        ),
        issue("faiscadev/fakecloud#2389"),
        issue("floci-io/floci#358"),
        issue("floci-io/floci#912"),
    ],
    check: Rule::requires(public_value),
};

/// Which proofs are accepted.
pub(super) const PROOF: Rule = Rule {
    id: "service.proof",
    level: Level::Must,
    party: Party::Service,
    sentence: "A right proof is accepted; a wrong one, or any of an unknown user, is refused with NotAuthorizedException \
               \"Incorrect username or password.\".",
    sources: &[
        measured(
            "ministackorg/ministack#1758",
            "a wrong password, signature or secret block: NotAuthorizedException \"Incorrect username or password.\"; \
             a right proof: tokens",
        ),
        seen(
            "wrong-proofs",
            "NotAuthorizedException \"Incorrect username or password.\"",
        ),
        guide(
            "cognito-user-pool-managing-errors",
            "User creation and authentication operations",
            "a proof for somebody who does not exist gets the generic NotAuthorizedException",
        ),
        issue("getmoto/moto#7562"),
        issue("floci-io/floci#284"),
    ],
    check: Rule::requires(proof),
};

/// Whether the claim of an answer to `PASSWORD_VERIFIER` is that of the right password, over what the service sent;
/// `None` when it can't be computed.
pub(super) fn holds(facts: &Facts, scene: &ServiceView<'_>) -> Option<bool> {
    let account = match &scene.person {
        Person::Untold => return None,
        Person::Unknown => return Some(false),
        Person::Known(account) => account,
    };
    let Some(password) = &account.password else {
        return Some(false);
    };
    if scene.password.is_some_and(|given| given != password) {
        // No claim over another password can hold, whatever the rest.
        return Some(false);
    }
    if sent_a(scene).is_some_and(|a_pub| (a_pub % Group::cognito().n).is_zero()) {
        // With A = 0 S is 0 whatever the password, so that a claim proves nothing.
        return Some(false);
    }
    let sent = scene.exchange.parameter(key::PASSWORD_CLAIM_SIGNATURE)?;
    let Ok(signature) = parse_base64(sent) else {
        return Some(false);
    };
    let scope = PoolId::parse(facts.pool_id()?).ok()?.name().to_owned();
    let user = scene
        .asked_parameter(key::USER_ID_FOR_SRP)
        .or_else(|| scene.asked_parameter(key::USERNAME))?;
    let block = parse_base64(scene.asked_parameter(key::SECRET_BLOCK)?).ok()?;
    let timestamp = scene.exchange.parameter(key::TIMESTAMP)?;
    let credentials = Credentials {
        scope: &scope,
        user,
        password: password.as_bytes(),
    };
    let key = of_client(scene, &credentials).or_else(|| of_pool(scene))?;
    let input = ClaimInput {
        scope: &scope,
        user,
        secret_block: &block,
        timestamp,
    };
    Some(srp::claim(&key, &input).signature == signature)
}

/// The key by the client's side, where its private value is known. It is what a right client has, whatever the service
/// made of k and x.
fn of_client(scene: &ServiceView<'_>, credentials: &Credentials<'_>) -> Option<Vec<u8>> {
    let a = injected_a(scene.call?)?;
    let salt = Salt::from_hex(scene.asked_parameter(key::SALT)?).ok()?;
    let b_pub = parse_hex(scene.asked_parameter(key::SRP_B)?).ok()?;
    let session = srp::client_session(&Dialect::cognito(), credentials, &a, &salt, &b_pub).ok()?;
    (session.a_pub == sent_a(scene)?).then_some(session.key)
}

/// The key by the service's side, where the pool tells.
fn of_pool(scene: &ServiceView<'_>) -> Option<Vec<u8>> {
    let PoolNote::Srp {
        v, b, real: true, ..
    } = scene.asked?.srp_note()?
    else {
        return None;
    };
    let (v, b) = (private_number(v)?, private_number(b)?);
    let session = srp::server_session(&Dialect::cognito(), &v, &b, &sent_a(scene)?).ok()?;
    Some(session.key)
}

fn sent_a(scene: &ServiceView<'_>) -> Option<BigUint> {
    // Where SRP is chosen as first factor, it comes with the choice.
    let exchanges = [Some(scene.exchange), scene.asked, scene.start];
    let begins = |exchange: &&ExchangeTrace<'_>| exchange.begins_srp();
    let mut sent = exchanges.into_iter().flatten().filter(begins);
    let a = sent.find_map(|exchange| exchange.parameter(key::SRP_A))?;
    parse_hex(a).ok()
}

fn public_value(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no PASSWORD_VERIFIER was asked",
        |scene| {
            let (answer, name) = scene.challenge()?;
            if *name != ChallengeName::PasswordVerifier {
                return None;
            }
            let unknown = Verdict::NotApplicable("the service does not tell b and v");
            let Some(PoolNote::Srp { v, b, real, .. }) = scene.exchange.srp_note() else {
                return Some(unknown);
            };
            let (Some(v), Some(b)) = (private_number(v), private_number(b)) else {
                return Some(Verdict::NotApplicable(
                    "what the service tells of b and v are no numbers of at most 8,192 bits",
                ));
            };
            let value = |name: &str| answer.challenge_parameters.as_ref()?.get(name);
            let sent = value(key::SRP_B)?;
            let at = scene.index();
            let expected = srp::server_public(&Dialect::cognito(), &v, &b);
            if parse_hex(sent).as_ref() != Ok(&expected) {
                let explained = explain(|form| {
                    parse_hex(sent)
                        .is_ok_and(|sent| srp::server_public(&form.dialect, &v, &b) == sent)
                });
                return Some(found(
                    at,
                    format!("SRP_B = {}", srp::to_hex(&expected)),
                    sent,
                    explained,
                ));
            }
            // After an answer that was altered, nobody knows which password the service has by now.
            let account = scene.account().filter(|_| *real && scene.is_clean);
            let (Some(password), Some(pool_id), Some(user), Some(salt)) = (
                account.and_then(|account| account.password.as_ref()),
                case.facts.pool_id(),
                value(key::USER_ID_FOR_SRP).or_else(|| value(key::USERNAME)),
                value(key::SALT).and_then(|salt| Salt::from_hex(salt).ok()),
            ) else {
                return Some(Verdict::Pass);
            };
            let name = PoolId::parse(pool_id).ok()?.name().to_owned();
            let verifier = |dialect: &Dialect, scope: &str| {
                let credentials = Credentials {
                    scope,
                    user,
                    password: password.as_bytes(),
                };
                srp::verifier(dialect, &credentials, &salt)
            };
            let expected = verifier(&Dialect::cognito(), &name);
            if expected == v {
                return Some(Verdict::Pass);
            }
            let explained = explain(|form| {
                let scope = if form.whole_pool_id { pool_id } else { &name };
                verifier(&form.dialect, scope) == v
            });
            Some(found(
                at,
                format!("v = {}", srp::to_hex(&expected)),
                &format!("v = {}", srp::to_hex(&v)),
                explained,
            ))
        },
    )
}

/// The mistake of a service under which what was sent comes out.
fn explain(matches: impl Fn(&VerifierForm) -> bool) -> Option<&'static str> {
    mistakes::all()
        .find(|mistake| mistake.verifier_form().is_some_and(|form| matches(&form)))
        .map(|mistake| mistake.id)
}

fn found(at: Option<usize>, expected: String, got: &str, explained: Option<&str>) -> Verdict {
    Finding::new(at, expected, got)
        .explained_by(explained)
        .into()
}

fn proof(case: &Case<'_>) -> Verdict {
    let scenes = case.service_views();
    each(
        scenes.iter().enumerate(),
        "no claim was made",
        |(at, scene)| {
            if !scene.answers(&ChallengeName::PasswordVerifier) {
                return None;
            }
            if !scene.is_clean && !is_undisturbed(&scenes[..at], scene) {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let Some(reasons) = reasons(case.facts, scene) else {
                return Some(Verdict::NotApplicable(
                    "whether the claim is right is not known",
                ));
            };
            let sent = scene.exchange.parameters()?;
            if sent.values().any(|value| is_redacted(value)) {
                return Some(Verdict::NotApplicable("the claim is redacted"));
            }
            let Some(holds) = holds(case.facts, scene) else {
                return Some(Verdict::NotApplicable(
                    "neither a nor the service's b is known",
                ));
            };
            let is_repeated = is_repeated(&scenes[..at], scene);
            if !holds {
                let is_only_reason =
                    !is_repeated && reasons.iter().all(|reason| *reason == Reason::User);
                return Some(refused(scene, is_only_reason));
            }
            if !reasons.is_empty() || !scene.account()?.may_prove() {
                return Some(Verdict::NotApplicable(
                    "the claim is right, and there is another reason to refuse it",
                ));
            }
            if is_repeated || !is_fresh(case.facts, scene) {
                return Some(Verdict::NotApplicable(
                    "whether an old time or a used secret block is accepted is not established",
                ));
            }
            Some(if is_accepted(scene) {
                Verdict::Pass
            } else {
                Verdict::fail(scene.index(), "the right proof accepted", scene.told())
            })
        },
    )
}

/// Whether what was altered before hides nothing: the start of another sign-in by SRP changes nothing about the user.
fn is_undisturbed(before: &[ServiceView<'_>], scene: &ServiceView<'_>) -> bool {
    let altered =
        |exchange: &ExchangeTrace<'_>| exchange.is_altered() || exchange.response.is_none();
    let own = [Some(scene.exchange), scene.asked, scene.start];
    let mut others = before.iter().filter(|other| altered(other.exchange));
    !own.into_iter().flatten().any(altered)
        && others.all(|other| other.starts(&AuthFlow::UserSrpAuth))
}

fn refused(scene: &ServiceView<'_>, is_only_reason: bool) -> Verdict {
    let expected =
        "a refusal of the wrong proof: NotAuthorizedException \"Incorrect username or password.\"";
    let is_right = !is_accepted(scene)
        && scene
            .error()
            .is_some_and(|error| !is_only_reason || is_generic(error));
    if is_right {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), expected, scene.told())
    }
}

/// Whether the proof was taken for right. A trigger that decides afterwards may still end the sign-in.
fn is_accepted(scene: &ServiceView<'_>) -> bool {
    let is_of_trigger = |kind: &ErrorKind| {
        matches!(
            kind,
            ErrorKind::UserLambdaValidation
                | ErrorKind::InvalidLambdaResponse
                | ErrorKind::UnexpectedLambda
        )
    };
    let is_reported_as_right = scene.exchange.triggers.iter().any(|trigger| {
        let last = trigger
            .event
            .pointer("/request/session")
            .and_then(|session| {
                session
                    .as_array()?
                    .last()?
                    .get("challengeResult")?
                    .as_bool()
            });
        trigger.source.starts_with("DefineAuthChallenge") && last == Some(true)
    });
    scene.succeeded()
        || is_reported_as_right
        || scene
            .error()
            .is_some_and(|error| is_of_trigger(&error.kind))
}

/// Whether the secret block was answered before. Whether it is good for a second answer is not established.
fn is_repeated(earlier: &[ServiceView<'_>], scene: &ServiceView<'_>) -> bool {
    let block = scene.exchange.parameter(key::PASSWORD_CLAIM_SECRET_BLOCK);
    block.is_some()
        && earlier
            .iter()
            .any(|before| before.exchange.parameter(key::PASSWORD_CLAIM_SECRET_BLOCK) == block)
}

/// Whether the time of the claim is surely within the service's tolerance.
pub(super) fn is_fresh(facts: &Facts, scene: &ServiceView<'_>) -> bool {
    let Some(now) = facts.clock_of(scene.call) else {
        return true;
    };
    let sent = scene.exchange.parameter(key::TIMESTAMP);
    sent.and_then(|text| Timestamp::parse(text).ok())
        .is_some_and(|parsed| (parsed.unix - now).abs() <= SURELY_FRESH_SECONDS)
}

/// The service's tolerance is not public; nobody reports a refusal within this many seconds.
const SURELY_FRESH_SECONDS: i64 = 60;
