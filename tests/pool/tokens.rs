//! Refresh, rotation, revocation, sign-out, and what tokens say.

use std::collections::BTreeMap;

use crate::support::counter::*;
use cognito_conformance::model::{ExplicitAuthFlow, Function, TriggerName, World};
use cognito_conformance::srp::secret_hash;
use cognito_conformance::wire::ErrorKind;
use serde_json::{Value, json};

#[test]
fn a_refresh_brings_two_new_tokens_of_the_same_sign_in() {
    for flow in ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"] {
        let mut counter = Counter::new(refresh_world());
        let first = counter.sign_in_by_srp(EMAIL, PASSWORD);
        counter.pool.advance_clock(100);
        let second = counter.initiate(flow, &[("REFRESH_TOKEN", &first.token("RefreshToken"))]);
        assert_eq!(second.0.status, 200, "{flow}: {}", second.0.body.to_text());
        let result = &second.body()["AuthenticationResult"];
        assert!(
            result.get("RefreshToken").is_none(),
            "{flow}: no other refresh token"
        );
        assert_eq!(result["TokenType"], "Bearer", "{flow}");
        assert_eq!(result["ExpiresIn"], 3600, "{flow}");
        for name in ["IdToken", "AccessToken"] {
            let (before, after) = (claims(&first.token(name)), claims(&second.token(name)));
            for kept in ["sub", "origin_jti", "auth_time", "iss"] {
                assert_eq!(before[kept], after[kept], "{flow}: {kept} of the {name}");
            }
            assert_ne!(before["jti"], after["jti"], "{flow}: jti of the {name}");
            assert_eq!(after["iat"], json!(NOW + 100), "{flow}: iat of the {name}");
            assert_eq!(after["exp"], json!(NOW + 3700), "{flow}: exp of the {name}");
        }
    }
}

#[test]
fn get_tokens_from_refresh_token_takes_the_secret_itself() {
    let mut world = refresh_world();
    world.clients[0].secret = Some(SECRET.to_owned());
    let mut counter = Counter::new(world);
    let token = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    let hash = secret_hash(SECRET, ALICE, CLIENT);
    for secret in [None, Some("another-secret-0123456789"), Some(hash.as_str())] {
        let got = get_tokens(&mut counter, &token, secret);
        assert!(
            matches!(
                got.kind(),
                ErrorKind::NotAuthorized | ErrorKind::InvalidParameter
            ),
            "{secret:?}: {}",
            got.0.body.to_text()
        );
    }
    let got = get_tokens(&mut counter, &token, Some(SECRET));
    assert_eq!(got.0.status, 200, "{}", got.0.body.to_text());
}

#[test]
fn a_refresh_flow_takes_a_hash_over_the_internal_name_or_the_sub_or_the_secret_itself() {
    let mut world = refresh_world();
    world.clients[0].secret = Some(SECRET.to_owned());
    let mut counter = Counter::new(world);
    let token = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    for (hash, good) in [
        (Some(secret_hash(SECRET, ALICE, CLIENT)), true),
        (Some(secret_hash(SECRET, SUB, CLIENT)), true),
        (Some(SECRET.to_owned()), true),
        (Some(secret_hash(SECRET, EMAIL, CLIENT)), false),
        (None, false),
    ] {
        let mut parameters = vec![("REFRESH_TOKEN", token.as_str())];
        parameters.extend(hash.as_deref().map(|hash| ("SECRET_HASH", hash)));
        let got = counter.initiate("REFRESH_TOKEN_AUTH", &parameters);
        assert_eq!(
            got.0.status == 200,
            good,
            "{hash:?}: {}",
            got.0.body.to_text()
        );
    }
}

#[test]
fn a_refresh_token_is_good_for_its_own_client_and_pool_only() {
    let mut counter = Counter::new(refresh_world());
    let token = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    counter.client = OTHER_CLIENT.to_owned();
    let invalid = "Invalid Refresh Token.";
    get_tokens(&mut counter, &token, None).refuses(ErrorKind::NotAuthorized, invalid);
    let mut other_world = refresh_world();
    other_world.pool.id = "us-east-1_Another1".to_owned();
    other_world.seed = 8;
    get_tokens(&mut Counter::new(other_world), &token, None)
        .refuses(ErrorKind::NotAuthorized, invalid);
    for wrong in [
        "x",
        "a.b.c.d.e",
        &token[..token.len() - 8],
        &format!("{token}x"),
    ] {
        counter.client = CLIENT.to_owned();
        get_tokens(&mut counter, wrong, None).refuses(ErrorKind::NotAuthorized, invalid);
    }
}

