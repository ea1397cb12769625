//! Users by themselves and by administrators.

use crate::support::counter::*;
use cognito_conformance::model::{
    ExplicitAuthFlow, FirstFactor, Function, MfaConfiguration, MfaMethod, TriggerName, UserMfa,
    UserStatus, World,
};
use cognito_conformance::srp::secret_hash;
use cognito_conformance::wire::ErrorKind::{
    AliasExists, CodeMismatch, ExpiredCode, InvalidLambdaResponse, InvalidParameter,
    InvalidPassword, NotAuthorized, PasswordResetRequired, ResourceNotFound, UserLambdaValidation,
    UserNotConfirmed, UserNotFound, UsernameExists,
};
use cognito_conformance::wire::{ErrorKind, PoolNote};
use serde_json::{Value, json};

const CAROL: &str = "carol@example.com";
const NEW: &str = "New-Passw0rd!";
const COMBINATION: &str = "Username/client id combination not found.";

/// A pool in which people sign up by e-mail address and confirm by a code.
fn by_email() -> World {
    let mut world = world();
    world.pool.username_attributes = vec!["email".to_owned()];
    world.pool.auto_verified_attributes = vec!["email".to_owned()];
    world
}

/// A pool with user names, beside which verified e-mail addresses are names.
fn by_alias() -> World {
    let mut world = by_email();
    world.pool.username_attributes = Vec::new();
    world.pool.alias_attributes = vec!["email".to_owned(), "preferred_username".to_owned()];
    for (user, name) in world.users.iter_mut().zip(["alice", "bob"]) {
        user.username = name.to_owned();
    }
    world
}

/// A pool with user names alone.
fn by_name() -> World {
    let mut world = by_alias();
    world.pool.aliases = false;
    world.pool.alias_attributes = Vec::new();
    for user in &mut world.users {
        user.aliases = Vec::new();
    }
    world
}

fn listed(attributes: &[(&str, &str)]) -> Value {
    attributes
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect()
}

fn sign_up(counter: &mut Counter, name: &str, attributes: &[(&str, &str)]) -> Got {
    let body = json!({
        "ClientId": CLIENT, "Username": name, "Password": NEW,
        "UserAttributes": listed(attributes),
    });
    counter.send("SignUp", &body)
}

fn confirm(counter: &mut Counter, name: &str, code: &str) -> Got {
    counter.send(
        "ConfirmSignUp",
        &json!({ "ClientId": CLIENT, "Username": name, "ConfirmationCode": code }),
    )
}

/// The text that was sent last for this purpose.
fn sent(counter: &mut Counter, purpose: &str) -> String {
    sent_to(counter, purpose).1
}

/// To where the last text for this purpose was sent, and the text.
#[track_caller]
fn sent_to(counter: &mut Counter, purpose: &str) -> (String, String) {
    let notes = counter.notes();
    let found = notes.iter().rev().find_map(|note| match note {
        PoolNote::Sent {
            purpose: for_what,
            to,
            text,
            ..
        } if for_what == purpose => Some((to.clone(), text.clone())),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("nothing was sent for {purpose}: {notes:?}"))
}

/// A code that is not this one.
fn wrong(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

fn admin(counter: &mut Counter, operation: &str, name: &str, more: Value) -> Got {
    let mut body = json!({ "UserPoolId": POOL_ID, "Username": name });
    for (member, value) in more.as_object().unwrap() {
        body[member] = value.clone();
    }
    counter.send(operation, &body)
}

fn described(counter: &mut Counter, name: &str) -> Value {
    admin(counter, "AdminGetUser", name, json!({})).body()
}

fn attribute(user: &Value, name: &str) -> Option<String> {
    let attributes = user["UserAttributes"].as_array().unwrap();
    let found = attributes
        .iter()
        .find(|attribute| attribute["Name"] == name)?;
    Some(found["Value"].as_str().unwrap().to_owned())
}

fn access_token(counter: &mut Counter, name: &str, password: &str) -> String {
    counter.sign_in_by_srp(name, password).token("AccessToken")
}

#[track_caller]
fn is_done(got: &Got) {
    assert_eq!(got.0.body.to_text(), "{}", "an empty answer");
    assert_eq!(got.0.status, 200, "success");
}

fn tell(world: &mut World, trigger: TriggerName, response: Value) {
    let functions = &mut world.triggers.functions;
    functions.insert(trigger, Function::Respond(response));
}

#[test]
fn who_signs_up_and_confirms_by_the_code_signs_in_by_srp() {
    let mut counter = Counter::new(by_email());
    let got = sign_up(&mut counter, CAROL, &[("name", "Carol")]).body();
    assert_eq!(got["UserConfirmed"], false, "not yet");
    let sub = got["UserSub"].as_str().unwrap().to_owned();
    assert_eq!(
        got["CodeDeliveryDetails"],
        json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "c***@e***" }),
        "where the code went"
    );
    assert_eq!(got.get("Session"), None, "the client has no USER_AUTH");
    let (to, code) = sent_to(&mut counter, "sign-up");
    assert_eq!(to, CAROL, "to whom");

    counter
        .sign_in_by_srp(CAROL, NEW)
        .refuses(UserNotConfirmed, "User is not confirmed.");
    confirm(&mut counter, CAROL, wrong(&code)).refuses(
        CodeMismatch,
        "Invalid verification code provided, please try again.",
    );
    is_done(&confirm(&mut counter, CAROL, &code));
    confirm(&mut counter, CAROL, &code).refuses(
        NotAuthorized,
        "User cannot be confirmed. Current status is CONFIRMED",
    );
    let challenge = counter.start_srp(CAROL);
    assert_eq!(
        challenge.parameter("USER_ID_FOR_SRP"),
        sub,
        "the internal name is the sub"
    );
    let done = counter.sign_in_by_srp(CAROL, NEW);
    assert!(done.has_tokens(), "{:?}", done.0);
    let claims = claims(&done.token("IdToken"));
    assert_eq!(claims["sub"], json!(sub), "sub");
    assert_eq!(
        claims["email"],
        json!(CAROL),
        "the name became an attribute"
    );
    assert_eq!(claims["email_verified"], true, "the code verified it");
}

#[test]
fn what_can_not_sign_up_is_refused() {
    let mut counter = Counter::new(by_email());
    sign_up(&mut counter, EMAIL, &[]).refuses(UsernameExists, "User already exists");
    sign_up(&mut counter, "carol", &[]).refuses(InvalidParameter, "Username should be an email.");
    sign_up(&mut counter, CAROL, &[("email_verified", "true")]).refuses(
        NotAuthorized,
        "A client attempted to write unauthorized attribute",
    );
    sign_up(&mut counter, CAROL, &[("phone_number", "12")])
        .refuses(InvalidParameter, "Invalid phone number format.");
    assert_eq!(
        sign_up(&mut counter, CAROL, &[("sub", SUB)]).kind(),
        InvalidParameter,
        "sub"
    );
    let with = |password: Option<&str>| {
        let mut body = json!({ "ClientId": CLIENT, "Username": CAROL });
        if let Some(password) = password {
            body["Password"] = json!(password);
        }
        body
    };
    counter.send("SignUp", &with(Some("short"))).refuses(
        InvalidPassword,
        "Password does not conform to policy: Password not long enough",
    );
    assert_eq!(
        counter.send("SignUp", &with(None)).kind(),
        InvalidParameter,
        "no password"
    );
    assert_eq!(counter.pool.user_status(CAROL), None, "nobody was made");

    let mut world = by_email();
    world.pool.required_attributes = vec!["preferred_username".to_owned()];
    sign_up(&mut Counter::new(world), CAROL, &[]).refuses(
        InvalidParameter,
        "Attributes did not conform to the schema: preferred_username: The attribute is required\n",
    );
    let mut world = by_email();
    world.pool.admin_create_user_only = true;
    sign_up(&mut Counter::new(world), CAROL, &[])
        .refuses(NotAuthorized, "SignUp is not permitted for this user pool");
    let mut world = by_email();
    world
        .pool
        .username_attributes
        .push("phone_number".to_owned());
    sign_up(&mut Counter::new(world), "carol", &[]).refuses(
        InvalidParameter,
        "Username should be either an email or a phone number.",
    );
    sign_up(&mut Counter::new(by_alias()), CAROL, &[]).refuses(
        InvalidParameter,
        "Username cannot be of email format, since user pool is configured for email alias.",
    );
}

