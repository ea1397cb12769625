//! Eight numbers side by side: word l of vector i is limb i of number l.
//!
//! Products and squares split numbers in halves (Karatsuba), and so does the first step of a reduction, whose 30 digits are
//! there at once. Below that, limbs meet in blocks whose columns stay in registers.
//!
//! Differences make columns negative for a while: carries are taken with the sign (`srai`). A column holds at most 2·60
//! half products, four times over in Karatsuba's middle, and 2·60 more from the reduction, each below 2^52: less than 2^62.

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_add_epi64, _mm512_mask_blend_epi64, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_srai_epi64, _mm512_srli_epi64, _mm512_sub_epi64,
    _mm512_test_epi64_mask,
};
use std::array;

use super::constants::{BITS, Constants, LIMBS, MASK, Multiple, QUARTER};
use super::vector::{Words, load, store};

/// Eight numbers below 5N, their limbs below 2^52.
pub(in crate::srp::modexp) type Lanes = [Words; LIMBS];

/// Where columns lie while they are worked on.
#[derive(Debug)]
pub(super) struct Scratch {
    sum_a: Half,
    sum_b: Half,
    /// The products of the halves.
    parts: Columns,
    /// The products of quarters, inside a half.
    quarters: Quarters,
    columns: Columns,
}

impl Scratch {
    /// Nothing yet.
    pub(super) const NEW: Self = Self {
        sum_a: [Words::ZERO; HALF],
        sum_b: [Words::ZERO; HALF],
        parts: [Words::ZERO; COLUMNS],
        quarters: [Words::ZERO; LIMBS],
        columns: [Words::ZERO; COLUMNS],
    };
}

/// `a ← a²/R` in each lane.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn square(a: &mut Lanes, scratch: &mut Scratch, constants: &Constants) {
    let Scratch {
        sum_a,
        parts,
        columns,
        ..
    } = scratch;
    let (low, high) = halves(a);
    let over = add_halves(low, high, sum_a);
    square_half(low, |at, column| put(parts, at, column));
    square_half(high, |at, column| put(parts, LIMBS + at, column));
    copy_ends(parts, columns);
    let sum = &*sum_a;
    square_half(sum, |at, square| {
        let mut column = middle(parts, at, square);
        if at >= HALF {
            // Where the sum has a 31st limb of one, its square has twice the sum there.
            let sum = get(sum, at - HALF);
            column = _mm512_mask_add_epi64(column, over, column, _mm512_add_epi64(sum, sum));
        }
        put(columns, HALF + at, column);
    });
    add_one(columns, LIMBS + HALF, over);
    reduce(columns, parts, a, constants);
}

/// `a ← a·b/R` in each lane.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn multiply(a: &mut Lanes, b: &Lanes, scratch: &mut Scratch, constants: &Constants) {
    let Scratch {
        sum_a,
        sum_b,
        parts,
        quarters,
        columns,
    } = scratch;
    let ((a_low, a_high), (b_low, b_high)) = (halves(a), halves(b));
    let over_a = add_halves(a_low, a_high, sum_a);
    let over_b = add_halves(b_low, b_high, sum_b);
    multiply_halves(a_low, b_low, quarters, |at, column| put(parts, at, column));
    multiply_halves(a_high, b_high, quarters, |at, column| {
        put(parts, LIMBS + at, column);
    });
    copy_ends(parts, columns);
    let (sum_a, sum_b) = (&*sum_a, &*sum_b);
    multiply_halves(sum_a, sum_b, quarters, |at, product| {
        let mut column = middle(parts, at, product);
        if at >= HALF {
            column = _mm512_mask_add_epi64(column, over_a, column, get(sum_b, at - HALF));
            column = _mm512_mask_add_epi64(column, over_b, column, get(sum_a, at - HALF));
        }
        put(columns, HALF + at, column);
    });
    add_one(columns, LIMBS + HALF, over_a & over_b);
    reduce(columns, parts, a, constants);
}

/// Lane i of `table[at[i]]`, for each i.
#[target_feature(enable = "avx512f")]
pub(super) fn select(table: &[Lanes], at: [usize; 8]) -> Lanes {
    let entries = at.map(|at| &table[at]);
    let mut lanes = [Words::ZERO; LIMBS];
    for (limb, words) in lanes.iter_mut().enumerate() {
        let mut vector = load(&entries[0][limb].0);
        for (lane, entry) in entries.iter().enumerate().skip(1) {
            vector = _mm512_mask_blend_epi64(1 << lane, vector, load(&entry[limb].0));
        }
        store(&mut words.0, vector);
    }
    lanes
}

type Half = [Words; HALF];
type Quarter = [Words; QUARTER];
type Columns = [Words; COLUMNS];
type Quarters = [Words; LIMBS];

