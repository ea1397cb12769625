//! What can be wrong with a file.

use thiserror::Error;

use super::format::SCHEMA;

/// Why vectors can't be read or computed. Each is a fault of a file, never of a port.
#[derive(Debug, Error)]
pub enum VectorError {
    /// A file is not in the format.
    #[error("vector file {file}: {source}")]
    Format {
        /// Name of the file.
        file: &'static str,
        /// What serde says.
        source: serde_json::Error,
    },
    /// A file has another schema.
    #[error("vector file {file}: expected schema {SCHEMA}, got {got:?}")]
    Schema {
        /// Name of the file.
        file: &'static str,
        /// What it says.
        got: String,
    },
    /// An input has no meaning.
    #[error("case {case}: input {input}: {reason}")]
    Input {
        /// Id of the case.
        case: String,
        /// Name of the input.
        input: String,
        /// What is wrong.
        reason: String,
    },
}
