//! One exchange as the service saw it: what stands before it, and whom it is about.

use crate::model::{AppClient, UserStatus, World};
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{ExchangeTrace, Message, Trace};
use crate::wire::names::key;
use crate::wire::{
    AuthFlow, AuthResponse, AuthenticationResult, Call, ChallengeName, ConfirmSignIn, ErrorKind,
    Operation, ServiceError, SignIn,
};

/// An exchange with what the service knew when the request came.
#[derive(Clone, Debug)]
pub(super) struct Scene<'a> {
    /// The exchange.
    pub(super) exchange: &'a ExchangeTrace,
    /// The arguments of that sign-in.
    pub(super) call: Option<&'a SignIn>,
    /// The person's answer, if the call in which it was made gives one.
    pub(super) given: Option<&'a ConfirmSignIn>,
    /// The latest `InitiateAuth` of that sign-in, at or before this exchange.
    pub(super) start: Option<&'a ExchangeTrace>,
    /// The exchange whose answer asked the challenge that is pending.
    pub(super) asked: Option<&'a ExchangeTrace>,
    /// How many requests were refused like a wrong password before this one.
    pub(super) failures: usize,
    /// Whether no answer was altered so far, this one included. After an altered answer nobody can tell any more what a
    /// client's next request is owed.
    pub(super) is_clean: bool,
    /// Whom the sign-in is about.
    pub(super) person: Person,
    /// Whether it was made in a call after the sign-in.
    pub(super) is_later: bool,
}

/// Whom a sign-in is about, as the service's directory has it when the request comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Person {
    /// Nobody said, or the name can be read in two ways.
    Untold,
    /// Nobody in the directory has this name.
    Unknown,
    /// A user.
    Known(Account),
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// The internal name; `None` for a user who was migrated on the way, whose name the service chooses.
    pub(super) internal: Option<String>,
    /// The names that sign in.
    names: Vec<String>,
    /// The `sub`, where it is known.
    pub(super) sub: Option<String>,
    /// Whether the user may sign in at all.
    pub(super) enabled: bool,
    /// The status.
    pub(super) status: UserStatus,
    /// The password.
    pub(super) password: Option<String>,
}

/// Every exchange of every sign-in, in order, with what the service knew.
pub(super) fn scenes<'a>(facts: &Facts, trace: &'a Trace) -> Vec<Scene<'a>> {
    let mut directory = facts.world.as_ref().map(Directory::of);
    let mut is_clean = true;
    let mut failures = 0;
    let mut scenes = Vec::new();
    for sign_in in &trace.sign_ins {
        let mut start = None;
        let mut asked = None;
        let calls = sign_in.calls.iter().map(|call| (call, false));
        let calls = calls.chain(sign_in.later.iter().map(|call| (call, true)));
        let exchanges = calls.flat_map(|(call, is_later)| {
            let exchanges = call.exchanges.iter();
            exchanges.map(move |exchange| (call, exchange, is_later))
        });
        for (call, exchange, is_later) in exchanges {
            // A browser's question whether it may ask.
            if exchange.request.method == "OPTIONS" {
                continue;
            }
            if exchange.operation == Some(Operation::InitiateAuth) {
                start = Some(exchange);
                asked = None;
            }
            is_clean &= !exchange.is_altered() && exchange.response.is_some();
            let person = directory.as_ref().map_or(Person::Untold, |directory| {
                directory.person(exchange, start)
            });
            let scene = Scene {
                exchange,
                call: sign_in.arguments(),
                given: match &call.call {
                    Some(Call::ConfirmSignIn(given)) => Some(given),
                    _ => None,
                },
                start,
                asked,
                failures,
                is_clean,
                person,
                is_later,
            };
            if is_clean && let Some(directory) = &mut directory {
                directory.learn(&scene);
            }
            failures += usize::from(scene.error().is_some_and(is_generic));
            scenes.push(scene);
            if exchange
                .answer
                .as_ref()
                .is_some_and(|answer| answer.challenge_name.is_some())
            {
                asked = Some(exchange);
            }
        }
    }
    scenes
}

