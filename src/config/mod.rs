//! Configuration files: Amplify's `amplifyconfiguration.json` (Gen 1) and `amplify_outputs.json` (Gen 2), and which flow
//! wins when they, a migration switch and a run-time option disagree.
//!
//! | file | answers |
//! |---|---|
//! | [`settings`] | what a client has to know |
//! | [`gen1`] | what `amplifyconfiguration.json` says of it |
//! | [`gen2`] | what `amplify_outputs.json` says of it |
//! | [`flow`] | which flow a text names, and which of several wins |
//! | [`error`] | what is wrong with a file, and where |

mod document;
pub mod error;
pub mod flow;
pub mod gen1;
pub mod gen2;
pub mod settings;

pub use error::ConfigError;
pub use flow::{Reading, UnknownFlow, effective_flow};
pub use gen1::{read_gen1, read_gen1_with};
pub use gen2::{read_gen2, read_gen2_with};
pub use settings::ClientSettings;
