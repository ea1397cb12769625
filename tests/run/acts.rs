//! What is done after the password and after the first sign-in: how it is played, and what is expected of it.

use cognito_conformance::pool::TokenSigning;
use cognito_conformance::record::{Origin, Transcript};
use cognito_conformance::rules::trace::{ExchangeTrace, SignInTrace};
use cognito_conformance::rules::{Party, Trace, judge};
use cognito_conformance::run::Theatre;
use cognito_conformance::run::play::Played;
use cognito_conformance::scenario::Scenario;
use cognito_conformance::scenario::strategy::SUITE_VERSION;
use cognito_conformance::srp::{Dialect, parse_hex, server_session, to_hex};
use cognito_conformance::suite::scenarios::Generator;
use cognito_conformance::wire::event::{Event, PoolNote};
use cognito_conformance::wire::{Call, HttpResponse, Operation, Reply};
use serde_json::{Value, json};

fn scenario(members: Value) -> Scenario {
    let mut whole = json!({ "id": "acts", "nonce": 4711 });
    for (name, value) in members.as_object().expect("members") {
        whole[name] = value.clone();
    }
    serde_json::from_value(whole).expect("a scenario")
}

fn played(scenario: &Scenario) -> Transcript {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut theatre = Theatre::in_process();
    theatre.set_token_signing(TokenSigning::Lazy);
    match runtime.block_on(theatre.play(scenario)).expect("it plays") {
        Played::Transcript(transcript) => *transcript,
        Played::NotApplicable(reason) => panic!("our own client lacks {reason}"),
    }
}

fn words(sign_in: &SignInTrace<'_>) -> Vec<String> {
    sign_in.exchanges().map(ExchangeTrace::words).collect()
}

/// The ids of the port's rules that a transcript breaks.
fn broken(transcript: &Transcript) -> Vec<&'static str> {
    let judgement = judge(transcript, &[Party::Port]).expect("it is judged");
    judgement.failures().map(|(rule, _)| rule.id).collect()
}

/// The index of each event that the pool noted on a challenge of SRP, with the S of that challenge.
fn shared_secrets(transcript: &Transcript, dialect: &Dialect) -> Vec<(usize, String)> {
    let events = transcript.events.iter().enumerate();
    let secrets = events.filter_map(|(at, event)| {
        let Event::Noted(PoolNote::Srp { v, b, big_a, .. }) = event else {
            return None;
        };
        let [v, b, big_a] = [v, b, big_a].map(|text| parse_hex(text).expect("a number"));
        let session = server_session(dialect, &v, &b, &big_a).expect("a session");
        Some((at, to_hex(&session.s)))
    });
    secrets.collect()
}

/// Puts a text into a header of the first request after an event.
fn leak(transcript: &mut Transcript, after: usize, text: &str) {
    let request = transcript.events[after..]
        .iter_mut()
        .find_map(|event| match event {
            Event::Requested { request } => Some(request),
            _ => None,
        });
    let request = request.expect("a request after the challenge");
    request
        .headers
        .push(("x-debug".to_owned(), text.to_owned()));
}

fn totp() -> Value {
    json!({ "offered": ["SOFTWARE_TOKEN_MFA"], "enrolled": ["SOFTWARE_TOKEN_MFA"] })
}

#[test]
fn time_based_codes_of_one_instant_are_given_once_each() {
    let transcript = played(&scenario(
        json!({ "mfa": totp(), "then": [{ "signIn": {} }] }),
    ));
    let trace = Trace::of(&transcript);
    let codes: Vec<&str> = trace
        .exchanges()
        .filter_map(|exchange| exchange.parameter("SOFTWARE_TOKEN_MFA_CODE"))
        .collect();
    assert_eq!(codes.len(), 2, "a code in each sign-in");
    assert_ne!(codes[0], codes[1], "no code twice");
    for sign_in in &trace.sign_ins {
        let reply = sign_in.last_reply();
        assert!(
            matches!(reply, Some(Reply::Step { next }) if next.name() == "DONE"),
            "{reply:?}"
        );
    }
}

