//! What the application asks of a port, and what comes back.

use serde::{Deserialize, Serialize};

use super::message::Parameters;
use super::names::{AuthFlowType, ChallengeName};
use super::step::NextStep;

/// A call into the port under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "camelCase")]
pub enum Call {
    /// Starts a sign-in.
    SignIn(SignIn),
    /// Gives the person's answer.
    ConfirmSignIn(ConfirmSignIn),
    /// Asks for a code that allows a new password.
    ResetPassword(ResetPassword),
    /// Sets a new password with that code.
    ConfirmResetPassword(ConfirmResetPassword),
    /// Asks for the tokens of whoever is signed in, refreshed where needed.
    FetchAuthSession(FetchAuthSession),
    /// Signs out. Devices survive it.
    SignOut(SignOut),
    /// Has the service remember the device of whoever is signed in.
    RememberDevice,
    /// Has the service forget a device of whoever is signed in.
    ForgetDevice(ForgetDevice),
    /// Forget everything: tokens, devices, caches.
    Reset,
}

impl Call {
    /// The method's name in the shim protocol.
    pub fn method(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "signIn",
            Self::ConfirmSignIn(_) => "confirmSignIn",
            Self::ResetPassword(_) => "resetPassword",
            Self::ConfirmResetPassword(_) => "confirmResetPassword",
            Self::FetchAuthSession(_) => "fetchAuthSession",
            Self::SignOut(_) => "signOut",
            Self::RememberDevice => "rememberDevice",
            Self::ForgetDevice(_) => "forgetDevice",
            Self::Reset => "reset",
        }
    }
}

/// Where a port finds the pool, and with which settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The endpoint's URL.
    pub endpoint: String,
    /// The region.
    pub region: String,
    /// The pool.
    pub user_pool_id: String,
    /// The app client.
    pub client_id: String,
    /// The app client's secret, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// A configuration file's text; when present the port takes pool, client and flow from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Configuration>,
}

/// A configuration file's text and its format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    /// The format.
    pub format: ConfigurationFormat,
    /// The text.
    pub text: String,
}

/// The formats of Amplify's configuration files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConfigurationFormat {
    /// `amplifyconfiguration.json`.
    #[serde(rename = "gen1")]
    Gen1,
    /// `amplify_outputs.json`.
    #[serde(rename = "gen2")]
    Gen2,
}

/// Values a port is told to use in place of its own randomness and clock. Only ports that offer the capability get them. They
/// hold for the whole sign-in, `confirmSignIn` and what follows it included, until the next `signIn` or `reset`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inject {
    /// Private values, hexadecimal, in the order in which rounds need them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub a: Vec<String>,
    /// Seconds since 1970-01-01T00:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<i64>,
    /// What the next device that is confirmed is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_password: Option<DeviceSecret>,
}

impl Inject {
    /// Whether nothing is injected.
    pub fn is_empty(&self) -> bool {
        self.a.is_empty() && self.clock.is_none() && self.device_password.is_none()
    }
}

/// The random values that a client draws for a device which it confirms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceSecret {
    /// The device's password, as the text that is hashed: what most clients make of 40 random octets in base64.
    pub password: String,
    /// The salt: 16 octets, lower-case hexadecimal.
    pub salt: String,
}

/// The arguments of `signIn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// Where.
    pub target: Target,
    /// What the person typed as name.
    pub username: String,
    /// What the person typed as password; absent where the flow needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The run-time option; absent means configuration, then `userSRP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_flow_type: Option<AuthFlowType>,
    /// The first factor that is preferred, by the service's name of its challenge; only of `userAuth`. Absent means that the
    /// person is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_challenge: Option<ChallengeName>,
    /// `ClientMetadata` of the sign-in.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
    /// Injected values.
    #[serde(default, skip_serializing_if = "Inject::is_empty")]
    pub inject: Inject,
}

/// The arguments of `confirmSignIn`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmSignIn {
    /// The person's answer.
    pub challenge_response: String,
    /// `ClientMetadata` of this answer.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
    /// Attributes that go with a new password.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub user_attributes: Parameters,
}

/// The arguments of `resetPassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetPassword {
    /// Where.
    pub target: Target,
    /// Who.
    pub username: String,
    /// `ClientMetadata`.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
}

/// The arguments of `confirmResetPassword`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmResetPassword {
    /// Where.
    pub target: Target,
    /// Who.
    pub username: String,
    /// The code that was sent.
    pub confirmation_code: String,
    /// The new password.
    pub new_password: String,
}

/// The arguments of `fetchAuthSession`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchAuthSession {
    /// Whether the tokens are refreshed although they are still good.
    #[serde(default)]
    pub force_refresh: bool,
    /// `ClientMetadata` of a refresh.
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
    /// The instant to which an injected clock has moved on, in seconds since 1970-01-01T00:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<i64>,
}

/// The arguments of `signOut`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignOut {
    /// Whether the user is signed out everywhere.
    #[serde(default)]
    pub global: bool,
}

/// The arguments of `forgetDevice`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForgetDevice {
    /// Which device; absent means the one that the port runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_key: Option<String>,
}

/// The tokens that an application can see. A port may keep the refresh token to itself, as amplify-js does.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionTokens {
    /// The access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// The id token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

impl SessionTokens {
    /// The names of those that are there.
    pub fn names(&self) -> Vec<&'static str> {
        [
            ("access", self.access_token.is_some()),
            ("id", self.id_token.is_some()),
            ("refresh", self.refresh_token.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_there)| is_there.then_some(name))
        .collect()
    }
}

impl std::fmt::Debug for SessionTokens {
    /// Which there are, without their text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for SessionTokens {
    /// Which there are, without their text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.names().as_slice() {
            [] => f.write_str("no tokens"),
            names => write!(f, "tokens: {}", names.join(", ")),
        }
    }
}

/// What came back from a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "camelCase")]
pub enum Reply {
    /// A next step.
    Step {
        /// The step.
        next: NextStep,
    },
    /// Nothing to say (`reset`, `confirmResetPassword`, `signOut`, `rememberDevice`, `forgetDevice`).
    Empty,
    /// The tokens of whoever is signed in; none where nobody is (`fetchAuthSession`).
    Session {
        /// The tokens.
        tokens: SessionTokens,
    },
    /// An error came out of the port.
    Error {
        /// As the port gave it.
        error: PortError,
    },
    /// The port does not offer the call.
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

impl Reply {
    /// What it says, in a line.
    pub fn words(&self) -> String {
        match self {
            Self::Step { next } => next.name().to_owned(),
            Self::Empty => "done, nothing to say".to_owned(),
            Self::Session { tokens } => tokens.to_string(),
            Self::Error { error } => format!("{}: {}", error.name, error.message),
            Self::Unsupported { reason } => format!("unsupported: {reason}"),
            Self::Crash { detail } => format!("the port crashed: {detail}"),
            Self::TimedOut { after_ms } => format!("no reply within {after_ms} ms"),
            Self::ProtocolBroken { detail } => format!("the shim broke the protocol: {detail}"),
        }
    }
}

/// An error as the port gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortError {
    /// The error's name or code in the port's own terms.
    pub name: String,
    /// Its text.
    pub message: String,
}