#[inline]
#[target_feature(enable = "avx512f")]
fn get(words: &[Words], at: usize) -> __m512i {
    load(&words[at].0)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn put(words: &mut [Words], at: usize, vector: __m512i) {
    store(&mut words[at].0, vector);
}

fn halves(a: &Lanes) -> (&Half, &Half) {
    let (halves, _) = a.as_chunks();
    (&halves[0], &halves[1])
}

fn quarters_of(half: &Half) -> (&Quarter, &Quarter) {
    let (quarters, _) = half.as_chunks();
    (&quarters[0], &quarters[1])
}

/// `low + high`; the lanes in which it has a 31st limb, of one.
#[inline]
#[target_feature(enable = "avx512f")]
fn add_halves<const COUNT: usize>(
    low: &[Words; COUNT],
    high: &[Words; COUNT],
    sum: &mut [Words; COUNT],
) -> __mmask8 {
    let mask = _mm512_set1_epi64(MASK.cast_signed());
    let mut carry = _mm512_setzero_si512();
    for at in 0..COUNT {
        let limb = _mm512_add_epi64(get(low, at), get(high, at));
        let limb = _mm512_add_epi64(limb, carry);
        carry = _mm512_srli_epi64::<BITS>(limb);
        put(sum, at, _mm512_and_si512(limb, mask));
    }
    _mm512_test_epi64_mask(carry, carry)
}

/// The outer quarters of the columns, which Karatsuba's middle leaves alone.
#[inline]
fn copy_ends(parts: &Columns, columns: &mut Columns) {
    columns[..HALF].copy_from_slice(&parts[..HALF]);
    columns[LIMBS + HALF..].copy_from_slice(&parts[LIMBS + HALF..]);
}

/// Column `at` of Karatsuba's middle, added to what the products of the halves have there.
#[inline]
#[target_feature(enable = "avx512f")]
fn middle(parts: &Columns, at: usize, product: __m512i) -> __m512i {
    let product = _mm512_sub_epi64(product, get(parts, at));
    let product = _mm512_sub_epi64(product, get(parts, LIMBS + at));
    _mm512_add_epi64(product, get(parts, HALF + at))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add_one(columns: &mut [Words], at: usize, lanes: __mmask8) {
    let column = get(columns, at);
    let one = _mm512_set1_epi64(1);
    put(
        columns,
        at,
        _mm512_mask_add_epi64(column, lanes, column, one),
    );
}

/// Adds the products of two runs of limbs to the columns that begin where both do.
macro_rules! add_block {
    ($columns:ident, $a:ident, $b:ident) => {
        for (y, &b) in $b.iter().enumerate() {
            for (x, &a) in $a.iter().enumerate() {
                $columns[x + y] = _mm512_madd52lo_epu64($columns[x + y], a, b);
                $columns[x + y + 1] = _mm512_madd52hi_epu64($columns[x + y + 1], a, b);
            }
        }
    };
}

/// Hands out the lower columns and moves the upper ones down.
macro_rules! next_columns {
    ($columns:ident, $block:expr, $take:expr) => {
        for x in 0..$block {
            $take(x, $columns[x]);
            $columns[x] = $columns[x + $block];
            $columns[x + $block] = _mm512_setzero_si512();
        }
    };
}

/// The 60 columns of a square of 30 limbs: products of different limbs once and doubled, then the limbs' squares.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn square_half(a: &Half, mut take: impl FnMut(usize, __m512i)) {
    let mut columns = [_mm512_setzero_si512(); 12];
    for diagonal in 0..10_usize {
        let mut i = diagonal.saturating_sub(4);
        while 2 * i < diagonal {
            let low: [__m512i; 6] = array::from_fn(|x| get(a, 6 * i + x));
            let high: [__m512i; 6] = array::from_fn(|y| get(a, 6 * (diagonal - i) + y));
            add_block!(columns, low, high);
            i += 1;
        }
        if 2 * i == diagonal && i < 5 {
            let limbs: [__m512i; 6] = array::from_fn(|x| get(a, 6 * i + x));
            for x in 0..6 {
                for y in x + 1..6 {
                    columns[x + y] = _mm512_madd52lo_epu64(columns[x + y], limbs[x], limbs[y]);
                    columns[x + y + 1] =
                        _mm512_madd52hi_epu64(columns[x + y + 1], limbs[x], limbs[y]);
                }
            }
        }
        next_columns!(columns, 6, |x: usize, column| {
            let at = 6 * diagonal + x;
            let limb = get(a, at / 2);
            let twice = _mm512_add_epi64(column, column);
            let column = if at.is_multiple_of(2) {
                _mm512_madd52lo_epu64(twice, limb, limb)
            } else {
                _mm512_madd52hi_epu64(twice, limb, limb)
            };
            take(at, column);
        });
    }
}

/// The 60 columns of a product of 30 limbs each, in any order.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply_halves(a: &Half, b: &Half, parts: &mut Quarters, mut take: impl FnMut(usize, __m512i)) {
    let ((a_low, a_high), (b_low, b_high)) = (quarters_of(a), quarters_of(b));
    let (mut sum_a, mut sum_b) = ([Words::ZERO; QUARTER], [Words::ZERO; QUARTER]);
    let over_a = add_halves(a_low, a_high, &mut sum_a);
    let over_b = add_halves(b_low, b_high, &mut sum_b);
    multiply_quarters(
        a_low,
        |y| get(b_low, y),
        |at, column| {
            put(parts, at, column);
            if at < QUARTER {
                take(at, column);
            }
        },
    );
    let one = _mm512_set1_epi64(1);
    multiply_quarters(
        a_high,
        |y| get(b_high, y),
        |at, column| {
            put(parts, HALF + at, column);
            if at >= QUARTER {
                let lanes = if at == QUARTER { over_a & over_b } else { 0 };
                take(HALF + at, _mm512_mask_add_epi64(column, lanes, column, one));
            }
        },
    );
    multiply_quarters(
        &sum_a,
        |y| get(&sum_b, y),
        |at, product| {
            let mut column = middle_of_half(parts, at, product);
            if at >= QUARTER {
                column = _mm512_mask_add_epi64(column, over_a, column, get(&sum_b, at - QUARTER));
                column = _mm512_mask_add_epi64(column, over_b, column, get(&sum_a, at - QUARTER));
            }
            take(QUARTER + at, column);
        },
    );
}

