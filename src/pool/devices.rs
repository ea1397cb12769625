//! Devices: how one is named in a sign-in, how it is proved, and what its user can do with it (developer guide, working with
//! user devices).

use serde_json::{Map, Value, json};

use super::errors::{self, Answer};
use super::ledger::digest;
use super::passwords::Stored;
use super::policy::{DeviceMissing, DevicesAsked, DevicesGiven};
use super::pool::Pool;
use super::session::Awaits;
use super::shape::present;
use super::sign_in::{Occasion, SignIn, Turn};
use super::srp_challenge::About;
use crate::model::{AppClient, Device};
use crate::srp::{BigUint, Credentials, Dialect, Salt, parse_base64, verifier};
use crate::wire::device::{
    ConfirmDevice, ConfirmDeviceResponse, DeviceSecretVerifierConfig, OneDevice, UpdateDeviceStatus,
};
use crate::wire::message::NewDeviceMetadata;
use crate::wire::names::key;
use crate::wire::{AuthResponse, ChallengeName, Parameters, RespondToAuthChallenge, ServiceError};

/// A device as the pool keeps one.
#[derive(Clone, Debug)]
pub(super) struct DeviceRecord {
    /// `DeviceKey`.
    pub(super) key: String,
    /// `DeviceGroupKey`.
    pub(super) group_key: String,
    /// `DeviceName`.
    pub(super) name: Option<String>,
    /// The verifier, once the device is confirmed.
    pub(super) verifier: Option<Stored>,
    /// Whether it was given in a sign-in whose answers had the user's name: only then can it be confirmed.
    pub(super) confirmable: bool,
    /// Whether it is remembered.
    pub(super) remembered: bool,
    /// Seconds since 1970 at which it came to be, was changed, and was last signed in with.
    pub(super) times: [i64; 3],
}

impl DeviceRecord {
    /// A device that a world states.
    pub(super) fn of(device: &Device) -> Self {
        // The salt follows from the key, so that a world is always the same pool.
        let salt =
            Salt::from_bytes(&crate::srp::hmac_sha256(b"device", &[device.key.as_bytes()])[..16]);
        let credentials = Credentials {
            scope: &device.group_key,
            user: &device.key,
            password: device.password.as_bytes(),
        };
        let v = verifier(&Dialect::cognito_device(), &credentials, &salt);
        Self {
            key: device.key.clone(),
            group_key: device.group_key.clone(),
            name: device.name.clone(),
            verifier: Some(Stored { salt, v }),
            confirmable: true,
            remembered: device.remembered,
            times: [0; 3],
        }
    }

    /// The service's description (`DeviceType`).
    fn described(&self) -> Value {
        let mut attributes = vec![json!({
            "Name": "device_status",
            "Value": if self.verifier.is_some() { "valid" } else { "pending" },
        })];
        if let Some(name) = &self.name {
            attributes.push(json!({ "Name": "device_name", "Value": name }));
        }
        let status = if self.remembered {
            "remembered"
        } else {
            "not_remembered"
        };
        attributes.push(json!({ "Name": "dev:device_remembered_status", "Value": status }));
        json!({
            "DeviceKey": self.key,
            "DeviceAttributes": attributes,
            "DeviceCreateDate": self.times[0],
            "DeviceLastModifiedDate": self.times[1],
            "DeviceLastAuthenticatedDate": self.times[2],
        })
    }
}

impl Pool {
    /// Takes over the device that parameters name. An empty key counts as none: amplify-android sends such a one.
    pub(super) fn name_device(&self, sign_in: &mut SignIn, parameters: &Parameters) -> Answer<()> {
        let named = parameters
            .get(key::DEVICE_KEY)
            .filter(|key| !key.is_empty());
        let Some(named) = named.filter(|_| self.world.pool.devices.is_some()) else {
            return Ok(());
        };
        // Nobody has no devices, but must not be told from somebody by that.
        if sign_in.subject.real && self.device(&sign_in.subject.id, named).is_none() {
            return match self.policy.devices.missing {
                DeviceMissing::Ignored => Ok(()),
                _ => Err(self.missing_device()),
            };
        }
        sign_in.device = Some(named.clone());
        Ok(())
    }

