//! GMP through rug, built by gmp-mpfr-sys from its source ("fat": it chooses its inner loops at run time).

use num_bigint::BigUint;
use rug::Integer;
use rug::integer::Order;

use super::library::Library;

/// `mpz_powm`.
#[derive(Debug)]
pub struct Gmp {
    n: Integer,
    g: Integer,
}

impl Gmp {
    /// For a modulus and a generator.
    pub fn new(n: &BigUint, g: &BigUint) -> Self {
        Self {
            n: read(&n.to_bytes_be()),
            g: read(&g.to_bytes_be()),
        }
    }

    /// Version of GMP.
    pub fn version() -> String {
        use gmp_mpfr_sys::gmp::{VERSION, VERSION_MINOR, VERSION_PATCHLEVEL};
        format!("{VERSION}.{VERSION_MINOR}.{VERSION_PATCHLEVEL}")
    }
}

impl Library for Gmp {
    type Number = Integer;

    fn name(&self) -> String {
        "GMP (rug) mpz_powm".to_owned()
    }

    fn read(&self, octets: &[u8]) -> Integer {
        read(octets)
    }

    fn write(&self, number: &Integer) -> Vec<u8> {
        let mut octets = vec![0; number.significant_digits::<u8>()];
        number.write_digits(&mut octets, Order::MsfBe);
        octets
    }

    fn power(&self, base: &Integer, exponent: &Integer) -> Integer {
        let power = base.pow_mod_ref(exponent, &self.n);
        Integer::from(power.expect("no exponent is negative"))
    }

    fn power_of_g(&self, exponent: &Integer) -> Integer {
        self.power(&self.g, exponent)
    }

    fn product(&self, a: &Integer, b: &Integer) -> Integer {
        Integer::from(a * b).modulo(&self.n)
    }

    fn sum(&self, a: &Integer, b: &Integer) -> Integer {
        Integer::from(a + b).modulo(&self.n)
    }

    fn difference(&self, a: &Integer, b: &Integer) -> Integer {
        Integer::from(a - b).modulo(&self.n)
    }

    fn exponent(&self, a: &Integer, u: &Integer, x: &Integer) -> Integer {
        Integer::from(u * x) + a
    }
}

fn read(octets: &[u8]) -> Integer {
    Integer::from_digits(octets, Order::MsfBe)
}
