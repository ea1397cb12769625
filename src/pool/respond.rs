//! `RespondToAuthChallenge`.

use super::custom::{Answered, CustomTurn};
use super::errors::{self, Answer};
use super::pool::Pool;
use super::script::PASSWORD_VERIFIER;
use super::session::{Awaits, RoundEntry};
use super::shape::present;
use super::srp_challenge::Proved;
use crate::model::{AppClient, UserStatus};
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, RespondToAuthChallenge};

impl Pool {
    /// Answers the pending challenge.
    pub(super) fn respond_to_auth_challenge(
        &mut self,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let client = self.client(&request.client_id)?;
        let answer = &request.challenge_responses;
        let username = present(answer, key::USERNAME)?;
        self.check_secret_hash(&client, username, answer.get(key::SECRET_HASH))?;
        match request.challenge_name {
            ChallengeName::PasswordVerifier => self.answer_verifier(&client, request),
            ChallengeName::CustomChallenge => self.answer_custom(&client, request),
            ChallengeName::NewPasswordRequired => self.answer_new_password(&client, request),
            // The pool never asks anything else, so no Session can be good for it.
            _ => Err(match request.session {
                Some(_) => errors::invalid_session(),
                None => errors::missing("Session"),
            }),
        }
    }

    fn answer_verifier(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let session_text = request.session.as_deref();
        let block = present(answer, key::PASSWORD_CLAIM_SECRET_BLOCK)?;
        let is_custom = self.block(block).is_ok_and(|block| block.custom.is_some());
        if is_custom {
            let session = self.session(session_text, client, &ChallengeName::PasswordVerifier)?;
            if !matches!(&session.awaits, Awaits::Verifier { block: asked } if asked == block) {
                return Err(self.wrong_password());
            }
        } else if self.policy.sessions.demanded_in_plain_verifier && session_text.is_none() {
            return Err(errors::missing("Session"));
        }
        let proved = match self.prove(client, answer) {
            Ok(proved) => proved,
            Err(error) => {
                // An unreadable time or a missing parameter is not yet an attempt.
                if is_custom && error == self.wrong_password() {
                    self.void_session(session_text);
                }
                return Err(error);
            }
        };
        self.close_session(session_text.filter(|_| is_custom));
        self.after_proof(client, proved, request)
    }

    fn after_proof(
        &mut self,
        client: &AppClient,
        proved: Proved,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let Proved { subject, custom } = proved;
        self.refuse_state_after_proof(client, &subject)?;
        let entries = custom.map(|mut entries| {
            entries.push(RoundEntry::passed(PASSWORD_VERIFIER));
            entries
        });
        if self.user_status(&subject.id) == Some(UserStatus::ForceChangePassword)
            && self.policy.users.new_password_after_srp
        {
            return Ok(self.ask_for_new_password(client, &subject, entries));
        }
        match entries {
            None => self.sign_in(client, &subject),
            Some(entries) => self.go_on(CustomTurn {
                client,
                subject: &subject,
                metadata: self.answers_metadata(request),
                a_pub: None,
                entries,
            }),
        }
    }

    fn answer_custom(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = present(&request.challenge_responses, key::ANSWER)?;
        let username = present(&request.challenge_responses, key::USERNAME)?;
        let session_text = request.session.as_deref();
        let session = self.session(session_text, client, &ChallengeName::CustomChallenge)?;
        if self.policy.srp.binds_user && !session.subject.is_called(username, true) {
            return Err(errors::invalid_session());
        }
        let Awaits::Custom {
            entries,
            private,
            metadata,
        } = session.awaits
        else {
            return Err(errors::invalid_session());
        };
        let turn = CustomTurn {
            client,
            subject: &session.subject,
            metadata: self.answers_metadata(request),
            a_pub: None,
            entries,
        };
        let answered = Answered {
            answer,
            private,
            metadata,
        };
        match self.judge(turn, answered) {
            Ok(mut response) => {
                let asks_again = response.challenge_name == Some(ChallengeName::CustomChallenge);
                if asks_again && !self.policy.sessions.renewed_after_wrong_answer {
                    response.session = request.session.clone();
                } else {
                    self.close_session(session_text);
                }
                Ok(response)
            }
            Err(error) => {
                self.void_session(session_text);
                Err(error)
            }
        }
    }

    /// What the challenge triggers see of the metadata that came with an answer.
    pub(super) fn answers_metadata<'a>(
        &self,
        request: &'a RespondToAuthChallenge,
    ) -> Option<&'a crate::wire::Parameters> {
        request
            .client_metadata
            .as_ref()
            .filter(|_| self.policy.metadata.answers_reach_challenge_triggers)
    }
}
