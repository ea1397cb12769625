//! Recordings of the service bind our references: what was recorded is what the client sends and the pool answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cognito_conformance::client;
use cognito_conformance::mistakes::arithmetic::ARITHMETIC;
use cognito_conformance::pool;
use cognito_conformance::record::{Covers, Origin, Recording, Side, Transcript};
use cognito_conformance::rules::model::{check_request, check_response, knows};
use cognito_conformance::scenario::Scenario;
use cognito_conformance::srp::{IntegerError, Salt};
use cognito_conformance::subject::reenact::{Reenactment, reenact, reenact_with};
use cognito_conformance::suite::recording;
use cognito_conformance::wire::redaction::{Piece, fill, pieces};
use cognito_conformance::wire::{Event, Operation};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn recordings() -> Vec<Transcript> {
    recording::all().expect("every recording is readable")
}

fn one(id: &str) -> Transcript {
    recordings()
        .into_iter()
        .find(|transcript| transcript.id == id)
        .unwrap_or_else(|| panic!("no recording {id}"))
}

fn header(transcript: &Transcript) -> &Recording {
    match &transcript.origin {
        Origin::Recorded(recording) => recording,
        _ => panic!("{} is no recording", transcript.id),
    }
}

fn header_mut(transcript: &mut Transcript) -> &mut Recording {
    match &mut transcript.origin {
        Origin::Recorded(recording) => recording,
        _ => panic!("no recording"),
    }
}

fn json_files(folder: &Path, prefix: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("so is its entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        if path.is_dir() {
            json_files(&path, &format!("{prefix}{name}/"), found);
        } else if let Some(name) = name.strip_suffix(".json") {
            found.insert(format!("{prefix}{name}"));
        }
    }
}

#[test]
fn every_file_of_the_folder_is_embedded_and_no_other() {
    let mut on_disk = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts");
    json_files(&folder, "", &mut on_disk);
    assert!(
        on_disk.remove("observed"),
        "the reported facts are a file of their own"
    );
    let embedded: BTreeSet<String> = recording::names().map(str::to_owned).collect();
    assert_eq!(embedded, on_disk);
}

#[test]
fn every_recording_survives_being_written_and_read() {
    for transcript in recordings() {
        let written = serde_json::to_string(&transcript).expect("writable");
        let read: Transcript = serde_json::from_str(&written).expect("readable");
        assert_eq!(read, transcript, "{}", transcript.id);
    }
}

#[test]
fn every_recording_says_where_it_came_from_and_under_which_terms() {
    for transcript in recordings() {
        let id = &transcript.id;
        let header = header(&transcript);
        assert!(!header.title.is_empty(), "{id}: title");
        assert!(!header.sources.is_empty(), "{id}: sources");
        assert!(!header.licence.is_empty(), "{id}: licence");
        assert!(!header.redacted.is_empty(), "{id}: redacted");
        for entry in &header.incomparable {
            assert!(!entry.reason.is_empty(), "{id}: {} has no reason", entry.at);
        }
        assert!(!transcript.events.is_empty(), "{id}: events");
    }
}

#[test]
fn what_looks_like_a_marker_is_one() {
    for transcript in recordings() {
        for event in &transcript.events {
            let body = match event {
                Event::Requested { request } => &request.body,
                Event::Responded { response } => &response.body,
                _ => continue,
            };
            let text = body.to_text();
            let markers = pieces(&text)
                .iter()
                .filter(|piece| matches!(piece, Piece::Redacted(_)))
                .count();
            assert_eq!(
                markers,
                text.matches("[redacted").count(),
                "{}: {text}",
                transcript.id
            );
            assert!(!text.contains("cut by the source"), "{}", transcript.id);
        }
    }
}

#[test]
fn the_bodies_of_2018_have_the_digests_that_were_recorded_with_them() {
    let mut checked = 0;
    for event in one("2018-01-srp-success").events {
        let Event::Requested { request } = event else {
            continue;
        };
        let recorded = request
            .header("x-amz-content-sha256")
            .expect("it was recorded");
        let digest = Sha256::digest(request.body.as_bytes());
        assert_eq!(data_encoding::HEXLOWER.encode(&digest), recorded);
        checked += 1;
    }
    assert_eq!(checked, 2);
}

