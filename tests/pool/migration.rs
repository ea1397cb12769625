//! User migration.

use crate::support::counter::*;
use cognito_conformance::model::UserStatus;
use cognito_conformance::wire::ErrorKind::{
    AliasExists, InvalidLambdaResponse, InvalidParameter, NotAuthorized, PasswordResetRequired,
    UserLambdaValidation, UserNotFound,
};
use cognito_conformance::wire::ServiceError;
use serde_json::json;

const CAROL: &str = "carol@example.com";
const OLD: &str = "Old-Passw0rd!";

#[test]
fn a_user_of_the_old_directory_signs_in_at_once_and_by_srp_ever_after() {
    let mut counter = Counter::new(migration_world(Some("CONFIRMED")));
    counter.metadata = map(&[("tenant", "blue")]);
    let done = counter.with_password(CAROL, OLD);
    assert!(done.has_tokens(), "{:?}", done.0);
    assert_eq!(
        counter.pool.user_status(CAROL),
        Some(UserStatus::Confirmed),
        "status"
    );
    let calls = counter.triggers();
    assert_eq!(calls.len(), 1, "the trigger ran once");
    insta::assert_json_snapshot!("migration_on_sign_in", calls[0]);

    assert!(counter.sign_in_by_srp(CAROL, OLD).has_tokens(), "SRP");
    assert!(counter.with_password(CAROL, OLD).has_tokens(), "password");
    assert_eq!(counter.triggers(), [], "a known user is not migrated again");
    let name = counter.start_srp(CAROL).parameter("USERNAME");
    assert_ne!(name, CAROL, "the internal name is not the alias");
}

#[test]
fn a_user_without_a_final_status_has_to_reset_the_password() {
    for status in [None, Some("RESET_REQUIRED"), Some("confirmed")] {
        let mut counter = Counter::new(migration_world(status));
        let message = "Password reset required for the user";
        counter
            .with_password(CAROL, OLD)
            .refuses(PasswordResetRequired, message);
        assert_eq!(
            counter.pool.user_status(CAROL),
            Some(UserStatus::ResetRequired),
            "{status:?}"
        );
        counter
            .start_srp(CAROL)
            .refuses(PasswordResetRequired, message);
    }
}

#[test]
fn srp_and_custom_flows_never_migrate() {
    let mut world = migration_world(Some("CONFIRMED"));
    world.triggers.custom = custom_world(1).triggers.custom;
    let mut counter = Counter::new(world);
    counter
        .start_srp(CAROL)
        .refuses(UserNotFound, "User does not exist.");
    counter
        .start_custom(CAROL)
        .refuses(UserNotFound, "User does not exist.");
    assert_eq!(counter.triggers(), [], "no trigger ran");
}

#[test]
fn whom_the_old_directory_does_not_know_is_unknown() {
    for (name, password) in [("dave@example.com", OLD), (CAROL, "wrong")] {
        Counter::new(migration_world(Some("CONFIRMED")))
            .with_password(name, password)
            .refuses(UserNotFound, "User does not exist.");
        Counter::new(hiding(migration_world(Some("CONFIRMED"))))
            .with_password(name, password)
            .refuses(NotAuthorized, GENERIC);
    }
}

#[test]
fn a_throwing_trigger_is_told_in_the_services_words() {
    let mut world = hiding(migration_world(Some("CONFIRMED")));
    if let Some(script) = &mut world.triggers.migration {
        script.throws = Some("Bad password".to_owned());
    }
    Counter::new(world).with_password(CAROL, OLD).refuses(
        UserLambdaValidation,
        "UserMigration failed with error Bad password.",
    );
}

#[test]
fn attributes_that_can_not_be_are_refused() {
    let with = |name: &str, value: &str| {
        let mut world = migration_world(Some("CONFIRMED"));
        if let Some(script) = &mut world.triggers.migration {
            script.attributes.insert(name.to_owned(), value.to_owned());
        }
        world
    };
    assert_eq!(
        Counter::new(with("sub", "x"))
            .with_password(CAROL, OLD)
            .kind(),
        InvalidLambdaResponse,
        "sub"
    );
    let mut world = migration_world(Some("CONFIRMED"));
    world.pool.required_attributes = vec!["name".to_owned()];
    assert_eq!(
        Counter::new(world).with_password(CAROL, OLD).error(),
        ServiceError::new(
            InvalidParameter,
            "Attributes did not conform to the schema: name: The attribute is required\n"
        ),
        "a required one that is missing"
    );
}

#[test]
fn an_alias_moves_only_by_force() {
    let taking = |force| {
        let mut world = migration_world(Some("CONFIRMED"));
        if let Some(script) = &mut world.triggers.migration {
            script.attributes = map(&[("email", BOBS_EMAIL), ("email_verified", "true")]);
            script.force_alias_creation = force;
        }
        Counter::new(world)
    };
    let mut counter = taking(false);
    counter
        .with_password(CAROL, OLD)
        .refuses(AliasExists, "An account with the email already exists.");
    assert_eq!(counter.pool.user_status(CAROL), None, "nobody was added");

    let mut counter = taking(true);
    assert!(counter.with_password(CAROL, OLD).has_tokens());
    let carol = counter.start_srp(CAROL).parameter("USERNAME");
    assert_eq!(
        counter.start_srp(BOBS_EMAIL).parameter("USERNAME"),
        carol,
        "the alias is Carol's now"
    );
    assert_eq!(
        counter.start_srp(BOB).parameter("USERNAME"),
        BOB,
        "Bob remains"
    );
}

#[test]
fn in_a_pool_without_aliases_the_typed_name_is_the_user_name() {
    let mut world = migration_world(Some("CONFIRMED"));
    world.pool.aliases = false;
    let mut counter = Counter::new(world);
    assert!(counter.with_password(CAROL, OLD).has_tokens());
    assert_eq!(counter.start_srp(CAROL).parameter("USERNAME"), CAROL);
}

#[test]
fn an_unknown_user_who_resets_the_password_is_migrated_first() {
    let mut counter = Counter::new(migration_world(None));
    let forgot = json!({
        "ClientId": CLIENT, "Username": CAROL, "ClientMetadata": { "tenant": "blue" },
    });
    let got = counter.send("ForgotPassword", &forgot);
    assert_eq!(
        got.body()["CodeDeliveryDetails"]["Destination"],
        json!("c***@e***")
    );
    let calls = counter.triggers();
    assert_eq!(calls.len(), 1, "the trigger ran once");
    insta::assert_json_snapshot!("migration_on_reset", calls[0]);
    assert_eq!(
        counter.pool.user_status(CAROL),
        Some(UserStatus::ResetRequired),
        "status before the new password"
    );

    let code = counter
        .pool
        .code_for(CAROL)
        .expect("a code was made")
        .to_owned();
    let confirm = json!({
        "ClientId": CLIENT, "Username": CAROL, "ConfirmationCode": code, "Password": "A-new-Passw0rd!",
    });
    assert_eq!(
        counter.send("ConfirmForgotPassword", &confirm).body(),
        json!({})
    );
    assert_eq!(counter.pool.user_status(CAROL), Some(UserStatus::Confirmed));
    assert!(
        counter
            .sign_in_by_srp(CAROL, "A-new-Passw0rd!")
            .has_tokens()
    );
    counter
        .with_password(CAROL, OLD)
        .refuses(NotAuthorized, GENERIC);
}