#[test]
fn a_refresh_token_expires_when_its_client_says() {
    let mut world = refresh_world();
    world.clients[0].refresh_token_minutes = 60;
    let mut counter = Counter::new(world);
    let token = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    counter.pool.advance_clock(3600);
    assert_eq!(
        get_tokens(&mut counter, &token, None).0.status,
        200,
        "at the last second"
    );
    counter.pool.advance_clock(1);
    get_tokens(&mut counter, &token, None)
        .refuses(ErrorKind::NotAuthorized, "Refresh Token has expired");
}

#[test]
fn tokens_live_as_long_as_their_client_says() {
    let mut world = refresh_world();
    world.clients[0].access_token_minutes = 5;
    world.clients[0].id_token_minutes = 1440;
    let got = Counter::new(world).sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(
        got.body()["AuthenticationResult"]["ExpiresIn"],
        300,
        "of the access token"
    );
    assert_eq!(claims(&got.token("AccessToken"))["exp"], json!(NOW + 300));
    assert_eq!(claims(&got.token("IdToken"))["exp"], json!(NOW + 86_400));
}

#[test]
fn a_client_without_rotation_keeps_its_refresh_token() {
    let mut counter = Counter::new(refresh_world());
    let token = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    for round in 0..3 {
        let got = get_tokens(&mut counter, &token, None);
        assert_eq!(got.0.status, 200, "round {round}");
        assert!(
            got.body()["AuthenticationResult"]
                .get("RefreshToken")
                .is_none(),
            "round {round}"
        );
    }
}

#[test]
fn a_rotated_refresh_token_is_good_for_the_grace_period_and_not_after() {
    let mut world = refresh_world();
    world.clients[0].rotation_grace_seconds = Some(10);
    let mut counter = Counter::new(world);
    let first = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    counter
        .initiate("REFRESH_TOKEN_AUTH", &[("REFRESH_TOKEN", &first)])
        .refuses(
            ErrorKind::InvalidParameter,
            "Refresh token rotation is enabled for this client; use GetTokensFromRefreshToken.",
        );
    let second = get_tokens(&mut counter, &first, None).token("RefreshToken");
    assert_ne!(first, second, "another refresh token");
    counter.pool.advance_clock(10);
    assert_eq!(
        get_tokens(&mut counter, &second, None).0.status,
        200,
        "the new one"
    );
    let mut world = refresh_world();
    world.clients[0].rotation_grace_seconds = Some(10);
    let mut counter = Counter::new(world);
    let first = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    get_tokens(&mut counter, &first, None);
    counter.pool.advance_clock(10);
    assert_eq!(
        get_tokens(&mut counter, &first, None).0.status,
        200,
        "within the grace period"
    );
    counter.pool.advance_clock(11);
    assert_eq!(
        get_tokens(&mut counter, &first, None).kind(),
        ErrorKind::RefreshTokenReuse,
        "after it"
    );
}

#[test]
fn a_refresh_token_that_was_replaced_without_a_grace_is_good_once_in_the_same_second_too() {
    let mut world = refresh_world();
    world.clients[0].rotation_grace_seconds = Some(0);
    let mut counter = Counter::new(world);
    let first = counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .token("RefreshToken");
    let second = get_tokens(&mut counter, &first, None).token("RefreshToken");
    for attempt in ["at once", "and again"] {
        assert_eq!(
            get_tokens(&mut counter, &first, None).kind(),
            ErrorKind::RefreshTokenReuse,
            "{attempt}"
        );
    }
    assert!(
        get_tokens(&mut counter, &second, None).has_tokens(),
        "the new one"
    );
}

