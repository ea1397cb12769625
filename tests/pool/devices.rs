//! Devices: how they are given, confirmed, remembered, proved, forgotten.

use crate::support::counter::*;
use cognito_conformance::model::{DeviceTracking, MfaConfiguration, World};
use cognito_conformance::srp::{
    ClaimInput, Credentials, Dialect, Salt, Timestamp, claim, client_session, parse_base64,
    parse_hex, signed_bytes, to_base64, verifier,
};
use cognito_conformance::wire::ErrorKind;
use serde_json::{Value, json};

const DEVICE_PASSWORD: &str = "device-Passw0rd";
const NO_DEVICE: &str = "Device does not exist.";

#[test]
fn a_pool_that_tracks_no_devices_names_none() {
    let tokens = Counter::new(world()).sign_in_by_srp(EMAIL, PASSWORD);
    assert!(tokens.has_tokens());
    assert!(
        tokens.body()["AuthenticationResult"]
            .get("NewDeviceMetadata")
            .is_none()
    );
}

#[test]
fn every_sign_in_without_a_device_names_another_new_one() {
    for start in [Counter::sign_in_by_srp, Counter::with_password] {
        let mut counter = Counter::new(tracking_world(false));
        let (first, group) = new_device(&start(&mut counter, EMAIL, PASSWORD));
        let (second, _) = new_device(&start(&mut counter, EMAIL, PASSWORD));
        assert_ne!(first, second, "keys");
        let (region, uuid) = first.split_once('_').expect("region, underscore, UUID");
        assert_eq!(region, "us-east-1", "{first}");
        assert_eq!(uuid.len(), 36, "{first}");
        assert!(group.starts_with('-') && group.len() == 9, "{group}");
    }
}

#[test]
fn a_confirmed_device_is_asked_for_its_proof_and_no_new_one_is_named() {
    let mut device = remembered(tracking_world(false));
    assert_eq!(
        device.confirmed.body(),
        json!({ "UserConfirmationNecessary": false }),
        "remembered at once"
    );
    let asked = device.prove_password();
    assert_eq!(asked.challenge().as_deref(), Some("DEVICE_SRP_AUTH"));
    let challenge = device.start(&asked, true);
    assert_eq!(
        challenge.challenge().as_deref(),
        Some("DEVICE_PASSWORD_VERIFIER")
    );
    let mut names: Vec<_> = challenge.body()["ChallengeParameters"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["DEVICE_KEY", "SALT", "SECRET_BLOCK", "SRP_B", "USERNAME"],
        "parameters"
    );
    let tokens = device.prove(&challenge, DEVICE_PASSWORD, true);
    assert!(tokens.has_tokens(), "{}", tokens.0.body.to_text());
    assert!(
        tokens.body()["AuthenticationResult"]
            .get("NewDeviceMetadata")
            .is_none(),
        "known"
    );
    assert_eq!(
        claims(&tokens.token("AccessToken"))["device_key"],
        json!(device.key),
        "the access token names it"
    );
}

#[test]
fn sessions_are_optional_in_the_device_rounds() {
    let mut device = remembered(tracking_world(false));
    let asked = device.prove_password();
    let challenge = device.start(&asked, false);
    assert_eq!(
        challenge.challenge().as_deref(),
        Some("DEVICE_PASSWORD_VERIFIER")
    );
    assert!(
        device
            .prove(&challenge, DEVICE_PASSWORD, false)
            .has_tokens()
    );
}

#[test]
fn a_device_is_asked_for_after_a_password_in_clear_and_after_custom_rounds_too() {
    let mut device = remembered(custom_tracking_world());
    let key = device.key.clone();
    let asked = device.counter.initiate(
        "USER_PASSWORD_AUTH",
        &[
            ("USERNAME", EMAIL),
            ("PASSWORD", PASSWORD),
            ("DEVICE_KEY", &key),
        ],
    );
    assert_eq!(
        asked.challenge().as_deref(),
        Some("DEVICE_SRP_AUTH"),
        "in clear"
    );
    let question = device
        .counter
        .initiate("CUSTOM_AUTH", &[("USERNAME", EMAIL), ("DEVICE_KEY", &key)]);
    let asked = device.counter.answer_custom(&question, "answer 1");
    assert_eq!(
        asked.challenge().as_deref(),
        Some("DEVICE_SRP_AUTH"),
        "after custom rounds"
    );
    let challenge = device.start(&asked, true);
    assert!(device.prove(&challenge, DEVICE_PASSWORD, true).has_tokens());
}

