//! What the pool does where a wrong service does something else.
//!
//! A policy is plain data that the pool reads. The default is right; every mistake of a service is an edit of one field. What
//! is decided about something that the pool keeps is declared beside it, in `state`; the rest is here.

pub use super::state::blocks::ProofPolicy;
pub use super::state::devices::{
    DeviceMissing, DeviceRules, DeviceScope, DevicesAsked, DevicesGiven,
};
pub use super::state::factors::{DeliveryTold, FactorRules};
pub use super::state::grants::{BringsRefreshToken, RefreshPolicy};
pub use super::state::lockouts::LockoutPolicy;
pub use super::state::sessions::SessionPolicy;
pub use super::wire::response::{ErrorPolicy, MessageMember, ResponsePolicy, TypeForm};
use crate::srp::Dialect;
use crate::wire::ErrorKind;

/// Every decision of the pool that a known wrong service takes otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The arithmetic of SRP.
    pub dialect: Dialect,
    /// What a `PASSWORD_VERIFIER` challenge says.
    pub srp: SrpPolicy,
    /// What its answer has to prove.
    pub proof: ProofPolicy,
    /// How long and how often a `Session` is good.
    pub sessions: SessionPolicy,
    /// What the app client's settings decide.
    pub clients: ClientPolicy,
    /// What the user's state decides.
    pub users: UserPolicy,
    /// When failed attempts lock a user out.
    pub lockouts: LockoutPolicy,
    /// How custom challenges go.
    pub custom: CustomPolicy,
    /// Which trigger sees which `ClientMetadata`.
    pub metadata: MetadataPolicy,
    /// When users are migrated.
    pub migration: MigrationPolicy,
    /// How passwords are reset.
    pub resets: ResetPolicy,
    /// Which factors are asked for, and when they are shown.
    pub factors: FactorRules,
    /// How every answer looks.
    pub responses: ResponsePolicy,
    /// How errors look.
    pub errors: ErrorPolicy,
    /// How long tokens are good, and who may refresh them.
    pub refresh: RefreshPolicy,
    /// What tokens say and how they are signed.
    pub tokens: TokenPolicy,
    /// How devices are named, asked for and missed.
    pub devices: DeviceRules,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            dialect: Dialect::cognito(),
            srp: SrpPolicy::default(),
            proof: ProofPolicy::default(),
            sessions: SessionPolicy::default(),
            clients: ClientPolicy::default(),
            users: UserPolicy::default(),
            lockouts: LockoutPolicy::default(),
            custom: CustomPolicy::default(),
            metadata: MetadataPolicy::default(),
            migration: MigrationPolicy::default(),
            resets: ResetPolicy::default(),
            factors: FactorRules::default(),
            responses: ResponsePolicy::default(),
            errors: ErrorPolicy::default(),
            refresh: RefreshPolicy::default(),
            tokens: TokenPolicy::default(),
            devices: DeviceRules::default(),
        }
    }
}

/// What a `PASSWORD_VERIFIER` challenge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrpPolicy {
    /// `SRP_A` is read in any case, with leading zeros, and with an odd number of digits.
    pub reads_any_hex: bool,
    /// What goes into x and the claim in front of the user id.
    pub scope: Scope,
    /// What is sent as `USERNAME` and `USER_ID_FOR_SRP`.
    pub user_id: UserIdForm,
    /// The challenge carries `USERNAME`.
    pub sends_username: bool,
    /// The challenge carries `USER_ID_FOR_SRP`.
    pub sends_user_id: bool,
    /// How salts are made and written.
    pub salt: SaltRule,
    /// What `SECRET_BLOCK` looks like.
    pub secret_block: SecretBlockForm,
    /// What `SRP_B` is.
    pub public_value: PublicValueForm,
}

impl Default for SrpPolicy {
    fn default() -> Self {
        Self {
            reads_any_hex: true,
            scope: Scope::PoolName,
            user_id: UserIdForm::Internal,
            sends_username: true,
            sends_user_id: true,
            salt: SaltRule::Stable,
            secret_block: SecretBlockForm::Base64,
            public_value: PublicValueForm::Group,
        }
    }
}

