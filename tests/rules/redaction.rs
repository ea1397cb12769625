//! An operator's secrets are taken out of a transcript before anything is written.

use cognito_conformance::record::{Origin, Transcript, redact};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::wire::redaction::{
    Redacted, RedactedKind, RedactionError, Secret, redact_text,
};
use cognito_conformance::wire::{
    Call, ConfirmSignIn, Event, HttpRequest, HttpResponse, PortError, Reply, TriggerCall,
};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use proptest::prelude::*;
use serde_json::json;

const PASSWORD: &str = "pä\"ss/wörd+ 1\\";

fn password() -> Secret {
    Secret::new(RedactedKind::Password, PASSWORD).expect("it is long enough")
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string is writable");
    quoted[1..quoted.len() - 1].to_owned()
}

fn unicode_escaped(text: &str) -> String {
    text.encode_utf16()
        .map(|unit| format!("\\u{unit:04X}"))
        .collect()
}

fn percent_encoded(text: &str) -> String {
    percent(text, |octet| format!("%{octet:02x}"))
}

fn percent_encoded_upper(text: &str) -> String {
    percent(text, |octet| format!("%{octet:02X}"))
}

fn percent(text: &str, escape: impl Fn(u8) -> String) -> String {
    text.bytes()
        .map(|octet| {
            if octet.is_ascii_alphanumeric() {
                char::from(octet).to_string()
            } else {
                escape(octet)
            }
        })
        .collect()
}

fn form_encoded(text: &str) -> String {
    percent_encoded(text).replace("%20", "+")
}

/// Every form in which a secret is known to travel, by name.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let octets = secret.as_bytes();
    vec![
        ("raw", secret.to_owned()),
        ("JSON", json_escaped(secret)),
        ("JSON with every character as \\u", unicode_escaped(secret)),
        (
            "JSON with an escaped slash",
            json_escaped(secret).replace('/', "\\/"),
        ),
        ("JSON inside JSON", json_escaped(&json_escaped(secret))),
        ("URL", percent_encoded(secret)),
        ("URL, digits in upper case", percent_encoded_upper(secret)),
        ("URL, twice", percent_encoded(&percent_encoded(secret))),
        ("form", form_encoded(secret)),
        ("base64", BASE64.encode(octets)),
        ("base64 without padding", BASE64_NOPAD.encode(octets)),
        ("base64url", BASE64URL.encode(octets)),
        ("base64url without padding", BASE64URL_NOPAD.encode(octets)),
        (
            "base64 after one octet",
            BASE64.encode(format!("x{secret}").as_bytes()),
        ),
        (
            "base64 after two octets",
            BASE64.encode(format!("xy{secret}").as_bytes()),
        ),
        (
            "base64 of JSON",
            BASE64.encode(format!("{{\"p\":\"{}\"}}", json_escaped(secret)).as_bytes()),
        ),
        (
            "base64 of base64",
            BASE64.encode(BASE64.encode(octets).as_bytes()),
        ),
        (
            "base64, URL-escaped",
            percent_encoded(&BASE64.encode(octets)),
        ),
        (
            "base64 behind a path",
            format!("/x/{}", BASE64URL_NOPAD.encode(octets)),
        ),
        ("hexadecimal", HEXLOWER.encode(octets)),
        ("hexadecimal, upper case", HEXUPPER.encode(octets)),
        (
            "hexadecimal after a digit",
            format!("f{}", HEXLOWER.encode(octets)),
        ),
    ]
}

#[test]
fn a_secret_is_taken_out_in_every_form() {
    for (name, form) in forms(PASSWORD) {
        let text = format!("{{\"a\":\"{form}\",\"b\":\"kept\"}}");
        let redacted = redact_text(&text, &[password()]);
        assert!(!redacted.contains(&form), "{name}: still there");
        assert!(
            redacted.starts_with("{\"a\":\""),
            "{name}: what stands before is kept"
        );
        assert!(
            redacted.ends_with("\",\"b\":\"kept\"}"),
            "{name}: what stands behind is kept"
        );
        let value: serde_json::Value = serde_json::from_str(&redacted)
            .unwrap_or_else(|e| panic!("{name}: no JSON any more: {e}"));
        let left = value["a"].as_str().expect("a string stays a string");
        assert!(left.contains("[redacted: password, "), "{name}: {left}");
    }
}

