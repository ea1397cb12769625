//! Second factors: what of them reaches the application, how codes and choices travel, and how a factor is set up.

use std::collections::BTreeSet;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::factors::{listed, told};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{CallTrace, ExchangeTrace, SignInTrace, Trace, is_redacted};
use crate::rules::port::outcome::is_recognisable;
use crate::rules::rule::{Level, Party, Rule, Verdict, concealed, each};
use crate::rules::source::{JS, SWIFT, amplify, file, issue, model, rfc, seen};
use crate::wire::names::key;
use crate::wire::token::{AssociateSoftwareTokenResponse, VerifySoftwareTokenResponse};
use crate::wire::{
    AuthResponse, Call, ChallengeName, CodeDelivery, ErrorKind, NextStep, Operation, Reply,
};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "factor.challenge-known",
        level: Level::Must,
        party: Party::Port,
        sentence: "A challenge that the port offers reaches the application as a step wherever the sign-in leads to it.",
        sources: &[
            model(
                "InitiateAuthResponse$ChallengeName",
                "each challenge has to be responded to; any may come",
            ),
            model("ChallengeNameType", "the names there are"),
            amplify(
                "Multi-step sign-in",
                "introduction",
                "a sign-in can have several steps, and nextStep tells which is next",
            ),
            file(&SWIFT, "Support/Helpers/UserPoolSignInHelper.swift"),
            issue("aws-amplify/amplify-swift#2572"),
            issue("aws-amplify/amplify-flutter#6632"),
            issue("aws-amplify/amplify-js#732"),
            issue("aws-amplify/amplify-js#6292"),
            issue("aws-amplify/amplify-js#12887"),
        ],
        check: Rule::requires(challenge_known),
    },
    Rule {
        id: "factor.code-key",
        level: Level::Must,
        party: Party::Port,
        sentence: "A code goes under the key of its challenge: SMS_MFA_CODE, SMS_OTP_CODE, EMAIL_OTP_CODE or \
                   SOFTWARE_TOKEN_MFA_CODE.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "a code goes as SMS_MFA_CODE, SMS_OTP_CODE, EMAIL_OTP_CODE or SOFTWARE_TOKEN_MFA_CODE, by its \
                 challenge",
            ),
            file(
                &SWIFT,
                "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
            ),
        ],
        check: Rule::requires(code_key),
    },
    Rule {
        id: "factor.code-verbatim",
        level: Level::Must,
        party: Party::Port,
        sentence: "A code is sent digit for digit as the person gave it, leading zeros included.",
        sources: &[
            model(
                "SoftwareTokenMFAUserCodeType",
                "a code is a text of six digits, not a number",
            ),
            rfc(
                4226,
                "5.3",
                "a code has a fixed number of digits, so that leading zeros belong to it",
            ),
            file(
                &SWIFT,
                "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
            ),
        ],
        check: Rule::requires(code_verbatim),
    },
    Rule {
        id: "factor.choice-sent",
        level: Level::Must,
        party: Party::Port,
        sentence: "SELECT_MFA_TYPE is answered under its own name, with the service's name of the chosen factor as ANSWER.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "SELECT_MFA_TYPE takes USERNAME, and as ANSWER the name of the factor",
            ),
            issue("furaiev/amazon-cognito-identity-dart-2#71"),
            issue("aws-amplify/amplify-android#2680"),
        ],
        check: Rule::requires(choice_sent),
    },
    Rule {
        id: "factor.choices-surface",
        level: Level::Must,
        party: Party::Port,
        sentence: "The application is told the factors that MFAS_CAN_CHOOSE lists, and of MFAS_CAN_SETUP those that can be set \
                   up while signing in.",
        sources: &[
            amplify(
                "Multi-step sign-in",
                "Continue sign-in with MFA Selection",
                "allowedMFATypes are given for the user to choose from, and in the set-up those that can be set up",
            ),
            file(&SWIFT, "Support/Helpers/UserPoolSignInHelper.swift"),
            issue("aws-amplify/amplify-js#6418"),
        ],
        check: Rule::requires(choices_surface),
    },
    Rule {
        id: "factor.delivery-surfaces",
        level: Level::Should,
        party: Party::Port,
        sentence: "The application is told by which medium and to which masked address a code went.",
        sources: &[
            amplify(
                "Multi-step sign-in",
                "Confirm sign-in with SMS MFA",
                "the result tells by which medium and to which partial address the code went",
            ),
            file(
                &SWIFT,
                "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
            ),
            file(&JS, "providers/cognito/utils/signInHelpers.ts"),
            issue("aws-amplify/amplify-js#6418"),
        ],
        check: Rule::requires(delivery_surfaces),
    },
    Rule {
        id: "factor.retry-keeps-session",
        level: Level::Must,
        party: Party::Port,
        sentence: "After a wrong code the next one answers the same challenge with the same Session, and nothing is sent before \
                   it.",
        sources: &[
            seen(
                "wrong-code-again",
                "six wrong codes in a row were each refused with CodeMismatchException, and the Session stayed good",
            ),
            file(
                &SWIFT,
                "StateMachine/Resolvers/SignIn/SignInChallengeState+Resolver.swift",
            ),
            issue("aws-amplify/amplify-android#2212"),
            issue("aws-amplify/amplify-swift#2615"),
            issue("aws-amplify/amplify-flutter#2468"),
            issue("aws-amplify/amplify-flutter#4490"),
            issue("aws-amplify/amplify-android#3136"),
            issue("aws-amplify/amplify-js#3066"),
        ],
        check: Rule::requires(retry_keeps_session),
    },
    Rule {
        id: "factor.mismatch-told",
        level: Level::Should,
        party: Party::Port,
        sentence: "That a code was wrong reaches the application with the error's name or text, each time.",
        sources: &[
            file(
                &SWIFT,
                "Service/ErrorMapping/AWSCongnitoIdentityProvider+AuthErrorConvertible.swift",
            ),
            issue("aws-amplify/amplify-flutter#669"),
            issue("aws-amplify/amplify-flutter#4532"),
            issue("aws-amplify/amplify-android#2567"),
        ],
        check: Rule::requires(mismatch_told),
    },
    Rule {
        id: "factor.set-up-sessions",
        level: Level::Must,
        party: Party::Port,
        sentence: "AssociateSoftwareToken, VerifySoftwareToken and the answer to MFA_SETUP each carry the Session that came \
                   last.",
        sources: &[
            model(
                "InitiateAuthResponse$ChallengeName",
                "MFA_SETUP: its Session goes into AssociateSoftwareToken, and the one of VerifySoftwareToken into the \
                 answer",
            ),
            model(
                "VerifySoftwareTokenRequest$Session",
                "the Session that AssociateSoftwareToken gave",
            ),
            model(
                "VerifySoftwareTokenResponse$Session",
                "the Session that answers MFA_SETUP",
            ),
            issue("aws-amplify/amplify-js#6461"),
            issue("amazon-archives/amazon-cognito-identity-js#627"),
        ],
        check: Rule::requires(set_up_sessions),
    },
    Rule {
        id: "factor.set-up-secret-surfaces",
        level: Level::Must,
        party: Party::Port,
        sentence: "The application is told the secret that AssociateSoftwareToken brought, as it came.",
        sources: &[
            model(
                "AssociateSoftwareTokenResponse$SecretCode",
                "the shared secret that the user's app makes codes with",
            ),
            amplify(
                "Multi-step sign-in",
                "Continue sign-in with TOTP Setup",
                "totpSetupDetails has the shared secret, to be shown or entered by hand",
            ),
            file(&SWIFT, "Actions/SignIn/SoftwareTokenSetup/SetUpTOTP.swift"),
        ],
        check: Rule::requires(secret_surfaces),
    },
    Rule {
        id: "factor.set-up-finished",
        level: Level::Must,
        party: Party::Port,
        sentence: "Once VerifySoftwareToken has taken a code, and not before, MFA_SETUP is answered.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "MFA_SETUP takes USERNAME, with the Session of VerifySoftwareToken",
            ),
            file(
                &SWIFT,
                "Actions/SignIn/SoftwareTokenSetup/CompleteTOTPSetup.swift",
            ),
            issue("aws-amplify/amplify-js#732"),
        ],
        check: Rule::requires(set_up_finished),
    },
];