#[test]
fn the_bodies_of_2023_have_the_lengths_that_were_recorded_with_them() {
    let mut lengths = BTreeMap::new();
    let (mut requests, mut responses) = (0, 0);
    for event in one("2023-08-signup-srp-getuser").events {
        let (name, length, body) = match &event {
            Event::Requested { request } => {
                requests += 1;
                (
                    format!("request {requests}"),
                    request.header("content-length"),
                    &request.body,
                )
            }
            Event::Responded { response } => {
                responses += 1;
                (
                    format!("response {responses}"),
                    response.header("content-length"),
                    &response.body,
                )
            }
            _ => continue,
        };
        let recorded: usize = length
            .and_then(|l| l.parse().ok())
            .expect("a Content-Length");
        let ours = fill(&body.to_text()).len();
        if recorded != ours {
            lengths.insert(name, (recorded, ours));
        }
    }
    // Their tokens are cut without their lengths, and the body of the last response was edited by its author.
    let differ: Vec<&str> = lengths.keys().map(String::as_str).collect();
    assert_eq!(
        differ,
        ["request 4", "response 3", "response 4"],
        "{lengths:?}"
    );
    assert_eq!(
        lengths["response 4"],
        (254, 308),
        "as the header of the recording says"
    );
}

#[test]
fn recordings_keep_to_the_service_model() {
    let mut breaches = Vec::new();
    let mut checked = 0;
    for transcript in recordings() {
        let known = header(&transcript).known.get("operation").cloned();
        let mut operation = known.map(Operation::from);
        for event in &transcript.events {
            let found = match event {
                Event::Requested { request } => {
                    operation = request
                        .header("x-amz-target")
                        .and_then(Operation::from_target);
                    let Some(operation) = operation.as_ref().filter(|o| knows(o)) else {
                        continue;
                    };
                    let body: Value =
                        serde_json::from_str(&fill(&request.body.to_text())).expect("JSON");
                    check_request(operation, &body)
                }
                Event::Responded { response } => {
                    let Some(operation) = operation.as_ref().filter(|o| knows(o)) else {
                        continue;
                    };
                    let body: Value =
                        serde_json::from_str(&fill(&response.body.to_text())).expect("JSON");
                    check_response(operation, response.status, &body)
                }
                _ => continue,
            };
            checked += 1;
            breaches.extend(found.into_iter().map(|breach| {
                format!(
                    "{}: {} {}: {}",
                    transcript.id, breach.pointer, breach.rule, breach.got
                )
            }));
        }
    }
    assert_eq!(
        breaches,
        // Fixtures of AWS's own tests that AWS put together from more than one operation.
        [
            "amplify-ui.forgot-password-email:  no other members: an object of CodeDeliveryDetails, UserConfirmed, UserSub",
            "amplify-ui.forgot-password-sms:  no other members: an object of CodeDeliveryDetails, UserConfirmed, UserSub",
            "amplify-ui.sign-up-with-email-with-lambda-trigger:  no other members: an object of UserConfirmed, UserSub, user",
        ]
    );
    assert_eq!(checked, 73, "messages that were checked");
}

#[tokio::test]
async fn both_references_do_as_was_recorded() {
    let (mut compared, mut incomparable) = (0, 0);
    for transcript in recordings() {
        let id = transcript.id.clone();
        let reenactment = reenact(&transcript)
            .await
            .unwrap_or_else(|error| panic!("{id}: {error}"));
        let differences: Vec<String> = reenactment
            .differences
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(differences, [""; 0], "{id}: our references differ");
        assert_eq!(
            reenactment.needless,
            [],
            "{id}: the list of what can't be compared asks for too much"
        );
        assert_eq!(
            reenactment.incomparable,
            header(&transcript).incomparable,
            "{id}: every entry is accounted for"
        );
        compared += reenactment.compared;
        incomparable += reenactment.incomparable.len();
    }
    assert_eq!(
        (compared, incomparable),
        (556, 153),
        "values compared, and entries of the lists"
    );
}

