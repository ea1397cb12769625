//! A process and all that it started, which die together.

/// The process group of a child that was started in one of its own, until it is killed. Once only: later the number may be
/// somebody else's.
#[derive(Debug)]
pub(crate) struct ProcessGroup(#[cfg(unix)] Option<rustix::process::Pid>);

impl ProcessGroup {
    /// The group of a child.
    #[cfg(unix)]
    pub(crate) fn of(child: &tokio::process::Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    /// Kills everybody in it.
    #[cfg(unix)]
    pub(crate) fn kill(&mut self) {
        if let Some(group) = self.0.take() {
            // It fails when nobody of the group is left, which is what we want.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }

    /// The group of a child.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &tokio::process::Child) -> Self {
        Self()
    }

    /// Kills everybody in it.
    #[cfg(not(unix))]
    pub(crate) fn kill(&mut self) {}
}
