//! A private value b whose challenge is as one wants.

use num_bigint::BigUint;
use num_integer::Integer as _;

use super::lead::Lead;
use super::powers::Powers;
use super::secrets::{Secrets, WORTH_THREADS};
use crate::srp::dialect::{BaseRule, Dialect};
use crate::srp::modexp::{Engine, LANES};
use crate::srp::session::{multiplier, scrambler};

/// What a challenge is to be like. Nothing is wanted by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How B begins, at N's width.
    pub b_pub: Option<Lead>,
    /// How u begins, at the hash's width.
    pub u: Option<Lead>,
    /// How S begins, at N's width.
    pub s: Option<Lead>,
    /// Whether the client's exponent `a + u·x` is odd.
    pub odd: bool,
}

/// What the parity of the client's exponent `a + u·x` is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exponent {
    /// The client's private value.
    pub a: BigUint,
    /// The client's private key.
    pub x: BigUint,
}

impl Exponent {
    /// Whether it is odd for this u.
    pub fn is_odd(&self, u: &BigUint) -> bool {
        self.a.is_odd() != (u.is_odd() && self.x.is_odd())
    }
}

/// A b, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The private value.
    pub b: BigUint,
    /// The public value that the service sends.
    pub b_pub: BigUint,
    /// The client's u; `None` where it refuses it.
    pub u: Option<BigUint>,
    /// The client's S; `None` where it was not asked for, or can't be told (see [`Search::knows_s`]).
    pub s: Option<BigUint>,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The first b for which everything holds; else one for which all but S does; else the one that it began with.
    pub candidate: Candidate,
    /// Whether everything holds.
    pub holds: bool,
    /// How many b were tried.
    pub tries: u64,
}

/// A search for b, once A is known.
///
/// The service may be mistaken: its B is made by its own dialect, and u and S are judged as the client's dialect computes
/// them from that B. The same search serves the round of a user and that of a device: they differ in dialect and v.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    service: &'a Dialect,
    client: &'a Dialect,
    v: &'a BigUint,
    a_pub: &'a BigUint,
    exponent: Option<Exponent>,
    engine: Engine,
    /// k·v, modulo N.
    k_v: BigUint,
    knows_s: bool,
}

impl<'a> Search<'a> {
    /// A search for a challenge of `service` to `client`. No N may be zero.
    pub fn new(
        service: &'a Dialect,
        client: &'a Dialect,
        v: &'a BigUint,
        a_pub: &'a BigUint,
    ) -> Self {
        let k = multiplier(service);
        Self {
            service,
            client,
            v,
            a_pub,
            exponent: None,
            engine: Engine::current(),
            k_v: &k * v % &service.group.n,
            knows_s: service.group.n == client.group.n
                && service.group.g == client.group.g
                && k == multiplier(client)
                && client.base == BaseRule::Residue,
        }
    }

    /// The same with what tells the parity of the client's exponent; without it no exponent is known to be odd.
    pub fn with_exponent(self, exponent: Exponent) -> Self {
        Self {
            exponent: Some(exponent),
            ..self
        }
    }

    /// The same on this engine rather than the one in use.
    pub fn on(self, engine: Engine) -> Self {
        Self { engine, ..self }
    }

    /// Whether the client's S is the service's `(A·v^u)^b`, given that v is the client's `g^x`. Where the service makes B
    /// in another way, only who knows a could tell S.
    pub fn knows_s(&self) -> bool {
        self.knows_s
    }

    /// What comes of this b, S included where it can be told.
    pub fn candidate(&self, b: &BigUint) -> Candidate {
        let group = &self.service.group;
        let b_pub = self.public(&self.engine.modpow(&group.g, b, &group.n));
        let u = scrambler(self.client, self.a_pub, &b_pub).ok();
        let s = match &u {
            Some(u) if self.knows_s => self.secrets(b).of(&[(u, b)]).pop(),
            _ => None,
        };
        Candidate {
            b: b.clone(),
            b_pub,
            u,
            s,
        }
    }

