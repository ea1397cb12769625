//! Lock-outs after failed attempts (developer guide, authentication flow).

use std::collections::BTreeMap;

/// Failed attempts by user.
#[derive(Clone, Debug, Default)]
pub(super) struct Lockouts(BTreeMap<String, Failures>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    latest: i64,
}

impl Lockouts {
    /// Whether an attempt at `now` is refused unheard. Such an attempt does not count as a failure.
    pub(super) fn refuses(&self, user: &str, now: i64) -> bool {
        self.0.get(user).is_some_and(|failures| {
            failures.count >= FREE_ATTEMPTS
                && now.saturating_sub(failures.latest) < locked_for(failures.count)
        })
    }

    /// Counts a failed attempt.
    pub(super) fn count(&mut self, user: &str, now: i64) {
        // Names of unknown users count, too, so that a lock-out tells nothing; the oldest is dropped at the bound.
        if self.0.len() >= MOST_USERS
            && !self.0.contains_key(user)
            && let Some(oldest) = self
                .0
                .iter()
                .min_by_key(|(_, failures)| failures.latest)
                .map(|(name, _)| name.clone())
        {
            self.0.remove(&oldest);
        }
        let failures = self.0.entry(user.to_owned()).or_insert(Failures {
            count: 0,
            latest: now,
        });
        if now.saturating_sub(failures.latest) >= QUIET_SECONDS {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.latest = now;
    }

    /// Forgets the failures of a user who signed in.
    pub(super) fn forget(&mut self, user: &str) {
        self.0.remove(user);
    }
}

fn locked_for(count: u32) -> i64 {
    1_i64
        .checked_shl(count - FREE_ATTEMPTS)
        .map_or(QUIET_SECONDS, |seconds| seconds.clamp(1, QUIET_SECONDS))
}

const FREE_ATTEMPTS: u32 = 5;
const QUIET_SECONDS: i64 = 900;
const MOST_USERS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failure_locks_for_a_second_and_each_further_one_for_twice_as_long() {
        let mut lockouts = Lockouts::default();
        let mut now = 0;
        for _ in 0..4 {
            lockouts.count("u", now);
            assert!(!lockouts.refuses("u", now), "before the fifth");
        }
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            lockouts.count("u", now);
            assert!(lockouts.refuses("u", now + seconds - 1), "{seconds} s");
            assert!(!lockouts.refuses("u", now + seconds), "after {seconds} s");
            now += seconds.min(899);
        }
    }

    #[test]
    fn fifteen_quiet_minutes_and_a_success_forget_failures() {
        let mut lockouts = Lockouts::default();
        for _ in 0..5 {
            lockouts.count("u", 0);
        }
        lockouts.count("u", 900);
        assert!(!lockouts.refuses("u", 900), "after a quiet quarter");
        for _ in 0..4 {
            lockouts.count("u", 900);
        }
        assert!(lockouts.refuses("u", 900), "locked again");
        lockouts.forget("u");
        assert!(!lockouts.refuses("u", 900), "after a success");
    }
}
