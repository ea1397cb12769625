//! Who is told what: private parameters and metadata.

use serde_json::{Map, Value};

use super::trigger::Kind;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue, model};
use crate::wire::event::TriggerCall;
use crate::wire::{Operation, Parameters};

/// Where private challenge parameters go.
pub(super) const PRIVATE_PARAMETERS: Rule = Rule {
    id: "service.private-parameters",
    level: Level::Must,
    party: Party::Service,
    sentence: "Private challenge parameters reach Verify, all of them, and never the client.",
    sources: &[
        guide(
            "user-pool-lambda-create-auth-challenge",
            "Create Auth challenge response parameters",
            "the private parameters are used by the verify trigger alone, the public ones are for the client app",
        ),
        guide(
            "user-pool-lambda-verify-auth-challenge-response",
            "Verify Auth challenge request parameters",
            "the trigger gets the private parameters",
        ),
    ],
    check: Rule::requires(private_parameters),
};

/// Which trigger sees which metadata.
pub(super) const METADATA_ROUTING: Rule = Rule {
    id: "service.metadata-routing",
    level: Level::Must,
    party: Party::Service,
    sentence: "ClientMetadata of InitiateAuth reaches no challenge trigger, and PreAuthentication and UserMigration as \
               validationData; that of RespondToAuthChallenge reaches Define, Create and Verify as clientMetadata, and that \
               of ForgotPassword UserMigration.",
    sources: &[
        model(
            "InitiateAuthRequest$ClientMetadata",
            "goes to pre sign-up, pre authentication and user migration, and not to the triggers of challenges",
        ),
        guide(
            "user-pool-lambda-pre-authentication",
            "Pre authentication request parameters",
            "validationData is the ClientMetadata of InitiateAuth",
        ),
        guide(
            "user-pool-lambda-define-auth-challenge",
            "Define Auth challenge request parameters",
            "clientMetadata is that of RespondToAuthChallenge",
        ),
        guide(
            "user-pool-lambda-migrate-user",
            "Migrate user request parameters",
            "validationData is the ClientMetadata of InitiateAuth, clientMetadata that of ForgotPassword",
        ),
        issue("ministackorg/ministack#1219"),
        issue("aws-amplify/amplify-js#6941"),
        issue("aws-amplify/amplify-swift#2986"),
    ],
    check: Rule::requires(metadata_routing),
};

fn private_parameters(case: &Case<'_>) -> Verdict {
    let mut kept: Option<Parameters> = None;
    each(
        case.service_views(),
        "no challenge with private parameters was made",
        |scene| {
            if scene.exchange.initiate().is_some() || !scene.continues() {
                kept = None;
            }
            let mut verdict = None;
            for run in &scene.exchange.triggers {
                match Kind::of(&run.source) {
                    Some(Kind::Verify) => {
                        let told = map(run.event.pointer("/request/privateChallengeParameters"));
                        if let Some(kept) = &kept {
                            if told != *kept {
                                return Some(Verdict::fail(
                                    scene.index(),
                                    format!("privateChallengeParameters {kept:?} for Verify"),
                                    format!("{told:?}"),
                                ));
                            }
                            verdict = Some(Verdict::Pass);
                        }
                    }
                    Some(Kind::Create) => {
                        kept = Some(map(run.response.get("privateChallengeParameters")));
                    }
                    _ => {}
                }
            }
            leaked(case.facts, scene).or(verdict)
        },
    )
}

/// Whether an answer says what only Verify may know.
fn leaked(facts: &Facts, scene: &ServiceView<'_>) -> Option<Verdict> {
    let (answer, _) = scene.challenge()?;
    let (public, private) = secrets(facts, scene);
    if private.is_empty() {
        return None;
    }
    let none = Parameters::new();
    let sent = answer.challenge_parameters.as_ref().unwrap_or(&none);
    let is_public = |value: &str| public.iter().any(|public| public.contains(value));
    let leak = sent.iter().find(|(_, sent)| {
        private.iter().any(|value| {
            let shows = *sent == value
                || value.chars().count() >= LEAST_TELLING && sent.contains(value.as_str());
            shows && !value.is_empty() && !is_public(value)
        })
    });
    Some(match leak {
        Some((name, value)) => Verdict::fail(
            scene.index(),
            "private parameters and right answers kept from the client",
            format!("{name} = {value:?}"),
        ),
        None => Verdict::Pass,
    })
}

/// What the client may see, and what it may not: of the run of Create, or of its script.
fn secrets(facts: &Facts, scene: &ServiceView<'_>) -> (Vec<String>, Vec<String>) {
    let (mut public, mut private) = (Vec::new(), Vec::new());
    let created = scene
        .exchange
        .triggers
        .iter()
        .filter(|run| Kind::of(&run.source) == Some(Kind::Create));
    for run in created {
        public.extend(map(run.response.get("publicChallengeParameters")).into_values());
        private.extend(map(run.response.get("privateChallengeParameters")).into_values());
    }
    let script = facts
        .world()
        .and_then(|world| world.triggers.custom.as_ref());
    for round in script.iter().flat_map(|script| &script.rounds) {
        public.extend(round.public.values().cloned());
        private.extend(round.private.values().cloned());
        private.push(round.answer.clone());
    }
    (public, private)
}

fn metadata_routing(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no trigger was seen to run",
        |scene| {
            let sent = match (scene.exchange.initiate(), scene.exchange.respond()) {
                (Some(request), _) => request.client_metadata.clone(),
                (_, Some(request)) => request.client_metadata.clone(),
                _ if scene.exchange.operation == Some(Operation::ForgotPassword) => {
                    let body = scene.exchange.body.as_ref();
                    body.map(|body| map(body.get("ClientMetadata")))
                }
                _ => return None,
            }
            .unwrap_or_default();
            let starts = scene.exchange.initiate().is_some();
            let mut verdict = None;
            for run in &scene.exchange.triggers {
                let Some((member, expected)) = route(run, starts, &sent) else {
                    continue;
                };
                let told = map(run.event.pointer(&format!("/request/{member}")));
                if told != expected {
                    return Some(Verdict::fail(
                        scene.index(),
                        format!("{member} {expected:?} for {}", run.source),
                        format!("{told:?}"),
                    ));
                }
                verdict = Some(Verdict::Pass);
            }
            verdict
        },
    )
}

/// Under which member a trigger sees metadata, and which.
fn route(run: &TriggerCall, starts: bool, sent: &Parameters) -> Option<(&'static str, Parameters)> {
    let passed_on = |is_passed_on: bool| {
        if is_passed_on {
            sent.clone()
        } else {
            Parameters::new()
        }
    };
    if Kind::of(&run.source).is_some() || run.source == "UserMigration_ForgotPassword" {
        return Some(("clientMetadata", passed_on(!starts)));
    }
    matches!(
        run.source.as_str(),
        "PreAuthentication_Authentication" | "UserMigration_Authentication"
    )
    .then(|| ("validationData", passed_on(starts)))
}

/// A map of strings, empty where there is none.
fn map(value: Option<&Value>) -> Parameters {
    let empty = Map::new();
    let members = value.and_then(Value::as_object).unwrap_or(&empty);
    members
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// A shorter value may stand inside another by chance.
const LEAST_TELLING: usize = 8;
