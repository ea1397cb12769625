//! Devices: how the reference client gets one, proves it, keeps it, and gets over its loss.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use crate::support::stage::*;
use cognito_conformance::client::{
    AuthError, DevicePassword, DevicePolicy, DeviceRecord, DeviceStore, Filed, Gone,
    InvalidServiceResponse, KeySent, Policy, VerifierOctets, VerifierUser,
};
use cognito_conformance::model::{
    Device, DeviceTracking, MfaConfiguration, MfaMethod, UserStatus, World,
};
use cognito_conformance::pool::Pool;
use cognito_conformance::scenario::{Names, Scenario};
use cognito_conformance::srp::{
    BigUint, Credentials, Dialect, Salt, client_public, device_verifier, parse_base64, parse_hex,
    to_base64, to_hex, verifier,
};
use cognito_conformance::subject::{ReferencePort, Stage};
use cognito_conformance::wire::{
    AuthFlowType, Call, DeviceSecret, ErrorKind, Event, HttpResponse, Inject, NextStep, Reply,
    ServiceError, SignIn, Target,
};
use serde_json::{Value, json};

const GENERIC: &str = "Incorrect username or password.";
const SRP: Way = Way::Flow(AuthFlowType::UserSrp);
const BY_PASSWORD: Way = Way::Flow(AuthFlowType::UserPassword);
const FOUR_CALLS: [&str; 4] = [
    "USER_SRP_AUTH",
    "PASSWORD_VERIFIER",
    "DEVICE_SRP_AUTH",
    "DEVICE_PASSWORD_VERIFIER",
];

/// A user with a device: signs in once, and looks away.
async fn known(world: &World, carriage: Carriage) -> Theatre {
    known_with(world, carriage, Policy::default()).await
}

async fn known_with(world: &World, carriage: Carriage, policy: Policy) -> Theatre {
    let mut theatre = Theatre::with(world, carriage, policy).await;
    let step = theatre.play(sign_in(BY_PASSWORD, EMAIL)).await;
    assert_eq!(step, Ok(NextStep::Done), "the first sign-in");
    theatre.look();
    theatre
}

fn device_key(theatre: &Theatre) -> String {
    let store = theatre.client.devices();
    store
        .find(POOL_ID, ALICE)
        .expect("Alice has a device")
        .key
        .clone()
}

/// Forgets a device at the pool, as its user does elsewhere.
fn forgets(theatre: &Theatre) -> Act {
    let body = json!({
        "AccessToken": theatre.client.tokens().unwrap().access_token,
        "DeviceKey": device_key(theatre),
    });
    Act::At(Box::new(move |pool: &mut Pool| {
        let response = pool.handle(&request("ForgetDevice", &body));
        assert_eq!(response.status, 200, "the pool forgets it");
    }))
}

/// What the pool says of a device, to the user of the latest tokens.
fn described(theatre: &Theatre, key: &str) -> Value {
    let body = json!({
        "AccessToken": theatre.client.tokens().unwrap().access_token,
        "DeviceKey": key,
    });
    let mut watched = theatre.watched.lock().unwrap();
    let response = watched.pool.handle(&request("GetDevice", &body));
    serde_json::from_slice(response.body.as_bytes()).unwrap()
}

fn is_remembered(theatre: &Theatre, key: &str) -> bool {
    let device = described(theatre, key);
    let attributes = device["Device"]["DeviceAttributes"].as_array().unwrap();
    attributes.contains(&json!({
        "Name": "dev:device_remembered_status",
        "Value": "remembered",
    }))
}

fn no_such_device() -> HttpResponse {
    failure("ResourceNotFoundException", "Device does not exist.")
}

fn service(kind: ErrorKind, message: &str) -> AuthError {
    AuthError::Service(ServiceError::new(kind, message))
}

// ---- A device comes, and is proved ----

#[tokio::test]
async fn a_device_is_confirmed_at_the_first_sign_in_and_proved_at_the_next_whatever_the_way() {
    for (number, way) in WAYS.into_iter().enumerate() {
        for carriage in BOTH {
            let world = if number % 2 == 0 {
                tracking()
            } else {
                tracking().with_secret(SECRET)
            };
            let mut theatre = Theatre::open(&world, carriage).await;
            let step = theatre.play(sign_in(way, EMAIL)).await;
            assert_eq!(step, Ok(NextStep::Done), "{way:?} {carriage:?}: first");
            let first = theatre.look();
            let confirm = first.last().unwrap();
            assert_eq!(confirm.words, "ConfirmDevice", "{way:?}: the last request");
            for passed in &first[..first.len() - 1] {
                let named = &passed.parameters()["DEVICE_KEY"];
                assert!(
                    named.is_null(),
                    "{way:?}: no device yet in {}",
                    passed.words
                );
            }
            let key = device_key(&theatre);
            assert_eq!(confirm.sent["DeviceKey"], json!(key), "{way:?}: which");

            let step = theatre.play(sign_in(way, EMAIL)).await;
            assert_eq!(step, Ok(NextStep::Done), "{way:?} {carriage:?}: second");
            let second = theatre.look();
            for passed in &second {
                assert_eq!(
                    passed.parameters()["DEVICE_KEY"],
                    json!(key),
                    "{way:?}: the device in {}",
                    passed.words
                );
                assert!(passed.metadata().is_some(), "{way:?}: {}", passed.words);
            }
            assert_sessions(&second);
            let [.., srp_a, proof] = second.as_slice() else {
                panic!("{way:?}: four requests at least");
            };
            assert_eq!(srp_a.words, "DEVICE_SRP_AUTH", "{way:?}");
            let wanted = ["DEVICE_KEY", "SRP_A", "USERNAME"];
            let names = srp_a.parameter_names();
            assert!(wanted.iter().all(|name| names.contains(name)), "{names:?}");
            assert_eq!(srp_a.parameters()["USERNAME"], json!(ALICE), "{way:?}");
            assert_eq!(proof.words, "DEVICE_PASSWORD_VERIFIER", "{way:?}");
            assert_eq!(
                proof.parameters()["PASSWORD_CLAIM_SECRET_BLOCK"],
                srp_a.got["ChallengeParameters"]["SECRET_BLOCK"],
                "{way:?}: the block, verbatim"
            );
            let public_values: Vec<_> = second
                .iter()
                .map(|passed| &passed.parameters()["SRP_A"])
                .filter(|value| value.is_string())
                .collect();
            if let [of_user, of_device] = public_values.as_slice() {
                assert_ne!(of_user, of_device, "{way:?}: a key pair of its own");
            }
            let token = theatre.client.tokens().unwrap().access_token.clone();
            let claims = claims(&token.unwrap());
            assert_eq!(claims["device_key"], json!(key), "{way:?}: in the token");
            theatre.close().await;
        }
    }
}

