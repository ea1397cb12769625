//! Who is in the pool, and by which names they are found.

use std::collections::BTreeMap;

use super::error::PoolError;
use crate::model::{User, UserStatus, World};

/// A user as the pool keeps one.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// The user.
    pub(super) user: User,
    /// How many passwords the user has had: each has a salt of its own.
    pub(super) passwords: u32,
    /// Imported without a password, so that there is nothing to sign in with before a reset.
    pub(super) imported: bool,
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
            directory.accounts.insert(
                user.username.clone(),
                Account {
                    user: user.clone(),
                    passwords: 0,
                    imported,
                },
            );
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