/// The call in which an exchange was made, that exchange, and what the application was told. Only where the answer decided
/// what the application is told: nobody altered it, and it is the last of its call.
fn ends<'a>(
    trace: &'a Trace<'_>,
) -> impl Iterator<Item = (&'a CallTrace<'a>, &'a ExchangeTrace<'a>, &'a AuthResponse)> {
    let calls = trace.sign_ins.iter().flat_map(|sign_in| &sign_in.calls);
    calls.filter_map(|call| {
        let last = call.exchanges.last()?;
        let answer = last.answer.as_ref().filter(|_| !last.is_altered())?;
        Some((call, last, answer))
    })
}

fn parameter<'a>(answer: &'a AuthResponse, name: &str) -> Option<&'a str> {
    let parameters = answer.challenge_parameters.as_ref()?;
    parameters.get(name).map(String::as_str)
}

fn challenge_known(case: &Case<'_>) -> Verdict {
    if case.facts.scenario().is_none() {
        return Verdict::NotApplicable("no scenario says where the sign-in leads");
    }
    let calls = case
        .trace
        .sign_ins
        .iter()
        .flat_map(|sign_in| &sign_in.calls);
    each(calls, "no challenge was left to the application", |call| {
        let last = call.exchanges.last()?;
        let answer = last.answer.as_ref().filter(|_| !last.is_altered())?;
        let challenge = answer.challenge_name.as_ref()?;
        let is_offered = !case.facts.not_offered().contains(challenge);
        if !is_offered || !is_for_the_person(challenge) || !is_whole(challenge, answer) {
            return None;
        }
        Some(match call.reply.as_ref()? {
            Reply::Step { .. } => Verdict::Pass,
            Reply::Error { error } => Verdict::fail(
                Some(last.index),
                format!("the step of {challenge}"),
                format!("{}: {}", error.name, error.message),
            ),
            other => Verdict::fail(
                Some(last.index),
                format!("the step of {challenge}"),
                format!("{other:?}"),
            ),
        })
    })
}

