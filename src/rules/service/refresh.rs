//! Which tokens a refresh brings, and which refreshes are refused.

use serde_json::Value;

use super::reason::refusal;
use super::token::wrong_pair;
use crate::model::{AppClient, UserStatus, World};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::grants::{Ended, Grant, Secret, TokenUse};
use crate::rules::evidence::held_tokens::{claims, shown_token};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{guide, issue, measured, model, operation};
use crate::wire::{AuthenticationResult, ErrorKind, Operation};

/// What a refresh brings.
pub(super) const REFRESH_TOKENS: Rule = Rule {
    id: "service.refresh-tokens",
    level: Level::Must,
    party: Party::Service,
    sentence: "A refresh with the newest refresh token brings an id token and an access token with sub, auth_time and \
               origin_jti of the sign-in; a new refresh token only where they rotate, and then always.",
    sources: &[
        operation(
            "GetTokensFromRefreshToken",
            "new id and access tokens, and with rotation a new refresh token",
        ),
        model(
            "RefreshTokenRotationType",
            "without rotation a refresh issues only id and access token",
        ),
        guide(
            "amazon-cognito-user-pools-using-the-access-token",
            "Access token payload",
            "after a refresh auth_time stays that of the sign-in; sub and origin_jti are in the token",
        ),
    ],
    check: Rule::requires(refresh_tokens),
};

/// What a refresh token that was replaced gets.
pub(super) const REFRESH_ROTATION: Rule = Rule {
    id: "service.refresh-rotation",
    level: Level::Must,
    party: Party::Service,
    sentence: "Where refresh tokens rotate, one that was replaced is refused after the grace period, with \
               RefreshTokenReuseException.",
    sources: &[
        model(
            "RefreshTokenReuseException",
            "thrown for a refresh token that rotation has invalidated",
        ),
        model(
            "RefreshTokenRotationType$RetryGracePeriodSeconds",
            "how long the token that was rotated out stays valid",
        ),
    ],
    check: Rule::requires(refresh_rotation),
};

/// What a refresh token that was revoked gets.
pub(super) const REFRESH_REVOKED: Rule = Rule {
    id: "service.refresh-revoked",
    level: Level::Must,
    party: Party::Service,
    sentence: "A refresh token that was revoked, by RevokeToken, by a sign-out everywhere or with its user, is refused with \
               NotAuthorizedException.",
    sources: &[
        operation(
            "GlobalSignOut",
            "the refresh tokens of a user who is signed out everywhere are no longer accepted",
        ),
        guide(
            "token-revocation",
            "Revoking tokens",
            "a token that was revoked can't be used any more",
        ),
        measured(
            "aws-amplify/amplify-swift#3344",
            "a trace: NotAuthorizedException \"Refresh Token has been revoked\"",
        ),
        issue("aws-amplify/amplify-js#2638"),
    ],
    check: Rule::requires(refresh_revoked),
};

/// What a refresh token that nobody gave out gets.
pub(super) const REFRESH_FORGED: Rule = Rule {
    id: "service.refresh-forged",
    level: Level::Must,
    party: Party::Service,
    sentence: "A refresh token that the service never gave out brings no tokens.",
    sources: &[
        model(
            "GetTokensFromRefreshTokenRequest$RefreshToken",
            "it has to be a valid refresh token",
        ),
        issue("floci-io/floci#284"),
        issue("floci-io/floci#2113"),
        issue("faiscadev/fakecloud#2240"),
    ],
    check: Rule::requires(refresh_forged),
};

/// Whom a refresh token is good for.
pub(super) const REFRESH_BOUND: Rule = Rule {
    id: "service.refresh-bound",
    level: Level::Must,
    party: Party::Service,
    sentence: "A refresh token is good for its own app client, with that client's secret, and on its own device; else it is \
               refused with NotAuthorizedException.",
    sources: &[
        model(
            "GetTokensFromRefreshTokenRequest$ClientId",
            "the app client that issued the refresh token",
        ),
        model(
            "GetTokensFromRefreshTokenRequest$ClientSecret",
            "that client's secret, if it has one",
        ),
        model(
            "GetTokensFromRefreshTokenRequest$DeviceKey",
            "the confirmed device's key has to be there where devices are remembered",
        ),
        issue("floci-io/floci#2135"),
        issue("aws/aws-sdk-java#2841"),
        issue("aws-amplify/amplify-android#2506"),
        issue("aws-amplify/aws-sdk-android#1469"),
    ],
    check: Rule::requires(refresh_bound),
};

