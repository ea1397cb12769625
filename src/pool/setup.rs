//! How a pool and its app clients are set up: settings of the API to settings of the model, and back.
//!
//! What has no effect on a sign-in is kept beside the world and told again. A change sets whatever it does not name to its
//! default, as the service does (service model: `UpdateUserPool`, `UpdateUserPoolClient`).

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::client_settings::{client_members, client_of, described_client};
use super::errors::{self, Answer};
use super::policy::Policy;
use super::pool::{Pool, not_offered};
use crate::model::{
    AppClient, Clock, DeviceTracking, FirstFactor, MfaConfiguration, MfaMethod, PasswordPolicy,
    Steering, TriggerName, Triggers, UserPool, World,
};
use crate::wire::{Operation, ServiceError};

/// What is known of a pool and its app clients beside the world.
#[derive(Clone, Debug, Default)]
pub(super) struct Setup {
    pool: Settings,
    clients: BTreeMap<String, Settings>,
    /// The latest `SetUserPoolMfaConfig`.
    mfa: Map<String, Value>,
}

/// Settings as they were given, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    /// The members of the request.
    pub(super) members: Map<String, Value>,
    /// Seconds since 1970 at which they were first given.
    pub(super) created: i64,
    /// Seconds since 1970 at which they were given last.
    pub(super) modified: i64,
}

impl Setup {
    /// Nothing but the world, which there is since `now`.
    pub(super) fn of(world: &World, now: i64) -> Self {
        let settings = Settings {
            members: Map::new(),
            created: now,
            modified: now,
        };
        Self {
            clients: world
                .clients
                .iter()
                .map(|client| (client.id.clone(), settings.clone()))
                .collect(),
            pool: settings,
            mfa: Map::new(),
        }
    }
}

impl Pool {
    /// A pool as `CreateUserPool` makes one, without app clients and users. `members` are those of the request, as far as the
    /// service model allows them.
    ///
    /// # Errors
    /// What the service answers where settings do not fit together.
    pub fn create_user_pool(
        members: &Map<String, Value>,
        id: &str,
        clock: Clock,
        seed: u64,
        policy: Policy,
    ) -> Result<Self, ServiceError> {
        let world = World {
            clock,
            seed,
            ..new_world(members, id)?
        };
        let mut pool = Self::without_clients(world, policy)
            .map_err(|error| errors::impossible_setup(&error.to_string()))?;
        pool.setup.pool.members = pool_members(members);
        Ok(pool)
    }

    /// The service's description (`UserPoolType`).
    pub fn describe(&self) -> Value {
        let settings = &self.setup.pool;
        let pool = &self.world.pool;
        let mut described = settings.members.clone();
        let schema = described.remove("Schema");
        described.extend(object(json!({
            "Id": pool.id,
            "Name": pool.name.as_ref().unwrap_or(&pool.id),
            "Arn": format!("arn:aws:cognito-idp:{}:{ACCOUNT}:userpool/{}", pool.region, pool.id),
            "CreationDate": settings.created,
            "LastModifiedDate": settings.modified,
            "EstimatedNumberOfUsers": self.directory.accounts().count(),
            "Policies": self.described_policies(),
            "MfaConfiguration": pool.mfa,
            "LambdaConfig": self.described_triggers(),
            "AutoVerifiedAttributes": pool.auto_verified_attributes,
            "SchemaAttributes": described_schema(schema, pool),
            "UsernameConfiguration": { "CaseSensitive": pool.case_sensitive },
        })));
        let names = ["email", "phone_number"];
        let names: Vec<&str> = names
            .into_iter()
            .filter(|name| pool.is_username_attribute(name))
            .collect();
        if !names.is_empty() {
            described.insert("UsernameAttributes".to_owned(), json!(names));
        }
        if pool.aliases && !pool.alias_attributes.is_empty() {
            described.insert("AliasAttributes".to_owned(), json!(pool.alias_attributes));
        }
        let admin = described
            .entry("AdminCreateUserConfig")
            .or_insert_with(|| json!({}));
        admin["AllowAdminCreateUserOnly"] = json!(pool.admin_create_user_only);
        if let Some(tracking) = pool.devices {
            described.insert(
                "DeviceConfiguration".to_owned(),
                json!({
                    "ChallengeRequiredOnNewDevice": tracking.challenge_required_on_new_device,
                    "DeviceOnlyRememberedOnUserPrompt": tracking.only_remembered_on_user_prompt,
                }),
            );
        }
        for (name, value) in [
            ("DeletionProtection", json!("INACTIVE")),
            ("UserPoolTier", json!("ESSENTIALS")),
            (
                "EmailConfiguration",
                json!({ "EmailSendingAccount": "COGNITO_DEFAULT" }),
            ),
        ] {
            described.entry(name).or_insert(value);
        }
        Value::Object(described)
    }