fn is_for_the_person(challenge: &ChallengeName) -> bool {
    challenge.is_code()
        || matches!(
            challenge,
            ChallengeName::CustomChallenge
                | ChallengeName::NewPasswordRequired
                | ChallengeName::SelectMfaType
                | ChallengeName::SelectChallenge
                | ChallengeName::MfaSetup
        )
}

/// Whether a challenge says what a client needs to make a step of it.
fn is_whole(challenge: &ChallengeName, answer: &AuthResponse) -> bool {
    let has_list = |name| parameter(answer, name).is_some_and(|text| listed(text).is_some());
    match challenge {
        ChallengeName::SelectMfaType => has_list(key::MFAS_CAN_CHOOSE),
        // A code by SMS can't be set up while signing in.
        ChallengeName::MfaSetup => parameter(answer, key::MFAS_CAN_SETUP)
            .and_then(listed)
            .is_some_and(|factors| {
                factors
                    .iter()
                    .any(|factor| *factor != ChallengeName::SmsMfa)
            }),
        ChallengeName::SelectChallenge => answer
            .available_challenges
            .as_ref()
            .is_some_and(|available| !available.is_empty()),
        ChallengeName::NewPasswordRequired => parameter(answer, key::REQUIRED_ATTRIBUTES)
            .is_none_or(|text| serde_json::from_str::<Vec<String>>(text).is_ok()),
        _ => answer.session.is_some(),
    }
}

