//! Cognito's password claim.

use std::borrow::Cow;

use data_encoding::HEXLOWER;

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

/// How the claim is made of the key. The right one is the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRule {
    /// What is signed, in this order.
    pub parts: Cow<'static, [ClaimPart]>,
    /// Between the parts: nothing.
    pub separator: Cow<'static, str>,
    /// The secret block goes in as the octets it stands for.
    pub block: TextForm,
    /// The key of HMAC.
    pub key: TextForm,
    /// What is signed.
    pub message: TextForm,
    /// What of the signature is written in base64.
    pub signature: TextForm,
}

/// A part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimPart {
    /// Pool name, or device group key.
    Scope,
    /// User, or device key.
    User,
    /// `SECRET_BLOCK`.
    Block,
    /// `TIMESTAMP`.
    Timestamp,
}

/// In which form octets go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextForm {
    /// As they are.
    Octets,
    /// Their lower-case hexadecimal digits as text.
    HexText,
}

impl TextForm {
    fn of(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Octets => octets.into(),
            Self::HexText => HEXLOWER.encode(octets).into_bytes().into(),
        }
    }
}

impl Default for ClaimRule {
    fn default() -> Self {
        use ClaimPart as Part;
        Self {
            parts: Cow::Borrowed(&[Part::Scope, Part::User, Part::Block, Part::Timestamp]),
            separator: Cow::Borrowed(""),
            block: TextForm::Octets,
            key: TextForm::Octets,
            message: TextForm::Octets,
            signature: TextForm::Octets,
        }
    }
}

/// Makes the claim with the session's key.
pub fn claim(key: &[u8], input: &ClaimInput<'_>) -> Claim {
    claim_by(&ClaimRule::default(), key, input)
}

/// Makes a claim by a rule that may be wrong.
pub fn claim_by(rule: &ClaimRule, key: &[u8], input: &ClaimInput<'_>) -> Claim {
    let block = rule.block.of(input.secret_block);
    let parts = rule.parts.iter().map(|part| match part {
        ClaimPart::Scope => input.scope.as_bytes(),
        ClaimPart::User => input.user.as_bytes(),
        ClaimPart::Block => &*block,
        ClaimPart::Timestamp => input.timestamp.as_bytes(),
    });
    let parts: Vec<&[u8]> = parts.collect();
    let message = parts.join(rule.separator.as_bytes());
    let signature = hmac_sha256(&rule.key.of(key), &[&rule.message.of(&message)]);
    let signature = rule.signature.of(&signature).into_owned();
    Claim { message, signature }
}
