//! Published vectors: their one format, and the check of every value in them.
//!
//! A case gives inputs and values. A value is *published* by the source, or *derived* by an implementation that shares
//! no code with this one. Every value of every case is computed anew and compared by name. A published value that came
//! from a bug is *negative*: the right value must differ from it, and where the bug is known as a mistake, the mistake
//! must give exactly it.
//!
//! Integers are big-endian hex and compared as numbers; octets are exact lower-case hex; everything else is text.

mod check;
mod error;
mod format;
mod inputs;
mod library;
mod outcome;
mod pieces;
mod session;
mod values;

pub use check::check;
pub use error::VectorError;
pub use format::{Case, DialectRef, Kind, Negative, SCHEMA, Source, Under, VectorFile};
pub use library::all;
pub use outcome::{Check, Origin, Outcome};
