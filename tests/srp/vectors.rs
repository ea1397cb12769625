//! Every value of every published vector is computed anew and compared by name.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use cognito_conformance::suite::vector::{Check, Outcome, VectorFile, all, check};

#[test]
fn every_value_of_every_vector_is_computed_and_right() {
    let mut faults = Vec::new();
    for (file, cases) in CHECKED.iter() {
        for (case, checks) in file.cases.iter().zip(cases) {
            let wrong = checks.iter().filter(|check| !check.outcome.holds());
            faults.extend(wrong.map(|check| message(file, &case.id, check)));
        }
    }
    assert!(
        faults.is_empty(),
        "{} values are wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_listed_value_is_checked_by_its_name() {
    for (file, cases) in CHECKED.iter() {
        for (case, checks) in file.cases.iter().zip(cases) {
            let names: Vec<&String> = case.published.keys().chain(case.derived.keys()).collect();
            assert!(!names.is_empty(), "{} {} lists no value", file.id, case.id);
            for name in names {
                let checked = checks
                    .iter()
                    .any(|check| check.name.split(" (").next() == Some(name));
                assert!(checked, "{} {}: {name} is not checked", file.id, case.id);
            }
        }
    }
}

#[test]
fn a_value_born_of_a_bug_is_not_the_right_one_and_is_explained_where_the_bug_is_known() {
    let mut confirmed = BTreeSet::new();
    let mut explained = BTreeSet::new();
    for (file, cases) in CHECKED.iter() {
        for (case, checks) in file.cases.iter().zip(cases) {
            for made in checks {
                if made.outcome == Outcome::NegativeConfirmed {
                    confirmed.insert(case.id.as_str());
                }
                if made.name.ends_with("with the bug") && made.outcome == Outcome::Match {
                    explained.insert(case.id.as_str());
                }
            }
        }
    }
    let negative = [
        "V4-fixed-width-S",
        "android-M1-text-key",
        "awsm-all",
        "awsm-u",
        "helper-device-signature-misparsed-salt",
        "swift-signed--20",
    ];
    assert_eq!(
        confirmed,
        negative.into(),
        "values that no right implementation gives"
    );
    assert_eq!(
        explained,
        negative[..5].iter().copied().collect(),
        "values that a known bug gives exactly"
    );
}

#[test]
fn a_changed_value_is_noticed_in_every_case() {
    for file in files() {
        for case in &file.cases {
            let mut wrong = case.clone();
            wrong.negative = None;
            wrong.derived.clear();
            for value in wrong.published.values_mut() {
                "0badc0de".clone_into(value);
            }
            let checks = check(&wrong).expect("only expected values were changed");
            for made in checks {
                assert!(
                    matches!(made.outcome, Outcome::Mismatch { .. }),
                    "{} {}: a wrong {} passed",
                    file.id,
                    case.id,
                    made.name
                );
            }
        }
    }
}

#[test]
fn every_file_in_the_folder_is_part_of_the_program_and_names_its_source() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors");
    let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .map(|entry| entry.expect("the entry can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let read = files();
    assert_eq!(
        read.iter()
            .map(|file| file.id.clone())
            .collect::<BTreeSet<_>>(),
        on_disk,
        "files"
    );
    for file in &read {
        assert!(!file.licence.is_empty(), "{} states a licence", file.id);
        assert!(!file.sources.is_empty(), "{} states a source", file.id);
        for source in &file.sources {
            assert!(
                source.repository.is_some() || source.document.is_some(),
                "{} names where it is from",
                file.id
            );
        }
        let ids: BTreeSet<_> = file.cases.iter().map(|case| &case.id).collect();
        assert_eq!(
            ids.len(),
            file.cases.len(),
            "{} has a case id twice",
            file.id
        );
    }
}

#[test]
fn the_number_of_cases_and_values_does_not_shrink_unnoticed() {
    let mut lines = Vec::new();
    let (mut all_cases, mut all_values) = (0, 0);
    for file in files() {
        let values: usize = file
            .cases
            .iter()
            .map(|case| case.published.len() + case.derived.len())
            .sum();
        lines.push(format!(
            "{:34} {:4} cases {values:5} values",
            file.id,
            file.cases.len()
        ));
        all_cases += file.cases.len();
        all_values += values;
    }
    println!(
        "{}\n{:34} {all_cases:4} cases {all_values:5} values",
        lines.join("\n"),
        "all"
    );
    assert_eq!(
        (all_cases, all_values),
        (CASES, VALUES),
        "cases and values:\n{}",
        lines.join("\n")
    );
}

/// Every file with the checks of each of its cases, computed once for all tests.
static CHECKED: LazyLock<Vec<(VectorFile, Vec<Vec<Check>>)>> = LazyLock::new(|| {
    let checks = |file: &VectorFile| {
        let checked = file.cases.iter().map(check).collect::<Result<_, _>>();
        checked.unwrap_or_else(|error| panic!("{}: {error}", file.id))
    };
    files()
        .into_iter()
        .map(|file| (file.clone(), checks(&file)))
        .collect()
});

fn files() -> Vec<VectorFile> {
    all().expect("the files are part of the program")
}

fn message(file: &VectorFile, case: &str, check: &Check) -> String {
    format!(
        "{} {case}: {} ({:?}): {:?}",
        file.id, check.name, check.origin, check.outcome
    )
}

const CASES: usize = 983;
const VALUES: usize = 2485;
