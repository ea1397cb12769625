//! What administrators do with users.

use serde_json::{Value, json};

use crate::model::{User, UserStatus};
use crate::pool::accounts::attributes;
use crate::pool::accounts::sign_up::{Applying, NO_CLIENT};
use crate::pool::accounts::user_filter::Filter;
use crate::pool::core::Pool;
use crate::pool::state::codes::{Delivery, Purpose, Waits};
use crate::pool::state::directory::Account;
use crate::pool::wire::errors::{self, Answer};
use crate::wire::admin::{
    AdminCreateUser, AdminSetUserPassword, AdminUpdateUserAttributes, ListUsers,
};

impl Pool {
    /// The internal name of a user whom an administrator names: by user name, alias or sub (service model: `Username`).
    pub(in crate::pool) fn administered(&self, pool: &str, name: &str) -> Answer<String> {
        self.refuse_other_pool(pool)?;
        let account = self
            .directory
            .find(name)
            .or_else(|| self.directory.find_by_sub(name))
            .ok_or_else(errors::no_such_user)?;
        Ok(account.user.username.clone())
    }

    /// Refuses a request that is about another pool.
    pub(in crate::pool) fn refuse_other_pool(&self, id: &str) -> Answer<()> {
        if id == self.world.pool.id {
            Ok(())
        } else {
            Err(errors::no_such_pool(id))
        }
    }

    /// Makes a user with a temporary password. Required attributes may be missing: the user is asked for them with the new
    /// password (service model: `AdminCreateUserRequest.UserAttributes`).
    pub(in crate::pool) fn admin_create_user(
        &mut self,
        request: &AdminCreateUser,
    ) -> Answer<Value> {
        self.refuse_other_pool(&request.user_pool_id)?;
        let typed = &request.username;
        if request.message_action.as_deref() == Some("RESEND") {
            return self.invite_again(request);
        }
        let mut given = attributes::listed(request.user_attributes.as_deref());
        attributes::refuse_impossible(&given)?;
        let name = self.name_of_new_user(typed, &mut given)?;
        if self.directory.find(typed).is_some() {
            return Err(errors::user_account_exists());
        }
        if request.force_alias_creation != Some(true) {
            self.refuse_taken_names(&name.username, &given)?;
        }
        let password = self.temporary_password(request)?;
        // Documented: of an administrator's user, what the trigger decides is passed over.
        self.pre_sign_up(
            &Applying {
                source: "PreSignUp_AdminCreateUser",
                client: NO_CLIENT,
                validation: request.validation_data.as_deref(),
                metadata: request.client_metadata.as_ref(),
            },
            &name.username,
            &given,
        )?;
        let user = User {
            aliases: name.address.into_iter().collect(),
            status: UserStatus::ForceChangePassword,
            attributes: given,
            ..User::new(name.username.clone(), name.sub)
        };
        self.directory.add(Account::new(user, self.now()));
        self.take_names(&name.username);
        self.set_password(&name.username, &password);
        self.note_status(&name.username);
        if request.message_action.as_deref() != Some("SUPPRESS") {
            self.invite(&name.username, request, &password);
        }
        self.created_user(&name.username)
    }

    /// Sends another temporary password, which is good for as long as a first one.
    fn invite_again(&mut self, request: &AdminCreateUser) -> Answer<Value> {
        let username = self.administered(&request.user_pool_id, &request.username)?;
        if self.user_status(&username) != Some(UserStatus::ForceChangePassword) {
            return Err(errors::resend_not_possible(&request.username));
        }
        let password = self.temporary_password(request)?;
        self.set_password(&username, &password);
        self.invite(&username, request, &password);
        self.created_user(&username)
    }

    /// Sends the temporary password to the addresses that are wished for; by e-mail, where no wish can be met by SMS
    /// (inferred).
    fn invite(&mut self, username: &str, request: &AdminCreateUser, password: &str) {
        let Some(account) = self.directory.find(username) else {
            return;
        };
        let by = |attribute| Delivery::of_attribute(account, attribute);
        let deliveries: Vec<Delivery> = match &request.desired_delivery_mediums {
            Some(mediums) => mediums
                .iter()
                .filter_map(|medium| match medium.as_str() {
                    "EMAIL" => by("email"),
                    _ => by("phone_number"),
                })
                .collect(),
            None => by("phone_number").or(by("email")).into_iter().collect(),
        };
        for delivery in deliveries {
            self.send(username, &delivery, Purpose::Invitation, password);
        }
    }

    fn created_user(&self, username: &str) -> Answer<Value> {
        let account = self
            .directory
            .find(username)
            .ok_or_else(errors::no_such_user)?;
        Ok(json!({ "User": account.described(None) }))
    }

    pub(in crate::pool) fn admin_set_user_password(
        &mut self,
        request: &AdminSetUserPassword,
    ) -> Answer<Value> {
        let username = self.administered(&request.user_pool_id, &request.username)?;
        self.refuse_password(&request.password)?;
        let status = if request.permanent == Some(true) {
            UserStatus::Confirmed
        } else {
            UserStatus::ForceChangePassword
        };
        self.change_account(&username, |account| account.user.status = status);
        self.set_password(&username, &request.password);
        self.codes.void(&username, Waits::Reset);
        self.codes.void(&username, Waits::SignUp);
        self.lockouts.forget(&username);
        self.note_status(&username);
        Ok(json!({}))
    }

