//! What an answer of the service means.

use crate::client::attempt::{Asked, Pending};
use crate::client::client::{Client, SignedIn};
use crate::client::error::{AuthError, InvalidServiceResponse, NO_SIGN_IN};
use crate::client::jwt;
use crate::client::policy::{AfterWrongCode, Filed, Rounds, TokensNeeded, UnknownChallenge};
use crate::client::transport::Transport;
use crate::wire::message::{AuthResponse, AuthenticationResult, Parameters};
use crate::wire::names::key;
use crate::wire::{ChallengeName, CodeDelivery, ErrorKind, NextStep};

impl<T: Transport> Client<T> {
    /// Follows a sign-in from an answer until the person is needed or it is done.
    pub(in crate::client) async fn follow(
        &mut self,
        mut response: AuthResponse,
    ) -> Result<NextStep, AuthError> {
        loop {
            if let Some(tokens) = complete(&response, self.policy.tokens_needed) {
                return self.finish(tokens).await;
            }
            let Some(name) = response.challenge_name.take() else {
                return Err(unfinished(response.authentication_result.as_ref()).into());
            };
            let pending = Pending {
                name,
                parameters: response.challenge_parameters.take().unwrap_or_default(),
                session: response.session.take(),
            };
            let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
            let returned = pending
                .parameters
                .get(key::USERNAME)
                .or_else(|| pending.parameters.get(key::USER_ID_FOR_SRP));
            if let Some(name) = returned {
                attempt.returned_name = Some(name.clone());
            }
            attempt.asked = Asked::AsTheChallengeSays;
            let before = attempt.pending.replace(pending.clone());
            let before = before.map(|before| before.name);
            if self.policy.factors.lacks(&pending.name, before.as_ref()) {
                return Err(unsupported(pending.name));
            }
            let after_custom = before == Some(ChallengeName::CustomChallenge);
            self.look_for_device();
            match pending.name {
                ChallengeName::PasswordVerifier => response = self.prove(&pending).await?,
                ChallengeName::CustomChallenge => {
                    if after_custom && self.policy.rounds == Rounds::One {
                        return Err(unsupported(pending.name));
                    }
                    self.attempt.as_mut().ok_or(NO_SIGN_IN)?.custom_rounds += 1;
                    return Ok(custom(pending.parameters));
                }
                ChallengeName::NewPasswordRequired => return new_password(&pending.parameters),
                ChallengeName::SmsMfa | ChallengeName::SmsOtp => {
                    return Ok(NextStep::ConfirmSignInWithSmsCode {
                        delivery: CodeDelivery::of(&pending.parameters),
                    });
                }
                ChallengeName::EmailOtp => {
                    return Ok(NextStep::ConfirmSignInWithEmailCode {
                        delivery: CodeDelivery::of(&pending.parameters),
                    });
                }
                ChallengeName::SoftwareTokenMfa => return Ok(NextStep::ConfirmSignInWithTotpCode),
                ChallengeName::SelectMfaType => return self.ask_for_mfa(&pending),
                ChallengeName::MfaSetup => return self.ask_for_set_up(&pending).await,
                ChallengeName::SelectChallenge => {
                    return self.ask_for_first_factor(response.available_challenges.take());
                }
                ChallengeName::Password | ChallengeName::PasswordSrp => {
                    self.ask_person(Asked::Password(pending.name))?;
                    return Ok(NextStep::ConfirmSignInWithPassword);
                }
                ChallengeName::DeviceSrpAuth => response = self.start_device(&pending).await?,
                ChallengeName::DevicePasswordVerifier => {
                    response = self.prove_device(&pending).await?;
                }
                other @ (ChallengeName::AdminNoSrpAuth
                | ChallengeName::WebAuthn
                | ChallengeName::Other(_)) => {
                    return match self.policy.unknown_challenge {
                        UnknownChallenge::Refused => Err(unsupported(other)),
                        UnknownChallenge::TakenForCustom => Ok(custom(pending.parameters)),
                        UnknownChallenge::TakenForDone => Ok(NextStep::Done),
                    };
                }
            }
        }
    }

