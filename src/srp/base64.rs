//! Base64 as Cognito uses it: the standard alphabet with padding.

use data_encoding::BASE64;
use thiserror::Error;

use super::integer::MAX_HEX_DIGITS;

/// Decodes standard base64 with padding (`SECRET_BLOCK`, `PASSWORD_CLAIM_SIGNATURE`, a device's `Salt`).
///
/// # Errors
/// Refuses the url-safe alphabet, missing padding, line breaks, stray bits and text longer than the service model's
/// `StringType`. The error says where, and never repeats the value.
pub fn parse_base64(text: &str) -> Result<Vec<u8>, Base64Error> {
    if text.len() > MAX_HEX_DIGITS {
        return Err(Base64Error::TooLong {
            got: text.len(),
            max: MAX_HEX_DIGITS,
        });
    }
    BASE64
        .decode(text.as_bytes())
        .map_err(|error| Base64Error::Malformed {
            position: error.position,
            reason: error.kind.to_string(),
        })
}

/// Standard base64 with padding.
pub fn to_base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Why a text is not standard base64.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Base64Error {
    /// A wrong character, length, padding or trailing bits.
    #[error("expected standard base64 with padding, got {reason} at octet {position}")]
    Malformed {
        /// Offset in octets.
        position: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Longer than the service model's `StringType`.
    #[error("expected at most {max} characters of base64, got {got}")]
    TooLong {
        /// Length of the text.
        got: usize,
        /// Longest text allowed.
        max: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_base64_is_refused_with_its_place() {
        for (text, what) in [
            ("AAE", "no padding"),
            ("A-_=", "url-safe"),
            ("AAA=\n", "line break"),
            ("AB==", "stray bits"),
        ] {
            assert!(
                matches!(parse_base64(text), Err(Base64Error::Malformed { .. })),
                "{what}: {text:?}"
            );
        }
        assert_eq!(parse_base64("AAEC").unwrap(), [0, 1, 2], "well-formed");
        assert_eq!(
            parse_base64("").unwrap(),
            [] as [u8; 0],
            "empty text is empty data"
        );
    }
}
