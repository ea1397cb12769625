//! How a process is started in a group of its own, and killed with it.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::registry;

/// The process group of a child that was started in one of its own, until it is killed. Once only: later the number may be
/// somebody else's.
#[derive(Debug)]
pub(crate) struct ProcessGroup(Option<i32>);

impl ProcessGroup {
    /// Starts a command in a group of its own: what a shell or a package runner starts dies with it.
    ///
    /// The price is that Ctrl-C at a terminal does not reach it.
    ///
    /// # Errors
    /// When it can't be started, or this program is about to end.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Child, Self)> {
        #[cfg(unix)]
        command.process_group(0);
        let (child, group) = registry::start(command)?;
        Ok((child, Self(group)))
    }

    /// Kills everybody in it.
    pub(crate) fn kill(&mut self) {
        if let Some(group) = self.0.take() {
            registry::kill(group);
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for what is read from a process's pipes; where the process ends first, only a moment longer. What it wrote itself is in
/// the pipes by then, and whoever else holds them open is not waited for.
pub(crate) async fn read_from<T>(child: &mut Child, reading: impl Future<Output = T>) -> Option<T> {
    let mut reading = pin!(reading);
    tokio::select! {
        biased;
        read = &mut reading => Some(read),
        _ = child.wait() => timeout(PIPE_GRACE, reading).await.ok(),
    }
}

/// How long the pipes of a process that has ended are read on, where another one holds them open.
const PIPE_GRACE: Duration = Duration::from_millis(500);
