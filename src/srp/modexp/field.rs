//! What an engine has to offer so that windows and combs work on it.

use num_bigint::BigUint;

/// How many numbers an engine takes side by side.
pub const LANES: usize = 8;

/// Arithmetic modulo Cognito's N, one number or eight at a time, in a form of the engine's own.
pub(super) trait Field: Copy + Send + Sync + 'static {
    /// A number modulo N.
    type Element: Clone + Send + Sync;
    /// Eight numbers modulo N.
    type Lanes: Clone + Send + Sync;
    /// A number in a table, ready to be multiplied with.
    type Entry: Send + Sync;

    /// Whether eight products side by side cost clearly less than eight one after the other.
    const LANES_PAY: bool;

    /// Brings a number below N into the engine's form.
    fn enter(self, value: &BigUint) -> Self::Element;
    /// The least residue of a number in the engine's form.
    fn leave(self, element: &Self::Element) -> BigUint;
    /// One.
    fn one(self) -> Self::Element;
    /// `a ← a·b`.
    fn multiply(self, a: &mut Self::Element, b: &Self::Element);
    /// `a ← a^(2^times)`.
    fn square(self, a: &mut Self::Element, times: u32);

    /// Puts eight numbers side by side.
    fn gather(self, elements: [&Self::Element; LANES]) -> Self::Lanes;
    /// Takes eight numbers apart.
    fn scatter(self, lanes: &Self::Lanes) -> [Self::Element; LANES];
    /// `a ← a·b` in each lane.
    fn multiply_lanes(self, a: &mut Self::Lanes, b: &Self::Lanes);
    /// `a ← a^(2^times)` in each lane.
    fn square_lanes(self, a: &mut Self::Lanes, times: u32);
    /// Lane i of `table[at[i]]`, for each i.
    fn select(self, table: &[Self::Lanes], at: [usize; LANES]) -> Self::Lanes;

    /// Prepares a number for a table.
    fn entry(self, element: &Self::Element) -> Self::Entry;
    /// Tells that an entry will be needed soon: a table of g is larger than the caches that are near, and whatever else runs
    /// has pushed it out.
    fn expect_entry(self, _entry: &Self::Entry) {}
    /// The number in a table's entry.
    fn element(self, entry: &Self::Entry) -> Self::Element;
    /// `a ← a·entry`.
    fn multiply_by(self, a: &mut Self::Element, entry: &Self::Entry);
    /// `a ← a·entry` in each lane, with an entry for each.
    fn multiply_lanes_by(self, a: &mut Self::Lanes, entries: [&Self::Entry; LANES]);
}

/// The digits of an exponent: `width` bits from bit `at` on, `width` up to 16.
pub(super) fn digit(words: &[u64], at: u64, width: u32) -> usize {
    let (word, shift) = ((at / 64) as usize, (at % 64) as u32);
    let low = words.get(word).copied().unwrap_or_default() >> shift;
    let high = match shift {
        0 => 0,
        _ => words.get(word + 1).copied().unwrap_or_default() << (64 - shift),
    };
    ((low | high) & ((1 << width) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::srp::group::Group;
    use crate::srp::modexp::portable::Portable;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn products_and_squares_of_any_numbers_are_those_of_num_bigint(
            numbers in prop::collection::vec(number(), 2 * LANES),
        ) {
            products_are_right(Portable, &numbers)?;
            #[cfg(target_arch = "x86_64")]
            if let Some(field) = crate::srp::modexp::ifma::Ifma::detect() {
                products_are_right(field, &numbers)?;
            }
        }
    }

    /// One by one and side by side; also with a second factor for which the product is 0, 1, N − 1 or R⁻¹-like small.
    fn products_are_right<F: Field>(field: F, numbers: &[BigUint]) -> Result<(), TestCaseError> {
        let n = &Group::cognito_ref().n;
        let (first, second) = numbers.split_at(LANES);
        let mut factors: Vec<BigUint> = second.to_vec();
        for (at, result) in [BigUint::ZERO, 1_u8.into(), n - 1_u8, n - 2_u8]
            .iter()
            .enumerate()
        {
            if let Some(inverse) = first[at].modinv(n) {
                factors[at] = inverse * result % n;
            }
        }
        let a: Vec<F::Element> = first.iter().map(|value| field.enter(value)).collect();
        let b: Vec<F::Element> = factors.iter().map(|value| field.enter(value)).collect();
        let mut products = field.gather(std::array::from_fn(|lane| &a[lane]));
        let mut squares = products.clone();
        field.multiply_lanes(
            &mut products,
            &field.gather(std::array::from_fn(|lane| &b[lane])),
        );
        let entries: Vec<F::Entry> = b.iter().map(|value| field.entry(value)).collect();
        let mut by_entries = squares.clone();
        field.multiply_lanes_by(&mut by_entries, std::array::from_fn(|lane| &entries[lane]));
        field.square_lanes(&mut squares, 2);
        let (products, squares) = (field.scatter(&products), field.scatter(&squares));
        let by_entries = field.scatter(&by_entries);
        for lane in 0..LANES {
            let product = &first[lane] * &factors[lane] % n;
            let fourth = first[lane].modpow(&4_u8.into(), n);
            let mut alone = a[lane].clone();
            field.multiply(&mut alone, &b[lane]);
            prop_assert_eq!(field.leave(&alone), product.clone(), "product");
            alone.clone_from(&a[lane]);
            field.multiply_by(&mut alone, &entries[lane]);
            prop_assert_eq!(
                field.leave(&alone),
                product.clone(),
                "product with an entry"
            );
            alone.clone_from(&a[lane]);
            field.square(&mut alone, 2);
            prop_assert_eq!(field.leave(&alone), fourth.clone(), "fourth power");
            prop_assert_eq!(
                field.leave(&products[lane]),
                product.clone(),
                "product in lane {}",
                lane
            );
            prop_assert_eq!(
                field.leave(&by_entries[lane]),
                product,
                "product with an entry in lane {}",
                lane
            );
            prop_assert_eq!(
                field.leave(&squares[lane]),
                fourth,
                "fourth power in lane {}",
                lane
            );
        }
        Ok(())
    }

    /// Numbers below N: random, with runs of zero and one words, and the edges.
    fn number() -> impl Strategy<Value = BigUint> {
        let word = prop_oneof![2 => any::<u64>(), 1 => Just(0), 1 => Just(u64::MAX)];
        let runs = prop::collection::vec(word, 0..=48).prop_map(|words| {
            let octets: Vec<u8> = words
                .iter()
                .flat_map(|word: &u64| word.to_le_bytes())
                .collect();
            BigUint::from_bytes_le(&octets) % &Group::cognito_ref().n
        });
        let n = &Group::cognito_ref().n;
        let edges = prop::sample::select(vec![
            BigUint::ZERO,
            1_u8.into(),
            2_u8.into(),
            n - 1_u8,
            n - 2_u8,
        ]);
        prop_oneof![4 => runs, 1 => edges]
    }

    #[test]
    fn a_digit_may_span_two_words_and_lie_beyond_the_end() {
        let words = [0x8000_0000_0000_0001, 0x5];
        assert_eq!(digit(&words, 0, 4), 1, "the lowest");
        assert_eq!(digit(&words, 63, 4), 0b1011, "across two words");
        assert_eq!(digit(&words, 126, 8), 0, "the end of the last word");
        assert_eq!(digit(&words, 640, 8), 0, "beyond");
    }
}
