//! The digits of a number, and how columns become digits.
//!
//! A number is a sum of digits times powers of 2^28. Digits need not be below 2^28: after [`carried`] they are at most
//! `MOST` = 2^28 + 2^8 − 1, so there are many ways to write a number, and none is normal. 3072 bits take 110 digits, which
//! leaves 8 bits for multiples of N. Two more, always zero, make the count a multiple of 8.
//!
//! A column of a product or a square of two such numbers is a sum of up to 110 products of digits, and the reduction adds
//! up to 112 products of digits, one a row, and a few carries below 2^37 each. All of that is below
//! `222·MOST² + 2^40 < 0.87·2^64`: a column never overflows.

use num_bigint::BigUint;

/// A number, its least significant digit first.
pub(super) type Number = [u64; DIGITS];

/// A number as rows meet it: zeros before and after it.
pub(super) type Padded = [u64; BEFORE + DIGITS + 9];

/// The digits of a number of up to 110 digits; of a larger one the rest is left out.
pub(super) fn digits(value: &BigUint) -> Number {
    let mut words = [0; (DIGITS * BITS as usize).div_ceil(64) + 1];
    for (word, digit) in words.iter_mut().zip(value.iter_u64_digits()) {
        *word = digit;
    }
    let mut digits = [0; DIGITS];
    for (at, digit) in digits.iter_mut().take(USED).enumerate() {
        let bit = at * BITS as usize;
        let two = u128::from(words[bit / 64]) | u128::from(words[bit / 64 + 1]) << 64;
        *digit = (two >> (bit % 64)) as u64 & MASK;
    }
    digits
}

/// The number that digits, or columns, stand for.
pub(super) fn value(digits: &[u64]) -> BigUint {
    let mut words = Vec::with_capacity(digits.len() + 3);
    let (mut sum, mut bits) = (0_u128, 0);
    for digit in digits {
        sum += u128::from(*digit) << bits;
        bits += BITS;
        if bits >= u32::BITS {
            words.push(sum as u32);
            sum >>= u32::BITS;
            bits -= u32::BITS;
        }
    }
    while sum > 0 {
        words.push(sum as u32);
        sum >>= u32::BITS;
    }
    BigUint::new(words)
}

/// Digits with zeros around them.
#[inline(always)]
pub(super) fn padded(digit: impl Fn(usize) -> u64) -> Padded {
    let mut padded = [0; BEFORE + DIGITS + 9];
    for at in 0..DIGITS {
        padded[BEFORE + at] = digit(at);
    }
    padded
}

/// Turns columns of any size into as many digits, each at most `MOST`, and what is left for the column above.
///
/// Every column gives what is above its lowest 28 bits to the next one, all at the same time, twice. After the first time a
/// column is below 2^28 + 2^36, so the second time it gives at most 2^8. No carry runs further than two columns, and
/// nothing depends on the values: there is no rare path.
#[inline(always)]
pub(super) fn carried<const N: usize>(columns: &[u64; N], digits: &mut [u64; N]) -> u64 {
    let once = |column: u64, below: u64| (column & MASK) + (below >> BITS);
    let first = columns[0] & MASK;
    let second = once(columns[1], columns[0]);
    digits[0] = first;
    digits[1] = second & MASK;
    for at in 2..N {
        let below = once(columns[at - 1], columns[at - 2]);
        digits[at] = once(once(columns[at], columns[at - 1]), below);
    }
    let last = once(columns[N - 1], columns[N - 2]);
    (columns[N - 1] >> BITS) + (last >> BITS)
}

/// [`carried`] of columns at even and at odd places, which become digits at even and at odd places.
#[inline(always)]
pub(super) fn carried_halves<const N: usize>(even: &mut [u64; N], odd: &mut [u64; N]) -> u64 {
    let first = spread_halves(even, odd);
    first + spread_halves(even, odd)
}

#[inline(always)]
fn spread_halves<const N: usize>(even: &mut [u64; N], odd: &mut [u64; N]) -> u64 {
    let (low, high) = (*even, *odd);
    even[0] = low[0] & MASK;
    for at in 1..N {
        even[at] = (low[at] & MASK) + (high[at - 1] >> BITS);
    }
    for at in 0..N {
        odd[at] = (high[at] & MASK) + (low[at] >> BITS);
    }
    high[N - 1] >> BITS
}

/// Digits of a number, zeros at its top included.
pub(super) const DIGITS: usize = 112;
/// Digits that may be other than zero: the least that hold 3072 bits.
pub(super) const USED: usize = 110;
/// Zeros before a padded number.
pub(super) const BEFORE: usize = 7;
/// Bits from a digit to the next.
pub(super) const BITS: u32 = 28;
/// The largest digit that [`carried`] leaves.
#[cfg(test)]
pub(super) const MOST: u64 = MASK + (1 << 8);

const MASK: u64 = (1 << BITS) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_and_values_are_inverse() {
        for bits in [0, 1, 27, 28, 29, 64, 3071, 3072, 3079] {
            let number = (BigUint::from(1_u8) << bits) - u8::from(bits % 2 == 0);
            assert_eq!(value(&digits(&number)), number, "near 2^{bits}");
        }
    }

    #[test]
    fn columns_of_any_size_become_digits_within_the_bound() {
        let alternating = std::array::from_fn(|at| if at % 2 == 0 { u64::MAX } else { 0 });
        let full_digits = std::array::from_fn(|at| if at == 0 { u64::MAX } else { MASK });
        for columns in [
            [u64::MAX; 56],
            [0; 56],
            [MASK; 56],
            alternating,
            full_digits,
        ] {
            let mut digits = [0; 56];
            let over = carried(&columns, &mut digits);
            assert!(digits.iter().all(|digit| *digit <= MOST), "{digits:?}");
            let sum = value(&digits) + (BigUint::from(over) << (BITS * 56));
            assert_eq!(sum, value(&columns), "the value of {columns:?}");
            let (pairs, _) = columns.as_chunks::<2>();
            let mut even: [u64; 28] = std::array::from_fn(|at| pairs[at][0]);
            let mut odd: [u64; 28] = std::array::from_fn(|at| pairs[at][1]);
            assert_eq!(
                carried_halves(&mut even, &mut odd),
                over,
                "what is left over"
            );
            let halves: Vec<u64> = even
                .into_iter()
                .zip(odd)
                .flat_map(|(even, odd)| [even, odd])
                .collect();
            assert_eq!(halves, digits, "apart as together");
        }
        let mut digits = [0; 56];
        carried(&full_digits, &mut digits);
        assert_eq!(digits[2], MOST, "the bound is reached");
    }
}
