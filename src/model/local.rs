//! What a file says that describes a local Cognito: TOML, from which worlds are made.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use serde::Deserialize;

use super::app_client::AppClient;
use super::clock::Clock;
use super::host_name::HostName;
use super::pool::{
    DeviceTracking, FirstFactor, MfaConfiguration, MfaMethod, PasswordPolicy, UserPool,
};
use super::steering::Steering;
use super::trigger::{BuiltIn, Function, MigrationScript, TriggerName, Triggers};
use super::user::{Device, User, UserMfa, UserStatus, stable_sub};
use super::world::World;
use crate::excerpt::{excerpt, toml_reason};

/// A local Cognito: its pools, and what they share.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// What `iss` says.
    pub issuer: LocalIssuer,
    /// Functions by their Lambda names, for pools whose `LambdaConfig` names ARNs.
    pub functions: BTreeMap<String, Function>,
    /// Where every other function is asked.
    pub lambda_endpoint: Option<String>,
    /// Names of this machine beside `localhost` under which pages in browsers may ask, and of machines whose pages are trusted.
    pub allow_hosts: Vec<HostName>,
    /// The pools.
    pub worlds: Vec<World>,
}

/// What stands in front of a pool's id in `iss`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LocalIssuer {
    /// The URL at which the pools can be reached: what clients expect that go by their endpoint.
    #[default]
    Endpoint,
    /// The service's address: what clients expect that know nothing of another endpoint.
    Service,
    /// This URL.
    Url(String),
}

/// Why a text describes no local Cognito.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// It is no TOML of the wanted shape; the text names line, column and what was expected.
    #[error("{0}")]
    Format(String),
    /// A user has nothing to be called by.
    #[error("pool {}: users[{index}]: expected {expected}, got none", excerpt(.pool))]
    NoName {
        /// The pool's id.
        pool: String,
        /// Which user, from 0.
        index: usize,
        /// What a user of this pool can be called by.
        expected: String,
    },
    /// A function has a name that Lambda would not give it, and that would change the URL in which it stands.
    #[error("[functions]: expected a name of letters, digits, _ and -, got '{}'", excerpt(.0))]
    FunctionName(String),
    /// A trigger is configured twice.
    #[error("pool {}: triggers: expected either {one} or {other}, got both", excerpt(.pool))]
    TriggerTwice {
        /// The pool's id.
        pool: String,
        /// One of the settings.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
}

