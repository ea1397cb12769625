//! Next steps of a sign-in, by Amplify's names.

use serde::{Deserialize, Serialize};

use super::message::{CodeDeliveryDetails, Parameters};
use super::names::{ChallengeName, key};

/// What the application has to do next (Amplify: `nextStep.signInStep`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "signInStep")]
pub enum NextStep {
    /// Answer a question that a trigger made.
    #[serde(rename = "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE")]
    ConfirmSignInWithCustomChallenge {
        /// The challenge's public parameters.
        #[serde(rename = "additionalInfo", default)]
        parameters: Parameters,
    },
    /// Choose a password in place of a temporary one.
    #[serde(rename = "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED")]
    ConfirmSignInWithNewPassword {
        /// Attributes that must come with it, without the `userAttributes.` prefix.
        #[serde(rename = "missingAttributes", default)]
        missing_attributes: Vec<String>,
    },
    /// Give the code that came by SMS, as first or second factor (`SMS_OTP`, `SMS_MFA`).
    #[serde(rename = "CONFIRM_SIGN_IN_WITH_SMS_CODE")]
    ConfirmSignInWithSmsCode {
        /// Where it went.
        #[serde(
            rename = "codeDeliveryDetails",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        delivery: Option<CodeDelivery>,
    },
    /// Give the code that came by e-mail, as first or second factor (`EMAIL_OTP`).
    #[serde(rename = "CONFIRM_SIGN_IN_WITH_EMAIL_CODE")]
    ConfirmSignInWithEmailCode {
        /// Where it went.
        #[serde(
            rename = "codeDeliveryDetails",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        delivery: Option<CodeDelivery>,
    },
    /// Give a time-based code (`SOFTWARE_TOKEN_MFA`).
    #[serde(rename = "CONFIRM_SIGN_IN_WITH_TOTP_CODE")]
    ConfirmSignInWithTotpCode,
    /// Choose a second factor (`SELECT_MFA_TYPE`).
    #[serde(rename = "CONTINUE_SIGN_IN_WITH_MFA_SELECTION")]
    ContinueSignInWithMfaSelection {
        /// The factors, by the service's names.
        #[serde(rename = "allowedMFATypes", default)]
        allowed: Vec<ChallengeName>,
    },
    /// Choose a second factor to set up (`MFA_SETUP`).
    #[serde(rename = "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION")]
    ContinueSignInWithMfaSetupSelection {
        /// The factors, by the service's names.
        #[serde(rename = "allowedMFATypes", default)]
        allowed: Vec<ChallengeName>,
    },
    /// Give an e-mail address to which codes are sent from now on (`MFA_SETUP`).
    #[serde(rename = "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP")]
    ContinueSignInWithEmailSetup,
    /// Give a code that was made with this secret (`MFA_SETUP`).
    #[serde(rename = "CONTINUE_SIGN_IN_WITH_TOTP_SETUP")]
    ContinueSignInWithTotpSetup {
        /// The secret, base32.
        #[serde(rename = "sharedSecret")]
        shared_secret: String,
    },
    /// Choose a first factor (`SELECT_CHALLENGE`).
    #[serde(rename = "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION")]
    ContinueSignInWithFirstFactorSelection {
        /// The factors, by the service's names.
        #[serde(rename = "availableChallenges", default)]
        available: Vec<ChallengeName>,
    },
    /// Give the password, which was chosen as first factor.
    #[serde(rename = "CONFIRM_SIGN_IN_WITH_PASSWORD")]
    ConfirmSignInWithPassword,
    /// Confirm the sign-up first.
    #[serde(rename = "CONFIRM_SIGN_UP")]
    ConfirmSignUp,
    /// Reset the password first.
    #[serde(rename = "RESET_PASSWORD")]
    ResetPassword,
    /// Signed in.
    #[serde(rename = "DONE")]
    Done,
    /// A code for a new password was sent (`resetPassword`).
    #[serde(rename = "CONFIRM_RESET_PASSWORD_WITH_CODE")]
    ConfirmResetPasswordWithCode {
        /// Where it went.
        #[serde(
            rename = "codeDeliveryDetails",
            default,
            skip_serializing_if = "Option::is_none"
        )]
        delivery: Option<CodeDeliveryDetails>,
    },
}

impl NextStep {
    /// Whether its answer is a password: the one there is, or a new one.
    pub fn is_about_password(&self) -> bool {
        matches!(
            self,
            Self::ConfirmSignInWithPassword | Self::ConfirmSignInWithNewPassword { .. }
        )
    }

    /// Amplify's names of all steps.
    pub const NAMES: [&'static str; 15] = [
        "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE",
        "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED",
        "CONFIRM_SIGN_IN_WITH_SMS_CODE",
        "CONFIRM_SIGN_IN_WITH_EMAIL_CODE",
        "CONFIRM_SIGN_IN_WITH_TOTP_CODE",
        "CONTINUE_SIGN_IN_WITH_MFA_SELECTION",
        "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION",
        "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP",
        "CONTINUE_SIGN_IN_WITH_TOTP_SETUP",
        "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION",
        "CONFIRM_SIGN_IN_WITH_PASSWORD",
        "CONFIRM_SIGN_UP",
        "RESET_PASSWORD",
        "DONE",
        "CONFIRM_RESET_PASSWORD_WITH_CODE",
    ];