#[test]
fn a_wrong_code_is_refused_and_the_person_gives_the_right_one() {
    let by_sms = json!({ "offered": ["SMS_MFA"], "enrolled": ["SMS_MFA"] });
    let transcript = played(&scenario(json!({ "mfa": by_sms, "codes": ["wrong"] })));
    let trace = Trace::of(&transcript);
    let sign_in = &trace.sign_ins[0];
    assert_eq!(sign_in.calls.len(), 3, "signIn and two answers");
    let told = &sign_in.calls[1].reply;
    assert!(
        matches!(told, Some(Reply::Error { error }) if error.name.contains("CodeMismatch")),
        "the wrong code is told as one: {told:?}"
    );
    let sessions: Vec<_> = sign_in
        .exchanges()
        .filter_map(|exchange| Some(exchange.respond()?.session.clone()))
        .collect();
    assert_eq!(sessions.len(), 3, "the proof and two codes");
    assert_eq!(sessions[1], sessions[2], "the Session stays good");
}

#[test]
fn a_secret_that_was_set_up_is_the_one_of_the_next_sign_in() {
    let set_up = json!({ "required": true, "offered": ["SOFTWARE_TOKEN_MFA"], "enrolled": [] });
    let scenario = scenario(json!({ "mfa": set_up, "then": [{ "signIn": {} }] }));
    let transcript = played(&scenario);
    let trace = Trace::of(&transcript);
    let first = words(&trace.sign_ins[0]);
    assert_eq!(
        first[2..],
        [
            "AssociateSoftwareToken",
            "VerifySoftwareToken",
            "RespondToAuthChallenge MFA_SETUP"
        ],
        "the set-up"
    );
    let second = words(&trace.sign_ins[1]);
    assert_eq!(
        second.last().map(String::as_str),
        Some("RespondToAuthChallenge SOFTWARE_TOKEN_MFA"),
        "the code"
    );
}

#[test]
fn what_happens_meanwhile_happens_just_before_the_request_that_is_named() {
    for exchange in 0..4 {
        let transcript = played(&scenario(json!({
            "devices": {},
            "then": [{ "signIn": {} }],
            "fault": { "act": 1, "exchange": exchange, "kind": { "meanwhile": "devicesForgotten" } },
        })));
        let trace = Trace::of(&transcript);
        let refused: Vec<usize> = trace.sign_ins[1]
            .exchanges()
            .enumerate()
            .filter_map(|(at, exchange)| exchange.misses_device().then_some(at))
            .collect();
        assert_eq!(refused, [exchange], "refused once, and there");
        let of_first = trace.sign_ins[0]
            .exchanges()
            .any(ExchangeTrace::misses_device);
        assert!(!of_first, "{exchange}: the first sign-in is untouched");
    }
}

#[test]
fn a_fault_of_a_later_act_alters_nothing_before_it() {
    let transcript = played(&scenario(json!({
        "then": [{ "fetchSession": { "force": true } }, { "fetchSession": { "force": true } }],
        "fault": { "act": 2, "exchange": 0, "kind": "serverError" },
    })));
    let trace = Trace::of(&transcript);
    let altered: Vec<usize> = trace
        .exchanges()
        .filter(|exchange| exchange.is_altered())
        .map(|exchange| exchange.index)
        .collect();
    assert_eq!(
        altered,
        [3],
        "the second refresh, after two requests of the sign-in"
    );
    let replies: Vec<bool> = trace
        .calls_after_sign_in()
        .map(|(_, call)| matches!(call.reply, Some(Reply::Session { .. })))
        .collect();
    assert_eq!(replies, [true, false], "tokens, then an error");
}

