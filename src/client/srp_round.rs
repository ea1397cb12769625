//! How PASSWORD_VERIFIER is answered.

use std::borrow::Cow;

use data_encoding::BASE64;
use num_traits::Zero as _;

use crate::srp::{
    BigUint, Dialect, IntegerError, Salt, SrpError, Timestamp, parse_base64, parse_hex,
};
use crate::wire::message::Parameters;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Operation, RespondToAuthChallenge};

use super::attempt::Pending;
use super::client::Client;
use super::error::{AuthError, InvalidServiceResponse};
use super::policy::{IllegalB, OddHex, SecretBlock};
use super::proof::Proof;
use super::sign_in::{NO_SIGN_IN, some_metadata};
use super::transport::Transport;

impl<T: Transport> Client<T> {
    /// Proves the password: makes the claim now, with the time of now, and sends it.
    pub(super) async fn prove(&mut self, challenge: &Pending) -> Result<AuthResponse, AuthError> {
        let proof = self.proof(&challenge.parameters)?;
        let dialect = self.checked_dialect(&proof.b_pub)?;
        let claim = proof.claim(&dialect)?;
        let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
        attempt.proved = true;
        let name = attempt.name().to_owned();
        let metadata = some_metadata(&attempt.metadata);
        let block = parameter(&challenge.parameters, key::SECRET_BLOCK)?;
        let mut responses = Parameters::from([
            (key::USERNAME.to_owned(), name.clone()),
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
        self.add_secret_hash(&mut responses, &name);
        let request = RespondToAuthChallenge {
            client_id: self.settings.client_id.clone(),
            challenge_name: ChallengeName::PasswordVerifier,
            session: challenge.session.clone(),
            challenge_responses: responses,
            client_metadata: metadata,
        };
        self.ask(Operation::RespondToAuthChallenge, &request, Some(&proof))
            .await
    }

    fn proof(&mut self, parameters: &Parameters) -> Result<Proof, AuthError> {
        let signed_at = (self.sources.clock)();
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        let keys = attempt
            .keys
            .as_ref()
            .ok_or(InvalidServiceResponse::VerifierWithoutSrp)?;
        if attempt.proved {
            return Err(InvalidServiceResponse::VerifierAgain.into());
        }
        let user = parameters
            .get(key::USER_ID_FOR_SRP)
            .map_or_else(|| attempt.name(), String::as_str);
        let odd_hex = self.policy.odd_hex;
        let salt = number(parameters, key::SALT, odd_hex, Salt::from_hex)?;
        let b_pub = number(parameters, key::SRP_B, odd_hex, parse_hex)?;
        let block = parameter(parameters, key::SECRET_BLOCK)?;
        let secret_block = match parse_base64(block) {
            Ok(octets) => octets,
            Err(_) if self.policy.secret_block == SecretBlock::Lenient => decode_leniently(block),
            Err(error) => return Err(InvalidServiceResponse::MalformedSecretBlock(error).into()),
        };
        Ok(Proof {
            scope: self.pool_name.clone(),
            user: user.to_owned(),
            password: attempt.password.clone().unwrap_or_default(),
            a: keys.a.clone(),
            b_pub,
            salt,
            claim_scope: self.pool_name.clone(),
            claim_user: user.to_owned(),
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
    name: &'static str,
) -> Result<&'a str, InvalidServiceResponse> {
    match parameters.get(name) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(InvalidServiceResponse::MissingParameter {
            challenge: ChallengeName::PasswordVerifier,
            parameter: name,
        }),
    }
}

fn number<N>(
    parameters: &Parameters,
    name: &'static str,
    odd_hex: OddHex,
    read: impl FnOnce(&str) -> Result<N, IntegerError>,
) -> Result<N, InvalidServiceResponse> {
    let malformed = |reason| InvalidServiceResponse::MalformedNumber {
        parameter: name,
        reason,
    };
    let text = parameter(parameters, name)?;
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