    /// The service's description in a list (`UserPoolDescriptionType`).
    pub(super) fn summary(&self) -> Value {
        let pool = &self.world.pool;
        json!({
            "Id": pool.id,
            "Name": pool.name.as_ref().unwrap_or(&pool.id),
            "CreationDate": self.setup.pool.created,
            "LastModifiedDate": self.setup.pool.modified,
            "LambdaConfig": self.described_triggers(),
        })
    }

    /// Runs an operation on the pool's settings or its app clients.
    pub(super) fn set_up(
        &mut self,
        operation: &Operation,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
        use Operation as Op;
        self.refuse_other_pool(text(members, "UserPoolId").unwrap_or_default())?;
        match operation {
            Op::UpdateUserPool => self.update_user_pool(members),
            Op::DescribeUserPool => Ok(json!({ "UserPool": self.describe() })),
            Op::SetUserPoolMfaConfig => self.set_user_pool_mfa_config(members),
            Op::GetUserPoolMfaConfig => Ok(self.described_mfa()),
            Op::CreateUserPoolClient => self.create_user_pool_client(members),
            Op::UpdateUserPoolClient => self.update_user_pool_client(members),
            Op::DescribeUserPoolClient => {
                let client = self.client(text(members, "ClientId").unwrap_or_default())?;
                Ok(self.described_client(&client))
            }
            Op::DeleteUserPoolClient => {
                let client = self.client(text(members, "ClientId").unwrap_or_default())?;
                self.world.clients.retain(|other| other.id != client.id);
                self.setup.clients.remove(&client.id);
                Ok(json!({}))
            }
            Op::ListUserPoolClients => self.list_user_pool_clients(members),
            other => Err(not_offered(other)),
        }
    }

    fn update_user_pool(&mut self, members: &Map<String, Value>) -> Answer<Value> {
        let mut pool = self.world.pool.clone();
        let mut triggers = self.world.triggers.clone();
        apply(members, &mut pool, &mut triggers)?;
        self.world.pool = pool;
        self.world.triggers = triggers;
        // What only CreateUserPool takes stays as it is.
        let schema = self.setup.pool.members.remove("Schema");
        self.setup.pool.members = pool_members(members);
        if let Some(schema) = schema {
            let entry = ("Schema".to_owned(), schema);
            self.setup.pool.members.extend([entry]);
        }
        self.setup.pool.modified = self.now();
        Ok(json!({}))
    }

    /// A factor that is not named is off (reported, aws/aws-sdk-js#4186); `MfaConfiguration` stays where it is not named
    /// (inferred).
    fn set_user_pool_mfa_config(&mut self, members: &Map<String, Value>) -> Answer<Value> {
        let mut methods = Vec::new();
        if present(members, "SmsMfaConfiguration").is_some() {
            methods.push(MfaMethod::SmsMfa);
        }
        let software = present(members, "SoftwareTokenMfaConfiguration");
        if software.is_some_and(|config| config["Enabled"] == json!(true)) {
            methods.push(MfaMethod::SoftwareTokenMfa);
        }
        if present(members, "EmailMfaConfiguration").is_some() {
            methods.push(MfaMethod::EmailOtp);
        }
        let mfa = read(members, "MfaConfiguration").unwrap_or(self.world.pool.mfa);
        if mfa != MfaConfiguration::Off && methods.is_empty() {
            return Err(errors::no_factor());
        }
        // As in a new pool, so that MfaConfiguration alone turns on the same again.
        if methods.is_empty() {
            methods.push(MfaMethod::SmsMfa);
        }
        self.world.pool.mfa = mfa;
        self.world.pool.mfa_methods = methods;
        self.setup.mfa = without(members, &["UserPoolId", "MfaConfiguration"]);
        self.setup.pool.modified = self.now();
        Ok(self.described_mfa())
    }

