//! Which rare values a sign-in had, asked for or by chance, and how they are asked for.

use std::fmt;

use crate::model::{ByteClass, SaltChoice, SrpValue, Steering, Wish};
use crate::record::Transcript;
use crate::srp::{self, BigUint, Dialect, ServerInput, parse_hex};
use crate::wire::event::{Event, PoolNote};

/// How one value of a sign-in began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rare {
    /// The salt.
    Salt(ByteClass),
    /// A value of the computation.
    Value(SrpValue, ByteClass),
}

impl Rare {
    /// Every value of the round that was the latest when something was found at an exchange; without one, of the last round.
    /// The rarest comes first. Nothing where there was no round, or its values are redacted.
    pub fn of(transcript: &Transcript, exchange: Option<usize>) -> Vec<Self> {
        let mut rare = latest_round(transcript, exchange)
            .and_then(classes)
            .unwrap_or_default();
        rare.sort_by(|a, b| {
            b.class()
                .expected_tries()
                .total_cmp(&a.class().expected_tries())
        });
        rare
    }

    /// Asks for it.
    pub fn steer(self, steering: &mut Steering) {
        match self {
            Self::Salt(class) => steering.salt = Some(SaltChoice::Class(class)),
            Self::Value(value, class) => {
                steering
                    .reach
                    .retain(|wish| !matches!(wish, Wish::Begins(other, _) if *other == value));
                steering.reach.push(Wish::Begins(value, class));
            }
        }
    }

    /// Whether it is asked for.
    pub fn is_asked(self, steering: &Steering) -> bool {
        match self {
            Self::Salt(class) => steering.salt == Some(SaltChoice::Class(class)),
            Self::Value(value, class) => steering.reach.contains(&Wish::Begins(value, class)),
        }
    }

    /// Whether a value with nothing special about it begins so.
    pub fn is_plain(self) -> bool {
        self.class() == ByteClass::Plain
    }

    fn class(self) -> ByteClass {
        match self {
            Self::Salt(class) | Self::Value(_, class) => class,
        }
    }
}

impl fmt::Display for Rare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Salt(class) => write!(f, "salt = {class}"),
            Self::Value(value, class) => write!(f, "{value} = {class}"),
        }
    }
}

/// The note of the latest round before the answer to an exchange.
fn latest_round(transcript: &Transcript, exchange: Option<usize>) -> Option<&PoolNote> {
    let mut requests = 0;
    let before = transcript.events.iter().take_while(|event| {
        requests += usize::from(matches!(event, Event::Requested { .. }));
        exchange.is_none_or(|exchange| requests <= exchange + 1)
    });
    let notes = before.filter_map(|event| match event {
        Event::Noted(note @ PoolNote::Srp { .. }) => Some(note),
        _ => None,
    });
    notes.last()
}

fn classes(note: &PoolNote) -> Option<Vec<Rare>> {
    let PoolNote::Srp {
        salt,
        v,
        b,
        big_a,
        big_b,
        ..
    } = note
    else {
        return None;
    };
    let number = |text: &str| parse_hex(text).ok();
    let dialect = Dialect::cognito();
    let (n, hash) = (dialect.group.octets(), dialect.hash.octets());
    let (salt, a_pub, b_pub) = (number(salt)?, number(big_a)?, number(big_b)?);
    let mut rare = vec![
        Rare::Salt(class(&salt, SALT_OCTETS)),
        Rare::Value(SrpValue::A, class(&a_pub, n)),
        Rare::Value(SrpValue::B, class(&b_pub, n)),
    ];
    let input = ServerInput {
        v: &number(v)?,
        b: &number(b)?,
        a_pub: &a_pub,
        b_pub: &b_pub,
    };
    // A ≡ 0 and u = 0 lead to no session.
    if let Ok(session) = srp::server_session_with_public(&dialect, &input) {
        rare.push(Rare::Value(SrpValue::U, class(&session.u, hash)));
        rare.push(Rare::Value(SrpValue::S, class(&session.s, n)));
    }
    Some(rare)
}

fn class(value: &BigUint, width: usize) -> ByteClass {
    let octets = value.to_bytes_be();
    let mut padded = vec![0; width.saturating_sub(octets.len())];
    padded.extend(octets);
    ByteClass::of(&padded)
}

/// The octets of a salt of the service.
const SALT_OCTETS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Played, Theatre};
    use crate::scenario::Scenario;

    #[tokio::test]
    async fn what_was_asked_for_is_what_is_seen() {
        let mut theatre = Theatre::in_process();
        for wanted in [
            Rare::Salt(ByteClass::ZeroNibble),
            Rare::Value(SrpValue::A, ByteClass::Top),
            Rare::Value(SrpValue::B, ByteClass::ZeroNibble),
            Rare::Value(SrpValue::U, ByteClass::Top),
            Rare::Value(SrpValue::S, ByteClass::ZeroNibble),
        ] {
            let mut scenario = Scenario::plain("x", 7);
            wanted.steer(&mut scenario.steering);
            let Played::Transcript(transcript) = theatre.play(&scenario).await.unwrap() else {
                panic!("the reference client takes every scenario");
            };
            let seen = Rare::of(&transcript, None);
            assert!(seen.contains(&wanted), "{wanted}: {seen:?}");
            for rare in &seen {
                assert_eq!(rare.is_asked(&scenario.steering), *rare == wanted, "{rare}");
            }
            assert_eq!(seen.len(), 5, "each value once: {seen:?}");
            let tries: Vec<_> = seen
                .iter()
                .map(|rare| rare.class().expected_tries())
                .collect();
            assert!(
                tries.is_sorted_by(|a, b| a >= b),
                "the rarest first: {seen:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_sign_in_without_a_round_had_no_rare_value() {
        let scenario = Scenario {
            flow: Some(crate::wire::AuthFlowType::UserPassword),
            ..Scenario::plain("x", 7)
        };
        let Played::Transcript(transcript) = Theatre::in_process().play(&scenario).await.unwrap()
        else {
            panic!("the reference client takes every scenario");
        };
        assert_eq!(Rare::of(&transcript, None), Vec::new());
    }
}