#[test]
fn time_passes_between_calls_for_the_port_and_for_the_pool() {
    let transcript = played(&scenario(json!({
        "then": [{ "fetchSession": {} }, { "fetchSession": { "after": 3700 } }],
    })));
    let trace = Trace::of(&transcript);
    let requests: Vec<usize> = trace
        .calls_after_sign_in()
        .map(|(_, call)| call.exchanges.len())
        .collect();
    assert_eq!(
        requests,
        [0, 1],
        "fresh tokens, then tokens that have expired"
    );
    let moved = trace
        .calls_after_sign_in()
        .filter_map(|(_, call)| match &call.call {
            Some(Call::FetchAuthSession(fetch)) => Some(fetch.clock),
            _ => None,
        });
    let moved: Vec<_> = moved.collect();
    assert_eq!(moved[0], None, "nothing is said where no time has passed");
    let signed_in = trace.sign_ins[0]
        .arguments()
        .and_then(|call| call.inject.clock);
    assert_eq!(
        moved[1],
        signed_in.map(|now| now + 3700),
        "the port's clock is told"
    );
}

#[test]
fn a_password_that_was_reset_is_the_one_of_the_next_sign_in() {
    let transcript = played(&scenario(json!({
        "user": "resetRequired",
        "then": [{ "resetPassword": {} }, { "signIn": {} }],
    })));
    let trace = Trace::of(&transcript);
    let calls: Vec<_> = trace
        .calls_after_sign_in()
        .filter_map(|(_, call)| call.call.map(Call::method))
        .collect();
    assert_eq!(calls, ["resetPassword", "confirmResetPassword"], "calls");
    let typed: Vec<_> = trace
        .sign_ins
        .iter()
        .filter_map(|sign_in| sign_in.arguments()?.password.clone())
        .collect();
    assert_ne!(typed[0], typed[1], "another password");
    let reply = trace.sign_ins[1].last_reply();
    assert!(
        matches!(reply, Some(Reply::Step { next }) if next.name() == "DONE"),
        "{reply:?}"
    );
}

#[test]
fn somebody_else_signs_in_on_the_same_port_without_the_first_one_s_device() {
    let transcript = played(&scenario(json!({
        "devices": {},
        "then": [{ "signIn": { "who": "other" } }, { "signIn": {} }],
    })));
    let trace = Trace::of(&transcript);
    let proofs: Vec<bool> = trace
        .sign_ins
        .iter()
        .map(|sign_in| {
            words(sign_in)
                .iter()
                .any(|word| word.ends_with("DEVICE_PASSWORD_VERIFIER"))
        })
        .collect();
    assert_eq!(
        proofs,
        [false, false, true],
        "only the first one's second sign-in"
    );
    let confirmed = trace
        .exchanges()
        .filter(|exchange| exchange.operation == Some(Operation::ConfirmDevice))
        .count();
    assert_eq!(confirmed, 2, "each has a device of their own");
}

#[test]
fn expectations_follow_a_device_from_one_sign_in_to_the_next() {
    let transcript = played(&scenario(json!({
        "flow": "userSRP",
        "devices": { "only_remembered_on_user_prompt": true },
        "then": [{ "signIn": {} }, "rememberDevice", { "signIn": {} }, "forgetDevice", { "signIn": {} }],
    })));
    let plain = [
        "InitiateAuth USER_SRP_AUTH",
        "RespondToAuthChallenge PASSWORD_VERIFIER",
    ];
    let proved = [
        plain[0],
        plain[1],
        "RespondToAuthChallenge DEVICE_SRP_AUTH",
        "RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER",
    ];
    let expected: [&[&str]; 4] = [&plain, &plain, &proved, &plain];
    let made = requests_of_sign_ins(&transcript);
    assert_eq!(made.len(), expected.len(), "sign-ins");
    for (at, (made, expected)) in made.iter().zip(expected).enumerate() {
        assert_eq!(made, expected, "sign-in {at}");
    }
    let judgement = judge(&transcript, &[Party::Port]).expect("it is judged");
    assert!(
        !judgement.breaks("outcome.operations"),
        "it is what is expected"
    );
    // The same transcript under a scenario that tracks no devices goes another way.
    let mut untracked = transcript;
    if let Origin::Played { scenario, .. } = &mut untracked.origin {
        scenario.devices = None;
    }
    let judgement = judge(&untracked, &[Party::Service]).expect("it is judged");
    assert!(
        judgement.breaks("service.answers"),
        "no device is asked for where none is tracked"
    );
}

