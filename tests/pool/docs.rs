//! Pages that follow from data say what the data says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs};

use cognito_conformance::model::Strength;
use cognito_conformance::pool::OFFERS;
use cognito_conformance::rules::{Level, Rule, catalog};

#[test]
fn the_table_of_operations_is_that_of_the_pool() {
    let mut page = String::from(
        "# What the pool offers, and how it is known\n\n\
         Written by `WRITE_DOCS=1 cargo test --test pool docs` from `src/pool/offer.rs`; `cognito-conformance list operations` prints\n\
         the same. *Captured* means seen in a recording of the real service, *documented* stated by AWS, *reported* quoted by\n\
         somebody; the last column is what is only inferred from what clients handle.\n\n\
         | | name | evidence | sources | inferred |\n|---|---|---|---|---|\n",
    );
    for offer in OFFERS {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            offer.kind, offer.name, offer.evidence, offer.sources, offer.inferred
        )
        .expect("a string takes everything");
    }
    holds("src/pool/OPERATIONS.md", &page);
}

#[test]
fn the_page_of_evidence_is_that_of_the_rules() {
    let mut page = String::from(
        "# What each rule rests on\n\n\
         Written by `WRITE_DOCS=1 cargo test --test pool docs` from the tables of `src/rules/`; `cognito-conformance explain RULE`\n\
         prints the same of one. A finding is an accusation: hold what stands at a source against the rule's sentence.\n\n\
         - *captured*: somebody published what the service itself sent or did.\n\
         - *documented*: a standard, the service model, or documentation says so; what stands there is told in our words.\n\
         - *reported*: somebody says that it is so.\n\
         - *inferred*: concluded, for example from what shipped clients do.\n\n\
         The strength of a rule is that of its best source, and a ceiling for its level: what is only reported or inferred is\n\
         never a MUST.\n\n\
         Places: the service model is that of botocore in the version that `fixtures/model/cognito-idp.json` names, with its\n\
         documentation. The developer guide is read in its last public source (awsdocs/amazon-cognito-developer-guide, 85b058f,\n\
         2023), and of refresh tokens in its current page; Amplify's documentation in aws-amplify/docs of 2024 to 2026.\n\n\
         | | captured | documented | reported | inferred | all |\n|---|---|---|---|---|---|\n",
    );
    let mut counts: BTreeMap<(Level, Strength), usize> = BTreeMap::new();
    for rule in catalog::all() {
        *counts.entry((rule.level, rule.strength())).or_default() += 1;
    }
    for level in [Level::Must, Level::Should, Level::Observed] {
        let of = |strength| counts.get(&(level, strength)).copied().unwrap_or_default();
        let row = STRENGTHS.map(of);
        let cells = row.map(|n| n.to_string()).join(" | ");
        let all: usize = row.iter().sum();
        writeln!(page, "| {level} | {cells} | {all} |").expect("a string takes everything");
    }
    for rule in catalog::all() {
        section(&mut page, rule);
    }
    holds("docs/evidence.md", &page);
}

fn section(page: &mut String, rule: &Rule) {
    let Rule {
        id,
        level,
        party,
        sentence,
        ..
    } = rule;
    let strength = rule.strength();
    write!(
        page,
        "\n## {id}\n\n{level} for the {party}, {strength}. {sentence}\n\n"
    )
    .expect("a string takes everything");
    for source in rule.sources {
        let says = match source.says {
            "" => String::new(),
            says => format!(": {says}"),
        };
        writeln!(page, "- *{}* {}{says}", source.strength, source.place)
            .expect("a string takes everything");
    }
}

/// The page at that path is this one, and is written first where that is asked for.
fn holds(path: &str, page: &str) {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if env::var_os("WRITE_DOCS").is_some() {
        fs::write(&path, page).expect("the page can be written");
    }
    let found = fs::read_to_string(&path).expect("the page is there");
    assert_eq!(
        found, page,
        "`WRITE_DOCS=1 cargo test --test pool docs` writes it"
    );
}

const STRENGTHS: [Strength; 4] = [
    Strength::Captured,
    Strength::Documented,
    Strength::Reported,
    Strength::Inferred,
];
