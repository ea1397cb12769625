//! What comes of a failing case that is looked into: again, smaller, intermittent, by a rare value, by which mistake.
//!
//! | file | answers |
//! |---|---|
//! | `causes` | which failures have one cause |
//! | `symptom` | what may have one cause |
//! | `cases` | which cases showed it, and which of those have one cause by the mistakes that explain them |
//! | `broken` | how such cases become a finding |
//! | `finder` | what a search needs of the run, and what becomes of errors in it |
//! | `fault` | in which smaller scenario a shim still crashes or hangs |
//! | `inquiry` | whether it comes again, in what smaller scenario, by which rare value |
//! | [`shrink`](mod@shrink) | how the smallest failing scenario is found |
//! | `plainer` | which scenarios are one step smaller |
//! | `suspects` | which known mistake a port makes |
//! | `held` | where a rule held |
//! | `wording` | what texts and requests say without what is drawn |
//! | `rare` | which rare values a sign-in had |

pub(super) mod broken;
mod cases;
pub(super) mod causes;
mod fault;
pub(super) mod finder;
pub(super) mod held;
mod inquiry;
mod plainer;
mod rare;
pub mod shrink;
pub(super) mod suspects;
mod symptom;
mod wording;
