//! Montgomery's reduction, in blocks of digits, with R = 2^(28·112) = 2^3136.
//!
//! For a block of k digits let `M = c·N` be the multiple of N with `M ≡ −1 (mod 2^28k)` and c below 2^28k, and let
//! `K = (M + 1)/2^28k`, which is at most N. If q is the value of the lowest k digits of T, then
//! `(T + q·M)/2^28k = (T − q)/2^28k + q·K`: the lowest digits themselves say what to add, and are gone. Nothing within a
//! block waits for anything else, so a block is as fast as a plain product. Digits above 2^28 do no harm: q is simply a
//! little larger.
//!
//! **Bounds.** `q < 2^28k·(1 + 2^-19)`, so a block adds less than `N·2^28k·(1 + 2^-19)` to the quotient, and the blocks
//! after it, l digits together, make that `N·2^28(k−l)·(1 + 2^-19)`. The blocks are of 48, 32, 16, 8, 4, 2 and 2 digits:
//! k ≤ l for all but the last, whose M is N itself because the lowest 64 bits of N are ones, and which adds less than
//! `N·(1 + 2^-19)`. Five of them (32, 16, 8, 4 and the last 2) come near N, the others near nothing. T is below
//! `2^6160·(1 + 2^-18)` for any two factors of 110 digits, and T/R therefore below 2^3025. The result is below 6·N in all,
//! which is below 2^3075: it has 110 digits again, whatever came in, and no multiple of N is ever subtracted.

use std::sync::LazyLock;

use num_bigint::BigUint;

use super::columns::{Columns, PADDED, PaddedHalf, add_rows, halve, twice};
use super::number::{
    BEFORE, BITS, DIGITS, Number, Padded, USED, carried, carried_halves, digits, padded,
};
use super::rows::{Pair, add_eight, add_four, add_two};
use crate::srp::group::Group;

/// `T/R mod N`, of the columns of T, as some number below 6·N.
#[inline]
pub(super) fn reduce(t: &mut Columns, result: &mut Number) {
    let k = &*CONSTANTS;
    take_off_halves::<24>(t, 0, &k.of_48);
    take_off_halves::<16>(t, 48, &k.of_32);
    take_off_halves::<8>(t, 80, &k.of_16);
    // What has less than eight rows in each half is not worth halving.
    let (mut even, mut odd) = ([0; 64], [0; 64]);
    t.even_and_odd(48, &mut even, &mut odd);
    let mut t = [[0; 2]; 64];
    for (at, pair) in t.iter_mut().enumerate() {
        *pair = [even[at], odd[at]];
    }
    take_off::<8>(&mut t, &k.of_8, add_eight);
    take_off::<4>(&mut t[4..], &k.of_4, add_four);
    take_off::<2>(&mut t[6..], &k.of_2, add_two);
    take_off::<2>(&mut t[7..], &k.of_2, add_two);
    if let Some(columns) = t.as_flattened().last_chunk::<DIGITS>() {
        // Nothing is left over: the result has 110 digits.
        carried(columns, result);
    }
}

/// Takes the digits from `at` on off T, so many of each half.
#[inline(always)]
fn take_off_halves<const EACH: usize>(t: &mut Columns, at: usize, k: &[PaddedHalf; 3]) {
    let (mut even, mut odd) = ([0; EACH], [0; EACH]);
    t.even_and_odd(at / 2, &mut even, &mut odd);
    let over = carried_halves(&mut even, &mut odd);
    let rest = 1 + (at + 2 * EACH) / 4;
    // To the even column, the next one. Without the second line it would also be taken from the odd one.
    t.0[0][rest][0] = t.0[0][rest][0].wrapping_add(over);
    t.0[1][rest][0] = t.0[1][rest][0].wrapping_add(over);
    let mut sum = even;
    for (sum, odd) in sum.iter_mut().zip(&odd) {
        *sum += odd;
    }
    for ((t, q), k) in t.0.iter_mut().zip([&even, &sum, &odd]).zip(k) {
        add_rows(&mut t[rest..], q, k);
    }
}

/// Takes the lowest digits off T, K of them.
#[inline(always)]
fn take_off<const K: usize>(t: &mut [Pair], k: &Padded, add: fn(&mut [Pair], &[Pair; K], &[u64])) {
    let Some(columns) = t.as_flattened().first_chunk::<K>() else {
        return;
    };
    let mut q = [0; K];
    let over = carried(columns, &mut q);
    let rest = &mut t[K / 2..];
    rest[0][0] += over;
    let width = (USED + K - 1).div_ceil(2);
    add(&mut rest[..width], &twice(&q), &k[BEFORE + 1 - K..]);
}

/// The K of each size of block, and what enters and is one.
pub(super) struct Constants {
    of_48: [PaddedHalf; 3],
    of_32: [PaddedHalf; 3],
    of_16: [PaddedHalf; 3],
    of_8: Padded,
    of_4: Padded,
    of_2: Padded,
    /// R mod N.
    pub(super) one: Number,
    /// R² mod N.
    pub(super) r_squared: Number,
}

