//! The person's answers, and what surrounds them.

use std::collections::BTreeSet;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::position::Position;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{JS, SWIFT, amplify, file, guide, issue, kept, model};
use crate::wire::names::key;
use crate::wire::{Call, ChallengeName, ConfirmSignIn, NextStep, Parameters, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "custom.answer-verbatim",
        level: Level::Must,
        party: Party::Port,
        sentence: "ANSWER is the person's answer, character for character.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "CUSTOM_CHALLENGE takes USERNAME and ANSWER, which is the answer to the challenge",
            ),
            guide(
                "user-pool-lambda-verify-auth-challenge-response",
                "Verify Auth challenge request parameters",
                "challengeAnswer is the answer from the user's response, which the trigger compares",
            ),
            amplify(
                "Switching authentication flows",
                "Custom authentication flow",
                "the answer of a custom challenge is given to confirmSignIn, which sends it",
            ),
            file(
                &SWIFT,
                "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
            ),
        ],
        check: Rule::requires(answer_verbatim),
    },
    Rule {
        id: "custom.parameters-surface",
        level: Level::Must,
        party: Party::Port,
        sentence: "The application is given the challenge's public parameters.",
        sources: &[
            guide(
                "user-pool-lambda-create-auth-challenge",
                "Create Auth challenge response parameters",
                "publicChallengeParameters are for the client app to use in the challenge, and hold all that is \
                 needed to present it",
            ),
            file(
                &SWIFT,
                "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
            ),
            issue("aws-amplify/amplify-swift#1201"),
        ],
        check: Rule::requires(parameters_surface),
    },
    Rule {
        id: "metadata.initiate",
        level: Level::Should,
        party: Party::Port,
        sentence: "The metadata given to signIn goes with InitiateAuth.",
        sources: &[
            model(
                "InitiateAuthRequest$ClientMetadata",
                "a map for the triggers that the request invokes",
            ),
            file(&SWIFT, "Support/Utils/InitiateAuthInput+Amplify.swift"),
        ],
        check: Rule::requires(metadata_of_initiate),
    },
    Rule {
        id: "metadata.answers",
        level: Level::Should,
        party: Party::Port,
        sentence: "The metadata given to a call goes with every answer which that call sends.",
        sources: &[
            guide(
                "user-pool-lambda-define-auth-challenge",
                "Define Auth challenge request parameters",
                "the trigger gets as clientMetadata what RespondToAuthChallenge has in ClientMetadata",
            ),
            issue("aws-amplify/amplify-swift#2986"),
            issue("aws-amplify/amplify-js#6941"),
        ],
        check: Rule::requires(metadata_of_answers),
    },
    Rule {
        id: "new-password.shape",
        level: Level::Must,
        party: Party::Port,
        sentence: "NEW_PASSWORD_REQUIRED is answered with NEW_PASSWORD and one userAttributes.<name> for each attribute.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "NEW_PASSWORD_REQUIRED takes USERNAME and NEW_PASSWORD, and an attribute as userAttributes.<name>",
            ),
            issue("amazon-archives/aws-cognito-angular-quickstart#116"),
            issue("aws-amplify/amplify-swift#1786"),
            issue("aws/aws-sdk-js#1290"),
        ],
        check: Rule::requires(new_password_shape),
    },
    Rule {
        id: "new-password.attributes-surface",
        level: Level::Should,
        party: Party::Port,
        sentence: "The application is told the required attributes by their bare names.",
        sources: &[
            kept(
                "fixtures/transcripts/amplify-ui/force-change-password-with-attributes.json",
                "requiredAttributes lists names after userAttributes and a dot",
            ),
            file(&JS, "providers/cognito/utils/signInHelpers.ts"),
        ],
        check: Rule::requires(attributes_surface),
    },
];

fn confirm<'a>(step: &Position<'a>) -> Option<&'a ConfirmSignIn> {
    match step.call.call.as_ref()? {
        Call::ConfirmSignIn(confirm) => Some(confirm),
        _ => None,
    }
}

