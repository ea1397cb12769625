//! The columns of a product, in the halves of Karatsuba's rule.
//!
//! A number is `E(x²) + x·O(x²)` with x = 2^28, E its digits at even places and O those at odd places. With
//! `Z₀ = E·E'`, `Z₂ = O·O'` and `Z₁ = (E + O)·(E' + O')` a product is `Z₀ + x²·Z₂` at even places and `Z₁ − Z₀ − Z₂` at odd
//! places. The three sums are kept apart until digits are wanted: a reduction adds to them what a product adds, so that
//! Karatsuba's additions, which are what he costs, are made once, in [`Columns::even_and_odd`].
//!
//! Sums are modulo 2^64. Z₁ may go beyond that, and does; the columns that come of it are sums of the same products of
//! digits as without Karatsuba, which do not (see `number`), and so are right. Factors are at most `2·MOST`, and in a square
//! `4·MOST`, which is below 2^31: rows take 32 bits.
//!
//! Halving once makes a product 0.88 and a squaring 0.93 of what they are without, reduction included. Halving again would
//! leave 28 digits, too few for rows of eight, and gain nothing.

use super::number::{BEFORE, DIGITS, USED};
use super::rows::{Pair, add_eight};

/// Every second digit of a number, or the sums of neighbours, as rows meet it: zeros before and after it.
pub(super) type PaddedHalf = [u64; PADDED];

/// Z₀, Z₁ and Z₂, the least significant column first, after one pair of zeros.
///
/// They begin with a cache line, so that no pair lies across two.
#[repr(align(64))]
pub(super) struct Columns(pub(super) [[Pair; 1 + HALF]; 3]);

impl Columns {
    /// The columns at even and at odd places, as many as asked for, from the place 2·`from` on.
    #[inline(always)]
    pub(super) fn even_and_odd<const COUNT: usize>(
        &self,
        from: usize,
        even: &mut [u64; COUNT],
        odd: &mut [u64; COUNT],
    ) {
        let [z0, z1, z2] = &self.0;
        let below = &z2.as_flattened()[from + 1..][..COUNT];
        let z0 = &z0.as_flattened()[from + 2..][..COUNT];
        let z1 = &z1.as_flattened()[from + 2..][..COUNT];
        let z2 = &z2.as_flattened()[from + 2..][..COUNT];
        for at in 0..COUNT {
            even[at] = z0[at].wrapping_add(below[at]);
            odd[at] = z1[at].wrapping_sub(z0[at]).wrapping_sub(z2[at]);
        }
    }
}

/// Adds the products of some digits and a half.
#[inline(never)]
pub(super) fn add_rows<const ROWS: usize>(t: &mut [Pair], a: &[u64; ROWS], b: &PaddedHalf) {
    for (octet, digits) in a.as_chunks().0.iter().enumerate() {
        add_eight(&mut t[4 * octet..][..EIGHT_ROWS], &twice(digits), b);
    }
}

/// E, E + O and O, from a place on.
#[inline(always)]
pub(super) fn halve<const N: usize>(
    digit: impl Fn(usize) -> u64,
    halves: &mut [[u64; N]; 3],
    from: usize,
) {
    let [even, sum, odd] = halves;
    for at in 0..HALF {
        even[from + at] = digit(2 * at);
        sum[from + at] = digit(2 * at) + digit(2 * at + 1);
        odd[from + at] = digit(2 * at + 1);
    }
}

/// Digits as rows need them.
#[inline(always)]
pub(super) fn twice<const N: usize>(digits: &[u64; N]) -> [Pair; N] {
    let mut rows = [[0; 2]; N];
    for (row, digit) in rows.iter_mut().zip(digits) {
        *row = [*digit; 2];
    }
    rows
}

/// Digits of a half.
pub(super) const HALF: usize = DIGITS / 2;
/// Digits of a half and zeros around them: eight rows look a little beyond both ends.
pub(super) const PADDED: usize = BEFORE + HALF + 9;
/// Pairs of columns that eight rows reach.
pub(super) const EIGHT_ROWS: usize = (USED / 2 + 8 - 1).div_ceil(2);
