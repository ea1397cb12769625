//! What the triggers of the recorded pool did.

use crate::model::{CustomScript, OnWrongAnswer, Round};
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, Parameters};

use super::exchange::{Exchange, text};

/// The custom rounds of a recording: what was asked, and the answer that led on. `None` where nothing of it is custom.
///
/// The same question again counts as the answer to a wrong answer. A question whose answer isn't recorded gets an answer
/// that nobody gives.
pub(super) fn custom(exchanges: &[Exchange]) -> Option<CustomScript> {
    let start = exchanges
        .iter()
        .find(|exchange| exchange.flow() == Some(AuthFlow::CustomAuth))?;
    let mut rounds: Vec<Round> = Vec::new();
    let mut failed = false;
    for exchange in exchanges {
        if exchange.answered() == Some(ChallengeName::CustomChallenge)
            && let Some(round) = rounds.last_mut()
        {
            let refused = exchange.response.as_ref().is_some_and(|r| r.status >= 400);
            failed |= refused;
            if !refused {
                round.answer = text(exchange.request_body(), "/ChallengeResponses/ANSWER")
                    .unwrap_or_default()
                    .to_owned();
            }
        }
        if exchange.asked() == Some(ChallengeName::CustomChallenge) {
            let public = questions(exchange);
            if rounds.last().is_none_or(|round| round.public != public) {
                rounds.push(Round {
                    public,
                    answer: NEVER_GIVEN.to_owned(),
                    ..Round::default()
                });
            }
        }
    }
    let with_srp = text(start.request_body(), "/AuthParameters/CHALLENGE_NAME").is_some();
    let asked_for_password = exchanges
        .iter()
        .any(|exchange| exchange.asked() == Some(ChallengeName::PasswordVerifier));
    Some(CustomScript {
        skips_password: with_srp && !asked_for_password && !rounds.is_empty(),
        on_wrong_answer: if failed {
            OnWrongAnswer::Fail
        } else {
            OnWrongAnswer::Again
        },
        rounds,
        failure: None,
    })
}

/// The challenge's parameters without the name, which is the service's own.
fn questions(exchange: &Exchange) -> Parameters {
    let body = exchange.response_body();
    let mut parameters: Parameters = body
        .get("ChallengeParameters")
        .cloned()
        .and_then(|parameters| serde_json::from_value(parameters).ok())
        .unwrap_or_default();
    parameters.remove(key::USERNAME);
    parameters
}

const NEVER_GIVEN: &str = "an answer that nobody gives";
