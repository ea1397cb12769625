//! Passwords that are reset by a code.

use crate::expect::{Choice, choices};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{CallTrace, ExchangeTrace, Trace};
use crate::rules::port::outcome::is_recognisable;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{SWIFT, amplify, file, issue, model, operation};
use crate::wire::message::{CodeDeliveryDetails, ForgotPasswordResponse};
use crate::wire::{Call, ConfirmResetPassword, NextStep, Operation, Reply, ResetPassword};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "reset.request",
        level: Level::Must,
        party: Party::Port,
        sentence: "resetPassword sends ForgotPassword with the app client and the name exactly as the person typed it.",
        sources: &[
            operation(
                "ForgotPassword",
                "Username may be the user's name or an alias; a code is sent to that user",
            ),
            model(
                "ForgotPasswordRequest$ClientId",
                "the app client, which is required",
            ),
            amplify(
                "Manage passwords",
                "Reset Password",
                "resetPassword takes the user's name and sends a code",
            ),
            file(&SWIFT, "Task/AWSAuthResetPasswordTask.swift"),
        ],
        check: Rule::requires(request),
    },
    Rule {
        id: "reset.step",
        level: Level::Must,
        party: Party::Port,
        sentence: "A code that was sent leads to CONFIRM_RESET_PASSWORD_WITH_CODE.",
        sources: &[
            amplify(
                "Manage passwords",
                "Reset Password",
                "the next step after a code was sent is CONFIRM_RESET_PASSWORD_WITH_CODE",
            ),
            file(&SWIFT, "Task/AWSAuthResetPasswordTask.swift"),
        ],
        check: Rule::requires(step),
    },
    Rule {
        id: "reset.delivery",
        level: Level::Should,
        party: Party::Port,
        sentence: "The application is told where the code went, as the service put it.",
        sources: &[
            model("CodeDeliveryDetailsType", "where and how a code was sent"),
            amplify(
                "Manage passwords",
                "Reset Password",
                "the step has codeDeliveryDetails",
            ),
            file(&SWIFT, "Task/AWSAuthResetPasswordTask.swift"),
        ],
        check: Rule::requires(delivery),
    },
    Rule {
        id: "reset.confirm-request",
        level: Level::Must,
        party: Party::Port,
        sentence: "confirmResetPassword sends ConfirmForgotPassword with the app client, the name as typed, the code and the \
                   new password, character for character.",
        sources: &[
            model(
                "ConfirmForgotPasswordRequest$ConfirmationCode",
                "the code that the pool delivered",
            ),
            model(
                "ConfirmForgotPasswordRequest$Password",
                "the new password that the user wants",
            ),
            model(
                "ConfirmForgotPasswordRequest$Username",
                "the user's name, or an alias",
            ),
            amplify(
                "Manage passwords",
                "Reset Password",
                "confirmResetPassword takes the code that the user received and the new password",
            ),
            file(&SWIFT, "Task/AWSAuthConfirmResetPasswordTask.swift"),
        ],
        check: Rule::requires(confirm_request),
    },
    Rule {
        id: "reset.metadata",
        level: Level::Should,
        party: Party::Port,
        sentence: "The metadata given to resetPassword goes with ForgotPassword.",
        sources: &[
            model(
                "ForgotPasswordRequest$ClientMetadata",
                "a map for the triggers that the request invokes",
            ),
            file(&SWIFT, "Task/AWSAuthResetPasswordTask.swift"),
        ],
        check: Rule::requires(metadata),
    },
    Rule {
        id: "reset.one-request",
        level: Level::Should,
        party: Party::Port,
        sentence: "resetPassword and confirmResetPassword make one request each: no second code is asked for, and nobody is \
                   signed in.",
        sources: &[
            file(&SWIFT, "Task/AWSAuthResetPasswordTask.swift"),
            file(&SWIFT, "Task/AWSAuthConfirmResetPasswordTask.swift"),
            issue("aws-amplify/amplify-js#3066"),
        ],
        check: Rule::requires(one_request),
    },
    Rule {
        id: "reset.refusal-told",
        level: Level::Must,
        party: Party::Port,
        sentence: "A reset that the service refused is not reported as done.",
        sources: &[
            operation(
                "ConfirmForgotPassword",
                "declares CodeMismatchException and ExpiredCodeException for codes that it does not take",
            ),
            amplify(
                "Manage passwords",
                "Reset Password",
                "a reset that fails ends in an error",
            ),
            file(&SWIFT, "Task/AWSAuthConfirmResetPasswordTask.swift"),
        ],
        check: Rule::requires(refusal_told),
    },
    Rule {
        id: "reset.error-named",
        level: Level::Should,
        party: Party::Port,
        sentence: "An error of the service about a reset reaches the application with its name or its text.",
        sources: &[
            file(
                &SWIFT,
                "Service/ErrorMapping/AWSCongnitoIdentityProvider+AuthErrorConvertible.swift",
            ),
            issue("aws-amplify/amplify-flutter#669"),
            issue("aws-amplify/amplify-android#2567"),
            issue("aws-amplify/amplify-android#1370"),
        ],
        check: Rule::requires(error_named),
    },
];