#[test]
fn revoking_a_refresh_token_ends_it_and_its_access_tokens_and_no_others() {
    let mut counter = Counter::new(refresh_world());
    let first = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let second = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let revoke = |counter: &mut Counter, token: &str| {
        counter.send(
            "RevokeToken",
            &json!({ "Token": token, "ClientId": CLIENT }),
        )
    };
    let token = first.token("RefreshToken");
    assert_eq!(revoke(&mut counter, &token).body(), json!({}));
    assert_eq!(
        revoke(&mut counter, &token).body(),
        json!({}),
        "twice is no error"
    );
    get_tokens(&mut counter, &token, None)
        .refuses(ErrorKind::NotAuthorized, "Refresh Token has been revoked");
    list_devices(&mut counter, &first.token("AccessToken"))
        .refuses(ErrorKind::NotAuthorized, "Access Token has been revoked");
    assert_eq!(
        list_devices(&mut counter, &second.token("AccessToken"))
            .0
            .status,
        200,
        "another"
    );
    assert_eq!(
        get_tokens(&mut counter, &second.token("RefreshToken"), None)
            .0
            .status,
        200
    );
    revoke(&mut counter, &second.token("AccessToken")).refuses(
        ErrorKind::from("UnsupportedTokenTypeException"),
        "Unsupported token type",
    );
}

#[test]
fn a_global_sign_out_ends_every_token_of_the_user_and_of_nobody_else() {
    let mut counter = Counter::new(refresh_world());
    let (first, second) = (
        counter.sign_in_by_srp(EMAIL, PASSWORD),
        counter.with_password(EMAIL, PASSWORD),
    );
    let bob = counter.sign_in_by_srp(BOBS_EMAIL, BOBS_PASSWORD);
    let out = counter.send(
        "GlobalSignOut",
        &json!({ "AccessToken": first.token("AccessToken") }),
    );
    assert_eq!(out.body(), json!({}));
    for tokens in [&first, &second] {
        list_devices(&mut counter, &tokens.token("AccessToken"))
            .refuses(ErrorKind::NotAuthorized, "Access Token has been revoked");
        get_tokens(&mut counter, &tokens.token("RefreshToken"), None)
            .refuses(ErrorKind::NotAuthorized, "Refresh Token has been revoked");
    }
    assert_eq!(
        list_devices(&mut counter, &bob.token("AccessToken"))
            .0
            .status,
        200,
        "bob's"
    );
    assert!(
        counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens(),
        "signing in again"
    );
}

#[test]
fn an_access_token_has_to_be_whole_of_this_pool_and_of_the_right_kind() {
    let mut counter = Counter::new(refresh_world());
    let tokens = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let access = tokens.token("AccessToken");
    let (signed, signature) = access.rsplit_once('.').unwrap();
    let mut other = refresh_world();
    other.seed = 8;
    let forged = {
        let claims = data_encoding::BASE64URL_NOPAD.encode(
            json!({ "token_use": "access", "username": BOB, "exp": NOW + 60, "event_id": "x" })
                .to_string()
                .as_bytes(),
        );
        format!("{}.{claims}.{signature}", signed.split('.').next().unwrap())
    };
    for (what, token) in [
        ("an id token", tokens.token("IdToken")),
        ("no token", "x".to_owned()),
        ("without its signature", format!("{signed}.")),
        ("another's claims", forged),
        ("cut", access[..access.len() - 4].to_owned()),
    ] {
        let got = list_devices(&mut counter, &token);
        assert_eq!(got.kind(), ErrorKind::NotAuthorized, "{what}");
        assert_eq!(got.error().message, "Invalid Access Token", "{what}");
    }
    counter.pool.advance_clock(3601);
    list_devices(&mut counter, &access)
        .refuses(ErrorKind::NotAuthorized, "Access Token has expired");
}

#[test]
fn without_revocation_tokens_have_no_origin() {
    let mut world = refresh_world();
    world.clients[0].token_revocation = false;
    let got = Counter::new(world).sign_in_by_srp(EMAIL, PASSWORD);
    for name in ["IdToken", "AccessToken"] {
        assert!(
            claims(&got.token(name)).get("origin_jti").is_none(),
            "{name}"
        );
    }
}

#[test]
fn the_issuer_can_be_chosen() {
    let mut counter = Counter::new(refresh_world());
    let issuer = |counter: &mut Counter| {
        claims(&counter.sign_in_by_srp(EMAIL, PASSWORD).token("IdToken"))["iss"].clone()
    };
    let service = format!("https://cognito-idp.us-east-1.amazonaws.com/{POOL_ID}");
    assert_eq!(issuer(&mut counter), json!(service), "the service's");
    counter
        .pool
        .set_issuer(Some("http://127.0.0.1:9229/".to_owned()));
    let local = format!("http://127.0.0.1:9229/{POOL_ID}");
    assert_eq!(issuer(&mut counter), json!(local), "the endpoint's");
    assert_eq!(counter.pool.openid_configuration()["issuer"], json!(local));
    assert_eq!(
        counter.pool.openid_configuration()["jwks_uri"],
        json!(format!("{local}/.well-known/jwks.json"))
    );
}

