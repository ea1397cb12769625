//! What errors say, word for word: clients match some texts literally.

use super::reason::{Reason, reasons};
use crate::model::ExplicitAuthFlow;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::service_view::{GENERIC, ServiceView};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{issue, measured, observed, recording};
use crate::wire::{AuthFlow, ErrorKind, Operation, ServiceError};

/// What errors say.
pub(super) const ERROR_TEXT: Rule = Rule {
    id: "service.error-text",
    level: Level::Must,
    party: Party::Service,
    sentence: "An error for a user who does not exist, or of a trigger that throws, has the service's text, word for word, \
               full stops and their absence included.",
    sources: &[
        recording(
            "fixtures/transcripts/2026-05/initiate-auth.srp.unknown-user.json",
            "\"User does not exist.\"",
        ),
        recording(
            "fixtures/transcripts/2026-05/forgot-password.unknown-user.json",
            "\"Username/client id combination not found.\"",
        ),
        measured(
            "aws-amplify/amplify-flutter#3779",
            "\"UserMigration failed with error …\"",
        ),
        issue("aws-amplify/amplify-js#9127"),
    ],
    check: Rule::requires(error_text),
};

/// What errors are reported to say.
pub(super) const ERROR_TEXT_REPORTED: Rule = Rule {
    id: "service.error-text-reported",
    level: Level::Should,
    party: Party::Service,
    sentence: "An error whose text people have quoted has that text, word for word, full stops and their absence included.",
    sources: &[
        observed("wrong-password", "\"Incorrect username or password.\""),
        observed("unconfirmed-user", "\"User is not confirmed.\""),
        observed(
            "reset-required-user",
            "\"Password reset required for the user\"",
        ),
        observed(
            "wrong-secret-hash",
            "\"Unable to verify secret hash for client …\"",
        ),
        observed(
            "user-auth-not-enabled",
            "\"USER_AUTH flow not enabled for this client\"",
        ),
        observed("missing-srp-a", "\"Missing required parameter SRP_A\""),
    ],
    check: Rule::requires(error_text_reported),
};

fn error_text(case: &Case<'_>) -> Verdict {
    texts(case, true)
}

fn error_text_reported(case: &Case<'_>) -> Verdict {
    texts(case, false)
}

/// Whether the text of such an error is in a trace that somebody published.
fn is_captured(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UserNotFound | ErrorKind::UserLambdaValidation
    )
}

fn texts(case: &Case<'_>, captured: bool) -> Verdict {
    each(
        case.service_views(),
        "no error whose text is known was sent",
        |scene| {
            let error = scene
                .error()
                .filter(|error| is_captured(&error.kind) == captured)?;
            let known = known_texts(case.facts, scene, error)?;
            Some(if known.iter().any(|text| text.fits(&error.message)) {
                Verdict::Pass
            } else {
                let known: Vec<String> = known.iter().map(Text::to_string).collect();
                Verdict::fail(scene.index(), known.join(" or "), error.to_string())
            })
        },
    )
}

/// A text, or how it begins and ends where it quotes something.
enum Text {
    Whole(String),
    Quoting(&'static str, &'static str),
}

impl Text {
    fn fits(&self, message: &str) -> bool {
        match self {
            Self::Whole(text) => text == message,
            Self::Quoting(start, end) => {
                message.len() >= start.len() + end.len()
                    && message.starts_with(start)
                    && message.ends_with(end)
            }
        }
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(text) => write!(f, "{text:?}"),
            Self::Quoting(start, end) => write!(f, "\"{start}…{end}\""),
        }
    }
}

/// The texts that an error of this kind is known to have in this situation; `None` where the sources name none.
fn known_texts(facts: &Facts, scene: &ServiceView<'_>, error: &ServiceError) -> Option<Vec<Text>> {
    let whole = |texts: &[&str]| {
        Some(
            texts
                .iter()
                .map(|text| Text::Whole((*text).to_owned()))
                .collect::<Vec<_>>(),
        )
    };
    let is_sign_in = scene.exchange.initiate().is_some() || scene.exchange.respond().is_some();
    let resets = matches!(
        scene.exchange.operation,
        Some(Operation::ForgotPassword | Operation::ConfirmForgotPassword)
    );
    match error.kind {
        ErrorKind::UserNotFound if is_sign_in => whole(&["User does not exist."]),
        ErrorKind::UserNotFound if resets => whole(&["Username/client id combination not found."]),
        ErrorKind::UserNotConfirmed => whole(&["User is not confirmed."]),
        ErrorKind::PasswordResetRequired => whole(&["Password reset required for the user"]),
        ErrorKind::NotAuthorized if is_sign_in => Some(of_not_authorized(scene)),
        ErrorKind::UserLambdaValidation => Some(of_trigger(scene)),
        ErrorKind::InvalidLambdaResponse => whole(&[
            "Unrecognizable lambda output",
            "Invalid lambda function output : Invalid JSON",
        ]),
        ErrorKind::InvalidParameter if is_sign_in => of_invalid_parameter(facts, scene),
        _ => None,
    }
}

