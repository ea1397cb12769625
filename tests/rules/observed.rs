//! Sign-ins that a local pool only sees: how they are put together, that no right client is accused, and that wrong ones are.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;

use cognito_conformance::mistakes::{self, Mistake, Policies};
use cognito_conformance::model::{Clock, MfaConfiguration, MfaMethod, UserStatus, World};
use cognito_conformance::pool::{Knowledge, Observed, SignInKnowledge, TokenSigning};
use cognito_conformance::record::{Origin, Transcript};
use cognito_conformance::rules::{Party, UNEXPLAINED, Verdict, judge};
use cognito_conformance::run::play::{Played, Theatre};
use cognito_conformance::run::watch::{Watch, WatchSummary, keepable};
use cognito_conformance::scenario::{Names, Scenario};
use cognito_conformance::subject::{Assembler, ObservedSignIn, Seen, Unassigned};
use cognito_conformance::suite::scenarios::{Generator, scripted};
use cognito_conformance::wire::event::Event;
use cognito_conformance::wire::{AuthFlowType, HttpRequest, HttpResponse, NextStep, Operation};
use serde_json::{Value, json};

use crate::support::{stage, world};

const POOL: &str = "eu-west-1_Seen0001";
const CLIENT: &str = "webclient";
const NOON: i64 = 1_709_640_423;

/// One exchange with a pool that knows one user, as an observer is told of it.
struct Exchange {
    operation: Operation,
    request: Value,
    response: (u16, Value),
    at: i64,
}

impl Exchange {
    fn seen(&self) -> Seen {
        let target = format!(
            "AWSCognitoIdentityProviderService.{}",
            self.operation.as_str()
        );
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: vec![
                (
                    "Content-Type".to_owned(),
                    "application/x-amz-json-1.1".to_owned(),
                ),
                ("X-Amz-Target".to_owned(), target),
            ],
            body: self.request.to_string().into(),
        };
        let (status, body) = &self.response;
        let knowledge = Knowledge {
            at: self.at,
            sign_in: (self.operation == Operation::InitiateAuth).then(|| SignInKnowledge {
                client_secret: None,
                session_seconds: 180,
                password: Some("Passw0rd!-is-long".to_owned()),
            }),
        };
        Seen::of(&Observed {
            user_pool_id: Some(POOL),
            operation: Some(&self.operation),
            request: &request,
            events: &[],
            response: &HttpResponse::new(*status, Vec::new(), body.to_string()),
            knowledge: Some(&knowledge),
            took: Duration::ZERO,
        })
        .expect("it is about a sign-in")
    }
}

fn starts(user: &str, session: &str, at: i64) -> Seen {
    Exchange {
        operation: Operation::InitiateAuth,
        request: json!({
            "AuthFlow": "CUSTOM_AUTH", "ClientId": CLIENT, "AuthParameters": { "USERNAME": user },
        }),
        response: (
            200,
            json!({
                "ChallengeName": "CUSTOM_CHALLENGE", "Session": session,
                "ChallengeParameters": { "USERNAME": user },
            }),
        ),
        at,
    }
    .seen()
}

fn answers(user: &str, session: Option<&str>, answer: &str, response: (u16, Value)) -> Seen {
    let mut request = json!({
        "ClientId": CLIENT, "ChallengeName": "CUSTOM_CHALLENGE",
        "ChallengeResponses": { "USERNAME": user, "ANSWER": answer },
    });
    if let Some(session) = session {
        request["Session"] = json!(session);
    }
    Exchange {
        operation: Operation::RespondToAuthChallenge,
        request,
        response,
        at: NOON,
    }
    .seen()
}

fn tokens() -> (u16, Value) {
    (
        200,
        json!({ "AuthenticationResult": { "AccessToken": "a" } }),
    )
}

fn again(session: &str) -> (u16, Value) {
    let challenge = json!({
        "ChallengeName": "CUSTOM_CHALLENGE", "Session": session, "ChallengeParameters": {},
    });
    (200, challenge)
}

