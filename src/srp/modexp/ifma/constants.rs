//! Limbs, and the multiples of N that reductions add.

use std::array;
use std::sync::LazyLock;

use num_bigint::BigUint;

use super::vector::Words;
use crate::srp::group::Group;

/// Limbs of a number.
pub(super) const LIMBS: usize = 60;
/// Bits of a limb.
pub(super) const BITS: u32 = 52;
/// The bits of a word that a limb fills.
pub(super) const MASK: u64 = (1 << BITS) - 1;

/// `(c·N + 1)/2^(52k)` for the c with `c·N ≡ −1 (mod 2^(52k))`: 60 limbs.
pub(super) type Multiple = [u64; LIMBS];

/// A multiple moved up by 0 to 8 limbs, each time as nine vectors.
pub(super) type Shifted = [[Words; 9]; 9];

/// What the kernels read.
#[derive(Debug)]
pub(super) struct Constants {
    /// For steps of 30 digits.
    pub(super) by_30: Multiple,
    /// Karatsuba's sums of its quarters, first and second, third and fourth, and whether a sum has a 16th limb of one.
    pub(super) sums: [([u64; QUARTER], bool); 2],
    /// For steps of 15 digits.
    pub(super) by_15: Multiple,
    /// For steps of 5 digits.
    pub(super) by_5: Multiple,
    /// For one digit: `(N + 1)/2^52`.
    pub(super) by_1: Multiple,
    /// For steps of 4 digits, moved.
    pub(super) shifted_4: Shifted,
    /// For steps of 2 digits, moved.
    pub(super) shifted_2: Shifted,
    /// For one digit, moved.
    pub(super) shifted_1: Shifted,
    /// R mod N.
    pub(super) one: [u64; LIMBS],
    /// R² mod N.
    pub(super) r_squared: [u64; LIMBS],
}

/// Limbs of a quarter.
pub(super) const QUARTER: usize = LIMBS / 4;

/// The constants, made when they are first asked for.
pub(super) fn constants() -> &'static Constants {
    static CONSTANTS: LazyLock<Constants> = LazyLock::new(Constants::new);
    &CONSTANTS
}

/// The limbs of a number below 2^3120.
pub(super) fn limbs(value: &BigUint) -> [u64; LIMBS] {
    let words = value.to_u64_digits();
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    array::from_fn(|limb| {
        let bit = limb * BITS as usize;
        let (at, shift) = (bit / 64, bit % 64);
        let high = if shift == 0 {
            0
        } else {
            word(at + 1) << (64 - shift)
        };
        (word(at) >> shift | high) & MASK
    })
}

/// The number of these limbs.
pub(super) fn number(limbs: &[u64; LIMBS]) -> BigUint {
    let mut words = [0_u64; LIMBS * BITS as usize / 64 + 1];
    for (limb, &value) in limbs.iter().enumerate() {
        let bit = limb * BITS as usize;
        let (at, shift) = (bit / 64, bit % 64);
        words[at] |= value << shift;
        if shift > 64 - BITS as usize {
            words[at + 1] |= value >> (64 - shift);
        }
    }
    BigUint::from_bytes_le(words.map(u64::to_le_bytes).as_flattened())
}

impl Constants {
    fn new() -> Self {
        let n = &Group::cognito_ref().n;
        let r = BigUint::from(1_u8) << (LIMBS * BITS as usize);
        let by_30 = multiple(30);
        Self {
            sums: [0, 2].map(|first| {
                let quarter = |at: usize| number_of_quarter(&by_30, at);
                let sum = limbs(&(quarter(first) + quarter(first + 1)));
                (array::from_fn(|limb| sum[limb]), sum[QUARTER] != 0)
            }),
            by_30,
            by_15: multiple(15),
            by_5: multiple(5),
            by_1: multiple(1),
            shifted_4: shifted(&multiple(4)),
            shifted_2: shifted(&multiple(2)),
            shifted_1: shifted(&multiple(1)),
            one: limbs(&(&r % n)),
            r_squared: limbs(&(&r * &r % n)),
        }
    }
}

fn multiple(digits: usize) -> Multiple {
    let n = &Group::cognito_ref().n;
    let modulus = BigUint::from(1_u8) << (digits * BITS as usize);
    let inverse = n
        .modinv(&modulus)
        .expect("an odd N has an inverse modulo a power of two");
    limbs(&((n * (&modulus - inverse) + 1_u8) / modulus))
}

fn number_of_quarter(limbs: &Multiple, at: usize) -> BigUint {
    let mut quarter = [0; LIMBS];
    quarter[..QUARTER].copy_from_slice(&limbs[QUARTER * at..QUARTER * (at + 1)]);
    number(&quarter)
}

fn shifted(limbs: &Multiple) -> Shifted {
    array::from_fn(|offset| {
        array::from_fn(|vector| {
            Words(array::from_fn(|lane| {
                (8 * vector + lane)
                    .checked_sub(offset)
                    .and_then(|limb| limbs.get(limb).copied())
                    .unwrap_or_default()
            }))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limbs_and_number_are_inverse() {
        let n = &Group::cognito_ref().n;
        for value in [BigUint::ZERO, BigUint::from(1_u8), n - 1_u8, n * 4_u8] {
            assert_eq!(number(&limbs(&value)), value, "{value:x}");
        }
    }

    #[test]
    fn a_multiple_of_n_is_minus_one_below_its_digits() {
        let n = &Group::cognito_ref().n;
        for digits in [1, 2, 4, 5, 15, 30] {
            let whole = (number(&multiple(digits)) << (digits * BITS as usize)) - 1_u8;
            assert_eq!(
                &whole % n,
                BigUint::ZERO,
                "{digits} digits: a multiple of N"
            );
        }
    }
}
