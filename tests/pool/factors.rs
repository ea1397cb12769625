//! Second factors: which is asked for, and what its answer has to be.

use crate::support::counter::*;
use cognito_conformance::model::{MfaConfiguration, MfaMethod, UserMfa, UserStatus, World};
use cognito_conformance::pool::Policy;
use cognito_conformance::wire::{ErrorKind, PoolNote};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

/// Base32 of `12345678901234567890`, the secret of RFC 6238's examples.

#[test]
fn a_pool_without_mfa_asks_for_no_factor_whatever_the_user_has() {
    let mut world = factor_world(MfaConfiguration::Off);
    world.users[0].mfa = all_factors(None);
    assert!(
        Counter::new(world)
            .sign_in_by_srp(EMAIL, PASSWORD)
            .has_tokens()
    );
}

#[test]
fn optional_mfa_asks_whoever_turned_a_factor_on_and_nobody_else() {
    let world = factor_world(MfaConfiguration::Optional);
    assert!(
        Counter::new(world.clone())
            .sign_in_by_srp(EMAIL, PASSWORD)
            .has_tokens(),
        "nothing is on"
    );
    for (method, challenge) in [
        (MfaMethod::SmsMfa, "SMS_MFA"),
        (MfaMethod::SoftwareTokenMfa, "SOFTWARE_TOKEN_MFA"),
        (MfaMethod::EmailOtp, "EMAIL_OTP"),
    ] {
        let mut world = world.clone();
        world.users[0].mfa = UserMfa {
            enabled: vec![method],
            ..all_factors(None)
        };
        let got = Counter::new(world).sign_in_by_srp(EMAIL, PASSWORD);
        assert_eq!(got.challenge().as_deref(), Some(challenge), "{method:?}");
    }
}

#[test]
fn a_factor_is_asked_for_after_a_password_in_clear_too() {
    let mut counter = Counter::new(with_factors(&[MfaMethod::SmsMfa]));
    let asked = counter.with_password(EMAIL, PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("SMS_MFA"));
    let code = code(&mut counter);
    assert!(answer_code(&mut counter, &asked, "SMS_MFA", &code).has_tokens());
}

#[test]
fn an_alias_in_the_answer_to_sms_mfa_is_a_policy_since_reports_disagree() {
    for takes_it in [true, false] {
        let mut policy = Policy::default();
        policy.sessions.aliases_in_other_answers = takes_it;
        let mut counter = Counter::with(with_factors(&[MfaMethod::SmsMfa]), policy);
        let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
        assert_eq!(asked.challenge().as_deref(), Some("SMS_MFA"), "{takes_it}");
        let code = code(&mut counter);
        let session = asked.session();
        let answers = [("USERNAME", EMAIL), ("SMS_MFA_CODE", &code)];
        let answer = counter.respond("SMS_MFA", session.as_deref(), &answers);
        assert_eq!(answer.has_tokens(), takes_it, "{}", answer.0.body.to_text());
    }
}

#[test]
fn a_wrong_password_is_told_before_any_factor_is_asked_for() {
    let mut counter = Counter::new(with_factors(&[MfaMethod::SmsMfa]));
    counter
        .sign_in_by_srp(EMAIL, "wrong")
        .refuses(ErrorKind::NotAuthorized, GENERIC);
    assert!(sent(&mut counter).is_empty(), "no code went out");
}

#[test]
fn a_code_goes_to_the_phone_and_the_client_is_told_four_digits_of_it() {
    let mut counter = Counter::new(with_factors(&[MfaMethod::SmsMfa]));
    let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let delivery = json!({
        "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
        "CODE_DELIVERY_DESTINATION": "+*******0143",
    });
    assert_eq!(
        asked.body()["ChallengeParameters"],
        delivery,
        "parameters, in answer to a proof that told the name already"
    );
    let sent = sent(&mut counter);
    assert_eq!(sent.len(), 1, "one message: {sent:?}");
    let PoolNote::Sent {
        to,
        medium,
        purpose,
        text,
        ..
    } = &sent[0]
    else {
        unreachable!()
    };
    assert_eq!(
        (to.as_str(), medium.as_str(), purpose.as_str()),
        ("+15555550143", "SMS", "sign-in")
    );
    assert!(
        text.len() == 6 && text.bytes().all(|o| o.is_ascii_digit()),
        "six digits: {text}"
    );
}