fn error(kind: &str) -> (u16, Value) {
    (400, json!({ "__type": kind, "message": "No." }))
}

fn exchanges(sign_in: &ObservedSignIn) -> usize {
    let events = sign_in.transcript.events.iter();
    events
        .filter(|event| matches!(event, Event::Requested { .. }))
        .count()
}

#[test]
fn sign_ins_of_several_people_at_once_are_kept_apart() {
    let mut assembler = Assembler::default();
    assert!(assembler.take(starts("ada", "session-a1", NOON)).is_empty());
    assert!(
        assembler
            .take(starts("grace", "session-g1", NOON))
            .is_empty()
    );
    let next = answers("ada", Some("session-a1"), "x", again("session-a2"));
    assert!(assembler.take(next).is_empty(), "ada goes on");
    let over = assembler.take(answers("grace", Some("session-g1"), "x", tokens()));
    assert_eq!(over.len(), 1, "grace has tokens");
    assert_eq!(over[0].user, "grace", "who");
    assert!(over[0].is_over, "tokens end it");
    assert_eq!(exchanges(&over[0]), 2, "grace's exchanges");
    let over = assembler.take(answers("ada", Some("session-a2"), "x", tokens()));
    assert_eq!(over[0].user, "ada", "who");
    assert_eq!(exchanges(&over[0]), 3, "ada's exchanges");
    assert!(assembler.unassigned().is_empty(), "{assembler:?}");
    assert!(assembler.finish().is_empty(), "nothing is open");
}

#[test]
fn a_mistyped_code_does_not_end_a_sign_in_and_a_refusal_does() {
    let mut assembler = Assembler::default();
    assembler.take(starts("ada", "session-1", NOON));
    let mistyped = answers(
        "ada",
        Some("session-1"),
        "x",
        error("CodeMismatchException"),
    );
    let so_far = assembler.take(mistyped);
    assert_eq!(so_far.len(), 1, "an error is judged at once");
    assert!(!so_far[0].is_over, "the person may try again");
    let refused = answers(
        "ada",
        Some("session-1"),
        "y",
        error("NotAuthorizedException"),
    );
    let over = assembler.take(refused);
    assert!(over[0].is_over, "a refusal ends it");
    assert_eq!(over[0].transcript.id, so_far[0].transcript.id, "the same");
    assert_eq!(exchanges(&over[0]), 3, "its exchanges");
}

#[test]
fn a_sign_in_that_is_left_ends_when_its_session_has_expired() {
    let mut assembler = Assembler::default();
    assembler.take(starts("ada", "session-1", NOON));
    let within = assembler.take(starts("grace", "session-2", NOON + 180));
    assert!(within.is_empty(), "the Session is still good");
    let over = assembler.take(starts("alan", "session-3", NOON + 181));
    assert_eq!(over.len(), 1, "one is over");
    assert_eq!(over[0].user, "ada", "who");
    let late = assembler.take(answers(
        "ada",
        Some("session-1"),
        "x",
        error("NotAuthorizedException"),
    ));
    assert!(late.is_empty(), "it belongs to nothing any more");
    assert_eq!(
        assembler.unassigned()[&Unassigned::Over],
        1,
        "and is counted"
    );
    assert_eq!(assembler.finish().len(), 2, "what is open at the end");
}

