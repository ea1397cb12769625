//! Functions that are part of this program ([`BuiltIn`]). As functions outside do, they know the event and nothing else: how
//! far a sign-in is stands in its session array, the right answer in the private parameters.

use serde_json::{Value, json};

use crate::model::{BuiltIn, TriggerName};
use crate::pool::core::Pool;
use crate::pool::state::codes::{Delivery, Purpose};
use crate::pool::state::equal::same_text;
use crate::pool::state::outside::Said;
use crate::pool::triggers::script::{CUSTOM_CHALLENGE, PASSWORD_VERIFIER, SRP_A};

impl Pool {
    /// What a built-in function says to an event. Triggers other than Define, Create and Verify get the event back.
    pub(in crate::pool) fn run_built_in(
        &mut self,
        built_in: &BuiltIn,
        trigger: TriggerName,
        event: &Value,
    ) -> Said {
        match trigger {
            TriggerName::DefineAuthChallenge => Said::Response(define(built_in, &rounds(event))),
            TriggerName::CreateAuthChallenge => self.create_built_in(built_in, event),
            TriggerName::VerifyAuthChallengeResponse => Said::Response(verify(event)),
            _ => Said::Response(event["response"].clone()),
        }
    }

    fn create_built_in(&mut self, built_in: &BuiltIn, event: &Value) -> Said {
        match built_in {
            BuiltIn::FixedAnswer(fixed) => {
                let public = fixed
                    .question
                    .as_ref()
                    .map_or_else(|| json!({}), |question| json!({ "question": question }));
                created(&public, &fixed.answer, "FIXED_ANSWER")
            }
            BuiltIn::SentCode => self.create_code(event),
            BuiltIn::Sum => {
                let numbers = self.random.octets(2);
                let (one, other) = (digit(numbers[0]), digit(numbers[1]));
                let question = format!(
                    "How much is {} plus {}? Answer in digits.",
                    WORDS[one], WORDS[other]
                );
                created(
                    &json!({ "question": question }),
                    &(one + other).to_string(),
                    "SUM",
                )
            }
        }
    }

    /// The code that a wrong answer was given to stays good and is not sent again.
    fn create_code(&mut self, event: &Value) -> Said {
        let name = event["userName"].as_str().unwrap_or_default();
        let attributes = &event["request"]["userAttributes"];
        let address = |attribute: &str| attributes[attribute].as_str();
        let is_nobody = event["request"]["userNotFound"] == json!(true);
        let delivery = match (address("email"), address("phone_number")) {
            (Some(email), _) => Delivery::email(email),
            (None, Some(number)) => Delivery::sms(number),
            (None, None) if is_nobody => self.simulated_delivery(name),
            (None, None) => {
                let message = "the user has neither an e-mail address nor a phone number";
                return Said::Threw(message.to_owned());
            }
        };
        let rounds = rounds(event);
        let kept = rounds.last().filter(|round| !round.is_right);
        let kept = kept.and_then(|round| round.metadata.strip_prefix(CODE));
        let code = match kept {
            Some(code) => code.to_owned(),
            None if is_nobody => self.random.six_digits(),
            None => self.send_code(name, &delivery, Purpose::CustomChallenge),
        };
        let details = delivery.details();
        let public = json!({
            "medium": details.delivery_medium,
            "destination": details.destination,
        });
        created(&public, &code, &format!("{CODE}{code}"))
    }
}

/// An element of the session array.
struct Round<'a> {
    name: &'a str,
    is_right: bool,
    metadata: &'a str,
}

fn rounds(event: &Value) -> Vec<Round<'_>> {
    let session = event["request"]["session"].as_array();
    let rounds = session.into_iter().flatten().map(|round| Round {
        name: round["challengeName"].as_str().unwrap_or_default(),
        is_right: round["challengeResult"] == json!(true),
        metadata: round["challengeMetadata"].as_str().unwrap_or_default(),
    });
    rounds.collect()
}

fn define(built_in: &BuiltIn, rounds: &[Round<'_>]) -> Value {
    let wanted = match built_in {
        BuiltIn::FixedAnswer(fixed) => fixed.rounds,
        BuiltIn::SentCode | BuiltIn::Sum => 1,
    };
    let answered = |is_right: bool| {
        rounds
            .iter()
            .filter(|round| round.name == CUSTOM_CHALLENGE && round.is_right == is_right)
            .count()
    };
    let says = |next: Option<&str>, issues: bool, fails: bool| json!({ "challengeName": next, "issueTokens": issues, "failAuthentication": fails });
    if matches!(rounds, [round] if round.name == SRP_A) {
        says(Some(PASSWORD_VERIFIER), false, false)
    } else if answered(false) >= MOST_WRONG_ANSWERS {
        says(None, false, true)
    } else if answered(true) >= wanted {
        says(None, true, false)
    } else {
        says(Some(CUSTOM_CHALLENGE), false, false)
    }
}

fn created(public: &Value, answer: &str, metadata: &str) -> Said {
    Said::Response(json!({
        "publicChallengeParameters": public,
        "privateChallengeParameters": { ANSWER: answer },
        "challengeMetadata": metadata,
    }))
}

fn verify(event: &Value) -> Value {
    let request = &event["request"];
    let right = request["privateChallengeParameters"][ANSWER].as_str();
    let answer = request["challengeAnswer"].as_str();
    let is_right = match (right, answer) {
        (Some(right), Some(answer)) => same_text(right, answer),
        _ => false,
    };
    json!({ "answerCorrect": is_right })
}

/// A number with a word.
fn digit(octet: u8) -> usize {
    usize::from(octet) % WORDS.len()
}

/// The private parameter with the right answer.
const ANSWER: &str = "answer";
/// What the metadata of a code begins with, as in the service's own sample functions.
const CODE: &str = "CODE-";
const MOST_WRONG_ANSWERS: usize = 3;
const WORDS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];