#[tokio::test]
async fn the_verifier_is_that_of_a_fresh_password_and_never_negative() {
    let mut passwords = Vec::new();
    for seed in 0..8_u64 {
        let mut world = tracking();
        world.seed = seed;
        let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
        for username in [EMAIL, BOBS_EMAIL] {
            let step = theatre.play(sign_in(BY_PASSWORD, username)).await;
            assert_eq!(step, Ok(NextStep::Done), "{username}");
            let passed = theatre.look();
            let sent = &passed.last().unwrap().sent;
            let config = &sent["DeviceSecretVerifierConfig"];
            let octets = |name: &str| parse_base64(config[name].as_str().unwrap()).unwrap();
            let (v, salt) = (octets("PasswordVerifier"), octets("Salt"));
            assert!(v[0] < 0x80 && salt[0] < 0x80, "neither is negative");
            let record = theatre.client.devices().find(POOL_ID, username).unwrap();
            let credentials = Credentials {
                scope: &record.group_key,
                user: &record.key,
                password: record.password.as_bytes(),
            };
            let expected = verifier(
                &Dialect::cognito_device(),
                &credentials,
                &Salt::from_bytes(&salt),
            );
            assert_eq!(BigUint::from_bytes_be(&v), expected, "g^x");
            let length = parse_base64(&record.password).unwrap().len();
            assert_eq!(length, 40, "octets of the password");
            assert!(!record.password.contains(PASSWORD), "not the account's");
            passwords.push(record.password.clone());
        }
    }
    // The client's random source is the same in each theatre, so that only Alice's and Bob's differ.
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), 2, "two users, two passwords");
}

#[tokio::test]
async fn a_failure_of_confirm_device_leaves_the_sign_in_done_and_no_device_to_prove() {
    let mut theatre = Theatre::open(&tracking(), Carriage::InProcess).await;
    let refusal = failure("InternalErrorException", "not now");
    theatre.interrupt("ConfirmDevice", Act::Answer(refusal));
    let step = theatre.play(sign_in(SRP, EMAIL)).await;
    assert_eq!(step, Ok(NextStep::Done), "signed in all the same");
    assert!(theatre.client.devices().is_empty(), "nothing is kept");
    let words = theatre.look();
    let expected = ["USER_SRP_AUTH", "PASSWORD_VERIFIER", "ConfirmDevice"];
    assert_eq!(sequence(&words), expected);

    let step = theatre.play(sign_in(SRP, EMAIL)).await;
    assert_eq!(step, Ok(NextStep::Done), "the next time");
    let again = theatre.look();
    assert_eq!(sequence(&again), expected, "a new device, confirmed");
}

#[tokio::test]
async fn a_device_that_waits_for_its_user_is_remembered_by_remember_device_alone() {
    let mut world = tracking();
    world.pool.devices = Some(DeviceTracking {
        only_remembered_on_user_prompt: true,
        ..DeviceTracking::default()
    });
    let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    let passed = theatre.look();
    let confirmed = passed.last().unwrap();
    assert_eq!(confirmed.words, "ConfirmDevice", "no UpdateDeviceStatus");
    assert_eq!(confirmed.got["UserConfirmationNecessary"], json!(true));
    let key = device_key(&theatre);
    assert!(!is_remembered(&theatre, &key), "not by itself");

    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    let passed = theatre.look();
    assert_eq!(
        sequence(&passed),
        ["USER_SRP_AUTH", "PASSWORD_VERIFIER"],
        "named, and not asked for"
    );
    theatre.client.remember_device().await.unwrap();
    let passed = theatre.look();
    assert_eq!(sequence(&passed), ["UpdateDeviceStatus"]);
    assert_eq!(passed[0].sent["DeviceKey"], json!(key), "this device");
    assert_eq!(
        passed[0].sent["DeviceRememberedStatus"],
        json!("remembered")
    );
    assert!(is_remembered(&theatre, &key), "now it is");
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    assert_eq!(sequence(&theatre.look()), FOUR_CALLS, "and asked for");
}

// ---- By whose name ----

#[tokio::test]
async fn every_name_of_a_user_leads_to_the_one_device() {
    for carriage in BOTH {
        let mut theatre = known(&tracking(), carriage).await;
        let key = device_key(&theatre);
        // The internal name is known from the first sign-in's access token: no challenge named anybody.
        for username in [EMAIL, ALICE] {
            theatre.play(sign_in(SRP, username)).await.unwrap();
            let passed = theatre.look();
            assert_eq!(sequence(&passed), FOUR_CALLS, "{username}");
            assert_eq!(
                passed[0].parameters()["DEVICE_KEY"],
                json!(key),
                "{username}: from the first request on"
            );
        }
        // A name that was never typed before leads nowhere until the service says whose it is.
        theatre.play(sign_in(SRP, PHONE)).await.unwrap();
        let passed = theatre.look();
        assert_eq!(sequence(&passed), FOUR_CALLS, "a new alias");
        assert!(passed[0].parameters()["DEVICE_KEY"].is_null(), "not yet");
        assert_eq!(passed[1].parameters()["DEVICE_KEY"], json!(key), "now");
        theatre.play(sign_in(BY_PASSWORD, PHONE)).await.unwrap();
        let passed = theatre.look();
        assert_eq!(
            passed[0].parameters()["DEVICE_KEY"],
            json!(key),
            "the alias is known from then on"
        );
        assert_eq!(theatre.client.devices().len(), 1, "one device");
        theatre.close().await;
    }
}

