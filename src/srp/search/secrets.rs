//! The shared secret for many candidates.

use std::num::NonZero;

use num_bigint::BigUint;

use crate::srp::group::Group;
use crate::srp::modexp::{Engine, FixedPair, LANES};

/// Computes `S = (A·v^u)^b` for many b.
pub(super) struct Secrets<'a> {
    n: &'a BigUint,
    engine: Engine,
    a_pub: &'a BigUint,
    v: &'a BigUint,
    /// A table of v and A, modulo Cognito's N only.
    table: Option<FixedPair>,
}

impl<'a> Secrets<'a> {
    /// For b of up to `b_bits` bits and u of up to `u_bits`; others go without a table.
    pub(super) fn new(
        group: &'a Group,
        engine: Engine,
        a_pub: &'a BigUint,
        v: &'a BigUint,
        b_bits: u64,
        u_bits: u64,
    ) -> Self {
        let table = (group.n == Group::cognito_ref().n)
            .then(|| FixedPair::new(engine, [v, a_pub], [b_bits + u_bits, b_bits]));
        Self {
            n: &group.n,
            engine,
            a_pub,
            v,
            table,
        }
    }

    /// S for each pair of u and b, in their order; on all processors where there are many.
    pub(super) fn of(&self, pairs: &[(&BigUint, &BigUint)]) -> Vec<BigUint> {
        let threads = match pairs.len() {
            ..WORTH_THREADS => 1,
            _ => std::thread::available_parallelism().map_or(1, NonZero::get),
        };
        if threads == 1 {
            return self.some(pairs);
        }
        let share = pairs.len().div_ceil(threads).next_multiple_of(LANES);
        std::thread::scope(|scope| {
            let shares: Vec<_> = pairs
                .chunks(share)
                .map(|share| scope.spawn(|| self.some(share)))
                .collect();
            shares
                .into_iter()
                .flat_map(|share| match share.join() {
                    Ok(secrets) => secrets,
                    Err(panic) => std::panic::resume_unwind(panic),
                })
                .collect()
        })
    }

    fn some(&self, pairs: &[(&BigUint, &BigUint)]) -> Vec<BigUint> {
        if let Some(table) = &self.table {
            let exponents: Vec<[BigUint; 2]> =
                pairs.iter().map(|(u, b)| [*u * *b, (*b).clone()]).collect();
            return table.products(&exponents);
        }
        pairs
            .iter()
            .map(|(u, b)| {
                let base = self.a_pub * self.engine.modpow(self.v, u, self.n) % self.n;
                self.engine.modpow(&base, b, self.n)
            })
            .collect()
    }
}

/// From so many on, threads cost less than they save, on any engine.
pub(super) const WORTH_THREADS: usize = 256;