    /// Ends a call: decides what becomes of the sign-in, and turns two errors into next steps.
    pub(in crate::client) fn settle(
        &mut self,
        result: Result<NextStep, AuthError>,
        answering: bool,
    ) -> Result<NextStep, AuthError> {
        let (result, goes_on) = match result {
            Ok(step) => {
                let goes_on = step.awaits_answer();
                (Ok(step), goes_on)
            }
            Err(AuthError::Service(error)) if error.kind == ErrorKind::UserNotConfirmed => {
                (Ok(NextStep::ConfirmSignUp), false)
            }
            Err(AuthError::Service(error)) if error.kind == ErrorKind::PasswordResetRequired => {
                (Ok(NextStep::ResetPassword), false)
            }
            Err(error) => {
                let goes_on = answering && self.may_be_answered_again(&error);
                if goes_on && matches!(error, AuthError::Service(_)) {
                    self.keep_session_or_not();
                }
                (Err(error), goes_on)
            }
        };
        if !goes_on {
            self.attempt = None;
        }
        result
    }

    async fn finish(&mut self, tokens: AuthenticationResult) -> Result<NextStep, AuthError> {
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        if !self.policy.tokens_may_follow_the_proof
            && attempt.flow.is_custom()
            && attempt.proved
            && attempt.custom_rounds == 0
        {
            return Err(InvalidServiceResponse::NoSignInInformation.into());
        }
        let refresh = self.policy.refreshes_at_once;
        let refresh_token = tokens.refresh_token.clone().unwrap_or_default();
        self.settle_in(tokens).await?;
        if refresh {
            self.refresh(refresh_token).await;
        }
        Ok(NextStep::Done)
    }

    /// Takes over the tokens, and what they tell: who signed in, on which device.
    async fn settle_in(&mut self, tokens: AuthenticationResult) -> Result<(), AuthError> {
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        let typed_name = attempt.typed_name.clone();
        let returned_name = attempt.returned_name.clone();
        let access_token = tokens.access_token.clone().unwrap_or_default();
        // No challenge names the user of a password sign-in; the access token always does.
        let username = jwt::username(&access_token).unwrap_or_else(|| attempt.name().to_owned());
        let mut device_key = attempt.device.as_ref().map(|device| device.key.clone());
        let pool = self.settings.user_pool_id.clone();
        if let Some(gone) = &attempt.gone {
            self.devices.forget(&pool, &username, gone);
        }
        if self.policy.devices.filed == Filed::UnderInternalName {
            for name in returned_name.iter().chain([&typed_name]) {
                self.devices.link(&pool, name, &username);
            }
        }
        if let Some(metadata) = &tokens.new_device_metadata {
            let new = self
                .confirm_device(&access_token, &typed_name, &username, metadata)
                .await;
            device_key = new.or(device_key);
        }
        self.signed_in = Some(SignedIn {
            tokens,
            typed_name,
            username,
            device_key,
        });
        Ok(())
    }

    /// After a wrong code, the Session stays what it was.
    fn keep_session_or_not(&mut self) {
        if self.policy.factors.after_wrong_code == AfterWrongCode::LosesSession
            && let Some(pending) = self.attempt.as_mut().and_then(|a| a.pending.as_mut())
            && pending.name.is_code()
        {
            pending.session = None;
        }
    }

