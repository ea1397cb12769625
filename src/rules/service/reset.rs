//! How passwords are reset.

use serde_json::Value;

use super::reason::{is_well_formed, reasons, refusal, wrong_hash};
use crate::model::{AppClient, UserStatus, World};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::{Account, Person};
use crate::rules::evidence::model::check_request;
use crate::rules::evidence::service_view::{ServiceView, is_generic};
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue, kept, model, operation, recording};
use crate::wire::event::PoolNote;
use crate::wire::message::ForgotPasswordResponse;
use crate::wire::{AuthFlow, ErrorKind, Operation};

/// Which code sets a password.
pub(super) const RESET_CODE: Rule = Rule {
    id: "service.reset-code",
    level: Level::Must,
    party: Party::Service,
    sentence: "ConfirmForgotPassword takes the code that was sent last, once, and refuses another with \
               CodeMismatchException; nobody sets a password without having asked for a code.",
    sources: &[
        operation(
            "ConfirmForgotPassword",
            "accepts a code that was sent to the user, with a new password; declares CodeMismatchException and \
             ExpiredCodeException",
        ),
        guide(
            "cognito-user-pool-managing-errors",
            "Password reset operations",
            "without a code having been asked for there is an error",
        ),
        recording(
            "fixtures/transcripts/2026-05/confirm-sign-up.error.code-mismatch.json",
            "CodeMismatchException for a wrong code, of ConfirmSignUp",
        ),
    ],
    check: Rule::requires(reset_code),
};

/// What is told of a code that was sent.
pub(super) const RESET_DELIVERY: Rule = Rule {
    id: "service.reset-delivery",
    level: Level::Must,
    party: Party::Service,
    sentence: "ForgotPassword answers with CodeDeliveryDetails: attribute, medium and the address, masked.",
    sources: &[
        model(
            "ForgotPasswordResponse$CodeDeliveryDetails",
            "where the code was sent",
        ),
        model(
            "CodeDeliveryDetailsType",
            "attribute, medium and destination",
        ),
        kept(
            "fixtures/transcripts/amplify-ui/reset-password.json",
            "a masked address",
        ),
        kept(
            "fixtures/transcripts/amplify-ui/forgot-password-sms.json",
            "a masked number",
        ),
    ],
    check: Rule::requires(reset_delivery),
};

/// What a reset tells of who exists.
pub(super) const RESET_EXISTENCE: Rule = Rule {
    id: "service.reset-existence",
    level: Level::Must,
    party: Party::Service,
    sentence: "A reset of nobody's password gets UserNotFoundException, or with PreventUserExistenceErrors what somebody's \
               gets: details of a simulated delivery, then the refusal of a code; and it never succeeds.",
    sources: &[
        guide(
            "cognito-user-pool-managing-errors",
            "Password reset operations",
            "a simulated delivery for a user who is not found, then CodeMismatchException, or ExpiredCodeException \
             where no code was asked for",
        ),
        recording(
            "fixtures/transcripts/2026-05/forgot-password.unknown-user.json",
            "UserNotFoundException",
        ),
        issue("ministackorg/ministack#1574"),
    ],
    check: Rule::requires(reset_existence),
};

/// What a reset changes.
pub(super) const RESET_SETTLES: Rule = Rule {
    id: "service.reset-settles",
    level: Level::Must,
    party: Party::Service,
    sentence: "Once a code is accepted the new password is the user's, and a user who had to reset the password has done so.",
    sources: &[
        operation(
            "ConfirmForgotPassword",
            "accepts a code and a new password for that user",
        ),
        model(
            "PasswordResetRequiredException",
            "thrown as long as a reset is required",
        ),
        issue("supertokens/supertokens-core#1149"),
    ],
    check: Rule::requires(reset_settles),
};

/// Who may reset a password.
pub(super) const RESET_STATUS: Rule = Rule {
    id: "service.reset-status",
    level: Level::Should,
    party: Party::Service,
    sentence: "A disabled user, and one who still has a temporary password, get no code for a new password.",
    sources: &[
        guide(
            "cognito-user-pool-managing-errors",
            "Password reset operations",
            "a disabled user gets a simulated delivery",
        ),
        issue("ministackorg/ministack#1758"),
    ],
    check: Rule::requires(reset_status),
};

