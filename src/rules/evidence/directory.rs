//! Which users there are, as the service's directory has them, exchange by exchange.

use std::rc::Rc;

use crate::model::{UserStatus, World};
use crate::rules::evidence::trace::{ExchangeTrace, Message};
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation};

/// Whom a sign-in is about, as the service's directory has it when the request comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Person {
    /// Nobody said, or the name can be read in two ways.
    Untold,
    /// Nobody in the directory has this name.
    Unknown,
    /// A user.
    Known(Rc<Account>),
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules) struct Account {
    /// The internal name; `None` for a user who was migrated on the way, whose name the service chooses.
    pub(in crate::rules) internal: Option<String>,
    /// The names that sign in.
    names: Vec<String>,
    /// The `sub`, where it is known.
    pub(in crate::rules) sub: Option<String>,
    /// Whether the user may sign in at all.
    pub(in crate::rules) enabled: bool,
    /// The status.
    pub(in crate::rules) status: UserStatus,
    /// The password.
    pub(in crate::rules) password: Option<String>,
    /// How often it was set since the beginning: each time has a salt of its own, even for the same password.
    pub(in crate::rules) times_set: usize,
}

/// What the service knows of users, exchange by exchange.
pub(super) struct Directory {
    accounts: Vec<Rc<Account>>,
    aliases: bool,
    /// Users who were deleted, each with the index of the exchange before which that was.
    deleted: Vec<(Rc<Account>, usize)>,
    /// Names of whose users nobody can tell any more how they are: what changed them was altered on its way.
    doubtful: Vec<String>,
}

impl Directory {
    /// The users of a world, before anything has happened.
    pub(super) fn of(world: &World) -> Self {
        let accounts = world.users.iter().map(|user| {
            let mut names = vec![user.username.clone()];
            if world.pool.aliases {
                names.extend(user.aliases.iter().cloned());
            }
            Rc::new(Account {
                internal: Some(user.username.clone()),
                names,
                sub: Some(user.sub.clone()),
                enabled: user.enabled,
                status: user.status,
                password: user.password.clone(),
                times_set: 0,
            })
        });
        Self {
            accounts: accounts.collect(),
            aliases: world.pool.aliases,
            deleted: Vec::new(),
            doubtful: Vec::new(),
        }
    }

    /// The names that sign in a user who was migrated under this one.
    fn names_of_migrated(&self, exchange: &ExchangeTrace<'_>, name: &str) -> Vec<String> {
        let mut names = vec![name.to_owned()];
        let given = exchange.triggers.iter();
        let given = given.filter_map(|trigger| trigger.response.get("userAttributes"));
        for attributes in given.filter(|_| self.aliases) {
            let aliases = ["email", "phone_number"].map(|alias| attributes.get(alias));
            let aliases = aliases.into_iter().flatten();
            names.extend(
                aliases
                    .filter_map(|alias| alias.as_str())
                    .map(str::to_owned),
            );
        }
        names
    }

    /// Takes note that the user of this internal name was deleted just before an exchange.
    pub(super) fn delete(&mut self, internal: &str, before: usize) {
        let is_meant = |account: &mut Rc<Account>| account.internal.as_deref() == Some(internal);
        let gone = self.accounts.extract_if(.., is_meant);
        self.deleted.extend(gone.map(|account| (account, before)));
        // What the service calls a migrated user is its own matter: nobody can tell whether that one was meant.
        let migrated = self.accounts.iter().filter(|a| a.internal.is_none());
        let names = migrated.flat_map(|account| account.names.iter().cloned());
        self.doubtful.extend(names);
    }

    /// Takes note that an exchange may have changed a user, of which the answer was altered.
    pub(super) fn doubt(
        &mut self,
        exchange: &ExchangeTrace<'_>,
        start: Option<&ExchangeTrace<'_>>,
    ) {
        let may_change = match exchange.operation {
            Some(Operation::ForgotPassword | Operation::ConfirmForgotPassword) => true,
            Some(Operation::InitiateAuth) => exchange
                .initiate()
                .is_some_and(|request| request.auth_flow == AuthFlow::UserPasswordAuth),
            Some(Operation::RespondToAuthChallenge) => exchange.respond().is_some_and(|request| {
                request.challenge_name == ChallengeName::NewPasswordRequired
            }),
            _ => false,
        };
        let Some(name) = subject(exchange, start).filter(|_| may_change) else {
            return;
        };
        self.doubtful.push(name.to_owned());
        let account = self.accounts.iter().find(|account| account.goes_by(name));
        if let Some(account) = account {
            self.doubtful.extend(account.names.iter().cloned());
        }
    }