#[test]
fn what_is_not_played_is_what_our_references_do_not_offer() {
    let mut halves: BTreeMap<(Side, &str), usize> = BTreeMap::new();
    let recordings = recordings();
    for transcript in &recordings {
        let listed = &header(transcript).incomparable;
        for entry in listed.iter().filter(|entry| entry.at == "exchange") {
            *halves.entry((entry.side, &entry.reason)).or_default() += 1;
        }
    }
    let halves: Vec<_> = halves
        .into_iter()
        .map(|((side, reason), count)| (side, reason, count))
        .collect();
    assert_eq!(
        halves,
        [
            (
                Side::Request,
                "the operation is not offered by the client",
                25
            ),
            (
                Side::Response,
                "the operation is not offered by the pool",
                3
            ),
            (Side::Response, "the pool has no limit on what it sends", 1),
        ]
    );
}

#[tokio::test]
async fn what_is_made_up_before_an_exchange_is_told() {
    let mut led = Vec::new();
    for id in [
        "2023-08-signup-srp-getuser",
        "2026-05.confirm-sign-up.error.code-mismatch",
        "amplify-ui.confirm-sign-in-sms-mfa",
        "2018-01-srp-success",
    ] {
        let reenactment = reenact(&one(id)).await.expect("it can be re-enacted");
        let told = reenactment.led.into_iter();
        led.extend(told.map(|led| (id, led.exchange, led.by)));
    }
    assert_eq!(
        led,
        [
            ("2023-08-signup-srp-getuser", 1, "ConfirmSignUp"),
            ("2023-08-signup-srp-getuser", 3, "AdminUpdateUserAttributes"),
            (
                "2026-05.confirm-sign-up.error.code-mismatch",
                0,
                "ResendConfirmationCode"
            ),
            ("amplify-ui.confirm-sign-in-sms-mfa", 0, "a sign-in"),
        ],
        "and nothing for a recording that is whole"
    );
}

fn places(reenactment: &Reenactment) -> BTreeSet<(usize, Side, &str)> {
    reenactment
        .differences
        .iter()
        .map(|difference| (difference.exchange, difference.side, difference.at.as_str()))
        .collect()
}

#[tokio::test]
async fn wrong_arithmetic_is_caught_by_the_recorded_claim() {
    let mut silent = Vec::new();
    for mistake in ARITHMETIC {
        let right = client::Policy::default();
        let dialect = (mistake.edit)(right.dialect.clone());
        let wrong = client::Policy { dialect, ..right };
        let reenactment = reenact_with(
            &one("challenges.net-2017-06"),
            &wrong,
            &pool::Policy::default(),
        )
        .await
        .expect("it can be re-enacted");
        if !places(&reenactment)
            .iter()
            .any(|(_, side, _)| *side == Side::Request)
        {
            silent.push(mistake.id);
        }
    }
    assert_eq!(
        silent,
        [
            // The values of that day have nothing that would show these.
            "arithmetic.odd-hex-loses-a-nibble",
            "arithmetic.negative-base-loses-its-sign",
            "arithmetic.hkdf-salt-padded-hash-text",
            "arithmetic.x-keeps-leading-zeros-of-the-salt",
            "arithmetic.odd-salt-is-empty",
            "arithmetic.odd-salt-loses-a-nibble",
            // A right service never sends what these accept.
            "arithmetic.zero-b-accepted",
            "arithmetic.zero-u-accepted",
            "arithmetic.zero-a-accepted",
        ],
        "mistakes that the recorded claim does not show"
    );
}

