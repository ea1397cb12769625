//! How a sign-in ends, and what the application is told.

use crate::expect::{By, Verdict as Course};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{SignInTrace, Trace};
use crate::rules::rule::{Level, Observation, Party, Rule, Verdict, each, observe};
use crate::rules::service::{Requests, requests_to};
use crate::rules::source::{
    ANDROID, FLUTTER, JS, SWIFT, amplify, file, guide, issue, measured, seen,
};
use crate::scenario::FaultKind;
use crate::scenario::fault::ErrorForm;
use crate::wire::{ChallengeName, ErrorKind, NextStep, PortError, Reply, ServiceError};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "outcome.operations",
        level: Level::Must,
        party: Party::Port,
        sentence: "A sign-in makes the requests that its scenario allows, in an allowed order.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "Client-side authentication flow",
                "InitiateAuth, then RespondToAuthChallenge for each challenge until there are tokens",
            ),
            issue("aws-amplify/amplify-android#2335"),
            issue("aws-amplify/amplify-js#419"),
            issue("aws-amplify/aws-sdk-android#1778"),
        ],
        check: Rule::requires(operations),
    },
    Rule {
        id: "outcome.allowed",
        level: Level::Must,
        party: Party::Port,
        sentence: "A sign-in ends in a way that its scenario allows.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "User pool authentication flow",
                "challenges are answered until authentication fails or tokens are issued",
            ),
            guide(
                "cognito-user-pool-managing-errors",
                "User creation and authentication operations",
                "what a user who does not exist is told",
            ),
            amplify(
                "Multi-step sign-in",
                "introduction",
                "nextStep tells what is next, and DONE that the sign-in is complete",
            ),
            seen("wrong-proofs", "NotAuthorizedException"),
            file(&SWIFT, "Support/Helpers/UserPoolSignInHelper.swift"),
        ],
        check: Rule::requires(allowed),
    },
    Rule {
        id: "outcome.done-means-tokens",
        level: Level::Should,
        party: Party::Port,
        sentence: "DONE is reported only when the service has given all three tokens.",
        sources: &[
            amplify(
                "Multi-step sign-in",
                "introduction",
                "DONE means that the sign-in is complete",
            ),
            file(&SWIFT, "Support/Helpers/UserPoolSignInHelper.swift"),
        ],
        check: Rule::requires(done_means_tokens),
    },
    Rule {
        id: "outcome.step-matches-challenge",
        level: Level::Must,
        party: Party::Port,
        sentence: "The next step is that of the challenge which the service asks.",
        sources: &[
            amplify(
                "Multi-step sign-in",
                "introduction",
                "a step for each thing that may be asked: a code by SMS, e-mail or app, the choice of a factor, a \
                 set-up, a custom challenge, a new password",
            ),
            file(
                &SWIFT,
                "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
            ),
            issue("aws-amplify/amplify-swift#2572"),
            issue("pmill/aws-cognito#3"),
        ],
        check: Rule::requires(step_matches_challenge),
    },
    Rule {
        id: "outcome.error-named",
        level: Level::Should,
        party: Party::Port,
        sentence: "An error of the service reaches the application with its name or its text.",
        sources: &[
            file(
                &SWIFT,
                "Service/ErrorMapping/AWSCongnitoIdentityProvider+AuthErrorConvertible.swift",
            ),
            issue("aws-amplify/amplify-android#2567"),
            issue("aws-amplify/amplify-flutter#669"),
            issue("supertokens/supertokens-core#1149"),
            issue("aws-amplify/amplify-js#9714"),
            issue("aws-amplify/aws-sdk-ios#1495"),
        ],
        check: Rule::requires(error_named),
    },
    Rule {
        id: "outcome.user-status",
        level: Level::Observed,
        party: Party::Port,
        sentence: "UserNotConfirmedException and PasswordResetRequiredException become next steps, or stay errors.",
        sources: &[
            amplify(
                "Multi-step sign-in",
                "introduction",
                "RESET_PASSWORD and CONFIRM_SIGN_UP are steps of a sign-in",
            ),
            file(
                &SWIFT,
                "StateMachine/CodeGen/Data/RespondToAuthChallenge.swift",
            ),
            file(&JS, "providers/cognito/utils/signInHelpers.ts"),
            file(&ANDROID, "CognitoAuthExceptionConverter.kt"),
            file(&FLUTTER, "auth_plugin_impl.dart"),
        ],
        check: Rule::observes(user_status),
    },
    Rule {
        id: "error.forms",
        level: Level::Should,
        party: Party::Port,
        sentence: "A service error is recognised in each form in which it has been seen.",
        sources: &[
            measured(
                "aws-amplify/amplify-swift#3344",
                "a trace shows __type and message in the body, and the name with a colon in a header",
            ),
            issue("supertokens/supertokens-core#1149"),
        ],
        check: Rule::requires(error_forms),
    },
    Rule {
        id: "error.network",
        level: Level::Should,
        party: Party::Port,
        sentence: "A broken connection or answer is an error that does not look like a wrong password or an unknown user.",
        sources: &[
            issue("aws-amplify/amplify-js#13718"),
            issue("aws-amplify/amplify-flutter#2967"),
        ],
        check: Rule::requires(network),
    },
];

