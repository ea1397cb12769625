//! How long a call may still take once somebody wants to see the end of the run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// Gives up what takes too long after an interruption. Whoever stops a run by force waits some ten seconds before, which is less
/// than the deadline of a call, and then nothing would be told.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    interrupted: Arc<AtomicBool>,
    noticed: Option<Instant>,
}

impl Cut {
    /// Heeds a flag that is set from outside.
    pub(crate) fn new(interrupted: &Arc<AtomicBool>) -> Self {
        Self {
            interrupted: Arc::clone(interrupted),
            noticed: None,
        }
    }

    /// Does some work. `None` where it was given up.
    pub(crate) async fn unless<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.comes() => None,
        }
    }

    /// Waits for the interruption, and then for the last moment.
    async fn comes(&mut self) {
        while !self.interrupted.load(Ordering::Relaxed) {
            sleep(LOOK).await;
        }
        let noticed = *self.noticed.get_or_insert_with(Instant::now);
        sleep(LAST_MOMENT.saturating_sub(noticed.elapsed())).await;
    }
}

/// How often the flag is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// For the case in hand as a whole, and what comes after it.
const LAST_MOMENT: Duration = Duration::from_secs(4);