fn code_key(case: &Case<'_>) -> Verdict {
    each(
        case.positions(),
        "no code was asked for and given",
        |step| {
            let request = step.exchange.respond()?;
            let name = request.challenge_name.code_key()?;
            Some(if request.challenge_responses.contains_key(name) {
                Verdict::Pass
            } else {
                let sent: Vec<_> = request.challenge_responses.keys().cloned().collect();
                Verdict::fail(
                    Some(step.exchange.index),
                    format!("{name} in ChallengeResponses"),
                    sent.join(", "),
                )
            })
        },
    )
}

fn code_verbatim(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("nobody saw what the person answered");
    }
    each(case.positions(), "no code was given", |step| {
        let Some(Call::ConfirmSignIn(given)) = &step.call.call else {
            return None;
        };
        let sent = code_of(step.exchange)?;
        Some(if sent == given.challenge_response {
            Verdict::Pass
        } else {
            Verdict::fail(
                Some(step.exchange.index),
                format!("{:?}", given.challenge_response),
                format!("{sent:?}"),
            )
        })
    })
}

/// The code that a request brings.
fn code_of<'a>(exchange: &'a ExchangeTrace<'_>) -> Option<&'a str> {
    if exchange.operation == Some(Operation::VerifySoftwareToken) {
        return exchange.body.as_ref()?.get("UserCode")?.as_str();
    }
    exchange.parameter(exchange.respond()?.challenge_name.code_key()?)
}

fn choice_sent(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no second factor was chosen", |step| {
        let request = step.exchange.respond()?;
        let pending = step.pending?;
        if pending.challenge_name != Some(ChallengeName::SelectMfaType) {
            return None;
        }
        let at = Some(step.exchange.index);
        if request.challenge_name != ChallengeName::SelectMfaType {
            return Some(Verdict::fail(
                at,
                "an answer to SELECT_MFA_TYPE",
                format!("an answer to {}", request.challenge_name),
            ));
        }
        let Some(sent) = request.challenge_responses.get(key::ANSWER) else {
            let names: Vec<_> = request.challenge_responses.keys().cloned().collect();
            return Some(Verdict::fail(
                at,
                "ANSWER in ChallengeResponses",
                names.join(", "),
            ));
        };
        let given = match &step.call.call {
            Some(Call::ConfirmSignIn(given)) if case.facts.is_played() => given,
            _ => return Some(Verdict::NotApplicable("nobody saw what the person chose")),
        };
        let chosen = given.challenge_response.as_str();
        // The documentation of the service prints EMAIL_MFA for what everything else calls EMAIL_OTP.
        let is_printed = chosen == "EMAIL_OTP" && sent == "EMAIL_MFA";
        Some(if sent == chosen || is_printed {
            Verdict::Pass
        } else {
            Verdict::fail(at, format!("ANSWER = {chosen}"), sent)
        })
    })
}

fn choices_surface(case: &Case<'_>) -> Verdict {
    each(
        ends(case.trace),
        "no choice was left to the application",
        |(call, last, answer)| {
            let (allowed, name) = match (&call.reply, answer.challenge_name.as_ref()?) {
                (
                    Some(Reply::Step {
                        next: NextStep::ContinueSignInWithMfaSelection { allowed },
                    }),
                    ChallengeName::SelectMfaType,
                ) => (allowed, key::MFAS_CAN_CHOOSE),
                (
                    Some(Reply::Step {
                        next: NextStep::ContinueSignInWithMfaSetupSelection { allowed },
                    }),
                    ChallengeName::MfaSetup,
                ) => (allowed, key::MFAS_CAN_SETUP),
                _ => return None,
            };
            let listed = listed(parameter(answer, name)?)?;
            // A code by SMS is set up by starting over with a number; most clients leave it out, and some may not.
            let counts = |factor: &&ChallengeName| {
                name == key::MFAS_CAN_CHOOSE || **factor != ChallengeName::SmsMfa
            };
            let expected: BTreeSet<_> = listed.iter().filter(counts).collect();
            let got: BTreeSet<_> = allowed.iter().filter(counts).collect();
            Some(if expected == got {
                Verdict::Pass
            } else {
                Verdict::fail(Some(last.index), told(expected), told(got))
            })
        },
    )
}

