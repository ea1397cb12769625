//! Who kills the groups once this program can't any more: a process of its own, which reads from a pipe which groups there are.
//! When the pipe closes, for whatever reason, it kills those that are left, and ends.
//!
//! A signal to a child at its parent's death (Linux has one) would not do: it comes when the thread ends that started the child, and
//! reaches the shell alone and not what that has started.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};

/// The only argument of a guardian's process, which no help shows.
pub(crate) const NAME: &str = "__guardian";

/// This program's end of the pipe.
#[derive(Debug)]
pub(super) struct Guardian {
    process: Child,
    pipe: ChildStdin,
}

impl Guardian {
    /// Starts this program's own file once more, as a guardian.
    ///
    /// # Errors
    /// When the system gives no process.
    pub(super) fn call() -> io::Result<Self> {
        let program = env::current_exe()?;
        let started = Self::start(Command::new(&program));
        // The file may have been replaced while it runs; Linux still has the old one.
        let mut guardian = match started {
            Err(_) if cfg!(target_os = "linux") => Self::start(Command::new("/proc/self/exe")),
            started => started,
        }?;
        // One that has been stopped must not stop this program, too.
        if let Err(error) = rustix::io::ioctl_fionbio(&guardian.pipe, true) {
            guardian.kill();
            return Err(error.into());
        }
        Ok(guardian)
    }

    fn start(mut command: Command) -> io::Result<Self> {
        command
            .arg(NAME)
            .stdin(Stdio::piped())
            // Whoever reads what this program writes must not wait for its guardian.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // No folder is kept in use.
            .current_dir("/")
            // A terminal's Ctrl-C is for this program.
            .process_group(0);
        let mut process = command.spawn()?;
        match process.stdin.take() {
            Some(pipe) => Ok(Self { process, pipe }),
            None => Err(io::Error::other("a pipe to the guardian is missing")),
        }
    }

    /// Tells of a group.
    ///
    /// # Errors
    /// When it does not listen.
    pub(super) fn add(&mut self, group: i32) -> io::Result<()> {
        self.tell(ADD, group)
    }

    /// Tells that a group has been killed.
    ///
    /// # Errors
    /// When it does not listen.
    pub(super) fn remove(&mut self, group: i32) -> io::Result<()> {
        self.tell(REMOVE, group)
    }

    fn tell(&mut self, what: &str, group: i32) -> io::Result<()> {
        // So short a line is written as a whole or not at all.
        self.pipe.write_all(format!("{what} {group}\n").as_bytes())
    }

    /// Sends it away, when nobody is left to be killed or another one takes its place.
    pub(super) fn dismiss(mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        // It fails when it is gone, which is what we want.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a guardian does, from its start to its end.
pub(crate) fn watch() {
    let _deaf = ignore_signals();
    let mut groups = BTreeSet::new();
    for line in io::stdin().lock().lines() {
        // What can't be read any more ends it as the end does.
        let Ok(line) = line else { break };
        take(&line, &mut groups);
    }
    for group in groups {
        kill_group(group);
    }
}

/// Kills everybody in a group.
pub(super) fn kill_group(group: i32) {
    if let Some(group) = group_of(group) {
        // It fails when nobody of the group is left, which is what we want.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// The group of a number, unless that stands for everybody at once or for the group of whoever asks.
fn group_of(number: i32) -> Option<Pid> {
    // Asked first: a number below zero is not even looked at as one of a process.
    if number <= 1 {
        return None;
    }
    Pid::from_raw(number)
}

/// Has the signals that ask a process to end do nothing, for as long as the result lives: whoever sends them to all that he finds
/// means this program, which ends its guardian by itself.
fn ignore_signals() -> Option<runtime::Runtime> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build();
    let runtime = runtime.ok()?;
    let within = runtime.enter();
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::quit(),
    ] {
        // A handler stays once it is there, and this one tells nobody.
        let _ = signal(kind);
    }
    drop(within);
    Some(runtime)
}

fn take(line: &str, groups: &mut BTreeSet<i32>) {
    let Some((what, group)) = line.split_once(' ') else {
        return;
    };
    match (what, group.parse()) {
        (ADD, Ok(group)) => {
            groups.insert(group);
        }
        (REMOVE, Ok(group)) => {
            groups.remove(&group);
        }
        _ => {}
    }
}

const ADD: &str = "add";
const REMOVE: &str = "remove";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_and_not_removed_is_left_and_nonsense_is_passed_over() {
        let mut groups = BTreeSet::new();
        for line in [
            "add 12",
            "add 13",
            "remove 12",
            "add",
            "add x",
            "destroy 13",
            "",
        ] {
            take(line, &mut groups);
        }
        assert_eq!(groups, BTreeSet::from([13]));
    }

    #[test]
    fn numbers_that_stand_for_everybody_are_no_group() {
        for number in [1, 0, -1, i32::MIN] {
            assert_eq!(group_of(number), None, "{number}");
        }
        assert!(group_of(2).is_some(), "a group");
    }
}
