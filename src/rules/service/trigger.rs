//! When Define, Create and Verify run, and what they are told of the rounds so far.

use serde_json::Value;

use super::reason::starts_with_srp;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue, measured};
use crate::wire::event::TriggerCall;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind};

/// When Define, Create and Verify run.
pub(super) const TRIGGER_ORDER: Rule = Rule {
    id: "service.trigger-order",
    level: Level::Must,
    party: Party::Service,
    sentence: "In CUSTOM_AUTH Define runs first, with an empty session array or SRP_A in it, and again after each round, which \
               adds one element; Verify runs before it for a custom answer, Create after it for a custom challenge only.",
    sources: &[
        guide(
            "user-pool-lambda-define-auth-challenge",
            "Define Auth challenge Lambda trigger",
            "the session array has all challenges so far with their results; with SRP it begins with SRP_A",
        ),
        guide(
            "user-pool-lambda-create-auth-challenge",
            "Create Auth challenge Lambda trigger",
            "runs after Define, if that asks for a custom challenge",
        ),
        guide(
            "user-pool-lambda-verify-auth-challenge-response",
            "Verify Auth challenge response Lambda trigger",
            "judges the answer to a custom challenge",
        ),
        measured(
            "aws-amplify/amplify-js#3159",
            "session arrays that triggers got",
        ),
        issue("ministackorg/ministack#835"),
        issue("ministackorg/ministack#1219"),
        issue("floci-io/floci#1483"),
        issue("localstack/localstack#5254"),
    ],
    check: Rule::requires(trigger_order),
};

/// One element of the session array.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Element {
    name: String,
    result: bool,
    metadata: Option<String>,
}

/// What is known of the rounds of a sign-in.
#[derive(Clone, Debug, Default)]
struct Rounds {
    elements: Vec<Element>,
    /// `challengeMetadata` of the round that is being asked.
    metadata: Option<String>,
    /// Whether a trigger was seen to run.
    are_seen: bool,
    /// Whether what follows can be foretold.
    are_told: bool,
}

fn trigger_order(case: &Case<'_>) -> Verdict {
    let mut rounds = Rounds::default();
    each(
        case.service_views(),
        "no custom challenge flow was started",
        |scene| {
            if scene.exchange.initiate().is_some() {
                rounds = Rounds {
                    are_told: true,
                    ..Rounds::default()
                };
            }
            let runs: Vec<&TriggerCall> = scene
                .exchange
                .triggers
                .iter()
                .copied()
                .filter(|trigger| Kind::of(&trigger.source).is_some())
                .collect();
            rounds.are_told &= scene.continues();
            if scene.flow() != Some(&AuthFlow::CustomAuth) {
                return runs.first().map(|run| {
                    Verdict::fail(
                        scene.index(),
                        "no Define, Create or Verify outside CUSTOM_AUTH",
                        &run.source,
                    )
                });
            }
            if scene.starts(&AuthFlow::CustomAuth)
                && let Some(verdict) = of_unconfigured(case.facts, scene)
            {
                return Some(verdict);
            }
            if runs.is_empty() && !rounds.are_seen && scene.exchange.initiate().is_none() {
                return None;
            }
            let verdict = match wrong_run(case.facts, scene, &runs, &mut rounds) {
                Some((expected, got)) => Verdict::fail(scene.index(), expected, got),
                None if runs.is_empty() => return None,
                None => Verdict::Pass,
            };
            Some(verdict)
        },
    )
}

/// `CUSTOM_AUTH` in a pool without the triggers.
fn of_unconfigured(facts: &Facts, scene: &ServiceView<'_>) -> Option<Verdict> {
    let world = facts.world()?;
    if world.triggers.custom.is_some() || scene.exchange.is_altered() {
        return None;
    }
    let is_right = scene.error().is_some();
    Some(if is_right {
        Verdict::Pass
    } else {
        Verdict::fail(
            scene.index(),
            "a refusal: no trigger is configured",
            scene.told(),
        )
    })
}