#[tokio::test]
async fn two_users_of_one_client_don_t_see_each_other_s_devices() {
    let mut theatre = known(&tracking(), Carriage::InProcess).await;
    theatre.play(sign_in(SRP, BOBS_EMAIL)).await.unwrap();
    let passed = theatre.look();
    assert_eq!(
        sequence(&passed),
        ["USER_SRP_AUTH", "PASSWORD_VERIFIER", "ConfirmDevice"],
        "Bob's own"
    );
    assert!(
        passed[0].parameters()["DEVICE_KEY"].is_null(),
        "not Alice's"
    );
    let store = theatre.client.devices();
    let (alice, bob) = (store.find(POOL_ID, EMAIL), store.find(POOL_ID, BOBS_EMAIL));
    let (alice, bob) = (alice.unwrap().key.clone(), bob.unwrap().key.clone());
    assert_ne!(alice, bob, "two devices");
    for (username, key) in [(EMAIL, &alice), (BOBS_EMAIL, &bob)] {
        theatre.play(sign_in(SRP, username)).await.unwrap();
        for passed in theatre.look() {
            let named = &passed.parameters()["DEVICE_KEY"];
            assert_eq!(named, &json!(key), "{username}: {}", passed.words);
        }
    }
    // Bob forgets his, which takes nothing from Alice.
    theatre.client.forget_device(None).await.unwrap();
    let store = theatre.client.devices();
    assert!(store.find(POOL_ID, BOBS_EMAIL).is_none(), "Bob has none");
    let kept = store.find(POOL_ID, EMAIL).unwrap().key.clone();
    assert_eq!(kept, alice, "Alice has hers");
}

#[tokio::test]
async fn an_alias_that_changed_hands_costs_neither_user_a_device() {
    let mut theatre = known(&tracking(), Carriage::InProcess).await;
    let alices = device_key(&theatre);
    theatre.play(sign_in(SRP, BOB)).await.unwrap();
    theatre.look();
    let bobs = theatre
        .client
        .devices()
        .find(POOL_ID, BOB)
        .unwrap()
        .key
        .clone();
    // The same storage before a pool in which Alice's address is Bob's.
    let mut world = tracking();
    let alias = world.users[0].aliases.remove(0);
    world.users[1].aliases.push(alias);
    world.users[1].devices.clear();
    let mut moved = Theatre::open(&world, Carriage::InProcess).await;
    moved.client.set_devices(theatre.client.devices().clone());
    moved.play(sign_in(SRP, EMAIL)).await.unwrap();
    let passed = moved.look();
    // This pool knows neither device: what counts is whose is given up.
    assert_eq!(
        passed[0].parameters()["DEVICE_KEY"],
        json!(alices),
        "what the address led to"
    );
    assert!(passed[1].parameters()["DEVICE_KEY"].is_null(), "given up");
    let store = moved.client.devices();
    let kept = store.find(POOL_ID, ALICE).unwrap().key.clone();
    assert_eq!(kept, alices, "Alice's is still hers");
    let of_bob = store.find(POOL_ID, EMAIL).unwrap().key.clone();
    assert_ne!(of_bob, bobs, "Bob was given a new one");
    assert_eq!(
        store.find(POOL_ID, BOB).unwrap().key,
        of_bob,
        "by both names"
    );
}

#[tokio::test]
async fn devices_survive_sign_in_and_sign_out_and_end_with_reset() {
    let mut theatre = known(&tracking(), Carriage::InProcess).await;
    let key = device_key(&theatre);
    for global in [false, true] {
        theatre.client.sign_out(global).await.unwrap();
        assert_eq!(device_key(&theatre), key, "kept after signOut");
        theatre.look();
        theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
        assert_eq!(sequence(&theatre.look()), FOUR_CALLS, "proved again");
    }
    let wrong = cognito_conformance::client::SignInRequest {
        password: Some("Wrong-Passw0rd!".to_owned()),
        ..sign_in(SRP, EMAIL)
    };
    let error = theatre.play(wrong).await.unwrap_err();
    assert_eq!(error, service(ErrorKind::NotAuthorized, GENERIC));
    assert_eq!(device_key(&theatre), key, "kept after a failure");
    theatre.client.reset();
    assert!(theatre.client.devices().is_empty(), "gone after reset");
    theatre.look();
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    let passed = theatre.look();
    assert!(passed[0].parameters()["DEVICE_KEY"].is_null(), "no key");
    assert_eq!(passed.last().unwrap().words, "ConfirmDevice", "a new one");
}

// ---- With other challenges ----

