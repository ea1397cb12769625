//! What is wrong with a configuration file, and where.

/// Why a configuration file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is larger than any real one.
    #[error("the configuration file has {got} octets; at most {max} are read")]
    TooLarge {
        /// Octets found.
        got: usize,
        /// Octets allowed.
        max: usize,
    },
    /// The file begins with a byte order mark.
    #[error("the configuration file begins with a byte order mark: save it as UTF-8 without one")]
    ByteOrderMark,
    /// The file is not JSON.
    #[error(
        "the configuration file is not JSON (line {line}, column {column}): correct it or generate it again"
    )]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A field is absent or holds something else than it should.
    #[error("{path}: expected {expected}, found {found}")]
    Field {
        /// Path of the field from the root, dotted.
        path: String,
        /// What should stand there.
        expected: String,
        /// What stands there: a value for flow names, otherwise only its JSON type, since fields may hold secrets.
        found: String,
    },
}