    /// Whether the device has to be proved: it is confirmed and remembered. One that isn't remembered is treated as if it was
    /// never used (developer guide).
    pub(super) fn asks_device(&self, sign_in: &SignIn) -> bool {
        let Some(key) = &sign_in.device else {
            return false;
        };
        !sign_in.by_admin
            && self.device(&sign_in.subject.id, key).is_some_and(|device| {
                let is_asked = match self.policy.devices.asked {
                    DevicesAsked::Remembered => device.remembered,
                    DevicesAsked::Confirmed => true,
                    DevicesAsked::None => false,
                };
                is_asked && device.verifier.is_some()
            })
    }

    /// What a request gets that names a device which does not exist.
    fn missing_device(&self) -> ServiceError {
        match self.policy.devices.missing {
            DeviceMissing::InOtherWords => errors::no_such_device_in_other_words(),
            DeviceMissing::Told | DeviceMissing::Ignored => errors::no_such_device(),
        }
    }

    /// Asks for A of the device.
    pub(super) fn ask_for_device(&mut self, turn: Turn<'_>) -> AuthResponse {
        let id = turn.sign_in.subject.id.clone();
        let username = id.clone();
        let device = turn.sign_in.device.clone().unwrap_or_default();
        let parameters = Parameters::from([
            (key::USERNAME.to_owned(), id),
            (key::DEVICE_KEY.to_owned(), device),
        ]);
        let response = self.challenge_with_session(turn, Awaits::DeviceSrp, parameters);
        if let Some(session) = &response.session {
            self.device_sessions.insert(username, session.clone());
        }
        response
    }

    /// A of the device. The Session is optional in practice: AWS's own sample and amplify-android send none; then the user and
    /// the device that are named decide.
    pub(super) fn answer_device(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let a_pub = self.srp_a(present(answer, key::SRP_A)?)?;
        let named = present(answer, key::DEVICE_KEY)?;
        let username = present(answer, key::USERNAME)?;
        let latest = self.known(username).and_then(|subject| {
            let latest = self.device_sessions.get(&subject.id);
            latest.cloned()
        });
        let request = RespondToAuthChallenge {
            session: request.session.clone().or(latest),
            ..request.clone()
        };
        let session = self.answered_session(client, &request, &ChallengeName::DeviceSrpAuth)?;
        let sign_in = session.sign_in;
        let device = self
            .device(&sign_in.subject.id, named)
            .cloned()
            .ok_or_else(|| self.missing_device())?;
        let verifier = device
            .verifier
            .clone()
            .ok_or_else(|| self.missing_device())?;
        self.close_session(request.session.as_deref());
        self.device_sessions.remove(&sign_in.subject.id);
        let challenge = self.device_challenge(&sign_in, &device, &verifier, a_pub);
        let turn = Turn {
            client,
            sign_in,
            metadata: None,
        };
        let awaits = Awaits::DeviceVerifier {
            block: challenge.block,
        };
        Ok(self.challenge_with_session(turn, awaits, challenge.parameters))
    }

    /// The proof of the device.
    pub(super) fn answer_device_verifier(
        &mut self,
        client: &AppClient,
        request: &RespondToAuthChallenge,
    ) -> Answer<AuthResponse> {
        let answer = &request.challenge_responses;
        let block_text = present(answer, key::PASSWORD_CLAIM_SECRET_BLOCK)?;
        let named = present(answer, key::DEVICE_KEY)?;
        if let Some(text) = request.session.as_deref() {
            let challenge = &ChallengeName::DevicePasswordVerifier;
            let session = self.session(Some(text), client, challenge)?;
            if !matches!(&session.awaits, Awaits::DeviceVerifier { block } if *block == digest(block_text))
            {
                return Err(self.wrong_password());
            }
        }
        if let Ok(block) = self.block(block_text) {
            let subject = block.sign_in.subject.id.clone();
            if self.device(&subject, named).is_none() {
                return Err(self.missing_device());
            }
        }
        let mut sign_in = self.prove(client, answer, About::Device)?;
        if sign_in.device.as_deref() != Some(named) {
            return Err(self.wrong_password());
        }
        self.close_block(block_text, &sign_in.subject.id);
        self.close_session(request.session.as_deref());
        sign_in.done.device = true;
        sign_in.occasion = Occasion::AuthenticateDevice;
        sign_in.passed("DEVICE_SRP_AUTH");
        sign_in.passed("DEVICE_PASSWORD_VERIFIER");
        let metadata = self.answers_metadata(request);
        self.advance(Turn {
            client,
            sign_in,
            metadata,
        })
    }

