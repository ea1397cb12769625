//! A product and a square, and R taken off again.

use super::columns::{Columns, EIGHT_ROWS, HALF, PADDED, add_rows, halve, twice};
use super::number::{BEFORE, Number};
use super::reduce::reduce;
use super::rows::{Pair, add_eight};

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

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::srp::group::Group;
    use crate::srp::modexp::portable::number::{BITS, DIGITS, MOST, USED, digits, value};
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
