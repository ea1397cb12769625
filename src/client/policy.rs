//! Which decisions a port may get wrong, as data.

use std::fmt;
use std::sync::Arc;

use crate::config::{ClientSettings, Reading, effective_flow};
use crate::srp::{BigUint, Dialect};
use crate::wire::{AuthFlowType, ChallengeName, HttpResponse, ServiceError};

use super::outgoing::Outgoing;
use super::token_policy::TokenPolicy;

/// The client's decisions. The default is right; every mistake of a port is an edit of it.
///
/// What a mistake changes in a message that is otherwise right goes through [`outgoing`](Self::outgoing), which can have
/// claims and hashes made anew.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The arithmetic.
    pub dialect: Dialect,
    /// How a configuration file's flow names are understood.
    pub reading: Reading,
    /// Whose ids go on the wire when a call brings a configuration file.
    pub ids: Ids,
    /// Which flow wins: run-time option, settings.
    pub choose_flow: fn(Option<AuthFlowType>, &ClientSettings) -> AuthFlowType,
    /// Edits the private value a, drawn or injected, before A is made of it.
    pub private_value: fn(BigUint) -> BigUint,
    /// Whether arguments are looked at before anything is sent.
    pub input: Input,
    /// What is taken as pool name.
    pub pool_name: PoolName,
    /// What is done with a B that is a multiple of N. Whatever this says, u = 0 is the dialect's to refuse.
    pub illegal_b: IllegalB,
    /// Whether SALT and SRP_B may have an odd number of digits, which is legal.
    pub odd_hex: OddHex,
    /// What is done with a SECRET_BLOCK that is not base64.
    pub secret_block: SecretBlock,
    /// What is done with a challenge that is not known.
    pub unknown_challenge: UnknownChallenge,
    /// What becomes of an answer with members that are not known.
    pub unknown_members: UnknownMembers,
    /// Which tokens make a sign-in.
    pub tokens_needed: TokensNeeded,
    /// How many custom rounds the client's state survives.
    pub rounds: Rounds,
    /// Whether tokens right after the proof end a custom flow, which is legal: zero custom rounds.
    pub tokens_may_follow_the_proof: bool,
    /// What `confirmSignIn` sends.
    pub confirming: Confirming,
    /// What `confirmResetPassword` sends.
    pub resetting: Resetting,
    /// How often a request that fails is repeated at once.
    pub retries: u8,
    /// From which HTTP status on a request counts as failed.
    pub retries_from_status: u16,
    /// Whether tokens are refreshed as soon as they have come.
    pub refreshes_at_once: bool,
    /// Which operation refreshes.
    pub refresh_by: RefreshBy,
    /// Everything about devices.
    pub devices: DevicePolicy,
    /// Everything about factors.
    pub factors: FactorPolicy,
    /// Everything about tokens.
    pub tokens: TokenPolicy,
    /// How an error response is read.
    pub read_error: fn(&HttpResponse) -> Option<ServiceError>,
    /// What the application is told in place of the service's text: given the error and the request's body.
    pub error_text: Option<fn(&ServiceError, &str) -> String>,
    /// Edits every message before it leaves.
    pub outgoing: Option<fn(&mut Outgoing<'_>)>,
    /// A deliberate lie towards a service under test, told after everything else.
    pub lie: Option<Lie>,
}

/// An edit of every message that needs data of its own, such as another user's name.
#[derive(Clone)]
pub struct Lie(pub Arc<dyn Fn(&mut Outgoing<'_>) + Send + Sync>);

impl fmt::Debug for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lie")
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            dialect: Dialect::cognito(),
            reading: Reading::default(),
            ids: Ids::OfTheFile,
            choose_flow: effective_flow,
            private_value: |a| a,
            input: Input::Checked,
            pool_name: PoolName::AfterUnderscore,
            illegal_b: IllegalB::Refused,
            odd_hex: OddHex::Read,
            secret_block: SecretBlock::Checked,
            unknown_challenge: UnknownChallenge::Refused,
            unknown_members: UnknownMembers::Ignored,
            tokens_needed: TokensNeeded::AllThree,
            rounds: Rounds::Any,
            tokens_may_follow_the_proof: true,
            confirming: Confirming::Once,
            resetting: Resetting::Once,
            retries: 0,
            retries_from_status: 500,
            refreshes_at_once: false,
            refresh_by: RefreshBy::GetTokensFromRefreshToken,
            devices: DevicePolicy::default(),
            factors: FactorPolicy::default(),
            tokens: TokenPolicy::default(),
            read_error: ServiceError::from_response,
            error_text: None,
            outgoing: None,
            lie: None,
        }
    }
}

