//! The devices that the service has given out, as it knew them when each request came.

use num_bigint::BigUint;
use serde::Deserialize;
use serde_json::Value;

use crate::model::DeviceTracking;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::held_tokens::shown_token;
use crate::rules::evidence::known_devices::{key_named, key_sent, new_device};
use crate::rules::evidence::service_view::ServiceView;
use crate::rules::evidence::trace::is_redacted;
use crate::scenario::{Meanwhile, Scenario, UserKind};
use crate::srp::{Salt, parse_base64};
use crate::wire::Operation;
use crate::wire::device::{ConfirmDevice, UpdateDeviceStatus};
use crate::wire::event::PoolNote;

/// The devices that the service has given out, at one moment.
#[derive(Clone, Debug, Default)]
pub(in crate::rules) struct TrackedDevices<'t> {
    /// Refresh tokens, each with the key of the device that it came on.
    pub(in crate::rules) refresh_tokens: Vec<(&'t str, &'t str)>,
    /// Whether something may have ended refresh tokens.
    pub(in crate::rules) is_any_ended: bool,
    given: Vec<TrackedDevice<'t>>,
    /// The key that the sign-in has named last.
    named: Option<&'t str>,
}

/// A device, as the service knows it.
#[derive(Clone, Debug)]
pub(in crate::rules) struct TrackedDevice<'t> {
    /// `DeviceKey`.
    pub(in crate::rules) key: &'t str,
    /// `DeviceGroupKey`.
    pub(in crate::rules) group_key: &'t str,
    /// The verifier that was confirmed, and its salt.
    pub(in crate::rules) verifier: Option<(BigUint, Salt)>,
    /// Whether it is remembered, so that it has to be proved.
    pub(in crate::rules) is_remembered: bool,
    /// Whether nobody has had it forgotten.
    pub(in crate::rules) exists: bool,
    /// Whose it is; `None` where the service chose the name.
    owner: Option<String>,
}

/// What the service had given out when the request of each view came, in their order.
pub(super) fn tracked<'t>(facts: &Facts, views: &[ServiceView<'t>]) -> Vec<TrackedDevices<'t>> {
    // Under which name the service knows one who was migrated an administrator can't tell.
    let is_migrated = |scenario: &Scenario| scenario.user == UserKind::InOldDirectory;
    let internal = facts.names().map(|names| names.internal.as_str());
    let internal = internal.filter(|_| !facts.scenario().is_some_and(is_migrated));
    let tracking = facts.world().and_then(|world| world.pool.devices);
    let mut devices = TrackedDevices::default();
    let of_view = |view: &ServiceView<'t>| {
        devices.before(view, internal);
        let now = devices.clone();
        devices.after(view, tracking);
        now
    };
    views.iter().map(of_view).collect()
}

