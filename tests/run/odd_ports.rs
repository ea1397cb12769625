//! Ports that do right in an odd way, and are not accused.
//!
//! Each is the reference client with one habit of its own, behind a shim in a process of its own: this very test binary,
//! started again for the one test that is a shim. Nothing has to be installed or built beside it.
//!
//! Sections, tables and names in the comments are those of the public sources that say that a habit is right: the service's
//! model, RFCs, or a library that was shipped with it.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs::OpenOptions;

use cognito_conformance::client::{AuthError, DeviceFlows, Filed, Gone, RefreshBy};
use cognito_conformance::rules::Party;
use cognito_conformance::run::Theatre;
use cognito_conformance::run::case::of_scenario;
use cognito_conformance::srp::{BigUint, Timestamp};
use cognito_conformance::subject::shim::{ShimCommand, ShimOptions};
use cognito_conformance::subject::{Capabilities, ShimPort};
use cognito_conformance::suite::Part;
use cognito_conformance::suite::scenarios::scripted;
use cognito_conformance::wire::{
    AuthFlowType, Call, ChallengeName, HttpResponse, NextStep, PortError, Reply,
};
use serde_json::{Value, json};

use crate::first_contact;
use crate::odd::habits::Habits;
use crate::odd::json::Writing;
use crate::odd::shim;

