//! Rare values, chosen by the pool so that they occur in the first sign-in.
//!
//! What can be wished for:
//!
//! | wish | reached by | needs |
//! |---|---|---|
//! | a class of the salt | choosing it | – |
//! | a class of B, u or S | choosing b after A was seen | – |
//! | a class of A | choosing a | a port that takes an injected a |
//! | an odd exponent `a + u·x` | choosing a, then b | a port that takes an injected a |
//!
//! Whatever a port does not take may be wished for all the same. What does not come about is reported as not reached.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// What is to happen. Salt is chosen before the challenge, b after A has been seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Steering {
    /// The salt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<SaltChoice>,
    /// The private value b, hexadecimal, dictated. `reach` then only asks what holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<String>,
    /// What is to hold at once, at most one wish for each value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<Wish>,
}

impl Steering {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.salt.is_none() && self.b.is_none() && self.reach.is_empty()
    }

    /// Every wish by its name in reports, the salt's included: `B:nib`, `exponent:odd`, `salt:top`.
    pub fn wishes(&self) -> Vec<String> {
        let salt = match &self.salt {
            Some(SaltChoice::Class(class)) => Some(format!("salt:{class}")),
            Some(SaltChoice::Dictated(_)) | None => None,
        };
        let reach = self.reach.iter().map(ToString::to_string);
        salt.into_iter().chain(reach).collect()
    }

    /// How many b have to be tried, on average, until every wish holds that b can fulfil.
    pub fn expected_tries(&self) -> f64 {
        self.expected(Wish::is_of_b)
    }

    /// How many a have to be tried, on average. An odd one is as easily had as any.
    pub fn expected_tries_for_a(&self) -> f64 {
        self.expected(Wish::is_of_a)
    }

    /// Whether the wishes can be sought.
    ///
    /// # Errors
    /// Two of them exclude each other, or together they are rarer than a search can bear. A dictated b is not sought for, so
    /// that nothing of it is refused.
    pub fn check(&self) -> Result<(), OutOfReach> {
        if self.b.is_some() {
            return Ok(());
        }
        for (at, wish) in self.reach.iter().enumerate() {
            if let Some(other) = self.reach[..at].iter().find(|other| other.excludes(wish)) {
                return Err(OutOfReach::Exclusive {
                    first: *other,
                    second: *wish,
                });
            }
        }
        let rarer = self.expected_tries().max(self.expected_tries_for_a());
        if rarer > MOST_EXPECTED_TRIES {
            return Err(OutOfReach::TooRare {
                wishes: self.wishes(),
                expected: rarer.round() as u64,
            });
        }
        Ok(())
    }

    fn expected(&self, counts: fn(&Wish) -> bool) -> f64 {
        self.reach
            .iter()
            .filter(|wish| counts(wish))
            .map(Wish::expected_tries)
            .product()
    }
}

/// The tries after which a search for something that takes `expected` on average is given up: a search that could succeed
/// is given up fewer than once in 100 000 times, `e^−12`.
pub fn tries_allowed(expected: f64) -> u64 {
    (expected * PATIENCE).ceil() as u64
}

/// Why wishes can't be sought.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfReach {
    /// Two wishes exclude each other.
    #[error("expected at most one class for each value, got {first} and {second}")]
    Exclusive {
        /// One of them.
        first: Wish,
        /// The other.
        second: Wish,
    },
    /// They are too rare together.
    #[error(
        "expected wishes that hold once in {MOST_EXPECTED_TRIES} values or more often, got {} (once in {expected})",
        .wishes.join(" and ")
    )]
    TooRare {
        /// All of them.
        wishes: Vec<String>,
        /// How many tries they take on average.
        expected: u64,
    },
}

/// How the salt is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaltChoice {
    /// These octets, hexadecimal.
    Dictated(String),
    /// 16 random octets whose beginning is in this class. [`ByteClass::ZeroLow`] and [`ByteClass::ZeroZero`] are read in two
    /// ways by correct clients, so nothing but an explicit wish chooses them.
    Class(ByteClass),
}

/// Something that is to hold of a round. In JSON a pair: `["B", "nib"]`, `["exponent", "odd"]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Pair", into = "Pair")]
pub enum Wish {
    /// A value begins so.
    Begins(SrpValue, ByteClass),
    /// The client's exponent `a + u·x` is odd: where a mistaken sign of its base shows.
    OddExponent,
}

impl Wish {
    /// How many values have to be tried, on average, until it holds.
    pub fn expected_tries(&self) -> f64 {
        match self {
            Self::Begins(_, class) => class.expected_tries(),
            Self::OddExponent => 2.0,
        }
    }

    /// Whether a has to be known to the pool, so that it needs a port that takes an injected one.
    pub fn needs_a(&self) -> bool {
        matches!(self, Self::Begins(SrpValue::A, _) | Self::OddExponent)
    }

