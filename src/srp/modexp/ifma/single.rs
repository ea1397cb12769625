//! One number, its limbs across vectors.
//!
//! A product goes through the second factor limb by limb. Limb 8m + j meets the first factor moved up by j limbs, so that its
//! low halves fall on vector m and those above, and moved up by j + 1 limbs for the high halves. The factor lies in memory
//! with zeros at both ends, so that a move is a load at another address.
//!
//! A square adds each product of two different limbs once, doubles the columns, and adds the squares of the limbs: the lanes
//! where the second limb is not above the first are masked out.
//!
//! A reduction takes four digits at a time out of the lowest vector. Carries between digits are taken one step far, which
//! leaves a limb of 53 bits once in about 2^43 products; that is noticed at the end, and everything from the columns on is
//! done again with carries taken to their end.

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_and_si512,
    _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_and_epi64,
    _mm512_mask_madd52hi_epu64, _mm512_mask_madd52lo_epu64, _mm512_mask_or_epi64,
    _mm512_mask_test_epi64_mask, _mm512_maskz_alignr_epi64, _mm512_maskz_srli_epi64,
    _mm512_or_si512, _mm512_permutex2var_epi64, _mm512_permutexvar_epi64, _mm512_set1_epi64,
    _mm512_setr_epi64, _mm512_setzero_si512, _mm512_srli_epi64, _mm512_test_epi64_mask,
};
use std::array;
use std::hint::black_box;

use super::constants::{BITS, Constants, LIMBS, MASK};
use super::vector::{load, load_at, store};

/// A number below 5N: 60 limbs below 2^52, with zeros before and after them.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(in crate::srp::modexp) struct Number([u64; FIRST + 8 * VECTORS + 8]);

impl Number {
    /// The number of these limbs.
    pub(super) fn new(limbs: &[u64; LIMBS]) -> Self {
        let mut words = [0; FIRST + 8 * VECTORS + 8];
        words[FIRST..FIRST + LIMBS].copy_from_slice(limbs);
        Self(words)
    }

    /// The number of these limbs and four zeros.
    pub(super) fn padded_with(limbs: &[u64; PADDED]) -> Self {
        let mut words = [0; FIRST + 8 * VECTORS + 8];
        words[FIRST..FIRST + PADDED].copy_from_slice(limbs);
        Self(words)
    }

    /// Its limbs.
    pub(super) fn limbs(&self) -> &[u64; LIMBS] {
        self.0[FIRST..]
            .first_chunk()
            .expect("there are more words than limbs")
    }

    /// The limbs and the four zeros that follow them.
    pub(super) fn padded(&self) -> &[u64; PADDED] {
        self.0[FIRST..]
            .first_chunk()
            .expect("there are more words than limbs")
    }
}

/// A number in a table: its limbs and four zeros, in eight lines of the cache.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(in crate::srp::modexp) struct Entry(pub(super) [u64; PADDED]);

/// Runs a block for each number, as a constant.
macro_rules! each {
    ($i:ident in [$($n:literal)*] $body:block) => { $( { const $i: usize = $n; $body } )* };
}

/// Loads a number's nine vectors, moved up by some limbs.
macro_rules! moved {
    ($number:ident, $offset:expr) => {{
        let at = FIRST - $offset;
        let words: &[u64] = &$number.0;
        let vectors: [__m512i; 9] = [
            load_at(words, at),
            load_at(words, at + 8),
            load_at(words, at + 16),
            load_at(words, at + 24),
            load_at(words, at + 32),
            load_at(words, at + 40),
            load_at(words, at + 48),
            load_at(words, at + 56),
            load_at(words, at + 64),
        ];
        vectors
    }};
}

/// Adds one half of the products of a number, moved up, and the limbs 8m + j, for all m below `$blocks`.
macro_rules! add_rows {
    ($columns:ident, $a:ident, $b:ident, $j:expr, $half:ident, $offset:expr, $blocks:literal, $vectors:literal) => {{
        let a = moved!($a, $offset);
        each!(M in [0 1 2 3 4 5 6 7] {
            if M < $blocks {
                let limb = _mm512_set1_epi64($b[8 * M + $j].cast_signed());
                each!(W in [0 1 2 3 4 5 6 7 8] {
                    if W < $vectors && M + W < 16 {
                        $columns[M + W] = $half($columns[M + W], a[W], limb);
                    }
                });
            }
        });
    }};
}