fn delivery_surfaces(case: &Case<'_>) -> Verdict {
    each(
        ends(case.trace),
        "no code that was sent was asked for",
        |(call, last, answer)| {
            let sent = CodeDelivery::of(answer.challenge_parameters.as_ref()?)?;
            let Some(Reply::Step {
                next:
                    NextStep::ConfirmSignInWithSmsCode { delivery }
                    | NextStep::ConfirmSignInWithEmailCode { delivery },
            }) = &call.reply
            else {
                return None;
            };
            Some(if delivery.as_ref() == Some(&sent) {
                Verdict::Pass
            } else {
                let shown = |delivery: &CodeDelivery| {
                    format!("{} to {}", delivery.delivery_medium, delivery.destination)
                };
                let got = delivery.as_ref().map_or("nothing".to_owned(), shown);
                Verdict::fail(Some(last.index), shown(&sent), got)
            })
        },
    )
}

/// Whether the service says that the code in this request is wrong.
fn is_wrong_code(exchange: &ExchangeTrace<'_>) -> bool {
    let is_mismatch = exchange.error.as_ref().is_some_and(|error| {
        matches!(
            error.kind,
            ErrorKind::CodeMismatch | ErrorKind::EnableSoftwareTokenMFA
        )
    });
    is_mismatch && !exchange.is_altered() && code_of(exchange).is_some()
}

fn retry_keeps_session(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("nobody saw whether the person tried again");
    }
    let retries = case.trace.sign_ins.iter().flat_map(|sign_in| {
        let pairs = sign_in.calls.iter().zip(sign_in.calls.iter().skip(1));
        pairs.filter_map(|(call, next)| {
            let wrong = call.exchanges.last().filter(|last| is_wrong_code(last))?;
            Some((wrong, next))
        })
    });
    each(
        retries,
        "no code was wrong and given again",
        |(wrong, next)| {
            let Some(again) = next.exchanges.first() else {
                return Some(Verdict::fail(
                    Some(wrong.index),
                    format!("{} with the next code", wrong.words()),
                    match &next.reply {
                        Some(Reply::Error { error }) => {
                            format!("no request, and {}: {}", error.name, error.message)
                        }
                        other => format!("no request, and {other:?}"),
                    },
                ));
            };
            let at = Some(again.index);
            if again.words() != wrong.words() {
                return Some(Verdict::fail(at, wrong.words(), again.words()));
            }
            let session = session_of(again);
            Some(if session == session_of(wrong) {
                Verdict::Pass
            } else {
                let got = match session {
                    Some(_) => "another Session",
                    None => "no Session",
                };
                Verdict::fail(at, "the Session of the wrong code", got)
            })
        },
    )
}

fn session_of<'a>(exchange: &'a ExchangeTrace<'_>) -> Option<&'a str> {
    exchange.body.as_ref()?.get("Session")?.as_str()
}

fn mismatch_told(case: &Case<'_>) -> Verdict {
    each(case.trace.all_calls(), "no code was wrong", |call| {
        let last = call.exchanges.last().filter(|last| is_wrong_code(last))?;
        let error = last.error.as_ref()?;
        Some(match call.reply.as_ref()? {
            Reply::Error { error: port } if is_recognisable(error, port) => Verdict::Pass,
            Reply::Error { error: port } => Verdict::fail(
                Some(last.index),
                error.to_string(),
                format!("{}: {}", port.name, port.message),
            ),
            other => Verdict::fail(Some(last.index), error.to_string(), format!("{other:?}")),
        })
    })
}

