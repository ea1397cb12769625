//! What the pool does for those who may come in.

use crate::support::counter::*;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use cognito_conformance::model::{ByteClass, SaltChoice, SrpValue, Steering, UserStatus, Wish};
use cognito_conformance::pool::{Policy, Pool, TokenSigning};
use cognito_conformance::wire::{Event, PoolNote};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

#[test]
fn a_right_password_signs_in_by_srp() {
    let mut counter = Counter::new(world());
    let challenge = counter.start_srp(EMAIL);
    assert_eq!(challenge.0.status, 200, "status of the challenge");
    assert_eq!(
        challenge.challenge().as_deref(),
        Some("PASSWORD_VERIFIER"),
        "challenge"
    );
    assert_eq!(challenge.session(), None, "plain SRP has no Session");
    let body = challenge.body();
    let names: Vec<_> = body["ChallengeParameters"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        names,
        [
            "SALT",
            "SECRET_BLOCK",
            "SRP_B",
            "USERNAME",
            "USER_ID_FOR_SRP"
        ],
        "challenge parameters"
    );
    assert_eq!(challenge.parameter("USERNAME"), ALICE, "USERNAME");
    assert_eq!(
        challenge.parameter("USER_ID_FOR_SRP"),
        ALICE,
        "USER_ID_FOR_SRP"
    );
    assert_eq!(
        challenge.parameter("SECRET_BLOCK").len(),
        1720,
        "a secret block of 1290 octets"
    );

    let proof = counter.proof(&challenge, PASSWORD);
    let done = counter.answer(&proof, None);
    assert!(done.has_tokens(), "{:?}", done.0);
    assert_eq!(
        done.body()["ChallengeParameters"],
        json!({}),
        "beside tokens"
    );
    assert_eq!(
        done.body()["AuthenticationResult"]["TokenType"],
        json!("Bearer"),
        "TokenType"
    );
    assert_eq!(
        done.body()["AuthenticationResult"]["ExpiresIn"],
        json!(3600),
        "ExpiresIn"
    );
}

#[test]
fn a_right_password_signs_in_in_clear() {
    let mut counter = Counter::new(world());
    for name in [EMAIL, ALICE] {
        assert!(counter.with_password(name, PASSWORD).has_tokens(), "{name}");
    }
}

#[test]
fn a_client_with_a_secret_hashes_the_name_of_each_request() {
    let mut world = world();
    world.clients[0].secret = Some(SECRET.to_owned());
    let mut counter = Counter::new(world);
    assert!(counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens(), "SRP");
    assert!(
        counter.with_password(EMAIL, PASSWORD).has_tokens(),
        "password"
    );
}

#[test]
fn upper_case_and_leading_zeros_of_srp_a_are_read() {
    let mut counter = Counter::new(world());
    let a = format!("000{}", counter.big_a().to_uppercase());
    let challenge = counter.initiate("USER_SRP_AUTH", &[("USERNAME", EMAIL), ("SRP_A", &a)]);
    let proof = counter.proof(&challenge, PASSWORD);
    assert!(counter.answer(&proof, None).has_tokens());
}

#[test]
fn an_unknown_extra_response_and_a_null_parameter_are_ignored() {
    let mut counter = Counter::new(world());
    let challenge = counter.start_srp(EMAIL);
    let proof = counter.proof(&challenge, PASSWORD);
    let body = json!({
        "ChallengeName": "PASSWORD_VERIFIER", "ClientId": CLIENT, "ClientMetadata": {},
        "UserContextData": { "EncodedData": "x" },
        "ChallengeResponses": {
            "USERNAME": proof.username, "SRP_A": counter.big_a(), "DEVICE_KEY": null,
            "PASSWORD_CLAIM_SECRET_BLOCK": proof.block, "TIMESTAMP": proof.timestamp,
            "PASSWORD_CLAIM_SIGNATURE": proof.signature,
        },
    });
    assert!(counter.send("RespondToAuthChallenge", &body).has_tokens());
}