/// Whose ids go on the wire when a call brings a configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// The file's.
    OfTheFile,
    /// Those the client was first made with.
    OfTheCall,
}

/// Whether arguments are looked at before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// An empty name, a missing password and an empty answer are refused.
    Checked,
    /// They go to the service.
    Unchecked,
}

/// What is taken as pool name, the scope of x and of the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolName {
    /// What follows the first underscore; an id that is none is a configuration error.
    AfterUnderscore,
    /// The same, but an id without an underscore is taken whole.
    WholeWithoutUnderscore,
}

/// What is done with a B that is a multiple of N.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IllegalB {
    /// No claim is sent (RFC 5054 section 2.5.3).
    Refused,
    /// Only a B that is zero as written is refused, so that N passes.
    OnlyZeroRefused,
    /// It is used.
    Used,
}

/// Whether SALT and SRP_B may have an odd number of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddHex {
    /// Numbers are read digit by digit.
    Read,
    /// They are read by pairs of digits, so that an odd number of them is an error.
    Refused,
}

/// What is done with a SECRET_BLOCK that is not base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretBlock {
    /// No claim is sent.
    Checked,
    /// What can be decoded is used.
    Lenient,
}

/// What is done with a challenge that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownChallenge {
    /// The sign-in fails and says so.
    Refused,
    /// It is shown as a custom challenge.
    TakenForCustom,
    /// The sign-in counts as complete.
    TakenForDone,
}

/// What becomes of an answer with members that are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownMembers {
    /// They are ignored.
    Ignored,
    /// The answer counts as unreadable.
    Refused,
}

/// Which tokens make a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokensNeeded {
    /// Access, id and refresh token.
    AllThree,
    /// None: any result without a challenge is a sign-in.
    None,
}

/// How many custom rounds the client's state survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounds {
    /// Any number.
    Any,
    /// A custom challenge right after a custom challenge is not recognised.
    One,
}

/// What `confirmSignIn` sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirming {
    /// The answer, once.
    Once,
    /// The answer, and the same again whatever came back.
    Twice,
    /// The first request of the sign-in again, then the answer.
    AfterStartingAnew,
}

/// What `confirmResetPassword` sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resetting {
    /// The code and the new password, once.
    Once,
    /// A wish for another code, which makes the one in hand useless, then the same.
    AfterAskingAnew,
}

/// Which operation refreshes. Both are right, as long as refresh tokens don't rotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefreshBy {
    /// `GetTokensFromRefreshToken`, as today's Amplify.
    GetTokensFromRefreshToken,
    /// `InitiateAuth` with `REFRESH_TOKEN_AUTH`, as older libraries.
    RefreshTokenAuth,
}

/// The client's decisions about devices. That the user's key pair serves the device's round, too, is none of them: shipped
/// clients do so, and the service takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevicePolicy {
    /// Which answers name the device.
    pub key_sent: KeySent,
    /// Under which name a device is kept.
    pub filed: Filed,
    /// Which error says that the service has forgotten the device.
    pub gone: Gone,
    /// What the device's password is.
    pub password: DevicePassword,
    /// What stands in the place of the pool's name in the verifier.
    pub verifier_scope: VerifierScope,
    /// What stands in the place of the user in the verifier.
    pub verifier_user: VerifierUser,
    /// Which octets of the verifier are sent.
    pub verifier_octets: VerifierOctets,
    /// Which octets of its salt are sent.
    pub salt_octets: VerifierOctets,
    /// Whether the device's rounds send back the Session that they came with.
    pub echoes_session: bool,
    /// In which flows a new device is confirmed.
    pub confirmed: DeviceFlows,
    /// In which flows the device's rounds are answered.
    pub rounds_answered: DeviceFlows,
    /// Whether devices outlive a sign-out.
    pub survive_sign_out: bool,
    /// Whether a device that the person has forgotten is forgotten here, too.
    pub forgotten_here: bool,
}