/// A call that resets a password.
#[derive(Clone, Copy)]
enum Reset<'a> {
    Asks(&'a ResetPassword),
    Confirms(&'a ConfirmResetPassword),
}

impl Reset<'_> {
    /// The operation that it makes.
    fn operation(&self) -> Operation {
        match self {
            Self::Asks(_) => Operation::ForgotPassword,
            Self::Confirms(_) => Operation::ConfirmForgotPassword,
        }
    }

    /// Whether an argument is missing, so that a port may refuse by itself.
    fn lacks_something(&self) -> bool {
        match self {
            Self::Asks(call) => call.username.is_empty(),
            Self::Confirms(call) => [&call.username, &call.confirmation_code, &call.new_password]
                .into_iter()
                .any(String::is_empty),
        }
    }
}

/// Every call about a reset, and what became of it.
fn resets<'a>(trace: &'a Trace<'_>) -> impl Iterator<Item = (Reset<'a>, &'a CallTrace<'a>)> {
    trace.calls_after_sign_in().filter_map(|(_, traced)| {
        let reset = match traced.call.as_ref()? {
            Call::ResetPassword(call) => Reset::Asks(call),
            Call::ConfirmResetPassword(call) => Reset::Confirms(call),
            _ => return None,
        };
        Some((reset, traced))
    })
}

fn request(case: &Case<'_>) -> Verdict {
    each(resets(case.trace), NOBODY_RESET, |(reset, traced)| {
        let Reset::Asks(call) = reset else {
            return None;
        };
        let wanted = [Wanted::shown("Username", &call.username)];
        of_requests(case.facts, reset, traced, &wanted)
    })
}

fn confirm_request(case: &Case<'_>) -> Verdict {
    each(resets(case.trace), NOBODY_RESET, |(reset, traced)| {
        let Reset::Confirms(call) = reset else {
            return None;
        };
        let wanted = [
            Wanted::shown("Username", &call.username),
            Wanted::shown("ConfirmationCode", &call.confirmation_code),
            Wanted {
                is_secret: true,
                ..Wanted::shown("Password", &call.new_password)
            },
        ];
        of_requests(case.facts, reset, traced, &wanted)
    })
}

/// A member that a request has to have.
struct Wanted<'a> {
    member: &'static str,
    value: &'a str,
    is_secret: bool,
}

impl<'a> Wanted<'a> {
    fn shown(member: &'static str, value: &'a str) -> Self {
        Self {
            member,
            value,
            is_secret: false,
        }
    }
}

