//! A salt as it was received.

use num_bigint::BigUint;

use super::dialect::SaltForm;
use super::integer::{IntegerError, parse_hex, to_hex};

/// A salt, with the text and octets in which it came: which octets are hashed is the dialect's choice.
///
/// Cognito reads the text as an integer and writes it anew; ports that hash the octets as received differ from it for
/// half of all salts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salt {
    text: String,
    bytes: Vec<u8>,
    value: BigUint,
}

impl Salt {
    /// From the hex of `SALT`, of any case and length.
    ///
    /// # Errors
    /// As [`parse_hex`]; a negative salt has an error of its own.
    pub fn from_hex(text: &str) -> Result<Self, IntegerError> {
        let value = parse_hex(text)?;
        let mut even = String::with_capacity(text.len() + 1);
        if text.len() % 2 == 1 {
            even.push('0');
        }
        even.push_str(text);
        let bytes = data_encoding::HEXLOWER_PERMISSIVE
            .decode(even.as_bytes())
            .map_err(|error| IntegerError::NotHex {
                position: error.position,
            })?;
        Ok(Self {
            text: text.to_owned(),
            bytes,
            value,
        })
    }

    /// From octets, kept as they are.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            text: data_encoding::HEXLOWER.encode(bytes),
            bytes: bytes.to_vec(),
            value: BigUint::from_bytes_be(bytes),
        }
    }

    /// The text as received, or the octets in lower-case hex.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The octets as received; text of odd length gets one zero digit in front.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The salt as an integer.
    pub fn value(&self) -> &BigUint {
        &self.value
    }

    /// The wire form of `SALT`: lower-case hex without leading zeros.
    pub fn to_wire(&self) -> String {
        to_hex(&self.value)
    }

    /// The octets that are hashed in this form.
    pub fn hashed(&self, form: SaltForm, modulus: &BigUint) -> Vec<u8> {
        match form {
            SaltForm::Integer(form) => form.bytes(&self.value, modulus),
            SaltForm::Raw => self.bytes.clone(),
            SaltForm::RawSigned => signed(self.bytes.clone()),
            SaltForm::Text => self.text.clone().into_bytes(),
            SaltForm::EmptyWhereOdd if self.text.len() % 2 == 1 => Vec::new(),
            SaltForm::EmptyWhereOdd => signed(self.bytes.clone()),
            SaltForm::PairsOnly => signed(self.pairs()),
        }
    }
}

impl Salt {
    /// The octets of the text's whole pairs of digits.
    fn pairs(&self) -> Vec<u8> {
        let whole = self.text.len() / 2 * 2;
        let decoded = data_encoding::HEXLOWER_PERMISSIVE.decode(&self.text.as_bytes()[..whole]);
        decoded.unwrap_or_default()
    }
}

/// With a sign octet where the top bit is set.
fn signed(mut octets: Vec<u8>) -> Vec<u8> {
    if octets.first().is_some_and(|first| first & 0x80 != 0) {
        octets.insert(0, 0);
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::IntForm;

    #[test]
    fn a_salt_keeps_what_was_received_beside_its_value() {
        let salt = Salt::from_hex("00F1a").unwrap();
        assert_eq!(salt.text(), "00F1a", "text");
        assert_eq!(salt.bytes(), [0x00, 0x0f, 0x1a], "octets");
        assert_eq!(salt.value(), &BigUint::from(0xf1a_u32), "integer");
        assert_eq!(salt.to_wire(), "f1a", "wire form");
    }

    #[test]
    fn forms_of_a_salt_with_a_leading_zero_octet_differ() {
        let salt = Salt::from_hex("00f1").unwrap();
        let n = BigUint::from(7_u32);
        assert_eq!(
            salt.hashed(SaltForm::Integer(IntForm::Signed), &n),
            [0x00, 0xf1],
            "as Cognito"
        );
        assert_eq!(
            salt.hashed(SaltForm::Integer(IntForm::Unsigned), &n),
            [0xf1],
            "unsigned"
        );
        assert_eq!(salt.hashed(SaltForm::Raw, &n), [0x00, 0xf1], "raw");
        assert_eq!(salt.hashed(SaltForm::Text, &n), b"00f1", "text");
        assert_eq!(
            Salt::from_bytes(&[0xf1]).hashed(SaltForm::RawSigned, &n),
            [0x00, 0xf1],
            "raw with sign octet"
        );
    }

    #[test]
    fn a_salt_of_an_odd_number_of_digits_is_nothing_or_too_short_in_wrong_forms() {
        let n = BigUint::from(7_u32);
        let hashed = |text: &str, form| Salt::from_hex(text).unwrap().hashed(form, &n);
        assert_eq!(
            hashed("f1a", SaltForm::EmptyWhereOdd),
            Vec::<u8>::new(),
            "nothing"
        );
        assert_eq!(
            hashed("f1a", SaltForm::PairsOnly),
            [0x00, 0xf1],
            "whole pairs"
        );
        for form in [SaltForm::EmptyWhereOdd, SaltForm::PairsOnly] {
            assert_eq!(
                hashed("f1a0", form),
                [0x00, 0xf1, 0xa0],
                "{form:?}: right for even ones"
            );
        }
    }

    #[test]
    fn a_negative_salt_is_refused_as_such() {
        assert_eq!(Salt::from_hex("-16e4"), Err(IntegerError::Negative));
    }
}
