//! What it costs to make a rare value happen in the first sign-in: a search for b, per class and engine.
//!
//! A search for something that holds once in n values takes n tries on average; `cognito-conformance list classes` tells n
//! for each class. Each iteration looks from another b on, so that the time is that of an average search, and its spread
//! that of luck. A search for an S in class 0000 takes 65 536 tries on average and is timed as the 1/16 of one: 4096 tries
//! of which none succeeds. On the reference engine S is searched for in the two commonest classes only.
//!
//! | wanted | formula of a try | checks |
//! |---|---|---|
//! | A | `g^(a+1) = g·g^a` | A is `g^a` and begins so |
//! | B | `k·v + g^(b+1)` | B and u are those of the server's whole step, S those of both sides |
//! | u | `H(A ‖ B)` | |
//! | S | `v^(u·b) · A^b` from one table | |

use std::hint::black_box;

use cognito_conformance::model::ByteClass;
use cognito_conformance::srp::modexp::{Engine, EngineName};
use cognito_conformance::srp::search::{Found, Lead, Search, Wanted, search_private};
use cognito_conformance::srp::{
    BigUint, Credentials, Dialect, Hash, Salt, client_public, client_session, server_session,
    verifier,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn private_values(criterion: &mut Criterion) {
    let group = Dialect::cognito().group;
    let mut benchmarks = criterion.benchmark_group("steering: A");
    benchmarks.sample_size(20);
    for class in RARE.into_iter().chain([ByteClass::ZeroZero]) {
        let lead = lead(class);
        let found = search_private(&group, &number("a", 1024), Some(&lead), false, u64::MAX)
            .expect("there is one");
        assert_eq!(found.a_pub, group.g.modpow(&found.a, &group.n), "A");
        assert!(lead.admits(&found.a_pub, group.octets()), "class of A");
        let mut starts = Starts::new("a", 1024);
        benchmarks.bench_function(BenchmarkId::from_parameter(class), |bencher| {
            bencher.iter(|| {
                let start = starts.next();
                search_private(&group, black_box(&start), Some(&lead), false, u64::MAX)
            });
        });
    }
    benchmarks.finish();
}

fn challenges(criterion: &mut Criterion) {
    let world = World::new();
    let wishes = wishes();
    for name in ["B", "u", "S", "B, u"] {
        let mut benchmarks = criterion.benchmark_group(format!("steering: {name}"));
        benchmarks.sample_size(20);
        for engine in Engine::available() {
            for (_, class, wanted) in wishes.iter().filter(|(wish, ..)| *wish == name) {
                let is_slow = wanted.s.is_some() && engine.name() == EngineName::Reference;
                let is_rare = wanted.s.as_ref().is_some_and(|s| s.expected_tries() > 20.0);
                if is_slow && is_rare {
                    continue;
                }
                let mut starts = Starts::new("b", 63);
                world.check(&world.find(engine, &starts.next(), wanted), wanted);
                benchmarks.bench_function(BenchmarkId::new(engine.name().as_str(), class), |b| {
                    b.iter(|| world.find(engine, &starts.next(), wanted));
                });
            }
        }
        benchmarks.finish();
    }
}

fn part_of_the_rarest(criterion: &mut Criterion) {
    let world = World::new();
    let mut benchmarks = criterion.benchmark_group("steering: S = 0000");
    benchmarks.sample_size(10);
    let wanted = Wanted {
        s: Some(lead(ByteClass::ZeroZero)),
        ..Wanted::default()
    };
    let mut starts = Starts::new("S", 62);
    let start = loop {
        let start = starts.next();
        if !world
            .search(Engine::fastest())
            .run(&start, &wanted, PART)
            .holds
        {
            break start;
        }
    };
    for engine in Engine::available() {
        if engine.name() == EngineName::Reference {
            continue;
        }
        let search = world.search(engine);
        assert!(
            !search.run(&start, &wanted, PART).holds,
            "every try is made"
        );
        benchmarks.bench_function(
            BenchmarkId::new(engine.name().as_str(), format!("{PART} tries")),
            |bencher| bencher.iter(|| search.run(black_box(&start), &wanted, PART)),
        );
    }
    benchmarks.finish();
}

/// What is searched for: its name, its class, and the wish.
fn wishes() -> Vec<(&'static str, String, Wanted)> {
    let mut wishes = Vec::new();
    for class in RARE.into_iter().chain([ByteClass::ZeroZero]) {
        let none = Wanted::default;
        let lead = Some(lead(class));
        let b_pub = Wanted {
            b_pub: lead.clone(),
            ..none()
        };
        let u = Wanted {
            u: lead.clone(),
            ..none()
        };
        let s = Wanted { s: lead, ..none() };
        wishes.push(("B", class.to_string(), b_pub));
        wishes.push(("u", class.to_string(), u));
        if class != ByteClass::ZeroZero {
            wishes.push(("S", class.to_string(), s));
        }
    }
    let both = Wanted {
        b_pub: Some(lead(ByteClass::ZeroNibble)),
        u: Some(lead(ByteClass::Top)),
        ..Wanted::default()
    };
    wishes.push(("B, u", "nib, top".to_owned(), both));
    wishes
}

/// One user of one pool, and a client that has begun.
struct World {
    dialect: Dialect,
    salt: Salt,
    v: BigUint,
    a: BigUint,
    a_pub: BigUint,
}

impl World {
    fn new() -> Self {
        let dialect = Dialect::cognito();
        let salt = Salt::from_bytes(&Hash::Sha256.digest(&[b"salt"])[..16]);
        let v = verifier(&dialect, &ALICE, &salt);
        let a = number("a", 1024);
        let a_pub = client_public(&dialect, &a).expect("N is prime");
        Self {
            dialect,
            salt,
            v,
            a,
            a_pub,
        }
    }

    fn search(&self, engine: Engine) -> Search<'_> {
        Search::new(&self.dialect, &self.dialect, &self.v, &self.a_pub).on(engine)
    }

    fn find(&self, engine: Engine, start: &BigUint, wanted: &Wanted) -> Found {
        self.search(engine)
            .run(black_box(start), wanted, u64::MAX >> 1)
    }

    fn check(&self, found: &Found, wanted: &Wanted) {
        let candidate = &found.candidate;
        let server =
            server_session(&self.dialect, &self.v, &candidate.b, &self.a_pub).expect("A is legal");
        let client = client_session(&self.dialect, &ALICE, &self.a, &self.salt, &candidate.b_pub)
            .expect("B is legal");
        assert_eq!(candidate.b_pub, server.b_pub, "B");
        assert_eq!(client.s, server.s, "S of both sides");
        for (lead, value, width) in [
            (&wanted.b_pub, &server.b_pub, 384),
            (&wanted.u, &client.u, 32),
            (&wanted.s, &client.s, 384),
        ] {
            let admits = lead.as_ref().is_none_or(|lead| lead.admits(value, width));
            assert!(admits, "{wanted:?}");
        }
    }
}

