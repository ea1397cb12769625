//! `base^exponent mod N` for Cognito's N (3072 bits), by every engine: g^a with g = 2, and base^e with a base as wide as
//! N. Exponents of 256 bits (amplify-swift's a, and u·x is about twice that), 1024 bits (most other clients' a) and 3072
//! bits (as wide as N). One at a time, and eight side by side (the time is that of all eight).
//!
//! Every result is compared with plain square-and-multiply before it is timed.

use std::hint::black_box;

use cognito_conformance::srp::modexp::{Engine, LANES, Power};
use cognito_conformance::srp::{BigUint, Group, Hash};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn powers(criterion: &mut Criterion) {
    let Group { n, g, .. } = Group::cognito();
    let wide = number("base", 3072) % &n;
    for (formula, base) in [("g^a mod N", &g), ("base^e mod N", &wide)] {
        let mut group = criterion.benchmark_group(formula);
        group.sample_size(20);
        for engine in Engine::available() {
            for bits in [256, 1024, 3072] {
                let exponent = number(formula, bits);
                let expected = square_and_multiply(base, &exponent, &n);
                let name = engine.name();
                assert_eq!(
                    engine.modpow(base, &exponent, &n),
                    expected,
                    "{formula} with {bits} bits by {name}"
                );
                group.bench_function(
                    BenchmarkId::new(name.as_str(), format!("{bits}-bit exponent")),
                    |bencher| {
                        bencher.iter(|| {
                            engine.modpow(black_box(base), black_box(&exponent), black_box(&n))
                        });
                    },
                );
                let power = Power {
                    base,
                    exponent: &exponent,
                };
                let eight = || {
                    if base == &g {
                        engine.generator_powers(black_box(&[&exponent; LANES]))
                    } else {
                        engine.modpow_batch(black_box(&[power; LANES]), &n)
                    }
                };
                assert_eq!(
                    eight(),
                    vec![expected; LANES],
                    "{formula} with {bits} bits by {name}, side by side"
                );
                group.bench_function(
                    BenchmarkId::new(name.as_str(), format!("{bits}-bit exponent, eight")),
                    |bencher| bencher.iter(eight),
                );
            }
        }
        group.finish();
    }
}

/// The second computation: one squaring a bit, one product a set bit, one division each.
fn square_and_multiply(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    (0..exponent.bits())
        .rev()
        .fold(BigUint::from(1_u8), |power, bit| {
            let square = &power * &power % modulus;
            if exponent.bit(bit) {
                square * base % modulus
            } else {
                square
            }
        })
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

criterion_group!(benches, powers);
criterion_main!(benches);