/// What is wrong with the triggers of one exchange: expected and got.
fn wrong_run(
    facts: &Facts,
    scene: &ServiceView<'_>,
    runs: &[&TriggerCall],
    rounds: &mut Rounds,
) -> Option<(String, String)> {
    let names = || {
        let sources: Vec<&str> = runs.iter().map(|run| run.source.as_str()).collect();
        format!("{sources:?}")
    };
    rounds.are_seen |= !runs.is_empty();
    for run in runs {
        if let Some(wrong) = wrong_envelope(facts, scene, run) {
            return Some(wrong);
        }
    }
    let mut left = runs.iter().copied().peekable();
    let is_custom_answer = scene.answers(&ChallengeName::CustomChallenge);
    let mut added = None;
    if is_custom_answer {
        let Some(verify) = left.next_if(|run| Kind::of(&run.source) == Some(Kind::Verify)) else {
            let is_fine = runs.is_empty() && !scene.succeeded();
            return (!is_fine).then(|| ("Verify first".to_owned(), names()));
        };
        if let Some(wrong) = stopped(scene, verify, left.peek().is_some()) {
            return wrong.into_failure();
        }
        added = Some(Element {
            name: ChallengeName::CustomChallenge.to_string(),
            result: verify.response.get("answerCorrect") == Some(&Value::Bool(true)),
            metadata: rounds.metadata.take(),
        });
    } else if scene.answers(&ChallengeName::PasswordVerifier) {
        added = Some(passed(ChallengeName::PasswordVerifier.as_str()));
    } else if let Some(request) = scene.exchange.initiate() {
        added = starts_with_srp(request).then(|| passed("SRP_A"));
    }
    let Some(define) = left.next() else {
        let may_pass = !scene.succeeded() || !is_custom_answer && rounds.are_seen;
        // Nothing was seen to run: the service may not tell. Nothing runs, either, while a new password is asked.
        let is_unseen = !rounds.are_seen;
        rounds.are_told = false;
        return (!may_pass && !is_unseen).then(|| ("Define".to_owned(), names()));
    };
    if Kind::of(&define.source) != Some(Kind::Define) {
        return Some(("Define".to_owned(), define.source.clone()));
    }
    let Some(told) = session_array(define) else {
        return Some((
            "a session array".to_owned(),
            define
                .event
                .get("request")
                .unwrap_or(&Value::Null)
                .to_string(),
        ));
    };
    let mut expected = rounds.elements.clone();
    expected.extend(added);
    // What Define sees after a wrong proof, and where a new password stands among the rounds, is not established.
    let is_wrong_proof = scene.answers(&ChallengeName::PasswordVerifier) && !scene.succeeded();
    if rounds.are_told && told != expected && !is_wrong_proof {
        return Some((format!("session {expected:?}"), format!("{told:?}")));
    }
    rounds.are_told = true;
    rounds.elements = told;
    if let Some(wrong) = stopped(scene, define, left.peek().is_some()) {
        return wrong.into_failure();
    }
    let asks_custom = asks(&define.response) == Some(ChallengeName::CustomChallenge);
    match (asks_custom, left.next()) {
        (false, None) => None,
        (true, Some(create)) if Kind::of(&create.source) == Some(Kind::Create) => {
            if session_array(create).as_ref() != Some(&rounds.elements) {
                return Some((
                    format!("session {:?} for Create", rounds.elements),
                    format!("{:?}", session_array(create)),
                ));
            }
            if let Some(wrong) = stopped(scene, create, left.peek().is_some()) {
                return wrong.into_failure();
            }
            rounds.metadata = create
                .response
                .get("challengeMetadata")
                .and_then(Value::as_str)
                .map(str::to_owned);
            left.next()
                .map(|extra| ("nothing after Create".to_owned(), extra.source.clone()))
        }
        (true, None) if scene.succeeded() => Some(("Create after Define".to_owned(), names())),
        // Refused between the two, by a limit that the service does not have.
        (true, None) if scene.exchange.is_altered() => None,
        (true, _) => Some(("Create after Define".to_owned(), names())),
        (false, Some(extra)) => Some((
            "nothing after Define, which asks for no custom challenge".to_owned(),
            extra.source.clone(),
        )),
    }
}

