//! User names and secret hashes.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::trace::{ExchangeTrace, is_redacted};
use crate::rules::rule::{Level, Party, Rule, Verdict, concealed, each};
use crate::rules::source::{SWIFT, file, guide, issue, model, recording, sample, seen};
use crate::srp::secret_hash;
use crate::wire::names::key;
use crate::wire::{ChallengeName, Operation};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "name.typed-first",
        level: Level::Must,
        party: Party::Port,
        sentence: "InitiateAuth carries the name exactly as the person typed it.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "USERNAME is the user's name, which every flow but refresh requires",
            ),
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "Client-side authentication flow",
                "the user enters a user name, and the app calls InitiateAuth with it",
            ),
            seen(
                "name-or-alias-typed",
                "a name or an alias, as it was typed, leads to the same user",
            ),
            file(&SWIFT, "Support/Utils/InitiateAuthInput+Amplify.swift"),
            issue("aws-amplify/amplify-swift#1360"),
            issue("aws-amplify/amplify-js#2189"),
            issue("aws-amplify/aws-sdk-android#1332"),
        ],
        check: Rule::requires(typed_first),
    },
    Rule {
        id: "name.returned-in-answers",
        level: Level::Should,
        party: Party::Port,
        sentence: "PASSWORD_VERIFIER is answered with the name that the challenge returned; later answers with that or the \
                   typed one.",
        sources: &[
            model(
                "AdminInitiateAuthResponse$ChallengeParameters",
                "an answer has to have the user name that the service returned, and not an alias",
            ),
            guide(
                "amazon-cognito-user-pools-authentication-flow",
                "Admin authentication flow",
                "USER_ID_FOR_SRP is the user's actual name, and has to be passed as USERNAME",
            ),
            recording(
                "fixtures/transcripts/2018-01-srp-success.json",
                "the answer had the name that the challenge returned",
            ),
            sample(
                "usecases/UserAuthDemo.java",
                "PASSWORD_VERIFIER is answered with USER_ID_FOR_SRP",
            ),
            issue("alexrudd/cognito-srp#1"),
            issue("NabuCasa/pycognito#23"),
            issue("aws-amplify/amplify-js#12364"),
        ],
        check: Rule::requires(returned_in_answers),
    },
    Rule {
        id: "name.returned-where-a-device-follows",
        level: Level::Must,
        party: Party::Port,
        sentence: "Where the device is confirmed afterwards, PASSWORD_VERIFIER and SOFTWARE_TOKEN_MFA are answered with the name \
                   that the service returned: after an alias it refuses ConfirmDevice.",
        sources: &[
            model(
                "AdminInitiateAuthResponse$ChallengeParameters",
                "an answer has to have the user name that the service returned, and not an alias",
            ),
            issue("aws-amplify/amplify-js#7615"),
            issue("furaiev/amazon-cognito-identity-dart-2#201"),
            issue("boto/boto3#4059"),
        ],
        check: Rule::requires(returned_where_a_device_follows),
    },
    Rule {
        id: "secret-hash.right",
        level: Level::Must,
        party: Party::Port,
        sentence: "With a client secret every request that names a user carries SECRET_HASH, or in a reset SecretHash, made \
                   over the name in the same request.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "SECRET_HASH is added if the app client has a secret",
            ),
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "every answer to a client with a secret has to have SECRET_HASH",
            ),
            model(
                "ForgotPasswordRequest$SecretHash",
                "an HMAC by the client's secret over the user name and the client id",
            ),
            issue("alexrudd/cognito-srp#1"),
            issue("alexrudd/cognito-srp#7"),
            issue("qwigo/warrant#74"),
            issue("furaiev/amazon-cognito-identity-dart-2#211"),
            issue("aws-amplify/aws-sdk-android#511"),
            issue("aws-amplify/amplify-swift#2528"),
            issue("furaiev/amazon-cognito-identity-dart-2#98"),
        ],
        check: Rule::requires(hash_is_right),
    },
    Rule {
        id: "secret-hash.only-with-secret",
        level: Level::Should,
        party: Party::Port,
        sentence: "Without a client secret no request carries SECRET_HASH.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "SECRET_HASH is added if the app client has a secret",
            ),
            file(&SWIFT, "Support/Utils/InitiateAuthInput+Amplify.swift"),
        ],
        check: Rule::requires(hash_only_with_secret),
    },
    Rule {
        id: "secret-hash.not-the-secret",
        level: Level::Must,
        party: Party::Port,
        sentence: "The client secret itself is sent in ClientSecret of GetTokensFromRefreshToken and RevokeToken alone.",
        sources: &[
            model(
                "GetTokensFromRefreshTokenRequest$ClientSecret",
                "the client's secret, if it has one",
            ),
            model(
                "RevokeTokenRequest$ClientSecret",
                "the client's secret, if it has one",
            ),
            model(
                "ForgotPasswordRequest$SecretHash",
                "elsewhere an HMAC made by the secret stands for it",
            ),
            issue("furaiev/amazon-cognito-identity-dart-2#213"),
        ],
        check: Rule::requires(secret_stays),
    },
];

