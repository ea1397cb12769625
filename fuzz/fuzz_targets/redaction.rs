//! A secret, a line feed, a document → the document without the secret.
//!
//! What is not refused holds the secret no longer, in none of the forms in which it may travel, and is left alone when
//! redacted again.
#![no_main]

use cognito_conformance::record::{Transcript, redact};
use cognito_conformance::wire::redaction::{RedactedKind, Secret, redact_document};
use cognito_conformance_fuzz::{assert_short, mutate_json};
use data_encoding::{BASE64, HEXLOWER};
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use serde_json::Value;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let begins = data[..size]
        .iter()
        .position(|octet| *octet == b'\n')
        .map(|feed| feed + 1);
    match begins.filter(|begins| *begins < max_size && !seed.is_multiple_of(4)) {
        Some(begins) => {
            let of_document = |data: &mut [u8]| {
                mutate_json(data, size - begins, max_size - begins, seed, fuzzer_mutate)
            };
            begins + of_document(&mut data[begins..])
        }
        None => fuzzer_mutate(data, size, max_size),
    }
});

fuzz_target!(|octets: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(octets) else {
        return Corpus::Reject;
    };
    let Some((value, document)) = text.split_once('\n') else {
        return Corpus::Reject;
    };
    let Ok(mut document) = serde_json::from_str::<Value>(document) else {
        return Corpus::Reject;
    };
    let Ok(secret) = Secret::new(RedactedKind::Password, value) else {
        return Corpus::Reject;
    };
    let secrets = [secret];
    if let Ok(transcript) = serde_json::from_value::<Transcript>(document.clone())
        && let Err(error) = redact(&transcript, &secrets)
    {
        assert_short(&error);
    }
    if let Err(error) = redact_document(&mut document, &secrets) {
        assert_short(&error);
        return Corpus::Keep;
    }
    let forms = [
        value.to_owned(),
        HEXLOWER.encode(value.as_bytes()),
        BASE64.encode(value.as_bytes()),
    ];
    assert_absent(&document, &forms);
    let before = document.clone();
    redact_document(&mut document, &secrets).expect("nothing is left to be found");
    assert_eq!(document, before, "it is left alone");
    Corpus::Keep
});

fn assert_absent(value: &Value, forms: &[String]) {
    let check = |text: &str| {
        let found = forms.iter().find(|form| text.contains(form.as_str()));
        assert!(found.is_none(), "{found:?} is left in {text:?}");
    };
    match value {
        Value::String(text) => check(text),
        Value::Number(number) => check(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| assert_absent(item, forms)),
        Value::Object(members) => {
            for (name, member) in members {
                check(name);
                assert_absent(member, forms);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