#[test]
fn tokens_verify_against_the_key_set_and_say_what_the_guide_says() {
    let mut counter = Counter::new(world());
    let done = counter.with_password(EMAIL, PASSWORD);
    let jwks = counter.pool.jwks();
    let (id, access) = (done.token("IdToken"), done.token("AccessToken"));
    let id_kid = verified(&id, &jwks);
    let access_kid = verified(&access, &jwks);
    assert_ne!(id_kid, access_kid, "each token has a key of its own");

    let (id, access) = (claims(&id), claims(&access));
    let issuer = format!("https://cognito-idp.us-east-1.amazonaws.com/{POOL_ID}");
    for (name, value) in [
        ("sub", json!(SUB)),
        ("iss", json!(issuer)),
        ("aud", json!(CLIENT)),
        ("token_use", json!("id")),
        ("cognito:username", json!(ALICE)),
        ("email", json!(EMAIL)),
        ("email_verified", json!(true)),
        ("auth_time", json!(NOW)),
        ("iat", json!(NOW)),
        ("exp", json!(NOW + 3600)),
    ] {
        assert_eq!(id[name], value, "id token's {name}");
    }
    for (name, value) in [
        ("sub", json!(SUB)),
        ("iss", json!(issuer)),
        ("client_id", json!(CLIENT)),
        ("aud", Value::Null),
        ("token_use", json!("access")),
        ("username", json!(ALICE)),
        ("cognito:username", Value::Null),
        ("scope", json!("aws.cognito.signin.user.admin")),
        ("exp", json!(NOW + 3600)),
    ] {
        assert_eq!(access[name], value, "access token's {name}");
    }
    assert_eq!(
        id["origin_jti"], access["origin_jti"],
        "origin_jti is shared"
    );
    assert_ne!(id["jti"], access["jti"], "jti is not");
    let refresh = done.token("RefreshToken");
    assert_eq!(refresh.split('.').count(), 5, "parts of the refresh token");
}

#[test]
fn lazy_tokens_have_all_claims_and_no_signature() {
    let mut counter = Counter::new(world());
    counter.pool.set_token_signing(TokenSigning::Lazy);
    let token = counter.with_password(EMAIL, PASSWORD).token("IdToken");
    assert_eq!(claims(&token)["sub"], json!(SUB), "claims");
    let signature = token.rsplit('.').next().unwrap();
    assert!(signature.len() < 20, "{signature}");
}

#[test]
fn an_attribute_can_not_pass_for_a_claim_of_the_pool() {
    let mut world = world();
    world.users[0].attributes = map(&[
        ("aud", "x"),
        ("cognito:username", "x"),
        ("exp", "x"),
        ("iss", "x"),
    ]);
    let token = Counter::new(world)
        .with_password(EMAIL, PASSWORD)
        .token("IdToken");
    let claims = claims(&token);
    assert_eq!(claims["aud"], json!(CLIENT), "aud");
    assert_eq!(claims["cognito:username"], json!(ALICE), "cognito:username");
    assert_eq!(claims["exp"], json!(NOW + 3600), "exp");
}