fn operations(case: &Case<'_>) -> Verdict {
    each(
        case.course(),
        "no scenario says what is allowed",
        |course| {
            Some(match course {
                Course::Went { .. } => Verdict::Pass,
                Course::Unjudged(reason) => Verdict::NotApplicable(reason),
                Course::Strayed(strayed) => match strayed.by {
                    By::Request => Verdict::fail(strayed.exchange, &strayed.expected, &strayed.got)
                        .if_service_is_right(),
                    By::End => Verdict::Pass,
                    By::Answer => Verdict::NotApplicable(ANSWERED),
                },
            })
        },
    )
}

fn allowed(case: &Case<'_>) -> Verdict {
    let sign_ins = case.course().iter().zip(&case.trace.sign_ins);
    each(
        sign_ins,
        "no scenario says what is allowed",
        |(course, sign_in)| {
            let index = sign_in.exchanges().last().map(|exchange| exchange.index);
            Some(match course {
                Course::Went { .. } => Verdict::Pass,
                Course::Unjudged(reason) => Verdict::NotApplicable(reason),
                Course::Strayed(strayed) => match strayed.by {
                    By::Request => {
                        Verdict::NotApplicable("the requests are not those of the scenario")
                    }
                    By::End => {
                        Verdict::fail(index, &strayed.expected, told(sign_in)).if_service_is_right()
                    }
                    // A right request is answered otherwise: that is the service's affair.
                    By::Answer if requests_to(case, strayed.exchange) != Requests::Wrong => {
                        Verdict::NotApplicable(ANSWERED)
                    }
                    By::Answer => Verdict::fail(
                        strayed.exchange,
                        &strayed.expected,
                        format!("{}, and then {}", strayed.got, told(sign_in)),
                    )
                    .if_service_is_right(),
                },
            })
        },
    )
}

fn told(sign_in: &SignInTrace<'_>) -> String {
    let Some(ended) = sign_in.ended() else {
        return broke_off(sign_in.last_reply());
    };
    match sign_in.port_error() {
        Some(PortError { name, message }) => format!("{ended}, told as {name}: {message}"),
        None => ended.to_string(),
    }
}

const ANSWERED: &str = "the service answers otherwise than the scenario says";

fn broke_off(reply: Option<&Reply>) -> String {
    match reply {
        None => "no reply".to_owned(),
        Some(Reply::Crash { detail }) => format!("a crash: {detail}"),
        Some(Reply::TimedOut { after_ms }) => format!("no reply within {after_ms} ms"),
        Some(Reply::ProtocolBroken { detail }) => {
            format!("a breach of the shim protocol: {detail}")
        }
        Some(Reply::Unsupported { reason }) => {
            format!("a declared call refused as unsupported: {reason}")
        }
        Some(other) => other.words(),
    }
}

