//! Secure Remote Password as Cognito and its relatives compute it.
//!
//! **This is a test oracle.** It takes variable time, shows every intermediate value and keeps no secret: never use it
//! to protect anything.
//!
//! Every SRP-6a variant is a value of [`Dialect`]; one code path computes them all, so that a *mistake* is an edited
//! dialect and nothing else.
//!
//! | value | formula (Cognito's choices) | function |
//! |---|---|---|
//! | byte form | minimal big-endian two's complement of a non-negative integer | [`signed_bytes`], [`IntForm`] |
//! | k | `H(N ‖ g)` | [`multiplier`] |
//! | A | `g^a` | [`client_public`] |
//! | B | `k·v + g^b` | [`server_public`] |
//! | u | `H(A ‖ B)` | [`scrambler`] |
//! | inner, x | `H(pool ‖ user ‖ ":" ‖ password)`, `H(salt ‖ inner)` | [`private_key_x`] |
//! | v | `g^x` | [`verifier`] |
//! | S, client | `(B − k·g^x)^(a + u·x)` | [`client_session`] |
//! | S, server | `(A · v^u)^b` | [`server_session`] |
//! | PRK, K | `HMAC(u, S)`, 16 octets of `HMAC(PRK, "Caldera Derived Key" ‖ 01)` | [`derive_key`] |
//! | claim | `HMAC(K, pool ‖ user ‖ secret block ‖ timestamp)` | [`claim()`] |
//! | M1, M2 | the relatives' proofs, which Cognito doesn't have | [`proof_m1`], [`proof_m2`] |
//! | device verifier | v and salt in base64 for `ConfirmDevice` | [`device_verifier`] |
//! | `SECRET_HASH` | `HMAC(client secret, username ‖ client id)` | [`secret_hash()`] |
//!
//! Many sign-ins' steps are made side by side by [`client_sessions`], [`server_publics`] and [`server_sessions`].
//! [`search`] finds private values for which A, B, u or S begin as one wants.
//!
//! The byte form decides nearly everything: most ports that fail, fail in it, and most of those fail in 1 sign-in of 2,
//! 16, 256 or 512 only.

mod base64;
mod claim;
mod constants;
mod device;
mod dialect;
mod error;
mod group;
mod hash;
mod hkdf;
mod integer;
pub mod modexp;
mod pool_id;
mod proof;
mod salt;
pub mod search;
mod secret_hash;
mod session;
mod small_exponent;
mod steps;
mod timestamp;

pub use base64::{Base64Error, parse_base64, to_base64};
pub use claim::{Claim, ClaimInput, ClaimPart, ClaimRule, TextForm, claim, claim_by};
pub use constants::{TELLING_A, WrongConstant};
pub use device::{DeviceVerifier, device_verifier, device_verifier_by};
pub use dialect::{
    BaseRule, Charset, Checks, Dialect, HkdfPart, HkdfRule, InnerForm, KRule, KeyRule, ProofRule,
    ProofSecret, SaltForm, URule, XRule,
};
pub use error::SrpError;
pub use group::Group;
pub use hash::Hash;
pub use hkdf::{Hkdf, Mac, hkdf, hmac_sha256};
pub use integer::{
    IntForm, IntegerError, MAX_HEX_DIGITS, parse_hex, signed_bytes, signed_bytes_of, to_hex,
};
pub use num_bigint::BigUint;
pub use pool_id::{PoolId, PoolIdError};
pub use proof::{ProofInput, proof_m1, proof_m2};
pub use salt::Salt;
pub use secret_hash::secret_hash;
pub use session::{
    ClientSession, Credentials, DerivedKey, PrivateKey, ServerSession, client_public, derive_key,
    multiplier, private_key_x, scrambler, server_public, verifier,
};
pub use small_exponent::small_exponent;
pub use steps::{
    ChallengeInput, ClientInput, ServerInput, client_session, client_session_with_x,
    client_sessions, server_publics, server_session, server_session_with_public, server_sessions,
};
pub use timestamp::{ParsedTimestamp, Timestamp, TimestampError, TimestampPart};
