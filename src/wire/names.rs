//! The names that the wire protocol and Amplify use, spelt as they spell them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Declares an enum of wire names that keeps a name it does not know.
macro_rules! wire_names {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
            /// A name outside this list, kept as it was.
            Other(String),
        }

        impl $name {
            /// Every name of the list, in the order of the service model.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as it is spelt on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

wire_names! {
    /// An operation of the service, as `X-Amz-Target` names it after the service's prefix.
    Operation {
        /// Starts a sign-in.
        InitiateAuth => "InitiateAuth",
        /// Answers the pending challenge.
        RespondToAuthChallenge => "RespondToAuthChallenge",
        /// Asks for a code that allows a new password.
        ForgotPassword => "ForgotPassword",
        /// Sets a new password with that code.
        ConfirmForgotPassword => "ConfirmForgotPassword",
    }
}

impl Operation {
    /// The prefix of `X-Amz-Target` (service model: `targetPrefix`).
    pub const TARGET_PREFIX: &'static str = "AWSCognitoIdentityProviderService";

    /// The operation that an `X-Amz-Target` header names, or `None` when it names another service.
    pub fn from_target(target: &str) -> Option<Self> {
        let (prefix, name) = target.split_once('.')?;
        (prefix == Self::TARGET_PREFIX && !name.is_empty()).then(|| Self::from(name))
    }

    /// The value of the `X-Amz-Target` header that names this operation.
    pub fn target(&self) -> String {
        format!("{}.{self}", Self::TARGET_PREFIX)
    }
}

wire_names! {
    /// `AuthFlow` of `InitiateAuth` (service model: `AuthFlowType`).
    AuthFlow {
        /// SRP with a password.
        UserSrpAuth => "USER_SRP_AUTH",
        /// Refresh.
        RefreshTokenAuth => "REFRESH_TOKEN_AUTH",
        /// Refresh, by its older name.
        RefreshToken => "REFRESH_TOKEN",
        /// Challenges made by triggers, with or without SRP first.
        CustomAuth => "CUSTOM_AUTH",
        /// The administrator's password flow, by its older name.
        AdminNoSrpAuth => "ADMIN_NO_SRP_AUTH",
        /// The password in clear, inside TLS.
        UserPasswordAuth => "USER_PASSWORD_AUTH",
        /// The administrator's password flow.
        AdminUserPasswordAuth => "ADMIN_USER_PASSWORD_AUTH",
        /// The user chooses.
        UserAuth => "USER_AUTH",
    }
}

wire_names! {
    /// `ChallengeName` (service model: `ChallengeNameType`).
    ChallengeName {
        /// A code by SMS.
        SmsMfa => "SMS_MFA",
        /// A code by e-mail.
        EmailOtp => "EMAIL_OTP",
        /// A time-based code.
        SoftwareTokenMfa => "SOFTWARE_TOKEN_MFA",
        /// A choice among factors.
        SelectMfaType => "SELECT_MFA_TYPE",
        /// A factor has to be set up first.
        MfaSetup => "MFA_SETUP",
        /// The SRP proof of the password.
        PasswordVerifier => "PASSWORD_VERIFIER",
        /// A question made by a trigger.
        CustomChallenge => "CUSTOM_CHALLENGE",
        /// A choice among first factors.
        SelectChallenge => "SELECT_CHALLENGE",
        /// SRP of a remembered device.
        DeviceSrpAuth => "DEVICE_SRP_AUTH",
        /// The proof of a remembered device.
        DevicePasswordVerifier => "DEVICE_PASSWORD_VERIFIER",
        /// The administrator's password flow.
        AdminNoSrpAuth => "ADMIN_NO_SRP_AUTH",
        /// The temporary password has to be replaced.
        NewPasswordRequired => "NEW_PASSWORD_REQUIRED",
        /// A code by SMS as first factor.
        SmsOtp => "SMS_OTP",
        /// The password as a chosen first factor.
        Password => "PASSWORD",
        /// A passkey.
        WebAuthn => "WEB_AUTHN",
        /// SRP as a chosen first factor.
        PasswordSrp => "PASSWORD_SRP",
    }
}

/// The flow an application chooses, by Amplify's names (Amplify documentation: Switching authentication flows).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub enum AuthFlowType {
    /// SRP; the password never leaves the client. The default.
    #[default]
    #[serde(rename = "userSRP")]
    UserSrp,
    /// The password in clear, inside TLS; what the migration trigger needs.
    #[serde(rename = "userPassword")]
    UserPassword,
    /// SRP first, then challenges made by triggers.
    #[serde(rename = "customWithSRP")]
    CustomWithSrp,
    /// Challenges made by triggers alone.
    #[serde(rename = "customWithoutSRP")]
    CustomWithoutSrp,
}