    fn described_mfa(&self) -> Value {
        let mut described = self.setup.mfa.clone();
        for method in self.world.pool.offered_mfa() {
            let (name, value) = match method {
                MfaMethod::SmsMfa => ("SmsMfaConfiguration", json!({})),
                MfaMethod::SoftwareTokenMfa => {
                    ("SoftwareTokenMfaConfiguration", json!({ "Enabled": true }))
                }
                MfaMethod::EmailOtp => ("EmailMfaConfiguration", json!({})),
            };
            described.entry(name).or_insert(value);
        }
        let mfa = ("MfaConfiguration".to_owned(), json!(self.world.pool.mfa));
        described.extend([mfa]);
        Value::Object(described)
    }

    fn create_user_pool_client(&mut self, members: &Map<String, Value>) -> Answer<Value> {
        let mut client = client_of(members, AppClient::new(self.small_text(CLIENT_ID_LETTERS)))?;
        let generates = members.get("GenerateSecret").and_then(Value::as_bool) == Some(true);
        client.secret = match text(members, "ClientSecret") {
            Some(given) => Some(given.to_owned()),
            None if generates => {
                let is_longer = self.random.octets(1)[0] & 1;
                Some(self.small_text(CLIENT_SECRET_LETTERS + usize::from(is_longer)))
            }
            None => None,
        };
        let now = self.now();
        let settings = Settings {
            members: client_members(members),
            created: now,
            modified: now,
        };
        self.setup.clients.insert(client.id.clone(), settings);
        let described = self.described_client(&client);
        self.world.clients.push(client);
        Ok(described)
    }

    fn update_user_pool_client(&mut self, members: &Map<String, Value>) -> Answer<Value> {
        let before = self.client(text(members, "ClientId").unwrap_or_default())?;
        let client = client_of(
            members,
            AppClient {
                name: before.name,
                secret: before.secret,
                ..AppClient::new(before.id)
            },
        )?;
        let now = self.now();
        let settings = self.setup.clients.entry(client.id.clone()).or_default();
        settings.members = client_members(members);
        settings.modified = now;
        let described = self.described_client(&client);
        for other in &mut self.world.clients {
            if other.id == client.id {
                other.clone_from(&client);
            }
        }
        Ok(described)
    }

    fn described_client(&self, client: &AppClient) -> Value {
        let settings = self.setup.clients.get(&client.id).cloned();
        let pool = &self.world.pool.id;
        json!({ "UserPoolClient": described_client(client, pool, &settings.unwrap_or_default()) })
    }

    /// App clients in the order in which they were made.
    fn list_user_pool_clients(&self, members: &Map<String, Value>) -> Answer<Value> {
        let clients = &self.world.clients;
        let most = members.get("MaxResults").and_then(Value::as_u64);
        let most = usize::try_from(most.unwrap_or(MOST_LISTED)).unwrap_or(usize::MAX);
        let start = match text(members, "NextToken") {
            None => 0,
            Some(after) => {
                let at = clients.iter().position(|client| client.id == after);
                at.ok_or_else(errors::bad_page)? + 1
            }
        };
        let end = clients.len().min(start.saturating_add(most));
        let listed = &clients[start..end];
        let mut response = json!({
            "UserPoolClients": listed.iter().map(|client| json!({
                "ClientId": client.id,
                "UserPoolId": self.world.pool.id,
                "ClientName": client.name.as_ref().unwrap_or(&client.id),
            })).collect::<Vec<_>>(),
        });
        if let Some(last) = listed.last().filter(|_| end < clients.len()) {
            response["NextToken"] = json!(last.id);
        }
        Ok(response)
    }

    fn described_policies(&self) -> Value {
        let pool = &self.world.pool;
        let policy = &pool.password_policy;
        let mut policies = present(&self.setup.pool.members, "Policies")
            .cloned()
            .unwrap_or_else(|| json!({}));
        for (name, value) in [
            ("MinimumLength", json!(policy.minimum_length)),
            ("RequireUppercase", json!(policy.require_uppercase)),
            ("RequireLowercase", json!(policy.require_lowercase)),
            ("RequireNumbers", json!(policy.require_numbers)),
            ("RequireSymbols", json!(policy.require_symbols)),
            (
                "TemporaryPasswordValidityDays",
                json!(policy.temporary_password_validity_days),
            ),
        ] {
            policies["PasswordPolicy"][name] = value;
        }
        let factors = &mut policies["SignInPolicy"]["AllowedFirstAuthFactors"];
        if factors.is_null() {
            *factors = json!(pool.first_factors);
        }
        policies
    }

