//! The vectors of `cognito-deep`: values with two leading zero octets, and several unusual values at once, with a and b that
//! make them. They are for ports that take an injected a; live, such values are the pool's to find.
//!
//! To find them again, and see that they are the same (some minutes without a fast engine):
//!
//! ```sh
//! cargo test --release --test deep_vectors -- --ignored
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use cognito_conformance::model::ByteClass;
use cognito_conformance::srp::search::{Lead, Search, Wanted, search_private};
use cognito_conformance::srp::{
    BigUint, Credentials, Dialect, Group, Hash, Salt, derive_key, multiplier, parse_hex,
    private_key_x, signed_bytes, to_hex,
};
use cognito_conformance::suite::vector::{Case, all};
use serde::Serialize;

#[test]
fn each_vector_is_unusual_in_what_its_name_says_and_in_nothing_else() {
    for case in deep_cases() {
        let mut unusual = Vec::new();
        for name in ["A", "B", "u", "S", "salt"] {
            let lead = match name {
                "salt" => &case.inputs["salt"][..4],
                name => &case.published[&format!("{name}_lead")],
            };
            let octets = u16::from_str_radix(lead, 16).expect("hex").to_be_bytes();
            match ByteClass::of(&octets) {
                ByteClass::Plain => {}
                class => unusual.push(format!("{name}={class}")),
            }
        }
        if case.published["parity"] == "odd" {
            unusual.push("odd".to_owned());
        }
        assert_eq!(unusual.join("+"), case.id, "{}", case.id);
    }
}

#[test]
fn every_value_is_what_plain_powers_give() {
    for case in deep_cases() {
        let made = plain_powers(&case.inputs);
        assert_eq!(case.published, made, "{}", case.id);
    }
}

#[test]
fn the_plan_and_the_file_have_the_same_vectors() {
    let planned: Vec<_> = PLAN.iter().map(Plan::id).collect();
    let written: Vec<_> = deep_cases().into_iter().map(|case| case.id).collect();
    assert_eq!(written, planned);
}

#[test]
#[ignore = "searches for some minutes"]
fn the_search_finds_the_vectors_of_the_file_again() {
    let cases = PLAN.iter().map(Plan::search).collect();
    let found = File::new(cases).text();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = folder.join("fixtures/vectors/cognito-deep.json");
    if std::fs::read_to_string(&file).ok().as_ref() != Some(&found) {
        let other = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cognito-deep.json");
        std::fs::write(&other, found).expect("the folder is cargo's");
        panic!("other vectors were found: {}", other.display());
    }
}

/// What a vector is to be like; what is not named is plain.
struct Plan {
    salt: &'static str,
    unusual: &'static [(&'static str, ByteClass)],
    odd: bool,
}

