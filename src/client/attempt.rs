//! What is remembered between the requests of one sign-in.

use crate::srp::BigUint;
use crate::wire::message::Parameters;
use crate::wire::{AuthFlowType, ChallengeName};

use super::devices::DeviceRecord;

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
    /// What of the pending challenge the person is asked.
    pub(super) asked: Asked,
    /// The device that is named in every request.
    pub(super) device: Option<DeviceRecord>,
    /// The key of the device that the service has forgotten: none is named any more.
    pub(super) gone: Option<String>,
    /// The key pair of the device's own round, once it has begun.
    pub(super) device_keys: Option<KeyPair>,
    pub(super) device_proved: bool,
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

    /// Whether the first request carries `SRP_A`.
    pub(super) fn starts_with_srp(&self) -> bool {
        self.flow.has_srp() || self.preferred == Some(ChallengeName::PasswordSrp)
    }

    /// The key pair of the round that is going on: the device's, once that has begun.
    pub(super) fn keys_in_use(&self) -> Option<&KeyPair> {
        self.device_keys.as_ref().or(self.keys.as_ref())
    }
}

/// What of a challenge the person is asked. A factor that has to be chosen or set up takes several answers to one challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// What the challenge's name says.
    AsTheChallengeSays,
    /// To choose one of these second factors.
    Mfa(Vec<ChallengeName>),
    /// To choose one of these second factors, to set it up.
    SetUp(Vec<ChallengeName>),
    /// An e-mail address to set up.
    EmailAddress,
    /// A code that was made with the new secret.
    SoftwareToken {
        /// The Session that came with the secret.
        session: String,
        /// The Session that came for the code, once it was right.
        verified: Option<String>,
    },
    /// To choose one of these first factors.
    FirstFactor(Vec<ChallengeName>),
    /// The password, which was chosen as first factor in this form.
    Password(ChallengeName),
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
