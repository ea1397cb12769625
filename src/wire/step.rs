//! Next steps of a sign-in, by Amplify's names.

use serde::{Deserialize, Serialize};

use super::message::{CodeDeliveryDetails, Parameters};

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
    /// Amplify's name of the step.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConfirmSignInWithCustomChallenge { .. } => {
                "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"
            }
            Self::ConfirmSignInWithNewPassword { .. } => {
                "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED"
            }
            Self::ConfirmSignUp => "CONFIRM_SIGN_UP",
            Self::ResetPassword => "RESET_PASSWORD",
            Self::Done => "DONE",
            Self::ConfirmResetPasswordWithCode { .. } => "CONFIRM_RESET_PASSWORD_WITH_CODE",
        }
    }

    /// Whether `confirmSignIn` may follow.
    pub fn awaits_answer(&self) -> bool {
        matches!(
            self,
            Self::ConfirmSignInWithCustomChallenge { .. }
                | Self::ConfirmSignInWithNewPassword { .. }
        )
    }
}
