//! Where requests go: the service answers by the header that names the operation, so no target is a fault.

use cognito_conformance::record::Transcript;
use cognito_conformance::rules::{Party, Verdict, judge};
use cognito_conformance::run::{Played, Theatre};
use cognito_conformance::scenario::{Names, Scenario};
use cognito_conformance::wire::Event;

#[tokio::test]
async fn a_target_that_is_not_the_endpoints_path_is_observed_and_told_as_it_was_sent() {
    let (_, transcript) = played().await;
    for target in [
        "/foo",
        "//",
        "/prefix/of/the/endpoint/",
        "http://127.0.0.1:9229/",
        "https://cognito-idp.eu-west-1.amazonaws.com/",
        "*",
    ] {
        let sent = sent_to(&transcript, target);
        assert_eq!(
            observed(&sent),
            Verdict::Observed(format!("POST {target}")),
            "{target}"
        );
        let judgement = judge(&sent, &[Party::Port, Party::Service]).unwrap();
        let broken: Vec<&str> = judgement.failures().map(|(rule, _)| rule.id).collect();
        assert_eq!(broken, <[&str; 0]>::default(), "{target} breaks no rule");
    }
}

#[tokio::test]
async fn of_the_endpoints_own_path_and_of_none_that_was_kept_nothing_is_told() {
    let (_, transcript) = played().await;
    for target in ["/", ""] {
        let verdict = observed(&sent_to(&transcript, target));
        assert!(
            matches!(verdict, Verdict::NotApplicable(_)),
            "{target:?}: {verdict:?}"
        );
    }
}

#[tokio::test]
async fn no_query_no_password_and_nothing_long_in_a_target_is_told() {
    let (scenario, transcript) = played().await;
    let password = Names::of(&scenario).password;
    let asked = observed(&sent_to(&transcript, "/foo?token=canary"));
    assert_eq!(
        asked,
        Verdict::Observed("POST /foo".to_owned()),
        "without the query"
    );
    for hidden in [format!("/{password}"), format!("/{}", "canary".repeat(50))] {
        let verdict = observed(&sent_to(&transcript, &hidden));
        let Verdict::Observed(told) = verdict else {
            panic!("{hidden} is observed: {verdict:?}");
        };
        assert!(told.starts_with("another text, of "), "{told}");
    }
}

async fn played() -> (Scenario, Transcript) {
    let scenario = Scenario::plain("targets", 1);
    match Theatre::in_process().play(&scenario).await.unwrap() {
        Played::Transcript(transcript) => (scenario, *transcript),
        Played::NotApplicable(reason) => panic!("the reference client signs in: {reason}"),
    }
}

/// The same with every request sent to another target.
fn sent_to(transcript: &Transcript, target: &str) -> Transcript {
    let mut transcript = transcript.clone();
    for event in &mut transcript.events {
        if let Event::Requested { request } = event {
            target.clone_into(&mut request.path);
        }
    }
    transcript
}

fn observed(transcript: &Transcript) -> Verdict {
    let judgement = judge(transcript, &[Party::Port]).unwrap();
    let mut verdicts = judgement.verdicts.into_iter();
    let (_, verdict) = verdicts
        .find(|(rule, _)| rule.id == "wire.target")
        .expect("it is in the catalogue");
    verdict
}
