//! The interface of an engine, and the one in use.

use num_bigint::BigUint;

use super::NumBigint;

/// Something that computes `base^exponent mod modulus`.
pub trait Modexp: Send + Sync {
    /// Name for benchmarks and reports.
    fn name(&self) -> &'static str;

    /// `base^exponent mod modulus`, the least non-negative residue, for any base (also one not yet reduced).
    ///
    /// Nothing is congruent modulo zero; an engine answers zero there rather than panic.
    fn modpow(&self, base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint;
}

/// `base^exponent mod modulus` by the engine in use.
pub fn modpow(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    NumBigint.modpow(base, exponent, modulus)
}
