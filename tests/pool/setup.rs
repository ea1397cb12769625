//! How a pool and its app clients are set up.

use std::collections::BTreeMap;

use crate::support::counter::*;
use cognito_conformance::model::{
    Clock, DeviceTracking, ExplicitAuthFlow, FirstFactor, Function, MfaConfiguration, MfaMethod,
    PasswordPolicy, TriggerName, World,
};
use cognito_conformance::pool::{Policy, Pool};
use cognito_conformance::srp::Dialect;
use cognito_conformance::wire::ErrorKind::{
    InvalidParameter, InvalidPassword, NotAuthorized, ResourceNotFound, UserNotFound,
};
use cognito_conformance::wire::{PoolNote, ServiceError};
use serde_json::{Value, json};

const STRONG: &str = "Str0ng-Passw0rd";

fn create(members: &Value) -> Result<Pool, ServiceError> {
    let members = members.as_object().unwrap();
    Pool::create_user_pool(members, POOL_ID, Clock::Fixed(NOW), 7, Policy::default())
}

/// A pool that was made by the API, and one client of it.
fn set_up(pool: &Value, client: &Value) -> Counter {
    let mut counter = Counter {
        pool: create(pool).expect("settings that fit together"),
        dialect: Dialect::cognito(),
        client: String::new(),
        secret: None,
        metadata: BTreeMap::new(),
        a: cognito_conformance::srp::parse_hex(&"0123456789abcdef".repeat(4)).unwrap(),
    };
    let made = made_client(&mut counter, client);
    counter.client = made["ClientId"].as_str().unwrap().to_owned();
    counter.secret = made["ClientSecret"].as_str().map(str::to_owned);
    counter
}

fn made_client(counter: &mut Counter, more: &Value) -> Value {
    let got = of_pool(counter, "CreateUserPoolClient", more);
    got.body()["UserPoolClient"].clone()
}

fn of_pool(counter: &mut Counter, operation: &str, more: &Value) -> Got {
    let mut body = more.clone();
    if body.get("UserPoolId").is_none() {
        body["UserPoolId"] = json!(POOL_ID);
    }
    counter.send(operation, &body)
}

fn described(counter: &mut Counter) -> Value {
    of_pool(counter, "DescribeUserPool", &json!({})).body()["UserPool"].clone()
}

fn named(name: &str) -> Value {
    json!({ "ClientName": name })
}

#[test]
fn a_pool_without_settings_has_the_services_defaults() {
    let pool = create(&json!({ "PoolName": "plain" })).unwrap();
    let settings = &pool.world().pool;
    assert_eq!(settings.name.as_deref(), Some("plain"), "name");
    assert!(!settings.aliases, "people have user names alone");
    assert_eq!(
        settings.password_policy,
        PasswordPolicy {
            minimum_length: 8,
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            temporary_password_validity_days: 7,
        },
        "all four kinds of characters"
    );
    assert_eq!(settings.first_factors, [FirstFactor::Password]);
    assert_eq!(settings.mfa, MfaConfiguration::Off);
    assert_eq!(settings.devices, None, "devices are not tracked");
    assert!(settings.case_sensitive, "names differ in case");
    assert_eq!(pool.world().clients, [], "no clients");
    insta::assert_json_snapshot!("describe_user_pool_by_default", pool.describe());
}

