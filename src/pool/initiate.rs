//! `InitiateAuth`.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::custom::CustomTurn;
use super::errors::{self, Answer};
use super::flows;
use super::migration::Occasion;
use super::pool::Pool;
use super::script::SRP_A;
use super::session::RoundEntry;
use super::shape::present;
use super::subject::Subject;
use crate::model::{AppClient, UserStatus};
use crate::wire::names::key;
use crate::wire::{AuthFlow, AuthResponse, ChallengeName, InitiateAuth, Parameters};

impl Pool {
    /// Starts a sign-in. The order of the checks is the one that the reports of messages suggest.
    pub(super) fn initiate_auth(&mut self, request: &InitiateAuth) -> Answer<AuthResponse> {
        let client = self.client(&request.client_id)?;
        flows::check(
            &client,
            &request.auth_flow,
            self.policy.clients.flow_switches,
        )?;
        let metadata = request.client_metadata.as_ref();
        match request.auth_flow {
            AuthFlow::UserSrpAuth => self.with_srp(&client, &request.auth_parameters, metadata),
            AuthFlow::UserPasswordAuth => {
                self.with_password(&client, &request.auth_parameters, metadata)
            }
            AuthFlow::CustomAuth => self.with_triggers(&client, &request.auth_parameters, metadata),
            ref other => Err(errors::not_offered(other.as_str())),
        }
    }

    fn with_srp(
        &mut self,
        client: &AppClient,
        parameters: &Parameters,
        metadata: Option<&Parameters>,
    ) -> Answer<AuthResponse> {
        let typed = present(parameters, key::USERNAME)?;
        self.check_secret_hash(client, typed, parameters.get(key::SECRET_HASH))?;
        let a_pub = self.srp_a(present(parameters, key::SRP_A)?)?;
        if self.policy.migration.under_srp && self.directory.find(typed).is_none() {
            self.migrate(client, typed, Occasion::SignIn { password: None }, metadata)?;
        }
        let subject = self.identify(client, typed)?;
        self.refuse_locked(&subject)?;
        self.refuse_state_before_proof(client, &subject)?;
        self.pre_authentication(client, &subject, metadata)?;
        let challenge = self.challenge(client, &subject, a_pub, None);
        // Captured twice: this challenge has no Session (ministackorg/ministack#1758, floci-io/floci#1305).
        let session = self
            .policy
            .sessions
            .in_plain_verifier
            .then(|| self.session_text());
        Ok(AuthResponse {
            challenge_name: Some(ChallengeName::PasswordVerifier),
            session,
            challenge_parameters: Some(challenge.parameters),
            authentication_result: None,
        })
    }

    fn with_password(
        &mut self,
        client: &AppClient,
        parameters: &Parameters,
        metadata: Option<&Parameters>,
    ) -> Answer<AuthResponse> {
        let typed = present(parameters, key::USERNAME)?;
        let password = present(parameters, key::PASSWORD)?;
        self.check_secret_hash(client, typed, parameters.get(key::SECRET_HASH))?;
        if self.policy.migration.on_sign_in && self.directory.find(typed).is_none() {
            self.refuse_locked(&self.nobody(typed))?;
            let occasion = Occasion::SignIn {
                password: Some(password),
            };
            let migrated = self.migrate(client, typed, occasion, metadata)?;
            if let Some(username) = migrated
                && self.user_status(&username) == Some(UserStatus::ResetRequired)
            {
                return Err(errors::reset_required());
            }
        }
        let subject = match self.identify(client, typed) {
            // An unknown user's wrong password is a wrong password.
            Ok(subject) if !subject.real => {
                self.refuse_locked(&subject)?;
                self.pre_authentication(client, &subject, metadata)?;
                self.count_failure(&subject);
                return Err(self.wrong_password());
            }
            subject => subject?,
        };
        self.refuse_locked(&subject)?;
        self.refuse_state_before_proof(client, &subject)?;
        self.pre_authentication(client, &subject, metadata)?;
        let is_right = self
            .directory
            .find(&subject.id)
            .and_then(|account| account.user.password.as_deref())
            .is_some_and(|right| {
                verify_slices_are_equal(right.as_bytes(), password.as_bytes()).is_ok()
            });
        if !is_right {
            self.count_failure(&subject);
            return Err(self.wrong_password());
        }
        self.lockouts.forget(&subject.id);
        self.refuse_state_after_proof(client, &subject)?;
        if self.user_status(&subject.id) == Some(UserStatus::ForceChangePassword) {
            return Ok(self.ask_for_new_password(client, &subject, None));
        }
        self.sign_in(client, &subject)
    }

    fn with_triggers(
        &mut self,
        client: &AppClient,
        parameters: &Parameters,
        metadata: Option<&Parameters>,
    ) -> Answer<AuthResponse> {
        let typed = present(parameters, key::USERNAME)?;
        self.check_secret_hash(client, typed, parameters.get(key::SECRET_HASH))?;
        self.custom_script()?;
        let a_pub = match parameters.get(key::CHALLENGE_NAME).map(String::as_str) {
            Some(SRP_A) if self.policy.custom.starts_with_srp => {
                Some(self.srp_a(present(parameters, key::SRP_A)?)?)
            }
            _ => None,
        };
        let subject = self.identify(client, typed)?;
        self.refuse_locked(&subject)?;
        if a_pub.is_some() {
            self.refuse_state_before_proof(client, &subject)?;
        } else {
            self.refuse_state(&subject)?;
        }
        self.pre_authentication(client, &subject, metadata)?;
        let entries = match a_pub {
            Some(_) => vec![RoundEntry::passed(SRP_A)],
            None => Vec::new(),
        };
        self.go_on(CustomTurn {
            client,
            subject: &subject,
            // Documented: what comes with InitiateAuth does not reach the challenge triggers.
            metadata: metadata.filter(|_| self.policy.metadata.initiate_reaches_challenge_triggers),
            a_pub,
            entries,
        })
    }

    /// Whom a typed name means. Nobody, under a client that hides existence, looks like somebody.
    fn identify(&self, client: &AppClient, typed: &str) -> Answer<Subject> {
        if let Some(subject) = self.known(typed) {
            return Ok(subject);
        }
        if self.hides_existence(client) {
            return Ok(self.nobody(typed));
        }
        Err(errors::no_such_user())
    }
}
