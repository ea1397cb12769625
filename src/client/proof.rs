//! What a claim is made of.

use crate::srp::{
    BigUint, Claim, ClaimInput, Credentials, Dialect, Salt, SrpError, claim_by, client_session,
};
use crate::wire::ChallengeName;

/// Who proves what: the password of a user, or that of a device.
pub(super) struct Prover {
    /// The challenge that is answered.
    pub(super) challenge: ChallengeName,
    /// The private value.
    pub(super) a: BigUint,
    /// The pool's name, or the device's group key.
    pub(super) scope: String,
    /// `USER_ID_FOR_SRP`, or the device's key.
    pub(super) user: String,
    /// The password.
    pub(super) password: String,
}

/// Everything a claim is made of. A mistake changes one part and has the claim made anew.
///
/// It holds the password and the private value, so it has no `Debug`.
#[derive(Clone)]
pub struct Proof {
    /// The pool name inside x.
    pub scope: String,
    /// `USER_ID_FOR_SRP` inside x.
    pub user: String,
    /// The password.
    pub password: String,
    /// The private value.
    pub a: BigUint,
    /// The service's public value.
    pub b_pub: BigUint,
    /// The salt.
    pub salt: Salt,
    /// The pool name inside the claim.
    pub claim_scope: String,
    /// `USER_ID_FOR_SRP` inside the claim.
    pub claim_user: String,
    /// The secret block, decoded.
    pub secret_block: Vec<u8>,
    /// `TIMESTAMP`, as sent.
    pub timestamp: String,
    /// The instant that it tells: seconds since 1970-01-01T00:00:00Z.
    pub signed_at: i64,
}

impl Proof {
    /// Makes the claim.
    ///
    /// # Errors
    /// The dialect refuses a value: B ≡ 0, u = 0.
    pub fn claim(&self, dialect: &Dialect) -> Result<Claim, SrpError> {
        let credentials = Credentials {
            scope: &self.scope,
            user: &self.user,
            password: self.password.as_bytes(),
        };
        let session = client_session(dialect, &credentials, &self.a, &self.salt, &self.b_pub)?;
        Ok(claim_by(
            &dialect.claim,
            &session.key,
            &ClaimInput {
                scope: &self.claim_scope,
                user: &self.claim_user,
                secret_block: &self.secret_block,
                timestamp: &self.timestamp,
            },
        ))
    }
}
