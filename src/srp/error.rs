//! What an SRP computation refuses.

use num_bigint::BigUint;
use thiserror::Error;

/// A public value that the protocol forbids (RFC 5054, sections 2.5.3 and 2.5.4; RFC 2945 section 3 for u).
///
/// Each of them makes S predictable without the password, so a party must stop before it sends a proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SrpError {
    /// The client's public value is a multiple of N.
    #[error("illegal A: A mod N is 0 (A = {quotient}·N); refuse it before B is sent")]
    IllegalA {
        /// A divided by N.
        quotient: BigUint,
    },
    /// The server's public value is a multiple of N.
    #[error("illegal B: B mod N is 0 (B = {quotient}·N); stop before a proof is sent")]
    IllegalB {
        /// B divided by N.
        quotient: BigUint,
    },
    /// The scrambling parameter is zero: S would not depend on the password.
    #[error("illegal u: the hash of A and B is 0; stop before a proof is sent")]
    ZeroU,
}