    /// Whom an exchange is about; `start` is the latest `InitiateAuth` before it.
    pub(super) fn person(
        &self,
        exchange: &ExchangeTrace<'_>,
        start: Option<&ExchangeTrace<'_>>,
    ) -> Person {
        let Some(name) = subject(exchange, start) else {
            return Person::Untold;
        };
        if self.doubtful.iter().any(|doubtful| doubtful == name) {
            return Person::Untold;
        }
        if let Some(account) = self.accounts.iter().find(|account| account.goes_by(name)) {
            return Person::Known(account.clone());
        }
        // What becomes of a sign-in whose user is deleted on the way is not established.
        let began = start.map_or(exchange.index, |start| start.index);
        let mut deleted = self.deleted.iter();
        if deleted.any(|(account, before)| account.goes_by(name) && began < *before) {
            return Person::Untold;
        }
        let lower = name.to_lowercase();
        // The sub is refused as a name in pools without aliases (captured); in alias pools, where the service itself makes
        // both the same, nobody has tried. Whether the case of a name matters is a pool's setting.
        let is_ambiguous = self.accounts.iter().any(|account| {
            (self.aliases && account.sub.as_deref() == Some(name))
                || account
                    .names
                    .iter()
                    .any(|known| known.to_lowercase() == lower)
        });
        if is_ambiguous || name.is_empty() {
            Person::Untold
        } else {
            Person::Unknown
        }
    }

    /// Takes note of what an exchange changed, of which nobody altered the answer; `person` is whom it is about.
    pub(super) fn learn(
        &mut self,
        exchange: &ExchangeTrace<'_>,
        start: Option<&ExchangeTrace<'_>>,
        person: &Person,
    ) {
        let Some(name) = subject(exchange, start) else {
            return;
        };
        let sent = |parameter: &str| exchange.parameter(parameter).map(str::to_owned);
        if *person == Person::Unknown {
            if let Some(status) = status_of_migrated(exchange) {
                self.accounts.push(Rc::new(Account {
                    internal: None,
                    names: self.names_of_migrated(exchange, name),
                    sub: None,
                    enabled: true,
                    status,
                    password: sent(key::PASSWORD).filter(|_| status == UserStatus::Confirmed),
                    times_set: 0,
                }));
            }
            return;
        }
        let replaces_temporary = exchange
            .respond()
            .is_some_and(|request| request.challenge_name == ChallengeName::NewPasswordRequired);
        let password = if replaces_temporary {
            sent(key::NEW_PASSWORD)
        } else if exchange.operation == Some(Operation::ConfirmForgotPassword) {
            exchange.member("Password").map(str::to_owned)
        } else {
            return;
        };
        if replaces_temporary && !exchange.succeeded() {
            // A trigger that fails afterwards may leave the new password in place.
            return self.doubt(exchange, start);
        }
        let mut accounts = self.accounts.iter_mut();
        if exchange.succeeded()
            && let Some(account) = accounts.find(|account| account.goes_by(name))
        {
            let account = Rc::make_mut(account);
            account.password = password;
            account.times_set += 1;
            account.status = UserStatus::Confirmed;
        }
    }
}

impl Account {
    /// Whether the user signs in by this name.
    pub(in crate::rules) fn goes_by(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The first of the names that sign in.
    pub(in crate::rules) fn goes_by_first(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    /// Whether nothing about the user stops a sign-in by SRP or password.
    pub(in crate::rules) fn may_prove(&self) -> bool {
        self.enabled
            && matches!(
                self.status,
                UserStatus::Confirmed | UserStatus::ForceChangePassword
            )
    }
}

fn subject<'a>(
    exchange: &'a ExchangeTrace<'a>,
    start: Option<&'a ExchangeTrace<'a>>,
) -> Option<&'a str> {
    match exchange.message {
        Message::Other => exchange.member("Username"),
        _ => start?.parameter(key::USERNAME),
    }
}

/// The status of a user whom an exchange brought into the directory from another one, if it did.
fn status_of_migrated(exchange: &ExchangeTrace<'_>) -> Option<UserStatus> {
    let is_by_password = exchange
        .initiate()
        .is_some_and(|request| request.auth_flow == AuthFlow::UserPasswordAuth);
    let goes_on = exchange.answer.as_ref().is_some_and(|answer| {
        answer.authentication_result.is_some() || answer.challenge_name.is_some()
    });
    if is_by_password && goes_on {
        return Some(UserStatus::Confirmed);
    }
    let has_to_reset = exchange
        .error
        .as_ref()
        .is_some_and(|error| error.kind == ErrorKind::PasswordResetRequired);
    let was_migrated = || {
        let mut triggers = exchange.triggers.iter();
        triggers.any(|trigger| {
            trigger.source.starts_with("UserMigration")
                && trigger.response.get("userAttributes").is_some()
        })
    };
    let is_reset = exchange.operation == Some(Operation::ForgotPassword)
        && exchange.succeeded()
        && was_migrated();
    (is_by_password && has_to_reset || is_reset).then_some(UserStatus::ResetRequired)
}
