//! Sessions.

use crate::rules::evidence::case::Case;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::wire::ChallengeName;

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "session.echo",
        level: Level::Must,
        party: Party::Port,
        sentence: "An answer carries the Session of the response it answers, and none where that had none.",
        sources: &[
            "botocore RespondToAuthChallengeRequest$Session",
            "botocore SessionType",
            "aws-amplify/amplify-android#2335",
            "aws-amplify/amplify-js#5834",
            "aws-amplify/amplify-swift#3695",
            "aws-amplify/amplify-js#6461",
        ],
        check: echo,
    },
    Rule {
        id: "session.dropped-at-verifier",
        level: Level::Observed,
        party: Party::Port,
        sentence: "A Session that came with PASSWORD_VERIFIER is echoed, or dropped as pycognito and warrant do.",
        sources: &[
            "NabuCasa/pycognito aws_srp.py",
            "amplify-swift, -js, -android and -flutter compared",
        ],
        check: dropped_at_verifier,
    },
];

fn echo(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no challenge was answered", |step| {
        let request = step.exchange.respond()?;
        let at = Some(step.exchange.index);
        step.pending?;
        let wanted = step.session;
        let sent = request.session.as_deref();
        if [wanted, sent].into_iter().flatten().any(is_redacted) {
            return Some(Verdict::NotApplicable("the Session is redacted"));
        }
        Some(match (wanted, sent) {
            // Shipped clients drop it there, and answer a device's challenges without.
            (Some(_), None) if may_drop(&request.challenge_name) => return None,
            (None, Some(_)) => Verdict::fail(
                at,
                "no Session: the response that is answered had none",
                "a Session",
            ),
            (Some(_), None) => Verdict::fail(
                at,
                "the Session of the response that is answered",
                "no Session",
            ),
            (Some(wanted), Some(sent)) if wanted != sent => Verdict::fail(
                at,
                "the Session of the response that is answered",
                which(case, sent),
            ),
            _ => Verdict::Pass,
        })
    })
}

fn may_drop(challenge: &ChallengeName) -> bool {
    matches!(
        challenge,
        ChallengeName::PasswordVerifier
            | ChallengeName::DeviceSrpAuth
            | ChallengeName::DevicePasswordVerifier
    )
}

fn which(case: &Case<'_>, sent: &str) -> String {
    let earlier = case.positions().find_map(|step| {
        let session = step.exchange.answer.as_ref()?.session.as_deref()?;
        (session == sent).then_some(step.exchange.index)
    });
    match earlier {
        Some(index) => format!("the Session of response {index}"),
        None => "a Session that no response gave".to_owned(),
    }
}

fn dropped_at_verifier(case: &Case<'_>) -> Verdict {
    each(
        case.positions(),
        "no PASSWORD_VERIFIER came with a Session",
        |step| {
            let request = step.exchange.respond()?;
            let came = step.pending?.session.is_some()
                && request.challenge_name == ChallengeName::PasswordVerifier;
            came.then(|| {
                Verdict::Observed(
                    if request.session.is_some() {
                        "echoed"
                    } else {
                        "dropped"
                    }
                    .to_owned(),
                )
            })
        },
    )
}
