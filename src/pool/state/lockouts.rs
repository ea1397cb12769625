//! Lock-outs after failed attempts (developer guide, authentication flow).

use super::undo::{Step, Undo, UndoMap};
use crate::pool::wire::errors::{self, Answer};

/// When failed attempts lock a user out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// They do at all.
    pub locks_out: bool,
    /// How many do so.
    pub attempts: u32,
}

impl Default for LockoutPolicy {
    fn default() -> Self {
        Self {
            locks_out: true,
            attempts: 5,
        }
    }
}

/// Failed attempts by user.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Lockouts {
    policy: LockoutPolicy,
    users: UndoMap<String, Failures>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    latest: i64,
}

impl Lockouts {
    /// Nobody has failed yet.
    pub(in crate::pool) fn new(policy: LockoutPolicy) -> Self {
        Self {
            policy,
            users: UndoMap::default(),
        }
    }

    /// Refuses an attempt at `now` unheard, if too many have failed. Such an attempt does not count as a failure.
    pub(in crate::pool) fn refuse(&self, user: &str, now: i64) -> Answer<()> {
        if self.policy.locks_out && self.is_locked(user, now) {
            return Err(errors::attempts_exceeded());
        }
        Ok(())
    }

    fn is_locked(&self, user: &str, now: i64) -> bool {
        self.users.get(user).is_some_and(|failures| {
            let further = failures.count.checked_sub(self.policy.attempts);
            further.is_some_and(|further| now.saturating_sub(failures.latest) < locked_for(further))
        })
    }

    /// Counts a failed attempt.
    pub(in crate::pool) fn count(&mut self, user: &str, now: i64) {
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
        let before = self.users.get(user);
        let before = before
            .filter(|failures| now.saturating_sub(failures.latest) < QUIET_SECONDS)
            .map_or(0, |failures| failures.count);
        let failures = Failures {
            count: before.saturating_add(1),
            latest: now,
        };
        self.users.insert(user.to_owned(), failures);
    }

    /// Forgets the failures of a user who signed in.
    pub(in crate::pool) fn forget(&mut self, user: &str) {
        self.users.remove(user);
    }
}

impl Undo for Lockouts {
    fn undo(&mut self, step: Step) {
        self.users.undo(step);
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
        let mut lockouts = Lockouts::new(LockoutPolicy::default());
        let mut now = 0;
        for _ in 0..4 {
            lockouts.count("u", now);
            assert!(!lockouts.is_locked("u", now), "before the fifth");
        }
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            lockouts.count("u", now);
            assert!(lockouts.is_locked("u", now + seconds - 1), "{seconds} s");
            assert!(!lockouts.is_locked("u", now + seconds), "after {seconds} s");
            now += seconds.min(899);
        }
    }

    #[test]
    fn fifteen_quiet_minutes_and_a_success_forget_failures() {
        let mut lockouts = Lockouts::new(LockoutPolicy::default());
        for _ in 0..5 {
            lockouts.count("u", 0);
        }
        lockouts.count("u", 900);
        assert!(!lockouts.is_locked("u", 900), "after a quiet quarter");
        for _ in 0..4 {
            lockouts.count("u", 900);
        }
        assert!(lockouts.is_locked("u", 900), "locked again");
        lockouts.forget("u");
        assert!(!lockouts.is_locked("u", 900), "after a success");
    }
}
