//! The form of requests.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::model::request_members;
use crate::rules::evidence::trace::Message;
use crate::rules::port::secrecy::shows;
use crate::rules::rule::{Level, Observation, Party, Rule, Verdict, concealed, each, observe};
use crate::rules::source::{issue, model, operation, recording, rfc};
use crate::wire::http::AMZ_JSON;
use crate::wire::{HttpRequest, Octets, Operation, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "wire.request-form",
        level: Level::Must,
        party: Party::Port,
        sentence: "Every request is a POST of AWS JSON 1.1: the content type, a target that names the operation, and no \
                   Authorization header in a sign-in.",
        sources: &[
            operation(
                "InitiateAuth",
                "JSON 1.1 with a target that names the operation, and no signature",
            ),
            operation(
                "RespondToAuthChallenge",
                "JSON 1.1 with a target that names the operation, and no signature",
            ),
            recording(
                "fixtures/transcripts/2023-08-signup-srp-getuser.json",
                "requests with these headers were accepted",
            ),
            issue("aws-amplify/amplify-swift#3344"),
        ],
        check: Rule::requires(request_form),
    },
    Rule {
        id: "wire.target",
        level: Level::Observed,
        party: Party::Port,
        sentence: "The target of a request is the endpoint's own path, or another path, or a whole URL: the operation is named by \
                   a header.",
        sources: &[
            recording(
                "fixtures/transcripts/2023-08-signup-srp-getuser.json",
                "each request was POST /, and was accepted",
            ),
            rfc(
                9112,
                "3.2.2",
                "a server takes a target with scheme and host as one that is a path",
            ),
        ],
        check: Rule::observes(target),
    },
    Rule {
        id: "wire.members",
        level: Level::Must,
        party: Party::Port,
        sentence: "The body of a sign-in request is a JSON object with the service model's members and types, and nothing \
                   else.",
        sources: &[
            model("InitiateAuthRequest", "members, types and what is required"),
            model(
                "RespondToAuthChallengeRequest",
                "members, types and what is required",
            ),
        ],
        check: Rule::requires(members),
    },
    Rule {
        id: "wire.unknown-members-ignored",
        level: Level::Should,
        party: Party::Port,
        sentence: "Members of an answer that the port does not know change nothing: the service gains some from year to year.",
        sources: &[
            model(
                "RespondToAuthChallengeResponse$AvailableChallenges",
                "a member that earlier models lack",
            ),
            issue("Liftric/cognito-idp#49"),
            issue("Liftric/cognito-idp#52"),
        ],
        check: Rule::requires(unknown_members_ignored),
    },
];

fn unknown_members_ignored(case: &Case<'_>) -> Verdict {
    let calls = case
        .trace
        .sign_ins
        .iter()
        .flat_map(|sign_in| &sign_in.calls);
    let nothing = "no answer had members that nobody knows";
    each(calls, nothing, |call| {
        let mut exchanges = call.exchanges.iter();
        let enriched = exchanges.find(|it| it.is_enriched())?;
        let is_last = exchanges.next().is_none();
        let asked = enriched
            .answer
            .as_ref()
            .and_then(|it| it.challenge_name.as_ref());
        let not_offered = case.facts.not_offered();
        if asked.is_some_and(|challenge| not_offered.contains(challenge)) {
            return Some(Verdict::NotApplicable(
                "the port can't go on with that challenge",
            ));
        }
        Some(match call.reply {
            Some(Reply::Error { error }) if is_last => {
                let expected = "what the answer leads to without the members that nobody knows";
                let got = format!("{}: {}", error.name, error.message);
                Verdict::fail(Some(enriched.index), expected, got).if_service_is_right()
            }
            _ => Verdict::Pass,
        })
    })
}

fn request_form(case: &Case<'_>) -> Verdict {
    each(
        case.trace.asked_exchanges(),
        "no request was made",
        |exchange| {
            let (at, request) = (Some(exchange.index), &exchange.request);
            if request.method.is_empty() {
                return None;
            }
            if request.method != "POST" {
                return Some(Verdict::fail(at, "POST", &request.method));
            }
            if exchange.operation.is_none() {
                let target = request
                    .header("x-amz-target")
                    .unwrap_or("no X-Amz-Target header");
                return Some(Verdict::fail(
                    at,
                    "X-Amz-Target: AWSCognitoIdentityProviderService.<Operation>",
                    target,
                ));
            }
            // Recordings often keep only the headers their publisher found interesting.
            let content_type = request
                .header("content-type")
                .or((case.facts.is_recorded()).then_some(AMZ_JSON));
            // Some HTTP libraries add a parameter; the media type is what counts.
            let media_type = content_type.and_then(|value| value.split(';').next());
            if !media_type.is_some_and(|media| media.trim().eq_ignore_ascii_case(AMZ_JSON)) {
                return Some(Verdict::fail(
                    at,
                    AMZ_JSON,
                    content_type.unwrap_or("no Content-Type header"),
                ));
            }
            // Beside an access token the header is superfluous, and the service has not been seen to mind.
            let is_of_sign_in = !matches!(exchange.message, Message::Other);
            Some(match request.header("authorization") {
                Some(_) if is_of_sign_in => Verdict::fail(
                    at,
                    "no Authorization header on a public operation",
                    "an Authorization header",
                ),
                _ => Verdict::Pass,
            })
        },
    )
}

/// Whatever is not the usual target, as it was sent, without a query and without secrets.
fn target(case: &Case<'_>) -> Observation {
    let exchanges = case.trace.asked_exchanges();
    let usual = "every target was the endpoint's own path";
    observe(exchanges, usual, |exchange| {
        let sent = exchange.request.path.as_str();
        // Recordings often keep the body alone.
        if sent.is_empty() || sent == "/" || exchange.operation.is_none() {
            return None;
        }
        let (shown, _) = sent.split_once('?').unwrap_or((sent, ""));
        let alone = HttpRequest {
            method: String::new(),
            path: shown.to_owned(),
            headers: Vec::new(),
            body: Octets::default(),
        };
        let client_secret = case.facts.client_secret().flatten();
        let mut secrets = case.facts.passwords().into_iter().chain(client_secret);
        let is_told = shown.chars().count() <= LONGEST_TARGET
            && !secrets.any(|secret| shows(&alone, secret).is_some());
        Some(if is_told {
            format!("POST {shown}")
        } else {
            concealed(shown)
        })
    })
}

fn members(case: &Case<'_>) -> Verdict {
    each(
        case.trace.asked_exchanges(),
        "no sign-in request was made",
        |exchange| {
            let at = Some(exchange.index);
            let operation = match &exchange.message {
                Message::Initiate(_) => Operation::InitiateAuth,
                Message::Respond(_) => Operation::RespondToAuthChallenge,
                Message::Unreadable(why) => {
                    // The reason can quote a person's password.
                    let why = if case.facts.is_observed() {
                        "another shape"
                    } else {
                        why
                    };
                    return Some(Verdict::fail(
                        at,
                        "a body of the service model's shape",
                        why,
                    ));
                }
                Message::Other => return None,
            };
            let body = exchange.body.as_ref()?.as_object()?;
            let known: Vec<&str> = request_members(&operation).collect();
            match body.keys().find(|member| !known.contains(&member.as_str())) {
                Some(member) => Some(Verdict::fail(
                    at,
                    format!("only {}", known.join(", ")),
                    member,
                )),
                None => Some(Verdict::Pass),
            }
        },
    )
}

/// A longer target is not shown, since it may hold anything.
const LONGEST_TARGET: usize = 100;
