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
        /// Starts a sign-in on somebody's behalf.
        AdminInitiateAuth => "AdminInitiateAuth",
        /// Answers the pending challenge on somebody's behalf.
        AdminRespondToAuthChallenge => "AdminRespondToAuthChallenge",
        /// Makes new tokens from a refresh token.
        GetTokensFromRefreshToken => "GetTokensFromRefreshToken",
        /// Makes a refresh token, and the access tokens that came of it, useless.
        RevokeToken => "RevokeToken",
        /// Makes every token of a user useless.
        GlobalSignOut => "GlobalSignOut",
        /// Hands in the verifier of a new device.
        ConfirmDevice => "ConfirmDevice",
        /// Remembers a device, or forgets that it was remembered.
        UpdateDeviceStatus => "UpdateDeviceStatus",
        /// Describes a device.
        GetDevice => "GetDevice",
        /// Lists a user's devices.
        ListDevices => "ListDevices",
        /// Removes a device.
        ForgetDevice => "ForgetDevice",
        /// Makes a secret for time-based codes.
        AssociateSoftwareToken => "AssociateSoftwareToken",
        /// Proves that the secret arrived.
        VerifySoftwareToken => "VerifySoftwareToken",
        /// Turns second factors on and off.
        SetUserMfaPreference => "SetUserMFAPreference",
        /// Makes a user, who has to confirm.
        SignUp => "SignUp",
        /// Confirms a sign-up by its code.
        ConfirmSignUp => "ConfirmSignUp",
        /// Sends another code for a sign-up.
        ResendConfirmationCode => "ResendConfirmationCode",
        /// Asks for a code that allows a new password.
        ForgotPassword => "ForgotPassword",
        /// Sets a new password with that code.
        ConfirmForgotPassword => "ConfirmForgotPassword",
        /// Replaces the password by knowing it.
        ChangePassword => "ChangePassword",
        /// Describes the user of an access token.
        GetUser => "GetUser",
        /// Changes the attributes of the user of an access token.
        UpdateUserAttributes => "UpdateUserAttributes",
        /// Sends a code to an address of the user of an access token.
        GetUserAttributeVerificationCode => "GetUserAttributeVerificationCode",
        /// Verifies that address by the code.
        VerifyUserAttribute => "VerifyUserAttribute",
        /// Deletes the user of an access token.
        DeleteUser => "DeleteUser",
        /// Makes a user with a temporary password.
        AdminCreateUser => "AdminCreateUser",
        /// Sets a password, for good or for the first sign-in.
        AdminSetUserPassword => "AdminSetUserPassword",
        /// Confirms a sign-up without its code.
        AdminConfirmSignUp => "AdminConfirmSignUp",
        /// Describes a user.
        AdminGetUser => "AdminGetUser",
        /// Refuses a user from now on.
        AdminDisableUser => "AdminDisableUser",
        /// Admits a user again.
        AdminEnableUser => "AdminEnableUser",
        /// Makes a user reset the password.
        AdminResetUserPassword => "AdminResetUserPassword",
        /// Changes a user's attributes.
        AdminUpdateUserAttributes => "AdminUpdateUserAttributes",
        /// Turns a user's second factors on and off.
        AdminSetUserMfaPreference => "AdminSetUserMFAPreference",
        /// Deletes a user.
        AdminDeleteUser => "AdminDeleteUser",
        /// Makes every token of a user useless.
        AdminUserGlobalSignOut => "AdminUserGlobalSignOut",
        /// Lists a user's devices.
        AdminListDevices => "AdminListDevices",
        /// Describes a user's device.
        AdminGetDevice => "AdminGetDevice",
        /// Removes a user's device.
        AdminForgetDevice => "AdminForgetDevice",
        /// Lists users.
        ListUsers => "ListUsers",
        /// Makes a user pool.
        CreateUserPool => "CreateUserPool",
        /// Changes a user pool's settings.
        UpdateUserPool => "UpdateUserPool",
        /// Describes a user pool.
        DescribeUserPool => "DescribeUserPool",
        /// Deletes a user pool.
        DeleteUserPool => "DeleteUserPool",
        /// Lists user pools.
        ListUserPools => "ListUserPools",
        /// Says which second factors a user pool has.
        SetUserPoolMfaConfig => "SetUserPoolMfaConfig",
        /// Tells which second factors a user pool has.
        GetUserPoolMfaConfig => "GetUserPoolMfaConfig",
        /// Makes an app client.
        CreateUserPoolClient => "CreateUserPoolClient",
        /// Changes an app client's settings.
        UpdateUserPoolClient => "UpdateUserPoolClient",
        /// Describes an app client.
        DescribeUserPoolClient => "DescribeUserPoolClient",
        /// Deletes an app client.
        DeleteUserPoolClient => "DeleteUserPoolClient",
        /// Lists a user pool's app clients.
        ListUserPoolClients => "ListUserPoolClients",
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

