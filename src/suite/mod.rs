//! The set of cases.
//!
//! | file | answers |
//! |---|---|
//! | `cases` | which cases a check has, and in which order |
//! | `case_id` | what a case is called |
//! | `pattern` | which ids a pattern takes |
//! | [`vector`] | which published vectors there are, and whether they hold |
//! | [`recording`] | which recordings of the real service there are |
//! | [`scenarios`] | which named and generated scenarios there are |
//! | `fit` | what a scenario needs against what a port offers |
//! | `flows` | which flows a scenario leads to, against those that a port offers |
//! | [`pairs`] | which scenarios meet every pair of values that is possible for a port |
//! | [`space`] | which pairs of values a port can meet |
//! | `covering` | how few scenarios meet every one of them |

mod case_id;
mod cases;
mod covering;
pub(crate) mod fit;
mod flows;
pub mod pairs;
mod pattern;
pub mod recording;
pub mod scenarios;
pub mod space;
pub mod vector;

pub use case_id::{CaseId, CaseIdError, Part};
pub use cases::{Case, Content, Selection, SuiteError, cases};
pub use pattern::{Pattern, PatternError};