#[test]
fn expectations_repeat_a_challenge_for_each_wrong_code() {
    let of = |codes: &[&str]| {
        let by_mail = json!({ "offered": ["EMAIL_OTP"], "enrolled": ["EMAIL_OTP"] });
        let scenario = scenario(json!({ "flow": "userPassword", "mfa": by_mail, "codes": codes }));
        let transcript = played(&scenario);
        let judgement = judge(&transcript, &[Party::Port]).expect("it is judged");
        assert!(!judgement.breaks("outcome.operations"), "{codes:?}");
        requests_of_sign_ins(&transcript)[0].len()
    };
    assert_eq!(of(&[]), 2, "a right code");
    assert_eq!(of(&["wrong"]), 3, "a wrong one first");
    assert_eq!(of(&["wrong", "wrong"]), 4, "two wrong ones first");
    assert_eq!(of(&["right", "wrong"]), 2, "nobody asks after a right one");
}

/// The requests of each sign-in that are its own.
fn requests_of_sign_ins(transcript: &Transcript) -> Vec<Vec<String>> {
    let trace = Trace::of(transcript);
    trace
        .sign_ins
        .iter()
        .map(|sign_in| {
            sign_in
                .exchanges()
                .filter(|exchange| exchange.is_of_sign_in())
                .map(ExchangeTrace::words)
                .collect()
        })
        .collect()
}

#[test]
fn a_shared_secret_is_found_wherever_it_is_sent() {
    let device = Dialect::cognito_device();
    let user = Dialect::cognito();
    let cases = [
        (
            "a sign-in that starts over without the device",
            json!({
                "devices": {},
                "then": [{ "signIn": {} }],
                "fault": { "act": 1, "exchange": 2, "kind": { "meanwhile": "devicesForgotten" } },
            }),
            &user,
            2,
        ),
        (
            "a first factor that is chosen",
            json!({
                "flow": "userAuth",
                "first_factors": { "allowed": ["PASSWORD"], "choice": "PASSWORD_SRP" },
            }),
            &user,
            0,
        ),
        (
            "the proof of a device",
            json!({ "devices": {}, "then": [{ "signIn": {} }] }),
            &device,
            2,
        ),
    ];
    for (what, members, dialect, which) in cases {
        let right = played(&scenario(members));
        assert_eq!(broken(&right), [""; 0], "{what}: nothing is sent");
        let secrets = shared_secrets(&right, dialect);
        let (at, secret) = secrets
            .get(which)
            .unwrap_or_else(|| panic!("{what}: {} challenges", secrets.len()));
        let mut wrong = right.clone();
        leak(&mut wrong, *at, secret);
        assert_eq!(broken(&wrong), ["secrecy.wire"], "{what}: S is sent");
    }
}