/// `a ← a·b/R`, where b has four zero limbs after its own.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn multiply(a: &mut Number, b: &[u64; PADDED], constants: &Constants) {
    let number = &*a;
    let mut columns = [_mm512_setzero_si512(); 16];
    // Limbs 60 to 63 are zero: the last block has limbs for j below 4 only, and the ninth vector has some from a move by 5 on.
    for j in 0..4 {
        add_rows!(columns, number, b, j, _mm512_madd52lo_epu64, j, 8, 8);
        add_rows!(columns, number, b, j, _mm512_madd52hi_epu64, j + 1, 8, 8);
    }
    add_rows!(columns, number, b, 4, _mm512_madd52lo_epu64, 4, 7, 8);
    add_rows!(columns, number, b, 4, _mm512_madd52hi_epu64, 5, 7, 9);
    for j in 5..8 {
        add_rows!(columns, number, b, j, _mm512_madd52lo_epu64, j, 7, 9);
        add_rows!(columns, number, b, j, _mm512_madd52hi_epu64, j + 1, 7, 9);
    }
    finish(&columns, a, constants);
}

/// As `add_rows!`, for products of a number with itself: the vectors from m + `$first` on, of the first of them only the
/// lanes in `$mask`.
macro_rules! add_cross_rows {
    ($columns:ident, $a:ident, $j:expr, $half:ident, $masked:ident, $offset:expr, $blocks:literal, $vectors:literal, $first:literal, $mask:expr) => {{
        let mask: __mmask8 = $mask;
        let a = moved!($a, $offset);
        each!(M in [0 1 2 3 4 5 6 7] {
            if M < $blocks {
                let limb = _mm512_set1_epi64($a.0[FIRST + 8 * M + $j].cast_signed());
                each!(W in [0 1 2 3 4 5 6 7 8] {
                    if W < $vectors && M + W < 16 && W == M + $first {
                        $columns[M + W] = $masked($columns[M + W], mask, a[W], limb);
                    } else if W < $vectors && M + W < 16 && W > M + $first {
                        $columns[M + W] = $half($columns[M + W], a[W], limb);
                    }
                });
            }
        });
    }};
}

/// `a ← a²/R`.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn square(a: &mut Number, constants: &Constants) {
    let number = &*a;
    let zero = _mm512_setzero_si512();
    let mut columns = [zero; 16];
    // Lane l of vector w, moved up by o limbs, is limb 8w + l − o. It is above limb 8m + j where 8(w − m) + l > j + o.
    for j in 0..3 {
        add_cross_rows!(
            columns,
            number,
            j,
            _mm512_madd52lo_epu64,
            _mm512_mask_madd52lo_epu64,
            j,
            8,
            8,
            0,
            0xfe << (2 * j)
        );
        add_cross_rows!(
            columns,
            number,
            j,
            _mm512_madd52hi_epu64,
            _mm512_mask_madd52hi_epu64,
            j + 1,
            8,
            8,
            0,
            0xfc << (2 * j)
        );
    }
    add_cross_rows!(
        columns,
        number,
        3,
        _mm512_madd52lo_epu64,
        _mm512_mask_madd52lo_epu64,
        3,
        8,
        8,
        0,
        0x80
    );
    add_cross_rows!(
        columns,
        number,
        3,
        _mm512_madd52hi_epu64,
        _mm512_mask_madd52hi_epu64,
        4,
        8,
        8,
        1,
        0xff
    );
    add_cross_rows!(
        columns,
        number,
        4,
        _mm512_madd52lo_epu64,
        _mm512_mask_madd52lo_epu64,
        4,
        7,
        8,
        1,
        0xfe
    );
    add_cross_rows!(
        columns,
        number,
        4,
        _mm512_madd52hi_epu64,
        _mm512_mask_madd52hi_epu64,
        5,
        7,
        9,
        1,
        0xfc
    );
    for j in 5..7 {
        add_cross_rows!(
            columns,
            number,
            j,
            _mm512_madd52lo_epu64,
            _mm512_mask_madd52lo_epu64,
            j,
            7,
            9,
            1,
            0xfe << (2 * j - 8)
        );
        add_cross_rows!(
            columns,
            number,
            j,
            _mm512_madd52hi_epu64,
            _mm512_mask_madd52hi_epu64,
            j + 1,
            7,
            9,
            1,
            0xfc << (2 * j - 8)
        );
    }
    add_cross_rows!(
        columns,
        number,
        7,
        _mm512_madd52lo_epu64,
        _mm512_mask_madd52lo_epu64,
        7,
        7,
        9,
        1,
        0x80
    );
    add_cross_rows!(
        columns,
        number,
        7,
        _mm512_madd52hi_epu64,
        _mm512_mask_madd52hi_epu64,
        8,
        7,
        9,
        2,
        0xff
    );

    let first_half = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    let second_half = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    each!(W in [0 1 2 3 4 5 6 7] {
        let limbs = load_at(&number.0, FIRST + 8 * W);
        let low = _mm512_madd52lo_epu64(zero, limbs, limbs);
        let high = _mm512_madd52hi_epu64(zero, limbs, limbs);
        let squares = _mm512_permutex2var_epi64(low, first_half, high);
        columns[2 * W] = _mm512_add_epi64(_mm512_add_epi64(columns[2 * W], columns[2 * W]), squares);
        let squares = _mm512_permutex2var_epi64(low, second_half, high);
        columns[2 * W + 1] = _mm512_add_epi64(_mm512_add_epi64(columns[2 * W + 1], columns[2 * W + 1]), squares);
    });
    finish(&columns, a, constants);
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn finish(columns: &[__m512i; 16], out: &mut Number, constants: &Constants) {
    if !reduce::<false>(columns, out, constants) {
        reduce_exactly(columns, out, constants);
    }
}

