//! Whether the scenario allows the service's answers as a whole.

use super::proof::{holds, is_fresh};
use super::reason::{Reason, reasons, starts_with_srp};
use super::scene::{Scene, scenes};
use crate::expect::Path;
use crate::expect::expectation::{Ended, Final};
use crate::rules::evidence::facts::{Facts, injected_a};
use crate::rules::evidence::trace::{CallTrace, SignInTrace, Trace};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, measured, model};
use crate::scenario::{Act, AnswerChoice, Scenario, UserKind};
use crate::wire::names::key;
use crate::wire::{Call, ChallengeName, ErrorKind, NextStep, Operation, Reply};

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

fn answers(facts: &Facts, trace: &Trace) -> Verdict {
    let (Some(scenario), Some(expectation)) = (&facts.scenario, &facts.expectation) else {
        return Verdict::NotApplicable("no scenario says what is allowed");
    };
    let scenes = scenes(facts, trace);
    each(
        expectation.sign_ins.iter().enumerate(),
        "no answer came unaltered",
        |(at, paths)| {
            let mut before = trace.sign_ins.iter().take(at).enumerate();
            if before.any(|(at, sign_in)| failed_to_reset(scenario, at, sign_in)) {
                return Some(Verdict::NotApplicable(
                    "a reset before it did not come to what the scenario says, by whose fault ever",
                ));
            }
            let mut before = trace.sign_ins.iter().zip(&expectation.sign_ins).take(at);
            if before.any(|(sign_in, paths)| !went_as_expected(sign_in, paths)) {
                return Some(Verdict::NotApplicable(
                    "a sign-in before it went another way, by whose fault ever",
                ));
            }
            let scenes: Vec<&Scene<'_>> = scenes
                .iter()
                .filter(|scene| scene.sign_in == at && !scene.is_later)
                .filter(|scene| scene.exchange.is_of_sign_in())
                .collect();
            of_sign_in(facts, scenario, paths, &scenes)
        },
    )
}

/// Whether a sign-in went one of the ways that its scenario allows, so that the next one begins where it should.
fn went_as_expected(sign_in: &SignInTrace, paths: &[Path]) -> bool {
    let made = sign_in.requests();
    let ended = sign_in.ended();
    paths.iter().any(|path| {
        path.allows_requests(&made) && ended.as_ref().is_some_and(|ended| path.end.allows(ended))
    })
}

/// Whether a reset after this sign-in left the user as before, or the application with a wrong belief about it.
fn failed_to_reset(scenario: &Scenario, at: usize, sign_in: &SignInTrace) -> bool {
    let may_reset = matches!(
        scenario.user,
        UserKind::Confirmed | UserKind::ResetRequired | UserKind::InOldDirectory
    );
    let has_code = scenario
        .then
        .split(|act| act.sign_in().is_some())
        .nth(at)
        .into_iter()
        .flatten()
        .any(|act| matches!(act, Act::ResetPassword(reset) if reset.code == AnswerChoice::Right));
    let confirmed = || {
        let calls = sign_in.later.iter();
        calls.filter(|call| matches!(call.call, Some(Call::ConfirmResetPassword(_))))
    };
    let is_set = |call: &CallTrace| {
        call.exchanges.iter().any(|exchange| {
            exchange.operation == Some(Operation::ConfirmForgotPassword)
                && exchange
                    .response
                    .as_ref()
                    .is_some_and(|response| response.status == 200)
        })
    };
    let is_mistaken = confirmed().any(|call| is_set(call) != (call.reply == Some(Reply::Empty)));
    is_mistaken || may_reset && has_code && !confirmed().any(is_set)
}

