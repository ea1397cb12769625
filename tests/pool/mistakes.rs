//! Every mistake of a service changes what the service does, in a situation that is named for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::counter::*;
use cognito_conformance::mistakes::service::SERVICE;
use cognito_conformance::mistakes::service::tokens as service_tokens;
use cognito_conformance::mistakes::{Edit, Mistake};
use cognito_conformance::model::{
    DeviceTracking, ExplicitAuthFlow, TriggerFailure, UserStatus, World,
};
use cognito_conformance::pool::Policy;
use cognito_conformance::srp::{Group, hmac_sha256, to_base64, to_hex};
use serde_json::{Value, json};

const NOBODY: &str = "nobody@example.com";
const CAROL: &str = "carol@example.com";

type Play = fn(&Policy) -> Vec<String>;

/// What is played, and which mistakes have to show in it.
const SITUATIONS: &[(&str, Play, &[&str])] = &[
    (
        "a sign-in by SRP with the right password",
        |policy| {
            let mut seen = Vec::new();
            // Among a few users every byte form is met: salts, A, B and u with and without their top bits.
            for seed in 0..6 {
                let mut world = world();
                world.seed = seed;
                let mut counter = Counter::with(world, policy.clone());
                seen.extend(by_srp(&mut counter, PASSWORD));
            }
            seen
        },
        &[
            "service.k-without-sign-octet",
            "service.k-padded",
            "service.u-fixed-width",
            "service.key-fixed-width",
            "service.key-of-32-octets",
            "service.key-derived-twice",
            "service.salt-as-raw-octets",
            "service.whole-pool-id",
            "service.random-srp-b",
            "service.secret-block-not-base64",
            "service.no-username-parameter",
            "service.no-user-id-parameter",
            "service.typed-name-as-user-id",
            "service.leading-zero-salt",
            "service.session-in-plain-verifier",
            "service.session-demanded",
            "service.stub-signature",
            "service.access-token-without-client-id",
            "service.foreign-issuer",
            "service.no-refresh-token",
        ],
    ),
    (
        "a sign-in by SRP with a wrong password",
        |policy| by_srp(&mut Counter::with(world(), policy.clone()), "wrong"),
        &[
            "service.proof-unchecked",
            "service.invalid-password-exception",
            "service.plain-json",
            "service.no-request-id",
            "service.error-headers-missing",
            "service.error-type-namespaced",
            "service.error-message-capital",
            "service.full-stops-swapped",
            "service.error-status-500",
        ],
    ),
    (
        "an SRP_A that is N, with the proof that S = 0 makes possible",
        |policy| {
            let mut counter = Counter::with(world(), policy.clone());
            let n = to_hex(&Group::cognito().n);
            vec![digest(&counter.initiate(
                "USER_SRP_AUTH",
                &[("USERNAME", EMAIL), ("SRP_A", &n)],
            ))]
        },
        &["service.zero-a-accepted"],
    ),
    (
        "an SRP_A in upper case",
        |policy| {
            let mut counter = Counter::with(world(), policy.clone());
            let a = counter.big_a().to_uppercase();
            vec![digest(&counter.initiate(
                "USER_SRP_AUTH",
                &[("USERNAME", EMAIL), ("SRP_A", &a)],
            ))]
        },
        &["service.srp-a-in-pairs-only"],
    ),
    (
        "the salts of a known and of an unknown user, twice",
        |policy| {
            let mut counter = Counter::with(hiding(world()), policy.clone());
            [EMAIL, NOBODY]
                .into_iter()
                .map(|name| {
                    let first = counter.start_srp(name);
                    let second = counter.start_srp(name);
                    if first.challenge().is_none() {
                        return digest(&first);
                    }
                    let salt = first.parameter("SALT");
                    format!(
                        "same {}, negative {}",
                        salt == second.parameter("SALT"),
                        salt.starts_with('-')
                    )
                })
                .collect()
        },
        &[
            "service.new-salt-each-time",
            "service.unstable-fake-salt",
            "service.negative-fake-salt",
            "service.existence-leaks",
        ],
    ),
    (
        "the sub as a name",
        |policy| {
            vec![digest(
                &Counter::with(world(), policy.clone()).start_srp(SUB),
            )]
        },
        &["service.sub-is-a-name"],
    ),
    (
        "proofs for another user, another client, and a second time",
        |policy| {
            let mut counter = Counter::with(world(), policy.clone());
            let challenge = counter.start_srp(EMAIL);
            let Some(right) = proof_of(&counter, &challenge, PASSWORD) else {
                return vec!["no challenge to answer".to_owned()];
            };
            let mut other = right.clone();
            other.username = BOB.to_owned();
            let mut seen = vec![digest(&counter.answer(&other, None))];
            let challenge = counter.start_srp(EMAIL);
            if let Some(right) = proof_of(&counter, &challenge, PASSWORD) {
                counter.client = OTHER_CLIENT.to_owned();
                seen.push(digest(&counter.answer(&right, None)));
                counter.client = CLIENT.to_owned();
                counter.answer(&right, None);
                seen.push(digest(&counter.answer(&right, None)));
            }
            seen
        },
        &[
            "service.answer-of-another-user",
            "service.answer-of-another-client",
            "service.bad-block-told-apart",
            "service.secret-block-reusable",
        ],
    ),
    (
        "timestamps that are padded, stale and unreadable",
        |policy| {
            let mut counter = Counter::with(world(), policy.clone());
            [
                "Tue Mar 05 09:07:03 UTC 2024",
                "Mon Mar 4 09:07:03 UTC 2024",
                "5.3.2024",
            ]
            .into_iter()
            .map(|timestamp| {
                let challenge = counter.start_srp(EMAIL);
                let proof = counter.proof_at(&challenge, PASSWORD, timestamp);
                digest(&counter.answer(&proof, None))
            })
            .collect()
        },
        &[
            "service.timestamp-not-canonical",
            "service.timestamp-of-any-age",
            "service.timestamp-error-generic",
        ],
    ),
    (
        "a Session that is answered twice, and one that is old",
        |policy| {
            let mut counter = Counter::with(custom_world(2), policy.clone());
            let question = counter.start_custom(EMAIL);
            let wrong = counter.answer_custom(&question, "no");
            let renewed = wrong.session() != question.session();
            let twice = counter.answer_custom(&question, "no");
            let fresh = counter.start_custom(EMAIL);
            counter.pool.advance_clock(181);
            let late = counter.answer_custom(&fresh, "answer 1");
            vec![format!("renewed {renewed}"), digest(&twice), digest(&late)]
        },
        &[
            "service.session-reusable",
            "service.session-for-ever",
            "service.same-session-after-answer",
        ],
    ),
    (
        "a new password under an invented Session",
        |policy| {
            let mut counter = Counter::with(world(), policy.clone());
            let invented = "AYAB".repeat(200);
            let got = counter.respond(
                "NEW_PASSWORD_REQUIRED",
                Some(&invented),
                &[("USERNAME", ALICE), ("NEW_PASSWORD", "long enough")],
            );
            vec![digest(&got)]
        },
        &["service.invented-session"],
    ),
    (
        "flows that are off",
        |policy| {
            let mut world = world();
            world.clients[0].explicit_auth_flows = vec![ExplicitAuthFlow::AllowRefreshTokenAuth];
            let mut counter = Counter::with(world, policy.clone());
            vec![
                digest(&counter.start_srp(EMAIL)),
                digest(&counter.with_password(EMAIL, PASSWORD)),
            ]
        },
        &[
            "service.flow-switch-ignored",
            "service.flow-switch-not-authorized",
        ],
    ),
    (
        "a secret hash that is missing, and one that is wrong",
        |policy| {
            let mut world = world();
            world.clients[0].secret = Some(SECRET.to_owned());
            let mut counter = Counter::with(world, policy.clone());
            [None, Some("another-secret".to_owned())]
                .into_iter()
                .map(|secret| {
                    counter.secret = secret;
                    digest(&counter.with_password(EMAIL, PASSWORD))
                })
                .collect()
        },
        &[
            "service.secret-hash-not-demanded",
            "service.missing-hash-called-wrong",
            "service.secret-hash-unchecked",
        ],
    ),
    (
        "users who may not sign in, or not yet",
        |policy| {
            let mut seen = Vec::new();
            let changes: [fn(&mut World); 4] = [
                |world| world.users[0].enabled = false,
                |world| world.users[0].status = UserStatus::Unconfirmed,
                |world| world.users[0].status = UserStatus::ResetRequired,
                |world| {
                    world.users[0].status = UserStatus::ForceChangePassword;
                    world.pool.required_attributes = vec!["name".to_owned()];
                },
            ];
            for change in changes {
                let mut world = world();
                change(&mut world);
                let mut counter = Counter::with(world, policy.clone());
                seen.push(digest(&counter.with_password(EMAIL, "wrong")));
                seen.extend(by_srp(&mut counter, PASSWORD));
                seen.push(format!("{:?}", counter.pool.user_status(ALICE)));
            }
            seen
        },
        &[
            "service.disabled-user-signs-in",
            "service.unconfirmed-user-signs-in",
            "service.confirms-by-signing-in",
            "service.unconfirmed-told-after-password",
            "service.new-password-skipped-after-srp",
            "service.new-password-undescribed",
            "service.reset-required-ignored",
        ],
    ),
    (
        "custom challenges with SRP: a wrong answer, then right ones",
        |policy| {
            let mut counter = Counter::with(custom_world(2), policy.clone());
            counter.metadata = map(&[("tenant", "blue")]);
            let mut got = counter.start_custom_srp(EMAIL);
            let mut seen = vec![digest(&got)];
            if let Some(proof) = proof_of(&counter, &got, PASSWORD) {
                got = counter.answer(&proof, got.session().as_deref());
                seen.push(digest(&got));
            }
            for answer in ["no", "answer 1", "answer 2"] {
                if got.challenge().as_deref() != Some("CUSTOM_CHALLENGE") {
                    break;
                }
                got = counter.answer_custom(&got, answer);
                seen.push(digest(&got));
            }
            seen.extend(counter.triggers().iter().map(|call| {
                format!(
                    "{} {} {}",
                    call.source, call.event["request"], call.response
                )
            }));
            seen
        },
        &[
            "service.any-custom-answer",
            "service.private-parameters-dropped",
            "service.private-parameters-leaked",
            "service.srp-a-ignored-in-custom",
            "service.two-entries-a-round",
            "service.three-rounds-at-most",
            "service.initiate-metadata-to-define",
            "service.answer-metadata-dropped",
        ],
    ),
    (
        "triggers that fail, and none at all",
        |policy| {
            let mut failing = custom_world(1);
            if let Some(script) = &mut failing.triggers.custom {
                script.failure = Some(TriggerFailure::VerifyThrows("boom".to_owned()));
            }
            [failing, world()]
                .into_iter()
                .map(|world| {
                    let mut counter = Counter::with(world, policy.clone());
                    let question = counter.start_custom(EMAIL);
                    match question.challenge() {
                        Some(_) => digest(&counter.answer_custom(&question, "anything")),
                        None => digest(&question),
                    }
                })
                .collect()
        },
        &[
            "service.failing-trigger-ignored",
            "service.custom-without-triggers",
        ],
    ),
    (
        "users of an old directory",
        |policy| {
            let mut seen = Vec::new();
            for status in [None, Some("CONFIRMED")] {
                let mut counter = Counter::with(migration_world(status), policy.clone());
                counter.metadata = map(&[("tenant", "blue")]);
                seen.push(digest(&counter.start_srp(CAROL)));
                seen.push(digest(&counter.with_password(CAROL, "Old-Passw0rd!")));
                let mut counter2 = Counter::with(migration_world(status), policy.clone());
                let forgot = json!({ "ClientId": CLIENT, "Username": CAROL });
                seen.push(digest(&counter2.send("ForgotPassword", &forgot)));
                seen.extend(
                    counter
                        .triggers()
                        .iter()
                        .map(|call| format!("{} {}", call.source, call.event["request"])),
                );
            }
            seen
        },
        &[
            "service.migration-never",
            "service.migration-never-on-reset",
            "service.migration-under-srp",
            "service.migration-always-confirmed",
            "service.validation-data-dropped",
        ],
    ),
    (
        "tokens that are refreshed, replaced, revoked, forged, and shown without what they are bound to",
        |policy| {
            let mut seen = Vec::new();
            for rotation in [None, Some(0)] {
                let mut world = world();
                world.clients[0].rotation_grace_seconds = rotation;
                world.clients[0].id_token_minutes = 5;
                let mut counter = Counter::with(world, policy.clone());
                let (refresh, access) = tokens_of(&counter.with_password(EMAIL, PASSWORD));
                counter.pool.advance_clock(60);
                seen.push(refreshed(&mut counter, &refresh));
                counter.pool.advance_clock(60);
                seen.push(refreshed(&mut counter, &refresh));
                seen.push(refreshed(&mut counter, &format!("{refresh}A")));
                for _ in 0..2 {
                    let body = json!({ "AccessToken": access });
                    seen.push(digest(&counter.send("GlobalSignOut", &body)));
                }
                seen.push(refreshed(&mut counter, &refresh));
            }
            let changes: [fn(&mut World); 2] = [
                |world| world.clients[0].secret = Some(SECRET.to_owned()),
                |world| world.pool.devices = Some(DeviceTracking::default()),
            ];
            for change in changes {
                let mut world = world();
                change(&mut world);
                let mut counter = Counter::with(world, policy.clone());
                let (refresh, _) = tokens_of(&counter.with_password(EMAIL, PASSWORD));
                seen.push(refreshed(&mut counter, &refresh));
            }
            seen
        },
        &[
            "service.refresh-token-comes-again",
            "service.rotated-token-not-given",
            "service.refresh-is-a-sign-in",
            "service.replaced-refresh-token-good",
            "service.revoked-refresh-token-good",
            "service.revoked-access-token-good",
            "service.any-refresh-token",
            "service.refresh-without-secret",
            "service.refresh-on-any-device",
            "service.an-hour-for-every-token",
        ],
    ),
];

