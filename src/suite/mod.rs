//! The set of cases.

pub mod recording;
pub mod vector;
