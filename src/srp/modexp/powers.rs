//! What an engine is asked: powers, one or many, of any base or of one.

use num_bigint::BigUint;

use super::comb::{self, FixedBase};
use super::engine::{Engine, Kind};
use super::reference;
use super::window::{self, Power, reduced};
use crate::srp::group::Group;

impl Engine {
    /// `base^exponent mod modulus`, the least non-negative residue, for any base (also one not yet reduced).
    ///
    /// Nothing is congruent modulo zero; an engine answers zero there rather than panic. A base of 2 modulo Cognito's N goes
    /// by a table, see [`generator_power`](Self::generator_power).
    pub fn modpow(self, base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
        count(1);
        if !is_cognito(modulus) {
            return reference::modpow(base, exponent, modulus);
        }
        match self.0 {
            Kind::Reference => reference::modpow(base, exponent, modulus),
            _ if *base == Group::cognito_ref().g => comb::of_generator(self).power(exponent),
            Kind::Portable(field) => window::power(field, &reduced(base, modulus), exponent),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(field) => window::power(field, &reduced(base, modulus), exponent),
        }
    }

    /// [`modpow`](Self::modpow) of many, eight side by side where the engine can. The powers come in their order.
    pub fn modpow_batch(self, powers: &[Power<'_>], modulus: &BigUint) -> Vec<BigUint> {
        count(powers.len());
        let engine = if is_cognito(modulus) {
            self
        } else {
            Self(Kind::Reference)
        };
        match engine.0 {
            Kind::Reference => powers
                .iter()
                .map(|power| reference::modpow(power.base, power.exponent, modulus))
                .collect(),
            Kind::Portable(field) => window::powers(field, powers, modulus),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(field) => window::powers(field, powers, modulus),
        }
    }

    /// [`modpow`](Self::modpow) of one base, in the order of the exponents: from the table where it is Cognito's g, else
    /// eight side by side where the engine can.
    pub fn powers_of(
        self,
        base: &BigUint,
        exponents: &[&BigUint],
        modulus: &BigUint,
    ) -> Vec<BigUint> {
        if *base == Group::cognito_ref().g && is_cognito(modulus) {
            return self.generator_powers(exponents);
        }
        let powers: Vec<Power<'_>> = exponents
            .iter()
            .map(|exponent| Power { base, exponent })
            .collect();
        self.modpow_batch(&powers, modulus)
    }

    /// `2^exponent mod N` in Cognito's group, from a table.
    ///
    /// The table is built the first time, and only as far as the exponents ask: 1 MiB for 1024 bits, 3 MiB for 3072 bits
    /// (see [`FixedBase`]). Longer exponents go without.
    pub fn generator_power(self, exponent: &BigUint) -> BigUint {
        count(1);
        comb::of_generator(self).power(exponent)
    }

    /// [`generator_power`](Self::generator_power) of many, in their order.
    pub fn generator_powers(self, exponents: &[&BigUint]) -> Vec<BigUint> {
        count(exponents.len());
        comb::of_generator(self).powers(exponents)
    }

    /// A table of powers of a base of one's own modulo Cognito's N, for exponents of up to `most_bits` bits.
    pub fn fixed_base(self, base: &BigUint, most_bits: u64) -> FixedBase {
        FixedBase::new(self, base, most_bits)
    }
}

/// Counts powers for tests: what hides whether a user exists has to cost as many for nobody as for somebody.
#[cfg(test)]
pub(crate) mod counted {
    use std::cell::Cell;

    thread_local!(static POWERS: Cell<usize> = const { Cell::new(0) });

    /// Adds to the powers of this thread.
    pub(super) fn count(powers: usize) {
        POWERS.set(POWERS.get() + powers);
    }

    /// The powers that this thread has made so far.
    pub(crate) fn powers() -> usize {
        POWERS.get()
    }
}

#[cfg(test)]
use counted::count;

#[cfg(not(test))]
fn count(_: usize) {}

/// `base^exponent mod modulus` by the engine in use.
pub fn modpow(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    Engine::current().modpow(base, exponent, modulus)
}

fn is_cognito(modulus: &BigUint) -> bool {
    *modulus == Group::cognito_ref().n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_powers_are_right_and_a_zero_modulus_does_not_panic() {
        let int = |n: u32| BigUint::from(n);
        for engine in Engine::available() {
            let name = engine.name();
            for (base, exponent, modulus, power) in [
                (7, 5, 13, 11),
                (20, 0, 13, 1),
                (20, 3, 1, 0),
                (20, 3, 0, 0),
                (6, 3, 8, 0),
            ] {
                let (base_int, exponent_int) = (int(base), int(exponent));
                assert_eq!(
                    engine.modpow(&base_int, &exponent_int, &int(modulus)),
                    int(power),
                    "{name}: {base}^{exponent} mod {modulus}"
                );
                let alone = Power {
                    base: &base_int,
                    exponent: &exponent_int,
                };
                assert_eq!(
                    engine.modpow_batch(&[alone; 9], &int(modulus)),
                    vec![int(power); 9],
                    "{name}: {base}^{exponent} mod {modulus}, nine side by side"
                );
            }
        }
    }
}
