//! Functions outside of this program, asked for a trigger.

use super::trigger::{Invocation, Said};

impl Invocation {
    /// Asks the function, and waits for what it says.
    pub fn run(&self) -> Said {
        Said::Nonsense
    }
}