#[test]
fn every_setting_that_a_sign_in_depends_on_reaches_the_model_and_is_described() {
    let arn = |name: &str| format!("arn:aws:lambda:us-east-1:000000000000:function:{name}");
    let members = json!({
        "PoolName": "full",
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": 10, "RequireNumbers": true, "TemporaryPasswordValidityDays": 2,
                "PasswordHistorySize": 3,
            },
            "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"] },
        },
        "UsernameAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
        "UsernameConfiguration": { "CaseSensitive": false },
        "AdminCreateUserConfig": { "AllowAdminCreateUserOnly": true },
        "MfaConfiguration": "OPTIONAL",
        "DeviceConfiguration": { "ChallengeRequiredOnNewDevice": true },
        "Schema": [
            { "Name": "given_name", "Required": true, "AttributeDataType": "String" },
            { "Name": "tenant", "AttributeDataType": "String" },
        ],
        "LambdaConfig": {
            "PreSignUp": arn("before"),
            "PreTokenGenerationConfig": { "LambdaVersion": "V1_0", "LambdaArn": arn("claims") },
            "CustomMessage": arn("texts"),
        },
        "UserPoolTags": { "team": "blue" },
        "EmailVerificationSubject": null,
    });
    let pool = create(&members).unwrap();
    let settings = &pool.world().pool;
    assert!(settings.aliases, "people sign in by address");
    assert_eq!(settings.username_attributes, ["email"]);
    assert_eq!(settings.auto_verified_attributes, ["email"]);
    assert_eq!(
        settings.password_policy,
        PasswordPolicy {
            minimum_length: 10,
            require_numbers: true,
            temporary_password_validity_days: 2,
            ..PasswordPolicy::default()
        },
        "what a policy does not name is not needed"
    );
    assert_eq!(
        settings.first_factors,
        [FirstFactor::Password, FirstFactor::EmailOtp],
        "those that this pool offers"
    );
    assert!(!settings.case_sensitive);
    assert!(settings.admin_create_user_only);
    assert_eq!(settings.mfa, MfaConfiguration::Optional);
    assert_eq!(
        settings.devices,
        Some(DeviceTracking {
            challenge_required_on_new_device: true,
            only_remembered_on_user_prompt: false,
        })
    );
    assert_eq!(settings.required_attributes, ["given_name"]);
    assert_eq!(
        pool.world().triggers.lambda_arns,
        BTreeMap::from([
            (TriggerName::PreSignUp, arn("before")),
            (TriggerName::PreTokenGeneration, arn("claims")),
        ])
    );
    insta::assert_json_snapshot!("describe_user_pool_with_settings", pool.describe());
}

#[test]
fn settings_that_do_not_fit_together_are_refused() {
    let both = json!({
        "PoolName": "x", "UsernameAttributes": ["email"], "AliasAttributes": ["phone_number"],
    });
    assert_eq!(create(&both).unwrap_err().kind, InvalidParameter, "names");

    let mut counter = set_up(&json!({ "PoolName": "x" }), &named("first"));
    let refusals = [
        json!({ "ExplicitAuthFlows": ["USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"] }),
        json!({ "AccessTokenValidity": 4, "TokenValidityUnits": { "AccessToken": "minutes" } }),
        json!({ "IdTokenValidity": 25 }),
        json!({ "RefreshTokenValidity": 3599, "TokenValidityUnits": { "RefreshToken": "seconds" } }),
        json!({ "RefreshTokenValidity": 3651 }),
        json!({ "AuthSessionValidity": 2 }),
    ];
    for mut refused in refusals {
        refused["ClientName"] = json!("second");
        let got = of_pool(&mut counter, "CreateUserPoolClient", &refused);
        assert_eq!(got.kind(), InvalidParameter, "{refused}");
    }
    assert_eq!(counter.pool.world().clients.len(), 1, "none was made");
    for more in [
        json!({ "MfaConfiguration": "ON" }),
        json!({
            "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": { "Enabled": false },
        }),
    ] {
        of_pool(&mut counter, "SetUserPoolMfaConfig", &more).refuses(
            InvalidParameter,
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.",
        );
    }
}

#[test]
fn users_of_a_pool_that_was_made_sign_up_and_sign_in_by_srp() {
    let pool = json!({
        "PoolName": "by e-mail", "UsernameAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"], "UsernameConfiguration": { "CaseSensitive": false },
    });
    let client = json!({ "ClientName": "app", "GenerateSecret": true });
    let mut counter = set_up(&pool, &client);
    let secret = counter.secret.clone().unwrap();
    let name = "Carol@example.com";
    let hash = cognito_conformance::srp::secret_hash(&secret, name, &counter.client);
    let mut body = json!({
        "ClientId": counter.client, "Username": name, "SecretHash": hash, "Password": "weak-pass",
    });
    assert_eq!(
        counter.send("SignUp", &body).kind(),
        InvalidPassword,
        "weak"
    );
    body["Password"] = json!(STRONG);
    let sub = counter.send("SignUp", &body).body()["UserSub"].clone();
    let code = counter.notes().into_iter().find_map(|note| match note {
        PoolNote::Sent { text, .. } => Some(text),
        _ => None,
    });
    let body = json!({
        "ClientId": counter.client, "Username": name, "SecretHash": hash,
        "ConfirmationCode": code.unwrap(),
    });
    assert_eq!(counter.send("ConfirmSignUp", &body).0.status, 200);
    let done = counter.sign_in_by_srp("carol@example.com", STRONG);
    assert!(done.has_tokens(), "{:?}", done.0);
    let claims = claims(&done.token("IdToken"));
    assert_eq!(claims["sub"], sub, "sub");
    assert_eq!(claims["aud"], json!(counter.client), "the client");
    assert_eq!(described(&mut counter)["EstimatedNumberOfUsers"], 1);
}