impl Plan {
    const fn of(unusual: &'static [(&'static str, ByteClass)]) -> Self {
        Self {
            salt: PLAIN_SALT,
            unusual,
            odd: false,
        }
    }

    fn id(&self) -> String {
        let salt = ByteClass::of(Salt::from_hex(self.salt).expect("hex").bytes());
        let salt = (salt != ByteClass::Plain).then(|| format!("salt={salt}"));
        self.unusual
            .iter()
            .map(|(name, class)| format!("{name}={class}"))
            .chain(salt)
            .chain(self.odd.then(|| "odd".to_owned()))
            .collect::<Vec<_>>()
            .join("+")
    }

    fn lead(&self, name: &str) -> Lead {
        let unusual = self.unusual.iter().find(|(known, _)| *known == name);
        let class = unusual.map_or(ByteClass::Plain, |(_, class)| *class);
        Lead::new(class.beginnings())
    }

    /// Looks for a from 2^1023 and for b from 2^62 on.
    fn search(&self) -> FileCase {
        let dialect = Dialect::cognito();
        let salt = Salt::from_hex(self.salt).expect("hex");
        let x = private_key_x(&dialect, &ALICE, &salt).x;
        assert!(!x.bit(0), "x is even, so that the parity is that of a");
        let v = dialect.group.g.modpow(&x, &dialect.group.n);
        let mut from = BigUint::from(1_u8) << 1023;
        let private = loop {
            let lead = self.lead("A");
            let found = search_private(&dialect.group, &from, Some(&lead), false, u64::MAX)
                .expect("there is one");
            if found.a.bit(0) == self.odd {
                break found;
            }
            from = found.a + 1_u8;
        };
        let wanted = Wanted {
            b_pub: Some(self.lead("B")),
            u: Some(self.lead("u")),
            s: Some(self.lead("S")),
            odd: false,
        };
        let search = Search::new(&dialect, &dialect, &v, &private.a_pub);
        let found = search.run(&(BigUint::from(1_u8) << 62), &wanted, 1 << 32);
        assert!(found.holds, "{} is found", self.id());
        eprintln!("{}: {} values of b", self.id(), found.tries);
        let inputs = BTreeMap::from([
            ("scope".to_owned(), ALICE.scope.to_owned()),
            ("user".to_owned(), ALICE.user.to_owned()),
            ("password".to_owned(), PASSWORD.to_owned()),
            ("salt".to_owned(), self.salt.to_owned()),
            ("a".to_owned(), to_hex(&private.a)),
            ("b".to_owned(), to_hex(&found.candidate.b)),
        ]);
        FileCase {
            id: self.id(),
            published: plain_powers(&inputs),
            inputs,
        }
    }
}

/// Everything that follows from the inputs, by num-bigint's own powers.
fn plain_powers(inputs: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let dialect = Dialect::cognito();
    let Group { n, g, .. } = &dialect.group;
    let int = |name: &str| parse_hex(&inputs[name]).expect("hex");
    let (a, b) = (int("a"), int("b"));
    let salt = Salt::from_hex(&inputs["salt"]).expect("hex");
    let credentials = Credentials {
        scope: &inputs["scope"],
        user: &inputs["user"],
        password: inputs["password"].as_bytes(),
    };
    let private = private_key_x(&dialect, &credentials, &salt);
    let x = private.x;
    let k = multiplier(&dialect);
    let v = g.modpow(&x, n);
    let a_pub = g.modpow(&a, n);
    let b_pub = (&k * &v + g.modpow(&b, n)) % n;
    let octets = Hash::Sha256.digest(&[&signed_bytes(&a_pub), &signed_bytes(&b_pub)]);
    let u = BigUint::from_bytes_be(&octets);
    let exponent = a + &u * &x;
    let s = ((&b_pub + n - &k * &v % n) % n).modpow(&exponent, n);
    let server = (&a_pub * v.modpow(&u, n) % n).modpow(&b, n);
    assert_eq!(s, server, "S of both sides");
    let derived = derive_key(&dialect, &u, &s);
    let octets = |octets: &[u8]| data_encoding::HEXLOWER.encode(octets);
    let lead = |value: &BigUint, width: u32| format!("{:04x}", value >> (8 * width - 16));
    let parity = if exponent.bit(0) { "odd" } else { "even" };
    BTreeMap::from([
        ("A", to_hex(&a_pub)),
        ("A_lead", lead(&a_pub, 384)),
        ("B", to_hex(&b_pub)),
        ("B_lead", lead(&b_pub, 384)),
        ("K", octets(&derived.key)),
        ("S", to_hex(&s)),
        ("S_lead", lead(&s, 384)),
        ("inner", octets(&private.inner)),
        ("k", to_hex(&k)),
        ("parity", parity.to_owned()),
        ("prk", octets(&derived.prk.expect("Cognito has an HKDF"))),
        ("u", to_hex(&u)),
        ("u_lead", lead(&u, 32)),
        ("v", to_hex(&v)),
        ("x", to_hex(&x)),
    ])
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The file, in the order in which its members are written.
#[derive(Serialize)]
struct File {
    schema: &'static str,
    id: &'static str,
    title: &'static str,
    kind: &'static str,
    sources: [BTreeMap<&'static str, &'static str>; 1],
    licence: &'static str,
    dialect: BTreeMap<&'static str, &'static str>,
    notes: &'static [&'static str],
    cases: Vec<FileCase>,
}

