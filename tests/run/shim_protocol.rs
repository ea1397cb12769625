//! What the harness makes of shims that break the protocol, die, stay silent or lie.
//!
//! The shims are lines for `sh`, so that nothing but a shell is needed. No test measures time: deadlines are short only
//! where the shim never answers.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;

use cognito_conformance::subject::shim::check_message;
use cognito_conformance::subject::{
    PrimitiveCall, PrimitiveReply, ShimError, ShimOptions, ShimPort, StartError,
};
use cognito_conformance::wire::{
    AuthFlowType, Call, ChallengeName, ConfirmResetPassword, ConfirmSignIn, DeviceSecret,
    FetchAuthSession, ForgetDevice, Inject, NextStep, PortError, Reply, ResetPassword,
    SessionTokens, SignIn, SignOut, Target,
};

// ---- A shim that keeps to the protocol ----

#[tokio::test]
async fn every_line_in_both_directions_keeps_to_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let options = ShimOptions {
        env: vec![
            ("IN".into(), path("in").display().to_string()),
            ("OUT".into(), path("out").display().to_string()),
        ],
        ..ShimOptions::default()
    };
    let shim = r#"
        answer() { ok "$1" | tee -a "$OUT"; }
        while next; do
            printf '%s\n' "$line" >> "$IN"
            case $line in
                *'"initialize"'*) answer "$HELLO" ;;
                *'"signIn"'*) answer '{"nextStep":{"signInStep":"CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE","additionalInfo":{"hint":"pet"}}}' ;;
                *'"confirmSignIn"'*) answer '{"nextStep":{"signInStep":"DONE"}}' ;;
                *'"resetPassword"'*) answer '{"nextStep":{"signInStep":"CONFIRM_RESET_PASSWORD_WITH_CODE","codeDeliveryDetails":{"AttributeName":"email","DeliveryMedium":"EMAIL","Destination":"a***"}}}' ;;
                *'"fetchAuthSession"'*) answer '{"tokens":{"accessToken":"a","idToken":"i"}}' ;;
                *'"srp/u"'*) answer '{"u":"0f"}' ;;
                *) answer '{}' ;;
            esac
        done"#;
    let mut port = start(shim, options).await.unwrap();
    assert_eq!(port.description().name, "sh", "the name it gave");
    assert_eq!(
        port.description().capabilities.flows,
        BTreeSet::from([AuthFlowType::UserSrp]),
        "the flows it declared"
    );

    let step = port.call(&sign_in()).await.unwrap();
    let Reply::Step {
        next: NextStep::ConfirmSignInWithCustomChallenge { parameters },
    } = step
    else {
        panic!("a custom challenge was expected, got {step:?}");
    };
    assert_eq!(parameters["hint"], "pet");
    assert_eq!(port.call(&answer()).await.unwrap(), done());
    let reset = Call::ResetPassword(ResetPassword {
        target: target(),
        username: "alice".into(),
        metadata: [("k".to_owned(), "v".to_owned())].into(),
    });
    let step = port.call(&reset).await.unwrap();
    assert!(
        matches!(&step, Reply::Step { next: NextStep::ConfirmResetPasswordWithCode { delivery: Some(delivery) } } if delivery.destination == "a***"),
        "{step:?}"
    );
    let confirm = Call::ConfirmResetPassword(ConfirmResetPassword {
        target: target(),
        username: "alice".into(),
        confirmation_code: "123456".into(),
        new_password: "New-1-pass\nword".into(),
    });
    assert_eq!(port.call(&confirm).await.unwrap(), Reply::Empty);
    let fetch = Call::FetchAuthSession(FetchAuthSession {
        force_refresh: true,
        metadata: [("k".to_owned(), "v".to_owned())].into(),
        clock: Some(1_794_997_230),
    });
    let tokens = SessionTokens {
        access_token: Some("a".into()),
        id_token: Some("i".into()),
        refresh_token: None,
    };
    assert_eq!(
        port.call(&fetch).await.unwrap(),
        Reply::Session { tokens },
        "a port may keep the refresh token to itself"
    );
    for call in [
        Call::RememberDevice,
        Call::ForgetDevice(ForgetDevice::default()),
        Call::ForgetDevice(ForgetDevice {
            device_key: Some("us-east-1_0f".into()),
        }),
        Call::SignOut(SignOut { global: true }),
    ] {
        let method = call.method();
        assert_eq!(port.call(&call).await.unwrap(), Reply::Empty, "{method}");
    }
    assert_eq!(port.call(&Call::Reset).await.unwrap(), Reply::Empty);
    let u = PrimitiveCall::U {
        big_a: "02".into(),
        big_b: "03".into(),
    };
    let shown = port.primitive(&u).await.unwrap();
    let PrimitiveReply::Shown { values } = shown else {
        panic!("values were expected, got {shown:?}");
    };
    assert_eq!(values.entries().collect::<Vec<_>>(), [("u", "0f")]);
    assert_eq!(port.restarts(), 0, "one process did it all");
    port.close().await;

    for side in ["in", "out"] {
        let text = std::fs::read_to_string(path(side)).unwrap();
        assert_eq!(text.lines().count(), 12, "one line a message, {side}");
        for line in text.lines() {
            let message = serde_json::from_str(line).unwrap();
            assert_eq!(check_message(&message), Ok(()), "{line}");
        }
    }
}

