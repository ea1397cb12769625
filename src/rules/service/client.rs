//! What the app client's settings decide.

use super::reason::{Reason, allows, hash, reasons};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::wire::ErrorKind;

/// Which flows are refused.
pub(super) const FLOW_SWITCH: Rule = Rule {
    id: "service.flow-switch",
    level: Level::Must,
    party: Party::Service,
    sentence: "A flow that the app client does not allow is refused with InvalidParameterException; one that it allows is not \
               refused as switched off.",
    sources: &[
        "botocore ExplicitAuthFlowsType",
        "fixtures/transcripts/observed.json",
        "NabuCasa/pycognito aws_srp.py",
        "Amplify documentation: Switching authentication flows",
    ],
    check: flow_switch,
};

/// Which secret hashes are refused.
pub(super) const SECRET_HASH: Rule = Rule {
    id: "service.secret-hash",
    level: Level::Must,
    party: Party::Service,
    sentence: "A client with a secret has to send SECRET_HASH, over the USERNAME beside it: a missing and a wrong one are \
               refused with NotAuthorizedException, each in its own words.",
    sources: &[
        "botocore SecretHashType",
        "ministackorg/ministack#1745, aws-amplify/amplify-android#2504",
        "localstack/localstack#11643",
        "alexrudd/cognito-srp#1",
        "fixtures/transcripts/observed.json",
    ],
    check: secret_hash,
};

fn flow_switch(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no sign-in was started with an app client that is known",
        |scene| {
            let request = scene.exchange.initiate()?;
            let client = scene.client(case.facts.world()?)?;
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let reasons = reasons(case.facts, scene)?;
            if reasons.contains(&Reason::OtherFlow) {
                return None;
            }
            let flow = &request.auth_flow;
            if allows(client, flow) {
                return Some(match scene.error() {
                    Some(error) if says_off(&error.message) => Verdict::fail(
                        scene.index(),
                        format!("{flow} allowed, as ExplicitAuthFlows says"),
                        scene.told(),
                    ),
                    _ => Verdict::Pass,
                });
            }
            let expected = format!(
                "InvalidParameterException, as {flow} is not among {:?}",
                client.explicit_auth_flows
            );
            Some(refusal(scene, expected, reasons.len() > 1, |kind, _| {
                *kind == ErrorKind::InvalidParameter
            }))
        },
    )
}

fn says_off(message: &str) -> bool {
    message.contains("not enabled for th") || message.starts_with("Only custom auth")
}

fn secret_hash(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no app client with a secret is known, or its requests name nobody",
        |scene| {
            let client = scene.client(case.facts.world()?)?;
            client.secret.as_ref()?;
            let parameters = scene.exchange.parameters()?;
            // The hash of a refresh is over another name than the one beside it, if there is one.
            if scene.is_refresh() {
                return None;
            }
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let missing = format!(
                "Client {} is configured with secret but SECRET_HASH was not received",
                client.id
            );
            let wrong = format!("Unable to verify secret hash for client {}", client.id);
            let reasons = reasons(case.facts, scene)?;
            let has_others = reasons.len() > 1;
            let is_first = scene.exchange.initiate().is_some();
            Some(match hash(client, parameters) {
                None => match scene.error() {
                    Some(error) if error.message == missing || error.message == wrong => {
                        Verdict::fail(
                            scene.index(),
                            "the right SECRET_HASH accepted",
                            scene.told(),
                        )
                    }
                    _ => Verdict::Pass,
                },
                Some(Reason::MissingHash) => {
                    // In answers to challenges nobody has seen the text.
                    let expected = format!("NotAuthorizedException {missing:?}");
                    refusal(scene, expected, has_others, |kind, message| {
                        *kind == ErrorKind::NotAuthorized
                            && (message == missing || !is_first && message == wrong)
                    })
                }
                Some(_) => {
                    let expected = format!("NotAuthorizedException {wrong:?}");
                    refusal(scene, expected, has_others, |kind, message| {
                        *kind == ErrorKind::NotAuthorized && message == wrong
                    })
                }
            })
        },
    )
}

/// A request that has to be refused: with that error if there is no other reason, else with any.
pub(super) fn refusal(
    scene: &ServiceView<'_>,
    expected: impl Into<String>,
    has_other_reasons: bool,
    is_right: impl Fn(&ErrorKind, &str) -> bool,
) -> Verdict {
    let fits = scene
        .error()
        .is_some_and(|error| has_other_reasons || is_right(&error.kind, &error.message));
    if fits {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), expected, scene.told())
    }
}