    fn is_of_a(&self) -> bool {
        matches!(self, Self::Begins(SrpValue::A, _))
    }

    fn is_of_b(&self) -> bool {
        !self.is_of_a()
    }

    /// Whether both can't hold; the same wish twice is no wish for two things either.
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Begins(value, _), Self::Begins(same, _)) => value == same,
            _ => self == other,
        }
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pair(what, how) = (*self).into();
        write!(f, "{what}:{how}")
    }
}

/// A wish as it is written.
#[derive(Serialize, Deserialize)]
struct Pair(String, String);

impl From<Wish> for Pair {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Begins(value, class) => Self(value.to_string(), class.to_string()),
            Wish::OddExponent => Self(EXPONENT.to_owned(), ODD.to_owned()),
        }
    }
}

impl TryFrom<Pair> for Wish {
    type Error = NoWish;

    fn try_from(pair: Pair) -> Result<Self, NoWish> {
        let Pair(what, how) = &pair;
        if what == EXPONENT && how == ODD {
            return Ok(Self::OddExponent);
        }
        let value = SrpValue::ALL.into_iter().find(|v| v.to_string() == *what);
        let class = ByteClass::ALL.into_iter().find(|c| c.to_string() == *how);
        match (value, class) {
            (Some(value), Some(class)) => Ok(Self::Begins(value, class)),
            _ => Err(NoWish {
                got: [pair.0, pair.1].map(|word| word.chars().take(LONGEST_WORD).collect()),
            }),
        }
    }
}

/// Why a pair is no wish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {} with {}, or [{EXPONENT:?}, {ODD:?}], got {got:?}", one_of(&SrpValue::ALL), one_of(&ByteClass::ALL))]
pub struct NoWish {
    /// The pair, each word cut to 20 characters.
    pub got: [String; 2],
}

fn one_of(names: &[impl fmt::Display]) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    format!("one of {}", names.join(", "))
}

/// A value of the computation whose beginning can be wished for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SrpValue {
    /// The client's public value. In reach only where a is injected.
    A,
    /// The service's public value.
    B,
    /// The scrambling parameter.
    U,
    /// The premaster secret.
    S,
}

impl SrpValue {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::U, Self::S];
}

impl fmt::Display for SrpValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
            Self::U => "u",
            Self::S => "S",
        })
    }
}

/// How a value begins when it is written with its full width (N's for A, B and S, the hash's for u, 16 octets for a salt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ByteClass {
    /// First octet 0x80 or above: needs a sign octet.
    #[serde(rename = "top")]
    Top,
    /// First hexadecimal digit 0, first octet not 0: odd number of digits.
    #[serde(rename = "nib")]
    ZeroNibble,
    /// First octet 0, second 0x01–0x7f: shorter by one.
    #[serde(rename = "00lo")]
    ZeroLow,
    /// First octet 0, second 0x80 or above: shorter by one, then a sign octet.
    #[serde(rename = "00hi")]
    ZeroHigh,
    /// First two octets 0: shorter by two or more.
    #[serde(rename = "0000")]
    ZeroZero,
    /// First octet 0x10–0x7f: nothing special.
    #[serde(rename = "plain")]
    Plain,
}

impl ByteClass {
    /// All classes. Every beginning is in exactly one of them.
    pub const ALL: [Self; 6] = [
        Self::Top,
        Self::ZeroNibble,
        Self::ZeroLow,
        Self::ZeroHigh,
        Self::ZeroZero,
        Self::Plain,
    ];

    /// The class of a value written with its full width, big-endian. Octets that are not there count as 0.
    pub fn of(octets: &[u8]) -> Self {
        let octet = |at: usize| octets.get(at).copied().unwrap_or_default();
        match (octet(0), octet(1)) {
            (0, 0) => Self::ZeroZero,
            (0, 1..=0x7f) => Self::ZeroLow,
            (0, _) => Self::ZeroHigh,
            (1..=0x0f, _) => Self::ZeroNibble,
            (0x10..=0x7f, _) => Self::Plain,
            _ => Self::Top,
        }
    }

    /// The first two octets of its values, as one number.
    pub fn beginnings(self) -> RangeInclusive<u16> {
        match self {
            Self::Top => 0x8000..=0xffff,
            Self::ZeroNibble => 0x0100..=0x0fff,
            Self::ZeroLow => 0x0001..=0x007f,
            Self::ZeroHigh => 0x0080..=0x00ff,
            Self::ZeroZero => 0x0000..=0x0000,
            Self::Plain => 0x1000..=0x7fff,
        }
    }

    /// How many values have to be drawn, on average, until one is in the class.
    pub fn expected_tries(self) -> f64 {
        65_536.0 / self.beginnings().count() as f64
    }
}

impl fmt::Display for ByteClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Top => "top",
            Self::ZeroNibble => "nib",
            Self::ZeroLow => "00lo",
            Self::ZeroHigh => "00hi",
            Self::ZeroZero => "0000",
            Self::Plain => "plain",
        })
    }
}