/// As [`middle`], inside a half.
#[inline]
#[target_feature(enable = "avx512f")]
fn middle_of_half(parts: &Quarters, at: usize, product: __m512i) -> __m512i {
    let product = _mm512_sub_epi64(product, get(parts, at));
    let product = _mm512_sub_epi64(product, get(parts, HALF + at));
    _mm512_add_epi64(product, get(parts, QUARTER + at))
}

/// The 30 columns of a product of 15 limbs each.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply_quarters(
    a: &Quarter,
    b: impl Fn(usize) -> __m512i,
    mut take: impl FnMut(usize, __m512i),
) {
    let mut columns = [_mm512_setzero_si512(); 10];
    for diagonal in 0..6_usize {
        for i in diagonal.saturating_sub(2)..=diagonal.min(2) {
            let a: [__m512i; 5] = array::from_fn(|x| get(a, 5 * i + x));
            let b: [__m512i; 5] = array::from_fn(|y| b(5 * (diagonal - i) + y));
            add_block!(columns, a, b);
        }
        next_columns!(columns, 5, |x, column| take(5 * diagonal + x, column));
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn spread(constant: &[u64], at: usize) -> __m512i {
    _mm512_set1_epi64(constant[at].cast_signed())
}

/// Divides the columns by R modulo N.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn reduce(columns: &mut Columns, parts: &mut Columns, out: &mut Lanes, constants: &Constants) {
    make_digits(columns, 0, 30);
    add_30_digits(columns, parts, constants);
    make_digits(columns, 30, 15);
    add_digits(columns, 30, 3, 45, &constants.by_15);
    make_digits(columns, 45, 5);
    add_digits(columns, 45, 1, 50, &constants.by_5);
    make_digits(columns, 50, 5);
    add_digits(columns, 50, 1, 55, &constants.by_5);
    make_last_digits(columns, &constants.by_1);
    add_digits(columns, 55, 1, 56, &constants.by_1);

    let mask = _mm512_set1_epi64(MASK.cast_signed());
    let mut carry = _mm512_setzero_si512();
    for (at, limb) in out.iter_mut().enumerate() {
        let column = _mm512_add_epi64(get(columns, LIMBS + at), carry);
        carry = _mm512_srai_epi64::<BITS>(column);
        store(&mut limb.0, _mm512_and_si512(column, mask));
    }
}

/// Makes limbs below 2^52 of `count` columns; the last carry goes into the column after.
#[inline]
#[target_feature(enable = "avx512f")]
fn make_digits(columns: &mut Columns, from: usize, count: usize) {
    let mask = _mm512_set1_epi64(MASK.cast_signed());
    let mut carry = _mm512_setzero_si512();
    for at in from..from + count {
        let column = _mm512_add_epi64(get(columns, at), carry);
        carry = _mm512_srai_epi64::<BITS>(column);
        put(columns, at, _mm512_and_si512(column, mask));
    }
    let after = _mm512_add_epi64(get(columns, from + count), carry);
    put(columns, from + count, after);
}

/// The digits of columns 55 to 59, where N itself is added: each depends on those before it.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn make_last_digits(columns: &mut Columns, n: &Multiple) {
    let mask = _mm512_set1_epi64(MASK.cast_signed());
    let n: [__m512i; 4] = array::from_fn(|at| spread(n, at));
    let mut last: [__m512i; 5] = array::from_fn(|at| get(columns, 55 + at));
    let mut carry = _mm512_setzero_si512();
    for x in 0..5 {
        let column = _mm512_add_epi64(last[x], carry);
        carry = _mm512_srai_epi64::<BITS>(column);
        let digit = _mm512_and_si512(column, mask);
        put(columns, 55 + x, digit);
        for y in 0..4 {
            if x + y + 1 < 5 {
                last[x + y + 1] = _mm512_madd52lo_epu64(last[x + y + 1], digit, n[y]);
            }
            if x + y + 2 < 5 {
                last[x + y + 2] = _mm512_madd52hi_epu64(last[x + y + 2], digit, n[y]);
            }
        }
    }
    let after = _mm512_add_epi64(get(columns, LIMBS), carry);
    put(columns, LIMBS, after);
}

