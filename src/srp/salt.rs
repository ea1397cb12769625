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
            SaltForm::RawSigned => {
                let mut bytes = self.bytes.clone();
                if bytes.first().is_some_and(|first| first & 0x80 != 0) {
                    bytes.insert(0, 0);
                }
                bytes
            }
            SaltForm::Text => self.text.clone().into_bytes(),
        }
    }
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
    fn a_negative_salt_is_refused_as_such() {
        assert_eq!(Salt::from_hex("-16e4"), Err(IntegerError::Negative));
    }
}
