//! How passwords are kept: as verifiers.

use crate::pool::wire::errors::{self, Answer};
use crate::srp::{BigUint, Salt, parse_base64};
use crate::wire::device::DeviceSecretVerifierConfig;

/// A salt and the verifier made with it.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Stored {
    /// The salt.
    pub(in crate::pool) salt: Salt,
    /// v.
    pub(in crate::pool) v: BigUint,
}

impl Stored {
    /// The verifier that `ConfirmDevice` brings. A value with its top bit set is a negative number, which the service refuses
    /// (aws/aws-sdk-net-extensions-cognito#46); a wrong but well-formed one shows only when the device is proved.
    pub(in crate::pool) fn of_device(config: &DeviceSecretVerifierConfig) -> Answer<Self> {
        let octets = |text: &Option<String>, what: &str| {
            let text = text.as_deref().unwrap_or_default();
            let octets = parse_base64(text)
                .map_err(|_| errors::bad_device_verifier(&format!("{what} is not base64")))?;
            match octets.first() {
                None => Err(errors::bad_device_verifier(&format!("{what} is empty"))),
                Some(first) if first & 0x80 != 0 => {
                    Err(errors::bad_device_verifier(&format!("{what} is negative")))
                }
                Some(_) => Ok(octets),
            }
        };
        let v = octets(&config.password_verifier, "PasswordVerifier")?;
        let salt = octets(&config.salt, "Salt")?;
        if v.len() > MOST_VERIFIER_OCTETS || salt.len() > MOST_VERIFIER_OCTETS {
            return Err(errors::bad_device_verifier("expected at most 385 octets"));
        }
        Ok(Self {
            salt: Salt::from_bytes(&salt),
            v: BigUint::from_bytes_be(&v),
        })
    }
}

/// 3072 bits and a sign octet.
const MOST_VERIFIER_OCTETS: usize = 385;
