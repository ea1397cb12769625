//! `SECRET_HASH`.

use super::base64::to_base64;
use super::hkdf::hmac_sha256;

/// `SECRET_HASH`: base64 of HMAC-SHA-256 over `username ‖ client id`, keyed with the app client's secret.
///
/// `username` is the `USERNAME` of the same parameter map: what was typed in `InitiateAuth`, what the service returned
/// in every response to a challenge (alexrudd/cognito-srp#1, capless/warrant#125).
pub fn secret_hash(client_secret: &str, username: &str, client_id: &str) -> String {
    to_base64(&hmac_sha256(
        client_secret.as_bytes(),
        &[username.as_bytes(), client_id.as_bytes()],
    ))
}
