//! What an engine has to offer so that windows and combs work on it.

use num_bigint::BigUint;

use super::engine::LANES;

/// Arithmetic modulo Cognito's N, one number or eight at a time, in a form of the engine's own.
pub(super) trait Field: Copy + Send + Sync + 'static {
    /// A number modulo N.
    type Element: Clone + Send + Sync;
    /// Eight numbers modulo N.
    type Lanes: Clone + Send + Sync;
    /// A number in a table, ready to be multiplied with.
    type Entry: Send + Sync;

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
    use super::*;

    #[test]
    fn a_digit_may_span_two_words_and_lie_beyond_the_end() {
        let words = [0x8000_0000_0000_0001, 0x5];
        assert_eq!(digit(&words, 0, 4), 1, "the lowest");
        assert_eq!(digit(&words, 63, 4), 0b1011, "across two words");
        assert_eq!(digit(&words, 126, 8), 0, "the end of the last word");
        assert_eq!(digit(&words, 640, 8), 0, "beyond");
    }
}
