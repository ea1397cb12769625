//! What several benchmarks share.
//!
//! | file | answers |
//! |---|---|
//! | `number` | which numbers are computed with |
//! | `sign_ins` | who signs in, and how the engines make the steps of both sides |

mod number;
mod sign_ins;

pub use number::number;
pub use sign_ins::SignIns;
