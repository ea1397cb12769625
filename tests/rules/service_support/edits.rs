//! Wrong transcripts: right ones with one thing changed, for what no policy of the pool does.

use cognito_conformance::record::Transcript;
use cognito_conformance::scenario::{Attack, Scenario, UserKind};
use cognito_conformance::wire::AuthFlowType::{CustomWithSrp, UserPassword, UserSrp};
use cognito_conformance::wire::{Event, HttpResponse, TriggerCall};
use serde_json::{Value, json};

use super::scenario::*;

/// A change of a right transcript, and the rule that it breaks.
pub struct Edit {
    pub rule: &'static str,
    pub what: &'static str,
    pub scenario: fn() -> Scenario,
    pub edit: fn(&mut Transcript),
}

macro_rules! edits {
    ($($rule:literal, $what:literal: $scenario:expr, $edit:expr;)*) => {
        &[$(Edit { rule: $rule, what: $what, scenario: || $scenario, edit: $edit },)*]
    };
}

pub const EDITS: &[Edit] = edits![
    "service.response-form", "no request id": srp(), |t| response(t, 0, |r| without(r, "x-amzn-requestid"));
    "service.response-form", "no content type": srp(), |t| response(t, 1, |r| without(r, "content-type"));
    "service.response-form", "status 201": password(), |t| response(t, 0, |r| r.status = 201);
    "service.response-form", "tokens and a challenge": password(),
        |t| body(t, 0, |b| b["ChallengeName"] = json!("CUSTOM_CHALLENGE"));
    "service.response-form", "neither": password(), |t| body(t, 0, |b| *b = json!({}));
    "service.error-form", "white space": wrong_password(UserPassword), |t| response(t, 0, |r| {
        r.body = r.body.to_text().replace(',', ", ").into();
    });
    "service.error-form", "no colon": wrong_password(UserPassword), |t| response(t, 0, |r| {
        for (name, value) in &mut r.headers {
            if name.eq_ignore_ascii_case("x-amzn-errortype") {
                *value = value.trim_end_matches(':').to_owned();
            }
        }
    });
    "service.error-form", "a stack trace": wrong_password(UserPassword), |t| response(t, 0, |r| {
        r.status = 500;
        r.body = "<html>at com.example</html>".into();
    });
    "service.error-text", "a full stop is lost": of(UserKind::Unknown, srp()),
        |t| body(t, 0, |b| b["message"] = json!("User does not exist"));
    "service.error-text-reported", "another text for a wrong password": wrong_password(UserPassword),
        |t| body(t, 0, |b| b["message"] = json!("Wrong password")) ;
    "service.error-text-reported", "another text for a flow that is off":
        allowing(cognito_conformance::model::ExplicitAuthFlow::AllowUserSrpAuth, password()),
        |t| body(t, 0, |b| b["message"] = json!("Flow is off"));
    "service.challenge-shape", "a parameter too many": srp(),
        |t| body(t, 0, |b| b["ChallengeParameters"]["DEVICE_KEY"] = json!("x"));
    "service.challenge-shape", "a public parameter is lost": custom(),
        |t| body(t, 0, |b| { b["ChallengeParameters"].as_object_mut().unwrap().remove("question"); });
    "service.challenge-shape", "required attributes without prefix": temporary(password()),
        |t| body(t, 0, |b| b["ChallengeParameters"]["requiredAttributes"] = json!("[\"name\"]"));
    "service.challenge-shape", "required attributes as a list": temporary(password()),
        |t| body(t, 0, |b| b["ChallengeParameters"]["requiredAttributes"] = json!("name"));
    "service.session-presence", "a custom challenge without Session": custom(),
        |t| body(t, 0, |b| { b.as_object_mut().unwrap().remove("Session"); });
    "service.session-presence", "PASSWORD_VERIFIER of CUSTOM_AUTH without Session": custom_with_srp(),
        |t| body(t, 0, |b| { b.as_object_mut().unwrap().remove("Session"); });
    "service.session-life", "a short Session": custom(), |t| body(t, 0, |b| b["Session"] = json!("short"));
    "service.values", "upper case": srp(), |t| parameter(t, "SRP_B", str::to_uppercase);
    "service.values", "a leading zero": srp(), |t| parameter(t, "SRP_B", |b| format!("00{b}"));
    "service.values", "B = 0": srp(), |t| parameter(t, "SRP_B", |_| "0".to_owned());
    "service.values", "B above N": srp(), |t| parameter(t, "SRP_B", |_| "f".repeat(768));
    "service.values", "a negative salt": srp(), |t| parameter(t, "SALT", |salt| format!("-{salt}"));
    "service.values", "no base64": srp(), |t| parameter(t, "SECRET_BLOCK", |_| "%%%".to_owned());
    "service.names", "another USERNAME": srp(), |t| parameter(t, "USERNAME", |name| format!("{name}x"));
    "service.b", "another B": srp(), |t| parameter(t, "SRP_B", another_number);
    "service.proof", "the right proof is refused": srp(), |t| refused(t, 1, "NotAuthorizedException", GENERIC);
    "service.proof", "a right proof is refused in another way": srp(),
        |t| refused(t, 1, "InvalidParameterException", "Session is required");
    "service.proof", "a wrong proof is told apart": wrong_password(UserSrp),
        |t| refused(t, 1, "NotAuthorizedException", "The signature does not match.");
    "service.proof", "a claim over A = 0 is accepted": srp(), |t| request(t, 0, |b| b["AuthParameters"]["SRP_A"] = json!("0"));
    "service.flow-switch", "a flow that is on is refused": srp(),
        |t| refused(t, 0, "InvalidParameterException", "USER_SRP_AUTH is not enabled for the client.");
    "service.secret-hash", "the right hash is refused": with_secret(srp()), |t| {
        let client = client_id(t);
        refused(t, 1, "NotAuthorizedException", &format!("Unable to verify secret hash for client {client}"));
    };
    "service.secret-hash-text", "a missing hash has the text of a wrong one":
        attacked(Attack::MissingSecretHash, with_secret(srp())), |t| {
        let client = client_id(t);
        refused(t, 0, "NotAuthorizedException", &format!("Unable to verify secret hash for client {client}"));
    };
    "service.timestamp", "what can't be read is a wrong password": attacked(Attack::UnparsableTimestamp, srp()),
        |t| refused(t, 1, "NotAuthorizedException", GENERIC);
    "service.binding", "another block has another error": attacked(Attack::AlteredSecretBlock, srp()),
        |t| refused(t, 1, "InvalidParameterException", "no such block");
    "service.existence", "a user is not found": srp(),
        |t| refused(t, 0, "UserNotFoundException", "User does not exist.");
    "service.existence", "the fake user id is a name": hiding(of(UserKind::Unknown, srp())),
        |t| parameter(t, "USER_ID_FOR_SRP", |_| "nobody".to_owned());
    "service.existence", "the fake salt is short": hiding(of(UserKind::Unknown, srp())),
        |t| parameter(t, "SALT", |_| "1f".to_owned());
    "service.user-status", "a disabled user is unknown": of(UserKind::Disabled, password()),
        |t| refused(t, 0, "UserNotFoundException", "User does not exist.");
    "service.trigger-order", "Create runs for PASSWORD_VERIFIER": custom_with_srp(), |t| {
        let create = runs(t).find(|run| run.source.starts_with("Create")).unwrap().clone();
        let at = t.events.iter().position(|event| matches!(event, Event::Responded { .. })).unwrap();
        t.events.insert(at, Event::Triggered(create));
    };
    "service.trigger-order", "no Create": custom(), |t| drop_runs(t, "Create");
    "service.trigger-order", "no Verify": custom(), |t| drop_runs(t, "Verify");
    "service.trigger-order", "SRP_A is not in the array": custom_with_srp(),
        |t| first_run(t, "Define", |run| run.event["request"]["session"] = json!([]));
    "service.trigger-order", "no callerContext": custom(),
        |t| first_run(t, "Define", |run| { run.event.as_object_mut().unwrap().remove("callerContext"); });
    "service.trigger-order", "another source": custom(),
        |t| first_run(t, "Verify", |run| {
            run.source = "VerifyAuthChallenge_Authentication".to_owned();
            run.event["triggerSource"] = json!("VerifyAuthChallenge_Authentication");
        });
    "service.trigger-order", "challengeMetadata is lost": custom(), |t| for run in runs_mut(t) {
        if let Some(elements) = run.event["request"]["session"].as_array_mut() {
            for element in elements {
                element["challengeMetadata"] = Value::Null;
            }
        }
    };
    "service.private-parameters", "the right answer is shown": custom(),
        |t| body(t, 0, |b| b["ChallengeParameters"]["hint"] = json!("answer number 1"));
    "service.migration", "at an SRP sign-in": twice(migrating(Some("CONFIRMED"), password())), |t| {
        let run = runs(t).find(|run| run.source.starts_with("UserMigration")).unwrap().clone();
        let at = t.events.iter().rposition(|event| matches!(event, Event::Responded { .. })).unwrap();
        t.events.insert(at, Event::Triggered(run));
    };
    "service.migration", "another password": migrating(Some("CONFIRMED"), password()),
        |t| first_run(t, "UserMigration", |run| run.event["request"]["password"] = json!("x"));
    "service.migration", "SRP does not work afterwards": twice(migrating(Some("CONFIRMED"), password())),
        |t| refused(t, 1, "UserNotFoundException", "User does not exist.");
    "service.proof", "SRP does not work after a migration": twice(migrating(Some("CONFIRMED"), password())),
        |t| refused(t, 2, "NotAuthorizedException", GENERIC);
    "service.tokens", "no Bearer": srp(), |t| body(t, 1, |b| b["AuthenticationResult"]["TokenType"] = json!("bearer"));
    "service.tokens", "ExpiresIn as of another time": srp(),
        |t| body(t, 1, |b| b["AuthenticationResult"]["ExpiresIn"] = json!(600));
    "service.tokens", "the id token twice": srp(), |t| body(t, 1, |b| {
        b["AuthenticationResult"]["AccessToken"] = b["AuthenticationResult"]["IdToken"].clone();
    });
    "service.tokens", "an unsigned token": srp(), |t| body(t, 1, |b| {
        let token = b["AuthenticationResult"]["IdToken"].as_str().unwrap().to_owned();
        b["AuthenticationResult"]["IdToken"] = json!(format!("{}.", token.rsplit_once('.').unwrap().0));
    });
    "service.answers", "tokens after a wrong password": wrong_password(CustomWithSrp), |t| {
        body(t, 1, |b| *b = json!({ "AuthenticationResult": {} }));
        response(t, 1, |r| r.status = 200);
    };
    "service.answers", "the wrong challenge": srp(), |t| body(t, 0, |b| b["ChallengeName"] = json!("SMS_MFA"));
    "service.metadata-routing", "another's metadata": custom(),
        |t| first_run(t, "Verify", |run| run.event["request"]["clientMetadata"] = json!({ "step": "two" }));
    "service.device-offered", "the same one again": on_a_device(), |t| {
        let mut given = json!(null);
        body(t, 0, |b| given = b["AuthenticationResult"]["NewDeviceMetadata"].clone());
        body(t, 4, |b| b["AuthenticationResult"]["NewDeviceMetadata"] = given);
    };
    "service.device-proof", "a wrong proof is accepted": on_a_device(), |t| request(t, 4, |b| {
        b["ChallengeResponses"]["PASSWORD_CLAIM_SIGNATURE"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    });
    "service.device-parameters", "another device": on_a_device(),
        |t| body(t, 3, |b| b["ChallengeParameters"]["DEVICE_KEY"] = json!("us-east-1_00"));
    "service.device-unknown", "a device that is there is missed": on_a_device(),
        |t| refused(t, 2, "ResourceNotFoundException", "Device does not exist.");
    "service.device-refresh-bound", "the device is not named": refreshed_on_a_device(),
        |t| request(t, 2, |b| { b.as_object_mut().unwrap().remove("DeviceKey"); });
];

const GENERIC: &str = "Incorrect username or password.";

/// Changes the answer of this number.
fn response(transcript: &mut Transcript, number: usize, change: impl FnOnce(&mut HttpResponse)) {
    let mut answers = transcript
        .events
        .iter_mut()
        .filter_map(|event| match event {
            Event::Responded { response } => Some(response),
            _ => None,
        });
    change(answers.nth(number).unwrap());
}

/// Changes the body of the request of this number.
fn request(transcript: &mut Transcript, number: usize, change: impl FnOnce(&mut Value)) {
    let mut requests = transcript
        .events
        .iter_mut()
        .filter_map(|event| match event {
            Event::Requested { request } => Some(request),
            _ => None,
        });
    let request = requests.nth(number).unwrap();
    let mut body: Value = serde_json::from_slice(request.body.as_bytes()).unwrap();
    change(&mut body);
    request.body = body.to_string().into();
}

fn body(transcript: &mut Transcript, number: usize, change: impl FnOnce(&mut Value)) {
    response(transcript, number, |response| {
        let mut body: Value = serde_json::from_slice(response.body.as_bytes()).unwrap();
        change(&mut body);
        response.body = body.to_string().into();
    });
}

fn parameter(transcript: &mut Transcript, name: &str, change: impl FnOnce(&str) -> String) {
    body(transcript, 0, |body| {
        let value = &mut body["ChallengeParameters"][name];
        *value = json!(change(value.as_str().unwrap()));
    });
}

/// The same number with another last digit.
fn another_number(hex: &str) -> String {
    let (rest, last) = hex.split_at(hex.len() - 1);
    format!("{rest}{}", if last == "1" { '2' } else { '1' })
}

fn refused(transcript: &mut Transcript, number: usize, kind: &str, message: &str) {
    response(transcript, number, |response| {
        response.status = 400;
        without(response, "x-amzn-errortype");
        without(response, "x-amzn-errormessage");
        response
            .headers
            .push(("x-amzn-ErrorType".to_owned(), format!("{kind}:")));
        response.body = json!({ "__type": kind, "message": message })
            .to_string()
            .into();
    });
}

fn without(response: &mut HttpResponse, name: &str) {
    response
        .headers
        .retain(|(header, _)| !header.eq_ignore_ascii_case(name));
}

fn runs(transcript: &Transcript) -> impl Iterator<Item = &TriggerCall> {
    transcript.events.iter().filter_map(|event| match event {
        Event::Triggered(run) => Some(run),
        _ => None,
    })
}

fn runs_mut(transcript: &mut Transcript) -> impl Iterator<Item = &mut TriggerCall> {
    transcript
        .events
        .iter_mut()
        .filter_map(|event| match event {
            Event::Triggered(run) => Some(run),
            _ => None,
        })
}

fn first_run(transcript: &mut Transcript, source: &str, change: impl FnOnce(&mut TriggerCall)) {
    change(
        runs_mut(transcript)
            .find(|run| run.source.starts_with(source))
            .unwrap(),
    );
}

fn drop_runs(transcript: &mut Transcript, source: &str) {
    transcript
        .events
        .retain(|event| !matches!(event, Event::Triggered(run) if run.source.starts_with(source)));
}

fn client_id(transcript: &Transcript) -> String {
    let request = transcript.events.iter().find_map(|event| match event {
        Event::Requested { request } => Some(request),
        _ => None,
    });
    let body: Value = serde_json::from_slice(request.unwrap().body.as_bytes()).unwrap();
    body["ClientId"].as_str().unwrap().to_owned()
}