/// Adds a multiple of N for `5·blocks` digits, from column `to` on. Columns that hold digits are done with.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_digits(columns: &mut Columns, from: usize, blocks: usize, to: usize, multiple: &Multiple) {
    let mut sums = [_mm512_setzero_si512(); 10];
    let first = from + 5 * blocks;
    for diagonal in 0..blocks + LIMBS / 5 {
        for i in (diagonal + 1).saturating_sub(LIMBS / 5)..=diagonal.min(blocks - 1) {
            let digits: [__m512i; 5] = array::from_fn(|x| get(columns, from + 5 * i + x));
            let limbs: [__m512i; 5] = array::from_fn(|y| spread(multiple, 5 * (diagonal - i) + y));
            add_block!(sums, digits, limbs);
        }
        next_columns!(sums, 5, |x, sum| {
            let at = to + 5 * diagonal + x;
            if at >= first && at < COLUMNS {
                let column = _mm512_add_epi64(get(columns, at), sum);
                put(columns, at, column);
            }
        });
    }
}

/// Adds the multiple for the first 30 digits, whose halves meet those of either half of the multiple (Karatsuba).
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn add_30_digits(columns: &mut Columns, parts: &mut Columns, constants: &Constants) {
    let (digits, columns) = columns.split_at_mut(HALF);
    let (digits, _) = digits.as_chunks::<QUARTER>();
    let (multiple, _) = constants.by_30.as_chunks::<QUARTER>();
    let mut sum = [Words::ZERO; QUARTER];
    let over = add_halves(&digits[0], &digits[1], &mut sum);
    for (half, (constant_sum, constant_over)) in constants.sums.iter().enumerate() {
        let columns = &mut columns[HALF * half..HALF * half + LIMBS];
        multiply_quarters(
            &digits[0],
            |y| spread(&multiple[2 * half], y),
            |at, column| {
                put(parts, at, column);
                if at < QUARTER {
                    let column = _mm512_add_epi64(get(columns, at), column);
                    put(columns, at, column);
                }
            },
        );
        multiply_quarters(
            &digits[1],
            |y| spread(&multiple[2 * half + 1], y),
            |at, column| {
                put(parts, HALF + at, column);
                if at >= QUARTER {
                    let column = _mm512_add_epi64(get(columns, HALF + at), column);
                    put(columns, HALF + at, column);
                }
            },
        );
        let constant_over: __mmask8 = if *constant_over { 0xff } else { 0 };
        multiply_quarters(
            &sum,
            |y| spread(constant_sum, y),
            |at, product| {
                let column = _mm512_sub_epi64(product, get(parts, at));
                let column = _mm512_sub_epi64(column, get(parts, HALF + at));
                let mut column = _mm512_add_epi64(column, get(parts, QUARTER + at));
                if at >= QUARTER {
                    let limb = spread(constant_sum, at - QUARTER);
                    column = _mm512_mask_add_epi64(column, over, column, limb);
                    let limb = get(&sum, at - QUARTER);
                    column = _mm512_mask_add_epi64(column, constant_over, column, limb);
                }
                let column = _mm512_add_epi64(get(columns, QUARTER + at), column);
                put(columns, QUARTER + at, column);
            },
        );
        add_one(columns, HALF + QUARTER, over & constant_over);
    }
}

const HALF: usize = LIMBS / 2;
const COLUMNS: usize = 2 * LIMBS;
