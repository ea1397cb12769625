//! Modular exponentiation behind one small interface, so that a faster engine can stand beside the readable one.

mod engine;
mod num_bigint;

pub use engine::{Modexp, modpow};
pub use num_bigint::NumBigint;
