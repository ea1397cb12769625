//! What an application can call.

use crate::srp::{Salt, parse_hex};
use crate::wire::message::{AuthenticationResult, Parameters};
use crate::wire::{Call, ConfirmSignIn, NextStep, Reply};

use super::client::Client;
use super::error::AuthError;
use super::reply;
use super::sign_in::SignInRequest;
use super::sources::SALT_OCTETS;
use super::transport::Transport;

impl<T: Transport> Client<T> {
    /// Starts a sign-in and follows it until the person is needed, or it ends. What went on before is forgotten.
    ///
    /// # Errors
    /// Any [`AuthError`]; after one there is no sign-in. An unconfirmed user and a password that has to be reset are next
    /// steps and not errors.
    pub async fn sign_in(&mut self, request: SignInRequest) -> Result<NextStep, AuthError> {
        self.attempt = None;
        self.signed_in = None;
        let result = self.start(request).await;
        self.settle(result, false)
    }

    /// Answers the pending challenge, and follows the sign-in further.
    ///
    /// # Errors
    /// Any [`AuthError`]; [`AuthError::InvalidState`] when nothing is pending. After an error that the service reports
    /// about the answer itself (a wrong code, a weak password), or when no answer came, the challenge stays pending.
    pub async fn confirm_sign_in(&mut self, answer: ConfirmSignIn) -> Result<NextStep, AuthError> {
        let result = self.confirm(answer).await;
        self.settle(result, true)
    }

    /// Asks for a code that allows a new password.
    ///
    /// # Errors
    /// Any [`AuthError`].
    pub async fn reset_password(
        &mut self,
        username: &str,
        metadata: &Parameters,
    ) -> Result<NextStep, AuthError> {
        self.forgot_password(username, metadata).await
    }

    /// Sets a new password with the code that was sent.
    ///
    /// # Errors
    /// Any [`AuthError`].
    pub async fn confirm_reset_password(
        &mut self,
        username: &str,
        confirmation_code: &str,
        new_password: &str,
        metadata: &Parameters,
    ) -> Result<(), AuthError> {
        self.confirm_forgot_password(username, confirmation_code, new_password, metadata)
            .await
    }

    /// The tokens of whoever is signed in, refreshed where one of them has under two minutes left or can't be read, or where
    /// that is asked for. `None` where nobody is.
    ///
    /// # Errors
    /// Any [`AuthError`]. The tokens that there were stay.
    pub async fn fetch_auth_session(
        &mut self,
        force_refresh: bool,
        metadata: &Parameters,
    ) -> Result<Option<&AuthenticationResult>, AuthError> {
        self.refresh_where_needed(force_refresh, metadata).await?;
        Ok(self.tokens())
    }

    /// Signs out, `global` everywhere, and gives up a sign-in that is going on. Devices survive it.
    ///
    /// # Errors
    /// Any [`AuthError`] of the service's part. What this client keeps is gone even then.
    pub async fn sign_out(&mut self, global: bool) -> Result<(), AuthError> {
        self.leave(global).await
    }

    /// Has the service remember this device: what `UserConfirmationNecessary` waits for.
    ///
    /// # Errors
    /// Any [`AuthError`]; [`AuthError::InvalidState`] when nobody is signed in, or on no device.
    pub async fn remember_device(&mut self) -> Result<(), AuthError> {
        self.remember().await
    }

    /// Has the service forget this device, or another one of whoever is signed in.
    ///
    /// # Errors
    /// As [`remember_device`](Self::remember_device).
    pub async fn forget_device(&mut self, device_key: Option<&str>) -> Result<(), AuthError> {
        self.forget(device_key).await
    }

    /// Makes a call of the harness. The call's target is not read: it was for whoever made this client. Injected values
    /// replace the client's own from here on.
    pub async fn call(&mut self, call: &Call) -> Reply {
        match call {
            Call::SignIn(call) => {
                for text in &call.inject.a {
                    match parse_hex(text) {
                        Ok(a) => self.sources.private_values.push_back(a),
                        Err(_) => {
                            return reply::step(Err(AuthError::Validation {
                                field: "inject.a",
                                reason: "is not hexadecimal",
                            }));
                        }
                    }
                }
                if let Some(secret) = &call.inject.device_password {
                    match Salt::from_hex(&secret.salt) {
                        Ok(salt) if salt.bytes().len() == SALT_OCTETS => {
                            self.sources.device = Some((secret.password.clone(), salt));
                        }
                        _ => {
                            return reply::step(Err(AuthError::Validation {
                                field: "inject.devicePassword.salt",
                                reason: "is not 16 octets in hexadecimal",
                            }));
                        }
                    }
                }
                if let Some(now) = call.inject.clock {
                    self.sources.clock = Box::new(move || now);
                }
                let request = SignInRequest {
                    username: call.username.clone(),
                    password: call.password.clone(),
                    auth_flow_type: call.auth_flow_type,
                    preferred_challenge: call.preferred_challenge.clone(),
                    metadata: call.metadata.clone(),
                };
                reply::step(self.sign_in(request).await)
            }
            Call::ConfirmSignIn(answer) => reply::step(self.confirm_sign_in(answer.clone()).await),
            Call::ResetPassword(call) => {
                reply::step(self.reset_password(&call.username, &call.metadata).await)
            }
            Call::ConfirmResetPassword(call) => reply::empty(
                self.confirm_reset_password(
                    &call.username,
                    &call.confirmation_code,
                    &call.new_password,
                    &Parameters::new(),
                )
                .await,
            ),
            Call::FetchAuthSession(call) => {
                if let Some(now) = call.clock {
                    self.sources.clock = Box::new(move || now);
                }
                reply::session(
                    self.fetch_auth_session(call.force_refresh, &call.metadata)
                        .await,
                )
            }
            Call::SignOut(call) => reply::empty(self.sign_out(call.global).await),
            Call::RememberDevice => reply::empty(self.remember_device().await),
            Call::ForgetDevice(call) => {
                reply::empty(self.forget_device(call.device_key.as_deref()).await)
            }
            Call::Reset => {
                self.reset();
                Reply::Empty
            }
        }
    }
}
