//! `ForgotPassword` and `ConfirmForgotPassword`.

use crate::model::{AppClient, UserStatus};
use crate::pool::accounts::migration::Reason;
use crate::pool::core::Pool;
use crate::pool::state::codes::{Delivery, Waits};
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::message::{ConfirmForgotPassword, ForgotPassword, ForgotPasswordResponse};
use crate::wire::{ErrorKind, ServiceError};

impl Pool {
    /// Sends a code. An unknown user is looked for in the old directory first.
    pub(in crate::pool) fn forgot_password(
        &mut self,
        request: &ForgotPassword,
    ) -> Answer<ForgotPasswordResponse> {
        let client = self.client(&request.client_id)?;
        let typed = &request.username;
        self.check_secret_hash(&client, typed, request.secret_hash.as_ref())?;
        if self.policy.migration.on_reset && self.directory.find(typed).is_none() {
            let metadata = request.client_metadata.as_ref();
            self.migrate(&client, typed, Reason::ForgotPassword, metadata)?;
        }
        let Some(subject) = self.known(typed) else {
            if self.hides_existence_in_resets(&client) || !self.policy.resets.tells_existence {
                return Ok(self.delivered(&self.simulated_delivery(typed)));
            }
            return Err(errors::no_such_combination());
        };
        if let Some(account) = self.directory.find(&subject.id) {
            let refuses = self.policy.resets.refuses_by_status;
            if !account.user.enabled && self.policy.users.refuses_disabled && refuses {
                return Err(errors::disabled());
            }
            if account.user.status == UserStatus::ForceChangePassword && refuses {
                return Err(errors::cannot_reset_in_state());
            }
        }
        let delivery = self
            .directory
            .find(&subject.id)
            .and_then(Delivery::verified)
            .ok_or_else(errors::no_verified_address)?;
        self.send_waiting_code(&subject.id, &delivery, Waits::Reset);
        Ok(self.delivered(&delivery))
    }

    /// Sets a new password.
    pub(in crate::pool) fn confirm_forgot_password(
        &mut self,
        request: &ConfirmForgotPassword,
    ) -> Answer<()> {
        let client = self.client(&request.client_id)?;
        let typed = &request.username;
        self.check_secret_hash(&client, typed, request.secret_hash.as_ref())?;
        let subject = self.code_owner(&client, typed)?;
        self.check_reset_code(&subject, &request.confirmation_code)?;
        self.refuse_password(&request.password)?;
        self.codes.void(&subject.id, Waits::Reset);
        if self.policy.resets.confirms
            && let Some(account) = self.directory.find_mut(&subject.id)
        {
            account.user.status = UserStatus::Confirmed;
        }
        if self.policy.resets.sets_password {
            self.set_password(&subject.id, &request.password);
        }
        self.lockouts.forget(&subject.id);
        self.note_status(&subject.id);
        let metadata = request.client_metadata.as_ref();
        self.post_confirmation(PASSWORD_CONFIRMED, &client.id, &subject, metadata)
    }

    /// Whose code a typed name asks about. Of nobody, under a client that hides existence, no code was asked for.
    pub(in crate::pool) fn code_owner(&self, client: &AppClient, typed: &str) -> Answer<Subject> {
        match self.known(typed) {
            Some(subject) => Ok(subject),
            None if self.hides_existence_in_resets(client) => Err(errors::code_expired()),
            None => Err(errors::no_such_combination()),
        }
    }

    fn check_reset_code(&self, subject: &Subject, given: &str) -> Answer<()> {
        let policy = &self.policy.resets;
        let now = self.now();
        match self.codes.check(&subject.id, Waits::Reset, given, now) {
            Err(error) if error.kind == ErrorKind::CodeMismatch && policy.checks_code => {
                Err(ServiceError::new(policy.wrong_code.clone(), error.message))
            }
            Err(error) if policy.checks_code => Err(error),
            _ => Ok(()),
        }
    }

    fn hides_existence_in_resets(&self, client: &AppClient) -> bool {
        self.hides_existence(client) && self.policy.resets.hides_existence
    }

    /// What clients are told of a code that was sent.
    fn delivered(&self, delivery: &Delivery) -> ForgotPasswordResponse {
        let policy = &self.policy.resets;
        let details = match policy.masks_destination {
            true => delivery.details(),
            false => delivery.details_in_clear(),
        };
        ForgotPasswordResponse {
            code_delivery_details: policy.tells_delivery.then_some(details),
        }
    }
}

const PASSWORD_CONFIRMED: &str = "PostConfirmation_ConfirmForgotPassword";
