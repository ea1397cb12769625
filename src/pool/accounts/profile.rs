//! What users do with their own accounts, by access token.

use serde_json::{Value, json};

use crate::model::MfaMethod;
use crate::pool::accounts::attributes;
use crate::pool::core::Pool;
use crate::pool::state::codes::{Delivery, Waits};
use crate::pool::state::directory::{Account, verified_flag};
use crate::pool::state::subject::Subject;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::Parameters;
use crate::wire::message::ForgotPasswordResponse;
use crate::wire::token::ByAccessToken;
use crate::wire::user::{
    ChangePassword, GetUserAttributeVerificationCode, MfaSettings, SetUserMfaPreference,
    UpdateUserAttributes, UpdateUserAttributesResponse, VerifyUserAttribute,
};

impl Pool {
    /// `ChangePassword`. A wrong previous password counts as a failed attempt.
    pub(in crate::pool) fn change_password(&mut self, request: &ChangePassword) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        let subject = Subject {
            id: bearer.username.clone(),
            typed: bearer.username.clone(),
            real: true,
        };
        self.refuse_locked(&subject)?;
        let has_password = self
            .directory
            .find(&subject.id)
            .is_some_and(Account::has_password);
        if has_password {
            let previous = request
                .previous_password
                .as_deref()
                .ok_or_else(|| errors::missing("PreviousPassword"))?;
            self.check_password(&subject, previous)?;
        }
        self.refuse_password(&request.proposed_password)?;
        self.set_password(&subject.id, &request.proposed_password);
        Ok(json!({}))
    }

    /// `GetUser`.
    pub(in crate::pool) fn get_user(&self, request: &ByAccessToken) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        let account = self
            .directory
            .find(&bearer.username)
            .ok_or_else(errors::no_such_user)?;
        let mut response = json!({
            "Username": account.user.username,
            "UserAttributes": account.described_attributes(None),
        });
        account.describe_factors(&mut response);
        Ok(response)
    }

    /// `UpdateUserAttributes`. An address that changed gets a code where the pool verifies such addresses.
    pub(in crate::pool) fn update_user_attributes(
        &mut self,
        request: &UpdateUserAttributes,
    ) -> Answer<UpdateUserAttributesResponse> {
        let bearer = self.bearer(&request.access_token)?;
        let given = attributes::listed(Some(&request.user_attributes));
        attributes::refuse_unauthorized(&given)?;
        attributes::refuse_impossible(&given)?;
        let changed = self.change_attributes(&bearer.username, given)?;
        let mut list = Vec::new();
        for attribute in changed.unverified {
            let wanted = &self.world.pool.auto_verified_attributes;
            let delivery = self
                .directory
                .find(&bearer.username)
                .filter(|_| wanted.iter().any(|wanted| wanted == attribute))
                .and_then(|account| Delivery::of_attribute(account, attribute));
            if let Some(delivery) = delivery {
                self.ask_for_address(&bearer.username, &delivery);
                list.push(delivery.details());
            }
        }
        Ok(UpdateUserAttributesResponse {
            code_delivery_details_list: list,
        })
    }

    /// `GetUserAttributeVerificationCode`. An address that is verified gets a code, too (reported: floci-io/floci#2018). The
    /// order of the checks is inferred.
    pub(in crate::pool) fn get_user_attribute_verification_code(
        &mut self,
        request: &GetUserAttributeVerificationCode,
    ) -> Answer<ForgotPasswordResponse> {
        let bearer = self.bearer(&request.access_token)?;
        let attribute = attributes::verifiable(&request.attribute_name)?;
        let account = self
            .directory
            .find(&bearer.username)
            .ok_or_else(errors::no_such_user)?;
        let delivery = Delivery::of_attribute(account, attribute)
            .ok_or_else(|| errors::no_address(attribute))?;
        self.ask_for_address(&bearer.username, &delivery);
        Ok(ForgotPasswordResponse {
            code_delivery_details: Some(delivery.details()),
        })
    }

    /// `VerifyUserAttribute`. A code that was used is as good as none (reported: floci-io/floci#2018). An alias that another
    /// user has is not taken, as in a confirmation.
    pub(in crate::pool) fn verify_user_attribute(
        &mut self,
        request: &VerifyUserAttribute,
    ) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        let attribute = attributes::verifiable(&request.attribute_name)?;
        let account = self
            .directory
            .find(&bearer.username)
            .ok_or_else(errors::no_such_user)?;
        // A code proves the address that it was sent to, which may have changed since.
        let address = account.attribute(attribute);
        let (username, now) = (&bearer.username, self.now());
        let verified =
            self.codes
                .check_address(username, attribute, address, &request.code, now)?;
        let given = Parameters::from([(verified_flag(verified), "true".to_owned())]);
        self.change_attributes(username, given)?;
        self.codes.void(username, Waits::Attribute(attribute));
        Ok(json!({}))
    }

    /// Sends a code that verifies an address; the one before is void.
    fn ask_for_address(&mut self, username: &str, delivery: &Delivery) {
        let waits = Waits::Attribute(delivery.attribute());
        self.send_waiting_code(username, delivery, waits);
    }

    /// `DeleteUser`.
    pub(in crate::pool) fn delete_user(&mut self, request: &ByAccessToken) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        self.remove_user(&bearer.username);
        Ok(json!({}))
    }

    /// `SetUserMFAPreference`.
    pub(in crate::pool) fn set_user_mfa_preference(
        &mut self,
        request: &SetUserMfaPreference,
    ) -> Answer<Value> {
        let bearer = self.bearer(&request.access_token)?;
        self.set_factors(&bearer.username, &request.settings)
    }

    /// Removes a user and everything that is known of one.
    pub(in crate::pool) fn remove_user(&mut self, username: &str) {
        self.grants.revoke_all(username);
        self.codes.void_all(username);
        self.sessions.device_came(username);
        self.devices.forget_all(username);
        self.lockouts.forget(username);
        self.directory.remove(username);
    }

    /// Turns second factors on and off. Factors that aren't named stay as they are.
    pub(in crate::pool) fn set_factors(
        &mut self,
        username: &str,
        settings: &MfaSettings,
    ) -> Answer<Value> {
        let now = self.now();
        let account = self
            .directory
            .find_mut(username)
            .ok_or_else(errors::no_such_user)?;
        let mut mfa = account.user.mfa.clone();
        let mut preferred = None;
        for (method, setting) in [
            (MfaMethod::SmsMfa, settings.sms),
            (MfaMethod::SoftwareTokenMfa, settings.software_token),
            (MfaMethod::EmailOtp, settings.email),
        ] {
            let Some(setting) = setting else { continue };
            let is_on = setting.enabled == Some(true);
            let is_preferred = setting.preferred_mfa == Some(true);
            if is_on && !account.is_ready(method) {
                return Err(errors::factor_not_set_up(method.as_str()));
            }
            if is_preferred && !is_on {
                return Err(errors::bad_preference("a factor that is off is preferred"));
            }
            if is_preferred && preferred.replace(method).is_some() {
                return Err(errors::bad_preference("more than one factor is preferred"));
            }
            mfa.enabled.retain(|enabled| *enabled != method);
            if is_on {
                mfa.enabled.push(method);
            }
            if !is_preferred && mfa.preferred == Some(method) {
                mfa.preferred = None;
            }
        }
        mfa.preferred = preferred.or(mfa.preferred);
        account.user.mfa = mfa;
        account.modified = now;
        Ok(json!({}))
    }
}

impl Account {
    /// `UserMFASettingList` and `PreferredMfaSetting`, which are left out where there is nothing to say (captured,
    /// 2023-08-signup-srp-getuser).
    pub(in crate::pool) fn describe_factors(&self, response: &mut Value) {
        let mfa = &self.user.mfa;
        if !mfa.enabled.is_empty() {
            response["UserMFASettingList"] = json!(mfa.enabled);
        }
        if let Some(preferred) = mfa.preferred {
            response["PreferredMfaSetting"] = json!(preferred);
        }
    }
}