#[test]
fn a_wrong_proof_of_a_device_is_told_as_a_wrong_password() {
    let mut device = remembered(tracking_world(false));
    let asked = device.prove_password();
    let challenge = device.start(&asked, true);
    device
        .prove(&challenge, "another password", true)
        .refuses(ErrorKind::NotAuthorized, GENERIC);
}

#[test]
fn the_proof_of_a_password_does_not_pass_for_that_of_a_device() {
    let mut device = remembered(tracking_world(false));
    let challenge = device.counter.start_srp(EMAIL);
    let proof = device.counter.proof(&challenge, PASSWORD);
    let key = device.key.clone();
    device
        .counter
        .respond(
            "DEVICE_PASSWORD_VERIFIER",
            None,
            &[
                ("USERNAME", &proof.username),
                ("PASSWORD_CLAIM_SECRET_BLOCK", &proof.block),
                ("TIMESTAMP", &proof.timestamp),
                ("PASSWORD_CLAIM_SIGNATURE", &proof.signature),
                ("DEVICE_KEY", &key),
            ],
        )
        .refuses(ErrorKind::NotAuthorized, GENERIC);
}

#[test]
fn an_unconfirmed_device_is_neither_proved_nor_named_anew() {
    let mut counter = Counter::new(tracking_world(false));
    let (key, _) = new_device(&counter.sign_in_by_srp(EMAIL, PASSWORD));
    let tokens = sign_in_with(&mut counter, &key);
    assert!(tokens.has_tokens(), "{}", tokens.0.body.to_text());
    assert!(
        tokens.body()["AuthenticationResult"]
            .get("NewDeviceMetadata")
            .is_none()
    );
}

#[test]
fn a_pool_that_asks_the_person_remembers_a_device_once_it_is_told_to() {
    let mut device = remembered(tracking_world(true));
    assert_eq!(
        device.confirmed.body(),
        json!({ "UserConfirmationNecessary": true })
    );
    assert!(
        device.prove_password().has_tokens(),
        "not remembered: as if never used"
    );
    let status = |device: &mut Known, status: &str| {
        let body = json!({
            "AccessToken": device.token, "DeviceKey": device.key, "DeviceRememberedStatus": status,
        });
        let got = device.counter.send("UpdateDeviceStatus", &body);
        assert_eq!(got.0.status, 200, "{status}: {}", got.0.body.to_text());
    };
    status(&mut device, "remembered");
    assert_eq!(
        device.prove_password().challenge().as_deref(),
        Some("DEVICE_SRP_AUTH")
    );
    status(&mut device, "not_remembered");
    assert!(device.prove_password().has_tokens(), "no more");
}

#[test]
fn a_forgotten_device_does_not_exist_at_any_of_the_calls_that_name_it() {
    // At InitiateAuth.
    let mut device = remembered(custom_tracking_world());
    let key = device.key.clone();
    device.forget();
    let a = device.counter.big_a();
    for parameters in [
        vec![("SRP_A", a.as_str())],
        vec![("PASSWORD", PASSWORD)],
        vec![],
    ] {
        let flow = match parameters.first() {
            Some(("SRP_A", _)) => "USER_SRP_AUTH",
            Some(_) => "USER_PASSWORD_AUTH",
            None => "CUSTOM_AUTH",
        };
        let named: Vec<_> = [("USERNAME", EMAIL), ("DEVICE_KEY", key.as_str())]
            .into_iter()
            .chain(parameters)
            .collect();
        device
            .counter
            .initiate(flow, &named)
            .refuses(ErrorKind::ResourceNotFound, NO_DEVICE);
    }
    // At PASSWORD_VERIFIER, which can be answered again without the device.
    let challenge = device.counter.start_srp(EMAIL);
    let proof = device.counter.proof(&challenge, PASSWORD);
    answer_with(&mut device.counter, &proof, &key).refuses(ErrorKind::ResourceNotFound, NO_DEVICE);
    assert!(
        device.counter.answer(&proof, None).has_tokens(),
        "the secret block is still good"
    );

    // At DEVICE_SRP_AUTH.
    let mut device = remembered(tracking_world(false));
    let asked = device.prove_password();
    device.forget();
    device
        .start(&asked, true)
        .refuses(ErrorKind::ResourceNotFound, NO_DEVICE);

    // At DEVICE_PASSWORD_VERIFIER.
    let mut device = remembered(tracking_world(false));
    let asked = device.prove_password();
    let challenge = device.start(&asked, true);
    device.forget();
    device
        .prove(&challenge, DEVICE_PASSWORD, true)
        .refuses(ErrorKind::ResourceNotFound, NO_DEVICE);
}

