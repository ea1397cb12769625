//! `InitiateAuth`, and its form for administrators.

use crate::model::{AppClient, UserStatus};
use crate::pool::accounts::migration::Reason;
use crate::pool::core::Pool;
use crate::pool::sign_in::flows;
use crate::pool::state::sessions::session_text;
use crate::pool::state::sign_in::{RoundEntry, SignIn, Turn};
use crate::pool::state::subject::Subject;
use crate::pool::triggers::script::SRP_A;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::shape::present;
use crate::wire::names::key;
use crate::wire::{AuthFlow, AuthResponse, ChallengeName, InitiateAuth, Parameters};

impl Pool {
    /// Starts a sign-in. The order of the checks is the one that the reports of messages suggest.
    pub(in crate::pool) fn initiate_auth(
        &mut self,
        request: &InitiateAuth,
        by_admin: bool,
    ) -> Answer<AuthResponse> {
        let client = self.client(&request.client_id)?;
        flows::check(
            &client,
            &request.auth_flow,
            by_admin,
            self.policy.clients.flow_switches,
        )?;
        let start = Start {
            client: &client,
            parameters: &request.auth_parameters,
            metadata: request.client_metadata.as_ref(),
            by_admin,
        };
        match request.auth_flow {
            AuthFlow::UserSrpAuth => self.with_srp(&start),
            AuthFlow::UserPasswordAuth
            | AuthFlow::AdminUserPasswordAuth
            | AuthFlow::AdminNoSrpAuth => self.with_password(&start),
            AuthFlow::CustomAuth => self.with_triggers(&start),
            AuthFlow::UserAuth => self.with_choice(&start, request.session.as_deref()),
            AuthFlow::RefreshTokenAuth | AuthFlow::RefreshToken => self.with_refresh_token(&start),
            AuthFlow::Other(ref name) => Err(errors::flow_not_offered(name)),
        }
    }

    fn with_srp(&mut self, start: &Start<'_>) -> Answer<AuthResponse> {
        let typed = start.checked_name(self)?;
        let a_pub = self.srp_a(present(start.parameters, key::SRP_A)?)?;
        if self.policy.migration.under_srp && self.directory.find(typed).is_none() {
            let reason = Reason::SignIn { password: None };
            self.migrate(start.client, typed, reason, start.metadata)?;
        }
        let subject = self.identify(start.client, typed)?;
        self.begin_with_srp(start, subject, a_pub)
    }

    /// Asks for the proof of the password.
    pub(in crate::pool) fn begin_with_srp(
        &mut self,
        start: &Start<'_>,
        subject: Subject,
        a_pub: crate::srp::BigUint,
    ) -> Answer<AuthResponse> {
        self.refuse_locked(&subject)?;
        self.refuse_state_before_proof(start.client, &subject)?;
        let sign_in = self.sign_in_of(start, subject)?;
        self.pre_authentication(start.client, &sign_in.subject, start.metadata)?;
        let challenge = self.password_challenge(&sign_in, a_pub);
        // Captured twice: this challenge has no Session (ministackorg/ministack#1758, floci-io/floci#1305).
        let session = match self.sessions.policy().in_plain_verifier {
            true => Some(session_text(&mut self.random)),
            false => None,
        };
        Ok(AuthResponse::challenge(
            ChallengeName::PasswordVerifier,
            session,
            challenge.parameters,
        ))
    }

    fn with_password(&mut self, start: &Start<'_>) -> Answer<AuthResponse> {
        let typed = start.checked_name(self)?;
        let password = present(start.parameters, key::PASSWORD)?;
        if self.policy.migration.on_sign_in && self.directory.find(typed).is_none() {
            self.refuse_locked(&self.nobody(typed))?;
            let reason = Reason::SignIn {
                password: Some(password),
            };
            let migrated = self.migrate(start.client, typed, reason, start.metadata)?;
            if let Some(username) = migrated
                && self.user_status(&username) == Some(UserStatus::ResetRequired)
            {
                return Err(errors::reset_required());
            }
        }
        let subject = self.identify(start.client, typed)?;
        self.begin_with_password(start, subject, password)
    }

