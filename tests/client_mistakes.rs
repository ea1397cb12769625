//! Every known mistake of a port changes what is sent or returned in at least one situation.
#![allow(
    clippy::unwrap_used,
    reason = "what helpers of tests can't unwrap is a failed test"
)]

mod client_script;

use std::collections::BTreeSet;

use client_script::*;
use cognito_conformance::client::{Client, Policy, Sources, TransportError, reply, settings_for};
use cognito_conformance::mistakes::{self, Edit, Mistake};
use cognito_conformance::pool::{self, TokenSigning};
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::srp::to_hex;
use cognito_conformance::suite::scenarios::scripted;
use cognito_conformance::wire::call::{Configuration, ConfigurationFormat};
use cognito_conformance::wire::{
    AuthFlowType, Call, ConfirmSignIn, Event, HttpRequest, HttpResponse, Inject, Reply,
    ResetPassword, SignIn, Target,
};
use serde_json::{Value, json};

type Answer = Result<HttpResponse, TransportError>;

/// What an application does, and what it is answered.
struct Situation {
    name: &'static str,
    target: Target,
    clock: i64,
    answers: Vec<Answer>,
    calls: Vec<Call>,
}

impl Situation {
    fn play(&self, edit: Option<&Edit>) -> (Vec<HttpRequest>, Vec<Reply>) {
        let mut policy = Policy::default();
        if let Some(Edit::Client(edit)) = edit {
            edit(&mut policy);
        }
        let script = self
            .answers
            .iter()
            .fold(Script::default(), |script, answer| {
                script.then(answer.clone())
            });
        let client = settings_for(&self.target, &policy).and_then(|settings| {
            let sources = Sources::fixed(self.clock, 7);
            Client::new(settings, script.clone(), sources, policy)
        });
        let replies = match client {
            Ok(mut client) => run(async {
                let mut replies = Vec::new();
                for call in &self.calls {
                    replies.push(client.call(call).await);
                }
                replies
            }),
            Err(error) => vec![reply::step(Err(error))],
        };
        let replies = match edit {
            Some(Edit::Reply(edit)) => replies.into_iter().map(edit).collect(),
            _ => replies,
        };
        (script.requests(), replies)
    }
}

fn target(secret: bool) -> Target {
    Target {
        endpoint: "http://127.0.0.1:1/".to_owned(),
        region: "us-east-1".to_owned(),
        user_pool_id: POOL.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: secret.then(|| SECRET.to_owned()),
        configuration: None,
    }
}

fn start(flow: Option<AuthFlowType>) -> Call {
    let request = sign_in(flow.unwrap_or_default());
    Call::SignIn(SignIn {
        target: target(false),
        username: request.username,
        password: request.password,
        auth_flow_type: flow,
        preferred_challenge: None,
        metadata: request.metadata,
        // A short one: nothing here is about its length, and most of the time would go into it.
        inject: Inject {
            a: vec!["fedcba98765".to_owned()],
            clock: None,
            device_password: None,
        },
    })
}

fn confirm(answer: &str) -> Call {
    Call::ConfirmSignIn(ConfirmSignIn {
        challenge_response: answer.to_owned(),
        metadata: [("from".to_owned(), "confirmSignIn".to_owned())].into(),
        user_attributes: [("name".to_owned(), "Alice".to_owned())].into(),
    })
}

fn situation(
    name: &'static str,
    flow: AuthFlowType,
    answers: impl IntoIterator<Item = HttpResponse>,
    calls: &[Call],
) -> Situation {
    Situation {
        name,
        target: target(false),
        clock: NOW,
        answers: answers.into_iter().map(Ok).collect(),
        calls: [&[start(Some(flow))], calls].concat(),
    }
}

fn configured(
    name: &'static str,
    pool: Value,
    flow: Value,
    run_time: Option<AuthFlowType>,
) -> Situation {
    let mut default =
        json!({"PoolId": "us-east-1_OfTheFile", "AppClientId": "ofTheFile", "Region": "us-east-1"});
    for (member, value) in pool.as_object().unwrap() {
        default[member] = value.clone();
    }
    let text = json!({"auth": {"plugins": {"awsCognitoAuthPlugin": {
        "CognitoUserPool": {"Default": default}, "Auth": {"Default": flow}}}}})
    .to_string();
    Situation {
        name,
        target: Target {
            configuration: Some(Configuration {
                format: ConfigurationFormat::Gen1,
                text,
            }),
            ..target(false)
        },
        clock: NOW,
        answers: vec![Ok(tokens())],
        calls: vec![start(run_time)],
    }
}