#[test]
fn a_wrong_password_is_told_before_a_device_that_does_not_exist() {
    let mut counter = Counter::new(tracking_world(false));
    let challenge = counter.start_srp(EMAIL);
    let proof = counter.proof(&challenge, "wrong");
    answer_with(
        &mut counter,
        &proof,
        "us-east-1_00000000-0000-4000-8000-000000000000",
    )
    .refuses(ErrorKind::NotAuthorized, GENERIC);
}

#[test]
fn an_empty_device_key_counts_as_none() {
    let mut counter = Counter::new(tracking_world(false));
    assert!(
        new_device(&sign_in_with(&mut counter, ""))
            .0
            .starts_with("us-east-1_")
    );
}

#[test]
fn another_users_device_does_not_exist() {
    let mut device = remembered(tracking_world(false));
    let key = device.key.clone();
    let challenge = device.counter.start_srp(BOBS_EMAIL);
    let proof = device.counter.proof(&challenge, BOBS_PASSWORD);
    answer_with(&mut device.counter, &proof, &key).refuses(ErrorKind::ResourceNotFound, NO_DEVICE);
    let bob = device
        .counter
        .sign_in_by_srp(BOBS_EMAIL, BOBS_PASSWORD)
        .token("AccessToken");
    for operation in ["GetDevice", "ForgetDevice"] {
        device
            .counter
            .send(operation, &json!({ "AccessToken": bob, "DeviceKey": key }))
            .refuses(ErrorKind::ResourceNotFound, NO_DEVICE);
    }
}

#[test]
fn a_remembered_device_stands_in_for_the_factor_where_the_pool_says_so() {
    for (replaces, first) in [(true, "DEVICE_SRP_AUTH"), (false, "SMS_MFA")] {
        let mut world = tracking_world(false);
        world.pool.devices = Some(DeviceTracking {
            challenge_required_on_new_device: replaces,
            only_remembered_on_user_prompt: false,
        });
        let mut device = remembered(world);
        device.turn_on_sms();
        let asked = device.prove_password();
        assert_eq!(asked.challenge().as_deref(), Some(first), "{replaces}");
        let unknown = device.counter.sign_in_by_srp(EMAIL, PASSWORD);
        assert_eq!(
            unknown.challenge().as_deref(),
            Some("SMS_MFA"),
            "another device"
        );
    }
}

#[test]
fn the_device_is_proved_after_the_factor() {
    let mut device = remembered(tracking_world(false));
    device.turn_on_sms();
    let asked = device.prove_password();
    let code = device
        .counter
        .notes()
        .into_iter()
        .rev()
        .find_map(|note| match note {
            cognito_conformance::wire::PoolNote::Sent { text, .. } => Some(text),
            _ => None,
        });
    let code = code.expect("a code was sent");
    let key = device.key.clone();
    let asked = device.counter.respond(
        "SMS_MFA",
        asked.session().as_deref(),
        &[
            ("USERNAME", ALICE),
            ("SMS_MFA_CODE", &code),
            ("DEVICE_KEY", &key),
        ],
    );
    assert_eq!(asked.challenge().as_deref(), Some("DEVICE_SRP_AUTH"));
    let challenge = device.start(&asked, true);
    assert!(device.prove(&challenge, DEVICE_PASSWORD, true).has_tokens());
}

