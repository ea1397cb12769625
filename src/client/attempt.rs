//! What is remembered between the requests of one sign-in.

use crate::srp::BigUint;
use crate::wire::message::Parameters;
use crate::wire::{AuthFlowType, ChallengeName};

/// One sign-in that is going on. It holds the password, so it has no `Debug`.
pub struct Attempt {
    pub(super) typed_name: String,
    pub(super) password: Option<String>,
    pub(super) flow: AuthFlowType,
    /// The first factor that is preferred, in `userAuth`.
    pub(super) preferred: Option<ChallengeName>,
    /// Metadata of the call that is being served: `signIn`'s, then each `confirmSignIn`'s.
    pub(super) metadata: Parameters,
    pub(super) keys: Option<KeyPair>,
    /// The name the service last returned.
    pub(super) returned_name: Option<String>,
    pub(super) pending: Option<Pending>,
    pub(super) sessions: Vec<String>,
    pub(super) started: i64,
    pub(super) proved: bool,
    pub(super) custom_rounds: usize,
}

impl Attempt {
    /// The name that goes into answers.
    pub(super) fn name(&self) -> &str {
        self.returned_name.as_deref().unwrap_or(&self.typed_name)
    }
}

/// The client's SRP key pair.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// The private value.
    pub a: BigUint,
    /// `SRP_A` as a number.
    pub a_pub: BigUint,
}

/// A challenge that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its name.
    pub name: ChallengeName,
    /// Its parameters.
    pub parameters: Parameters,
    /// The Session it came with.
    pub session: Option<String>,
}