#[test]
fn the_marker_tells_how_many_characters_stood_there() {
    assert_eq!(
        redact_text(&format!("<{PASSWORD}>"), &[password()]),
        "<[redacted: password, 14 characters]>",
        "in the clear"
    );
    let encoded = BASE64.encode(PASSWORD.as_bytes());
    let redacted = redact_text(&encoded, &[password()]);
    assert_eq!(
        Redacted::parse(&redacted),
        Some(Redacted {
            kind: RedactedKind::Password,
            len: Some(encoded.len())
        }),
        "encoded"
    );
}

#[test]
fn every_part_of_a_transcript_is_searched() {
    let encoded = BASE64.encode(format!("user:{PASSWORD}").as_bytes());
    let mut transcript = Transcript::new(
        "a recording",
        Origin::Played {
            subject: PASSWORD.to_owned(),
            not_offered: Default::default(),
            scenario: Box::new(Scenario {
                metadata: [(PASSWORD.to_owned(), PASSWORD.to_owned())].into(),
                ..Scenario::plain("x", 1)
            }),
        },
    );
    transcript.events = vec![
        Event::Called {
            call: Call::ConfirmSignIn(ConfirmSignIn {
                challenge_response: PASSWORD.to_owned(),
                ..ConfirmSignIn::default()
            }),
        },
        Event::Requested {
            request: HttpRequest {
                method: "POST".to_owned(),
                path: format!("/?p={}", percent_encoded(PASSWORD)),
                headers: vec![("Authorization".to_owned(), format!("Basic {encoded}"))],
                body: serde_json::to_string(&json!({ "PASSWORD": PASSWORD }))
                    .expect("JSON")
                    .into(),
            },
        },
        Event::Triggered(TriggerCall {
            source: "UserMigration_Authentication".to_owned(),
            event: json!({ "request": { "password": PASSWORD } }),
            response: serde_json::Value::Null,
            error: Some(format!("no such password: {PASSWORD}")),
        }),
        Event::Responded {
            response: HttpResponse::new(
                400,
                vec![("x-amzn-ErrorMessage".to_owned(), PASSWORD.to_owned())],
                [&[0xff, 0xfe, 0x00][..], PASSWORD.as_bytes()].concat(),
            ),
        },
        Event::Replied {
            reply: Reply::Error {
                error: PortError {
                    name: "Error".to_owned(),
                    message: PASSWORD.to_owned(),
                },
            },
        },
    ];
    let redacted = redact(&transcript, &[password()]).expect("it can be redacted");
    let written = serde_json::to_string(&redacted).expect("it is writable");
    for (name, form) in forms(PASSWORD) {
        assert!(!written.contains(&form), "{name} is still in it");
    }
    assert!(
        !written.contains(&encoded),
        "the header's credentials are still in it"
    );
    assert_eq!(
        written.matches("[redacted: password").count(),
        12,
        "each place has its marker: {written}"
    );
    assert_eq!(
        redacted.events.len(),
        transcript.events.len(),
        "no event is lost"
    );
}

#[test]
fn a_secret_that_a_marker_would_spell_out_is_refused() {
    let mut transcript = Transcript::new(
        "x",
        Origin::Played {
            subject: "x".to_owned(),
            not_offered: Default::default(),
            scenario: Box::new(Scenario::plain("x", 1)),
        },
    );
    transcript.events.push(Event::Replied {
        reply: Reply::Unsupported {
            reason: "the word is redacted".to_owned(),
        },
    });
    let secret = Secret::new(RedactedKind::Password, "redacted").expect("long enough");
    assert_eq!(
        redact(&transcript, &[secret]),
        Err(RedactionError::Remains {
            kind: RedactedKind::Password,
            at: "/events/0/reply/reason".to_owned(),
        })
    );
}

