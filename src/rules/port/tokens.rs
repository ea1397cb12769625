//! What the application is given, once somebody is signed in.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::held_tokens::{FollowUp, RefreshOutcome, claims};
use crate::rules::evidence::trace::Trace;
use crate::rules::rule::{Level, Party, Rule, Verdict, concealed, each};
use crate::rules::source::{FLUTTER, JS, SWIFT, amplify, file, issue, model, operation};
use crate::wire::{AuthenticationResult, Call, Reply, SessionTokens};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "tokens.newest",
        level: Level::Must,
        party: Party::Port,
        sentence: "fetchAuthSession gives the newest tokens that the service issued, unchanged.",
        sources: &[
            amplify(
                "Manage user sessions",
                "Retrieve a user session",
                "fetchAuthSession gives the user's tokens, and refreshes them when they have expired",
            ),
            operation(
                "GetTokensFromRefreshToken",
                "issues new id and access tokens",
            ),
            issue("aws-amplify/amplify-js#12535"),
            issue("aws-amplify/amplify-android#1763"),
            issue("aws-amplify/amplify-js#4467"),
        ],
        check: Rule::requires(newest),
    },
    Rule {
        id: "tokens.not-expired",
        level: Level::Must,
        party: Party::Port,
        sentence: "fetchAuthSession never gives an id or access token that has expired: it refreshes when either has, or says \
                   that it can't.",
        sources: &[
            amplify(
                "Manage user sessions",
                "Refreshing sessions",
                "fetchAuthSession refreshes by itself when tokens have expired",
            ),
            model(
                "CreateUserPoolClientRequest$AccessTokenValidity",
                "after its limit an access token can't be used",
            ),
            model(
                "CreateUserPoolClientRequest$IdTokenValidity",
                "after its limit an id token can't be used",
            ),
            file(
                &SWIFT,
                "CredentialStorage/AmplifyCredentials+CognitoSession.swift",
            ),
            issue("aws-amplify/amplify-flutter#2401"),
            issue("aws-amplify/amplify-android#1763"),
            issue("aws-amplify/amplify-android#2799"),
        ],
        check: Rule::requires(not_expired),
    },
    Rule {
        id: "tokens.incomplete-refused",
        level: Level::Should,
        party: Party::Port,
        sentence: "A refresh that brings no access token is not taken for a session.",
        sources: &[
            file(
                &SWIFT,
                "Actions/RefreshAuthorizationSession/UserPool/RefreshUserPoolTokens.swift",
            ),
            file(
                &FLUTTER,
                "state/machines/fetch_auth_session_state_machine.dart",
            ),
        ],
        check: Rule::requires(incomplete_refused),
    },
    Rule {
        id: "tokens.failure-told",
        level: Level::Should,
        party: Party::Port,
        sentence: "When a refresh that was needed fails, the application is told, and not given the old tokens as if they were \
                   fresh.",
        sources: &[
            file(
                &SWIFT,
                "Actions/RefreshAuthorizationSession/UserPool/RefreshUserPoolTokens.swift",
            ),
            issue("aws-amplify/amplify-android#2289"),
            issue("aws-amplify/amplify-android#2524"),
        ],
        check: Rule::requires(failure_told),
    },
    Rule {
        id: "tokens.survive-trouble",
        level: Level::Should,
        party: Party::Port,
        sentence: "A refresh that fails because the service is out of reach or in trouble does not sign the user out.",
        sources: &[
            file(&JS, "providers/cognito/tokenProvider/TokenOrchestrator.ts"),
            issue("aws-amplify/amplify-js#14033"),
            issue("aws-amplify/amplify-js#14568"),
            issue("aws-amplify/aws-sdk-android#164"),
        ],
        check: Rule::requires(survive_trouble),
    },
    Rule {
        id: "tokens.not-in-errors",
        level: Level::Should,
        party: Party::Port,
        sentence: "No error repeats a token or the client secret.",
        sources: &[
            issue("aws/aws-sdk-ruby#2122"),
            issue("aws/aws-sdk-java-v2#1333"),
            issue("aws-amplify/amplify-swift#3470"),
            issue("aws-amplify/amplify-swift#2612"),
        ],
        check: Rule::requires(not_in_errors),
    },
];