#[cold]
#[inline(never)]
#[target_feature(enable = "avx512f,avx512ifma")]
fn reduce_exactly(columns: &[__m512i; 16], out: &mut Number, constants: &Constants) {
    reduce::<true>(columns, out, constants);
}

/// Makes digits of `$count` lanes of the lowest vector, from lane `$from` on; the last carry goes into the lane after.
macro_rules! digits {
    ($window:ident, $over:ident, $from:literal, $count:literal) => {{
        let lanes: __mmask8 = (((1_u16 << $count) - 1) << $from) as u8;
        let zero = _mm512_setzero_si512();
        let mask = _mm512_set1_epi64(MASK.cast_signed());
        loop {
            let carry = _mm512_maskz_srli_epi64::<BITS>(lanes, $window[0]);
            let rest = _mm512_mask_and_epi64($window[0], lanes, $window[0], mask);
            $window[0] = _mm512_add_epi64(rest, _mm512_alignr_epi64::<7>(carry, zero));
            if $from + $count == 8 {
                let above = _mm512_maskz_alignr_epi64::<7>(1, zero, carry);
                $window[1] = _mm512_add_epi64($window[1], above);
            }
            if !EXACT {
                $over = _mm512_mask_or_epi64($over, lanes, $over, $window[0]);
                break;
            }
            if _mm512_mask_test_epi64_mask(
                lanes,
                $window[0],
                _mm512_set1_epi64(!MASK.cast_signed()),
            ) == 0
            {
                break;
            }
        }
    }};
}

/// Adds a multiple of N for the digits in the lanes `$lane` of the lowest vector: each moved up by `$offset` limbs (low
/// halves) and one more (high halves), from vector `$at` on. `$limbs` is how many limbs of the multiple are not zero.
macro_rules! add_multiple {
    ($window:ident, $at:expr, [$($lane:literal $offset:literal)*], $table:ident, $limbs:literal, $vectors:literal) => {
        let digits = [$(_mm512_permutexvar_epi64(_mm512_set1_epi64($lane), $window[0])),*];
        each!(W in [0 1 2 3 4 5 6 7 8] { if W < $vectors {
            // What the next digits wait for gets two chains of products, half as long.
            let mut second = _mm512_setzero_si512();
            let mut digit = 0;
            $({
                if W < 8 || $offset + $limbs > 64 {
                    $window[$at + W] = _mm512_madd52lo_epu64($window[$at + W], digits[digit], load(&$table[$offset][W].0));
                }
                if (W < 8 || $offset + 1 + $limbs > 64) && ($offset < 7 || W > 0) {
                    let multiple = load(&$table[$offset + 1][W].0);
                    if W == 0 {
                        second = _mm512_madd52hi_epu64(second, digits[digit], multiple);
                    } else {
                        $window[$at + W] = _mm512_madd52hi_epu64($window[$at + W], digits[digit], multiple);
                    }
                }
                digit += 1;
            })*
            let _ = digit;
            if W == 0 {
                $window[$at + W] = _mm512_add_epi64($window[$at + W], second);
            }
        }});
    };
}