impl<'a> Scene<'a> {
    /// Index of the exchange, for findings.
    pub(super) fn index(&self) -> Option<usize> {
        Some(self.exchange.index)
    }

    /// The challenge it answers with, as the service sent it.
    pub(super) fn challenge(&self) -> Option<(&'a AuthResponse, &'a ChallengeName)> {
        let answer = self.answer()?;
        Some((answer, answer.challenge_name.as_ref()?))
    }

    /// The tokens it answers with, as the service sent them.
    pub(super) fn tokens(&self) -> Option<&'a AuthenticationResult> {
        self.answer()?.authentication_result.as_ref()
    }

    /// Whether a refresh token was shown, which is answered with two tokens.
    pub(super) fn is_refresh(&self) -> bool {
        self.exchange.is_refresh()
    }

    /// The error it answers with, as the service sent it.
    pub(super) fn error(&self) -> Option<&'a ServiceError> {
        let exchange: &'a ExchangeTrace = self.exchange;
        exchange.error.as_ref().filter(|_| !exchange.is_altered())
    }

    /// Whether the service answered with a success.
    pub(super) fn succeeded(&self) -> bool {
        !self.exchange.is_altered()
            && self
                .exchange
                .response
                .as_ref()
                .is_some_and(|response| (200..300).contains(&response.status))
    }

    /// The flow of its sign-in.
    pub(super) fn flow(&self) -> Option<&'a AuthFlow> {
        let start: &'a ExchangeTrace = self.start?;
        start.initiate().map(|request| &request.auth_flow)
    }

    /// Whether it starts a sign-in by this flow.
    pub(super) fn starts(&self, flow: &AuthFlow) -> bool {
        self.exchange
            .initiate()
            .is_some_and(|request| request.auth_flow == *flow)
    }

    /// Whether it answers this challenge.
    pub(super) fn answers(&self, challenge: &ChallengeName) -> bool {
        self.exchange
            .respond()
            .is_some_and(|request| request.challenge_name == *challenge)
    }

    /// Whether its Session is that of the pending challenge, rather than one from before.
    pub(super) fn continues(&self) -> bool {
        let asked = self.asked.and_then(|asked| asked.answer.as_ref());
        let session = asked.and_then(|asked| asked.session.as_ref());
        self.exchange
            .respond()
            .is_none_or(|request| request.session.as_ref() == session)
    }

    /// A parameter of the pending challenge.
    pub(super) fn asked_parameter(&self, name: &str) -> Option<&'a str> {
        let asked: &'a ExchangeTrace = self.asked?;
        let parameters = asked.answer.as_ref()?.challenge_parameters.as_ref()?;
        parameters.get(name).map(String::as_str)
    }

    /// The app client that the request names.
    pub(super) fn client<'w>(&self, world: &'w World) -> Option<&'w AppClient> {
        let id = self.exchange.client_id()?;
        world.clients.iter().find(|client| client.id == id)
    }

    /// The user, if there is one.
    pub(super) fn account(&self) -> Option<&Account> {
        match &self.person {
            Person::Known(account) => Some(account),
            Person::Untold | Person::Unknown => None,
        }
    }

    /// What the service answered, in a few words.
    pub(super) fn told(&self) -> String {
        if let Some((_, name)) = self.challenge() {
            return format!("the challenge {name}");
        }
        if self.tokens().is_some() {
            return "tokens".to_owned();
        }
        match (self.error(), &self.exchange.response) {
            (Some(error), _) => error.to_string(),
            (None, Some(response)) => {
                format!("status {} without an error name", response.status)
            }
            (None, None) => "no answer".to_owned(),
        }
    }

    fn answer(&self) -> Option<&'a AuthResponse> {
        let exchange: &'a ExchangeTrace = self.exchange;
        exchange.answer.as_ref().filter(|_| !exchange.is_altered())
    }
}

/// Whether an error is the one for a wrong password, a wrong proof and `failAuthentication` alike.
pub(super) fn is_generic(error: &ServiceError) -> bool {
    error.kind == ErrorKind::NotAuthorized && error.message == GENERIC
}

