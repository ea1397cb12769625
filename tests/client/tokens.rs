//! Tokens: how the reference client refreshes them, and how it gives them up.

use crate::support::stage::*;
use cognito_conformance::client::{AuthError, InvalidServiceResponse, Policy, RefreshBy};
use cognito_conformance::model::World;
use cognito_conformance::srp::secret_hash;
use cognito_conformance::wire::{
    AuthFlowType, AuthenticationResult, Call, ErrorKind, FetchAuthSession, ForgetDevice,
    HttpResponse, NextStep, Parameters, Reply, ServiceError, SignOut,
};
use serde_json::{Value, json};

const SRP: Way = Way::Flow(AuthFlowType::UserSrp);
const BY_PASSWORD: Way = Way::Flow(AuthFlowType::UserPassword);

/// Somebody who is signed in; what passed for it has been looked at.
async fn signed_in(world: &World, carriage: Carriage) -> Theatre {
    signed_in_with(world, carriage, Policy::default()).await
}

async fn signed_in_with(world: &World, carriage: Carriage, policy: Policy) -> Theatre {
    let mut theatre = Theatre::with(world, carriage, policy).await;
    let step = theatre.play(sign_in(SRP, EMAIL)).await;
    assert_eq!(step, Ok(NextStep::Done), "signed in");
    theatre.look();
    theatre
}

fn tokens(theatre: &Theatre) -> AuthenticationResult {
    theatre
        .client
        .tokens()
        .expect("somebody is signed in")
        .clone()
}

async fn refreshed(theatre: &mut Theatre) -> Result<AuthenticationResult, AuthError> {
    let metadata = Parameters::from([("from".to_owned(), "fetchAuthSession".to_owned())]);
    let got = theatre.client.fetch_auth_session(true, &metadata).await?;
    Ok(got.expect("somebody is signed in").clone())
}

fn rotating(seconds: u8) -> World {
    let mut world = whole_world().with_secret(SECRET);
    world.clients[0].rotation_grace_seconds = Some(seconds);
    world
}

// ---- Refresh ----

