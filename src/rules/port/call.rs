//! The furniture of requests that neither start a sign-in nor answer a challenge.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::model::{Breach, REQUIRED, check_request, knows};
use crate::rules::evidence::trace::{Message, is_redacted};
use crate::rules::rule::{Level, Party, Rule, Verdict, concealed, each};
use crate::rules::source::model;

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "call.request-members",
        level: Level::Must,
        party: Party::Port,
        sentence: "The body of every other request, too, is a JSON object with the service model's members and types, and \
                   nothing else.",
        sources: &[
            model(
                "ForgotPasswordRequest",
                "members, types and what is required",
            ),
            model(
                "ConfirmForgotPasswordRequest",
                "members, types and what is required",
            ),
            model("GlobalSignOutRequest", "AccessToken, which is required"),
            model("RevokeTokenRequest", "members, types and what is required"),
            model(
                "GetTokensFromRefreshTokenRequest",
                "members, types and what is required",
            ),
            model(
                "ConfirmDeviceRequest",
                "members, types and what is required",
            ),
            model(
                "UpdateDeviceStatusRequest",
                "members, types and what is required",
            ),
            model("ForgetDeviceRequest", "members, types and what is required"),
        ],
        check: Rule::requires(request_members),
    },
    Rule {
        id: "call.access-token",
        level: Level::Must,
        party: Party::Port,
        sentence: "A request by access token carries an access token that the service gave, as it is.",
        sources: &[
            model(
                "GlobalSignOutRequest$AccessToken",
                "a valid access token that the service issued to the user who is signed in",
            ),
            model(
                "UpdateDeviceStatusRequest$AccessToken",
                "a valid access token that the service issued to the user who is signed in",
            ),
            model("TokenModelType", "what a token may be made of"),
        ],
        check: Rule::requires(access_token),
    },
];

fn request_members(case: &Case<'_>) -> Verdict {
    each(
        case.trace.asked_exchanges(),
        "no other request was made",
        |exchange| {
            let Message::Other = exchange.message else {
                return None;
            };
            let operation = exchange.operation.as_ref().filter(|name| knows(name))?;
            let expected = format!("what the service model says of {operation}");
            let at = Some(exchange.index);
            let Some(body) = &exchange.body else {
                return Some(Verdict::fail(at, expected, "a body that is no JSON"));
            };
            let breaches = check_request(operation, body);
            Some(match breaches.iter().find(|breach| is_of_form(breach)) {
                Some(Breach { pointer, rule, got }) => Verdict::fail(
                    at,
                    match pointer.as_str() {
                        "" => format!("{expected}: {rule}"),
                        pointer => format!("{expected}: {rule} at {pointer}"),
                    },
                    got.clone(),
                ),
                None => Verdict::Pass,
            })
        },
    )
}

/// Whether members or types are wrong. What a value is made of, the person or the service may have to answer for.
fn is_of_form(breach: &Breach) -> bool {
    breach.rule == "no other members"
        || breach.rule.starts_with(REQUIRED)
        || breach.rule.starts_with("type ")
}

fn access_token(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("where the tokens came from may not have been seen");
    }
    let mut given: Vec<&str> = Vec::new();
    let calls = case.trace.all_calls();
    let exchanges = calls.flat_map(|call| {
        let exchanges = call.exchanges.iter();
        exchanges.map(|exchange| (call.is_put_in, exchange))
    });
    each(
        exchanges,
        "no request was made by access token",
        |(is_put_in, exchange)| {
            let sent = exchange.member("AccessToken").filter(|_| !is_put_in);
            let verdict = sent.map(|sent| {
                if given.is_empty() {
                    Verdict::NotApplicable("no access token was seen before")
                } else if is_redacted(sent) {
                    Verdict::NotApplicable("the access token is redacted")
                } else if given.contains(&sent) {
                    Verdict::Pass
                } else {
                    Verdict::fail(
                        Some(exchange.index),
                        format!(
                            "an access token of an earlier answer in {}",
                            exchange.words()
                        ),
                        concealed(sent),
                    )
                }
            });
            let answer = exchange.answer.as_ref();
            given.extend(answer.and_then(|answer| {
                let tokens = answer.authentication_result.as_ref()?;
                tokens.access_token.as_deref()
            }));
            verdict
        },
    )
}