#[test]
fn what_cannot_be_assigned_is_counted_with_its_reason() {
    let mut assembler = Assembler::default();
    assembler.take(starts("ada", "session-1", NOON));
    let refused = || error("NotAuthorizedException");
    assembler.take(answers("ada", Some("before a restart"), "x", refused()));
    assembler.take(answers(
        "grace",
        None,
        "x",
        error("InvalidParameterException"),
    ));
    assembler.take(answers("ada", Some("session-1"), "x", again("session-2")));
    assembler.take(answers("ada", Some("session-1"), "x", refused()));
    let administrators = Exchange {
        operation: Operation::AdminInitiateAuth,
        request: json!({ "UserPoolId": POOL, "ClientId": CLIENT }),
        response: tokens(),
        at: NOON,
    };
    assembler.take(administrators.seen());
    let refreshes = Exchange {
        operation: Operation::InitiateAuth,
        request: json!({ "AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": CLIENT }),
        response: tokens(),
        at: NOON,
    };
    assembler.take(refreshes.seen());
    let expected = BTreeMap::from([
        (Unassigned::Unknown, 1),
        (Unassigned::Nothing, 1),
        (Unassigned::Repeated, 1),
        (Unassigned::Administrators, 1),
    ]);
    assert_eq!(*assembler.unassigned(), expected, "the reasons");
    let open = assembler.finish();
    assert_eq!(open.len(), 1, "one sign-in was begun");
    assert_eq!(exchanges(&open[0]), 2, "nothing foreign is in it");
}

#[test]
fn the_oldest_of_too_many_open_sign_ins_is_judged() {
    let mut assembler = Assembler::default();
    for number in 0..256 {
        let given = assembler.take(starts("ada", &format!("session-{number}"), NOON));
        assert!(given.is_empty(), "{number} are not too many");
    }
    let given = assembler.take(starts("ada", "session-256", NOON));
    assert_eq!(given.len(), 1, "one is given up");
    assert_eq!(given[0].transcript.id, "observed/1", "the oldest");
}

