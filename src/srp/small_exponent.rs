//! Whether a public value gives its private one away: whether its exponent is small.

use std::collections::HashMap;

use num_bigint::BigUint;

use super::group::Group;
use super::modexp::modpow;

/// The private value a of A = g^a, where it has no more than 32 bits; else `None`.
///
/// Baby-step giant-step (Shanks 1971): 2^18 small steps are kept, and 2^14 large ones are tried. It takes some tenths of a
/// second.
pub fn small_exponent(group: &Group, a_pub: &BigUint) -> Option<u64> {
    let Group { g, n, .. } = group;
    let mut baby = HashMap::with_capacity(1 << BABY_BITS);
    let mut power = BigUint::from(1_u8);
    for exponent in 0_u64..1 << BABY_BITS {
        // What a fingerprint claims is checked at the end.
        baby.entry(fingerprint(&power)).or_insert(exponent);
        power *= g;
        if power >= *n {
            power %= n;
        }
    }
    // After so many steps `power` is g^(2^18); its inverse goes back by as much (Fermat).
    let back = modpow(&power, &(n - 2_u8), n);
    let mut rest = a_pub % n;
    for step in 0_u64..1 << (BITS - BABY_BITS) {
        if let Some(exponent) = baby.get(&fingerprint(&rest)) {
            let found = (step << BABY_BITS) + exponent;
            if modpow(g, &BigUint::from(found), n) == a_pub % n {
                return Some(found);
            }
        }
        rest = rest * &back % n;
    }
    None
}

/// All digits, mixed: powers of 2 alone have their low digits all alike.
fn fingerprint(number: &BigUint) -> u64 {
    number.iter_u64_digits().fold(1, |mixed, digit| {
        (mixed ^ digit)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
    })
}

/// How long an exponent is found.
const BITS: u32 = 32;
const BABY_BITS: u32 = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_exponent_is_found_and_a_large_one_is_not() {
        let group = Group::cognito();
        for a in [1_u64, 3_071, (1 << 18) + 5, 4_294_967_295] {
            let a_pub = modpow(&group.g, &BigUint::from(a), &group.n);
            assert_eq!(small_exponent(&group, &a_pub), Some(a), "{a}");
        }
        let large = modpow(&group.g, &(BigUint::from(1_u8) << 200_u32), &group.n);
        assert_eq!(small_exponent(&group, &large), None);
    }
}
