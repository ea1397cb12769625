//! How tokens are refreshed.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::held_tokens::{
    Bound, FollowUp, HeldTokens, RefreshOutcome, TokenState, claims, refresh_outcome, shown_token,
};
use crate::rules::evidence::model::request_members;
use crate::rules::evidence::trace::ExchangeTrace;
use crate::rules::rule::{Level, Observation, Party, Rule, Verdict, concealed, each, observe};
use crate::rules::source::{
    AWS_SDK_ANDROID, JS, SWIFT, amplify, file, guide, issue, model, operation,
};
use crate::srp::secret_hash;
use crate::wire::names::key;
use crate::wire::{Call, Operation, Parameters, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "refresh.request",
        level: Level::Must,
        party: Party::Port,
        sentence: "A refresh is GetTokensFromRefreshToken, or InitiateAuth with REFRESH_TOKEN_AUTH, and shows a refresh token \
                   under its name, to the app client of the sign-in.",
        sources: &[
            operation(
                "GetTokensFromRefreshToken",
                "given a refresh token, issues new tokens for its user",
            ),
            model(
                "GetTokensFromRefreshTokenRequest$ClientId",
                "the app client that issued the refresh token",
            ),
            model(
                "InitiateAuthRequest$AuthParameters",
                "REFRESH_TOKEN_AUTH takes REFRESH_TOKEN, which is required",
            ),
            file(
                &SWIFT,
                "Actions/RefreshAuthorizationSession/UserPool/RefreshUserPoolTokens.swift",
            ),
        ],
        check: Rule::requires(request),
    },
    Rule {
        id: "refresh.rotation",
        level: Level::Must,
        party: Party::Port,
        sentence: "Where refresh tokens rotate, a refresh is GetTokensFromRefreshToken, since REFRESH_TOKEN_AUTH is off.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-using-the-refresh-token",
                "Getting new access and identity tokens with a refresh token",
                "REFRESH_TOKEN_AUTH can't be used with app clients whose refresh tokens rotate",
            ),
            model(
                "RefreshTokenRotationType",
                "with rotation a refresh issues a new refresh token, too",
            ),
            issue("aws-amplify/amplify-js#4467"),
            issue("aws-amplify/amplify-js#5214"),
        ],
        check: Rule::requires(rotation),
    },
    Rule {
        id: "refresh.newest-token",
        level: Level::Must,
        party: Party::Port,
        sentence: "A refresh shows the newest refresh token: the one that the latest refresh brought, or the one before where \
                   it brought none.",
        sources: &[
            model(
                "GetTokensFromRefreshTokenRequest$RefreshToken",
                "with rotation the token that was shown is invalid afterwards, or after the grace period",
            ),
            operation(
                "GetTokensFromRefreshToken",
                "without rotation no refresh token is issued, so the one before stays",
            ),
            file(
                &SWIFT,
                "Actions/RefreshAuthorizationSession/UserPool/RefreshUserPoolTokens.swift",
            ),
            issue("aws/aws-sdk-net-extensions-cognito#63"),
            issue("NabuCasa/pycognito#43"),
            issue("amazon-archives/amazon-cognito-identity-js#107"),
            issue("aws-amplify/amplify-js#4467"),
            issue("aws-amplify/amplify-js#14396"),
        ],
        check: Rule::requires(newest_token),
    },
    Rule {
        id: "refresh.device-key",
        level: Level::Must,
        party: Party::Port,
        sentence: "A refresh names the device on which the user signed in, where the service tracks devices.",
        sources: &[
            model(
                "GetTokensFromRefreshTokenRequest$DeviceKey",
                "the confirmed device's key has to be there where devices are remembered",
            ),
            issue("aws-amplify/amplify-android#2506"),
            issue("aws-amplify/amplify-js#2962"),
            issue("aws-amplify/amplify-flutter#4476"),
            issue("aws/aws-sdk-java#2841"),
        ],
        check: Rule::requires(device_key),
    },
    Rule {
        id: "refresh.secret",
        level: Level::Must,
        party: Party::Port,
        sentence: "With a client secret GetTokensFromRefreshToken carries it as ClientSecret, and REFRESH_TOKEN_AUTH a \
                   SECRET_HASH.",
        sources: &[
            model(
                "GetTokensFromRefreshTokenRequest$ClientSecret",
                "the client's secret, if it has one",
            ),
            model(
                "InitiateAuthRequest$AuthParameters",
                "SECRET_HASH is added if the app client has a secret",
            ),
            issue("furaiev/amazon-cognito-identity-dart-2#198"),
        ],
        check: Rule::requires(secret),
    },
    Rule {
        id: "refresh.secret-name",
        level: Level::Should,
        party: Party::Port,
        sentence: "SECRET_HASH of REFRESH_TOKEN_AUTH is made over the internal name or the sub, not over what was typed.",
        sources: &[
            issue("aws/aws-sdk-net-extensions-cognito#122"),
            issue("boto/boto3#2736"),
            issue("NabuCasa/pycognito#18"),
        ],
        check: Rule::requires(secret_name),
    },
    Rule {
        id: "refresh.secret-in-clear",
        level: Level::Observed,
        party: Party::Port,
        sentence: "SECRET_HASH of REFRESH_TOKEN_AUTH is a hash, or the client secret itself as aws-sdk-android sends it.",
        sources: &[
            file(
                &AWS_SDK_ANDROID,
                "src/main/java/com/amazonaws/mobileconnectors/cognitoidentityprovider/CognitoUser.java",
            ),
            issue("furaiev/amazon-cognito-identity-dart-2#213"),
        ],
        check: Rule::observes(secret_in_clear),
    },
    Rule {
        id: "refresh.metadata",
        level: Level::Should,
        party: Party::Port,
        sentence: "The metadata given to fetchAuthSession goes with the refresh.",
        sources: &[
            model(
                "GetTokensFromRefreshTokenRequest$ClientMetadata",
                "a map for the triggers that the request invokes",
            ),
            model(
                "InitiateAuthRequest$ClientMetadata",
                "a map for the triggers that the request invokes",
            ),
        ],
        check: Rule::requires(metadata),
    },
    Rule {
        id: "refresh.when-forced",
        level: Level::Must,
        party: Party::Port,
        sentence: "fetchAuthSession with forceRefresh makes a refresh, however good the tokens still are.",
        sources: &[
            amplify(
                "Manage user sessions",
                "Refreshing sessions",
                "forceRefresh refreshes the session explicitly",
            ),
            issue("aws-amplify/amplify-js#14406"),
            issue("aws-amplify/amplify-js#13830"),
            issue("aws-amplify/amplify-js#13718"),
        ],
        check: Rule::requires(when_forced),
    },
    Rule {
        id: "refresh.when-expired",
        level: Level::Must,
        party: Party::Port,
        sentence: "fetchAuthSession makes a refresh when the access token or the id token has expired, whichever is first.",
        sources: &[
            amplify(
                "Manage user sessions",
                "Refreshing sessions",
                "fetchAuthSession refreshes by itself when tokens have expired and there is a refresh token",
            ),
            file(
                &SWIFT,
                "CredentialStorage/AmplifyCredentials+CognitoSession.swift",
            ),
            issue("aws-amplify/amplify-flutter#2401"),
            issue("aws-amplify/amplify-android#1763"),
            issue("aws-amplify/amplify-android#2590"),
        ],
        check: Rule::requires(when_expired),
    },
    Rule {
        id: "refresh.not-when-fresh",
        level: Level::Should,
        party: Party::Port,
        sentence: "fetchAuthSession makes no refresh unasked while both tokens have more than half of their lives left, and ten \
                   minutes.",
        sources: &[
            amplify(
                "Manage user sessions",
                "Refreshing sessions",
                "fetchAuthSession refreshes by itself when tokens have expired",
            ),
            file(
                &SWIFT,
                "CredentialStorage/AmplifyCredentials+CognitoSession.swift",
            ),
            issue("aws-amplify/amplify-js#5747"),
            issue("aws-amplify/amplify-js#12535"),
        ],
        check: Rule::requires(not_when_fresh),
    },
    Rule {
        id: "refresh.once",
        level: Level::Should,
        party: Party::Port,
        sentence: "One call makes one refresh: no other after success or refusal, and at most five tries in trouble.",
        sources: &[
            file(
                &SWIFT,
                "Actions/RefreshAuthorizationSession/UserPool/RefreshUserPoolTokens.swift",
            ),
            file(&JS, "providers/cognito/tokenProvider/TokenOrchestrator.ts"),
            issue("aws-amplify/amplify-js#12535"),
        ],
        check: Rule::requires(once),
    },
];

