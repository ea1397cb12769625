//! The set of cases.
//!
//! | file | answers |
//! |---|---|
//! | [`vector`] | which published vectors there are, and whether they hold |
//! | [`recording`] | which recordings of the real service there are |
//! | [`scenarios`] | which named and generated scenarios there are |

pub mod recording;
pub mod scenarios;
pub mod vector;
