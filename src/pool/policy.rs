//! What the pool does where a wrong service does something else.
//!
//! A policy is plain data that the pool reads. The default is right; every mistake of a service is an edit of one field.

use crate::srp::Dialect;
use crate::wire::ErrorKind;
use crate::wire::http::AMZ_JSON;

/// Every decision of the pool that a known wrong service takes otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The arithmetic of SRP.
    pub dialect: Dialect,
    /// What a `PASSWORD_VERIFIER` challenge says and what its answer has to prove.
    pub srp: SrpPolicy,
    /// How long and how often a `Session` is good.
    pub sessions: SessionPolicy,
    /// What the app client's settings decide.
    pub clients: ClientPolicy,
    /// What the user's state decides.
    pub users: UserPolicy,
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
            resets: ResetPolicy::default(),
            sessions: SessionPolicy::default(),
            clients: ClientPolicy::default(),
            users: UserPolicy::default(),
            custom: CustomPolicy::default(),
            metadata: MetadataPolicy::default(),
            refresh: RefreshPolicy::default(),
            migration: MigrationPolicy::default(),
            factors: FactorRules::default(),
            responses: ResponsePolicy::default(),
            errors: ErrorPolicy::default(),
            tokens: TokenPolicy::default(),
            devices: DeviceRules::default(),
        }
    }
}

/// What a `PASSWORD_VERIFIER` challenge says and what its answer has to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrpPolicy {
    /// `SRP_A` is read in any case, with leading zeros, and with an odd number of digits.
    pub reads_any_hex: bool,
    /// The signature is compared at all.
    pub checks_proof: bool,
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
    /// A secret block is good for the app client it was made for only.
    pub binds_client: bool,
    /// A secret block is good for the user it was made for only.
    pub binds_user: bool,
    /// A secret block is good for one success.
    pub single_use: bool,
    /// Seconds for which a secret block is good. The service says "a few seconds"; 57 have been seen to pass.
    pub secret_block_seconds: i64,
    /// Seconds by which `TIMESTAMP` may differ from the pool's clock, either way. The service's number is not public.
    pub timestamp_window_seconds: i64,
    /// A `TIMESTAMP` that is readable but not in canonical form (padded day, wrong weekday) is refused.
    pub canonical_timestamp: bool,
    /// A `TIMESTAMP` that is not readable gets an error that names the pattern.
    pub names_timestamp_pattern: bool,
    /// A secret block that is not the challenge's is refused like a wrong password.
    pub hides_bad_block: bool,
}

impl Default for SrpPolicy {
    fn default() -> Self {
        Self {
            reads_any_hex: true,
            checks_proof: true,
            scope: Scope::PoolName,
            user_id: UserIdForm::Internal,
            sends_username: true,
            sends_user_id: true,
            salt: SaltRule::Stable,
            secret_block: SecretBlockForm::Base64,
            public_value: PublicValueForm::Group,
            binds_client: true,
            binds_user: true,
            single_use: true,
            secret_block_seconds: 180,
            timestamp_window_seconds: 3600,
            canonical_timestamp: true,
            names_timestamp_pattern: true,
            hides_bad_block: true,
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

/// How long and how often a `Session` is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// `PASSWORD_VERIFIER` of `USER_SRP_AUTH` carries a Session.
    pub in_plain_verifier: bool,
    /// The answer to `PASSWORD_VERIFIER` of `USER_SRP_AUTH` has to carry a Session.
    pub demanded_in_plain_verifier: bool,
    /// `NEW_PASSWORD_REQUIRED` can be answered with the Session it came with only.
    pub demanded_for_new_password: bool,
    /// A Session is good for one answer.
    pub single_use: bool,
    /// A Session ends after the app client's `AuthSessionValidity`.
    pub expires: bool,
    /// The same custom challenge, asked again after a wrong answer, has a new Session.
    pub renewed_after_wrong_answer: bool,
    /// Answers to other challenges than `PASSWORD_VERIFIER` and `SOFTWARE_TOKEN_MFA`, which do, may name the user by what was
    /// typed. Reports disagree (NabuCasa/pycognito#193: of `SMS_MFA`, refused).
    pub aliases_in_other_answers: bool,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            in_plain_verifier: false,
            demanded_in_plain_verifier: false,
            demanded_for_new_password: true,
            single_use: true,
            expires: true,
            renewed_after_wrong_answer: true,
            aliases_in_other_answers: true,
        }
    }
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
    /// Failed attempts lock a user out for a while.
    pub locks_out: bool,
    /// How many failed attempts do so.
    pub attempts_before_lock_out: u32,
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
            locks_out: true,
            attempts_before_lock_out: 5,
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

/// How every answer looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponsePolicy {
    /// The content type of every answer.
    pub content_type: &'static str,
    /// Every answer carries `x-amzn-RequestId`.
    pub request_id: bool,
}

impl Default for ResponsePolicy {
    fn default() -> Self {
        Self {
            content_type: AMZ_JSON,
            request_id: true,
        }
    }
}

/// How errors look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPolicy {
    /// The `x-amzn-ErrorType` and `x-amzn-ErrorMessage` headers are sent.
    pub headers: bool,
    /// How `__type` is written.
    pub type_form: TypeForm,
    /// The name of the member that holds the text.
    pub message_member: MessageMember,
    /// The HTTP status of a client's fault.
    pub status: u16,
    /// Texts end in a full stop exactly where the service's do.
    pub full_stops: bool,
    /// What a wrong password is called.
    pub wrong_password: ErrorKind,
}

