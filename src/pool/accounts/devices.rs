//! What users and administrators do with devices. What is decided about them is in [`Devices`].
//!
//! [`Devices`]: crate::pool::state::devices::Devices

use serde_json::{Map, Value, json};

use crate::pool::core::Pool;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::device::{ConfirmDevice, ConfirmDeviceResponse, OneDevice, UpdateDeviceStatus};

impl Pool {
    /// `ConfirmDevice`.
    pub(in crate::pool) fn confirm_device(
        &mut self,
        request: &ConfirmDevice,
    ) -> Answer<ConfirmDeviceResponse> {
        let bearer = self.bearer(&request.access_token)?;
        let (tracking, now) = (self.world.pool.devices, self.now());
        let devices = &mut self.devices;
        Ok(ConfirmDeviceResponse {
            user_confirmation_necessary: devices.confirm(
                &bearer.username,
                request,
                tracking,
                now,
            )?,
        })
    }

    /// `UpdateDeviceStatus`.
    pub(in crate::pool) fn update_device_status(
        &mut self,
        request: &UpdateDeviceStatus,
    ) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        let remembered = request.device_remembered_status.as_deref() == Some("remembered");
        let (key, now) = (&request.device_key, self.now());
        self.devices
            .remember(&bearer.username, key, remembered, now)?;
        Ok(json!({}))
    }

    /// `GetDevice` and `ForgetDevice` of an access token: whose, and which device.
    pub(in crate::pool) fn device_of_bearer(
        &self,
        request: &OneDevice,
    ) -> Answer<(String, String)> {
        let bearer = match &request.access_token {
            Some(token) => self.bearer(token)?,
            None => return Err(errors::missing("AccessToken")),
        };
        Ok((bearer.username, request.device_key.clone()))
    }

    /// Describes a device.
    pub(in crate::pool) fn get_device(&self, username: &str, device_key: &str) -> Answer<Value> {
        Ok(json!({ "Device": self.devices.describe(username, device_key)? }))
    }

    /// Removes a device.
    pub(in crate::pool) fn forget_device(
        &mut self,
        username: &str,
        device_key: &str,
    ) -> Answer<Value> {
        self.devices.forget(username, device_key)?;
        Ok(json!({}))
    }

    /// Lists devices: `Limit` at a time, from where `PaginationToken` says.
    pub(in crate::pool) fn list_devices(
        &self,
        username: &str,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        if self.directory.find(username).is_none() {
            return Err(errors::no_such_user());
        }
        let limit = members.get("Limit").and_then(Value::as_u64).unwrap_or(60);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).clamp(1, 60);
        let after = members.get("PaginationToken").and_then(Value::as_str);
        let (listed, last) = self.devices.list(username, after, limit);
        let mut response = json!({ "Devices": listed });
        if let Some(last) = last {
            response["PaginationToken"] = json!(last);
        }
        Ok(response)
    }
}