#[test]
fn pre_token_generation_changes_the_id_token_but_none_of_the_services_own_claims() {
    let mut world = refresh_world();
    let response = json!({ "claimsOverrideDetails": {
        "claimsToAddOrOverride": { "tier": "gold", "email": "other@example.com", "sub": "x", "aud": "x" },
        "claimsToSuppress": ["email_verified"],
        "groupOverrideDetails": { "groupsToOverride": ["admins"] },
    } });
    world
        .triggers
        .functions
        .insert(TriggerName::PreTokenGeneration, Function::Respond(response));
    let mut counter = Counter::new(world);
    let tokens = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let id = claims(&tokens.token("IdToken"));
    assert_eq!(id["tier"], "gold", "added");
    assert_eq!(id["email"], "other@example.com", "replaced");
    assert_eq!(id["cognito:groups"], json!(["admins"]), "groups");
    assert!(id.get("email_verified").is_none(), "suppressed");
    assert_eq!(
        (&id["sub"], &id["aud"]),
        (&json!(SUB), &json!(CLIENT)),
        "the service's own"
    );
    let access = claims(&tokens.token("AccessToken"));
    assert!(
        access.get("tier").is_none(),
        "V1 leaves the access token alone"
    );
    counter.triggers();
    get_tokens(&mut counter, &tokens.token("RefreshToken"), None);
    let sources: Vec<String> = counter
        .triggers()
        .into_iter()
        .map(|call| call.source)
        .collect();
    assert_eq!(sources, ["TokenGeneration_RefreshTokens"], "on refresh");
}

#[test]
fn metadata_of_an_answer_reaches_the_triggers_after_it_and_that_of_the_start_does_not() {
    let mut world = refresh_world();
    for trigger in [
        TriggerName::PreAuthentication,
        TriggerName::PostAuthentication,
        TriggerName::PreTokenGeneration,
    ] {
        world
            .triggers
            .functions
            .insert(trigger, Function::Respond(json!({})));
    }
    let mut counter = Counter::new(world);
    counter.metadata = map(&[("from", "start")]);
    let challenge = counter.start_srp(EMAIL);
    counter.metadata = map(&[("from", "answer")]);
    let proof = counter.proof(&challenge, PASSWORD);
    counter.answer(&proof, None);
    let seen = seen(&mut counter);
    let of = |map: &str| json!({ "from": map });
    assert_eq!(
        seen,
        BTreeMap::from([
            (
                "PreAuthentication_Authentication".to_owned(),
                [of("start"), Value::Null]
            ),
            (
                "PostAuthentication_Authentication".to_owned(),
                [Value::Null, of("answer")]
            ),
            (
                "TokenGeneration_Authentication".to_owned(),
                [Value::Null, of("answer")]
            ),
        ]),
        "validationData and clientMetadata of each"
    );
    counter.metadata = map(&[("from", "start")]);
    counter.with_password(EMAIL, PASSWORD);
    let seen = self::seen(&mut counter);
    assert_eq!(
        seen["PostAuthentication_Authentication"],
        [Value::Null, Value::Null]
    );
    assert_eq!(
        seen["PreAuthentication_Authentication"],
        [of("start"), Value::Null]
    );
}

fn seen(counter: &mut Counter) -> BTreeMap<String, [Value; 2]> {
    counter
        .triggers()
        .into_iter()
        .map(|call| {
            let request = &call.event["request"];
            let maps = [&request["validationData"], &request["clientMetadata"]];
            (call.source.clone(), maps.map(Clone::clone))
        })
        .collect()
}

fn refresh_world() -> World {
    let mut world = world();
    for client in &mut world.clients {
        client
            .explicit_auth_flows
            .push(ExplicitAuthFlow::AllowRefreshTokenAuth);
    }
    world
}

fn get_tokens(counter: &mut Counter, token: &str, secret: Option<&str>) -> Got {
    let mut body = json!({ "RefreshToken": token, "ClientId": counter.client });
    if let Some(secret) = secret {
        body["ClientSecret"] = json!(secret);
    }
    counter.send("GetTokensFromRefreshToken", &body)
}

fn list_devices(counter: &mut Counter, token: &str) -> Got {
    counter.send("ListDevices", &json!({ "AccessToken": token }))
}
