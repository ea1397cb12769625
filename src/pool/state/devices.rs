//! Devices: what one may do, and everything that is decided about them (developer guide, working with user devices).
//!
//! | in its life | [`Devices`] |
//! |---|---|
//! | a sign-in that names none gets a new one | [`give`](Devices::give) |
//! | it is confirmed with its verifier, and is remembered then or when its user asks for it | [`confirm`](Devices::confirm), [`remember`](Devices::remember) |
//! | a sign-in names it | [`named`](Devices::named) |
//! | it has to be proved, and may stand in for a second factor | [`has_to_be_proved`](Devices::has_to_be_proved), [`replaces_factor`](Devices::replaces_factor), [`challenge`](Devices::challenge) |
//! | a sign-in with it ends | [`signed_in_with`](Devices::signed_in_with) |
//! | its tokens are refreshed on it | [`may_refresh`](Devices::may_refresh) |
//! | it is described and listed | [`describe`](Devices::describe), [`list`](Devices::list) |
//! | it is forgotten | [`forget`](Devices::forget), [`forget_all`](Devices::forget_all) |

use serde_json::{Value, json};

use super::random::PoolRandom;
use super::sign_in::SignIn;
use super::stored::Stored;
use super::undo::{Step, Undo, UndoMap};
use crate::model::{Device, DeviceTracking, World};
use crate::pool::wire::errors::{self, Answer};
use crate::srp::{Credentials, Dialect, Salt, verifier};
use crate::wire::ServiceError;
use crate::wire::device::ConfirmDevice;
use crate::wire::message::NewDeviceMetadata;

/// How devices are named, asked for and missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRules {
    /// Who is given the keys of a new device, where devices are tracked.
    pub given: DevicesGiven,
    /// Which devices have to be proved.
    pub asked: DevicesAsked,
    /// What stands in front of the device's key in its claim.
    pub scope: DeviceScope,
    /// The salt that is sent is the one that was confirmed.
    pub keeps_salt: bool,
    /// `UserConfirmationNecessary` follows the pool's setting.
    pub tells_of_confirmation: bool,
    /// What a device that does not exist gets.
    pub missing: DeviceMissing,
    /// The tokens of a sign-in on a device can be refreshed on that device.
    pub refreshes: bool,
    /// They can be refreshed on no other.
    pub binds_refresh: bool,
}

impl Default for DeviceRules {
    fn default() -> Self {
        Self {
            given: DevicesGiven::ToNewOnes,
            asked: DevicesAsked::Remembered,
            scope: DeviceScope::GroupKey,
            keeps_salt: true,
            tells_of_confirmation: true,
            missing: DeviceMissing::Told,
            refreshes: true,
            binds_refresh: true,
        }
    }
}

/// Who is given the keys of a new device, where devices are tracked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicesGiven {
    /// Who names none: right.
    ToNewOnes,
    /// Nobody.
    ToNobody,
    /// Everybody, whatever device is named.
    ToEverybody,
}

/// Which devices have to be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicesAsked {
    /// Those that are remembered: right. One that isn't remembered is treated as if it was never used (developer guide).
    Remembered,
    /// Every one that is confirmed.
    Confirmed,
    /// None.
    None,
}

/// What stands in front of the device's key in its claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceScope {
    /// The device's group key: right.
    GroupKey,
    /// The pool's name, as for users.
    PoolName,
}

/// What a device that does not exist gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceMissing {
    /// `ResourceNotFoundException` in the words that clients look for: right.
    Told,
    /// The same exception in other words.
    InOtherWords,
    /// Nothing: it is taken for none.
    Ignored,
}

/// The devices of all users, by the user's internal name.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Devices {
    rules: DeviceRules,
    of_users: UndoMap<String, Vec<Record>>,
}

/// A device as the pool keeps one.
#[derive(Clone, Debug)]
struct Record {
    /// `DeviceKey`.
    key: String,
    /// `DeviceGroupKey`.
    group_key: String,
    /// `DeviceName`.
    name: Option<String>,
    /// The verifier, once the device is confirmed.
    verifier: Option<Stored>,
    /// Whether it was given in a sign-in whose answers had the user's name: only then can it be confirmed.
    confirmable: bool,
    /// Whether it is remembered.
    remembered: bool,
    /// Seconds since 1970 at which it came to be.
    created: i64,
    /// Seconds since 1970 at which it was changed last.
    modified: i64,
    /// Seconds since 1970 at which it was signed in with last.
    signed_in: i64,
}

/// What a challenge for the proof of a device is made from.
#[derive(Clone, Debug)]
pub(in crate::pool) struct DeviceChallenge {
    /// What stands in front of the key in x and the claim.
    pub(in crate::pool) scope: String,
    /// `DeviceKey`.
    pub(in crate::pool) key: String,
    /// The salt that is sent, and the verifier.
    pub(in crate::pool) stored: Stored,
}

impl Devices {
    /// The devices of a world.
    pub(in crate::pool) fn of(world: &World, rules: DeviceRules) -> Self {
        let mut of_users = UndoMap::default();
        for user in world.users.iter().filter(|user| !user.devices.is_empty()) {
            let devices = user.devices.iter().map(Record::of).collect();
            of_users.insert(user.username.clone(), devices);
        }
        Self { rules, of_users }
    }