fn situations() -> Vec<Situation> {
    use AuthFlowType::{CustomWithSrp, CustomWithoutSrp, UserPassword, UserSrp};
    let mut all = vec![
        situation(
            "userSRP, a temporary password",
            UserSrp,
            [
                verifier_challenge(None),
                new_password("session-1"),
                tokens(),
            ],
            &[confirm("New-Passw0rd!")],
        ),
        situation(
            "customWithSRP, two rounds",
            CustomWithSrp,
            [
                verifier_challenge(Some("session-1")),
                custom("session-2"),
                custom("session-3"),
                tokens(),
            ],
            &[confirm(" Forty-two "), confirm("42")],
        ),
        situation(
            "customWithSRP, no round",
            CustomWithSrp,
            [verifier_challenge(Some("session-1")), tokens()],
            &[],
        ),
        situation(
            "customWithoutSRP",
            CustomWithoutSrp,
            [custom("session-1"), tokens()],
            &[confirm("42")],
        ),
        situation("userPassword", UserPassword, [tokens()], &[]),
        situation(
            "an unknown challenge",
            UserPassword,
            [ok(
                json!({"ChallengeName": "FUTURE", "Session": "s", "ChallengeParameters": {}}),
            )],
            &[],
        ),
        situation(
            "incomplete tokens",
            UserPassword,
            [ok(
                json!({"AuthenticationResult": {"AccessToken": "access"}}),
            )],
            &[],
        ),
        Situation {
            clock: NOW - 21 * 3600,
            ..situation(
                "after midnight",
                UserSrp,
                [verifier_challenge(None), tokens()],
                &[],
            )
        },
        Situation {
            target: Target {
                user_pool_id: "us-east-1".to_owned(),
                ..target(false)
            },
            ..situation(
                "a pool id without underscore",
                UserPassword,
                [tokens()],
                &[],
            )
        },
        Situation {
            calls: vec![match start(Some(UserPassword)) {
                Call::SignIn(call) => Call::SignIn(SignIn {
                    username: String::new(),
                    ..call
                }),
                other => other,
            }],
            ..situation("no name", UserPassword, [tokens()], &[])
        },
        Situation {
            calls: vec![match start(Some(UserSrp)) {
                Call::SignIn(call) => Call::SignIn(SignIn {
                    password: None,
                    ..call
                }),
                other => other,
            }],
            ..situation(
                "no password",
                UserSrp,
                [verifier_challenge(None), tokens()],
                &[],
            )
        },
        Situation {
            answers: vec![Err(TransportError::Dropped)],
            ..situation("a lost connection", UserPassword, [], &[])
        },
        Situation {
            target: target(true),
            calls: vec![Call::ResetPassword(ResetPassword {
                target: target(true),
                username: TYPED.to_owned(),
                metadata: Default::default(),
            })],
            ..situation("a reset, with secret", UserPassword, [], &[])
        },
        configured("a file without flow", json!({}), json!({}), None),
        configured(
            "a file with migration",
            json!({"MigrationEnabled": true}),
            json!({}),
            None,
        ),
        configured(
            "a file with migration, and an option",
            json!({"MigrationEnabled": true}),
            json!({}),
            Some(CustomWithoutSrp),
        ),
    ];
    for flow in [
        "USER_PASSWORD_AUTH",
        "CUSTOM_AUTH_WITHOUT_SRP",
        "CUSTOM_AUTH",
        "USER_SRP",
    ] {
        let flow = json!({"authenticationFlowType": flow});
        all.push(configured("a file with a flow", json!({}), flow, None));
    }
    for response in errors() {
        let answers = vec![response; 25];
        all.push(situation("an error", UserPassword, answers, &[]));
    }
    let n = to_hex(&modulus());
    for (parameter, value) in [
        ("SRP_B", "0"),
        ("SRP_B", &n),
        ("SALT", "-16e462a84f2df159eee0c14642974ee7"),
        ("SALT", "not-a-number"),
        ("SALT", "eb25379d1a8581eb5a727673a2441ee"),
        ("SECRET_BLOCK", "%%%"),
    ] {
        let challenge = altered_challenge(parameter, Some(value));
        all.push(situation(
            "a strange challenge",
            UserSrp,
            [challenge, tokens()],
            &[],
        ));
    }
    for index in 0..2 {
        let with_secret = Situation {
            name: "with a secret",
            target: target(true),
            clock: NOW,
            answers: all[index].answers.clone(),
            calls: all[index].calls.clone(),
        };
        all.push(with_secret);
    }
    all
}

