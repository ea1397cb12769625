//! The columns of a product and of a square, octet by octet of the first factor.

use super::number::{BEFORE, DIGITS, Number, Padded, USED, padded};
use super::reduce::reduce;
use super::rows::{Pair, add_eight};

/// The columns of a product, the least significant first.
pub(super) type Columns = [Pair; DIGITS];

/// `a ← a·b/R`, see [`reduce`].
#[inline]
pub(super) fn multiply(a: &mut Number, b: &Padded) {
    let mut t = [[0; 2]; DIGITS];
    let rows = a.map(twice);
    for (octet, rows) in rows.as_chunks().0.iter().enumerate() {
        add_eight(&mut t[4 * octet..][..EIGHT_ROWS], rows, b);
    }
    reduce(&mut t, a);
}

/// `a ← a²/R`, see [`reduce`].
///
/// `a² = Σ aᵢ² + Σ 2·aᵢ·aⱼ` over i < j. An octet of rows meets itself as it is, what is above it doubled, and what is below
/// it not at all: that has met it already. 0.6 of the products of [`multiply`]. Karatsuba's three squares of half the size
/// come to the same time: they are short loops with more at their ends.
#[inline]
pub(super) fn square(a: &mut Number) {
    let mut t = [[0; 2]; DIGITS];
    let mut met = padded(|at| 2 * a[at]);
    let rows = a.map(twice);
    for (octet, rows) in rows.as_chunks().0.iter().enumerate() {
        let own = BEFORE + 8 * octet;
        met[own..][..8].copy_from_slice(&a[8 * octet..][..8]);
        add_eight(
            &mut t[8 * octet..][..EIGHT_ROWS - 4 * octet],
            rows,
            &met[8 * octet..],
        );
        met[own..][..8].fill(0);
    }
    reduce(&mut t, a);
}

/// A digit as a row needs it.
#[inline(always)]
pub(super) fn twice(digit: u64) -> Pair {
    [digit; 2]
}

/// Pairs of columns that eight rows reach.
pub(super) const EIGHT_ROWS: usize = (USED + 8 - 1).div_ceil(2);

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::super::number::{BITS, MOST, digits, value};
    use super::super::reduce::CONSTANTS;
    use super::*;
    use crate::srp::group::Group;

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
                multiply(&mut product, &padded(|at| b[at]));
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
        multiply(&mut product, &padded(|at| b[at]));
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
