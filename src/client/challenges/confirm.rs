//! How the person's answer travels.

use super::factors::Answered;
use crate::client::attempt::{Asked, Pending};
use crate::client::client::Client;
use crate::client::error::{AuthError, NO_SIGN_IN};
use crate::client::exchange::some_metadata;
use crate::client::policy::{Confirming, Input};
use crate::client::transport::Transport;
use crate::wire::message::Parameters;
use crate::wire::names::key;
use crate::wire::{
    AuthFlow, AuthResponse, ChallengeName, ConfirmSignIn, InitiateAuth, NextStep, Operation,
    RespondToAuthChallenge,
};

impl<T: Transport> Client<T> {
    /// Answers what is pending, and follows what comes.
    pub(in crate::client) async fn confirm(
        &mut self,
        answer: ConfirmSignIn,
    ) -> Result<NextStep, AuthError> {
        let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
        let pending = attempt.pending.clone().ok_or(NO_SIGN_IN)?;
        if answer.challenge_response.is_empty() && self.policy.input == Input::Checked {
            return Err(AuthError::Validation {
                field: "challengeResponse",
                reason: "is required to confirm a sign-in",
            });
        }
        attempt.metadata = answer.metadata.clone();
        let asked = attempt.asked.clone();
        let text = answer.challenge_response.as_str();
        let answered = match asked {
            Asked::AsTheChallengeSays => self.reply(&pending, &answer).await?,
            Asked::Mfa(among) => {
                self.chosen(&among, text)?;
                self.reply(&pending, &answer).await?
            }
            Asked::SetUp(among) => self.choose_set_up(&among, text).await?,
            Asked::EmailAddress => self.reply(&pending, &answer).await?,
            Asked::SoftwareToken { session, verified } => {
                self.verify_software_token(session, verified, text).await?
            }
            Asked::FirstFactor(among) => self.choose_first_factor(&pending, &among, text).await?,
            Asked::Password(chosen) => self.give_password(&pending, &chosen, text).await?,
        };
        match answered {
            Answered::By(response) => self.follow(response).await,
            Answered::Here(step) => Ok(step),
        }
    }

    /// An answer to the pending challenge as it is: the name, the hash over it, the device, the metadata of the call.
    pub(super) fn answer(
        &self,
        challenge: ChallengeName,
        session: Option<String>,
        mut responses: Parameters,
    ) -> Result<RespondToAuthChallenge, AuthError> {
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        let name = attempt.name();
        responses.insert(key::USERNAME.to_owned(), name.to_owned());
        self.add_secret_hash(&mut responses, name);
        self.add_device_key(&mut responses, &challenge);
        Ok(RespondToAuthChallenge {
            client_id: self.settings.client_id.clone(),
            challenge_name: challenge,
            session,
            challenge_responses: responses,
            client_metadata: some_metadata(&attempt.metadata),
        })
    }

    /// Sends an answer; and, where the service has forgotten the device, once more without it.
    pub(super) async fn send_answer(
        &mut self,
        mut request: RespondToAuthChallenge,
    ) -> Result<AuthResponse, AuthError> {
        let answered = self
            .ask(Operation::RespondToAuthChallenge, &request, None)
            .await;
        match answered {
            Err(error) if self.loses_device(&request.challenge_responses, &error) => {
                request.challenge_responses.remove(key::DEVICE_KEY);
                self.ask(Operation::RespondToAuthChallenge, &request, None)
                    .await
            }
            other => other,
        }
    }

    async fn reply(
        &mut self,
        pending: &Pending,
        answer: &ConfirmSignIn,
    ) -> Result<Answered, AuthError> {
        // The name before another first request: what comes back to that is not followed.
        let request = self.answer(
            pending.name.clone(),
            pending.session.clone(),
            responses(pending, answer),
        )?;
        if self.policy.confirming == Confirming::AfterStartingAnew {
            let again = self.initiate()?;
            self.ask(Operation::InitiateAuth, &again, None).await?;
        }
        let first = self.send_answer(request.clone()).await;
        let response = if self.policy.confirming == Confirming::Twice {
            self.ask(Operation::RespondToAuthChallenge, &request, None)
                .await?
        } else {
            first?
        };
        if pending.name == ChallengeName::NewPasswordRequired
            && let Some(attempt) = &mut self.attempt
        {
            // Should the sign-in have to start over, the old one is no good any more.
            attempt.password = Some(answer.challenge_response.clone());
        }
        Ok(Answered::By(response))
    }

    /// Refreshes, for a policy that does so without need; whatever comes back is ignored.
    pub(super) async fn refresh(&mut self, refresh_token: String) {
        let request = InitiateAuth {
            auth_flow: AuthFlow::RefreshTokenAuth,
            client_id: self.settings.client_id.clone(),
            auth_parameters: Parameters::from([(key::REFRESH_TOKEN.to_owned(), refresh_token)]),
            client_metadata: None,
            session: None,
        };
        // The mistake is the request itself; its outcome changes nothing the application sees.
        let _ = self.ask(Operation::InitiateAuth, &request, None).await;
    }
}

/// The answer under the key that its challenge has for it.
fn responses(pending: &Pending, answer: &ConfirmSignIn) -> Parameters {
    let name = match pending.name {
        ChallengeName::NewPasswordRequired => key::NEW_PASSWORD,
        ChallengeName::SmsMfa => key::SMS_MFA_CODE,
        ChallengeName::SmsOtp => key::SMS_OTP_CODE,
        ChallengeName::EmailOtp => key::EMAIL_OTP_CODE,
        ChallengeName::SoftwareTokenMfa => key::SOFTWARE_TOKEN_MFA_CODE,
        ChallengeName::MfaSetup => key::EMAIL,
        _ => key::ANSWER,
    };
    let mut responses = Parameters::from([(name.to_owned(), answer.challenge_response.clone())]);
    if pending.name == ChallengeName::NewPasswordRequired {
        for (name, value) in &answer.user_attributes {
            let bare = name
                .strip_prefix(key::USER_ATTRIBUTES_PREFIX)
                .unwrap_or(name);
            let name = format!("{}{bare}", key::USER_ATTRIBUTES_PREFIX);
            responses.insert(name, value.clone());
        }
    }
    responses
}
