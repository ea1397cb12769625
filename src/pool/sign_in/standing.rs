//! What a user's state allows.

use crate::model::{AppClient, UserStatus};
use crate::pool::core::Pool;
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::{PoolNote, ServiceError};

impl Pool {
    /// The user of a typed name.
    pub(in crate::pool) fn known(&self, typed: &str) -> Option<Subject> {
        let by_sub = || {
            self.policy
                .users
                .sub_is_a_name
                .then(|| self.directory.find_by_sub(typed))
                .flatten()
        };
        let account = self.directory.find(typed).or_else(by_sub)?;
        Some(Subject {
            id: account.user.username.clone(),
            typed: typed.to_owned(),
            real: true,
        })
    }

    /// Nobody, under a name that looks like an internal one and is always the same for what was typed.
    pub(in crate::pool) fn nobody(&self, typed: &str) -> Subject {
        Subject {
            id: self
                .random
                .stable_uuid("nobody", &self.directory.folded(typed)),
            typed: typed.to_owned(),
            real: false,
        }
    }

    /// `PreventUserExistenceErrors` of this client.
    pub(in crate::pool) fn hides_existence(&self, client: &AppClient) -> bool {
        client.prevent_user_existence_errors && self.policy.clients.hides_existence
    }

    /// Refuses a user whose attempts are exceeded.
    pub(in crate::pool) fn refuse_locked(&self, subject: &Subject) -> Answer<()> {
        self.lockouts.refuse(&subject.id, self.now())
    }

    /// Counts a failed attempt.
    pub(in crate::pool) fn count_failure(&mut self, subject: &Subject) {
        let now = self.now();
        self.lockouts.count(&subject.id, now);
    }

    /// What is told before the password is looked at: disabled, unconfirmed (captured, ministackorg/ministack#1758),
    /// nothing to sign in with.
    pub(in crate::pool) fn refuse_state_before_proof(
        &self,
        client: &AppClient,
        subject: &Subject,
    ) -> Answer<()> {
        let Some(account) = self.directory.find(&subject.id) else {
            return Ok(());
        };
        let status = account.user.status;
        if status != UserStatus::Unconfirmed || self.policy.users.unconfirmed_before_password {
            self.refuse_state(subject)?;
        }
        let hidden = account.imported && self.hides_existence(client);
        if status == UserStatus::ResetRequired
            && !account.has_password()
            && self.policy.users.refuses_reset_required
            && !hidden
        {
            return Err(errors::reset_required());
        }
        Ok(())
    }

    /// What is told once the password is proved.
    pub(in crate::pool) fn refuse_state_after_proof(
        &self,
        client: &AppClient,
        subject: &Subject,
    ) -> Answer<()> {
        self.refuse_state(subject)?;
        let Some(account) = self.directory.find(&subject.id) else {
            return Ok(());
        };
        if account.user.status == UserStatus::ResetRequired
            && self.policy.users.refuses_reset_required
        {
            // Documented for imported users only.
            return Err(if account.imported && self.hides_existence(client) {
                self.wrong_password()
            } else {
                errors::reset_required()
            });
        }
        Ok(())
    }

    /// Refuses a user who may not sign in at all.
    pub(in crate::pool) fn refuse_state(&self, subject: &Subject) -> Answer<()> {
        let Some(account) = self.directory.find(&subject.id) else {
            return Ok(());
        };
        if !account.user.enabled && self.policy.users.refuses_disabled {
            return Err(errors::disabled());
        }
        if account.user.status == UserStatus::Unconfirmed && self.policy.users.refuses_unconfirmed {
            return Err(errors::not_confirmed());
        }
        Ok(())
    }

    /// The error for a wrong password or proof.
    pub(in crate::pool) fn wrong_password(&self) -> ServiceError {
        ServiceError {
            kind: self.policy.errors.wrong_password.clone(),
            ..errors::incorrect()
        }
    }

    /// Notes where a user stands.
    pub(in crate::pool) fn note_status(&mut self, username: &str) {
        if let Some(status) = self.user_status(username) {
            self.note(PoolNote::UserStatus {
                username: username.to_owned(),
                status: status.as_str().to_owned(),
            });
        }
    }
}