/// Ports by the name of their test. Of the scenarios that are named for each, it has to play at least so many.
macro_rules! right_ports {
    ($($(#[$fact:meta])* $name:ident: $least:literal of $cases:ident, $edit:expr;)*) => {
        $($(#[$fact])* #[test] fn $name() { is_not_accused(stringify!($name), $cases, $least); })*

        /// The habits of the port that a test is about.
        fn habits_of(test: &str) -> Option<Habits> {
            let mut habits = Habits::default();
            let edit: fn(&mut Habits) = match test {
                $(stringify!($name) => $edit,)*
                _ => return None,
            };
            edit(&mut habits);
            Some(habits)
        }
    };
}

right_ports! {
    /// What all the others are compared with.
    a_port_without_a_habit_of_its_own_is_not_accused: 26 of USUAL, |_| {};

    // ---- SRP ----

    /// Correct clients differ in the case of SRP_A: amplify-swift and the .NET extensions write capitals.
    a_port_that_sends_srp_a_in_upper_case_is_not_accused: 9 of SRP, |odd| {
        odd.policy.outgoing = Some(|message| message.change("SRP_A", str::to_uppercase));
    };
    /// A number stays the same with zeros in front, and the .NET extensions write one.
    a_port_that_sends_srp_a_with_leading_zeros_is_not_accused: 9 of SRP, |odd| {
        odd.policy.outgoing = Some(|message| message.change("SRP_A", |a| format!("0{a}")));
    };
    /// RFC 5054, section 2.5.4, asks for 256 bits at least, and amplify-swift draws as many.
    a_port_that_draws_a_private_value_of_256_bits_is_not_accused: 9 of SRP, |odd| {
        odd.capabilities.inject = Default::default();
        odd.policy.private_value = |a| a % (BigUint::from(1_u8) << 256);
    };
    /// amplify-swift and amplify-android take the moment before the first request.
    a_port_that_takes_its_timestamp_before_the_challenge_is_not_accused: 9 of SRP, |odd| {
        odd.capabilities.inject = Default::default();
        odd.policy.outgoing = Some(|message| {
            let started = message.sender.started - 3;
            message.reclaim(|proof| proof.timestamp = Timestamp::from_unix(started).to_string());
        });
    };
    /// The service ignores it (README and tests of cognito-srp-helper).
    a_port_that_names_srp_a_as_challenge_beside_user_srp_auth_is_not_accused: 9 of SRP, |odd| {
        odd.policy.outgoing = Some(|message| {
            if message.get("SRP_A").is_some() && message.starts() {
                message.set("CHALLENGE_NAME", "SRP_A");
            }
        });
    };
    /// pycognito and warrant do so: in userSRP the challenge comes without one.
    a_port_that_sends_no_session_with_the_proof_of_user_srp_is_not_accused: 9 of SRP, |odd| {
        only(odd, AuthFlowType::UserSrp);
        odd.policy.outgoing = Some(|message| {
            if message.answers(&ChallengeName::PasswordVerifier) {
                message.members().remove("Session");
            }
        });
    };
    /// amplify-js answers by USER_ID_FOR_SRP, which is the user's name as well.
    a_port_that_answers_by_the_user_id_for_srp_is_not_accused: 9 of SRP, |odd| {
        odd.policy.outgoing = Some(|message| {
            if message.answers(&ChallengeName::PasswordVerifier)
                && let Some(id) = message.sender.challenge_parameters().and_then(|given| given.get("USER_ID_FOR_SRP").cloned())
            {
                message.set("USERNAME", id.clone());
                message.rehash(&id);
            }
        });
    };

    // ---- The shim's lines ----

    /// Error output never affects a verdict.
    a_port_with_a_noisy_error_output_is_not_accused: 10 of WIRE, |odd| odd.is_noisy = true;
    /// A line ends with its line feed, however many writes it takes.
    a_shim_that_writes_one_octet_at_a_time_is_not_accused: 10 of WIRE, |odd| odd.octet_by_octet = true;
    /// RFC 8259, sections 2 and 4: members have no order, and blanks may surround every token.
    a_shim_that_answers_in_another_order_with_blanks_is_not_accused: 10 of WIRE, |odd| {
        odd.answers = Writing { reversed: true, spaced: true, ..Writing::default() };
    };
    /// RFC 8259, section 7: every character may be escaped.
    a_shim_that_answers_in_ascii_only_is_not_accused: 10 of WIRE, |odd| {
        odd.answers = Writing { escaped: true, ..Writing::default() };
    };

    // ---- HTTP ----

    /// RFC 9110, section 5.1: the names of headers have no case.
    a_port_with_header_names_in_small_letters_is_not_accused: 10 of WIRE, |odd| odd.http.names = str::to_lowercase;
    /// The same.
    a_port_with_header_names_in_capitals_is_not_accused: 10 of WIRE, |odd| odd.http.names = str::to_uppercase;
    /// RFC 9110, section 5.3: the order of headers of different names does not matter; unknown ones are ignored.
    a_port_with_more_headers_in_another_order_is_not_accused: 10 of WIRE, |odd| {
        odd.http.reversed = true;
        odd.http.extra = &[
            ("User-Agent", "aws-sdk-swift/1.2 ua/2.1 api/cognito_identity_provider"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("amz-sdk-invocation-id", "2f6d2c0e-4a55-4a4a-8f2b-1b5c8a0b6f0d"),
            ("amz-sdk-request", "attempt=1; max=1"),
        ];
    };
    /// RFC 9110, section 8.3: a media type may have parameters.
    a_port_that_names_the_charset_of_its_body_is_not_accused: 10 of WIRE, |odd| {
        odd.http.content_type = Some("application/x-amz-json-1.1; charset=UTF-8");
    };
    /// RFC 9112, section 9.6.
    a_port_with_a_connection_for_each_request_is_not_accused: 10 of WIRE, |odd| odd.http.keeps_alive = false;
    /// TCP carries octets, not messages.
    a_port_that_sends_requests_in_pieces_is_not_accused: 10 of WIRE, |odd| odd.http.in_pieces = true;
    /// RFC 8259 again, now for the service.
    a_port_that_writes_bodies_in_lines_and_another_order_is_not_accused: 10 of WIRE, |odd| {
        odd.http.body = Writing { reversed: true, in_lines: true, ..Writing::default() };
    };
    /// As the JSON libraries of Python and PHP do unless they are told otherwise.
    a_port_that_escapes_what_is_not_ascii_in_bodies_is_not_accused: 10 of WIRE, |odd| {
        odd.http.body = Writing { escaped: true, ..Writing::default() };
    };
    /// The SDKs of AWS try three times.
    a_port_that_sends_a_request_again_when_the_service_is_in_trouble_is_not_accused: 8 of TROUBLE, |odd| odd.http.tries = 3;

    // ---- Members of requests ----

    /// amplify-swift always sends a map.
    a_port_that_sends_empty_metadata_where_there_is_none_is_not_accused: 26 of USUAL, |odd| {
        odd.policy.outgoing = Some(|message| {
            let takes_metadata = message.starts() || message.operation.as_str() == "RespondToAuthChallenge";
            if takes_metadata && !message.members().contains_key("ClientMetadata") {
                message.members().insert("ClientMetadata".to_owned(), json!({}));
            }
        });
    };
    /// The service's model: for what the service makes of risk and of campaigns. amplify-swift sends both.
    a_port_that_sends_context_data_is_not_accused: 26 of USUAL, |odd| {
        odd.policy.outgoing = Some(|message| {
            if message.starts() || message.operation.as_str() == "RespondToAuthChallenge" {
                message.members().insert("UserContextData".to_owned(), json!({"EncodedData": "eyJwYXlsb2FkIjoie30ifQ=="}));
                message.members().insert("AnalyticsMetadata".to_owned(), json!({"AnalyticsEndpointId": "an-endpoint"}));
            }
        });
    };
    /// amplify-android does so with the proof.
    a_port_that_names_an_empty_device_where_it_has_none_is_not_accused: 9 of SRP, |odd| {
        odd.policy.outgoing = Some(|message| {
            if message.answers(&ChallengeName::PasswordVerifier) && message.get("DEVICE_KEY").is_none() {
                message.set("DEVICE_KEY", "");
            }
        });
    };

    // ---- What is offered ----

    /// What is not declared is not asked for.
    a_port_without_metadata_is_not_accused: 24 of USUAL, |odd| odd.capabilities.client_metadata = Default::default();
    /// The same, for values that are injected.
    a_port_that_takes_no_injected_value_is_not_accused: 26 of USUAL, |odd| odd.capabilities.inject = Default::default();
    /// A port may know one flow.
    a_port_that_knows_user_srp_alone_is_not_accused: 10 of USUAL, |odd| only(odd, AuthFlowType::UserSrp);
    /// The same.
    a_port_that_knows_user_password_alone_is_not_accused: 3 of USUAL, |odd| only(odd, AuthFlowType::UserPassword);
    /// The same.
    a_port_that_knows_custom_with_srp_alone_is_not_accused: 2 of USUAL, |odd| only(odd, AuthFlowType::CustomWithSrp);
    /// The same.
    a_port_that_knows_custom_without_srp_alone_is_not_accused: 2 of USUAL, |odd| only(odd, AuthFlowType::CustomWithoutSrp);
    /// The same.
    a_port_that_knows_the_choice_of_a_first_factor_alone_is_not_accused: 2 of USUAL, |odd| only(odd, AuthFlowType::UserAuth);
    /// alexrudd/cognito-srp and others sign in and do nothing else.
    a_port_that_signs_in_by_srp_and_does_nothing_else_is_not_accused: 5 of USUAL, |odd| {
        odd.capabilities = Capabilities {
            flows: [AuthFlowType::UserSrp].into(),
            challenges: [ChallengeName::PasswordVerifier].into(),
            ..Capabilities::default()
        };
        odd.reads = Some(without_new_device);
        odd.policy.devices.rounds_answered = DeviceFlows::NotCustom;
    };
    /// The service's model: NewDeviceMetadata is an offer.
    a_port_that_knows_no_devices_is_not_accused: 16 of USUAL, |odd| {
        for challenge in [ChallengeName::DeviceSrpAuth, ChallengeName::DevicePasswordVerifier] {
            odd.capabilities.challenges.remove(&challenge);
        }
        for call in ["rememberDevice", "forgetDevice"] {
            odd.capabilities.calls.remove(call);
        }
        odd.reads = Some(without_new_device);
    };

    // ---- Devices ----

    /// amplify-js names the device with the proof first, once the service has named the user.
    a_port_that_names_its_device_only_after_the_service_named_the_user_is_not_accused: 6 of DEVICES, |odd| {
        odd.policy.outgoing = Some(|message| {
            if message.starts() && message.get("SRP_A").is_some() {
                message.remove("DEVICE_KEY");
            }
        });
    };
    /// amplify-swift does so, and takes another alias for another user.
    a_port_that_keeps_devices_under_the_typed_name_is_not_accused: 6 of DEVICES, |odd| {
        odd.policy.devices.filed = Filed::UnderTypedName;
    };
    /// The service's model: DeviceName is not required.
    a_port_whose_devices_have_no_name_is_not_accused: 6 of DEVICES, |odd| {
        odd.policy.outgoing = Some(|message| {
            if message.operation.as_str() == "ConfirmDevice" {
                message.members().remove("DeviceName");
            }
        });
    };
    /// amplify-swift, -android and -flutter do not read the text.
    a_port_that_takes_any_resource_not_found_for_the_device_s_loss_is_not_accused: 6 of DEVICES, |odd| {
        odd.policy.devices.gone = Gone::ByItsKind;
    };

    /// amplify-android's USER_PASSWORD_AUTH names none.
    a_port_that_names_no_device_beside_a_password_is_not_accused: 6 of DEVICES, |odd| {
        odd.policy.outgoing = Some(|message| {
            if message.starts() && message.get("PASSWORD").is_some() {
                message.remove("DEVICE_KEY");
            }
        });
    };
    /// amplify-swift and amplify-android draw one.
    a_port_whose_device_s_password_is_a_uuid_is_not_accused: 6 of DEVICES, |odd| {
        odd.capabilities.inject = Default::default();
        odd.device_password = Some(|number| {
            let octets = 0x6f2c_91d4_55e0_4a0b_8c1e_77aa_90f3_0000 + u128::from(number);
            uuid::Uuid::from_u128(octets).to_string().to_uppercase()
        });
    };

    // ---- What the application is told ----

    /// amplify-js keeps the refresh token to itself.
    a_port_that_keeps_the_refresh_token_to_itself_is_not_accused: 26 of USUAL, |odd| {
        odd.tells = Some(|reply| match reply {
            Reply::Session { mut tokens } => {
                tokens.refresh_token = None;
                Reply::Session { tokens }
            }
            other => other,
        });
    };
    /// Amplify's error types are not the service's.
    a_port_with_error_names_of_its_own_is_not_accused: 26 of USUAL, |odd| {
        odd.tells = Some(|reply| match reply {
            Reply::Error { error } => Reply::Error {
                error: PortError {
                    name: match error.name.as_str() {
                        "NotAuthorizedException" => "AuthError.notAuthorized".to_owned(),
                        "Validation" => "AuthError.validation".to_owned(),
                        other => format!("AuthError.service({other})"),
                    },
                    message: error.message,
                },
            },
            other => other,
        });
    };
    /// amplify-android maps both to exceptions.
    a_port_that_tells_an_unconfirmed_user_by_an_error_is_not_accused: 3 of STATUS, |odd| {
        let steps = ["CONFIRM_SIGN_UP", "RESET_PASSWORD"];
        odd.capabilities.next_steps = Some(every_step().filter(|step| !steps.contains(step)).map(str::to_owned).collect());
        odd.tells = Some(|reply| match reply {
            Reply::Step { next: NextStep::ConfirmSignUp } => failure("UserNotConfirmedException", "User is not confirmed."),
            Reply::Step { next: NextStep::ResetPassword } => failure("PasswordResetRequiredException", "Password reset required for the user"),
            other => other,
        });
    };
    /// amplify-js and amplify-flutter do: that flow needs none.
    a_port_that_refuses_a_password_in_a_flow_that_needs_none_is_not_accused: 26 of USUAL, |odd| {
        odd.refuses = Some(|call| match call {
            Call::SignIn(call) if call.password.is_some() && call.auth_flow_type == Some(AuthFlowType::CustomWithoutSrp) => Some(error("CustomAuthSignInPassword", "A password is not needed when signing in with CUSTOM_WITHOUT_SRP")),
            _ => None,
        });
    };
    // ---- Sessions ----

    /// The older libraries, and AWS's documentation for clients without rotation.
    a_port_that_refreshes_by_refresh_token_auth_is_not_accused: 5 of SESSIONS, |odd| {
        odd.policy.refresh_by = RefreshBy::RefreshTokenAuth;
    };
    /// amplify-js takes the user for signed out when a refresh is refused.
    a_port_that_gives_up_its_tokens_when_a_refresh_is_refused_is_not_accused: 5 of SESSIONS, |odd| {
        odd.policy.tokens.gives_up = |error| matches!(error, AuthError::Service(_));
    };
    /// amplify-js signs out everywhere by GlobalSignOut alone, which ends every refresh token.
    a_port_that_revokes_nothing_after_a_global_sign_out_is_not_accused: 2 of GLOBAL, |odd| odd.policy.tokens.revokes = false;
}

/// The shim of the port that `ODD_PORT` names. It talks on file descriptor 3, since the test runner has the standard output.
#[test]
#[ignore = "it is the process that the other tests start"]
fn be_the_shim() {
    let Ok(name) = std::env::var(NAME) else {
        return;
    };
    let habits = habits_of(&name).or_else(|| first_contact::habits_of(&name));
    let habits = habits.expect("a test has that name");
    let mut out = OpenOptions::new().write(true).open("/dev/fd/3").unwrap();
    shim::serve(&habits, &name, &mut out).unwrap();
}

/// Plays the scenarios, and asserts that nothing is found in them and that enough of them were played.
fn is_not_accused(test: &str, cases: &[&str], least: usize) {
    let program = std::env::current_exe().unwrap();
    let line = r#"exec "$ODD_PROGRAM" --exact odd_ports::be_the_shim --ignored --nocapture --test-threads 1 3>&1 >/dev/null"#;
    let options = ShimOptions {
        env: vec![
            (NAME.to_owned(), test.to_owned()),
            ("ODD_PROGRAM".to_owned(), program.display().to_string()),
        ],
        ..ShimOptions::default()
    };
    let mut scenarios = scripted().unwrap();
    scenarios.retain(|scenario| cases.contains(&name_of(&scenario.id)));
    assert_eq!(scenarios.len(), cases.len(), "each of {cases:?} is there");

    let mut played = 0;
    let mut wrong = Vec::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let port = ShimPort::start(ShimCommand::Line(line.to_owned()), options)
            .await
            .unwrap();
        let mut theatre = Theatre::of_shim(port).await.unwrap();
        for scenario in &scenarios {
            let parties = &[Party::Port, Party::Shim];
            let report = of_scenario(&mut theatre, scenario, Part::Scripted, parties)
                .await
                .unwrap();
            if report.not_applicable.is_none() {
                played += 1;
                assert!(!report.judged.is_empty(), "{} is judged", report.id);
            }
            wrong.extend(report.failures.iter().map(|failure| {
                let (id, rule, level) = (&report.id, failure.requirement.id(), failure.level);
                format!("{id}: {rule} {level:?} {:?}", failure.finding)
            }));
        }
    });
    assert!(wrong.is_empty(), "accused:\n{}", wrong.join("\n"));
    assert!(
        played >= least,
        "{played} scenarios were played, of at least {least}"
    );
}

fn name_of(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn only(odd: &mut Habits, flow: AuthFlowType) {
    odd.capabilities.flows = BTreeSet::from([flow]);
}

/// Takes the offer of a device out of an answer.
fn without_new_device(response: &mut HttpResponse) {
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body.as_bytes()) else {
        return;
    };
    let offer = body
        .get_mut("AuthenticationResult")
        .and_then(Value::as_object_mut)
        .and_then(|tokens| tokens.remove("NewDeviceMetadata"));
    if offer.is_some() {
        response.body = body.to_string().into();
    }
}

fn failure(name: &str, message: &str) -> Reply {
    Reply::Error {
        error: error(name, message),
    }
}

fn error(name: &str, message: &str) -> PortError {
    PortError {
        name: name.to_owned(),
        message: message.to_owned(),
    }
}

fn every_step() -> impl Iterator<Item = &'static str> {
    [
        "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE",
        "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED",
        "CONFIRM_SIGN_IN_WITH_SMS_CODE",
        "CONFIRM_SIGN_IN_WITH_EMAIL_CODE",
        "CONFIRM_SIGN_IN_WITH_TOTP_CODE",
        "CONTINUE_SIGN_IN_WITH_MFA_SELECTION",
        "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION",
        "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP",
        "CONTINUE_SIGN_IN_WITH_TOTP_SETUP",
        "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION",
        "CONFIRM_SIGN_IN_WITH_PASSWORD",
        "CONFIRM_SIGN_UP",
        "RESET_PASSWORD",
        "DONE",
        "CONFIRM_RESET_PASSWORD_WITH_CODE",
    ]
    .into_iter()
}

/// The variable that tells the shim which port it is.
const NAME: &str = "ODD_PORT";

/// Something of everything.
const USUAL: &[&str] = &[
    "plain",
    "flow-userSRP-with-secret",
    "flow-userSRP-wrong-password",
    "flow-userPassword",
    "flow-customWithSRP-with-secret",
    "custom-wrong-then-right-after-srp",
    "custom-metadata-each-round",
    "custom-ten-rounds",
    "flow-customWithoutSRP",
    "hostile-B-zero",
    "hostile-challenge",
    "error-headerOnly",
    "connection-dropped",
    "user-unconfirmed",
    "new-password-with-attributes",
    "name-unicode",
    "password-unicode-in-clear",
    "config-gen1-password",
    "factor-choice",
    "factor-email-wrong-then-right-userPassword",
    "factor-set-up-totp",
    "device-again-userSRP",
    "device-forgotten-userPassword",
    "session-refresh-on-a-device",
    "session-sign-out-everywhere",
    "reset-forgotten-password",
    "choice-prefers-srp",
    "choice-email-wrong-then-right",
];

/// Where the form of messages could matter: every operation, names and texts that are not ASCII, errors.
const WIRE: &[&str] = &[
    "flow-userSRP-with-secret",
    "custom-metadata-each-round",
    "error-headerOnly",
    "connection-dropped",
    "new-password-with-attributes",
    "name-unicode",
    "password-unicode-in-clear",
    "factor-set-up-totp",
    "device-again-userSRP",
    "session-sign-out-everywhere",
    "reset-forgotten-password",
];

/// Where there is SRP.
const SRP: &[&str] = &[
    "plain",
    "flow-userSRP-with-secret",
    "flow-userSRP-wrong-password",
    "custom-wrong-then-right-after-srp",
    "steered-all-top",
    "steered-B-00lo",
    "clock-one-digit-day",
    "user-unknown-hidden",
    "name-unicode",
    "password-unicode",
    "device-again-userSRP",
    "device-forgotten-userSRP",
    "choice-prefers-srp",
];

/// Where the service or the network fails.
const TROUBLE: &[&str] = &[
    "connection-dropped",
    "server-error",
    "session-refresh-fails-once",
    "session-refresh-cut-off",
    "session-sign-out-in-trouble",
    "reset-while-the-service-is-down",
    "flow-userSRP-wrong-password",
    "error-bodyOnly",
];

const DEVICES: &[&str] = &[
    "device-again-userSRP",
    "device-again-userPassword",
    "device-again-customWithSRP",
    "device-again-customWithoutSRP",
    "device-forgotten-userSRP",
    "device-forgotten-userPassword",
    "device-forgotten-before-request-2",
    "device-forgotten-before-request-3",
    "device-forgotten-before-request-4",
    "device-by-another-alias",
    "device-opt-in",
    "device-forgotten-by-the-person",
    "device-of-another-user",
    "device-after-factor",
    "device-with-secret",
    "session-refresh-on-a-device",
];

const STATUS: &[&str] = &[
    "user-unconfirmed",
    "user-unconfirmed-by-password",
    "user-resetRequired",
    "user-resetRequired-by-password",
    "reset-required",
];

const SESSIONS: &[&str] = &[
    "session-refresh-twice",
    "session-refresh-on-a-device",
    "session-fetch-after-expiry",
    "session-refresh-with-metadata",
    "session-refresh-by-the-other-user",
    "session-signed-out-elsewhere",
    "session-sign-out-with-secret",
];

const GLOBAL: &[&str] = &[
    "session-sign-out-everywhere",
    "session-sign-out-after-revocation",
];