/// Whether a right client could have sent this request of a reset; the app client that it names.
fn asked<'w>(world: &'w World, scene: &ServiceView<'_>) -> Option<Result<&'w AppClient, Verdict>> {
    let exchange = scene.exchange;
    let operation = exchange.operation.as_ref()?;
    if !matches!(
        operation,
        Operation::ForgotPassword | Operation::ConfirmForgotPassword
    ) {
        return None;
    }
    let client = scene.client(world)?;
    if !scene.is_clean {
        return Some(Err(Verdict::NotApplicable("an answer was altered")));
    }
    let is_right = is_well_formed(exchange)
        && exchange
            .body
            .as_ref()
            .is_some_and(|body| check_request(operation, body).is_empty())
        && wrong_hash(
            client,
            exchange.member("Username").unwrap_or_default(),
            exchange.member("SecretHash"),
        )
        .is_none();
    if !is_right {
        return Some(Err(Verdict::NotApplicable(
            "the request is not what a right client sends",
        )));
    }
    // Limits and troubles of the service's own are no answer to what was asked.
    let has_trouble = scene.error().is_some_and(|error| {
        matches!(
            error.kind,
            ErrorKind::LimitExceeded
                | ErrorKind::TooManyRequests
                | ErrorKind::TooManyFailedAttempts
                | ErrorKind::InternalError
                | ErrorKind::CodeDeliveryFailure
                | ErrorKind::UserLambdaValidation
                | ErrorKind::UnexpectedLambda
                | ErrorKind::InvalidLambdaResponse
        )
    });
    Some(match has_trouble {
        true => Err(Verdict::NotApplicable("the service had reasons of its own")),
        false => Ok(client),
    })
}

/// Judges each request of a reset that a right client could have sent, with the scenes before it.
fn each_reset(
    case: &Case<'_>,
    mut judge: impl FnMut(&[ServiceView<'_>], &ServiceView<'_>, &AppClient) -> Option<Verdict>,
) -> Verdict {
    let scenes = case.service_views();
    each(
        scenes.iter().enumerate(),
        "nobody reset a password in a pool that is known",
        |(at, scene)| match asked(case.facts.world()?, scene)? {
            Ok(client) => judge(&scenes[..at], scene, client),
            Err(verdict) => Some(verdict),
        },
    )
}

fn is(scene: &ServiceView<'_>, operation: &Operation) -> bool {
    scene.exchange.operation.as_ref() == Some(operation)
}

fn reset_code(case: &Case<'_>) -> Verdict {
    each_reset(case, |earlier, scene, _| {
        if !is(scene, &Operation::ConfirmForgotPassword) {
            return None;
        }
        let account = scene.account()?;
        let given = scene.exchange.member("ConfirmationCode")?;
        let of_user = |before: &&ServiceView<'_>| {
            before.succeeded()
                && before
                    .exchange
                    .member("Username")
                    .is_some_and(|name| account.goes_by(name))
        };
        let asks = |before: &ServiceView<'_>| is(before, &Operation::ForgotPassword);
        let of_user: Vec<&ServiceView<'_>> = earlier.iter().filter(of_user).collect();
        let Some(latest) = of_user.iter().rposition(|before| asks(before)) else {
            return Some(match scene.succeeded() {
                true => Verdict::fail(
                    scene.index(),
                    "a refusal: no code was asked for",
                    "the password set",
                ),
                false => Verdict::Pass,
            });
        };
        let is_used = of_user[latest..]
            .iter()
            .any(|scene| is(scene, &Operation::ConfirmForgotPassword));
        let Some(sent) = sent_code(of_user[latest]) else {
            return Some(Verdict::NotApplicable(
                "the code that was sent is not known",
            ));
        };
        Some(if sent == given && !is_used {
            of_right_code(scene)
        } else {
            let expected = match is_used {
                true => "a refusal: the code was used",
                false => "CodeMismatchException",
            };
            refusal(scene, expected, is_used, |kind, _| {
                *kind == ErrorKind::CodeMismatch
            })
        })
    })
}

/// Beside the code the new password is looked at: against a policy, or a history of passwords.
fn of_right_code(scene: &ServiceView<'_>) -> Verdict {
    let is_of_password = scene.error().is_some_and(|error| {
        matches!(
            error.kind,
            ErrorKind::InvalidPassword | ErrorKind::PasswordHistoryPolicyViolation
        )
    });
    if scene.succeeded() || is_of_password {
        Verdict::Pass
    } else {
        Verdict::fail(scene.index(), "the code accepted", scene.told())
    }
}

/// The code that was sent when this was answered.
fn sent_code<'a>(scene: &ServiceView<'a>) -> Option<&'a str> {
    scene.exchange.notes.iter().find_map(|note| match note {
        PoolNote::Sent { purpose, text, .. } if purpose == "reset-password" => Some(text.as_str()),
        _ => None,
    })
}

