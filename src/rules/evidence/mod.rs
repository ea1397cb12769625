//! What a transcript shows, read for the rules.
//!
//! | file | answers |
//! |---|---|
//! | [`case`](mod@case) | what a rule is given |
//! | [`facts`] | what is known beyond the transcript |
//! | [`trace`] | what the transcript says |
//! | [`model`] | which bounds the service model sets |
//! | `position` | what stands before each exchange of a sign-in, as the port saw it |
//! | `course` | how the sign-ins went, held against their scenario |
//! | `held_tokens` | what a right port holds once somebody is signed in, call by call |
//! | `known_devices` | which devices a port was given, and what became of them |
//! | `service_view` | what stands before each exchange, as the service saw it |
//! | `directory` | which users there are, exchange by exchange |
//! | `factors` | which second factors users have, and how far a sign-in has come |
//! | `grants` | what a token stands for when it is shown |
//! | `tracked_devices` | which devices the service has given out, exchange by exchange |

pub mod case;
pub mod facts;
pub mod model;
pub mod trace;

pub(in crate::rules) mod course;
pub(in crate::rules) mod directory;
pub(in crate::rules) mod factors;
pub(in crate::rules) mod grants;
pub(in crate::rules) mod held_tokens;
pub(in crate::rules) mod known_devices;
pub(in crate::rules) mod position;
pub(in crate::rules) mod service_view;
pub(in crate::rules) mod tracked_devices;