#[test]
fn who_signs_in_is_told_with_the_first_answer_and_not_once_more() {
    for (method, challenge) in [
        (None, "NEW_PASSWORD_REQUIRED"),
        (Some(MfaMethod::SmsMfa), "SMS_MFA"),
    ] {
        let mut world = with_factors(method.as_slice());
        if method.is_none() {
            world.users[0].status = UserStatus::ForceChangePassword;
        }
        let mut counter = Counter::new(world);
        let first = counter.with_password(EMAIL, PASSWORD);
        assert_eq!(first.challenge().as_deref(), Some(challenge), "in clear");
        assert_eq!(first.parameter("USER_ID_FOR_SRP"), ALICE, "{challenge}");
        let later = counter.sign_in_by_srp(EMAIL, PASSWORD).body();
        assert_eq!(later["ChallengeName"], challenge, "by SRP");
        for name in ["USERNAME", "USER_ID_FOR_SRP"] {
            assert_eq!(later["ChallengeParameters"][name], Value::Null, "{name}");
        }
    }
}

#[test]
fn wrong_codes_leave_the_session_good_and_the_right_one_uses_it_up() {
    for (method, challenge) in [
        (MfaMethod::SmsMfa, "SMS_MFA"),
        (MfaMethod::EmailOtp, "EMAIL_OTP"),
    ] {
        let mut counter = Counter::new(with_factors(&[method]));
        let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
        let right = code(&mut counter);
        let wrong = if right == "000000" {
            "000001"
        } else {
            "000000"
        };
        for attempt in 0..6 {
            let got = answer_code(&mut counter, &asked, challenge, wrong);
            assert_eq!(
                got.kind(),
                ErrorKind::CodeMismatch,
                "{challenge}, attempt {attempt}"
            );
            assert_eq!(
                got.error().message,
                "Invalid code or auth state for the user."
            );
        }
        assert!(
            answer_code(&mut counter, &asked, challenge, &right).has_tokens(),
            "{challenge}"
        );
        answer_code(&mut counter, &asked, challenge, &right).refuses(
            ErrorKind::NotAuthorized,
            "Invalid session for the user, session can only be used once.",
        );
    }
}

#[test]
fn a_code_of_one_sign_in_is_no_good_in_another() {
    let mut counter = Counter::new(with_factors(&[MfaMethod::SmsMfa]));
    let first = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let first_code = code(&mut counter);
    let second = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let second_code = code(&mut counter);
    assert_ne!(first_code, second_code, "codes differ");
    assert_eq!(
        answer_code(&mut counter, &second, "SMS_MFA", &first_code).kind(),
        ErrorKind::CodeMismatch
    );
    assert!(answer_code(&mut counter, &first, "SMS_MFA", &first_code).has_tokens());
}

#[test]
fn a_time_based_code_is_good_a_step_early_or_late_and_only_once() {
    let world = with_factors(&[MfaMethod::SoftwareTokenMfa]);
    for (step, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let mut counter = Counter::new(world.clone());
        let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
        assert_eq!(
            asked.body()["ChallengeParameters"],
            json!({ "USER_ID_FOR_SRP": ALICE, "FRIENDLY_DEVICE_NAME": "" }),
            "as in the service model's sample"
        );
        let code = totp(TOTP_SECRET, NOW + 30 * step);
        let got = answer_totp(&mut counter, &asked, &code);
        assert_eq!(
            got.0.status == 200,
            good,
            "{step} steps: {}",
            got.0.body.to_text()
        );
        if good {
            let again = counter.sign_in_by_srp(EMAIL, PASSWORD);
            answer_totp(&mut counter, &again, &code).refuses(
                ErrorKind::ExpiredCode,
                "Your software token has already been used once.",
            );
            counter.pool.advance_clock(90);
            let code = totp(TOTP_SECRET, NOW + 90);
            assert!(
                answer_totp(&mut counter, &again, &code).has_tokens(),
                "the next code"
            );
        } else {
            got.refuses(ErrorKind::CodeMismatch, "Invalid code received for user");
        }
    }
}

