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

mod support;

use std::hint::black_box;

use cognito_conformance::srp::Claim;
use cognito_conformance::srp::modexp::{Engine, EngineName, LANES};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

use support::SignIns;

fn client_step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("client: (B - k*g^x)^(a + u*x), claim");
    group.sample_size(20);
    for bits in [256, 1024] {
        let sign_ins = SignIns::new(bits, 1024);
        let expected = expected(&sign_ins);
        for engine in Engine::available() {
            let name = engine.name();
            for (many, how) in [(1, ""), (LANES, ", eight")] {
                let people = &sign_ins.people[..many];
                let step = || sign_ins.clients(engine, black_box(people));
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
        let sign_ins = SignIns::new(1024, bits);
        let expected = expected(&sign_ins);
        for engine in Engine::available() {
            let name = engine.name();
            for (many, how) in [(1, ""), (LANES, ", eight")] {
                let people = &sign_ins.people[..many];
                let step = || sign_ins.servers(engine, black_box(people));
                let proof = || {
                    let publics = people.iter().map(|person| &person.b_pub);
                    sign_ins.proofs(engine, black_box(people), publics)
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

/// The claims of the reference engine, on which both sides agree.
fn expected(sign_ins: &SignIns) -> Vec<Claim> {
    let oracle = EngineName::Reference.engine();
    let oracle = oracle.expect("the oracle runs everywhere");
    let claims = sign_ins.clients(oracle, &sign_ins.people);
    let servers = sign_ins.servers(oracle, &sign_ins.people);
    assert_eq!(claims, servers, "both sides");
    claims
}

criterion_group!(benches, client_step, server_step);
criterion_main!(benches);
