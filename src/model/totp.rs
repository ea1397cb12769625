//! Time-based codes (RFC 6238): six digits, steps of 30 seconds, HMAC-SHA-1.

use data_encoding::{BASE32, BASE32_NOPAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// The step of an instant, in seconds since 1970-01-01T00:00:00Z.
pub fn step_of(now: i64) -> u64 {
    u64::try_from(now).unwrap_or(0) / STEP_SECONDS
}

/// The code of a step: RFC 4226 section 5.3, truncated to six digits.
pub fn code_at(secret: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let octets = [
        digest[at] & 0x7f,
        digest[at + 1],
        digest[at + 2],
        digest[at + 3],
    ];
    format!("{:06}", u32::from_be_bytes(octets) % 1_000_000)
}

/// A secret from its base32 form, in any case, with or without padding and spaces.
pub fn secret(text: &str) -> Option<Vec<u8>> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '=')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    BASE32_NOPAD.decode(digits.as_bytes()).ok()
}

/// A secret in the form in which clients are told it. The service's have 52 characters and no padding.
pub fn to_text(secret: &[u8]) -> String {
    BASE32.encode(secret).trim_end_matches('=').to_owned()
}

/// Seconds of a step (RFC 6238 section 5.2).
const STEP_SECONDS: u64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(secret, time / STEP_SECONDS), code, "at {time}");
        }
    }

    #[test]
    fn a_secret_survives_its_text() {
        let octets: Vec<u8> = (0..32).collect();
        let text = to_text(&octets);
        assert_eq!(text.len(), 52, "characters");
        assert_eq!(
            secret(&text).as_deref(),
            Some(octets.as_slice()),
            "read back"
        );
        assert_eq!(
            secret(&text.to_lowercase()).as_deref(),
            Some(octets.as_slice()),
            "in small letters"
        );
        assert_eq!(secret("0"), None, "a digit that base32 has not");
    }
}