#[test]
fn who_has_two_factors_and_no_preference_chooses() {
    let methods = [MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa];
    let mut counter = Counter::new(with_factors(&methods));
    let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("SELECT_MFA_TYPE"));
    assert_eq!(
        asked.parameter("MFAS_CAN_CHOOSE"),
        r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#,
        "a JSON array inside a string"
    );
    let session = asked.session();
    let choose = |counter: &mut Counter, answer: &str| {
        counter.respond(
            "SELECT_MFA_TYPE",
            session.as_deref(),
            &[("USERNAME", ALICE), ("ANSWER", answer)],
        )
    };
    assert_eq!(
        choose(&mut counter, "EMAIL_OTP").kind(),
        ErrorKind::InvalidParameter,
        "not on"
    );
    let code = choose(&mut counter, "SOFTWARE_TOKEN_MFA");
    assert_eq!(
        code.challenge().as_deref(),
        Some("SOFTWARE_TOKEN_MFA"),
        "chosen"
    );
    assert!(answer_totp(&mut counter, &code, &totp(TOTP_SECRET, NOW)).has_tokens());
}

#[test]
fn a_preference_is_asked_for_without_a_choice() {
    let mut world = with_factors(&[MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa]);
    world.users[0].mfa.preferred = Some(MfaMethod::SoftwareTokenMfa);
    let asked = Counter::new(world).sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("SOFTWARE_TOKEN_MFA"));
}

#[test]
fn required_mfa_sends_a_code_to_the_phone_of_whoever_has_one() {
    let mut world = factor_world(MfaConfiguration::On);
    world.pool.mfa_methods = vec![MfaMethod::SmsMfa, MfaMethod::SoftwareTokenMfa];
    let asked = Counter::new(world).sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("SMS_MFA"));
}