impl ChallengeName {
    /// The parameter that carries the code, of a challenge that is answered with one (service model:
    /// `RespondToAuthChallengeRequest$ChallengeResponses`).
    pub fn code_key(&self) -> Option<&'static str> {
        match self {
            Self::SmsMfa => Some(key::SMS_MFA_CODE),
            Self::SmsOtp => Some(key::SMS_OTP_CODE),
            Self::EmailOtp => Some(key::EMAIL_OTP_CODE),
            Self::SoftwareTokenMfa => Some(key::SOFTWARE_TOKEN_MFA_CODE),
            _ => None,
        }
    }

    /// Whether it is answered with a code.
    pub fn is_code(&self) -> bool {
        self.code_key().is_some()
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
    /// The user chooses the first factor.
    #[serde(rename = "userAuth")]
    UserAuth,
}

impl AuthFlowType {
    /// The four flows that a configuration file can name, in the order of Amplify's documentation. Scenarios are made of
    /// these.
    pub const ALL: [Self; 4] = [
        Self::UserSrp,
        Self::UserPassword,
        Self::CustomWithSrp,
        Self::CustomWithoutSrp,
    ];

    /// Every flow that `signIn` can be asked for: the four, and the one that only a run-time option can name.
    pub const EVERY: [Self; 5] = [
        Self::UserSrp,
        Self::UserPassword,
        Self::CustomWithSrp,
        Self::CustomWithoutSrp,
        Self::UserAuth,
    ];

    /// Amplify's name of the flow.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserSrp => "userSRP",
            Self::UserPassword => "userPassword",
            Self::CustomWithSrp => "customWithSRP",
            Self::CustomWithoutSrp => "customWithoutSRP",
            Self::UserAuth => "userAuth",
        }
    }

    /// The `AuthFlow` that starts this flow on the wire.
    pub fn auth_flow(self) -> AuthFlow {
        match self {
            Self::UserSrp => AuthFlow::UserSrpAuth,
            Self::UserPassword => AuthFlow::UserPasswordAuth,
            Self::CustomWithSrp | Self::CustomWithoutSrp => AuthFlow::CustomAuth,
            Self::UserAuth => AuthFlow::UserAuth,
        }
    }

    /// Whether the flow always starts with SRP.
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
    /// A device that the client was given.
    pub const DEVICE_KEY: &str = "DEVICE_KEY";
    /// A refresh token.
    pub const REFRESH_TOKEN: &str = "REFRESH_TOKEN";
    /// The first factor that a choice-based sign-in would like.
    pub const PREFERRED_CHALLENGE: &str = "PREFERRED_CHALLENGE";
    /// A code by SMS.
    pub const SMS_MFA_CODE: &str = "SMS_MFA_CODE";
    /// A time-based code.
    pub const SOFTWARE_TOKEN_MFA_CODE: &str = "SOFTWARE_TOKEN_MFA_CODE";
    /// A code by e-mail.
    pub const EMAIL_OTP_CODE: &str = "EMAIL_OTP_CODE";
    /// A code by SMS as first factor.
    pub const SMS_OTP_CODE: &str = "SMS_OTP_CODE";
    /// An address to send codes to, where there is none yet.
    pub const EMAIL: &str = "EMAIL";
    /// `SMS` or `EMAIL`.
    pub const CODE_DELIVERY_DELIVERY_MEDIUM: &str = "CODE_DELIVERY_DELIVERY_MEDIUM";
    /// Where a code went, masked.
    pub const CODE_DELIVERY_DESTINATION: &str = "CODE_DELIVERY_DESTINATION";
    /// The factors to choose among: a JSON array inside a string.
    pub const MFAS_CAN_CHOOSE: &str = "MFAS_CAN_CHOOSE";
    /// The factors that can be set up: a JSON array inside a string.
    pub const MFAS_CAN_SETUP: &str = "MFAS_CAN_SETUP";
    /// The name of a device that makes time-based codes.
    pub const FRIENDLY_DEVICE_NAME: &str = "FRIENDLY_DEVICE_NAME";
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
