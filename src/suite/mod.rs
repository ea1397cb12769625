//! The set of cases.