fn typed_first(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no InitiateAuth was made", |step| {
        step.exchange.initiate()?;
        let typed = case.facts.typed_in(step.sign_in);
        let Some(typed) = typed.or(case.facts.is_observed().then_some("")) else {
            return Some(Verdict::NotApplicable("the typed name is not known"));
        };
        let expected = if case.facts.is_observed() {
            "a USERNAME".to_owned()
        } else {
            format!("USERNAME = {typed}")
        };
        let at = Some(step.exchange.index);
        let Some(sent) = step.exchange.parameter(key::USERNAME) else {
            return Some(Verdict::fail(at, expected, "no USERNAME"));
        };
        if is_redacted(sent) {
            return Some(Verdict::NotApplicable("the name is redacted"));
        }
        Some(if case.facts.is_observed() {
            Verdict::NotApplicable("nobody saw what was typed")
        } else if sent == typed {
            Verdict::Pass
        } else {
            Verdict::fail(at, typed, sent)
        })
    })
}

fn returned_in_answers(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no challenge was answered", |step| {
        let challenge = &step.exchange.respond()?.challenge_name;
        let at = Some(step.exchange.index);
        step.pending?;
        let returned =
            [key::USERNAME, key::USER_ID_FOR_SRP].map(|name| step.challenge_parameter(name));
        let mut allowed: Vec<&str> = returned.into_iter().flatten().collect();
        let lacks_name = step.challenge_parameter(key::USERNAME).is_none();
        if lacks_name || *challenge != ChallengeName::PasswordVerifier {
            // Challenges that name nobody are about whom the earlier ones named, or who was typed.
            allowed.extend(step.names_returned());
            allowed.extend(case.facts.typed_in(step.sign_in));
        }
        if allowed.is_empty() || allowed.iter().any(|name| is_redacted(name)) {
            return Some(Verdict::NotApplicable(
                "the names are redacted or not known",
            ));
        }
        allowed.sort_unstable();
        allowed.dedup();
        let expected = format!("USERNAME = {}", allowed.join(" or "));
        Some(match step.exchange.parameter(key::USERNAME) {
            Some(sent) if allowed.contains(&sent) => Verdict::Pass,
            Some(sent) => Verdict::fail(at, expected, sent),
            None => Verdict::fail(at, expected, "no USERNAME"),
        })
    })
}

fn returned_where_a_device_follows(case: &Case<'_>) -> Verdict {
    let nothing = "no sign-in with one of the two challenges led to ConfirmDevice";
    each(case.positions(), nothing, |step| {
        let challenge = &step.exchange.respond()?.challenge_name;
        let is_bound = matches!(
            challenge,
            ChallengeName::PasswordVerifier | ChallengeName::SoftwareTokenMfa
        );
        if !is_bound || !step.confirms_device() {
            return None;
        }
        let is_unnamed = step.challenge_parameter(key::USERNAME).is_none();
        if is_unnamed && *challenge == ChallengeName::PasswordVerifier {
            return Some(Verdict::NotApplicable(
                "the service left out the name that it always sends",
            ));
        }
        let sent = step.exchange.parameter(key::USERNAME)?;
        let mut returned = step.names_returned();
        returned.dedup();
        if returned.is_empty() || returned.iter().any(|name| is_redacted(name)) {
            return Some(Verdict::NotApplicable(
                "the names are redacted or not known",
            ));
        }
        Some(match returned.contains(&sent) {
            true => Verdict::Pass,
            false => Verdict::fail(
                Some(step.exchange.index),
                format!("USERNAME = {}", returned.join(" or ")),
                sent,
            ),
        })
    })
}