#[test]
fn required_mfa_has_a_time_based_factor_set_up_by_the_session_of_verify_software_token() {
    let mut counter = Counter::new(set_up_world());
    let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("MFA_SETUP"));
    assert_eq!(
        asked.body()["ChallengeParameters"],
        json!({ "MFAS_CAN_SETUP": r#"["SOFTWARE_TOKEN_MFA"]"# }),
        "captured: nothing else is there"
    );
    let associated = counter.send(
        "AssociateSoftwareToken",
        &json!({ "Session": asked.session() }),
    );
    let secret = text(&associated.body()["SecretCode"]);
    assert!(
        secret.len() == 52
            && secret
                .bytes()
                .all(|o| o.is_ascii_uppercase() || (b'2'..=b'7').contains(&o)),
        "base32: {secret}"
    );
    assert_ne!(associated.session(), asked.session(), "another Session");
    let verify = |counter: &mut Counter, session: Option<String>, code: &str| {
        counter.send(
            "VerifySoftwareToken",
            &json!({ "Session": session, "UserCode": code, "FriendlyDeviceName": "phone" }),
        )
    };
    let right = totp(&secret, NOW);
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    verify(&mut counter, associated.session(), wrong)
        .refuses(ErrorKind::EnableSoftwareTokenMFA, "Code mismatch");
    verify(&mut counter, asked.session(), &right).refuses(
        ErrorKind::NotAuthorized,
        "Invalid session for the user, session can only be used once.",
    );
    let too_early = finish_set_up(&mut counter, associated.session());
    too_early.refuses(ErrorKind::NotAuthorized, "Invalid session for the user.");
    let verified = verify(&mut counter, associated.session(), &right);
    assert_eq!(
        verified.body()["Status"],
        "SUCCESS",
        "{}",
        verified.0.body.to_text()
    );
    assert_ne!(
        verified.session(),
        associated.session(),
        "another Session still"
    );
    assert!(
        finish_set_up(&mut counter, verified.session()).has_tokens(),
        "the set-up is over"
    );

    let again = counter.sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(
        again.challenge().as_deref(),
        Some("SOFTWARE_TOKEN_MFA"),
        "from now on"
    );
    assert_eq!(again.parameter("FRIENDLY_DEVICE_NAME"), "phone", "its name");
    answer_totp(&mut counter, &again, &right).refuses(
        ErrorKind::ExpiredCode,
        "Your software token has already been used once.",
    );
    counter.pool.advance_clock(30);
    let next = totp(&secret, NOW + 30);
    assert!(
        answer_totp(&mut counter, &again, &next).has_tokens(),
        "the next code"
    );
}

#[test]
fn an_address_can_be_set_up_as_a_factor_by_proving_a_code() {
    let mut world = factor_world(MfaConfiguration::On);
    world.pool.mfa_methods = vec![MfaMethod::EmailOtp];
    world.users[0].attributes.clear();
    world.users[0].aliases = vec!["+15555550143".to_owned()];
    let mut counter = Counter::new(world);
    let asked = counter.sign_in_by_srp("+15555550143", PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("MFA_SETUP"));
    let session = asked.session();
    let code_asked = counter.respond(
        "MFA_SETUP",
        session.as_deref(),
        &[("USERNAME", ALICE), ("EMAIL", "new@example.com")],
    );
    assert_eq!(code_asked.challenge().as_deref(), Some("EMAIL_OTP"));
    assert_eq!(
        code_asked.parameter("CODE_DELIVERY_DESTINATION"),
        "n***@e***"
    );
    let code = code(&mut counter);
    assert!(answer_code(&mut counter, &code_asked, "EMAIL_OTP", &code).has_tokens());
    let again = counter.sign_in_by_srp("+15555550143", PASSWORD);
    assert_eq!(
        again.challenge().as_deref(),
        Some("EMAIL_OTP"),
        "from now on"
    );
}

#[test]
fn a_signed_in_user_sets_up_a_time_based_factor_by_the_access_token() {
    let mut counter = Counter::new(factor_world(MfaConfiguration::Optional));
    let token = counter.sign_in_by_srp(EMAIL, PASSWORD).token("AccessToken");
    let verify = |counter: &mut Counter, code: &str| {
        counter.send(
            "VerifySoftwareToken",
            &json!({ "AccessToken": token, "UserCode": code }),
        )
    };
    assert_eq!(
        verify(&mut counter, "123456").kind(),
        ErrorKind::SoftwareTokenMFANotFound,
        "nothing was associated"
    );
    let associated = counter.send("AssociateSoftwareToken", &json!({ "AccessToken": token }));
    assert_eq!(associated.session(), None, "no Session by token");
    let secret = text(&associated.body()["SecretCode"]);
    let verified = verify(&mut counter, &totp(&secret, NOW));
    assert_eq!(verified.body(), json!({ "Status": "SUCCESS" }));
    assert!(
        counter.sign_in_by_srp(EMAIL, PASSWORD).has_tokens(),
        "it is asked for only once it is preferred"
    );
}

#[test]
fn a_new_password_is_asked_for_before_the_factor() {
    let mut world = with_factors(&[MfaMethod::SmsMfa]);
    world.users[0].status = UserStatus::ForceChangePassword;
    let mut counter = Counter::new(world);
    let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("NEW_PASSWORD_REQUIRED"));
    let asked = counter.respond(
        "NEW_PASSWORD_REQUIRED",
        asked.session().as_deref(),
        &[("USERNAME", ALICE), ("NEW_PASSWORD", "Another-Passw0rd!")],
    );
    assert_eq!(
        asked.challenge().as_deref(),
        Some("SMS_MFA"),
        "{}",
        asked.0.body.to_text()
    );
    let code = code(&mut counter);
    assert!(answer_code(&mut counter, &asked, "SMS_MFA", &code).has_tokens());
}

#[test]
fn a_factor_stands_between_the_password_and_the_triggers_of_a_custom_sign_in() {
    let mut world = custom_world(1);
    world.pool.mfa = MfaConfiguration::Optional;
    world.users[0].mfa = UserMfa {
        enabled: vec![MfaMethod::SoftwareTokenMfa],
        ..all_factors(None)
    };
    let mut counter = Counter::new(world);
    let asked = counter.custom_after_password(EMAIL, PASSWORD);
    assert_eq!(asked.challenge().as_deref(), Some("SOFTWARE_TOKEN_MFA"));
    counter.triggers();
    let question = answer_totp(&mut counter, &asked, &totp(TOTP_SECRET, NOW));
    assert_eq!(question.challenge().as_deref(), Some("CUSTOM_CHALLENGE"));
    let define = counter.triggers().remove(0);
    assert_eq!(
        define.event["request"]["session"],
        json!([
            { "challengeName": "SRP_A", "challengeResult": true, "challengeMetadata": null },
            { "challengeName": "PASSWORD_VERIFIER", "challengeResult": true, "challengeMetadata": null },
            { "challengeName": "SOFTWARE_TOKEN_MFA", "challengeResult": true, "challengeMetadata": null },
        ]),
        "Define sees the factor"
    );
    assert!(counter.answer_custom(&question, "answer 1").has_tokens());
    let without_password = counter.start_custom(EMAIL);
    assert_eq!(
        without_password.challenge().as_deref(),
        Some("CUSTOM_CHALLENGE"),
        "no factor where no password was proved"
    );
}

