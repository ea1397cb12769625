//! Texts by name, as scenarios give and generate them.

use proptest::prelude::{Just, Strategy};
use proptest::prop_oneof;

use crate::wire::Parameters;

/// `ClientMetadata` as applications give it; half of them give none.
pub(super) fn metadata() -> impl Strategy<Value = Parameters> {
    prop_oneof![
        2 => Just(Parameters::new()),
        1 => Just(parameters(&[("tenant", "acme")])),
        1 => Just(parameters(&[("tenant", "acme"), ("note", "\"quotes\" & ümlauts")])),
    ]
}

/// Parameters, written down.
pub(super) fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
