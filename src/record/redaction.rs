//! How secrets are taken out of a transcript.

use super::transcript::Transcript;
use crate::wire::redaction::{RedactionError, Secret, redact_document};

/// The transcript with a marker in place of every secret: in header names and values, paths, bodies, calls, replies,
/// trigger events and the scenario, as [`redact_document`] finds it. Octets that are not UTF-8 are searched in their
/// written (base64) form.
///
/// # Errors
/// When a secret would still be readable, or the result would not be a transcript. Then nothing may be written.
pub fn redact(transcript: &Transcript, secrets: &[Secret]) -> Result<Transcript, RedactionError> {
    let no_transcript = |error: serde_json::Error| RedactionError::NoTranscript {
        // Only the place: the text of a reading error can quote what it could not read.
        reason: format!("category {:?}, line {}", error.classify(), error.line()),
    };
    let mut written = serde_json::to_value(transcript).map_err(no_transcript)?;
    redact_document(&mut written, secrets)?;
    serde_json::from_value(written).map_err(no_transcript)
}
