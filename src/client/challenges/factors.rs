//! How factors are chosen and set up.

use crate::client::attempt::{Asked, Pending};
use crate::client::client::{Client, FIRST_FACTORS};
use crate::client::error::{AuthError, InvalidServiceResponse, NO_SIGN_IN};
use crate::client::exchange::parse;
use crate::client::policy::{Input, SetUpEnds};
use crate::client::transport::Transport;
use crate::srp::to_hex;
use crate::wire::message::{AuthResponse, Parameters};
use crate::wire::names::key;
use crate::wire::token::{
    AssociateSoftwareToken, AssociateSoftwareTokenResponse, VerifySoftwareToken,
    VerifySoftwareTokenResponse,
};
use crate::wire::{ChallengeName, NextStep, Operation};

/// What becomes of an answer.
pub(super) enum Answered {
    /// The service answered it.
    By(AuthResponse),
    /// It needed no request; this is what the person does next.
    Here(NextStep),
}

impl<T: Transport> Client<T> {
    /// The step of `SELECT_MFA_TYPE`.
    pub(super) fn ask_for_mfa(&mut self, pending: &Pending) -> Result<NextStep, AuthError> {
        let allowed = listed(pending, key::MFAS_CAN_CHOOSE)?;
        self.ask_person(Asked::Mfa(allowed.clone()))?;
        Ok(NextStep::ContinueSignInWithMfaSelection { allowed })
    }

    /// The step of `MFA_SETUP`: a code by SMS can't be set up while signing in, of the others one is set up at once.
    pub(super) async fn ask_for_set_up(
        &mut self,
        pending: &Pending,
    ) -> Result<NextStep, AuthError> {
        let listed = listed(pending, key::MFAS_CAN_SETUP)?;
        let allowed: Vec<_> = listed
            .iter()
            .filter(|factor| SET_UP.contains(factor))
            .cloned()
            .collect();
        match allowed.as_slice() {
            [] => Err(InvalidServiceResponse::NothingToSetUp { listed }.into()),
            [only] => self.set_up(only).await,
            _ => {
                self.ask_person(Asked::SetUp(allowed.clone()))?;
                Ok(NextStep::ContinueSignInWithMfaSetupSelection { allowed })
            }
        }
    }

    /// The step of `SELECT_CHALLENGE`.
    pub(super) fn ask_for_first_factor(
        &mut self,
        available: Option<Vec<ChallengeName>>,
    ) -> Result<NextStep, AuthError> {
        let available = available.filter(|available| !available.is_empty()).ok_or(
            InvalidServiceResponse::MissingMember {
                what: "SELECT_CHALLENGE",
                member: "AvailableChallenges",
            },
        )?;
        self.ask_person(Asked::FirstFactor(available.clone()))?;
        Ok(NextStep::ContinueSignInWithFirstFactorSelection { available })
    }

    /// Remembers what the person is asked, where the challenge alone does not tell.
    pub(super) fn ask_person(&mut self, asked: Asked) -> Result<(), AuthError> {
        self.attempt.as_mut().ok_or(NO_SIGN_IN)?.asked = asked;
        Ok(())
    }

    /// The choice of a second factor to set up. The service is not told of it.
    pub(super) async fn choose_set_up(
        &mut self,
        among: &[ChallengeName],
        text: &str,
    ) -> Result<Answered, AuthError> {
        let chosen = self.chosen(among, text)?;
        Ok(Answered::Here(self.set_up(&chosen).await?))
    }

    /// A code that was made with the new secret: shows it, and finishes `MFA_SETUP` with the Session that comes back. Once
    /// the code has been taken, only the second is left to do.
    pub(super) async fn verify_software_token(
        &mut self,
        session: String,
        verified: Option<String>,
        text: &str,
    ) -> Result<Answered, AuthError> {
        let verified = match verified {
            Some(verified) => verified,
            None => self.show_code(session.clone(), text).await?,
        };
        self.ask_person(Asked::SoftwareToken {
            session,
            verified: Some(verified.clone()),
        })?;
        if self.policy.factors.set_up_ends == SetUpEnds::WithCode {
            return Ok(Answered::Here(NextStep::Done));
        }
        let request = self.answer(ChallengeName::MfaSetup, Some(verified), Parameters::new())?;
        Ok(Answered::By(self.send_answer(request).await?))
    }

    /// The choice of a first factor. A password is asked for first, without a request (amplify-swift).
    pub(super) async fn choose_first_factor(
        &mut self,
        pending: &Pending,
        among: &[ChallengeName],
        text: &str,
    ) -> Result<Answered, AuthError> {
        let chosen = self.chosen(among, text)?;
        if !FIRST_FACTORS.contains(&chosen) {
            return Err(AuthError::Validation {
                field: "challengeResponse",
                reason: "is a first factor that this client does not have",
            });
        }
        if matches!(chosen, ChallengeName::Password | ChallengeName::PasswordSrp) {
            self.ask_person(Asked::Password(chosen))?;
            return Ok(Answered::Here(NextStep::ConfirmSignInWithPassword));
        }
        let responses = Parameters::from([(key::ANSWER.to_owned(), chosen.as_str().to_owned())]);
        let request = self.answer(pending.name.clone(), pending.session.clone(), responses)?;
        Ok(Answered::By(self.send_answer(request).await?))
    }

