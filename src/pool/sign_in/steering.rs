//! Choosing b, after A has been seen, and salts, so that rare values occur; and saying what did not.

use num_integer::Integer as _;

use crate::model::steering::tries_allowed;
use crate::model::{ByteClass, SrpValue, Steering, Wish};
use crate::pool::state::random::PoolRandom;
use crate::srp::search::{Candidate, Exponent, Lead, Search, Wanted};
use crate::srp::{BigUint, Dialect, client_public, parse_hex, server_public};

/// What is known when b is chosen.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Known<'a> {
    /// How the service computes, rightly or not.
    pub(in crate::pool) service: &'a Dialect,
    /// How a right client computes.
    pub(in crate::pool) client: &'a Dialect,
    /// The verifier.
    pub(in crate::pool) v: &'a BigUint,
    /// The client's public value.
    pub(in crate::pool) a_pub: &'a BigUint,
    /// The client's private value, where somebody told it to the pool.
    pub(in crate::pool) a: Option<&'a BigUint>,
    /// A right client's x, or why v is not made from it.
    pub(in crate::pool) x: Result<BigUint, &'static str>,
    /// Why no B that is chosen reaches the client.
    pub(in crate::pool) sends_another_b: Option<&'static str>,
}

/// The private value that was chosen, and what it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pool) struct Chosen {
    /// The private value.
    pub(in crate::pool) b: BigUint,
    /// The public value.
    pub(in crate::pool) b_pub: BigUint,
    /// How many b were tried; 0 where none was looked for.
    pub(in crate::pool) tries: u64,
    /// Classes that were asked for and reached, e.g. `B:nib`.
    pub(in crate::pool) reached: Vec<String>,
    /// Classes that were asked for and not reached, with the reason.
    pub(in crate::pool) not_reached: Vec<String>,
}

/// Chooses b. Every wish is accounted for, as reached or as not.
pub(in crate::pool) fn choose_b(
    known: &Known<'_>,
    steering: &Steering,
    random: &mut PoolRandom,
) -> Chosen {
    let dictated = steering.b.as_deref().and_then(|hex| parse_hex(hex).ok());
    if steering.reach.is_empty() {
        let b = dictated.unwrap_or_else(|| random.number(USUAL_OCTETS));
        return Chosen {
            b_pub: server_public(known.service, known.v, &b),
            b,
            tries: 0,
            reached: Vec::new(),
            not_reached: Vec::new(),
        };
    }
    let search = known.search();
    let sought = Steering {
        reach: steering
            .reach
            .iter()
            .copied()
            .filter(|wish| !is_of_a(wish) && known.hindrance(&search, wish).is_none())
            .collect(),
        ..Steering::default()
    };
    let wanted = wanted(&sought.reach);
    let (candidate, tries, reason) = if let Some(b) = &dictated {
        (search.candidate(b), 0, "b is dictated".to_owned())
    } else if sought.is_empty() {
        let b = random.number(USUAL_OCTETS);
        let b_pub = server_public(known.service, known.v, &b);
        let candidate = Candidate {
            b,
            b_pub,
            u: None,
            s: None,
        };
        (candidate, 0, String::new())
    } else {
        // A short b makes trying for S bearable.
        let start = match wanted.s {
            Some(_) => random.number(SHORT_OCTETS) >> 1,
            None => random.number(USUAL_OCTETS),
        };
        let most = tries_allowed(sought.expected_tries());
        let found = search.run(&start, &wanted, most);
        let reason = format!("not within {most} tries");
        (found.candidate, found.tries, reason)
    };

    let mut chosen = Chosen {
        b: candidate.b.clone(),
        b_pub: candidate.b_pub.clone(),
        tries,
        reached: Vec::new(),
        not_reached: Vec::new(),
    };
    for wish in &steering.reach {
        let why_not = match known.hindrance(&search, wish) {
            Some(hindrance) => Some(hindrance),
            None if known.holds(wish, &candidate) => None,
            None => Some(reason.as_str()),
        };
        match why_not {
            None => chosen.reached.push(wish.to_string()),
            Some(why) => chosen.not_reached.push(format!("{wish}: {why}")),
        }
    }
    chosen
}