fn of_requests(
    facts: &Facts,
    reset: Reset<'_>,
    traced: &CallTrace<'_>,
    wanted: &[Wanted<'_>],
) -> Option<Verdict> {
    if reset.lacks_something() {
        return Some(Verdict::NotApplicable("an argument was empty"));
    }
    let operation = reset.operation();
    let mut made = own(&operation, traced).peekable();
    if made.peek().is_none() {
        let may_refuse = facts.scenario().is_some_and(|scenario| {
            choices(scenario.flow, &scenario.config).contains(&Choice::Refusal)
        });
        if may_refuse && matches!(traced.reply, Some(Reply::Error { .. })) {
            return Some(Verdict::NotApplicable(
                "a port may refuse the configuration",
            ));
        }
        let at = traced.exchanges.last().map(|exchange| exchange.index);
        return Some(Verdict::fail(
            at,
            operation.to_string(),
            format!("no {operation}"),
        ));
    }
    let client = facts.client_id().map(|id| Wanted::shown("ClientId", id));
    for exchange in made {
        let at = Some(exchange.index);
        for wanted in client.iter().chain(wanted) {
            let sent = exchange.member(wanted.member);
            if sent == Some(wanted.value) {
                continue;
            }
            let member = wanted.member;
            return Some(match (wanted.is_secret, sent) {
                (_, None) => Verdict::fail(
                    at,
                    format!("{member} in {operation}"),
                    format!("no text as {member}"),
                ),
                (true, Some(_)) => {
                    Verdict::fail(at, format!("{member}: the one that was given"), "another")
                }
                (false, Some(sent)) => {
                    Verdict::fail(at, format!("{member} = {}", wanted.value), sent)
                }
            });
        }
    }
    Some(Verdict::Pass)
}

fn own<'a>(
    operation: &'a Operation,
    traced: &'a CallTrace<'a>,
) -> impl Iterator<Item = &'a ExchangeTrace<'a>> {
    traced
        .exchanges
        .iter()
        .filter(move |exchange| exchange.operation.as_ref() == Some(operation))
}

fn metadata(case: &Case<'_>) -> Verdict {
    each(
        resets(case.trace),
        "no metadata was given to resetPassword",
        |(reset, traced)| {
            let Reset::Asks(call) = reset else {
                return None;
            };
            if call.metadata.is_empty() {
                return None;
            }
            let operation = reset.operation();
            let exchange = own(&operation, traced).next()?;
            let sent = exchange.body.as_ref()?.get("ClientMetadata");
            let has = |(name, value): (&String, &String)| {
                sent.and_then(|sent| sent.get(name)?.as_str()) == Some(value)
            };
            Some(if call.metadata.iter().all(has) {
                Verdict::Pass
            } else {
                Verdict::fail(
                    Some(exchange.index),
                    format!("ClientMetadata {:?}", call.metadata),
                    sent.map_or_else(|| "no ClientMetadata".to_owned(), ToString::to_string),
                )
            })
        },
    )
}

/// Where the service says that the code went, if its answer to a call is whole.
fn told_delivery<'a>(
    traced: &'a CallTrace<'_>,
) -> Option<(&'a ExchangeTrace<'a>, CodeDeliveryDetails)> {
    let last = traced.exchanges.last()?;
    let is_success = last.operation == Some(Operation::ForgotPassword)
        && !last.is_altered()
        && last.response.as_ref()?.status == 200;
    if !is_success {
        return None;
    }
    let body = last.response.as_ref()?.body.as_bytes();
    let answer: ForgotPasswordResponse = serde_json::from_slice(body).ok()?;
    Some((last, answer.code_delivery_details?))
}