fn reset_delivery(case: &Case<'_>) -> Verdict {
    each_reset(case, |_, scene, _| {
        if !is(scene, &Operation::ForgotPassword) || !scene.succeeded() {
            return None;
        }
        let at = scene.index();
        let expected = "CodeDeliveryDetails with AttributeName, DeliveryMedium and Destination";
        let body = scene.exchange.body_of_answer()?;
        let answer: Result<ForgotPasswordResponse, _> = serde_json::from_value(body.clone());
        let Some(details) = answer.ok().and_then(|answer| answer.code_delivery_details) else {
            let got = body
                .get("CodeDeliveryDetails")
                .map_or_else(|| "none".to_owned(), Value::to_string);
            return Some(Verdict::fail(at, expected, got));
        };
        let pair = (
            details.attribute_name.as_str(),
            details.delivery_medium.as_str(),
        );
        if !matches!(pair, ("email", "EMAIL") | ("phone_number", "SMS")) {
            return Some(Verdict::fail(
                at,
                "email by EMAIL, or phone_number by SMS",
                format!("{} by {}", pair.0, pair.1),
            ));
        }
        let destination = details.destination.as_str();
        if is_redacted(destination) {
            return Some(Verdict::NotApplicable("the address is redacted"));
        }
        Some(if destination.contains('*') && destination.len() > 1 {
            Verdict::Pass
        } else {
            Verdict::fail(at, "a masked address, like a***@e***", destination)
        })
    })
}

fn reset_existence(case: &Case<'_>) -> Verdict {
    each_reset(case, |_, scene, client| {
        let hides = client.prevent_user_existence_errors;
        let is_told = |kind: &ErrorKind| *kind == ErrorKind::UserNotFound;
        match &scene.person {
            Person::Untold => None,
            Person::Known(_) => Some(match scene.error() {
                Some(error) if is_told(&error.kind) => {
                    Verdict::fail(scene.index(), "the user found", error.to_string())
                }
                _ => Verdict::Pass,
            }),
            Person::Unknown if is(scene, &Operation::ForgotPassword) => {
                let script = case.facts.world()?.triggers.migration.as_ref();
                if script.is_some() {
                    return Some(Verdict::NotApplicable(
                        "the old directory decides who exists",
                    ));
                }
                if !hides {
                    let expected = "UserNotFoundException";
                    return Some(refusal(scene, expected, false, |kind, _| is_told(kind)));
                }
                // The guide says that it may be this error, too.
                let is_free = scene
                    .error()
                    .is_some_and(|error| error.kind == ErrorKind::InvalidParameter);
                Some(if scene.succeeded() || is_free {
                    Verdict::Pass
                } else {
                    Verdict::fail(scene.index(), "a simulated delivery", scene.told())
                })
            }
            Person::Unknown => {
                let expected = match hides {
                    true => "CodeMismatchException or ExpiredCodeException",
                    false => "UserNotFoundException",
                };
                Some(refusal(scene, expected, false, |kind, _| match hides {
                    true => matches!(kind, ErrorKind::CodeMismatch | ErrorKind::ExpiredCode),
                    false => is_told(kind),
                }))
            }
        }
    })
}

fn reset_settles(case: &Case<'_>) -> Verdict {
    let scenes = case.service_views();
    each(
        scenes.iter().enumerate(),
        "nobody signed in after a reset",
        |(at, scene)| {
            let account = scene.account()?;
            let has_reset = scenes[..at].iter().any(|before| {
                is(before, &Operation::ConfirmForgotPassword)
                    && before.succeeded()
                    && before
                        .exchange
                        .member("Username")
                        .is_some_and(|name| account.goes_by(name))
            });
            if !has_reset || scene.is_later || !scene.exchange.is_of_sign_in() {
                return None;
            }
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let error = scene.error();
            if error.is_some_and(|error| error.kind == ErrorKind::PasswordResetRequired) {
                return Some(Verdict::fail(
                    scene.index(),
                    "no further reset: there was one",
                    scene.told(),
                ));
            }
            let is_right =
                scene.starts(&AuthFlow::UserPasswordAuth) && reasons(case.facts, scene)?.is_empty();
            Some(if is_right && error.is_some_and(is_generic) {
                Verdict::fail(scene.index(), "the new password accepted", scene.told())
            } else {
                Verdict::Pass
            })
        },
    )
}

fn reset_status(case: &Case<'_>) -> Verdict {
    each_reset(case, |_, scene, client| {
        if !is(scene, &Operation::ForgotPassword) {
            return None;
        }
        let account = scene.account()?;
        let why = stops(account)?;
        if client.prevent_user_existence_errors {
            return Some(Verdict::NotApplicable(
                "what a client that hides who exists is told of such a user is not established",
            ));
        }
        Some(if scene.succeeded() {
            Verdict::fail(
                scene.index(),
                format!("a refusal: the user {why}"),
                "a code sent",
            )
        } else {
            Verdict::Pass
        })
    })
}

/// Why a user may not reset the password.
fn stops(account: &Account) -> Option<&'static str> {
    if !account.enabled {
        return Some("is disabled");
    }
    (account.status == UserStatus::ForceChangePassword).then_some("has a temporary password")
}
