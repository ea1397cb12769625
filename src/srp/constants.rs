//! Which of Cognito's constants somebody has wrong, as a public value tells.
//!
//! For a private value just above the length of N, g^a is only a little larger than N: so `A = 2^a - q·N` with a small q, and
//! an N that is wrong by some digits can be had back from A.

use std::fmt;

use num_bigint::BigUint;

use super::group::Group;
use super::integer::to_hex;

/// A private value whose public value tells the constants apart: 8 bits longer than N.
pub const TELLING_A: u32 = 3080;

/// A constant that is not Cognito's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongConstant {
    /// g is this.
    G(u32),
    /// N differs.
    N {
        /// How many hexadecimal digits are as they should be, from the front.
        right: usize,
        /// How many it has.
        digits: usize,
        /// What stands from there on, cut.
        got: String,
        /// What should stand there, cut.
        expected: String,
    },
}

impl WrongConstant {
    /// What a public value for [`TELLING_A`] says; `None` where it is right, or of no private value like that: then it may be that
    /// of another one, and shows nothing about constants.
    pub fn of(public: &BigUint) -> Option<Self> {
        let Group { n, g, .. } = Group::cognito();
        let a = BigUint::from(TELLING_A);
        // That of a near private value would read as an N of nearly the same digits.
        let near = TELLING_A - NEAR..=TELLING_A + NEAR;
        if near.into_iter().any(|a| g.modpow(&a.into(), &n) == *public) {
            return None;
        }
        let mut others = (3..=LARGEST_G).filter(|other| BigUint::from(*other) != g);
        if let Some(other) = others.find(|other| BigUint::from(*other).modpow(&a, &n) == *public) {
            return Some(Self::G(other));
        }
        wrong_n(public, &n)
    }
}

fn wrong_n(public: &BigUint, n: &BigUint) -> Option<WrongConstant> {
    let power = BigUint::from(1_u32) << TELLING_A;
    if *public >= power {
        return None;
    }
    let difference = power - public;
    let zero = BigUint::default();
    let right = to_hex(n);
    (1..=LARGEST_Q).find_map(|q| {
        if &difference % q != zero {
            return None;
        }
        let wrong = to_hex(&(&difference / q));
        let alike = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| {
            one.zip(other).take_while(|(a, b)| a == b).count()
        };
        let front = alike(&mut wrong.chars(), &mut right.chars());
        let back = alike(&mut wrong.chars().rev(), &mut right.chars().rev());
        let from = |text: &str| text.chars().skip(front).take(SHOWN).collect::<String>();
        (front + back >= right.len() - MOST_WRONG).then(|| WrongConstant::N {
            right: front,
            digits: wrong.len(),
            got: from(&wrong),
            expected: from(&right),
        })
    })
}

impl fmt::Display for WrongConstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::G(g) => write!(f, "g is {g} in place of 2"),
            Self::N {
                right,
                digits,
                got,
                expected,
            } => write!(
                f,
                "N is not Cognito's: it has {digits} hexadecimal digits in place of 768, and after the first {right} of them \
                 {got:?} in place of {expected:?}"
            ),
        }
    }
}

/// How far from the one that was given another private value is recognised.
const NEAR: u32 = 16;
/// No port has shipped with a larger g.
const LARGEST_G: u32 = 64;
/// Two octets more than a right N leaves: an N may be short of four digits.
const LARGEST_Q: u32 = 1 << 16;
/// How many digits may be wrong.
const MOST_WRONG: usize = 64;
/// How many digits are shown.
const SHOWN: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::parse_hex;

    fn public(g: u32, n: &BigUint) -> BigUint {
        BigUint::from(g).modpow(&BigUint::from(TELLING_A), n)
    }

    #[test]
    fn right_constants_are_right() {
        let n = Group::cognito().n;
        assert_eq!(WrongConstant::of(&public(2, &n)), None);
    }

    #[test]
    fn another_g_is_told_by_its_number() {
        let n = Group::cognito().n;
        assert_eq!(WrongConstant::of(&public(5, &n)), Some(WrongConstant::G(5)));
    }

    #[test]
    fn an_n_with_a_wrong_a_missing_or_an_extra_digit_is_told_by_the_place() {
        let right = to_hex(&Group::cognito().n);
        let (front, back) = right.split_at(400);
        let next = back.chars().next().expect("a digit");
        let other = if next == '7' { '8' } else { '7' };
        for (wrong, digits) in [
            (format!("{front}{other}{}", &back[1..]), 768),
            (format!("{front}{}", &back[1..]), 767),
            (format!("{front}{other}{back}"), 769),
        ] {
            let n = parse_hex(&wrong).expect("a number");
            let told = WrongConstant::of(&public(2, &n));
            let Some(WrongConstant::N {
                right, digits: got, ..
            }) = &told
            else {
                panic!("N is wrong: {told:?}");
            };
            assert!((400..=401).contains(right), "{told:?}");
            assert_eq!(*got, digits, "{told:?}");
        }
    }

    #[test]
    fn a_value_of_another_private_value_shows_no_wrong_constant() {
        let Group { n, g, .. } = Group::cognito();
        let another = g.modpow(&(BigUint::from(1_u8) << 1_000_u32), &n);
        let next = g.modpow(&(TELLING_A + 1).into(), &n);
        for value in [another, next, BigUint::from(12_345_u32)] {
            assert_eq!(WrongConstant::of(&value), None);
        }
    }
}
