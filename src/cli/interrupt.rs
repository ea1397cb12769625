//! What Ctrl-C and its kin do: the first ends the run after the case in hand, the second ends the process.
//!
//! SIGTERM, by which CI and `timeout` stop a run, and SIGHUP, which a terminal sends that is closed, do the same. A SIGHUP that is
//! ignored from the start, as `nohup` has it, stays ignored.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit_code::ExitCode;
use crate::process_group;

/// A flag that the first signal sets. A second one ends the process with [`ExitCode::CouldNotRun`], and all that it started.
///
/// Where the system offers no way to listen, signals end the process as usual.
pub fn flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    // Without them signals still end the process, so their absence is nothing to fail for.
    if let Ok((runtime, signals)) = listening() {
        let set = Arc::clone(&flag);
        let _ = thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(obey(signals, &set)));
    }
    flag
}

/// Signals that are caught from now on, and what they are received by.
fn listening() -> io::Result<(Runtime, Signals)> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let within = runtime.enter();
    let signals = Signals::listen()?;
    drop(within);
    Ok((runtime, signals))
}

async fn obey(mut signals: Signals, set: &AtomicBool) {
    let signal = signals.next().await;
    let began = Instant::now();
    set.store(true, Ordering::SeqCst);
    let _ = match signal {
        INTERRUPT => writeln!(
            anstream::stderr(),
            "interrupted: the case in hand is finished first; press Ctrl-C again to stop at once"
        ),
        signal => writeln!(
            anstream::stderr(),
            "{signal}: the case in hand is finished first; a second signal stops at once"
        ),
    };
    signals.end_at_another(began).await;
}

/// The signals that ask this program to end. Once it listens, they do nothing by themselves any more.
pub struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
    /// Not where it is ignored.
    #[cfg(unix)]
    hangup: Option<Signal>,
}

impl Signals {
    /// Listens, within a runtime.
    ///
    /// # Errors
    /// When the system offers no way to.
    #[cfg(unix)]
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            // First of all, since it can't be known any more once it is caught.
            hangup: match is_hangup_ignored() {
                true => None,
                false => Some(signal(SignalKind::hangup())?),
            },
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Listens, within a runtime.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(unix))]
    pub fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for the next one, and says which it is.
    #[cfg(unix)]
    pub async fn next(&mut self) -> &'static str {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => INTERRUPT,
            _ = self.terminate.recv() => "SIGTERM",
            _ = hangup => "SIGHUP",
        }
    }

    /// Waits for the next one, and says which it is.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> &'static str {
        // Without a way to listen, Ctrl-C ends the process as usual.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }

    /// Ends the process at another one, and all that it started, so much later than the first that they are two.
    pub async fn end_at_another(mut self, first: Instant) {
        loop {
            self.next().await;
            // A wrapper that hands its own signal on makes two out of one.
            if first.elapsed() >= ECHO {
                break;
            }
        }
        process_group::kill_all();
        std::process::exit(i32::from(ExitCode::CouldNotRun as u8));
    }
}

/// Whether whoever started this program has it ignore SIGHUP.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => ignores_hangup(&status),
        // Where the system doesn't say, a shell does: it inherits what is ignored, and would end otherwise.
        Err(_) => std::process::Command::new("sh")
            .args(["-c", "kill -HUP $$"])
            .status()
            .is_ok_and(|status| status.success()),
    }
}

/// Whether the first bit of the mask of ignored signals, SIGHUP's, is set in what Linux says of a process.
#[cfg(unix)]
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

const INTERRUPT: &str = "SIGINT";
/// Two signals within this time are one.
const ECHO: Duration = Duration::from_millis(500);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_hangup_is_read_from_the_mask() {
        let status = |mask: &str| format!("Name:\tx\nSigBlk:\t01\nSigIgn:\t{mask}\nSigCgt:\t01\n");
        assert!(ignores_hangup(&status("0000000000000001")), "by nohup");
        assert!(
            ignores_hangup(&status("0000000000001003")),
            "and others beside it"
        );
        assert!(
            !ignores_hangup(&status("0000000000001000")),
            "a closed pipe alone"
        );
        assert!(!ignores_hangup("Name:\tx\n"), "nothing is said");
    }
}