pub(super) static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| {
    let n = &Group::cognito_ref().n;
    let r = BigUint::from(1_u8) << (BITS as usize * DIGITS);
    let of = |count: usize| {
        let block = BigUint::from(1_u8) << (BITS as usize * count);
        let inverse = n.modinv(&block).expect("N is odd");
        digits(&((n * (&block - inverse) + 1_u8) / block))
    };
    let whole = |count| {
        let k = of(count);
        padded(|at| k[at])
    };
    let halved = |count| {
        let k = of(count);
        let mut halves = [[0; PADDED]; 3];
        halve(|at| k[at], &mut halves, BEFORE);
        halves
    };
    Constants {
        of_48: halved(48),
        of_32: halved(32),
        of_16: halved(16),
        of_8: whole(8),
        of_4: whole(4),
        of_2: whole(2),
        one: digits(&(&r % n)),
        r_squared: digits(&(&r * &r % n)),
    }
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::modexp::portable::columns::HALF;
    use crate::srp::modexp::portable::number::{MOST, value};

    #[test]
    fn what_is_taken_off_leaves_the_number_as_it_was_modulo_n() {
        let n = &Group::cognito_ref().n;
        let r = BigUint::from(1_u8) << (BITS as usize * DIGITS);
        let fullest = USED as u64 * MOST * MOST;
        let ones = (1 << BITS) - 1;
        for (what, even, odd) in [
            // More than a product has at its ends, so that every column is as full as one can be when rows are added. Z₁ is
            // two such columns, and goes beyond 2^64 when rows are added.
            ("the fullest columns", fullest, fullest),
            // Every second column gives its neighbour the largest carry; Z₁ is less than Z₀, or nothing but Z₀.
            ("full columns at even places", fullest, 0),
            ("full columns at odd places", 0, fullest),
            // A carry of one would run through all of these if carries ran.
            ("digits that are all ones", ones, ones),
            ("ones above a carry", ones + 1, ones),
            ("zero", 0, 0),
        ] {
            let columns: Vec<u64> = (0..2 * USED)
                .map(|at| if at % 2 == 0 { even } else { odd })
                .collect();
            let mut t = of_columns(&columns);
            let mut result = [0; DIGITS];
            reduce(&mut t, &mut result);
            assert_eq!(value(&result) * &r % n, value(&columns) % n, "{what}");
        }
    }

    #[test]
    fn a_carry_into_the_next_block_leaves_the_column_above_alone() {
        // The one column whose carry leaves the first block, by as much as a carry can be.
        let n = &Group::cognito_ref().n;
        let mut columns = vec![0; 2 * USED];
        columns[47] = USED as u64 * MOST * MOST;
        let mut t = of_columns(&columns);
        let mut result = [0; DIGITS];
        reduce(&mut t, &mut result);
        let r = BigUint::from(1_u8) << (BITS as usize * DIGITS);
        assert_eq!(value(&result) * r % n, value(&columns) % n);
    }

    /// Z₀ and Z₁ that make these columns, without a Z₂.
    fn of_columns(columns: &[u64]) -> Columns {
        let mut t = Columns([[[0; 2]; 1 + HALF]; 3]);
        let [z0, z1, _] = t.0.each_mut().map(|z| z.as_flattened_mut());
        for (at, pair) in columns.as_chunks::<2>().0.iter().enumerate() {
            z0[2 + at] = pair[0];
            z1[2 + at] = pair[0].wrapping_add(pair[1]);
        }
        t
    }

    #[test]
    fn the_multiples_of_n_end_in_ones_and_that_of_two_digits_is_n() {
        let n = &Group::cognito_ref().n;
        let k = &*CONSTANTS;
        let whole = |halves: &[PaddedHalf; 3]| -> Vec<u64> {
            let [even, sum, odd] = halves;
            for at in 0..PADDED {
                assert_eq!(sum[at], even[at] + odd[at], "the sum at {at}");
            }
            let pairs = even.iter().zip(odd).skip(BEFORE);
            pairs.flat_map(|(even, odd)| [*even, *odd]).collect()
        };
        for (count, digits) in [
            (48, whole(&k.of_48)),
            (32, whole(&k.of_32)),
            (16, whole(&k.of_16)),
            (8, k.of_8[BEFORE..].to_vec()),
            (4, k.of_4[BEFORE..].to_vec()),
            (2, k.of_2[BEFORE..].to_vec()),
        ] {
            let block = BigUint::from(1_u8) << (BITS as usize * count);
            let multiple = value(&digits) * block - 1_u8;
            assert_eq!(&multiple % n, BigUint::ZERO, "{count} digits");
            assert_eq!(count == 2, multiple == *n, "{count} digits: N itself");
        }
    }
}
