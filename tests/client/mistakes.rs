//! Every known mistake of a port changes what is sent or returned in at least one situation.

use std::collections::BTreeSet;

use crate::support::script::*;
use cognito_conformance::client::{Client, Policy, Sources, TransportError, reply, settings_for};
use cognito_conformance::mistakes::{self, Edit, Mistake, Policies};
use cognito_conformance::pool::TokenSigning;
use cognito_conformance::rules::catalog;
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::srp::to_hex;
use cognito_conformance::suite::scenarios::scripted;
use cognito_conformance::wire::call::{Configuration, ConfigurationFormat};
use cognito_conformance::wire::{
    AuthFlowType, Call, ConfirmResetPassword, ConfirmSignIn, Event, FetchAuthSession, HttpRequest,
    HttpResponse, Inject, Reply, ResetPassword, SignIn, SignOut, Target,
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
        user_pool_id: POOL_ID.to_owned(),
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

fn confirm_reset() -> Call {
    Call::ConfirmResetPassword(ConfirmResetPassword {
        target: target(true),
        username: TYPED.to_owned(),
        confirmation_code: "012345".to_owned(),
        new_password: "New-Passw0rd!".to_owned(),
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
        clock: AFTERNOON,
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
        clock: AFTERNOON,
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
            clock: AFTERNOON - 21 * 3600,
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
            calls: vec![
                Call::ResetPassword(ResetPassword {
                    target: target(true),
                    username: TYPED.to_owned(),
                    metadata: [("from".to_owned(), "resetPassword".to_owned())].into(),
                }),
                confirm_reset(),
                confirm_reset(),
            ],
            ..situation(
                "a reset, with secret: a wrong code, then the right one",
                UserPassword,
                [
                    ok(json!({"CodeDeliveryDetails": {
                        "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "a***@e***"}})),
                    failure(
                        "CodeMismatchException",
                        "Invalid verification code provided, please try again.",
                    ),
                    ok(json!({})),
                ],
                &[],
            )
        },
        situation(
            "signed out everywhere",
            UserPassword,
            [tokens(), ok(json!({})), ok(json!({}))],
            &[Call::SignOut(SignOut { global: true })],
        ),
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
    all.extend(about_factors());
    for index in 0..2 {
        let with_secret = Situation {
            name: "with a secret",
            target: target(true),
            clock: AFTERNOON,
            answers: all[index].answers.clone(),
            calls: all[index].calls.clone(),
        };
        all.push(with_secret);
    }
    all.extend(after_the_sign_in());
    all
}

/// A challenge about a factor, by its name.
fn factor(name: &str, session: &str, parameters: Value) -> HttpResponse {
    ok(json!({"ChallengeName": name, "Session": session, "ChallengeParameters": parameters}))
}

fn sent(name: &str, session: &str) -> HttpResponse {
    let medium = if name == "EMAIL_OTP" { "EMAIL" } else { "SMS" };
    factor(
        name,
        session,
        json!({"CODE_DELIVERY_DELIVERY_MEDIUM": medium, "CODE_DELIVERY_DESTINATION": "+*******4444"}),
    )
}

fn about_factors() -> Vec<Situation> {
    use AuthFlowType::{CustomWithoutSrp, UserAuth, UserPassword};
    let mismatch = || failure("CodeMismatchException", "Invalid code");
    let set_up =
        |list: &str, session: &str| factor("MFA_SETUP", session, json!({"MFAS_CAN_SETUP": list}));
    let secret = || ok(json!({"SecretCode": "GEZDGNBVGY3TQOJQ", "Session": "session-s"}));
    let verified = || ok(json!({"Status": "SUCCESS", "Session": "session-v"}));
    let totp = || factor("SOFTWARE_TOKEN_MFA", "session-t", json!({}));
    let select = |available: Value| {
        ok(
            json!({"ChallengeName": "SELECT_CHALLENGE", "Session": "session-1",
            "ChallengeParameters": {"USERNAME": ALICE}, "AvailableChallenges": available}),
        )
    };
    let preferring = |name, preferred: &str, answer| {
        let mut preferring = situation(name, UserAuth, [answer, tokens()], &[]);
        if let Some(Call::SignIn(call)) = preferring.calls.first_mut() {
            call.preferred_challenge = Some(preferred.into());
        }
        preferring
    };
    let mut all = vec![
        situation(
            "a wrong code by SMS, and the right one",
            UserPassword,
            [sent("SMS_MFA", "session-1"), mismatch(), tokens()],
            &[confirm("012346"), confirm("012345")],
        ),
        situation(
            "a code by e-mail",
            UserPassword,
            [sent("EMAIL_OTP", "session-1"), tokens()],
            &[confirm("012345")],
        ),
        situation(
            "a choice of two, and a time-based code",
            UserPassword,
            [
                factor(
                    "SELECT_MFA_TYPE",
                    "session-1",
                    json!({"MFAS_CAN_CHOOSE": "[\"SMS_MFA\",\"SOFTWARE_TOKEN_MFA\"]"}),
                ),
                totp(),
                tokens(),
            ],
            &[confirm("SOFTWARE_TOKEN_MFA"), confirm("123456")],
        ),
        situation(
            "a set-up",
            UserPassword,
            [
                set_up("[\"SOFTWARE_TOKEN_MFA\"]", "session-1"),
                secret(),
                verified(),
                tokens(),
            ],
            &[confirm("012345")],
        ),
        situation(
            "a set-up of one of two, after a new password",
            UserPassword,
            [
                new_password("session-1"),
                set_up("[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]", "session-2"),
                sent("EMAIL_OTP", "session-3"),
                tokens(),
            ],
            &[
                confirm("New-Passw0rd!"),
                confirm("EMAIL_OTP"),
                confirm("alice@example.com"),
                confirm("123456"),
            ],
        ),
        situation(
            "a custom challenge after a time-based code",
            CustomWithoutSrp,
            [totp(), custom("session-2"), tokens()],
            &[confirm("123456"), confirm("42")],
        ),
        situation(
            "a first factor by SMS",
            UserAuth,
            [
                select(json!(["PASSWORD_SRP", "PASSWORD", "SMS_OTP"])),
                sent("SMS_OTP", "session-2"),
                tokens(),
            ],
            &[confirm("SMS_OTP"), confirm("123456")],
        ),
        situation(
            "a password as first factor",
            UserAuth,
            [select(json!(["PASSWORD"])), tokens()],
            &[confirm("PASSWORD"), confirm(PASSWORD)],
        ),
        situation(
            "SRP as first factor",
            UserAuth,
            [
                select(json!(["PASSWORD_SRP", "PASSWORD"])),
                verifier_challenge(Some("session-2")),
                tokens(),
            ],
            &[confirm("PASSWORD_SRP"), confirm(PASSWORD)],
        ),
        preferring("a password is preferred", "PASSWORD", tokens()),
        preferring(
            "a code is preferred",
            "EMAIL_OTP",
            sent("EMAIL_OTP", "session-1"),
        ),
    ];
    let with_secret: Vec<Situation> = all
        .iter()
        .map(|one| Situation {
            name: "with a secret",
            target: target(true),
            clock: AFTERNOON,
            answers: one.answers.clone(),
            calls: one
                .calls
                .iter()
                .cloned()
                .map(|call| match call {
                    Call::SignIn(call) => Call::SignIn(SignIn {
                        target: target(true),
                        ..call
                    }),
                    other => other,
                })
                .collect(),
        })
        .collect();
    all.extend(with_secret);
    all
}

/// What is called once somebody is signed in, by an app client with a secret.
fn after_the_sign_in() -> Vec<Situation> {
    let fetch = |force_refresh, seconds: i64| {
        Call::FetchAuthSession(FetchAuthSession {
            force_refresh,
            metadata: [("from".to_owned(), "fetchAuthSession".to_owned())].into(),
            clock: Some(AFTERNOON + seconds),
        })
    };
    let sign_out = |global| Call::SignOut(SignOut { global });
    let after = |name, answers: Vec<HttpResponse>, calls: &[Call]| Situation {
        target: target(true),
        ..situation(name, AuthFlowType::UserPassword, answers, calls)
    };
    let mut on_a_device = session(1, [3600, 3600], Some("refresh-1"));
    on_a_device["AuthenticationResult"]["NewDeviceMetadata"] =
        json!({"DeviceKey": "us-east-1_device", "DeviceGroupKey": "group"});
    let first = ok(session(1, [3600, 3600], Some("refresh-1")));
    let mut half = session(2, [3600, 3600], None);
    half["AuthenticationResult"]
        .as_object_mut()
        .unwrap()
        .remove("AccessToken");
    let refused = failure("NotAuthorizedException", "Refresh Token has been revoked");
    vec![
        after(
            "refreshes on a device, of which the first brings a refresh token",
            vec![
                ok(on_a_device),
                ok(json!({})),
                ok(session(2, [3600, 3600], Some("refresh-2"))),
                ok(session(3, [3600, 3600], None)),
                ok(session(4, [3600, 3600], None)),
            ],
            &[
                fetch(true, 0),
                fetch(true, 0),
                fetch(true, 0),
                fetch(false, 0),
            ],
        ),
        after(
            "an id token that ends first",
            vec![
                ok(session(1, [3600, 300], Some("refresh-1"))),
                ok(session(2, [3600, 300], None)),
            ],
            &[fetch(false, 400)],
        ),
        after(
            "an access token that ends first",
            vec![
                ok(session(1, [300, 3600], Some("refresh-1"))),
                ok(session(2, [300, 3600], None)),
            ],
            &[fetch(false, 400)],
        ),
        after(
            "a refresh that fails once",
            vec![
                first.clone(),
                HttpResponse::new(500, Vec::new(), "<html>"),
                ok(session(2, [3600, 3600], None)),
            ],
            &[fetch(true, 0), fetch(false, 0)],
        ),
        after(
            "a refresh that is refused",
            vec![first.clone(), refused.clone(), refused.clone()],
            &[fetch(true, 0), fetch(false, 0)],
        ),
        after(
            "a refresh that brings no access token",
            vec![first.clone(), ok(half)],
            &[fetch(true, 0)],
        ),
        after(
            "a sign-out everywhere",
            vec![first.clone(), ok(json!({})), ok(json!({}))],
            &[sign_out(true), fetch(false, 0)],
        ),
        after(
            "a sign-out that is refused",
            vec![first, refused],
            &[sign_out(false), fetch(false, 0)],
        ),
    ]
}

/// Tokens of which access and id token end so many seconds from now.
fn session(number: u8, [access, id]: [i64; 2], refresh: Option<&str>) -> Value {
    let jwt = |seconds: i64| {
        let claims =
            json!({"username": ALICE, "iat": AFTERNOON, "exp": AFTERNOON + seconds, "jti": number});
        let part = data_encoding::BASE64URL_NOPAD.encode(claims.to_string().as_bytes());
        format!("e30.{part}.c2ln")
    };
    let mut result = json!({"AccessToken": jwt(access), "IdToken": jwt(id), "ExpiresIn": access, "TokenType": "Bearer"});
    if let Some(refresh) = refresh {
        result["RefreshToken"] = refresh.into();
    }
    json!({"AuthenticationResult": result})
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
        ok(
            json!({"AuthenticationResult": {"AccessToken": "a", "IdToken": "i", "RefreshToken": "r"}, "New": 1}),
        ),
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
    let right = ("no mistake", Policies::default());
    let wrong = of_ports()
        .filter(|mistake| is_about_devices(mistake))
        .map(|mistake| (mistake.id, Policies::of(mistake)));
    for (id, policies) in std::iter::once(right).chain(wrong) {
        theatre.set_policies(policies);
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
        // What no scenario shows may be caught by a test of its own in place of a rule.
        let is_shown = mistakes::all().any(|shown| std::ptr::eq(shown, mistake));
        for rule in mistake.caught_by {
            let is_rule = catalog::find(rule).is_some();
            assert!(is_rule || !is_shown, "{}: {rule}", mistake.id);
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