fn answers_to<'a>(step: &Position<'a>, challenge: ChallengeName) -> Option<&'a ConfirmSignIn> {
    (step.exchange.respond()?.challenge_name == challenge)
        .then(|| confirm(step))
        .flatten()
}

fn answer_verbatim(case: &Case<'_>) -> Verdict {
    each(
        case.positions(),
        "no custom challenge was answered",
        |step| {
            if case.facts.is_observed() {
                return there_is(&step, &ChallengeName::CustomChallenge, key::ANSWER);
            }
            let given = answers_to(&step, ChallengeName::CustomChallenge)?;
            let at = Some(step.exchange.index);
            Some(match step.exchange.parameter(key::ANSWER) {
                Some(sent) if sent == given.challenge_response => Verdict::Pass,
                Some(sent) => Verdict::fail(
                    at,
                    format!("ANSWER = {:?}", given.challenge_response),
                    format!("{sent:?}"),
                ),
                None => Verdict::fail(
                    at,
                    format!("ANSWER = {:?}", given.challenge_response),
                    "no ANSWER",
                ),
            })
        },
    )
}

fn parameters_surface(case: &Case<'_>) -> Verdict {
    let calls = case
        .trace
        .sign_ins
        .iter()
        .flat_map(|sign_in| &sign_in.calls);
    each(
        calls,
        "no custom challenge reached the application",
        |call| {
            let Some(Reply::Step {
                next: NextStep::ConfirmSignInWithCustomChallenge { parameters },
            }) = &call.reply
            else {
                return None;
            };
            let last = call.exchanges.last()?;
            let answer = last.answer.as_ref()?;
            let sent = answer.challenge_parameters.as_ref()?;
            let lost = sent.iter().find(|(name, value)| {
                // USERNAME and USER_ID_FOR_SRP are the protocol's, not the trigger's.
                !matches!(name.as_str(), key::USERNAME | key::USER_ID_FOR_SRP)
                    && parameters.get(*name) != Some(value)
            });
            Some(match lost {
                Some((name, value)) => {
                    let got = parameters
                        .get(name)
                        .map_or("nothing".to_owned(), |got| format!("{got:?}"));
                    Verdict::fail(Some(last.index), format!("{name} = {value:?}"), got)
                }
                None => Verdict::Pass,
            })
        },
    )
}

fn metadata_of_initiate(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no signIn was seen", |step| {
        let request = step.exchange.initiate()?;
        // Where a sign-in starts over in a later call, that call has metadata of its own.
        let Call::SignIn(call) = step.call.call.as_ref()? else {
            return None;
        };
        Some(compare_metadata(
            &step,
            request.client_metadata.as_ref(),
            &call.metadata,
            "InitiateAuth",
        ))
    })
}

fn metadata_of_answers(case: &Case<'_>) -> Verdict {
    each(
        case.positions(),
        "no call with an answer was seen",
        |step| {
            let request = step.exchange.respond()?;
            let given = match step.call.call.as_ref()? {
                Call::SignIn(call) => &call.metadata,
                Call::ConfirmSignIn(call) => &call.metadata,
                _ => return None,
            };
            Some(compare_metadata(
                &step,
                request.client_metadata.as_ref(),
                given,
                &format!("the answer to {}", request.challenge_name),
            ))
        },
    )
}

/// `place` is what carries the metadata.
fn compare_metadata(
    step: &Position<'_>,
    sent: Option<&Parameters>,
    given: &Parameters,
    place: &str,
) -> Verdict {
    let empty = Parameters::new();
    let sent = sent.unwrap_or(&empty);
    if sent == given {
        return Verdict::Pass;
    }
    Verdict::fail(
        Some(step.exchange.index),
        format!("ClientMetadata {given:?}"),
        format!("{sent:?} in {place}"),
    )
}

/// Of an observed answer nobody knows what it should say, only that it should be there.
fn there_is(step: &Position<'_>, challenge: &ChallengeName, name: &str) -> Option<Verdict> {
    let request = step.exchange.respond()?;
    if request.challenge_name != *challenge {
        return None;
    }
    Some(if request.challenge_responses.contains_key(name) {
        Verdict::NotApplicable("nobody saw what the person answered")
    } else {
        let names: Vec<_> = request.challenge_responses.keys().cloned().collect();
        Verdict::fail(
            Some(step.exchange.index),
            format!("{name} in ChallengeResponses"),
            names.join(", "),
        )
    })
}

