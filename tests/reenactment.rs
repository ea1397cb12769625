//! Re-enactment follows every flow. Nobody published a recording of the custom flows or of a new password, so our own
//! client and pool make some; what they make is re-enacted from its text alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use cognito_conformance::client::{Client, Policy, Sources, settings_for};
use cognito_conformance::model::{
    AppClient, Clock, CustomScript, ExplicitAuthFlow, Round, Steering, Triggers, User, UserPool,
    UserStatus, World,
};
use cognito_conformance::pool::{self, Pool};
use cognito_conformance::subject::reenact::{reenact, reenact_with};
use cognito_conformance::wire::transcript::{Covers, Incomparable, Origin, Recording};
use cognito_conformance::wire::{
    AuthFlowType, Call, ConfirmSignIn, Event, HttpRequest, Inject, Reply, ResetPassword, Side,
    SignIn, Target, Transcript,
};

const NOW: i64 = 1_709_629_623;
const PASSWORD: &str = "Right-password-1";

fn world() -> World {
    let round = |question: &str, answer: &str| Round {
        public: BTreeMap::from([("question".to_owned(), question.to_owned())]),
        answer: answer.to_owned(),
        ..Round::default()
    };
    World {
        pool: UserPool::new("us-east-1_AbCdEf123"),
        clients: vec![AppClient {
            secret: Some("abcdefghijklmnopqrstuvwxyz0123456789".to_owned()),
            explicit_auth_flows: vec![
                ExplicitAuthFlow::AllowUserSrpAuth,
                ExplicitAuthFlow::AllowUserPasswordAuth,
                ExplicitAuthFlow::AllowCustomAuth,
            ],
            ..AppClient::new("1example23456789")
        }],
        users: vec![User {
            aliases: vec!["ada@example.com".to_owned()],
            password: Some(PASSWORD.to_owned()),
            attributes: BTreeMap::from([("email".to_owned(), "ada@example.com".to_owned())]),
            ..User::new(
                "7f0c2a52-9d0b-4c57-8a53-0d6a1b5f7c11",
                "6b9f0c4e-2d1a-4a57-9a53-0d6a1b5f7c11",
            )
        }],
        triggers: Triggers {
            custom: Some(CustomScript {
                rounds: vec![round("first?", "one"), round("second?", "two")],
                ..CustomScript::default()
            }),
            ..Triggers::default()
        },
        clock: Clock::Fixed(NOW),
        steering: Steering::default(),
        seed: 7,
    }
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
        ("attribute.email", "ada@example.com"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&events);
    let mut pool = Pool::new(world, pool::Policy::default()).expect("a right world");
    let transport = move |request: HttpRequest| {
        let response = pool.handle(&request);
        let mut log = log.lock().expect("not poisoned");
        log.push(Event::Requested { request });
        log.push(Event::Responded {
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
        reply = client.call(call).await;
    }
    let mut transcript = Transcript::new(
        "made",
        Origin::Recorded(Box::new(Recording {
            known: BTreeMap::from(known),
            ..Recording::default()
        })),
    );
    transcript.events = std::mem::take(&mut *events.lock().expect("not poisoned"));
    (transcript, reply)
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
            "/AuthParameters/SRP_A" | "/ChallengeResponses/PASSWORD_CLAIM_SIGNATURE"
        ),
        Side::Response => {
            matches!(
                at.as_str(),
                "/Session"
                    | "/ChallengeParameters/SRP_B"
                    | "/ChallengeParameters/SECRET_BLOCK"
                    | "header:x-amzn-RequestId"
            ) || ["/jti", "/origin_jti", "/event_id", "/rest"]
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
    assert_followed(world(), &[reset], 1).await;
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