#[test]
fn a_request_that_is_missing_is_missed_whatever_is_refused_later() {
    let right = played(&scenario(json!({
        "devices": { "only_remembered_on_user_prompt": true },
        "then": ["rememberDevice", { "fetchSession": { "force": true } }],
    })));
    assert_eq!(broken(&right), [""; 0], "the request is made");
    let mut wrong = right.clone();
    let events = &mut wrong.events;
    let call = |event: &Event| {
        matches!(
            event,
            Event::Called {
                call: Call::RememberDevice
            }
        )
    };
    let called = events.iter().position(call).expect("the call");
    let replied = events[called..]
        .iter()
        .position(|event| matches!(event, Event::Replied { .. }))
        .expect("its reply");
    assert!(replied > 1, "it makes a request");
    events.drain(called + 1..called + replied);
    assert_eq!(
        broken(&wrong),
        ["device.remember-request"],
        "no request is made"
    );
    let refusal = json!({ "__type": "NotAuthorizedException", "message": "Invalid Refresh Token" });
    for event in &mut wrong.events[called + 2..] {
        match event {
            Event::Responded { response } => {
                *response = HttpResponse::new(400, Vec::new(), refusal.to_string());
            }
            Event::Replied { reply } => {
                let error =
                    json!({ "name": "NotAuthorizedException", "message": "Invalid Refresh Token" });
                *reply = serde_json::from_value(json!({ "reply": "error", "error": error }))
                    .expect("a reply");
            }
            _ => {}
        }
    }
    assert_eq!(
        broken(&wrong),
        ["device.remember-request"],
        "a refresh is refused afterwards"
    );
}

#[test]
fn a_device_that_was_named_in_an_earlier_call_has_to_be_proved() {
    let right = played(&scenario(json!({
        "devices": {},
        "mfa": { "offered": ["SMS_MFA"], "enrolled": ["SMS_MFA"] },
        "then": [{ "signIn": {} }],
    })));
    assert_eq!(broken(&right), [""; 0], "the device is proved");
    let mut wrong = right.clone();
    let is_proof = |event: &Event| matches!(event, Event::Requested { request } if request.body.to_text().contains("\"DEVICE_SRP_AUTH\""));
    let proof = wrong.events.iter().position(is_proof).expect("a proof");
    let reply = wrong.events[proof..]
        .iter()
        .position(|event| matches!(event, Event::Replied { .. }))
        .expect("a reply");
    wrong.events.drain(proof..proof + reply);
    // The answer to the code names the device no more; the first request did.
    let code = wrong.events[..proof]
        .iter_mut()
        .rev()
        .find_map(|event| match event {
            Event::Requested { request } => Some(request),
            _ => None,
        })
        .expect("the answer to the code");
    let mut body: Value = serde_json::from_slice(code.body.as_bytes()).expect("JSON");
    let responses = body["ChallengeResponses"].as_object_mut();
    responses.expect("answers").remove("DEVICE_KEY");
    code.body = body.to_string().into();
    let broken = broken(&wrong);
    assert!(broken.contains(&"device.srp-answer"), "{broken:?}");
}

#[test]
fn every_generated_scenario_survives_json_and_keeps_to_the_limits() {
    assert_eq!(SUITE_VERSION, "5", "the numbers below are about this suite");
    let generator = Generator::new(11);
    let mut with_acts = 0;
    let mut with_factors = 0;
    for number in 0..600 {
        let scenario = generator.scenario(number);
        let text = serde_json::to_string(&scenario).expect("it is written");
        let read: Scenario = serde_json::from_str(&text).expect("it is read");
        assert_eq!(read, scenario, "{text}");
        assert_eq!(scenario.check_limits(), Ok(()), "{text}");
        with_acts += usize::from(!scenario.then.is_empty());
        with_factors += usize::from(scenario.mfa.is_some() || scenario.first_factors.is_some());
    }
    assert!(
        with_acts >= 60,
        "only {with_acts} go on after the first sign-in"
    );
    assert!(
        with_factors >= 30,
        "only {with_factors} have factors beyond the password"
    );
}

#[test]
fn a_scenario_of_the_earlier_format_is_refused_by_the_name_of_what_is_gone() {
    let earlier = json!({ "id": "old", "nonce": 1, "again_by_srp": true });
    let error = serde_json::from_value::<Scenario>(earlier).expect_err("it is refused");
    assert!(error.to_string().contains("again_by_srp"), "{error}");
}
