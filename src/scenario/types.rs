//! The scenario type.

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::factor::{Codes, FirstFactors, Mfa};
use super::fault::Fault;
use super::input::{Answer, Password, PasswordText, TypedName};
use crate::model::{CustomScript, DeviceTracking, ExplicitAuthFlow, MigrationScript, Steering};
use crate::wire::{AuthFlowType, Parameters};

/// The version of the scenario format.
pub const SCENARIO_SCHEMA: &str = "cognito-conformance-scenario/2";

/// One sign-in, and what is done after it. Everything that has its default is left out when it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// [`SCENARIO_SCHEMA`].
    #[serde(default = "schema", skip_serializing_if = "is_schema")]
    pub schema: String,
    /// The case it belongs to.
    pub id: String,
    /// All names, ids, salts and passwords follow from this number. Named scenarios get theirs from their name.
    #[serde(default)]
    pub nonce: u64,
    /// The run-time option of `signIn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<AuthFlowType>,
    /// Where the port takes its settings from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub config: ConfigSource,
    /// What the person types as name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub name: TypedName,
    /// What the person types as password.
    #[serde(default, skip_serializing_if = "is_default")]
    pub password: Password,
    /// What characters the right password is made of.
    #[serde(default, skip_serializing_if = "is_default")]
    pub password_text: PasswordText,
    /// `ClientMetadata` given to `signIn`.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
    /// The app client.
    #[serde(default, skip_serializing_if = "is_default")]
    pub client: AppClientChoice,
    /// The user.
    #[serde(default, skip_serializing_if = "is_default")]
    pub user: UserKind,
    /// The scripts of Define, Create and Verify; absent means not configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomScript>,
    /// How User Migration behaves (`finalUserStatus` …); its directory is made from the user kind. Absent: not configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<MigrationScript>,
    /// The person's answers to custom challenges, in order; what is missing is answered rightly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The second factor; absent means that the pool has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Mfa>,
    /// First factors beside the password; absent means that there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_factors: Option<FirstFactors>,
    /// The codes that the person gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Codes,
    /// Device tracking; absent means that devices are not tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<DeviceTracking>,
    /// Rare values the pool makes happen.
    #[serde(default, skip_serializing_if = "Steering::is_empty")]
    pub steering: Steering,
    /// An answer of the service that is altered on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// A lie of the client, for services under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack: Option<Attack>,
    /// The instant of the sign-in, where the port's clock can be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<i64>,
    /// What is done after the first sign-in has ended, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Act>,
}

impl Scenario {
    /// The plainest scenario: `userSRP` by default, a confirmed user who types an e-mail address and the right password.
    pub fn plain(id: impl Into<String>, nonce: u64) -> Self {
        Self {
            schema: schema(),
            id: id.into(),
            nonce,
            flow: None,
            config: ConfigSource::default(),
            name: TypedName::default(),
            password: Password::default(),
            password_text: PasswordText::default(),
            metadata: Parameters::new(),
            client: AppClientChoice::default(),
            user: UserKind::default(),
            custom: None,
            migration: None,
            answers: Vec::new(),
            mfa: None,
            first_factors: None,
            codes: Codes::new(),
            devices: None,
            steering: Steering::default(),
            fault: None,
            attack: None,
            clock: None,
            then: Vec::new(),
        }
    }
}

/// Where the port takes its settings from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum ConfigSource {
    /// They are handed to it one by one.
    #[default]
    Direct,
    /// `amplifyconfiguration.json`.
    Gen1 {
        /// `authenticationFlowType`, as written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
        /// `MigrationEnabled`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        migration_enabled: Option<bool>,
    },
    /// `amplify_outputs.json`.
    Gen2 {
        /// `authentication_flow_type`: promised by Amplify's documentation; the real schema has no such member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow: Option<String>,
    },
}

/// The app client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppClientChoice {
    /// Whether it has a secret.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// `PreventUserExistenceErrors`: `ENABLED`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prevent_user_existence_errors: bool,
    /// The flows it allows; absent means all that the scenario's flows need.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explicit_auth_flows: Option<Vec<ExplicitAuthFlow>>,
    /// `RefreshTokenRotation`, without grace: a refresh token is good once.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rotates_refresh_tokens: bool,
    /// `IdTokenValidity` in minutes, in place of an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_minutes: Option<u32>,
    /// `AccessTokenValidity` in minutes, in place of an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_minutes: Option<u32>,
}

/// The user who signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum UserKind {
    /// In good order.
    #[default]
    Confirmed,
    /// Signed up, not confirmed.
    Unconfirmed,
    /// May not sign in.
    Disabled,
    /// Must reset the password by a code first.
    ResetRequired,
    /// Has a temporary password.
    TemporaryPassword {
        /// Attributes the pool requires and the user lacks.
        #[serde(default)]
        missing_attributes: Vec<String>,
    },
    /// Not in the pool, nor in any old directory.
    Unknown,
    /// Not in the pool, but in the old directory that User Migration asks.
    InOldDirectory,
}

/// A lie of the client: what a right service refuses. Only played when the client is our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Attack {
    /// The TIMESTAMP has a padded day; the claim is made over it.
    PaddedDay,
    /// The TIMESTAMP has a wrong weekday; the claim is made over it.
    WrongWeekday,
    /// The TIMESTAMP is in another form; the claim is made over it.
    UnparsableTimestamp,
    /// The signature is altered by one bit.
    AlteredSignature,
    /// The secret block is altered by one bit; the claim is made over it.
    AlteredSecretBlock,
    /// USERNAME in the answer names another existing user.
    OtherUsersName,
    /// SECRET_HASH is that of another name.
    WrongSecretHash,
    /// SECRET_HASH is missing.
    MissingSecretHash,
    /// SRP_A is 0.
    ZeroA,
    /// SRP_A is N.
    AIsN,
    /// The answer to a custom challenge is sent twice with one Session.
    SessionTwice,
    /// The Session is another string.
    ForeignSession,
    /// The password is missing from the password flow.
    MissingPassword,
    /// Every refresh shows the first refresh token, also when another has come.
    FirstRefreshToken,
    /// The refresh token is altered by one digit.
    ForgedRefreshToken,
    /// A refresh does not show the client's secret.
    RefreshWithoutSecret,
    /// A refresh does not name the device.
    RefreshWithoutDevice,
    /// After signing out, the tokens are used as before.
    SignedOutTokens,
}

impl Attack {
    /// All attacks on a sign-in. Those on what follows it are in named scenarios only.
    pub const ALL: [Self; 13] = [
        Self::PaddedDay,
        Self::WrongWeekday,
        Self::UnparsableTimestamp,
        Self::AlteredSignature,
        Self::AlteredSecretBlock,
        Self::OtherUsersName,
        Self::WrongSecretHash,
        Self::MissingSecretHash,
        Self::ZeroA,
        Self::AIsN,
        Self::SessionTwice,
        Self::ForeignSession,
        Self::MissingPassword,
    ];
}

fn schema() -> String {
    SCENARIO_SCHEMA.to_owned()
}

fn is_schema(text: &str) -> bool {
    text == SCENARIO_SCHEMA
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
