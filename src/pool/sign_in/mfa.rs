//! Second factors: which one is asked for, and whether the answer is right.

use serde_json::json;

use crate::model::totp::{step_of as step_at, to_text};
use crate::model::{AppClient, MfaMethod};
use crate::pool::core::Pool;
use crate::pool::policy::DeliveryTold;
use crate::pool::state::codes::{Delivery, Purpose};
use crate::pool::state::equal::same_text;
use crate::pool::state::factors::Factor;
use crate::pool::state::sessions::{Awaits, Session};
use crate::pool::state::sign_in::{SignIn, Turn};
use crate::pool::state::software_token::{self, Checked};
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::shape::present;
use crate::wire::names::key;
use crate::wire::token::{
    AssociateSoftwareToken, AssociateSoftwareTokenResponse, VerifySoftwareToken,
    VerifySoftwareTokenResponse,
};
use crate::wire::{AuthResponse, ChallengeName, Parameters, RespondToAuthChallenge, ServiceError};

impl Pool {
    /// Which second factor a sign-in needs, if any.
    pub(in crate::pool) fn second_factor(&self, sign_in: &SignIn) -> Option<Factor> {
        let subject = &sign_in.subject;
        let account = self.directory.find(&subject.id).filter(|_| subject.real)?;
        let pool = &self.world.pool;
        if self.devices.replaces_factor(sign_in, pool.devices) {
            return None;
        }
        let rules = &self.policy.factors;
        rules.second_factor(account, pool, sign_in.done.srp)
    }

    /// Asks for a factor.
    pub(in crate::pool) fn ask_for_factor(
        &mut self,
        turn: Turn<'_>,
        factor: Factor,
    ) -> Answer<AuthResponse> {
        let user = (
            key::USER_ID_FOR_SRP.to_owned(),
            turn.sign_in.subject.id.clone(),
        );
        match factor {
            Factor::One(MfaMethod::SmsMfa) => {
                let delivery = self.phone_of(&turn.sign_in.subject)?;
                self.ask_for_code(turn, ChallengeName::SmsMfa, &delivery, None)
            }
            Factor::One(MfaMethod::EmailOtp) => {
                let delivery = self.email_of(&turn.sign_in.subject)?;
                self.ask_for_code(turn, ChallengeName::EmailOtp, &delivery, None)
            }
            Factor::One(MfaMethod::SoftwareTokenMfa) => {
                let name = self
                    .directory
                    .find(&turn.sign_in.subject.id)
                    .and_then(|account| account.software_token.friendly_name.clone());
                // The sample in the service model has these two and no USERNAME.
                let parameters = Parameters::from([
                    user,
                    (
                        key::FRIENDLY_DEVICE_NAME.to_owned(),
                        name.unwrap_or_default(),
                    ),
                ]);
                Ok(self.challenge_with_session(turn, Awaits::SoftwareToken, parameters))
            }
            Factor::Choice(among) => {
                let parameters =
                    Parameters::from([user, (key::MFAS_CAN_CHOOSE.to_owned(), self.list(&among))]);
                Ok(self.challenge_with_session(turn, Awaits::MfaChoice { among }, parameters))
            }
            Factor::SetUp(among) => {
                // Captured: nothing else is there (aws-amplify/amplify-ui, `force-change-password-mfa-setup`).
                let parameters =
                    Parameters::from([(key::MFAS_CAN_SETUP.to_owned(), self.list(&among))]);
                let awaits = Awaits::MfaSetup {
                    secret: None,
                    verified: None,
                };
                Ok(self.challenge_with_session(turn, awaits, parameters))
            }
        }
    }

    /// Sends a code and asks for it.
    pub(in crate::pool) fn ask_for_code(
        &mut self,
        turn: Turn<'_>,
        challenge: ChallengeName,
        delivery: &Delivery,
        sets_up: Option<String>,
    ) -> Answer<AuthResponse> {
        let subject = &turn.sign_in.subject;
        let code = subject
            .real
            .then(|| self.send_code(&subject.id, delivery, Purpose::SignIn));
        let details = delivery.details();
        let destination = match self.policy.factors.delivery_told {
            DeliveryTold::Masked => Some(details.destination),
            DeliveryTold::InClear => Some(delivery.address().to_owned()),
            DeliveryTold::Nothing => None,
        };
        let mut parameters =
            Parameters::from([(key::USER_ID_FOR_SRP.to_owned(), subject.id.clone())]);
        if let Some(destination) = destination {
            parameters.extend([
                (
                    key::CODE_DELIVERY_DELIVERY_MEDIUM.to_owned(),
                    details.delivery_medium,
                ),
                (key::CODE_DELIVERY_DESTINATION.to_owned(), destination),
            ]);
        }
        let awaits = Awaits::Code {
            challenge,
            code,
            sets_up,
        };
        Ok(self.challenge_with_session(turn, awaits, parameters))
    }

