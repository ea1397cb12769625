//! The client's private value a, where it can be injected.

use super::names::Names;
use super::types::Scenario;
use crate::model::steering::tries_allowed;
use crate::model::{SrpValue, Wish};
use crate::srp::search::{Lead, search_private};
use crate::srp::{BigUint, Group, parse_hex};

impl Scenario {
    /// The private value: the one of [`Names::a`], or the first after it whose A is as steering wishes, and which is odd if
    /// the exponent is to be. An odd a can be made to fit whatever x is.
    pub fn private_value(&self) -> BigUint {
        let drawn = parse_hex(&Names::of(self).a).unwrap_or_default();
        let reach = &self.steering.reach;
        let lead = reach.iter().find_map(|wish| match wish {
            Wish::Begins(SrpValue::A, class) => Some(Lead::new(class.beginnings())),
            _ => None,
        });
        let odd = reach.contains(&Wish::OddExponent);
        if lead.is_none() && !odd {
            return drawn;
        }
        let most = tries_allowed(self.steering.expected_tries_for_a());
        // What is not found is not reached, and the pool says so when it sees A.
        search_private(&Group::cognito(), &drawn, lead.as_ref(), odd, most)
            .map_or(drawn, |found| found.a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ByteClass, Steering};

    fn scenario(reach: &[Wish]) -> Scenario {
        Scenario {
            steering: Steering {
                reach: reach.to_vec(),
                ..Steering::default()
            },
            ..Scenario::plain("x", 7)
        }
    }

    #[test]
    fn a_is_as_drawn_unless_something_is_wished_of_it() {
        let drawn = parse_hex(&Names::of(&scenario(&[])).a).unwrap();
        let of_b = Wish::Begins(SrpValue::B, ByteClass::Top);
        for reach in [&[][..], &[of_b]] {
            assert_eq!(scenario(reach).private_value(), drawn, "{reach:?}");
        }
    }

    #[test]
    fn a_is_as_wished_and_still_as_wide() {
        let group = Group::cognito();
        for class in ByteClass::ALL {
            let wishes = [Wish::Begins(SrpValue::A, class), Wish::OddExponent];
            let a = scenario(&wishes).private_value();
            let a_pub = group.g.modpow(&a, &group.n);
            assert!(
                Lead::new(class.beginnings()).admits(&a_pub, group.octets()),
                "A is {class}"
            );
            assert!(a.bit(0), "{class}: a is odd");
            assert_eq!(a.bits(), 1024, "{class}: width");
        }
    }
}