#[test]
fn a_pool_with_neither_list_has_plain_user_names() {
    let mut counter = set_up(&json!({ "PoolName": "plain" }), &named("app"));
    let created = of_pool(
        &mut counter,
        "AdminCreateUser",
        &json!({
            "Username": "carol", "TemporaryPassword": STRONG,
            "UserAttributes": [
                { "Name": "email", "Value": EMAIL }, { "Name": "email_verified", "Value": "true" },
            ],
        }),
    );
    assert_eq!(created.body()["User"]["Username"], "carol");
    let asked = counter.start_srp("carol");
    assert_eq!(asked.parameter("USER_ID_FOR_SRP"), "carol");
    let asked = counter.sign_in_by_srp("carol", STRONG);
    assert_eq!(asked.challenge().as_deref(), Some("NEW_PASSWORD_REQUIRED"));
    assert_eq!(counter.start_srp(EMAIL).kind(), UserNotFound, "no alias");
}

#[test]
fn a_client_gets_an_id_a_secret_and_the_services_defaults() {
    let mut counter = set_up(&json!({ "PoolName": "x" }), &named("public"));
    let is_small = |text: &str| {
        text.bytes()
            .all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit())
    };
    assert_eq!(counter.client.len(), 26, "the id's length");
    assert!(is_small(&counter.client), "{}", counter.client);
    assert_eq!(counter.secret, None, "no secret unless asked for");
    let public = counter.pool.world().clients[0].clone();
    assert_eq!(public.explicit_auth_flows, [], "the default flows");
    assert_eq!(public.access_token_minutes, 60);
    assert_eq!(public.id_token_minutes, 60);
    assert_eq!(public.refresh_token_minutes, 30 * 24 * 60);
    assert_eq!(public.auth_session_validity, 3);
    assert_eq!(public.rotation_grace_seconds, None);
    assert!(public.token_revocation);
    assert!(!public.prevent_user_existence_errors, "LEGACY");
    assert_eq!(
        counter.start_srp("nobody").kind(),
        UserNotFound,
        "SRP is among the default flows"
    );
    assert_eq!(
        counter.with_password("nobody", STRONG).kind(),
        InvalidParameter,
        "the password flow is not"
    );

    let mut lengths = Vec::new();
    for number in 0..8 {
        let more = json!({ "ClientName": format!("c{number}"), "GenerateSecret": true });
        let made = made_client(&mut counter, &more);
        let secret = made["ClientSecret"].as_str().unwrap().to_owned();
        assert!(is_small(&secret), "{secret}");
        lengths.push(secret.len());
    }
    lengths.sort_unstable();
    lengths.dedup();
    assert_eq!(lengths, [51, 52], "both lengths occur");
}

