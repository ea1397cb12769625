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

mod case_id;
mod cases;
mod pattern;
pub mod recording;
pub mod scenarios;
pub mod vector;

pub use case_id::{CaseId, CaseIdError, Part};
pub use cases::{Case, Content, Selection, SuiteError, cases};
pub use pattern::{Pattern, PatternError};
