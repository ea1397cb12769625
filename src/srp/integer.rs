//! Byte forms and wire text of integers.

use num_bigint::{BigInt, BigUint};
use num_traits::Zero as _;
use thiserror::Error;

/// How an integer becomes octets before it is hashed, keyed or encoded.
///
/// The first three are somebody's standard; the others are what ports have computed instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntForm {
    /// Minimal big-endian two's complement of a non-negative number (Java's `BigInteger.toByteArray`): a `00` octet in
    /// front when the top bit is set. Cognito's form for everything. Zero is one `00` octet.
    Signed,
    /// Minimal big-endian without a sign octet. Zero is one `00` octet.
    Unsigned,
    /// `PAD` of RFC 5054: left-padded with `00` to the length of N; a longer number keeps its length.
    Padded,
    /// [`Padded`](Self::Padded), and a sign octet when the top bit is then set.
    PaddedSigned,
    /// Left-padded with `00` to this many octets, no sign octet: the raw text of a hash.
    Fixed(usize),
    /// [`Fixed`](Self::Fixed), and a sign octet when the top bit is then set: a hash's *text* put through `padHex`,
    /// which keeps leading zero octets (amazon-cognito-identity-js, fixed in 2017).
    FixedSigned(usize),
    /// A `00` octet always in front, whether the top bit is set or not.
    AlwaysSigned,
    /// The lower-case hex digits themselves, as ASCII, without leading zeros (1Password; and ports that forget to
    /// decode).
    HexText,
    /// An odd number of hex digits loses its last digit (what several hex decoders do); then as [`Signed`](Self::Signed).
    DropOddNibble,
    /// An odd number of hex digits is packed from the left, so that the last octet ends in a zero digit; no sign octet
    /// (srp-rb).
    LeftPacked,
}

impl IntForm {
    /// The octets of `value` in this form; `modulus` gives the width of the padded forms.
    pub fn bytes(&self, value: &BigUint, modulus: &BigUint) -> Vec<u8> {
        match *self {
            Self::Signed => signed_bytes(value),
            Self::Unsigned => value.to_bytes_be(),
            Self::Padded => left_pad(value, octets_of(modulus)),
            Self::PaddedSigned => with_sign_octet(left_pad(value, octets_of(modulus))),
            Self::Fixed(width) => left_pad(value, width),
            Self::FixedSigned(width) => with_sign_octet(left_pad(value, width)),
            Self::AlwaysSigned => {
                let mut bytes = vec![0];
                bytes.extend(value.to_bytes_be());
                bytes
            }
            Self::HexText => to_hex(value).into_bytes(),
            Self::DropOddNibble => {
                if digits(value) % 2 == 1 {
                    signed_bytes(&(value >> 4_u8))
                } else {
                    signed_bytes(value)
                }
            }
            Self::LeftPacked => {
                if digits(value) % 2 == 1 {
                    (value << 4_u8).to_bytes_be()
                } else {
                    value.to_bytes_be()
                }
            }
        }
    }
}

/// Minimal big-endian two's complement of a non-negative integer: Cognito's byte form for A, B, S, u, salts, N and
/// verifiers. Zero is one `00` octet.
pub fn signed_bytes(value: &BigUint) -> Vec<u8> {
    with_sign_octet(value.to_bytes_be())
}

/// Minimal big-endian two's complement of any integer. Negative ones matter only for the salts that the service once sent
/// for users who don't exist (aws-amplify/amplify-js#7618).
pub fn signed_bytes_of(value: &BigInt) -> Vec<u8> {
    match value.to_biguint() {
        Some(magnitude) => signed_bytes(&magnitude),
        None => value.to_signed_bytes_be(),
    }
}

/// Parses hex as it comes over the wire: either case, odd length and leading zeros are allowed.
///
/// Cognito's clients send all of these and the service accepts them.
///
/// # Errors
/// Refuses empty text, a sign, a `0x` prefix, any other character and more than [`MAX_HEX_DIGITS`] digits. The error
/// says where, and never repeats the value.
pub fn parse_hex(text: &str) -> Result<BigUint, IntegerError> {
    if text.is_empty() {
        return Err(IntegerError::Empty);
    }
    if text.len() > MAX_HEX_DIGITS {
        return Err(IntegerError::TooLong {
            got: text.len(),
            max: MAX_HEX_DIGITS,
        });
    }
    if text.starts_with('-') {
        return Err(IntegerError::Negative);
    }
    if text.starts_with("0x") || text.starts_with("0X") {
        return Err(IntegerError::Prefix);
    }
    if let Some(position) = text.bytes().position(|byte| !byte.is_ascii_hexdigit()) {
        return Err(IntegerError::NotHex { position });
    }
    // The digits were checked above, so the parse can't fail; the error keeps outside input away from a panic.
    BigUint::parse_bytes(text.as_bytes(), 16).ok_or(IntegerError::NotHex { position: 0 })
}

/// The wire form of `SRP_A`: lower-case hex without leading zeros; `0` for zero.
pub fn to_hex(value: &BigUint) -> String {
    value.to_str_radix(16)
}