fn done_means_tokens(case: &Case<'_>) -> Verdict {
    let trace = case.trace;
    let calls = trace.sign_ins.iter().flat_map(|sign_in| &sign_in.calls);
    each(calls, "no sign-in was reported as done", |call| {
        let Some(Reply::Step {
            next: NextStep::Done,
        }) = &call.reply
        else {
            return None;
        };
        // What a client asks for once there are tokens is its own affair.
        let last = call
            .exchanges
            .iter()
            .rev()
            .find(|last| last.is_of_sign_in());
        let result = last.and_then(|last| last.answer.as_ref()?.authentication_result.as_ref());
        let index = last.map(|last| last.index);
        Some(match result {
            Some(result) if result.is_complete() => Verdict::Pass,
            Some(_) => Verdict::fail(index, "an error: a token is missing", "DONE"),
            None => Verdict::fail(index, "no DONE without AuthenticationResult", "DONE"),
        })
    })
}

fn step_matches_challenge(case: &Case<'_>) -> Verdict {
    let trace = case.trace;
    let calls = trace.sign_ins.iter().flat_map(|sign_in| &sign_in.calls);
    each(
        calls,
        "no next step followed an answer of the service",
        |call| {
            let Some(Reply::Step { next }) = &call.reply else {
                return None;
            };
            let last = call
                .exchanges
                .iter()
                .rev()
                .find(|last| last.is_of_sign_in())?;
            let expected = match (&last.answer, &last.error) {
                (Some(answer), _) => match &answer.challenge_name {
                    Some(name) => {
                        let steps = steps_of(name);
                        return Some(if steps.contains(&next.name()) {
                            Verdict::Pass
                        } else {
                            let expected = match steps {
                                [] => "an answer to the challenge, or an error".to_owned(),
                                steps => steps.join(" or "),
                            };
                            Verdict::fail(Some(last.index), expected, next.name())
                        });
                    }
                    None => "DONE",
                },
                (
                    None,
                    Some(ServiceError {
                        kind: ErrorKind::UserNotConfirmed,
                        ..
                    }),
                ) => "CONFIRM_SIGN_UP",
                (
                    None,
                    Some(ServiceError {
                        kind: ErrorKind::PasswordResetRequired,
                        ..
                    }),
                ) => "RESET_PASSWORD",
                (None, _) => "an error",
            };
            Some(if next.name() == expected {
                Verdict::Pass
            } else {
                Verdict::fail(Some(last.index), expected, next.name())
            })
        },
    )
}

/// The steps that a challenge can be; none where the port has to answer it by itself. What has to be set up, and how, is
/// settled in several steps.
fn steps_of(challenge: &ChallengeName) -> &'static [&'static str] {
    match challenge {
        ChallengeName::CustomChallenge => &["CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"],
        ChallengeName::NewPasswordRequired => &["CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED"],
        ChallengeName::SmsMfa | ChallengeName::SmsOtp => &["CONFIRM_SIGN_IN_WITH_SMS_CODE"],
        ChallengeName::EmailOtp => &["CONFIRM_SIGN_IN_WITH_EMAIL_CODE"],
        ChallengeName::SoftwareTokenMfa => &["CONFIRM_SIGN_IN_WITH_TOTP_CODE"],
        ChallengeName::SelectMfaType => &["CONTINUE_SIGN_IN_WITH_MFA_SELECTION"],
        ChallengeName::MfaSetup => &[
            "CONTINUE_SIGN_IN_WITH_TOTP_SETUP",
            "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP",
            "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION",
        ],
        ChallengeName::SelectChallenge => &[
            "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION",
            "CONFIRM_SIGN_IN_WITH_PASSWORD",
        ],
        ChallengeName::Password | ChallengeName::PasswordSrp => &["CONFIRM_SIGN_IN_WITH_PASSWORD"],
        _ => &[],
    }
}

fn error_named(case: &Case<'_>) -> Verdict {
    let Case { facts, trace, .. } = case;
    if altered_error(facts) {
        return Verdict::NotApplicable("the answer was altered");
    }
    named(trace)
}

