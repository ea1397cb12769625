//! The whole step of either side, as a port on one library does it, and by our engines.

use std::hint::black_box;

use cognito_conformance::run::measure::Candidate;
use cognito_conformance::srp::modexp::{Engine, EngineName, LANES};
use cognito_conformance::srp::{
    BigUint, ChallengeInput, ClaimInput, ClientInput, Credentials, Dialect, Hash, Mac, Salt,
    ServerInput, claim, client_public, client_sessions, hkdf, multiplier, server_public,
    server_publics, server_sessions, signed_bytes, verifier,
};

use crate::libraries::{Libraries, Library, Visit};
use crate::powers::in_turn;
use crate::workload::{Effort, Workload, engine_name, number};

/// Whose step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A = g^a, u, x, v = g^x, S = (B − k·v)^(a + u·x), HKDF, claim; a of 1024 bits.
    Client,
    /// B = k·v + g^b, u, S = (A·v^u)^b, HKDF, claim; b of 256 bits.
    Server,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Client, Self::Server];

    /// The name of the workload.
    pub fn workload(self) -> &'static str {
        match self {
            Self::Client => CLIENT,
            Self::Server => SERVER,
        }
    }
}

/// The client's step.
pub const CLIENT: &str = "client step, a 1024";
/// The server's step.
pub const SERVER: &str = "server step, b 256";

/// Measures steps by everybody, after their claims were compared with those that num-bigint gives, on both sides.
pub fn measure(libraries: &Libraries, side: Side, effort: &Effort) -> Workload {
    let people = People::new(libraries);
    let mut candidates = Candidates {
        of: &people,
        side,
        all: Vec::new(),
    };
    libraries.each_for_steps(&mut candidates);
    let mut all = candidates.all;
    for engine in Engine::available() {
        people.add(engine, side, &mut all);
    }
    Workload::measure(side.workload().to_owned(), all, &effort.plan)
}

/// Eight sign-ins to one pool.
struct People {
    dialect: Dialect,
    all: Vec<Person>,
    /// The signatures of their claims.
    expected: Vec<Vec<u8>>,
}

/// The values of both sides of a sign-in.
struct Person {
    salt: Salt,
    v: BigUint,
    a: BigUint,
    b: BigUint,
    a_pub: BigUint,
    b_pub: BigUint,
}

impl People {
    fn new(libraries: &Libraries) -> Self {
        let dialect = Dialect::cognito();
        let all: Vec<Person> = (0..LANES)
            .map(|at| {
                let salt = Salt::from_bytes(&Hash::Sha256.digest(&[b"salt", &[at as u8]])[..16]);
                let v = verifier(&dialect, &ALICE, &salt);
                let (a, b) = (number("a", at, 1024), number("b", at, 256));
                Person {
                    a_pub: client_public(&dialect, &a).expect("N is prime"),
                    b_pub: server_public(&dialect, &v, &b),
                    salt,
                    v,
                    a,
                    b,
                }
            })
            .collect();
        let port = Port::new(&libraries.num_bigint, &dialect, &all);
        let expected: Vec<Vec<u8>> = (0..LANES).map(|at| port.client(at)).collect();
        for (at, expected) in expected.iter().enumerate() {
            assert_eq!(port.server(at), *expected, "both sides of sign-in {at}");
        }
        Self {
            dialect,
            all,
            expected,
        }
    }

    /// An engine, one at a time and, where that is another thing, side by side.
    fn add<'a>(&'a self, engine: Engine, side: Side, all: &mut Vec<Candidate<'a, String>>) {
        let step = move |people: &[Person]| match side {
            Side::Client => self.clients(engine, people),
            Side::Server => self.servers(engine, people),
        };
        let alone = move |at: usize| step(black_box(&self.all[at..=at]));
        let name = engine_name(engine.name(), false);
        let signatures: Vec<Vec<u8>> = (0..LANES).flat_map(alone).collect();
        assert_eq!(signatures, self.expected, "{name}");
        all.push(Candidate::new(name, 1, in_turn(alone)));
        if engine.name() == EngineName::Reference {
            return;
        }
        let together = move || step(black_box(&self.all));
        let name = engine_name(engine.name(), true);
        assert_eq!(together(), self.expected, "{name}");
        let work = move || {
            black_box(together());
        };
        all.push(Candidate::new(name, LANES as u32, work));
    }

    fn clients(&self, engine: Engine, people: &[Person]) -> Vec<Vec<u8>> {
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
            .map(|session| claim(&session.expect("B is legal").key, &MESSAGE).signature)
            .collect()
    }

    fn servers(&self, engine: Engine, people: &[Person]) -> Vec<Vec<u8>> {
        let challenges: Vec<ChallengeInput<'_>> = people
            .iter()
            .map(|Person { v, b, .. }| ChallengeInput { v, b })
            .collect();
        let publics = server_publics(engine, &self.dialect, &challenges);
        let inputs: Vec<ServerInput<'_>> = people
            .iter()
            .zip(&publics)
            .map(|(person, b_pub)| ServerInput {
                v: &person.v,
                b: &person.b,
                a_pub: &person.a_pub,
                b_pub,
            })
            .collect();
        server_sessions(engine, &self.dialect, &inputs)
            .into_iter()
            .map(|session| claim(&session.expect("A is legal").key, &MESSAGE).signature)
            .collect()
    }
}