#[test]
fn a_secret_hash_is_checked_before_anything_is_told_of_a_user() {
    let mut world = by_email();
    world.clients[0].secret = Some(SECRET.to_owned());
    let mut counter = Counter::new(world);
    let bodies = |hash: Option<String>| {
        let mut common = json!({ "ClientId": CLIENT, "Username": EMAIL });
        if let Some(hash) = hash {
            common["SecretHash"] = json!(hash);
        }
        let with = |member: &str, value: &str| {
            let mut body = common.clone();
            body[member] = json!(value);
            body
        };
        [
            ("SignUp", with("Password", NEW)),
            ("ConfirmSignUp", with("ConfirmationCode", "1")),
            ("ResendConfirmationCode", common.clone()),
        ]
    };
    for (operation, body) in bodies(None) {
        counter.send(operation, &body).refuses(
            NotAuthorized,
            &format!("Client {CLIENT} is configured with secret but SECRET_HASH was not received"),
        );
    }
    for (operation, body) in bodies(Some("d3Jvbmc=".to_owned())) {
        counter.send(operation, &body).refuses(
            NotAuthorized,
            &format!("Unable to verify secret hash for client {CLIENT}"),
        );
    }
    let told: Vec<ErrorKind> = bodies(Some(secret_hash(SECRET, EMAIL, CLIENT)))
        .iter()
        .map(|(operation, body)| counter.send(operation, body).kind())
        .collect();
    assert_eq!(
        told,
        [UsernameExists, NotAuthorized, InvalidParameter],
        "a right hash leads on"
    );
}

#[test]
fn a_name_that_is_unknown_is_told_only_by_clients_that_tell() {
    let resend = json!({ "ClientId": CLIENT, "Username": CAROL });
    let mut open = Counter::new(by_email());
    confirm(&mut open, CAROL, "123456").refuses(UserNotFound, COMBINATION);
    open.send("ResendConfirmationCode", &resend)
        .refuses(UserNotFound, COMBINATION);

    let mut hiding = Counter::new(hiding(by_email()));
    confirm(&mut hiding, CAROL, "123456").refuses(
        ExpiredCode,
        "Invalid code provided, please request a code again.",
    );
    let first = hiding.send("ResendConfirmationCode", &resend).body();
    assert_eq!(
        first["CodeDeliveryDetails"]["Destination"], "c***@e***",
        "as if there were somebody"
    );
    assert_eq!(
        hiding.send("ResendConfirmationCode", &resend).body(),
        first,
        "always the same"
    );
    assert_eq!(hiding.notes(), [], "nothing was sent");
    sign_up(&mut hiding, EMAIL, &[]).refuses(UsernameExists, "User already exists");
}

#[test]
fn a_code_that_was_sent_again_replaces_the_first_and_is_good_for_a_day() {
    let mut counter = Counter::new(by_email());
    sign_up(&mut counter, CAROL, &[]);
    let first = sent(&mut counter, "sign-up");
    let resend = json!({ "ClientId": CLIENT, "Username": CAROL });
    let got = counter.send("ResendConfirmationCode", &resend).body();
    assert_eq!(got["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL");
    let second = sent(&mut counter, "sign-up");
    assert_ne!(first, second, "the seed makes two different codes");
    assert_eq!(
        confirm(&mut counter, CAROL, &first).kind(),
        CodeMismatch,
        "the first code"
    );
    counter.pool.advance_clock(24 * 60 * 60 + 1);
    assert_eq!(
        confirm(&mut counter, CAROL, &second).kind(),
        ExpiredCode,
        "after a day"
    );
    counter.send("ResendConfirmationCode", &resend);
    let third = sent(&mut counter, "sign-up");
    counter.pool.advance_clock(24 * 60 * 60);
    is_done(&confirm(&mut counter, CAROL, &third));
    counter
        .send("ResendConfirmationCode", &resend)
        .refuses(InvalidParameter, "User is already confirmed.");

    let mut world = by_email();
    world.pool.auto_verified_attributes = Vec::new();
    let mut counter = Counter::new(world);
    let got = sign_up(&mut counter, CAROL, &[]).body();
    assert_eq!(got.get("CodeDeliveryDetails"), None, "nothing is verified");
    counter.send("ResendConfirmationCode", &resend).refuses(
        InvalidParameter,
        "Cannot resend codes. Auto verification not turned on.",
    );
}

#[test]
fn of_two_addresses_the_phone_number_gets_the_code() {
    let mut world = by_name();
    world.pool.auto_verified_attributes = vec!["email".to_owned(), "phone_number".to_owned()];
    let mut counter = Counter::new(world);
    let both = [("email", CAROL), ("phone_number", "+15555550100")];
    let got = sign_up(&mut counter, "carol", &both).body();
    assert_eq!(
        got["CodeDeliveryDetails"],
        json!({
            "AttributeName": "phone_number", "DeliveryMedium": "SMS", "Destination": "+*******0100",
        })
    );
    let code = sent(&mut counter, "sign-up");
    is_done(&confirm(&mut counter, "carol", &code));
    let user = described(&mut counter, "carol");
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("true"),
        "verified by the code"
    );
    assert_eq!(
        attribute(&user, "email_verified").as_deref(),
        Some("false"),
        "not verified"
    );
}

#[test]
fn a_plain_user_name_is_the_internal_name_and_its_address_is_none() {
    let mut counter = Counter::new(by_name());
    let got = sign_up(&mut counter, "Carol", &[("email", CAROL)]).body();
    assert_ne!(got["UserSub"], "Carol", "the sub is another thing");
    let code = sent(&mut counter, "sign-up");
    is_done(&confirm(&mut counter, "Carol", &code));
    let challenge = counter.start_srp("Carol");
    assert_eq!(challenge.parameter("USER_ID_FOR_SRP"), "Carol");
    assert!(counter.sign_in_by_srp("Carol", NEW).has_tokens());
    for name in [CAROL, "carol"] {
        assert_eq!(counter.start_srp(name).kind(), UserNotFound, "{name}");
    }
    assert!(
        sign_up(&mut counter, "dave@example.com", &[]).body()["UserSub"].is_string(),
        "a name may look like an address where addresses are no names"
    );
}