impl Local {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it is no TOML of the wanted shape, or leaves out what can't be made up.
    pub fn read(text: &str) -> Result<Self, LocalError> {
        let file: File =
            toml::from_str(text).map_err(|error| LocalError::Format(toml_reason(&error, text)))?;
        if let Some(name) = file.functions.keys().find(|name| !Function::is_name(name)) {
            return Err(LocalError::FunctionName(name.clone()));
        }
        Ok(Self {
            issuer: file.issuer,
            functions: file.functions,
            lambda_endpoint: file.lambda_endpoint,
            allow_hosts: file.allow_hosts,
            worlds: file
                .pools
                .into_iter()
                .map(PoolText::into_world)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<String> for LocalIssuer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::str::FromStr for LocalIssuer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "endpoint" => Ok(Self::Endpoint),
            "service" => Ok(Self::Service),
            url if url.starts_with("http://") || url.starts_with("https://") => {
                Ok(Self::Url(url.trim_end_matches('/').to_owned()))
            }
            _ => Err("expected endpoint, service or a URL".to_owned()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    issuer: LocalIssuer,
    #[serde(default)]
    functions: BTreeMap<String, Function>,
    lambda_endpoint: Option<String>,
    #[serde(default)]
    allow_hosts: Vec<HostName>,
    pools: Vec<PoolText>,
}

/// The members of [`UserPool`] and [`World`] side by side. They are written out, since unknown members can't be told from
/// known ones in a flattened structure.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolText {
    id: String,
    name: Option<String>,
    #[serde(default = "yes")]
    aliases: bool,
    #[serde(default)]
    username_attributes: Vec<String>,
    #[serde(default)]
    alias_attributes: Vec<String>,
    #[serde(default = "yes")]
    case_sensitive: bool,
    #[serde(default)]
    required_attributes: Vec<String>,
    #[serde(default)]
    auto_verified_attributes: Vec<String>,
    #[serde(default)]
    admin_create_user_only: bool,
    #[serde(default)]
    mfa: MfaConfiguration,
    #[serde(default)]
    mfa_methods: Vec<MfaMethod>,
    devices: Option<DeviceTracking>,
    first_factors: Option<Vec<FirstFactor>>,
    #[serde(default)]
    password_policy: PasswordPolicy,
    #[serde(default)]
    clients: Vec<AppClient>,
    #[serde(default)]
    users: Vec<UserText>,
    #[serde(default)]
    triggers: TriggersText,
    clock: Option<Clock>,
    #[serde(default)]
    steering: Steering,
    seed: Option<u64>,
}

/// A [`User`] whose name and `sub` can be left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserText {
    username: Option<String>,
    sub: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    password: Option<String>,
    #[serde(default)]
    status: UserStatus,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    mfa: UserMfa,
    #[serde(default)]
    devices: Vec<Device>,
}

/// One member for each trigger, and two that stand for several of them or for a script.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TriggersText {
    pre_sign_up: Option<Function>,
    post_confirmation: Option<Function>,
    pre_authentication: Option<Function>,
    post_authentication: Option<Function>,
    user_migration: Option<Function>,
    define_auth_challenge: Option<Function>,
    create_auth_challenge: Option<Function>,
    verify_auth_challenge_response: Option<Function>,
    pre_token_generation: Option<Function>,
    custom: Option<BuiltIn>,
    migration: Option<MigrationScript>,
}

impl PoolText {
    fn into_world(self) -> Result<World, LocalError> {
        let UserPool {
            region,
            first_factors,
            ..
        } = UserPool::new(&self.id);
        let pool = UserPool {
            id: self.id,
            region,
            name: self.name,
            aliases: self.aliases,
            username_attributes: self.username_attributes,
            alias_attributes: self.alias_attributes,
            case_sensitive: self.case_sensitive,
            required_attributes: self.required_attributes,
            auto_verified_attributes: self.auto_verified_attributes,
            admin_create_user_only: self.admin_create_user_only,
            mfa: self.mfa,
            mfa_methods: self.mfa_methods,
            devices: self.devices,
            first_factors: self.first_factors.unwrap_or(first_factors),
            password_policy: self.password_policy,
        };
        let users = self.users.into_iter().enumerate();
        Ok(World {
            users: users
                .map(|(index, user)| user.into_user(index, &pool))
                .collect::<Result<_, _>>()?,
            triggers: self.triggers.into_triggers(&pool.id)?,
            pool,
            clients: self.clients,
            clock: self.clock.unwrap_or(Clock::Wall),
            steering: self.steering,
            seed: self.seed.unwrap_or_else(random_seed),
        })
    }
}

impl UserText {
    fn into_user(self, index: usize, pool: &UserPool) -> Result<User, LocalError> {
        let mut aliases = self.aliases;
        for name in ALIAS_ATTRIBUTES {
            if let Some(value) = self.attributes.get(name)
                && is_a_name(name, &self.attributes, pool)
                && !aliases.contains(value)
            {
                aliases.push(value.clone());
            }
        }
        let called = self.username.as_ref().or(aliases.first());
        let Some(called) = called else {
            return Err(LocalError::NoName {
                pool: pool.id.clone(),
                index,
                expected: names_of(pool),
            });
        };
        let sub = self.sub.unwrap_or_else(|| stable_sub(&pool.id, called));
        Ok(User {
            // As the service does where people sign up with an address: the internal name is the sub.
            username: self.username.unwrap_or_else(|| sub.clone()),
            sub,
            aliases,
            password: self.password,
            status: self.status,
            enabled: self.enabled,
            attributes: self.attributes,
            mfa: self.mfa,
            devices: self.devices,
        })
    }
}

impl TriggersText {
    fn into_triggers(self, pool: &str) -> Result<Triggers, LocalError> {
        let twice = |one, other| LocalError::TriggerTwice {
            pool: pool.to_owned(),
            one,
            other,
        };
        if self.custom.is_some()
            && (self.define_auth_challenge.is_some()
                || self.create_auth_challenge.is_some()
                || self.verify_auth_challenge_response.is_some())
        {
            return Err(twice(
                "custom",
                "define_auth_challenge, create_auth_challenge and verify_auth_challenge_response",
            ));
        }
        if self.migration.is_some() && self.user_migration.is_some() {
            return Err(twice("migration", "user_migration"));
        }
        let built_in = || self.custom.clone().map(Function::BuiltIn);
        let functions = [
            (TriggerName::PreSignUp, self.pre_sign_up),
            (TriggerName::PostConfirmation, self.post_confirmation),
            (TriggerName::PreAuthentication, self.pre_authentication),
            (TriggerName::PostAuthentication, self.post_authentication),
            (TriggerName::UserMigration, self.user_migration),
            (
                TriggerName::DefineAuthChallenge,
                self.define_auth_challenge.or_else(built_in),
            ),
            (
                TriggerName::CreateAuthChallenge,
                self.create_auth_challenge.or_else(built_in),
            ),
            (
                TriggerName::VerifyAuthChallengeResponse,
                self.verify_auth_challenge_response.or_else(built_in),
            ),
            (TriggerName::PreTokenGeneration, self.pre_token_generation),
        ];
        Ok(Triggers {
            migration: self.migration,
            functions: functions
                .into_iter()
                .filter_map(|(name, function)| Some((name, function?)))
                .collect(),
            ..Triggers::default()
        })
    }
}

/// Whether people may sign in with this attribute of theirs: the pool's user name attributes, or alias attributes that are
/// verified. A preferred user name needs no verification.
fn is_a_name(name: &str, attributes: &BTreeMap<String, String>, pool: &UserPool) -> bool {
    let is_verified = || {
        name == "preferred_username"
            || attributes
                .get(&format!("{name}_verified"))
                .map(String::as_str)
                == Some("true")
    };
    let is_alias = pool.alias_attributes.iter().any(|alias| alias == name);
    pool.aliases && (pool.is_username_attribute(name) || (is_alias && is_verified()))
}

/// What a user of a pool can be called by.
fn names_of(pool: &UserPool) -> String {
    let attributes = ALIAS_ATTRIBUTES
        .into_iter()
        .filter(|name| pool.aliases && pool.is_username_attribute(name));
    std::iter::once("username")
        .chain(attributes)
        .collect::<Vec<_>>()
        .join(" or ")
}

fn random_seed() -> u64 {
    ChaCha20Rng::from_os_rng().next_u64()
}

fn yes() -> bool {
    true
}

/// Attributes that can be names.
const ALIAS_ATTRIBUTES: [&str; 3] = ["email", "phone_number", "preferred_username"];

#[cfg(test)]
mod tests {
    use super::*;

