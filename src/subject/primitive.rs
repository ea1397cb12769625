//! The pure functions that a port may show: fixed randomness in, every intermediate it can show out.
//!
//! Their reason is the report: when a proof is wrong, the *first* intermediate that differs names the mistake. Numbers are
//! lower-case hexadecimal without leading zeros; octets are hexadecimal or, where the service uses it, base64.
//!
//! | method | takes | shows, in the order of computation |
//! |---|---|---|
//! | `srp/k` | – | k |
//! | `srp/A` | a | A |
//! | `srp/u` | A, B | u |
//! | `srp/x` | poolName, userId, password, salt | inner, x |
//! | `srp/S` | a, A, B, u, x | S |
//! | `srp/hkdf` | S, u | prk, key |
//! | `srp/key` | a, A, B, poolName, userId, password, salt | k, u, inner, x, S, prk, key |
//! | `srp/claim` | a, B, poolName, userId, password, salt, secretBlock, timestamp | k, A, u, inner, x, S, prk, key, timestamp, message, signature |
//! | `srp/timestamp` | clock | timestamp |
//! | `srp/secretHash` | username, clientId, clientSecret | secretHash |
//! | `srp/deviceVerifier` | deviceGroupKey, deviceKey, and injected devicePassword, salt | devicePassword, salt, inner, x, verifier |

use serde::{Deserialize, Serialize};

use crate::wire::PortError;

/// One pure function with its inputs.
///
/// A function gets more than some ports need (`srp/S` gets A although a determines it): a shim takes what its library's
/// function asks for and never computes the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all_fields = "camelCase")]
pub enum PrimitiveCall {
    /// The multiplier k.
    #[serde(rename = "srp/k")]
    K {},
    /// The public value A.
    #[serde(rename = "srp/A")]
    A {
        /// The private value.
        a: String,
    },
    /// The scrambling parameter u.
    #[serde(rename = "srp/u")]
    U {
        /// The client's public value.
        #[serde(rename = "A")]
        big_a: String,
        /// The service's public value.
        #[serde(rename = "B")]
        big_b: String,
    },
    /// The private key x.
    #[serde(rename = "srp/x")]
    X {
        /// The pool's name: what follows the first underscore of the pool id.
        pool_name: String,
        /// `USER_ID_FOR_SRP`.
        user_id: String,
        /// The password.
        password: String,
        /// `SALT`, as the service would send it.
        salt: String,
    },
    /// The shared secret S.
    #[serde(rename = "srp/S")]
    S {
        /// The private value.
        a: String,
        /// The client's public value.
        #[serde(rename = "A")]
        big_a: String,
        /// The service's public value.
        #[serde(rename = "B")]
        big_b: String,
        /// The scrambling parameter.
        u: String,
        /// The private key.
        x: String,
    },
    /// The derivation of the 16-octet key from S.
    #[serde(rename = "srp/hkdf")]
    Hkdf {
        /// The shared secret.
        #[serde(rename = "S")]
        big_s: String,
        /// The scrambling parameter, which is the derivation's salt.
        u: String,
    },
    /// The key, from the password on.
    #[serde(rename = "srp/key")]
    Key {
        /// The private value.
        a: String,
        /// The client's public value.
        #[serde(rename = "A")]
        big_a: String,
        /// The service's public value.
        #[serde(rename = "B")]
        big_b: String,
        /// The pool's name.
        pool_name: String,
        /// `USER_ID_FOR_SRP`.
        user_id: String,
        /// The password.
        password: String,
        /// `SALT`.
        salt: String,
    },
    /// The whole answer to `PASSWORD_VERIFIER`.
    #[serde(rename = "srp/claim")]
    Claim {
        /// The private value.
        a: String,
        /// The service's public value.
        #[serde(rename = "B")]
        big_b: String,
        /// The pool's name.
        pool_name: String,
        /// `USER_ID_FOR_SRP`.
        user_id: String,
        /// The password.
        password: String,
        /// `SALT`.
        salt: String,
        /// `SECRET_BLOCK`, base64.
        secret_block: String,
        /// `TIMESTAMP`.
        timestamp: String,
    },
    /// The text of a moment.
    #[serde(rename = "srp/timestamp")]
    Timestamp {
        /// Seconds since 1970-01-01T00:00:00Z.
        clock: i64,
    },
    /// `SECRET_HASH`.
    #[serde(rename = "srp/secretHash")]
    SecretHash {
        /// The user name.
        username: String,
        /// The app client.
        client_id: String,
        /// The app client's secret.
        client_secret: String,
    },
    /// The verifier of a device.
    #[serde(rename = "srp/deviceVerifier")]
    DeviceVerifier {
        /// `DeviceGroupKey`.
        device_group_key: String,
        /// `DeviceKey`.
        device_key: String,
        /// The device's password; only for ports that take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device_password: Option<String>,
        /// The device's salt, hexadecimal; only for ports that take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salt: Option<String>,
    },
}

impl PrimitiveCall {
    /// The methods' names, in the order of the table above.
    pub const METHODS: [&'static str; 11] = [
        "srp/k",
        "srp/A",
        "srp/u",
        "srp/x",
        "srp/S",
        "srp/hkdf",
        "srp/key",
        "srp/claim",
        "srp/timestamp",
        "srp/secretHash",
        "srp/deviceVerifier",
    ];

