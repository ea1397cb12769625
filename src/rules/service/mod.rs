//! What the service has to do.
//!
//! These rules judge what the service made of the requests that did reach it, right or wrong: whether a proof holds, a hash
//! is right or a flow is on is read from the wire and the world, never from what the client was meant to send. So they
//! stay silent where a wrong port meets a right service. Answers that a fault altered are nobody's and are not judged.
//!
//! | file | answers |
//! |---|---|
//! | [`list`] | which rules there are |
//! | [`reason`] | what of a request is a reason to refuse it |
//! | [`challenge`] | what a challenge says |
//! | [`proof`] | the arithmetic of B and of the claim |
//! | [`response`], [`text`] | how answers and errors look |
//! | [`refusal`] | what has to be refused |
//! | [`trigger`], [`parameter`], [`migration`] | what triggers are told, and when |
//! | [`token`] | what tokens say |
//! | [`device`] | what becomes of devices |
//! | [`factor`], [`choice`] | which factors are asked for, and whether they are shown |
//! | [`refresh`] | which tokens a refresh brings, and which refreshes are refused |
//! | [`reset`] | how passwords are reset |
//! | [`answer`] | whether the scenario allows the answers as a whole |

mod answer;
mod challenge;
mod choice;
mod device;
mod factor;
mod list;
mod migration;
mod parameter;
mod proof;
mod reason;
mod refresh;
mod refusal;
mod reset;
mod response;
mod text;
mod token;
mod trigger;

pub(super) use answer::{Requests, requests_to};
pub use list::RULES;