#[test]
fn an_alias_beside_the_proof_brings_tokens_and_a_device_that_cannot_be_confirmed() {
    let mut counter = Counter::new(tracking_world(false));
    let challenge = counter.start_srp(EMAIL);
    let mut proof = counter.proof(&challenge, PASSWORD);
    assert_ne!(proof.username, EMAIL, "the service returns another name");
    proof.username = EMAIL.to_owned();
    let tokens = counter.answer(&proof, None);
    assert!(tokens.has_tokens(), "{}", tokens.0.body.to_text());
    let (key, _) = new_device(&tokens);
    let verifier = to_base64(&[0x70; 384]);
    let salt = to_base64(&[1; 16]);
    let token = tokens.token("AccessToken");
    let refused = counter.send(
        "ConfirmDevice",
        &confirmation(&token, &key, &verifier, &salt),
    );
    refused.refuses(ErrorKind::InvalidParameter, "Invalid device key given.");
    let named = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let (key, _) = new_device(&named);
    let token = named.token("AccessToken");
    let taken = counter.send(
        "ConfirmDevice",
        &confirmation(&token, &key, &verifier, &salt),
    );
    assert_eq!(taken.0.status, 200, "after the user's name it is taken");
}

#[test]
fn a_verifier_with_its_top_bit_set_is_refused_and_a_wrong_one_is_not() {
    let mut counter = Counter::new(tracking_world(false));
    let tokens = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let (key, _) = new_device(&tokens);
    let token = tokens.token("AccessToken");
    let negative = to_base64(&[0x80; 384]);
    let salt = to_base64(&[1; 16]);
    let refused = counter.send(
        "ConfirmDevice",
        &confirmation(&token, &key, &negative, &salt),
    );
    assert_eq!(
        refused.kind(),
        ErrorKind::InvalidParameter,
        "{}",
        refused.0.body.to_text()
    );
    let refused = counter.send(
        "ConfirmDevice",
        &confirmation(&token, &key, "no base64!", &salt),
    );
    assert_eq!(
        refused.kind(),
        ErrorKind::InvalidParameter,
        "{}",
        refused.0.body.to_text()
    );
    let wrong = to_base64(&[0x70; 384]);
    let taken = counter.send("ConfirmDevice", &confirmation(&token, &key, &wrong, &salt));
    assert_eq!(taken.0.status, 200, "{}", taken.0.body.to_text());
    let twice = counter.send("ConfirmDevice", &confirmation(&token, &key, &wrong, &salt));
    assert_eq!(
        twice.kind(),
        ErrorKind::InvalidParameter,
        "confirmed already"
    );
}

