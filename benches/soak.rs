//! `serve` for a long time: what it keeps has to stay bounded, whatever came.
//!
//! `cargo bench --bench soak` makes 200,000 rounds on two connections: sign-ins with a password and by SRP, sign-ins that nobody
//! ends, failures under ever new names, and users who sign up, are confirmed, sign in and are deleted. It prints the memory after
//! each tenth. `-- --rounds N` changes how many, `-- --test` makes a few, to see that it runs. Only Linux tells the memory.

#[path = "support/account.rs"]
mod account;
#[path = "support/flags.rs"]
mod flags;
#[allow(dead_code, reason = "another benchmark uses the rest")]
#[path = "support/light_client.rs"]
mod light_client;
#[allow(dead_code, reason = "another benchmark uses the rest")]
#[path = "support/server.rs"]
mod server;

use std::thread;

use flags::{is_test, number_after};
use light_client::{ACCOUNT, Connection, Flow};
use serde_json::json;
use server::{Server, described};

fn main() {
    let rounds = rounds();
    let server = Server::start();
    println!("memory once ready: {}", described(server.memory()));
    println!();
    println!("| rounds | memory |");
    println!("|---:|---|");
    let mut halfway = None;
    for tenth in 1..=10 {
        let (first, end) = (rounds * (tenth - 1) / 10, rounds * tenth / 10);
        thread::scope(|scope| {
            for lane in 0..LANES {
                let address = &server.address;
                scope.spawn(move || {
                    let mut connection = Connection::open(address);
                    for number in (first..end).filter(|number| number % LANES == lane) {
                        round(&mut connection, number);
                    }
                });
            }
        });
        println!("| {end} | {} |", described(server.memory()));
        if tenth == 5 {
            halfway = server.memory();
        }
    }
    println!();
    match (halfway, server.memory()) {
        (Some(halfway), Some(now)) => {
            let grown = i128::from(now.own) - i128::from(halfway.own);
            let octets = grown as f64 * 1024.0 / (rounds as f64 / 2.0);
            println!("in the second half it grew by {grown} KiB: {octets:.1} octets a round");
        }
        _ => println!("how much memory a process takes is not known here"),
    }
}

/// One of the things that happen.
fn round(connection: &mut Connection, number: usize) {
    match number % 10 {
        0..=3 => {
            connection.sign_in(Flow::Password);
        }
        4 => {
            connection.sign_in(Flow::Srp);
        }
        5 | 6 => connection.abandon(),
        7 | 8 => fail(connection, number),
        _ => come_and_go(connection, number),
    }
}

/// Somebody whom nobody knows.
fn fail(connection: &mut Connection, number: usize) {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": ACCOUNT.client,
        "AuthParameters": { "USERNAME": format!("nobody-{number}@example.com"), "PASSWORD": "wrong" },
    });
    let (got, _) = connection.send("InitiateAuth", &body);
    assert_eq!(got["__type"], "UserNotFoundException", "{got}");
}

/// Somebody who signs up, is confirmed, signs in and is deleted.
fn come_and_go(connection: &mut Connection, number: usize) {
    let email = format!("guest-{number}@example.com");
    let password = "Passw0rd-of-a-guest";
    let of_user = json!({ "UserPoolId": ACCOUNT.pool_id, "Username": email });
    let sign_up = json!({ "ClientId": ACCOUNT.client, "Username": email, "Password": password });
    let (got, _) = connection.send("SignUp", &sign_up);
    assert!(got["UserSub"].is_string(), "{got}");
    let (got, _) = connection.send("AdminConfirmSignUp", &of_user);
    assert_eq!(got, json!({}), "confirmed");
    let sign_in = json!({
        "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": ACCOUNT.client,
        "AuthParameters": { "USERNAME": email, "PASSWORD": password },
    });
    let (got, _) = connection.send("InitiateAuth", &sign_in);
    assert!(got.get("AuthenticationResult").is_some(), "{got}");
    let (got, _) = connection.send("AdminDeleteUser", &of_user);
    assert_eq!(got, json!({}), "deleted");
}

fn rounds() -> usize {
    match is_test() {
        true => 100,
        false => number_after("--rounds").unwrap_or(200_000),
    }
}

/// Connections at once.
const LANES: usize = 2;