#[tokio::test]
async fn wrong_services_are_caught_by_recordings() {
    let right = pool::Policy::default;
    let play = |id: &'static str, policy: pool::Policy| async move {
        reenact_with(&one(id), &client::Policy::default(), &policy)
            .await
            .expect("it can be re-enacted")
    };
    let mut policy = right();
    policy.sessions.in_plain_verifier = true;
    let found = play("2018-01-srp-success", policy).await;
    assert!(
        places(&found).contains(&(0, Side::Response, "/Session")),
        "a Session in plain SRP: {:?}",
        places(&found)
    );

    let mut policy = right();
    policy.srp.sends_username = false;
    let found = play("2018-01-srp-success", policy).await;
    assert!(
        places(&found).contains(&(0, Side::Response, "/ChallengeParameters/USERNAME")),
        "USERNAME left out: {:?}",
        places(&found)
    );

    let mut policy = right();
    policy.users.new_password_describes_user = false;
    let found = play("amplify-ui.force-change-password", policy).await;
    assert!(
        places(&found).contains(&(0, Side::Response, "/ChallengeParameters/userAttributes")),
        "the user not described: {:?}",
        places(&found)
    );

    let mut policy = right();
    policy.users.new_password_after_srp = false;
    let found = play("amplify-ui.force-change-password-sms-mfa", policy).await;
    assert!(
        places(&found).contains(&(0, Side::Response, "exchange")),
        "a temporary password that opens everything: {:?}",
        places(&found)
    );

    let mut policy = right();
    policy.errors.message_member = pool::policy::MessageMember::Capital;
    let found = play("2026-05.initiate-auth.srp.unknown-user", policy).await;
    assert!(
        places(&found).contains(&(0, Side::Response, "/message")),
        "the text's member: {:?}",
        places(&found)
    );
}

#[tokio::test]
async fn an_entry_that_a_recording_does_not_need_is_reported() {
    let mut transcript = one("2018-01-srp-success");
    let mut entry = header(&transcript).incomparable[0].clone();
    entry.exchange = 0;
    entry.side = Side::Response;
    entry.at = "/ChallengeParameters/SALT".to_owned();
    entry.covers = Covers::Value;
    header_mut(&mut transcript).incomparable.push(entry.clone());
    let reenactment = reenact(&transcript).await.expect("it can be re-enacted");
    assert_eq!(reenactment.needless, [entry]);
}

#[tokio::test]
async fn each_entry_of_each_list_is_missed_when_it_is_left_out() {
    for transcript in recordings() {
        for left_out in 0..header(&transcript).incomparable.len() {
            let mut shorter = transcript.clone();
            let entry = header_mut(&mut shorter).incomparable.remove(left_out);
            let reenactment = reenact(&shorter).await.expect("it can be re-enacted");
            let missed = reenactment.differences.iter().any(|difference| {
                (difference.exchange, difference.side) == (entry.exchange, entry.side)
                    && difference.at.starts_with(&entry.at)
            });
            assert!(
                missed,
                "{}: {} {} {}",
                transcript.id, entry.exchange, entry.side, entry.at
            );
        }
    }
}

#[tokio::test]
async fn a_transcript_that_the_harness_played_is_not_re_enacted() {
    let played = Transcript::new(
        "mine",
        Origin::Played {
            subject: "x".to_owned(),
            not_offered: Default::default(),
            scenario: Box::new(Scenario::plain("mine", 1)),
        },
    );
    let error = reenact(&played).await.expect_err("it proves nothing");
    assert_eq!(
        error.to_string(),
        "mine is no recording: the harness played it"
    );
}

#[test]
fn salts_that_were_seen_are_read_and_the_negative_one_is_refused_as_such() {
    let observed = recording::observed().expect("readable");
    let mut read = Vec::new();
    for part in &observed.parts {
        let Some(text) = &part.salt else { continue };
        match Salt::from_hex(text) {
            Ok(salt) => {
                assert_eq!(&salt.to_wire(), text, "{}: written as it was sent", part.id);
                read.push(part.id.as_str());
            }
            Err(error) => {
                assert_eq!(part.id, "pycognito-14", "{error}");
                assert!(matches!(error, IntegerError::Negative), "{error:?}");
            }
        }
    }
    assert_eq!(read, ["ios-4664", "swift-2588", "idkjs", "floci-1305"]);
}
