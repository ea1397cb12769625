//! Who is in the pool, and by which names they are found.

use std::collections::BTreeMap;

use super::devices::DeviceRecord;
use super::error::PoolError;
use super::passwords::Stored;
use super::totp::{self, SoftwareToken};
use crate::model::{User, UserStatus, World};

/// A user as the pool keeps one.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// The user. The password is gone from here once its verifier is stored.
    pub(super) user: User,
    /// The verifier of the password.
    pub(super) stored: Option<Stored>,
    /// When the password was set, where that is known.
    pub(super) password_set: Option<i64>,
    /// The devices.
    pub(super) devices: Vec<DeviceRecord>,
    /// The secret of time-based codes.
    pub(super) software_token: SoftwareToken,
    /// Seconds since 1970 at which the user came to be.
    pub(super) created: i64,
    /// Seconds since 1970 at which something of the user changed last.
    pub(super) modified: i64,
    /// How many passwords the user has had: each has a salt of its own.
    pub(super) passwords: u32,
    /// Imported without a password, so that there is nothing to sign in with before a reset.
    pub(super) imported: bool,
}

impl Account {
    /// A user who is new to the pool.
    pub(super) fn new(user: User, now: i64) -> Self {
        let secret = user.mfa.totp_secret.as_deref().and_then(totp::secret);
        Self {
            devices: user.devices.iter().map(DeviceRecord::of).collect(),
            software_token: SoftwareToken {
                verified: secret,
                ..SoftwareToken::default()
            },
            user,
            stored: None,
            password_set: None,
            created: now,
            modified: now,
            passwords: 0,
            imported: false,
        }
    }

    /// Whether there is a password at all.
    pub(super) fn has_password(&self) -> bool {
        self.stored.is_some() || self.user.password.is_some()
    }

    /// An attribute of the user.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.user.attributes.get(name).map(String::as_str)
    }

    /// An address that was verified. An alias is a verified address by definition.
    pub(super) fn verified(&self, name: &str) -> Option<&str> {
        let address = self.attribute(name)?;
        let is_marked = self.attribute(&format!("{name}_verified")) == Some("true");
        (is_marked || self.user.aliases.iter().any(|alias| alias == address)).then_some(address)
    }
}

/// The users of a pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    accounts: BTreeMap<String, Account>,
    aliases: BTreeMap<String, String>,
}

impl Directory {
    /// The users of a world.
    pub(super) fn of(world: &World) -> Result<Self, PoolError> {
        let mut directory = Self::default();
        for user in &world.users {
            let twice = |at, name: &str| PoolError::Twice {
                at,
                name: name.to_owned(),
            };
            if directory.accounts.contains_key(&user.username) {
                return Err(twice("users[].username", &user.username));
            }
            if world.pool.aliases {
                for alias in &user.aliases {
                    if directory
                        .aliases
                        .insert(alias.clone(), user.username.clone())
                        .is_some()
                    {
                        return Err(twice("users[].aliases", alias));
                    }
                }
            }
            let imported = user.status == UserStatus::ResetRequired && user.password.is_none();
            let account = Account {
                imported,
                ..Account::new(user.clone(), world.clock.now())
            };
            directory.accounts.insert(user.username.clone(), account);
        }
        Ok(directory)
    }

    /// The user of this internal name or alias. The sub is neither (ministackorg/ministack#1758).
    pub(super) fn find(&self, name: &str) -> Option<&Account> {
        self.accounts
            .get(name)
            .or_else(|| self.accounts.get(self.aliases.get(name)?))
    }

    /// The user of this sub.
    pub(super) fn find_by_sub(&self, sub: &str) -> Option<&Account> {
        self.accounts
            .values()
            .find(|account| account.user.sub == sub)
    }

    /// As [`find`](Self::find), to change the user.
    pub(super) fn find_mut(&mut self, name: &str) -> Option<&mut Account> {
        if self.accounts.contains_key(name) {
            return self.accounts.get_mut(name);
        }
        let name = self.aliases.get(name)?;
        self.accounts.get_mut(name)
    }

    /// The internal names of all users.
    pub(super) fn usernames(&self) -> Vec<String> {
        self.accounts.keys().cloned().collect()
    }

    /// All users, by their internal names.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// Removes a user with all names. Returns whether there was one.
    pub(super) fn remove(&mut self, username: &str) -> bool {
        self.aliases.retain(|_, owner| owner != username);
        self.accounts.remove(username).is_some()
    }

    /// Makes a name lead to a user, unless it leads to another already.
    pub(super) fn add_alias(&mut self, alias: &str, username: &str) -> bool {
        match self.aliases.get(alias) {
            Some(owner) => owner == username,
            None => {
                self.aliases.insert(alias.to_owned(), username.to_owned());
                if let Some(account) = self.accounts.get_mut(username) {
                    account.user.aliases.push(alias.to_owned());
                }
                true
            }
        }
    }

    /// Takes a name from a user.
    pub(super) fn remove_alias(&mut self, alias: &str, username: &str) {
        if self.owner_of(alias) == Some(username) {
            self.aliases.remove(alias);
        }
        if let Some(account) = self.accounts.get_mut(username) {
            account.user.aliases.retain(|other| other != alias);
        }
    }

    /// Who has this alias.
    pub(super) fn owner_of(&self, alias: &str) -> Option<&str> {
        self.aliases.get(alias).map(String::as_str)
    }

    /// Adds a user, who takes over aliases that another user has.
    pub(super) fn add(&mut self, account: Account) {
        let username = account.user.username.clone();
        for alias in &account.user.aliases {
            if let Some(owner) = self.aliases.insert(alias.clone(), username.clone())
                && let Some(before) = self.accounts.get_mut(&owner)
            {
                before.user.aliases.retain(|other| other != alias);
            }
        }
        self.accounts.insert(username, account);
    }
}