/// How long tokens are good.
pub(super) const TOKEN_LIFE: Rule = Rule {
    id: "service.token-life",
    level: Level::Must,
    party: Party::Service,
    sentence: "Id and access token live as long as the app client says of each.",
    sources: &[
        model(
            "CreateUserPoolClientRequest$AccessTokenValidity",
            "the access token's limit, one hour unless it is set",
        ),
        model(
            "CreateUserPoolClientRequest$IdTokenValidity",
            "the id token's limit, one hour unless it is set",
        ),
    ],
    check: Rule::requires(token_life),
};

/// What an access token is good for once its sign-in was revoked.
pub(super) const SIGN_OUT_REVOKES: Rule = Rule {
    id: "service.sign-out-revokes",
    level: Level::Must,
    party: Party::Service,
    sentence: "An access token is refused with NotAuthorizedException once its refresh token was revoked or its user signed out \
               everywhere.",
    sources: &[
        operation(
            "GlobalSignOut",
            "a signed-out user's access tokens are no longer accepted: \"Access Token has been revoked\"",
        ),
        operation(
            "RevokeToken",
            "the access tokens of the refresh token can't be used any more",
        ),
        guide(
            "token-revocation",
            "Revoking tokens",
            "access tokens of a revoked refresh token become invalid",
        ),
        issue("aws-amplify/amplify-js#3540"),
    ],
    check: Rule::requires(sign_out_revokes),
};

/// Judges every refresh at an app client that is known, with the sign-in that its token is of.
fn of_each(
    case: &Case<'_>,
    nothing: &'static str,
    judge: impl Fn(&World, &TokenUse<'_, '_>) -> Option<Verdict>,
) -> Verdict {
    let Some(world) = case.facts.world() else {
        return Verdict::NotApplicable("nobody knows what the service knows");
    };
    let refreshes = case.token_uses().filter(|shown| shown.view.is_refresh());
    each(refreshes, nothing, |shown| {
        if !shown.view.is_clean {
            return Some(Verdict::NotApplicable("an answer was altered"));
        }
        judge(world, &shown)
    })
}

fn refresh_tokens(case: &Case<'_>) -> Verdict {
    each(case.token_uses(), "no refresh was seen", |shown| {
        let scene = shown.view;
        if !scene.is_refresh() {
            return None;
        }
        if !scene.is_clean {
            return Some(Verdict::NotApplicable("an answer was altered"));
        }
        let Some(result) = scene.tokens() else {
            let world = case.facts.world()?;
            return is_right(world, &shown).then(|| {
                let expected = "new tokens for the newest refresh token";
                Verdict::fail(scene.index(), expected, scene.told())
            });
        };
        match wrong_pair(case.facts, scene, result) {
            Ok(()) => {}
            Err(Some((expected, got))) => {
                return Some(Verdict::fail(scene.index(), expected, got));
            }
            Err(None) => return Some(Verdict::NotApplicable("the tokens are redacted")),
        }
        let client = case.facts.world().and_then(|world| scene.client(world));
        let wrong = shown
            .grant
            .as_ref()
            .and_then(|grant| differs(grant, result))
            .or_else(|| of_rotation(client?, &shown, result));
        Some(match wrong {
            Some((expected, got)) => Verdict::fail(scene.index(), expected, got),
            None => Verdict::Pass,
        })
    })
}

/// Which claim of the sign-in a refreshed token does not have.
fn differs(grant: &Grant<'_>, result: &AuthenticationResult) -> Option<(String, String)> {
    let tokens = [
        ("AccessToken", &result.access_token),
        ("IdToken", &result.id_token),
    ];
    tokens.into_iter().find_map(|(which, token)| {
        let claims = claims(token.as_deref()?)?;
        ["sub", "auth_time", "origin_jti"]
            .into_iter()
            .find_map(|name| {
                // Without revocation there is no origin_jti, and access tokens of 2018 had no auth_time.
                let before = grant.claims.get(name)?;
                let after = claims.get(name);
                (after != Some(before)).then(|| {
                    (
                        format!("{which}: {name} = {before}, as at the sign-in"),
                        after.map_or_else(|| "no such claim".to_owned(), Value::to_string),
                    )
                })
            })
    })
}