#[derive(Serialize)]
struct FileCase {
    id: String,
    inputs: BTreeMap<String, String>,
    published: BTreeMap<String, String>,
}

impl File {
    fn new(cases: Vec<FileCase>) -> Self {
        Self {
            schema: "cognito-conformance-vectors/1",
            id: "cognito-deep",
            title: "Two leading zero octets, and several unusual values at once",
            kind: "srp",
            sources: [BTreeMap::from([
                ("document", "computed for this project"),
                (
                    "role",
                    "found by the steering search of this project, recomputed by num-bigint and by Python's pow",
                ),
            ])],
            licence: "as this project",
            dialect: BTreeMap::from([("name", "cognito")]),
            notes: NOTES,
            cases,
        }
    }

    fn text(&self) -> String {
        let mut text = Vec::new();
        let format = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, format);
        self.serialize(&mut serializer).expect("strings and lists");
        text.push(b'\n');
        String::from_utf8(text).expect("JSON is UTF-8")
    }
}

fn deep_cases() -> Vec<Case> {
    let files = all().expect("the files are part of the program");
    let file = files.into_iter().find(|file| file.id == "cognito-deep");
    file.expect("the file is there").cases
}

const PLAN: &[Plan] = &[
    Plan::of(&[("A", ByteClass::ZeroZero)]),
    Plan::of(&[("B", ByteClass::ZeroZero)]),
    Plan::of(&[("u", ByteClass::ZeroZero)]),
    Plan::of(&[("S", ByteClass::ZeroZero)]),
    Plan {
        salt: "0000522d3c4b5a69788796a5b4c3d2e1",
        ..Plan::of(&[])
    },
    Plan::of(&[("A", ByteClass::ZeroZero), ("S", ByteClass::ZeroZero)]),
    Plan::of(&[("B", ByteClass::ZeroZero), ("S", ByteClass::Top)]),
    Plan::of(&[("u", ByteClass::ZeroZero), ("S", ByteClass::Top)]),
    Plan::of(&[
        ("B", ByteClass::ZeroNibble),
        ("u", ByteClass::Top),
        ("S", ByteClass::ZeroHigh),
    ]),
    Plan::of(&[("B", ByteClass::ZeroLow), ("u", ByteClass::ZeroLow)]),
    Plan::of(&[("u", ByteClass::ZeroLow), ("S", ByteClass::ZeroLow)]),
    Plan::of(&[("u", ByteClass::ZeroHigh), ("S", ByteClass::ZeroHigh)]),
    Plan {
        salt: "ca0f1e2d3c4b5a69788796a5b4c3d2e1",
        odd: true,
        ..Plan::of(&[
            ("A", ByteClass::Top),
            ("B", ByteClass::Top),
            ("u", ByteClass::Top),
            ("S", ByteClass::Top),
        ])
    },
    Plan {
        salt: "0a111e2d3c4b5a69788796a5b4c3d2e1",
        ..Plan::of(&[
            ("A", ByteClass::ZeroNibble),
            ("B", ByteClass::ZeroNibble),
            ("u", ByteClass::ZeroNibble),
            ("S", ByteClass::ZeroNibble),
        ])
    },
];
const PLAIN_SALT: &str = "4a101e2d3c4b5a69788796a5b4c3d2e1";
const PASSWORD: &str = "Passw0rd!";
const ALICE: Credentials<'static> = Credentials {
    scope: "aBcDeFgHi",
    user: "alice",
    password: PASSWORD.as_bytes(),
};
const NOTES: &[&str] = &[
    "a is the first from 2^1023 on, b the first from 2^62 on: cargo test --release --test deep_vectors -- --ignored",
    "each case has exactly those of A, B, u, S, salt and the parity of a + u·x unusual that its id names; every other value begins with an octet from 10 to 7f",
    "0000: the first two octets 00; the other classes as in cognito-edge",
    "the _lead values are the first two octets at full width (384 for A, B and S; 32 for u)",
];