impl Default for ErrorPolicy {
    fn default() -> Self {
        Self {
            headers: true,
            type_form: TypeForm::Bare,
            message_member: MessageMember::Lower,
            status: 400,
            full_stops: true,
            wrong_password: ErrorKind::NotAuthorized,
        }
    }
}

/// How `__type` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeForm {
    /// The shape's bare name: right.
    Bare,
    /// With a namespace and `#` in front.
    Namespaced,
}

/// The name of the member that holds an error's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageMember {
    /// `message`: right.
    Lower,
    /// `Message`.
    Capital,
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

/// How devices are named, asked for and missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRules {
    /// Who is given the keys of a new device, where devices are tracked.
    pub given: DevicesGiven,
    /// Which devices have to be proved.
    pub asked: DevicesAsked,
    /// What stands in front of the device's key in its claim.
    pub scope: DeviceScope,
    /// The salt that is sent is the one that was confirmed.
    pub keeps_salt: bool,
    /// `UserConfirmationNecessary` follows the pool's setting.
    pub tells_of_confirmation: bool,
    /// What a device that does not exist gets.
    pub missing: DeviceMissing,
    /// The tokens of a sign-in on a device can be refreshed on that device.
    pub refreshes: bool,
}

impl Default for DeviceRules {
    fn default() -> Self {
        Self {
            given: DevicesGiven::ToNewOnes,
            asked: DevicesAsked::Remembered,
            scope: DeviceScope::GroupKey,
            keeps_salt: true,
            tells_of_confirmation: true,
            missing: DeviceMissing::Told,
            refreshes: true,
        }
    }
}

/// Who is given the keys of a new device, where devices are tracked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicesGiven {
    /// Who names none: right.
    ToNewOnes,
    /// Nobody.
    ToNobody,
    /// Everybody, whatever device is named.
    ToEverybody,
}

/// Which devices have to be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicesAsked {
    /// Those that are remembered: right.
    Remembered,
    /// Every one that is confirmed.
    Confirmed,
    /// None.
    None,
}

/// What stands in front of the device's key in its claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceScope {
    /// The device's group key: right.
    GroupKey,
    /// The pool's name, as for users.
    PoolName,
}

/// What a device that does not exist gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceMissing {
    /// `ResourceNotFoundException` in the words that clients look for: right.
    Told,
    /// The same exception in other words.
    InOtherWords,
    /// Nothing: it is taken for none.
    Ignored,
}

/// Which factors are asked for, and when they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorRules {
    /// A second factor is asked for after a proof by SRP.
    pub asked_after_srp: bool,
    /// A second factor is asked for after a password in clear.
    pub asked_after_password: bool,
    /// Of several second factors the one that the user prefers is asked for.
    pub honours_preference: bool,
    /// Of several second factors, none of them preferred, the person chooses one.
    pub offers_choice: bool,
    /// Whoever needs a second factor and has none sets one up.
    pub sets_up: bool,
    /// Codes are compared.
    pub checks_codes: bool,
    /// The code that ends the set-up of time-based codes is compared.
    pub checks_set_up_code: bool,
    /// What a wrong code is called.
    pub wrong_code: ErrorKind,
    /// A Session can be answered again after a wrong code.
    pub session_survives_wrong_code: bool,
    /// What is told of where a code went.
    pub delivery_told: DeliveryTold,
    /// Lists of factors are JSON inside a string.
    pub lists_are_json: bool,
    /// `AvailableChallenges` has what the pool allows and the user can, and nothing else.
    pub lists_what_is_allowed: bool,
    /// `PREFERRED_CHALLENGE` is honoured.
    pub honours_preferred_challenge: bool,
}

impl Default for FactorRules {
    fn default() -> Self {
        Self {
            asked_after_srp: true,
            asked_after_password: true,
            honours_preference: true,
            offers_choice: true,
            sets_up: true,
            checks_codes: true,
            checks_set_up_code: true,
            wrong_code: ErrorKind::CodeMismatch,
            session_survives_wrong_code: true,
            delivery_told: DeliveryTold::Masked,
            lists_are_json: true,
            lists_what_is_allowed: true,
            honours_preferred_challenge: true,
        }
    }
}

/// What is told of where a code went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryTold {
    /// The medium and the masked address: right.
    Masked,
    /// The medium and the address as it is.
    InClear,
    /// Nothing.
    Nothing,
}

/// How long tokens are good, and who may refresh them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshPolicy {
    /// A refresh token has to be one that was given out, to the last digit.
    pub checks_token: bool,
    /// A refresh token that was replaced is refused after the grace period.
    pub refuses_replaced: bool,
    /// A refresh token that was revoked is refused.
    pub refuses_revoked: bool,
    /// A client with a secret has to show it.
    pub demands_secret: bool,
    /// A refresh token is good on its device only.
    pub binds_device: bool,
    /// When a refresh brings a new refresh token.
    pub brings: BringsRefreshToken,
    /// `auth_time` and `origin_jti` survive a refresh.
    pub keeps_origin: bool,
    /// Id and access token live as long as the app client says.
    pub lifetimes: bool,
    /// The access tokens of a sign-in that was revoked are refused.
    pub ends_access: bool,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            checks_token: true,
            refuses_replaced: true,
            refuses_revoked: true,
            demands_secret: true,
            binds_device: true,
            brings: BringsRefreshToken::ByRotation,
            keeps_origin: true,
            lifetimes: true,
            ends_access: true,
        }
    }
}

/// When a refresh brings a new refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BringsRefreshToken {
    /// Where they rotate: right.
    ByRotation,
    /// Always: where they don't rotate, the same one again.
    Always,
    /// Never.
    Never,
}