#[test]
fn the_conversation_on_the_protocol_s_page_keeps_to_the_schema() {
    let page = include_str!("../../fixtures/shim-protocol/README.md");
    let lines: Vec<_> = page
        .lines()
        .filter_map(|line| {
            line.strip_prefix("> {")
                .or_else(|| line.strip_prefix("< {"))
        })
        .collect();
    assert_eq!(lines.len(), 8, "the page shows four requests and answers");
    for line in lines {
        let message = serde_json::from_str(&format!("{{{line}")).unwrap();
        assert_eq!(check_message(&message), Ok(()), "{line}");
    }
}

#[tokio::test]
async fn closing_a_port_lets_the_shim_end_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("ended");
    let options = ShimOptions {
        grace: Duration::from_secs(60),
        env: vec![("MARKER".into(), marker.display().to_string())],
        ..ShimOptions::default()
    };
    let port = start(r#"hello; cat >/dev/null; echo bye > "$MARKER""#, options)
        .await
        .unwrap();
    port.close().await;
    assert_eq!(std::fs::read_to_string(marker).unwrap(), "bye\n");
}

#[tokio::test]
async fn dropping_a_port_kills_all_that_the_shim_started() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("held-open");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.unwrap().success(), "mkfifo works");
    let options = ShimOptions {
        env: vec![("FIFO".into(), fifo.display().to_string())],
        ..ShimOptions::default()
    };
    let shim = r#"sleep 600 > "$FIFO" 2>/dev/null & hello; cat >/dev/null"#;
    let port = start(shim, options).await.unwrap();
    // Blocks until the grandchild has opened its end; the read below ends when nobody holds that end any more.
    let mut held = std::fs::File::open(&fifo).unwrap();
    drop(port);
    assert_eq!(held.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[tokio::test]
async fn chatter_on_stderr_is_kept_within_bounds_and_changes_nothing() {
    let shim = r#"hello; next
        i=0; while [ $i -lt 3000 ]; do echo "a line of chatter that is about sixty octets long, number $i" >&2; i=$((i+1)); done
        ok "$DONE"; next; ok '{}'"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    assert_eq!(port.call(&sign_in()).await.unwrap(), done());
    assert_eq!(port.call(&Call::Reset).await.unwrap(), Reply::Empty);
    let stderr = port.take_stderr();
    assert!(stderr.contains("chatter"), "it is kept");
    assert!(stderr.len() < 66 * 1024, "{} octets", stderr.len());
}

#[tokio::test]
async fn an_error_of_the_port_keeps_its_name_and_message() {
    let shim = r#"hello; next; fail '{"code":1001,"message":"m","data":{"name":"NotAuthorizedException","message":"Incorrect username or password."}}'
        next; ok '{}'"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    let error = PortError {
        name: "NotAuthorizedException".into(),
        message: "Incorrect username or password.".into(),
    };
    assert_eq!(port.call(&sign_in()).await.unwrap(), Reply::Error { error });
    assert_eq!(port.call(&Call::Reset).await.unwrap(), Reply::Empty);
    assert_eq!(port.restarts(), 0, "an error is no reason to restart");
}