/// Why a text is not an integer in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IntegerError {
    /// There is no digit.
    #[error("expected hex digits, got empty text")]
    Empty,
    /// A minus sign: the service sent such salts for users who don't exist (aws-amplify/amplify-js#4430).
    #[error("expected a non-negative integer in hex, got a minus sign at position 0")]
    Negative,
    /// A `0x` prefix.
    #[error("expected bare hex digits, got a 0x prefix")]
    Prefix,
    /// A character that is no hex digit; also a plus sign and white space.
    #[error("expected a hex digit at octet {position}, got another character")]
    NotHex {
        /// Offset in octets.
        position: usize,
    },
    /// More digits than the service model's `StringType` allows.
    #[error("expected at most {max} hex digits, got {got}")]
    TooLong {
        /// Length of the text in octets.
        got: usize,
        /// [`MAX_HEX_DIGITS`].
        max: usize,
    },
}

fn with_sign_octet(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

fn left_pad(value: &BigUint, width: usize) -> Vec<u8> {
    let bytes = if value.is_zero() {
        Vec::new()
    } else {
        value.to_bytes_be()
    };
    let mut padded = vec![0; width.saturating_sub(bytes.len())];
    padded.extend(bytes);
    padded
}

fn octets_of(modulus: &BigUint) -> usize {
    modulus.bits().div_ceil(8).try_into().unwrap_or(usize::MAX)
}

fn digits(value: &BigUint) -> u64 {
    value.bits().div_ceil(4).max(1)
}

/// Length of `StringType` in the service model: no parameter of Cognito is longer.
pub const MAX_HEX_DIGITS: usize = 131_072;

#[cfg(test)]
mod tests {
    use super::*;

    fn int(hex: &str) -> BigUint {
        parse_hex(hex).unwrap()
    }

    #[test]
    fn a_sign_octet_stands_in_front_of_a_set_top_bit_only() {
        assert_eq!(signed_bytes(&int("7f")), [0x7f], "7f");
        assert_eq!(signed_bytes(&int("80")), [0x00, 0x80], "80");
        assert_eq!(
            signed_bytes(&int("0080")),
            [0x00, 0x80],
            "leading zeros are not kept"
        );
        assert_eq!(
            signed_bytes(&int("123")),
            [0x01, 0x23],
            "odd number of digits"
        );
        assert_eq!(signed_bytes(&int("0")), [0x00], "zero");
    }

    #[test]
    fn every_form_of_one_number_is_what_its_name_says() {
        let n = int("ffffffff");
        let forms = [
            (IntForm::Signed, vec![0x0a, 0xbc]),
            (IntForm::Unsigned, vec![0x0a, 0xbc]),
            (IntForm::Padded, vec![0, 0, 0x0a, 0xbc]),
            (IntForm::PaddedSigned, vec![0, 0, 0x0a, 0xbc]),
            (IntForm::Fixed(3), vec![0, 0x0a, 0xbc]),
            (IntForm::FixedSigned(2), vec![0x0a, 0xbc]),
            (IntForm::AlwaysSigned, vec![0, 0x0a, 0xbc]),
            (IntForm::HexText, b"abc".to_vec()),
            (IntForm::DropOddNibble, vec![0x00, 0xab]),
            (IntForm::LeftPacked, vec![0xab, 0xc0]),
        ];
        for (form, expected) in forms {
            assert_eq!(form.bytes(&int("abc"), &n), expected, "{form:?} of abc");
        }
        assert_eq!(
            IntForm::PaddedSigned.bytes(&int("abcdef01"), &n),
            [0, 0xab, 0xcd, 0xef, 0x01],
            "sign after PAD"
        );
        assert_eq!(
            IntForm::FixedSigned(1).bytes(&int("ab"), &n),
            [0, 0xab],
            "sign after fixed width"
        );
    }

    #[test]
    fn text_that_is_no_bare_hex_is_refused_with_its_place() {
        assert_eq!(parse_hex(""), Err(IntegerError::Empty), "empty");
        assert_eq!(
            parse_hex("-16e4"),
            Err(IntegerError::Negative),
            "negative salt"
        );
        assert_eq!(parse_hex("0x16"), Err(IntegerError::Prefix), "prefix");
        assert_eq!(
            parse_hex("+1"),
            Err(IntegerError::NotHex { position: 0 }),
            "plus"
        );
        assert_eq!(
            parse_hex("12_34"),
            Err(IntegerError::NotHex { position: 2 }),
            "underscore, which some parsers allow"
        );
        assert_eq!(
            parse_hex("1é"),
            Err(IntegerError::NotHex { position: 1 }),
            "not ASCII"
        );
        let long = "f".repeat(MAX_HEX_DIGITS + 1);
        assert_eq!(
            parse_hex(&long),
            Err(IntegerError::TooLong {
                got: MAX_HEX_DIGITS + 1,
                max: MAX_HEX_DIGITS
            }),
            "too long"
        );
    }

    #[test]
    fn either_case_and_leading_zeros_are_read() {
        assert_eq!(parse_hex("00aBc"), Ok(BigUint::from(0xabc_u32)), "mixed");
        assert_eq!(to_hex(&int("00ABC")), "abc", "wire form");
        assert_eq!(to_hex(&int("000")), "0", "zero");
    }
}