#[tokio::test]
async fn a_second_factor_a_new_password_and_a_custom_round_all_name_the_device() {
    for way in [
        SRP,
        BY_PASSWORD,
        Way::Flow(AuthFlowType::CustomWithSrp),
        Way::Preferring("PASSWORD_SRP"),
    ] {
        for carriage in BOTH {
            let mut world = tracking().with_secret(SECRET);
            world.pool.mfa = MfaConfiguration::On;
            world.pool.mfa_methods = vec![MfaMethod::SmsMfa];
            let mut theatre = Theatre::open(&world, carriage).await;
            for time in ["first", "second"] {
                let step = theatre.play(sign_in(way, EMAIL)).await;
                assert_eq!(step, Ok(NextStep::Done), "{way:?} {carriage:?} {time}");
            }
            let passed = theatre.look();
            let at = sequence(&passed)
                .iter()
                .position(|words| *words == "ConfirmDevice")
                .unwrap();
            let second = &passed[at + 1..];
            let words = sequence(second);
            assert_eq!(
                words[words.len() - 2..],
                ["DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"],
                "{way:?}: the device after all else"
            );
            assert!(words.contains(&"SMS_MFA"), "{way:?}: {words:?}");
            for passed in second {
                let named = &passed.parameters()["DEVICE_KEY"];
                assert!(named.is_string(), "{way:?}: {}", passed.words);
            }
            assert_sessions(second);
            theatre.close().await;
        }
    }
}

#[tokio::test]
async fn a_new_password_a_factor_and_a_device_come_in_this_order() {
    for carriage in BOTH {
        let mut world = tracking().with_secret(SECRET);
        world.users[0].status = UserStatus::ForceChangePassword;
        world.pool.mfa = MfaConfiguration::On;
        world.pool.mfa_methods = vec![MfaMethod::EmailOtp];
        world.users[0].mfa.enabled = vec![MfaMethod::EmailOtp];
        let mut theatre = Theatre::open(&world, carriage).await;
        let step = theatre.play(sign_in(SRP, EMAIL)).await;
        assert_eq!(step, Ok(NextStep::Done), "{carriage:?}");
        let passed = theatre.look();
        assert_eq!(
            sequence(&passed),
            [
                "USER_SRP_AUTH",
                "PASSWORD_VERIFIER",
                "NEW_PASSWORD_REQUIRED",
                "EMAIL_OTP",
                "ConfirmDevice"
            ],
            "{carriage:?}"
        );
        assert_sessions(&passed);
        theatre.close().await;
    }
}

#[tokio::test]
async fn a_remembered_device_stands_in_for_the_factor_where_the_pool_lets_it() {
    let mut world = tracking();
    world.pool.mfa = MfaConfiguration::On;
    world.pool.mfa_methods = vec![MfaMethod::SmsMfa];
    world.pool.devices = Some(DeviceTracking {
        challenge_required_on_new_device: true,
        ..DeviceTracking::default()
    });
    let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    assert_eq!(
        sequence(&theatre.look()),
        [
            "USER_SRP_AUTH",
            "PASSWORD_VERIFIER",
            "SMS_MFA",
            "ConfirmDevice"
        ],
        "the device is new"
    );
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    assert_eq!(sequence(&theatre.look()), FOUR_CALLS, "no factor");
}

// ---- Lost devices ----

#[tokio::test]
async fn a_device_that_was_forgotten_elsewhere_is_given_up_at_any_of_the_four_calls_and_only_once()
{
    for carriage in BOTH {
        for at in FOUR_CALLS {
            let mut theatre = known(&tracking().with_secret(SECRET), carriage).await;
            let old = device_key(&theatre);
            theatre.interrupt(at, forgets(&theatre));
            let step = theatre.play(sign_in(SRP, EMAIL)).await;
            assert_eq!(step, Ok(NextStep::Done), "{at} {carriage:?}");
            let passed = theatre.look();
            let expected: &[&str] = match at {
                "USER_SRP_AUTH" => &["USER_SRP_AUTH", "USER_SRP_AUTH", "PASSWORD_VERIFIER"],
                "PASSWORD_VERIFIER" => &["USER_SRP_AUTH", "PASSWORD_VERIFIER", "PASSWORD_VERIFIER"],
                // Nothing is left to answer there: the sign-in starts over.
                "DEVICE_SRP_AUTH" => &[
                    "USER_SRP_AUTH",
                    "PASSWORD_VERIFIER",
                    "DEVICE_SRP_AUTH",
                    "USER_SRP_AUTH",
                    "PASSWORD_VERIFIER",
                ],
                _ => &[
                    "USER_SRP_AUTH",
                    "PASSWORD_VERIFIER",
                    "DEVICE_SRP_AUTH",
                    "DEVICE_PASSWORD_VERIFIER",
                    "USER_SRP_AUTH",
                    "PASSWORD_VERIFIER",
                ],
            };
            let (confirm, signing) = passed.split_last().unwrap();
            assert_eq!(sequence(signing), expected, "{at}: once more, once");
            let lost = signing.iter().position(|passed| passed.status != 200);
            let lost = lost.expect("one request was refused");
            assert_eq!(signing[lost].words, at, "the one that was interrupted");
            for (index, passed) in signing.iter().enumerate() {
                let named = &passed.parameters()["DEVICE_KEY"];
                let expected = if index <= lost {
                    json!(old)
                } else {
                    Value::Null
                };
                assert_eq!(named, &expected, "{at}: {} at {index}", passed.words);
                assert_eq!(passed.metadata(), Some("signIn"), "{at}: {index}");
            }
            assert_eq!(confirm.words, "ConfirmDevice", "{at}: a new device");
            assert_ne!(device_key(&theatre), old, "{at}: in place of the old");
            assert_eq!(theatre.client.devices().len(), 1, "{at}: one");

            theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
            assert_eq!(sequence(&theatre.look()), FOUR_CALLS, "{at}: then as ever");
            theatre.close().await;
        }
    }
}

