//! The readable engine: num-bigint, one line a formula. The oracle that other engines are compared with, so it shares
//! nothing with them: no table, no window, no form of its own.

use num_bigint::BigUint;
use num_traits::Zero as _;

/// `base^exponent mod modulus` for any base and modulus; zero for modulus zero.
pub(super) fn modpow(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    if modulus.is_zero() {
        return BigUint::ZERO;
    }
    base.modpow(exponent, modulus)
}
