//! What holds of the source as a whole. Exceptions stand in lists that may only shrink, and ceilings only fall: who mends
//! something takes it out of its list, and the test says what to write.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;

#[test]
fn a_folder_imports_only_from_those_above_it_in_the_order_of_lib_rs() {
    let source = Source::read();
    let order = order(&source);
    assert!(order.len() > 15, "the modules of lib.rs: {order:?}");
    let mut wrong = Vec::new();
    for (file, imported) in source.imports() {
        let Some(own) = order.get(folder(file)) else {
            continue;
        };
        for other in imported {
            if order.get(folder(other)).is_some_and(|other| other > own) {
                wrong.push(format!("{file} imports {other}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows that run up:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let source = Source::read();
    let found = circles(&source.imports());
    assert!(found.is_empty(), "circles of files: {found:#?}");
}

#[test]
fn no_folders_beside_each_other_import_each_other_in_a_circle() {
    let source = Source::read();
    let mut beside: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (file, imported) in source.imports() {
        for other in imported {
            if let Some((parent, one, another)) = parted(file, other) {
                let arrows = beside.entry(parent).or_default();
                arrows.entry(another).or_default();
                arrows.entry(one).or_default().insert(another);
            }
        }
    }
    assert!(beside.len() > 10, "folders with parts: {:?}", beside.keys());
    for (parent, arrows) in beside {
        let found = circles(&arrows);
        assert!(found.is_empty(), "circles in {parent:?}: {found:#?}");
    }
}

#[test]
fn neither_rules_nor_expectations_know_a_reference() {
    for (file, imported) in Source::read().imports() {
        if matches!(folder(file), "rules" | "expect") {
            let known: Vec<_> = imported
                .into_iter()
                .filter(|other| matches!(folder(other), "pool" | "client"))
                .collect();
            assert!(known.is_empty(), "{file} imports {known:?}");
        }
    }
}

#[test]
fn files_are_no_longer_than_their_ceilings() {
    let source = Source::read();
    let lengths = source.0.values();
    let lengths = lengths.map(|file| (file.path.clone(), file.lines));
    hold("LONG_FILES", lengths.collect(), LONG_FILES, 500, 50);
}

#[test]
fn functions_are_no_longer_than_their_ceilings() {
    let mut lengths = BTreeMap::new();
    for file in Source::read().0.values() {
        for (name, length) in functions(&file.code) {
            let longest = lengths.entry(format!("{} {name}", file.path)).or_default();
            *longest = length.max(*longest);
        }
    }
    assert!(lengths.len() > 1000, "functions are found");
    hold("LONG_FUNCTIONS", lengths, LONG_FUNCTIONS, 80, 10);
}

#[test]
fn folders_hold_no_more_files_than_their_ceilings() {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for path in Source::read().0.keys() {
        if let Some((folder, name)) = path.rsplit_once('/')
            && name != "mod.rs"
        {
            *sizes.entry(folder.to_owned()).or_default() += 1;
        }
    }
    hold("folders", sizes, &[], 20, 1);
}

#[test]
fn no_path_climbs_two_floors() {
    for file in Source::read().0.values() {
        assert!(
            !file.code.contains("super::super"),
            "{}: a path from the crate's root says where that is",
            file.path
        );
    }
}

/// Holds numbers to a goal. What is beyond it has a ceiling in a list, which is at most a step above it.
fn hold(
    list: &str,
    found: BTreeMap<String, usize>,
    ceilings: &[(&str, usize)],
    goal: usize,
    step: usize,
) {
    let listed: BTreeMap<&str, usize> = ceilings.iter().copied().collect();
    let mut wrong = Vec::new();
    for (name, ceiling) in &listed {
        if found.get(*name).is_none_or(|number| *number <= goal) {
            wrong.push(format!("{name} (ceiling {ceiling}): take it out"));
        }
    }
    for (name, number) in found.iter().filter(|(_, number)| **number > goal) {
        let lowest = number.div_ceil(step) * step;
        match listed.get(name.as_str()) {
            None => wrong.push(format!("{name}: {number}, and the goal is {goal}")),
            Some(ceiling) if number > ceiling => {
                wrong.push(format!("{name}: {number}, and its ceiling is {ceiling}"));
            }
            Some(ceiling) if lowest < *ceiling => {
                wrong.push(format!("{name}: write {lowest} in place of {ceiling}"));
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{list}:\n{}", wrong.join("\n"));
}

/// The first part of a path: a folder under `src/`, or a file beside them.
fn folder(path: &str) -> &str {
    path.split_once('/')
        .map_or(path.trim_end_matches(".rs"), |(folder, _)| folder)
}

/// The folder in which both stand, and the folder or file of it in which each stands, where those differ. A folder's `mod.rs`
/// speaks for all of it, and is passed over.
fn parted<'a>(file: &'a str, other: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let shared = file
        .match_indices('/')
        .map(|(at, _)| at + 1)
        .take_while(|at| other.starts_with(&file[..*at]))
        .last()
        .unwrap_or(0);
    let part = |path: &'a str| {
        let rest = &path[shared..];
        let end = rest.find('/').unwrap_or(rest.len());
        &path[..shared + end]
    };
    let (one, another) = (part(file), part(other));
    let is_whole =
        |part: &str| part.ends_with("mod.rs") || !part.contains('/') && part.contains('.');
    (one != another && !is_whole(one) && !is_whole(another)).then_some((
        &file[..shared],
        one,
        another,
    ))
}

/// The place of each module of `lib.rs`.
fn order(source: &Source) -> BTreeMap<&str, usize> {
    source.0["lib.rs"]
        .code
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "))
        .enumerate()
        .map(|(place, name)| (name.trim_end_matches(';'), place))
        .collect()
}

/// Files that reach each other, each circle in the order of names.
fn circles<'a>(imports: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<Vec<&'a str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|start| {
            let (mut reached, mut open) = (BTreeSet::new(), vec![*start]);
            while let Some(file) = open.pop() {
                open.extend(imports[file].iter().filter(|next| reached.insert(**next)));
            }
            (*start, reached)
        })
        .collect();
    reached
        .iter()
        .filter(|(file, reached)| reached.contains(*file))
        .map(|(file, others)| {
            let circle = others
                .iter()
                .filter(|other| reached[**other].contains(file));
            circle.copied().collect()
        })
        .collect()
}

/// Names and lengths of the functions of formatted code.
fn functions(code: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let words: Vec<&str> = line.split_whitespace().collect();
        let named = words.iter().position(|word| *word == "fn");
        // What stands before `fn` are qualifiers; what ends in its line has no length.
        let Some(named) = named.filter(|fn_at| {
            words[..*fn_at].iter().all(|word| {
                word.starts_with("pub") || word.ends_with(')') || QUALIFIERS.contains(word)
            })
        }) else {
            continue;
        };
        let name = words
            .get(named + 1)
            .map_or("", |name| name.split(['(', '<']).next().unwrap_or_default());
        let ends = |line: &&str| {
            line.strip_prefix(indent)
                .is_some_and(|rest| rest == "}" || (rest.starts_with(')') && rest.ends_with(';')))
        };
        let length = lines[at..].iter().position(ends).map_or(0, |end| end + 1);
        if !line.ends_with([';', '}']) {
            found.push((name, length));
        }
    }
    found
}

const QUALIFIERS: [&str; 3] = ["const", "async", "unsafe"];

/// Files of more than 500 lines without their tests, with ceilings in steps of 50.
const LONG_FILES: &[(&str, usize)] = &[
    ("mistakes/service/mod.rs", 650),
    ("pool/offer.rs", 650),
    ("pool/pools.rs", 600),
    ("pool/wire/errors.rs", 600),
    ("report/bench.rs", 600),
    ("rules/port/factor.rs", 700),
    ("rules/port/refresh.rs", 700),
    ("rules/service/factor.rs", 650),
    ("run/bench/port.rs", 700),
    ("run/bench/measure.rs", 550),
    ("run/primitives.rs", 550),
    // A catalogue: a line a value.
    ("subject/observed.rs", 550),
    ("wire/redaction.rs", 600),
];

/// Functions of more than 80 lines, with ceilings in steps of 10.
const LONG_FUNCTIONS: &[(&str, usize)] = &[
    ("pool/dispatch.rs run_operation", 90),
    ("rules/service/reason.rs of_answer", 110),
    ("rules/service/trigger.rs wrong_run", 100),
    ("run/bench/engines.rs engines", 90),
    ("run/check.rs check", 100),
    ("run/bench/measure.rs measure", 110),
    ("run/primitives.rs questions", 150),
    ("run/selftest.rs selftest", 90),
    ("scenario/summary.rs traits", 190),
    ("srp/modexp/ifma/single.rs square", 150),
    ("suite/vector/session.rs srp", 160),
];
