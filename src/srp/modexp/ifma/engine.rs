//! How the kernels make a field, and on which machines.

use std::cell::RefCell;

use num_bigint::BigUint;

use super::constants::{Constants, constants, limbs, number};
use super::lanes::{self, Lanes, Scratch};
use super::single::{self, Entry, Number};
use super::{transpose, vector};
use crate::srp::group::Group;
use crate::srp::modexp::field::{Field, LANES};

/// The engine. There is one only where [`detect`](Self::detect) has seen the instructions that the kernels need, which is
/// what makes entering a kernel sound.
#[derive(Clone, Copy, Debug)]
pub(in crate::srp::modexp) struct Ifma {
    constants: &'static Constants,
}

impl Ifma {
    /// The engine, where the processor and the system offer AVX-512F and AVX-512-IFMA.
    pub(in crate::srp::modexp) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma")).then(|| {
            Self {
                constants: constants(),
            }
        })
    }
}

impl Field for Ifma {
    type Element = Number;
    type Lanes = Lanes;
    type Entry = Entry;

    const LANES_PAY: bool = true;

    fn enter(self, value: &BigUint) -> Number {
        let mut number = Number::new(&limbs(value));
        let r_squared = Number::new(&self.constants.r_squared);
        self.multiply(&mut number, &r_squared);
        number
    }

    fn leave(self, element: &Number) -> BigUint {
        let mut one = [0; super::constants::LIMBS];
        one[0] = 1;
        let mut value = Number::new(&one);
        self.multiply(&mut value, element);
        let n = &Group::cognito_ref().n;
        let mut value = number(value.limbs());
        // Four times at most.
        while value >= *n {
            value -= n;
        }
        value
    }

    fn one(self) -> Number {
        Number::new(&self.constants.one)
    }

    fn multiply(self, a: &mut Number, b: &Number) {
        // SAFETY: `self` exists, so the processor has AVX-512F and AVX-512-IFMA.
        unsafe { single::multiply(a, b.padded(), self.constants) }
    }

    fn square(self, a: &mut Number, times: u32) {
        for _ in 0..times {
            // SAFETY: `self` exists, so the processor has AVX-512F and AVX-512-IFMA.
            unsafe { single::square(a, self.constants) }
        }
    }

    fn gather(self, elements: [&Number; LANES]) -> Lanes {
        // SAFETY: `self` exists, so the processor has AVX-512F.
        unsafe { transpose::side_by_side(elements.map(Number::padded)) }
    }

    fn scatter(self, lanes: &Lanes) -> [Number; LANES] {
        // SAFETY: `self` exists, so the processor has AVX-512F.
        unsafe { transpose::one_by_one(lanes) }.map(|limbs| Number::new(&limbs))
    }

    fn multiply_lanes(self, a: &mut Lanes, b: &Lanes) {
        SCRATCH.with_borrow_mut(|scratch| {
            // SAFETY: `self` exists, so the processor has AVX-512F and AVX-512-IFMA.
            unsafe { lanes::multiply(a, b, scratch, self.constants) }
        });
    }

    fn square_lanes(self, a: &mut Lanes, times: u32) {
        SCRATCH.with_borrow_mut(|scratch| {
            for _ in 0..times {
                // SAFETY: `self` exists, so the processor has AVX-512F and AVX-512-IFMA.
                unsafe { lanes::square(a, scratch, self.constants) }
            }
        });
    }

    fn select(self, table: &[Lanes], at: [usize; LANES]) -> Lanes {
        // SAFETY: `self` exists, so the processor has AVX-512F.
        unsafe { lanes::select(table, at) }
    }

    fn entry(self, element: &Number) -> Entry {
        Entry(*element.padded())
    }

    fn expect_entry(self, entry: &Entry) {
        vector::prefetch(&entry.0);
    }

    fn element(self, entry: &Entry) -> Number {
        Number::padded_with(&entry.0)
    }

    fn multiply_by(self, a: &mut Number, entry: &Entry) {
        // SAFETY: `self` exists, so the processor has AVX-512F and AVX-512-IFMA.
        unsafe { single::multiply(a, &entry.0, self.constants) }
    }

    fn multiply_lanes_by(self, a: &mut Lanes, entries: [&Entry; LANES]) {
        // SAFETY: `self` exists, so the processor has AVX-512F.
        let entries = unsafe { transpose::side_by_side(entries.map(|entry| &entry.0)) };
        self.multiply_lanes(a, &entries);
    }
}

thread_local! {
    /// 20 KiB that would have to be zeroed for each product otherwise.
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::NEW) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::modexp::ifma::constants::{BITS, LIMBS};

    /// Numbers as kernels leave them: below 5N, not below N.
    #[test]
    fn numbers_that_are_not_least_residues_are_multiplied_right() {
        let Some(field) = Ifma::detect() else {
            eprintln!("not run: this machine has no AVX-512-IFMA");
            return;
        };
        let n = &Group::cognito_ref().n;
        let r = BigUint::from(1_u8) << (LIMBS * BITS as usize);
        let inverse = r.modinv(n).expect("R is prime to N");
        // The halves of these add up to more than a half holds, which happens by chance once in 2^48.
        let half = BigUint::from(1_u8) << (LIMBS / 2 * BITS as usize);
        let carrying = [
            &half * 2_u8 - 1_u8,
            &half * &half / 64_u8 - 1_u8,
            &half * 7_u8 - 2_u8,
        ];
        let values: Vec<BigUint> = [0_u8, 1, 2, 3, 4]
            .iter()
            .flat_map(|k| [n * *k, n * *k + 1_u8, n * (*k + 1) - 1_u8])
            .chain(carrying.into_iter().filter(|value| *value < n * 5_u8))
            .collect();
        for a in &values {
            let mut squared = Number::new(&limbs(a));
            field.square(&mut squared, 1);
            let mut eight = field.gather([&Number::new(&limbs(a)); LANES]);
            field.square_lanes(&mut eight, 1);
            for lane in field.scatter(&eight) {
                let squared = number(lane.limbs()) % n;
                assert_eq!(
                    squared,
                    a * a * &inverse % n,
                    "the square of {a:x}, side by side"
                );
            }
            let squared = number(squared.limbs());
            assert!(squared < n * 5_u8, "the square of {a:x} is below 5N");
            assert_eq!(squared % n, a * a * &inverse % n, "the square of {a:x}");
            for b in &values {
                let mut product = Number::new(&limbs(a));
                let b_limbs = Number::new(&limbs(b));
                field.multiply(&mut product, &b_limbs);
                let mut eight = field.gather([&Number::new(&limbs(a)); LANES]);
                field.multiply_lanes(&mut eight, &field.gather([&b_limbs; LANES]));
                let product = number(product.limbs());
                assert!(product < n * 5_u8, "{a:x} times {b:x} is below 5N");
                assert_eq!(product % n, a * b * &inverse % n, "{a:x} times {b:x}");
                for lane in field.scatter(&eight) {
                    let product = number(lane.limbs());
                    assert!(
                        product < n * 5_u8,
                        "{a:x} times {b:x}, side by side, is below 5N"
                    );
                    assert_eq!(
                        product % n,
                        a * b * &inverse % n,
                        "{a:x} times {b:x}, side by side"
                    );
                }
            }
        }
    }
}