#[test]
fn every_setting_of_a_client_reaches_the_model_and_is_described() {
    let mut counter = set_up(&json!({ "PoolName": "x" }), &named("first"));
    let made = made_client(
        &mut counter,
        &json!({
            "ClientName": "second",
            "ClientSecret": SECRET,
            "ExplicitAuthFlows": [
                "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_TOKEN_EXCHANGE_DELEGATION",
            ],
            "PreventUserExistenceErrors": "ENABLED",
            "AuthSessionValidity": 15,
            "AccessTokenValidity": 300, "IdTokenValidity": 1, "RefreshTokenValidity": 90,
            "TokenValidityUnits": {
                "AccessToken": "seconds", "IdToken": "days", "RefreshToken": "minutes",
            },
            "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 10 },
            "EnableTokenRevocation": false,
            "CallbackURLs": ["https://example.com/"],
        }),
    );
    let client = counter.pool.world().clients[1].clone();
    assert_eq!(client.name.as_deref(), Some("second"));
    assert_eq!(client.secret.as_deref(), Some(SECRET));
    assert_eq!(
        client.explicit_auth_flows,
        [
            ExplicitAuthFlow::AllowUserPasswordAuth,
            ExplicitAuthFlow::AllowUserAuth
        ]
    );
    assert!(client.prevent_user_existence_errors);
    assert_eq!(client.auth_session_validity, 15);
    assert_eq!(client.access_token_minutes, 5, "300 seconds");
    assert_eq!(client.id_token_minutes, 24 * 60, "a day");
    assert_eq!(client.refresh_token_minutes, 90);
    assert_eq!(client.rotation_grace_seconds, Some(10));
    assert!(!client.token_revocation);
    insta::assert_json_snapshot!("describe_user_pool_client", made);
    let again = of_pool(
        &mut counter,
        "DescribeUserPoolClient",
        &json!({ "ClientId": made["ClientId"] }),
    );
    assert_eq!(again.body()["UserPoolClient"], made, "described alike");
}

#[test]
fn an_update_of_a_client_sets_what_it_does_not_name_to_its_default() {
    let mut counter = set_up(
        &json!({ "PoolName": "x" }),
        &json!({
            "ClientName": "app", "GenerateSecret": true, "AccessTokenValidity": 2,
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
            "PreventUserExistenceErrors": "ENABLED", "CallbackURLs": ["https://example.com/"],
        }),
    );
    let before = counter.pool.world().clients[0].clone();
    assert_eq!(before.access_token_minutes, 120);
    counter.pool.advance_clock(60);
    let client = counter.client.clone();
    let got = of_pool(
        &mut counter,
        "UpdateUserPoolClient",
        &json!({ "ClientId": client, "IdTokenValidity": 3 }),
    )
    .body()["UserPoolClient"]
        .clone();
    let after = counter.pool.world().clients[0].clone();
    assert_eq!(after.id, before.id, "id");
    assert_eq!(after.secret, before.secret, "secret");
    assert_eq!(after.name, before.name, "name");
    assert_eq!(after.id_token_minutes, 180, "what is named");
    assert_eq!(after.access_token_minutes, 60, "the default");
    assert_eq!(after.explicit_auth_flows, [], "the default flows");
    assert!(!after.prevent_user_existence_errors, "LEGACY");
    assert_eq!(got.get("CallbackURLs"), None, "told no longer");
    assert_eq!(got["CreationDate"], json!(NOW));
    assert_eq!(got["LastModifiedDate"], json!(NOW + 60));
}

#[test]
fn clients_are_listed_by_pages_and_deleted() {
    let mut counter = set_up(&json!({ "PoolName": "x" }), &named("first"));
    for name in ["second", "third"] {
        made_client(&mut counter, &named(name));
    }
    let names = |got: &Got| -> Vec<String> {
        let clients = got.body()["UserPoolClients"].as_array().unwrap().clone();
        let name = |client: &Value| client["ClientName"].as_str().unwrap().to_owned();
        clients.iter().map(name).collect()
    };
    let page = of_pool(
        &mut counter,
        "ListUserPoolClients",
        &json!({ "MaxResults": 2 }),
    );
    assert_eq!(names(&page), ["first", "second"], "the first page");
    let token = page.body()["NextToken"].clone();
    let page = of_pool(
        &mut counter,
        "ListUserPoolClients",
        &json!({ "MaxResults": 2, "NextToken": token }),
    );
    assert_eq!(names(&page), ["third"], "the last page");
    assert_eq!(page.body().get("NextToken"), None, "no further one");

    let client = json!({ "ClientId": counter.client });
    assert_eq!(
        of_pool(&mut counter, "DeleteUserPoolClient", &client).body(),
        json!({})
    );
    let gone = format!("User pool client {} does not exist.", counter.client);
    for operation in [
        "DescribeUserPoolClient",
        "UpdateUserPoolClient",
        "DeleteUserPoolClient",
    ] {
        of_pool(&mut counter, operation, &client).refuses(ResourceNotFound, &gone);
    }
    counter.start_srp("carol").refuses(ResourceNotFound, &gone);
}