fn every() -> impl Iterator<Item = &'static Mistake> {
    SERVICE.iter().chain(service_tokens::FAMILY)
}

/// Refresh token and access token of an answer.
fn tokens_of(got: &Got) -> (String, String) {
    let body = got.body();
    let token = |name: &str| {
        body["AuthenticationResult"][name]
            .as_str()
            .unwrap()
            .to_owned()
    };
    (token("RefreshToken"), token("AccessToken"))
}

/// What comes of a refresh that shows neither secret nor device.
fn refreshed(counter: &mut Counter, token: &str) -> String {
    let body = json!({ "RefreshToken": token, "ClientId": counter.client });
    digest(&counter.send("GetTokensFromRefreshToken", &body))
}

#[test]
fn every_mistake_shows_in_its_situation() {
    let right: Vec<Vec<String>> = SITUATIONS
        .iter()
        .map(|(_, play, _)| play(&Policy::default()))
        .collect();
    for ((name, play, ids), right) in SITUATIONS.iter().zip(&right) {
        assert_eq!(
            &play(&Policy::default()),
            right,
            "{name}: the right pool is repeatable"
        );
        for id in *ids {
            let wrong = play(&mistaken(id));
            assert_ne!(&wrong, right, "{id} changes nothing in: {name}");
        }
    }
}

