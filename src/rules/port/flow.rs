//! Which requests a flow makes, and in which order.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{ExchangeTrace, Message, SignInTrace, Trace, is_redacted};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{PYCOGNITO, SWIFT, amplify, file, guide, issue, model, recording};
use crate::wire::names::key;
use crate::wire::{AuthFlow, AuthFlowType, ChallengeName, SignIn};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "flow.first-request",
        level: Level::Must,
        party: Party::Port,
        sentence: "A sign-in starts with InitiateAuth of the flow that option and configuration lead to.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "Client-side authentication flow",
                "the app first calls InitiateAuth, then RespondToAuthChallenge",
            ),
            amplify(
                "Switching authentication flows",
                "introduction",
                "the flow given to signIn is used, else the configured one, else userSRP",
            ),
            file(&SWIFT, "Models/AuthFlowType.swift"),
        ],
        check: Rule::requires(first_request),
    },
    Rule {
        id: "flow.srp-parameters",
        level: Level::Must,
        party: Party::Port,
        sentence: "USER_SRP_AUTH carries USERNAME and SRP_A, and no PASSWORD.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "USER_SRP_AUTH takes USERNAME and SRP_A, both required",
            ),
            recording(
                "fixtures/transcripts/2018-01-srp-success.json",
                "InitiateAuth had USERNAME and SRP_A and was accepted",
            ),
            file(&SWIFT, "Support/Utils/InitiateAuthInput+Amplify.swift"),
        ],
        check: Rule::requires(|case| parameters(case, AuthFlowType::UserSrp)),
    },
    Rule {
        id: "flow.password-parameters",
        level: Level::Must,
        party: Party::Port,
        sentence: "USER_PASSWORD_AUTH carries USERNAME and PASSWORD exactly as given, and no SRP_A.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "USER_PASSWORD_AUTH takes USERNAME and PASSWORD, both required",
            ),
            amplify(
                "Switching authentication flows",
                "USER_PASSWORD_AUTH flow",
                "the password is sent to the service, inside TLS",
            ),
            file(
                &SWIFT,
                "Actions/SignIn/MigrateAuth/InitiateMigrateAuth.swift",
            ),
        ],
        check: Rule::requires(|case| parameters(case, AuthFlowType::UserPassword)),
    },
    Rule {
        id: "flow.custom-srp-parameters",
        level: Level::Must,
        party: Party::Port,
        sentence: "CUSTOM_AUTH that starts with SRP carries USERNAME, SRP_A and CHALLENGE_NAME = SRP_A, and no PASSWORD.",
        sources: &[
            guide(
                "user-pool-lambda-define-auth-challenge",
                "Define Auth challenge Lambda trigger",
                "a start with SRP has CHALLENGE_NAME: SRP_A, SRP_A and USERNAME",
            ),
            model(
                "InitiateAuthRequest$AuthParameters",
                "CUSTOM_AUTH takes USERNAME, and for SRP before custom challenges SRP_A",
            ),
            amplify(
                "Switching authentication flows",
                "introduction",
                "customWithSRP starts with SRP, in which the password never leaves the client",
            ),
            file(&SWIFT, "Support/Utils/InitiateAuthInput+Amplify.swift"),
            issue("aws-amplify/amplify-js#1291"),
        ],
        check: Rule::requires(|case| parameters(case, AuthFlowType::CustomWithSrp)),
    },
    Rule {
        id: "flow.custom-parameters",
        level: Level::Must,
        party: Party::Port,
        sentence: "CUSTOM_AUTH without SRP carries USERNAME, and neither SRP_A, CHALLENGE_NAME = SRP_A nor PASSWORD.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "CUSTOM_AUTH takes USERNAME; what belongs to SRP only when SRP comes first",
            ),
            amplify(
                "Switching authentication flows",
                "introduction",
                "customWithoutSRP starts without SRP",
            ),
            file(&SWIFT, "Support/Utils/InitiateAuthInput+Amplify.swift"),
            issue("aws-amplify/amplify-flutter#2393"),
            issue("aws-amplify/amplify-swift#1134"),
        ],
        check: Rule::requires(|case| parameters(case, AuthFlowType::CustomWithoutSrp)),
    },
    Rule {
        id: "flow.one-initiate",
        level: Level::Must,
        party: Party::Port,
        sentence: "One sign-in makes one InitiateAuth; it is not restarted between a question and its answer.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "Client-side authentication flow",
                "InitiateAuth is called once; whatever is asked after it is answered by RespondToAuthChallenge",
            ),
            issue("aws-amplify/amplify-js#3066"),
        ],
        check: Rule::requires(one_initiate),
    },
    Rule {
        id: "flow.one-initiate-for-new-password",
        level: Level::Should,
        party: Party::Port,
        sentence: "A new password is set in the sign-in that asked for it, and not in a second one with the old password.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "Client-side authentication flow",
                "InitiateAuth is called once; whatever is asked after it is answered by RespondToAuthChallenge",
            ),
            file(&PYCOGNITO, "pycognito/aws_srp.py"),
        ],
        check: Rule::requires(one_initiate_for_new_password),
    },
    Rule {
        id: "flow.answers-pending",
        level: Level::Must,
        party: Party::Port,
        sentence: "RespondToAuthChallenge names the challenge that is pending.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeName",
                "the name of the challenge that is responded to",
            ),
            issue("aws/aws-sdk-net-extensions-cognito#127"),
            issue("furaiev/amazon-cognito-identity-dart-2#71"),
        ],
        check: Rule::requires(answers_pending),
    },
    Rule {
        id: "flow.nothing-after-end",
        level: Level::Should,
        party: Party::Port,
        sentence: "No sign-in request is sent after tokens or an error have ended a call, and none outside of any call.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "User pool authentication flow",
                "challenges are answered until authentication fails or tokens are issued",
            ),
            issue("aws-amplify/amplify-js#5747"),
        ],
        check: Rule::requires(nothing_after_end),
    },
];

