//! How a challenge that asks for a claim is answered: PASSWORD_VERIFIER, and the device's.

use std::borrow::Cow;

use data_encoding::BASE64;
use num_traits::Zero as _;

use crate::client::attempt::Pending;
use crate::client::client::Client;
use crate::client::error::{AuthError, InvalidServiceResponse, NO_SIGN_IN};
use crate::client::policy::{IllegalB, OddHex, SecretBlock};
use crate::client::proof::{Proof, Prover};
use crate::client::transport::Transport;
use crate::srp::{
    BigUint, Dialect, IntegerError, Salt, SrpError, Timestamp, parse_base64, parse_hex,
};
use crate::wire::message::Parameters;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Operation, RespondToAuthChallenge};

impl<T: Transport> Client<T> {
    /// Proves the password: makes the claim now, with the time of now, and sends it. Where the service has forgotten the
    /// device, the claim is made again, and the same challenge is answered once more without it.
    pub(super) async fn prove(&mut self, challenge: &Pending) -> Result<AuthResponse, AuthError> {
        let (request, proof) = self.claim_of_user(challenge)?;
        self.attempt.as_mut().ok_or(NO_SIGN_IN)?.proved = true;
        let answered = self
            .ask(Operation::RespondToAuthChallenge, &request, Some(&proof))
            .await;
        match answered {
            Err(error) if self.loses_device(&request.challenge_responses, &error) => {
                self.attempt.as_mut().ok_or(NO_SIGN_IN)?.proved = false;
                let (request, proof) = self.claim_of_user(challenge)?;
                self.attempt.as_mut().ok_or(NO_SIGN_IN)?.proved = true;
                self.ask(Operation::RespondToAuthChallenge, &request, Some(&proof))
                    .await
            }
            other => other,
        }
    }

    /// The answer to a challenge that asks for a claim, and what the claim is made of.
    pub(super) fn claim(
        &mut self,
        challenge: &Pending,
        session: Option<String>,
        prover: Prover,
    ) -> Result<(RespondToAuthChallenge, Proof), AuthError> {
        let name = prover.challenge.clone();
        let proof = self.proof(&challenge.parameters, prover)?;
        let dialect = self.checked_dialect(&proof.b_pub)?;
        let claim = proof.claim(&dialect)?;
        let block = parameter(&challenge.parameters, &name, key::SECRET_BLOCK)?;
        let responses = Parameters::from([
            (
                key::PASSWORD_CLAIM_SECRET_BLOCK.to_owned(),
                block.to_owned(),
            ),
            (
                key::PASSWORD_CLAIM_SIGNATURE.to_owned(),
                claim.signature_b64(),
            ),
            (key::TIMESTAMP.to_owned(), proof.timestamp.clone()),
        ]);
        let request = self.answer(name, session, responses)?;
        Ok((request, proof))
    }

    fn claim_of_user(
        &mut self,
        challenge: &Pending,
    ) -> Result<(RespondToAuthChallenge, Proof), AuthError> {
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        let keys = attempt
            .keys
            .as_ref()
            .ok_or(InvalidServiceResponse::VerifierWithoutSrp)?;
        if attempt.proved {
            return Err(InvalidServiceResponse::VerifierAgain.into());
        }
        let user = challenge
            .parameters
            .get(key::USER_ID_FOR_SRP)
            .map_or_else(|| attempt.name(), String::as_str);
        let prover = Prover {
            challenge: ChallengeName::PasswordVerifier,
            a: keys.a.clone(),
            scope: self.pool_name.clone(),
            user: user.to_owned(),
            password: attempt.password.clone().unwrap_or_default(),
        };
        self.claim(challenge, challenge.session.clone(), prover)
    }

    fn proof(&mut self, parameters: &Parameters, prover: Prover) -> Result<Proof, AuthError> {
        let signed_at = (self.sources.clock)();
        let (odd_hex, name) = (self.policy.odd_hex, &prover.challenge);
        let salt = number(parameters, name, key::SALT, odd_hex, Salt::from_hex)?;
        let b_pub = number(parameters, name, key::SRP_B, odd_hex, parse_hex)?;
        let block = parameter(parameters, name, key::SECRET_BLOCK)?;
        let secret_block = match parse_base64(block) {
            Ok(octets) => octets,
            Err(_) if self.policy.secret_block == SecretBlock::Lenient => decode_leniently(block),
            Err(error) => return Err(InvalidServiceResponse::MalformedSecretBlock(error).into()),
        };
        Ok(Proof {
            scope: prover.scope.clone(),
            user: prover.user.clone(),
            password: prover.password,
            a: prover.a,
            b_pub,
            salt,
            claim_scope: prover.scope,
            claim_user: prover.user,
            secret_block,
            timestamp: Timestamp::from_unix(signed_at).as_str().to_owned(),
            signed_at,
        })
    }

    /// The dialect, whose refusal of B the policy may have weakened.
    fn checked_dialect(&self, b_pub: &BigUint) -> Result<Cow<'_, Dialect>, SrpError> {
        let refuses = match self.policy.illegal_b {
            IllegalB::Refused => return Ok(Cow::Borrowed(&self.policy.dialect)),
            IllegalB::OnlyZeroRefused => b_pub.is_zero(),
            IllegalB::Used => false,
        };
        if refuses {
            return Err(SrpError::IllegalB {
                quotient: BigUint::ZERO,
            });
        }
        let mut dialect = self.policy.dialect.clone();
        dialect.checks.b_zero = false;
        Ok(Cow::Owned(dialect))
    }
}

fn parameter<'a>(
    parameters: &'a Parameters,
    challenge: &ChallengeName,
    name: &'static str,
) -> Result<&'a str, InvalidServiceResponse> {
    match parameters.get(name) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(InvalidServiceResponse::MissingParameter {
            challenge: challenge.clone(),
            parameter: name,
        }),
    }
}

fn number<N>(
    parameters: &Parameters,
    challenge: &ChallengeName,
    name: &'static str,
    odd_hex: OddHex,
    read: impl FnOnce(&str) -> Result<N, IntegerError>,
) -> Result<N, InvalidServiceResponse> {
    let malformed = |reason| InvalidServiceResponse::MalformedNumber {
        parameter: name,
        reason,
    };
    let text = parameter(parameters, challenge, name)?;
    if odd_hex == OddHex::Refused && text.len() % 2 == 1 {
        let position = text.len();
        return Err(malformed(IntegerError::NotHex { position }));
    }
    read(text).map_err(malformed)
}

/// Drops what is no base64 digit, and what does not fill an octet.
fn decode_leniently(text: &str) -> Vec<u8> {
    let mut digits: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'))
        .collect();
    digits.truncate(digits.len() / 4 * 4);
    BASE64.decode(digits.as_bytes()).unwrap_or_default()
}