    /// The method's name in the shim protocol.
    pub fn method(&self) -> &'static str {
        match self {
            Self::K {} => "srp/k",
            Self::A { .. } => "srp/A",
            Self::U { .. } => "srp/u",
            Self::X { .. } => "srp/x",
            Self::S { .. } => "srp/S",
            Self::Hkdf { .. } => "srp/hkdf",
            Self::Key { .. } => "srp/key",
            Self::Claim { .. } => "srp/claim",
            Self::Timestamp { .. } => "srp/timestamp",
            Self::SecretHash { .. } => "srp/secretHash",
            Self::DeviceVerifier { .. } => "srp/deviceVerifier",
        }
    }
}

/// What a port showed of a computation. A value it can't show is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Intermediates {
    /// The multiplier, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<String>,
    /// The client's public value, hexadecimal.
    #[serde(rename = "A", skip_serializing_if = "Option::is_none")]
    pub big_a: Option<String>,
    /// The scrambling parameter, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub u: Option<String>,
    /// The inner hash of x: 32 octets, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inner: Option<String>,
    /// The private key, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The shared secret, hexadecimal.
    #[serde(rename = "S", skip_serializing_if = "Option::is_none")]
    pub big_s: Option<String>,
    /// What the derivation extracts (RFC 5869, section 2.2): 32 octets, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prk: Option<String>,
    /// The key: 16 octets, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the claim signs, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// `PASSWORD_CLAIM_SIGNATURE`, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// `TIMESTAMP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// `SECRET_HASH`, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_hash: Option<String>,
    /// The device's password, as it goes into the hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_password: Option<String>,
    /// The device's salt, base64, as `ConfirmDevice` sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// The device's verifier, base64, as `ConfirmDevice` sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
}

impl Intermediates {
    /// What is there, by its name in the protocol and in the order of computation: the first entry that differs from the
    /// oracle's is where a port went wrong.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("k", &self.k),
            ("A", &self.big_a),
            ("u", &self.u),
            ("devicePassword", &self.device_password),
            ("salt", &self.salt),
            ("inner", &self.inner),
            ("x", &self.x),
            ("S", &self.big_s),
            ("prk", &self.prk),
            ("key", &self.key),
            ("timestamp", &self.timestamp),
            ("message", &self.message),
            ("signature", &self.signature),
            ("secretHash", &self.secret_hash),
            ("verifier", &self.verifier),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}

/// What came back from a pure function. The variants mean what they mean in [`Reply`](crate::wire::Reply).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "camelCase")]
pub enum PrimitiveReply {
    /// What the port showed.
    Shown {
        /// The values.
        values: Box<Intermediates>,
    },
    /// An error came out of the port.
    Error {
        /// As the port gave it.
        error: PortError,
    },
    /// The port does not offer the function.
    Unsupported {
        /// Why, in the shim's words.
        reason: String,
    },
    /// The port's process ended.
    Crash {
        /// Exit status and the end of its error output.
        detail: String,
    },
    /// No answer before the deadline.
    TimedOut {
        /// The deadline, in milliseconds.
        after_ms: u64,
    },
    /// The shim broke the protocol.
    ProtocolBroken {
        /// What was wrong, with the offending line cut short.
        detail: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_name_is_the_one_that_is_written() {
        let text = String::new;
        let calls = [
            PrimitiveCall::K {},
            PrimitiveCall::A { a: text() },
            PrimitiveCall::U {
                big_a: text(),
                big_b: text(),
            },
            PrimitiveCall::X {
                pool_name: text(),
                user_id: text(),
                password: text(),
                salt: text(),
            },
            PrimitiveCall::S {
                a: text(),
                big_a: text(),
                big_b: text(),
                u: text(),
                x: text(),
            },
            PrimitiveCall::Hkdf {
                big_s: text(),
                u: text(),
            },
            PrimitiveCall::Key {
                a: text(),
                big_a: text(),
                big_b: text(),
                pool_name: text(),
                user_id: text(),
                password: text(),
                salt: text(),
            },
            PrimitiveCall::Claim {
                a: text(),
                big_b: text(),
                pool_name: text(),
                user_id: text(),
                password: text(),
                salt: text(),
                secret_block: text(),
                timestamp: text(),
            },
            PrimitiveCall::Timestamp { clock: 0 },
            PrimitiveCall::SecretHash {
                username: text(),
                client_id: text(),
                client_secret: text(),
            },
            PrimitiveCall::DeviceVerifier {
                device_group_key: text(),
                device_key: text(),
                device_password: None,
                salt: None,
            },
        ];
        assert_eq!(
            calls.len(),
            PrimitiveCall::METHODS.len(),
            "every method is here"
        );
        for (call, method) in calls.iter().zip(PrimitiveCall::METHODS) {
            assert_eq!(call.method(), method);
            assert_eq!(
                serde_json::to_value(call).unwrap()["method"],
                method,
                "as it is written"
            );
        }
    }

    #[test]
    fn intermediates_come_in_the_order_of_computation_and_absent_ones_are_left_out() {
        let shown: Intermediates =
            serde_json::from_str(r#"{"key":"0f","S":"02","u":"01","x":"03"}"#).unwrap();
        let names: Vec<_> = shown.entries().map(|(name, _)| name).collect();
        assert_eq!(names, ["u", "x", "S", "key"]);
    }
}
