//! The service model: what AWS publishes about the shape of every operation.
//!
//! The facts are in `fixtures/model/cognito-idp.json`: per operation the members of request and response with their
//! shapes, and the declared exceptions; per shape its type, bounds, pattern and enumeration.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The model file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the format is read whole, so that a misspelt member is an error"
)]
pub struct ServiceModel {
    schema: String,
    title: String,
    source: String,
    licence: String,
    /// Operations by name.
    pub operations: BTreeMap<String, Declared>,
    /// Shapes by name.
    pub shapes: BTreeMap<String, Shape>,
}

/// An operation as it is declared.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Whether requests have to be signed (SigV4): what administrators do.
    pub signed: bool,
    /// The request's body.
    pub input: Shape,
    /// The body of a success.
    pub output: Shape,
    /// The exceptions that it declares, by their names.
    pub errors: Vec<String>,
}

/// A shape.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// `string`, `integer`, `boolean`, `timestamp`, `structure`, `map` or `list`.
    pub r#type: String,
    /// The least number of characters, value or number of elements.
    pub min: Option<u64>,
    /// The largest number of characters, value or number of elements.
    pub max: Option<u64>,
    /// What the whole text has to match.
    pub pattern: Option<String>,
    /// The values there are.
    pub r#enum: Option<Vec<String>>,
    /// Whether its values don't belong in logs.
    #[serde(default)]
    pub sensitive: bool,
    /// Members of a structure: name → shape's name.
    pub members: Option<BTreeMap<String, String>>,
    /// Members that have to be there.
    #[serde(default)]
    pub required: Vec<String>,
    /// Of a map: the shape of its values.
    pub values: Option<String>,
    /// Of a list: the shape of its elements.
    pub items: Option<String>,
}

impl ServiceModel {
    /// The embedded model.
    pub fn get() -> &'static Self {
        &MODEL
    }
}

static MODEL: LazyLock<ServiceModel> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/model/cognito-idp.json"
    )))
    .expect("the embedded model is in its format, which a test reads")
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Operation;

    #[test]
    fn every_named_operation_is_in_the_model_and_every_shape_it_names_is_too() {
        let model = ServiceModel::get();
        for operation in Operation::ALL {
            assert!(
                model.operations.contains_key(operation.as_str()),
                "{operation}"
            );
        }
        let bodies = model
            .operations
            .values()
            .flat_map(|operation| [&operation.input, &operation.output]);
        for shape in bodies.chain(model.shapes.values()) {
            let members = shape.members.iter().flatten().map(|(_, name)| name);
            for name in members.chain(&shape.values).chain(&shape.items) {
                assert!(model.shapes.contains_key(name), "{name}");
            }
        }
    }
}
