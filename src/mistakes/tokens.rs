//! Tokens after the sign-in: refreshed, kept, given out and given up.

use serde_json::json;

use super::mistake::{Edit, Mistake};
use crate::client::{AuthError, Forgets, Outgoing, RefreshBy};
use crate::wire::names::key;
use crate::wire::{AuthFlow, Operation};

/// The family.
pub const FAMILY: &[Mistake] = &[
    // ---- Which refresh token ----
    Mistake {
        id: "tokens.rotated-one-dropped",
        sentence: "the refresh token that a refresh brings is dropped, and the first one shown for ever.",
        seen: &[
            "aws-amplify/amplify-js#4467",
            "aws-amplify/amplify-js#14396",
            "aws-amplify/amplify-js#14481",
            "furaiev/amazon-cognito-identity-dart-2#279",
        ],
        edit: Edit::Client(|policy| policy.tokens.kept_refresh_token = |before, _| before),
        caught_by: &["refresh.newest-token", "tokens.newest"],
    },
    Mistake {
        id: "tokens.lost-by-a-refresh",
        sentence: "a refresh that brings no refresh token overwrites the old one, so that the next shows the word null.",
        seen: &[
            "aws/aws-sdk-net-extensions-cognito#63",
            "NabuCasa/pycognito#43",
            "amazon-archives/amazon-cognito-identity-js#107",
        ],
        edit: Edit::Client(|policy| {
            policy.tokens.kept_refresh_token = |_, came| came.or(Some("null".to_owned()));
        }),
        caught_by: &["refresh.newest-token", "tokens.newest"],
    },
    // ---- How it is shown ----
    Mistake {
        id: "tokens.older-flow-with-rotation",
        sentence: "tokens are refreshed by REFRESH_TOKEN_AUTH although refresh tokens rotate.",
        seen: &["aws-amplify/amplify-js#4467", "aws-amplify/amplify-js#5214"],
        edit: Edit::Client(|policy| policy.refresh_by = RefreshBy::RefreshTokenAuth),
        caught_by: &["refresh.rotation"],
    },
    Mistake {
        id: "tokens.shown-by-the-older-name",
        sentence: "GetTokensFromRefreshToken gets REFRESH_TOKEN among AuthParameters, as the older flow has it.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::GetTokensFromRefreshToken
                    && let Some(token) = out.members().remove("RefreshToken")
                {
                    let parameters = json!({ key::REFRESH_TOKEN: token });
                    out.members()
                        .insert("AuthParameters".to_owned(), parameters);
                }
            });
        }),
        caught_by: &["refresh.request"],
    },
    Mistake {
        id: "tokens.refreshed-without-device",
        sentence: "a refresh does not name the device that the refresh token is bound to.",
        seen: &[
            "aws-amplify/amplify-android#2030",
            "aws-amplify/amplify-android#2506",
            "aws-amplify/amplify-js#2962",
            "aws-amplify/amplify-flutter#4476",
            "aws-amplify/amplify-flutter#3995",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if refreshes(out) {
                    out.remove("DeviceKey");
                    out.remove(key::DEVICE_KEY);
                }
            });
        }),
        caught_by: &["refresh.device-key"],
    },
    Mistake {
        id: "tokens.refreshed-without-secret",
        sentence: "a refresh does not show the client's secret.",
        seen: &[
            "furaiev/amazon-cognito-identity-dart-2#198",
            "aws-amplify/amplify-flutter c38556d92d",
        ],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if refreshes(out) {
                    out.remove("ClientSecret");
                    out.remove(key::SECRET_HASH);
                }
            });
        }),
        caught_by: &["refresh.secret"],
    },
    Mistake {
        id: "tokens.refresh-hash-over-typed-name",
        sentence: "SECRET_HASH of REFRESH_TOKEN_AUTH is made over the name that was typed, an alias.",
        seen: &[
            "aws/aws-sdk-net-extensions-cognito#122",
            "boto/boto3#2736",
            "pmill/aws-cognito#42",
            "NabuCasa/pycognito#18",
        ],
        edit: Edit::Client(|policy| {
            policy.refresh_by = RefreshBy::RefreshTokenAuth;
            policy.outgoing = Some(|out| {
                if refreshes(out) {
                    let typed = out.sender.typed_name.to_owned();
                    out.rehash(&typed);
                }
            });
        }),
        caught_by: &["refresh.secret-name"],
    },
    Mistake {
        id: "tokens.refresh-hash-is-the-secret",
        sentence: "SECRET_HASH of REFRESH_TOKEN_AUTH is the client secret itself.",
        seen: &[
            "furaiev/amazon-cognito-identity-dart-2#213",
            "aws-amplify/aws-sdk-android HEAD",
        ],
        edit: Edit::Client(|policy| {
            policy.refresh_by = RefreshBy::RefreshTokenAuth;
            policy.outgoing = Some(|out| {
                if refreshes(out)
                    && let Some(secret) = out.sender.settings.client_secret.clone()
                {
                    out.set(key::SECRET_HASH, secret);
                }
            });
        }),
        caught_by: &["refresh.secret-in-clear"],
    },
    Mistake {
        id: "tokens.refresh-metadata-dropped",
        sentence: "the metadata given to fetchAuthSession is not sent.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if refreshes(out) {
                    out.members().remove("ClientMetadata");
                }
            });
        }),
        caught_by: &["refresh.metadata"],
    },
    // ---- When ----
    Mistake {
        id: "tokens.force-ignored",
        sentence: "forceRefresh makes no refresh while the tokens are good.",
        seen: &[
            "aws-amplify/amplify-js#14406",
            "aws-amplify/amplify-js#13830",
            "aws-amplify/amplify-js#13718",
        ],
        edit: Edit::Client(|policy| policy.tokens.honours_force = false),
        caught_by: &["refresh.when-forced"],
    },
    Mistake {
        id: "tokens.access-expiry-alone",
        sentence: "only the access token's end is looked at, so that an expired id token is given.",
        seen: &["aws-amplify/amplify-flutter#2401"],
        edit: Edit::Client(|policy| policy.tokens.due = |access, _| ends(access)),
        caught_by: &["refresh.when-expired", "tokens.not-expired"],
    },
    Mistake {
        id: "tokens.id-expiry-alone",
        sentence: "only the id token's end is looked at, so that an expired access token is given.",
        seen: &[],
        edit: Edit::Client(|policy| policy.tokens.due = |_, id| ends(id)),
        caught_by: &["refresh.when-expired", "tokens.not-expired"],
    },
    Mistake {
        id: "tokens.good-for-ever",
        sentence: "expired tokens are given for ever, say because their end in seconds is compared with a time in \
                   milliseconds, or the other way round.",
        seen: &[
            "aws-amplify/amplify-android#2799",
            "aws-amplify/amplify-android#1763",
            "aws-amplify/amplify-android#2590",
        ],
        edit: Edit::Client(|policy| policy.tokens.due = |_, _| false),
        caught_by: &["refresh.when-expired", "tokens.not-expired"],
    },
    Mistake {
        id: "tokens.refreshed-each-time",
        sentence: "every fetchAuthSession refreshes, say because a local time is compared with a UTC one, or what a refresh \
                   brought is stored too late.",
        seen: &[
            "aws/aws-sdk-net-extensions-cognito ed78740",
            "aws-amplify/amplify-js#12535",
        ],
        edit: Edit::Client(|policy| policy.tokens.due = |_, _| true),
        caught_by: &["refresh.not-when-fresh"],
    },
    Mistake {
        id: "tokens.refused-refresh-repeated",
        sentence: "a request that the service refuses is sent once more.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.retries = 1;
            policy.retries_from_status = 400;
        }),
        caught_by: &["refresh.once"],
    },
    // ---- What the application is given ----
    Mistake {
        id: "tokens.answer-not-kept",
        sentence: "the tokens that a refresh brings are not kept: the application gets the old ones.",
        seen: &[
            "aws-amplify/amplify-android#1763",
            "aws-amplify/amplify-android#1431",
        ],
        edit: Edit::Client(|policy| policy.tokens.keeps_answer = false),
        caught_by: &["tokens.newest"],
    },
    Mistake {
        id: "tokens.incomplete-taken",
        sentence: "a refresh that brings no access token replaces the tokens all the same.",
        seen: &[],
        edit: Edit::Client(|policy| policy.tokens.refuses_incomplete = false),
        caught_by: &["tokens.incomplete-refused"],
    },
    Mistake {
        id: "tokens.failure-hidden",
        sentence: "a refresh that failed is passed over, and the old tokens given.",
        seen: &[
            "aws-amplify/amplify-android#2289",
            "aws-amplify/amplify-android#2524",
        ],
        edit: Edit::Client(|policy| policy.tokens.tells_failure = false),
        caught_by: &["tokens.failure-told"],
    },
    Mistake {
        id: "tokens.cleared-by-trouble",
        sentence: "any failure of a refresh signs the user out, a lost connection too.",
        seen: &[
            "aws-amplify/amplify-js#14033",
            "aws-amplify/amplify-js#14568",
            "aws-amplify/aws-sdk-android#164",
        ],
        edit: Edit::Client(|policy| policy.tokens.gives_up = |_: &AuthError| true),
        caught_by: &["tokens.survive-trouble"],
    },
    Mistake {
        id: "tokens.in-an-error",
        sentence: "an error about tokens quotes the request, and so the token.",
        seen: &[
            "aws/aws-sdk-java-v2#1333",
            "aws-amplify/amplify-swift#3470",
            "aws-amplify/amplify-swift#2612",
        ],
        edit: Edit::Client(|policy| {
            policy.error_text = Some(|error, body| match body.contains("Token") {
                true => format!("{}: {body}", error.message),
                false => error.message.clone(),
            });
        }),
        caught_by: &["tokens.not-in-errors"],
    },
    // ---- Sign-out ----
    Mistake {
        id: "tokens.kept-after-sign-out",
        sentence: "signOut asks the service and leaves the tokens where they are.",
        seen: &[],
        edit: Edit::Client(|policy| policy.tokens.forgets = Forgets::Never),
        caught_by: &["sign-out.forgets"],
    },
    Mistake {
        id: "tokens.sign-out-stopped-by-an-error",
        sentence: "an error of the service, say that the token has been revoked already, leaves the user signed in.",
        seen: &[
            "aws-amplify/amplify-js#3540",
            "aws-amplify/amplify-swift#461",
            "aws-amplify/amplify-swift#2812",
            "aws-amplify/amplify-android#1473",
            "aws-amplify/amplify-flutter#3162",
            "aws-amplify/amplify-js#12520",
        ],
        edit: Edit::Client(|policy| policy.tokens.forgets = Forgets::OnSuccess),
        caught_by: &["sign-out.finishes"],
    },
    Mistake {
        id: "tokens.sign-out-here-alone",
        sentence: "signOut everywhere signs out here alone.",
        seen: &[],
        edit: Edit::Client(|policy| policy.tokens.signs_out_everywhere = false),
        caught_by: &["sign-out.global"],
    },
    Mistake {
        id: "tokens.sign-out-without-revocation",
        sentence: "signOut forgets the refresh token and leaves it good.",
        seen: &["aws-amplify/amplify-js#2638", "aws-amplify/amplify-js#4164"],
        edit: Edit::Client(|policy| policy.tokens.revokes = false),
        caught_by: &["sign-out.revokes"],
    },
    Mistake {
        id: "tokens.revoked-without-secret",
        sentence: "RevokeToken does not show the client's secret, so that nothing is revoked.",
        seen: &[],
        edit: Edit::Client(|policy| {
            policy.outgoing = Some(|out| {
                if *out.operation == Operation::RevokeToken {
                    out.remove("ClientSecret");
                }
            });
        }),
        caught_by: &["sign-out.revoke-request"],
    },
];

/// Whether a message shows a refresh token for new tokens.
fn refreshes(out: &mut Outgoing<'_>) -> bool {
    let flow = AuthFlow::RefreshTokenAuth.to_string();
    *out.operation == Operation::GetTokensFromRefreshToken
        || out.members().get("AuthFlow").and_then(|flow| flow.as_str()) == Some(&flow)
}

/// Whether a token with so many seconds left has to be refreshed.
fn ends(left: Option<i64>) -> bool {
    left.is_none_or(|left| left < 120)
}
