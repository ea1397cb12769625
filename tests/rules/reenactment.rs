//! Re-enactment follows everything that our client does. Of most of it nobody published a recording, so our own client and
//! pool make some; what they make is re-enacted from its text alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use cognito_conformance::client::{Client, Policy, Sources, settings_for};
use cognito_conformance::model::{
    Clock, DeviceTracking, ExplicitAuthFlow, FirstFactor, MfaConfiguration, MfaMethod, Round, User,
    UserStatus, World,
};
use cognito_conformance::pool::{self, Pool};
use cognito_conformance::record::{Covers, Incomparable, Origin, Recording, Side, Transcript};
use cognito_conformance::subject::reenact::{Led, reenact, reenact_with};
use cognito_conformance::wire::{
    AuthFlowType, Call, ChallengeName, ConfirmResetPassword, ConfirmSignIn, Event,
    FetchAuthSession, ForgetDevice, HttpRequest, Inject, PoolNote, Reply, ResetPassword, SignIn,
    SignOut, Target,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

const NOW: i64 = 1_709_629_623;
const PASSWORD: &str = "Right-password-1";
/// Stands for the code that was sent last.
const SENT_CODE: &str = "the code that was sent";
/// Stands for the code of the moment.
const MADE_CODE: &str = "the code that was made";
/// Other than the one that re-enactment makes up.
const TOTP_SECRET: &str = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";

fn world() -> World {
    let ada = User::new(
        "7f0c2a52-9d0b-4c57-8a53-0d6a1b5f7c11",
        "6b9f0c4e-2d1a-4a57-9a53-0d6a1b5f7c11",
    );
    World::new("us-east-1_AbCdEf123", "1example23456789")
        .with_secret("abcdefghijklmnopqrstuvwxyz0123456789")
        .allowing(&[
            ExplicitAuthFlow::AllowUserSrpAuth,
            ExplicitAuthFlow::AllowUserPasswordAuth,
            ExplicitAuthFlow::AllowCustomAuth,
        ])
        .with_users([ada.with_email("ada@example.com").with_password(PASSWORD)])
        .with_custom([
            Round::asking("first?", "one"),
            Round::asking("second?", "two"),
        ])
        .with_clock(Clock::Fixed(NOW))
        .with_seed(7)
}

/// What happens between client and pool.
#[derive(Default)]
struct Tape {
    events: Vec<Event>,
    code: String,
    secret: String,
}

/// Makes the calls with our client against our pool, and writes down what a recorder between them would see.
async fn record(world: World, calls: &[Call]) -> (Transcript, Reply) {
    let client = &world.clients[0];
    let target = Target {
        endpoint: "http://127.0.0.1/".to_owned(),
        region: world.pool.region.clone(),
        user_pool_id: world.pool.id.clone(),
        client_id: client.id.clone(),
        client_secret: client.secret.clone(),
        configuration: None,
    };
    let known = [
        ("password", PASSWORD),
        ("userPoolId", &target.user_pool_id),
        ("clientSecret", client.secret.as_deref().unwrap_or_default()),
        ("sub", &world.users[0].sub),
        ("now", &NOW.to_string()),
        ("username", "ada@example.com"),
        ("internalUsername", &world.users[0].username),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let attributes = world.users[0].attributes.clone().into_iter();
    let attributes = attributes.map(|(name, value)| (format!("attribute.{name}"), value));
    let known: BTreeMap<String, String> = known.into_iter().chain(attributes).collect();
    let tape = Arc::new(Mutex::new(Tape {
        secret: TOTP_SECRET.to_owned(),
        ..Tape::default()
    }));
    let log = Arc::clone(&tape);
    let mut pool = Pool::new(world, pool::Policy::default()).expect("a right world");
    let transport = move |request: HttpRequest| {
        let response = pool.handle(&request);
        let mut log = log.lock().expect("not poisoned");
        for event in pool.take_events() {
            if let Event::Noted(PoolNote::Sent { text, .. }) = event {
                log.code = text;
            }
        }
        let body: serde_json::Value =
            serde_json::from_slice(response.body.as_bytes()).expect("JSON");
        if let Some(secret) = body["SecretCode"].as_str() {
            log.secret = secret.to_owned();
        }
        log.events.push(Event::Requested { request });
        log.events.push(Event::Responded {
            response: response.clone(),
        });
        Ok(response)
    };
    let policy = Policy::default();
    let settings = settings_for(&target, &policy).expect("right settings");
    let mut client =
        Client::new(settings, transport, Sources::fixed(NOW, 99), policy).expect("a right client");
    let mut reply = Reply::Empty;
    for call in calls {
        let mut call = call.clone();
        let text = match &mut call {
            Call::ConfirmSignIn(answer) => Some(&mut answer.challenge_response),
            Call::ConfirmResetPassword(answer) => Some(&mut answer.confirmation_code),
            _ => None,
        };
        if let Some(text) = text {
            let tape = tape.lock().expect("not poisoned");
            match text.as_str() {
                SENT_CODE => text.clone_from(&tape.code),
                MADE_CODE => *text = totp(&tape.secret),
                _ => {}
            }
        }
        reply = client.call(&call).await;
    }
    let mut transcript = Transcript::new(
        "made",
        Origin::Recorded(Box::new(Recording {
            known,
            ..Recording::default()
        })),
    );
    transcript.events = std::mem::take(&mut tape.lock().expect("not poisoned").events);
    (transcript, reply)
}

/// The code of `NOW` (RFC 6238).
fn totp(secret: &str) -> String {
    let secret = data_encoding::BASE32_NOPAD
        .decode(secret.as_bytes())
        .expect("base32");
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).expect("any length will do");
    mac.update(&(NOW / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[at..at + 4].try_into().expect("four octets"));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

fn target() -> Target {
    // The client under this test has its settings already.
    Target {
        endpoint: String::new(),
        region: String::new(),
        user_pool_id: String::new(),
        client_id: String::new(),
        client_secret: None,
        configuration: None,
    }
}

fn sign_in(flow: AuthFlowType) -> Call {
    Call::SignIn(SignIn {
        target: target(),
        username: "ada@example.com".to_owned(),
        password: Some(PASSWORD.to_owned()),
        auth_flow_type: Some(flow),
        preferred_challenge: None,
        metadata: BTreeMap::from([("at".to_owned(), "start".to_owned())]),
        inject: Inject::default(),
    })
}

fn answer(text: &str) -> Call {
    Call::ConfirmSignIn(ConfirmSignIn {
        challenge_response: text.to_owned(),
        metadata: BTreeMap::from([("at".to_owned(), "answer".to_owned())]),
        ..ConfirmSignIn::default()
    })
}

/// Lists what differs as incomparable, and returns where that was.
async fn list_differences(transcript: &mut Transcript) -> BTreeSet<(Side, String)> {
    let reenactment = reenact(transcript).await.expect("it can be re-enacted");
    let Origin::Recorded(header) = &mut transcript.origin else {
        panic!("it is a recording")
    };
    header.incomparable = reenactment
        .differences
        .iter()
        .map(|difference| Incomparable {
            exchange: difference.exchange,
            side: difference.side,
            at: difference.at.clone(),
            covers: Covers::Value,
            reason: "random, sealed or signed".to_owned(),
        })
        .collect();
    reenactment
        .differences
        .into_iter()
        .map(|difference| (difference.side, difference.at))
        .collect()
}

/// Where a right re-enactment may differ.
fn is_random(place: &(Side, String)) -> bool {
    let (side, at) = place;
    match side {
        Side::Request => matches!(
            at.as_str(),
            "/AuthParameters/SRP_A"
                | "/ChallengeResponses/SRP_A"
                | "/ChallengeResponses/PASSWORD_CLAIM_SIGNATURE"
                | "/DeviceSecretVerifierConfig/PasswordVerifier"
                | "/DeviceSecretVerifierConfig/Salt"
        ),
        Side::Response => {
            matches!(
                at.as_str(),
                "/Session"
                    | "/ChallengeParameters/SRP_B"
                    | "/ChallengeParameters/SECRET_BLOCK"
                    | "/ChallengeParameters/DEVICE_KEY"
                    | "/AuthenticationResult/NewDeviceMetadata/DeviceKey"
                    | "/AuthenticationResult/NewDeviceMetadata/DeviceGroupKey"
                    | "/SecretCode"
                    | "header:x-amzn-RequestId"
            ) || ["/jti", "/origin_jti", "/event_id", "/device_key", "/rest"]
                .iter()
                .any(|end| at.starts_with("/AuthenticationResult/") && at.ends_with(end))
        }
    }
}

async fn assert_followed(world: World, calls: &[Call], exchanges: usize) -> Transcript {
    let (mut transcript, reply) = record(world, calls).await;
    assert_eq!(transcript.events.len(), 2 * exchanges, "events: {reply:?}");
    let differ = list_differences(&mut transcript).await;
    let unexpected: Vec<_> = differ.iter().filter(|place| !is_random(place)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    let again = reenact(&transcript).await.expect("it can be re-enacted");
    assert!(
        again.is_faithful(),
        "with its list: {:?}",
        again.differences
    );
    transcript
}

#[tokio::test]
async fn plain_srp_is_followed() {
    assert_followed(world(), &[sign_in(AuthFlowType::UserSrp)], 2).await;
}

#[tokio::test]
async fn a_password_in_clear_is_followed() {
    assert_followed(world(), &[sign_in(AuthFlowType::UserPassword)], 1).await;
}

#[tokio::test]
async fn custom_rounds_after_srp_are_followed_through_a_wrong_answer() {
    let calls = [
        sign_in(AuthFlowType::CustomWithSrp),
        answer("wrong"),
        answer("one"),
        answer("two"),
    ];
    assert_followed(world(), &calls, 5).await;
}

#[tokio::test]
async fn custom_rounds_without_srp_are_followed() {
    let calls = [
        sign_in(AuthFlowType::CustomWithoutSrp),
        answer("one"),
        answer("two"),
    ];
    assert_followed(world(), &calls, 3).await;
}

#[tokio::test]
async fn a_new_password_is_followed() {
    let mut world = world();
    world.users[0].status = UserStatus::ForceChangePassword;
    let calls = [sign_in(AuthFlowType::UserSrp), answer("New-password-2")];
    assert_followed(world, &calls, 3).await;
}

#[tokio::test]
async fn a_reset_is_followed() {
    let reset = Call::ResetPassword(ResetPassword {
        target: target(),
        username: "ada@example.com".to_owned(),
        metadata: BTreeMap::new(),
    });
    let confirm = |code: &str| {
        Call::ConfirmResetPassword(ConfirmResetPassword {
            target: target(),
            username: "ada@example.com".to_owned(),
            confirmation_code: code.to_owned(),
            new_password: "New-password-2".to_owned(),
        })
    };
    assert_followed(world(), std::slice::from_ref(&reset), 1).await;
    let calls = [reset, confirm("000000"), confirm(SENT_CODE)];
    assert_followed(world(), &calls, 3).await;
    // Nobody asked for a code: none is made up for it.
    assert_followed(world(), &[confirm("000000")], 1).await;
}

/// A world in which the user has these second factors.
fn with_factors(factors: &[MfaMethod]) -> World {
    let mut world = world();
    world.pool.mfa = MfaConfiguration::Optional;
    world.pool.mfa_methods = factors.to_vec();
    let user = &mut world.users[0];
    let number = ("phone_number".to_owned(), "+15555550100".to_owned());
    user.attributes.extend([number]);
    user.mfa.enabled = factors.to_vec();
    user.mfa.totp_secret = Some(TOTP_SECRET.to_owned());
    world
}

/// A world in which everybody needs a second factor, and the user has none.
fn without_factors(offered: &[MfaMethod]) -> World {
    let mut world = world();
    world.pool.mfa = MfaConfiguration::On;
    world.pool.mfa_methods = offered.to_vec();
    world
}

#[tokio::test]
async fn a_code_by_sms_is_followed_through_a_wrong_one() {
    let calls = [
        sign_in(AuthFlowType::UserSrp),
        answer("000000"),
        answer(SENT_CODE),
    ];
    assert_followed(with_factors(&[MfaMethod::SmsMfa]), &calls, 4).await;
}

#[tokio::test]
async fn a_code_by_email_is_followed() {
    let calls = [sign_in(AuthFlowType::UserPassword), answer(SENT_CODE)];
    let mut world = with_factors(&[MfaMethod::EmailOtp]);
    world.users[0].attributes.remove("phone_number");
    assert_followed(world, &calls, 2).await;
}

#[tokio::test]
async fn a_time_based_code_is_followed_through_a_wrong_one() {
    let calls = [
        sign_in(AuthFlowType::UserSrp),
        answer("000000"),
        answer(MADE_CODE),
    ];
    let mut world = with_factors(&[MfaMethod::SoftwareTokenMfa]);
    world.users[0].attributes.remove("phone_number");
    assert_followed(world, &calls, 4).await;
}

#[tokio::test]
async fn a_choice_among_second_factors_is_followed() {
    let calls = [
        sign_in(AuthFlowType::UserSrp),
        answer("SMS_MFA"),
        answer(SENT_CODE),
    ];
    let factors = [MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa];
    assert_followed(with_factors(&factors), &calls, 4).await;
}

#[tokio::test]
async fn the_set_up_of_time_based_codes_is_followed() {
    let calls = [sign_in(AuthFlowType::UserSrp), answer(MADE_CODE)];
    let world = without_factors(&[MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa]);
    assert_followed(world, &calls, 5).await;
}

#[tokio::test]
async fn the_set_up_of_codes_by_email_is_followed() {
    let calls = [
        sign_in(AuthFlowType::UserSrp),
        answer("EMAIL_OTP"),
        answer("ada@example.net"),
        answer(SENT_CODE),
    ];
    let world = without_factors(&[MfaMethod::SoftwareTokenMfa, MfaMethod::EmailOtp]);
    assert_followed(world, &calls, 4).await;
}

/// A world in which the first factor can be chosen.
fn with_choice() -> World {
    let mut world = world();
    world.pool.first_factors = vec![FirstFactor::Password, FirstFactor::EmailOtp];
    let flows = &mut world.clients[0].explicit_auth_flows;
    flows.push(ExplicitAuthFlow::AllowUserAuth);
    let verified = ("email_verified".to_owned(), "true".to_owned());
    world.users[0].attributes.extend([verified]);
    world
}

#[tokio::test]
async fn every_choice_of_a_first_factor_is_followed() {
    for (answers, exchanges) in [
        (["EMAIL_OTP", SENT_CODE], 3),
        (["PASSWORD_SRP", PASSWORD], 3),
        (["PASSWORD", PASSWORD], 2),
    ] {
        let calls = [
            sign_in(AuthFlowType::UserAuth),
            answer(answers[0]),
            answer(answers[1]),
        ];
        assert_followed(with_choice(), &calls, exchanges).await;
    }
}

#[tokio::test]
async fn every_preferred_first_factor_is_followed() {
    for (preferred, answers, exchanges) in [
        (ChallengeName::EmailOtp, vec![answer(SENT_CODE)], 2),
        (ChallengeName::PasswordSrp, vec![], 2),
        (ChallengeName::Password, vec![], 1),
    ] {
        let mut first = sign_in(AuthFlowType::UserAuth);
        if let Call::SignIn(call) = &mut first {
            call.preferred_challenge = Some(preferred);
        }
        let calls: Vec<Call> = std::iter::once(first).chain(answers).collect();
        assert_followed(with_choice(), &calls, exchanges).await;
    }
}

#[tokio::test]
async fn a_device_is_followed_from_its_first_sign_in_until_it_is_forgotten() {
    let mut world = world();
    world.pool.devices = Some(DeviceTracking {
        only_remembered_on_user_prompt: true,
        ..DeviceTracking::default()
    });
    let calls = [
        sign_in(AuthFlowType::UserSrp),
        Call::RememberDevice,
        sign_in(AuthFlowType::UserSrp),
        Call::ForgetDevice(ForgetDevice::default()),
    ];
    // InitiateAuth, its answer and ConfirmDevice; then the device's own two answers in place of the confirmation.
    assert_followed(world, &calls, 3 + 1 + 4 + 1).await;
}

#[tokio::test]
async fn refresh_and_sign_out_are_followed() {
    let calls = [
        sign_in(AuthFlowType::UserPassword),
        Call::FetchAuthSession(FetchAuthSession {
            force_refresh: true,
            ..FetchAuthSession::default()
        }),
        Call::SignOut(SignOut { global: true }),
    ];
    assert_followed(world(), &calls, 4).await;
}

#[tokio::test]
async fn what_comes_before_a_recording_is_made_up_and_reported() {
    let calls = [sign_in(AuthFlowType::UserSrp), answer(SENT_CODE)];
    let whole = assert_followed(with_factors(&[MfaMethod::SmsMfa]), &calls, 3).await;
    let mut rest = whole.clone();
    rest.events.drain(..4);
    let Origin::Recorded(header) = &mut rest.origin else {
        panic!("it is a recording")
    };
    header.incomparable.retain(|entry| entry.exchange == 2);
    for entry in &mut header.incomparable {
        entry.exchange = 0;
    }
    let reenactment = reenact(&rest).await.expect("it can be re-enacted");
    assert!(
        reenactment.is_faithful(),
        "{:?}, needless {:?}",
        reenactment.differences,
        reenactment.needless
    );
    let by = "a sign-in";
    assert_eq!(reenactment.led, [Led { exchange: 0, by }]);
    let complete = reenact(&whole).await.expect("it can be re-enacted");
    assert_eq!(complete.led, [], "nothing is missing from the whole");
}

#[tokio::test]
async fn what_the_pool_sealed_is_exchanged_and_reported() {
    let calls = [sign_in(AuthFlowType::CustomWithSrp), answer("one")];
    let transcript = assert_followed(world(), &calls, 3).await;
    let reenactment = reenact(&transcript).await.expect("it can be re-enacted");
    let exchanged: Vec<(usize, &str)> = reenactment
        .substituted
        .iter()
        .map(|substituted| (substituted.exchange, substituted.at.as_str()))
        .collect();
    assert_eq!(
        exchanged,
        [
            (1, "/Session"),
            (1, "/ChallengeResponses/PASSWORD_CLAIM_SECRET_BLOCK"),
            (1, "/ChallengeResponses/PASSWORD_CLAIM_SIGNATURE"),
            (2, "/Session"),
        ]
    );
}

#[tokio::test]
async fn a_client_that_drops_the_session_differs_from_the_recording() {
    let calls = [sign_in(AuthFlowType::CustomWithoutSrp), answer("one")];
    let transcript = assert_followed(world(), &calls, 2).await;
    let careless = Policy {
        outgoing: Some(|message| {
            if let Some(members) = message.body.as_object_mut() {
                members.remove("Session");
            }
        }),
        ..Policy::default()
    };
    let found = reenact_with(&transcript, &careless, &pool::Policy::default())
        .await
        .expect("it can be re-enacted");
    let at: Vec<(usize, Side, &str)> = found
        .differences
        .iter()
        .map(|difference| (difference.exchange, difference.side, difference.at.as_str()))
        .collect();
    assert_eq!(at, [(1, Side::Request, "/Session")]);
}
