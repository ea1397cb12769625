//! How long and how often a Session is good.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::model::{bounds, fits};
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::service::reason::{Reason, reasons, refusal};
use crate::rules::source::{issue, model, observed, seen};
use crate::wire::{AuthFlow, ChallengeName, ErrorKind};

/// How long and how often a Session is good.
pub(in crate::rules::service) const SESSION_LIFE: Rule = Rule {
    id: "service.session-life",
    level: Level::Must,
    party: Party::Service,
    sentence: "Each step has a new Session, as long as the service model allows; one that was answered with success, or was never given \
               out, is refused with NotAuthorizedException.",
    sources: &[
        model("SessionType", "20 to 4,096 characters"),
        seen(
            "session-used-again",
            "NotAuthorizedException \"Invalid session for the user, session can only be used once.\"",
        ),
        observed(
            "foreign-session",
            "NotAuthorizedException \"Invalid session for the user.\"",
        ),
        issue("aws-amplify/amplify-js#5834"),
    ],
    check: Rule::requires(session_life),
};

fn session_life(case: &Case<'_>) -> Verdict {
    let scenes = case.service_views();
    each(
        scenes.iter().enumerate(),
        "no Session was given out, and none was sent",
        |(at, scene)| {
            let earlier = &scenes[..at];
            match (
                of_request(case.facts, earlier, scene),
                of_answer(earlier, scene),
            ) {
                (Some(verdict @ Verdict::Fail(_)), _) => Some(verdict),
                (of_request, None) => of_request,
                (_, of_answer) => of_answer,
            }
        },
    )
}

/// The Session of the answer: its length, and that it is new.
fn of_answer(earlier: &[ServiceView<'_>], scene: &ServiceView<'_>) -> Option<Verdict> {
    let (answer, _) = scene.challenge()?;
    let session = answer.session.as_ref()?;
    if is_redacted(session) {
        return Some(Verdict::NotApplicable("the Session is redacted"));
    }
    if !fits(SESSION, session) {
        let (least, most) = bounds(SESSION);
        let [least, most] = [least, most].map(Option::unwrap_or_default);
        return Some(Verdict::fail(
            scene.index(),
            format!("a Session of {least} to {most} characters"),
            format!("{} characters", session.chars().count()),
        ));
    }
    if given_out(earlier).any(|before| before == session) {
        return Some(Verdict::fail(
            scene.index(),
            "a new Session",
            "one that an earlier answer had",
        ));
    }
    Some(Verdict::Pass)
}

/// The Session of the request: whether it may be used.
fn of_request(
    facts: &Facts,
    earlier: &[ServiceView<'_>],
    scene: &ServiceView<'_>,
) -> Option<Verdict> {
    let request = scene.exchange.respond()?;
    let session = request.session.as_ref()?;
    // In a recording, where a Session came from may not be part of it.
    facts.scenario()?;
    if !scene.is_clean {
        return Some(Verdict::NotApplicable("an answer was altered"));
    }
    if request.challenge_name == ChallengeName::PasswordVerifier
        && scene.flow() != Some(&AuthFlow::CustomAuth)
    {
        return Some(Verdict::NotApplicable(
            "whether PASSWORD_VERIFIER of USER_SRP_AUTH may be answered with a Session is not established",
        ));
    }
    if !fits(SESSION, session) {
        return Some(refusal(scene, "a refusal of the Session", true, |_, _| {
            true
        }));
    }
    let is_used = earlier.iter().any(|before| {
        before.succeeded()
            && before
                .exchange
                .respond()
                .and_then(|request| request.session.as_ref())
                == Some(session)
    });
    // A wrong secret hash or a missing parameter is told before a Session is looked at, or after: that is not known.
    let only_reason = reasons(facts, scene)?.iter().all(|reason| {
        matches!(
            reason,
            Reason::Session | Reason::Challenge | Reason::Block | Reason::Name
        )
    });
    if is_used {
        let expected = "NotAuthorizedException \"Invalid session for the user, session can only be used once.\"";
        return Some(refusal(scene, expected, !only_reason, is_of_session));
    }
    if !given_out(earlier).any(|before| before == session) {
        let expected = "NotAuthorizedException \"Invalid session for the user.\"";
        return Some(refusal(scene, expected, !only_reason, is_of_session));
    }
    None
}

fn is_of_session(kind: &ErrorKind, message: &str) -> bool {
    *kind == ErrorKind::NotAuthorized && message.starts_with("Invalid session for the user")
}

fn given_out<'a>(earlier: &'a [ServiceView<'_>]) -> impl Iterator<Item = &'a String> {
    earlier
        .iter()
        .filter_map(|before| before.exchange.answer.as_ref()?.session.as_ref())
}

const SESSION: &str = "SessionType";
