//! Pages that follow from data say what the data says.

use std::fmt::Write as _;
use std::{env, fs};

use cognito_conformance::pool::OFFERS;

#[test]
fn the_table_of_operations_is_that_of_the_pool() {
    let mut page = String::from(
        "# What the pool offers, and how it is known\n\n\
         Written by `WRITE_DOCS=1 cargo test --test docs` from `src/pool/offer.rs`; `cognito-conformance list operations` prints\n\
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
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pool/OPERATIONS.md");
    if env::var_os("WRITE_DOCS").is_some() {
        fs::write(path, &page).expect("the page can be written");
    }
    let found = fs::read_to_string(path).expect("the page is there");
    assert_eq!(
        found, page,
        "`WRITE_DOCS=1 cargo test --test docs` writes it"
    );
}
