//! The whole SRP step of either side, with Cognito's dialect, by every engine: one at a time, and eight side by side (the
//! time is that of all eight).
//!
//! - Client step: A = g^a; u = H(A ‖ B); x; v = g^x; S = (B − k·v)^(a + u·x); HKDF; claim. For a of 256 bits (amplify-swift)
//!   and 1024 bits (most others). u and x have 256 bits, so that the last exponent has 512 or 1024.
//! - Server step: B = k·v + g^b; u; S = (A·v^u)^b; HKDF; claim. For b of 256, 1024 and 3072 bits.
//! - The server's proof alone: as the server step, with the B that was sent.
//!
//! Bases other than g are as wide as N. A and B are checked for zero, as the protocol demands; k is known, since it never
//! changes. Nothing uses what only a test would know, such as x on the server's side.
//!
//! Both sides compute the same session before anything is timed, every engine's claims are compared with those of the
//! reference engine, and those of eight side by side with those of one at a time.

use std::hint::black_box;

use cognito_conformance::srp::modexp::{Engine, EngineName, LANES};
use cognito_conformance::srp::{
    BigUint, ChallengeInput, Claim, ClaimInput, ClientInput, Credentials, Dialect, Hash, Salt,
    ServerInput, claim, client_public, client_sessions, server_public, server_publics,
    server_sessions, verifier,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn client_step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("client: (B - k*g^x)^(a + u*x), claim");
    group.sample_size(20);
    for bits in [256, 1024] {
        let world = World::new(bits, 1024);
        let expected = world.expected();
        for engine in Engine::available() {
            let name = engine.name();
            for (many, how) in [(1, ""), (LANES, ", eight")] {
                let people = &world.people[..many];
                let step = || world.clients(engine, black_box(people));
                assert_eq!(step(), expected[..many], "a of {bits} bits by {name}{how}");
                group.bench_function(
                    BenchmarkId::new(name.as_str(), format!("{bits}-bit a{how}")),
                    |bencher| bencher.iter(step),
                );
            }
        }
    }
    group.finish();
}

fn server_step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("server: k*v + g^b, (A*v^u)^b, claim");
    group.sample_size(20);
    for bits in [256, 1024, 3072] {
        let world = World::new(1024, bits);
        let expected = world.expected();
        for engine in Engine::available() {
            let name = engine.name();
            for (many, how) in [(1, ""), (LANES, ", eight")] {
                let people = &world.people[..many];
                let step = || world.servers(engine, black_box(people));
                let proof = || {
                    let publics = people.iter().map(|person| &person.b_pub);
                    world.proofs(engine, black_box(people), publics)
                };
                let what = format!("b of {bits} bits by {name}{how}");
                assert_eq!(step(), expected[..many], "{what}");
                assert_eq!(proof(), expected[..many], "{what}, proof alone");
                group.bench_function(
                    BenchmarkId::new(name.as_str(), format!("{bits}-bit b{how}")),
                    |bencher| bencher.iter(step),
                );
                group.bench_function(
                    BenchmarkId::new(name.as_str(), format!("{bits}-bit b{how}, proof alone")),
                    |bencher| bencher.iter(proof),
                );
            }
        }
    }
    group.finish();
}

/// Eight users of one pool.
struct World {
    dialect: Dialect,
    people: Vec<Person>,
}

/// A user, and the values of both sides of a sign-in.
struct Person {
    salt: Salt,
    v: BigUint,
    a: BigUint,
    b: BigUint,
    a_pub: BigUint,
    b_pub: BigUint,
}

impl World {
    fn new(a_bits: u64, b_bits: u64) -> Self {
        let dialect = Dialect::cognito();
        let people = (0..LANES).map(|at| {
            let salt = Salt::from_bytes(&Hash::Sha256.digest(&[b"salt", &[at as u8]])[..16]);
            let v = verifier(&dialect, &ALICE, &salt);
            let (a, b) = (number("a", at, a_bits), number("b", at, b_bits));
            Person {
                a_pub: client_public(&dialect, &a).expect("N is prime"),
                b_pub: server_public(&dialect, &v, &b),
                salt,
                v,
                a,
                b,
            }
        });
        Self {
            people: people.collect(),
            dialect,
        }
    }

    /// The claims, on which both sides agree.
    fn expected(&self) -> Vec<Claim> {
        let oracle = EngineName::Reference.engine();
        let oracle = oracle.expect("the oracle runs everywhere");
        let claims = self.clients(oracle, &self.people);
        assert_eq!(claims, self.servers(oracle, &self.people), "both sides");
        claims
    }

    fn clients(&self, engine: Engine, people: &[Person]) -> Vec<Claim> {
        let inputs: Vec<ClientInput<'_>> = people
            .iter()
            .map(|person| ClientInput {
                credentials: ALICE,
                a: &person.a,
                salt: &person.salt,
                b_pub: &person.b_pub,
            })
            .collect();
        client_sessions(engine, &self.dialect, &inputs)
            .into_iter()
            .map(|session| claim(&session.expect("B is legal").key, &MESSAGE))
            .collect()
    }

    fn servers(&self, engine: Engine, people: &[Person]) -> Vec<Claim> {
        let inputs: Vec<ChallengeInput<'_>> = people
            .iter()
            .map(|Person { v, b, .. }| ChallengeInput { v, b })
            .collect();
        let publics = server_publics(engine, &self.dialect, &inputs);
        self.proofs(engine, people, publics.iter())
    }

    fn proofs<'a>(
        &'a self,
        engine: Engine,
        people: &'a [Person],
        publics: impl Iterator<Item = &'a BigUint>,
    ) -> Vec<Claim> {
        let inputs: Vec<ServerInput<'_>> = people
            .iter()
            .zip(publics)
            .map(|(person, b_pub)| ServerInput {
                v: &person.v,
                b: &person.b,
                a_pub: &person.a_pub,
                b_pub,
            })
            .collect();
        server_sessions(engine, &self.dialect, &inputs)
            .into_iter()
            .map(|session| claim(&session.expect("A is legal").key, &MESSAGE))
            .collect()
    }
}

/// A number of exactly this many bits that looks random and is the same in every run.
fn number(seed: &str, at: usize, bits: u64) -> BigUint {
    let octets: Vec<u8> = (0..bits / 256)
        .flat_map(|block| {
            Hash::Sha256.digest(&[seed.as_bytes(), &[at as u8], &block.to_be_bytes()])
        })
        .collect();
    let mut value = BigUint::from_bytes_be(&octets);
    value.set_bit(bits - 1, true);
    value
}

const ALICE: Credentials<'static> = Credentials {
    scope: "aBcDeFgHi",
    user: "alice",
    password: b"Passw0rd!",
};
const MESSAGE: ClaimInput<'static> = ClaimInput {
    scope: ALICE.scope,
    user: ALICE.user,
    // A secret block of the real service has about 1300 octets; the HMAC of that costs microseconds.
    secret_block: &[0x5a; 1300],
    timestamp: "Tue Mar 5 09:07:03 UTC 2024",
};

criterion_group!(benches, client_step, server_step);
criterion_main!(benches);