/// The flow of one sign-in: the run-time option, else the one reading of the configuration, else what was sent.
pub fn flow_of(facts: &Facts, sign_in: &SignInTrace<'_>) -> Option<AuthFlowType> {
    let option = sign_in.arguments().and_then(|call| call.auth_flow_type);
    option.or(facts.flow()).or_else(|| {
        // Nobody saw the call of a recording.
        facts
            .scenario()
            .is_none()
            .then(|| sent_flow(sign_in.exchanges().next()?))
            .flatten()
    })
}

/// The flow that a first request belongs to.
pub fn sent_flow(first: &ExchangeTrace<'_>) -> Option<AuthFlowType> {
    let request = first.initiate()?;
    match request.auth_flow {
        AuthFlow::UserSrpAuth => Some(AuthFlowType::UserSrp),
        AuthFlow::UserPasswordAuth => Some(AuthFlowType::UserPassword),
        AuthFlow::CustomAuth if request.auth_parameters.contains_key(key::SRP_A) => {
            Some(AuthFlowType::CustomWithSrp)
        }
        AuthFlow::CustomAuth => Some(AuthFlowType::CustomWithoutSrp),
        AuthFlow::UserAuth => Some(AuthFlowType::UserAuth),
        _ => None,
    }
}

/// Whether the person gave a password.
pub fn has_password(call: Option<&SignIn>) -> bool {
    call.is_none_or(|call| {
        call.password
            .as_ref()
            .is_some_and(|password| !password.is_empty())
    })
}

fn first_request(case: &Case<'_>) -> Verdict {
    if case.facts.is_observed() {
        return of_the_public(case.trace);
    }
    each(
        &case.trace.sign_ins,
        "no sign-in made a request, or its flow has more than one reading",
        |sign_in| {
            let first = sign_in.exchanges().next()?;
            let at = Some(first.index);
            let flow = flow_of(case.facts, sign_in)?;
            let expected = format!("InitiateAuth {}", flow.auth_flow());
            Some(if first.words() == expected {
                Verdict::Pass
            } else {
                Verdict::fail(at, expected, first.words())
            })
        },
    )
}

/// Of an observed sign-in nobody knows which flow was wanted, only that administrators' flows are not InitiateAuth's.
fn of_the_public(trace: &Trace<'_>) -> Verdict {
    each(&trace.sign_ins, NO_CALL, |sign_in| {
        let first = sign_in.exchanges().next()?;
        let flow = &first.initiate()?.auth_flow;
        matches!(
            flow,
            AuthFlow::AdminNoSrpAuth | AuthFlow::AdminUserPasswordAuth
        )
        .then(|| {
            Verdict::fail(
                Some(first.index),
                "InitiateAuth of a flow that is not the administrators'",
                first.words(),
            )
        })
    })
}

