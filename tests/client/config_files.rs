//! Both configuration files, and which flow wins.

use cognito_conformance::client::{Policy, settings_for};
use cognito_conformance::config::{
    ClientSettings, ConfigError, Reading, UnknownFlow, effective_flow, read_gen1, read_gen1_with,
    read_gen2,
};
use cognito_conformance::wire::call::{Configuration, ConfigurationFormat};
use cognito_conformance::wire::{AuthFlowType, Target};
use serde_json::{Value, json};

fn gen1() -> Value {
    json!({"auth": {"plugins": {"awsCognitoAuthPlugin": {
        "CognitoUserPool": {"Default": {"PoolId": "eu-west-1_AbC", "AppClientId": "client", "Region": "eu-west-1"}},
        "Auth": {"Default": {}}
    }}}})
}

fn gen1_with(flow: Option<&str>, migration: Option<Value>) -> String {
    let mut file = gen1();
    let plugin = &mut file["auth"]["plugins"]["awsCognitoAuthPlugin"];
    if let Some(flow) = flow {
        plugin["Auth"]["Default"]["authenticationFlowType"] = flow.into();
    }
    if let Some(migration) = migration {
        plugin["CognitoUserPool"]["Default"]["MigrationEnabled"] = migration;
    }
    file.to_string()
}

fn gen2(flow: Option<&str>) -> String {
    let mut file = json!({"version": "1.3", "auth": {"aws_region": "eu-west-1", "user_pool_id": "eu-west-1_AbC",
        "user_pool_client_id": "client", "mfa_methods": []}, "custom": {}});
    if let Some(flow) = flow {
        file["auth"]["authentication_flow_type"] = flow.into();
    }
    file.to_string()
}

fn plain() -> ClientSettings {
    ClientSettings {
        region: "eu-west-1".to_owned(),
        user_pool_id: "eu-west-1_AbC".to_owned(),
        client_id: "client".to_owned(),
        client_secret: None,
        endpoint: None,
        flow: None,
        migration_enabled: false,
    }
}

const NAMES: [(&str, AuthFlowType); 5] = [
    ("USER_SRP_AUTH", AuthFlowType::UserSrp),
    ("USER_PASSWORD_AUTH", AuthFlowType::UserPassword),
    ("CUSTOM_AUTH_WITH_SRP", AuthFlowType::CustomWithSrp),
    ("CUSTOM_AUTH_WITHOUT_SRP", AuthFlowType::CustomWithoutSrp),
    ("CUSTOM_AUTH", AuthFlowType::CustomWithSrp),
];

#[test]
fn both_files_tell_pool_client_and_region() {
    assert_eq!(read_gen1(&gen1().to_string()), Ok(plain()));
    assert_eq!(read_gen2(&gen2(None)), Ok(plain()));
}

#[test]
fn gen_1_is_read_with_and_without_its_wrapper() {
    let inner = gen1()["auth"]["plugins"].clone();
    assert_eq!(read_gen1(&inner.to_string()), Ok(plain()));
    let half = json!({"plugins": inner});
    assert_eq!(read_gen1(&half.to_string()), Ok(plain()));
}

#[test]
fn gen_1_may_tell_a_secret_and_an_endpoint() {
    let mut file = gen1();
    let pool = &mut file["auth"]["plugins"]["awsCognitoAuthPlugin"]["CognitoUserPool"]["Default"];
    pool["AppClientSecret"] = "secret-of-the-client".into();
    pool["Endpoint"] = "http://127.0.0.1:9229".into();
    let settings = read_gen1(&file.to_string()).unwrap();
    assert_eq!(
        settings.client_secret.as_deref(),
        Some("secret-of-the-client")
    );
    assert_eq!(settings.endpoint.as_deref(), Some("http://127.0.0.1:9229"));
    assert!(!format!("{settings:?}").contains("secret-of-the-client"));
}

#[test]
fn every_documented_flow_name_is_understood() {
    for (name, flow) in NAMES {
        let settings = read_gen1(&gen1_with(Some(name), None)).unwrap();
        assert_eq!(settings.flow, Some(flow), "gen 1 {name}");
        let settings = read_gen2(&gen2(Some(name))).unwrap();
        assert_eq!(settings.flow, Some(flow), "gen 2 {name}");
    }
    for flow in AuthFlowType::ALL {
        let settings = read_gen2(&gen2(Some(flow.as_str()))).unwrap();
        assert_eq!(settings.flow, Some(flow), "gen 2 {flow}");
    }
}

#[test]
fn a_flow_name_that_is_not_known_is_refused_with_its_path() {
    for name in [
        "USER_SRP",
        "user_srp_auth",
        " USER_SRP_AUTH",
        "",
        "USER_AUTH",
        "userSRP",
    ] {
        let Err(ConfigError::Field {
            path,
            found,
            expected,
        }) = read_gen1(&gen1_with(Some(name), None))
        else {
            panic!("{name:?} should be refused");
        };
        assert_eq!(
            path,
            "auth.plugins.awsCognitoAuthPlugin.Auth.Default.authenticationFlowType"
        );
        assert_eq!(found, format!("{name:?}"));
        assert!(expected.contains("CUSTOM_AUTH_WITHOUT_SRP"), "{expected}");
    }
    let lenient = Reading {
        unknown_flow: UnknownFlow::Ignored,
        ..Reading::default()
    };
    let settings = read_gen1_with(&gen1_with(Some("USER_SRP"), None), &lenient).unwrap();
    assert_eq!(settings.flow, None, "as amplify-swift reads it");
}

