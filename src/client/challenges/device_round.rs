//! How a device becomes known, and how it is proved.

use std::borrow::Cow;

use data_encoding::HEXLOWER;

use crate::client::attempt::Pending;
use crate::client::client::Client;
use crate::client::devices::DeviceRecord;
use crate::client::error::{AuthError, InvalidServiceResponse, NO_SIGN_IN};
use crate::client::policy::{
    DevicePassword, Filed, Gone, KeySent, VerifierOctets, VerifierScope, VerifierUser,
};
use crate::client::proof::Prover;
use crate::client::sources::SALT_OCTETS;
use crate::client::transport::Transport;
use crate::srp::{BigUint, Salt, device_verifier_by, signed_bytes, to_base64, to_hex};
use crate::wire::device::{ConfirmDevice, DeviceSecretVerifierConfig};
use crate::wire::message::{NewDeviceMetadata, Parameters};
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, ErrorKind, Operation};

impl<T: Transport> Client<T> {
    /// Answers `DEVICE_SRP_AUTH`, with a key pair of its own. Where the service has forgotten the device meanwhile, there is
    /// nothing left to answer, and the sign-in starts over without it.
    pub(super) async fn start_device(
        &mut self,
        challenge: &Pending,
    ) -> Result<AuthResponse, AuthError> {
        let attempt = self.attempt.as_ref().ok_or(NO_SIGN_IN)?;
        if attempt.device_keys.is_some() || !self.policy.devices.rounds_answered.has(attempt.flow) {
            return Err(InvalidServiceResponse::DeviceAgain.into());
        }
        let record = attempt
            .device
            .as_ref()
            .ok_or(InvalidServiceResponse::DeviceWithoutRecord)?;
        let named = challenge.parameters.get(key::DEVICE_KEY);
        if named.is_some_and(|named| *named != record.key) {
            return Err(InvalidServiceResponse::OtherDevice.into());
        }
        let keys = self.key_pair()?;
        let responses = Parameters::from([(key::SRP_A.to_owned(), to_hex(&keys.a_pub))]);
        let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
        attempt.device_keys = Some(keys);
        let request = self.answer(
            ChallengeName::DeviceSrpAuth,
            self.session_of_device_round(challenge),
            responses,
        )?;
        let answered = self
            .ask(Operation::RespondToAuthChallenge, &request, None)
            .await;
        self.or_start_over(answered, &request.challenge_responses)
            .await
    }

    /// Proves that this is the device: answers `DEVICE_PASSWORD_VERIFIER`.
    pub(super) async fn prove_device(
        &mut self,
        challenge: &Pending,
    ) -> Result<AuthResponse, AuthError> {
        let attempt = self.attempt.as_mut().ok_or(NO_SIGN_IN)?;
        let keys = attempt
            .device_keys
            .clone()
            .ok_or(InvalidServiceResponse::DeviceVerifierWithoutSrp)?;
        if attempt.device_proved {
            return Err(InvalidServiceResponse::DeviceAgain.into());
        }
        attempt.device_proved = true;
        let record = attempt
            .device
            .clone()
            .ok_or(InvalidServiceResponse::DeviceWithoutRecord)?;
        let prover = Prover {
            challenge: ChallengeName::DevicePasswordVerifier,
            a: keys.a,
            scope: record.group_key,
            user: record.key,
            password: record.password,
        };
        let session = self.session_of_device_round(challenge);
        let (request, proof) = self.claim(challenge, session, prover)?;
        let answered = self
            .ask(Operation::RespondToAuthChallenge, &request, Some(&proof))
            .await;
        self.or_start_over(answered, &request.challenge_responses)
            .await
    }

    /// Makes a device that the service has just named known to it. A failure leaves the sign-in as it is (amplify-swift); the
    /// device is not kept then, since nobody could prove it.
    pub(super) async fn confirm_device(
        &mut self,
        access_token: &str,
        typed_name: &str,
        username: &str,
        metadata: &NewDeviceMetadata,
    ) -> Option<String> {
        let (Some(device_key), Some(group_key)) =
            (&metadata.device_key, &metadata.device_group_key)
        else {
            return None;
        };
        let flow = self.attempt.as_ref().map(|attempt| attempt.flow);
        if flow.is_some_and(|flow| !self.policy.devices.confirmed.has(flow)) {
            return Some(device_key.clone());
        }
        let (fresh, salt) = self
            .sources
            .device
            .take()
            .unwrap_or_else(|| self.draw_device());
        let password = match self.policy.devices.password {
            DevicePassword::Fresh => fresh,
            DevicePassword::OfTheAccount => self
                .attempt
                .as_ref()
                .and_then(|attempt| attempt.password.clone())
                .unwrap_or_default(),
        };
        let user = match self.policy.devices.verifier_user {
            VerifierUser::DeviceKey => Cow::from(device_key),
            VerifierUser::UserName => Cow::from(username),
            VerifierUser::DeviceKeyAndBackTick => Cow::from(format!("{device_key}`")),
        };
        let pool_id = &self.settings.user_pool_id;
        let scope = match self.policy.devices.verifier_scope {
            VerifierScope::GroupKey => group_key,
            VerifierScope::Nothing => "",
            VerifierScope::PoolName => pool_id.split_once('_').map_or("", |(_, name)| name),
            VerifierScope::PoolId => pool_id,
        };
        let made = device_verifier_by(&self.policy.dialect, scope, &user, &password, &salt);
        let devices = &self.policy.devices;
        let request = ConfirmDevice {
            access_token: access_token.to_owned(),
            device_key: device_key.clone(),
            device_secret_verifier_config: Some(DeviceSecretVerifierConfig {
                password_verifier: Some(devices.verifier_octets.base64_of(&made.v)),
                salt: Some(devices.salt_octets.base64_of(salt.value())),
            }),
            device_name: Some(DEVICE_NAME.to_owned()),
        };
        let confirmed = self
            .exchange(Operation::ConfirmDevice, &request, None)
            .await;
        if confirmed.is_ok() {
            let owner = match self.policy.devices.filed {
                Filed::UnderInternalName => username.to_owned(),
                Filed::UnderTypedName => typed_name.to_owned(),
                Filed::UnderNoName => String::new(),
            };
            let record = DeviceRecord {
                key: device_key.clone(),
                group_key: group_key.clone(),
                password,
            };
            self.devices
                .keep(&self.settings.user_pool_id, &owner, record);
        }
        Some(device_key.clone())
    }

