//! Modular exponentiation: one interface, three engines, the same answers.
//!
//! **Variable time, test secrets only.** Every engine branches on exponents and looks tables up by their digits. None of
//! this may ever see a password that somebody uses.
//!
//! | engine | for | how |
//! |---|---|---|
//! | `reference` | any modulus; the oracle of the others | num-bigint, one line a formula |
//! | `portable` | Cognito's N on any processor | safe Rust that compilers vectorise, 28-bit digits, Montgomery form |
//! | `ifma` | Cognito's N on x86-64 with AVX-512-IFMA | 52-bit limbs; one number across a vector, or eight numbers side by side |
//!
//! | file | answers |
//! |---|---|
//! | `powers` | what an engine is asked |
//! | `engine` | which engines there are, and which one is in use |
//! | `field` | what an engine has to offer so that windows and combs work on it |
//! | `window` | how a power of any base is made |
//! | `comb` | how powers of one base are made from a table |
//! | `pair` | how `x^d · y^e` is made from one table |
//! | `reference`, `portable`, `ifma` | the engines |
//!
//! The fast engines know one modulus, Cognito's. Whatever is asked about another goes to the reference, whichever engine
//! is in use.

mod comb;
mod engine;
mod field;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod pair;
mod portable;
mod powers;
mod reference;
mod window;

pub use comb::FixedBase;
pub use engine::{ENGINE_VARIABLE, Engine, EngineError, EngineName};
pub use field::LANES;
pub use pair::FixedPair;
#[cfg(test)]
pub(crate) use powers::counted;
pub use powers::modpow;
pub use window::Power;