#[test]
fn an_update_of_a_pool_sets_what_it_does_not_name_to_its_default() {
    let arn = |name: &str| format!("arn:aws:lambda:us-east-1:000000000000:function:{name}");
    let pool = json!({
        "PoolName": "before", "AliasAttributes": ["email"], "MfaConfiguration": "OPTIONAL",
        "AutoVerifiedAttributes": ["email"],
        "Policies": { "PasswordPolicy": { "MinimumLength": 6 } },
        "DeviceConfiguration": {}, "UsernameConfiguration": { "CaseSensitive": false },
        "Schema": [{ "Name": "name", "Required": true }],
        "LambdaConfig": { "PreSignUp": arn("before") }, "UserPoolTags": { "team": "blue" },
    });
    let mut counter = set_up(&pool, &named("app"));
    assert!(counter.pool.world().pool.devices.is_some(), "tracked");
    counter.pool.advance_clock(60);
    let update = json!({ "AutoVerifiedAttributes": ["phone_number"] });
    assert_eq!(
        of_pool(&mut counter, "UpdateUserPool", &update).body(),
        json!({})
    );
    let settings = counter.pool.world().pool.clone();
    assert_eq!(settings.name.as_deref(), Some("before"), "the name stays");
    assert_eq!(settings.alias_attributes, ["email"], "so do names");
    assert!(!settings.case_sensitive, "and their case");
    assert_eq!(settings.required_attributes, ["name"], "and the schema");
    assert_eq!(settings.auto_verified_attributes, ["phone_number"]);
    assert_eq!(settings.mfa, MfaConfiguration::Off);
    assert_eq!(settings.password_policy.minimum_length, 8);
    assert!(settings.password_policy.require_symbols);
    assert_eq!(settings.devices, None);
    assert_eq!(
        counter.pool.world().triggers.lambda_arns,
        BTreeMap::new(),
        "no triggers"
    );
    let told = described(&mut counter);
    assert_eq!(told.get("UserPoolTags"), None, "told no longer");
    assert_eq!(told["SchemaAttributes"][0]["Name"], "name");
    assert_eq!(told["AliasAttributes"], json!(["email"]));
    assert_eq!(told["CreationDate"], json!(NOW));
    assert_eq!(told["LastModifiedDate"], json!(NOW + 60));

    let renamed = json!({ "PoolName": "after" });
    of_pool(&mut counter, "UpdateUserPool", &renamed);
    assert_eq!(described(&mut counter)["Name"], "after");
}

#[test]
fn the_function_of_an_arn_goes_with_it_and_a_function_of_the_world_stays() {
    let arn = |name: &str| format!("arn:aws:lambda:us-east-1:000000000000:function:{name}");
    let mut world: World = world();
    for (trigger, function) in [
        (TriggerName::PreSignUp, "resolved"),
        (TriggerName::PostConfirmation, "resolved"),
        (TriggerName::PreAuthentication, "the world's own"),
    ] {
        let function = Function::Respond(json!({ "of": function }));
        world.triggers.functions.insert(trigger, function);
    }
    for trigger in [TriggerName::PreSignUp, TriggerName::PostConfirmation] {
        world.triggers.lambda_arns.insert(trigger, arn("one"));
    }
    let mut counter = Counter::new(world);
    let update = json!({ "LambdaConfig": { "PostConfirmation": arn("one") } });
    of_pool(&mut counter, "UpdateUserPool", &update);
    let triggers = &counter.pool.world().triggers;
    let left: Vec<TriggerName> = triggers.functions.keys().copied().collect();
    assert_eq!(
        left,
        [
            TriggerName::PostConfirmation,
            TriggerName::PreAuthentication
        ]
    );
    let update = json!({ "LambdaConfig": { "PostConfirmation": arn("another") } });
    of_pool(&mut counter, "UpdateUserPool", &update);
    let triggers = &counter.pool.world().triggers;
    let left: Vec<TriggerName> = triggers.functions.keys().copied().collect();
    assert_eq!(left, [TriggerName::PreAuthentication], "another ARN");
}

