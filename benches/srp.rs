//! The whole SRP step of either side, with Cognito's dialect.
//!
//! - Client step: A = g^a; u; x; v = g^x; S = (B − k·v)^(a + u·x); HKDF; claim. For a of 256 bits (amplify-swift) and 1024
//!   bits (most others).
//! - Server step: B = k·v + g^b; u; S = (A·v^u)^b; HKDF; claim. For b of 256, 1024 and 3072 bits.
//!
//! Both sides compute the same session before anything is timed, and their keys and claims are compared.

use std::hint::black_box;

use cognito_conformance::srp::{
    BigUint, Claim, ClaimInput, Credentials, Dialect, Hash, Salt, claim, client_public,
    client_session, server_public, server_session, verifier,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn client_step(criterion: &mut Criterion) {
    let world = World::new();
    let b = number("b", 1024);
    let b_pub = server_public(&world.dialect, &world.verifier, &b);
    let mut group = criterion.benchmark_group("client: (B - k*g^x)^(a + u*x), claim");
    group.sample_size(20);
    for bits in [256, 1024] {
        let a = number("a", bits);
        let a_pub = client_public(&world.dialect, &a).expect("N is prime");
        assert_eq!(
            world.client(&a, &b_pub),
            world.server(&b, &a_pub),
            "both sides, a of {bits} bits"
        );
        group.bench_function(
            BenchmarkId::from_parameter(format!("{bits}-bit a")),
            |bencher| {
                bencher.iter(|| world.client(black_box(&a), black_box(&b_pub)));
            },
        );
    }
    group.finish();
}

fn server_step(criterion: &mut Criterion) {
    let world = World::new();
    let a = number("a", 1024);
    let a_pub = client_public(&world.dialect, &a).expect("N is prime");
    let mut group = criterion.benchmark_group("server: k*v + g^b, (A*v^u)^b, claim");
    group.sample_size(20);
    for bits in [256, 1024, 3072] {
        let b = number("b", bits);
        let b_pub = server_public(&world.dialect, &world.verifier, &b);
        assert_eq!(
            world.server(&b, &a_pub),
            world.client(&a, &b_pub),
            "both sides, b of {bits} bits"
        );
        group.bench_function(
            BenchmarkId::from_parameter(format!("{bits}-bit b")),
            |bencher| {
                bencher.iter(|| world.server(black_box(&b), black_box(&a_pub)));
            },
        );
    }
    group.finish();
}

/// One user of one pool.
struct World {
    dialect: Dialect,
    salt: Salt,
    verifier: BigUint,
}

impl World {
    fn new() -> Self {
        let dialect = Dialect::cognito();
        let salt = Salt::from_bytes(&Hash::Sha256.digest(&[b"salt"])[..16]);
        let verifier = verifier(&dialect, &ALICE, &salt);
        Self {
            dialect,
            salt,
            verifier,
        }
    }

    fn client(&self, a: &BigUint, b_pub: &BigUint) -> Claim {
        let session =
            client_session(&self.dialect, &ALICE, a, &self.salt, b_pub).expect("B is legal");
        claim(&session.key, &MESSAGE)
    }

    fn server(&self, b: &BigUint, a_pub: &BigUint) -> Claim {
        let session = server_session(&self.dialect, &self.verifier, b, a_pub).expect("A is legal");
        claim(&session.key, &MESSAGE)
    }
}

/// A number of exactly this many bits that looks random and is the same in every run.
fn number(seed: &str, bits: u64) -> BigUint {
    let octets: Vec<u8> = (0..bits / 256)
        .flat_map(|block| Hash::Sha256.digest(&[seed.as_bytes(), &block.to_be_bytes()]))
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