/// Judges every refresh that is made while it is known what is held.
fn of_each(
    case: &Case<'_>,
    judge: impl Fn(&FollowUp<'_>, &HeldTokens<'_>, &ExchangeTrace<'_>) -> Option<Verdict>,
) -> Verdict {
    let refreshes = case.follow_ups().iter().flat_map(|later| {
        let refreshes = later.refreshes.iter();
        refreshes.map(move |(holds, exchange)| (later, holds, *exchange))
    });
    each(
        refreshes,
        "no refresh was seen",
        |(later, holds, exchange)| match holds {
            TokenState::Tokens(held) => judge(later, held, exchange),
            TokenState::Nothing(_) | TokenState::Untold => Some(Verdict::NotApplicable(
                "it can't be told which tokens the port held",
            )),
        },
    )
}

fn request(case: &Case<'_>) -> Verdict {
    each(case.follow_ups(), "no refresh was seen", |later| {
        later.good()?;
        if !matches!(later.asked, Call::FetchAuthSession(_)) {
            return None;
        }
        let mut verdict = None;
        for exchange in &later.call.exchanges {
            let at = Some(exchange.index);
            let known = match exchange.operation {
                Some(Operation::InitiateAuth) => None,
                Some(Operation::GetTokensFromRefreshToken) => {
                    Some(request_members(&Operation::GetTokensFromRefreshToken).collect::<Vec<_>>())
                }
                _ => continue,
            };
            if !exchange.is_refresh() {
                return Some(Verdict::fail(at, "a refresh", exchange.words()));
            }
            if shown_token(exchange).is_none_or(str::is_empty) {
                let name = match &known {
                    Some(_) => "RefreshToken",
                    None => key::REFRESH_TOKEN,
                };
                return Some(Verdict::fail(
                    at,
                    format!("{name} in {}", exchange.words()),
                    "none",
                ));
            }
            if let Some(known) = &known
                && let Some(body) = exchange.body.as_ref().and_then(|body| body.as_object())
                && let Some(other) = body.keys().find(|name| !known.contains(&name.as_str()))
            {
                return Some(Verdict::fail(
                    at,
                    format!("only {}", known.join(", ")),
                    other,
                ));
            }
            if let Some(client) = case.facts.client_id()
                && exchange.client_id() != Some(client)
            {
                let sent = exchange.client_id().unwrap_or("no ClientId");
                return Some(Verdict::fail(at, format!("ClientId = {client}"), sent));
            }
            verdict = Some(Verdict::Pass);
        }
        verdict
    })
}

fn rotation(case: &Case<'_>) -> Verdict {
    let rotates = case.facts.world().is_some_and(|world| {
        let mut clients = world.clients.iter();
        clients.any(|client| client.rotation_grace_seconds.is_some())
    });
    if !rotates {
        return Verdict::NotApplicable("refresh tokens do not rotate, or nobody knows");
    }
    of_each(case, |_, _, exchange| {
        Some(match exchange.operation {
            Some(Operation::GetTokensFromRefreshToken) => Verdict::Pass,
            _ => Verdict::fail(
                Some(exchange.index),
                "GetTokensFromRefreshToken",
                exchange.words(),
            ),
        })
    })
}

fn newest_token(case: &Case<'_>) -> Verdict {
    of_each(case, |_, held, exchange| {
        let shown = shown_token(exchange).filter(|shown| !shown.is_empty())?;
        if held.refresh.contains(&shown) {
            return Some(Verdict::Pass);
        }
        let earlier = case.trace.exchanges().find(|earlier| {
            let answer = earlier.answer.as_ref();
            let result = answer.and_then(|answer| answer.authentication_result.as_ref());
            result.is_some_and(|result| result.refresh_token.as_deref() == Some(shown))
        });
        Some(Verdict::fail(
            Some(exchange.index),
            "the newest refresh token",
            match earlier {
                Some(earlier) => format!("the refresh token of response {}", earlier.index),
                None => format!("{}, which the service never gave", concealed(shown)),
            },
        ))
    })
}

fn device_key(case: &Case<'_>) -> Verdict {
    of_each(case, |_, held, exchange| {
        let device = match held.device {
            Bound::To(device) => device,
            Bound::ToNone => return None,
            Bound::Untold => {
                return Some(Verdict::NotApplicable(
                    "it can't be told on which device the user signed in",
                ));
            }
        };
        let sent = match exchange.operation {
            Some(Operation::GetTokensFromRefreshToken) => exchange.member("DeviceKey"),
            _ => exchange.parameter(key::DEVICE_KEY),
        };
        Some(if sent == Some(device) {
            Verdict::Pass
        } else {
            Verdict::fail(
                Some(exchange.index),
                format!("the device's key, {device}"),
                sent.unwrap_or("no device's key"),
            )
        })
    })
}

fn secret(case: &Case<'_>) -> Verdict {
    let Some(Some(secret)) = case.facts.client_secret() else {
        return Verdict::NotApplicable(NO_SECRET);
    };
    of_each(case, |_, _, exchange| {
        let at = Some(exchange.index);
        if exchange.operation == Some(Operation::GetTokensFromRefreshToken) {
            return Some(match exchange.member("ClientSecret") {
                Some(sent) if sent == secret => Verdict::Pass,
                Some(sent) => {
                    Verdict::fail(at, "the client's secret as ClientSecret", concealed(sent))
                }
                None => Verdict::fail(
                    at,
                    "ClientSecret in GetTokensFromRefreshToken",
                    "no ClientSecret",
                ),
            });
        }
        let Some(sent) = exchange.parameter(key::SECRET_HASH) else {
            return Some(Verdict::fail(
                at,
                format!("SECRET_HASH in {}", exchange.words()),
                "no SECRET_HASH",
            ));
        };
        Some(if sent == secret {
            Verdict::NotApplicable(SECRET_ITSELF)
        } else {
            Verdict::Pass
        })
    })
}

fn secret_name(case: &Case<'_>) -> Verdict {
    let Some(Some(secret)) = case.facts.client_secret() else {
        return Verdict::NotApplicable(NO_SECRET);
    };
    of_each(case, |later, held, exchange| {
        let at = Some(exchange.index);
        let sent = exchange.parameter(key::SECRET_HASH)?;
        if sent == secret {
            return Some(Verdict::NotApplicable(SECRET_ITSELF));
        }
        let claims = claims(held.access)?;
        let over = |name: &str| {
            let client = exchange.client_id().unwrap_or_default();
            secret_hash(secret, name, client) == sent
        };
        let names: Vec<&str> = ["username", "sub"]
            .iter()
            .filter_map(|claim| claims.get(*claim)?.as_str())
            .collect();
        if names.iter().any(|name| over(name)) {
            return Some(Verdict::Pass);
        }
        if exchange.parameter(key::USERNAME).is_some_and(over) {
            return Some(Verdict::NotApplicable(
                "whether a hash over the USERNAME beside it will do is not established",
            ));
        }
        let typed = later.sign_in.map(|call| call.username.as_str());
        let got = match typed.filter(|typed| over(typed)) {
            Some(typed) => format!("{sent}, made over {typed:?}"),
            None => sent.to_owned(),
        };
        let expected = format!("SECRET_HASH over {}", names.join(" or "));
        Some(Verdict::fail(at, expected, got))
    })
}

fn secret_in_clear(case: &Case<'_>) -> Observation {
    let Some(Some(secret)) = case.facts.client_secret() else {
        return Observation::NotApplicable(NO_SECRET);
    };
    let refreshes = case.follow_ups().iter().flat_map(|later| &later.refreshes);
    observe(refreshes, "no refresh was seen", |(_, exchange)| {
        let sent = exchange.parameter(key::SECRET_HASH)?;
        let what = match sent == secret {
            true => "the client secret itself",
            false => "a hash",
        };
        Some(what.to_owned())
    })
}

fn metadata(case: &Case<'_>) -> Verdict {
    of_each(case, |later, _, exchange| {
        let Call::FetchAuthSession(fetch) = later.asked else {
            return None;
        };
        if fetch.metadata.is_empty() {
            return None;
        }
        let sent = exchange.body.as_ref()?.get("ClientMetadata");
        let sent: Option<Parameters> =
            sent.and_then(|sent| serde_json::from_value(sent.clone()).ok());
        let carries = sent.as_ref().is_some_and(|sent| {
            let mut given = fetch.metadata.iter();
            given.all(|(name, value)| sent.get(name) == Some(value))
        });
        Some(if carries {
            Verdict::Pass
        } else {
            Verdict::fail(
                Some(exchange.index),
                format!("{:?}", fetch.metadata),
                format!("{sent:?}"),
            )
        })
    })
}

/// Every `fetchAuthSession` that the port came back from, with the tokens that the service has not refused.
fn fetches<'c, 't>(
    case: &'c Case<'t>,
) -> impl Iterator<Item = (&'c FollowUp<'t>, &'c HeldTokens<'t>)> {
    case.follow_ups().iter().filter_map(|later| {
        let is_told = matches!(
            later.call.reply,
            Some(Reply::Session { .. } | Reply::Error { .. })
        );
        let is_fetch = matches!(later.asked, Call::FetchAuthSession(_));
        let held = later.good()?;
        (is_told && is_fetch).then_some((later, held))
    })
}

fn when_forced(case: &Case<'_>) -> Verdict {
    each(fetches(case), "no refresh was forced", |(later, _)| {
        let Call::FetchAuthSession(fetch) = later.asked else {
            return None;
        };
        fetch.force_refresh.then(|| {
            if later.refreshes.is_empty() {
                Verdict::fail(
                    later.index(),
                    "a refresh, as forceRefresh asks",
                    made(later),
                )
            } else {
                Verdict::Pass
            }
        })
    })
}

fn when_expired(case: &Case<'_>) -> Verdict {
    each(
        fetches(case),
        "no token had expired, or the port's clock was not set",
        |(later, held)| {
            let now = later.now?;
            let over = [("access", held.access), ("id", held.id)]
                .into_iter()
                .find(|(_, token)| Life::of(token).is_some_and(|life| life.ends <= now));
            let (name, _) = over?;
            Some(if later.refreshes.is_empty() {
                Verdict::fail(
                    later.index(),
                    format!("a refresh, as the {name} token has expired"),
                    made(later),
                )
            } else {
                Verdict::Pass
            })
        },
    )
}

fn not_when_fresh(case: &Case<'_>) -> Verdict {
    each(
        fetches(case),
        "no session was fetched unforced",
        |(later, held)| {
            let Call::FetchAuthSession(fetch) = later.asked else {
                return None;
            };
            // After trouble it is wise to look again.
            if fetch.force_refresh || held.latest != RefreshOutcome::Tokens {
                return None;
            }
            let is_fresh = [held.access, held.id].into_iter().all(|token| {
                Life::of(token).is_some_and(|life| {
                    // Without a clock of its own nothing in a scenario takes long.
                    let now = later.now.unwrap_or(life.begins);
                    let left = life.ends.saturating_sub(now);
                    left >= MUCH_SECONDS && left > life.ends.saturating_sub(life.begins) / 2
                })
            });
            is_fresh.then(|| match later.refreshes.first() {
                Some((_, exchange)) => Verdict::fail(
                    Some(exchange.index),
                    "no refresh while the tokens are fresh",
                    exchange.words(),
                ),
                None => Verdict::Pass,
            })
        },
    )
}

fn once(case: &Case<'_>) -> Verdict {
    each(case.follow_ups(), "no refresh was seen", |later| {
        let mut refreshes = later.refreshes.iter().map(|(_, exchange)| *exchange);
        refreshes.next()?;
        let needless = later.refreshes.iter().zip(refreshes);
        for ((_, before), exchange) in needless {
            let what = match refresh_outcome(before) {
                RefreshOutcome::Tokens => "no other refresh after one that brought tokens",
                RefreshOutcome::Refusal => "no other refresh after one that was refused",
                RefreshOutcome::SomeTokens | RefreshOutcome::Trouble => continue,
            };
            return Some(Verdict::fail(Some(exchange.index), what, exchange.words()));
        }
        let tries = later.refreshes.len();
        Some(if tries > MOST_TRIES {
            Verdict::fail(
                later.index(),
                format!("at most {MOST_TRIES} tries"),
                format!("{tries}"),
            )
        } else {
            Verdict::Pass
        })
    })
}

/// What a call made instead of a refresh.
fn made(later: &FollowUp<'_>) -> String {
    let words: Vec<String> = later
        .call
        .exchanges
        .iter()
        .map(ExchangeTrace::words)
        .collect();
    match words.as_slice() {
        [] => "no request".to_owned(),
        words => words.join(", "),
    }
}

/// When a token's life begins and ends, in seconds since 1970-01-01T00:00:00Z.
struct Life {
    begins: i64,
    ends: i64,
}

impl Life {
    fn of(token: &str) -> Option<Self> {
        let claims = claims(token)?;
        let seconds = |name: &str| claims.get(name).and_then(serde_json::Value::as_i64);
        Some(Self {
            begins: seconds("iat")?,
            ends: seconds("exp")?,
        })
    }
}

const NO_SECRET: &str = "the app client has no secret, or none that is known";
const SECRET_ITSELF: &str = "the client secret itself is sent, as a shipped client does";
/// More than what any client is known to leave as a margin before the end; amplify-swift leaves two minutes.
const MUCH_SECONDS: i64 = 600;
/// More than the three attempts that AWS's SDKs make by default.
const MOST_TRIES: usize = 5;
