//! Whether the scenario allows the service's answers as a whole.

use super::proof::{holds, is_fresh};
use super::reason::{Reason, reasons, starts_with_srp};
use crate::expect::Verdict as Course;
use crate::expect::course::By;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::{Facts, injected_a};
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, measured, model};
use crate::srp::{BigUint, Group, parse_hex};
use crate::wire::names::key;
use crate::wire::{AuthFlowType, ChallengeName, InitiateAuth, SignIn};

/// Whether the scenario allows the answers.
pub(super) const ANSWERS: Rule = Rule {
    id: "service.answers",
    level: Level::Must,
    party: Party::Service,
    sentence: "Each answer of the service is one that the scenario allows at that point.",
    sources: &[
        guide(
            "amazon-cognito-user-pools-authentication-flow",
            "User pool authentication flow",
            "a challenge comes until authentication fails or tokens are issued",
        ),
        model(
            "InitiateAuthResponse$ChallengeName",
            "which challenges there are, and whom each is for",
        ),
        guide(
            "cognito-user-pool-managing-errors",
            "User creation and authentication operations",
            "what a user who does not exist is told",
        ),
        measured(
            "ministackorg/ministack#1758",
            "what a real pool answered to right and wrong proofs, names and users",
        ),
    ],
    check: Rule::requires(answers),
};

fn answers(case: &Case<'_>) -> Verdict {
    let Some(scenario) = case.facts.scenario() else {
        return Verdict::NotApplicable("no scenario says what is allowed");
    };
    each(case.course(), "no answer came unaltered", |course| {
        Some(match course {
            Course::Went { answers: 0 } => return None,
            Course::Went { .. } => Verdict::Pass,
            Course::Unjudged(reason) => Verdict::NotApplicable(reason),
            Course::Strayed(strayed) if strayed.by == By::Answer => {
                if scenario.attack.is_none() && !is_right_at(case, strayed.exchange) {
                    return Some(Verdict::NotApplicable(
                        "the request is not what a right client sends",
                    ));
                }
                Verdict::fail(strayed.exchange, &strayed.expected, &strayed.got)
            }
            Course::Strayed(_) => Verdict::Pass,
        })
    })
}

/// Whether a right client would have sent the request of this exchange, so that it is the service who errs.
pub(in crate::rules) fn is_right_at(case: &Case<'_>, exchange: Option<usize>) -> bool {
    case.service_views()
        .iter()
        .find(|view| view.index() == exchange)
        .is_some_and(|view| is_right_request(case.facts, view))
}

/// Whether a right client would have sent this request, so that it is the service who errs.
fn is_right_request(facts: &Facts, scene: &ServiceView<'_>) -> bool {
    let Some(call) = scene.call else {
        return true;
    };
    let sent = |name: &str| scene.exchange.parameter(name);
    if let Some(request) = scene.exchange.initiate() {
        let is_wrong = reasons(facts, scene).is_some_and(|reasons| {
            reasons.contains(&Reason::WrongHash)
                || reasons.contains(&Reason::MissingHash)
                || reasons.contains(&Reason::NeedlessHash)
                || reasons.contains(&Reason::Parameter)
                || reasons.contains(&Reason::Client)
                || reasons.contains(&Reason::Form)
                || reasons.contains(&Reason::LockOut)
        });
        let is_flow = facts.flow().is_none_or(|flow| {
            // Without a password some ports start the custom flow without SRP.
            let has_none = call.password.as_ref().is_none_or(String::is_empty);
            flow.auth_flow() == request.auth_flow
                && (flow != AuthFlowType::UserAuth || begins_as_wished(call, request))
                && (flow.has_srp() == starts_with_srp(request) || flow.has_srp() && has_none)
        });
        return !is_wrong
            && is_flow
            && sent(key::USERNAME) == Some(call.username.as_str())
            && sent(key::PASSWORD).is_none_or(|sent| Some(sent) == call.password.as_deref());
    }
    let Some(reasons) = reasons(facts, scene) else {
        return true;
    };
    let of_others = [
        Reason::User,
        Reason::Status,
        Reason::Triggers,
        Reason::Password,
    ];
    if reasons.iter().any(|reason| !of_others.contains(reason)) {
        return false;
    }
    if scene.answers(&ChallengeName::PasswordVerifier) {
        let is_wrong_password = facts.given_password(scene.call)
            != scene
                .account()
                .and_then(|account| account.password.as_deref());
        return is_fresh(facts, scene)
            && (is_wrong_password
                || holds(facts, scene).unwrap_or_else(|| injected_a(call).is_some()));
    }
    if scene.answers(&ChallengeName::DeviceSrpAuth) {
        return true;
    }
    if scene.answers(&ChallengeName::DevicePasswordVerifier) {
        // Whether the device's claim is right is another rule's matter.
        return false;
    }
    let Some(given) = scene.given else {
        return true;
    };
    let answer = Some(given.challenge_response.as_str());
    if scene.answers(&ChallengeName::CustomChallenge) {
        return sent(key::ANSWER) == answer;
    }
    let has_attributes = given.user_attributes.iter().all(|(name, value)| {
        sent(&format!("{}{name}", key::USER_ATTRIBUTES_PREFIX)) == Some(value)
    });
    sent(key::NEW_PASSWORD) == answer && has_attributes
}

/// Whether a request of `USER_AUTH` brings the first factor that was wished for, and what that factor begins with.
fn begins_as_wished(call: &SignIn, request: &InitiateAuth) -> bool {
    let sent = |name: &str| request.auth_parameters.get(name);
    let wished = call.preferred_challenge.as_ref();
    let begins = match wished {
        Some(ChallengeName::Password) => sent(key::PASSWORD) == call.password.as_ref(),
        Some(ChallengeName::PasswordSrp) => sent(key::SRP_A)
            .and_then(|a| parse_hex(a).ok())
            .is_some_and(|a| a % Group::cognito().n != BigUint::ZERO),
        _ => true,
    };
    begins
        && sent(key::PREFERRED_CHALLENGE).map(String::as_str) == wished.map(ChallengeName::as_str)
}
