//! How somebody signs out. Sign-outs that the harness put in are none of these rules' business.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::held_tokens::{FollowUp, HeldTokens, SignedOut, TokenState, claims};
use crate::rules::rule::{Level, Party, Rule, Verdict, concealed, each};
use crate::rules::source::{ANDROID, SWIFT, amplify, file, guide, issue, model, operation};
use crate::wire::{Call, Operation, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "sign-out.forgets",
        level: Level::Must,
        party: Party::Port,
        sentence: "After signOut fetchAuthSession gives no tokens and makes no refresh.",
        sources: &[
            amplify(
                "Sign-out",
                "introduction",
                "signOut signs the user out of the application",
            ),
            file(
                &SWIFT,
                "StateMachine/Resolvers/SignOut/SignOutState+Resolver.swift",
            ),
        ],
        check: Rule::requires(forgets),
    },
    Rule {
        id: "sign-out.finishes",
        level: Level::Should,
        party: Party::Port,
        sentence: "signOut gives the tokens up here also when the service refuses, or is out of reach.",
        sources: &[
            amplify(
                "Sign-out",
                "introduction",
                "where parts of it fail the user is signed out of the device all the same",
            ),
            file(
                &SWIFT,
                "StateMachine/Resolvers/SignOut/SignOutState+Resolver.swift",
            ),
            issue("aws-amplify/amplify-js#3540"),
            issue("aws-amplify/amplify-swift#461"),
            issue("aws-amplify/amplify-swift#2812"),
            issue("aws-amplify/amplify-android#1473"),
            issue("aws-amplify/amplify-flutter#3162"),
        ],
        check: Rule::requires(finishes),
    },
    Rule {
        id: "sign-out.global",
        level: Level::Must,
        party: Party::Port,
        sentence: "signOut everywhere is GlobalSignOut with the newest access token.",
        sources: &[
            operation(
                "GlobalSignOut",
                "invalidates all tokens of the user, by an access token",
            ),
            model(
                "GlobalSignOutRequest$AccessToken",
                "a valid access token that the service issued to the user who is signed in",
            ),
            amplify(
                "Sign-out",
                "introduction",
                "a global sign-out signs the user out of all devices",
            ),
            file(
                &SWIFT,
                "StateMachine/Resolvers/SignOut/SignOutState+Resolver.swift",
            ),
        ],
        check: Rule::requires(global),
    },
    Rule {
        id: "sign-out.revokes",
        level: Level::Should,
        party: Party::Port,
        sentence: "signOut revokes the refresh token, where the service can revoke tokens.",
        sources: &[
            guide(
                "token-revocation",
                "Revoke a token",
                "RevokeToken revokes a refresh token, and with it the access tokens of that",
            ),
            file(
                &SWIFT,
                "StateMachine/Resolvers/SignOut/SignOutState+Resolver.swift",
            ),
            file(&ANDROID, "actions/SignOutCognitoActions.kt"),
            issue("aws-amplify/amplify-js#2638"),
            issue("aws-amplify/amplify-js#4164"),
        ],
        check: Rule::requires(revokes),
    },
    Rule {
        id: "sign-out.revoke-request",
        level: Level::Must,
        party: Party::Port,
        sentence: "RevokeToken names the newest refresh token and the app client, with the client's secret if it has one.",
        sources: &[
            model("RevokeTokenRequest$Token", "the refresh token to revoke"),
            model(
                "RevokeTokenRequest$ClientId",
                "the app client at which the token was issued",
            ),
            model(
                "RevokeTokenRequest$ClientSecret",
                "the client's secret, if it has one",
            ),
            guide(
                "token-revocation",
                "Revoke a token",
                "the client id has to be that by which the token was obtained",
            ),
        ],
        check: Rule::requires(revoke_request),
    },
];

fn forgets(case: &Case<'_>) -> Verdict {
    forgotten(case, true, "nobody signed out with the service's consent")
}

fn finishes(case: &Case<'_>) -> Verdict {
    forgotten(case, false, "no sign-out met with an error")
}

/// Whether nothing is left after the sign-outs to which the service agreed, or did not.
fn forgotten(case: &Case<'_>, agreed: bool, nothing: &'static str) -> Verdict {
    each(case.follow_ups(), nothing, |later| {
        let asked = SignedOut {
            agreed,
            is_put_in: false,
        };
        let is_after = matches!(later.before, TokenState::Nothing(Some(out)) if out == asked);
        if !is_after || !matches!(later.asked, Call::FetchAuthSession(_)) {
            return None;
        }
        if let Some((_, exchange)) = later.refreshes.first() {
            return Some(Verdict::fail(
                Some(exchange.index),
                "no refresh, as the user has signed out",
                exchange.words(),
            ));
        }
        match later.call.reply.as_ref()? {
            Reply::Session { tokens } if !tokens.names().is_empty() => Some(Verdict::fail(
                None,
                "no tokens, as the user has signed out",
                tokens.to_string(),
            )),
            Reply::Session { .. } | Reply::Error { .. } => Some(Verdict::Pass),
            _ => None,
        }
    })
}