fn hash_is_right(case: &Case<'_>) -> Verdict {
    let Some(Some(secret)) = case.facts.client_secret() else {
        return Verdict::NotApplicable("the app client has no secret, or none that is known");
    };
    each(
        case.trace.asked_exchanges(),
        "no request named a user",
        |exchange| {
            let Hashed { username, hash } = Hashed::of(exchange)?;
            let at = Some(exchange.index);
            let client_id = exchange.client_id()?;
            let right = secret_hash(secret, username, client_id);
            let Some(hash) = hash else {
                return Some(Verdict::fail(
                    at,
                    format!("the secret hash in {}", exchange.words()),
                    "none",
                ));
            };
            if *hash == right {
                return Some(Verdict::Pass);
            }
            let wrong = Verdict::fail(
                at,
                format!("the secret hash over {username}: {right}"),
                format!(
                    "{}{}",
                    if hash == secret {
                        "the client secret itself"
                    } else {
                        hash
                    },
                    over(case, exchange, secret, hash)
                ),
            );
            Some(wrong.proved())
        },
    )
}

/// A name in a request and the hash beside it.
struct Hashed<'a> {
    username: &'a str,
    hash: Option<&'a str>,
}

impl<'a> Hashed<'a> {
    /// Of a request that names a user and has a place for the hash: `SECRET_HASH` among the parameters of a sign-in,
    /// `SecretHash` among the members of other operations.
    fn of(exchange: &'a ExchangeTrace<'a>) -> Option<Self> {
        if exchange.parameters().is_some() {
            return Some(Self {
                username: exchange.parameter(key::USERNAME)?,
                hash: exchange.parameter(key::SECRET_HASH),
            });
        }
        if !matches!(
            exchange.operation,
            Some(
                Operation::ForgotPassword
                    | Operation::ConfirmForgotPassword
                    | Operation::SignUp
                    | Operation::ConfirmSignUp
                    | Operation::ResendConfirmationCode
            )
        ) {
            return None;
        }
        Some(Self {
            username: exchange.member("Username")?,
            hash: exchange.member("SecretHash"),
        })
    }
}

/// Says over which other name a wrong hash was made, if that can be told.
fn over(case: &Case<'_>, exchange: &ExchangeTrace<'_>, secret: &str, hash: &str) -> String {
    let client_id = exchange.client_id().unwrap_or_default();
    let step = case
        .positions()
        .find(|step| step.exchange.index == exchange.index);
    let returned = [key::USERNAME, key::USER_ID_FOR_SRP]
        .map(|name| step.and_then(|step| step.challenge_parameter(name)));
    let typed = case.facts.typed_in(step.and_then(|step| step.sign_in));
    let candidates = returned
        .into_iter()
        .chain([typed, Some(""), Some("null"), Some("undefined")])
        .flatten();
    candidates
        .into_iter()
        .find(|name| secret_hash(secret, name, client_id) == hash)
        .map_or(String::new(), |name| format!(", made over {name:?}"))
}

fn hash_only_with_secret(case: &Case<'_>) -> Verdict {
    if case.facts.client_secret() != Some(None) {
        return Verdict::NotApplicable("the app client has a secret, or nobody knows");
    }
    each(
        case.trace.asked_exchanges(),
        "no request was made",
        |exchange| {
            let hash = match exchange.parameters() {
                Some(_) => exchange.parameter(key::SECRET_HASH),
                None => exchange.member("SecretHash"),
            };
            Some(match hash {
                Some(hash) => {
                    Verdict::fail(Some(exchange.index), "no secret hash", concealed(hash))
                }
                None => Verdict::Pass,
            })
        },
    )
}

fn secret_stays(case: &Case<'_>) -> Verdict {
    let Some(Some(secret)) = case.facts.client_secret() else {
        return Verdict::NotApplicable("the app client has no secret, or none that is known");
    };
    // Also of sign-outs that the harness put in: a secret that leaks has leaked, whoever asked for the request.
    each(case.trace.exchanges(), "no request was made", |exchange| {
        if matches!(
            exchange.operation,
            Some(Operation::GetTokensFromRefreshToken | Operation::RevokeToken)
        ) {
            return None;
        }
        // A shipped client refreshes with the secret itself in the place of the hash, which is another rule's to tell.
        if exchange.is_refresh() && exchange.parameter(key::SECRET_HASH) == Some(secret) {
            return None;
        }
        Some(if exchange.request.body.to_text().contains(secret) {
            Verdict::fail(
                Some(exchange.index),
                "no client secret in the request",
                format!("the client secret in clear, in {}", exchange.words()),
            )
        } else {
            Verdict::Pass
        })
    })
}
