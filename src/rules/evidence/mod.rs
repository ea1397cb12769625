//! What a transcript shows, read for the rules.
//!
//! | file | answers |
//! |---|---|
//! | [`case`](mod@case) | what a rule is given |
//! | [`facts`] | what is known beyond the transcript |
//! | [`trace`] | what the transcript says |
//! | [`model`] | which bounds the service model sets |
//! | `course` | how the sign-ins went, held against their scenario |
//! | `held` | what a right port holds once somebody is signed in |
//! | `known_devices` | which devices the service gave, and what became of them |

pub mod case;
pub mod facts;
pub mod model;
pub mod trace;

pub(in crate::rules) mod course;
pub(in crate::rules) mod held;
pub(in crate::rules) mod known_devices;
