//! num-bigint: pure Rust. Every other library's results are compared with its.

use num_bigint::BigUint;

use super::library::Library;

/// `BigUint`.
#[derive(Debug)]
pub struct NumBigint {
    n: BigUint,
    g: BigUint,
}

impl NumBigint {
    /// For a modulus and a generator.
    pub fn new(n: &BigUint, g: &BigUint) -> Self {
        Self {
            n: n.clone(),
            g: g.clone(),
        }
    }
}

impl Library for NumBigint {
    type Number = BigUint;

    fn name(&self) -> String {
        "num-bigint modpow".to_owned()
    }

    fn read(&self, octets: &[u8]) -> BigUint {
        BigUint::from_bytes_be(octets)
    }

    fn write(&self, number: &BigUint) -> Vec<u8> {
        number.to_bytes_be()
    }

    fn power(&self, base: &BigUint, exponent: &BigUint) -> BigUint {
        base.modpow(exponent, &self.n)
    }

    fn power_of_g(&self, exponent: &BigUint) -> BigUint {
        self.g.modpow(exponent, &self.n)
    }

    fn product(&self, a: &BigUint, b: &BigUint) -> BigUint {
        a * b % &self.n
    }

    fn sum(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + b) % &self.n
    }

    fn difference(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.n - b) % &self.n
    }

    fn exponent(&self, a: &BigUint, u: &BigUint, x: &BigUint) -> BigUint {
        a + u * x
    }
}
