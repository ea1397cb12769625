//! How a process is started in a group of its own, and killed with it.

use std::io;

use tokio::process::{Child, Command};

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
