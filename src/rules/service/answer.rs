//! Whether the scenario allows the service's answers as a whole.

use super::proof::{holds, is_fresh};
use super::reason::{Reason, reasons, starts_with_srp};
use crate::expect::{By, Verdict as Course};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::{Facts, injected_a};
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, measured, model};
use crate::srp::{BigUint, Group, parse_hex};
use crate::wire::names::key;
use crate::wire::{AuthFlow, AuthFlowType, ChallengeName, InitiateAuth, NextStep, SignIn};

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
                let requests = requests_to(case, strayed.exchange);
                if scenario.attack.is_none() && requests != Requests::Right {
                    return Some(Verdict::NotApplicable(
                        "the requests may not be what a right client sends",
                    ));
                }
                Verdict::fail(strayed.exchange, &strayed.expected, &strayed.got)
            }
            Course::Strayed(_) => Verdict::Pass,
        })
    })
}

/// What can be said of the requests that led to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) enum Requests {
    /// A right client would have sent each of them, so that it is the service who errs.
    Right,
    /// Whether one of them is right can't be told here: nobody is accused.
    Unsure,
    /// A right client would not have sent one of them.
    Wrong,
}

/// What can be said of the requests of a sign-in up to this exchange. A wrong one may be answered as if it were right, and only
/// what comes after it goes astray.
pub(in crate::rules) fn requests_to(case: &Case<'_>, exchange: Option<usize>) -> Requests {
    let views = case.service_views();
    let Some(at) = views.iter().position(|view| view.index() == exchange) else {
        return Requests::Unsure;
    };
    let is_same_sign_in = |view: &&ServiceView<'_>| match (view.call, views[at].call) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    };
    views[..=at]
        .iter()
        .filter(is_same_sign_in)
        .filter(|view| view.exchange.is_of_sign_in())
        .map(|view| of_request(case.facts, view))
        .max()
        .unwrap_or(Requests::Unsure)
}

fn of_request(facts: &Facts, scene: &ServiceView<'_>) -> Requests {
    let Some(call) = scene.call else {
        return Requests::Right;
    };
    let reasons = reasons(facts, scene).unwrap_or_default();
    let is_right = match scene.exchange.initiate() {
        Some(request) => starts_rightly(facts, scene, call, request),
        None => answers_rightly(facts, scene, call),
    };
    let is_wrong = reasons.iter().any(|reason| {
        matches!(
            reason,
            Reason::WrongHash
                | Reason::MissingHash
                | Reason::NeedlessHash
                | Reason::Parameter
                | Reason::Client
                | Reason::Form
        ) || scene.exchange.initiate().is_none()
            && matches!(
                reason,
                Reason::Challenge | Reason::Session | Reason::Name | Reason::Block | Reason::Time
            )
    });
    // Which device a port has, for how long somebody is locked out, and what else may be sent is not settled here.
    let is_open = [Reason::Device, Reason::LockOut, Reason::OtherFlow]
        .iter()
        .any(|reason| reasons.contains(reason));
    match (is_wrong, is_right) {
        (true, _) | (_, Some(false)) => Requests::Wrong,
        (false, None) => Requests::Unsure,
        (false, Some(true)) if is_open => Requests::Unsure,
        (false, Some(true)) => Requests::Right,
    }
}

/// Whether a first request is that of the call.
fn starts_rightly(
    facts: &Facts,
    scene: &ServiceView<'_>,
    call: &SignIn,
    request: &InitiateAuth,
) -> Option<bool> {
    let sent = |name: &str| scene.exchange.parameter(name);
    let is_flow = call.auth_flow_type.or(facts.flow()).is_none_or(|flow| {
        // Without a password some ports start the custom flow without SRP.
        let has_none = call.password.as_ref().is_none_or(String::is_empty);
        flow.auth_flow() == request.auth_flow
            && (flow != AuthFlowType::UserAuth || begins_as_wished(call, request))
            && (flow.has_srp() == starts_with_srp(request) || flow.has_srp() && has_none)
    });
    // A in a flow that does not begin with it.
    let has_lonely_a = request.auth_flow == AuthFlow::CustomAuth
        && sent(key::SRP_A).is_some()
        && !starts_with_srp(request);
    Some(
        is_flow
            && !has_lonely_a
            && sent(key::USERNAME) == Some(call.username.as_str())
            && sent(key::PASSWORD).is_none_or(|sent| Some(sent) == call.password.as_deref()),
    )
}

/// Whether an answer to a challenge says what the person said, or proves what was typed.
fn answers_rightly(facts: &Facts, scene: &ServiceView<'_>, call: &SignIn) -> Option<bool> {
    let sent = |name: &str| scene.exchange.parameter(name);
    if scene.answers(&ChallengeName::PasswordVerifier) {
        let right = scene
            .account()
            .and_then(|account| account.password.as_deref());
        if !is_fresh(facts, scene) {
            return Some(false);
        }
        // Over another password no claim holds, right or wrong.
        if scene.password != right {
            return Some(true);
        }
        return holds(facts, scene).or_else(|| injected_a(call).map(|_| true));
    }
    if scene.answers(&ChallengeName::DeviceSrpAuth) {
        return Some(true);
    }
    if scene.answers(&ChallengeName::DevicePasswordVerifier) {
        // Whether the device's claim is right is another rule's matter.
        return None;
    }
    let Some(given) = scene.given else {
        return Some(true);
    };
    let challenge = &scene.exchange.respond()?.challenge_name;
    if is_misled(scene.shown, challenge) {
        // What the person said is about something else.
        return None;
    }
    let answer = Some(given.challenge_response.as_str());
    match challenge {
        ChallengeName::CustomChallenge | ChallengeName::SelectMfaType => {
            return Some(sent(key::ANSWER) == answer);
        }
        ChallengeName::NewPasswordRequired => {}
        // How a choice of a first factor or a set-up travels is other rules' matter.
        other => return Some(sent(other.code_key()?) == answer),
    }
    let has_attributes = given.user_attributes.iter().all(|(name, value)| {
        sent(&format!("{}{name}", key::USER_ATTRIBUTES_PREFIX)) == Some(value)
    });
    Some(sent(key::NEW_PASSWORD) == answer && has_attributes)
}

/// Whether the person was asked another question than the challenge's, where that shows.
fn is_misled(shown: Option<&NextStep>, challenge: &ChallengeName) -> bool {
    let asks_custom = matches!(
        shown,
        Some(NextStep::ConfirmSignInWithCustomChallenge { .. })
    );
    let asks_new_password = matches!(shown, Some(NextStep::ConfirmSignInWithNewPassword { .. }));
    asks_custom != (*challenge == ChallengeName::CustomChallenge)
        || asks_new_password != (*challenge == ChallengeName::NewPasswordRequired)
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