    /// Goes through `start`, `start + 1` … until everything that is wanted holds, at most `most` of them. The outcome
    /// depends on nothing else: neither on the engine nor on the number of processors.
    pub fn run(&self, start: &BigUint, wanted: &Wanted, most: u64) -> Found {
        let mut powers = Powers::new(&self.service.group, self.engine, start, 1);
        let secrets = wanted.s.as_ref().map(|_| self.secrets(&(start + most)));
        let block = wanted.s.as_ref().map_or(1, block);
        let mut waiting: Vec<(u64, Candidate)> = Vec::new();
        let mut nearest: Option<Candidate> = None;
        for tries in 1..=most {
            let b_pub = self.public(powers.current());
            powers.advance();
            if let Some(u) = self.passes(wanted, &b_pub) {
                let candidate = Candidate {
                    b: start + (tries - 1),
                    b_pub,
                    u: Some(u),
                    s: None,
                };
                waiting.push((tries, candidate));
            }
            if waiting.len() < block && tries < most {
                continue;
            }
            if let Some(secrets) = &secrets {
                add_secrets(secrets, &mut waiting);
            }
            for (tries, candidate) in waiting.drain(..) {
                if self.begins(candidate.s.as_ref(), wanted.s.as_ref()) {
                    return Found {
                        candidate,
                        holds: true,
                        tries,
                    };
                }
                nearest.get_or_insert(candidate);
            }
        }
        Found {
            candidate: nearest.unwrap_or_else(|| self.candidate(start)),
            holds: false,
            tries: most,
        }
    }

    /// `B = k·v + g^b`.
    fn public(&self, power: &BigUint) -> BigUint {
        let mut b_pub = &self.k_v + power;
        if b_pub >= self.service.group.n {
            b_pub -= &self.service.group.n;
        }
        b_pub
    }

    /// The u of this B, if all that is wanted holds but for S.
    fn passes(&self, wanted: &Wanted, b_pub: &BigUint) -> Option<BigUint> {
        let width = self.client.group.octets();
        if !wanted
            .b_pub
            .as_ref()
            .is_none_or(|lead| lead.admits(b_pub, width))
        {
            return None;
        }
        let u = scrambler(self.client, self.a_pub, b_pub).ok()?;
        let begins = wanted
            .u
            .as_ref()
            .is_none_or(|lead| lead.admits(&u, self.client.hash.octets()));
        let is_odd = || {
            let exponent = self.exponent.as_ref();
            exponent.is_some_and(|exponent| exponent.is_odd(&u))
        };
        (begins && (!wanted.odd || is_odd())).then_some(u)
    }

    fn begins(&self, s: Option<&BigUint>, lead: Option<&Lead>) -> bool {
        let width = self.client.group.octets();
        match (s, lead) {
            (_, None) => true,
            (Some(s), Some(lead)) => self.knows_s && lead.admits(s, width),
            (None, Some(_)) => false,
        }
    }

    fn secrets(&self, longest_b: &BigUint) -> Secrets<'_> {
        let u_bits = 8 * self.client.hash.octets() as u64;
        Secrets::new(
            &self.client.group,
            self.engine,
            self.a_pub,
            self.v,
            longest_b.bits(),
            u_bits,
        )
    }
}

fn add_secrets(secrets: &Secrets<'_>, waiting: &mut [(u64, Candidate)]) {
    let pairs: Vec<_> = waiting
        .iter()
        .filter_map(|(_, candidate)| Some((candidate.u.as_ref()?, &candidate.b)))
        .collect();
    let made = secrets.of(&pairs);
    for ((_, candidate), s) in waiting.iter_mut().zip(made) {
        candidate.s = Some(s);
    }
}

/// How many candidates wait for each other before S is computed for them: eight share an engine's lanes, many share the
/// processors, and where S takes few tries most of a group would be for nothing.
fn block(lead: &Lead) -> usize {
    match lead.expected_tries() {
        expected if expected < LANES as f64 => expected.ceil() as usize,
        expected if expected < LONG => LANES,
        _ => 2 * WORTH_THREADS,
    }
}

