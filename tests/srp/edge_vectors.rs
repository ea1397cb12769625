//! The vectors of `cognito-edge`, each with one unusual value, against known mistakes: the set of vectors on which a
//! mistake fails names the mistake.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cognito_conformance::mistakes::arithmetic::{ARITHMETIC, arithmetic};
use cognito_conformance::srp::{Credentials, Dialect, Salt, client_session, parse_hex};
use cognito_conformance::suite::vector::{Case, all};

/// Which vectors each mistake fails on. No two rows share a set.
const KILL_TABLE: &[(&[&str], &[&str])] = &[
    (&["k-over-unsigned-n", "k-over-padded-g"], EVERY),
    (
        &["u-over-padded-public-values"],
        &["A=top", "A=00lo", "B=top", "B=00lo"],
    ),
    (
        &["u-over-unsigned-public-values"],
        &["A=top", "A=00hi", "B=top", "B=00hi"],
    ),
    (&["odd-hex-loses-a-nibble"], &["A=nib", "B=nib", "B=00lo"]),
    (&["x-over-raw-salt"], &["salt=top", "salt=00lo"]),
    (&["x-over-unsigned-salt"], &["salt=top", "salt=00hi"]),
    (&["negative-base-loses-its-sign"], &["odd"]),
    (&["hkdf-input-s-fixed-width"], &["S=top", "S=00lo"]),
    (&["hkdf-input-s-unsigned"], &["S=top", "S=00hi"]),
    (&["hkdf-salt-raw-hash"], &["u=top", "u=00lo"]),
    (&["hkdf-salt-unsigned"], &["u=top", "u=00hi"]),
    (&["hkdf-salt-padded-hash-text"], &["u=00lo"]),
];

#[test]
fn the_right_dialect_gives_the_key_of_every_edge_vector() {
    assert_eq!(
        failing(&Dialect::cognito()),
        BTreeSet::new(),
        "vectors on which Cognito's own dialect fails"
    );
}

#[test]
fn each_mistake_fails_on_exactly_the_vectors_of_its_row() {
    for (mistakes, expected) in KILL_TABLE {
        for mistake in *mistakes {
            let expected: BTreeSet<String> = expected.iter().map(|id| (*id).to_owned()).collect();
            assert_eq!(
                failing(&mistaken(mistake)),
                expected,
                "vectors on which {mistake} fails"
            );
        }
    }
}

#[test]
fn no_two_rows_of_the_table_share_a_set() {
    let sets: BTreeSet<_> = KILL_TABLE.iter().map(|(_, vectors)| vectors).collect();
    assert_eq!(sets.len(), KILL_TABLE.len(), "distinct sets");
    assert_eq!(KILL_TABLE.len(), 12, "rows");
}

/// What only a salt with leading zeros shows, which has an odd number of digits once one of them is left out.
const OF_THE_SALT: [&str; 3] = [
    "x-keeps-leading-zeros-of-the-salt",
    "odd-salt-is-empty",
    "odd-salt-loses-a-nibble",
];

#[test]
fn a_salt_that_is_read_wrongly_where_it_is_short_fails_on_the_short_one_alone() {
    let expected: BTreeSet<String> = ["salt=00lo".to_owned()].into();
    for mistake in OF_THE_SALT {
        assert_eq!(failing(&mistaken(mistake)), expected, "{mistake}");
    }
}

#[test]
fn every_other_mistake_fails_on_every_vector_except_those_that_only_lack_a_refusal() {
    let rare: BTreeSet<&str> = KILL_TABLE
        .iter()
        .flat_map(|(mistakes, _)| mistakes.iter().copied())
        .collect();
    for mistake in ARITHMETIC {
        let short = mistake
            .id
            .strip_prefix("arithmetic.")
            .expect("the family's prefix");
        if rare.contains(short) || OF_THE_SALT.contains(&short) {
            continue;
        }
        let failing = failing(&(mistake.edit)(Dialect::cognito()));
        if short.ends_with("-accepted") {
            assert_eq!(
                failing,
                BTreeSet::new(),
                "{short} changes nothing between honest sides"
            );
        } else {
            assert_eq!(
                failing.len(),
                EVERY.len(),
                "{short} fails everywhere, but not outside {failing:?}"
            );
        }
    }
}

#[test]
fn each_vector_is_unusual_in_one_value_only() {
    for case in edge_cases() {
        let unusual: Vec<&str> = ["A", "B", "u", "S"]
            .into_iter()
            .filter(|name| {
                let lead = &case.published[&format!("{name}_lead")];
                !("10".."80").contains(&&lead[..2])
            })
            .chain((!("10".."80").contains(&&case.inputs["salt"][..2])).then_some("salt"))
            .chain((case.derived["parity"] == "odd").then_some("odd"))
            .collect();
        let expected: Vec<&str> = match case.id.as_str() {
            "plain" => Vec::new(),
            id => vec![id.split('=').next().expect("the first piece")],
        };
        assert_eq!(unusual, expected, "unusual values of {}", case.id);
    }
}

/// Plays a mistaken client against what the right server sent and returns the vectors on which it gets another key.
/// That the right server gets the published one is asserted in `vectors.rs`.
fn failing(client: &Dialect) -> BTreeSet<String> {
    edge_cases()
        .iter()
        .filter(|case| key(client, case) != case.published["K"])
        .map(|case| case.id.clone())
        .collect()
}

fn key(client: &Dialect, case: &Case) -> String {
    let salt = Salt::from_hex(&case.inputs["salt"]).expect("hex");
    let a = parse_hex(&case.inputs["a"]).expect("hex");
    let b_pub = parse_hex(&case.derived["B"]).expect("hex");
    let credentials = Credentials {
        scope: &case.inputs["scope"],
        user: &case.inputs["user"],
        password: case.inputs["password"].as_bytes(),
    };
    let session = client_session(client, &credentials, &a, &salt, &b_pub).expect("B is legal");
    data_encoding::HEXLOWER.encode(&session.key)
}

fn mistaken(short: &str) -> Dialect {
    let mistake =
        arithmetic(&format!("arithmetic.{short}")).unwrap_or_else(|| panic!("no mistake {short}"));
    (mistake.edit)(Dialect::cognito())
}

fn edge_cases() -> &'static [Case] {
    static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
        let files = all().expect("the files are part of the program");
        files
            .into_iter()
            .find(|file| file.id == "cognito-edge")
            .expect("the file is there")
            .cases
    });
    assert_eq!(CASES.len(), EVERY.len(), "edge vectors");
    &CASES
}

const EVERY: &[&str] = &[
    "plain",
    "A=top",
    "A=nib",
    "A=00lo",
    "A=00hi",
    "B=top",
    "B=nib",
    "B=00lo",
    "B=00hi",
    "u=top",
    "u=nib",
    "u=00lo",
    "u=00hi",
    "S=top",
    "S=nib",
    "S=00lo",
    "S=00hi",
    "salt=top",
    "salt=nib",
    "salt=00lo",
    "salt=00hi",
    "odd",
];