    /// Gives a device that was not named yet its keys, where the pool tracks devices. Administrators' sign-ins have no device
    /// tracking (developer guide, authentication flow).
    pub(super) fn new_device(&mut self, sign_in: &mut SignIn) -> Option<NewDeviceMetadata> {
        let now = self.now();
        // One that was forgotten since it was named is none: the client has gone on without it. That it gets another one then
        // is inferred from clients, which forget theirs and wait for it.
        if let Some(named) = sign_in.device.take()
            && let Some(device) = self.device_mut(&sign_in.subject.id, &named)
        {
            device.times[2] = now;
            if self.policy.devices.given != DevicesGiven::ToEverybody {
                sign_in.device = Some(named);
                return None;
            }
        }
        if sign_in.by_admin
            || self.world.pool.devices.is_none()
            || self.policy.devices.given == DevicesGiven::ToNobody
        {
            return None;
        }
        let key = format!("{}_{}", self.world.pool.region, self.random.uuid());
        let group_key = format!("-{}", self.random.letters(8));
        let account = self.directory.find_mut(&sign_in.subject.id)?;
        // Devices that nobody confirms make room for new ones; the service's own bound is not published.
        if account.devices.len() >= MOST_DEVICES
            && let Some(at) = account
                .devices
                .iter()
                .position(|device| device.verifier.is_none())
        {
            account.devices.remove(at);
        }
        if account.devices.len() >= MOST_DEVICES {
            return None;
        }
        account.devices.push(DeviceRecord {
            key: key.clone(),
            group_key: group_key.clone(),
            name: None,
            verifier: None,
            confirmable: !sign_in.named_by_alias,
            remembered: false,
            times: [now; 3],
        });
        sign_in.device = Some(key.clone());
        Some(NewDeviceMetadata {
            device_key: Some(key),
            device_group_key: Some(group_key),
        })
    }

    /// `ConfirmDevice`.
    pub(super) fn confirm_device(
        &mut self,
        request: &ConfirmDevice,
    ) -> Answer<ConfirmDeviceResponse> {
        let bearer = self.bearer(&request.access_token)?;
        let tracking = self
            .world
            .pool
            .devices
            .ok_or_else(errors::devices_not_tracked)?;
        let now = self.now();
        let device = self
            .device_mut(&bearer.username, &request.device_key)
            .ok_or_else(errors::no_such_device)?;
        if !device.confirmable {
            return Err(errors::invalid_device_key());
        }
        if device.verifier.is_some() {
            return Err(errors::device_confirmed());
        }
        let config = request
            .device_secret_verifier_config
            .as_ref()
            .ok_or_else(|| errors::bad_device_verifier("expected PasswordVerifier and Salt"))?;
        device.verifier = Some(stored(config)?);
        device.name.clone_from(&request.device_name);
        device.remembered = !tracking.only_remembered_on_user_prompt;
        device.times[1] = now;
        Ok(ConfirmDeviceResponse {
            user_confirmation_necessary: tracking.only_remembered_on_user_prompt
                && self.policy.devices.tells_of_confirmation,
        })
    }