#[test]
fn an_alias_leads_to_a_user_once_it_is_verified_and_may_be_taken_by_force() {
    let mut counter = Counter::new(by_alias());
    sign_up(&mut counter, "carol", &[("email", EMAIL)]);
    let code = sent(&mut counter, "sign-up");
    assert_eq!(
        counter.start_srp(EMAIL).parameter("USERNAME"),
        "alice",
        "the address is still the other user's"
    );
    confirm(&mut counter, "carol", &code)
        .refuses(AliasExists, "An account with the email already exists.");
    assert_eq!(
        counter.pool.user_status("carol"),
        Some(UserStatus::Unconfirmed),
        "nothing happened"
    );
    is_done(&counter.send(
        "ConfirmSignUp",
        &json!({
            "ClientId": CLIENT, "Username": "carol", "ConfirmationCode": code,
            "ForceAliasCreation": true,
        }),
    ));
    assert_eq!(counter.start_srp(EMAIL).parameter("USERNAME"), "carol");
    assert!(counter.sign_in_by_srp(EMAIL, NEW).has_tokens(), "the alias");
    assert!(
        counter.sign_in_by_srp("carol", NEW).has_tokens(),
        "the name"
    );
    assert!(
        counter.sign_in_by_srp("alice", PASSWORD).has_tokens(),
        "the other user keeps the name"
    );
    let alice = described(&mut counter, "alice");
    assert_eq!(
        attribute(&alice, "email_verified").as_deref(),
        Some("false"),
        "and the address, but not as a verified one"
    );
}

#[test]
fn pre_sign_up_and_post_confirmation_are_told_who_signs_up() {
    let mut world = by_email();
    tell(&mut world, TriggerName::PreSignUp, json!({}));
    tell(&mut world, TriggerName::PostConfirmation, json!({}));
    let mut counter = Counter::new(world);
    counter.send(
        "SignUp",
        &json!({
            "ClientId": CLIENT, "Username": CAROL, "Password": NEW,
            "UserAttributes": listed(&[("name", "Carol")]),
            "ValidationData": listed(&[("invitation", "1234")]),
            "ClientMetadata": { "tenant": "blue" },
        }),
    );
    let events = counter.pool.take_events();
    let code = events.iter().find_map(|event| match event {
        cognito_conformance::wire::Event::Noted(PoolNote::Sent { text, .. }) => Some(text.clone()),
        _ => None,
    });
    let call = events.iter().find_map(|event| match event {
        cognito_conformance::wire::Event::Triggered(call) => Some(call.clone()),
        _ => None,
    });
    insta::assert_json_snapshot!("pre_sign_up", call.unwrap());
    is_done(&counter.send(
        "ConfirmSignUp",
        &json!({
            "ClientId": CLIENT, "Username": CAROL, "ConfirmationCode": code.unwrap(),
            "ClientMetadata": { "tenant": "green" },
        }),
    ));
    let calls = counter.triggers();
    assert_eq!(calls.len(), 1, "post confirmation alone");
    insta::assert_json_snapshot!("post_confirmation_of_sign_up", calls[0]);
}

#[test]
fn pre_sign_up_confirms_and_verifies_at_once() {
    let mut world = by_email();
    let response =
        json!({ "autoConfirmUser": true, "autoVerifyEmail": true, "autoVerifyPhone": false });
    tell(&mut world, TriggerName::PreSignUp, response);
    tell(&mut world, TriggerName::PostConfirmation, json!({}));
    let mut counter = Counter::new(world);
    let got = sign_up(&mut counter, CAROL, &[]).body();
    assert_eq!(got["UserConfirmed"], true, "confirmed");
    assert_eq!(got.get("CodeDeliveryDetails"), None, "no code");
    let sources: Vec<String> = counter
        .triggers()
        .into_iter()
        .map(|call| call.source)
        .collect();
    assert_eq!(
        sources,
        ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"],
        "both triggers"
    );
    assert!(counter.sign_in_by_srp(CAROL, NEW).has_tokens(), "signs in");
    assert_eq!(
        attribute(&described(&mut counter, CAROL), "email_verified").as_deref(),
        Some("true")
    );
}

#[test]
fn pre_sign_up_may_refuse_and_has_to_answer_sensibly() {
    let mut world = by_email();
    let functions = &mut world.triggers.functions;
    functions.insert(
        TriggerName::PreSignUp,
        Function::Throw("Not from here".to_owned()),
    );
    let mut counter = Counter::new(world);
    sign_up(&mut counter, CAROL, &[]).refuses(
        UserLambdaValidation,
        "PreSignUp failed with error Not from here.",
    );
    assert_eq!(counter.pool.user_status(CAROL), None, "nobody was made");
    for response in [
        json!({ "autoConfirmUser": "true" }),
        json!({ "autoVerifyPhone": true }),
    ] {
        let mut world = by_email();
        tell(&mut world, TriggerName::PreSignUp, response.clone());
        assert_eq!(
            sign_up(&mut Counter::new(world), CAROL, &[]).kind(),
            InvalidLambdaResponse,
            "{response}"
        );
    }
}

#[test]
fn a_function_outside_is_asked_once_and_the_user_is_made_once() {
    let mut world = by_email();
    let answer = r#"sed 's/"response":{[^}]*}/"response":{"autoConfirmUser":true}/'"#;
    let command = ["sh", "-c", answer].map(str::to_owned).to_vec();
    let functions = &mut world.triggers.functions;
    for trigger in [TriggerName::PreSignUp, TriggerName::PostConfirmation] {
        functions.insert(trigger, Function::Command(command.clone()));
    }
    let mut counter = Counter::new(world);
    let response = counter.send(
        "SignUp",
        &json!({ "ClientId": CLIENT, "Username": CAROL, "Password": NEW }),
    );
    assert_eq!(response.body()["UserConfirmed"], true, "{response:?}");
    let asked: Vec<String> = counter
        .triggers()
        .into_iter()
        .map(|call| call.source)
        .collect();
    assert_eq!(
        asked,
        ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"],
        "each is noted once, in this order"
    );
    assert!(counter.sign_in_by_srp(CAROL, NEW).has_tokens());
}

#[test]
fn the_session_of_a_confirmed_sign_up_signs_in() {
    let mut world = by_email();
    let flows = &mut world.clients[0].explicit_auth_flows;
    flows.push(ExplicitAuthFlow::AllowUserAuth);
    let mut counter = Counter::new(world);
    let session = sign_up(&mut counter, CAROL, &[]).session().unwrap();
    let code = sent(&mut counter, "sign-up");
    let start = |counter: &mut Counter, session: &str| {
        let body = json!({
            "AuthFlow": "USER_AUTH", "ClientId": CLIENT, "Session": session,
            "AuthParameters": { "USERNAME": CAROL },
        });
        counter.send("InitiateAuth", &body)
    };
    assert_eq!(
        start(&mut counter, &session).kind(),
        UserNotConfirmed,
        "before the code"
    );
    let with = |code: &str, session: &str| {
        json!({
            "ClientId": CLIENT, "Username": CAROL, "ConfirmationCode": code, "Session": session,
        })
    };
    counter
        .send("ConfirmSignUp", &with(&code, &"x".repeat(64)))
        .refuses(NotAuthorized, "Invalid session for the user.");
    assert_eq!(
        counter
            .send("ConfirmSignUp", &with(wrong(&code), &session))
            .kind(),
        CodeMismatch,
        "a wrong code leaves the Session as it is"
    );
    let confirmed = counter.send("ConfirmSignUp", &with(&code, &session));
    let next = confirmed.session().unwrap();
    assert_ne!(next, session, "another Session");
    start(&mut counter, &session).refuses(
        NotAuthorized,
        "Invalid session for the user, session can only be used once.",
    );
    let done = start(&mut counter, &next);
    assert!(done.has_tokens(), "{:?}", done.0);
    start(&mut counter, &next).refuses(
        NotAuthorized,
        "Invalid session for the user, session can only be used once.",
    );
}

