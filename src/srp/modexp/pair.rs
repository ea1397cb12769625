//! `x^d · y^e`: products of powers of two bases, from one table.

use std::fmt;

use num_bigint::BigUint;

use super::comb::{Base, FixedBase, TOOTH};
use super::engine::Engine;
use crate::srp::group::Group;

/// Products of powers of two bases modulo Cognito's N: what a search for a shared secret needs, `v^(u·b) · A^b`.
///
/// Both exponents go through one table together, so that a product costs no more than one power whose exponent is as long
/// as both: for 320 and 64 bits 48 products and 15 squarings, eight side by side where the engine can.
pub struct FixedPair {
    engine: Engine,
    bases: [BigUint; 2],
    /// The bits that belong to the first exponent.
    at: u64,
    table: FixedBase,
}

impl FixedPair {
    /// A table for exponents of up to so many bits each; longer ones go without it. The bases may be any numbers.
    pub fn new(engine: Engine, bases: [&BigUint; 2], most_bits: [u64; 2]) -> Self {
        let n = &Group::cognito_ref().n;
        let [first, second] = bases.map(|base| base % n);
        let at = most_bits[0].next_multiple_of(TOOTH);
        let base = Base::Two {
            first: first.clone(),
            second: second.clone(),
            at,
        };
        Self {
            engine,
            bases: [first, second],
            at,
            table: FixedBase::of(engine, base, at + most_bits[1]),
        }
    }

    /// The products for these pairs of exponents, in their order.
    pub fn products(&self, exponents: &[[BigUint; 2]]) -> Vec<BigUint> {
        if exponents.iter().any(|[first, _]| first.bits() > self.at) {
            return exponents
                .iter()
                .map(|exponents| self.product(exponents))
                .collect();
        }
        let joined: Vec<BigUint> = exponents
            .iter()
            .map(|[first, second]| (second << self.at) + first)
            .collect();
        self.table.powers(&joined.iter().collect::<Vec<_>>())
    }

    fn product(&self, exponents: &[BigUint; 2]) -> BigUint {
        let n = &Group::cognito_ref().n;
        let [first, second] = &self.bases;
        self.engine.modpow(first, &exponents[0], n) * self.engine.modpow(second, &exponents[1], n)
            % n
    }
}

impl fmt::Debug for FixedPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FixedPair")
            .field("engine", &self.engine)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
