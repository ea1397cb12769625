//! The readable engine: num-bigint's own.

use num_bigint::BigUint;
use num_traits::Zero as _;

use super::Modexp;

/// num-bigint's `modpow`: the oracle that other engines are compared with.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumBigint;

impl Modexp for NumBigint {
    fn name(&self) -> &'static str {
        "num-bigint"
    }

    fn modpow(&self, base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
        if modulus.is_zero() {
            return BigUint::ZERO;
        }
        base.modpow(exponent, modulus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_powers_are_right_and_a_zero_modulus_does_not_panic() {
        let int = |n: u32| BigUint::from(n);
        assert_eq!(
            NumBigint.modpow(&int(7), &int(5), &int(13)),
            int(11),
            "7^5 mod 13"
        );
        assert_eq!(
            NumBigint.modpow(&int(20), &int(0), &int(13)),
            int(1),
            "exponent zero"
        );
        assert_eq!(
            NumBigint.modpow(&int(20), &int(3), &int(1)),
            int(0),
            "modulus one"
        );
        assert_eq!(
            NumBigint.modpow(&int(20), &int(3), &int(0)),
            int(0),
            "modulus zero"
        );
        assert_eq!(
            NumBigint.modpow(&int(6), &int(3), &int(8)),
            int(0),
            "even modulus"
        );
    }
}
