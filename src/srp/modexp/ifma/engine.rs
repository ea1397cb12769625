//! How the kernels make a field, and on which machines.

use std::cell::RefCell;

use num_bigint::BigUint;

use super::constants::{Constants, constants, limbs, number};
use super::lanes::{self, Lanes, Scratch};
use super::single::{self, Number};
use super::transpose;
use crate::srp::group::Group;
use crate::srp::modexp::engine::LANES;
use crate::srp::modexp::field::Field;

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
    type Entry = Number;

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
        // Below 5N.
        number(value.limbs()) % &Group::cognito_ref().n
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

    fn entry(self, element: &Number) -> Number {
        element.clone()
    }

    fn multiply_by(self, a: &mut Number, entry: &Number) {
        self.multiply(a, entry);
    }

    fn multiply_lanes_by(self, a: &mut Lanes, entries: [&Number; LANES]) {
        let entries = self.gather(entries);
        self.multiply_lanes(a, &entries);
    }
}

thread_local! {
    /// 20 KiB that would have to be zeroed for each product otherwise.
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::NEW) };
}
