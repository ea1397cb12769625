//! Workers, budgets, shrinking: plays cases and emits events.
//!
//! | file | answers |
//! |---|---|
//! | [`play`] | what happens when a port plays a scenario |

pub mod play;

pub use play::{PlayError, Played, Theatre};
