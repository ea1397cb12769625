//! Properties of the SRP core: both sides agree, forms round-trip, parsers never panic, illegal values are refused.

use cognito_conformance::srp::{
    BigUint, Checks, Credentials, Dialect, Group, Hash, IntForm, PoolId, Salt, SrpError, Timestamp,
    URule, client_public, client_session, client_session_with_x, modexp::modpow, parse_base64,
    parse_hex, server_public, server_session, signed_bytes, signed_bytes_of, to_base64, to_hex,
    verifier,
};
use num_bigint::BigInt;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn client_and_server_of_cognito_agree_on_s_and_key(
        a in integer(1..=128), b in integer(1..=128), salt in octets(0..=16), user in ".{0,12}", password in ".{0,16}",
    ) {
        agree(&Dialect::cognito(), &user, &password, &salt, &a, &b)?;
    }

    #[test]
    fn client_and_server_of_a_relative_agree_on_s_and_key(
        a in integer(1..=40), b in integer(1..=40), salt in octets(0..=16), password in ".{0,16}", pick in 0..5_usize,
    ) {
        let group = Group::rfc5054(1024).expect("a listed size");
        let dialect = [
            Dialect::rfc5054_sha1(),
            Dialect::srptools(group.clone(), Hash::Blake2s256),
            Dialect::botan(group.clone(), Hash::Shake256(896)),
            Dialect::one_password(group.clone()),
            Dialect::srp_rb(group),
        ][pick].clone();
        agree(&dialect, "alice", &password, &salt, &a, &b)?;
    }

    #[test]
    fn power_agrees_with_repeated_multiplication(base in integer(1..=8), exponent in 0..64_u32, modulus in integer(1..=8)) {
        let modulus = modulus + 1_u8;
        let mut expected = BigUint::from(1_u8) % &modulus;
        for _ in 0..exponent {
            expected = expected * &base % &modulus;
        }
        prop_assert_eq!(modpow(&base, &BigUint::from(exponent), &modulus), expected);
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn every_lossless_form_of_an_integer_reads_back(value in integer(0..=40)) {
        let n = Group::cognito().n;
        for form in [
            IntForm::Signed, IntForm::Unsigned, IntForm::Padded, IntForm::PaddedSigned, IntForm::Fixed(32),
            IntForm::FixedSigned(32), IntForm::AlwaysSigned,
        ] {
            prop_assert_eq!(&BigUint::from_bytes_be(&form.bytes(&value, &n)), &value, "{:?}", form);
        }
        let text = IntForm::HexText.bytes(&value, &n);
        prop_assert_eq!(&parse_hex(std::str::from_utf8(&text).expect("ASCII")).expect("hex"), &value, "hex text");
        prop_assert_eq!(IntForm::Padded.bytes(&value, &n).len(), 384, "width of PAD");
    }

    #[test]
    fn signed_octets_are_minimal_and_never_look_negative(value in integer(0..=40)) {
        let bytes = signed_bytes(&value);
        prop_assert!(bytes[0] & 0x80 == 0, "the top bit is clear");
        prop_assert!(bytes.len() == 1 || bytes[0] != 0 || bytes[1] & 0x80 != 0, "no octet too many");
        prop_assert_eq!(bytes, BigInt::from(value).to_signed_bytes_be(), "as num-bigint has it");
    }

    #[test]
    fn twos_complement_of_any_integer_reads_back(value in integer(0..=20), negative in any::<bool>()) {
        let value = if negative { -BigInt::from(value) } else { BigInt::from(value) };
        prop_assert_eq!(BigInt::from_signed_bytes_be(&signed_bytes_of(&value)), value);
    }

    #[test]
    fn hex_of_any_case_and_with_leading_zeros_reads_back(value in integer(0..=40), zeros in 0..9_usize, upper in any::<bool>()) {
        let text = "0".repeat(zeros) + &to_hex(&value);
        let text = if upper { text.to_uppercase() } else { text };
        prop_assert_eq!(parse_hex(&text).expect("hex"), value.clone());
        prop_assert_eq!(Salt::from_hex(&text).expect("hex").value().clone(), value);
    }

    #[test]
    fn parsers_never_panic_on_any_text(text in ".{0,80}", hexish in "[-+0-9a-fA-FxX_ ]{0,40}") {
        for text in [text.as_str(), hexish.as_str()] {
            if let Ok(value) = parse_hex(text) {
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_hexdigit()), "only bare hex is read");
                prop_assert_eq!(to_hex(&value), match text.trim_start_matches('0') { "" => "0".to_owned(), rest => rest.to_lowercase() });
            }
            prop_assert_eq!(Salt::from_hex(text).is_ok(), parse_hex(text).is_ok());
            let _ = parse_base64(text);
            let _ = Timestamp::parse(text);
            if let Ok(id) = PoolId::parse(text) {
                prop_assert_eq!(format!("{}_{}", id.region(), id.name()), text);
            }
        }
    }

    #[test]
    fn text_near_a_timestamp_never_panics_and_only_the_canonical_one_is_canonical(
        unix in 0..4_102_444_800_i64, at in 0..40_usize, with in any::<char>(),
    ) {
        let right = Timestamp::from_unix(unix);
        let mut changed: Vec<char> = right.as_str().chars().collect();
        if at < changed.len() {
            changed[at] = with;
        } else {
            changed.push(with);
        }
        let changed: String = changed.into_iter().collect();
        if let Ok(parsed) = Timestamp::parse(&changed) {
            prop_assert_eq!(parsed.canonical, Timestamp::from_unix(parsed.unix).as_str() == changed);
        }
    }

    #[test]
    fn base64_reads_back(bytes in octets(0..=64)) {
        prop_assert_eq!(parse_base64(&to_base64(&bytes)).expect("base64"), bytes);
    }
}

