//! What an engine is asked: powers, and whole steps of either side, one at a time or eight side by side.
//!
//! The steps are Cognito's, as everything else here computes them; only the engine is chosen. What they give is compared
//! with what one sign-in alone gives by the engine in use before anything is timed.
//!
//! | step | formulas |
//! |---|---|
//! | client | `A = g^a`; u; x; `v = g^x`; `S = (B − k·v)^(a + u·x)`; HKDF; claim |
//! | server | `B = k·v + g^b`; u; `S = (A·v^u)^b`; HKDF; claim |

use std::fmt;

use crate::srp::modexp::{Engine, LANES, Power};
use crate::srp::{
    self, BigUint, ChallengeInput, ClaimInput, ClientInput, Credentials, Dialect, Group, Hash,
    Salt, ServerInput, SrpError, claim, client_sessions, multiplier, private_key_x, server_publics,
    server_sessions,
};

/// One kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `g^a mod N`, a of so many bits.
    GeneratorPower(u64),
    /// `base^e mod N`, e of so many bits and a base as wide as N.
    Power(u64),
    /// A whole client step, a of so many bits.
    Client(u64),
    /// A whole server step, b of so many bits.
    Server(u64),
}

impl Kind {
    /// What the command measures, in the order of its report.
    pub const ALL: [Self; 9] = [
        Self::GeneratorPower(256),
        Self::GeneratorPower(1024),
        Self::GeneratorPower(3072),
        Self::Power(256),
        Self::Power(1024),
        Self::Power(3072),
        Self::Client(1024),
        Self::Client(256),
        Self::Server(256),
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GeneratorPower(bits) => write!(f, "g^a, a of {bits} bits"),
            Self::Power(bits) => write!(f, "base^e, e of {bits} bits"),
            Self::Client(bits) => write!(f, "client step, a of {bits} bits"),
            Self::Server(bits) => write!(f, "server step, b of {bits} bits"),
        }
    }
}

/// Work with its inputs, which are the same in every run.
#[derive(Debug)]
pub struct Work {
    kind: Kind,
    dialect: Dialect,
    lanes: Vec<Lane>,
}

/// The inputs of one of those side by side: one user of one pool, and one sign-in.
#[derive(Debug)]
struct Lane {
    /// The exponent: e, a or b.
    secret: BigUint,
    /// A base as wide as N.
    base: BigUint,
    salt: Salt,
    verifier: BigUint,
    /// What came from the other side: B for a client, A for a server.
    other_public: BigUint,
}

/// A key and the signature made with it, or a power alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Product {
    /// A power.
    Number(BigUint),
    /// What a step ends with.
    Claim {
        /// The shared secret S.
        s: BigUint,
        /// `PASSWORD_CLAIM_SIGNATURE`, base64.
        signature: String,
    },
}

