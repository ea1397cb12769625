//! One sign-in on its way through its challenges, in the order in which the service puts them.
//!
//! After the first factor: a new password where the old one is temporary, a second factor, what triggers ask, the device, and
//! then tokens. Where the sources leave the order open (a second factor inside custom challenges, the device after them),
//! it is inferred from what clients handle.

use super::errors::{self, Answer};
use super::pool::Pool;
use super::session::RoundEntry;
use super::subject::Subject;
use crate::model::{AppClient, UserStatus};
use crate::wire::{AuthResponse, Parameters};

/// A sign-in: what is settled of it.
#[derive(Clone, Debug)]
pub(super) struct SignIn {
    /// Which client it was started by.
    pub(super) client: String,
    /// Whom it is about.
    pub(super) subject: Subject,
    /// Whether an administrator's operation started it.
    pub(super) by_admin: bool,
    /// The session array, where triggers decide what comes next.
    pub(super) entries: Option<Vec<RoundEntry>>,
    /// The device that was named, which the user has.
    pub(super) device: Option<String>,
    /// Whether an answer at which the service takes an alias named one.
    pub(super) named_by_alias: bool,
    /// Which steps are done.
    pub(super) done: Done,
    /// Which occasion PreTokenGeneration is told.
    pub(super) occasion: Occasion,
}

/// Steps that are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// The password was proved.
    pub(super) password: bool,
    /// It was proved by SRP.
    pub(super) srp: bool,
    /// A second factor was shown, or stands in for one.
    pub(super) second_factor: bool,
    /// The triggers ask for nothing more.
    pub(super) triggers: bool,
    /// The device was proved.
    pub(super) device: bool,
}

/// The occasion on which tokens are made (`TokenGeneration_…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A sign-in.
    Authentication,
    /// A sign-in that set a new password.
    NewPasswordChallenge,
    /// A sign-in in which the device was proved.
    AuthenticateDevice,
    /// Refresh.
    RefreshTokens,
}

impl Occasion {
    /// `triggerSource` of PreTokenGeneration.
    pub(super) fn source(self) -> &'static str {
        match self {
            Self::Authentication => "TokenGeneration_Authentication",
            Self::NewPasswordChallenge => "TokenGeneration_NewPasswordChallenge",
            Self::AuthenticateDevice => "TokenGeneration_AuthenticateDevice",
            Self::RefreshTokens => "TokenGeneration_RefreshTokens",
        }
    }
}

/// One sign-in at one moment.
pub(super) struct Turn<'a> {
    /// The app client.
    pub(super) client: &'a AppClient,
    /// The sign-in.
    pub(super) sign_in: SignIn,
    /// `ClientMetadata`, where the triggers of an answer may see it.
    pub(super) metadata: Option<&'a Parameters>,
}

impl SignIn {
    /// A sign-in of which nothing is settled.
    pub(super) fn new(client: &AppClient, subject: Subject) -> Self {
        Self {
            client: client.id.clone(),
            subject,
            by_admin: false,
            entries: None,
            device: None,
            named_by_alias: false,
            done: Done::default(),
            occasion: Occasion::Authentication,
        }
    }

    /// Writes a round that went well into the session array, if there is one.
    pub(super) fn passed(&mut self, name: &'static str) {
        if let Some(entries) = &mut self.entries {
            entries.push(RoundEntry::passed(name));
        }
    }
}

impl Pool {
    /// Asks for what is missing, or hands out tokens.
    pub(super) fn advance(&mut self, mut turn: Turn<'_>) -> Answer<AuthResponse> {
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
        if !turn.sign_in.done.device && self.asks_device(&turn.sign_in) {
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
            .is_some_and(|set| self.now().saturating_sub(set) > seconds);
        if is_old {
            return Err(errors::invitation_expired());
        }
        Ok(())
    }
}