/// Octets whose beginning is in this class, made from random ones.
pub(in crate::pool) fn shape_salt(octets: &mut [u8], class: ByteClass) {
    let [first, second, ..] = octets else { return };
    match class {
        ByteClass::Top => *first |= 0x80,
        ByteClass::ZeroNibble => *first = 1 + *first % 0x0f,
        ByteClass::ZeroLow => {
            *first = 0;
            *second = 1 + *second % 0x7f;
        }
        ByteClass::ZeroHigh => {
            *first = 0;
            *second |= 0x80;
        }
        ByteClass::ZeroZero => (*first, *second) = (0, 0),
        ByteClass::Plain => *first = 0x10 + *first % 0x70,
    }
}

impl Known<'_> {
    fn search(&self) -> Search<'_> {
        let search = Search::new(self.service, self.client, self.v, self.a_pub);
        match self.exponent() {
            Ok(exponent) => search.with_exponent(exponent),
            Err(_) => search,
        }
    }

    /// What the parity of the client's exponent follows from, or what is missing.
    fn exponent(&self) -> Result<Exponent, &'static str> {
        let a = self.a.ok_or(NEEDS_A)?;
        if client_public(self.client, a).as_ref() != Ok(self.a_pub) {
            return Err(OTHER_A);
        }
        Ok(Exponent {
            a: a.clone(),
            x: self.x.clone()?,
        })
    }

    /// Why no b could fulfil the wish.
    fn hindrance(&self, search: &Search<'_>, wish: &Wish) -> Option<&'static str> {
        if let Wish::Begins(SrpValue::A, class) = wish {
            let width = self.client.group.octets();
            return match lead(*class).admits(self.a_pub, width) {
                true => None,
                false if self.a.is_none() => Some(NEEDS_A),
                false => self.exponent().err().or(Some(NO_SUCH_A)),
            };
        }
        if self.sends_another_b.is_some() {
            return self.sends_another_b;
        }
        match wish {
            Wish::Begins(SrpValue::S, _) => match &self.x {
                Err(why) => Some(why),
                Ok(_) if !search.knows_s() => Some("the pool's B is not made as clients expect"),
                Ok(_) => None,
            },
            Wish::OddExponent => match self.exponent() {
                Err(why) => Some(why),
                Ok(exponent) if exponent.a.is_even() && exponent.x.is_even() => {
                    Some("a and x are even")
                }
                Ok(_) => None,
            },
            Wish::Begins(..) => None,
        }
    }

    fn holds(&self, wish: &Wish, candidate: &Candidate) -> bool {
        let (n, hash) = (self.client.group.octets(), self.client.hash.octets());
        let begins = |value: Option<&BigUint>, width, class| {
            value.is_some_and(|value| lead(class).admits(value, width))
        };
        match *wish {
            Wish::Begins(SrpValue::A, class) => begins(Some(self.a_pub), n, class),
            Wish::Begins(SrpValue::B, class) => begins(Some(&candidate.b_pub), n, class),
            Wish::Begins(SrpValue::U, class) => begins(candidate.u.as_ref(), hash, class),
            Wish::Begins(SrpValue::S, class) => begins(candidate.s.as_ref(), n, class),
            Wish::OddExponent => match (self.exponent(), &candidate.u) {
                (Ok(exponent), Some(u)) => exponent.is_odd(u),
                _ => false,
            },
        }
    }
}

fn wanted(wishes: &[Wish]) -> Wanted {
    let class = |wanted| {
        wishes.iter().find_map(|wish| match wish {
            Wish::Begins(value, class) if *value == wanted => Some(lead(*class)),
            _ => None,
        })
    };
    Wanted {
        b_pub: class(SrpValue::B),
        u: class(SrpValue::U),
        s: class(SrpValue::S),
        odd: wishes.contains(&Wish::OddExponent),
    }
}

