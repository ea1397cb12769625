//! The recordings and reported facts that come with the program.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use crate::record::{Origin, TRANSCRIPT_SCHEMA, Transcript};

/// Every recording, in the order of their file names.
///
/// # Errors
/// A file that is no transcript of this version, isn't a recording, or whose id isn't its file name. That would be a
/// fault of the program, since the files are embedded.
pub fn all() -> Result<Vec<Transcript>, RecordingError> {
    FILES.iter().map(|(name, text)| read(name, text)).collect()
}

/// Reads one recording. Its id is its path under `fixtures/transcripts/`, with dots for slashes.
///
/// # Errors
/// See [`all`].
pub fn read(name: &'static str, text: &str) -> Result<Transcript, RecordingError> {
    let transcript: Transcript =
        serde_json::from_str(text).map_err(|source| RecordingError::Unreadable { name, source })?;
    let wrong = |what, expected: &str, got: &str| RecordingError::Wrong {
        name,
        what,
        expected: expected.to_owned(),
        got: got.to_owned(),
    };
    if transcript.schema != TRANSCRIPT_SCHEMA {
        return Err(wrong("schema", TRANSCRIPT_SCHEMA, &transcript.schema));
    }
    let id = name.replace('/', ".");
    if transcript.id != id {
        return Err(wrong("id", &id, &transcript.id));
    }
    match transcript.origin {
        Origin::Recorded(_) => {}
        Origin::Played { .. } => return Err(wrong("origin", "recorded", "played")),
        Origin::Observed(_) => return Err(wrong("origin", "recorded", "observed")),
    }
    Ok(transcript)
}

/// The names of the embedded files, without folder and `.json`.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// What people reported of the service without the exchange itself: `fixtures/transcripts/observed.json`.
///
/// # Errors
/// A file that isn't in the format of [`Observed`]. That would be a fault of the program.
pub fn observed() -> Result<Observed, RecordingError> {
    serde_json::from_str(OBSERVED).map_err(|source| RecordingError::Unreadable {
        name: "observed",
        source,
    })
}

/// Reported facts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Observed {
    /// `cognito-conformance-observed/1`.
    pub schema: String,
    /// What the file is.
    pub title: String,
    /// Under which terms.
    pub licence: String,
    /// Errors that the service answered with.
    pub errors: Vec<ObservedError>,
    /// What else the service did.
    pub behaviours: Vec<ObservedBehaviour>,
    /// Parts of real challenges and requests, too few for a transcript.
    pub parts: Vec<ObservedPart>,
}

/// An error of the service.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedError {
    /// Our name for what leads to it; unique together with the operation.
    pub situation: String,
    /// The operation that answered.
    pub operation: String,
    /// The same in the source's words, where it tells more.
    #[serde(rename = "where")]
    pub place: String,
    /// The error's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its text; `{clientId}` stands for the app client's id.
    pub message: String,
    /// The status, where it was reported.
    #[serde(default)]
    pub status: Option<u16>,
    /// Headers, where they were reported.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Remarks.
    #[serde(default)]
    pub note: Option<String>,
    /// Who reported it.
    pub sources: Vec<String>,
}

/// Something the service did.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedBehaviour {
    /// Our name for it.
    pub situation: String,
    /// What was done.
    pub case: String,
    /// What the service did.
    pub service: String,
    /// Who reported it.
    pub sources: Vec<String>,
}

/// A part of a real challenge or request.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedPart {
    /// Where it was seen, in short.
    pub id: String,
    /// When.
    pub date: String,
    /// Who reported it.
    pub sources: Vec<String>,
    /// `SALT`.
    #[serde(default)]
    pub salt: Option<String>,
    /// `SRP_A`.
    #[serde(default)]
    pub srp_a: Option<String>,
    /// How `SECRET_BLOCK` begins.
    #[serde(default)]
    pub secret_block_begins: Option<String>,
    /// `Content-Length` of the request, in octets.
    #[serde(default)]
    pub request_content_length: Option<usize>,
    /// `Content-Length` of the response, in octets.
    #[serde(default)]
    pub response_content_length: Option<usize>,
    /// Remarks.
    #[serde(default)]
    pub note: Option<String>,
}