/// Whether a refresh token comes exactly where they rotate.
fn of_rotation(
    client: &AppClient,
    shown: &TokenUse<'_, '_>,
    result: &AuthenticationResult,
) -> Option<(String, String)> {
    let token = shown_token(shown.view.exchange);
    let rotates = client.rotation_grace_seconds.is_some();
    match (&result.refresh_token, rotates) {
        (None, true) => Some((
            "a new RefreshToken, as they rotate".to_owned(),
            "none".to_owned(),
        )),
        (Some(came), true) if Some(came.as_str()) == token => Some((
            "a new RefreshToken, as they rotate".to_owned(),
            "the one that was shown".to_owned(),
        )),
        (Some(_), false) => Some((
            "no RefreshToken, as they do not rotate".to_owned(),
            "one".to_owned(),
        )),
        _ => None,
    }
}

/// Whether nothing about a refresh is a reason to refuse it.
fn is_right(world: &World, shown: &TokenUse<'_, '_>) -> bool {
    let (Some(client), Some(grant)) = (shown.own_client(world), shown.grant) else {
        return false;
    };
    let exchange = shown.view.exchange;
    let is_by_token = exchange.operation == Some(Operation::GetTokensFromRefreshToken);
    let user = grant.claims.get("username").and_then(Value::as_str);
    let is_in_order = world
        .users
        .iter()
        .find(|known| Some(known.username.as_str()) == user)
        .is_some_and(|user| {
            // Whoever had a temporary password has set another since.
            let may_refresh = [UserStatus::Confirmed, UserStatus::ForceChangePassword];
            user.enabled && may_refresh.contains(&user.status)
        });
    let is_young = shown.now.is_none_or(|now| {
        let since = grant.claims.get("auth_time").and_then(Value::as_i64);
        let life = 60 * i64::from(client.refresh_token_minutes);
        since.is_some_and(|since| now.saturating_sub(since) < life)
    });
    shown.shows_newest()
        && grant.ended.is_none()
        && !grant.is_unsure
        && shown.secret(client) == Secret::Right
        && shown.names_device()
        && grant
            .device
            .as_ref()
            .is_none_or(|(_, confirmed)| *confirmed)
        && (is_by_token || client.rotation_grace_seconds.is_none())
        && is_in_order
        && is_young
        && world.triggers.functions.is_empty()
        && exchange.request.method == "POST"
}

fn refresh_rotation(case: &Case<'_>) -> Verdict {
    of_each(
        case,
        "no refresh token was shown that had been replaced",
        |world, shown| {
            let at = shown.replaced()?;
            let client = shown.own_client(world)?;
            let grace = i64::from(client.rotation_grace_seconds?);
            let Some((at, now)) = at.zip(shown.now) else {
                return Some(Verdict::NotApplicable("nobody set the service's clock"));
            };
            if now.saturating_sub(at) <= grace {
                return Some(Verdict::NotApplicable("it was replaced just now"));
            }
            let expected = format!("RefreshTokenReuseException, {grace} s after it was replaced");
            let has_others = has_other_reasons(client, shown);
            Some(refusal(shown.view, expected, has_others, |kind, _| {
                *kind == ErrorKind::RefreshTokenReuse
            }))
        },
    )
}

fn refresh_revoked(case: &Case<'_>) -> Verdict {
    of_each(
        case,
        "no refresh token was shown that had been revoked",
        |world, shown| {
            let ended = shown.grant?.ended?;
            let client = shown.view.client(world)?;
            let expected = "NotAuthorizedException, as the refresh token was revoked";
            // Whether a deleted user's refresh token is unknown, or the user, is not established.
            let has_others = ended == Ended::Deleted
                || !shown.shows_newest()
                || shown.secret(client) != Secret::Right
                || !shown.names_device();
            Some(refusal(shown.view, expected, has_others, |kind, _| {
                *kind == ErrorKind::NotAuthorized
            }))
        },
    )
}