    fn described_triggers(&self) -> Value {
        let mut described = present(&self.setup.pool.members, "LambdaConfig")
            .cloned()
            .unwrap_or_else(|| json!({}));
        for (trigger, arn) in &self.world.triggers.lambda_arns {
            described[trigger.as_str()] = json!(arn);
        }
        described
    }

    /// Small letters and digits, of which the service makes ids and secrets of clients (captured, many).
    fn small_text(&mut self, length: usize) -> String {
        self.random
            .octets(length)
            .into_iter()
            .map(|octet| char::from(SMALL[usize::from(octet) % SMALL.len()]))
            .collect()
    }
}

/// A world for the pool that `CreateUserPool` asks for: no clients, no users, the machine's clock, and a seed that whoever
/// needs another one replaces.
pub(super) fn new_world(members: &Map<String, Value>, id: &str) -> Answer<World> {
    let list = |name: &str| -> Vec<String> { read(members, name).unwrap_or_default() };
    let username_attributes = list("UsernameAttributes");
    let alias_attributes = list("AliasAttributes");
    if !username_attributes.is_empty() && !alias_attributes.is_empty() {
        return Err(errors::two_kinds_of_names());
    }
    let mut pool = UserPool {
        aliases: !username_attributes.is_empty() || !alias_attributes.is_empty(),
        username_attributes,
        alias_attributes,
        // What MfaConfiguration alone turns on (inferred).
        mfa_methods: vec![MfaMethod::SmsMfa],
        case_sensitive: flag(present(members, "UsernameConfiguration"), "CaseSensitive")
            .unwrap_or(true),
        required_attributes: required_attributes(members),
        ..UserPool::new(id)
    };
    let mut triggers = Triggers::default();
    apply(members, &mut pool, &mut triggers)?;
    Ok(World {
        pool,
        clients: Vec::new(),
        users: Vec::new(),
        triggers,
        clock: Clock::Wall,
        steering: Steering::default(),
        seed: 0,
    })
}

/// Settings that `CreateUserPool` and `UpdateUserPool` share; what is not named gets its default.
fn apply(members: &Map<String, Value>, pool: &mut UserPool, triggers: &mut Triggers) -> Answer<()> {
    if let Some(name) = text(members, "PoolName") {
        pool.name = Some(name.to_owned());
    }
    let policies = present(members, "Policies");
    let admin = present(members, "AdminCreateUserConfig");
    pool.password_policy = password_policy(
        policies.and_then(|policies| policies.get("PasswordPolicy")),
        admin.and_then(|admin| admin.get("UnusedAccountValidityDays")),
    );
    pool.first_factors = first_factors(policies);
    pool.auto_verified_attributes = read(members, "AutoVerifiedAttributes").unwrap_or_default();
    pool.admin_create_user_only = flag(admin, "AllowAdminCreateUserOnly").unwrap_or(false);
    pool.mfa = read(members, "MfaConfiguration").unwrap_or_default();
    pool.devices = present(members, "DeviceConfiguration").map(|config| DeviceTracking {
        challenge_required_on_new_device: flag(Some(config), "ChallengeRequiredOnNewDevice")
            .unwrap_or(false),
        only_remembered_on_user_prompt: flag(Some(config), "DeviceOnlyRememberedOnUserPrompt")
            .unwrap_or(false),
    });
    let arns = lambda_arns(present(members, "LambdaConfig"));
    Triggers::check_arns(&arns).map_err(errors::invalid_parameter)?;
    // The function of an ARN goes with it; what stands in a world's own functions has none and stays.
    let before = std::mem::replace(&mut triggers.lambda_arns, arns);
    let now = &triggers.lambda_arns;
    triggers
        .functions
        .retain(|trigger, _| match before.get(trigger) {
            Some(arn) => now.get(trigger) == Some(arn),
            None => true,
        });
    Ok(())
}

