//! Many sign-ins side by side give what each gives alone, by every engine, refusals included.

use cognito_conformance::srp::modexp::Engine;
use cognito_conformance::srp::{
    BigUint, ChallengeInput, Checks, ClientInput, Credentials, Dialect, Group, Salt, ServerInput,
    SrpError, URule, client_session, client_sessions, server_public, server_publics,
    server_session, server_session_with_public, server_sessions, verifier,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

proptest! {
    // The same cases in every run: a test that fails must fail again.
    #![proptest_config(ProptestConfig {
        cases: 10,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(0x5eed),
        ..ProptestConfig::default()
    })]

    #[test]
    fn clients_side_by_side_compute_what_each_computes_alone(
        d in dialect(), people in proptest::collection::vec(person(), 0..12),
    ) {
        let publics: Vec<BigUint> = people.iter().map(|person| person.public(&d)).collect();
        let inputs: Vec<ClientInput<'_>> = people
            .iter()
            .zip(&publics)
            .map(|(person, b_pub)| ClientInput {
                credentials: person.credentials(),
                a: &person.a,
                salt: &person.salt,
                b_pub,
            })
            .collect();
        let expected: Vec<_> = inputs
            .iter()
            .map(|input| client_session(&d, &input.credentials, input.a, input.salt, input.b_pub))
            .collect();
        for engine in Engine::available() {
            prop_assert_eq!(&client_sessions(engine, &d, &inputs), &expected, "{} by {}", d.id, engine.name());
        }
    }

    #[test]
    fn servers_side_by_side_compute_what_each_computes_alone(
        d in dialect(), people in proptest::collection::vec(person(), 0..12),
    ) {
        let values: Vec<(BigUint, BigUint)> = people
            .iter()
            .map(|person| (verifier(&d, &person.credentials(), &person.salt), person.public(&d)))
            .collect();
        let challenges: Vec<ChallengeInput<'_>> = people
            .iter()
            .zip(&values)
            .map(|(person, (v, _))| ChallengeInput { v, b: &person.b })
            .collect();
        let expected_publics: Vec<BigUint> =
            challenges.iter().map(|input| server_public(&d, input.v, input.b)).collect();
        let inputs: Vec<ServerInput<'_>> = challenges
            .iter()
            .zip(&values)
            .zip(&expected_publics)
            .map(|((challenge, (_, a_pub)), b_pub)| ServerInput { v: challenge.v, b: challenge.b, a_pub, b_pub })
            .collect();
        let expected: Vec<_> = inputs
            .iter()
            .map(|input| server_session(&d, input.v, input.b, input.a_pub))
            .collect();
        let known: Vec<_> = inputs.iter().map(|input| server_session_with_public(&d, input)).collect();
        prop_assert_eq!(&known, &expected, "{}: B known or computed", d.id);
        for engine in Engine::available() {
            prop_assert_eq!(
                &server_publics(engine, &d, &challenges), &expected_publics, "B in {} by {}", d.id, engine.name()
            );
            prop_assert_eq!(&server_sessions(engine, &d, &inputs), &expected, "{} by {}", d.id, engine.name());
        }
    }
}

#[test]
fn a_refused_sign_in_takes_nothing_from_its_neighbours() {
    let d = Dialect::cognito();
    let (a, b, salt) = (number(7), number(11), Salt::from_bytes(&[0xca, 0xfe]));
    let credentials = Credentials {
        scope: "aBcDeFgHi",
        user: "alice",
        password: b"Passw0rd!",
    };
    let v = verifier(&d, &credentials, &salt);
    let legal = server_public(&d, &v, &b);
    let illegal = &d.group.n * 2_u8;
    let publics = [&legal, &illegal, &legal];
    let clients = publics.map(|b_pub| ClientInput {
        credentials,
        a: &a,
        salt: &salt,
        b_pub,
    });
    let servers = publics.map(|a_pub| ServerInput {
        v: &v,
        b: &b,
        a_pub,
        b_pub: &legal,
    });
    let quotient = number(2);
    for engine in Engine::available() {
        let name = engine.name();
        let clients = client_sessions(engine, &d, &clients);
        let refused = SrpError::IllegalB {
            quotient: quotient.clone(),
        };
        assert_eq!(clients[1], Err(refused), "B = 2N by {name}");
        assert!(clients[0].is_ok(), "the first client by {name}");
        assert_eq!(clients[0], clients[2], "its neighbours by {name}");
        let servers = server_sessions(engine, &d, &servers);
        let refused = SrpError::IllegalA {
            quotient: quotient.clone(),
        };
        assert_eq!(servers[1], Err(refused), "A = 2N by {name}");
        assert!(servers[0].is_ok(), "the first server by {name}");
        assert_eq!(servers[0], servers[2], "its neighbours by {name}");
    }
}

/// One side's private values, and the other's public value, which may be illegal.
#[derive(Clone, Debug)]
struct Person {
    name: String,
    password: String,
    salt: Salt,
    a: BigUint,
    b: BigUint,
    public: Public,
}

#[derive(Clone, Debug)]
enum Public {
    /// This number, reduced or not.
    Some(BigUint),
    /// A multiple of N.
    Multiple(u8),
}

impl Person {
    fn credentials(&self) -> Credentials<'_> {
        Credentials {
            scope: "aBcDeFgHi",
            user: &self.name,
            password: self.password.as_bytes(),
        }
    }

    fn public(&self, d: &Dialect) -> BigUint {
        match &self.public {
            Public::Some(value) => value.clone(),
            Public::Multiple(quotient) => &d.group.n * *quotient,
        }
    }
}

/// Cognito's two, relatives with other groups and generators, and dialects in which other refusals can happen.
fn dialect() -> impl Strategy<Value = Dialect> {
    let no_checks = Checks {
        a_zero: false,
        b_zero: false,
        u_zero: false,
    };
    // Powers of 2 vanish modulo 2^12, so that a client's own A can be illegal.
    let composite = Group {
        id: "4096".into(),
        n: number(4096),
        g: number(2),
    };
    prop_oneof![
        4 => Just(Dialect::cognito()),
        2 => Just(Dialect::cognito_device()),
        1 => Just(Dialect::rfc5054_sha1()),
        1 => Just(Dialect::apple_homekit()),
        1 => Just(Dialect { checks: no_checks, ..Dialect::cognito() }),
        1 => Just(Dialect { u: URule::Constant(BigUint::ZERO), ..Dialect::cognito() }),
        1 => Just(Dialect { group: composite, ..Dialect::cognito() }),
    ]
}

fn person() -> impl Strategy<Value = Person> {
    (
        ".{0,6}",
        ".{0,6}",
        proptest::collection::vec(any::<u8>(), 0..=16),
        integer(24),
        integer(24),
        prop_oneof![
            4 => integer(400).prop_map(Public::Some),
            1 => (0..3_u8).prop_map(Public::Multiple),
        ],
    )
        .prop_map(|(name, password, salt, a, b, public)| Person {
            name,
            password,
            salt: Salt::from_bytes(&salt),
            a,
            b,
            public,
        })
}

fn integer(most_octets: usize) -> impl Strategy<Value = BigUint> {
    proptest::collection::vec(any::<u8>(), 0..=most_octets)
        .prop_map(|octets| BigUint::from_bytes_be(&octets))
}

fn number(value: u32) -> BigUint {
    BigUint::from(value)
}