/// The most tries that wishes may take on average: a search of a second or two for B and u. S is computed only where what is
/// cheaper holds, never more than about 65 536 times on average.
pub const MOST_EXPECTED_TRIES: f64 = 2_097_152.0;
/// How many times the expected tries are made before a search is given up.
const PATIENCE: f64 = 12.0;
const EXPONENT: &str = "exponent";
const ODD: &str = "odd";
const LONGEST_WORD: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_go_by_the_first_two_octets() {
        let cases: [(&[u8], ByteClass); 8] = [
            (&[0x80, 0], ByteClass::Top),
            (&[0x7f, 0], ByteClass::Plain),
            (&[0x10, 0], ByteClass::Plain),
            (&[0x0f, 0], ByteClass::ZeroNibble),
            (&[0, 0x7f], ByteClass::ZeroLow),
            (&[0, 0x80], ByteClass::ZeroHigh),
            (&[0, 0, 1], ByteClass::ZeroZero),
            (&[], ByteClass::ZeroZero),
        ];
        for (octets, class) in cases {
            assert_eq!(ByteClass::of(octets), class, "{octets:02x?}");
        }
    }

    #[test]
    fn every_beginning_is_in_the_one_class_that_lists_it() {
        for beginning in 0..=u16::MAX {
            let class = ByteClass::of(&beginning.to_be_bytes());
            let listing: Vec<_> = ByteClass::ALL
                .into_iter()
                .filter(|class| class.beginnings().contains(&beginning))
                .collect();
            assert_eq!(listing, [class], "{beginning:04x}");
        }
    }

    #[test]
    fn the_tries_of_a_class_follow_from_its_share() {
        let tries = ByteClass::ALL.map(|class| class.expected_tries().round());
        assert_eq!(tries, [2.0, 17.0, 516.0, 512.0, 65_536.0, 2.0]);
    }

    #[test]
    fn a_wish_is_a_pair_of_words_in_json() {
        let wishes = [
            (
                Wish::Begins(SrpValue::A, ByteClass::ZeroZero),
                r#"["A","0000"]"#,
            ),
            (Wish::Begins(SrpValue::U, ByteClass::Top), r#"["u","top"]"#),
            (Wish::OddExponent, r#"["exponent","odd"]"#),
        ];
        for (wish, json) in wishes {
            assert_eq!(serde_json::to_string(&wish).unwrap(), json, "written");
            assert_eq!(serde_json::from_str::<Wish>(json).unwrap(), wish, "read");
        }
        for json in [r#"["exponent","top"]"#, r#"["B","odd"]"#, r#"["U","top"]"#] {
            let error = serde_json::from_str::<Wish>(json).unwrap_err().to_string();
            assert!(
                error.contains("expected one of A, B, u, S"),
                "{json}: {error}"
            );
        }
    }

    #[test]
    fn wishes_that_exclude_each_other_or_are_too_rare_are_refused() {
        let steering = |reach: &[Wish]| Steering {
            reach: reach.to_vec(),
            ..Steering::default()
        };
        let begins = Wish::Begins;
        let (b, u, s) = (SrpValue::B, SrpValue::U, SrpValue::S);
        for reach in [
            &[begins(s, ByteClass::ZeroZero)][..],
            &[
                begins(b, ByteClass::ZeroZero),
                begins(u, ByteClass::Top),
                Wish::OddExponent,
            ],
            &[
                begins(SrpValue::A, ByteClass::ZeroZero),
                begins(s, ByteClass::ZeroZero),
            ],
            &[
                begins(b, ByteClass::ZeroLow),
                begins(u, ByteClass::ZeroHigh),
            ],
        ] {
            assert_eq!(steering(reach).check(), Ok(()), "{reach:?}");
        }
        let exclusive = steering(&[begins(b, ByteClass::Top), begins(b, ByteClass::Plain)]);
        assert!(
            matches!(exclusive.check(), Err(OutOfReach::Exclusive { .. })),
            "two classes of B"
        );
        let dictated = Steering {
            b: Some("07".to_owned()),
            ..exclusive
        };
        assert_eq!(dictated.check(), Ok(()), "nothing is sought");
        let rare = steering(&[
            begins(b, ByteClass::ZeroZero),
            begins(s, ByteClass::ZeroHigh),
        ]);
        assert_eq!(
            rare.check().unwrap_err().to_string(),
            "expected wishes that hold once in 2097152 values or more often, got B:0000 and S:00hi (once in 33554432)"
        );
    }

    #[test]
    fn a_search_that_can_succeed_is_given_up_less_than_once_in_a_hundred_thousand() {
        for class in ByteClass::ALL {
            let expected = class.expected_tries();
            let missed = (1.0 - 1.0 / expected).powf(tries_allowed(expected) as f64);
            assert!(missed < 1e-5, "{class}: {missed}");
        }
    }
}
