//! How well a fact about the service is known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How well a fact about the service is known, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Somebody published what the service itself sent or did.
    Captured,
    /// A standard, the service model, or documentation says so.
    Documented,
    /// Somebody says that it is so.
    Reported,
    /// Concluded, for example from what shipped clients do.
    Inferred,
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Captured => "captured",
            Self::Documented => "documented",
            Self::Reported => "reported",
            Self::Inferred => "inferred",
        })
    }
}