#[tokio::test]
async fn a_device_that_is_forgotten_while_the_person_answers_costs_no_second_answer() {
    for (way, at) in [
        (SRP, "SOFTWARE_TOKEN_MFA"),
        (
            Way::Flow(AuthFlowType::CustomWithoutSrp),
            "CUSTOM_CHALLENGE",
        ),
        (Way::Preferring("EMAIL_OTP"), "EMAIL_OTP"),
    ] {
        let mut world = tracking();
        if at == "SOFTWARE_TOKEN_MFA" {
            world.pool.mfa = MfaConfiguration::Optional;
            world.users[0].mfa.enabled = vec![MfaMethod::SoftwareTokenMfa];
            world.users[0].mfa.totp_secret = Some(TOTP_SECRET.to_owned());
        }
        let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
        theatre.play(sign_in(way, EMAIL)).await.unwrap();
        let forgets = forgets(&theatre);
        // A time-based code is good once.
        theatre.wait(30);
        let step = theatre.client.sign_in(sign_in(way, EMAIL)).await.unwrap();
        theatre.look();
        theatre.interrupt(at, forgets);
        let step = theatre.go_on(step).await;
        assert_eq!(step, Ok(NextStep::Done), "{at}");
        let passed = theatre.look();
        assert_eq!(sequence(&passed), [at, at, "ConfirmDevice"], "{at}: twice");
        assert!(passed[0].parameters()["DEVICE_KEY"].is_string(), "{at}");
        assert!(passed[1].parameters()["DEVICE_KEY"].is_null(), "{at}");
        let mut first = passed[0].sent.clone();
        let responses = first["ChallengeResponses"].as_object_mut().unwrap();
        responses.remove("DEVICE_KEY");
        assert_eq!(first, passed[1].sent, "{at}: all else is the same");
    }
}

#[tokio::test]
async fn the_repetition_answers_the_same_challenge_with_a_claim_of_its_own() {
    let mut theatre = known(&tracking(), Carriage::InProcess).await;
    let Act::At(mut forget) = forgets(&theatre) else {
        unreachable!("forgets() acts at the pool");
    };
    let clock = theatre.clock.clone();
    let a_second_later = move |pool: &mut Pool| {
        forget(pool);
        clock.fetch_add(1, Ordering::SeqCst);
    };
    theatre.interrupt("PASSWORD_VERIFIER", Act::At(Box::new(a_second_later)));
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    let passed = theatre.look();
    let (first, second) = (passed[1].parameters(), passed[2].parameters());
    for name in ["USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK"] {
        assert_eq!(first[name], second[name], "{name}: the same challenge");
    }
    assert_ne!(first["TIMESTAMP"], second["TIMESTAMP"], "the time of now");
    let claim = "PASSWORD_CLAIM_SIGNATURE";
    assert_ne!(first[claim], second[claim], "and so another claim");
}

#[tokio::test]
async fn only_the_service_s_own_words_make_a_device_lost() {
    for (kind, message) in [
        (
            "ResourceNotFoundException",
            "User pool client 4fgq does not exist.",
        ),
        (
            "ResourceNotFoundException",
            "User pool us-east-1_X does not exist.",
        ),
        ("NotAuthorizedException", "Device does not exist."),
        ("InvalidParameterException", "Invalid device key given."),
    ] {
        for at in FOUR_CALLS {
            let mut theatre = known(&tracking(), Carriage::InProcess).await;
            theatre.interrupt(at, Act::Answer(failure(kind, message)));
            let error = theatre.play(sign_in(SRP, EMAIL)).await.unwrap_err();
            assert_eq!(error, service(ErrorKind::from(kind), message), "{at}");
            let passed = theatre.look();
            assert_eq!(passed.last().unwrap().words, at, "{message}: the end");
            let times = passed.iter().filter(|passed| passed.words == at).count();
            assert_eq!(times, 1, "{at}: {message}: not again");
            let device = theatre.client.devices().find(POOL_ID, EMAIL);
            assert!(device.is_some(), "{at}: {message}: kept");
        }
    }
}

#[tokio::test]
async fn without_a_device_the_same_words_are_passed_on() {
    let mut theatre = Theatre::open(&tracking(), Carriage::InProcess).await;
    theatre.interrupt("USER_SRP_AUTH", Act::Answer(no_such_device()));
    let error = theatre.play(sign_in(SRP, EMAIL)).await.unwrap_err();
    let expected = service(ErrorKind::ResourceNotFound, "Device does not exist.");
    assert_eq!(error, expected, "as it came");
    assert_eq!(sequence(&theatre.look()), ["USER_SRP_AUTH"], "once");
}

#[tokio::test]
async fn this_device_is_forgotten_here_too_and_another_one_is_not() {
    let mut theatre = known(&tracking(), Carriage::InProcess).await;
    let own = device_key(&theatre);
    // Another device of Alice's: a client with nothing in its storage.
    let store = theatre.client.devices().clone();
    theatre.client.reset();
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    let other = device_key(&theatre);
    theatre.client.set_devices(store);
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    theatre.look();
    theatre.client.forget_device(Some(&other)).await.unwrap();
    assert_eq!(device_key(&theatre), own, "this one stays");
    theatre.client.forget_device(None).await.unwrap();
    assert!(theatre.client.devices().is_empty(), "this one goes");
    let passed = theatre.look();
    assert_eq!(sequence(&passed), ["ForgetDevice", "ForgetDevice"]);
    let keys: Vec<_> = passed.iter().map(|p| &p.sent["DeviceKey"]).collect();
    assert_eq!(keys, [&json!(other), &json!(own)], "in this order");
    let error = theatre.client.remember_device().await.unwrap_err();
    assert_eq!(error.name(), "InvalidState", "there is none any more");
}