#[test]
fn every_day_from_1970_to_2100_is_written_canonically_and_read_back() {
    for day in 0..47_847_i64 {
        // Another second of the day each time, so that hours, minutes and seconds of one and two digits all occur.
        let unix = day * 86_400 + day * 7_919 % 86_400;
        let text = Timestamp::from_unix(unix);
        let parsed = Timestamp::parse(text.as_str()).expect("canonical text is in the pattern");
        assert_eq!((parsed.unix, parsed.canonical), (unix, true), "{text}");
    }
}

#[test]
fn b_that_is_a_multiple_of_n_is_refused_by_the_client_before_anything_is_computed() {
    let d = Dialect::cognito();
    for quotient in 0..=2_u32 {
        let b_pub = &d.group.n * quotient;
        let refused = client_session(&d, &ALICE, &BigUint::from(7_u32), &salt(), &b_pub);
        assert_eq!(
            refused,
            Err(SrpError::IllegalB {
                quotient: quotient.into()
            }),
            "B = {quotient}N"
        );
    }
}

#[test]
fn a_that_is_a_multiple_of_n_is_refused_by_the_server() {
    let d = Dialect::cognito();
    let v = verifier(&d, &ALICE, &salt());
    for quotient in 0..=2_u32 {
        let refused = server_session(&d, &v, &BigUint::from(7_u32), &(&d.group.n * quotient));
        assert_eq!(
            refused,
            Err(SrpError::IllegalA {
                quotient: quotient.into()
            }),
            "A = {quotient}N"
        );
    }
}

#[test]
fn a_client_whose_own_a_vanishes_refuses_to_send_it() {
    // Impossible with a prime modulus; with N = 2^4 and g = 2, every exponent from 4 on does it.
    let mut d = Dialect::cognito();
    d.group = Group {
        id: "sixteen".into(),
        n: BigUint::from(16_u32),
        g: BigUint::from(2_u32),
    };
    assert_eq!(
        client_public(&d, &BigUint::from(4_u32)),
        Err(SrpError::IllegalA {
            quotient: BigUint::ZERO
        })
    );
    assert_eq!(
        client_public(&d, &BigUint::from(3_u32)),
        Ok(BigUint::from(8_u32)),
        "8 is no multiple of 16"
    );
}

