//! Scripted triggers: what the functions of a pool's owner answer, from [`CustomScript`] and the session array alone.

use serde_json::json;

use crate::model::{CustomScript, OnWrongAnswer, Round, TriggerFailure};
use crate::pool::state::outside::Said;
use crate::pool::state::sign_in::RoundEntry;
use crate::wire::Parameters;

/// Define Auth Challenge.
pub(in crate::pool) fn define(script: &CustomScript, entries: &[RoundEntry]) -> Said {
    match &script.failure {
        Some(TriggerFailure::DefineThrows(message)) => return Said::Threw(message.clone()),
        Some(TriggerFailure::DefineReturnsNonsense) => return Said::Nonsense,
        _ => {}
    }
    let only_srp_a = matches!(entries, [entry] if entry.name == SRP_A);
    let was_wrong = entries.last().is_some_and(|entry| !entry.result);
    Said::Response(if only_srp_a && !script.skips_password {
        challenge(PASSWORD_VERIFIER)
    } else if was_wrong && script.on_wrong_answer == OnWrongAnswer::Fail {
        json!({ "issueTokens": false, "failAuthentication": true })
    } else if rounds_passed(entries) >= script.rounds.len() {
        json!({ "issueTokens": true, "failAuthentication": false })
    } else {
        challenge(CUSTOM_CHALLENGE)
    })
}

/// Create Auth Challenge.
pub(in crate::pool) fn create(script: &CustomScript, entries: &[RoundEntry]) -> Said {
    if let Some(TriggerFailure::CreateThrows(message)) = &script.failure {
        return Said::Threw(message.clone());
    }
    let round = round(script, entries);
    let mut response = json!({
        "publicChallengeParameters": round.public,
        "privateChallengeParameters": round.private,
    });
    if let Some(metadata) = &round.metadata {
        response["challengeMetadata"] = json!(metadata);
    }
    Said::Response(response)
}

/// Verify Auth Challenge Response. It compares with what Create kept, so it needs the private parameters back.
pub(in crate::pool) fn verify(
    script: &CustomScript,
    entries: &[RoundEntry],
    private: &Parameters,
    answer: &str,
) -> Said {
    if let Some(TriggerFailure::VerifyThrows(message)) = &script.failure {
        return Said::Threw(message.clone());
    }
    let round = round(script, entries);
    let is_right = *private == round.private && answer == round.answer;
    Said::Response(json!({ "answerCorrect": is_right }))
}

fn challenge(name: &str) -> serde_json::Value {
    json!({ "challengeName": name, "issueTokens": false, "failAuthentication": false })
}

fn round(script: &CustomScript, entries: &[RoundEntry]) -> Round {
    script
        .rounds
        .get(rounds_passed(entries))
        .cloned()
        .unwrap_or_default()
}

fn rounds_passed(entries: &[RoundEntry]) -> usize {
    entries
        .iter()
        .filter(|entry| entry.name == CUSTOM_CHALLENGE && entry.result)
        .count()
}

/// Names of the session array.
pub(in crate::pool) const SRP_A: &str = "SRP_A";
/// Names of the session array.
pub(in crate::pool) const PASSWORD_VERIFIER: &str = "PASSWORD_VERIFIER";
/// Names of the session array.
pub(in crate::pool) const CUSTOM_CHALLENGE: &str = "CUSTOM_CHALLENGE";
