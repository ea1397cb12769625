//! How a new password is set by a code.

use crate::wire::message::{
    ConfirmForgotPassword, ForgotPassword, ForgotPasswordResponse, Parameters,
};
use crate::wire::{NextStep, Operation};

use super::client::Client;
use super::error::AuthError;
use super::exchange::{parse, some_metadata};
use super::policy::{Input, Resetting};
use super::transport::Transport;

impl<T: Transport> Client<T> {
    pub(super) async fn forgot_password(
        &mut self,
        username: &str,
        metadata: &Parameters,
    ) -> Result<NextStep, AuthError> {
        self.needs("username", username)?;
        let request = ForgotPassword {
            client_id: self.settings.client_id.clone(),
            username: username.to_owned(),
            secret_hash: self.hash_over(username),
            client_metadata: some_metadata(metadata),
        };
        let response = self
            .ask_apart(Operation::ForgotPassword, &request, username)
            .await?;
        let answer: ForgotPasswordResponse = parse(&response)?;
        Ok(NextStep::ConfirmResetPasswordWithCode {
            delivery: answer.code_delivery_details,
        })
    }

    pub(super) async fn confirm_forgot_password(
        &mut self,
        username: &str,
        confirmation_code: &str,
        new_password: &str,
        metadata: &Parameters,
    ) -> Result<(), AuthError> {
        self.needs("username", username)?;
        self.needs("confirmationCode", confirmation_code)?;
        self.needs("newPassword", new_password)?;
        if self.policy.resetting == Resetting::AfterAskingAnew {
            self.forgot_password(username, metadata).await?;
        }
        let request = ConfirmForgotPassword {
            client_id: self.settings.client_id.clone(),
            username: username.to_owned(),
            confirmation_code: confirmation_code.to_owned(),
            password: new_password.to_owned(),
            secret_hash: self.hash_over(username),
            client_metadata: some_metadata(metadata),
        };
        // The operation has no output: `{}` and an empty body are both right.
        self.ask_apart(Operation::ConfirmForgotPassword, &request, username)
            .await?;
        Ok(())
    }

    fn needs(&self, field: &'static str, value: &str) -> Result<(), AuthError> {
        if value.is_empty() && self.policy.input == Input::Checked {
            return Err(AuthError::Validation {
                field,
                reason: "is required to reset a password",
            });
        }
        Ok(())
    }
}