#[test]
fn a_secret_that_is_part_of_the_format_is_refused() {
    let transcript = Transcript::new(
        "x",
        Origin::Played {
            subject: "x".to_owned(),
            not_offered: Default::default(),
            scenario: Box::new(Scenario::plain("x", 1)),
        },
    );
    let secret = Secret::new(RedactedKind::Code, "events").expect("long enough");
    assert!(matches!(
        redact(&transcript, &[secret]),
        Err(RedactionError::NoTranscript { .. })
    ));
}

#[test]
fn a_secret_too_short_to_be_told_from_chance_is_refused() {
    assert_eq!(
        Secret::new(RedactedKind::Code, "123"),
        Err(RedactionError::TooShort {
            kind: RedactedKind::Code,
            got: 3,
            min: 4
        })
    );
}

#[test]
fn secrets_never_show_in_debug_output_or_errors() {
    assert_eq!(format!("{:?}", password()), "Secret(password)");
}

#[test]
fn a_number_that_is_a_secret_code_is_taken_out() {
    let mut transcript = Transcript::new(
        "x",
        Origin::Played {
            subject: "x".to_owned(),
            not_offered: Default::default(),
            scenario: Box::new(Scenario::plain("x", 1)),
        },
    );
    transcript.events.push(Event::Triggered(TriggerCall {
        source: "CustomSMSSender_Authentication".to_owned(),
        event: json!({ "code": 123456, "n": 7 }),
        response: serde_json::Value::Null,
        error: None,
    }));
    let code = Secret::new(RedactedKind::Code, "123456").expect("long enough");
    let redacted = redact(&transcript, &[code]).expect("it can be redacted");
    let [Event::Triggered(call)] = redacted.events.as_slice() else {
        panic!("the event keeps its kind")
    };
    assert_eq!(
        call.event,
        json!({ "code": "[redacted: code, 6 characters]", "n": 7 })
    );
}

#[test]
fn overlapping_secrets_leave_nothing_of_either() {
    let secrets = [
        Secret::new(RedactedKind::Password, "abcdefgh").expect("long enough"),
        Secret::new(RedactedKind::Session, "efghijkl").expect("long enough"),
    ];
    assert_eq!(
        redact_text("<abcdefghijkl>", &secrets),
        "<[redacted: password, 12 characters]>"
    );
}

proptest! {
    #[test]
    fn no_secret_survives_in_any_form_in_any_surroundings(
        secret in "[ -~äß€😀]{4,24}",
        before in "[ -~]{0,12}",
        after in "[ -~]{0,12}",
        form in 0usize..22,
    ) {
        prop_assume!(!"[redacted: password, 0123456789 characters]".contains(&secret));
        let (name, form) = forms(&secret).swap_remove(form);
        let text = format!("{before}\"{form}\"{after}");
        let held = Secret::new(RedactedKind::Password, &secret).expect("long enough");
        let redacted = redact_text(&text, std::slice::from_ref(&held));
        prop_assert!(redacted.contains("[redacted: password, "), "{}: {} in {}", name, redacted, text);
        prop_assert!(!redacted.contains(&secret), "{}: {} in {}", name, redacted, text);
    }

    #[test]
    fn a_text_without_the_secret_is_left_alone(text in "[a-y \"\\\\%+/=0-9]{0,200}") {
        let held = Secret::new(RedactedKind::Password, "zzzzzzzzzzzz").expect("long enough");
        prop_assert_eq!(redact_text(&text, &[held]), text);
    }

    #[test]
    fn no_text_makes_the_reader_of_markers_panic(text in "(\\[redacted: |\\]|, |[0-9]{1,30}| characters|[a-zä]){0,12}") {
        let _ = Redacted::parse(&text);
        let filled = cognito_conformance::wire::redaction::fill(&text);
        prop_assert!(filled.len() <= 12 << 20, "a marker's length is bounded");
    }
}
