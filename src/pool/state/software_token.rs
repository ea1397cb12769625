//! Which time-based codes (RFC 6238) are taken.

use crate::model::totp::{code_at, step_of};

/// The secret of a user's time-based codes, and which codes were used.
#[derive(Clone, Default)]
pub(in crate::pool) struct SoftwareToken {
    /// The secret that codes are made with.
    pub(in crate::pool) verified: Option<Vec<u8>>,
    /// A secret that was handed out to somebody who is signed in, and waits to be proved.
    pub(in crate::pool) pending: Option<Vec<u8>>,
    /// The latest step whose code was used.
    pub(in crate::pool) used_step: Option<u64>,
    /// What people call what makes the codes.
    pub(in crate::pool) friendly_name: Option<String>,
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
pub(in crate::pool) enum Checked {
    /// It is the code of this step, which was not used yet.
    Right(u64),
    /// It is the code of a step that was used.
    Used,
    /// It is no code of the time.
    Wrong,
}

/// Compares a code with those of the step of `now` and its neighbours (RFC 6238 section 5.2 recommends one step of delay).
pub(in crate::pool) fn check(secret: &[u8], code: &str, now: i64, used: Option<u64>) -> Checked {
    let step = step_of(now);
    let found = [step, step.saturating_sub(1), step + 1]
        .into_iter()
        .find(|step| code_at(secret, *step) == code);
    match found {
        None => Checked::Wrong,
        Some(step) if used.is_some_and(|used| step <= used) => Checked::Used,
        Some(step) => Checked::Right(step),
    }
}

/// Octets of a secret: 52 characters of base32, as the service's.
pub(in crate::pool) const SECRET_OCTETS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

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
}