#[tokio::test]
async fn a_declared_capability_that_is_refused_is_told_to_the_judge() {
    let shim = r#"hello; next; fail '{"code":-32601,"message":"no userSRP here"}'; next; ok '{}'"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    let capabilities = &port.description().capabilities;
    assert_eq!(capabilities.lacks(&sign_in()), None, "it declared the flow");
    assert_eq!(
        port.call(&sign_in()).await.unwrap(),
        Reply::Unsupported {
            reason: "no userSRP here".into()
        }
    );
    assert_eq!(port.call(&Call::Reset).await.unwrap(), Reply::Empty);
}

#[tokio::test]
async fn a_call_that_a_shim_does_not_know_is_unsupported() {
    let shim = r#"hello; while next; do fail '{"code":-32601,"message":"what is that?"}'; done"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    for call in [
        Call::FetchAuthSession(FetchAuthSession::default()),
        Call::SignOut(SignOut::default()),
        Call::RememberDevice,
        Call::ForgetDevice(ForgetDevice::default()),
    ] {
        let method = call.method();
        let lacks = port.description().capabilities.lacks(&call);
        assert_eq!(lacks.as_deref(), Some(method), "it did not declare it");
        assert_eq!(
            port.call(&call).await.unwrap(),
            Reply::Unsupported {
                reason: "what is that?".into()
            },
            "{method}"
        );
    }
    assert_eq!(port.restarts(), 0, "which is no reason to restart");
}

#[tokio::test]
async fn a_preferred_factor_travels_by_the_service_s_name() {
    let shim = r#"hello; next
        case $line in
            *'"authFlowType":"userAuth"'*'"preferredChallenge":"EMAIL_OTP"'*)
                ok '{"nextStep":{"signInStep":"CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION","availableChallenges":["EMAIL_OTP","WEB_AUTHN"]}}' ;;
        esac; cat"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    let Call::SignIn(right) = sign_in() else {
        unreachable!("sign_in() makes a sign-in");
    };
    let call = |preferred: &str| {
        Call::SignIn(SignIn {
            auth_flow_type: Some(AuthFlowType::UserAuth),
            preferred_challenge: Some(ChallengeName::from(preferred)),
            ..right.clone()
        })
    };
    let error = port.call(&call("FINGERPRINT")).await.unwrap_err();
    assert!(
        error.to_string().contains("/params/preferredChallenge"),
        "our own breach: {error}"
    );
    let next = NextStep::ContinueSignInWithFirstFactorSelection {
        available: vec![ChallengeName::EmailOtp, ChallengeName::WebAuthn],
    };
    assert_eq!(
        port.call(&call("EMAIL_OTP")).await.unwrap(),
        Reply::Step { next }
    );
}

// ---- Shims that break the protocol ----

#[tokio::test]
async fn garbage_on_stdout_breaks_the_protocol_and_the_next_call_gets_a_new_process() {
    let shim = r#"hello; next; case $line in *reset*) ok '{}' ;; *) echo "DEBUG: signing in" ;; esac; cat >/dev/null"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    let detail = broken(port.call(&sign_in()).await);
    assert!(detail.contains("not JSON"), "{detail}");
    assert!(detail.contains("DEBUG: signing in"), "the line: {detail}");
    assert_eq!(port.call(&Call::Reset).await.unwrap(), Reply::Empty);
    assert_eq!(port.restarts(), 1);
}

#[tokio::test]
async fn a_flood_of_lines_is_not_read_on() {
    let detail = broken(play("hello; next; yes").await);
    assert!(detail.ends_with(": y"), "the first line: {detail}");
}