#[test]
fn a_confirmation_without_the_session_of_the_sign_up_answers_with_none() {
    let mut world = by_email();
    let flows = &mut world.clients[0].explicit_auth_flows;
    flows.push(ExplicitAuthFlow::AllowUserAuth);
    let mut counter = Counter::new(world);
    sign_up(&mut counter, CAROL, &[]);
    let code = sent(&mut counter, "sign-up");
    let confirmed = confirm(&mut counter, CAROL, &code);
    is_done(&confirmed);
    assert_eq!(confirmed.session(), None, "no Session came");
    let asked = counter.initiate("USER_AUTH", &[("USERNAME", CAROL)]);
    assert_eq!(
        asked.body()["ChallengeName"],
        "SELECT_CHALLENGE",
        "a factor is asked for"
    );
}

#[test]
fn a_password_is_optional_where_codes_are_first_factors() {
    let mut world = by_email();
    world.pool.first_factors = vec![FirstFactor::Password, FirstFactor::EmailOtp];
    world.clients[0].explicit_auth_flows = vec![ExplicitAuthFlow::AllowUserAuth];
    let mut counter = Counter::new(world);
    counter.send("SignUp", &json!({ "ClientId": CLIENT, "Username": CAROL }));
    let code = sent(&mut counter, "sign-up");
    is_done(&confirm(&mut counter, CAROL, &code));
    let asked = counter.initiate("USER_AUTH", &[("USERNAME", CAROL)]);
    assert_eq!(
        asked.body()["AvailableChallenges"],
        json!(["EMAIL_OTP"]),
        "there is no password"
    );
    let asked = counter.initiate(
        "USER_AUTH",
        &[("USERNAME", CAROL), ("PREFERRED_CHALLENGE", "EMAIL_OTP")],
    );
    let code = sent(&mut counter, "sign-in");
    let done = counter.respond(
        "EMAIL_OTP",
        asked.session().as_deref(),
        &[("USERNAME", CAROL), ("EMAIL_OTP_CODE", &code)],
    );
    let token = done.token("AccessToken");
    is_done(&counter.send(
        "ChangePassword",
        &json!({ "AccessToken": token, "ProposedPassword": NEW }),
    ));
    counter
        .send(
            "ChangePassword",
            &json!({ "AccessToken": token, "ProposedPassword": PASSWORD }),
        )
        .refuses(
            InvalidParameter,
            "Missing required parameter PreviousPassword",
        );
}

#[test]
fn a_reset_password_is_told_to_post_confirmation() {
    let mut world = by_email();
    tell(&mut world, TriggerName::PostConfirmation, json!({}));
    let mut counter = Counter::new(world);
    counter.send(
        "ForgotPassword",
        &json!({ "ClientId": CLIENT, "Username": EMAIL }),
    );
    let code = counter.pool.code_for(EMAIL).unwrap().to_owned();
    counter.triggers();
    is_done(&counter.send(
        "ConfirmForgotPassword",
        &json!({
            "ClientId": CLIENT, "Username": EMAIL, "ConfirmationCode": code, "Password": NEW,
            "ClientMetadata": { "tenant": "blue" },
        }),
    ));
    let calls = counter.triggers();
    assert_eq!(calls.len(), 1, "once");
    insta::assert_json_snapshot!("post_confirmation_of_reset", calls[0]);
    assert!(counter.sign_in_by_srp(EMAIL, NEW).has_tokens());
}

#[test]
fn a_password_is_changed_by_who_knows_it() {
    let mut counter = Counter::new(world());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    let change = |counter: &mut Counter, previous: &str, proposed: &str| {
        let body = json!({
            "AccessToken": token, "PreviousPassword": previous, "ProposedPassword": proposed,
        });
        counter.send("ChangePassword", &body)
    };
    change(&mut counter, "Wrong-Passw0rd!", NEW).refuses(NotAuthorized, GENERIC);
    change(&mut counter, PASSWORD, "short").refuses(
        InvalidPassword,
        "Password does not conform to policy: Password not long enough",
    );
    assert!(
        counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens(),
        "nothing changed"
    );
    let salt = counter.start_srp(EMAIL).parameter("SALT");
    is_done(&change(&mut counter, PASSWORD, NEW));
    assert_ne!(
        counter.start_srp(EMAIL).parameter("SALT"),
        salt,
        "a new salt"
    );
    assert!(
        counter.sign_in_by_srp(EMAIL, NEW).has_tokens(),
        "the new one"
    );
    counter
        .sign_in_by_srp(EMAIL, PASSWORD)
        .refuses(NotAuthorized, GENERIC);
}

#[test]
fn five_wrong_previous_passwords_lock_the_user_out() {
    let mut counter = Counter::new(world());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    let body = |previous: &str| json!({ "AccessToken": token, "PreviousPassword": previous, "ProposedPassword": NEW });
    for attempt in 1..=5 {
        assert_eq!(
            counter
                .send("ChangePassword", &body("Wrong-Passw0rd!"))
                .error()
                .message,
            GENERIC,
            "attempt {attempt}"
        );
    }
    counter
        .send("ChangePassword", &body(PASSWORD))
        .refuses(NotAuthorized, "Password attempts exceeded");
    counter
        .start_srp(EMAIL)
        .refuses(NotAuthorized, "Password attempts exceeded");
    counter.pool.advance_clock(1);
    is_done(&counter.send("ChangePassword", &body(PASSWORD)));
}

#[test]
fn get_user_answers_as_the_recording_does() {
    let mut world = by_name();
    world.users[0].attributes = map(&[("email", EMAIL), ("name", "Alice")]);
    let mut counter = Counter::new(world);
    let token = access_token(&mut counter, "alice", PASSWORD);
    let got = counter.send("GetUser", &json!({ "AccessToken": token }));
    assert_eq!(
        got.body(),
        json!({
            "UserAttributes": listed(&[("sub", SUB), ("name", "Alice"), ("email", EMAIL)]),
            "Username": "alice",
        })
    );
    counter
        .send("GetUser", &json!({ "AccessToken": "a.b.c" }))
        .refuses(NotAuthorized, "Invalid Access Token");
}

