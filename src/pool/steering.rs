//! Choosing b, after A has been seen, and salts, so that rare values occur.

use super::random::PoolRandom;
use crate::model::{ByteClass, SrpValue, Steering};
use crate::srp::modexp::modpow;
use crate::srp::{BigUint, Dialect, multiplier, parse_hex, scrambler, server_public};

/// The private value that was chosen, and what it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The private value.
    pub(super) b: BigUint,
    /// The public value.
    pub(super) b_pub: BigUint,
    /// Classes that were asked for and reached, e.g. `B:nib`.
    pub(super) reached: Vec<String>,
    /// Classes that were asked for and not reached, with the reason.
    pub(super) not_reached: Vec<String>,
}

/// Chooses b.
///
/// The search goes through b, b + 1, b + 2 …, so that `g^b` costs one multiplication a try and only a wish for S costs
/// exponentiations.
pub(super) fn choose_b(
    d: &Dialect,
    steering: &Steering,
    v: &BigUint,
    a_pub: &BigUint,
    random: &mut PoolRandom,
) -> Chosen {
    let dictated = steering.b.as_deref().and_then(|hex| parse_hex(hex).ok());
    let wishes = &steering.reach;
    let wants_s = wishes.iter().any(|(value, _)| *value == SrpValue::S);
    let is_dictated = dictated.is_some();
    // A short b makes trying for S bearable; nothing a client sees depends on its length.
    let start = dictated
        .unwrap_or_else(|| random.number(if wants_s { SHORT_OCTETS } else { USUAL_OCTETS }));
    if wishes.is_empty() {
        let b_pub = server_public(d, v, &start);
        return Chosen {
            b: start,
            b_pub,
            reached: Vec::new(),
            not_reached: Vec::new(),
        };
    }

    let search = Search::new(d, v, a_pub, wishes);
    let tries = if is_dictated { 1 } else { MOST_TRIES };
    let mut s_tries = if is_dictated { 1 } else { MOST_S_TRIES };
    let mut power = modpow(&d.group.g, &start, &d.group.n);
    let mut b = start;
    let mut best: Option<(usize, BigUint, BigUint, Vec<bool>)> = None;
    for _ in 0..tries {
        let b_pub = search.public(&power);
        let held = search.held(&b, &b_pub, &mut s_tries);
        let count = held.iter().filter(|held| **held).count();
        if best.as_ref().is_none_or(|(most, ..)| count > *most) {
            best = Some((count, b.clone(), b_pub, held));
        }
        if count == wishes.len() || s_tries == 0 {
            break;
        }
        b += 1_u32;
        power = power * &d.group.g % &d.group.n;
    }
    let Some((_, b, b_pub, held)) = best else {
        let b_pub = server_public(d, v, &b);
        return Chosen {
            b,
            b_pub,
            reached: Vec::new(),
            not_reached: Vec::new(),
        };
    };
    let reason = if is_dictated {
        "b is dictated".to_owned()
    } else if wants_s {
        format!("not within {MOST_S_TRIES} tries for S and {MOST_TRIES} in all")
    } else {
        format!("not within {MOST_TRIES} tries")
    };
    let (mut reached, mut not_reached) = (Vec::new(), Vec::new());
    for ((value, class), held) in wishes.iter().zip(held) {
        if held {
            reached.push(format!("{value}:{class}"));
        } else {
            not_reached.push(format!("{value}:{class}: {reason}"));
        }
    }
    Chosen {
        b,
        b_pub,
        reached,
        not_reached,
    }
}

/// 16 octets whose beginning is in this class, made from random ones.
pub(super) fn shape_salt(octets: &mut [u8], class: ByteClass) {
    let [first, second, ..] = octets else { return };
    match class {
        ByteClass::Top => *first |= 0x80,
        ByteClass::ZeroNibble => *first = 1 + *first % 0x0f,
        ByteClass::ZeroLow => {
            *first = 0;
            *second = 1 + *second % 0x7f;
        }
        ByteClass::ZeroHigh => {
            *first = 0;
            *second |= 0x80;
        }
        ByteClass::Plain => *first = 0x10 + *first % 0x70,
    }
}

struct Search<'a> {
    d: &'a Dialect,
    a_pub: &'a BigUint,
    v: &'a BigUint,
    k_v: BigUint,
    wishes: &'a [(SrpValue, ByteClass)],
    width: usize,
    u_width: usize,
}

impl<'a> Search<'a> {
    fn new(
        d: &'a Dialect,
        v: &'a BigUint,
        a_pub: &'a BigUint,
        wishes: &'a [(SrpValue, ByteClass)],
    ) -> Self {
        Self {
            d,
            a_pub,
            v,
            k_v: multiplier(d) * v % &d.group.n,
            wishes,
            width: d.group.n.to_bytes_be().len(),
            u_width: d.hash.digest(&[]).len(),
        }
    }

    fn public(&self, power: &BigUint) -> BigUint {
        (&self.k_v + power) % &self.d.group.n
    }

