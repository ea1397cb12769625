//! The verifier a client makes for its device.

use num_bigint::BigUint;

use super::base64::to_base64;
use super::dialect::Dialect;
use super::integer::signed_bytes;
use super::modexp::modpow;
use super::salt::Salt;
use super::session::{Credentials, private_key_x};

/// What `ConfirmDevice` sends as `DeviceSecretVerifierConfig`, and the values behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceVerifier {
    /// `Salt`: base64 of the salt's signed octets.
    pub salt_b64: String,
    /// `PasswordVerifier`: base64 of the verifier's signed octets.
    pub verifier_b64: String,
    /// Private key.
    pub x: BigUint,
    /// `g^x`.
    pub v: BigUint,
}

/// Makes the verifier of a device from the keys in `NewDeviceMetadata`, a password the client chose and a salt of 16
/// random octets.
///
/// The service refuses values whose top bit is set without a `00` octet in front; wrong but well-formed ones are
/// accepted and fail only at the *next* sign-in (aws/aws-sdk-net-extensions-cognito#46).
pub fn device_verifier(
    group_key: &str,
    device_key: &str,
    password: &str,
    salt: &Salt,
) -> DeviceVerifier {
    device_verifier_by(
        &Dialect::cognito_device(),
        group_key,
        device_key,
        password,
        salt,
    )
}

/// Makes the verifier of a device by a dialect that may be wrong.
pub fn device_verifier_by(
    dialect: &Dialect,
    group_key: &str,
    device_key: &str,
    password: &str,
    salt: &Salt,
) -> DeviceVerifier {
    let credentials = Credentials {
        scope: group_key,
        user: device_key,
        password: password.as_bytes(),
    };
    let x = private_key_x(dialect, &credentials, salt).x;
    let v = modpow(&dialect.group.g, &x, &dialect.group.n);
    DeviceVerifier {
        salt_b64: to_base64(&signed_bytes(salt.value())),
        verifier_b64: to_base64(&signed_bytes(&v)),
        x,
        v,
    }
}
