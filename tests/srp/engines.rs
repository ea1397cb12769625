//! The engines of modular exponentiation agree with the reference, whatever they are given.

use cognito_conformance::srp::modexp::{Engine, EngineName, FixedPair, LANES, Power};
use cognito_conformance::srp::{BigUint, Group};
use proptest::prelude::*;

#[test]
fn a_pair_gives_the_product_of_two_powers_also_beyond_its_table() {
    let Group { n, g, .. } = group();
    let v = g.modpow(&number(&[0xa5; 32]), &n);
    let a_pub = BigUint::from(5_u8).modpow(&BigUint::from(1_234_567_u32), &n);
    let mut exponents: Vec<[BigUint; 2]> = (0..2 * LANES as u8)
        .map(|i| [number(&[i; 40]), number(&[!i; 8])])
        .collect();
    for engine in Engine::available() {
        let pair = FixedPair::new(engine, [&v, &a_pub], [320, 64]);
        let expected = |[d, e]: &[BigUint; 2]| v.modpow(d, &n) * a_pub.modpow(e, &n) % &n;
        let check = |exponents: &[[BigUint; 2]], what: &str| {
            let expected: Vec<BigUint> = exponents.iter().map(expected).collect();
            assert_eq!(
                pair.products(exponents),
                expected,
                "{what}, {}",
                engine.name()
            );
        };
        check(&exponents, "two groups of eight");
        check(&exponents[..3], "fewer than eight");
        check(&[], "none");
        exponents.push([number(&[7; 40]), number(&[1; 60])]);
        check(&exponents, "a second exponent that is too long");
        exponents.push([number(&[0xff; 41]), number(&[9; 8])]);
        check(&exponents, "a first exponent that is too long");
        exponents.truncate(2 * LANES);
    }
}

#[test]
fn the_oracle_runs_on_every_machine() {
    assert!(EngineName::Reference.engine().is_ok());
    assert!(EngineName::Portable.engine().is_ok());
}

#[test]
fn powers_that_are_edges_are_what_fermat_and_euler_say() {
    let n = group().n;
    let order = &n - 1_u8;
    let half = &order / 2_u8;
    // N ≡ 7 (mod 8), so that 2 is a square and −2 is none.
    for (base, exponent, power) in [
        (&n - 5_u8, &order, BigUint::from(1_u8)),
        (number(&[0xa5; 384]) % &n, &order, BigUint::from(1_u8)),
        (BigUint::from(2_u8), &half, BigUint::from(1_u8)),
        (&n - 2_u8, &half, order.clone()),
        (order.clone(), &half, order.clone()),
        (n.clone(), &half, BigUint::ZERO),
    ] {
        for engine in Engine::available() {
            let name = engine.name();
            assert_eq!(engine.modpow(&base, exponent, &n), power, "{name}: {base}");
            let pairs = [Power {
                base: &base,
                exponent,
            }; LANES];
            assert_eq!(
                engine.modpow_batch(&pairs, &n),
                vec![power.clone(); LANES],
                "{name}, side by side: {base}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_power_is_what_the_reference_says(base in limbs(), exponent in exponent()) {
        let n = group().n;
        let expected = (&base % &n).modpow(&exponent, &n);
        for engine in Engine::available() {
            prop_assert_eq!(&engine.modpow(&base, &exponent, &n), &expected, "{}", engine.name());
        }
    }

    #[test]
    fn powers_side_by_side_are_what_the_reference_says(pairs in proptest::collection::vec((limbs(), exponent()), 0..20)) {
        let n = group().n;
        let powers: Vec<Power<'_>> = pairs.iter().map(|(base, exponent)| Power { base, exponent }).collect();
        let expected: Vec<BigUint> = pairs.iter().map(|(base, exponent)| base.modpow(exponent, &n)).collect();
        for engine in Engine::available() {
            prop_assert_eq!(&engine.modpow_batch(&powers, &n), &expected, "{}", engine.name());
        }
    }

    #[test]
    fn a_power_of_a_fixed_base_is_what_the_reference_says(base in limbs(), exponents in proptest::collection::vec(exponent(), 1..10)) {
        let Group { n, g, .. } = group();
        let exponents: Vec<&BigUint> = exponents.iter().collect();
        for engine in Engine::available() {
            let expected: Vec<BigUint> = exponents.iter().map(|e| g.modpow(e, &n)).collect();
            prop_assert_eq!(&engine.generator_powers(&exponents), &expected, "g, {}", engine.name());
            prop_assert_eq!(&engine.generator_power(exponents[0]), &expected[0], "g alone, {}", engine.name());
            let table = engine.fixed_base(&base, 512);
            let expected: Vec<BigUint> = exponents.iter().map(|e| base.modpow(e, &n)).collect();
            prop_assert_eq!(&table.powers(&exponents), &expected, "any base, {}", engine.name());
        }
    }
}

fn group() -> Group {
    Group::cognito()
}

fn number(octets: &[u8]) -> BigUint {
    BigUint::from_bytes_be(octets)
}

/// Numbers up to a little beyond N, with runs of zero and one words, and the edges.
fn limbs() -> impl Strategy<Value = BigUint> {
    let word = prop_oneof![2 => any::<u64>(), 1 => Just(0), 1 => Just(u64::MAX)];
    let runs = proptest::collection::vec(word, 0..=49).prop_map(|words| {
        let octets: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        BigUint::from_bytes_le(&octets)
    });
    let n = group().n;
    let edges = prop::sample::select(vec![
        BigUint::ZERO,
        BigUint::from(1_u8),
        BigUint::from(2_u8),
        &n - 2_u8,
        &n - 1_u8,
        n.clone(),
        &n + 1_u8,
        BigUint::from(1_u8) << 3072,
        (BigUint::from(1_u8) << 3072) - 1_u8,
    ]);
    prop_oneof![4 => runs, 1 => edges]
}

fn exponent() -> impl Strategy<Value = BigUint> {
    let words = prop_oneof![2 => any::<u64>(), 1 => Just(0), 1 => Just(u64::MAX)];
    let some = proptest::collection::vec(words, 0..=6);
    let many = proptest::collection::vec(any::<u64>(), 46..=50);
    prop_oneof![8 => some, 1 => many].prop_map(|words| {
        let octets: Vec<u8> = words
            .iter()
            .flat_map(|word: &u64| word.to_le_bytes())
            .collect();
        BigUint::from_bytes_le(&octets)
    })
}