/// The tokens that a `fetchAuthSession` gave.
fn session<'a>(later: &FollowUp<'a>) -> Option<&'a SessionTokens> {
    match (later.asked, later.call.reply.as_ref()?) {
        (Call::FetchAuthSession(_), Reply::Session { tokens }) => Some(tokens),
        _ => None,
    }
}

fn newest(case: &Case<'_>) -> Verdict {
    each(case.follow_ups(), NO_SESSION, |later| {
        let given = session(later)?;
        let held = later.after.tokens()?;
        if held.is_unsure {
            return Some(Verdict::NotApplicable(
                "an answer leaves open which tokens are kept",
            ));
        }
        let access = given.access_token.as_deref();
        let id = given.id_token.as_deref();
        let pairs = [
            ("access token", access, vec![held.access]),
            ("id token", id, vec![held.id]),
            (
                "refresh token",
                given.refresh_token.as_deref(),
                held.refresh.clone(),
            ),
        ];
        for (name, given, newest) in &pairs {
            if let Some(given) = given
                && !newest.contains(given)
            {
                return Some(Verdict::fail(
                    later.index(),
                    format!("the newest {name} of the service"),
                    which(case.trace, given),
                ));
            }
        }
        // After a refresh that failed there may be nothing to give.
        let is_whole = later
            .refresh_outcome()
            .is_none_or(|came| came == RefreshOutcome::Tokens)
            && !held.is_refused;
        if is_whole && held.latest == RefreshOutcome::Tokens && (access.is_none() || id.is_none()) {
            return Some(Verdict::fail(
                later.index(),
                "an access token and an id token",
                given.to_string(),
            ));
        }
        Some(Verdict::Pass)
    })
}

/// Says which token of the service a text is.
fn which(trace: &Trace<'_>, text: &str) -> String {
    let issued = trace.exchanges().find_map(|exchange| {
        let result = exchange.answer.as_ref()?.authentication_result.as_ref()?;
        let is_one = texts(result).any(|token| token == text);
        is_one.then_some(exchange.index)
    });
    match issued {
        Some(index) => format!("a token of response {index}"),
        None => format!("{}, which the service never issued", concealed(text)),
    }
}

fn not_expired(case: &Case<'_>) -> Verdict {
    each(case.follow_ups(), NO_SESSION, |later| {
        let given = session(later)?;
        let Some(now) = later.now else {
            return Some(Verdict::NotApplicable("the port's clock was not set"));
        };
        let tokens = [
            ("access", given.access_token.as_deref()),
            ("id", given.id_token.as_deref()),
        ];
        let mut judged = None;
        for (name, token) in tokens {
            let Some(expires) = token
                .and_then(claims)
                .and_then(|claims| claims.get("exp")?.as_i64())
            else {
                continue;
            };
            if expires <= now {
                return Some(Verdict::fail(
                    later.index(),
                    format!("an {name} token that is good after {now}, or an error"),
                    format!("one that expired at {expires}"),
                ));
            }
            judged = Some(Verdict::Pass);
        }
        judged
    })
}

fn incomplete_refused(case: &Case<'_>) -> Verdict {
    each(
        case.follow_ups(),
        "every refresh brought an access token",
        |later| {
            let (_, exchange) = later.refreshes.last()?;
            let result = exchange.answer.as_ref()?.authentication_result.as_ref();
            if result.is_some_and(|result| result.access_token.is_some()) {
                return None;
            }
            let reply = later.call.reply.as_ref()?;
            let Reply::Session { tokens } = reply else {
                return Some(Verdict::Pass);
            };
            let is_taken = match &tokens.access_token {
                None => tokens.id_token.is_some(),
                Some(token) => claims(token).is_none(),
            };
            Some(if is_taken {
                Verdict::fail(
                    later.index(),
                    "an error, as no access token came",
                    tokens.to_string(),
                )
            } else {
                Verdict::Pass
            })
        },
    )
}

