//! Which groups there are, and how all of them are killed.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

#[cfg(unix)]
use super::guardian::{self, Guardian};

/// The groups of this program, by the number of their first process.
struct Registry {
    groups: BTreeSet<i32>,
    /// Whether nobody is started any more.
    ended: bool,
    /// Whether a guardian is wanted.
    #[cfg(unix)]
    guarded: bool,
    #[cfg(unix)]
    guardian: Option<Guardian>,
}

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    groups: BTreeSet::new(),
    ended: false,
    #[cfg(unix)]
    guarded: false,
    #[cfg(unix)]
    guardian: None,
});

/// Has a guardian kill the groups that are left when this program can't. It is called with the first of them.
///
/// It is this program's own file, so only who owns `main` may want it: a test or somebody else's program is started for other
/// things.
#[cfg(unix)]
pub(crate) fn guard() {
    registry().guarded = true;
}

/// Starts a command that is set to lead a group of its own, and takes note of the group.
///
/// What is noted stands a moment after the start: who is killed by force just between the two leaves that one process behind.
/// All of it happens under the lock, so that [`kill_all`] finds nobody who is started but not noted, and no pipe to the
/// guardian is inherited by accident.
pub(super) fn start(command: &mut Command) -> io::Result<(Child, Option<i32>)> {
    let mut registry = registry();
    if registry.ended {
        return Err(io::Error::other("this program is about to end"));
    }
    registry.call_guardian();
    let child = command.spawn()?;
    let group = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .filter(|_| cfg!(unix));
    if let Some(group) = group {
        registry.groups.insert(group);
        registry.tell_added(group);
    }
    Ok((child, group))
}

/// Kills everybody in a group, and forgets it.
pub(super) fn kill(group: i32) {
    let mut registry = registry();
    if registry.groups.remove(&group) {
        kill_group(group);
        registry.tell_removed(group);
    }
}

/// Kills every group. Nobody is started from then on: it comes before the end of this program.
///
/// Where the lock can't be had in time, the guardian is left to do it, so that the end does not wait for whoever holds it.
pub(crate) fn kill_all() {
    let Some(mut registry) = registry_within(PATIENCE) else {
        return;
    };
    registry.ended = true;
    for group in std::mem::take(&mut registry.groups) {
        kill_group(group);
    }
    registry.dismiss_guardian();
}

/// Never ends once all have been killed: how a process ends then says nothing about it, and nobody may be told so in the moment
/// before this program ends.
pub(crate) async fn unless_all_are_killed() {
    let ended = registry().ended;
    if ended {
        std::future::pending::<()>().await;
    }
}

fn registry() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

fn registry_within(patience: Duration) -> Option<MutexGuard<'static, Registry>> {
    let began = Instant::now();
    loop {
        match REGISTRY.try_lock() {
            Ok(registry) => return Some(registry),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if began.elapsed() >= patience => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

#[cfg(unix)]
impl Registry {
    /// Has a guardian there, if one is wanted. Without it only a kill by force leaves anybody behind, so that a system that gives
    /// no process for it keeps nobody from the work itself.
    fn call_guardian(&mut self) {
        if !self.guarded || self.guardian.is_some() {
            return;
        }
        self.guardian = Guardian::call().ok();
        for group in self.groups.clone() {
            self.tell_added(group);
        }
    }

    fn tell_added(&mut self, group: i32) {
        self.tell(|guardian| guardian.add(group));
    }

    fn tell_removed(&mut self, group: i32) {
        self.tell(|guardian| guardian.remove(group));
    }

    /// One that does not listen any more is replaced before the next group.
    fn tell(&mut self, what: impl FnOnce(&mut Guardian) -> io::Result<()>) {
        if let Some(guardian) = &mut self.guardian
            && what(guardian).is_err()
        {
            self.dismiss_guardian();
        }
    }

    fn dismiss_guardian(&mut self) {
        if let Some(guardian) = self.guardian.take() {
            guardian.dismiss();
        }
    }
}

#[cfg(not(unix))]
impl Registry {
    fn call_guardian(&mut self) {}
    fn tell_added(&mut self, _: i32) {}
    fn tell_removed(&mut self, _: i32) {}
    fn dismiss_guardian(&mut self) {}
}

#[cfg(unix)]
fn kill_group(group: i32) {
    guardian::kill_group(group);
}

#[cfg(not(unix))]
fn kill_group(_: i32) {}

/// Longer than starting a process takes on a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(1);
