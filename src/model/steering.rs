//! Rare values, chosen by the pool so that they occur in the first sign-in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the pool is asked to make happen. Salt is chosen before the challenge, b after A has been seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Steering {
    /// The salt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<SaltChoice>,
    /// The private value b, hexadecimal, dictated. Wins over `reach`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<String>,
    /// Values that are to fall into a class, found by trying b.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<(SrpValue, ByteClass)>,
}

impl Steering {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.salt.is_none() && self.b.is_none() && self.reach.is_empty()
    }
}

/// How the salt is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaltChoice {
    /// These octets, hexadecimal.
    Dictated(String),
    /// 16 random octets whose beginning is in this class. [`ByteClass::ZeroLow`] is read in two ways by correct clients,
    /// so nothing but an explicit wish chooses it.
    Class(ByteClass),
}

/// A value of the computation that steering can reach without knowing the client's private value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SrpValue {
    /// The service's public value.
    B,
    /// The scrambling parameter.
    #[serde(rename = "u")]
    U,
    /// The premaster secret.
    S,
}

impl fmt::Display for SrpValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::B => "B",
            Self::U => "u",
            Self::S => "S",
        })
    }
}

/// How a value begins when it is written with its full width (N's for B and S, the hash's for u, 16 octets for a salt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ByteClass {
    /// First octet 0x80 or above: needs a sign octet.
    #[serde(rename = "top")]
    Top,
    /// First hexadecimal digit 0, first octet not 0: odd number of digits.
    #[serde(rename = "nib")]
    ZeroNibble,
    /// First octet 0, second below 0x80: shorter by one.
    #[serde(rename = "00lo")]
    ZeroLow,
    /// First octet 0, second 0x80 or above: shorter by one, then a sign octet.
    #[serde(rename = "00hi")]
    ZeroHigh,
    /// First octet 0x10–0x7f: nothing special.
    #[serde(rename = "plain")]
    Plain,
}

impl ByteClass {
    /// All classes.
    pub const ALL: [Self; 5] = [
        Self::Top,
        Self::ZeroNibble,
        Self::ZeroLow,
        Self::ZeroHigh,
        Self::Plain,
    ];

    /// The class of a value written with its full width, big-endian; `None` when it begins with two zero octets.
    pub fn of(octets: &[u8]) -> Option<Self> {
        match octets {
            [0, 0, ..] | [0] | [] => None,
            [0, 1..=0x7f, ..] => Some(Self::ZeroLow),
            [0, _, ..] => Some(Self::ZeroHigh),
            [1..=0x0f, ..] => Some(Self::ZeroNibble),
            [0x10..=0x7f, ..] => Some(Self::Plain),
            [_, ..] => Some(Self::Top),
        }
    }
}

impl fmt::Display for ByteClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Top => "top",
            Self::ZeroNibble => "nib",
            Self::ZeroLow => "00lo",
            Self::ZeroHigh => "00hi",
            Self::Plain => "plain",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_go_by_the_first_two_octets() {
        let cases: [(&[u8], Option<ByteClass>); 7] = [
            (&[0x80, 0], Some(ByteClass::Top)),
            (&[0x7f, 0], Some(ByteClass::Plain)),
            (&[0x10, 0], Some(ByteClass::Plain)),
            (&[0x0f, 0], Some(ByteClass::ZeroNibble)),
            (&[0, 0x7f], Some(ByteClass::ZeroLow)),
            (&[0, 0x80], Some(ByteClass::ZeroHigh)),
            (&[0, 0, 1], None),
        ];
        for (octets, class) in cases {
            assert_eq!(ByteClass::of(octets), class, "{octets:02x?}");
        }
    }
}
