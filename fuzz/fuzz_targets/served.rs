//! What `serve` is given → pools, which then answer.
//!
//! No panic; no error that is longer than a person reads; no answer that blames the pool itself. What would start a program
//! or ask another machine is taken out.
#![no_main]

use cognito_conformance::model::Local;
use cognito_conformance::pool::{Pools, PoolsSettings};
use cognito_conformance::wire::HttpRequest;
use cognito_conformance_fuzz::{assert_short, confine, confined};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};

fuzz_target!(|octets: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(octets) else {
        return Corpus::Reject;
    };
    let mut local = match Local::read(text) {
        Ok(local) => local,
        Err(error) => {
            assert_short(&error);
            return Corpus::Keep;
        }
    };
    local.functions.retain(|_, function| confined(function));
    let pools = Pools::new(PoolsSettings {
        functions: local.functions,
        ..PoolsSettings::default()
    });
    for mut world in local.worlds {
        confine(&mut world);
        let client = world.clients.first().map(|client| client.id.clone());
        let user = world.users.first().cloned();
        let pool = world.pool.id.clone();
        if let Err(error) = pools.add(world) {
            assert_short(&error);
            continue;
        }
        let (Some(client), Some(user)) = (client, user) else {
            continue;
        };
        let name = user.aliases.first().unwrap_or(&user.username);
        let signs_in = |flow: &str, more: Value| {
            let mut parameters = json!({"USERNAME": name, "PASSWORD": user.password});
            parameters
                .as_object_mut()
                .expect("it is one")
                .extend(more.as_object().cloned().unwrap_or_default());
            json!({"AuthFlow": flow, "ClientId": client, "AuthParameters": parameters})
        };
        for (operation, body) in [
            ("InitiateAuth", signs_in("USER_PASSWORD_AUTH", json!({}))),
            (
                "InitiateAuth",
                signs_in("USER_SRP_AUTH", json!({"SRP_A": "5".repeat(768)})),
            ),
            ("InitiateAuth", signs_in("CUSTOM_AUTH", json!({}))),
            ("InitiateAuth", signs_in("USER_AUTH", json!({}))),
            (
                "AdminGetUser",
                json!({"UserPoolId": pool, "Username": name}),
            ),
            ("DescribeUserPool", json!({"UserPoolId": pool})),
            (
                "ForgotPassword",
                json!({"ClientId": client, "Username": name}),
            ),
        ] {
            let answer = pools.handle(&HttpRequest::calling(operation, &body));
            assert!(answer.status < 500, "{operation}: {answer:?}");
        }
    }
    Corpus::Keep
});
