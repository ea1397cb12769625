//! How a value came out.

/// One value, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Name of the value: `u`, `S`, `K` …; with the side in brackets where both sides compute it.
    pub name: String,
    /// Who says it.
    pub origin: Origin,
    /// How it came out.
    pub outcome: Outcome,
}

/// Who says a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The source.
    Published,
    /// An independent implementation.
    Derived,
}

/// How a value came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The computed value is the expected one.
    Match,
    /// It is another.
    Mismatch {
        /// The value in the file.
        expected: String,
        /// The computed value.
        got: String,
    },
    /// A value from a bug is indeed not the right one.
    NegativeConfirmed,
    /// A value from a bug is, against expectation, the right one.
    NegativeRefuted {
        /// The value.
        got: String,
    },
    /// Nothing in the case leads to this value: the case or the checker is wrong.
    NotComputed {
        /// The value in the file.
        expected: String,
    },
}

impl Outcome {
    /// Whether the check holds.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Match | Self::NegativeConfirmed)
    }
}