#[tokio::test]
async fn a_sign_in_that_starts_over_does_so_with_the_new_password() {
    let mut world = tracking();
    world.users[0].status = UserStatus::ForceChangePassword;
    let device = Device {
        key: "us-east-1_11111111-2222-4333-8444-555555555555".to_owned(),
        group_key: "-group001".to_owned(),
        name: None,
        password: "the device's own".to_owned(),
        remembered: true,
    };
    world.users[0].devices.push(device.clone());
    let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
    let mut store = DeviceStore::default();
    let record = DeviceRecord {
        key: device.key,
        group_key: device.group_key,
        password: device.password,
    };
    store.keep(POOL_ID, ALICE, record);
    store.link(POOL_ID, EMAIL, ALICE);
    theatre.client.set_devices(store);
    let step = theatre.client.sign_in(sign_in(SRP, EMAIL)).await.unwrap();
    theatre.look();
    theatre.interrupt("DEVICE_SRP_AUTH", Act::Answer(no_such_device()));
    let step = theatre.go_on(step).await;
    assert_eq!(step, Ok(NextStep::Done), "with the new password");
    let passed = theatre.look();
    assert_eq!(
        sequence(&passed),
        [
            "NEW_PASSWORD_REQUIRED",
            "DEVICE_SRP_AUTH",
            "USER_SRP_AUTH",
            "PASSWORD_VERIFIER",
            "ConfirmDevice"
        ]
    );
    for passed in &passed[..4] {
        assert_eq!(passed.metadata(), Some("confirmSignIn"), "{}", passed.words);
    }
}

#[tokio::test]
async fn injected_values_serve_the_user_s_round_and_then_the_device_s() {
    let mut theatre = known(&tracking(), Carriage::InProcess).await;
    let call = Call::SignIn(SignIn {
        target: target(),
        username: EMAIL.to_owned(),
        password: Some(PASSWORD.to_owned()),
        auth_flow_type: Some(AuthFlowType::UserSrp),
        preferred_challenge: None,
        metadata: Default::default(),
        inject: Inject {
            a: vec!["fedcba98765".to_owned(), "123456789ab".to_owned()],
            clock: None,
            device_password: None,
        },
    });
    let reply = theatre.client.call(&call).await;
    let next = NextStep::Done;
    assert_eq!(reply, Reply::Step { next });
    let passed = theatre.look();
    for (at, a) in [(0, "fedcba98765"), (2, "123456789ab")] {
        let public = client_public(&Dialect::cognito(), &parse_hex(a).unwrap()).unwrap();
        assert_eq!(
            passed[at].parameters()["SRP_A"],
            json!(to_hex(&public)),
            "{}",
            passed[at].words
        );
    }
}

#[tokio::test]
async fn an_injected_device_password_makes_the_next_device_and_no_other() {
    let password = "cGFzc3dvcmQgb2YgYSBkZXZpY2UsIGZvcnR5IG9jdGV0cyBsb25nIQ==";
    // The first octet has its top bit set, so that the field is one octet longer than the salt.
    let salt = "9f1122334455667788aabbccddeeff00";
    let mut world = tracking();
    world.pool.mfa = MfaConfiguration::Optional;
    world.users[0].mfa.enabled = vec![MfaMethod::SmsMfa];
    let mut theatre = Theatre::open(&world, Carriage::InProcess).await;
    let signing = |username: &str, device_password| {
        Call::SignIn(SignIn {
            target: target(),
            username: username.to_owned(),
            password: Some(PASSWORD.to_owned()),
            auth_flow_type: Some(AuthFlowType::UserPassword),
            preferred_challenge: None,
            metadata: Default::default(),
            inject: Inject {
                device_password,
                ..Inject::default()
            },
        })
    };
    let secret = DeviceSecret {
        password: password.to_owned(),
        salt: salt.to_owned(),
    };

    let reply = theatre.client.call(&signing(EMAIL, Some(secret))).await;
    let Reply::Step { next } = reply else {
        panic!("a code was expected, got {reply:?}");
    };
    assert!(
        matches!(next, NextStep::ConfirmSignInWithSmsCode { .. }),
        "the device comes only after a code: {next:?}"
    );
    assert_eq!(theatre.go_on(next).await, Ok(NextStep::Done), "Alice");
    let passed = theatre.look();
    let confirm = passed.last().unwrap();
    assert_eq!(confirm.words, "ConfirmDevice", "the last request");
    let record = theatre
        .client
        .devices()
        .find(POOL_ID, ALICE)
        .unwrap()
        .clone();
    assert_eq!(record.password, password, "the password that is kept");
    let expected = device_verifier(
        &record.group_key,
        &record.key,
        password,
        &Salt::from_hex(salt).unwrap(),
    );
    let config = &confirm.sent["DeviceSecretVerifierConfig"];
    assert_eq!(config["Salt"], json!(expected.salt_b64), "salt");
    assert_eq!(
        config["PasswordVerifier"],
        json!(expected.verifier_b64),
        "verifier"
    );

    let reply = theatre.client.call(&signing(BOBS_EMAIL, None)).await;
    let next = NextStep::Done;
    assert_eq!(reply, Reply::Step { next }, "Bob");
    let passed = theatre.look();
    let other = &passed.last().unwrap().sent["DeviceSecretVerifierConfig"];
    assert_ne!(other["Salt"], config["Salt"], "a salt is used once");
    let record = theatre.client.devices().find(POOL_ID, BOB).unwrap();
    assert_ne!(record.password, password, "a password is used once");
}

#[tokio::test]
async fn an_injected_salt_that_is_not_16_octets_is_refused_before_anything_is_sent() {
    for salt in [
        "",
        "00",
        "9f1122334455667788aabbccddeeff",
        "9f1122334455667788aabbccddeeff0011",
        "9f1122334455667788aabbccddeeff0g",
        "-f1122334455667788aabbccddeeff00",
    ] {
        let mut theatre = Theatre::open(&tracking(), Carriage::InProcess).await;
        let call = Call::SignIn(SignIn {
            target: target(),
            username: EMAIL.to_owned(),
            password: Some(PASSWORD.to_owned()),
            auth_flow_type: Some(AuthFlowType::UserPassword),
            preferred_challenge: None,
            metadata: Default::default(),
            inject: Inject {
                device_password: Some(DeviceSecret {
                    password: "p".to_owned(),
                    salt: salt.to_owned(),
                }),
                ..Inject::default()
            },
        });
        let reply = theatre.client.call(&call).await;
        let Reply::Error { error } = &reply else {
            panic!("{salt:?}: an error was expected, got {reply:?}");
        };
        assert!(
            error.message.contains("inject.devicePassword.salt"),
            "{salt:?}: {error:?}"
        );
        assert_eq!(theatre.look().len(), 0, "{salt:?}: requests");
    }
}