impl<'t> TrackedDevices<'t> {
    /// The device of that key.
    pub(in crate::rules) fn find(&self, key: &str) -> Option<&TrackedDevice<'t>> {
        self.given.iter().find(|device| device.key == key)
    }

    /// The device that the sign-in has named last, if the user has it; `Err` where whose it is can't be told.
    pub(in crate::rules) fn named_of(
        &self,
        view: &ServiceView<'_>,
    ) -> Result<Option<&TrackedDevice<'t>>, ()> {
        let device = self
            .named
            .and_then(|key| self.find(key))
            .filter(|device| device.exists);
        match device {
            None => Ok(None),
            // What the service makes of a device that was never confirmed is not established.
            Some(device) if device.verifier.is_none() => Err(()),
            Some(device) => self
                .is_of(device, view)
                .map(|is_own| is_own.then_some(device)),
        }
    }

    /// Whether a device is that of the user whom an exchange is about; `Err` where it can't be told.
    pub(in crate::rules) fn is_of(
        &self,
        device: &TrackedDevice<'_>,
        view: &ServiceView<'_>,
    ) -> Result<bool, ()> {
        let internal = view.account().and_then(|a| a.internal.as_deref());
        match (internal, device.owner.as_deref()) {
            (Some(internal), Some(owner)) => Ok(internal == owner),
            _ => Err(()),
        }
    }

    /// What the request says, and what happened just before it.
    fn before(&mut self, view: &ServiceView<'t>, internal: Option<&str>) {
        let forgotten = Meanwhile::DevicesForgotten.as_str();
        let is_forgotten = view
            .exchange
            .notes
            .iter()
            .any(|note| matches!(note, PoolNote::Meanwhile { what } if what == forgotten));
        if is_forgotten {
            for device in &mut self.given {
                match internal {
                    Some(_) => {
                        device.exists &=
                            device.owner.is_some() && device.owner.as_deref() != internal;
                    }
                    None => device.owner = None,
                }
            }
        }
        let is_meanwhile = |note: &&PoolNote| matches!(note, PoolNote::Meanwhile { .. });
        self.is_any_ended |= view.exchange.notes.iter().any(is_meanwhile)
            || matches!(
                view.exchange.operation,
                Some(Operation::GlobalSignOut | Operation::RevokeToken)
            );
        if view.is_refresh() {
            return;
        }
        if view.exchange.initiate().is_some() {
            self.named = None;
        }
        if let Some(named) = key_sent(view.exchange) {
            self.named = Some(named);
        }
    }

    /// What the answer means.
    fn after(&mut self, view: &ServiceView<'t>, tracking: Option<DeviceTracking>) {
        if !view.succeeded() {
            return;
        }
        if let Some((key, group_key)) = new_device(view.exchange) {
            self.given.push(TrackedDevice {
                key,
                group_key,
                owner: view.account().and_then(|a| a.internal.clone()),
                verifier: None,
                is_remembered: false,
                exists: true,
            });
        }
        self.keep_refresh_token(view);
        let device = key_named(view.exchange)
            .and_then(|key| self.given.iter_mut().find(|device| device.key == key));
        let (Some(device), Some(body)) = (device, &view.exchange.body) else {
            return;
        };
        match view.exchange.operation {
            Some(Operation::ConfirmDevice) => {
                device.verifier = verifier_of(body);
                device.is_remembered =
                    tracking.is_some_and(|tracking| !tracking.only_remembered_on_user_prompt);
            }
            Some(Operation::UpdateDeviceStatus) => {
                let request = UpdateDeviceStatus::deserialize(body).ok();
                let status = request.and_then(|request| request.device_remembered_status);
                device.is_remembered = status.as_deref() == Some("remembered");
            }
            Some(Operation::ForgetDevice) => device.exists = false,
            _ => {}
        }
    }

    /// Takes note of a refresh token, and of the device that it came on.
    fn keep_refresh_token(&mut self, view: &ServiceView<'t>) {
        let token = view
            .tokens()
            .and_then(|tokens| tokens.refresh_token.as_deref());
        let Some(token) = token else {
            return;
        };
        let device = match view.is_refresh() {
            true => {
                let shown = shown_token(view.exchange);
                let kept = self
                    .refresh_tokens
                    .iter()
                    .find(|(token, _)| shown == Some(token));
                kept.map(|(_, device)| *device)
            }
            false => new_device(view.exchange).map(|(key, _)| key).or(self.named),
        };
        if let Some(device) = device {
            // Only the newest one is good for certain: of those that rotate each is good once.
            self.refresh_tokens.retain(|(_, kept)| *kept != device);
            self.refresh_tokens.push((token, device));
        }
    }
}

fn verifier_of(body: &Value) -> Option<(BigUint, Salt)> {
    let request = ConfirmDevice::deserialize(body).ok()?;
    let config = request.device_secret_verifier_config?;
    let octets = |text: Option<String>| {
        let text = text.filter(|text| !is_redacted(text))?;
        parse_base64(&text).ok()
    };
    Some((
        BigUint::from_bytes_be(&octets(config.password_verifier)?),
        Salt::from_bytes(&octets(config.salt)?),
    ))
}
