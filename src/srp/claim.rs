//! Cognito's password claim.

use super::base64::to_base64;
use super::hkdf::hmac_sha256;

/// What the claim is made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimInput<'a> {
    /// Pool name, or device group key in the device round.
    pub scope: &'a str,
    /// `USER_ID_FOR_SRP`, or device key.
    pub user: &'a str,
    /// `SECRET_BLOCK`, decoded from base64.
    pub secret_block: &'a [u8],
    /// `TIMESTAMP`, exactly as sent.
    pub timestamp: &'a str,
}

/// The signed message and its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// `scope ‖ user ‖ secret block ‖ timestamp`, without separators.
    pub message: Vec<u8>,
    /// HMAC-SHA-256 of the message, 32 octets.
    pub signature: Vec<u8>,
}

impl Claim {
    /// `PASSWORD_CLAIM_SIGNATURE`: standard base64 with padding.
    pub fn signature_b64(&self) -> String {
        to_base64(&self.signature)
    }
}

/// Makes the claim with the session's key.
pub fn claim(key: &[u8], input: &ClaimInput<'_>) -> Claim {
    let message = [
        input.scope.as_bytes(),
        input.user.as_bytes(),
        input.secret_block,
        input.timestamp.as_bytes(),
    ]
    .concat();
    let signature = hmac_sha256(key, &[&message]);
    Claim { message, signature }
}