/// Every sign-out of somebody whose tokens the service has not refused, and whether it is one everywhere.
fn sign_outs<'c, 't>(
    case: &'c Case<'t>,
) -> impl Iterator<Item = (&'c FollowUp<'t>, &'c HeldTokens<'t>, bool)> {
    case.follow_ups().iter().filter_map(|later| {
        let Call::SignOut(call) = later.asked else {
            return None;
        };
        let is_told = matches!(later.call.reply, Some(Reply::Empty | Reply::Error { .. }));
        later.good()?;
        // A port may refresh first.
        let held = later.after.tokens()?;
        (is_told && !held.is_unsure).then_some((later, held, call.global))
    })
}

fn global(case: &Case<'_>) -> Verdict {
    each(
        sign_outs(case),
        "nobody signed out everywhere",
        |(later, held, is_global)| {
            if !is_global {
                return None;
            }
            if held.is_refused {
                return Some(Verdict::NotApplicable("the service refused a refresh"));
            }
            let Some(exchange) = later.of(Operation::GlobalSignOut).next() else {
                let expires = claims(held.access).and_then(|claims| claims.get("exp")?.as_i64());
                if expires
                    .zip(later.now)
                    .is_some_and(|(expires, now)| expires <= now)
                {
                    return Some(Verdict::NotApplicable("the access token has expired"));
                }
                return Some(Verdict::fail(later.index(), "GlobalSignOut", "none"));
            };
            Some(match exchange.member("AccessToken") {
                Some(sent) if sent == held.access => Verdict::Pass,
                sent => Verdict::fail(
                    Some(exchange.index),
                    "the newest access token as AccessToken",
                    sent.map_or_else(|| "no AccessToken".to_owned(), |sent| which(held, sent)),
                ),
            })
        },
    )
}

fn revokes(case: &Case<'_>) -> Verdict {
    each(
        sign_outs(case),
        "nobody signed out on this device alone",
        |(later, held, is_global)| {
            if is_global {
                return None;
            }
            // Without revocation at the service tokens name no sign-in that they come of (developer guide).
            let is_revocable = claims(held.access)?.get("origin_jti").is_some();
            if !is_revocable || held.is_refused {
                return Some(Verdict::NotApplicable(
                    "the service does not revoke tokens, or refused this one",
                ));
            }
            Some(match later.of(Operation::RevokeToken).next() {
                Some(_) => Verdict::Pass,
                None => Verdict::fail(later.index(), "RevokeToken", "none"),
            })
        },
    )
}

fn revoke_request(case: &Case<'_>) -> Verdict {
    each(
        sign_outs(case),
        "no token was revoked",
        |(later, held, _)| {
            let exchange = later.of(Operation::RevokeToken).next()?;
            let at = Some(exchange.index);
            let token = exchange.member("Token");
            if !token.is_some_and(|token| held.refresh.contains(&token)) {
                let got = token.map_or_else(|| "no Token".to_owned(), |token| which(held, token));
                return Some(Verdict::fail(at, "the newest refresh token as Token", got));
            }
            if let Some(client) = case.facts.client_id()
                && exchange.client_id() != Some(client)
            {
                let got = exchange.client_id().unwrap_or("no ClientId");
                return Some(Verdict::fail(at, format!("ClientId = {client}"), got));
            }
            if let Some(Some(secret)) = case.facts.client_secret()
                && exchange.member("ClientSecret") != Some(secret)
            {
                let sent = exchange.member("ClientSecret");
                let got = sent.map_or_else(|| "no ClientSecret".to_owned(), concealed);
                return Some(Verdict::fail(
                    at,
                    "the client's secret as ClientSecret",
                    got,
                ));
            }
            Some(Verdict::Pass)
        },
    )
}

/// Says which of the tokens that are held a text is.
fn which(held: &HeldTokens<'_>, text: &str) -> String {
    let is_refresh = held.refresh.contains(&text);
    match text {
        text if text == held.access => "the access token".to_owned(),
        text if text == held.id => "the id token".to_owned(),
        _ if is_refresh => "the refresh token".to_owned(),
        other => concealed(other),
    }
}
