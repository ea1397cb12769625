//! User pools.

use serde::{Deserialize, Serialize};

/// A user pool's own settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserPool {
    /// The pool id: region, underscore, name. The name goes into x and the claim.
    pub id: String,
    /// The region.
    pub region: String,
    /// The name that people give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether people sign in by an address, too, in place of the user name or beside it. With neither of the two lists below,
    /// an e-mail address or phone number stands in place of the user name, which is a UUID.
    #[serde(default = "yes")]
    pub aliases: bool,
    /// `UsernameAttributes`: which attributes people sign up with in place of a user name. With `aliases` and none, both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub username_attributes: Vec<String>,
    /// `AliasAttributes`: which attributes are names beside the user name, once they are verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alias_attributes: Vec<String>,
    /// Whether names differ in their case.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub case_sensitive: bool,
    /// Attributes that a user must have, by their bare names.
    #[serde(default)]
    pub required_attributes: Vec<String>,
    /// Attributes that a confirmed sign-up verifies: `email`, `phone_number`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auto_verified_attributes: Vec<String>,
    /// Whether only administrators make users.
    #[serde(default, skip_serializing_if = "is_no")]
    pub admin_create_user_only: bool,
    /// `MfaConfiguration`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mfa: MfaConfiguration,
    /// The factors that the pool offers. None while `mfa` isn't `OFF` means a code by SMS and a time-based one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mfa_methods: Vec<MfaMethod>,
    /// `DeviceConfiguration`; absent means that devices are not tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<DeviceTracking>,
    /// `AllowedFirstAuthFactors` of `USER_AUTH`.
    #[serde(default = "password_only", skip_serializing_if = "is_password_only")]
    pub first_factors: Vec<FirstFactor>,
    /// `PasswordPolicy`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub password_policy: PasswordPolicy,
}

impl UserPool {
    /// A pool of this id, in its region, with every default.
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            region: id.split('_').next().unwrap_or_default().to_owned(),
            id,
            name: None,
            aliases: yes(),
            username_attributes: Vec::new(),
            alias_attributes: Vec::new(),
            case_sensitive: yes(),
            required_attributes: Vec::new(),
            auto_verified_attributes: Vec::new(),
            admin_create_user_only: false,
            mfa: MfaConfiguration::default(),
            mfa_methods: Vec::new(),
            devices: None,
            first_factors: password_only(),
            password_policy: PasswordPolicy::default(),
        }
    }

    /// The factors that the pool offers, none where MFA is off.
    pub fn offered_mfa(&self) -> &[MfaMethod] {
        match (self.mfa, self.mfa_methods.as_slice()) {
            (MfaConfiguration::Off, _) => &[],
            (_, []) => &[MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa],
            (_, methods) => methods,
        }
    }

    /// Whether people sign up with this attribute in place of a user name.
    pub fn is_username_attribute(&self, attribute: &str) -> bool {
        if !self.aliases {
            return false;
        }
        if self.username_attributes.is_empty() {
            let signs_in_by = self.alias_attributes.is_empty();
            return signs_in_by && matches!(attribute, "email" | "phone_number");
        }
        self.username_attributes
            .iter()
            .any(|name| name == attribute)
    }

    /// Whether this attribute is a name beside the user name, once it is verified.
    pub fn is_alias_attribute(&self, attribute: &str) -> bool {
        self.aliases && self.alias_attributes.iter().any(|name| name == attribute)
    }

    /// Whether people sign up under a user name of their own. Else the internal user name is a UUID.
    pub fn has_user_names(&self) -> bool {
        !self.is_username_attribute("email") && !self.is_username_attribute("phone_number")
    }
}

/// `MfaConfiguration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MfaConfiguration {
    /// Nobody has a second factor.
    #[default]
    Off,
    /// Everybody needs one.
    On,
    /// Whoever has one needs it.
    Optional,
}

/// A second factor, by the name of its challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MfaMethod {
    /// A code by SMS.
    SmsMfa,
    /// A time-based code (RFC 6238).
    SoftwareTokenMfa,
    /// A code by e-mail.
    EmailOtp,
}

impl MfaMethod {
    /// All of them, in the order in which the service lists them.
    pub const ALL: [Self; 3] = [Self::SmsMfa, Self::SoftwareTokenMfa, Self::EmailOtp];

    /// The service's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmsMfa => "SMS_MFA",
            Self::SoftwareTokenMfa => "SOFTWARE_TOKEN_MFA",
            Self::EmailOtp => "EMAIL_OTP",
        }
    }
}

/// A first factor of `USER_AUTH`, as a pool allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FirstFactor {
    /// The password, in clear or by SRP.
    Password,
    /// A code by e-mail.
    EmailOtp,
    /// A code by SMS.
    SmsOtp,
}

impl FirstFactor {
    /// The service's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::EmailOtp => "EMAIL_OTP",
            Self::SmsOtp => "SMS_OTP",
        }
    }
}

/// `DeviceConfiguration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceTracking {
    /// `ChallengeRequiredOnNewDevice`: a remembered device stands in for the second factor.
    pub challenge_required_on_new_device: bool,
    /// `DeviceOnlyRememberedOnUserPrompt`: a device is remembered only once `UpdateDeviceStatus` says so.
    pub only_remembered_on_user_prompt: bool,
}

/// `PasswordPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordPolicy {
    /// The least number of characters.
    pub minimum_length: usize,
    /// Whether a capital letter is needed.
    pub require_uppercase: bool,
    /// Whether a small letter is needed.
    pub require_lowercase: bool,
    /// Whether a digit is needed.
    pub require_numbers: bool,
    /// Whether one of the service's special characters is needed.
    pub require_symbols: bool,
    /// Days for which a temporary password is good.
    pub temporary_password_validity_days: u16,
}

impl Default for PasswordPolicy {
    /// Eight characters of any kind, and a week.
    fn default() -> Self {
        Self {
            minimum_length: 8,
            require_uppercase: false,
            require_lowercase: false,
            require_numbers: false,
            require_symbols: false,
            temporary_password_validity_days: 7,
        }
    }
}

fn yes() -> bool {
    true
}

fn is_yes(flag: &bool) -> bool {
    *flag
}

fn is_no(flag: &bool) -> bool {
    !*flag
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn password_only() -> Vec<FirstFactor> {
    vec![FirstFactor::Password]
}

fn is_password_only(factors: &[FirstFactor]) -> bool {
    factors == [FirstFactor::Password]
}
