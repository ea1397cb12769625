//! Consumers of the runner's events. Each is told what happened and writes it down; none decides anything.
//!
//! | file | answers |
//! |---|---|
//! | [`reporter`] | what a consumer is |
//! | [`text`] | how a check reads for a person |
//! | `coverage` | how what was met of what can be reads |
//! | [`finding`] | how one broken rule reads |
//! | [`narrative`] | how a transcript reads |
//! | [`verdicts`] | how what the rules said of a transcript reads |
//! | [`matrix`] | how the self-test reads |
//! | [`bench`](mod@bench) | how a measurement reads |
//! | [`watch`] | how what an application did wrong at a local pool reads |
//! | [`json`] | the same for programs: JSON Lines |
//! | [`save`] | what is kept on disk, written as the run goes |
//! | [`progress`] | what a person sees while they wait |
//! | [`page`] | how text is wrapped, coloured and made harmless |

pub mod bench;
mod coverage;
pub mod finding;
pub mod json;
pub mod matrix;
pub mod narrative;
pub mod page;
pub mod progress;
pub mod reporter;
pub mod save;
pub mod text;
pub mod verdicts;
pub mod watch;

pub use bench::BenchText;
pub use json::JsonLines;
pub use page::Page;
pub use progress::Progress;
pub use reporter::Reporter;
pub use save::{Save, SaveError};
pub use text::TextReport;
