//! A line of a shim → what the call is told. The first octet says which call it answers.
//!
//! No panic; no reply that is longer than a person reads; whatever the schema lets through the types can read.
#![no_main]

use std::sync::LazyLock;

use cognito_conformance::subject::shim::{MAX_LINE, primitive_reply_in, reply_in};
use cognito_conformance::subject::{Description, PrimitiveCall, PrimitiveReply};
use cognito_conformance::wire::{Call, Reply};
use cognito_conformance_fuzz::{assert_short, mutate_json};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use serde_json::json;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    match size > 1 && max_size > 1 && !seed.is_multiple_of(16) {
        true => 1 + mutate_json(&mut data[1..], size - 1, max_size - 1, seed, fuzzer_mutate),
        false => fuzzer_mutate(data, size, max_size),
    }
});

static CALLS: LazyLock<Vec<Call>> = LazyLock::new(|| {
    let target = json!({"endpoint": "http://127.0.0.1/", "region": "us-east-1", "userPoolId": "us-east-1_A", "clientId": "c"});
    let calls = json!([
        {"method": "signIn", "params": {"username": "ada", "password": "Passw0rd!", "target": target}},
        {"method": "confirmSignIn", "params": {"challengeResponse": "123456"}},
        {"method": "resetPassword", "params": {"username": "ada", "target": target}},
        {"method": "fetchAuthSession", "params": {}},
        {"method": "rememberDevice"},
        {"method": "reset"},
    ]);
    serde_json::from_value(calls).expect("they are calls")
});

static PRIMITIVES: LazyLock<Vec<PrimitiveCall>> = LazyLock::new(|| {
    let calls = json!([
        {"method": "srp/k", "params": {}},
        {"method": "srp/A", "params": {"a": "0f"}},
        {"method": "srp/u", "params": {"A": "0f", "B": "0f"}},
    ]);
    serde_json::from_value(calls).expect("they are calls")
});

fuzz_target!(|octets: &[u8]| {
    let Some((which, line)) = octets.split_first() else {
        return;
    };
    if line.len() > MAX_LINE || line.contains(&b'\n') {
        return;
    }
    let which = usize::from(*which) % (CALLS.len() + PRIMITIVES.len());
    match CALLS.get(which) {
        Some(call) => match reply_in(line, call).expect("the types read what the schema allows") {
            Reply::ProtocolBroken { detail } => assert_short(&detail),
            Reply::Unsupported { reason } => assert_short(&reason),
            reply => drop(reply.words()),
        },
        None => {
            let call = &PRIMITIVES[which - CALLS.len()];
            match primitive_reply_in(line, call).expect("the types read what the schema allows") {
                PrimitiveReply::ProtocolBroken { detail } => assert_short(&detail),
                PrimitiveReply::Unsupported { reason } => assert_short(&reason),
                _ => {}
            }
        }
    }
    // What `initialize` is told.
    if let Ok(message) = serde_json::from_slice::<serde_json::Value>(line) {
        let _ = serde_json::from_value::<Description>(message["result"].clone());
    }
});
