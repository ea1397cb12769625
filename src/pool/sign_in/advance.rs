//! One sign-in on its way through its challenges, in the order in which the service puts them.
//!
//! After the first factor: a new password where the old one is temporary, a second factor, what triggers ask, the device, and
//! then tokens. Where the sources leave the order open (a second factor inside custom challenges, the device after them),
//! it is inferred from what clients handle.

use crate::model::{AppClient, UserStatus};
use crate::pool::core::Pool;
use crate::pool::state::sessions::Awaits;
use crate::pool::state::sign_in::{SignIn, Turn};
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::{AuthResponse, Parameters};

impl Pool {
    /// Asks for what is missing, or hands out tokens.
    pub(in crate::pool) fn advance(&mut self, mut turn: Turn<'_>) -> Answer<AuthResponse> {
        let subject = turn.sign_in.subject.clone();
        if turn.sign_in.done.password {
            self.refuse_state_after_proof(turn.client, &subject)?;
            let asks = self.policy.users.new_password_after_srp || !turn.sign_in.done.srp;
            if asks && self.user_status(&subject.id) == Some(UserStatus::ForceChangePassword) {
                self.refuse_expired_invitation(&subject)?;
                return Ok(self.ask_for_new_password(turn));
            }
            if !turn.sign_in.done.second_factor {
                match self.second_factor(&turn.sign_in) {
                    Some(factor) => return self.ask_for_factor(turn, factor),
                    None => turn.sign_in.done.second_factor = true,
                }
            }
        }
        if turn.sign_in.entries.is_some() && !turn.sign_in.done.triggers {
            return self.go_on(turn, None);
        }
        if !turn.sign_in.done.device && self.devices.has_to_be_proved(&turn.sign_in) {
            return Ok(self.ask_for_device(turn));
        }
        self.finish(turn)
    }

    /// Ends a sign-in with tokens, unless there is nobody to give them to.
    fn finish(&mut self, mut turn: Turn<'_>) -> Answer<AuthResponse> {
        let subject = turn.sign_in.subject.clone();
        self.refuse_state_after_proof(turn.client, &subject)?;
        if !subject.real || self.directory.find(&subject.id).is_none() {
            return Err(self.wrong_password());
        }
        let new_device = self.new_device(&mut turn.sign_in);
        self.post_authentication(&turn, new_device.is_some())?;
        if self.policy.users.confirms_by_signing_in
            && let Some(account) = self.directory.find_mut(&subject.id)
        {
            account.user.status = UserStatus::Confirmed;
        }
        self.note_status(&subject.id);
        let mut tokens = self.first_tokens(&turn)?;
        tokens.new_device_metadata = new_device;
        Ok(AuthResponse {
            // Captured: an empty object beside the tokens.
            challenge_parameters: Some(Parameters::new()),
            authentication_result: Some(tokens),
            ..AuthResponse::default()
        })
    }

    /// Asks for the answer to a challenge: a new Session, and what the client is told.
    pub(in crate::pool) fn challenge_with_session(
        &mut self,
        turn: Turn<'_>,
        awaits: Awaits,
        parameters: Parameters,
    ) -> AuthResponse {
        let name = awaits.challenge();
        let session = self.open_session(turn.client, turn.sign_in, awaits);
        AuthResponse::challenge(name, Some(session), parameters)
    }

    /// A new Session for what `client` has to answer.
    pub(in crate::pool) fn open_session(
        &mut self,
        client: &AppClient,
        sign_in: SignIn,
        awaits: Awaits,
    ) -> String {
        let now = self.now();
        self.sessions
            .open(client, sign_in, awaits, now, &mut self.random)
    }

    /// A temporary password is good for some days only.
    fn refuse_expired_invitation(&self, subject: &Subject) -> Answer<()> {
        let days = self
            .world
            .pool
            .password_policy
            .temporary_password_validity_days;
        let seconds = i64::from(days) * 24 * 60 * 60;
        let is_old = self
            .directory
            .find(&subject.id)
            .and_then(|account| account.password_set)
            .is_some_and(|set| seconds == 0 || self.now().saturating_sub(set) > seconds);
        if is_old {
            return Err(errors::invitation_expired());
        }
        Ok(())
    }
}