    /// A password and a salt for a device.
    fn draw_device(&mut self) -> (String, Salt) {
        let mut password = [0_u8; 40];
        (self.sources.random)(&mut password);
        let mut salt = [0_u8; SALT_OCTETS];
        (self.sources.random)(&mut salt);
        (to_base64(&password), Salt::from_bytes(&salt))
    }

    /// Looks for the device of the sign-in again, now that the service has named the user. A name that leads nowhere changes
    /// nothing: the service may call the user by the sub.
    pub(super) fn look_for_device(&mut self) {
        let Some(attempt) = &mut self.attempt else {
            return;
        };
        if attempt.gone.is_some() || self.policy.devices.filed != Filed::UnderInternalName {
            return;
        }
        let found = attempt
            .returned_name
            .as_deref()
            .and_then(|name| self.devices.find(&self.settings.user_pool_id, name));
        if let Some(record) = found {
            attempt.device = Some(record.clone());
        }
    }

    /// Adds `DEVICE_KEY` if there is a device. Without one it is left out.
    pub(super) fn add_device_key(&self, parameters: &mut Parameters, answers: &ChallengeName) {
        let device = self.attempt.as_ref().and_then(|a| a.device.as_ref());
        let is_left_out = self.policy.devices.key_sent == KeySent::NotWithFactors
            && matches!(
                answers,
                ChallengeName::SmsMfa
                    | ChallengeName::EmailOtp
                    | ChallengeName::SmsOtp
                    | ChallengeName::SoftwareTokenMfa
                    | ChallengeName::SelectMfaType
                    | ChallengeName::MfaSetup
            );
        if let Some(device) = device.filter(|_| !is_left_out) {
            parameters.insert(key::DEVICE_KEY.to_owned(), device.key.clone());
        }
    }

    /// Whether the service says that the device which was sent is none; then it is forgotten, and not sent again in this
    /// sign-in, so that nothing is tried more than once more. Other things that are not found (a pool, an app client) have
    /// the same kind and another text.
    pub(in crate::client) fn loses_device(&mut self, sent: &Parameters, error: &AuthError) -> bool {
        let AuthError::Service(error) = error else {
            return false;
        };
        let is_gone = match self.policy.devices.gone {
            Gone::ByItsText => {
                error.kind == ErrorKind::ResourceNotFound && error.message.contains(NO_SUCH_DEVICE)
            }
            Gone::ByItsKind => error.kind == ErrorKind::ResourceNotFound,
            Gone::Never => false,
        };
        let Some(attempt) = &mut self.attempt else {
            return false;
        };
        if !is_gone || !sent.contains_key(key::DEVICE_KEY) {
            return false;
        }
        let Some(device) = attempt.device.take() else {
            return false;
        };
        // Until the service names the user, the typed name may by now be another user's: then it is only the way to the
        // device that is wrong.
        let pool = &self.settings.user_pool_id;
        if let Some(returned) = &attempt.returned_name {
            self.devices.forget(pool, returned, &device.key);
        }
        self.devices.unlink(pool, &attempt.typed_name);
        self.devices.forget(pool, &attempt.typed_name, &device.key);
        self.devices.forget(pool, NO_NAME, &device.key);
        attempt.gone = Some(device.key);
        true
    }

    /// Under which name the device of whoever types `name` is looked for.
    pub(in crate::client) fn filed_under<'a>(&self, name: &'a str) -> &'a str {
        match self.policy.devices.filed {
            Filed::UnderInternalName | Filed::UnderTypedName => name,
            Filed::UnderNoName => NO_NAME,
        }
    }

    async fn or_start_over(
        &mut self,
        answered: Result<AuthResponse, AuthError>,
        sent: &Parameters,
    ) -> Result<AuthResponse, AuthError> {
        match answered {
            Err(error) if self.loses_device(sent, &error) => self.start_over().await,
            other => other,
        }
    }

    fn session_of_device_round(&self, challenge: &Pending) -> Option<String> {
        challenge
            .session
            .clone()
            .filter(|_| self.policy.devices.echoes_session)
    }
}

impl VerifierOctets {
    /// A number as it is sent.
    fn base64_of(self, number: &BigUint) -> String {
        match self {
            Self::Signed => to_base64(&signed_bytes(number)),
            Self::Unsigned => to_base64(&number.to_bytes_be()),
            Self::HexText => to_base64(HEXLOWER.encode(&signed_bytes(number)).as_bytes()),
        }
    }
}

/// The place of a device that is everybody's.
const NO_NAME: &str = "";
/// The whole of the service's text (aws-amplify/amplify-js, `retryOnResourceNotFoundException`).
const NO_SUCH_DEVICE: &str = "Device does not exist.";
const DEVICE_NAME: &str = "cognito-conformance";
