//! `RespondToAuthChallenge`, and its form for administrators.

use crate::model::AppClient;
use crate::pool::core::Pool;
use crate::pool::sign_in::custom::Answered;
use crate::pool::state::blocks::About;
use crate::pool::state::ledger::digest;
use crate::pool::state::sessions::{Awaits, Session};
use crate::pool::state::sign_in::Turn;
use crate::pool::state::subject::Called;
use crate::pool::triggers::script::PASSWORD_VERIFIER;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::shape::present;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Parameters, RespondToAuthChallenge};

impl Pool {
    /// Answers the pending challenge.
    pub(in crate::pool) fn respond_to_auth_challenge(
        &mut self,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let client = self.client(&request.client_id)?;
        let answer = &request.challenge_responses;
        let username = present(answer, key::USERNAME)?;
        self.check_secret_hash(&client, username, answer.get(key::SECRET_HASH))?;
        let mut response = self.answer_challenge(&client, request)?;
        // Captured: who signs in is told with what answers `InitiateAuth`, and not once more (amplify-ui/force-change-password*,
        // amazon-archives/amazon-cognito-identity-js#236).
        if let (Some(ChallengeName::NewPasswordRequired | ChallengeName::SmsMfa), Some(told)) =
            (&response.challenge_name, &mut response.challenge_parameters)
        {
            told.remove(key::USERNAME);
            told.remove(key::USER_ID_FOR_SRP);
        }
        Ok(response)
    }

    fn answer_challenge(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        match request.challenge_name {
            ChallengeName::PasswordVerifier => self.answer_verifier(client, request),
            ChallengeName::CustomChallenge => self.answer_custom(client, request),
            ChallengeName::NewPasswordRequired => self.answer_new_password(client, request),
            ChallengeName::SmsMfa | ChallengeName::EmailOtp | ChallengeName::SmsOtp => {
                self.answer_code(client, request)
            }
            ChallengeName::SoftwareTokenMfa => self.answer_software_token(client, request),
            ChallengeName::SelectMfaType => self.answer_mfa_choice(client, request),
            ChallengeName::MfaSetup => self.answer_mfa_setup(client, request),
            ChallengeName::SelectChallenge
            | ChallengeName::Password
            | ChallengeName::PasswordSrp => self.answer_first_factor(client, request),
            ChallengeName::DeviceSrpAuth => self.answer_device(client, request),
            ChallengeName::DevicePasswordVerifier => self.answer_device_verifier(client, request),
            // The pool never asks anything else, so no Session can be good for it.
            ChallengeName::AdminNoSrpAuth | ChallengeName::WebAuthn | ChallengeName::Other(_) => {
                Err(match request.session {
                    Some(_) => errors::invalid_session(),
                    None => errors::missing("Session"),
                })
            }
        }
    }

    /// The Session that a request answers, which has to be about the user whom it names. The device that it names is taken
    /// over.
    pub(in crate::pool) fn answered_session(
        &self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
        challenge: &ChallengeName,
    ) -> Answer<Session> {
        let mut session =
            self.sessions
                .answerable(request.session.as_deref(), client, challenge, self.now())?;
        let username = present(&request.challenge_responses, key::USERNAME)?;
        let called = session.sign_in.subject.called(username);
        let takes_alias = *challenge == ChallengeName::SoftwareTokenMfa
            || self.sessions.policy().aliases_in_other_answers;
        let is_bound = match called {
            Some(Called::ByName) => true,
            Some(Called::ByAlias) => takes_alias,
            None => false,
        };
        if self.blocks.policy().binds_user && !is_bound {
            return Err(errors::invalid_session());
        }
        // Of the other challenges nobody says what becomes of the device.
        session.sign_in.named_by_alias |=
            called == Some(Called::ByAlias) && *challenge == ChallengeName::SoftwareTokenMfa;
        self.name_device(&mut session.sign_in, &request.challenge_responses)?;
        Ok(session)
    }

    fn answer_verifier(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let session_text = request.session.as_deref();
        let block_text = present(answer, key::PASSWORD_CLAIM_SECRET_BLOCK)?;
        let is_custom = self
            .block(block_text)
            .is_ok_and(|block| block.sign_in.entries.is_some());
        if is_custom {
            let session = self.sessions.answerable(
                session_text,
                client,
                &ChallengeName::PasswordVerifier,
                self.now(),
            )?;
            if !matches!(&session.awaits, Awaits::Verifier { block } if *block == digest(block_text))
            {
                return Err(self.wrong_password());
            }
        } else if self.sessions.policy().demanded_in_plain_verifier && session_text.is_none() {
            return Err(errors::missing("Session"));
        }
        let mut sign_in = match self.prove(client, answer, About::Password) {
            Ok(sign_in) => sign_in,
            Err(error) => {
                // An unreadable time or a missing parameter is not yet an attempt.
                if is_custom && error == self.wrong_password() {
                    self.sessions.void(session_text);
                }
                return Err(error);
            }
        };
        // Before the block is used up: clients answer it again without the device (protocol of amplify-swift).
        self.name_device(&mut sign_in, answer)?;
        self.close_block(block_text, &sign_in.subject.id);
        self.sessions.close(session_text.filter(|_| is_custom));
        sign_in.done.password = true;
        sign_in.done.srp = true;
        sign_in.passed(PASSWORD_VERIFIER);
        let metadata = self.answers_metadata(request);
        self.advance(Turn {
            client,
            sign_in,
            metadata,
        })
    }

    fn answer_custom(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = present(&request.challenge_responses, key::ANSWER)?;
        let session_text = request.session.as_deref();
        let session = self.answered_session(client, request, &ChallengeName::CustomChallenge)?;
        let Awaits::Custom { private, metadata } = session.awaits else {
            return Err(errors::invalid_session());
        };
        let turn = Turn {
            client,
            sign_in: session.sign_in,
            metadata: self.answers_metadata(request),
        };
        let answered = Answered {
            answer,
            private,
            metadata,
        };
        match self.judge(turn, answered) {
            Ok(mut response) => {
                let asks_again = response.challenge_name == Some(ChallengeName::CustomChallenge);
                if asks_again && !self.sessions.policy().renewed_after_wrong_answer {
                    response.session = request.session.clone();
                } else {
                    self.sessions.close(session_text);
                }
                Ok(response)
            }
            Err(error) => {
                self.sessions.void(session_text);
                Err(error)
            }
        }
    }

    /// What the triggers that run on an answer see of the metadata that came with it.
    pub(in crate::pool) fn answers_metadata<'a>(
        &self,
        request: &'a RespondToAuthChallenge,
    ) -> Option<&'a Parameters> {
        request
            .client_metadata
            .as_ref()
            .filter(|_| self.policy.metadata.answers_reach_challenge_triggers)
    }
}