impl AuthFlowType {
    /// The four flows, in the order of Amplify's documentation.
    pub const ALL: [Self; 4] = [
        Self::UserSrp,
        Self::UserPassword,
        Self::CustomWithSrp,
        Self::CustomWithoutSrp,
    ];

    /// Amplify's name of the flow.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserSrp => "userSRP",
            Self::UserPassword => "userPassword",
            Self::CustomWithSrp => "customWithSRP",
            Self::CustomWithoutSrp => "customWithoutSRP",
        }
    }

    /// The `AuthFlow` that starts this flow on the wire.
    pub fn auth_flow(self) -> AuthFlow {
        match self {
            Self::UserSrp => AuthFlow::UserSrpAuth,
            Self::UserPassword => AuthFlow::UserPasswordAuth,
            Self::CustomWithSrp | Self::CustomWithoutSrp => AuthFlow::CustomAuth,
        }
    }

    /// Whether the flow starts with SRP.
    pub fn has_srp(self) -> bool {
        matches!(self, Self::UserSrp | Self::CustomWithSrp)
    }

    /// Whether triggers make challenges in the flow.
    pub fn is_custom(self) -> bool {
        matches!(self, Self::CustomWithSrp | Self::CustomWithoutSrp)
    }
}

impl fmt::Display for AuthFlowType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Keys of `AuthParameters`, `ChallengeResponses` and `ChallengeParameters`.
pub mod key {
    /// Who signs in.
    pub const USERNAME: &str = "USERNAME";
    /// The password in clear.
    pub const PASSWORD: &str = "PASSWORD";
    /// The client's public value, hexadecimal.
    pub const SRP_A: &str = "SRP_A";
    /// The service's public value, hexadecimal.
    pub const SRP_B: &str = "SRP_B";
    /// The user's salt, hexadecimal.
    pub const SALT: &str = "SALT";
    /// Opaque to clients; base64.
    pub const SECRET_BLOCK: &str = "SECRET_BLOCK";
    /// The name that goes into x and the claim.
    pub const USER_ID_FOR_SRP: &str = "USER_ID_FOR_SRP";
    /// `SRP_A` in custom flows that start with SRP.
    pub const CHALLENGE_NAME: &str = "CHALLENGE_NAME";
    /// HMAC over user name and client id, base64.
    pub const SECRET_HASH: &str = "SECRET_HASH";
    /// A remembered device.
    pub const DEVICE_KEY: &str = "DEVICE_KEY";
    /// The claim, base64.
    pub const PASSWORD_CLAIM_SIGNATURE: &str = "PASSWORD_CLAIM_SIGNATURE";
    /// `SECRET_BLOCK`, verbatim.
    pub const PASSWORD_CLAIM_SECRET_BLOCK: &str = "PASSWORD_CLAIM_SECRET_BLOCK";
    /// When the claim was made.
    pub const TIMESTAMP: &str = "TIMESTAMP";
    /// The answer to a custom challenge or a choice.
    pub const ANSWER: &str = "ANSWER";
    /// The password that replaces a temporary one.
    pub const NEW_PASSWORD: &str = "NEW_PASSWORD";
    /// Attributes that must come with the new password: a JSON array inside a string.
    pub const REQUIRED_ATTRIBUTES: &str = "requiredAttributes";
    /// What the user has: a JSON object inside a string.
    pub const USER_ATTRIBUTES: &str = "userAttributes";
    /// Prefix of attributes sent with a challenge answer.
    pub const USER_ATTRIBUTES_PREFIX: &str = "userAttributes.";
}