#[test]
fn every_mistake_has_a_situation_and_a_rule_that_is_to_catch_it() {
    let placed: Vec<&str> = SITUATIONS
        .iter()
        .flat_map(|(_, _, ids)| ids.iter().copied())
        .collect();
    let ids: BTreeSet<&str> = every().map(|mistake| mistake.id).collect();
    assert_eq!(ids.len(), every().count(), "ids are unique");
    assert_eq!(
        placed.len(),
        every().count(),
        "each mistake has one situation"
    );
    assert_eq!(placed.into_iter().collect::<BTreeSet<_>>(), ids);
    for mistake in every() {
        assert!(!mistake.is_of_the_port(), "{}", mistake.id);
        assert!(!mistake.caught_by.is_empty(), "{}", mistake.id);
        assert!(mistake.sentence.ends_with('.'), "{}", mistake.id);
        assert!(
            mistake
                .caught_by
                .iter()
                .all(|rule| rule.starts_with("service.")),
            "{}",
            mistake.id
        );
    }
}

#[test]
fn a_zero_a_lets_anybody_in_who_knows_no_password() {
    let mut counter = Counter::with(world(), mistaken("service.zero-a-accepted"));
    let n = to_hex(&Group::cognito().n);
    let challenge = counter.initiate("USER_SRP_AUTH", &[("USERNAME", EMAIL), ("SRP_A", &n)]);
    let dialect = cognito_conformance::srp::Dialect::cognito();
    let b = cognito_conformance::srp::parse_hex(&challenge.parameter("SRP_B")).unwrap();
    let zero = cognito_conformance::srp::BigUint::default();
    let u = cognito_conformance::srp::scrambler(&dialect, &Group::cognito().n, &b).unwrap();
    let key = cognito_conformance::srp::derive_key(&dialect, &u, &zero).key;
    let block = challenge.parameter("SECRET_BLOCK");
    let timestamp = "Tue Mar 5 09:07:03 UTC 2024";
    let octets = cognito_conformance::srp::parse_base64(&block).unwrap();
    let signature = hmac_sha256(
        &key,
        &[
            b"TestPool1",
            ALICE.as_bytes(),
            &octets,
            timestamp.as_bytes(),
        ],
    );
    let proof = Proof {
        username: ALICE.to_owned(),
        block,
        timestamp: timestamp.to_owned(),
        signature: to_base64(&signature),
    };
    assert!(counter.answer(&proof, None).has_tokens());
}

