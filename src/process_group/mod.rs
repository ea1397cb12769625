//! A process and all that it started, which die together: at the latest when this program does, however it ends.
//!
//! | file | answers |
//! |---|---|
//! | `group` | how a process is started in a group of its own, read from, and killed with it |
//! | `registry` | which groups there are, and how all of them are killed |
//! | `guardian` | who kills them once this program can't any more |

mod group;
#[cfg(unix)]
mod guardian;
mod registry;

pub(crate) use group::{ProcessGroup, read_from};
#[cfg(unix)]
pub(crate) use guardian::{NAME as GUARDIAN, watch};
#[cfg(unix)]
pub(crate) use registry::guard;
pub(crate) use registry::{kill_all, unless_all_are_killed};