    fn only_world(text: &str) -> World {
        let mut local = Local::read(text).expect("a text of ours is right");
        assert_eq!(local.worlds.len(), 1, "pools");
        local.worlds.remove(0)
    }

    fn refusal(text: &str) -> String {
        Local::read(text)
            .expect_err("the text is wrong")
            .to_string()
    }

    #[test]
    fn a_pool_of_one_line_has_the_defaults_of_the_service() {
        let world = only_world("pools = [{ id = \"eu-west-1_A\" }]");
        assert_eq!(world.pool, UserPool::new("eu-west-1_A"), "the pool");
        assert_eq!(world.clock, Clock::Wall, "the clock");
        assert_eq!(world.triggers, Triggers::default(), "the triggers");
        let other = only_world("pools = [{ id = \"eu-west-1_A\" }]");
        assert_ne!(world.seed, other.seed, "another seed each time");
    }

    #[test]
    fn every_setting_of_a_pool_can_be_written() {
        let pool = UserPool {
            name: Some("people".to_owned()),
            aliases: false,
            username_attributes: vec!["email".to_owned()],
            alias_attributes: vec!["phone_number".to_owned()],
            case_sensitive: false,
            required_attributes: vec!["email".to_owned()],
            auto_verified_attributes: vec!["email".to_owned()],
            admin_create_user_only: true,
            mfa: MfaConfiguration::Optional,
            mfa_methods: vec![MfaMethod::EmailOtp],
            devices: Some(DeviceTracking::default()),
            first_factors: vec![FirstFactor::EmailOtp],
            password_policy: PasswordPolicy {
                minimum_length: 12,
                ..PasswordPolicy::default()
            },
            ..UserPool::new("eu-west-1_A")
        };
        let mut table = toml::Table::try_from(&pool).expect("a pool is a table");
        table.remove("region");
        let text = toml::to_string(&toml::Table::from_iter([(
            "pools".to_owned(),
            toml::Value::Array(vec![toml::Value::Table(table)]),
        )]))
        .expect("a table is writable");
        assert_eq!(only_world(&text).pool, pool, "{text}");
    }

