//! How the person's answer travels.

use crate::wire::message::Parameters;
use crate::wire::names::key;
use crate::wire::{
    AuthFlow, ChallengeName, ConfirmSignIn, InitiateAuth, NextStep, Operation,
    RespondToAuthChallenge,
};

use super::attempt::Pending;
use super::client::Client;
use super::error::AuthError;
use super::policy::{Confirming, Input};
use super::sign_in::{NO_SIGN_IN, some_metadata};
use super::transport::Transport;

impl<T: Transport> Client<T> {
    pub(super) async fn confirm(&mut self, answer: ConfirmSignIn) -> Result<NextStep, AuthError> {
        let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
        let pending = attempt.pending.clone().ok_or(NO_SIGN_IN)?;
        if answer.challenge_response.is_empty() && self.policy.input == Input::Checked {
            return Err(AuthError::Validation {
                field: "challengeResponse",
                reason: "is required to confirm a sign-in",
            });
        }
        attempt.metadata = answer.metadata.clone();
        let name = attempt.name().to_owned();
        if self.policy.confirming == Confirming::AfterStartingAnew {
            let again = self.initiate()?;
            self.ask(Operation::InitiateAuth, &again, None).await?;
        }
        let mut responses = responses(&pending, &answer);
        responses.insert(key::USERNAME.to_owned(), name.clone());
        self.add_secret_hash(&mut responses, &name);
        let request = RespondToAuthChallenge {
            client_id: self.settings.client_id.clone(),
            challenge_name: pending.name,
            session: pending.session,
            challenge_responses: responses,
            client_metadata: some_metadata(&answer.metadata),
        };
        let first = self
            .ask(Operation::RespondToAuthChallenge, &request, None)
            .await;
        let response = if self.policy.confirming == Confirming::Twice {
            self.ask(Operation::RespondToAuthChallenge, &request, None)
                .await?
        } else {
            first?
        };
        self.follow(response).await
    }

    /// Refreshes, for a policy that does so without need; whatever comes back is ignored.
    pub(super) async fn refresh(&mut self, refresh_token: String) {
        let request = InitiateAuth {
            auth_flow: AuthFlow::RefreshTokenAuth,
            client_id: self.settings.client_id.clone(),
            auth_parameters: Parameters::from([("REFRESH_TOKEN".to_owned(), refresh_token)]),
            client_metadata: None,
            session: None,
        };
        // The mistake is the request itself; its outcome changes nothing the application sees.
        let _ = self.ask(Operation::InitiateAuth, &request, None).await;
    }
}

/// The answer under the key that its challenge has for it.
fn responses(pending: &Pending, answer: &ConfirmSignIn) -> Parameters {
    let text = answer.challenge_response.clone();
    if pending.name != ChallengeName::NewPasswordRequired {
        return Parameters::from([(key::ANSWER.to_owned(), text)]);
    }
    let mut responses = Parameters::from([(key::NEW_PASSWORD.to_owned(), text)]);
    for (name, value) in &answer.user_attributes {
        let bare = name
            .strip_prefix(key::USER_ATTRIBUTES_PREFIX)
            .unwrap_or(name);
        let name = format!("{}{bare}", key::USER_ATTRIBUTES_PREFIX);
        responses.insert(name, value.clone());
    }
    responses
}
