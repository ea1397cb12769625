//! `A^b · v^e` for consecutive b: the search for an S that begins as one wants.

use std::fmt;

use num_bigint::BigUint;

use super::comb::Comb;
use super::engine::{Engine, Kind, LANES};
use super::field::Field;
#[cfg(target_arch = "x86_64")]
use super::ifma::Ifma;
use super::portable::Portable;
use super::reference;
use crate::srp::group::Group;

/// Goes through b, b + 1, b + 2 … in groups of eight, and gives `A^b · v^e` for an e of one's choice for each.
///
/// A^b costs one product a group; `v^e` comes from a table of v.
pub struct Scan(Inner);

enum Inner {
    Reference(Plain),
    Portable(Walk<Portable>),
    #[cfg(target_arch = "x86_64")]
    Ifma(Walk<Ifma>),
}

impl Scan {
    /// A scan that begins at `b`, for e of up to `most_bits` bits.
    pub fn new(engine: Engine, a_pub: &BigUint, b: &BigUint, v: &BigUint, most_bits: u64) -> Self {
        let n = &Group::cognito_ref().n;
        let (a_pub, v) = (a_pub % n, v % n);
        Self(match engine.0 {
            Kind::Reference => Inner::Reference(Plain {
                a_pub,
                b: b.clone(),
                v,
            }),
            Kind::Portable(field) => Inner::Portable(Walk::new(field, &a_pub, b, v, most_bits)),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(field) => Inner::Ifma(Walk::new(field, &a_pub, b, v, most_bits)),
        })
    }

    /// `A^(b+i) · v^e[i]` for the next eight b.
    pub fn next_eight(&mut self, exponents: [&BigUint; LANES]) -> [BigUint; LANES] {
        match &mut self.0 {
            Inner::Reference(plain) => plain.next_eight(exponents),
            Inner::Portable(walk) => walk.next_eight(exponents),
            #[cfg(target_arch = "x86_64")]
            Inner::Ifma(walk) => walk.next_eight(exponents),
        }
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").finish_non_exhaustive()
    }
}

struct Plain {
    a_pub: BigUint,
    b: BigUint,
    v: BigUint,
}

impl Plain {
    fn next_eight(&mut self, exponents: [&BigUint; LANES]) -> [BigUint; LANES] {
        let n = &Group::cognito_ref().n;
        exponents.map(|exponent| {
            let left = reference::modpow(&self.a_pub, &self.b, n);
            self.b += 1_u8;
            left * reference::modpow(&self.v, exponent, n) % n
        })
    }
}

struct Walk<F: Field> {
    field: F,
    /// A^(b+i) in lane i.
    powers: F::Lanes,
    /// A^8 in every lane.
    stride: F::Lanes,
    comb: Comb<F>,
}

impl<F: Field> Walk<F> {
    fn new(field: F, a_pub: &BigUint, b: &BigUint, v: BigUint, most_bits: u64) -> Self {
        let a = field.enter(a_pub);
        let first = super::window::power(field, a_pub, b);
        let mut powers = vec![field.enter(&first)];
        while powers.len() < LANES {
            let mut next = powers[powers.len() - 1].clone();
            field.multiply(&mut next, &a);
            powers.push(next);
        }
        let mut stride = a;
        field.square(&mut stride, LANES.ilog2());
        Self {
            field,
            powers: field.gather(std::array::from_fn(|lane| &powers[lane])),
            stride: field.gather([&stride; LANES]),
            comb: Comb::new(field, v, most_bits),
        }
    }

    fn next_eight(&mut self, exponents: [&BigUint; LANES]) -> [BigUint; LANES] {
        let mut products = self.comb.lanes(exponents);
        self.field.multiply_lanes(&mut products, &self.powers);
        self.field.multiply_lanes(&mut self.powers, &self.stride);
        self.field
            .scatter(&products)
            .map(|product| self.field.leave(&product))
    }
}