    /// Amplify's name of the step.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConfirmSignInWithCustomChallenge { .. } => {
                "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"
            }
            Self::ConfirmSignInWithNewPassword { .. } => {
                "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED"
            }
            Self::ConfirmSignInWithSmsCode { .. } => "CONFIRM_SIGN_IN_WITH_SMS_CODE",
            Self::ConfirmSignInWithEmailCode { .. } => "CONFIRM_SIGN_IN_WITH_EMAIL_CODE",
            Self::ConfirmSignInWithTotpCode => "CONFIRM_SIGN_IN_WITH_TOTP_CODE",
            Self::ContinueSignInWithMfaSelection { .. } => "CONTINUE_SIGN_IN_WITH_MFA_SELECTION",
            Self::ContinueSignInWithMfaSetupSelection { .. } => {
                "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION"
            }
            Self::ContinueSignInWithEmailSetup => "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP",
            Self::ContinueSignInWithTotpSetup { .. } => "CONTINUE_SIGN_IN_WITH_TOTP_SETUP",
            Self::ContinueSignInWithFirstFactorSelection { .. } => {
                "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION"
            }
            Self::ConfirmSignInWithPassword => "CONFIRM_SIGN_IN_WITH_PASSWORD",
            Self::ConfirmSignUp => "CONFIRM_SIGN_UP",
            Self::ResetPassword => "RESET_PASSWORD",
            Self::Done => "DONE",
            Self::ConfirmResetPasswordWithCode { .. } => "CONFIRM_RESET_PASSWORD_WITH_CODE",
        }
    }

    /// Whether `confirmSignIn` may follow.
    pub fn awaits_answer(&self) -> bool {
        match self {
            Self::ConfirmSignInWithCustomChallenge { .. }
            | Self::ConfirmSignInWithNewPassword { .. }
            | Self::ConfirmSignInWithSmsCode { .. }
            | Self::ConfirmSignInWithEmailCode { .. }
            | Self::ConfirmSignInWithTotpCode
            | Self::ContinueSignInWithMfaSelection { .. }
            | Self::ContinueSignInWithMfaSetupSelection { .. }
            | Self::ContinueSignInWithEmailSetup
            | Self::ContinueSignInWithTotpSetup { .. }
            | Self::ContinueSignInWithFirstFactorSelection { .. }
            | Self::ConfirmSignInWithPassword => true,
            Self::ConfirmSignUp
            | Self::ResetPassword
            | Self::Done
            | Self::ConfirmResetPasswordWithCode { .. } => false,
        }
    }
}

/// Where a code of a sign-in was sent. Challenges tell no attribute, unlike [`CodeDeliveryDetails`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CodeDelivery {
    /// `EMAIL` or `SMS`.
    pub delivery_medium: String,
    /// The address, masked.
    pub destination: String,
}

impl CodeDelivery {
    /// What a challenge's parameters tell; `None` where they don't tell both.
    pub fn of(parameters: &Parameters) -> Option<Self> {
        let text = |name: &str| parameters.get(name).cloned();
        Some(Self {
            delivery_medium: text(key::CODE_DELIVERY_DELIVERY_MEDIUM)?,
            destination: text(key::CODE_DELIVERY_DESTINATION)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_written_with_its_name_and_what_it_carries() {
        let delivery = CodeDelivery {
            delivery_medium: "SMS".to_owned(),
            destination: "+*******4444".to_owned(),
        };
        let factors = vec![ChallengeName::SmsMfa, ChallengeName::SoftwareTokenMfa];
        let steps = [
            (
                NextStep::ConfirmSignInWithSmsCode {
                    delivery: Some(delivery),
                },
                r#"{"signInStep":"CONFIRM_SIGN_IN_WITH_SMS_CODE","codeDeliveryDetails":{"DeliveryMedium":"SMS","Destination":"+*******4444"}}"#,
            ),
            (
                NextStep::ConfirmSignInWithEmailCode { delivery: None },
                r#"{"signInStep":"CONFIRM_SIGN_IN_WITH_EMAIL_CODE"}"#,
            ),
            (
                NextStep::ContinueSignInWithMfaSelection {
                    allowed: factors.clone(),
                },
                r#"{"signInStep":"CONTINUE_SIGN_IN_WITH_MFA_SELECTION","allowedMFATypes":["SMS_MFA","SOFTWARE_TOKEN_MFA"]}"#,
            ),
            (
                NextStep::ContinueSignInWithMfaSetupSelection { allowed: factors },
                r#"{"signInStep":"CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION","allowedMFATypes":["SMS_MFA","SOFTWARE_TOKEN_MFA"]}"#,
            ),
            (
                NextStep::ContinueSignInWithTotpSetup {
                    shared_secret: "GEZDGNBV".to_owned(),
                },
                r#"{"signInStep":"CONTINUE_SIGN_IN_WITH_TOTP_SETUP","sharedSecret":"GEZDGNBV"}"#,
            ),
            (
                NextStep::ContinueSignInWithFirstFactorSelection {
                    available: vec![ChallengeName::PasswordSrp],
                },
                r#"{"signInStep":"CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION","availableChallenges":["PASSWORD_SRP"]}"#,
            ),
        ];
        for (step, text) in steps {
            assert_eq!(serde_json::to_string(&step).unwrap(), text, "written");
            let read: NextStep = serde_json::from_str(text).unwrap();
            assert_eq!(read, step, "read back");
            assert!(step.awaits_answer(), "{text} awaits an answer");
        }
    }

    #[test]
    fn every_step_is_in_the_list_by_the_name_that_serde_writes() {
        for name in NextStep::NAMES {
            let text = format!(r#"{{"signInStep":"{name}","sharedSecret":"s"}}"#);
            let step: NextStep = serde_json::from_str(&text).unwrap();
            assert_eq!(step.name(), name, "its own name");
        }
    }
}