    /// Takes the password in clear. A wrong one of somebody and any of nobody are told alike.
    pub(in crate::pool) fn begin_with_password(
        &mut self,
        start: &Start<'_>,
        subject: Subject,
        password: &str,
    ) -> Answer<AuthResponse> {
        self.refuse_locked(&subject)?;
        self.refuse_state_before_proof(start.client, &subject)?;
        self.pre_authentication(start.client, &subject, start.metadata)?;
        self.check_password(&subject, password)?;
        let mut sign_in = self.sign_in_of(start, subject)?;
        sign_in.done.password = true;
        self.advance(Turn {
            client: start.client,
            sign_in,
            // Documented: what comes with InitiateAuth does not reach the triggers after the proof.
            metadata: None,
        })
    }

    fn with_triggers(&mut self, start: &Start<'_>) -> Answer<AuthResponse> {
        let typed = start.checked_name(self)?;
        self.check_custom_triggers()?;
        let a_pub = match start
            .parameters
            .get(key::CHALLENGE_NAME)
            .map(String::as_str)
        {
            Some(SRP_A) if self.policy.custom.starts_with_srp => {
                Some(self.srp_a(present(start.parameters, key::SRP_A)?)?)
            }
            _ => None,
        };
        let subject = self.identify(start.client, typed)?;
        self.refuse_locked(&subject)?;
        if a_pub.is_some() {
            self.refuse_state_before_proof(start.client, &subject)?;
        } else {
            self.refuse_state(&subject)?;
        }
        self.pre_authentication(start.client, &subject, start.metadata)?;
        let mut sign_in = self.sign_in_of(start, subject)?;
        sign_in.entries = Some(match a_pub {
            Some(_) => vec![RoundEntry::passed(SRP_A)],
            None => Vec::new(),
        });
        let turn = Turn {
            client: start.client,
            sign_in,
            // Documented: what comes with InitiateAuth does not reach the challenge triggers.
            metadata: start
                .metadata
                .filter(|_| self.policy.metadata.initiate_reaches_challenge_triggers),
        };
        self.go_on(turn, a_pub)
    }

    /// Whom a typed name means. Nobody, under a client that hides existence, looks like somebody.
    pub(in crate::pool) fn identify(&self, client: &AppClient, typed: &str) -> Answer<Subject> {
        if let Some(subject) = self.known(typed) {
            return Ok(subject);
        }
        if self.hides_existence(client) {
            return Ok(self.nobody(typed));
        }
        Err(errors::no_such_user())
    }

    /// A sign-in as it starts, with the device that was named.
    pub(in crate::pool) fn sign_in_of(
        &self,
        start: &Start<'_>,
        subject: Subject,
    ) -> Answer<SignIn> {
        let mut sign_in = SignIn::new(start.client, subject);
        sign_in.by_admin = start.by_admin;
        self.name_device(&mut sign_in, start.parameters)?;
        Ok(sign_in)
    }
}

/// What starts a sign-in.
pub(in crate::pool) struct Start<'a> {
    /// The app client.
    pub(in crate::pool) client: &'a AppClient,
    /// `AuthParameters`.
    pub(in crate::pool) parameters: &'a Parameters,
    /// `ClientMetadata`.
    pub(in crate::pool) metadata: Option<&'a Parameters>,
    /// Whether it is an administrator's operation.
    pub(in crate::pool) by_admin: bool,
}

impl Start<'_> {
    /// The name that was typed, once the secret hash over it is right.
    pub(in crate::pool) fn checked_name(&self, pool: &Pool) -> Answer<&str> {
        let typed = present(self.parameters, key::USERNAME)?;
        let hash = self.parameters.get(key::SECRET_HASH);
        pool.check_secret_hash(self.client, typed, hash)?;
        Ok(typed)
    }
}