#[test]
fn a_sign_in_that_is_kept_holds_no_password_and_is_read_again() {
    let mut assembler = Assembler::default();
    let exchange = Exchange {
        operation: Operation::InitiateAuth,
        request: json!({
            "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": CLIENT,
            "AuthParameters": { "USERNAME": "ada", "PASSWORD": "mistyped-one" },
            "ClientMetadata": { "debug": "Passw0rd!-is-long" },
        }),
        response: error("NotAuthorizedException"),
        at: NOON,
    };
    let over = assembler.take(exchange.seen());
    let kept = keepable(&over[0]).expect("the passwords are long enough");
    let text = serde_json::to_string(&kept).unwrap();
    for password in ["Passw0rd!-is-long", "mistyped-one"] {
        assert!(!text.contains(password), "{text}");
    }
    assert!(text.contains(r#""kind":"observed""#), "{text}");
    let read: Transcript = serde_json::from_str(&text).expect("it is a transcript");
    assert_eq!(read.origin, without_password(&kept.origin), "the header");
    let judgement = judge(&read, &[Party::Port]).expect("its header is readable");
    assert!(!judgement.verdicts.is_empty(), "it can be judged again");
}

fn without_password(origin: &Origin) -> Origin {
    let mut origin = origin.clone();
    if let Origin::Observed(observation) = &mut origin {
        observation.password = None;
    }
    origin
}

/// The scenarios that a local pool could see: nothing altered on its way, nobody who attacks, and no long search.
fn scenarios() -> Vec<Scenario> {
    let mut scenarios = scripted().unwrap();
    let generator = Generator::new(1);
    scenarios.extend((0..60).map(|number| generator.scenario(number)));
    scenarios.retain(|scenario| {
        scenario.fault.is_none()
            && scenario.attack.is_none()
            && scenario.steering.expected_tries() < 100.0
    });
    assert!(scenarios.len() > 100, "only {}", scenarios.len());
    scenarios
}

struct Player {
    runtime: tokio::runtime::Runtime,
    theatre: Theatre,
}

impl Player {
    fn new() -> Self {
        let mut theatre = Theatre::in_process();
        theatre.set_token_signing(TokenSigning::Lazy);
        Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            theatre,
        }
    }

    fn play(&mut self, scenario: &Scenario, mistake: Option<&Mistake>) -> Option<Transcript> {
        let policies = mistake.map(Policies::of).unwrap_or_default();
        self.theatre.set_policies(policies);
        match self.runtime.block_on(self.theatre.play(scenario)).unwrap() {
            Played::Transcript(transcript) => Some(*transcript),
            Played::NotApplicable(_) => None,
        }
    }
}

/// What a pool tells of a transcript whose calls and replies it does not see.
fn observed(transcript: &Transcript, scenario: &Scenario) -> Vec<Seen> {
    let names = Names::of(scenario);
    let world = scenario.world(Clock::Fixed(scenario.instant()));
    let password = |name: &str| {
        let mut users = world.users.iter();
        users
            .find(|user| user.username == name || user.aliases.iter().any(|alias| alias == name))
            .and_then(|user| user.password.clone())
    };
    let mut seen = Vec::new();
    let mut request: Option<HttpRequest> = None;
    let mut events = Vec::new();
    for event in &transcript.events {
        match event {
            Event::Requested { request: asked } => request = Some(asked.clone()),
            Event::Responded { response } => {
                let request = request.take().expect("a response follows a request");
                let operation = request
                    .header("x-amz-target")
                    .and_then(Operation::from_target);
                let body: Value =
                    serde_json::from_slice(request.body.as_bytes()).unwrap_or_default();
                let is_ours = body["ClientId"] == *names.client_id;
                let starts = operation == Some(Operation::InitiateAuth) && is_ours;
                let knowledge = Knowledge {
                    at: scenario.instant(),
                    sign_in: starts.then(|| SignInKnowledge {
                        client_secret: world.clients[0].secret.clone(),
                        session_seconds: 180,
                        password: body["AuthParameters"]["USERNAME"]
                            .as_str()
                            .and_then(password),
                    }),
                };
                seen.extend(Seen::of(&Observed {
                    user_pool_id: is_ours.then_some(&names.pool_id),
                    operation: operation.as_ref(),
                    request: &request,
                    events: &events,
                    response,
                    knowledge: is_ours.then_some(&knowledge),
                    took: Duration::ZERO,
                }));
                events.clear();
            }
            Event::Triggered(_) | Event::Noted(_) => events.push(event.clone()),
            Event::Called { .. } | Event::Replied { .. } | Event::Dropped | Event::Stray { .. } => {
            }
        }
    }
    seen
}

/// Rules that broke, each with what explains it.
type Broken = Vec<(&'static str, BTreeSet<String>)>;

fn watched(seen: Vec<Seen>) -> (Broken, WatchSummary) {
    let mut broken = Broken::new();
    let mut sink = |sighting: &cognito_conformance::run::watch::Sighting<'_>| {
        let finding = &sighting.finding;
        let causes = finding.explained_by.iter().chain(&finding.or_by).cloned();
        broken.push((sighting.rule.id, causes.collect()));
        Ok::<(), Infallible>(())
    };
    let mut watch = Watch::default();
    for seen in seen {
        watch.take(seen, &mut sink).unwrap();
    }
    let summary = watch.finish(&mut sink).unwrap();
    (broken, summary)
}

#[test]
fn no_right_client_is_accused() {
    let mut player = Player::new();
    let (mut sign_ins, mut proofs, mut unknown) = (0, 0, 0);
    for scenario in scenarios() {
        let Some(transcript) = player.play(&scenario, None) else {
            continue;
        };
        let seen = observed(&transcript, &scenario);
        let (broken, summary) = watched(seen.clone());
        assert_eq!(broken, [], "{scenario}");
        assert!(summary.unassigned.is_empty(), "{scenario}: {summary:?}");
        sign_ins += summary.sign_ins;
        proofs += usize::from(summary.held.contains(&"srp.claim"));
        let mut assembler = Assembler::default();
        let mut parts: Vec<_> = seen
            .into_iter()
            .flat_map(|seen| assembler.take(seen))
            .collect();
        parts.extend(assembler.finish());
        unknown += parts.iter().filter(|part| is_silent_on_proof(part)).count();
    }
    assert!(sign_ins > 80, "only {sign_ins} sign-ins were seen");
    assert!(proofs > 30, "only {proofs} proofs were judged");
    assert!(unknown > 0, "nobody typed a wrong password");
}

/// What a pool tells of everything that passed it.
fn passed(theatre: &stage::Theatre, world: &World) -> Vec<Seen> {
    let passed = std::mem::take(&mut theatre.watched.lock().unwrap().passed);
    let tell = |(request, response): (HttpRequest, HttpResponse)| {
        let operation = request
            .header("x-amz-target")
            .and_then(Operation::from_target);
        let starts = operation == Some(Operation::InitiateAuth);
        let knowledge = Knowledge {
            at: world::NOW,
            sign_in: starts.then(|| SignInKnowledge {
                client_secret: world.clients[0].secret.clone(),
                session_seconds: 180,
                password: Some(world::PASSWORD.to_owned()),
            }),
        };
        Seen::of(&Observed {
            user_pool_id: Some(world::POOL_ID),
            operation: operation.as_ref(),
            request: &request,
            events: &[],
            response: &response,
            knowledge: Some(&knowledge),
            took: Duration::ZERO,
        })
    };
    passed.into_iter().filter_map(tell).collect()
}

#[tokio::test]
async fn no_right_client_is_accused_for_second_factors_choices_or_devices() {
    let mut worlds = vec![world::whole_world(), stage::tracking()];
    for method in MfaMethod::ALL {
        let mut world = stage::tracking();
        world.pool.mfa = MfaConfiguration::Optional;
        world.pool.mfa_methods = MfaMethod::ALL.to_vec();
        world.users[0].mfa.enabled = vec![method];
        world.users[0].mfa.totp_secret = Some(world::TOTP_SECRET.to_owned());
        worlds.push(world);
    }
    let mut temporary = world::whole_world();
    temporary.users[0].status = UserStatus::ForceChangePassword;
    worlds.push(temporary);
    for world in worlds.clone().into_iter().chain(
        worlds
            .into_iter()
            .map(|world| world.with_secret(world::SECRET)),
    ) {
        let is_temporary = world.users[0].status == UserStatus::ForceChangePassword;
        for way in stage::WAYS {
            // With a temporary password nobody signs in by a code.
            if is_temporary && !matches!(way, stage::Way::Flow(_)) {
                continue;
            }
            let mut theatre = stage::Theatre::open(&world, stage::Carriage::InProcess).await;
            for number in 0..2 {
                let request = stage::sign_in(way, stage::EMAIL);
                // Not every way is open to everybody; what is sent has to be right all the same.
                let _ = theatre.play(request).await;
                // A second sign-in at the same moment would use the same time-based code.
                theatre.wait(30);
                let (broken, summary) = watched(passed(&theatre, &world));
                assert_eq!(broken, [], "{way:?}, sign-in {number}");
                assert!(summary.unassigned.is_empty(), "{way:?}: {summary:?}");
                assert_eq!(summary.sign_ins, 1, "{way:?}, sign-in {number}");
            }
        }
    }
}

#[tokio::test]
async fn the_set_up_of_time_based_codes_is_part_of_a_sign_in() {
    let mut world = world::whole_world();
    world.pool.mfa = MfaConfiguration::On;
    world.pool.mfa_methods = vec![MfaMethod::SoftwareTokenMfa];
    let mut theatre = stage::Theatre::open(&world, stage::Carriage::InProcess).await;
    let way = stage::Way::Flow(AuthFlowType::UserSrp);
    let request = stage::sign_in(way, stage::EMAIL);
    let step = theatre.client.sign_in(request).await.unwrap();
    let NextStep::ContinueSignInWithTotpSetup { shared_secret, .. } = step else {
        panic!("a set-up is asked for: {step:?}");
    };
    let secret = data_encoding::BASE32_NOPAD
        .decode(shared_secret.as_bytes())
        .unwrap();
    let code = stage::totp(&secret, world::NOW);
    let answer = stage::answer(&code);
    let step = theatre.client.confirm_sign_in(answer).await;
    assert_eq!(step, Ok(NextStep::Done), "the set-up is done");
    let mut assembler = Assembler::default();
    let mut over = Vec::new();
    for seen in passed(&theatre, &world) {
        over.extend(assembler.take(seen));
    }
    assert_eq!(over.len(), 1, "one sign-in");
    assert_eq!(exchanges(&over[0]), 5, "the set-up's requests are in it");
    let judgement = judge(&over[0].transcript, &[Party::Port]).unwrap();
    let broken: Vec<_> = judgement.failures().map(|(rule, _)| rule.id).collect();
    assert_eq!(broken, [""; 0], "nothing is broken");
}

/// Whether a proof was made and nothing could be said of it.
fn is_silent_on_proof(sign_in: &ObservedSignIn) -> bool {
    let judgement = judge(&sign_in.transcript, &[Party::Port]).unwrap();
    judgement.verdicts.iter().any(|(rule, verdict)| {
        rule.id == "srp.claim" && *verdict == Verdict::NotApplicable(UNEXPLAINED)
    })
}

/// Mistakes that show in what is sent, each with the rule that has to find it.
const SHOWN: &[(&str, &str)] = &[
    ("arithmetic.hkdf-arguments-swapped", "srp.claim"),
    ("arithmetic.hkdf-without-info", "srp.claim"),
    ("arithmetic.key-of-32-octets", "srp.claim"),
    ("arithmetic.odd-hex-loses-a-nibble", "srp.claim"),
    ("arithmetic.u-over-padded-public-values", "srp.claim"),
    ("arithmetic.u-swapped", "srp.claim"),
    (
        "custom.answer-under-another-challenge",
        "flow.answers-pending",
    ),
    ("custom.answer-under-another-key", "custom.answer-verbatim"),
    (
        "custom.challenge-name-missing",
        "flow.custom-srp-parameters",
    ),
    ("flow.password-flow-of-administrators", "flow.first-request"),
    ("flow.password-left-out", "flow.password-parameters"),
    ("identity.secret-block-as-text", "srp.claim"),
    ("identity.secret-block-written-anew", "srp.secret-block"),
    ("identity.srp-a-with-prefix", "srp.a-in-range"),
    ("identity.whole-pool-id-in-the-claim", "srp.claim"),
    ("new-password.attributes-as-one-value", "new-password.shape"),
    ("new-password.under-another-key", "new-password.shape"),
    (
        "secret-hash.missing-on-password-verifier",
        "secret-hash.right",
    ),
    (
        "secret-hash.the-secret-itself",
        "secret-hash.not-the-secret",
    ),
    ("secret-hash.typed-name-in-answers", "secret-hash.right"),
    (
        "secret-hash.without-a-secret",
        "secret-hash.only-with-secret",
    ),
    ("security.a-of-16-bits", "srp.a-not-small"),
    ("security.password-in-metadata", "secrecy.wire"),
    ("session.first-one-for-ever", "session.echo"),
    ("session.invented", "session.echo"),
    ("session.lost", "session.echo"),
    ("timestamp.german-names", "timestamp.format"),
    ("timestamp.local-time-called-utc", "timestamp.now"),
    ("timestamp.padded-day", "timestamp.format"),
    ("username.missing", "name.typed-first"),
    ("username.typed-alias-in-the-claim", "srp.claim"),
    ("username.typed-name-in-answers", "name.returned-in-answers"),
    ("wire.plain-json", "wire.request-form"),
    ("wire.signed", "wire.request-form"),
];

#[test]
fn mistakes_that_show_in_what_is_sent_are_found_and_named_as_where_they_are_played() {
    let mut player = Player::new();
    let scenarios = cheap_scenarios();
    for (id, rule) in SHOWN {
        let mistake = mistakes::find(id).expect(id);
        let found = scenarios.iter().any(|scenario| {
            let Some(transcript) = player.play(scenario, Some(mistake)) else {
                return false;
            };
            let (broken, _) = watched(observed(&transcript, scenario));
            let Some((_, causes)) = broken.iter().find(|(broken, _)| broken == rule) else {
                return false;
            };
            let played = judge(&transcript, &[Party::Port]).unwrap();
            let mut failures = played.failures();
            let named = failures
                .find(|(broken, _)| broken.id == *rule)
                .and_then(|(_, finding)| finding.explained_by.clone());
            if named.is_some() {
                assert!(causes.contains(*id), "{id} in {scenario}: {causes:?}");
            }
            true
        });
        assert!(found, "{id} is not found by {rule}");
    }
}

#[test]
fn mistakes_in_x_and_k_are_no_accusation_and_are_counted() {
    let mut player = Player::new();
    let scenario = cheap_scenarios()
        .into_iter()
        .find(|scenario| scenario.id == "scripted/flow-userSRP")
        .expect("a plain sign-in is among them");
    for id in [
        "identity.whole-pool-id",
        "arithmetic.k-is-3",
        "arithmetic.x-over-salt-text",
    ] {
        let mistake = mistakes::find(id).expect(id);
        let transcript = player.play(&scenario, Some(mistake)).expect("it is played");
        let played = judge(&transcript, &[Party::Port]).unwrap();
        assert!(
            played.breaks("srp.claim"),
            "{id}: a is known where it is played"
        );
        let (broken, summary) = watched(observed(&transcript, &scenario));
        assert_eq!(broken, [], "{id}: the pool alone can't tell");
        assert_eq!(summary.unexplained, 1, "{id}: it is counted");
        assert!(
            summary.proves_nothing(),
            "{id}: nobody says that it conforms"
        );
    }
}

#[test]
fn an_a_that_is_sent_again_after_a_proof_is_found() {
    let sends = |session: &str| {
        let a = "7".repeat(768);
        let asked = Exchange {
            operation: Operation::InitiateAuth,
            request: json!({
                "AuthFlow": "USER_SRP_AUTH", "ClientId": CLIENT,
                "AuthParameters": { "USERNAME": "ada", "SRP_A": a },
            }),
            response: (
                200,
                json!({
                    "ChallengeName": "PASSWORD_VERIFIER",
                    "ChallengeParameters": { "USERNAME": "ada", "SECRET_BLOCK": session },
                }),
            ),
            at: NOON,
        };
        let proved = Exchange {
            operation: Operation::RespondToAuthChallenge,
            request: json!({
                "ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER",
                "ChallengeResponses": {
                    // cognito-srp-helper sends it again with the proof.
                    "USERNAME": "ada", "SRP_A": a, "PASSWORD_CLAIM_SECRET_BLOCK": session,
                    "PASSWORD_CLAIM_SIGNATURE": "x", "TIMESTAMP": "Tue Mar 5 12:07:03 UTC 2024",
                },
            }),
            response: error("NotAuthorizedException"),
            at: NOON,
        };
        [asked.seen(), proved.seen()]
    };
    let (broken, _) = watched(sends("block-1").to_vec());
    assert_eq!(broken, [], "the first is fresh");
    let (broken, _) = watched([sends("block-1"), sends("block-2")].concat());
    let rules: Vec<_> = broken.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(rules, ["srp.a-not-small"], "the second is not");
}

/// Those for which no value has to be looked for, so that many mistakes can be played through them.
fn cheap_scenarios() -> Vec<Scenario> {
    let mut scenarios = scenarios();
    scenarios.retain(|scenario| scenario.steering.expected_tries() < 20.0);
    scenarios
}
