//! HTTP requests, one after the other → pools.
//!
//! A line is an operation and its body, or a whole request as JSON. `$NAME` stands for the member of that name in the latest
//! answer that had one, and `$Code` for what was sent last, so that a sign-in can go on. No answer blames the pool itself.
#![no_main]

use std::collections::BTreeMap;

use cognito_conformance::model::{DeviceTracking, Round, World};
use cognito_conformance::pool::{Pools, PoolsSettings};
use cognito_conformance::wire::{HttpRequest, Octets};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};

fuzz_target!(|octets: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(octets) else {
        return Corpus::Reject;
    };
    let pools = Pools::new(PoolsSettings {
        judged: true,
        ..PoolsSettings::default()
    });
    pools.add(world()).expect("the service would allow it");
    let mut told = BTreeMap::new();
    for line in text.lines().take(MOST) {
        let Some(request) = request(&filled(line, &told)) else {
            continue;
        };
        let answer = pools.handle(&request);
        assert!(answer.status < 500, "{request:?}: {answer:?}");
        if let Ok(body) = serde_json::from_slice::<Value>(answer.body.as_bytes()) {
            remember(&body, &mut told);
        }
        if let Some(message) = pools.messages().first() {
            told.insert("Code".to_owned(), message.text.clone());
        }
    }
    Corpus::Keep
});

fn world() -> World {
    World::new("eu-west-1_Fuzzing01", "webclient")
        .with_user("ada@example.com", "Passw0rd!")
        .with_custom([Round::asking("colour?", "blue")])
        .with_devices(DeviceTracking::default())
        .with_seed(1)
}

fn request(line: &str) -> Option<HttpRequest> {
    if line.starts_with('{') {
        return serde_json::from_str(line).ok();
    }
    let (operation, body) = line.split_once(' ')?;
    Some(HttpRequest {
        body: Octets::from(body),
        ..HttpRequest::calling(operation, &json!({}))
    })
}

fn filled(line: &str, told: &BTreeMap<String, String>) -> String {
    // A longer name before one that it begins with.
    told.iter()
        .rev()
        .fold(line.to_owned(), |line, (name, value)| {
            match line.contains('$') {
                true => line.replace(&format!("${name}"), value),
                false => line,
            }
        })
}

fn remember(body: &Value, told: &mut BTreeMap<String, String>) {
    match body {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) => drop(told.insert(name.clone(), text.clone())),
                    member => remember(member, told),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| remember(item, told)),
        _ => {}
    }
}

/// The most requests of one input.
const MOST: usize = 12;