fn parameters(case: &Case<'_>, judged: AuthFlowType) -> Verdict {
    each(
        &case.trace.sign_ins,
        "no sign-in of this flow made a request",
        |sign_in| {
            let first = sign_in.exchanges().next()?;
            if flow_of(case.facts, sign_in)? != judged {
                return None;
            }
            if judged == AuthFlowType::CustomWithSrp && !has_password(sign_in.arguments()) {
                return Some(Verdict::NotApplicable(
                    "without a password some ports start the custom flow without SRP",
                ));
            }
            let at = Some(first.index);
            let sent = first.parameters()?;
            let wanted: &[&str] = match judged {
                AuthFlowType::UserSrp => &[key::USERNAME, key::SRP_A],
                AuthFlowType::UserPassword => &[key::USERNAME, key::PASSWORD],
                AuthFlowType::CustomWithSrp => &[key::USERNAME, key::SRP_A, key::CHALLENGE_NAME],
                AuthFlowType::CustomWithoutSrp | AuthFlowType::UserAuth => &[key::USERNAME],
            };
            let unwanted: &[&str] = match judged {
                // The service ignores CHALLENGE_NAME beside USER_SRP_AUTH (README and tests of cognito-srp-helper).
                AuthFlowType::UserSrp => &[key::PASSWORD],
                AuthFlowType::UserPassword => &[key::SRP_A, key::CHALLENGE_NAME],
                AuthFlowType::CustomWithSrp => &[key::PASSWORD],
                AuthFlowType::CustomWithoutSrp => &[key::PASSWORD, key::SRP_A],
                // Both may come with the preferred factor.
                AuthFlowType::UserAuth => &[key::CHALLENGE_NAME],
            };
            if let Some(missing) = wanted.iter().find(|name| !sent.contains_key(**name)) {
                return Some(Verdict::fail(
                    at,
                    format!("{missing} in AuthParameters"),
                    names(sent),
                ));
            }
            if let Some(extra) = unwanted.iter().find(|name| sent.contains_key(**name)) {
                return Some(Verdict::fail(
                    at,
                    format!("no {extra} in AuthParameters"),
                    names(sent),
                ));
            }
            let challenge_name = sent.get(key::CHALLENGE_NAME).map(String::as_str);
            match judged {
                AuthFlowType::CustomWithSrp if challenge_name != Some(key::SRP_A) => {
                    return Some(Verdict::fail(
                        at,
                        "CHALLENGE_NAME = SRP_A",
                        challenge_name.unwrap_or_default(),
                    ));
                }
                AuthFlowType::CustomWithoutSrp if challenge_name == Some(key::SRP_A) => {
                    return Some(Verdict::fail(
                        at,
                        "no CHALLENGE_NAME = SRP_A without SRP",
                        key::SRP_A,
                    ));
                }
                _ => {}
            }
            if judged == AuthFlowType::UserPassword
                && let Some(given) = case.facts.given_password(sign_in.arguments())
                && let Some(password) = sent
                    .get(key::PASSWORD)
                    .filter(|password| !is_redacted(password))
                && password != given
            {
                return Some(Verdict::fail(
                    at,
                    "PASSWORD exactly as the person typed it",
                    "another text",
                ));
            }
            Some(Verdict::Pass)
        },
    )
}

fn names(sent: &crate::wire::Parameters) -> String {
    sent.keys().cloned().collect::<Vec<_>>().join(", ")
}

fn one_initiate(case: &Case<'_>) -> Verdict {
    if case.facts.is_observed() {
        return Verdict::NotApplicable("a second InitiateAuth may be the person's next attempt");
    }
    each(
        &case.trace.sign_ins,
        "no sign-in made a request",
        |sign_in| {
            let mut initiates = sign_in
                .exchanges()
                .filter(|exchange| exchange.initiate().is_some());
            // A repetition after a troubled answer is judged by the sequence of requests.
            let first = initiates.next()?;
            if first.is_altered() || sign_in.exchanges().any(ExchangeTrace::misses_device) {
                return None;
            }
            // For a new password there is a rule of its own.
            let second = initiates.next();
            let second = second.filter(|second| !asks_new_password(sign_in, second.index));
            Some(match second {
                Some(second) => Verdict::fail(
                    Some(second.index),
                    "one InitiateAuth in a sign-in",
                    "a second one",
                ),
                None => Verdict::Pass,
            })
        },
    )
}