#[test]
fn a_temporary_password_leads_to_a_new_one_by_either_flow() {
    for flow in ["srp", "password"] {
        let mut counter = Counter::new(temporary_world());
        let asked = match flow {
            "srp" => counter.sign_in_by_srp(EMAIL, PASSWORD),
            _ => counter.with_password(EMAIL, PASSWORD),
        };
        assert_eq!(
            asked.challenge().as_deref(),
            Some("NEW_PASSWORD_REQUIRED"),
            "{flow}"
        );
        assert_eq!(
            asked.parameter("requiredAttributes"),
            r#"["userAttributes.family_name"]"#,
            "{flow}"
        );
        assert_eq!(
            asked.parameter("userAttributes"),
            format!(r#"{{"email":"{EMAIL}","email_verified":"true"}}"#),
            "{flow}"
        );
        assert!(asked.session().is_some(), "{flow}: it has a Session");

        let done = counter.respond(
            "NEW_PASSWORD_REQUIRED",
            asked.session().as_deref(),
            &[
                ("USERNAME", ALICE),
                ("NEW_PASSWORD", "A-new-Passw0rd!"),
                ("userAttributes.family_name", "Liddell"),
            ],
        );
        assert!(done.has_tokens(), "{flow}: {:?}", done.0);
        let claims = claims(&done.token("IdToken"));
        assert_eq!(claims["family_name"], json!("Liddell"), "{flow}");
        assert_eq!(counter.pool.user_status(ALICE), Some(UserStatus::Confirmed));
        assert!(
            counter
                .sign_in_by_srp(EMAIL, "A-new-Passw0rd!")
                .has_tokens(),
            "{flow}: the new password is good for SRP"
        );
        assert!(
            !counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens(),
            "{flow}: the temporary one is not"
        );
    }
}

#[test]
fn a_new_password_has_a_new_salt() {
    let mut counter = Counter::new(temporary_world());
    let before = counter.start_srp(EMAIL).parameter("SALT");
    assert_eq!(
        before,
        counter.start_srp(EMAIL).parameter("SALT"),
        "a salt is stable"
    );
    let asked = counter.with_password(EMAIL, PASSWORD);
    counter.respond(
        "NEW_PASSWORD_REQUIRED",
        asked.session().as_deref(),
        &[
            ("USERNAME", ALICE),
            ("NEW_PASSWORD", "A-new-Passw0rd!"),
            ("userAttributes.family_name", "Liddell"),
        ],
    );
    assert_ne!(before, counter.start_srp(EMAIL).parameter("SALT"));
}

#[test]
fn equal_worlds_answer_equal_requests_with_equal_octets() {
    let play = || {
        let mut counter = Counter::new(custom_world(1));
        let mut answers = vec![counter.sign_in_by_srp(EMAIL, PASSWORD)];
        let question = counter.custom_after_password(EMAIL, PASSWORD);
        answers.push(counter.answer_custom(&question, "answer 1"));
        answers.push(question);
        answers.push(counter.with_password(EMAIL, "wrong"));
        (answers, counter.pool.take_events())
    };
    let (first, second) = (play(), play());
    assert_eq!(first.0, second.0, "answers");
    assert_eq!(first.1, second.1, "events");
    assert!(first.0[1].has_tokens(), "and they are a sign-in's");
}

#[test]
fn the_note_of_a_challenge_holds_what_was_sent_and_what_was_not() {
    let mut counter = Counter::new(world());
    let challenge = counter.start_srp(EMAIL);
    let notes = counter.notes();
    let [
        PoolNote::Srp {
            scope,
            user,
            real,
            salt,
            big_a,
            big_b,
            ..
        },
    ] = &notes[..]
    else {
        panic!("expected one note, got {notes:?}");
    };
    assert_eq!(scope, "TestPool1", "scope");
    assert_eq!(user, ALICE, "user");
    assert!(real, "real");
    assert_eq!(salt, &challenge.parameter("SALT"), "salt");
    assert_eq!(big_a, &counter.big_a(), "A");
    assert_eq!(big_b, &challenge.parameter("SRP_B"), "B");
}

#[test]
fn steered_values_fall_into_their_class_and_still_sign_in() {
    for value in [SrpValue::B, SrpValue::U] {
        for class in ByteClass::ALL {
            let mut world = world();
            world.steering.reach = vec![Wish::Begins(value, class)];
            let mut counter = Counter::new(world);
            assert!(
                counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens(),
                "{value} {class}"
            );
            assert_eq!(reached(&mut counter.pool), [format!("{value}:{class}")]);
        }
    }
    for class in ByteClass::ALL {
        let mut world = world();
        world.steering = Steering {
            salt: Some(SaltChoice::Class(class)),
            ..Steering::default()
        };
        let mut counter = Counter::new(world);
        let salt = counter.start_srp(EMAIL).parameter("SALT");
        let digits = match class {
            ByteClass::Top | ByteClass::Plain => 32,
            ByteClass::ZeroNibble => 31,
            ByteClass::ZeroHigh => 30,
            // Asked for explicitly, since written as a number it would be nothing special.
            ByteClass::ZeroLow | ByteClass::ZeroZero => 32,
        };
        assert_eq!(salt.len(), digits, "{class}: {salt}");
        assert!(
            counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens(),
            "{class}"
        );
        assert_eq!(reached(&mut counter.pool)[..1], [format!("salt:{class}")]);
    }
}

#[test]
fn a_dictated_salt_and_b_are_used_as_they_are() {
    let mut world = world();
    world.steering = Steering {
        salt: Some(SaltChoice::Dictated(
            "beb25379d1a8581eb5a727673a2441ee".to_owned(),
        )),
        b: Some("fedcba9876543210".repeat(16)),
        reach: Vec::new(),
    };
    world.pool.aliases = false;
    world.users[0].username = "alice".to_owned();
    // The vector made for this project: V1.
    let password = "Passw0rd!";
    world.users[0].password = Some(password.to_owned());
    let mut counter = Counter::new(world);
    counter.a = cognito_conformance::srp::parse_hex(&"0123456789abcdef".repeat(16)).unwrap();
    let challenge = counter.start_srp("alice");
    assert!(
        challenge.parameter("SRP_B").starts_with("d0abb8e3b37f83a5"),
        "B of V1"
    );
    assert!(counter.sign_in_by_srp("alice", password).has_tokens());
}

#[test]
fn no_salt_begins_with_a_zero_octet_unasked() {
    for seed in 0..600 {
        let mut world = world();
        world.seed = seed;
        let salt = Counter::new(world).start_srp(EMAIL).parameter("SALT");
        assert!((31..=32).contains(&salt.len()), "seed {seed}: {salt}");
    }
}

#[test]
fn wishes_that_no_search_can_bear_are_refused_with_the_reason() {
    let mut world = world();
    world.steering.reach = vec![
        Wish::Begins(SrpValue::B, ByteClass::ZeroZero),
        Wish::Begins(SrpValue::U, ByteClass::ZeroZero),
    ];
    let error = Pool::new(world, Policy::default()).unwrap_err();
    assert!(
        error.to_string().starts_with("steering.reach: expected"),
        "{error}"
    );
}

#[test]
fn the_key_set_is_served_where_verifiers_look_for_it() {
    let mut pool = Pool::new(world(), Policy::default()).unwrap();
    let mut request = request("x", &json!({}));
    request.method = "GET".to_owned();
    request.path = format!("/{POOL_ID}/.well-known/jwks.json");
    let response = pool.handle(&request);
    assert_eq!(response.status, 200, "status");
    let keys: Value = serde_json::from_slice(response.body.as_bytes()).unwrap();
    assert_eq!(keys, pool.jwks());
}

fn temporary_world() -> cognito_conformance::model::World {
    let mut world = world();
    world.users[0].status = UserStatus::ForceChangePassword;
    world.pool.required_attributes = vec!["email".to_owned(), "family_name".to_owned()];
    world
}

fn reached(pool: &mut Pool) -> Vec<String> {
    pool.take_events()
        .into_iter()
        .find_map(|event| match event {
            Event::Noted(PoolNote::Srp { reached, .. }) => Some(reached),
            _ => None,
        })
        .expect("a challenge is noted")
}

/// The key id of a token whose signature holds.
fn verified(token: &str, jwks: &Value) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let header = message.split('.').next().unwrap();
    let header: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(header.as_bytes()).unwrap()).unwrap();
    assert_eq!(header["alg"], json!("RS256"), "alg");
    let kid = header["kid"].as_str().expect("kid");
    let key = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == json!(kid))
        .expect("the key set has the key");
    let number = |name: &str| {
        BASE64URL_NOPAD
            .decode(key[name].as_str().unwrap().as_bytes())
            .unwrap()
    };
    let components = RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    components
        .verify(
            &RSA_PKCS1_2048_8192_SHA256,
            message.as_bytes(),
            &BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap(),
        )
        .expect("the signature holds");
    kid.to_owned()
}
