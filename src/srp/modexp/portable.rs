//! The engine for any processor: safe Rust, 48 limbs of 64 bits, Montgomery form with R = 2^3072.
//!
//! The lowest limb of N is 2^64 − 1, so `−N⁻¹ mod 2^64` is 1: the digit by which N is added is the lowest limb itself.

use std::sync::LazyLock;

use num_bigint::BigUint;

use super::engine::LANES;
use super::field::Field;
use crate::srp::group::Group;

/// Scalar arithmetic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable;

/// A number below N, times R, its least significant limb first.
pub(super) type Number = [u64; LIMBS];

impl Field for Portable {
    type Element = Number;
    type Lanes = [Number; LANES];
    type Entry = Number;

    fn enter(self, value: &BigUint) -> Number {
        product(&limbs(value), &CONSTANTS.r_squared)
    }

    fn leave(self, element: &Number) -> BigUint {
        let mut one = [0; LIMBS];
        one[0] = 1;
        let value = product(element, &one);
        BigUint::from_bytes_le(&value.map(u64::to_le_bytes).concat())
    }

    fn one(self) -> Number {
        CONSTANTS.one
    }

    fn multiply(self, a: &mut Number, b: &Number) {
        *a = product(a, b);
    }

    fn square(self, a: &mut Number, times: u32) {
        for _ in 0..times {
            *a = product(a, a);
        }
    }

    fn gather(self, elements: [&Number; LANES]) -> Self::Lanes {
        elements.map(|element| *element)
    }

    fn scatter(self, lanes: &Self::Lanes) -> [Number; LANES] {
        *lanes
    }

    fn multiply_lanes(self, a: &mut Self::Lanes, b: &Self::Lanes) {
        a.iter_mut().zip(b).for_each(|(a, b)| self.multiply(a, b));
    }

    fn square_lanes(self, a: &mut Self::Lanes, times: u32) {
        a.iter_mut().for_each(|a| self.square(a, times));
    }

    fn select(self, table: &[Self::Lanes], at: [usize; LANES]) -> Self::Lanes {
        std::array::from_fn(|lane| table[at[lane]][lane])
    }

    fn entry(self, element: &Number) -> Number {
        *element
    }

    fn element(self, entry: &Number) -> Number {
        *entry
    }

    fn multiply_by(self, a: &mut Number, entry: &Number) {
        self.multiply(a, entry);
    }

    fn multiply_lanes_by(self, a: &mut Self::Lanes, entries: [&Number; LANES]) {
        a.iter_mut()
            .zip(entries)
            .for_each(|(a, entry)| self.multiply(a, entry));
    }
}

/// `a·b/R mod N`.
fn product(a: &Number, b: &Number) -> Number {
    let n = &CONSTANTS.n;
    let mut t = [0_u64; LIMBS + 2];
    for &digit in b {
        let mut carry = 0;
        for (t, &a) in t.iter_mut().zip(a) {
            (*t, carry) = multiply_add(a, digit, *t, carry);
        }
        let (sum, over) = t[LIMBS].overflowing_add(carry);
        (t[LIMBS], t[LIMBS + 1]) = (sum, u64::from(over));
        let q = t[0];
        let (_, mut carry) = multiply_add(q, n[0], t[0], 0);
        for at in 1..LIMBS {
            (t[at - 1], carry) = multiply_add(q, n[at], t[at], carry);
        }
        let (sum, over) = t[LIMBS].overflowing_add(carry);
        t[LIMBS - 1] = sum;
        t[LIMBS] = t[LIMBS + 1] + u64::from(over);
    }
    let mut difference = [0; LIMBS];
    let mut borrow = false;
    for at in 0..LIMBS {
        let (first, under) = t[at].overflowing_sub(n[at]);
        let (second, under_again) = first.overflowing_sub(u64::from(borrow));
        (difference[at], borrow) = (second, under || under_again);
    }
    if t[LIMBS] != 0 || !borrow {
        return difference;
    }
    std::array::from_fn(|at| t[at])
}

/// `a·b + c + d`, low half and high half.
fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let sum = u128::from(a) * u128::from(b) + u128::from(c) + u128::from(d);
    (sum as u64, (sum >> 64) as u64)
}

fn limbs(value: &BigUint) -> Number {
    let mut limbs = [0; LIMBS];
    for (limb, digit) in limbs.iter_mut().zip(value.iter_u64_digits()) {
        *limb = digit;
    }
    limbs
}

struct Constants {
    n: Number,
    one: Number,
    r_squared: Number,
}

static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| {
    let n = &Group::cognito_ref().n;
    let r = BigUint::from(1_u8) << (64 * LIMBS);
    Constants {
        n: limbs(n),
        one: limbs(&(&r % n)),
        r_squared: limbs(&(&r * &r % n)),
    }
});

const LIMBS: usize = 48;