fn set_up_sessions(case: &Case<'_>) -> Verdict {
    each(
        case.positions(),
        "no factor was set up while signing in",
        |step| {
            let pending = step.pending?;
            if pending.challenge_name != Some(ChallengeName::MfaSetup) {
                return None;
            }
            let exchange = step.exchange;
            let is_set_up = match &exchange.operation {
                Some(Operation::AssociateSoftwareToken | Operation::VerifySoftwareToken) => true,
                _ => exchange.respond()?.challenge_name == ChallengeName::MfaSetup,
            };
            if !is_set_up {
                return None;
            }
            let Some(wanted) = step.session else {
                return Some(Verdict::NotApplicable("the service gave no Session"));
            };
            let sent = session_of(exchange);
            if is_redacted(wanted) || sent.is_some_and(is_redacted) {
                return Some(Verdict::NotApplicable("the Session is redacted"));
            }
            Some(if sent == Some(wanted) {
                Verdict::Pass
            } else {
                let got = match sent {
                    Some(_) => "another Session",
                    None => "no Session",
                };
                Verdict::fail(
                    Some(exchange.index),
                    format!("the latest Session in {}", exchange.words()),
                    got,
                )
            })
        },
    )
}

fn secret_surfaces(case: &Case<'_>) -> Verdict {
    let calls = case
        .trace
        .sign_ins
        .iter()
        .flat_map(|sign_in| &sign_in.calls);
    each(calls, "no secret reached the application", |call| {
        let Some(Reply::Step {
            next: NextStep::ContinueSignInWithTotpSetup { shared_secret },
        }) = &call.reply
        else {
            return None;
        };
        let last = call.exchanges.iter().rev().find(|exchange| {
            exchange.operation == Some(Operation::AssociateSoftwareToken) && !exchange.is_altered()
        })?;
        let came: AssociateSoftwareTokenResponse = read(last)?;
        if is_redacted(&came.secret_code) {
            return Some(Verdict::NotApplicable("the secret is redacted"));
        }
        Some(if *shared_secret == came.secret_code {
            Verdict::Pass
        } else {
            Verdict::fail(
                Some(last.index),
                "SecretCode as sharedSecret",
                concealed(shared_secret),
            )
        })
    })
}

/// A success of an operation whose answer has a shape of its own.
fn read<T: serde::de::DeserializeOwned>(exchange: &ExchangeTrace<'_>) -> Option<T> {
    let response = exchange.response.as_ref().filter(|r| r.status == 200)?;
    serde_json::from_slice(response.body.as_bytes()).ok()
}

fn set_up_finished(case: &Case<'_>) -> Verdict {
    each(
        &case.trace.sign_ins,
        "no time-based code was set up while signing in",
        |sign_in| of_set_up(case.facts, sign_in),
    )
}

fn of_set_up(facts: &Facts, sign_in: &SignInTrace<'_>) -> Option<Verdict> {
    let exchanges: Vec<&ExchangeTrace<'_>> = sign_in.exchanges().collect();
    let mut is_taken = false;
    let mut verdict = None;
    for (at, exchange) in exchanges.iter().enumerate() {
        if exchange.initiate().is_some() {
            is_taken = false;
        }
        if answers_set_up(exchange) {
            let brings_address = exchange.parameter(key::EMAIL).is_some();
            if !is_taken && !brings_address && at > 0 {
                return Some(Verdict::fail(
                    Some(exchange.index),
                    "VerifySoftwareToken with a right code first",
                    "an answer to MFA_SETUP",
                ));
            }
            continue;
        }
        if exchange.is_altered() || exchange.operation != Some(Operation::VerifySoftwareToken) {
            continue;
        }
        let taken = read::<VerifySoftwareTokenResponse>(exchange)
            .filter(|answer| answer.status == "SUCCESS" && answer.session.is_some());
        if taken.is_none() {
            continue;
        }
        is_taken = true;
        match exchanges.get(at + 1) {
            Some(next) if answers_set_up(next) => verdict = Some(Verdict::Pass),
            // It may still be to come, or was refused and taken out of the recording.
            None if !facts.is_played() => {}
            next => {
                return Some(Verdict::fail(
                    Some(exchange.index),
                    "an answer to MFA_SETUP",
                    next.map_or("nothing".to_owned(), |next| next.words()),
                ));
            }
        }
    }
    verdict
}

fn answers_set_up(exchange: &ExchangeTrace<'_>) -> bool {
    exchange
        .respond()
        .is_some_and(|request| request.challenge_name == ChallengeName::MfaSetup)
}
