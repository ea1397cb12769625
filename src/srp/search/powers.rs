//! Powers of g whose exponents follow one another.

use num_bigint::BigUint;

use crate::srp::group::Group;
use crate::srp::modexp::Engine;

/// `g^e`, `g^(e+step)`, `g^(e+2·step)` …
pub(super) struct Powers<'a> {
    n: &'a BigUint,
    power: BigUint,
    factor: BigUint,
}

impl<'a> Powers<'a> {
    /// Begins at `exponent`. N may not be zero.
    pub(super) fn new(group: &'a Group, engine: Engine, exponent: &BigUint, step: u32) -> Self {
        Self {
            n: &group.n,
            power: engine.modpow(&group.g, exponent, &group.n),
            factor: group.g.pow(step) % &group.n,
        }
    }

    /// The power where it stands.
    pub(super) fn current(&self) -> &BigUint {
        &self.power
    }

    /// Goes on by one step.
    pub(super) fn advance(&mut self) {
        self.power *= &self.factor;
        if self.factor.bits() > FEW_BITS {
            self.power %= self.n;
            return;
        }
        // A small multiple of a number below N is at most a few times N above it: no division.
        while self.power >= *self.n {
            self.power -= self.n;
        }
    }
}

/// A factor of up to so many bits is undone by subtractions: fewer than 2^4, and two or three for g = 2 or g = 4.
const FEW_BITS: u64 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_power_is_the_one_of_its_exponent() {
        let groups = [
            Group::cognito(),
            Group::rfc5054(3072).unwrap(),
            Group::rfc5054(8192).unwrap(),
        ];
        for group in groups {
            for step in [1, 2] {
                let start = BigUint::from(1_000_000_u32);
                let mut powers = Powers::new(&group, Engine::current(), &start, step);
                for at in 0..20 {
                    let exponent = &start + at * step;
                    let expected = group.g.modpow(&exponent, &group.n);
                    assert_eq!(*powers.current(), expected, "{} {exponent}", group.id);
                    powers.advance();
                }
            }
        }
    }
}
