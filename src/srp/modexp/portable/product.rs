//! The columns of a product and of a square, by Karatsuba's rule.
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

use super::number::{BEFORE, DIGITS, Number, USED};
use super::reduce::reduce;
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

/// `a ← a·b/R`, see [`reduce`], where b is given by its digits.
#[inline]
pub(super) fn multiply(a: &mut Number, b: impl Fn(usize) -> u64) {
    let mut t = Columns([[[0; 2]; 1 + HALF]; 3]);
    let (mut a_halves, mut b_halves) = ([[0; HALF]; 3], [[0; PADDED]; 3]);
    halve(|at| a[at], &mut a_halves, 0);
    halve(b, &mut b_halves, BEFORE);
    for ((t, a), b) in t.0.iter_mut().zip(&a_halves).zip(&b_halves) {
        add_rows(&mut t[1..], a, b);
    }
    reduce(&mut t, a);
}

/// `a ← a²/R`, see [`reduce`].
#[inline]
pub(super) fn square(a: &mut Number) {
    let mut t = Columns([[[0; 2]; 1 + HALF]; 3]);
    let mut halves = [[0; HALF]; 3];
    halve(|at| a[at], &mut halves, 0);
    for (t, half) in t.0.iter_mut().zip(&halves) {
        add_square(t, half);
    }
    reduce(&mut t, a);
}

/// Adds the products of some digits and a half.
#[inline(never)]
pub(super) fn add_rows<const ROWS: usize>(t: &mut [Pair], a: &[u64; ROWS], b: &PaddedHalf) {
    for (octet, digits) in a.as_chunks().0.iter().enumerate() {
        add_eight(&mut t[4 * octet..][..EIGHT_ROWS], &twice(digits), b);
    }
}