    /// An answer with a code that was sent. A wrong one leaves the Session as it is (captured).
    pub(in crate::pool) fn answer_code(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let (name, entry) = match request.challenge_name {
            ChallengeName::SmsMfa => (key::SMS_MFA_CODE, "SMS_MFA"),
            ChallengeName::SmsOtp => (key::SMS_OTP_CODE, "SMS_OTP"),
            _ => (key::EMAIL_OTP_CODE, "EMAIL_OTP"),
        };
        let given = present(&request.challenge_responses, name)?;
        let session = self.answered_session(client, request, &request.challenge_name)?;
        let Session {
            mut sign_in,
            awaits: Awaits::Code { code, sets_up, .. },
            ..
        } = session
        else {
            return Err(errors::invalid_session());
        };
        let checks = self.policy.factors.checks_codes;
        if !code.is_some_and(|code| !checks || same_text(&code, given)) {
            return Err(self.after_wrong_code(request, errors::wrong_factor_code()));
        }
        self.sessions.close(request.session.as_deref());
        if let Some(address) = sets_up {
            self.set_up_email(&sign_in.subject.id, &address);
        }
        let is_first = !sign_in.done.password;
        sign_in.done.second_factor = true;
        sign_in.passed(entry);
        if is_first {
            self.lockouts.forget(&sign_in.subject.id);
        }
        let metadata = self.answers_metadata(request);
        self.advance(Turn {
            client,
            sign_in,
            metadata,
        })
    }

    /// An answer with a time-based code.
    pub(in crate::pool) fn answer_software_token(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let given = present(&request.challenge_responses, key::SOFTWARE_TOKEN_MFA_CODE)?;
        let session = self.answered_session(client, request, &ChallengeName::SoftwareTokenMfa)?;
        let mut sign_in = session.sign_in;
        let now = self.now();
        let account = self
            .directory
            .find_mut(&sign_in.subject.id)
            .ok_or_else(errors::invalid_session)?;
        let token = &mut account.software_token;
        let secret = token
            .verified
            .as_deref()
            .ok_or_else(errors::no_software_token)?;
        match software_token::check(secret, given, now, token.used_step) {
            Checked::Right(step) => token.used_step = Some(step),
            Checked::Used => return Err(errors::used_software_code()),
            Checked::Wrong if !self.policy.factors.checks_codes => {}
            Checked::Wrong => {
                return Err(self.after_wrong_code(request, errors::wrong_software_code()));
            }
        }
        self.sessions.close(request.session.as_deref());
        sign_in.done.second_factor = true;
        sign_in.passed("SOFTWARE_TOKEN_MFA");
        let metadata = self.answers_metadata(request);
        self.advance(Turn {
            client,
            sign_in,
            metadata,
        })
    }

    /// The choice of a factor.
    pub(in crate::pool) fn answer_mfa_choice(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let given = present(&request.challenge_responses, key::ANSWER)?;
        let session = self.answered_session(client, request, &ChallengeName::SelectMfaType)?;
        let Awaits::MfaChoice { among } = session.awaits else {
            return Err(errors::invalid_session());
        };
        // The service's documentation prints EMAIL_MFA for what everything else calls EMAIL_OTP.
        let chosen = among
            .iter()
            .find(|method| {
                method.as_str() == given
                    || (**method == MfaMethod::EmailOtp && given == "EMAIL_MFA")
            })
            .copied()
            .ok_or_else(errors::no_such_choice)?;
        self.sessions.close(request.session.as_deref());
        let turn = Turn {
            client,
            sign_in: session.sign_in,
            metadata: self.answers_metadata(request),
        };
        self.ask_for_factor(turn, Factor::One(chosen))
    }

    /// The end of a set-up: the Session that `VerifySoftwareToken` answered with, or an e-mail address to prove (as
    /// amplify-swift and amplify-js do it).
    pub(in crate::pool) fn answer_mfa_setup(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let session = self.answered_session(client, request, &ChallengeName::MfaSetup)?;
        let Awaits::MfaSetup { secret, verified } = session.awaits else {
            return Err(errors::invalid_session());
        };
        let mut sign_in = session.sign_in;
        let email = request.challenge_responses.get(key::EMAIL);
        let offers_email = self.world.pool.offered_mfa().contains(&MfaMethod::EmailOtp);
        let metadata = self.answers_metadata(request);
        if let Some(address) = email.filter(|address| address.contains('@') && offers_email) {
            self.sessions.close(request.session.as_deref());
            let turn = Turn {
                client,
                sign_in,
                metadata,
            };
            let delivery = Delivery::email(address);
            return self.ask_for_code(
                turn,
                ChallengeName::EmailOtp,
                &delivery,
                Some(address.clone()),
            );
        }
        let (Some(secret), Some((step, name))) = (secret, verified) else {
            return Err(errors::invalid_session());
        };
        let account = self
            .directory
            .find_mut(&sign_in.subject.id)
            .ok_or_else(errors::invalid_session)?;
        account.set_up_software_token(secret, step, name);
        account.enable(MfaMethod::SoftwareTokenMfa);
        self.sessions.close(request.session.as_deref());
        sign_in.done.second_factor = true;
        sign_in.passed("SOFTWARE_TOKEN_MFA");
        self.advance(Turn {
            client,
            sign_in,
            metadata,
        })
    }