/// Places to begin, far from each other and the same in every run.
struct Starts {
    next: BigUint,
    stride: u64,
}

impl Starts {
    fn new(seed: &str, bits: u64) -> Self {
        Self {
            next: number(seed, bits) >> 1_u8,
            stride: 1 << 30,
        }
    }

    fn next(&mut self) -> BigUint {
        self.next += self.stride;
        self.next.clone()
    }
}

fn lead(class: ByteClass) -> Lead {
    Lead::new(class.beginnings())
}

/// A number of exactly this many bits that looks random and is the same in every run.
fn number(seed: &str, bits: u64) -> BigUint {
    let octets: Vec<u8> = (0..bits.div_ceil(256))
        .flat_map(|block| Hash::Sha256.digest(&[seed.as_bytes(), &block.to_be_bytes()]))
        .collect();
    let surplus = 8 * octets.len() as u64 - bits;
    let mut value = BigUint::from_bytes_be(&octets) >> surplus;
    value.set_bit(bits - 1, true);
    value
}

const ALICE: Credentials<'static> = Credentials {
    scope: "aBcDeFgHi",
    user: "alice",
    password: b"Passw0rd!",
};
const RARE: [ByteClass; 4] = [
    ByteClass::Top,
    ByteClass::ZeroNibble,
    ByteClass::ZeroLow,
    ByteClass::ZeroHigh,
];
/// 1/16 of the tries that an S in class 0000 takes on average.
const PART: u64 = 4096;

criterion_group!(benches, private_values, challenges, part_of_the_rarest);
criterion_main!(benches);