fn failure_told(case: &Case<'_>) -> Verdict {
    each(case.follow_ups(), "no refresh failed", |later| {
        let Call::FetchAuthSession(fetch) = later.asked else {
            return None;
        };
        let held = later.before.tokens()?;
        let (_, exchange) = later.refreshes.last()?;
        let has_access = |result: &AuthenticationResult| result.access_token.is_some();
        let result = exchange.answer.as_ref();
        let result = result.and_then(|answer| answer.authentication_result.as_ref());
        if later.refresh_outcome() == Some(RefreshOutcome::Tokens) || result.is_some_and(has_access)
        {
            return None;
        }
        let is_over = |token: &str| {
            let expires = claims(token).and_then(|claims| claims.get("exp")?.as_i64());
            expires
                .zip(later.now)
                .is_some_and(|(expires, now)| expires <= now)
        };
        if !fetch.force_refresh && !is_over(held.access) && !is_over(held.id) {
            return Some(Verdict::NotApplicable("the old tokens are still good"));
        }
        Some(match later.call.reply.as_ref()? {
            Reply::Session { tokens } if tokens.access_token.is_some() => Verdict::fail(
                Some(exchange.index),
                "an error, as the refresh failed",
                format!("{tokens}, as if nothing had happened"),
            ),
            Reply::Session { .. } | Reply::Error { .. } => Verdict::Pass,
            _ => return None,
        })
    })
}

fn survive_trouble(case: &Case<'_>) -> Verdict {
    each(
        case.follow_ups(),
        "no refresh ran into trouble before the tokens were wanted again",
        |later| {
            if !matches!(later.asked, Call::FetchAuthSession(_)) {
                return None;
            }
            let held = later.good()?;
            let in_trouble = later.refresh_outcome() == Some(RefreshOutcome::Trouble);
            if held.latest != RefreshOutcome::Trouble && !in_trouble {
                return None;
            }
            if later.refresh_outcome() == Some(RefreshOutcome::Refusal) {
                return Some(Verdict::NotApplicable("the service refused the refresh"));
            }
            let signed_out = match later.call.reply.as_ref()? {
                Reply::Session { tokens } => tokens.access_token.is_none(),
                // Whoever tries again has not given up.
                Reply::Error { .. } => later.refreshes.is_empty(),
                _ => return None,
            };
            Some(if signed_out {
                Verdict::fail(
                    later.index(),
                    "the tokens, or another refresh",
                    "the user is signed out",
                )
            } else {
                Verdict::Pass
            })
        },
    )
}

fn not_in_errors(case: &Case<'_>) -> Verdict {
    let mut secrets: Vec<(&str, &str)> = Vec::new();
    for exchange in case.trace.exchanges() {
        let answer = exchange.answer.as_ref();
        if let Some(result) = answer.and_then(|answer| answer.authentication_result.as_ref()) {
            secrets.extend(texts(result).map(|token| ("a token", token)));
        }
    }
    if let Some(Some(secret)) = case.facts.client_secret() {
        secrets.push(("the client secret", secret));
    }
    secrets.retain(|(_, text)| text.len() >= SHORTEST);
    if secrets.is_empty() {
        return Verdict::NotApplicable("there is neither a token nor a client secret");
    }
    each(case.trace.all_calls(), "no error was told", |call| {
        let Some(Reply::Error { error }) = &call.reply else {
            return None;
        };
        let repeated = secrets
            .iter()
            .find(|(_, text)| error.message.contains(text) || error.name.contains(text));
        Some(match repeated {
            Some((name, _)) => Verdict::fail(
                call.exchanges.last().map(|exchange| exchange.index),
                "an error without secrets",
                format!("{} with {name} in it", error.name),
            ),
            None => Verdict::Pass,
        })
    })
}

fn texts(result: &AuthenticationResult) -> impl Iterator<Item = &str> {
    [
        &result.access_token,
        &result.id_token,
        &result.refresh_token,
    ]
    .into_iter()
    .filter_map(|token| token.as_deref())
}

const NO_SESSION: &str = "fetchAuthSession gave no tokens, or none was called";
/// A shorter text may be in an error by chance.
const SHORTEST: usize = 12;
