//! What the app client's settings decide.

use crate::model::AppClient;
use crate::rules::evidence::case::Case;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::service::reason::{Reason, allows, hash, reasons, refusal};
use crate::rules::source::{amplify, issue, model, observed, operation};
use crate::wire::ErrorKind;

/// Which flows are refused.
pub(in crate::rules::service) const FLOW_SWITCH: Rule = Rule {
    id: "service.flow-switch",
    level: Level::Must,
    party: Party::Service,
    sentence: "A flow that the app client does not allow is refused with InvalidParameterException; one that it allows is not \
               refused as switched off.",
    sources: &[
        model(
            "CreateUserPoolClientRequest$ExplicitAuthFlows",
            "the flows that the app client supports",
        ),
        observed("user-auth-not-enabled", "InvalidParameterException"),
        observed("custom-only-client", "InvalidParameterException"),
        amplify(
            "Switching authentication flows",
            "Set up auth backend",
            "the app client has to be configured to allow USER_PASSWORD_AUTH",
        ),
    ],
    check: Rule::requires(flow_switch),
};

/// Which secret hashes are refused.
pub(in crate::rules::service) const SECRET_HASH: Rule = Rule {
    id: "service.secret-hash",
    level: Level::Must,
    party: Party::Service,
    sentence: "A client with a secret has to send SECRET_HASH, over the USERNAME beside it: a missing and a wrong one are \
               refused with NotAuthorizedException.",
    sources: &[
        model(
            "RespondToAuthChallengeRequest$ChallengeResponses",
            "every answer to a client with a secret has to have SECRET_HASH",
        ),
        model(
            "InitiateAuthRequest$AuthParameters",
            "SECRET_HASH is added if the app client has a secret",
        ),
        operation(
            "ForgotPassword",
            "NotAuthorizedException where the client has a secret and the hash is missing",
        ),
        issue("ministackorg/ministack#1745"),
        issue("localstack/localstack#11643"),
        issue("alexrudd/cognito-srp#1"),
    ],
    check: Rule::requires(secret_hash),
};

/// What a refusal of a secret hash says.
pub(in crate::rules::service) const SECRET_HASH_TEXT: Rule = Rule {
    id: "service.secret-hash-text",
    level: Level::Should,
    party: Party::Service,
    sentence: "The refusals of a missing and of a wrong SECRET_HASH have texts of their own, which name the app client.",
    sources: &[
        observed(
            "wrong-secret-hash",
            "\"Unable to verify secret hash for client …\"",
        ),
        observed(
            "missing-secret-hash",
            "\"Client … is configured with secret but SECRET_HASH was not received\"",
        ),
        issue("aws-amplify/amplify-android#2504"),
    ],
    check: Rule::requires(secret_hash_text),
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
            let reasons = reasons(case.facts, scene)?;
            let of_hash = [missing_text(client), wrong_text(client)];
            Some(match hash(client, parameters) {
                None => match scene.error() {
                    Some(error) if of_hash.contains(&error.message) => Verdict::fail(
                        scene.index(),
                        "the right SECRET_HASH accepted",
                        scene.told(),
                    ),
                    _ => Verdict::Pass,
                },
                Some(reason) => {
                    let which = match reason {
                        Reason::MissingHash => "missing",
                        _ => "wrong",
                    };
                    let expected = format!("NotAuthorizedException for a {which} SECRET_HASH");
                    refusal(scene, expected, reasons.len() > 1, |kind, _| {
                        *kind == ErrorKind::NotAuthorized
                    })
                }
            })
        },
    )
}

fn secret_hash_text(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "nothing was refused for its SECRET_HASH alone",
        |scene| {
            let client = scene.client(case.facts.world()?)?;
            client.secret.as_ref()?;
            let parameters = scene.exchange.parameters()?;
            if scene.is_refresh() || !scene.is_clean || reasons(case.facts, scene)?.len() > 1 {
                return None;
            }
            let error = scene
                .error()
                .filter(|error| error.kind == ErrorKind::NotAuthorized)?;
            let (missing, wrong) = (missing_text(client), wrong_text(client));
            let expected = match hash(client, parameters)? {
                Reason::MissingHash => missing,
                _ => wrong.clone(),
            };
            // In answers to challenges nobody has seen the text of a missing one.
            let is_first = scene.exchange.initiate().is_some();
            let fits = error.message == expected || !is_first && error.message == wrong;
            Some(if fits {
                Verdict::Pass
            } else {
                Verdict::fail(scene.index(), format!("{expected:?}"), error.to_string())
            })
        },
    )
}

fn missing_text(client: &AppClient) -> String {
    format!(
        "Client {} is configured with secret but SECRET_HASH was not received",
        client.id
    )
}

fn wrong_text(client: &AppClient) -> String {
    format!("Unable to verify secret hash for client {}", client.id)
}
