//! What a consumer of a run's events is.

use std::io;

use crate::run::RunEvent;

/// Is told what happens in a run, in order, and writes it down.
pub trait Reporter {
    /// Takes one event.
    ///
    /// # Errors
    /// When it can't be written.
    fn take(&mut self, event: &RunEvent) -> io::Result<()>;
}
