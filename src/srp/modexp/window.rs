//! Powers of any base: windows of the exponent.

use num_bigint::BigUint;

use super::field::{Field, LANES, digit};

/// One power to compute.
#[derive(Clone, Copy, Debug)]
pub struct Power<'a> {
    /// The base, reduced or not.
    pub base: &'a BigUint,
    /// The exponent, of any size.
    pub exponent: &'a BigUint,
}

/// `base^exponent` for a base below N: sliding windows over the exponent, from its top.
pub(super) fn power<F: Field>(field: F, base: &BigUint, exponent: &BigUint) -> BigUint {
    let words = exponent.to_u64_digits();
    let bits = exponent.bits();
    let width = window_width(bits);
    // Odd powers: base^1, base^3, base^5 …
    let mut odd = vec![field.enter(base)];
    let mut square = odd[0].clone();
    field.square(&mut square, 1);
    while odd.len() < 1 << (width - 1) {
        let mut next = odd[odd.len() - 1].clone();
        field.multiply(&mut next, &square);
        odd.push(next);
    }

    let mut power = field.one();
    let mut begun = false;
    let mut at = bits;
    let mut squarings = 0;
    while at > 0 {
        if !exponent.bit(at - 1) {
            squarings += 1;
            at -= 1;
            continue;
        }
        let mut length = u64::from(width).min(at);
        let mut window = digit(&words, at - length, length as u32);
        let zeros = u64::from(window.trailing_zeros());
        length -= zeros;
        window >>= zeros;
        at -= length;
        if begun {
            field.square(&mut power, squarings + length as u32);
            field.multiply(&mut power, &odd[window / 2]);
        } else {
            power.clone_from(&odd[window / 2]);
            begun = true;
        }
        squarings = 0;
    }
    field.square(&mut power, squarings);
    field.leave(&power)
}

/// Many powers, in their order: eight side by side, what is left over one by one.
pub(super) fn powers<F: Field>(field: F, powers: &[Power<'_>], modulus: &BigUint) -> Vec<BigUint> {
    let mut results = Vec::with_capacity(powers.len());
    let mut groups = powers.chunks_exact(LANES);
    for group in groups.by_ref() {
        if let Ok(group) = <&[Power<'_>; LANES]>::try_from(group) {
            results.extend(eight(field, group, modulus));
        }
    }
    let rest = groups.remainder();
    if rest.len() >= WORTH_LANES {
        let filled: [Power<'_>; LANES] = std::array::from_fn(|lane| rest[lane.min(rest.len() - 1)]);
        results.extend(eight(field, &filled, modulus).into_iter().take(rest.len()));
    } else {
        for power in rest {
            results.push(self::power(
                field,
                &reduced(power.base, modulus),
                power.exponent,
            ));
        }
    }
    results
}

/// Eight powers side by side. Their exponents differ, so windows lie at the same places in all of them.
fn eight<F: Field>(field: F, powers: &[Power<'_>; LANES], modulus: &BigUint) -> [BigUint; LANES] {
    let words = powers
        .each_ref()
        .map(|power| power.exponent.to_u64_digits());
    let bits = powers
        .iter()
        .map(|power| power.exponent.bits())
        .max()
        .unwrap_or_default();
    let width = fixed_width(bits);
    let bases = powers
        .each_ref()
        .map(|power| field.enter(&reduced(power.base, modulus)));
    let one = field.one();
    let base = field.gather(bases.each_ref());
    let mut table: Vec<F::Lanes> = vec![field.gather([&one; LANES]), base.clone()];
    while table.len() < 1 << width {
        let mut next = table[table.len() / 2].clone();
        if table.len().is_multiple_of(2) {
            field.square_lanes(&mut next, 1);
        } else {
            next = table[table.len() - 1].clone();
            field.multiply_lanes(&mut next, &base);
        }
        table.push(next);
    }
    let windows = bits.div_ceil(u64::from(width));
    let mut power = table[0].clone();
    for window in (0..windows).rev() {
        if window + 1 < windows {
            field.square_lanes(&mut power, width);
        }
        let at = words
            .each_ref()
            .map(|words| digit(words, window * u64::from(width), width));
        let factor = field.select(&table, at);
        if window + 1 < windows {
            field.multiply_lanes(&mut power, &factor);
        } else {
            power = factor;
        }
    }
    field.scatter(&power).map(|element| field.leave(&element))
}

/// The least residue, without a division where there is nothing to divide.
pub(super) fn reduced(value: &BigUint, modulus: &BigUint) -> BigUint {
    if value < modulus {
        value.clone()
    } else {
        value % modulus
    }
}

/// The width with the fewest products, table included, for a sliding window.
fn window_width(bits: u64) -> u32 {
    match bits {
        0..=23 => 2,
        24..=79 => 3,
        80..=239 => 4,
        240..=671 => 5,
        672..=1791 => 6,
        _ => 7,
    }
}

/// The same for windows at fixed places.
fn fixed_width(bits: u64) -> u32 {
    match bits {
        0..=63 => 2,
        64..=191 => 3,
        192..=479 => 4,
        480..=1279 => 5,
        _ => 6,
    }
}

/// How many powers have to be left over before eight lanes cost less than one after the other.
const WORTH_LANES: usize = 7;