#[tokio::test]
async fn the_reference_port_keeps_devices_from_one_sign_in_to_the_next() {
    let stage = Arc::new(Mutex::new(Stage::default()));
    let pool = Pool::new(tracking(), Default::default()).unwrap();
    stage.lock().unwrap().begin(
        pool,
        &Names {
            client_id: CLIENT.to_owned(),
            ..Names::of(&Scenario::plain("device", 1))
        },
        None,
    );
    let mut port = ReferencePort::new(
        stage.clone(),
        cognito_conformance::subject::Carriage::InProcess,
    );
    let signing = Call::SignIn(SignIn {
        target: target(),
        username: EMAIL.to_owned(),
        password: Some(PASSWORD.to_owned()),
        auth_flow_type: Some(AuthFlowType::UserPassword),
        preferred_challenge: None,
        metadata: Default::default(),
        inject: Inject {
            a: Vec::new(),
            clock: Some(NOW),
            device_password: None,
        },
    });
    for call in [&signing, &signing, &Call::Reset, &signing] {
        let begins = Event::Called { call: call.clone() };
        stage.lock().unwrap().call_begins(begins);
        let reply = port.call(call).await;
        let is_right = match call {
            Call::Reset => reply == Reply::Empty,
            _ => {
                reply
                    == Reply::Step {
                        next: NextStep::Done,
                    }
            }
        };
        assert!(is_right, "{}: {reply:?}", call.method());
        let ends = Event::Replied { reply };
        stage.lock().unwrap().call_ends(ends);
    }
    let events = stage.lock().unwrap().end();
    let sent: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Requested { request } => Some(words(request)),
            _ => None,
        })
        .collect();
    assert_eq!(
        sent,
        [
            "USER_PASSWORD_AUTH",
            "ConfirmDevice",
            "USER_PASSWORD_AUTH",
            "DEVICE_SRP_AUTH",
            "DEVICE_PASSWORD_VERIFIER",
            "USER_PASSWORD_AUTH",
            "ConfirmDevice"
        ],
        "a new device, the same device, and after reset another one"
    );
}

fn target() -> Target {
    Target {
        endpoint: "http://127.0.0.1:1/".to_owned(),
        region: "us-east-1".to_owned(),
        user_pool_id: POOL_ID.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: None,
        configuration: None,
    }
}

// ---- What a service must not get away with ----

#[tokio::test]
async fn device_challenges_that_don_t_fit_are_errors_of_their_own() {
    let challenge = |name: &str, parameters: Value| {
        let body =
            json!({"ChallengeName": name, "Session": "s", "ChallengeParameters": parameters});
        Act::Answer(HttpResponse::new(200, Vec::new(), body.to_string()))
    };
    let invalid = AuthError::InvalidServiceResponse;
    for (at, act, expected, has_device) in [
        (
            "USER_PASSWORD_AUTH",
            challenge("DEVICE_SRP_AUTH", json!({"USERNAME": ALICE})),
            InvalidServiceResponse::DeviceWithoutRecord,
            false,
        ),
        (
            "USER_PASSWORD_AUTH",
            challenge("DEVICE_PASSWORD_VERIFIER", json!({"USERNAME": ALICE})),
            InvalidServiceResponse::DeviceVerifierWithoutSrp,
            true,
        ),
        (
            "USER_PASSWORD_AUTH",
            challenge("DEVICE_SRP_AUTH", json!({"DEVICE_KEY": "us-east-1_other"})),
            InvalidServiceResponse::OtherDevice,
            true,
        ),
        (
            "DEVICE_SRP_AUTH",
            challenge("DEVICE_SRP_AUTH", json!({})),
            InvalidServiceResponse::DeviceAgain,
            true,
        ),
        (
            "DEVICE_PASSWORD_VERIFIER",
            challenge("DEVICE_PASSWORD_VERIFIER", json!({})),
            InvalidServiceResponse::DeviceAgain,
            true,
        ),
        (
            "DEVICE_SRP_AUTH",
            challenge(
                "DEVICE_PASSWORD_VERIFIER",
                json!({"SALT": "1", "SRP_B": "2"}),
            ),
            InvalidServiceResponse::MissingParameter {
                challenge: "DEVICE_PASSWORD_VERIFIER".into(),
                parameter: "SECRET_BLOCK",
            },
            true,
        ),
    ] {
        let mut theatre = known(&tracking(), Carriage::InProcess).await;
        if !has_device {
            theatre.client.reset();
        }
        theatre.interrupt(at, act);
        let error = theatre.play(sign_in(BY_PASSWORD, EMAIL)).await.unwrap_err();
        let shown = expected.to_string();
        assert_eq!(error, invalid(expected), "{shown}");
        let passed = theatre.look();
        assert_eq!(passed.last().unwrap().words, at, "{shown}: nothing follows");
    }
}

#[tokio::test]
async fn metadata_that_is_not_whole_makes_no_device() {
    for metadata in [
        json!({}),
        json!({"DeviceKey": "us-east-1_0f"}),
        json!({"DeviceGroupKey": "-group"}),
    ] {
        let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
        let body = json!({"AuthenticationResult": {"AccessToken": "a", "IdToken": "i",
            "RefreshToken": "r", "NewDeviceMetadata": metadata}});
        let response = HttpResponse::new(200, Vec::new(), body.to_string());
        theatre.interrupt("USER_PASSWORD_AUTH", Act::Answer(response));
        let step = theatre.play(sign_in(BY_PASSWORD, EMAIL)).await;
        assert_eq!(step, Ok(NextStep::Done), "{metadata}");
        assert_eq!(
            sequence(&theatre.look()),
            ["USER_PASSWORD_AUTH"],
            "{metadata}"
        );
        assert!(theatre.client.devices().is_empty(), "{metadata}");
    }
}