#[tokio::test]
async fn tokens_that_are_still_good_are_given_without_a_request() {
    let mut theatre = signed_in(&whole_world(), Carriage::InProcess).await;
    let before = tokens(&theatre);
    let none = Parameters::new();
    let got = theatre.client.fetch_auth_session(false, &none).await;
    assert_eq!(got, Ok(Some(&before)), "as they came");
    assert!(theatre.look().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn tokens_are_refreshed_when_under_two_minutes_are_left() {
    let mut theatre = signed_in(&whole_world(), Carriage::InProcess).await;
    let none = Parameters::new();
    theatre.wait(3600 - 120);
    theatre
        .client
        .fetch_auth_session(false, &none)
        .await
        .unwrap();
    assert!(theatre.look().is_empty(), "two minutes are enough");
    let before = tokens(&theatre);
    theatre.wait(1);
    theatre
        .client
        .fetch_auth_session(false, &none)
        .await
        .unwrap();
    assert_eq!(sequence(&theatre.look()), ["GetTokensFromRefreshToken"]);
    let after = tokens(&theatre);
    assert_ne!(after.access_token, before.access_token, "access token");
    assert_ne!(after.id_token, before.id_token, "id token");
}

#[tokio::test]
async fn an_id_token_that_ends_earlier_is_refreshed_in_time() {
    let mut world = whole_world();
    world.clients[0].id_token_minutes = 5;
    let mut theatre = signed_in(&world, Carriage::InProcess).await;
    theatre.wait(181);
    let none = Parameters::new();
    theatre
        .client
        .fetch_auth_session(false, &none)
        .await
        .unwrap();
    assert_eq!(sequence(&theatre.look()), ["GetTokensFromRefreshToken"]);
}

#[tokio::test]
async fn tokens_that_can_t_be_read_are_refreshed() {
    let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
    let opaque = json!({"AuthenticationResult":
        {"AccessToken": "access", "IdToken": "id", "RefreshToken": "refresh"}});
    let response = HttpResponse::new(200, Vec::new(), opaque.to_string());
    theatre.interrupt("USER_PASSWORD_AUTH", Act::Answer(response));
    let step = theatre.play(sign_in(BY_PASSWORD, EMAIL)).await;
    assert_eq!(step, Ok(NextStep::Done), "a client need not read them");
    theatre.look();
    let none = Parameters::new();
    let error = theatre.client.fetch_auth_session(false, &none).await;
    assert_eq!(error.unwrap_err().name(), "NotAuthorizedException");
    assert_eq!(sequence(&theatre.look()), ["GetTokensFromRefreshToken"]);
}

#[tokio::test]
async fn a_refresh_sends_the_secret_itself_and_keeps_the_refresh_token() {
    for carriage in BOTH {
        for (world, secret) in [
            (whole_world(), None),
            (whole_world().with_secret(SECRET), Some(SECRET)),
        ] {
            let mut theatre = signed_in(&world, carriage).await;
            let before = tokens(&theatre);
            let after = refreshed(&mut theatre).await.unwrap();
            let passed = theatre.look();
            assert_eq!(sequence(&passed), ["GetTokensFromRefreshToken"]);
            let mut expected = json!({
                "RefreshToken": before.refresh_token,
                "ClientId": CLIENT,
                "ClientMetadata": {"from": "fetchAuthSession"},
            });
            if let Some(secret) = secret {
                expected["ClientSecret"] = json!(secret);
            }
            assert_eq!(passed[0].sent, expected, "the whole body");
            let returned = &passed[0].got["AuthenticationResult"];
            assert!(returned["RefreshToken"].is_null(), "none is returned");
            assert_eq!(after.refresh_token, before.refresh_token, "the old one");
            assert_eq!(json!(after.access_token), returned["AccessToken"]);
            assert_eq!(json!(after.id_token), returned["IdToken"]);
            assert_eq!(after, tokens(&theatre), "kept");
            theatre.close().await;
        }
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_returned_replaces_the_old_one() {
    for carriage in BOTH {
        let mut theatre = signed_in(&rotating(0), carriage).await;
        let mut seen = vec![tokens(&theatre).refresh_token];
        for time in 1..=3 {
            theatre.wait(1);
            let after = refreshed(&mut theatre).await.unwrap();
            let passed = theatre.look();
            assert_eq!(
                passed[0].sent["RefreshToken"],
                json!(seen.last().unwrap()),
                "{time}: the newest is sent"
            );
            assert!(!seen.contains(&after.refresh_token), "{time}: a new one");
            seen.push(after.refresh_token);
        }
        theatre.close().await;
    }
}

#[tokio::test]
async fn a_refresh_names_the_device_whatever_the_way_in() {
    for way in WAYS {
        for refresh_by in [
            RefreshBy::GetTokensFromRefreshToken,
            RefreshBy::RefreshTokenAuth,
        ] {
            let policy = Policy {
                refresh_by,
                ..Policy::default()
            };
            let world = tracking().with_secret(SECRET);
            let mut theatre = Theatre::with(&world, Carriage::InProcess, policy).await;
            // By a device that has just come, and by one that was proved.
            for time in ["first", "second"] {
                theatre.play(sign_in(way, EMAIL)).await.unwrap();
                theatre.look();
                let key = theatre.client.devices().find(POOL_ID, ALICE).unwrap();
                let key = json!(key.key);
                let got = refreshed(&mut theatre).await;
                assert!(got.is_ok(), "{way:?} {refresh_by:?} {time}: {got:?}");
                let passed = theatre.look();
                let named = match refresh_by {
                    RefreshBy::GetTokensFromRefreshToken => &passed[0].sent["DeviceKey"],
                    RefreshBy::RefreshTokenAuth => &passed[0].parameters()["DEVICE_KEY"],
                };
                assert_eq!(named, &key, "{way:?} {refresh_by:?} {time}");
                let claims = claims(&got.unwrap().access_token.unwrap());
                assert_eq!(claims["device_key"], key, "{way:?}: in the new token");
            }
        }
    }
}

#[tokio::test]
async fn the_older_refresh_carries_a_hash_over_the_internal_name() {
    for carriage in BOTH {
        let policy = Policy {
            refresh_by: RefreshBy::RefreshTokenAuth,
            ..Policy::default()
        };
        let mut theatre =
            signed_in_with(&whole_world().with_secret(SECRET), carriage, policy).await;
        let before = tokens(&theatre);
        let after = refreshed(&mut theatre).await.unwrap();
        let passed = theatre.look();
        assert_eq!(
            passed[0].sent,
            json!({
                "AuthFlow": "REFRESH_TOKEN_AUTH",
                "ClientId": CLIENT,
                "AuthParameters": {
                    "REFRESH_TOKEN": before.refresh_token,
                    "SECRET_HASH": secret_hash(SECRET, ALICE, CLIENT),
                },
                "ClientMetadata": {"from": "fetchAuthSession"},
            }),
            "the whole body"
        );
        assert_eq!(after.refresh_token, before.refresh_token, "kept");
        assert_ne!(after.access_token, before.access_token, "fresh");
        theatre.close().await;
    }
}

#[tokio::test]
async fn a_refresh_that_brings_no_whole_pair_of_tokens_changes_nothing() {
    let incomplete = |missing| InvalidServiceResponse::IncompleteTokens { missing };
    for (body, expected) in [
        (json!({}), InvalidServiceResponse::NoSignInInformation),
        (
            json!({"AuthenticationResult": {}}),
            incomplete(vec!["AccessToken", "IdToken"]),
        ),
        (
            json!({"AuthenticationResult": {"AccessToken": "a", "RefreshToken": "r"}}),
            incomplete(vec!["IdToken"]),
        ),
        (
            json!({"AuthenticationResult": {"IdToken": "i"}}),
            incomplete(vec!["AccessToken"]),
        ),
    ] {
        let mut theatre = signed_in(&whole_world(), Carriage::InProcess).await;
        let before = tokens(&theatre);
        let response = HttpResponse::new(200, Vec::new(), body.to_string());
        theatre.interrupt("GetTokensFromRefreshToken", Act::Answer(response));
        let error = refreshed(&mut theatre).await.unwrap_err();
        assert_eq!(error, AuthError::InvalidServiceResponse(expected), "{body}");
        assert_eq!(tokens(&theatre), before, "{body}: the old ones stay");
    }
}

#[tokio::test]
async fn a_refresh_that_is_refused_is_passed_on_and_the_tokens_stay() {
    let mut theatre = signed_in(&whole_world(), Carriage::InProcess).await;
    let before = tokens(&theatre);
    let revoke = request(
        "RevokeToken",
        &json!({"Token": before.refresh_token, "ClientId": CLIENT}),
    );
    theatre.watched.lock().unwrap().pool.handle(&revoke);
    let error = refreshed(&mut theatre).await.unwrap_err();
    let revoked = "Refresh Token has been revoked";
    let expected = ServiceError::new(ErrorKind::NotAuthorized, revoked);
    assert_eq!(error, AuthError::Service(expected));
    assert_eq!(tokens(&theatre), before, "so that one can sign out");
}

#[tokio::test]
async fn a_sign_in_that_is_going_on_has_no_tokens_and_needs_none() {
    let mut theatre = signed_in(&whole_world(), Carriage::InProcess).await;
    let custom = Way::Flow(AuthFlowType::CustomWithoutSrp);
    theatre
        .client
        .sign_in(sign_in(custom, EMAIL))
        .await
        .unwrap();
    theatre.look();
    let none = Parameters::new();
    let got = theatre.client.fetch_auth_session(true, &none).await;
    assert_eq!(got, Ok(None), "the old ones are gone");
    assert!(theatre.look().is_empty(), "nothing was sent");
    let step = theatre.client.confirm_sign_in(answer("42")).await;
    assert_eq!(step, Ok(NextStep::Done), "which it did not disturb");
}

// ---- Sign-out ----

#[tokio::test]
async fn a_sign_out_revokes_the_refresh_token_and_a_global_one_comes_first() {
    for carriage in BOTH {
        for global in [false, true] {
            let mut theatre = signed_in(&whole_world().with_secret(SECRET), carriage).await;
            let before = tokens(&theatre);
            theatre.client.sign_out(global).await.unwrap();
            let passed = theatre.look();
            let revoke = passed.last().unwrap();
            if global {
                assert_eq!(sequence(&passed), ["GlobalSignOut", "RevokeToken"]);
                let expected = json!({"AccessToken": before.access_token});
                assert_eq!(passed[0].sent, expected, "the whole body");
            } else {
                assert_eq!(sequence(&passed), ["RevokeToken"]);
            }
            assert_eq!(
                revoke.sent,
                json!({"Token": before.refresh_token, "ClientId": CLIENT, "ClientSecret": SECRET}),
                "the whole body"
            );
            assert_eq!(revoke.status, 200, "the service took it");
            assert_eq!(theatre.client.tokens(), None, "nothing is kept");
            let use_it = request(
                "GetTokensFromRefreshToken",
                &json!({"RefreshToken": before.refresh_token, "ClientId": CLIENT, "ClientSecret": SECRET}),
            );
            let response = theatre.watched.lock().unwrap().pool.handle(&use_it);
            assert_eq!(response.status, 400, "it is no good any more");
            theatre.client.sign_out(global).await.unwrap();
            assert!(theatre.look().is_empty(), "nobody is left to sign out");
            theatre.close().await;
        }
    }
}

#[tokio::test]
async fn a_sign_out_that_the_service_refuses_forgets_the_tokens_all_the_same() {
    for (global, at, expected) in [
        (true, "GlobalSignOut", vec!["GlobalSignOut"]),
        (true, "RevokeToken", vec!["GlobalSignOut", "RevokeToken"]),
        (false, "RevokeToken", vec!["RevokeToken"]),
    ] {
        let mut theatre = signed_in(&whole_world(), Carriage::InProcess).await;
        let refusal = failure("InternalErrorException", "not now");
        theatre.interrupt(at, Act::Answer(refusal));
        let error = theatre.client.sign_out(global).await.unwrap_err();
        assert_eq!(error.name(), "InternalErrorException", "{at}: passed on");
        assert_eq!(sequence(&theatre.look()), expected, "{at}: no further");
        assert_eq!(theatre.client.tokens(), None, "{at}: forgotten here");
    }
}

#[tokio::test]
async fn a_sign_out_gives_up_a_sign_in_that_is_going_on() {
    let mut theatre = Theatre::open(&whole_world(), Carriage::InProcess).await;
    let custom = Way::Flow(AuthFlowType::CustomWithoutSrp);
    theatre
        .client
        .sign_in(sign_in(custom, EMAIL))
        .await
        .unwrap();
    theatre.client.sign_out(true).await.unwrap();
    let error = theatre.client.confirm_sign_in(answer("42")).await;
    assert_eq!(error.unwrap_err().name(), "InvalidState", "given up");
}

// ---- The calls of the harness ----

#[tokio::test]
async fn the_harness_s_calls_do_the_same() {
    let mut theatre = Theatre::open(&tracking(), Carriage::InProcess).await;
    let fetch = |force_refresh| {
        Call::FetchAuthSession(FetchAuthSession {
            force_refresh,
            metadata: Parameters::new(),
            clock: None,
        })
    };
    let reply = theatre.client.call(&fetch(true)).await;
    let Reply::Session { tokens: none } = reply else {
        panic!("a session was expected, got {reply:?}");
    };
    assert!(none.names().is_empty(), "nobody is signed in");
    for call in [
        Call::RememberDevice,
        Call::ForgetDevice(ForgetDevice::default()),
    ] {
        let reply = theatre.client.call(&call).await;
        let Reply::Error { error } = reply else {
            panic!("{}: an error was expected, got {reply:?}", call.method());
        };
        assert_eq!(error.name, "InvalidState", "{}", call.method());
    }
    assert!(theatre.look().is_empty(), "nothing of it was sent");

    theatre.play(sign_in(SRP, EMAIL)).await.unwrap();
    theatre.look();
    let reply = theatre.client.call(&fetch(true)).await;
    let Reply::Session { tokens: got } = reply else {
        panic!("a session was expected, got {reply:?}");
    };
    let kept = tokens(&theatre);
    assert_eq!(got.names(), ["access", "id", "refresh"], "which there are");
    assert_eq!(
        [got.access_token, got.id_token, got.refresh_token],
        [kept.access_token, kept.id_token, kept.refresh_token],
        "their text"
    );
    for call in [
        Call::RememberDevice,
        Call::ForgetDevice(ForgetDevice::default()),
        Call::SignOut(SignOut { global: true }),
    ] {
        let reply = theatre.client.call(&call).await;
        assert_eq!(reply, Reply::Empty, "{}", call.method());
    }
    let passed = theatre.look();
    assert_eq!(
        sequence(&passed),
        [
            "GetTokensFromRefreshToken",
            "UpdateDeviceStatus",
            "ForgetDevice",
            "GlobalSignOut",
            "RevokeToken"
        ]
    );
    let statuses: Vec<_> = passed.iter().map(|passed| passed.status).collect();
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let empty: Vec<_> = passed[1..].iter().map(|passed| &passed.got).collect();
    assert!(empty.iter().all(|got| **got == json!({})), "{empty:?}");
    assert_eq!(passed[0].got["ChallengeName"], Value::Null);
}
