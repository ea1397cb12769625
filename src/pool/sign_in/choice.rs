//! `USER_AUTH`: the user chooses the first factor.

use crate::model::{AppClient, FirstFactor, UserStatus};
use crate::pool::core::Pool;
use crate::pool::sign_in::initiate::Start;
use crate::pool::state::directory::Account;
use crate::pool::state::sessions::Awaits;
use crate::pool::state::sign_in::{SignIn, Turn};
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::shape::present;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Parameters, RespondToAuthChallenge};

impl Pool {
    /// Starts with the factor that is preferred, if it can be had, or with a choice. After `ConfirmSignUp` its Session stands
    /// in for a factor.
    pub(in crate::pool) fn with_choice(
        &mut self,
        start: &Start<'_>,
        session: Option<&str>,
    ) -> Answer<AuthResponse> {
        let typed = start.checked_name(self)?;
        let subject = self.identify(start.client, typed)?;
        self.refuse_locked(&subject)?;
        self.refuse_state_before_proof(start.client, &subject)?;
        if let Some(text) = session {
            return self.after_sign_up(start, &subject, text);
        }
        let available = self.first_factors(&subject);
        let preferred = start
            .parameters
            .get(key::PREFERRED_CHALLENGE)
            .map(|name| ChallengeName::from(name.as_str()))
            .filter(|name| available.contains(name))
            .filter(|_| self.policy.factors.honours_preferred_challenge);
        match preferred {
            Some(ChallengeName::Password) => {
                let password = present(start.parameters, key::PASSWORD)?;
                self.begin_with_password(start, subject, password)
            }
            Some(ChallengeName::PasswordSrp) => {
                let a_pub = self.srp_a(present(start.parameters, key::SRP_A)?)?;
                let mut response = self.begin_with_srp(start, subject, a_pub)?;
                response.available_challenges = Some(available);
                Ok(response)
            }
            chosen => {
                self.pre_authentication(start.client, &subject, start.metadata)?;
                let turn = Turn {
                    client: start.client,
                    sign_in: self.sign_in_of(start, subject)?,
                    metadata: None,
                };
                // Captured: the list comes with a code's challenge, too.
                let mut response = match chosen {
                    Some(code) => self.ask_for_first_code(turn, code)?,
                    None => self.ask_for_choice(turn, available.clone()),
                };
                response.available_challenges = Some(available);
                Ok(response)
            }
        }
    }

    /// An answer to `SELECT_CHALLENGE`, with what the choice needs; or, once chosen, what it needs by itself.
    pub(in crate::pool) fn answer_first_factor(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let chosen = match request.challenge_name {
            ChallengeName::SelectChallenge => ChallengeName::from(present(answer, key::ANSWER)?),
            ref named => named.clone(),
        };
        let session = self.answered_session(client, request, &ChallengeName::SelectChallenge)?;
        let Awaits::FirstFactor { among } = session.awaits else {
            return Err(errors::invalid_session());
        };
        if !among.contains(&chosen) {
            return Err(errors::no_such_choice());
        }
        let mut sign_in = session.sign_in;
        let text = request.session.as_deref();
        match chosen {
            ChallengeName::Password => {
                let password = present(answer, key::PASSWORD)?;
                self.refuse_locked(&sign_in.subject)?;
                self.check_password(&sign_in.subject, password)?;
                self.sessions.close(text);
                sign_in.done.password = true;
                let metadata = self.answers_metadata(request);
                self.advance(Turn {
                    client,
                    sign_in,
                    metadata,
                })
            }
            ChallengeName::PasswordSrp => {
                let a_pub = self.srp_a(present(answer, key::SRP_A)?)?;
                self.refuse_locked(&sign_in.subject)?;
                self.sessions.close(text);
                let challenge = self.password_challenge(&sign_in, a_pub);
                let awaits = Awaits::Verifier {
                    block: challenge.block,
                };
                let turn = Turn {
                    client,
                    sign_in,
                    metadata: None,
                };
                Ok(self.challenge_with_session(turn, awaits, challenge.parameters))
            }
            code => {
                self.sessions.close(text);
                let turn = Turn {
                    client,
                    sign_in,
                    metadata: None,
                };
                self.ask_for_first_code(turn, code)
            }
        }
    }

    /// The first factors that this subject can choose among. A temporary password has to be used first (captured).
    fn first_factors(&self, subject: &Subject) -> Vec<ChallengeName> {
        let account = self.directory.find(&subject.id).filter(|_| subject.real);
        let is_temporary =
            account.is_some_and(|account| account.user.status == UserStatus::ForceChangePassword);
        if !self.policy.factors.lists_what_is_allowed {
            use ChallengeName::{EmailOtp, Password, PasswordSrp, SmsOtp};
            return vec![PasswordSrp, Password, EmailOtp, SmsOtp];
        }
        let mut available = Vec::new();
        for factor in &self.world.pool.first_factors {
            let has =
                |address: &str| account.is_none_or(|account| account.verified(address).is_some());
            match factor {
                FirstFactor::Password => {
                    if account.is_none_or(Account::has_password) {
                        // In this order (captured).
                        available.extend([ChallengeName::PasswordSrp, ChallengeName::Password]);
                    }
                }
                FirstFactor::EmailOtp if !is_temporary && has("email") => {
                    available.push(ChallengeName::EmailOtp);
                }
                FirstFactor::SmsOtp if !is_temporary && has("phone_number") => {
                    available.push(ChallengeName::SmsOtp);
                }
                FirstFactor::EmailOtp | FirstFactor::SmsOtp => {}
            }
        }
        available
    }

    fn ask_for_choice(&mut self, turn: Turn<'_>, among: Vec<ChallengeName>) -> AuthResponse {
        let id = turn.sign_in.subject.id.clone();
        let parameters = Parameters::from([(key::USERNAME.to_owned(), id)]);
        self.challenge_with_session(turn, Awaits::FirstFactor { among }, parameters)
    }

    fn ask_for_first_code(
        &mut self,
        turn: Turn<'_>,
        challenge: ChallengeName,
    ) -> Answer<AuthResponse> {
        let delivery = match challenge {
            ChallengeName::SmsOtp => self.phone_of(&turn.sign_in.subject)?,
            _ => self.email_of(&turn.sign_in.subject)?,
        };
        self.ask_for_code(turn, challenge, &delivery, None)
    }

    /// Tokens for the Session that `ConfirmSignUp` answered with.
    fn after_sign_up(
        &mut self,
        start: &Start<'_>,
        subject: &Subject,
        text: &str,
    ) -> Answer<AuthResponse> {
        let session = self.sessions.answerable(
            Some(text),
            start.client,
            &ChallengeName::SelectChallenge,
            self.now(),
        )?;
        let Awaits::FirstFactor { among } = &session.awaits else {
            return Err(errors::invalid_session());
        };
        if !among.is_empty() || session.sign_in.subject.id != subject.id {
            return Err(errors::invalid_session());
        }
        self.sessions.close(Some(text));
        let mut sign_in: SignIn = session.sign_in;
        self.name_device(&mut sign_in, start.parameters)?;
        self.advance(Turn {
            client: start.client,
            sign_in,
            metadata: None,
        })
    }
}
