//! crypto-bigint of RustCrypto: pure Rust, numbers of fixed width, Montgomery form.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U3072};
use num_bigint::BigUint;

use super::library::Library;

/// `FixedMontyForm`, in variable or constant time.
#[derive(Debug)]
pub struct CryptoBigint {
    timing: Timing,
    params: FixedMontyParams<{ U3072::LIMBS }>,
    g: U3072,
}

/// Whether a power's time may depend on the exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// `pow_vartime`.
    Variable,
    /// `pow_bounded_exp`, which shows how many bits the exponent has.
    Constant,
}

impl CryptoBigint {
    /// For an odd modulus of 3072 bits and a generator.
    pub fn new(n: &BigUint, g: &BigUint, timing: Timing) -> Self {
        let n = Odd::new(read(&n.to_bytes_be())).expect("the modulus is odd");
        Self {
            timing,
            params: FixedMontyParams::new_vartime(n),
            g: read(&g.to_bytes_be()),
        }
    }

    fn form(&self, number: &U3072) -> FixedMontyForm<{ U3072::LIMBS }> {
        FixedMontyForm::new(number, &self.params)
    }
}

impl Library for CryptoBigint {
    type Number = U3072;

    fn name(&self) -> String {
        match self.timing {
            Timing::Variable => "crypto-bigint pow_vartime",
            Timing::Constant => "crypto-bigint pow_bounded_exp, constant time",
        }
        .to_owned()
    }

    fn read(&self, octets: &[u8]) -> U3072 {
        read(octets)
    }

    fn write(&self, number: &U3072) -> Vec<u8> {
        let octets = number.to_be_bytes();
        let octets: &[u8] = octets.as_ref();
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        octets[zeros..].to_vec()
    }

    fn power(&self, base: &U3072, exponent: &U3072) -> U3072 {
        let base = self.form(base);
        match self.timing {
            Timing::Variable => base.pow_vartime(exponent),
            Timing::Constant => base.pow_bounded_exp(exponent, exponent.bit_width()),
        }
        .retrieve()
    }

    fn power_of_g(&self, exponent: &U3072) -> U3072 {
        self.power(&self.g, exponent)
    }

    fn product(&self, a: &U3072, b: &U3072) -> U3072 {
        self.form(a).mul(&self.form(b)).retrieve()
    }

    fn sum(&self, a: &U3072, b: &U3072) -> U3072 {
        a.add_mod(b, self.params.modulus().as_nz_ref())
    }

    fn difference(&self, a: &U3072, b: &U3072) -> U3072 {
        a.sub_mod(b, self.params.modulus().as_nz_ref())
    }

    fn exponent(&self, a: &U3072, u: &U3072, x: &U3072) -> U3072 {
        // u and x are hashes: their product is far from filling the number.
        u.wrapping_mul(x).wrapping_add(a)
    }
}

fn read(octets: &[u8]) -> U3072 {
    let mut full = [0; U3072::BYTES];
    full[U3072::BYTES - octets.len()..].copy_from_slice(octets);
    U3072::from_be_slice(&full)
}
