//! Lies of the client: what a right service refuses.

use std::sync::{Arc, OnceLock};

use data_encoding::BASE64;

use crate::client::{Confirming, Forgets, Lie, Outgoing, Policy};
use crate::scenario::{Attack, Names, Scenario};
use crate::srp::{Group, Timestamp, to_hex};
use crate::wire::names::key;
use crate::wire::{ChallengeName, Operation};

/// Makes a client tell the scenario's lie.
pub fn arm(policy: &mut Policy, scenario: &Scenario) {
    let Some(attack) = scenario.attack else {
        return;
    };
    if attack == Attack::SessionTwice {
        policy.confirming = Confirming::Twice;
        return;
    }
    if attack == Attack::SignedOutTokens {
        policy.tokens.forgets = Forgets::Never;
        return;
    }
    if attack == Attack::FirstRefreshToken {
        let first = OnceLock::new();
        policy.lie = Some(Lie(Arc::new(move |message| {
            message.change("RefreshToken", |shown| {
                first.get_or_init(|| shown.to_owned()).clone()
            });
        })));
        return;
    }
    let names = Names::of(scenario);
    policy.lie = Some(Lie(Arc::new(move |message| tell(attack, &names, message))));
}

fn tell(attack: Attack, names: &Names, message: &mut Outgoing<'_>) {
    let proves = message.answers(&ChallengeName::PasswordVerifier);
    match attack {
        Attack::PaddedDay => {
            message.reclaim(|proof| proof.timestamp = padded_day(&proof.timestamp));
        }
        Attack::WrongWeekday => {
            message.reclaim(|proof| proof.timestamp = wrong_weekday(&proof.timestamp));
        }
        Attack::UnparsableTimestamp => message.reclaim(|proof| {
            if let Ok(parsed) = Timestamp::parse(&proof.timestamp) {
                proof.timestamp = format!("{} seconds", parsed.unix);
            }
        }),
        Attack::AlteredSignature => message.change(key::PASSWORD_CLAIM_SIGNATURE, |text| {
            with_a_flipped_bit(text)
        }),
        Attack::AlteredSecretBlock if proves => {
            message.reclaim(|proof| {
                if let Some(octet) = proof.secret_block.last_mut() {
                    *octet ^= 1;
                }
            });
            message.change(key::PASSWORD_CLAIM_SECRET_BLOCK, |text| {
                with_a_flipped_bit(text)
            });
        }
        Attack::OtherUsersName if !message.starts() => {
            message.set(key::USERNAME, names.other_internal.clone());
            message.rehash(&names.other_internal);
        }
        Attack::WrongSecretHash => message.rehash("somebody else"),
        Attack::MissingSecretHash => message.remove(key::SECRET_HASH),
        Attack::ZeroA => message.change(key::SRP_A, |_| "0".to_owned()),
        Attack::AIsN => message.change(key::SRP_A, |_| to_hex(&Group::cognito().n)),
        Attack::ForeignSession => {
            if let Some(session) = message.members().get_mut("Session") {
                *session = "AYABeForeignSessionThatNobodyEverIssued0123456789".into();
            }
        }
        Attack::MissingPassword => message.remove(key::PASSWORD),
        Attack::ForgedRefreshToken => message.change("RefreshToken", with_another_digit),
        Attack::RefreshWithoutSecret if refreshes(message) => message.remove("ClientSecret"),
        Attack::RefreshWithoutDevice if refreshes(message) => message.remove("DeviceKey"),
        Attack::AlteredSecretBlock
        | Attack::OtherUsersName
        | Attack::SessionTwice
        | Attack::FirstRefreshToken
        | Attack::RefreshWithoutSecret
        | Attack::RefreshWithoutDevice
        | Attack::SignedOutTokens => {}
    }
}

fn refreshes(message: &Outgoing<'_>) -> bool {
    *message.operation == Operation::GetTokensFromRefreshToken
}

/// Another digit near the end, where nothing tells what a token is about.
fn with_another_digit(token: &str) -> String {
    let mut digits: Vec<char> = token.chars().collect();
    let at = digits.len().saturating_sub(8);
    if let Some(digit) = digits.get_mut(at) {
        *digit = if *digit == 'A' { 'B' } else { 'A' };
    }
    digits.into_iter().collect()
}

fn padded_day(timestamp: &str) -> String {
    let mut words: Vec<String> = timestamp.split(' ').map(str::to_owned).collect();
    if let Some(day) = words.get_mut(2).filter(|day| day.len() == 1) {
        day.insert(0, '0');
    }
    words.join(" ")
}

fn wrong_weekday(timestamp: &str) -> String {
    let other = if timestamp.starts_with("Sun") {
        "Mon"
    } else {
        "Sun"
    };
    timestamp
        .get(3..)
        .map_or_else(|| timestamp.to_owned(), |rest| format!("{other}{rest}"))
}

fn with_a_flipped_bit(base64: &str) -> String {
    match BASE64.decode(base64.as_bytes()) {
        Ok(mut octets) => {
            if let Some(octet) = octets.last_mut() {
                *octet ^= 1;
            }
            BASE64.encode(&octets)
        }
        Err(_) => base64.to_owned(),
    }
}