    pub(in crate::pool) fn admin_update_user_attributes(
        &mut self,
        request: &AdminUpdateUserAttributes,
    ) -> Answer<Value> {
        let username = self.administered(&request.user_pool_id, &request.username)?;
        let given = attributes::listed(Some(&request.user_attributes));
        attributes::refuse_impossible(&given)?;
        self.change_attributes(&username, given)?;
        Ok(json!({}))
    }

    /// `AdminGetUser`.
    pub(in crate::pool) fn admin_get_user(&self, username: &str) -> Answer<Value> {
        let account = self
            .directory
            .find(username)
            .ok_or_else(errors::no_such_user)?;
        let mut response = account.described(None);
        if let Some(members) = response.as_object_mut()
            && let Some(attributes) = members.remove("Attributes")
        {
            members.insert("UserAttributes".to_owned(), attributes);
        }
        account.describe_factors(&mut response);
        Ok(response)
    }

    /// `AdminDisableUser`. Documented: the user's tokens are revoked.
    pub(in crate::pool) fn admin_disable_user(&mut self, username: &str) {
        self.grants.revoke_all(username);
        self.change_account(username, |account| account.user.enabled = false);
    }

    /// `AdminEnableUser`.
    pub(in crate::pool) fn admin_enable_user(&mut self, username: &str) {
        self.change_account(username, |account| account.user.enabled = true);
    }

    /// Makes the password useless until a code is answered.
    pub(in crate::pool) fn admin_reset_user_password(&mut self, username: &str) -> Answer<()> {
        let account = self
            .directory
            .find(username)
            .ok_or_else(errors::no_such_user)?;
        if matches!(
            account.user.status,
            UserStatus::ForceChangePassword | UserStatus::Unconfirmed
        ) {
            return Err(errors::cannot_reset_in_state());
        }
        let delivery = Delivery::verified(account).ok_or_else(errors::no_verified_address)?;
        self.send_waiting_code(username, &delivery, Waits::Reset);
        self.change_account(username, |account| {
            account.user.status = UserStatus::ResetRequired;
        });
        self.note_status(username);
        Ok(())
    }

    /// `ListUsers`, by user name.
    pub(in crate::pool) fn list_users(&self, request: &ListUsers) -> Answer<Value> {
        self.refuse_other_pool(&request.user_pool_id)?;
        let filter = request.filter.as_deref().map(Filter::parse).transpose()?;
        let filter = filter.flatten();
        let limit = usize::from(request.limit.unwrap_or(MOST_LISTED)).max(1);
        let after = match &request.pagination_token {
            None => None,
            Some(token) => Some(page_after(token).ok_or_else(errors::bad_page)?),
        };
        let wanted = request.attributes_to_get.as_deref();
        let mut found = self
            .directory
            .accounts_after(after.as_deref())
            .filter(|account| filter.as_ref().is_none_or(|filter| filter.admits(account)));
        let listed: Vec<&Account> = found.by_ref().take(limit).collect();
        let mut response = json!({
            "Users": listed.iter().map(|account| account.described(wanted)).collect::<Vec<_>>(),
        });
        if let (Some(last), Some(_)) = (listed.last(), found.next()) {
            let name = last.user.username.as_bytes();
            response["PaginationToken"] = json!(data_encoding::BASE64URL_NOPAD.encode(name));
        }
        Ok(response)
    }

    fn change_account(&mut self, username: &str, change: impl FnOnce(&mut Account)) {
        let now = self.now();
        if let Some(account) = self.directory.find_mut(username) {
            change(account);
            account.modified = now;
        }
    }

    /// The temporary password that is given, or one that fits every policy.
    fn temporary_password(&mut self, request: &AdminCreateUser) -> Answer<String> {
        if let Some(given) = &request.temporary_password {
            self.refuse_password(given)?;
            return Ok(given.clone());
        }
        let length = self
            .world
            .pool
            .password_policy
            .minimum_length
            .max(LEAST_GENERATED);
        let octets = self.random.octets(length);
        // One of each class, and then small letters.
        let classes = [SMALL, CAPITAL, DIGITS, SYMBOLS];
        Ok(octets
            .iter()
            .enumerate()
            .map(|(at, octet)| {
                let class = classes.get(at).copied().unwrap_or(SMALL).as_bytes();
                char::from(class[usize::from(*octet) % class.len()])
            })
            .collect())
    }
}

impl Account {
    /// The service's description (`UserType`), with the attributes that are wanted.
    fn described(&self, wanted: Option<&[String]>) -> Value {
        json!({
            "Username": self.user.username,
            "Attributes": self.described_attributes(wanted),
            "UserCreateDate": self.created,
            "UserLastModifiedDate": self.modified,
            "Enabled": self.user.enabled,
            "UserStatus": self.user.status.as_str(),
        })
    }
}

/// The name of the user after whom a page begins.
fn page_after(token: &str) -> Option<String> {
    let name = data_encoding::BASE64URL_NOPAD
        .decode(token.as_bytes())
        .ok()?;
    String::from_utf8(name).ok()
}

const MOST_LISTED: u8 = 60;
const LEAST_GENERATED: usize = 12;
const SMALL: &str = "abcdefghijkmnopqrstuvwxyz";
const CAPITAL: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &str = "23456789";
const SYMBOLS: &str = "!@#%&*-+=";