/// What goes into x and the claim in front of the user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The pool id's part after the underscore: right.
    PoolName,
    /// The whole pool id.
    WholePoolId,
}

/// What is sent as `USERNAME` and `USER_ID_FOR_SRP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserIdForm {
    /// The internal user name: right.
    Internal,
    /// What the person typed.
    AsTyped,
}

/// How salts are made and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaltRule {
    /// One per password, written as a number without leading zeros: right.
    Stable,
    /// Another at every sign-in.
    FreshEachTime,
    /// May begin with a zero octet and is written with it, so that clients read it in two ways.
    LeadingZeroOctet,
}

/// What `SECRET_BLOCK` looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretBlockForm {
    /// Standard base64 of opaque octets: right.
    Base64,
    /// A UUID, which is not base64.
    Uuid,
}

/// What `SRP_B` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicValueForm {
    /// `k·v + g^b`: right.
    Group,
    /// 32 random digits that have nothing to do with the verifier.
    Random,
}

/// What the app client's settings decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPolicy {
    /// What a flow that is switched off gets.
    pub flow_switches: FlowSwitches,
    /// A client with a secret has to send `SECRET_HASH`.
    pub secret_hash_demanded: bool,
    /// A `SECRET_HASH` that is sent has to be right.
    pub secret_hash_checked: bool,
    /// A missing `SECRET_HASH` is refused in other words than a wrong one.
    pub secret_hash_missed_in_words: bool,
    /// `PreventUserExistenceErrors` is honoured.
    pub hides_existence: bool,
}

impl Default for ClientPolicy {
    fn default() -> Self {
        Self {
            flow_switches: FlowSwitches::Enforced,
            secret_hash_demanded: true,
            secret_hash_checked: true,
            secret_hash_missed_in_words: true,
            hides_existence: true,
        }
    }
}

/// What a flow that is switched off gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowSwitches {
    /// `InvalidParameterException`: right.
    Enforced,
    /// `NotAuthorizedException`.
    RefusedAsNotAuthorized,
    /// Whatever a flow that is on gets.
    Ignored,
}

/// What the user's state decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPolicy {
    /// The sub is a name to sign in with.
    pub sub_is_a_name: bool,
    /// A disabled user is refused.
    pub refuses_disabled: bool,
    /// An unconfirmed user is refused.
    pub refuses_unconfirmed: bool,
    /// An unconfirmed user is told so before the password is looked at.
    pub unconfirmed_before_password: bool,
    /// Signing in makes an unconfirmed user confirmed.
    pub confirms_by_signing_in: bool,
    /// A temporary password proved by SRP leads to `NEW_PASSWORD_REQUIRED`.
    pub new_password_after_srp: bool,
    /// `NEW_PASSWORD_REQUIRED` carries `requiredAttributes` and `userAttributes`.
    pub new_password_describes_user: bool,
    /// A user who must reset the password is refused.
    pub refuses_reset_required: bool,
    /// What a simulated challenge for an unknown user has as salt.
    pub simulated_salt: SimulatedSalt,
}

impl Default for UserPolicy {
    fn default() -> Self {
        Self {
            sub_is_a_name: false,
            refuses_disabled: true,
            refuses_unconfirmed: true,
            unconfirmed_before_password: true,
            confirms_by_signing_in: false,
            new_password_after_srp: true,
            new_password_describes_user: true,
            refuses_reset_required: true,
            simulated_salt: SimulatedSalt::Stable,
        }
    }
}

/// What a simulated challenge for an unknown user has as salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatedSalt {
    /// The same for the same name: right.
    Stable,
    /// Another each time, which tells unknown users from known ones.
    FreshEachTime,
    /// Signed hexadecimal with a minus sign, as the service itself sent until 2021.
    Negative,
}