    /// `UpdateDeviceStatus`.
    pub(super) fn update_device_status(&mut self, request: &UpdateDeviceStatus) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        let now = self.now();
        let device = self
            .device_mut(&bearer.username, &request.device_key)
            .ok_or_else(errors::no_such_device)?;
        device.remembered = request.device_remembered_status.as_deref() == Some("remembered");
        device.times[1] = now;
        Ok(json!({}))
    }

    /// `GetDevice` and `ForgetDevice` of an access token: whose, and which device.
    pub(super) fn device_of_bearer(&self, request: &OneDevice) -> Answer<(String, String)> {
        let bearer = match &request.access_token {
            Some(token) => self.bearer(token)?,
            None => return Err(errors::missing("AccessToken")),
        };
        Ok((bearer.username, request.device_key.clone()))
    }

    /// Describes a device.
    pub(super) fn get_device(&self, username: &str, device_key: &str) -> Answer<Value> {
        let device = self
            .device(username, device_key)
            .ok_or_else(errors::no_such_device)?;
        Ok(json!({ "Device": device.described() }))
    }

    /// Removes a device.
    pub(super) fn forget_device(&mut self, username: &str, device_key: &str) -> Answer<Value> {
        if self.device(username, device_key).is_none() {
            return Err(errors::no_such_device());
        }
        if let Some(account) = self.directory.find_mut(username) {
            account.devices.retain(|device| device.key != device_key);
        }
        Ok(json!({}))
    }

    /// Lists devices: `Limit` at a time, from where `PaginationToken` says.
    pub(super) fn list_devices(
        &self,
        username: &str,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        let account = self
            .directory
            .find(username)
            .ok_or_else(errors::no_such_user)?;
        let limit = members.get("Limit").and_then(Value::as_u64).unwrap_or(60);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).clamp(1, 60);
        let after = members.get("PaginationToken").and_then(Value::as_str);
        let start = after.map_or(0, |after| {
            let position = account
                .devices
                .iter()
                .position(|device| device.key == after);
            position.map_or(account.devices.len(), |at| at + 1)
        });
        let listed = &account.devices[start..account.devices.len().min(start + limit)];
        let mut response = json!({
            "Devices": listed.iter().map(DeviceRecord::described).collect::<Vec<_>>(),
        });
        if let Some(last) = listed
            .last()
            .filter(|_| start + limit < account.devices.len())
        {
            response["PaginationToken"] = json!(last.key);
        }
        Ok(response)
    }

    /// A device of a user.
    pub(super) fn device(&self, username: &str, device_key: &str) -> Option<&DeviceRecord> {
        let account = self.directory.find(username)?;
        account
            .devices
            .iter()
            .find(|device| device.key == device_key)
    }

    fn device_mut(&mut self, username: &str, device_key: &str) -> Option<&mut DeviceRecord> {
        let account = self.directory.find_mut(username)?;
        account
            .devices
            .iter_mut()
            .find(|device| device.key == device_key)
    }
}

/// The verifier that `ConfirmDevice` brings. A value with its top bit set is a negative number, which the service refuses
/// (aws/aws-sdk-net-extensions-cognito#46); a wrong but well-formed one shows only when the device is proved.
fn stored(config: &DeviceSecretVerifierConfig) -> Answer<Stored> {
    let octets = |text: &Option<String>, what: &str| {
        let text = text.as_deref().unwrap_or_default();
        let octets = parse_base64(text)
            .map_err(|_| errors::bad_device_verifier(&format!("{what} is not base64")))?;
        match octets.first() {
            None => Err(errors::bad_device_verifier(&format!("{what} is empty"))),
            Some(first) if first & 0x80 != 0 => {
                Err(errors::bad_device_verifier(&format!("{what} is negative")))
            }
            Some(_) => Ok(octets),
        }
    };
    let v = octets(&config.password_verifier, "PasswordVerifier")?;
    let salt = octets(&config.salt, "Salt")?;
    if v.len() > MOST_VERIFIER_OCTETS || salt.len() > MOST_VERIFIER_OCTETS {
        return Err(errors::bad_device_verifier("expected at most 385 octets"));
    }
    Ok(Stored {
        salt: Salt::from_bytes(&salt),
        v: BigUint::from_bytes_be(&v),
    })
}

const MOST_DEVICES: usize = 100;
/// 3072 bits and a sign octet.
const MOST_VERIFIER_OCTETS: usize = 385;