#[test]
fn a_u_of_zero_is_refused_by_both_sides() {
    let d = Dialect {
        u: URule::Constant(BigUint::ZERO),
        ..Dialect::cognito()
    };
    let v = verifier(&d, &ALICE, &salt());
    let b_pub = server_public(&d, &v, &BigUint::from(5_u32));
    let client = client_session(&d, &ALICE, &BigUint::from(7_u32), &salt(), &b_pub);
    assert_eq!(client, Err(SrpError::ZeroU), "client");
    let server = server_session(&d, &v, &BigUint::from(5_u32), &BigUint::from(128_u32));
    assert_eq!(server, Err(SrpError::ZeroU), "server");
}

#[test]
fn a_port_without_checks_computes_what_an_attacker_can_predict() {
    let unchecked = Checks {
        a_zero: false,
        b_zero: false,
        u_zero: false,
    };
    let d = Dialect {
        checks: unchecked,
        ..Dialect::cognito()
    };
    let v = verifier(&d, &ALICE, &salt());
    let server =
        server_session(&d, &v, &BigUint::from(5_u32), &d.group.n).expect("nothing is refused");
    assert_eq!(server.s, BigUint::ZERO, "S of a server that accepts A = N");

    let no_u = Dialect {
        u: URule::Constant(BigUint::ZERO),
        ..d
    };
    let session = |x: u32| {
        client_session_with_x(&no_u, &x.into(), &7_u32.into(), &128_u32.into()).expect("no refusal")
    };
    assert_eq!(session(1).u, BigUint::ZERO, "u");
    let server = |v: u32| {
        server_session(&no_u, &v.into(), &5_u32.into(), &128_u32.into()).expect("no refusal")
    };
    assert_eq!(
        server(3).s,
        server(9).s,
        "S of a server with u = 0 doesn't depend on the verifier"
    );
}

/// The same cases in every run: a test that fails must fail again.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5eed),
        ..ProptestConfig::default()
    }
}

fn agree(
    d: &Dialect,
    user: &str,
    password: &str,
    salt: &[u8],
    a: &BigUint,
    b: &BigUint,
) -> Result<(), TestCaseError> {
    let salt = Salt::from_bytes(salt);
    let credentials = Credentials {
        scope: "aBcDeFgHi",
        user,
        password: password.as_bytes(),
    };
    let v = verifier(d, &credentials, &salt);
    let b_pub = server_public(d, &v, b);
    let client = client_session(d, &credentials, a, &salt, &b_pub).expect("honest sides");
    let server = server_session(d, &v, b, &client.a_pub).expect("honest sides");
    prop_assert_eq!(&client.k, &server.k, "k");
    prop_assert_eq!(&client.b_pub, &server.b_pub, "B");
    prop_assert_eq!(&client.u, &server.u, "u");
    prop_assert_eq!(&client.v, &server.v, "v");
    prop_assert_eq!(&client.s, &server.s, "S");
    prop_assert_eq!(&client.prk, &server.prk, "PRK");
    prop_assert_eq!(&client.key, &server.key, "K");
    Ok(())
}

fn integer(length: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = BigUint> {
    octets(length).prop_map(|bytes| BigUint::from_bytes_be(&bytes))
}

/// Octets in which zeros and set top bits at the front are as common as anything else.
fn octets(length: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    (
        proptest::collection::vec(any::<u8>(), length),
        prop_oneof![Just(None), Just(Some(0_u8)), Just(Some(0x80))],
    )
        .prop_map(|(mut bytes, first)| {
            if let (Some(octet), Some(first)) = (bytes.first_mut(), first) {
                *octet = first;
            }
            bytes
        })
}

fn salt() -> Salt {
    Salt::from_bytes(&[0xca, 0xfe])
}

const ALICE: Credentials<'static> = Credentials {
    scope: "aBcDeFgHi",
    user: "alice",
    password: b"Passw0rd!",
};
