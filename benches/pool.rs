//! What a sign-in costs the pool in processor time, in process, with the engine in use: whole, without the two signatures, and the modular
//! exponentiations and signatures by themselves.
//!
//! A sign-in by SRP is `InitiateAuth` and `RespondToAuthChallenge`; what the client computes in between is not timed. The
//! difference between "unsigned" and "powers" is what is spent outside of both.

#[path = "support/account.rs"]
mod account;
#[allow(dead_code, reason = "another benchmark uses the rest")]
#[path = "support/counter.rs"]
mod counter;

use std::time::Duration;

use cognito_conformance::pool::{SigningKeys, TokenSigning};
use cognito_conformance::run::bench::measure::{Clock as _, ClockKind, SystemClock};
use cognito_conformance::srp::{
    BigUint, Dialect, ServerInput, server_public, server_session_with_public,
};
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, criterion_group, criterion_main};

use counter::Counter;

fn sign_ins(criterion: &mut Criterion<ProcessorTime>) {
    let mut group = criterion.benchmark_group("sign-in");
    group.sample_size(20);
    for (name, signing) in [
        ("signed", TokenSigning::Real),
        ("unsigned", TokenSigning::Lazy),
    ] {
        let mut counter = Counter::new(signing);
        group.bench_function(format!("password, {name}"), |bencher| {
            bencher.iter(|| counter.sign_in_by_password());
        });
        let mut counter = Counter::new(signing);
        group.bench_function(format!("SRP, {name}"), |bencher| {
            bencher.iter_custom(|rounds| {
                (0..rounds)
                    .map(|_| {
                        let clock = ProcessorTime(SystemClock::new());
                        let before = clock.start();
                        let challenge = counter.start();
                        let started = clock.end(before);
                        let answer = counter.answer_to(&challenge);
                        let before = clock.start();
                        counter.finish(&answer);
                        started + clock.end(before)
                    })
                    .sum::<Duration>()
            });
        });
    }
    group.finish();
}

fn parts(criterion: &mut Criterion<ProcessorTime>) {
    let mut group = criterion.benchmark_group("parts of it");
    group.sample_size(20);
    let dialect = Dialect::cognito();
    let number = |fill: u8, octets: usize| BigUint::from_bytes_be(&vec![fill; octets]);
    // b of the width that the pool draws.
    let (v, b, a_pub) = (
        number(0x6b, 384),
        number(0xa5, POOL_B_OCTETS),
        number(0x3c, 384),
    );
    group.bench_function("password: powers", |bencher| {
        let x = number(0x7d, 32);
        bencher.iter(|| {
            cognito_conformance::srp::modexp::modpow(&dialect.group.g, &x, &dialect.group.n)
        });
    });
    group.bench_function("SRP: powers", |bencher| {
        bencher.iter(|| {
            let b_pub = server_public(&dialect, &v, &b);
            let input = ServerInput {
                v: &v,
                b: &b,
                a_pub: &a_pub,
                b_pub: &b_pub,
            };
            server_session_with_public(&dialect, &input).expect("legal values")
        });
    });
    group.bench_function("two RS256 signatures", |bencher| {
        let keys = SigningKeys::embedded();
        let message = [0x5a; 1000];
        bencher.iter(|| (keys.sign_id(&message), keys.sign_access(&message)));
    });
    group.finish();
}

/// The width of the private values that the pool draws.
const POOL_B_OCTETS: usize = 32;

/// The processor time of this thread: what others do on a shared machine is not the pool's.
struct ProcessorTime(SystemClock);

impl Measurement for ProcessorTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        self.0.now(ClockKind::ThreadCpu)
    }

    fn end(&self, before: Duration) -> Duration {
        self.0.now(ClockKind::ThreadCpu).saturating_sub(before)
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, time: &Duration) -> f64 {
        WallTime.to_f64(time)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime(SystemClock::new()));
    targets = sign_ins, parts
}
criterion_main!(benches);
