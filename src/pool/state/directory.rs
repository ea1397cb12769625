//! Who is in the pool, and by which names they are found.

use std::borrow::Cow;
use std::ops::Bound;

use super::software_token::SoftwareToken;
use super::stored::Stored;
use super::undo::{Step, Undo, UndoMap};
use crate::model::{MfaMethod, User, UserStatus, World, totp};
use crate::pool::error::PoolError;

/// A user as the pool keeps one.
#[derive(Clone, Debug)]
pub(in crate::pool) struct Account {
    /// The user. The password is gone from here once its verifier is stored, unless a judge needs it.
    pub(in crate::pool) user: User,
    /// The verifier of the password.
    pub(in crate::pool) stored: Option<Stored>,
    /// When the password was set, where that is known.
    pub(in crate::pool) password_set: Option<i64>,
    /// The secret of time-based codes.
    pub(in crate::pool) software_token: SoftwareToken,
    /// Seconds since 1970 at which the user came to be.
    pub(in crate::pool) created: i64,
    /// Seconds since 1970 at which something of the user changed last.
    pub(in crate::pool) modified: i64,
    /// How many passwords the user has had: each has a salt of its own.
    pub(in crate::pool) passwords: u32,
    /// Imported without a password, so that there is nothing to sign in with before a reset.
    pub(in crate::pool) imported: bool,
}