    /// Which wishes hold. S is only computed where the cheaper wishes do, and while tries for it are left.
    fn held(&self, b: &BigUint, b_pub: &BigUint, s_tries: &mut usize) -> Vec<bool> {
        let Ok(u) = scrambler(self.d, self.a_pub, b_pub) else {
            return vec![false; self.wishes.len()];
        };
        let mut held: Vec<bool> = self
            .wishes
            .iter()
            .map(|(value, class)| match value {
                SrpValue::B => is_in(b_pub, self.width, *class),
                SrpValue::U => is_in(&u, self.u_width, *class),
                SrpValue::S => false,
            })
            .collect();
        let is_s = |value: SrpValue| value == SrpValue::S;
        let cheap_hold = self
            .wishes
            .iter()
            .zip(&held)
            .all(|((value, _), held)| *held || is_s(*value));
        if cheap_hold && *s_tries > 0 && self.wishes.iter().any(|(value, _)| is_s(*value)) {
            *s_tries -= 1;
            let n = &self.d.group.n;
            let base = self.a_pub * modpow(self.v, &u, n) % n;
            let s = modpow(&base, b, n);
            for ((value, class), held) in self.wishes.iter().zip(&mut held) {
                if is_s(*value) {
                    *held = is_in(&s, self.width, *class);
                }
            }
        }
        held
    }
}

fn is_in(value: &BigUint, width: usize, class: ByteClass) -> bool {
    let octets = value.to_bytes_be();
    let mut full = vec![0; width.saturating_sub(octets.len())];
    full.extend(octets);
    ByteClass::of(&full) == Some(class)
}

/// Octets of b, unless S is steered. The service's number is not public and no client can tell.
const USUAL_OCTETS: usize = 32;
const SHORT_OCTETS: usize = 8;
/// The rarest class holds once in about 516 tries: 4096 tries miss it once in 2800 sign-ins.
const MOST_TRIES: usize = 4096;
/// Two exponentiations each.
const MOST_S_TRIES: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::{Credentials, Salt, client_public, client_session, verifier};

    fn world() -> (Dialect, BigUint, BigUint) {
        let d = Dialect::cognito();
        let credentials = Credentials {
            scope: "TestPool1",
            user: "alice",
            password: b"Passw0rd!",
        };
        let salt = Salt::from_hex("beb25379d1a8581eb5a727673a2441ee").unwrap();
        let v = verifier(&d, &credentials, &salt);
        let a = BigUint::from(0x0123_4567_89ab_cdef_u64);
        (d, v, a)
    }

    #[test]
    fn every_class_of_b_and_u_is_reached_within_the_bound() {
        let (d, v, a) = world();
        let a_pub = client_public(&d, &a).unwrap();
        for value in [SrpValue::B, SrpValue::U] {
            for class in ByteClass::ALL {
                let steering = Steering {
                    reach: vec![(value, class)],
                    ..Steering::default()
                };
                let chosen = choose_b(&d, &steering, &v, &a_pub, &mut PoolRandom::new(1));
                assert_eq!(
                    chosen.reached,
                    [format!("{value}:{class}")],
                    "{value} {class}"
                );
                assert_eq!(
                    chosen.b_pub,
                    server_public(&d, &v, &chosen.b),
                    "B of the b that was found"
                );
            }
        }
    }

    #[test]
    fn a_class_of_s_is_reached_as_the_client_will_compute_it() {
        let (d, v, a) = world();
        let a_pub = client_public(&d, &a).unwrap();
        let steering = Steering {
            reach: vec![(SrpValue::S, ByteClass::ZeroNibble)],
            ..Steering::default()
        };
        let chosen = choose_b(&d, &steering, &v, &a_pub, &mut PoolRandom::new(1));
        assert_eq!(chosen.reached, ["S:nib"]);
        let credentials = Credentials {
            scope: "TestPool1",
            user: "alice",
            password: b"Passw0rd!",
        };
        let salt = Salt::from_hex("beb25379d1a8581eb5a727673a2441ee").unwrap();
        let session = client_session(&d, &credentials, &a, &salt, &chosen.b_pub).unwrap();
        assert!(
            is_in(&session.s, 384, ByteClass::ZeroNibble),
            "S at the client"
        );
    }

    #[test]
    fn a_dictated_b_wins_and_an_unreached_class_says_why() {
        let (d, v, a) = world();
        let a_pub = client_public(&d, &a).unwrap();
        let steering = Steering {
            b: Some("0A".to_owned()),
            reach: ByteClass::ALL
                .into_iter()
                .map(|class| (SrpValue::B, class))
                .collect(),
            ..Steering::default()
        };
        let chosen = choose_b(&d, &steering, &v, &a_pub, &mut PoolRandom::new(1));
        assert_eq!(chosen.b, BigUint::from(10_u32), "b");
        assert_eq!(
            chosen.reached.len() + chosen.not_reached.len(),
            5,
            "every wish is accounted for"
        );
        assert!(
            chosen
                .not_reached
                .iter()
                .all(|text| text.ends_with("b is dictated")),
            "{:?}",
            chosen.not_reached
        );
    }

    #[test]
    fn a_shaped_salt_is_in_its_class() {
        for seed in 0..64_u8 {
            for class in ByteClass::ALL {
                let mut octets = [seed.wrapping_mul(37), seed.wrapping_mul(91), 1];
                shape_salt(&mut octets, class);
                assert_eq!(ByteClass::of(&octets), Some(class), "{octets:02x?}");
            }
        }
    }
}
