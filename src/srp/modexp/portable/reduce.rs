//! Montgomery's reduction, in blocks of digits, with R = 2^(28·112) = 2^3136.
//!
//! For a block of k digits let `M = c·N` be the multiple of N with `M ≡ −1 (mod 2^28k)` and c below 2^28k, and let
//! `K = (M + 1)/2^28k`, which is at most N. If q is the value of the lowest k digits of T, then
//! `(T + q·M)/2^28k = (T − q)/2^28k + q·K`: the lowest digits themselves say what to add, and are gone. Nothing within a
//! block waits for anything else, so a block is as fast as a plain product. Digits above 2^28 do no harm: q is simply a
//! little larger.
//!
//! **Bounds.** `q < 2^28k·(1 + 2^-19)`, so a block adds less than `N·2^28k·(1 + 2^-19)` to the quotient, and the blocks
//! after it, l digits together, make that `N·2^28(k−l)·(1 + 2^-19)`. The blocks are of 56, 24, 16, 8, 4, 2 and 2 digits:
//! k ≤ l for all but the last, whose M is N itself because the lowest 64 bits of N are ones, and which adds less than
//! `N·(1 + 2^-19)`. Five of them (56, 16, 8, 4 and the last 2) come near N, the others to nothing. T is below 2^6160·(1 +
//! 2^-18) for any two factors of 110 digits, and T/R therefore below 2^3025. The result is below 6·N in all, which is below
//! 2^3075: it has 110 digits again, whatever came in, and no multiple of N is ever subtracted.

use std::sync::LazyLock;

use num_bigint::BigUint;

use super::number::{BEFORE, BITS, DIGITS, Number, Padded, USED, carried, digits, padded};
use super::product::{Columns, EIGHT_ROWS, twice};
use super::rows::{Pair, add_eight, add_four, add_two};
use crate::srp::group::Group;

/// `T/R mod N`, of the columns of T, as some number below 6·N.
#[inline]
pub(super) fn reduce(t: &mut Columns, result: &mut Number) {
    let k = &*CONSTANTS;
    take_off::<56, 8>(t, 0, &k.of_56, add_eight);
    take_off::<24, 8>(t, 56, &k.of_24, add_eight);
    take_off::<16, 8>(t, 80, &k.of_16, add_eight);
    take_off::<8, 8>(t, 96, &k.of_8, add_eight);
    take_off::<4, 4>(t, 104, &k.of_4, add_four);
    take_off::<2, 2>(t, 108, &k.of_2, add_two);
    take_off::<2, 2>(t, 110, &k.of_2, add_two);
    if let Some(columns) = t.as_flattened().last_chunk::<DIGITS>() {
        // Nothing is left over: the result has 110 digits.
        (*result, _) = carried(columns);
    }
}

/// Takes the digits from `at` on off T, K of them.
#[inline(always)]
fn take_off<const K: usize, const ROWS: usize>(
    t: &mut Columns,
    at: usize,
    k: &Padded,
    add: fn(&mut [Pair], &[Pair; ROWS], &[u64]),
) {
    let Some(columns) = t[at / 2..].as_flattened().first_chunk::<K>() else {
        return;
    };
    let (q, over) = carried(columns);
    let rest = &mut t[(at + K) / 2..];
    rest[0][0] += over;
    let width = EIGHT_ROWS - (8 - ROWS) / 2;
    for (octet, rows) in q.map(twice).as_chunks().0.iter().enumerate() {
        add(
            &mut rest[octet * ROWS / 2..][..width],
            rows,
            &k[BEFORE + 1 - ROWS..],
        );
    }
}

/// The K of each size of block, and what enters and is one.
pub(super) struct Constants {
    of_56: Padded,
    of_24: Padded,
    of_16: Padded,
    of_8: Padded,
    of_4: Padded,
    of_2: Padded,
    /// R mod N.
    pub(super) one: Number,
    /// R² mod N.
    pub(super) r_squared: Padded,
}

pub(super) static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| {
    let n = &Group::cognito_ref().n;
    let r = BigUint::from(1_u8) << (BITS as usize * DIGITS);
    let of = |count: usize| {
        let block = BigUint::from(1_u8) << (BITS as usize * count);
        let inverse = n.modinv(&block).expect("N is odd");
        let k = digits(&((n * (&block - inverse) + 1_u8) / block));
        padded(|at| k[at])
    };
    let r_squared = digits(&(&r * &r % n));
    Constants {
        of_56: of(56),
        of_24: of(24),
        of_16: of(16),
        of_8: of(8),
        of_4: of(4),
        of_2: of(2),
        one: digits(&(&r % n)),
        r_squared: padded(|at| r_squared[at]),
    }
});

// Every block of rows ends within T, and K has no more digits than rows expect.
const _: () = assert!(56 + 56 - 8 + 2 * EIGHT_ROWS <= 2 * DIGITS && USED <= DIGITS);

#[cfg(test)]
mod tests {
    use super::super::number::{MOST, value};
    use super::*;

    #[test]
    fn what_is_taken_off_is_a_multiple_of_n_and_r() {
        let n = &Group::cognito_ref().n;
        let r = BigUint::from(1_u8) << (BITS as usize * DIGITS);
        let fullest = USED as u64 * MOST * MOST;
        for (what, column) in [
            // More than any product has at its ends, so that each column is as full as one can be when rows are added.
            ("the fullest columns", [fullest; 2]),
            // Every second column gives its neighbour the largest carry.
            ("every second column", [fullest, 0]),
            ("digits that are all ones", [(1 << BITS) - 1; 2]),
            ("zero", [0; 2]),
        ] {
            let mut t = [column; DIGITS];
            t[USED..].fill([0; 2]);
            let before = value(t.as_flattened());
            let mut result = [0; DIGITS];
            reduce(&mut t, &mut result);
            assert_eq!(value(&result) * &r % n, before % n, "{what}");
        }
    }

    #[test]
    fn the_multiples_of_n_end_in_ones_and_that_of_two_digits_is_n() {
        let n = &Group::cognito_ref().n;
        let k = &*CONSTANTS;
        for (count, padded) in [
            (56, &k.of_56),
            (24, &k.of_24),
            (16, &k.of_16),
            (8, &k.of_8),
            (4, &k.of_4),
            (2, &k.of_2),
        ] {
            let block = BigUint::from(1_u8) << (BITS as usize * count);
            let multiple = value(&padded[BEFORE..]) * block - 1_u8;
            assert_eq!(&multiple % n, BigUint::ZERO, "{count} digits");
            assert_eq!(count == 2, multiple == *n, "{count} digits: N itself");
        }
    }
}