fn of_not_authorized(scene: &ServiceView<'_>) -> Vec<Text> {
    let client = scene.exchange.client_id().unwrap_or_default();
    let mut texts: Vec<Text> = [
        GENERIC,
        "Password attempts exceeded",
        "User is disabled.",
        "Invalid session for the user.",
        "Invalid session for the user, session is expired.",
        "Invalid session for the user, session can only be used once.",
        "Temporary password has expired and must be reset by an administrator.",
        "Refresh Token has been revoked",
        "Refresh Token has expired",
        "Invalid Refresh Token.",
    ]
    .map(|text| Text::Whole(text.to_owned()))
    .into();
    texts.push(Text::Whole(format!(
        "Unable to verify secret hash for client {client}"
    )));
    texts.push(Text::Whole(format!(
        "Client {client} is configured with secret but SECRET_HASH was not received"
    )));
    texts.push(Text::Quoting("PreAuthentication failed with error ", "."));
    texts.push(Text::Quoting("Cannot modify an already provided ", ""));
    texts
}

fn of_trigger(scene: &ServiceView<'_>) -> Vec<Text> {
    let thrown = scene.exchange.triggers.iter().rev().find_map(|trigger| {
        let name = trigger.source.split('_').next()?;
        Some(format!(
            "{name} failed with error {}.",
            trigger.error.as_ref()?
        ))
    });
    match thrown {
        // What the service calls this one in the text is not in any capture.
        Some(text) if !text.starts_with("VerifyAuthChallenge") => vec![Text::Whole(text)],
        _ => [
            "DefineAuthChallenge",
            "CreateAuthChallenge",
            "VerifyAuthChallenge",
            "UserMigration",
            "PreAuthentication",
        ]
        .map(|name| match name {
            "DefineAuthChallenge" => Text::Quoting("DefineAuthChallenge failed with error ", "."),
            "CreateAuthChallenge" => Text::Quoting("CreateAuthChallenge failed with error ", "."),
            "UserMigration" => Text::Quoting("UserMigration failed with error ", "."),
            "PreAuthentication" => Text::Quoting("PreAuthentication failed with error ", "."),
            _ => Text::Quoting("VerifyAuthChallenge", "."),
        })
        .into(),
    }
}

/// Only for what has one reason, since each has a text of its own.
fn of_invalid_parameter(facts: &Facts, scene: &ServiceView<'_>) -> Option<Vec<Text>> {
    let world = facts.world()?;
    let reasons = reasons(facts, scene)?;
    let whole = |text: &str| Some(vec![Text::Whole(text.to_owned())]);
    if reasons.contains(&Reason::Client) || reasons.contains(&Reason::Form) {
        return None;
    }
    if reasons.contains(&Reason::FlowIsOff) {
        let only_custom = scene.client(world).is_some_and(|client| {
            client
                .explicit_auth_flows
                .contains(&ExplicitAuthFlow::CustomAuthFlowOnly)
        });
        let mut texts = match scene.exchange.initiate()?.auth_flow {
            AuthFlow::UserSrpAuth => whole("USER_SRP_AUTH is not enabled for the client."),
            AuthFlow::UserPasswordAuth => {
                whole("USER_PASSWORD_AUTH flow not enabled for this client")
            }
            _ => None,
        }?;
        if only_custom {
            texts.push(Text::Whole(
                "Only custom auth (lambda driven) is enabled for this client.".to_owned(),
            ));
        }
        if reasons.contains(&Reason::Parameter) {
            texts.push(Text::Quoting("Missing required parameter ", ""));
        }
        return Some(texts);
    }
    if scene.starts(&AuthFlow::CustomAuth)
        && world.triggers.custom.is_none()
        && !reasons.contains(&Reason::Parameter)
    {
        return whole("Custom auth lambda trigger is not configured for the user pool.");
    }
    None
}