/// Without a policy all four kinds of characters are needed (service model: `PasswordPolicyType`).
fn password_policy(policy: Option<&Value>, unused_days: Option<&Value>) -> PasswordPolicy {
    let policy = policy.filter(|policy| !policy.is_null());
    let number = |value: Option<&Value>| value.and_then(Value::as_u64).filter(|n| *n > 0);
    let of = |name: &str| policy.and_then(|policy| policy.get(name));
    let needs = |name: &str| flag(policy, name).unwrap_or(policy.is_none());
    let days = number(of("TemporaryPasswordValidityDays")).or(number(unused_days));
    let length = number(of("MinimumLength"));
    PasswordPolicy {
        minimum_length: length
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(8),
        require_uppercase: needs("RequireUppercase"),
        require_lowercase: needs("RequireLowercase"),
        require_numbers: needs("RequireNumbers"),
        require_symbols: needs("RequireSymbols"),
        temporary_password_validity_days: days
            .and_then(|days| u16::try_from(days).ok())
            .unwrap_or(7),
    }
}

/// The first factors that this pool offers, of those that are allowed.
fn first_factors(policies: Option<&Value>) -> Vec<FirstFactor> {
    let allowed = policies
        .and_then(|policies| policies["SignInPolicy"]["AllowedFirstAuthFactors"].as_array());
    match allowed {
        Some(allowed) => allowed
            .iter()
            .filter_map(|factor| serde_json::from_value(factor.clone()).ok())
            .collect(),
        None => vec![FirstFactor::Password],
    }
}

fn lambda_arns(config: Option<&Value>) -> BTreeMap<TriggerName, String> {
    let arn_of = |trigger: TriggerName| {
        let versioned = match trigger {
            TriggerName::PreTokenGeneration => {
                config.and_then(|config| config["PreTokenGenerationConfig"]["LambdaArn"].as_str())
            }
            _ => None,
        };
        let plain = config.and_then(|config| config[trigger.as_str()].as_str());
        Some((trigger, plain.or(versioned)?.to_owned()))
    };
    TriggerName::ALL.into_iter().filter_map(arn_of).collect()
}

fn required_attributes(members: &Map<String, Value>) -> Vec<String> {
    let schema = members.get("Schema").and_then(Value::as_array);
    schema
        .into_iter()
        .flatten()
        .filter(|attribute| attribute["Required"] == json!(true))
        .filter_map(|attribute| attribute["Name"].as_str())
        .filter(|name| *name != "sub")
        .map(str::to_owned)
        .collect()
}

/// Attributes of a pool's own have a prefix in descriptions (service model: `SchemaAttributeType.Name`).
fn described_schema(schema: Option<Value>, pool: &UserPool) -> Value {
    match schema {
        Some(Value::Array(mut attributes)) => {
            for attribute in &mut attributes {
                let name = attribute["Name"].as_str().unwrap_or_default();
                if !STANDARD.contains(&name) && !name.contains(':') {
                    attribute["Name"] = json!(format!("custom:{name}"));
                }
            }
            Value::Array(attributes)
        }
        _ => pool
            .required_attributes
            .iter()
            .map(|name| json!({ "Name": name, "AttributeDataType": "String", "Required": true }))
            .collect(),
    }
}

/// What a description repeats of a request about a pool.
fn pool_members(members: &Map<String, Value>) -> Map<String, Value> {
    let elsewhere = [
        "UserPoolId",
        "PoolName",
        "UsernameAttributes",
        "AliasAttributes",
    ];
    without(members, &elsewhere)
}

/// A request's members that are there, but these.
pub(super) fn without(members: &Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let kept = members
        .iter()
        .filter(|(name, value)| !value.is_null() && !names.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A member that is there.
pub(super) fn present<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

/// A member that is a string.
pub(super) fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name).and_then(Value::as_str)
}

/// A member of a type of the model.
pub(super) fn read<T: DeserializeOwned>(members: &Map<String, Value>, name: &str) -> Option<T> {
    serde_json::from_value(present(members, name)?.clone()).ok()
}

/// The entries of a JSON object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

fn flag(settings: Option<&Value>, name: &str) -> Option<bool> {
    settings?.get(name)?.as_bool()
}

const SMALL: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const CLIENT_ID_LETTERS: usize = 26;
/// Or one more.
const CLIENT_SECRET_LETTERS: usize = 51;
const MOST_LISTED: u64 = 60;
/// Nobody's.
const ACCOUNT: &str = "000000000000";
/// The attributes that every pool has (developer guide, user pool attributes).
const STANDARD: [&str; 20] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "sub",
    "updated_at",
    "website",
    "zoneinfo",
];