// ---- Policies ----

fn devices(edit: impl FnOnce(&mut DevicePolicy)) -> Policy {
    let mut policy = Policy::default();
    edit(&mut policy.devices);
    policy
}

#[tokio::test]
async fn a_policy_may_leave_the_device_out_of_answers_with_factors() {
    let mut world = tracking();
    world.pool.mfa = MfaConfiguration::On;
    world.pool.mfa_methods = vec![MfaMethod::SmsMfa];
    let policy = devices(|devices| devices.key_sent = KeySent::NotWithFactors);
    let mut theatre = Theatre::with(&world, Carriage::InProcess, policy).await;
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    theatre.look();
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    for passed in theatre.look() {
        let named = passed.parameters()["DEVICE_KEY"].is_string();
        assert_eq!(named, passed.words != "SMS_MFA", "{}", passed.words);
    }
}

#[tokio::test]
async fn a_policy_may_keep_a_device_by_the_typed_name_alone() {
    let policy = devices(|devices| devices.filed = Filed::UnderTypedName);
    let mut theatre = known_with(&tracking(), Carriage::InProcess, policy).await;
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    assert_eq!(sequence(&theatre.look()), FOUR_CALLS, "the same name");
    theatre.play(sign_in(SRP, ALICE)).await.unwrap();
    let passed = theatre.look();
    assert_eq!(passed.last().unwrap().words, "ConfirmDevice", "another one");
    assert_eq!(theatre.client.devices().len(), 2, "two for one user");
}

#[tokio::test]
async fn a_policy_may_take_anything_that_is_missing_for_a_lost_device_or_nothing() {
    let other = || Act::Answer(failure("ResourceNotFoundException", "User pool is gone."));
    let policy = devices(|devices| devices.gone = Gone::ByItsKind);
    let mut theatre = known_with(&tracking(), Carriage::InProcess, policy).await;
    theatre.interrupt("USER_SRP_AUTH", other());
    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    let passed = theatre.look();
    assert_eq!(passed[1].words, "USER_SRP_AUTH", "tried again");

    let policy = devices(|devices| devices.gone = Gone::Never);
    let mut theatre = known_with(&tracking(), Carriage::InProcess, policy).await;
    theatre.interrupt("USER_SRP_AUTH", Act::Answer(no_such_device()));
    let error = theatre.play(sign_in(SRP, EMAIL)).await.unwrap_err();
    assert_eq!(error.name(), "ResourceNotFoundException", "passed on");
    assert_eq!(sequence(&theatre.look()), ["USER_SRP_AUTH"], "once");
    assert_eq!(theatre.client.devices().len(), 1, "and kept");
}

#[tokio::test]
async fn a_policy_may_make_the_verifier_over_the_user_name_which_fails_at_the_next_sign_in() {
    let policy = devices(|devices| devices.verifier_user = VerifierUser::UserName);
    let mut theatre = known_with(&tracking(), Carriage::InProcess, policy).await;
    let error = theatre.play(sign_in(SRP, EMAIL)).await.unwrap_err();
    assert_eq!(error, service(ErrorKind::NotAuthorized, GENERIC));
    assert_eq!(sequence(&theatre.look()), FOUR_CALLS, "at the last call");
}

#[tokio::test]
async fn a_policy_may_send_negative_numbers_which_confirm_device_refuses() {
    let policy = devices(|devices| devices.verifier_octets = VerifierOctets::Unsigned);
    let mut theatre = Theatre::with(&tracking(), Carriage::InProcess, policy).await;
    let mut refused = 0;
    for _ in 0..8 {
        theatre.client.reset();
        theatre.play(sign_in(BY_PASSWORD, EMAIL)).await.unwrap();
        let passed = theatre.look();
        let confirm = passed.last().unwrap();
        let config = &confirm.sent["DeviceSecretVerifierConfig"];
        let is_negative = ["PasswordVerifier", "Salt"].iter().any(|name| {
            let octets = parse_base64(config[name].as_str().unwrap()).unwrap();
            octets[0] >= 0x80
        });
        assert_eq!(confirm.status != 200, is_negative, "{}", confirm.got);
        assert_eq!(theatre.client.devices().is_empty(), is_negative, "kept");
        refused += usize::from(is_negative);
    }
    assert!(refused > 0, "half of all numbers have the top bit set");
}

#[tokio::test]
async fn a_policy_may_take_the_account_s_password_for_the_device() {
    let policy = devices(|devices| devices.password = DevicePassword::OfTheAccount);
    let theatre = known_with(&tracking(), Carriage::InProcess, policy).await;
    let record = theatre.client.devices().find(POOL_ID, ALICE).unwrap();
    assert_eq!(record.password, PASSWORD, "the account's");
    assert_ne!(record.password, to_base64(PASSWORD.as_bytes()), "as it is");
}

#[tokio::test]
async fn a_policy_may_drop_the_session_in_the_device_s_rounds_which_the_service_takes() {
    let policy = devices(|devices| devices.echoes_session = false);
    let mut theatre = known_with(&tracking(), Carriage::InProcess, policy).await;
    let step = theatre.play(sign_in(BY_PASSWORD, EMAIL)).await;
    assert_eq!(step, Ok(NextStep::Done), "AWS's own sample does so");
    for passed in &theatre.look()[1..] {
        assert!(passed.sent["Session"].is_null(), "{}", passed.words);
    }
}
