//! Which times are refused, and how.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::service_view::GENERIC;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::service::reason::{Reason, reasons, refusal};
use crate::rules::source::{measured, seen};
use crate::srp;
use crate::wire::names::key;
use crate::wire::{ChallengeName, ErrorKind};

/// Which times are refused, and how.
pub(in crate::rules::service) const TIMESTAMP: Rule = Rule {
    id: "service.timestamp",
    level: Level::Must,
    party: Party::Service,
    sentence: "A TIMESTAMP with a padded day or a wrong weekday is refused like a wrong password; one that can't be read is \
               refused with InvalidParameterException, which names the pattern.",
    sources: &[
        measured(
            "ministackorg/ministack#1758",
            "a padded day and a wrong weekday were refused like a wrong password",
        ),
        measured(
            "amazon-archives/amazon-cognito-identity-js#683",
            "InvalidParameterException that names the pattern",
        ),
        seen("padded-day", "refused like a wrong password"),
    ],
    check: Rule::requires(timestamp),
};

fn timestamp(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no TIMESTAMP was sent that has to be refused",
        |scene| {
            if !scene.answers(&ChallengeName::PasswordVerifier) {
                return None;
            }
            let sent = scene
                .exchange
                .parameter(key::TIMESTAMP)
                .filter(|sent| !is_redacted(sent))?;
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            // What is refused for its own sake must not be explained by anything else that is wrong.
            let is_only_reason = reasons(case.facts, scene)
                .is_some_and(|found| found.iter().all(|reason| *reason == Reason::Time))
                && case.facts.given_password(scene.call)
                    == scene
                        .account()
                        .and_then(|account| account.password.as_deref());
            match srp::Timestamp::parse(sent) {
                Ok(parsed) if parsed.canonical => None,
                Ok(parsed) => {
                    let canonical = srp::Timestamp::from_unix(parsed.unix);
                    let was_tried = is_padded(sent, canonical.as_str())
                        || differs_in_weekday(sent, canonical.as_str());
                    // What the service makes of other forms that can be read, nobody reports.
                    Some(refusal(
                        scene,
                        format!("NotAuthorizedException {GENERIC:?} for {sent:?}"),
                        !(was_tried && is_only_reason),
                        |kind, message| *kind == ErrorKind::NotAuthorized && message == GENERIC,
                    ))
                }
                Err(_) => Some(refusal(
                    scene,
                    format!("InvalidParameterException {PATTERN:?} for {sent:?}"),
                    !is_only_reason,
                    |kind, message| *kind == ErrorKind::InvalidParameter && message == PATTERN,
                )),
            }
        },
    )
}

/// Whether only the day's leading zero, or a space in its place, is too much.
fn is_padded(sent: &str, canonical: &str) -> bool {
    let fields = |text: &str| -> Vec<String> {
        text.split_whitespace()
            .enumerate()
            .map(|(at, field)| match at {
                2 => field.trim_start_matches('0').to_owned(),
                _ => field.to_owned(),
            })
            .collect()
    };
    fields(sent) == fields(canonical)
}

fn differs_in_weekday(sent: &str, canonical: &str) -> bool {
    let rest = |text: &str| text.split_once(' ').map(|(_, rest)| rest.to_owned());
    rest(sent) == rest(canonical)
}

/// The text that names the pattern (captured).
const PATTERN: &str = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.";