/// The name of an attribute that no `userAttributes.<name>` brings.
fn misnamed_attribute(step: &Position<'_>) -> Option<Verdict> {
    let mut names = step.exchange.parameters()?.keys();
    let misnamed = names.find(|name| {
        name.strip_prefix(key::USER_ATTRIBUTES)
            .is_some_and(|_| !name.starts_with(key::USER_ATTRIBUTES_PREFIX))
    })?;
    Some(Verdict::fail(
        Some(step.exchange.index),
        format!("{}<name> for each attribute", key::USER_ATTRIBUTES_PREFIX),
        misnamed,
    ))
}

fn new_password_shape(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no new password was given", |step| {
        if case.facts.is_observed() {
            let challenge = ChallengeName::NewPasswordRequired;
            let there = there_is(&step, &challenge, key::NEW_PASSWORD)?;
            let misnamed = || misnamed_attribute(&step);
            return Some(if there.is_fail() {
                there
            } else {
                misnamed().unwrap_or(there)
            });
        }
        let given = answers_to(&step, ChallengeName::NewPasswordRequired)?;
        let sent = step.exchange.parameters()?;
        let at = Some(step.exchange.index);
        if sent.get(key::NEW_PASSWORD) != Some(&given.challenge_response) {
            let mut elsewhere = sent
                .iter()
                .filter(|(_, value)| **value == given.challenge_response);
            let got = match (elsewhere.next(), sent.get(key::NEW_PASSWORD)) {
                (Some((name, _)), _) => format!("the new password as {name}"),
                (None, Some(_)) => "another".to_owned(),
                (None, None) => "none".to_owned(),
            };
            return Some(Verdict::fail(
                at,
                "NEW_PASSWORD as the person chose it",
                got,
            ));
        }
        let prefixed: Parameters = given
            .user_attributes
            .iter()
            .map(|(name, value)| {
                (
                    format!("{}{name}", key::USER_ATTRIBUTES_PREFIX),
                    value.clone(),
                )
            })
            .collect();
        let attributes: Parameters = sent
            .iter()
            .filter(|(name, _)| {
                let full = format!("{}{name}", key::USER_ATTRIBUTES_PREFIX);
                let is_bare = given.user_attributes.contains_key(name.as_str());
                name.starts_with(key::USER_ATTRIBUTES) || is_bare && !sent.contains_key(&full)
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Some(if attributes == prefixed {
            Verdict::Pass
        } else {
            Verdict::fail(at, format!("{prefixed:?}"), format!("{attributes:?}"))
        })
    })
}

fn attributes_surface(case: &Case<'_>) -> Verdict {
    let calls = case
        .trace
        .sign_ins
        .iter()
        .flat_map(|sign_in| &sign_in.calls);
    each(
        calls,
        "no wish for a new password reached the application",
        |call| {
            let Some(Reply::Step {
                next: NextStep::ConfirmSignInWithNewPassword { missing_attributes },
            }) = &call.reply
            else {
                return None;
            };
            let last = call.exchanges.last()?;
            let listed = last
                .answer
                .as_ref()?
                .challenge_parameters
                .as_ref()?
                .get(key::REQUIRED_ATTRIBUTES)?;
            if is_redacted(listed) {
                return Some(Verdict::NotApplicable(
                    "the required attributes are redacted",
                ));
            }
            let listed: Vec<String> = serde_json::from_str(listed).ok()?;
            let bare: BTreeSet<&str> = listed
                .iter()
                .map(|name| {
                    name.strip_prefix(key::USER_ATTRIBUTES_PREFIX)
                        .unwrap_or(name)
                })
                .collect();
            let told: BTreeSet<&str> = missing_attributes.iter().map(String::as_str).collect();
            Some(if bare == told {
                Verdict::Pass
            } else {
                Verdict::fail(Some(last.index), format!("{bare:?}"), format!("{told:?}"))
            })
        },
    )
}