fn step(case: &Case<'_>) -> Verdict {
    each(
        resets(case.trace),
        "the service sent no code, or did not say where it went",
        |(_, traced)| {
            let (last, _) = told_delivery(traced)?;
            let got = match traced.reply.as_ref()? {
                Reply::Step {
                    next: NextStep::ConfirmResetPasswordWithCode { .. },
                } => return Some(Verdict::Pass),
                Reply::Step { next } => next.name().to_owned(),
                Reply::Error { error } => format!("{}: {}", error.name, error.message),
                _ => "no next step".to_owned(),
            };
            Some(Verdict::fail(
                Some(last.index),
                "CONFIRM_RESET_PASSWORD_WITH_CODE",
                got,
            ))
        },
    )
}

fn delivery(case: &Case<'_>) -> Verdict {
    each(
        resets(case.trace),
        "the service sent no code, or did not say where it went",
        |(_, traced)| {
            let (last, details) = told_delivery(traced)?;
            let Some(Reply::Step {
                next: NextStep::ConfirmResetPasswordWithCode { delivery },
            }) = &traced.reply
            else {
                return None;
            };
            Some(if delivery.as_ref() == Some(&details) {
                Verdict::Pass
            } else {
                Verdict::fail(
                    Some(last.index),
                    in_words(&details),
                    delivery
                        .as_ref()
                        .map_or_else(|| "nothing about it".to_owned(), in_words),
                )
            })
        },
    )
}

fn in_words(details: &CodeDeliveryDetails) -> String {
    format!(
        "{} by {} to {}",
        details.attribute_name, details.delivery_medium, details.destination
    )
}

fn one_request(case: &Case<'_>) -> Verdict {
    each(resets(case.trace), NOBODY_RESET, |(reset, traced)| {
        let operation = reset.operation();
        let mut may_repeat = true;
        for exchange in &traced.exchanges {
            let is_own = exchange.operation.as_ref() == Some(&operation);
            let sends_or_signs_in = matches!(
                exchange.operation,
                Some(
                    Operation::InitiateAuth
                        | Operation::RespondToAuthChallenge
                        | Operation::ForgotPassword
                        | Operation::ConfirmForgotPassword
                        | Operation::ResendConfirmationCode
                        | Operation::SignUp
                )
            );
            if !sends_or_signs_in {
                continue;
            }
            if !(is_own && may_repeat) {
                return Some(Verdict::fail(
                    Some(exchange.index),
                    format!("one {operation}"),
                    format!("{}, too", exchange.words()),
                ));
            }
            // What looks like a passing trouble may be tried again.
            may_repeat = match &exchange.response {
                None => true,
                Some(response) => response.status >= 500 || exchange.is_altered(),
            };
        }
        traced.exchanges.first().map(|_| Verdict::Pass)
    })
}

fn refusal_told(case: &Case<'_>) -> Verdict {
    each(resets(case.trace), "no reset was refused", |(_, traced)| {
        let last = traced.exchanges.last()?;
        let refusal = last
            .response
            .as_ref()
            .filter(|response| response.status >= 400)?;
        let expected = match &last.error {
            Some(error) => error.to_string(),
            None => format!("an error, as the status is {}", refusal.status),
        };
        match traced.reply.as_ref()? {
            Reply::Error { .. } => Some(Verdict::Pass),
            Reply::Empty => Some(Verdict::fail(Some(last.index), expected, "done")),
            Reply::Step { next } => Some(Verdict::fail(Some(last.index), expected, next.name())),
            _ => None,
        }
    })
}

fn error_named(case: &Case<'_>) -> Verdict {
    each(
        resets(case.trace),
        "no reset was refused with an error that has a name",
        |(_, traced)| {
            let last = traced.exchanges.last()?;
            let error = last.error.as_ref().filter(|_| !last.is_altered())?;
            let Reply::Error { error: port } = traced.reply.as_ref()? else {
                return None;
            };
            Some(if is_recognisable(error, port) {
                Verdict::Pass
            } else {
                Verdict::fail(
                    Some(last.index),
                    error.to_string(),
                    format!("{}: {}", port.name, port.message),
                )
            })
        },
    )
}

const NOBODY_RESET: &str = "nobody was seen to reset a password";
