//! The pool's clock.

use serde::{Deserialize, Serialize};

/// Which time the pool goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Clock {
    /// Stands still at this instant: seconds since 1970-01-01T00:00:00Z.
    Fixed(i64),
    /// The machine's.
    Wall,
}

impl Clock {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn now(self) -> i64 {
        match self {
            Self::Fixed(seconds) => seconds,
            Self::Wall => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| {
                    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
                }),
        }
    }
}