fn lead(class: ByteClass) -> Lead {
    Lead::new(class.beginnings())
}

fn is_of_a(wish: &Wish) -> bool {
    matches!(wish, Wish::Begins(SrpValue::A, _))
}

/// Octets of b, unless S is steered. The service's number is not public and no client can tell.
const USUAL_OCTETS: usize = 32;
const SHORT_OCTETS: usize = 8;
const NEEDS_A: &str = "needs inject: a";
const OTHER_A: &str = "A is not g^a of the injected a";
const NO_SUCH_A: &str = "the injected a was not chosen for it";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::{Credentials, KRule, Salt, client_session, private_key_x};

    struct Scene {
        dialect: Dialect,
        salt: Salt,
        x: BigUint,
        v: BigUint,
        a: BigUint,
        a_pub: BigUint,
    }

    impl Scene {
        fn new() -> Self {
            let dialect = Dialect::cognito();
            let salt = Salt::from_hex("beb25379d1a8581eb5a727673a2441ee").unwrap();
            let x = private_key_x(&dialect, &ALICE, &salt).x;
            let v = dialect.group.g.modpow(&x, &dialect.group.n);
            let a = BigUint::from(0x0123_4567_89ab_cdef_u64);
            let a_pub = client_public(&dialect, &a).unwrap();
            Self {
                dialect,
                salt,
                x,
                v,
                a,
                a_pub,
            }
        }

        fn known(&self) -> Known<'_> {
            Known {
                service: &self.dialect,
                client: &self.dialect,
                v: &self.v,
                a_pub: &self.a_pub,
                a: None,
                x: Ok(self.x.clone()),
                sends_another_b: None,
            }
        }
    }

    fn reach(wishes: &[Wish]) -> Steering {
        Steering {
            reach: wishes.to_vec(),
            ..Steering::default()
        }
    }

    fn choose(known: &Known<'_>, steering: &Steering) -> Chosen {
        let chosen = choose_b(known, steering, &mut PoolRandom::new(1));
        let accounted = chosen.reached.len() + chosen.not_reached.len();
        assert_eq!(accounted, steering.reach.len(), "{steering:?}: {chosen:?}");
        chosen
    }

    #[test]
    fn every_class_of_b_and_u_is_reached_within_the_bound() {
        let scene = Scene::new();
        for value in [SrpValue::B, SrpValue::U] {
            for class in ByteClass::ALL {
                let chosen = choose(&scene.known(), &reach(&[Wish::Begins(value, class)]));
                assert_eq!(chosen.reached, [format!("{value}:{class}")]);
                assert!(chosen.tries >= 1, "{value} {class}: tries");
                assert_eq!(
                    chosen.b_pub,
                    server_public(&scene.dialect, &scene.v, &chosen.b),
                    "{value} {class}: B of the b that was found"
                );
            }
        }
    }

    #[test]
    fn a_class_of_s_is_reached_as_the_client_will_compute_it() {
        let scene = Scene::new();
        let wish = Wish::Begins(SrpValue::S, ByteClass::ZeroHigh);
        let chosen = choose(&scene.known(), &reach(&[wish]));
        assert_eq!(chosen.reached, ["S:00hi"]);
        let Scene {
            dialect, a, salt, ..
        } = &scene;
        let session = client_session(dialect, &ALICE, a, salt, &chosen.b_pub).unwrap();
        let admits = lead(ByteClass::ZeroHigh).admits(&session.s, 384);
        assert!(admits, "S at the client");
    }

    #[test]
    fn what_needs_a_is_reached_where_it_is_told_and_else_not_with_the_reason() {
        let scene = Scene::new();
        let a_class = ByteClass::of(&scene.a_pub.to_bytes_be());
        assert_ne!(a_class, ByteClass::ZeroZero, "the other class is another");
        let wishes = reach(&[
            Wish::Begins(SrpValue::A, ByteClass::ZeroZero),
            Wish::OddExponent,
            Wish::Begins(SrpValue::B, ByteClass::ZeroNibble),
        ]);
        let chosen = choose(&scene.known(), &wishes);
        assert_eq!(chosen.reached, ["B:nib"], "what b alone decides");
        assert_eq!(
            chosen.not_reached,
            ["A:0000: needs inject: a", "exponent:odd: needs inject: a"],
            "nothing is told"
        );

        let told = Known {
            a: Some(&scene.a),
            ..scene.known()
        };
        let chosen = choose(&told, &wishes);
        assert_eq!(chosen.reached, ["exponent:odd", "B:nib"], "a is told");
        assert_eq!(
            chosen.not_reached,
            ["A:0000: the injected a was not chosen for it"]
        );
        let Scene {
            dialect, a, salt, ..
        } = &scene;
        let session = client_session(dialect, &ALICE, a, salt, &chosen.b_pub).unwrap();
        assert!((a + session.u * session.x).is_odd(), "parity at the client");

        let other = BigUint::from(5_u8);
        let lied = Known {
            a: Some(&other),
            ..scene.known()
        };
        let chosen = choose(&lied, &wishes);
        assert_eq!(
            chosen.not_reached[1],
            "exponent:odd: A is not g^a of the injected a"
        );
        let a_as_it_is = reach(&[Wish::Begins(SrpValue::A, a_class)]);
        let chosen = choose(&scene.known(), &a_as_it_is);
        assert_eq!(chosen.reached, [format!("A:{a_class}")], "by chance");
        assert_eq!(chosen.tries, 0, "nothing was sought");
    }

    #[test]
    fn a_mistaken_pool_claims_nothing_of_the_s_that_only_the_client_knows() {
        let scene = Scene::new();
        let wishes = reach(&[
            Wish::Begins(SrpValue::S, ByteClass::Top),
            Wish::Begins(SrpValue::U, ByteClass::Top),
        ]);
        let mut service = scene.dialect.clone();
        service.k = KRule::Constant(BigUint::from(3_u8));
        let mistaken = Known {
            service: &service,
            ..scene.known()
        };
        let chosen = choose(&mistaken, &wishes);
        assert_eq!(chosen.reached, ["u:top"], "another k");
        let strange = Known {
            x: Err("the user is unknown"),
            ..scene.known()
        };
        let chosen = choose(&strange, &wishes);
        assert_eq!(chosen.not_reached, ["S:top: the user is unknown"]);
        let silent = Known {
            sends_another_b: Some("B is no B"),
            ..scene.known()
        };
        let chosen = choose(&silent, &wishes);
        assert_eq!(chosen.not_reached, ["S:top: B is no B", "u:top: B is no B"]);
    }

    #[test]
    fn a_dictated_b_wins_and_an_unreached_class_says_why() {
        let scene = Scene::new();
        let steering = Steering {
            b: Some("0A".to_owned()),
            ..reach(&ByteClass::ALL.map(|class| Wish::Begins(SrpValue::S, class)))
        };
        let chosen = choose(&scene.known(), &steering);
        assert_eq!(chosen.b, BigUint::from(10_u32), "b");
        assert_eq!(chosen.reached.len(), 1, "S is in one class: {chosen:?}");
        assert!(
            chosen
                .not_reached
                .iter()
                .all(|text| text.ends_with("b is dictated")),
            "{:?}",
            chosen.not_reached
        );
    }

    #[test]
    fn a_shaped_salt_is_in_its_class() {
        for seed in 0..64_u8 {
            for class in ByteClass::ALL {
                let mut octets = [seed.wrapping_mul(37), seed.wrapping_mul(91), 1];
                shape_salt(&mut octets, class);
                assert_eq!(ByteClass::of(&octets), class, "{octets:02x?}");
            }
        }
    }

    const ALICE: Credentials<'static> = Credentials {
        scope: "TestPool1",
        user: "alice",
        password: b"Passw0rd!",
    };
}