    /// `AssociateSoftwareToken`.
    pub(in crate::pool) fn associate_software_token(
        &mut self,
        request: &AssociateSoftwareToken,
    ) -> Answer<AssociateSoftwareTokenResponse> {
        let secret = self.random.octets(software_token::SECRET_OCTETS);
        let secret_code = to_text(&secret);
        if let Some(token) = &request.access_token {
            let bearer = self.bearer(token)?;
            if let Some(account) = self.directory.find_mut(&bearer.username) {
                account.software_token.pending = Some(secret);
            }
            return Ok(AssociateSoftwareTokenResponse {
                secret_code,
                session: None,
            });
        }
        let sign_in = self
            .sessions
            .of_set_up(request.session.as_deref(), self.now())?
            .sign_in;
        let client = self.client(&sign_in.client)?;
        self.sessions.close(request.session.as_deref());
        let awaits = Awaits::MfaSetup {
            secret: Some(secret),
            verified: None,
        };
        Ok(AssociateSoftwareTokenResponse {
            secret_code,
            session: Some(self.open_session(&client, sign_in, awaits)),
        })
    }

    /// `VerifySoftwareToken`. A wrong code leaves the Session as it is.
    pub(in crate::pool) fn verify_software_token(
        &mut self,
        request: &VerifySoftwareToken,
    ) -> Answer<VerifySoftwareTokenResponse> {
        let now = self.now();
        let name = request.friendly_device_name.clone();
        let checks = self.policy.factors.checks_set_up_code;
        let step_of =
            |secret: &[u8]| match software_token::check(secret, &request.user_code, now, None) {
                Checked::Right(step) => Ok(step),
                Checked::Wrong if !checks => Ok(step_at(now)),
                Checked::Used | Checked::Wrong => Err(errors::software_token_mismatch()),
            };
        let done = |session| VerifySoftwareTokenResponse {
            status: "SUCCESS".to_owned(),
            session,
        };
        if let Some(token) = &request.access_token {
            let bearer = self.bearer(token)?;
            let account = self
                .directory
                .find_mut(&bearer.username)
                .ok_or_else(errors::no_such_user)?;
            let secret = account
                .software_token
                .pending
                .clone()
                .ok_or_else(errors::no_software_token)?;
            let step = step_of(&secret)?;
            account.set_up_software_token(secret, step, name);
            return Ok(done(None));
        }
        let session = self
            .sessions
            .of_set_up(request.session.as_deref(), self.now())?;
        let Awaits::MfaSetup {
            secret: Some(secret),
            ..
        } = session.awaits
        else {
            return Err(errors::invalid_session());
        };
        let step = step_of(&secret)?;
        let client = self.client(&session.sign_in.client)?;
        self.sessions.close(request.session.as_deref());
        let awaits = Awaits::MfaSetup {
            secret: Some(secret),
            verified: Some((step, name)),
        };
        let session = self.open_session(&client, session.sign_in, awaits);
        Ok(done(Some(session)))
    }

    /// What a wrong code gets. The Session stays as it is (captured).
    fn after_wrong_code(
        &mut self,
        request: &RespondToAuthChallenge,
        error: ServiceError,
    ) -> ServiceError {
        if !self.policy.factors.session_survives_wrong_code {
            self.sessions.void(request.session.as_deref());
        }
        ServiceError::new(self.policy.factors.wrong_code.clone(), error.message)
    }

    /// A list of factors as a parameter: a JSON array inside a string (captured).
    fn list(&self, methods: &[MfaMethod]) -> String {
        if self.policy.factors.lists_are_json {
            return json!(methods).to_string();
        }
        let names: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
        names.join(",")
    }

    fn set_up_email(&mut self, username: &str, address: &str) {
        if let Some(account) = self.directory.find_mut(username) {
            account
                .user
                .attributes
                .insert("email".to_owned(), address.to_owned());
            account
                .user
                .attributes
                .insert("email_verified".to_owned(), "true".to_owned());
            account.enable(MfaMethod::EmailOtp);
        }
    }
}