    /// The device that a sign-in goes on with which names this one. An empty key counts as none: amplify-android sends such a
    /// one.
    pub(in crate::pool) fn named<'a>(
        &self,
        sign_in: &SignIn,
        key: Option<&'a String>,
        tracking: Option<DeviceTracking>,
    ) -> Answer<Option<&'a String>> {
        let Some(key) = key.filter(|key| !key.is_empty() && tracking.is_some()) else {
            return Ok(None);
        };
        // Nobody has no devices, but must not be told from somebody by that.
        let subject = &sign_in.subject;
        if subject.real && self.get(&subject.id, key).is_none() {
            return match self.rules.missing {
                DeviceMissing::Ignored => Ok(None),
                _ => Err(self.missing()),
            };
        }
        Ok(Some(key))
    }

    /// Whether the device of a sign-in has to be proved: it is confirmed and remembered. Administrators' sign-ins have no
    /// device tracking (developer guide, authentication flow).
    pub(in crate::pool) fn has_to_be_proved(&self, sign_in: &SignIn) -> bool {
        let device = sign_in.device.as_ref().filter(|_| !sign_in.by_admin);
        device
            .and_then(|key| self.get(&sign_in.subject.id, key))
            .is_some_and(|device| {
                let is_asked = match self.rules.asked {
                    DevicesAsked::Remembered => device.remembered,
                    DevicesAsked::Confirmed => true,
                    DevicesAsked::None => false,
                };
                is_asked && device.verifier.is_some()
            })
    }

    /// Whether the device of a sign-in stands in for a second factor, and is proved afterwards.
    pub(in crate::pool) fn replaces_factor(
        &self,
        sign_in: &SignIn,
        tracking: Option<DeviceTracking>,
    ) -> bool {
        tracking.is_some_and(|tracking| tracking.challenge_required_on_new_device)
            && self.has_to_be_proved(sign_in)
    }

    /// What the proof of a device is about.
    pub(in crate::pool) fn challenge(
        &self,
        username: &str,
        key: &str,
        pool_scope: &str,
        random: &mut PoolRandom,
    ) -> Answer<DeviceChallenge> {
        let device = self.get(username, key).ok_or_else(|| self.missing())?;
        let mut stored = device.verifier.clone().ok_or_else(|| self.missing())?;
        if !self.rules.keeps_salt {
            stored.salt = Salt::from_bytes(&random.octets(SALT_OCTETS));
        }
        Ok(DeviceChallenge {
            scope: match self.rules.scope {
                DeviceScope::GroupKey => device.group_key.clone(),
                DeviceScope::PoolName => pool_scope.to_owned(),
            },
            key: key.to_owned(),
            stored,
        })
    }

    /// Refuses a device that the user doesn't have.
    pub(in crate::pool) fn refuse_missing(&self, username: &str, key: &str) -> Answer<()> {
        match self.get(username, key) {
            Some(_) => Ok(()),
            None => Err(self.missing()),
        }
    }

    /// A sign-in ends on the device that it named, which it goes on with, if that is still there. One that was forgotten since
    /// it was named is none: the client has gone on without it. That it gets another one then is inferred from clients, which
    /// forget theirs and wait for it.
    pub(in crate::pool) fn signed_in_with(&mut self, sign_in: &mut SignIn, now: i64) {
        let goes_on = self.rules.given != DevicesGiven::ToEverybody;
        let named = sign_in.device.take();
        sign_in.device = named.filter(|named| {
            let device = self.get_mut(&sign_in.subject.id, named);
            device.map(|device| device.signed_in = now).is_some() && goes_on
        });
    }

    /// Gives the user of a sign-in that has no device a new one, where the pool tracks them. Administrators' sign-ins have no
    /// device tracking (developer guide, authentication flow).
    pub(in crate::pool) fn give(
        &mut self,
        sign_in: &mut SignIn,
        tracking: Option<DeviceTracking>,
        region: &str,
        now: i64,
        random: &mut PoolRandom,
    ) -> Option<NewDeviceMetadata> {
        let is_for_nobody = tracking.is_none() || self.rules.given == DevicesGiven::ToNobody;
        if sign_in.device.is_some() || sign_in.by_admin || is_for_nobody {
            return None;
        }
        let key = format!("{region}_{}", random.uuid());
        let group_key = format!("-{}", random.letters(8));
        let username = &sign_in.subject.id;
        if !self.of_users.contains_key(username) {
            self.of_users.insert(username.clone(), Vec::new());
        }
        let devices = self.of_users.get_mut(username)?;
        // Devices that nobody confirms make room for new ones; the service's own bound is not published.
        if devices.len() >= MOST_DEVICES {
            let unconfirmed = devices.iter().position(|device| device.verifier.is_none());
            devices.remove(unconfirmed?);
        }
        devices.push(Record {
            key: key.clone(),
            group_key: group_key.clone(),
            name: None,
            verifier: None,
            confirmable: !sign_in.named_by_alias,
            remembered: false,
            created: now,
            modified: now,
            signed_in: now,
        });
        sign_in.device = Some(key.clone());
        Some(NewDeviceMetadata {
            device_key: Some(key),
            device_group_key: Some(group_key),
        })
    }

    /// `ConfirmDevice`: whether the user has to be asked whether the device is to be remembered.
    pub(in crate::pool) fn confirm(
        &mut self,
        username: &str,
        request: &ConfirmDevice,
        tracking: Option<DeviceTracking>,
        now: i64,
    ) -> Answer<bool> {
        let tracking = tracking.ok_or_else(errors::devices_not_tracked)?;
        let tells = self.rules.tells_of_confirmation;
        let device = self
            .get_mut(username, &request.device_key)
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
        device.verifier = Some(Stored::of_device(config)?);
        device.name.clone_from(&request.device_name);
        device.remembered = !tracking.only_remembered_on_user_prompt;
        device.modified = now;
        Ok(tracking.only_remembered_on_user_prompt && tells)
    }

    /// `UpdateDeviceStatus`.
    pub(in crate::pool) fn remember(
        &mut self,
        username: &str,
        key: &str,
        remembered: bool,
        now: i64,
    ) -> Answer<()> {
        let device = self
            .get_mut(username, key)
            .ok_or_else(errors::no_such_device)?;
        device.remembered = remembered;
        device.modified = now;
        Ok(())
    }

    /// Whether a refresh token that came of a sign-in on `bound` may be used by who shows `shown`. The device has to be
    /// confirmed (aws-amplify/amplify-android#2506 and many others).
    pub(in crate::pool) fn may_refresh(
        &self,
        username: &str,
        bound: Option<&str>,
        shown: Option<&str>,
    ) -> bool {
        let Some(bound) = bound.filter(|_| self.rules.binds_refresh) else {
            return true;
        };
        let device = self.get(username, bound);
        shown == Some(bound)
            && device.is_some_and(|device| device.verifier.is_some())
            && self.rules.refreshes
    }

    /// The service's description of a device (`DeviceType`).
    pub(in crate::pool) fn describe(&self, username: &str, key: &str) -> Answer<Value> {
        let device = self.get(username, key);
        device
            .map(Record::described)
            .ok_or_else(errors::no_such_device)
    }

    /// Descriptions of at most `limit` devices of a user, after the one of this key; and the key of the last, where there are
    /// more.
    pub(in crate::pool) fn list(
        &self,
        username: &str,
        after: Option<&str>,
        limit: usize,
    ) -> (Vec<Value>, Option<&str>) {
        let devices = self.of_user(username);
        let start = after.map_or(0, |after| {
            let position = devices.iter().position(|device| device.key == after);
            position.map_or(devices.len(), |at| at + 1)
        });
        let rest = &devices[start..];
        let listed = &rest[..rest.len().min(limit)];
        let last = listed.last().filter(|_| rest.len() > limit);
        (
            listed.iter().map(Record::described).collect(),
            last.map(|last| last.key.as_str()),
        )
    }

    /// Removes a device.
    pub(in crate::pool) fn forget(&mut self, username: &str, key: &str) -> Answer<()> {
        if self.get(username, key).is_none() {
            return Err(errors::no_such_device());
        }
        if let Some(devices) = self.of_users.get_mut(username) {
            devices.retain(|device| device.key != key);
        }
        Ok(())
    }

    /// Removes all devices of a user.
    pub(in crate::pool) fn forget_all(&mut self, username: &str) {
        self.of_users.remove(username);
    }

    /// What a request gets that names a device which does not exist.
    fn missing(&self) -> ServiceError {
        match self.rules.missing {
            DeviceMissing::InOtherWords => errors::no_such_device_in_other_words(),
            DeviceMissing::Told | DeviceMissing::Ignored => errors::no_such_device(),
        }
    }

    fn of_user(&self, username: &str) -> &[Record] {
        self.of_users.get(username).map_or(&[], Vec::as_slice)
    }

    fn get(&self, username: &str, key: &str) -> Option<&Record> {
        self.of_user(username)
            .iter()
            .find(|device| device.key == key)
    }

    fn get_mut(&mut self, username: &str, key: &str) -> Option<&mut Record> {
        let devices = self.of_users.get_mut(username)?;
        devices.iter_mut().find(|device| device.key == key)
    }
}

impl Undo for Devices {
    fn undo(&mut self, step: Step) {
        self.of_users.undo(step);
    }
}

impl Record {
    /// A device that a world states.
    fn of(device: &Device) -> Self {
        // The salt follows from the key, so that a world is always the same pool.
        let salt = crate::srp::hmac_sha256(b"device", &[device.key.as_bytes()]);
        let salt = Salt::from_bytes(&salt[..SALT_OCTETS]);
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
            created: 0,
            modified: 0,
            signed_in: 0,
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
            "DeviceCreateDate": self.created,
            "DeviceLastModifiedDate": self.modified,
            "DeviceLastAuthenticatedDate": self.signed_in,
        })
    }
}

const MOST_DEVICES: usize = 100;
const SALT_OCTETS: usize = 16;