#[test]
fn a_session_of_a_factor_is_bound_to_its_client_user_and_challenge() {
    let mut counter = Counter::new(with_factors(&[MfaMethod::SmsMfa]));
    let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let code = code(&mut counter);
    let session = asked.session();
    let invalid = "Invalid session for the user.";
    counter
        .respond(
            "SMS_MFA",
            session.as_deref(),
            &[("USERNAME", BOB), ("SMS_MFA_CODE", &code)],
        )
        .refuses(ErrorKind::NotAuthorized, invalid);
    counter
        .respond(
            "EMAIL_OTP",
            session.as_deref(),
            &[("USERNAME", ALICE), ("EMAIL_OTP_CODE", &code)],
        )
        .refuses(ErrorKind::NotAuthorized, invalid);
    counter.client = OTHER_CLIENT.to_owned();
    answer_code(&mut counter, &asked, "SMS_MFA", &code).refuses(ErrorKind::NotAuthorized, invalid);
    counter.client = CLIENT.to_owned();
    assert!(
        answer_code(&mut counter, &asked, "SMS_MFA", &code).has_tokens(),
        "still good"
    );
}

#[test]
fn a_session_of_a_factor_expires() {
    let mut counter = Counter::new(with_factors(&[MfaMethod::SmsMfa]));
    let asked = counter.sign_in_by_srp(EMAIL, PASSWORD);
    let code = code(&mut counter);
    counter.pool.advance_clock(181);
    answer_code(&mut counter, &asked, "SMS_MFA", &code).refuses(
        ErrorKind::NotAuthorized,
        "Invalid session for the user, session is expired.",
    );
}

fn factor_world(mfa: MfaConfiguration) -> World {
    let mut world = world().with_mfa(mfa, &MfaMethod::ALL);
    world.users[0]
        .attributes
        .insert("phone_number".to_owned(), "+15555550143".to_owned());
    world
}

fn with_factors(enabled: &[MfaMethod]) -> World {
    let mut world = factor_world(MfaConfiguration::Optional);
    world.users[0].mfa = UserMfa {
        enabled: enabled.to_vec(),
        ..all_factors(None)
    };
    world
}

fn set_up_world() -> World {
    world().with_mfa(MfaConfiguration::On, &[MfaMethod::SoftwareTokenMfa])
}

fn all_factors(preferred: Option<MfaMethod>) -> UserMfa {
    UserMfa {
        enabled: MfaMethod::ALL.to_vec(),
        preferred,
        totp_secret: Some(TOTP_SECRET.to_owned()),
    }
}

fn answer_code(counter: &mut Counter, asked: &Got, challenge: &str, code: &str) -> Got {
    let key = format!("{challenge}_CODE");
    counter.respond(
        challenge,
        asked.session().as_deref(),
        &[("USERNAME", ALICE), (&key, code)],
    )
}

fn answer_totp(counter: &mut Counter, asked: &Got, code: &str) -> Got {
    answer_code(counter, asked, "SOFTWARE_TOKEN_MFA", code)
}

fn finish_set_up(counter: &mut Counter, session: Option<String>) -> Got {
    counter.respond("MFA_SETUP", session.as_deref(), &[("USERNAME", ALICE)])
}

fn sent(counter: &mut Counter) -> Vec<PoolNote> {
    let mut notes = counter.notes();
    notes.retain(|note| matches!(note, PoolNote::Sent { .. }));
    notes
}

/// The code that was sent last.
fn code(counter: &mut Counter) -> String {
    match sent(counter).pop() {
        Some(PoolNote::Sent { text, .. }) => text,
        other => panic!("expected a code, got {other:?}"),
    }
}

/// RFC 6238, by itself.
fn totp(secret: &str, at: i64) -> String {
    let secret = data_encoding::BASE32_NOPAD
        .decode(secret.as_bytes())
        .unwrap();
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&u64::try_from(at / 30).unwrap().to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
