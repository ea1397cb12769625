//! Eight sign-ins to one pool, with Cognito's dialect, and the steps of both sides by our engines.

use cognito_conformance::srp::modexp::{Engine, LANES};
use cognito_conformance::srp::{
    BigUint, ChallengeInput, Claim, ClaimInput, ClientInput, Credentials, Dialect, Hash, Salt,
    ServerInput, claim, client_public, client_sessions, server_public, server_publics,
    server_sessions, verifier,
};

use super::number;

/// Eight sign-ins.
pub struct SignIns {
    /// The arithmetic.
    pub dialect: Dialect,
    /// Who signs in: the same user, with eight salts and private values.
    pub people: Vec<Person>,
}

/// A user, and the values of both sides of a sign-in.
pub struct Person {
    /// The salt, 16 octets.
    pub salt: Salt,
    /// The verifier.
    pub v: BigUint,
    /// The client's private value.
    pub a: BigUint,
    /// The server's private value.
    pub b: BigUint,
    /// `g^a`.
    pub a_pub: BigUint,
    /// `k·v + g^b`.
    pub b_pub: BigUint,
}

impl SignIns {
    /// Who signs in.
    pub const ALICE: Credentials<'static> = Credentials {
        scope: "aBcDeFgHi",
        user: "alice",
        password: b"Passw0rd!",
    };

    /// What is claimed.
    pub const MESSAGE: ClaimInput<'static> = ClaimInput {
        scope: Self::ALICE.scope,
        user: Self::ALICE.user,
        // A secret block of the real service has about 1300 octets; the HMAC of that costs microseconds.
        secret_block: &[0x5a; 1300],
        timestamp: "Tue Mar 5 09:07:03 UTC 2024",
    };

    /// With private values of so many bits.
    pub fn new(a_bits: u64, b_bits: u64) -> Self {
        let dialect = Dialect::cognito();
        let people = (0..LANES).map(|at| {
            let salt = Salt::from_bytes(&Hash::Sha256.digest(&[b"salt", &[at as u8]])[..16]);
            let v = verifier(&dialect, &Self::ALICE, &salt);
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

    /// The client's step: A = g^a; u; x; v = g^x; S = (B − k·v)^(a + u·x); HKDF; claim.
    pub fn clients(&self, engine: Engine, people: &[Person]) -> Vec<Claim> {
        let inputs: Vec<ClientInput<'_>> = people
            .iter()
            .map(|person| ClientInput {
                credentials: Self::ALICE,
                a: &person.a,
                salt: &person.salt,
                b_pub: &person.b_pub,
            })
            .collect();
        client_sessions(engine, &self.dialect, &inputs)
            .into_iter()
            .map(|session| claim(&session.expect("B is legal").key, &Self::MESSAGE))
            .collect()
    }

    /// The server's step: B = k·v + g^b; u; S = (A·v^u)^b; HKDF; claim.
    pub fn servers(&self, engine: Engine, people: &[Person]) -> Vec<Claim> {
        let inputs: Vec<ChallengeInput<'_>> = people
            .iter()
            .map(|Person { v, b, .. }| ChallengeInput { v, b })
            .collect();
        let publics = server_publics(engine, &self.dialect, &inputs);
        self.proofs(engine, people, publics.iter())
    }

    /// The server's step when B is there: u; S = (A·v^u)^b; HKDF; claim.
    pub fn proofs<'a>(
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
            .map(|session| claim(&session.expect("A is legal").key, &Self::MESSAGE))
            .collect()
    }
}
