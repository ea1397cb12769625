//! Lock-outs after failed attempts (developer guide, authentication flow).

use std::collections::BTreeMap;

/// Failed attempts by user.
#[derive(Clone, Debug)]
pub(super) struct Lockouts {
    /// How many begin a lock-out.
    attempts: u32,
    users: BTreeMap<String, Failures>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    latest: i64,
}

impl Lockouts {
    /// Nobody has failed, and so many failures will begin a lock-out.
    pub(super) fn after(attempts: u32) -> Self {
        Self {
            attempts,
            users: BTreeMap::new(),
        }
    }

    /// Whether an attempt at `now` is refused unheard. Such an attempt does not count as a failure.
    pub(super) fn refuses(&self, user: &str, now: i64) -> bool {
        self.users.get(user).is_some_and(|failures| {
            failures.count >= self.attempts
                && now.saturating_sub(failures.latest) < locked_for(failures.count - self.attempts)
        })
    }

    /// Counts a failed attempt.
    pub(super) fn count(&mut self, user: &str, now: i64) {
        // Names of unknown users count, too, so that a lock-out tells nothing; the oldest is dropped at the bound.
        if self.users.len() >= MOST_USERS
            && !self.users.contains_key(user)
            && let Some(oldest) = self
                .users
                .iter()
                .min_by_key(|(_, failures)| failures.latest)
                .map(|(name, _)| name.clone())
        {
            self.users.remove(&oldest);
        }
        let failures = self.users.entry(user.to_owned()).or_insert(Failures {
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
        self.users.remove(user);
    }
}

/// The seconds of a lock-out that so many further failures have made longer.
fn locked_for(further: u32) -> i64 {
    1_i64
        .checked_shl(further)
        .map_or(QUIET_SECONDS, |seconds| seconds.clamp(1, QUIET_SECONDS))
}

const QUIET_SECONDS: i64 = 900;
const MOST_USERS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failure_locks_for_a_second_and_each_further_one_for_twice_as_long() {
        let mut lockouts = Lockouts::after(5);
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
        let mut lockouts = Lockouts::after(5);
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