fn errors() -> Vec<HttpResponse> {
    let kind = "TooManyRequestsException";
    let header = vec![("x-amzn-ErrorType".to_owned(), format!("{kind}:"))];
    let body = |kind: &str, member: &str| json!({"__type": kind, member: "Slow down"}).to_string();
    vec![
        failure("NotAuthorizedException", "Password attempts exceeded"),
        failure("UserNotConfirmedException", "User is not confirmed."),
        failure("PasswordResetRequiredException", "Password reset required"),
        HttpResponse::new(400, header, ""),
        HttpResponse::new(400, Vec::new(), body(kind, "message")),
        HttpResponse::new(
            400,
            Vec::new(),
            body(&format!("com.amazonaws#{kind}"), "message"),
        ),
        HttpResponse::new(400, Vec::new(), body(kind, "Message")),
        HttpResponse::new(500, Vec::new(), "<html>"),
    ]
}

fn every() -> impl Iterator<Item = &'static Mistake> {
    mistakes::all().chain(mistakes::beyond_scenarios())
}

/// Mistakes that only the client's message, decisions or replies show; arithmetic has vectors of its own.
fn of_ports() -> impl Iterator<Item = &'static Mistake> {
    every().filter(|mistake| matches!(mistake.edit, Edit::Client(_) | Edit::Reply(_)))
}

fn is_about_devices(mistake: &Mistake) -> bool {
    mistake.id.starts_with("device.")
}

#[test]
fn every_mistake_of_a_port_changes_something_and_no_two_change_the_same() {
    let situations = situations();
    let play = |edit| -> Vec<_> { situations.iter().map(|one| one.play(edit)).collect() };
    let mut known = vec![("no mistake", play(None))];
    for mistake in of_ports().filter(|mistake| !is_about_devices(mistake)) {
        let outcome = play(Some(&mistake.edit));
        if let Some((same, _)) = known.iter().find(|(_, other)| *other == outcome) {
            panic!("{} cannot be told from {same}", mistake.id);
        }
        known.push((mistake.id, outcome));
    }
}

/// Devices take a service that knows them from one sign-in to the next: the pool.
#[tokio::test]
async fn every_mistake_about_devices_changes_something_and_no_two_change_the_same() {
    let scenarios: Vec<Scenario> = scripted()
        .unwrap()
        .into_iter()
        .filter(|scenario| scenario.devices.is_some())
        .collect();
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    let mut known: Vec<(&str, Vec<Vec<Event>>)> = Vec::new();
    let right = ("no mistake", Policy::default());
    let wrong = of_ports()
        .filter(|mistake| is_about_devices(mistake))
        .map(|mistake| {
            let mut policy = Policy::default();
            match mistake.edit {
                Edit::Client(edit) => edit(&mut policy),
                _ => panic!("{} is no edit of the client's policy", mistake.id),
            }
            (mistake.id, policy)
        });
    for (id, policy) in std::iter::once(right).chain(wrong) {
        theatre.set_policies(policy, None, pool::Policy::default());
        let mut outcome = Vec::new();
        for scenario in &scenarios {
            match theatre.play(scenario).await.unwrap() {
                Played::Transcript(transcript) => outcome.push(transcript.events),
                Played::NotApplicable(reason) => panic!("{}: {reason}", scenario.id),
            }
        }
        if let Some((same, _)) = known.iter().find(|(_, other)| *other == outcome) {
            panic!("{id} cannot be told from {same}");
        }
        known.push((id, outcome));
    }
    assert!(known.len() > 20, "mistakes about devices: {}", known.len());
}

#[test]
fn the_right_client_is_content_where_the_service_is() {
    for one in &situations()[..5] {
        let (_, replies) = one.play(None);
        let last = replies.last().unwrap();
        assert!(
            matches!(last, Reply::Step { next } if next.name() == "DONE"),
            "{}: {last:?}",
            one.name
        );
    }
}

