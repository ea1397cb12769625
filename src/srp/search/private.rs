//! A private value a whose public value begins as one wants.

use num_bigint::BigUint;
use num_integer::Integer as _;
use num_traits::Zero as _;

use super::lead::Lead;
use super::powers::Powers;
use crate::srp::group::Group;
use crate::srp::modexp::Engine;

/// A private value that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPrivate {
    /// The private value a.
    pub a: BigUint,
    /// The public value A.
    pub a_pub: BigUint,
    /// How many values were tried.
    pub tries: u64,
}

/// The first a from `start` on whose `A = g^a` begins as `lead` says, among the odd ones if `odd`. `None` where `most`
/// tries find none.
///
/// An odd a makes the client's exponent `a + u·x` odd whenever `u·x` is even, which the service can then see to.
pub fn search_private(
    group: &Group,
    start: &BigUint,
    lead: Option<&Lead>,
    odd: bool,
    most: u64,
) -> Option<FoundPrivate> {
    if group.n.is_zero() {
        return None;
    }
    let start = if odd && start.is_even() {
        start + 1_u8
    } else {
        start.clone()
    };
    let step = if odd { 2 } else { 1 };
    let mut powers = Powers::new(group, Engine::current(), &start, step);
    for tries in 1..=most {
        if lead.is_none_or(|lead| lead.admits(powers.current(), group.octets())) {
            return Some(FoundPrivate {
                a: start + (tries - 1) * u64::from(step),
                a_pub: powers.current().clone(),
                tries,
            });
        }
        powers.advance();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_begins_so_and_is_odd_if_that_was_wanted() {
        let group = Group::cognito();
        let start = BigUint::from(1_u8) << 1023;
        for (lead, odd) in [
            (Lead::new(0x8000..=0xffff), false),
            (Lead::new(0x0001..=0x007f), true),
            (Lead::new(0..=0), false),
        ] {
            let found = search_private(&group, &start, Some(&lead), odd, 1_000_000).unwrap();
            assert_eq!(
                found.a_pub,
                group.g.modpow(&found.a, &group.n),
                "A of {lead:?}"
            );
            assert!(lead.admits(&found.a_pub, 384), "class of {lead:?}");
            assert!(!odd || found.a.is_odd(), "parity of {lead:?}");
        }
        let odd = search_private(&group, &start, None, true, 1).unwrap();
        assert_eq!(odd.a, start + 1_u8, "nothing but odd");
    }

    #[test]
    fn a_search_ends_where_it_is_told_to() {
        let group = Group::cognito();
        let lead = Lead::new(0..=0);
        let found = search_private(&group, &BigUint::from(5000_u32), Some(&lead), false, 3);
        assert_eq!(found, None);
    }
}
