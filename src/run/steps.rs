//! Which steps the plays of a check took: from challenge to challenge, and which call in which state.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::record::Transcript;
use crate::wire::event::Event;
use crate::wire::{Call, ChallengeName, HttpResponse, NextStep, Operation, Reply};

/// The steps, and in how many plays each was taken.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Steps {
    /// From what the service answered to what it answered next in the same sign-in, e.g. `PASSWORD_VERIFIER → SMS_MFA`.
    pub transitions: BTreeMap<String, usize>,
    /// State and call, e.g. `signed in: signOut`.
    pub calls: BTreeMap<String, usize>,
    /// Those of them that no play had.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls_not_met: Vec<String>,
}

/// How things stand between the application and the port when a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    First,
    Asked,
    SignedIn,
    Failed,
    SignedOut,
}

impl State {
    const ALL: [Self; 5] = [
        Self::First,
        Self::Asked,
        Self::SignedIn,
        Self::Failed,
        Self::SignedOut,
    ];

    /// The state after a call.
    fn after(self, call: &Call, reply: &Reply) -> Self {
        match (call, reply) {
            (
                Call::SignIn(_) | Call::ConfirmSignIn(_),
                Reply::Step {
                    next: NextStep::Done,
                },
            ) => Self::SignedIn,
            (Call::SignIn(_) | Call::ConfirmSignIn(_), Reply::Step { next })
                if next.awaits_answer() =>
            {
                Self::Asked
            }
            (Call::SignIn(_) | Call::ConfirmSignIn(_), _) => Self::Failed,
            (Call::SignOut(_), Reply::Empty) => Self::SignedOut,
            (Call::Reset, _) => Self::First,
            _ => self,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "at first",
            Self::Asked => "while a challenge waits",
            Self::SignedIn => "signed in",
            Self::Failed => "after a failed sign-in",
            Self::SignedOut => "signed out",
        })
    }
}

impl Steps {
    /// A play went by.
    pub(super) fn played(&mut self, transcript: &Transcript) {
        let mut state = State::First;
        let mut called = None;
        let mut requested = None;
        let mut before = BEGIN.to_owned();
        for event in &transcript.events {
            match event {
                Event::Called { call } => {
                    if *call != Call::Reset {
                        count(&mut self.calls, met(state, call.method()));
                    }
                    called = Some(call);
                }
                Event::Replied { reply } => {
                    if let Some(call) = called.take() {
                        state = state.after(call, reply);
                    }
                }
                Event::Requested { request } => {
                    requested = request.operation();
                    if requested == Some(Operation::InitiateAuth) {
                        BEGIN.clone_into(&mut before);
                    }
                }
                Event::Responded { response } if is_of_sign_in(requested.as_ref()) => {
                    let next = answered(response);
                    count(&mut self.transitions, format!("{before} → {next}"));
                    before = next;
                }
                _ => {}
            }
        }
    }

    /// With what no play had.
    pub(super) fn finished(mut self) -> Self {
        let all = State::ALL
            .into_iter()
            .flat_map(|state| METHODS.map(|method| met(state, method)));
        self.calls_not_met = all.filter(|it| !self.calls.contains_key(it)).collect();
        self
    }
}

fn met(state: State, method: &str) -> String {
    format!("{state}: {method}")
}

fn count(counts: &mut BTreeMap<String, usize>, what: String) {
    *counts.entry(what).or_default() += 1;
}

fn is_of_sign_in(operation: Option<&Operation>) -> bool {
    matches!(
        operation,
        Some(Operation::InitiateAuth | Operation::RespondToAuthChallenge)
    )
}

/// What the service answered, in a word.
fn answered(response: &HttpResponse) -> String {
    let body = serde_json::from_slice::<serde_json::Value>(response.body.as_bytes());
    let body = body.unwrap_or_default();
    let challenge = body.get("ChallengeName").and_then(|name| name.as_str());
    match (
        challenge.map(ChallengeName::from),
        body.get("AuthenticationResult"),
    ) {
        (Some(ChallengeName::Other(_)), _) => "a challenge from the future".to_owned(),
        (Some(name), _) => name.to_string(),
        (None, Some(_)) => "tokens".to_owned(),
        (None, None) => "refused".to_owned(),
    }
}

const BEGIN: &str = "begin";
const METHODS: [&str; 8] = [
    "signIn",
    "confirmSignIn",
    "fetchAuthSession",
    "signOut",
    "rememberDevice",
    "forgetDevice",
    "resetPassword",
    "confirmResetPassword",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::play::{Played, Theatre};
    use crate::scenario::{Act, Password, Scenario};

    async fn steps(scenario: Scenario) -> Steps {
        let mut theatre = Theatre::in_process();
        let Ok(Played::Transcript(transcript)) = theatre.play(&scenario).await else {
            panic!("it can be played");
        };
        let mut steps = Steps::default();
        steps.played(&transcript);
        steps.finished()
    }

    fn named(counts: &BTreeMap<String, usize>) -> Vec<&str> {
        counts.keys().map(String::as_str).collect()
    }

    #[tokio::test]
    async fn a_sign_in_goes_from_challenge_to_tokens_and_calls_have_a_state() {
        let taken = steps(Scenario {
            then: vec![Act::sign_out(false), Act::ForgetDevice],
            ..Scenario::plain("t", 1)
        })
        .await;
        let expected = ["PASSWORD_VERIFIER → tokens", "begin → PASSWORD_VERIFIER"];
        assert_eq!(named(&taken.transitions), expected);
        let expected = [
            "at first: signIn",
            "signed in: signOut",
            "signed out: forgetDevice",
        ];
        assert_eq!(named(&taken.calls), expected);
        assert_eq!(
            taken.calls_not_met.len(),
            37,
            "of five states and eight calls"
        );
    }

    #[tokio::test]
    async fn a_refused_sign_in_is_followed_by_calls_after_a_failure() {
        let taken = steps(Scenario {
            password: Password::Wrong,
            then: vec![Act::sign_out(false)],
            ..Scenario::plain("t", 1)
        })
        .await;
        let expected = ["PASSWORD_VERIFIER → refused", "begin → PASSWORD_VERIFIER"];
        assert_eq!(named(&taken.transitions), expected);
        let expected = ["after a failed sign-in: signOut", "at first: signIn"];
        assert_eq!(named(&taken.calls), expected);
    }
}
