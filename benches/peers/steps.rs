//! The whole step of either side, as a port on one library does it, and by our engines.

use std::hint::black_box;

use cognito_conformance::run::bench::measure::Candidate;
use cognito_conformance::srp::modexp::{Engine, EngineName, LANES};
use cognito_conformance::srp::{Hash, Mac, claim, hkdf, multiplier, signed_bytes};

use crate::libraries::{Libraries, Library, Visit};
use crate::powers::in_turn;
use crate::support::SignIns;
use crate::workload::{Effort, Workload, engine_name};

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
pub const CLIENT: &str = "client, a 1024";
/// The server's step.
pub const SERVER: &str = "server, b 256";

/// Measures steps by everybody, after their claims were compared with those that num-bigint gives, on both sides.
pub fn measure(libraries: &Libraries, side: Side, effort: &Effort) -> Workload {
    let steps = Steps::new(libraries);
    let mut candidates = Candidates {
        of: &steps,
        side,
        all: Vec::new(),
    };
    libraries.each_for_steps(&mut candidates);
    let mut all = candidates.all;
    for engine in Engine::available() {
        steps.add(engine, side, &mut all);
    }
    Workload::measure(side.workload().to_owned(), all, &effort.plan)
}

/// Eight sign-ins, and the signatures of their claims.
struct Steps {
    sign_ins: SignIns,
    expected: Vec<Vec<u8>>,
}

impl Steps {
    fn new(libraries: &Libraries) -> Self {
        let sign_ins = SignIns::new(1024, 256);
        let port = Port::new(&libraries.num_bigint, &sign_ins);
        let expected: Vec<Vec<u8>> = (0..LANES).map(|at| port.client(at)).collect();
        for (at, expected) in expected.iter().enumerate() {
            assert_eq!(port.server(at), *expected, "both sides of sign-in {at}");
        }
        Self { sign_ins, expected }
    }

    /// An engine, one at a time and, where that is another thing, side by side.
    fn add<'a>(&'a self, engine: Engine, side: Side, all: &mut Vec<Candidate<'a, String>>) {
        let people = &self.sign_ins.people;
        let step = move |people: &[_]| -> Vec<Vec<u8>> {
            let claims = match side {
                Side::Client => self.sign_ins.clients(engine, people),
                Side::Server => self.sign_ins.servers(engine, people),
            };
            claims.into_iter().map(|claim| claim.signature).collect()
        };
        let alone = move |at: usize| step(black_box(&people[at..=at]));
        let name = engine_name(engine.name(), false);
        let signatures: Vec<Vec<u8>> = (0..LANES).flat_map(alone).collect();
        assert_eq!(signatures, self.expected, "{name}");
        all.push(Candidate::new(name, 1, in_turn(alone)));
        if engine.name() == EngineName::Reference {
            return;
        }
        let together = move || step(black_box(people));
        let name = engine_name(engine.name(), true);
        assert_eq!(together(), self.expected, "{name}");
        let work = move || {
            black_box(together());
        };
        all.push(Candidate::new(name, LANES as u32, work));
    }
}

struct Candidates<'a> {
    of: &'a Steps,
    side: Side,
    all: Vec<Candidate<'a, String>>,
}

impl<'a> Visit<'a> for Candidates<'a> {
    fn visit<L: Library>(&mut self, library: &'a L) {
        let port = Port::new(library, &self.of.sign_ins);
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
    fn new(library: &'a L, sign_ins: &SignIns) -> Self {
        let people = sign_ins.people.iter().map(|person| PersonIn {
            salt: signed_bytes(person.salt.value()),
            v: library.convert(&person.v),
            a: library.convert(&person.a),
            b: library.convert(&person.b),
            a_pub: library.convert(&person.a_pub),
            b_pub: library.convert(&person.b_pub),
        });
        Self {
            library,
            k: library.convert(&multiplier(&sign_ins.dialect)),
            people: people.collect(),
        }
    }

    /// The signature of the client's claim.
    fn client(&self, at: usize) -> Vec<u8> {
        let (library, person) = (self.library, &self.people[at]);
        let a_pub = library.power_of_g(&person.a);
        let u = self.scrambler(&a_pub, &person.b_pub);
        let inner = Hash::Sha256.digest(&[
            SignIns::ALICE.scope.as_bytes(),
            SignIns::ALICE.user.as_bytes(),
            b":",
            SignIns::ALICE.password,
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
        claim(&key, &SignIns::MESSAGE).signature
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