#[test]
fn a_user_changes_attributes_and_gets_a_code_for_a_new_address() {
    let mut counter = Counter::new(by_email());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    let update = |counter: &mut Counter, attributes: &[(&str, &str)]| {
        counter.notes();
        let body = json!({ "AccessToken": token, "UserAttributes": listed(attributes) });
        counter.send("UpdateUserAttributes", &body)
    };
    let got = update(
        &mut counter,
        &[("name", "Alice"), ("custom:tenant", "blue")],
    );
    assert_eq!(got.body(), json!({ "CodeDeliveryDetailsList": [] }));
    update(&mut counter, &[("email_verified", "true")]).refuses(
        NotAuthorized,
        "A client attempted to write unauthorized attribute",
    );
    update(&mut counter, &[("email", BOBS_EMAIL)])
        .refuses(AliasExists, "An account with the email already exists.");
    let got = update(
        &mut counter,
        &[("email", "alicia@example.org"), ("name", "")],
    );
    assert_eq!(
        got.body(),
        json!({ "CodeDeliveryDetailsList": [{
            "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "a***@e***",
        }] })
    );
    assert_eq!(
        sent_to(&mut counter, "verify-attribute").0,
        "alicia@example.org",
        "the new address"
    );
    let user = described(&mut counter, ALICE);
    assert_eq!(
        attribute(&user, "email_verified").as_deref(),
        Some("false"),
        "a new address is unverified"
    );
    assert_eq!(attribute(&user, "name"), None, "an empty value removes");
    assert_eq!(attribute(&user, "custom:tenant").as_deref(), Some("blue"));
    assert!(
        counter
            .sign_in_by_srp("alicia@example.org", PASSWORD)
            .has_tokens(),
        "the name follows"
    );
    assert_eq!(
        counter.start_srp(EMAIL).kind(),
        UserNotFound,
        "the old name"
    );
}

fn ask_for_code(counter: &mut Counter, token: &str, attribute: &str) -> Got {
    let body = json!({ "AccessToken": token, "AttributeName": attribute });
    counter.send("GetUserAttributeVerificationCode", &body)
}

fn verify(counter: &mut Counter, token: &str, attribute: &str, code: &str) -> Got {
    let body = json!({ "AccessToken": token, "AttributeName": attribute, "Code": code });
    counter.send("VerifyUserAttribute", &body)
}

fn update(counter: &mut Counter, token: &str, attributes: &[(&str, &str)]) -> Got {
    let body = json!({ "AccessToken": token, "UserAttributes": listed(attributes) });
    counter.send("UpdateUserAttributes", &body)
}

#[test]
fn a_changed_address_is_verified_once_by_the_code_that_was_sent_to_it() {
    let mut counter = Counter::new(by_email());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    verify(&mut counter, &token, "email", "123456").refuses(
        ExpiredCode,
        "Invalid code provided, please request a code again.",
    );
    update(&mut counter, &token, &[("email", "alicia@example.org")]).body();
    let code = sent(&mut counter, "verify-attribute");
    verify(&mut counter, &token, "email", wrong(&code)).refuses(
        CodeMismatch,
        "Invalid verification code provided, please try again.",
    );
    assert_eq!(
        verify(&mut counter, &token, "phone_number", &code).kind(),
        ExpiredCode,
        "the code is for the e-mail address"
    );
    let user = described(&mut counter, ALICE);
    assert_eq!(
        attribute(&user, "email_verified").as_deref(),
        Some("false"),
        "after wrong codes"
    );
    is_done(&verify(&mut counter, &token, "email", &code));
    let user = described(&mut counter, ALICE);
    assert_eq!(
        attribute(&user, "email_verified").as_deref(),
        Some("true"),
        "after the right code"
    );
    verify(&mut counter, &token, "email", &code).refuses(
        ExpiredCode,
        "Invalid code provided, please request a code again.",
    );
}

#[test]
fn a_code_for_an_attribute_is_good_for_a_day_and_void_once_another_is_sent() {
    let mut world = by_email();
    world.users[0]
        .attributes
        .insert("phone_number".to_owned(), "+15555550144".to_owned());
    let mut counter = Counter::new(world);
    counter.pool.advance_clock(-3000);
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    let got = ask_for_code(&mut counter, &token, "phone_number");
    assert_eq!(
        got.body(),
        json!({ "CodeDeliveryDetails": {
            "AttributeName": "phone_number", "DeliveryMedium": "SMS", "Destination": "+*******0144",
        } })
    );
    let (to, first) = sent_to(&mut counter, "verify-attribute");
    assert_eq!(to, "+15555550144", "where the code went");
    ask_for_code(&mut counter, &token, "phone_number").body();
    let second = sent(&mut counter, "verify-attribute");
    assert_ne!(first, second, "another code");
    assert_eq!(
        verify(&mut counter, &token, "phone_number", &first).kind(),
        CodeMismatch,
        "the first code"
    );
    counter.pool.advance_clock(24 * 60 * 60 + 1);
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    assert_eq!(
        verify(&mut counter, &token, "phone_number", &second).kind(),
        ExpiredCode,
        "a second after its day"
    );
    counter.pool.advance_clock(-1);
    is_done(&verify(&mut counter, &token, "phone_number", &second));
    let user = described(&mut counter, ALICE);
    assert_eq!(
        attribute(&user, "phone_number_verified").as_deref(),
        Some("true"),
        "at the end of its day"
    );
}

#[test]
fn a_code_verifies_no_other_address_than_it_was_sent_to() {
    let mut world = by_email();
    // The pool sends nothing by itself when an address changes.
    world.pool.auto_verified_attributes = Vec::new();
    let mut counter = Counter::new(world);
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    ask_for_code(&mut counter, &token, "email").body();
    let code = sent(&mut counter, "verify-attribute");
    update(&mut counter, &token, &[("email", CAROL)]).body();
    assert_eq!(
        verify(&mut counter, &token, "email", &code).kind(),
        ExpiredCode,
        "the code went to the old address"
    );
    let user = described(&mut counter, ALICE);
    assert_eq!(
        attribute(&user, "email_verified").as_deref(),
        Some("false"),
        "the new address"
    );
}

#[test]
fn what_is_no_address_of_a_user_gets_no_code() {
    let mut counter = Counter::new(by_email());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    let cannot = "Invalid attribute name. Only phone_number and email can be verified";
    ask_for_code(&mut counter, &token, "name").refuses(InvalidParameter, cannot);
    verify(&mut counter, &token, "+15555550144", "123456").refuses(InvalidParameter, cannot);
    ask_for_code(&mut counter, &token, "phone_number").refuses(
        InvalidParameter,
        "User does not have a value for phone_number.",
    );
    for got in [
        ask_for_code(&mut counter, "a.b.c", "email"),
        verify(&mut counter, "a.b.c", "email", "123456"),
    ] {
        got.refuses(NotAuthorized, "Invalid Access Token");
    }
    assert_eq!(
        verify(&mut counter, &token, "email", "12 34").kind(),
        InvalidParameter,
        "a code with a space in it"
    );
    assert!(
        counter
            .notes()
            .iter()
            .all(|note| !matches!(note, PoolNote::Sent { .. })),
        "nothing was sent"
    );
}

#[test]
fn an_alias_that_another_user_has_is_not_taken_by_a_code() {
    let mut counter = Counter::new(by_alias());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    update(&mut counter, &token, &[("email", BOBS_EMAIL)]).body();
    let code = sent(&mut counter, "verify-attribute");
    verify(&mut counter, &token, "email", &code)
        .refuses(AliasExists, "An account with the email already exists.");
    assert!(
        counter
            .sign_in_by_srp(BOBS_EMAIL, "Bob-Passw0rd!")
            .has_tokens(),
        "the alias is whose it was"
    );
    update(&mut counter, &token, &[("email", CAROL)]).body();
    assert_eq!(
        counter.start_srp(CAROL).kind(),
        UserNotFound,
        "an address that is not verified is no alias"
    );
    let code = sent(&mut counter, "verify-attribute");
    is_done(&verify(&mut counter, &token, "email", &code));
    assert!(
        counter.sign_in_by_srp(CAROL, PASSWORD).has_tokens(),
        "a verified one is"
    );
}

