//! The set of cases.

pub mod recording;