/// How custom challenges go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomPolicy {
    /// The answer goes to Verify, and Verify decides.
    pub asks_verify: bool,
    /// Where private parameters go.
    pub private_parameters: PrivateParameters,
    /// `CHALLENGE_NAME=SRP_A` starts with SRP.
    pub starts_with_srp: bool,
    /// The session array has one element a round, not one for the question and one for the answer.
    pub one_entry_a_round: bool,
    /// How many elements the session array may have before the sign-in is refused; the service has no such limit.
    pub entry_limit: Option<usize>,
    /// A trigger that fails makes the sign-in fail.
    pub failing_trigger_refuses: bool,
    /// A client without triggers is told so.
    pub needs_triggers: bool,
}

impl Default for CustomPolicy {
    fn default() -> Self {
        Self {
            asks_verify: true,
            private_parameters: PrivateParameters::ToVerifyOnly,
            starts_with_srp: true,
            one_entry_a_round: true,
            entry_limit: None,
            failing_trigger_refuses: true,
            needs_triggers: true,
        }
    }
}

/// Where private challenge parameters go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateParameters {
    /// To Verify and nowhere else: right.
    ToVerifyOnly,
    /// Nowhere.
    Dropped,
    /// To the client, too.
    Leaked,
}

/// Which trigger sees which `ClientMetadata`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataPolicy {
    /// What came with `InitiateAuth` reaches Define and Create.
    pub initiate_reaches_challenge_triggers: bool,
    /// What came with `InitiateAuth` reaches PreAuthentication and UserMigration as `validationData`.
    pub initiate_reaches_validation_data: bool,
    /// What came with an answer reaches Define, Create and Verify.
    pub answers_reach_challenge_triggers: bool,
    /// What came with `ForgotPassword` reaches UserMigration as `clientMetadata`.
    pub resets_reach_migration: bool,
}

impl Default for MetadataPolicy {
    fn default() -> Self {
        Self {
            initiate_reaches_challenge_triggers: false,
            initiate_reaches_validation_data: true,
            answers_reach_challenge_triggers: true,
            resets_reach_migration: true,
        }
    }
}

/// When users are migrated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationPolicy {
    /// The trigger runs for an unknown user who signs in with a password.
    pub on_sign_in: bool,
    /// The trigger runs for an unknown user who resets a password.
    pub on_reset: bool,
    /// The trigger runs under SRP, too, where the service has no password to hand on.
    pub under_srp: bool,
    /// `finalUserStatus` is honoured.
    pub honours_status: bool,
}

impl Default for MigrationPolicy {
    fn default() -> Self {
        Self {
            on_sign_in: true,
            on_reset: true,
            under_srp: false,
            honours_status: true,
        }
    }
}

/// How passwords are reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetPolicy {
    /// The code has to be the one that was sent.
    pub checks_code: bool,
    /// What a wrong code is called.
    pub wrong_code: ErrorKind,
    /// The new password takes the place of the old one.
    pub sets_password: bool,
    /// A user who had to reset the password is confirmed by it.
    pub confirms: bool,
    /// The answer says where the code went.
    pub tells_delivery: bool,
    /// The address in it is masked.
    pub masks_destination: bool,
    /// `PreventUserExistenceErrors` holds for resets, too.
    pub hides_existence: bool,
    /// A client that hides nothing is told that nobody has the name.
    pub tells_existence: bool,
    /// Users who are disabled or have a temporary password get no code.
    pub refuses_by_status: bool,
}

impl Default for ResetPolicy {
    fn default() -> Self {
        Self {
            checks_code: true,
            wrong_code: ErrorKind::CodeMismatch,
            sets_password: true,
            confirms: true,
            tells_delivery: true,
            masks_destination: true,
            hides_existence: true,
            tells_existence: true,
            refuses_by_status: true,
        }
    }
}

/// What tokens say and how they are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPolicy {
    /// A fixed word stands in place of the signature.
    pub stub_signature: bool,
    /// The access token names the app client as `client_id` and has no `aud`.
    pub access_names_client: bool,
    /// The issuer is `https://cognito-idp.<region>.amazonaws.com/<pool id>`.
    pub public_issuer: bool,
    /// All three tokens are sent.
    pub sends_refresh_token: bool,
}

impl Default for TokenPolicy {
    fn default() -> Self {
        Self {
            stub_signature: false,
            access_names_client: true,
            public_issuer: true,
            sends_refresh_token: true,
        }
    }
}
