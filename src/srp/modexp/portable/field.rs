//! What the windows and combs ask of the engine.

use num_bigint::BigUint;

use super::number::{DIGITS, Number, digits, value};
use super::product::{multiply, square};
use super::reduce::CONSTANTS;
use crate::srp::group::Group;
use crate::srp::modexp::field::{Field, LANES};

/// Arithmetic modulo N on numbers times R = 2^3136, see [`Number`]. What is kept is below 6·N and not reduced further;
/// only [`leave`](Field::leave) does that.
#[derive(Clone, Copy, Debug)]
pub(in crate::srp::modexp) struct Portable;

impl Field for Portable {
    type Element = Number;
    type Lanes = Box<[Number; LANES]>;
    /// Half the size: 896 KiB for the tables that serve 1024 bits.
    type Entry = [u32; DIGITS];

    const LANES_PAY: bool = false;

    fn enter(self, value: &BigUint) -> Number {
        let mut number = digits(value);
        multiply(&mut number, |at| CONSTANTS.r_squared[at]);
        number
    }

    fn leave(self, element: &Number) -> BigUint {
        let mut number = *element;
        multiply(&mut number, |at| u64::from(at == 0));
        let n = &Group::cognito_ref().n;
        let mut value = value(&number);
        // Five times at most.
        while value >= *n {
            value -= n;
        }
        value
    }

    fn one(self) -> Number {
        CONSTANTS.one
    }

    fn multiply(self, a: &mut Number, b: &Number) {
        multiply(a, |at| b[at]);
    }

    fn square(self, a: &mut Number, times: u32) {
        for _ in 0..times {
            square(a);
        }
    }

    fn gather(self, elements: [&Number; LANES]) -> Self::Lanes {
        Box::new(elements.map(|element| *element))
    }

    fn scatter(self, lanes: &Self::Lanes) -> [Number; LANES] {
        **lanes
    }

    fn multiply_lanes(self, a: &mut Self::Lanes, b: &Self::Lanes) {
        a.iter_mut()
            .zip(b.iter())
            .for_each(|(a, b)| self.multiply(a, b));
    }

    fn square_lanes(self, a: &mut Self::Lanes, times: u32) {
        a.iter_mut().for_each(|a| self.square(a, times));
    }

    fn select(self, table: &[Self::Lanes], at: [usize; LANES]) -> Self::Lanes {
        Box::new(std::array::from_fn(|lane| table[at[lane]][lane]))
    }

    fn entry(self, element: &Number) -> Self::Entry {
        element.map(|digit| digit as u32)
    }

    fn element(self, entry: &Self::Entry) -> Number {
        entry.map(u64::from)
    }

    fn multiply_by(self, a: &mut Number, entry: &Self::Entry) {
        multiply(a, |at| u64::from(entry[at]));
    }

    fn multiply_lanes_by(self, a: &mut Self::Lanes, entries: [&Self::Entry; LANES]) {
        a.iter_mut()
            .zip(entries)
            .for_each(|(a, entry)| self.multiply_by(a, entry));
    }
}
