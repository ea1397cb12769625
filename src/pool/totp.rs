//! Time-based codes (RFC 6238): six digits, steps of 30 seconds, HMAC-SHA-1.

use data_encoding::{BASE32, BASE32_NOPAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// The secret of a user's time-based codes, and which codes were used.
#[derive(Clone, Default)]
pub(super) struct SoftwareToken {
    /// The secret that codes are made with.
    pub(super) verified: Option<Vec<u8>>,
    /// A secret that was handed out to somebody who is signed in, and waits to be proved.
    pub(super) pending: Option<Vec<u8>>,
    /// The latest step whose code was used.
    pub(super) used_step: Option<u64>,
    /// What people call what makes the codes.
    pub(super) friendly_name: Option<String>,
}

impl std::fmt::Debug for SoftwareToken {
    /// Without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftwareToken")
            .field("used_step", &self.used_step)
            .finish_non_exhaustive()
    }
}

/// How a code compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// It is the code of this step, which was not used yet.
    Right(u64),
    /// It is the code of a step that was used.
    Used,
    /// It is no code of the time.
    Wrong,
}

/// Compares a code with those of the step of `now` and its neighbours (RFC 6238 section 5.2 recommends one step of delay).
pub(super) fn check(secret: &[u8], code: &str, now: i64, used: Option<u64>) -> Checked {
    let step = u64::try_from(now).unwrap_or(0) / STEP_SECONDS;
    let found = [step, step.saturating_sub(1), step + 1]
        .into_iter()
        .find(|step| code_at(secret, *step) == code);
    match found {
        None => Checked::Wrong,
        Some(step) if used.is_some_and(|used| step <= used) => Checked::Used,
        Some(step) => Checked::Right(step),
    }
}

/// The code of a step: RFC 4226 section 5.3, truncated to six digits.
pub(crate) fn code_at(secret: &[u8], step: u64) -> String {
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
pub(crate) fn secret(text: &str) -> Option<Vec<u8>> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace() && *c != '=')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    BASE32_NOPAD.decode(digits.as_bytes()).ok()
}

/// A secret in the form in which clients are told it. The service's have 52 characters and no padding.
pub(super) fn to_text(secret: &[u8]) -> String {
    BASE32.encode(secret).trim_end_matches('=').to_owned()
}

pub(crate) const STEP_SECONDS: u64 = 30;
/// Octets of a secret: 52 characters of base32, as the service's.
pub(super) const SECRET_OCTETS: usize = 32;

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
    fn a_code_is_good_one_step_early_or_late_and_only_once() {
        let secret = b"12345678901234567890";
        let code = code_at(secret, 100);
        for (now, used, expected) in [
            (3000, None, Checked::Right(100)),
            (3029, None, Checked::Right(100)),
            (3030, None, Checked::Right(100)),
            (2970, None, Checked::Right(100)),
            (2969, None, Checked::Wrong),
            (3060, None, Checked::Wrong),
            (3000, Some(99), Checked::Right(100)),
            (3000, Some(100), Checked::Used),
            (3000, Some(101), Checked::Used),
        ] {
            assert_eq!(check(secret, &code, now, used), expected, "{now} {used:?}");
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