    #[test]
    fn an_address_is_a_name_and_stands_in_for_one() {
        let text = "
            [[pools]]
            id = 'eu-west-1_A'
            [[pools.users]]
            attributes = { email = 'ada@example.com' }
        ";
        let users = only_world(text).users;
        assert_eq!(users[0].aliases, ["ada@example.com"], "aliases");
        assert_eq!(users[0].username, users[0].sub, "the internal name");
        assert_eq!(only_world(text).users, users, "the same each time");
        assert_eq!(
            uuid::Uuid::parse_str(&users[0].sub).map(|id| id.get_version_num()),
            Ok(4)
        );
    }

    #[test]
    fn an_alias_attribute_is_a_name_once_it_is_verified() {
        let text = "
            [[pools]]
            id = 'eu-west-1_A'
            alias_attributes = ['email', 'phone_number']
            [[pools.users]]
            username = 'ada'
            attributes = { email = 'ada@example.com', phone_number = '+15555550100', email_verified = 'true' }
        ";
        let users = only_world(text).users;
        assert_eq!(users[0].username, "ada", "the name");
        assert_eq!(users[0].aliases, ["ada@example.com"], "aliases");
    }

    #[test]
    fn a_user_without_a_name_is_refused() {
        let text = "pools = [{ id = 'eu-west-1_A', users = [{ password = 'x' }] }]";
        assert_eq!(
            refusal(text),
            "pool eu-west-1_A: users[0]: expected username or email or phone_number, got none"
        );
    }

    #[test]
    fn a_built_in_challenge_stands_for_three_triggers() {
        let text = "
            [[pools]]
            id = 'eu-west-1_A'
            [pools.triggers]
            custom = 'sum'
            pre_sign_up = { throw = 'no' }
        ";
        let functions = only_world(text).triggers.functions;
        assert_eq!(functions.len(), 4, "{functions:?}");
        assert_eq!(
            functions[&TriggerName::DefineAuthChallenge],
            Function::BuiltIn(BuiltIn::Sum)
        );
        let twice = format!("{text}\ndefine_auth_challenge = {{ command = ['./define'] }}");
        assert!(
            refusal(&twice).contains("either custom or define_auth_challenge"),
            "{}",
            refusal(&twice)
        );
    }

    #[test]
    fn an_unknown_setting_is_refused_where_it_stands() {
        let error = refusal("[[pools]]\nid = 'eu-west-1_A'\nmfaa = 'ON'\n");
        assert!(error.contains("line 3, column 1"), "{error}");
        assert!(
            error.contains("unknown field `mfaa`, expected one of"),
            "{error}"
        );
    }

    #[test]
    fn an_issuer_is_one_of_two_words_or_a_url() {
        let issuer = |text: &str| text.parse::<LocalIssuer>();
        assert_eq!(issuer("endpoint"), Ok(LocalIssuer::Endpoint));
        assert_eq!(issuer("service"), Ok(LocalIssuer::Service));
        let url = LocalIssuer::Url("https://id.example.com".to_owned());
        assert_eq!(issuer("https://id.example.com/"), Ok(url));
        assert!(issuer("localhost").is_err(), "neither");
    }
}