impl Account {
    /// A user who is new to the pool.
    pub(in crate::pool) fn new(user: User, now: i64) -> Self {
        let secret = user.mfa.totp_secret.as_deref().and_then(totp::secret);
        Self {
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
    pub(in crate::pool) fn has_password(&self) -> bool {
        self.stored.is_some() || self.user.password.is_some()
    }

    /// An attribute of the user.
    pub(in crate::pool) fn attribute(&self, name: &str) -> Option<&str> {
        self.user.attributes.get(name).map(String::as_str)
    }

    /// An address that was verified. Where nothing is said of it, an alias counts as verified.
    pub(in crate::pool) fn verified(&self, name: &str) -> Option<&str> {
        let address = self.attribute(name)?;
        let is_verified = match self.attribute(&verified_flag(name)) {
            Some(flag) => flag == "true",
            None => self.user.aliases.iter().any(|alias| alias == address),
        };
        is_verified.then_some(address)
    }

    /// Whether a factor can be asked for: there is a secret, or an address to send a code to.
    pub(in crate::pool) fn is_ready(&self, method: MfaMethod) -> bool {
        match method {
            MfaMethod::SmsMfa => self.attribute("phone_number").is_some(),
            MfaMethod::SoftwareTokenMfa => self.software_token.verified.is_some(),
            MfaMethod::EmailOtp => self.verified("email").is_some(),
        }
    }

    /// Turns a factor on.
    pub(in crate::pool) fn enable(&mut self, method: MfaMethod) {
        let enabled = &mut self.user.mfa.enabled;
        if !enabled.contains(&method) {
            enabled.push(method);
        }
    }

    /// Takes over a secret whose code was shown. That code is used.
    pub(in crate::pool) fn set_up_software_token(
        &mut self,
        secret: Vec<u8>,
        step: u64,
        name: Option<String>,
    ) {
        let token = &mut self.software_token;
        token.verified = Some(secret);
        token.pending = None;
        token.used_step = Some(step);
        token.friendly_name = name;
    }
}

/// The attribute that says whether an address is verified.
pub(in crate::pool) fn verified_flag(name: &str) -> String {
    format!("{name}_verified")
}

/// The users of a pool. Names are kept in the form in which the pool compares them.
#[derive(Clone, Debug, Default)]
pub(in crate::pool) struct Directory {
    accounts: UndoMap<String, Account>,
    /// The owner of each alias.
    aliases: UndoMap<String, String>,
    /// The owner of each sub.
    subs: UndoMap<String, String>,
    folds_case: bool,
}

impl Directory {
    /// The users of a world.
    pub(in crate::pool) fn of(world: &World) -> Result<Self, PoolError> {
        let mut directory = Self {
            folds_case: !world.pool.case_sensitive,
            ..Self::default()
        };
        for user in &world.users {
            let twice = |at, name: &str| PoolError::Twice {
                at,
                name: name.to_owned(),
            };
            let key = directory.folded(&user.username).into_owned();
            if directory.accounts.contains_key(&key) {
                return Err(twice("users[].username", &user.username));
            }
            if world.pool.aliases {
                for alias in &user.aliases {
                    let folded = directory.folded(alias).into_owned();
                    if directory.aliases.insert(folded, key.clone()).is_some() {
                        return Err(twice("users[].aliases", alias));
                    }
                }
            }
            let imported = user.status == UserStatus::ResetRequired && user.password.is_none();
            let account = Account {
                imported,
                ..Account::new(user.clone(), world.clock.now())
            };
            directory.enter(key, account);
        }
        Ok(directory)
    }

    /// A name in the form in which the pool compares names: `CaseSensitive` decides.
    pub(in crate::pool) fn folded<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.folds_case {
            Cow::Owned(name.to_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    }

    /// The user of this internal name or alias. The sub is neither (ministackorg/ministack#1758).
    pub(in crate::pool) fn find(&self, name: &str) -> Option<&Account> {
        let name = self.folded(name);
        self.accounts
            .get(name.as_ref())
            .or_else(|| self.accounts.get(self.aliases.get(name.as_ref())?))
    }

    /// The user of this sub.
    pub(in crate::pool) fn find_by_sub(&self, sub: &str) -> Option<&Account> {
        self.accounts.get(self.subs.get(sub)?)
    }

    /// As [`find`](Self::find), to change the user.
    pub(in crate::pool) fn find_mut(&mut self, name: &str) -> Option<&mut Account> {
        let name = self.folded(name).into_owned();
        if self.accounts.contains_key(&name) {
            return self.accounts.get_mut(&name);
        }
        let name = self.aliases.get(&name)?;
        self.accounts.get_mut(name)
    }

    /// How many users there are.
    pub(in crate::pool) fn len(&self) -> usize {
        self.accounts.len()
    }

    /// All users, in the order of their internal names as the pool compares them.
    pub(in crate::pool) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts_after(None)
    }

    /// The users behind the one of this internal name, in the order of [`accounts`](Self::accounts).
    pub(in crate::pool) fn accounts_after(
        &self,
        username: Option<&str>,
    ) -> impl Iterator<Item = &Account> {
        let after = match username {
            None => Bound::Unbounded,
            Some(username) => Bound::Excluded(self.folded(username).into_owned()),
        };
        let behind = self.accounts.range((after, Bound::Unbounded));
        behind.map(|(_, account)| account)
    }

    /// Removes a user with all names.
    pub(in crate::pool) fn remove(&mut self, username: &str) {
        let key = self.folded(username).into_owned();
        let Some(account) = self.accounts.remove(&key) else {
            return;
        };
        for alias in &account.user.aliases {
            let folded = self.folded(alias).into_owned();
            if self.aliases.get(&folded) == Some(&key) {
                self.aliases.remove(&folded);
            }
        }
        if self.subs.get(&account.user.sub) == Some(&key) {
            self.subs.remove(&account.user.sub);
        }
    }

    /// Makes a name lead to a user. Whoever had it loses it, and the address behind it counts as unverified there (developer
    /// guide, pre sign-up Lambda trigger).
    pub(in crate::pool) fn give_alias(&mut self, alias: &str, username: &str) {
        let key = self.folded(username).into_owned();
        let folded = self.folded(alias).into_owned();
        let before = self.aliases.insert(folded, key.clone());
        match before {
            Some(owner) if owner == key => return,
            Some(owner) => self.forget_alias(&owner, alias, true),
            None => {}
        }
        if let Some(account) = self.accounts.get_mut(&key) {
            account.user.aliases.push(alias.to_owned());
        }
    }

    /// Takes a name from a user.
    pub(in crate::pool) fn remove_alias(&mut self, alias: &str, username: &str) {
        let key = self.folded(username).into_owned();
        let folded = self.folded(alias).into_owned();
        if self.aliases.get(&folded) == Some(&key) {
            self.aliases.remove(&folded);
        }
        self.forget_alias(&key, alias, false);
    }

    /// Who has this alias.
    pub(in crate::pool) fn owner_of(&self, alias: &str) -> Option<&str> {
        let owner = self.aliases.get(self.folded(alias).as_ref())?;
        let account = self.accounts.get(owner)?;
        Some(&account.user.username)
    }

    /// Adds a user, who takes over aliases that another user has.
    pub(in crate::pool) fn add(&mut self, mut account: Account) {
        let username = account.user.username.clone();
        let aliases = std::mem::take(&mut account.user.aliases);
        self.enter(self.folded(&username).into_owned(), account);
        for alias in aliases {
            self.give_alias(&alias, &username);
        }
    }

    fn enter(&mut self, key: String, account: Account) {
        if !self.subs.contains_key(&account.user.sub) {
            self.subs.insert(account.user.sub.clone(), key.clone());
        }
        self.accounts.insert(key, account);
    }

    fn forget_alias(&mut self, owner: &str, alias: &str, unverifies: bool) {
        let folded = self.folded(alias).into_owned();
        let folds_case = self.folds_case;
        let is_it = |name: &str| match folds_case {
            true => name.to_lowercase() == folded,
            false => name == folded,
        };
        let Some(account) = self.accounts.get_mut(owner) else {
            return;
        };
        account.user.aliases.retain(|name| !is_it(name));
        for name in ["email", "phone_number"] {
            if unverifies && account.attribute(name).is_some_and(is_it) {
                let flag = (verified_flag(name), "false".to_owned());
                account.user.attributes.extend([flag]);
            }
        }
    }
}

impl Undo for Directory {
    fn undo(&mut self, step: Step) {
        self.accounts.undo(step);
        self.aliases.undo(step);
        self.subs.undo(step);
    }
}