/// Divides by R modulo N. Tells whether all limbs are below 2^52; `EXACT` makes them so.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn reduce<const EXACT: bool>(
    columns: &[__m512i; 16],
    out: &mut Number,
    constants: &Constants,
) -> bool {
    let zero = _mm512_setzero_si512();
    let mut over = zero;
    // The nine vectors that the next digits reach.
    let mut window: [__m512i; 9] = array::from_fn(|at| columns[at]);
    for m in 0..7 {
        // Without the box the compiler keeps the tables in registers across rounds, that is, on the stack.
        let table = black_box(&constants.shifted_4);
        digits!(window, over, 0, 4);
        add_multiple!(window, 0, [0 4 1 5 2 6 3 7], table, 60, 9);
        digits!(window, over, 4, 4);
        add_multiple!(window, 1, [4 0 5 1 6 2 7 3], table, 60, 8);
        let [_, a, b, c, d, e, f, g, h] = window;
        window = [a, b, c, d, e, f, g, h, columns[m + 9]];
    }
    let (by_2, by_1) = (&constants.shifted_2, &constants.shifted_1);
    digits!(window, over, 0, 2);
    add_multiple!(window, 0, [0 2 1 3], by_2, 60, 9);
    digits!(window, over, 2, 1);
    add_multiple!(window, 0, [2 3], by_1, 59, 9);
    digits!(window, over, 3, 1);
    add_multiple!(window, 0, [3 4], by_1, 59, 9);

    // Columns 60 to 123, which begin in the middle of a vector.
    let mut result: [__m512i; VECTORS] =
        array::from_fn(|at| _mm512_alignr_epi64::<4>(window[at + 1], window[at]));
    let mask = _mm512_set1_epi64(MASK.cast_signed());
    loop {
        let carries = result.map(|limbs| _mm512_srli_epi64::<BITS>(limbs));
        let mut all = zero;
        for at in 0..VECTORS {
            let below = if at == 0 { zero } else { carries[at - 1] };
            let carry = _mm512_alignr_epi64::<7>(carries[at], below);
            result[at] = _mm512_add_epi64(_mm512_and_si512(result[at], mask), carry);
            all = _mm512_or_si512(all, result[at]);
        }
        if !EXACT {
            over = _mm512_or_si512(over, all);
            break;
        }
        if _mm512_test_epi64_mask(all, _mm512_set1_epi64(!MASK.cast_signed())) == 0 {
            break;
        }
    }
    for (words, vector) in out.0[FIRST..].as_chunks_mut().0.iter_mut().zip(result) {
        store(words, vector);
    }
    _mm512_test_epi64_mask(over, _mm512_set1_epi64(!MASK.cast_signed())) == 0
}

/// Words of a number's vectors.
pub(super) const PADDED: usize = 8 * VECTORS;
/// Vectors of a number.
const VECTORS: usize = LIMBS.div_ceil(8);
/// Where a number's limbs begin.
const FIRST: usize = 8;

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::srp::group::Group;
    use crate::srp::modexp::ifma::Ifma;
    use crate::srp::modexp::ifma::constants::{constants, number};

    /// Every column has all of its 52 low bits set and something above them: each carry makes a limb of 53 bits, which
    /// carries again.
    #[test]
    fn carries_that_go_further_than_one_step_are_noticed_and_taken() {
        if Ifma::detect().is_none() {
            eprintln!("not run: this machine has no AVX-512-IFMA");
            return;
        }
        let n = &Group::cognito_ref().n;
        let inverse = (BigUint::from(1_u8) << (LIMBS * BITS as usize))
            .modinv(n)
            .expect("R is prime to N");
        for (from, to) in [(0, 110), (0, 8), (4, 9), (56, 60), (60, 110), (100, 110)] {
            let mut words = [[0_u64; 8]; 16];
            let mut value = BigUint::ZERO;
            for at in (from..to).rev() {
                words[at / 8][at % 8] = (5 << BITS) | MASK;
                value += BigUint::from((5 << BITS) | MASK) << (at * BITS as usize);
            }
            // SAFETY: the processor was seen to have AVX-512F and AVX-512-IFMA.
            let (is_done, fast, exact) = unsafe { both_ways(&words) };
            assert!(!is_done, "columns {from} to {to} need the exact way");
            assert_ne!(
                fast.limbs(),
                exact.limbs(),
                "columns {from} to {to}: the ways differ"
            );
            assert!(
                exact.limbs().iter().all(|limb| *limb <= MASK),
                "columns {from} to {to}: limbs"
            );
            assert_eq!(
                number(exact.limbs()) % n,
                value * &inverse % n,
                "columns {from} to {to}: the value"
            );
        }
    }

    #[target_feature(enable = "avx512f,avx512ifma")]
    fn both_ways(words: &[[u64; 8]; 16]) -> (bool, Number, Number) {
        let columns: [__m512i; 16] = array::from_fn(|at| load(&words[at]));
        let (mut fast, mut exact) = (Number::new(&[0; LIMBS]), Number::new(&[0; LIMBS]));
        let is_done = reduce::<false>(&columns, &mut fast, constants());
        finish(&columns, &mut exact, constants());
        (is_done, fast, exact)
    }
}