    /// Whether the service judged the answer and not the sign-in, or said nothing at all, so that the same challenge can be
    /// answered again with the same Session (six wrong codes in a row, captured).
    fn may_be_answered_again(&self, error: &AuthError) -> bool {
        let Some(pending) = self.attempt.as_ref().and_then(|a| a.pending.as_ref()) else {
            return false;
        };
        let for_the_person = matches!(
            pending.name,
            ChallengeName::CustomChallenge | ChallengeName::NewPasswordRequired
        );
        let about_factors = matches!(
            pending.name,
            ChallengeName::SmsMfa
                | ChallengeName::SmsOtp
                | ChallengeName::EmailOtp
                | ChallengeName::SoftwareTokenMfa
                | ChallengeName::SelectMfaType
                | ChallengeName::MfaSetup
                | ChallengeName::SelectChallenge
                | ChallengeName::Password
                | ChallengeName::PasswordSrp
        );
        let is_over = self.policy.factors.after_wrong_code == AfterWrongCode::EndsSignIn;
        if is_over && about_factors && matches!(error, AuthError::Service(_)) {
            return false;
        }
        let about_the_answer = match error {
            AuthError::Validation { .. } | AuthError::Network(_) => true,
            AuthError::Service(error) => {
                ABOUT_THE_ANSWER.contains(&error.kind)
                    || (about_factors && ABOUT_A_CODE.contains(&error.kind))
            }
            _ => false,
        };
        (for_the_person || about_factors) && about_the_answer
    }
}

fn complete(response: &AuthResponse, needed: TokensNeeded) -> Option<AuthenticationResult> {
    match needed {
        TokensNeeded::AllThree => response
            .authentication_result
            .clone()
            .filter(AuthenticationResult::is_complete),
        TokensNeeded::None if response.challenge_name.is_none() => {
            Some(response.authentication_result.clone().unwrap_or_default())
        }
        TokensNeeded::None => None,
    }
}

fn unfinished(tokens: Option<&AuthenticationResult>) -> InvalidServiceResponse {
    let Some(tokens) = tokens else {
        return InvalidServiceResponse::NoSignInInformation;
    };
    let missing = [
        ("AccessToken", tokens.access_token.is_none()),
        ("IdToken", tokens.id_token.is_none()),
        ("RefreshToken", tokens.refresh_token.is_none()),
    ];
    InvalidServiceResponse::IncompleteTokens {
        missing: missing
            .into_iter()
            .filter_map(|(name, is_missing)| is_missing.then_some(name))
            .collect(),
    }
}

fn custom(parameters: Parameters) -> NextStep {
    NextStep::ConfirmSignInWithCustomChallenge { parameters }
}

/// Attributes come as a JSON array inside a string, each with a prefix that applications don't want to see.
fn new_password(parameters: &Parameters) -> Result<NextStep, AuthError> {
    let missing_attributes = match parameters.get(key::REQUIRED_ATTRIBUTES) {
        None => Vec::new(),
        Some(text) => serde_json::from_str::<Vec<String>>(text)
            .map_err(|_| InvalidServiceResponse::MalformedList {
                parameter: key::REQUIRED_ATTRIBUTES,
            })?
            .into_iter()
            .map(
                |name| match name.strip_prefix(key::USER_ATTRIBUTES_PREFIX) {
                    Some(bare) => bare.to_owned(),
                    None => name,
                },
            )
            .collect(),
    };
    Ok(NextStep::ConfirmSignInWithNewPassword { missing_attributes })
}

fn unsupported(name: ChallengeName) -> AuthError {
    InvalidServiceResponse::UnsupportedChallenge { name }.into()
}

/// Errors after which a challenge can be answered again.
const ABOUT_THE_ANSWER: &[ErrorKind] = &[
    ErrorKind::CodeMismatch,
    ErrorKind::InvalidPassword,
    ErrorKind::PasswordHistoryPolicyViolation,
    ErrorKind::InvalidParameter,
    ErrorKind::TooManyRequests,
    ErrorKind::InternalError,
];
/// Errors after which another code can be given: a time-based one that was used before, or one that is wrong at the set-up.
const ABOUT_A_CODE: &[ErrorKind] = &[ErrorKind::ExpiredCode, ErrorKind::EnableSoftwareTokenMFA];