impl Work {
    /// Work of a kind: for one, or for eight side by side.
    pub fn new(kind: Kind, eight: bool) -> Self {
        let dialect = Dialect::cognito();
        let lanes = (0..if eight { LANES } else { 1 })
            .map(|at| Lane::new(&dialect, kind, at))
            .collect();
        Self {
            kind,
            dialect,
            lanes,
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How many are done in one call.
    pub fn items(&self) -> u32 {
        self.lanes.len() as u32
    }

    /// Does it.
    ///
    /// # Errors
    /// None for these inputs; the formulas refuse A ≡ 0, B ≡ 0 and u = 0.
    pub fn run(&self, engine: Engine) -> Result<Vec<Product>, SrpError> {
        let n = &self.dialect.group.n;
        let numbers = |numbers: Vec<BigUint>| numbers.into_iter().map(Product::Number).collect();
        match self.kind {
            Kind::GeneratorPower(_) => Ok(numbers(engine.generator_powers(&self.secrets()))),
            Kind::Power(_) => {
                let powers: Vec<_> = self
                    .lanes
                    .iter()
                    .map(|lane| Power {
                        base: &lane.base,
                        exponent: &lane.secret,
                    })
                    .collect();
                Ok(numbers(engine.modpow_batch(&powers, n)))
            }
            Kind::Client(_) => self.client(engine),
            Kind::Server(_) => self.server(engine),
        }
    }

    /// The same by the functions that the rest of the program uses; `None` for powers.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn by_the_book(&self) -> Option<Result<Vec<Product>, SrpError>> {
        let d = &self.dialect;
        let of = |lane: &Lane| -> Result<Product, SrpError> {
            let (s, key) = match self.kind {
                Kind::Client(_) => {
                    let session = srp::client_session(
                        d,
                        &ALICE,
                        &lane.secret,
                        &lane.salt,
                        &lane.other_public,
                    )?;
                    (session.s, session.key)
                }
                _ => {
                    let session =
                        srp::server_session(d, &lane.verifier, &lane.secret, &lane.other_public)?;
                    (session.s, session.key)
                }
            };
            Ok(signed(s, &key))
        };
        matches!(self.kind, Kind::Client(_) | Kind::Server(_))
            .then(|| self.lanes.iter().map(of).collect())
    }

    fn secrets(&self) -> Vec<&BigUint> {
        self.lanes.iter().map(|lane| &lane.secret).collect()
    }

    fn client(&self, engine: Engine) -> Result<Vec<Product>, SrpError> {
        let inputs = self.lanes.iter().map(|lane| ClientInput {
            credentials: ALICE,
            a: &lane.secret,
            salt: &lane.salt,
            b_pub: &lane.other_public,
        });
        client_sessions(engine, &self.dialect, &inputs.collect::<Vec<_>>())
            .into_iter()
            .map(|session| session.map(|session| signed(session.s, &session.key)))
            .collect()
    }

    fn server(&self, engine: Engine) -> Result<Vec<Product>, SrpError> {
        let challenges = self.lanes.iter().map(|lane| ChallengeInput {
            v: &lane.verifier,
            b: &lane.secret,
        });
        let publics = server_publics(engine, &self.dialect, &challenges.collect::<Vec<_>>());
        let inputs = self
            .lanes
            .iter()
            .zip(&publics)
            .map(|(lane, b_pub)| ServerInput {
                v: &lane.verifier,
                b: &lane.secret,
                a_pub: &lane.other_public,
                b_pub,
            });
        server_sessions(engine, &self.dialect, &inputs.collect::<Vec<_>>())
            .into_iter()
            .map(|session| session.map(|session| signed(session.s, &session.key)))
            .collect()
    }
}

impl Lane {
    fn new(d: &Dialect, kind: Kind, at: usize) -> Self {
        let (Kind::GeneratorPower(bits)
        | Kind::Power(bits)
        | Kind::Client(bits)
        | Kind::Server(bits)) = kind;
        let salt = Salt::from_bytes(&Hash::Sha256.digest(&[b"salt", &[at as u8]])[..16]);
        let x = private_key_x(d, &ALICE, &salt).x;
        let Group { n, g, .. } = &d.group;
        let verifier = g.modpow(&x, n);
        let other = g.modpow(&number("other", at, 256), n);
        Self {
            secret: number("secret", at, bits),
            base: number("base", at, 3072) % n,
            other_public: match kind {
                Kind::Client(_) => (multiplier(d) * &verifier + other) % n,
                _ => other,
            },
            salt,
            verifier,
        }
    }
}

/// A number of exactly this many bits, a multiple of 256 or below, that looks random and is the same in every run.
pub(super) fn number(seed: &str, at: usize, bits: u64) -> BigUint {
    let octets: Vec<u8> = (0..bits.div_ceil(256))
        .flat_map(|block| {
            Hash::Sha256.digest(&[
                seed.as_bytes(),
                &(at as u64).to_be_bytes(),
                &block.to_be_bytes(),
            ])
        })
        .collect();
    let wide = BigUint::from_bytes_be(&octets);
    let mut value = wide % (BigUint::from(1_u8) << bits);
    value.set_bit(bits.saturating_sub(1), true);
    value
}

fn signed(s: BigUint, key: &[u8]) -> Product {
    Product::Claim {
        s,
        signature: claim(key, &MESSAGE).signature_b64(),
    }
}

pub(super) const ALICE: Credentials<'static> = Credentials {
    scope: "aBcDeFgHi",
    user: "alice",
    password: b"Passw0rd!",
};
const MESSAGE: ClaimInput<'static> = ClaimInput {
    scope: ALICE.scope,
    user: ALICE.user,
    // About as long as the real service's.
    secret_block: &[0x5a; 1300],
    timestamp: "Tue Mar 5 09:07:03 UTC 2024",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_gives_what_the_book_gives() {
        for kind in [
            Kind::Client(256),
            Kind::Server(256),
            Kind::Power(256),
            Kind::GeneratorPower(256),
        ] {
            for eight in [false, true] {
                let work = Work::new(kind, eight);
                let mut expected: Option<Vec<Product>> = None;
                for engine in Engine::available() {
                    let got = work.run(engine).expect("the inputs are legal");
                    assert_eq!(got.len(), work.items() as usize, "{kind}: as many as asked");
                    assert_eq!(
                        &got,
                        expected.get_or_insert_with(|| got.clone()),
                        "{kind} by {}",
                        engine.name()
                    );
                }
                if let Some(book) = work.by_the_book() {
                    assert_eq!(
                        Some(book.expect("the inputs are legal")),
                        expected,
                        "{kind}"
                    );
                }
            }
        }
    }

    #[test]
    fn numbers_have_exactly_the_bits_that_were_asked_for() {
        for bits in [1, 200, 256, 1000, 1024, 3072] {
            assert_eq!(number("n", 0, bits).bits(), bits);
        }
        assert_ne!(number("n", 0, 256), number("n", 1, 256), "lanes differ");
    }
}