#[test]
fn second_factors_of_a_pool_are_set_and_told() {
    let mut counter = set_up(&json!({ "PoolName": "x" }), &named("app"));
    let get = |counter: &mut Counter| of_pool(counter, "GetUserPoolMfaConfig", &json!({})).body();
    assert_eq!(get(&mut counter), json!({ "MfaConfiguration": "OFF" }));
    let set = json!({
        "MfaConfiguration": "ON",
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
        "EmailMfaConfiguration": { "Subject": "Your code" },
    });
    let got = of_pool(&mut counter, "SetUserPoolMfaConfig", &set).body();
    assert_eq!(got, set, "told as it was given");
    assert_eq!(get(&mut counter), set, "and again");
    assert_eq!(
        counter.pool.world().pool.offered_mfa(),
        [MfaMethod::SoftwareTokenMfa, MfaMethod::EmailOtp]
    );
    assert_eq!(described(&mut counter)["MfaConfiguration"], "ON");

    let user = json!({
        "Username": "carol", "TemporaryPassword": STRONG, "MessageAction": "SUPPRESS",
    });
    of_pool(&mut counter, "AdminCreateUser", &user);
    let password = json!({ "Username": "carol", "Password": STRONG, "Permanent": true });
    of_pool(&mut counter, "AdminSetUserPassword", &password);
    let asked = counter.sign_in_by_srp("carol", STRONG);
    assert_eq!(asked.challenge().as_deref(), Some("MFA_SETUP"));
    assert_eq!(
        asked.parameter("MFAS_CAN_SETUP"),
        "[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]"
    );
    let off = json!({ "MfaConfiguration": "OFF" });
    of_pool(&mut counter, "SetUserPoolMfaConfig", &off);
    assert!(counter.sign_in_by_srp("carol", STRONG).has_tokens(), "off");
    of_pool(
        &mut counter,
        "UpdateUserPool",
        &json!({ "MfaConfiguration": "OPTIONAL" }),
    );
    assert_eq!(
        counter.pool.world().pool.offered_mfa(),
        [MfaMethod::SmsMfa],
        "on again, as in a new pool"
    );

    let mut on = set_up(
        &json!({ "PoolName": "x", "MfaConfiguration": "ON" }),
        &named("app"),
    );
    assert_eq!(
        get(&mut on),
        json!({ "MfaConfiguration": "ON", "SmsMfaConfiguration": {} }),
        "codes by SMS alone, unless more is set"
    );
}

#[test]
fn a_pool_of_a_world_is_described_too() {
    let mut world = world();
    world.clients[0].access_token_minutes = 90;
    let mut counter = Counter::new(world);
    let told = described(&mut counter);
    assert_eq!(told["Id"], POOL_ID);
    assert_eq!(told["UsernameAttributes"], json!(["email", "phone_number"]));
    assert_eq!(told["EstimatedNumberOfUsers"], 2);
    assert_eq!(
        told["Policies"]["PasswordPolicy"]["RequireSymbols"], false,
        "the world's own policy"
    );
    let client = of_pool(
        &mut counter,
        "DescribeUserPoolClient",
        &json!({ "ClientId": CLIENT }),
    )
    .body()["UserPoolClient"]
        .clone();
    assert_eq!(client["ClientName"], CLIENT, "for want of a name");
    assert_eq!(client["AccessTokenValidity"], 90);
    assert_eq!(
        client["TokenValidityUnits"],
        json!({ "AccessToken": "minutes", "IdToken": "hours", "RefreshToken": "days" })
    );
    assert_eq!(
        client["ExplicitAuthFlows"],
        json!([
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_CUSTOM_AUTH"
        ])
    );
}

#[test]
fn every_set_up_operation_tells_of_an_unknown_pool() {
    let mut counter = Counter::new(world());
    for operation in [
        "UpdateUserPool",
        "DescribeUserPool",
        "SetUserPoolMfaConfig",
        "GetUserPoolMfaConfig",
        "CreateUserPoolClient",
        "UpdateUserPoolClient",
        "DescribeUserPoolClient",
        "DeleteUserPoolClient",
        "ListUserPoolClients",
    ] {
        let more = json!({
            "UserPoolId": "us-east-1_Nowhere1", "ClientId": CLIENT, "ClientName": "x",
        });
        of_pool(&mut counter, operation, &more).refuses(
            ResourceNotFound,
            "User pool us-east-1_Nowhere1 does not exist.",
        );
    }
    counter
        .sign_in_by_srp(EMAIL, "Wrong-Passw0rd!")
        .refuses(NotAuthorized, GENERIC);
}