/// A trigger that failed ends the sign-in.
enum Stopped {
    Rightly,
    Not(String, String),
}

impl Stopped {
    fn into_failure(self) -> Option<(String, String)> {
        match self {
            Self::Rightly => None,
            Self::Not(expected, got) => Some((expected, got)),
        }
    }
}

fn stopped(scene: &ServiceView<'_>, run: &TriggerCall, goes_on: bool) -> Option<Stopped> {
    if run.error.is_none() && run.response.is_object() {
        return None;
    }
    let is_right = !goes_on
        && (scene.exchange.is_altered()
            || scene.error().is_some_and(|error| {
                matches!(
                    error.kind,
                    ErrorKind::UserLambdaValidation
                        | ErrorKind::UnexpectedLambda
                        | ErrorKind::InvalidLambdaResponse
                )
            }));
    Some(if is_right {
        Stopped::Rightly
    } else {
        Stopped::Not(
            format!("the error of {}, and no further trigger", run.source),
            scene.told(),
        )
    })
}

/// What every event has (developer guide; G12).
fn wrong_envelope(
    facts: &Facts,
    scene: &ServiceView<'_>,
    run: &TriggerCall,
) -> Option<(String, String)> {
    let text = |pointer: &str| run.event.pointer(pointer).and_then(Value::as_str);
    let expected = [
        ("/triggerSource", Some(run.source.as_str())),
        ("/userPoolId", facts.pool_id()),
        ("/callerContext/clientId", scene.exchange.client_id()),
    ];
    for (pointer, expected) in expected {
        if expected.is_some() && text(pointer) != expected {
            return Some((
                format!("{pointer} = {:?}", expected.unwrap_or_default()),
                format!("{:?}", run.event.pointer(pointer)),
            ));
        }
    }
    let attributes = run.event.pointer("/request/userAttributes");
    if !attributes.is_some_and(Value::is_object) {
        return Some((
            "request.userAttributes: an object".to_owned(),
            format!("{attributes:?}"),
        ));
    }
    let name = ["Define", "Create", "Verify"]
        .iter()
        .zip([
            "DefineAuthChallenge_Authentication",
            "CreateAuthChallenge_Authentication",
            "VerifyAuthChallengeResponse_Authentication",
        ])
        .find(|(kind, _)| run.source.starts_with(**kind))?
        .1;
    (run.source != name).then(|| (name.to_owned(), run.source.clone()))
}

fn asks(response: &Value) -> Option<ChallengeName> {
    let says = |member: &str| response.get(member) == Some(&Value::Bool(true));
    if says("issueTokens") || says("failAuthentication") {
        return None;
    }
    response
        .get("challengeName")
        .and_then(Value::as_str)
        .map(ChallengeName::from)
}

fn session_array(run: &TriggerCall) -> Option<Vec<Element>> {
    run.event
        .pointer("/request/session")?
        .as_array()?
        .iter()
        .map(|element| {
            Some(Element {
                name: element.get("challengeName")?.as_str()?.to_owned(),
                result: element.get("challengeResult")?.as_bool()?,
                metadata: element
                    .get("challengeMetadata")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            })
        })
        .collect()
}

fn passed(name: &str) -> Element {
    Element {
        name: name.to_owned(),
        result: true,
        metadata: None,
    }
}

/// The challenge triggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Define,
    Create,
    Verify,
}

impl Kind {
    /// The kind of a `triggerSource`.
    pub(super) fn of(source: &str) -> Option<Self> {
        [
            ("DefineAuthChallenge", Self::Define),
            ("CreateAuthChallenge", Self::Create),
            ("VerifyAuthChallenge", Self::Verify),
        ]
        .into_iter()
        .find(|(name, _)| source.starts_with(name))
        .map(|(_, kind)| kind)
    }
}