#[test]
fn who_deletes_the_account_is_unknown_and_the_name_is_free() {
    let mut counter = Counter::new(by_email());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    is_done(&counter.send("DeleteUser", &json!({ "AccessToken": token })));
    assert_eq!(counter.start_srp(EMAIL).kind(), UserNotFound, "by alias");
    assert_eq!(counter.start_srp(ALICE).kind(), UserNotFound, "by name");
    assert!(
        counter
            .send("GetUser", &json!({ "AccessToken": token }))
            .0
            .status
            >= 400,
        "the token is no good any more"
    );
    let again = sign_up(&mut counter, EMAIL, &[]).body();
    assert!(again["UserSub"].is_string(), "{again}");
    assert_ne!(again["UserSub"], SUB, "somebody else");
}

#[test]
fn second_factors_are_turned_on_when_they_are_ready() {
    let mut world = world();
    world.pool.mfa = MfaConfiguration::Optional;
    world.pool.mfa_methods = MfaMethod::ALL.to_vec();
    world.users[0].mfa = UserMfa {
        totp_secret: Some("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned()),
        ..UserMfa::default()
    };
    let mut counter = Counter::new(world);
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    let set = |counter: &mut Counter, settings: Value| {
        let mut body = settings;
        body["AccessToken"] = json!(token);
        counter.send("SetUserMFAPreference", &body)
    };
    set(
        &mut counter,
        json!({ "SMSMfaSettings": { "Enabled": true } }),
    )
    .refuses(
        InvalidParameter,
        "User does not have delivery config set to turn on SMS_MFA",
    );
    assert_eq!(
        set(
            &mut counter,
            json!({ "EmailMfaSettings": { "Enabled": false, "PreferredMfa": true } })
        )
        .kind(),
        InvalidParameter,
        "off and preferred"
    );
    let both = json!({
        "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true },
        "EmailMfaSettings": { "Enabled": true, "PreferredMfa": true },
    });
    assert_eq!(
        set(&mut counter, both).kind(),
        InvalidParameter,
        "two preferred"
    );
    is_done(&set(
        &mut counter,
        json!({
            "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true },
            "EmailMfaSettings": { "Enabled": true },
        }),
    ));
    let got = counter
        .send("GetUser", &json!({ "AccessToken": token }))
        .body();
    assert_eq!(got["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
    assert_eq!(
        got["UserMFASettingList"],
        json!(["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"])
    );
    assert_eq!(
        counter
            .sign_in_by_srp(EMAIL, PASSWORD)
            .challenge()
            .as_deref(),
        Some("SOFTWARE_TOKEN_MFA"),
        "the preferred one is asked for"
    );
    is_done(&admin(
        &mut counter,
        "AdminSetUserMFAPreference",
        ALICE,
        json!({ "SoftwareTokenMfaSettings": { "Enabled": false } }),
    ));
    assert_eq!(
        counter
            .sign_in_by_srp(EMAIL, PASSWORD)
            .challenge()
            .as_deref(),
        Some("EMAIL_OTP"),
        "what is left"
    );
}

#[test]
fn an_administrators_user_sets_a_password_at_the_first_sign_in() {
    let mut counter = Counter::new(by_email());
    let created = admin(
        &mut counter,
        "AdminCreateUser",
        CAROL,
        json!({
            "UserAttributes": listed(&[("email_verified", "true")]),
            "DesiredDeliveryMediums": ["EMAIL"],
        }),
    )
    .body();
    let user = &created["User"];
    assert_eq!(user["UserStatus"], "FORCE_CHANGE_PASSWORD");
    assert_eq!(user["Enabled"], true);
    assert_eq!(user["UserCreateDate"], json!(NOW));
    assert_eq!(user["UserLastModifiedDate"], json!(NOW));
    let name = user["Username"].as_str().unwrap().to_owned();
    assert_eq!(
        user["Attributes"][0],
        json!({ "Name": "sub", "Value": name })
    );
    let (to, temporary) = sent_to(&mut counter, "invitation");
    assert_eq!(to, CAROL, "to whom");
    assert!(temporary.len() >= 8, "{temporary}");

    let asked = counter.sign_in_by_srp(CAROL, &temporary);
    assert_eq!(asked.challenge().as_deref(), Some("NEW_PASSWORD_REQUIRED"));
    let done = counter.respond(
        "NEW_PASSWORD_REQUIRED",
        asked.session().as_deref(),
        &[("USERNAME", &name), ("NEW_PASSWORD", NEW)],
    );
    assert!(done.has_tokens(), "{:?}", done.0);
    assert!(counter.sign_in_by_srp(CAROL, NEW).has_tokens());

    admin(&mut counter, "AdminCreateUser", CAROL, json!({}))
        .refuses(UsernameExists, "User account already exists");
    assert_eq!(
        admin(
            &mut counter,
            "AdminCreateUser",
            CAROL,
            json!({ "MessageAction": "RESEND" })
        )
        .kind(),
        ErrorKind::from("UnsupportedUserStateException"),
        "confirmed"
    );
}

#[test]
fn an_invitation_can_be_given_suppressed_and_sent_again() {
    let mut counter = Counter::new(by_email());
    let create =
        |counter: &mut Counter, more: Value| admin(counter, "AdminCreateUser", CAROL, more);
    create(&mut counter, json!({ "MessageAction": "RESEND" }))
        .refuses(UserNotFound, "User does not exist.");
    create(&mut counter, json!({ "TemporaryPassword": "short" })).refuses(
        InvalidPassword,
        "Password does not conform to policy: Password not long enough",
    );
    create(
        &mut counter,
        json!({ "TemporaryPassword": "Temp-Passw0rd!", "MessageAction": "SUPPRESS" }),
    );
    assert!(
        !counter
            .notes()
            .iter()
            .any(|note| matches!(note, PoolNote::Sent { .. })),
        "nothing was sent"
    );
    assert_eq!(
        counter
            .sign_in_by_srp(CAROL, "Temp-Passw0rd!")
            .challenge()
            .as_deref(),
        Some("NEW_PASSWORD_REQUIRED")
    );
    counter.pool.advance_clock(7 * 24 * 60 * 60 + 1);
    counter.sign_in_by_srp(CAROL, "Temp-Passw0rd!").refuses(
        NotAuthorized,
        "Temporary password has expired and must be reset by an administrator.",
    );
    create(&mut counter, json!({ "MessageAction": "RESEND" }));
    let again = sent(&mut counter, "invitation");
    assert_eq!(
        counter.sign_in_by_srp(CAROL, &again).challenge().as_deref(),
        Some("NEW_PASSWORD_REQUIRED"),
        "another temporary password"
    );
}

#[test]
fn pre_sign_up_hears_of_an_administrators_user_and_decides_nothing() {
    let mut world = by_email();
    let response = json!({ "autoConfirmUser": true, "autoVerifyEmail": true });
    tell(&mut world, TriggerName::PreSignUp, response);
    let mut counter = Counter::new(world);
    let created = admin(
        &mut counter,
        "AdminCreateUser",
        CAROL,
        json!({
            "ValidationData": listed(&[("invitation", "1234")]),
            "ClientMetadata": { "tenant": "blue" },
        }),
    )
    .body();
    assert_eq!(created["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    assert_eq!(
        created["User"]["Attributes"].as_array().unwrap().len(),
        2,
        "sub and email: {created}"
    );
    let calls = counter.triggers();
    assert_eq!(calls.len(), 1, "once");
    insta::assert_json_snapshot!("pre_sign_up_by_admin", calls[0]);
}

#[test]
fn an_administrator_sets_passwords_for_good_or_for_once() {
    let mut counter = Counter::new(world());
    let set =
        |counter: &mut Counter, more: Value| admin(counter, "AdminSetUserPassword", EMAIL, more);
    set(&mut counter, json!({ "Password": "short" })).refuses(
        InvalidPassword,
        "Password does not conform to policy: Password not long enough",
    );
    is_done(&set(&mut counter, json!({ "Password": NEW })));
    assert_eq!(
        counter.sign_in_by_srp(EMAIL, NEW).challenge().as_deref(),
        Some("NEW_PASSWORD_REQUIRED"),
        "for once"
    );
    is_done(&set(
        &mut counter,
        json!({ "Password": "For-Good-1", "Permanent": true }),
    ));
    assert!(counter.sign_in_by_srp(EMAIL, "For-Good-1").has_tokens());
    assert_eq!(counter.pool.user_status(EMAIL), Some(UserStatus::Confirmed));
}

#[test]
fn an_administrator_confirms_a_sign_up_and_post_confirmation_hears_of_it() {
    let mut world = by_email();
    tell(&mut world, TriggerName::PostConfirmation, json!({}));
    let mut counter = Counter::new(world);
    sign_up(&mut counter, CAROL, &[]);
    counter.triggers();
    is_done(&admin(
        &mut counter,
        "AdminConfirmSignUp",
        CAROL,
        json!({ "ClientMetadata": { "tenant": "blue" } }),
    ));
    let calls = counter.triggers();
    assert_eq!(calls.len(), 1, "once");
    insta::assert_json_snapshot!("post_confirmation_by_admin", calls[0]);
    assert!(counter.sign_in_by_srp(CAROL, NEW).has_tokens());
    assert_eq!(
        attribute(&described(&mut counter, CAROL), "email_verified").as_deref(),
        Some("false"),
        "that verifies nothing"
    );
    admin(&mut counter, "AdminConfirmSignUp", CAROL, json!({})).refuses(
        NotAuthorized,
        "User cannot be confirmed. Current status is CONFIRMED",
    );
}

#[test]
fn a_disabled_user_is_refused_until_enabled() {
    let mut counter = Counter::new(world());
    let token = access_token(&mut counter, EMAIL, PASSWORD);
    is_done(&admin(&mut counter, "AdminDisableUser", EMAIL, json!({})));
    counter
        .start_srp(EMAIL)
        .refuses(NotAuthorized, "User is disabled.");
    assert_eq!(described(&mut counter, EMAIL)["Enabled"], false);
    is_done(&admin(&mut counter, "AdminEnableUser", EMAIL, json!({})));
    assert!(counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens());
    counter
        .send("GetUser", &json!({ "AccessToken": token }))
        .refuses(NotAuthorized, "Access Token has been revoked");
}

#[test]
fn a_password_that_an_administrator_reset_has_to_be_set_by_the_code() {
    let mut counter = Counter::new(world());
    is_done(&admin(
        &mut counter,
        "AdminResetUserPassword",
        EMAIL,
        json!({}),
    ));
    let code = sent(&mut counter, "reset-password");
    for _ in 0..2 {
        counter.sign_in_by_srp(EMAIL, PASSWORD).refuses(
            PasswordResetRequired,
            "Password reset required for the user",
        );
        counter
            .sign_in_by_srp(EMAIL, "Wrong-Passw0rd!")
            .refuses(NotAuthorized, GENERIC);
    }
    is_done(&counter.send(
        "ConfirmForgotPassword",
        &json!({
            "ClientId": CLIENT, "Username": EMAIL, "ConfirmationCode": code, "Password": NEW,
        }),
    ));
    assert!(counter.sign_in_by_srp(EMAIL, NEW).has_tokens());

    let mut world = world();
    world.users[0].status = UserStatus::ForceChangePassword;
    admin(
        &mut Counter::new(world.clone()),
        "AdminResetUserPassword",
        EMAIL,
        json!({}),
    )
    .refuses(
        NotAuthorized,
        "User password cannot be reset in the current state.",
    );
    world.users[0].status = UserStatus::Confirmed;
    world.users[0].attributes = map(&[]);
    assert_eq!(
        admin(
            &mut Counter::new(world),
            "AdminResetUserPassword",
            EMAIL,
            json!({})
        )
        .kind(),
        InvalidParameter,
        "no address"
    );
}

#[test]
fn an_administrator_changes_attributes_and_aliases_follow() {
    let mut counter = Counter::new(by_alias());
    let update = |counter: &mut Counter, name: &str, attributes: &[(&str, &str)]| {
        let more = json!({ "UserAttributes": listed(attributes) });
        admin(counter, "AdminUpdateUserAttributes", name, more)
    };
    let new = "alicia@example.org";
    is_done(&update(&mut counter, "alice", &[("email", new)]));
    assert_eq!(
        counter.start_srp(EMAIL).kind(),
        UserNotFound,
        "the old address is nobody's"
    );
    assert_eq!(
        counter.start_srp(new).kind(),
        UserNotFound,
        "the new one is not verified"
    );
    is_done(&update(
        &mut counter,
        "alice",
        &[("email_verified", "true")],
    ));
    assert!(counter.sign_in_by_srp(new, PASSWORD).has_tokens());
    update(
        &mut counter,
        "alice",
        &[("email", BOBS_EMAIL), ("email_verified", "true")],
    )
    .refuses(AliasExists, "An account with the email already exists.");
    is_done(&update(
        &mut counter,
        "bob",
        &[("email", "bobby@example.org"), ("email_verified", "true")],
    ));
    is_done(&update(
        &mut counter,
        "alice",
        &[("email", BOBS_EMAIL), ("email_verified", "true")],
    ));
    assert_eq!(
        counter.start_srp(BOBS_EMAIL).parameter("USERNAME"),
        "alice",
        "a free address moves"
    );
    is_done(&update(
        &mut counter,
        "alice",
        &[("preferred_username", "ally")],
    ));
    assert_eq!(counter.start_srp("ally").parameter("USERNAME"), "alice");
    update(&mut counter, "bob", &[("preferred_username", "ally")]).refuses(
        AliasExists,
        "An account with the preferred_username already exists.",
    );
    assert_eq!(
        update(&mut counter, "bob", &[("sub", SUB)]).kind(),
        InvalidParameter,
        "sub"
    );
}

#[test]
fn administrators_find_users_by_sub_too_and_sign_them_out() {
    let mut counter = Counter::new(by_name());
    let done = counter.sign_in_by_srp("alice", PASSWORD);
    assert_eq!(described(&mut counter, SUB)["Username"], "alice", "by sub");
    is_done(&admin(
        &mut counter,
        "AdminUserGlobalSignOut",
        SUB,
        json!({}),
    ));
    counter
        .send(
            "GetUser",
            &json!({ "AccessToken": done.token("AccessToken") }),
        )
        .refuses(NotAuthorized, "Access Token has been revoked");
    is_done(&admin(&mut counter, "AdminDeleteUser", "alice", json!({})));
    admin(&mut counter, "AdminDeleteUser", "alice", json!({}))
        .refuses(UserNotFound, "User does not exist.");
}

#[test]
fn every_administrators_operation_tells_of_an_unknown_pool_and_an_unknown_user() {
    let mut counter = Counter::new(world());
    let device = format!("us-east-1_{SUB}");
    let operations = [
        ("AdminSetUserPassword", json!({ "Password": NEW })),
        ("AdminConfirmSignUp", json!({})),
        ("AdminGetUser", json!({})),
        ("AdminDisableUser", json!({})),
        ("AdminEnableUser", json!({})),
        ("AdminResetUserPassword", json!({})),
        ("AdminUpdateUserAttributes", json!({ "UserAttributes": [] })),
        ("AdminSetUserMFAPreference", json!({})),
        ("AdminDeleteUser", json!({})),
        ("AdminUserGlobalSignOut", json!({})),
        ("AdminListDevices", json!({})),
        ("AdminGetDevice", json!({ "DeviceKey": device })),
        ("AdminForgetDevice", json!({ "DeviceKey": device })),
    ];
    for (operation, more) in operations {
        let got = admin(&mut counter, operation, CAROL, more.clone()).error();
        assert_eq!(got.kind, UserNotFound, "{operation}");
        assert_eq!(got.message, "User does not exist.", "{operation}");
        let mut elsewhere = more;
        elsewhere["UserPoolId"] = json!("us-east-1_Nowhere1");
        let got = admin(&mut counter, operation, EMAIL, elsewhere).error();
        assert_eq!(got.kind, ResourceNotFound, "{operation}");
        assert_eq!(
            got.message, "User pool us-east-1_Nowhere1 does not exist.",
            "{operation}"
        );
    }
    let more = json!({ "DeviceKey": device });
    admin(&mut counter, "AdminGetDevice", EMAIL, more)
        .refuses(ResourceNotFound, "Device does not exist.");
    assert_eq!(
        admin(&mut counter, "AdminListDevices", EMAIL, json!({})).body(),
        json!({ "Devices": [] })
    );
}

#[test]
fn users_are_listed_by_pages_and_filters() {
    let mut counter = Counter::new(by_name());
    for name in ["carol", "dave", "erin"] {
        let attributes = listed(&[
            ("email", &format!("{name}@example.org")),
            ("name", "Q \"x\""),
        ]);
        let more = json!({ "UserAttributes": attributes, "MessageAction": "SUPPRESS" });
        admin(&mut counter, "AdminCreateUser", name, more);
    }
    let list = |counter: &mut Counter, more: Value| {
        let mut body = more;
        body["UserPoolId"] = json!(POOL_ID);
        counter.send("ListUsers", &body)
    };
    let names = |got: &Got| -> Vec<String> {
        let users = got.body()["Users"].as_array().unwrap().clone();
        let name = |user: &Value| user["Username"].as_str().unwrap().to_owned();
        users.iter().map(name).collect()
    };
    let first = list(&mut counter, json!({ "Limit": 2 }));
    assert_eq!(names(&first), ["alice", "bob"], "the first page");
    let token = first.body()["PaginationToken"].clone();
    let second = list(
        &mut counter,
        json!({ "Limit": 2, "PaginationToken": token }),
    );
    assert_eq!(names(&second), ["carol", "dave"], "the second page");
    let token = second.body()["PaginationToken"].clone();
    let last = list(
        &mut counter,
        json!({ "Limit": 2, "PaginationToken": token }),
    );
    assert_eq!(names(&last), ["erin"], "the last page");
    assert_eq!(last.body().get("PaginationToken"), None, "no further one");

    for (filter, expected) in [
        ("email = \"dave@example.org\"", vec!["dave"]),
        ("email = \"dave\"", vec![]),
        ("email ^= \"dave\"", vec!["dave"]),
        ("username ^= \"b\"", vec!["bob"]),
        ("cognito:user_status = \"CONFIRMED\"", vec!["alice", "bob"]),
        ("status = \"Disabled\"", vec![]),
        (
            "\"sub\" = \"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee\"",
            vec!["alice"],
        ),
        ("name = \"Q \\\"x\\\"\"", vec!["carol", "dave", "erin"]),
    ] {
        let got = list(&mut counter, json!({ "Filter": filter }));
        assert_eq!(names(&got), expected, "{filter}");
    }
    list(&mut counter, json!({ "Filter": "email like \"x\"" }))
        .refuses(InvalidParameter, "Error while parsing filter");
    assert_eq!(
        list(&mut counter, json!({ "PaginationToken": "?" })).kind(),
        InvalidParameter,
        "no token of ours"
    );
    let got = list(
        &mut counter,
        json!({ "AttributesToGet": ["email"], "Filter": "username = \"dave\"" }),
    );
    assert_eq!(
        got.body()["Users"][0]["Attributes"],
        listed(&[("email", "dave@example.org")]),
        "what is wanted"
    );
}

#[test]
fn names_differ_in_case_only_where_the_pool_says_so() {
    let mut world = by_email();
    world.pool.case_sensitive = false;
    let mut counter = Counter::new(world);
    assert!(
        counter
            .sign_in_by_srp("Alice@Example.COM", PASSWORD)
            .has_tokens(),
        "any case will do"
    );
    sign_up(&mut counter, "ALICE@example.com", &[]).refuses(UsernameExists, "User already exists");
    sign_up(&mut counter, "Carol@Example.com", &[]);
    let code = sent(&mut counter, "sign-up");
    is_done(&confirm(&mut counter, CAROL, &code));
    assert!(
        counter
            .sign_in_by_srp("CAROL@EXAMPLE.COM", NEW)
            .has_tokens()
    );
    is_done(&admin(&mut counter, "AdminDeleteUser", CAROL, json!({})));
    assert_eq!(counter.start_srp("Carol@Example.com").kind(), UserNotFound);

    let mut hidden = hiding(by_email());
    hidden.pool.case_sensitive = false;
    let mut counter = Counter::new(hidden);
    assert_eq!(
        counter.start_srp(CAROL).parameter("SALT"),
        counter.start_srp("CAROL@example.com").parameter("SALT"),
        "nobody is the same nobody in any case"
    );

    let mut counter = Counter::new(by_email());
    assert_eq!(
        counter.start_srp("Alice@Example.COM").kind(),
        UserNotFound,
        "a pool that tells cases apart"
    );
}

#[test]
fn a_migrated_user_of_an_alias_pool_keeps_the_name_that_was_typed() {
    let mut world = by_alias();
    world.triggers.migration = migration_world(Some("CONFIRMED")).triggers.migration;
    if let Some(script) = &mut world.triggers.migration {
        script.directory = map(&[("carol", NEW), (CAROL, NEW)]);
    }
    let mut counter = Counter::new(world);
    counter.with_password(CAROL, NEW).refuses(
        InvalidParameter,
        "Username cannot be of email format, since user pool is configured for email alias.",
    );
    assert!(counter.with_password("carol", NEW).has_tokens());
    assert_eq!(counter.start_srp(CAROL).parameter("USERNAME"), "carol");
}