#[test]
fn migration_is_enabled_by_the_boolean_alone() {
    for (value, enabled) in [
        (json!(true), true),
        (json!(false), false),
        (json!("true"), false),
        (json!(1), false),
        (Value::Null, false),
    ] {
        let settings = read_gen1(&gen1_with(None, Some(value.clone()))).unwrap();
        assert_eq!(settings.migration_enabled, enabled, "{value}");
    }
}

#[test]
fn run_time_beats_migration_beats_the_file_beats_user_srp() {
    let options = AuthFlowType::ALL.map(Some).into_iter().chain([None]);
    for run_time in options {
        for (name, flow) in NAMES
            .map(|(name, flow)| (Some(name), Some(flow)))
            .into_iter()
            .chain([(None, None)])
        {
            for migration in [true, false] {
                let settings = read_gen1(&gen1_with(name, Some(json!(migration)))).unwrap();
                let expected = match (run_time, migration, flow) {
                    (Some(option), _, _) => option,
                    (None, true, _) => AuthFlowType::UserPassword,
                    (None, false, Some(flow)) => flow,
                    (None, false, None) => AuthFlowType::UserSrp,
                };
                assert_eq!(
                    effective_flow(run_time, &settings),
                    expected,
                    "{run_time:?} {name:?} {migration}"
                );
            }
        }
    }
}

#[test]
fn what_is_missing_or_of_the_wrong_type_is_named_and_not_shown() {
    for (member, value, found) in [
        ("PoolId", None, "nothing"),
        ("AppClientId", Some(json!(7)), "a number"),
        ("Region", Some(json!("")), "an empty string"),
        ("AppClientSecret", Some(json!(["hush"])), "an array"),
    ] {
        let mut file = gen1();
        let pool = file["auth"]["plugins"]["awsCognitoAuthPlugin"]["CognitoUserPool"]["Default"]
            .as_object_mut()
            .unwrap();
        match value {
            Some(value) => pool.insert(member.to_owned(), value),
            None => pool.remove(member),
        };
        let error = read_gen1(&file.to_string()).unwrap_err();
        let ConfigError::Field {
            path, found: got, ..
        } = &error
        else {
            panic!("{member}: {error}");
        };
        assert!(path.ends_with(member), "{path}");
        assert_eq!(got, found, "{member}");
        assert!(!error.to_string().contains("hush"));
    }
    let Err(ConfigError::Field { path, .. }) = read_gen2("{}") else {
        panic!("an empty file should be refused");
    };
    assert_eq!(path, "auth.aws_region");
}

#[test]
fn a_file_that_is_no_json_or_no_real_file_is_refused() {
    for read in [read_gen1, read_gen2] {
        assert_eq!(
            read("{\n  oops"),
            Err(ConfigError::NotJson { line: 2, column: 3 })
        );
        assert!(matches!(
            read(&"[".repeat(100_000)),
            Err(ConfigError::NotJson { .. })
        ));
        assert!(matches!(
            read(&" ".repeat((1 << 20) + 1)),
            Err(ConfigError::TooLarge { .. })
        ));
        assert!(matches!(read("[]"), Err(ConfigError::Field { .. })));
        assert_eq!(read("\u{feff}{}"), Err(ConfigError::ByteOrderMark));
    }
}

#[test]
fn a_call_with_a_file_takes_pool_client_and_flow_from_it() {
    let target = |format, text: String| Target {
        endpoint: "http://127.0.0.1:1/".to_owned(),
        region: "other".to_owned(),
        user_pool_id: "other_Pool".to_owned(),
        client_id: "other".to_owned(),
        client_secret: Some("secret-of-the-call".to_owned()),
        configuration: Some(Configuration { format, text }),
    };
    let gen1 = target(
        ConfigurationFormat::Gen1,
        gen1_with(Some("USER_PASSWORD_AUTH"), None),
    );
    let expected = ClientSettings {
        endpoint: Some("http://127.0.0.1:1/".to_owned()),
        flow: Some(AuthFlowType::UserPassword),
        ..plain()
    };
    assert_eq!(settings_for(&gen1, &Policy::default()), Ok(expected));
    let settings = settings_for(
        &target(ConfigurationFormat::Gen2, gen2(None)),
        &Policy::default(),
    )
    .unwrap();
    assert_eq!(
        settings.client_secret.as_deref(),
        Some("secret-of-the-call"),
        "Gen 2 has no member for it"
    );
    assert_eq!(settings.client_id, "client");
    let broken = target(ConfigurationFormat::Gen1, "{".to_owned());
    assert_eq!(
        settings_for(&broken, &Policy::default())
            .unwrap_err()
            .name(),
        "Configuration"
    );
}
