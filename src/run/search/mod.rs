//! What comes of a failing case that is looked into: again, smaller, intermittent, by a rare value, by which mistake.
//!
//! | file | answers |
//! |---|---|
//! | `causes` | which failures have one cause |
//! | `symptom` | what may have one cause |
//! | `broken` | how a symptom becomes a finding |
//! | `inquiry` | whether it comes again, in what smaller scenario, by which rare value |
//! | [`shrink`](mod@shrink) | how the smallest failing scenario is found |
//! | `plainer` | which scenarios are one step smaller |
//! | [`witness`] | whether right references conform in a scenario |
//! | `suspects` | which known mistake a port makes |
//! | `rare` | which rare values a sign-in had |

pub(super) mod broken;
pub(super) mod causes;
mod inquiry;
mod plainer;
mod rare;
pub mod shrink;
pub(super) mod suspects;
mod symptom;
pub mod witness;