fn refresh_forged(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("refresh tokens may have been given out before");
    }
    of_each(
        case,
        "no refresh token was shown that had not been given out",
        |_, shown| {
            let token = shown_token(shown.view.exchange)?;
            if shown.grant.is_some() || token.is_empty() {
                return None;
            }
            let expected = "NotAuthorizedException, as nobody gave this refresh token out";
            Some(refusal(shown.view, expected, false, |kind, _| {
                matches!(
                    kind,
                    // A client that does not exist, and a text that can be no token.
                    ErrorKind::NotAuthorized
                        | ErrorKind::ResourceNotFound
                        | ErrorKind::InvalidParameter
                )
            }))
        },
    )
}

fn refresh_bound(case: &Case<'_>) -> Verdict {
    of_each(
        case,
        "every refresh was its own client's, on its own device",
        |world, shown| {
            let grant = shown.grant?;
            let owner = grant.client?;
            let is_own = shown.view.exchange.client_id() == Some(owner);
            let client = shown.view.client(world);
            let secret = client.map_or(Secret::Untold, |client| shown.secret(client));
            if grant.is_unsure {
                return Some(Verdict::NotApplicable(
                    "what it is good for is not established",
                ));
            }
            let why = if !is_own {
                "it is another app client's"
            } else if secret == Secret::Wrong {
                "the client's secret is not shown"
            } else if !shown.names_device() {
                "its device is not named"
            } else {
                return None;
            };
            let expected = format!("NotAuthorizedException, as {why}");
            // Several reasons, or a flow that is off: which is told is not established.
            let has_others = client.is_none()
                || grant.ended.is_some()
                || !shown.shows_newest()
                || client.is_some_and(|client| client.rotation_grace_seconds.is_some());
            Some(refusal(shown.view, expected, has_others, |kind, _| {
                *kind == ErrorKind::NotAuthorized
            }))
        },
    )
}

/// Whether there is another reason to refuse a refresh than that its token was replaced.
fn has_other_reasons(client: &AppClient, shown: &TokenUse<'_, '_>) -> bool {
    let is_by_token = shown.view.exchange.operation == Some(Operation::GetTokensFromRefreshToken);
    let grant = shown.grant;
    !is_by_token
        || grant.is_none_or(|grant| grant.ended.is_some() || grant.is_unsure)
        || shown.secret(client) != Secret::Right
        || !shown.names_device()
}

fn token_life(case: &Case<'_>) -> Verdict {
    each(
        case.service_views(),
        "no tokens were issued to an app client that is known",
        |scene| {
            let result = scene.tokens()?;
            let client = scene.client(case.facts.world()?)?;
            let tokens = [
                (
                    "AccessToken",
                    &result.access_token,
                    client.access_token_minutes,
                ),
                ("IdToken", &result.id_token, client.id_token_minutes),
            ];
            let mut verdict = None;
            for (which, token, minutes) in tokens {
                let Some(claims) = token.as_deref().and_then(claims) else {
                    continue;
                };
                let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
                let life = seconds("exp")
                    .zip(seconds("iat"))
                    .map(|(ends, begins)| ends.saturating_sub(begins));
                if life != Some(60 * i64::from(minutes)) {
                    return Some(Verdict::fail(
                        scene.index(),
                        format!("{which}: exp − iat = {minutes} minutes"),
                        life.map_or_else(|| "neither".to_owned(), |life| format!("{life} s")),
                    ));
                }
                verdict = Some(Verdict::Pass);
            }
            verdict
        },
    )
}

fn sign_out_revokes(case: &Case<'_>) -> Verdict {
    let Some(world) = case.facts.world() else {
        return Verdict::NotApplicable("nobody knows what the service knows");
    };
    each(
        case.token_uses(),
        "no access token was shown whose sign-in had been revoked",
        |shown| {
            let scene = shown.view;
            let grant = shown.grant?;
            if scene.is_refresh() || grant.ended != Some(Ended::Revoked) {
                return None;
            }
            if !scene.is_clean {
                return Some(Verdict::NotApplicable("an answer was altered"));
            }
            let mut clients = world.clients.iter();
            let client = clients.find(|client| Some(client.id.as_str()) == grant.client)?;
            if !client.token_revocation {
                return Some(Verdict::NotApplicable("the app client can't revoke tokens"));
            }
            let expected = "NotAuthorizedException, as the access token was revoked";
            Some(refusal(scene, expected, false, |kind, _| {
                *kind == ErrorKind::NotAuthorized
            }))
        },
    )
}