fn mistaken(id: &str) -> Policy {
    let mistake = every()
        .find(|mistake| mistake.id == id)
        .unwrap_or_else(|| panic!("no mistake is called {id}"));
    let Edit::Pool(edit) = mistake.edit else {
        panic!("{id} is no mistake of the pool");
    };
    let mut policy = Policy::default();
    edit(&mut policy);
    assert_ne!(policy, Policy::default(), "{id} edits nothing");
    policy
}

fn by_srp(counter: &mut Counter, password: &str) -> Vec<String> {
    let challenge = counter.start_srp(EMAIL);
    let mut seen = vec![digest(&challenge)];
    if let Some(proof) = proof_of(counter, &challenge, password) {
        seen.push(digest(&counter.answer(&proof, None)));
    }
    seen
}

/// The proof, where the challenge allows one.
fn proof_of(counter: &Counter, challenge: &Got, password: &str) -> Option<Proof> {
    let body = challenge.body();
    let parameters = body["ChallengeParameters"].as_object()?;
    let is_base64 = parameters
        .get("SECRET_BLOCK")
        .and_then(Value::as_str)
        .is_some_and(|block| cognito_conformance::srp::parse_base64(block).is_ok());
    (is_base64 && parameters.contains_key("USER_ID_FOR_SRP"))
        .then(|| counter.proof(challenge, password))
}