#[test]
fn mistakes_are_described_once_and_name_rules_that_exist() {
    let mut ids = BTreeSet::new();
    for mistake in every() {
        assert!(ids.insert(mistake.id), "{} twice", mistake.id);
        assert!(mistake.sentence.ends_with('.'), "{}", mistake.id);
        assert!(!mistake.caught_by.is_empty(), "{}", mistake.id);
        for rule in mistake.caught_by {
            assert!(RULES.contains(rule), "{}: {rule}", mistake.id);
        }
        assert!(
            std::ptr::eq(mistakes::find(mistake.id).unwrap(), mistake),
            "{} is found by its id",
            mistake.id
        );
    }
    assert!(of_ports().count() >= 45, "{}", of_ports().count());
}

#[test]
fn signatures_of_a_mistake_are_those_a_mistaken_port_would_make() {
    let one = &situations()[0];
    let (right, _) = one.play(None);
    let padded = mistakes::find("timestamp.padded-day").unwrap();
    let (wrong, _) = one.play(Some(&padded.edit));
    let body = |request: &HttpRequest| -> Value {
        serde_json::from_slice(request.body.as_bytes()).unwrap()
    };
    let srp_a = body(&wrong[0])["AuthParameters"]["SRP_A"].clone();
    let answer = body(&wrong[1]);
    assert_eq!(
        answer["ChallengeResponses"]["TIMESTAMP"],
        "Tue Mar 05 21:07:03 UTC 2024"
    );
    assert!(proves(&srp_a, &answer), "signed over the text that is sent");
    assert_ne!(body(&right[1]), answer);
    for id in ["username.typed-alias-in-x", "identity.whole-pool-id"] {
        let (wrong, _) = one.play(Some(&mistakes::find(id).unwrap().edit));
        assert!(!proves(&srp_a, &body(&wrong[1])), "{id}");
    }
}

const RULES: &[&str] = &[
    "wire.request-form",
    "wire.members",
    "flow.first-request",
    "flow.srp-parameters",
    "flow.password-parameters",
    "flow.custom-srp-parameters",
    "flow.custom-parameters",
    "flow.one-initiate",
    "flow.answers-pending",
    "flow.nothing-after-end",
    "config.run-time-wins",
    "config.default",
    "config.gen1",
    "config.migration-enabled",
    "config.unknown-value",
    "config.gen2",
    "config.client-id",
    "name.typed-first",
    "name.returned-in-answers",
    "secret-hash.right",
    "secret-hash.only-with-secret",
    "secret-hash.not-the-secret",
    "session.echo",
    "session.dropped-at-verifier",
    "srp.a-in-range",
    "srp.a-not-small",
    "srp.a-injected",
    "srp.claim",
    "srp.secret-block",
    "srp.wire-form",
    "timestamp.format",
    "timestamp.now",
    "custom.answer-verbatim",
    "custom.parameters-surface",
    "metadata.initiate",
    "metadata.answers",
    "new-password.shape",
    "new-password.attributes-surface",
    "outcome.allowed",
    "outcome.done-means-tokens",
    "outcome.step-matches-challenge",
    "outcome.error-named",
    "outcome.operations",
    "error.forms",
    "error.network",
    "refusal.b-zero",
    "refusal.malformed-challenge",
    "refusal.unknown-challenge",
    "refusal.bad-input",
    "refusal.pool-id",
    "secrecy.wire",
    "secrecy.replies",
    "service.challenge-shape",
    "service.session-presence",
    "service.values",
    "service.b",
    "service.proof",
    "service.error-form",
    "service.error-text",
    "service.flow-switch",
    "service.secret-hash",
    "service.session-life",
    "service.timestamp",
    "service.existence",
    "service.user-status",
    "service.trigger-order",
    "service.private-parameters",
    "service.metadata-routing",
    "service.migration",
    "service.tokens",
    "service.binding",
    "service.names",
    "service.response-form",
    "service.answers",
    "device.confirmed",
    "device.verifier-form",
    "device.verifier",
    "device.password-fresh",
    "device.key-in-answers",
    "device.key-of-this-user",
    "device.srp-answer",
    "device.claim",
    "device.session-echo",
    "device.gone-retried-once",
    "device.gone-dropped",
    "device.other-not-found",
    "device.survives-sign-out",
    "device.remember-request",
    "device.forget-request",
    "secrecy.device-password",
    "service.device-offered",
    "service.device-challenge",
    "service.device-parameters",
    "service.device-proof",
    "service.device-unknown",
    "service.device-remembered-status",
    "service.device-refresh-bound",
];