/// The text for a wrong password, a wrong proof and `failAuthentication` alike (captured, aws-amplify/amplify-swift#3344).
pub(super) const GENERIC: &str = "Incorrect username or password.";

/// What the service knows of users, exchange by exchange.
struct Directory {
    accounts: Vec<Account>,
    aliases: bool,
}

impl Directory {
    fn of(world: &World) -> Self {
        let accounts = world.users.iter().map(|user| {
            let mut names = vec![user.username.clone()];
            if world.pool.aliases {
                names.extend(user.aliases.iter().cloned());
            }
            Account {
                internal: Some(user.username.clone()),
                names,
                sub: Some(user.sub.clone()),
                enabled: user.enabled,
                status: user.status,
                password: user.password.clone(),
            }
        });
        Self {
            accounts: accounts.collect(),
            aliases: world.pool.aliases,
        }
    }

    fn person(&self, exchange: &ExchangeTrace, start: Option<&ExchangeTrace>) -> Person {
        let Some(name) = subject(exchange, start) else {
            return Person::Untold;
        };
        if let Some(account) = self.accounts.iter().find(|account| account.goes_by(&name)) {
            return Person::Known(account.clone());
        }
        let lower = name.to_lowercase();
        // The sub is refused as a name in pools without aliases (captured); in alias pools, where the service itself makes
        // both the same, nobody has tried. Whether the case of a name matters is a pool's setting.
        let is_ambiguous = self.accounts.iter().any(|account| {
            (self.aliases && account.sub.as_deref() == Some(&name))
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

    fn learn(&mut self, scene: &Scene<'_>) {
        let Some(name) = subject(scene.exchange, scene.start) else {
            return;
        };
        let sent = |parameter: &str| scene.exchange.parameter(parameter).map(str::to_owned);
        let resets = scene
            .error()
            .is_some_and(|error| error.kind == ErrorKind::PasswordResetRequired);
        if scene.person == Person::Unknown {
            let status = if scene.starts(&AuthFlow::UserPasswordAuth) && scene.tokens().is_some() {
                UserStatus::Confirmed
            } else if scene.starts(&AuthFlow::UserPasswordAuth) && resets
                || scene.exchange.operation == Some(Operation::ForgotPassword)
                    && scene.succeeded()
                    && scene
                        .exchange
                        .triggers
                        .iter()
                        .any(|trigger| trigger.source.starts_with("UserMigration"))
            {
                UserStatus::ResetRequired
            } else {
                return;
            };
            self.accounts.push(Account {
                internal: None,
                names: vec![name],
                sub: None,
                enabled: true,
                status,
                password: sent(key::PASSWORD).filter(|_| status == UserStatus::Confirmed),
            });
            return;
        }
        let password = if scene.answers(&ChallengeName::NewPasswordRequired) {
            sent(key::NEW_PASSWORD)
        } else if scene.exchange.operation == Some(Operation::ConfirmForgotPassword) {
            scene.exchange.member("Password").map(str::to_owned)
        } else {
            return;
        };
        if scene.succeeded()
            && let Some(account) = self
                .accounts
                .iter_mut()
                .find(|account| account.goes_by(&name))
        {
            account.password = password;
            account.status = UserStatus::Confirmed;
        }
    }
}

impl Account {
    /// Whether the user signs in by this name.
    pub(super) fn goes_by(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The first of the names that sign in.
    pub(super) fn goes_by_first(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    /// Whether nothing about the user stops a sign-in by SRP or password.
    pub(super) fn may_prove(&self) -> bool {
        self.enabled
            && matches!(
                self.status,
                UserStatus::Confirmed | UserStatus::ForceChangePassword
            )
    }
}

fn subject(exchange: &ExchangeTrace, start: Option<&ExchangeTrace>) -> Option<String> {
    match exchange.message {
        Message::Other => exchange.member("Username").map(str::to_owned),
        _ => start?.parameter(key::USERNAME).map(str::to_owned),
    }
}