/// Adds the square of a half, `Σ aᵢ² + Σ 2·aᵢ·aⱼ` over i < j. An octet of rows meets itself as it is, what is above it doubled, and what is below it
/// not at all: that has met it already. 0.6 of the products of a product.
#[inline(never)]
fn add_square(t: &mut [Pair; 1 + HALF], a: &[u64; HALF]) {
    let rows = twice(a);
    // Two, in turn: a processor waits where digits are written by twos and read across them.
    let mut met = [[0; PADDED]; 2];
    for (at, digit) in a.iter().enumerate() {
        met[0][BEFORE + at] = 2 * digit;
        met[1][BEFORE + at] = 2 * digit;
    }
    met[0][BEFORE..][..8].copy_from_slice(&a[..8]);
    for (octet, rows) in rows.as_chunks().0.iter().enumerate() {
        if octet + 1 < HALF / 8 {
            let next = &mut met[(octet + 1) % 2][8 * octet..];
            next[..BEFORE + 8].fill(0);
            next[BEFORE + 8..][..8].copy_from_slice(&a[8 * octet + 8..][..8]);
        }
        add_eight(
            &mut t[1 + 8 * octet..][..EIGHT_ROWS - 4 * octet],
            rows,
            &met[octet % 2][8 * octet..],
        );
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

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::srp::group::Group;
    use crate::srp::modexp::portable::number::{BITS, MOST, digits, value};
    use crate::srp::modexp::portable::reduce::CONSTANTS;

    #[test]
    fn products_and_squares_are_what_num_bigint_says() {
        let mut source = Source(1);
        for round in 0..300 {
            let (a, b) = (source.number(), source.number());
            agree(&a, &b, &format!("round {round}"));
        }
    }

    #[test]
    fn edges_multiply_with_each_other() {
        let n = &Group::cognito_ref().n;
        let mut source = Source(2);
        let edges: Vec<(String, Number)> = [
            ("0", BigUint::ZERO),
            ("1", BigUint::from(1_u8)),
            ("N − 1", n - 1_u8),
            ("N", n.clone()),
            ("N + 1", n + 1_u8),
            ("2^3072 − 1", (BigUint::from(1_u8) << 3072) - 1_u8),
            ("6·N − 1, the most that a result may be", n * 6_u8 - 1_u8),
            ("2^3079", BigUint::from(1_u8) << 3079),
            ("2^3080 − 1", (BigUint::from(1_u8) << 3080) - 1_u8),
        ]
        .into_iter()
        .map(|(name, number)| (name.to_owned(), digits(&number)))
        .chain([
            (
                "the largest digits, so that columns are fullest".to_owned(),
                full(|_| MOST),
            ),
            (
                "the largest digits here and there".to_owned(),
                full(|at| if at % 9 < 2 { MOST } else { 0 }),
            ),
            ("no particular number".to_owned(), source.number()),
        ])
        .collect();
        for (a_name, a) in &edges {
            for (b_name, b) in &edges {
                agree(a, b, &format!("{a_name} by {b_name}"));
            }
        }
    }

    #[test]
    fn factors_may_be_chosen_so_that_the_result_is_an_edge() {
        let n = &Group::cognito_ref().n;
        let mut source = Source(3);
        for edge in [BigUint::ZERO, BigUint::from(1_u8), n - 1_u8] {
            for _ in 0..8 {
                let a = source.number();
                let inverse = value(&a)
                    .modinv(n)
                    .expect("N is a prime, a is not its multiple");
                let b = digits(&(&edge * r() * inverse % n));
                let mut product = a;
                multiply(&mut product, |at| b[at]);
                assert_eq!(value(&product) % n, edge, "{a:?} by {b:?}");
            }
        }
        // R is the square of 2^1568. N − 1 is no square: N ≡ 3 (mod 4).
        let root = (BigUint::from(1_u8) << (BITS as usize * DIGITS / 2)) % n;
        for (number, edge) in [
            (root.clone(), 1_u8),
            (n - &root, 1),
            (n + &root, 1),
            (n.clone(), 0),
            (n * 5_u8, 0),
        ] {
            let mut square = digits(&number);
            super::square(&mut square);
            assert_eq!(value(&square) % n, BigUint::from(edge), "{number} squared");
        }
    }

    fn agree(a: &Number, b: &Number, what: &str) {
        let n = &Group::cognito_ref().n;
        let of_r = |number: &Number| value(number) * r() % n;
        let mut product = *a;
        multiply(&mut product, |at| b[at]);
        is_a_result(&product, what);
        assert_eq!(of_r(&product), value(a) * value(b) % n, "{what}");
        let mut square = *a;
        super::square(&mut square);
        is_a_result(&square, what);
        assert_eq!(
            of_r(&square),
            value(a) * value(a) % n,
            "the square of {what}"
        );
    }

    fn is_a_result(number: &Number, what: &str) {
        assert!(number.iter().all(|digit| *digit <= MOST), "{what}: digits");
        assert_eq!(number[USED..], [0; DIGITS - USED], "{what}: 110 digits");
        let most = &Group::cognito_ref().n * 6_u8;
        assert!(value(number) < most, "{what}: below 6·N");
    }

    fn r() -> BigUint {
        value(&CONSTANTS.one) + &Group::cognito_ref().n
    }

    fn full(digit: impl Fn(usize) -> u64) -> Number {
        std::array::from_fn(|at| if at < USED { digit(at) } else { 0 })
    }

    /// Numbers with runs of zero digits, of digits that are all ones, and of the largest that there may be.
    struct Source(u64);

    impl Source {
        fn number(&mut self) -> Number {
            let (mut left, mut kind) = (0, 0);
            let mut number = [0; DIGITS];
            for digit in number.iter_mut().take(USED) {
                if left == 0 {
                    (left, kind) = (1 + self.next() % 12, self.next() % 6);
                }
                left -= 1;
                *digit = match kind {
                    0 => 0,
                    1 => (1 << BITS) - 1,
                    2 => MOST,
                    _ => self.next() % (MOST + 1),
                };
            }
            number
        }

        fn next(&mut self) -> u64 {
            // Knuth's MMIX generator; its upper bits are the good ones.
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            self.0 >> 30
        }
    }
}