fn error_forms(case: &Case<'_>) -> Verdict {
    let Case { facts, trace, .. } = case;
    if !has_seen_form(facts) || !case.positions().any(|step| step.exchange.is_altered()) {
        return Verdict::NotApplicable("no service error in another form was sent");
    }
    named(trace)
}

/// Whether an error came in another form that has been seen. Nobody has captured one without a body.
fn has_seen_form(facts: &Facts) -> bool {
    let fault = facts
        .scenario()
        .and_then(|scenario| scenario.fault.as_ref());
    fault.is_some_and(
        |fault| matches!(&fault.kind, FaultKind::Error(form) if *form != ErrorForm::HeaderOnly),
    )
}

fn altered_error(facts: &Facts) -> bool {
    let fault = facts
        .scenario()
        .and_then(|scenario| scenario.fault.as_ref());
    fault.is_some_and(|fault| matches!(fault.kind, FaultKind::Error(_)))
}

fn named(trace: &Trace<'_>) -> Verdict {
    each(
        &trace.sign_ins,
        "no error of the service ended a sign-in",
        |sign_in| {
            let error = sign_in.passed_on_error()?;
            let port = sign_in.port_error()?;
            let index = sign_in.exchanges().last().map(|exchange| exchange.index);
            Some(if is_recognisable(error, port) {
                Verdict::Pass
            } else {
                Verdict::fail(
                    index,
                    error.to_string(),
                    format!("{}: {}", port.name, port.message),
                )
            })
        },
    )
}

/// Whether an error of the service can be told from what the application is given: its name or its text is there.
pub(super) fn is_recognisable(error: &ServiceError, port: &PortError) -> bool {
    let name = error.kind.as_str();
    let stem = name.trim_end_matches("Exception").to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&stem);
    has(&port.name) || has(&port.message) || port.message.contains(&error.message)
}

fn user_status(case: &Case<'_>) -> Observation {
    let trace = case.trace;
    observe(
        &trace.sign_ins,
        "no user's status stopped a sign-in",
        |sign_in| {
            let error = sign_in.passed_on_error()?;
            if !matches!(
                error.kind,
                ErrorKind::UserNotConfirmed | ErrorKind::PasswordResetRequired
            ) {
                return None;
            }
            Some(match sign_in.last_reply()? {
                Reply::Step { next } => format!("{} as {}", error.kind, next.name()),
                _ => format!("{} as an error", error.kind),
            })
        },
    )
}

fn network(case: &Case<'_>) -> Verdict {
    let Case { facts, trace, .. } = case;
    let fault = facts
        .scenario()
        .and_then(|scenario| scenario.fault.as_ref());
    let broken = fault.is_some_and(|fault| {
        matches!(
            fault.kind,
            FaultKind::Dropped
                | FaultKind::ServerError
                | FaultKind::Truncated
                | FaultKind::EmptyObject
        )
    });
    if !broken {
        return Verdict::NotApplicable("no connection and no answer was broken");
    }
    each(
        &trace.sign_ins,
        "no connection and no answer was broken",
        |sign_in| {
            let last = sign_in
                .exchanges()
                .rfind(|exchange| exchange.is_of_sign_in())?;
            if !last.is_altered() {
                return None;
            }
            // Half of a refusal is still one: its name is in the headers, too.
            let is_cut = fault.is_some_and(|fault| fault.kind == FaultKind::Truncated);
            if is_cut && last.response.as_ref().is_some_and(|r| r.status >= 400) {
                return None;
            }
            let index = Some(last.index);
            Some(match sign_in.last_reply()? {
                Reply::Error { error } => {
                    let misleading = ["NotAuthorized", "UserNotFound", "Incorrect username"];
                    let said = format!("{}: {}", error.name, error.message);
                    match misleading.iter().find(|word| said.contains(**word)) {
                        Some(_) => {
                            Verdict::fail(index, "an error of the connection or the answer", said)
                        }
                        None => Verdict::Pass,
                    }
                }
                Reply::Step { next } => Verdict::fail(index, "an error", next.name()),
                other => Verdict::fail(index, "an error", broke_off(Some(other))),
            })
        },
    )
}