fn of_sign_in(
    facts: &Facts,
    scenario: &Scenario,
    paths: &[Path],
    scenes: &[&Scene<'_>],
) -> Option<Verdict> {
    let mut made: Vec<String> = Vec::new();
    let mut verdict = None;
    for scene in scenes {
        if !scene.is_clean {
            return verdict.or(Some(Verdict::NotApplicable("an answer was altered")));
        }
        made.push(scene.exchange.words());
        if !paths.iter().any(|path| path.requests.starts_with(&made)) {
            // The client went another way than the service's last answer led, or the service led it astray, and the rule
            // has said so already.
            return verdict;
        }
        if !is_allowed(paths, &made, scene) {
            if scenario.attack.is_none() && !is_right_request(facts, scene) {
                return Some(Verdict::NotApplicable(
                    "the request is not what a right client sends",
                ));
            }
            return Some(Verdict::fail(
                scene.index(),
                listed(paths, &made),
                scene.told(),
            ));
        }
        verdict = Some(Verdict::Pass);
    }
    verdict
}

/// Whether the answer to the last of these requests leads on, or ends, as some path does.
fn is_allowed(paths: &[Path], made: &[String], scene: &Scene<'_>) -> bool {
    if let Some((_, name)) = scene.challenge() {
        let mut led = made.to_vec();
        led.push(format!("RespondToAuthChallenge {name}"));
        return paths.iter().any(|path| {
            path.requests.starts_with(&led)
                // Our client stops here of its own accord.
                || path.requests == made && path.end == Final::OwnError
        });
    }
    let Some(ends) = ends(scene) else {
        return false;
    };
    paths
        .iter()
        .filter(|path| path.requests == made)
        .any(|path| ends.iter().any(|end| path.end.allows(end)))
        || goes_on_after_error(paths, made, scene)
}

/// A wrong code may be followed by another, and a device that the service has forgotten by the sign-in without it. An attack
/// that sends a request twice goes on after whatever the first brought.
fn goes_on_after_error(paths: &[Path], made: &[String], scene: &Scene<'_>) -> bool {
    let is_code = scene
        .error()
        .is_some_and(|error| error.kind == ErrorKind::CodeMismatch);
    let tries_again = |path: &Path| {
        let next = path.requests.get(made.len());
        path.requests.starts_with(made)
            && next.is_some_and(|next| {
                let is_same = Some(next) == made.last();
                is_code && is_same
                    || scene.exchange.misses_device()
                        && (is_same || next.starts_with("InitiateAuth"))
            })
    };
    if paths.iter().any(tries_again) {
        return true;
    }
    let repeats = |path: &Path| {
        path.requests.len() == made.len() + 1
            && path.requests.starts_with(made)
            && path.requests.last() == made.last()
    };
    scene.exchange.respond().is_some() && paths.iter().any(repeats)
}

/// How a right port's call may end after this answer.
fn ends(scene: &Scene<'_>) -> Option<Vec<Ended>> {
    if scene.tokens().is_some() {
        return Some(vec![Ended::Step(NextStep::Done)]);
    }
    let error = scene.error()?;
    let mut ends = vec![Ended::ServiceError(
        error.kind.clone(),
        error.message.clone(),
    )];
    match error.kind {
        ErrorKind::UserNotConfirmed => ends.push(Ended::Step(NextStep::ConfirmSignUp)),
        ErrorKind::PasswordResetRequired => ends.push(Ended::Step(NextStep::ResetPassword)),
        _ => {}
    }
    Some(ends)
}

/// Whether a right client would have sent this request, so that it is the service who errs.
fn is_right_request(facts: &Facts, scene: &Scene<'_>) -> bool {
    let Some(call) = scene.call else {
        return true;
    };
    // What a later sign-in is owed depends on which device the port has confirmed and names. Rules of their own judge that.
    let tracks_devices = facts
        .scenario
        .as_ref()
        .is_some_and(|scenario| scenario.devices.is_some());
    if tracks_devices && scene.sign_in > 0 {
        return false;
    }
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
        let is_flow = facts.flow.known().is_none_or(|flow| {
            // Without a password some ports start the custom flow without SRP.
            let has_none = call.password.as_ref().is_none_or(String::is_empty);
            flow.auth_flow() == request.auth_flow
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

fn listed(paths: &[Path], made: &[String]) -> String {
    let mut allowed: Vec<String> = paths
        .iter()
        .filter(|path| path.requests.starts_with(made))
        .map(|path| match path.requests.get(made.len()) {
            Some(next) => format!("what leads to {next}"),
            None => path.end.to_string(),
        })
        .collect();
    allowed.sort();
    allowed.dedup();
    allowed.join(" or ")
}