impl Default for DevicePolicy {
    fn default() -> Self {
        Self {
            key_sent: KeySent::WithEveryAnswer,
            filed: Filed::UnderInternalName,
            gone: Gone::ByItsText,
            password: DevicePassword::Fresh,
            verifier_scope: VerifierScope::GroupKey,
            verifier_user: VerifierUser::DeviceKey,
            verifier_octets: VerifierOctets::Signed,
            salt_octets: VerifierOctets::Signed,
            echoes_session: true,
            confirmed: DeviceFlows::All,
            rounds_answered: DeviceFlows::All,
            survive_sign_out: true,
            forgotten_here: true,
        }
    }
}

/// Which answers name the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySent {
    /// Every one.
    WithEveryAnswer,
    /// Every one but those about factors (aws-amplify/amplify-swift#2697, aws-amplify/amplify-android#3289).
    NotWithFactors,
}

/// Under which name a device is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// The internal one; every name that was typed leads there.
    UnderInternalName,
    /// The typed one alone, so that each alias has a device of its own.
    UnderTypedName,
    /// None: everybody on this client has the same one (aws-amplify/amplify-js#12209).
    UnderNoName,
}

/// Which error says that the service has forgotten the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// ResourceNotFoundException with the service's text.
    ByItsText,
    /// Any ResourceNotFoundException.
    ByItsKind,
    /// None: the error is passed on, for ever (aws-amplify/amplify-js#12188).
    Never,
}

/// In which flows something about devices is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceFlows {
    /// In all.
    All,
    /// In those that begin with SRP only.
    WithSrp,
    /// In those without custom challenges only.
    NotCustom,
}

impl DeviceFlows {
    /// Whether a flow is one of them.
    pub fn has(self, flow: AuthFlowType) -> bool {
        match self {
            Self::All => true,
            Self::WithSrp => flow.has_srp(),
            Self::NotCustom => !flow.is_custom(),
        }
    }
}

/// What the device's password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicePassword {
    /// Forty fresh random octets, in base64.
    Fresh,
    /// The account's.
    OfTheAccount,
}

/// What stands in the place of the pool's name in the verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifierScope {
    /// The group key of the device.
    GroupKey,
    /// Nothing.
    Nothing,
    /// The pool's name.
    PoolName,
    /// The whole pool id.
    PoolId,
}

/// What stands in the place of the user in the verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifierUser {
    /// The device's key.
    DeviceKey,
    /// The internal user name (aws/aws-sdk-net-extensions-cognito#73).
    UserName,
    /// The device's key and a stray back-tick (jonsaw/amazon-cognito-identity-dart#62).
    DeviceKeyAndBackTick,
}

/// Which octets of a number are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifierOctets {
    /// Those of a non-negative number in two's complement.
    Signed,
    /// Those of the number without a sign, which are a negative number as often as not
    /// (aws/aws-sdk-net-extensions-cognito#46).
    Unsigned,
    /// Their hexadecimal digits as text.
    HexText,
}

/// The client's decisions about factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorPolicy {
    /// Challenges for which no branch was written. There are none.
    pub gaps: Vec<Gap>,
    /// What becomes of the sign-in after a wrong code.
    pub after_wrong_code: AfterWrongCode,
    /// What ends the set-up of time-based codes.
    pub set_up_ends: SetUpEnds,
}

impl Default for FactorPolicy {
    fn default() -> Self {
        Self {
            gaps: Vec::new(),
            after_wrong_code: AfterWrongCode::KeepsSession,
            set_up_ends: SetUpEnds::WithAnswer,
        }
    }
}

impl FactorPolicy {
    /// Whether there is no branch for a challenge that comes after that one.
    pub fn lacks(&self, challenge: &ChallengeName, after: Option<&ChallengeName>) -> bool {
        self.gaps.iter().any(|gap| {
            gap.challenge == *challenge && (gap.after.is_none() || gap.after.as_ref() == after)
        })
    }
}

/// A challenge for which no branch was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The challenge.
    pub challenge: ChallengeName,
    /// The challenge right after which it is not expected; absent means wherever it comes.
    pub after: Option<ChallengeName>,
}

/// What becomes of the sign-in after a wrong code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterWrongCode {
    /// The next code goes with the same Session.
    KeepsSession,
    /// The next code goes without a Session (aws-amplify/amplify-android#3136).
    LosesSession,
    /// There is no sign-in any more (aws-amplify/amplify-swift#2615).
    EndsSignIn,
}

/// What ends the set-up of time-based codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetUpEnds {
    /// An answer to `MFA_SETUP`.
    WithAnswer,
    /// The code that was taken; the challenge is left as it is.
    WithCode,
}