struct Candidates<'a> {
    of: &'a People,
    side: Side,
    all: Vec<Candidate<'a, String>>,
}

impl<'a> Visit<'a> for Candidates<'a> {
    fn visit<L: Library>(&mut self, library: &'a L) {
        let port = Port::new(library, &self.of.dialect, &self.of.all);
        let side = self.side;
        let step = move |at: usize| match side {
            Side::Client => port.client(black_box(at)),
            Side::Server => port.server(black_box(at)),
        };
        let name = library.name();
        let signatures: Vec<Vec<u8>> = (0..LANES).map(&step).collect();
        assert_eq!(signatures, self.of.expected, "{name}");
        self.all.push(Candidate::new(name, 1, in_turn(step)));
    }
}

/// A port on one library, with the numbers of the sign-ins as its own.
struct Port<'a, L: Library> {
    library: &'a L,
    k: L::Number,
    people: Vec<PersonIn<L>>,
}

struct PersonIn<L: Library> {
    salt: Vec<u8>,
    v: L::Number,
    a: L::Number,
    b: L::Number,
    a_pub: L::Number,
    b_pub: L::Number,
}

impl<'a, L: Library> Port<'a, L> {
    fn new(library: &'a L, d: &Dialect, people: &[Person]) -> Self {
        let people = people.iter().map(|person| PersonIn {
            salt: signed_bytes(person.salt.value()),
            v: library.convert(&person.v),
            a: library.convert(&person.a),
            b: library.convert(&person.b),
            a_pub: library.convert(&person.a_pub),
            b_pub: library.convert(&person.b_pub),
        });
        Self {
            library,
            k: library.convert(&multiplier(d)),
            people: people.collect(),
        }
    }

    /// The signature of the client's claim.
    fn client(&self, at: usize) -> Vec<u8> {
        let (library, person) = (self.library, &self.people[at]);
        let a_pub = library.power_of_g(&person.a);
        let u = self.scrambler(&a_pub, &person.b_pub);
        let inner = Hash::Sha256.digest(&[
            ALICE.scope.as_bytes(),
            ALICE.user.as_bytes(),
            b":",
            ALICE.password,
        ]);
        let x = library.read(&Hash::Sha256.digest(&[&person.salt, &inner]));
        let v = library.power_of_g(&x);
        let base = library.difference(&person.b_pub, &library.product(&self.k, &v));
        let s = library.power(&base, &library.exponent(&person.a, &u, &x));
        self.signature(&u, &s)
    }

    /// The signature that the server expects.
    fn server(&self, at: usize) -> Vec<u8> {
        let (library, person) = (self.library, &self.people[at]);
        let b_pub = library.sum(
            &library.product(&self.k, &person.v),
            &library.power_of_g(&person.b),
        );
        let u = self.scrambler(&person.a_pub, &b_pub);
        let base = library.product(&person.a_pub, &library.power(&person.v, &u));
        let s = library.power(&base, &person.b);
        self.signature(&u, &s)
    }

    fn scrambler(&self, a_pub: &L::Number, b_pub: &L::Number) -> L::Number {
        let hash = Hash::Sha256.digest(&[&self.signed(a_pub), &self.signed(b_pub)]);
        self.library.read(&hash)
    }

    fn signature(&self, u: &L::Number, s: &L::Number) -> Vec<u8> {
        let (salt, ikm) = (self.signed(u), self.signed(s));
        let key = hkdf(Mac::Sha256, &salt, &ikm, b"Caldera Derived Key", 16).okm;
        claim(&key, &MESSAGE).signature
    }

    /// Cognito's form of a number: a zero octet in front when the top bit is set.
    fn signed(&self, number: &L::Number) -> Vec<u8> {
        let mut octets = self.library.write(number);
        if octets.first().is_none_or(|first| first & 0x80 != 0) {
            octets.insert(0, 0);
        }
        octets
    }
}

const ALICE: Credentials<'static> = Credentials {
    scope: "aBcDeFgHi",
    user: "alice",
    password: b"Passw0rd!",
};
const MESSAGE: ClaimInput<'static> = ClaimInput {
    scope: ALICE.scope,
    user: ALICE.user,
    // A secret block of the real service has about 1300 octets.
    secret_block: &[0x5a; 1300],
    timestamp: "Tue Mar 5 09:07:03 UTC 2024",
};