fn one_initiate_for_new_password(case: &Case<'_>) -> Verdict {
    if case.facts.is_observed() {
        return Verdict::NotApplicable("a second InitiateAuth may be the person's next attempt");
    }
    each(case.positions(), "no new password was set", |step| {
        let is_again = step.exchange.initiate().is_some() && step.position > 0;
        let asked = step.pending?.challenge_name.as_ref()?;
        if *asked != ChallengeName::NewPasswordRequired || step.exchange.is_refresh() {
            return None;
        }
        Some(match is_again {
            true => Verdict::fail(
                Some(step.exchange.index),
                "an answer to NEW_PASSWORD_REQUIRED",
                "a second InitiateAuth",
            ),
            false => Verdict::Pass,
        })
    })
}

/// Whether a new password is asked for before an exchange.
fn asks_new_password(sign_in: &SignInTrace<'_>, before: usize) -> bool {
    let earlier = sign_in.exchanges().take_while(|it| it.index < before);
    let asked = earlier.filter_map(|it| it.answer.as_ref()?.challenge_name.as_ref());
    asked.last() == Some(&ChallengeName::NewPasswordRequired)
}

fn answers_pending(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no challenge was answered", |step| {
        let answered = &step.exchange.respond()?.challenge_name;
        let at = Some(step.exchange.index);
        // Shipped clients repeat what they can where their device is gone, whatever is pending: another rule tells it.
        if step.misses_device() {
            return None;
        }
        let Some(pending) = step
            .pending
            .and_then(|pending| pending.challenge_name.as_ref())
        else {
            // A recording may begin in the middle.
            return (step.position > 0 || step.sign_in.is_some()).then(|| {
                Verdict::fail(
                    at,
                    "no answer where no challenge is pending",
                    answered.as_str(),
                )
            });
        };
        // A first factor may be answered by its own name at once.
        let is_choice = *pending == ChallengeName::SelectChallenge
            && matches!(
                answered,
                ChallengeName::Password | ChallengeName::PasswordSrp
            );
        Some(if pending == answered || is_choice {
            Verdict::Pass
        } else {
            Verdict::fail(
                at,
                format!("an answer to {pending}"),
                format!("an answer to {answered}"),
            )
        })
    })
}

fn nothing_after_end(case: &Case<'_>) -> Verdict {
    if case.facts.is_observed() {
        return Verdict::NotApplicable(NO_CALL);
    }
    if let Some(stray) = case.trace.strays.first() {
        let target = stray
            .header("x-amz-target")
            .unwrap_or("an unnamed operation");
        return Verdict::fail(
            None,
            "no request outside of a call",
            format!("{target} outside of any call"),
        );
    }
    each(&case.trace.sign_ins, "no sign-in ended", |sign_in| {
        let mut over = false;
        for call in &sign_in.calls {
            let mut failed = false;
            for exchange in &call.exchanges {
                // What a client asks for once there are tokens, say the user's attributes, is its own affair.
                let other_call =
                    exchange.operation.is_some() && matches!(exchange.message, Message::Other);
                if (over || failed) && !other_call {
                    let after = if over {
                        "tokens"
                    } else {
                        "an error of the service"
                    };
                    let got = format!("{} after {after}", exchange.words());
                    return Some(Verdict::fail(
                        Some(exchange.index),
                        format!("nothing after {after}"),
                        got,
                    ));
                }
                over |= exchange
                    .answer
                    .as_ref()
                    .is_some_and(|answer| answer.authentication_result.is_some());
                // A device that the service has forgotten is tried without.
                failed |=
                    exchange.error.is_some() && !exchange.is_altered() && !exchange.misses_device();
            }
        }
        sign_in.exchanges().next().map(|_| Verdict::Pass)
    })
}

/// Why a rule about calls can't be judged where a pool only looked on.
const NO_CALL: &str = "nobody saw the application's calls";