#[test]
fn devices_are_described_listed_page_by_page_and_forgotten() {
    let mut device = remembered(tracking_world(false));
    let second = new_device(&device.counter.sign_in_by_srp(EMAIL, PASSWORD)).0;
    let (token, key) = (device.token.clone(), device.key.clone());
    let described = device.counter.send(
        "GetDevice",
        &json!({ "AccessToken": token, "DeviceKey": key }),
    );
    let described = &described.body()["Device"];
    assert_eq!(described["DeviceKey"], json!(key));
    assert!(
        described["DeviceAttributes"]
            .as_array()
            .unwrap()
            .contains(&json!({
                "Name": "device_name", "Value": "a laptop",
            })),
        "{described}"
    );
    assert_eq!(
        described["DeviceCreateDate"],
        json!(NOW),
        "seconds since 1970"
    );
    let list = |counter: &mut Counter, next: Option<&str>| {
        let mut body = json!({ "AccessToken": token, "Limit": 1 });
        if let Some(next) = next {
            body["PaginationToken"] = json!(next);
        }
        let body = counter.send("ListDevices", &body).body();
        let keys: Vec<String> = body["Devices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["DeviceKey"].as_str().unwrap().to_owned())
            .collect();
        (keys, body["PaginationToken"].as_str().map(str::to_owned))
    };
    let (first, next) = list(&mut device.counter, None);
    assert_eq!(first, [key], "first page");
    let (rest, next) = list(&mut device.counter, Some(&next.expect("another page")));
    assert_eq!(rest, [second], "second page");
    assert_eq!(next, None, "the end");
    device.forget();
    assert_eq!(list(&mut device.counter, None).0.len(), 1, "one is left");
}

#[test]
fn a_refresh_token_is_bound_to_its_confirmed_device() {
    let mut counter = Counter::new(tracking_world(false));
    counter.pool = {
        let mut world = tracking_world(false);
        world.clients[0]
            .explicit_auth_flows
            .push(cognito_conformance::model::ExplicitAuthFlow::AllowRefreshTokenAuth);
        Counter::new(world).pool
    };
    let tokens = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let (key, group) = new_device(&tokens);
    let refresh_token = tokens.token("RefreshToken");
    let refresh = |counter: &mut Counter, device: Option<&str>| {
        let mut parameters = vec![("REFRESH_TOKEN", refresh_token.as_str())];
        parameters.extend(device.map(|device| ("DEVICE_KEY", device)));
        counter.initiate("REFRESH_TOKEN_AUTH", &parameters)
    };
    let invalid = "Invalid Refresh Token.";
    refresh(&mut counter, Some(&key)).refuses(ErrorKind::NotAuthorized, invalid);
    let (v, salt) = device_verifier(&group, &key, DEVICE_PASSWORD);
    let body = confirmation(&tokens.token("AccessToken"), &key, &v, &salt);
    assert_eq!(
        counter.send("ConfirmDevice", &body).0.status,
        200,
        "confirmed"
    );
    refresh(&mut counter, None).refuses(ErrorKind::NotAuthorized, invalid);
    refresh(&mut counter, Some("us-east-1_0")).refuses(ErrorKind::NotAuthorized, invalid);
    let refreshed = refresh(&mut counter, Some(&key));
    assert_eq!(refreshed.0.status, 200, "{}", refreshed.0.body.to_text());
    assert_eq!(
        claims(&refreshed.token("AccessToken"))["device_key"],
        json!(key)
    );
}

#[test]
fn administrators_sign_ins_have_no_devices() {
    let mut world = tracking_world(false);
    world.clients[0]
        .explicit_auth_flows
        .push(cognito_conformance::model::ExplicitAuthFlow::AllowAdminUserPasswordAuth);
    let mut counter = Counter::new(world);
    let tokens = counter.send(
        "AdminInitiateAuth",
        &json!({
            "UserPoolId": POOL_ID, "ClientId": CLIENT, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": EMAIL, "PASSWORD": PASSWORD },
        }),
    );
    assert!(tokens.has_tokens(), "{}", tokens.0.body.to_text());
    assert!(
        tokens.body()["AuthenticationResult"]
            .get("NewDeviceMetadata")
            .is_none()
    );
}

fn tracking_world(asks: bool) -> World {
    let mut world = world().with_devices(DeviceTracking {
        challenge_required_on_new_device: false,
        only_remembered_on_user_prompt: asks,
    });
    world.pool.mfa = MfaConfiguration::Optional;
    world.users[0]
        .attributes
        .insert("phone_number".to_owned(), "+15555550143".to_owned());
    world
}

fn custom_tracking_world() -> World {
    let mut world = tracking_world(false);
    world.triggers = custom_world(1).triggers;
    world
}

/// A counter with a confirmed device.
struct Known {
    counter: Counter,
    key: String,
    group: String,
    token: String,
    confirmed: Got,
}

fn remembered(world: World) -> Known {
    let mut counter = Counter::new(world);
    let tokens = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let (key, group) = new_device(&tokens);
    let token = tokens.token("AccessToken");
    let (v, salt) = device_verifier(&group, &key, DEVICE_PASSWORD);
    let confirmed = counter.send("ConfirmDevice", &confirmation(&token, &key, &v, &salt));
    assert_eq!(confirmed.0.status, 200, "{}", confirmed.0.body.to_text());
    Known {
        counter,
        key,
        group,
        token,
        confirmed,
    }
}

impl Known {
    /// Up to what follows the password.
    fn prove_password(&mut self) -> Got {
        let key = self.key.clone();
        sign_in_with(&mut self.counter, &key)
    }

    fn start(&mut self, asked: &Got, with_session: bool) -> Got {
        let (a, key) = (self.counter.big_a(), self.key.clone());
        let session = asked.session().filter(|_| with_session);
        self.counter.respond(
            "DEVICE_SRP_AUTH",
            session.as_deref(),
            &[("USERNAME", ALICE), ("SRP_A", &a), ("DEVICE_KEY", &key)],
        )
    }

    fn prove(&mut self, challenge: &Got, password: &str, with_session: bool) -> Got {
        let salt = Salt::from_hex(&challenge.parameter("SALT")).unwrap();
        let b = parse_hex(&challenge.parameter("SRP_B")).unwrap();
        let credentials = Credentials {
            scope: &self.group,
            user: &self.key,
            password: password.as_bytes(),
        };
        let dialect = Dialect::cognito_device();
        let session = client_session(&dialect, &credentials, &self.counter.a, &salt, &b).unwrap();
        let block = challenge.parameter("SECRET_BLOCK");
        let timestamp = Timestamp::from_unix(NOW);
        let signature = claim(
            &session.key,
            &ClaimInput {
                scope: &self.group,
                user: &self.key,
                secret_block: &parse_base64(&block).unwrap(),
                timestamp: timestamp.as_str(),
            },
        )
        .signature_b64();
        let key = self.key.clone();
        self.counter.respond(
            "DEVICE_PASSWORD_VERIFIER",
            challenge.session().filter(|_| with_session).as_deref(),
            &[
                ("USERNAME", ALICE),
                ("PASSWORD_CLAIM_SECRET_BLOCK", &block),
                ("TIMESTAMP", timestamp.as_str()),
                ("PASSWORD_CLAIM_SIGNATURE", &signature),
                ("DEVICE_KEY", &key),
            ],
        )
    }

    fn forget(&mut self) {
        let body = json!({ "AccessToken": self.token, "DeviceKey": self.key });
        let got = self.counter.send("ForgetDevice", &body);
        assert_eq!(got.0.status, 200, "{}", got.0.body.to_text());
    }

    fn turn_on_sms(&mut self) {
        let body = json!({
            "AccessToken": self.token,
            "SMSMfaSettings": { "Enabled": true, "PreferredMfa": true },
        });
        let got = self.counter.send("SetUserMFAPreference", &body);
        assert_eq!(got.0.status, 200, "{}", got.0.body.to_text());
    }
}

fn sign_in_with(counter: &mut Counter, device_key: &str) -> Got {
    let challenge = counter.start_srp(EMAIL);
    let proof = counter.proof(&challenge, PASSWORD);
    answer_with(counter, &proof, device_key)
}

fn answer_with(counter: &mut Counter, proof: &Proof, device_key: &str) -> Got {
    counter.respond(
        "PASSWORD_VERIFIER",
        None,
        &[
            ("USERNAME", &proof.username),
            ("PASSWORD_CLAIM_SECRET_BLOCK", &proof.block),
            ("TIMESTAMP", &proof.timestamp),
            ("PASSWORD_CLAIM_SIGNATURE", &proof.signature),
            ("DEVICE_KEY", device_key),
        ],
    )
}

fn new_device(tokens: &Got) -> (String, String) {
    let metadata = tokens.body()["AuthenticationResult"]["NewDeviceMetadata"].clone();
    let text = |name: &str| match &metadata[name] {
        Value::String(text) => text.clone(),
        _ => panic!("{name} is missing from {}", tokens.0.body.to_text()),
    };
    (text("DeviceKey"), text("DeviceGroupKey"))
}

fn device_verifier(group: &str, key: &str, password: &str) -> (String, String) {
    let salt = Salt::from_bytes(&[0x9f; 16]);
    let credentials = Credentials {
        scope: group,
        user: key,
        password: password.as_bytes(),
    };
    let v = verifier(&Dialect::cognito_device(), &credentials, &salt);
    (
        to_base64(&signed_bytes(&v)),
        to_base64(&signed_bytes(salt.value())),
    )
}

fn confirmation(token: &str, key: &str, v: &str, salt: &str) -> Value {
    json!({
        "AccessToken": token, "DeviceKey": key, "DeviceName": "a laptop",
        "DeviceSecretVerifierConfig": { "PasswordVerifier": v, "Salt": salt },
    })
}
