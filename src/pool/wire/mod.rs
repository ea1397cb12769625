//! Requests as they come, and answers as they go.
//!
//! | file | answers |
//! |---|---|
//! | `shape`, `members` | what the service model demands of a body, and how its members are read |
//! | `errors` | what an error says |
//! | `response` | how an answer looks |

pub(in crate::pool) mod errors;
pub(in crate::pool) mod members;
pub(in crate::pool) mod response;
pub(in crate::pool) mod shape;