#[tokio::test]
async fn a_line_without_end_is_cut_off_at_the_limit() {
    let detail = broken(play("hello; next; yes | tr -d '\\n'").await);
    assert!(detail.contains("longer than 1048576 octets"), "{detail}");
    assert!(detail.len() < 400, "cut short: {} octets", detail.len());
}

#[tokio::test]
async fn octets_that_are_not_utf_8_break_the_protocol() {
    let detail = broken(play(r"hello; next; printf 'ab\377\n'; cat").await);
    assert!(detail.contains("not UTF-8 from octet 2 on"), "{detail}");
}

#[tokio::test]
async fn an_answer_to_a_request_that_was_never_sent_breaks_the_protocol() {
    let detail = broken(play(r#"hello; next; id=99; ok "$DONE"; cat"#).await);
    assert!(
        detail.contains("got one to 99, which was never sent"),
        "{detail}"
    );
}

#[tokio::test]
async fn an_answer_without_an_id_breaks_the_protocol() {
    let detail = broken(play(r#"hello; next; echo '{"jsonrpc":"2.0","result":{}}'; cat"#).await);
    assert!(detail.contains("\"id\" is a required property"), "{detail}");
}

#[tokio::test]
async fn two_answers_to_one_request_break_the_protocol() {
    let shim = r#"hello; next; both="$(ok "$DONE"; ok "$DONE")"; printf '%s\n' "$both"; cat"#;
    let detail = broken(play(shim).await);
    assert!(detail.contains("more than one line"), "{detail}");
}

#[tokio::test]
async fn an_old_answer_that_comes_again_does_not_pass_for_a_new_one() {
    let shim = r#"hello; next; ok "$DONE"; old=$id; next; id=$old; ok "$DONE"; cat"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    assert_eq!(port.call(&sign_in()).await.unwrap(), done());
    let detail = broken(port.call(&answer()).await);
    assert!(detail.contains("was answered before"), "{detail}");
}

#[tokio::test]
async fn an_answer_that_breaks_the_schema_is_named_by_its_path() {
    let shim = r#"hello; next; ok '{"nextStep":{"signInStep":"ALMOST_DONE"}}'; cat"#;
    let detail = broken(play(shim).await);
    assert!(detail.contains("/result/nextStep/signInStep"), "{detail}");
    let shim = r#"hello; next; ok '{"nextStep":{"signInStep":"DONE"},"more":1}'; cat"#;
    let detail = broken(play(shim).await);
    assert!(detail.contains("`/result`"), "{detail}");
}

#[tokio::test]
async fn an_error_of_the_shim_itself_is_not_an_error_of_the_port() {
    let detail = broken(play(r#"hello; next; fail '{"code":-32603,"message":"oops"}'; cat"#).await);
    assert!(detail.contains("-32603"), "the code: {detail}");
    assert!(detail.contains("oops"), "the message: {detail}");
}

#[tokio::test]
async fn a_shim_that_closes_its_output_and_lives_on_breaks_the_protocol() {
    let options = ShimOptions {
        grace: Duration::from_millis(20),
        ..ShimOptions::default()
    };
    let mut port = start("hello; next; exec sleep 600 >&-", options)
        .await
        .unwrap();
    let detail = broken(port.call(&sign_in()).await);
    assert!(detail.contains("went on running"), "{detail}");
}

// ---- Shims that die or stay silent ----

#[tokio::test]
async fn silence_ends_at_the_deadline_and_the_next_call_gets_a_new_process() {
    let options = ShimOptions {
        deadline: Duration::from_millis(100),
        ..ShimOptions::default()
    };
    let mut port = start("hello; exec sleep 600", options).await.unwrap();
    for restarts in 0..2 {
        assert_eq!(
            port.call(&sign_in()).await.unwrap(),
            Reply::TimedOut { after_ms: 100 }
        );
        assert_eq!(port.restarts(), restarts);
    }
}

#[tokio::test]
async fn a_crash_tells_the_exit_status_and_the_end_of_stderr() {
    let Reply::Crash { detail } = play("hello; next; echo 'it hurts' >&2; exit 7")
        .await
        .unwrap()
    else {
        panic!("a crash was expected");
    };
    assert!(detail.contains("exit status: 7"), "the status: {detail}");
    assert!(detail.contains("it hurts"), "stderr: {detail}");
    assert!(detail.contains("`signIn`"), "the request: {detail}");
}

#[tokio::test]
async fn a_helper_that_holds_the_pipe_open_turns_no_crash_into_silence() {
    let options = ShimOptions {
        // Never reached: the crash is told as soon as the process has ended and nothing more comes.
        deadline: Duration::from_secs(600),
        grace: Duration::from_millis(100),
        ..ShimOptions::default()
    };
    let mut port = start("hello; next; sleep 600 & exit 7", options)
        .await
        .unwrap();
    let reply = port.call(&sign_in()).await.unwrap();
    assert!(
        matches!(&reply, Reply::Crash { detail } if detail.contains("exit status: 7")),
        "{reply:?}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_crash_is_one_even_if_a_helper_holds_the_pipe_open_beyond_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let who = folder.path().join("who");
    let options = ShimOptions {
        // Reached while the output is still being read on.
        deadline: Duration::from_millis(50),
        env: vec![("WHO".into(), who.display().to_string())],
        ..ShimOptions::default()
    };
    // What comes at once would belong to the answer before.
    let shim = r#"hello; until [ -e "$WHO" ]; do sleep 0.01; done
        sleep 600 & printf '{"json'; echo $$ > "$WHO"; exit 7"#;
    let mut port = start(shim, options).await.unwrap();
    std::fs::write(&who, "").unwrap();
    let has_ended = || {
        let who = std::fs::read_to_string(&who).unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", who.trim()));
        stat.is_ok_and(|stat| stat.contains(") Z "))
    };
    // Two minutes, for a machine that is very busy.
    for _ in 0..12_000 {
        if has_ended() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(has_ended(), "the shim has ended");
    let reply = port.call(&sign_in()).await.unwrap();
    let Reply::Crash { detail } = reply else {
        panic!("a crash was expected, got {reply:?}");
    };
    assert!(detail.contains("exit status: 7"), "the status: {detail}");
    assert!(
        detail.contains("after 6 octets"),
        "the beginning of a line: {detail}"
    );
}

#[tokio::test]
async fn a_crash_by_a_signal_names_the_signal() {
    let Reply::Crash { detail } = play("hello; next; kill -SEGV $$").await.unwrap() else {
        panic!("a crash was expected");
    };
    assert!(detail.contains("signal: 11"), "{detail}");
}

#[tokio::test]
async fn leaving_politely_before_the_answer_is_a_crash_too() {
    let Reply::Crash { detail } = play(r#"hello; next; printf '{"json'; exit 0"#)
        .await
        .unwrap()
    else {
        panic!("a crash was expected");
    };
    assert!(detail.contains("exit status: 0"), "the status: {detail}");
    assert!(
        detail.contains("6 octets of an unfinished line"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_shim_that_died_between_two_calls_is_found_out_by_the_second() {
    let mut port = start(r#"hello; next; ok "$DONE"; exit 5"#, ShimOptions::default())
        .await
        .unwrap();
    assert_eq!(port.call(&sign_in()).await.unwrap(), done());
    let reply = port.call(&answer()).await.unwrap();
    assert!(
        matches!(&reply, Reply::Crash { detail } if detail.contains("exit status: 5")),
        "{reply:?}"
    );
}

#[tokio::test]
async fn restarts_are_bounded_by_the_budget() {
    let options = ShimOptions {
        restarts: 2,
        ..ShimOptions::default()
    };
    let mut port = start("hello; next; exit 1", options).await.unwrap();
    for _ in 0..3 {
        let reply = port.call(&sign_in()).await.unwrap();
        assert!(matches!(reply, Reply::Crash { .. }), "{reply:?}");
    }
    let error = port.call(&sign_in()).await.unwrap_err();
    assert!(
        matches!(
            error,
            ShimError::CouldNotRun(StartError::OutOfRestarts { budget: 2, .. })
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_shim_that_describes_itself_differently_after_a_restart_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("second");
    let options = ShimOptions {
        env: vec![("MARKER".into(), marker.display().to_string())],
        ..ShimOptions::default()
    };
    let shim = r#"if [ -e "$MARKER" ]; then next; ok "$OTHER"; else echo > "$MARKER"; hello; fi; next; exit 1"#;
    let mut port = start(shim, options).await.unwrap();
    let reply = port.call(&sign_in()).await.unwrap();
    assert!(matches!(reply, Reply::Crash { .. }), "{reply:?}");
    let error = port.call(&sign_in()).await.unwrap_err();
    assert!(
        matches!(error, ShimError::CouldNotRun(StartError::Changed { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn a_call_that_is_given_up_leaves_no_late_answer_behind() {
    let shim =
        r#"hello; next; case $line in *reset*) ok '{}' ;; *) ok "$DONE" ;; esac; cat >/dev/null"#;
    let mut port = start(shim, ShimOptions::default()).await.unwrap();
    let call = sign_in();
    tokio::select! {
        biased;
        reply = port.call(&call) => panic!("nothing can have answered yet: {reply:?}"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(port.call(&Call::Reset).await.unwrap(), Reply::Empty);
    assert_eq!(port.restarts(), 1, "by a new process");
}

// ---- Starting ----

#[tokio::test]
async fn a_shim_that_ends_at_once_is_tried_three_times() {
    let error = start("echo 'no such module' >&2; exit 3", ShimOptions::default())
        .await
        .unwrap_err();
    let StartError::Crashed {
        attempts, detail, ..
    } = error
    else {
        panic!("a crash was expected, got {error}");
    };
    assert_eq!(attempts, 3);
    assert!(detail.contains("exit status: 3"), "the status: {detail}");
    assert!(detail.contains("no such module"), "stderr: {detail}");
}

#[tokio::test]
async fn a_shim_that_is_silent_at_the_start_could_not_run() {
    let options = ShimOptions {
        start_deadline: Duration::from_millis(100),
        ..ShimOptions::default()
    };
    let error = start("exec sleep 600", options).await.unwrap_err();
    assert!(
        matches!(error, StartError::TimedOut { after_ms: 100, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_program_that_is_no_shim_could_not_run() {
    let error = start("echo Welcome; cat", ShimOptions::default())
        .await
        .unwrap_err();
    let StartError::Protocol { detail, .. } = error else {
        panic!("a broken protocol was expected, got {error}");
    };
    assert!(detail.contains("Welcome"), "the line: {detail}");
}

#[tokio::test]
async fn another_version_of_the_protocol_is_refused_by_its_path() {
    let shim = r#"next; ok "$(printf %s "$HELLO" | sed 's/"protocol":1/"protocol":2/')"; cat"#;
    let error = start(shim, ShimOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("/result/protocol"), "{error}");
}

#[tokio::test]
async fn a_shim_that_refuses_to_initialize_could_not_run() {
    let shim = r#"next; fail '{"code":1001,"message":"m","data":{"name":"LibraryMissing","message":"install it"}}'; cat"#;
    let error = start(shim, ShimOptions::default()).await.unwrap_err();
    assert!(matches!(error, StartError::Refused { .. }), "{error}");
    assert!(
        error.to_string().contains("LibraryMissing: install it"),
        "{error}"
    );
}

#[tokio::test]
async fn a_program_that_does_not_exist_could_not_run() {
    let words = vec!["./no-such-program-here".to_owned()];
    let error = ShimPort::start(words, ShimOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Spawn { .. }), "{error}");
    let error = ShimPort::start(Vec::new(), ShimOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::NoCommand), "{error}");
}

// ---- Our own breaches ----

#[tokio::test]
async fn a_breach_of_our_own_is_the_harness_s_fault_and_is_never_sent() {
    let mut port = start("hello; next; ok '{}'", ShimOptions::default())
        .await
        .unwrap();
    let Call::SignIn(right) = sign_in() else {
        unreachable!("sign_in() makes a sign-in");
    };
    let wrong_hex = Call::SignIn(SignIn {
        inject: Inject {
            a: vec!["0xAB".into()],
            ..Inject::default()
        },
        ..right.clone()
    });
    let short_salt = Call::SignIn(SignIn {
        inject: Inject {
            device_password: Some(DeviceSecret {
                password: "p".into(),
                salt: "00".into(),
            }),
            ..Inject::default()
        },
        ..right.clone()
    });
    let too_long = Call::SignIn(SignIn {
        username: "x".repeat(1 << 20),
        ..right
    });
    for (call, expected) in [
        (wrong_hex, "/params/inject/a/0"),
        (short_salt, "/params/inject/devicePassword/salt"),
        (too_long, "octets"),
    ] {
        let error = port.call(&call).await.unwrap_err();
        assert!(matches!(error, ShimError::Harness { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(port.call(&Call::Reset).await.unwrap(), Reply::Empty);
    assert_eq!(port.restarts(), 0, "the shim saw nothing of it");
}

// ---- Helpers ----

/// Starts a shell script that may use the words of [`PRELUDE`].
async fn start(script: &str, options: ShimOptions) -> Result<ShimPort, StartError> {
    ShimPort::start(format!("{PRELUDE}\n{script}"), options).await
}

/// The reply to a sign-in of a shim that plays `script`.
async fn play(script: &str) -> Result<Reply, ShimError> {
    let mut port = start(script, ShimOptions::default())
        .await
        .expect("the shim says hello");
    port.call(&sign_in()).await
}

fn broken(reply: Result<Reply, ShimError>) -> String {
    match reply {
        Ok(Reply::ProtocolBroken { detail }) => detail,
        other => panic!("a broken protocol was expected, got {other:?}"),
    }
}

fn target() -> Target {
    Target {
        endpoint: "http://127.0.0.1:1/".into(),
        region: "us-east-1".into(),
        user_pool_id: "us-east-1_AbC".into(),
        client_id: "client".into(),
        client_secret: None,
        configuration: None,
    }
}

fn sign_in() -> Call {
    Call::SignIn(SignIn {
        target: target(),
        username: "alice".into(),
        password: Some("pässword \"1\"".into()),
        auth_flow_type: Some(AuthFlowType::UserSrp),
        preferred_challenge: None,
        metadata: [("k".to_owned(), "v".to_owned())].into(),
        inject: Inject {
            a: vec!["0f".into()],
            clock: Some(1_709_629_623),
            device_password: Some(DeviceSecret {
                password: "cGFzc3dvcmQgb2YgYSBkZXZpY2UsIGZvcnR5IG9jdGV0cyBsb25nIQ==".into(),
                salt: "9f1122334455667788aabbccddeeff00".into(),
            }),
        },
    })
}

fn answer() -> Call {
    Call::ConfirmSignIn(ConfirmSignIn {
        challenge_response: "rex".into(),
        ..ConfirmSignIn::default()
    })
}

fn done() -> Reply {
    Reply::Step {
        next: NextStep::Done,
    }
}

/// Words for the shims: `next` reads a request, `ok` and `fail` answer it, `hello` answers `initialize`.
const PRELUDE: &str = r#"
HELLO='{"protocol":1,"name":"sh","version":"1","language":"sh","capabilities":{"flows":["userSRP"],"inject":{"a":true,"clock":true},"clientMetadata":true}}'
OTHER='{"protocol":1,"name":"sh","version":"2","language":"sh","capabilities":{"flows":["userSRP"],"inject":{"a":true,"clock":true},"clientMetadata":true}}'
DONE='{"nextStep":{"signInStep":"DONE"}}'
next() { IFS= read -r line || exit 0; id=${line#*\"id\":}; id=${id%%[,\}]*}; }
ok() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
fail() { printf '{"jsonrpc":"2.0","id":%s,"error":%s}\n' "$id" "$1"; }
hello() { next; ok "$HELLO"; }
"#;