/// What of an answer does not differ from one run to the next by chance: a mistake that only shifts the random source
/// must not count as one that shows.
fn digest(got: &Got) -> String {
    let body = got.body();
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    seen.insert("status".to_owned(), json!(got.0.status));
    let headers: Vec<_> = got.0.headers.iter().map(|(name, _)| name.clone()).collect();
    seen.insert("headers".to_owned(), json!(headers));
    seen.insert(
        "contentType".to_owned(),
        json!(got.0.header("content-type")),
    );
    for name in ["__type", "message", "Message", "ChallengeName"] {
        seen.insert(name.to_owned(), body[name].clone());
    }
    seen.insert("session".to_owned(), json!(body["Session"].is_string()));
    if let Some(parameters) = body["ChallengeParameters"].as_object() {
        for (name, value) in parameters {
            let text = value.as_str().unwrap_or_default();
            let stable = match name.as_str() {
                "SECRET_BLOCK" | "SRP_B" => json!((text.len() + 31) / 64),
                "SALT" => json!(text.starts_with("00")),
                _ => value.clone(),
            };
            seen.insert(format!("parameter {name}"), stable);
        }
    }
    if let Some(tokens) = body["AuthenticationResult"].as_object() {
        for (name, value) in tokens {
            seen.insert(format!("token {name}"), Value::Null);
            let token = value.as_str().unwrap_or_default();
            if name.ends_with("Token") && name != "RefreshToken" {
                let mut claims = claims(token);
                for id in ["jti", "origin_jti", "event_id"] {
                    claims[id] = Value::Null;
                }
                let signature = token.rsplit('.').next().unwrap_or_default().len();
                seen.insert(format!("claims {name}"), claims);
                seen.insert(format!("signature {name}"), json!(signature));
            }
        }
    }
    json!(seen).to_string()
}
