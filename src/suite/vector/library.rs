//! The files themselves.

use super::error::VectorError;
use super::format::{SCHEMA, VectorFile};

/// Every file of vectors. They are part of the program, so that it runs anywhere.
///
/// # Errors
/// When a file is not in the format.
pub fn all() -> Result<Vec<VectorFile>, VectorError> {
    FILES.iter().map(|(file, text)| read(file, text)).collect()
}

fn read(file: &'static str, text: &str) -> Result<VectorFile, VectorError> {
    let mut parsed: VectorFile =
        serde_json::from_str(text).map_err(|source| VectorError::Format { file, source })?;
    if parsed.schema != SCHEMA {
        return Err(VectorError::Schema {
            file,
            got: parsed.schema,
        });
    }
    for case in &mut parsed.cases {
        case.kind.get_or_insert(parsed.kind);
        if case.dialect.is_none() {
            case.dialect.clone_from(&parsed.dialect);
        }
    }
    Ok(parsed)
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../fixtures/vectors/", $name, ".json")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "cognito-made",
    "cognito-edge",
    "cognito-deep",
    "cognito-alexrudd-go",
    "cognito-amplify-android",
    "cognito-amplify-swift",
    "cognito-awsm-ocaml-unpadded",
    "cognito-hkdf-caldera",
    "cognito-identity-js-6-3-20",
    "cognito-identity-js-signature",
    "cognito-inner-hashes",
    "cognito-lyeith-eventbus",
    "cognito-net-known-claim",
    "cognito-rust-deadbeef",
    "cognito-secret-hash",
    "cognito-signed-octets",
    "cognito-sjmeverett",
    "cognito-srp-helper-npm",
    "cognito-timestamp",
    "modexp-boringssl",
    "rfc5054-appendix-b",
    "rfc5054-groups",
    "srp6a-1password",
    "srp6a-apple-hap",
    "srp6a-botan",
    "srp6a-espidf",
    "srp6a-mozilla-picl",
    "srp6a-srpnet",
    "srp6a-srptools-54",
    "srp6a-srptools-context",
    "srp6a-stanford-demo-family",
    "srp6a-swift-srp-proofs",
];