/// Expected tries for S from which on a search is long.
const LONG: f64 = 4096.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srp::{
        Credentials, Group, Hash, KRule, Salt, URule, client_public, client_session_with_x,
        device_verifier, private_key_x, server_public, server_session,
    };

    /// Both sides of a round, and what is needed to compute it anew.
    struct Round {
        dialect: Dialect,
        a: BigUint,
        a_pub: BigUint,
        x: BigUint,
        v: BigUint,
    }

    impl Round {
        fn new(dialect: Dialect, x: BigUint, v: BigUint) -> Self {
            let a = BigUint::from(0x0123_4567_89ab_cdef_u64);
            let a_pub = client_public(&dialect, &a).unwrap();
            Self {
                dialect,
                a,
                a_pub,
                x,
                v,
            }
        }

        fn user(dialect: Dialect) -> Self {
            let credentials = Credentials {
                scope: "TestPool1",
                user: "alice",
                password: b"Passw0rd!",
            };
            let salt = Salt::from_hex("beb25379d1a8581eb5a727673a2441ee").unwrap();
            let x = private_key_x(&dialect, &credentials, &salt).x;
            let v = dialect.group.g.modpow(&x, &dialect.group.n);
            Self::new(dialect, x, v)
        }

        fn device() -> Self {
            let salt = Salt::from_hex("9a0f1e2d3c4b5a69788796a5b4c3d2e1").unwrap();
            let made = device_verifier("-group", "us-east-1_device", "device password", &salt);
            Self::new(Dialect::cognito_device(), made.x, made.v)
        }

        fn search(&self) -> Search<'_> {
            Search::new(&self.dialect, &self.dialect, &self.v, &self.a_pub).with_exponent(
                Exponent {
                    a: self.a.clone(),
                    x: self.x.clone(),
                },
            )
        }

        /// What was found, computed anew by both sides.
        fn check(&self, found: &Found, wanted: &Wanted, what: &str) {
            assert!(found.holds, "{what}: found within the bound");
            let Candidate { b, b_pub, u, s } = &found.candidate;
            let server = server_session(&self.dialect, &self.v, b, &self.a_pub).unwrap();
            let client = client_session_with_x(&self.dialect, &self.x, &self.a, b_pub).unwrap();
            assert_eq!(*b_pub, server.b_pub, "{what}: B");
            assert_eq!(*u, Some(client.u.clone()), "{what}: u");
            assert_eq!(client.s, server.s, "{what}: S of both sides");
            if s.is_some() {
                assert_eq!(*s, Some(client.s.clone()), "{what}: S");
            }
            let (n, hash) = (self.dialect.group.octets(), self.dialect.hash.octets());
            for (name, lead, value, width) in [
                ("B", &wanted.b_pub, b_pub, n),
                ("u", &wanted.u, &client.u, hash),
                ("S", &wanted.s, &client.s, n),
            ] {
                if let Some(lead) = lead {
                    assert!(lead.admits(value, width), "{what}: {name} begins so");
                }
            }
            if wanted.odd {
                assert!((&self.a + &client.u * &self.x).is_odd(), "{what}: parity");
            }
        }
    }

    fn top() -> Option<Lead> {
        Some(Lead::new(0x8000..=0xffff))
    }

    fn nibble() -> Option<Lead> {
        Some(Lead::new(0x0100..=0x0fff))
    }

    fn zero_low() -> Option<Lead> {
        Some(Lead::new(0x0001..=0x007f))
    }

    fn wishes() -> Vec<Wanted> {
        let none = Wanted::default;
        vec![
            none(),
            Wanted {
                b_pub: zero_low(),
                ..none()
            },
            Wanted {
                u: nibble(),
                odd: true,
                ..none()
            },
            Wanted {
                s: nibble(),
                ..none()
            },
            Wanted {
                b_pub: nibble(),
                u: top(),
                s: top(),
                odd: true,
            },
        ]
    }

    #[test]
    fn what_is_found_is_what_both_sides_compute_for_users_and_devices_on_every_engine() {
        let start = BigUint::from(0x1_0000_u32);
        for round in [Round::user(Dialect::cognito()), Round::device()] {
            for (at, wanted) in wishes().iter().enumerate() {
                let what = format!("{}, wish {at}", round.dialect.id);
                let mut outcomes = Vec::new();
                for engine in Engine::available() {
                    let found = round.search().on(engine).run(&start, wanted, 100_000);
                    round.check(&found, wanted, &format!("{what}, {}", engine.name()));
                    outcomes.push(found);
                }
                outcomes.dedup();
                assert_eq!(outcomes.len(), 1, "{what}: one outcome for all engines");
            }
        }
    }

    #[test]
    fn other_groups_and_hashes_are_searched_by_the_formulas() {
        let dialects = [
            Dialect::rfc5054_sha1(),
            Dialect::rfc5054(Group::rfc5054(1024).unwrap(), Hash::Blake2b512),
            Dialect::srp_net_srp6(),
        ];
        let start = BigUint::from(77_u32);
        for round in dialects.map(Round::user) {
            for (at, wanted) in wishes().iter().enumerate() {
                let found = round.search().run(&start, wanted, 100_000);
                round.check(&found, wanted, &format!("{}, wish {at}", round.dialect.id));
            }
        }
    }

    #[test]
    fn the_first_b_that_holds_is_found_however_candidates_are_grouped() {
        let round = Round::user(Dialect::cognito());
        let start = BigUint::from(500_u32);
        for s in [top(), nibble(), Some(Lead::new(0x0100..=0x0107))] {
            let wanted = Wanted {
                s: s.clone(),
                ..Wanted::default()
            };
            let found = round.search().run(&start, &wanted, 100_000);
            round.check(&found, &wanted, "S");
            let earlier = (1..found.tries).map(|tries| &start + (tries - 1));
            for b in earlier.take(600) {
                let candidate = round.search().candidate(&b);
                let s_begins = wanted
                    .s
                    .as_ref()
                    .unwrap()
                    .admits(&candidate.s.unwrap(), 384);
                assert!(!s_begins, "{b} comes before {}", found.candidate.b);
            }
        }
    }

    #[test]
    fn a_search_that_ends_early_gives_what_it_came_nearest_to() {
        let round = Round::user(Dialect::cognito());
        let start = BigUint::from(500_u32);
        let wanted = Wanted {
            u: top(),
            s: Some(Lead::new(0..=0)),
            ..Wanted::default()
        };
        let found = round.search().run(&start, &wanted, 20);
        assert!(!found.holds, "not found");
        assert_eq!(found.tries, 20, "tries");
        let u = found.candidate.u.unwrap();
        assert!(top().unwrap().admits(&u, 32), "u all the same");
        let none = round.search().run(&start, &wanted, 0);
        assert_eq!(none.candidate.b, start, "nothing was tried");
    }

    #[test]
    fn u_is_the_clients_and_s_unknown_where_the_service_is_mistaken() {
        let round = Round::user(Dialect::cognito());
        let mut padded = round.dialect.clone();
        padded.u = Dialect::rfc5054_sha1().u;
        let wanted = Wanted {
            u: zero_low(),
            ..Wanted::default()
        };
        let start = BigUint::from(9_u32);
        let search = Search::new(&padded, &round.dialect, &round.v, &round.a_pub);
        assert!(search.knows_s(), "B is right, so S is known");
        let found = search.run(&start, &wanted, 100_000);
        assert!(found.holds, "found");
        let u = scrambler(&round.dialect, &round.a_pub, &found.candidate.b_pub).unwrap();
        assert!(zero_low().unwrap().admits(&u, 32), "u of the right client");

        let mut other_k = round.dialect.clone();
        other_k.k = KRule::Constant(BigUint::from(3_u32));
        let search = Search::new(&other_k, &round.dialect, &round.v, &round.a_pub);
        assert!(!search.knows_s(), "S of a B that has another k");
        let candidate = search.candidate(&start);
        assert_eq!(
            candidate.b_pub,
            server_public(&other_k, &round.v, &start),
            "B as the mistaken service sends it"
        );
        assert_eq!(candidate.s, None, "S");
        let wanted = Wanted {
            s: top(),
            ..Wanted::default()
        };
        assert!(!search.run(&start, &wanted, 64).holds, "S is never claimed");
    }

    #[test]
    fn a_u_that_the_client_refuses_is_no_candidate() {
        let mut round = Round::user(Dialect::cognito());
        round.dialect.u = URule::Constant(BigUint::ZERO);
        let found = round
            .search()
            .run(&BigUint::from(9_u32), &Wanted::default(), 8);
        assert!(!found.holds, "not found");
        assert_eq!(found.candidate.u, None, "u");
    }
}