    /// The password that was chosen as first factor: sent as it is, or `SRP_A` in its place.
    pub(super) async fn give_password(
        &mut self,
        pending: &Pending,
        chosen: &ChallengeName,
        text: &str,
    ) -> Result<Answered, AuthError> {
        let mut responses = Parameters::new();
        if pending.name == ChallengeName::SelectChallenge {
            responses.insert(key::ANSWER.to_owned(), chosen.as_str().to_owned());
        }
        if *chosen == ChallengeName::PasswordSrp {
            let keys = self.key_pair()?;
            responses.insert(key::SRP_A.to_owned(), to_hex(&keys.a_pub));
            let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
            attempt.keys = Some(keys);
            attempt.proved = false;
        } else {
            responses.insert(key::PASSWORD.to_owned(), text.to_owned());
        }
        let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
        attempt.password = Some(text.to_owned());
        let request = self.answer(pending.name.clone(), pending.session.clone(), responses)?;
        Ok(Answered::By(self.send_answer(request).await?))
    }

    /// What the person chose, by the service's name of it.
    pub(super) fn chosen(
        &self,
        among: &[ChallengeName],
        text: &str,
    ) -> Result<ChallengeName, AuthError> {
        let chosen = ChallengeName::from(text);
        if self.policy.input == Input::Checked && !among.contains(&chosen) {
            return Err(AuthError::Validation {
                field: "challengeResponse",
                reason: "is none of the factors to choose among",
            });
        }
        Ok(chosen)
    }

    async fn set_up(&mut self, factor: &ChallengeName) -> Result<NextStep, AuthError> {
        if *factor == ChallengeName::EmailOtp {
            self.ask_person(Asked::EmailAddress)?;
            return Ok(NextStep::ContinueSignInWithEmailSetup);
        }
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        let request = AssociateSoftwareToken {
            access_token: None,
            session: attempt
                .pending
                .as_ref()
                .and_then(|pending| pending.session.clone()),
        };
        let response = self
            .exchange(Operation::AssociateSoftwareToken, &request, None)
            .await?;
        let answer: AssociateSoftwareTokenResponse = parse(&response)?;
        let missing = |member| InvalidServiceResponse::MissingMember {
            what: "AssociateSoftwareToken",
            member,
        };
        if answer.secret_code.is_empty() {
            return Err(missing("SecretCode").into());
        }
        let session = answer.session.ok_or(missing("Session"))?;
        self.came(&session);
        self.ask_person(Asked::SoftwareToken {
            session,
            verified: None,
        })?;
        Ok(NextStep::ContinueSignInWithTotpSetup {
            shared_secret: answer.secret_code,
        })
    }

    async fn show_code(&mut self, session: String, text: &str) -> Result<String, AuthError> {
        let request = VerifySoftwareToken {
            session: Some(session),
            user_code: text.to_owned(),
            ..VerifySoftwareToken::default()
        };
        let response = self
            .exchange(Operation::VerifySoftwareToken, &request, None)
            .await?;
        let answer: VerifySoftwareTokenResponse = parse(&response)?;
        if answer.status != "SUCCESS" {
            return Err(InvalidServiceResponse::SoftwareTokenNotVerified.into());
        }
        let session = answer
            .session
            .ok_or(InvalidServiceResponse::MissingMember {
                what: "VerifySoftwareToken",
                member: "Session",
            })?;
        self.came(&session);
        Ok(session)
    }

    fn came(&mut self, session: &str) {
        if let Some(attempt) = &mut self.attempt {
            attempt.sessions.push(session.to_owned());
        }
    }
}

/// The factors that a parameter lists: a JSON array inside a string.
fn listed(
    pending: &Pending,
    parameter: &'static str,
) -> Result<Vec<ChallengeName>, InvalidServiceResponse> {
    let missing = || InvalidServiceResponse::MissingParameter {
        challenge: pending.name.clone(),
        parameter,
    };
    let text = pending.parameters.get(parameter).ok_or_else(missing)?;
    let listed: Vec<ChallengeName> = serde_json::from_str(text)
        .map_err(|_| InvalidServiceResponse::MalformedList { parameter })?;
    if listed.is_empty() {
        return Err(InvalidServiceResponse::NothingToChoose { parameter });
    }
    Ok(listed)
}

/// What can be set up while signing in.
const SET_UP: [ChallengeName; 2] = [ChallengeName::SoftwareTokenMfa, ChallengeName::EmailOtp];
