//! The loop in which the time is spent: a few rows of a product, added to its columns.
//!
//! A factor has at most 31 bits and is multiplied as 32 bits by 32; a column is a plain sum in 64 bits, without any carry
//! (`number` counts how much it can hold). That is what compilers vectorise: on x86-64 of any age one `pmuludq` and one
//! `paddq` do two products, and AArch64 has the same in `umlal`. Measured on Zen 4 for the default target, a bit of factor by
//! a bit of factor costs 0.8 of what it costs in the best row loop of 64-bit limbs (`u128`), and 0.7 to 0.8 of what it costs
//! in columns of 60-bit limbs without carries; columns of 64-bit limbs are slower than either, since LLVM does not turn a
//! third carry into an `adc`. And Karatsuba's rule costs next to nothing where there are no carries (`columns`).
//!
//! The loop is sensitive. Eight rows at once are as many as the sixteen vector registers allow. The rows' slices are
//! zipped, not indexed: when LLVM sees that a row's digits are those of its neighbour, one place on, it keeps them as
//! scalars and multiplies them as such, four times more slowly. And a digit of `q` comes as a pair of equal ones out of
//! memory: of a pair that it has put together itself, LLVM no longer knows inside the loop that the upper halves are zero.

/// Two neighbouring columns, two neighbouring digits, or a digit twice.
pub(super) type Pair = [u64; 2];

/// `t[j] += Σ q[i]·k[j − i]` for the eight rows i, where `k` begins seven zeros before its lowest digit.
#[inline(never)]
pub(super) fn add_eight(t: &mut [Pair], q: &[Pair; 8], k: &[u64]) {
    let [k0, k1, k2, k3, k4, k5, k6, k7] = rows(k, t.len());
    let rows = k0.iter().zip(k1).zip(k2).zip(k3).zip(k4).zip(k5).zip(k6);
    for (t, (((((((k0, k1), k2), k3), k4), k5), k6), k7)) in t.iter_mut().zip(rows.zip(k7)) {
        *t = added(*t, q, [k0, k1, k2, k3, k4, k5, k6, k7]);
    }
}

/// The same for four rows, and three zeros.
#[inline(never)]
pub(super) fn add_four(t: &mut [Pair], q: &[Pair; 4], k: &[u64]) {
    let [k0, k1, k2, k3] = rows(k, t.len());
    let rows = k0.iter().zip(k1).zip(k2).zip(k3);
    for (t, (((k0, k1), k2), k3)) in t.iter_mut().zip(rows) {
        *t = added(*t, q, [k0, k1, k2, k3]);
    }
}

/// The same for two rows, and one zero.
#[inline(never)]
pub(super) fn add_two(t: &mut [Pair], q: &[Pair; 2], k: &[u64]) {
    let [k0, k1] = rows(k, t.len());
    for (t, (k0, k1)) in t.iter_mut().zip(k0.iter().zip(k1)) {
        *t = added(*t, q, [k0, k1]);
    }
}

/// What each row meets, as many pairs as there are columns.
#[inline(always)]
fn rows<const ROWS: usize>(k: &[u64], pairs: usize) -> [&[Pair]; ROWS] {
    std::array::from_fn(|row| k[ROWS - 1 - row..][..2 * pairs].as_chunks().0)
}

/// Sums are modulo 2^64, see `columns`.
#[inline(always)]
fn added<const ROWS: usize>(t: Pair, q: &[Pair; ROWS], k: [&Pair; ROWS]) -> Pair {
    let mut sum = t;
    for lane in 0..2 {
        for row in 0..ROWS {
            sum[lane] = sum[lane].wrapping_add(low(q[row][lane]) * low(k[row][lane]));
        }
    }
    sum
}

/// The lower half, which is the whole of every digit: with this the multiplication is one of 32 bits by 32.
#[inline(always)]
fn low(digit: u64) -> u64 {
    digit & 0xffff_ffff
}