/// Why an embedded file can't be used.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// Not in the format.
    #[error("{name}: not in the format: {source}")]
    Unreadable {
        /// The file.
        name: &'static str,
        /// Where and why.
        source: serde_json::Error,
    },
    /// In the format, with a wrong value.
    #[error("{name}: {what} is {got}, expected {expected}")]
    Wrong {
        /// The file.
        name: &'static str,
        /// The member.
        what: &'static str,
        /// What belongs there.
        expected: String,
        /// What is there.
        got: String,
    },
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/fixtures/transcripts/",
                $name,
                ".json"
            )),
        )),+]
    };
}

const OBSERVED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/transcripts/observed.json"
));

/// `include_str!` takes one file at a time; a test compares this list with the folder.
const FILES: &[(&str, &str)] = files![
    "2018-01-srp-success",
    "2021-08-device-password-verifier-request",
    "2023-08-signup-srp-getuser",
    "2026-05/confirm-sign-up.error.code-mismatch",
    "2026-05/forgot-password.unknown-user",
    "2026-05/initiate-auth.srp.unknown-user",
    "2026-05/resend-confirmation.error.rate-limit",
    "2026-05/resend-confirmation.happy",
    "2026-05/sign-up.error.username-exists",
    "2026-05/sign-up.happy",
    "amplify-ui/ChangePassword.success",
    "amplify-ui/ConfirmSignUp-invalid-code",
    "amplify-ui/code-mismatch-exception",
    "amplify-ui/confirm-reset-password",
    "amplify-ui/confirm-sign-in-sms-mfa",
    "amplify-ui/confirm-sign-up-with-email",
    "amplify-ui/confirm-user-attribute",
    "amplify-ui/custom-sign-up-fields",
    "amplify-ui/custom-sign-up-fields-missing-preferred_username",
    "amplify-ui/delete-user",
    "amplify-ui/fetch-user-attributes-none",
    "amplify-ui/fetch-user-attributes-unverified-email",
    "amplify-ui/force-change-password",
    "amplify-ui/force-change-password-mfa-setup",
    "amplify-ui/force-change-password-mfa-setup-associate-software-token",
    "amplify-ui/force-change-password-mfa-setup-software-token",
    "amplify-ui/force-change-password-phone-failure",
    "amplify-ui/force-change-password-phone-success",
    "amplify-ui/force-change-password-sms-mfa",
    "amplify-ui/force-change-password-with-attributes",
    "amplify-ui/force-reset-password",
    "amplify-ui/forgot-password-email",
    "amplify-ui/forgot-password-sms",
    "amplify-ui/limit-exceeded-exception",
    "amplify-ui/resend-confirmation-code-email",
    "amplify-ui/resend-confirmation-code-sms",
    "amplify-ui/reset-password",
    "amplify-ui/sign-up-with-email",
    "amplify-ui/sign-up-with-email-with-lambda-trigger",
    "amplify-ui/sign-up-with-phone",
    "amplify-ui/sign-up-with-username",
    "amplify-ui/user-already-confirmed-error",
    "amplify-ui/user-attribute-verification-code",
    "amplify-ui/user-auth-not-enabled",
    "amplify-ui/user-not-confirmed-exception",
    "amplify-ui/verify-user-email",
    "challenges/android-2021-09",
    "challenges/eric1-2017-10",
    "challenges/net-2017-06",
    "challenges/oauth-mock-2021",
    "challenges/soto-real-challenge-2179bd2",
    "challenges/soto-real-challenge-a5724ef",
    "challenges/swift-S-1",
    "challenges/swift-S-2",
];
