//! How a pool and its app clients are set up: settings of the API to settings of the model, and back.
//!
//! What has no effect on a sign-in is kept beside the world and told again. A change sets whatever it does not name to its
//! default, as the service does (service model: `UpdateUserPool`, `UpdateUserPoolClient`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{
    Clock, DeviceTracking, FirstFactor, MfaConfiguration, MfaMethod, PasswordPolicy, Steering,
    TriggerName, Triggers, UserPool, World,
};
use crate::pool::core::Pool;
use crate::pool::policy::Policy;
use crate::pool::wire::errors::{self, Answer};
use crate::pool::wire::members::{object, present, read, text, without};
use crate::wire::ServiceError;

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
            "EstimatedNumberOfUsers": self.directory.len(),
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
    pub(in crate::pool) fn summary(&self) -> Value {
        let pool = &self.world.pool;
        json!({
            "Id": pool.id,
            "Name": pool.name.as_ref().unwrap_or(&pool.id),
            "CreationDate": self.setup.pool.created,
            "LastModifiedDate": self.setup.pool.modified,
            "LambdaConfig": self.described_triggers(),
        })
    }

    pub(in crate::pool) fn update_user_pool(
        &mut self,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
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
    pub(in crate::pool) fn set_user_pool_mfa_config(
        &mut self,
        members: &Map<String, Value>,
    ) -> Answer<Value> {
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

    pub(in crate::pool) fn described_mfa(&self) -> Value {
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
}

/// A world for the pool that `CreateUserPool` asks for: no clients, no users, the machine's clock, and a seed that whoever
/// needs another one replaces.
pub(in crate::pool) fn new_world(members: &Map<String, Value>, id: &str) -> Answer<World> {
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

fn flag(settings: Option<&Value>, name: &str) -> Option<bool> {
    settings?.get(name)?.as_bool()
}

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
