//! Devices: how a port confirms one, names it, proves it, and lets go of it.

use crate::rules::evidence::trace::CallTrace;
use crate::wire::{NextStep, Reply};

pub mod confirm;
pub mod keep;
pub mod proof;

/// Whether a call ended in a finished sign-in.
fn is_done(call: &CallTrace<'_>) -> bool {
    matches!(
        call.reply,
        Some(Reply::Step {
            next: NextStep::Done
        })
    )
}
