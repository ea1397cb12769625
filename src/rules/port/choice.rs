//! `userAuth`: which first factor is preferred or chosen, and what goes with it.

use std::collections::BTreeSet;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::factors::told;
use crate::rules::port::secrecy::shows;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{SWIFT, amplify, file, issue, model, rfc};
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, NextStep, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "choice.preferred-sent",
        level: Level::Must,
        party: Party::Port,
        sentence: "USER_AUTH carries the first factor that signIn prefers as PREFERRED_CHALLENGE, with PASSWORD or SRP_A where it \
                   needs one, and none where none is preferred.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "USER_AUTH takes USERNAME and, if one is preferred, PREFERRED_CHALLENGE; without it the service lists \
                 what is available",
            ),
            amplify(
                "Switching authentication flows",
                "USER_AUTH flow",
                "a first factor that is known is given as preferredChallenge, with the password where it is PASSWORD \
                 or PASSWORD_SRP",
            ),
            file(&SWIFT, "Actions/SignIn/UserAuth/InitiateUserAuth.swift"),
        ],
        check: Rule::requires(preferred_sent),
    },
    Rule {
        id: "choice.factors-surface",
        level: Level::Must,
        party: Party::Port,
        sentence: "The application is told the first factors that AvailableChallenges lists, by the service's names.",
        sources: &[
            model(
                "InitiateAuthResponse$AvailableChallenges",
                "the challenges that the user can choose from",
            ),
            amplify(
                "Multi-step sign-in",
                "Continue sign-in with First Factor Selection",
                "availableChallenges are given for the user to choose from, by the names SMS_OTP, EMAIL_OTP, \
                 WEB_AUTHN, PASSWORD and PASSWORD_SRP",
            ),
            issue("aws-amplify/amplify-android#2680"),
            issue("aws-amplify/amplify-flutter#6632"),
        ],
        check: Rule::requires(factors_surface),
    },
    Rule {
        id: "choice.answer",
        level: Level::Must,
        party: Party::Port,
        sentence: "SELECT_CHALLENGE is answered with the chosen factor as ANSWER, and with PASSWORD as it was typed or SRP_A where \
                   the factor needs one.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "SELECT_CHALLENGE takes USERNAME and the chosen challenge's name as ANSWER; with PASSWORD also the \
                 password, with PASSWORD_SRP also SRP_A",
            ),
            file(
                &SWIFT,
                "Support/Utils/RespondToAuthChallengeInput+Amplify.swift",
            ),
            issue("aws-amplify/amplify-android#2680"),
        ],
        check: Rule::requires(answer),
    },
    Rule {
        id: "choice.password-stays",
        level: Level::Must,
        party: Party::Port,
        sentence: "In userAuth no password is sent, in any encoding, unless PASSWORD is the factor that is preferred or chosen.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "only PASSWORD takes the password; PASSWORD_SRP takes SRP_A, and the other first factors neither",
            ),
            rfc(
                5054,
                "2.2",
                "what is exchanged is the user name, N, g, the salt, A and B, and no password",
            ),
        ],
        check: Rule::requires(password_stays),
    },
];

fn preferred_sent(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no USER_AUTH was seen", |step| {
        let request = step.exchange.initiate()?;
        if request.auth_flow != AuthFlow::UserAuth {
            return None;
        }
        let Some(call) = step.sign_in else {
            return Some(Verdict::NotApplicable(
                "nobody saw which factor is preferred",
            ));
        };
        let at = Some(step.exchange.index);
        let sent = step.exchange.parameter(key::PREFERRED_CHALLENGE);
        let preferred = call.preferred_challenge.as_ref();
        if sent != preferred.map(ChallengeName::as_str) {
            let shown = |name: Option<&str>| match name {
                Some(name) => format!("PREFERRED_CHALLENGE = {name}"),
                None => "no PREFERRED_CHALLENGE".to_owned(),
            };
            return Some(Verdict::fail(
                at,
                shown(preferred.map(ChallengeName::as_str)),
                shown(sent),
            ));
        }
        Some(match preferred? {
            ChallengeName::Password => match step.exchange.parameter(key::PASSWORD) {
                Some(sent) if Some(sent) == call.password.as_deref() => Verdict::Pass,
                Some(_) => Verdict::fail(at, "PASSWORD as it was typed", "another text"),
                None => Verdict::fail(at, "PASSWORD in AuthParameters", "none"),
            },
            ChallengeName::PasswordSrp if step.exchange.parameter(key::SRP_A).is_none() => {
                Verdict::fail(at, "SRP_A in AuthParameters", "none")
            }
            _ => Verdict::Pass,
        })
    })
}

fn factors_surface(case: &Case<'_>) -> Verdict {
    let calls = case
        .trace
        .sign_ins
        .iter()
        .flat_map(|sign_in| &sign_in.calls);
    each(
        calls,
        "no choice of a first factor reached the application",
        |call| {
            let Some(Reply::Step {
                next: NextStep::ContinueSignInWithFirstFactorSelection { available },
            }) = &call.reply
            else {
                return None;
            };
            let last = call.exchanges.last().filter(|last| !last.is_altered())?;
            let listed = last.answer.as_ref()?.available_challenges.as_ref()?;
            // Passkeys need a device that has them.
            let counts = |factor: &&ChallengeName| **factor != ChallengeName::WebAuthn;
            let expected: BTreeSet<_> = listed.iter().filter(counts).collect();
            let got: BTreeSet<_> = available.iter().filter(counts).collect();
            Some(if expected == got {
                Verdict::Pass
            } else {
                Verdict::fail(Some(last.index), told(expected), told(got))
            })
        },
    )
}

fn is_selection(step: Option<&NextStep>) -> bool {
    matches!(
        step,
        Some(NextStep::ContinueSignInWithFirstFactorSelection { .. })
    )
}

fn answer(case: &Case<'_>) -> Verdict {
    let mut made = Vec::new();
    for sign_in in &case.trace.sign_ins {
        let mut chosen = None;
        let mut typed: Vec<&str> = Vec::new();
        typed.extend(
            sign_in
                .arguments()
                .and_then(|call| call.password.as_deref()),
        );
        for (call, (step, given)) in sign_in.calls.iter().zip(sign_in.answers()) {
            if let Some(given) = given {
                let text = given.challenge_response.as_str();
                if is_selection(step) {
                    chosen = Some(text);
                }
                if step == Some(&NextStep::ConfirmSignInWithPassword) {
                    typed.push(text);
                }
            }
            let is_known = sign_in.arguments().is_some();
            for exchange in &call.exchanges {
                made.push((exchange, chosen, is_known.then(|| typed.clone())));
            }
        }
    }
    each(
        made,
        "no first factor was chosen",
        |(exchange, chosen, typed)| {
            let request = exchange.respond()?;
            let sent = match request.challenge_name {
                ChallengeName::SelectChallenge => exchange.parameter(key::ANSWER),
                ChallengeName::Password | ChallengeName::PasswordSrp => {
                    Some(request.challenge_name.as_str())
                }
                _ => return None,
            };
            let at = Some(exchange.index);
            let Some(sent) = sent else {
                let names: Vec<_> = request.challenge_responses.keys().cloned().collect();
                return Some(Verdict::fail(
                    at,
                    "ANSWER in ChallengeResponses",
                    names.join(", "),
                ));
            };
            if let Some(chosen) = chosen
                && sent != chosen
            {
                return Some(Verdict::fail(at, format!("ANSWER = {chosen}"), sent));
            }
            Some(match (sent, exchange.parameter(key::PASSWORD)) {
                ("PASSWORD", None) => Verdict::fail(at, "PASSWORD in ChallengeResponses", "none"),
                ("PASSWORD", Some(sent)) if typed.is_some_and(|typed| !typed.contains(&sent)) => {
                    Verdict::fail(at, "PASSWORD as it was typed", "another text")
                }
                ("PASSWORD_SRP", _) if exchange.parameter(key::SRP_A).is_none() => {
                    Verdict::fail(at, "SRP_A in ChallengeResponses", "none")
                }
                _ => Verdict::Pass,
            })
        },
    )
}

fn password_stays(case: &Case<'_>) -> Verdict {
    each(
        &case.trace.sign_ins,
        "no userAuth without a password in clear was seen",
        |sign_in| {
            let call = sign_in.arguments()?;
            let starts = sign_in.exchanges().next()?.initiate()?;
            if starts.auth_flow != AuthFlow::UserAuth {
                return None;
            }
            let in_clear = ChallengeName::Password;
            let mut passwords: Vec<&str> = call.password.as_deref().into_iter().collect();
            for (step, given) in sign_in.answers() {
                let Some(given) = given else { continue };
                let text = given.challenge_response.as_str();
                if is_selection(step) && text == in_clear.as_str() {
                    return None;
                }
                if step == Some(&NextStep::ConfirmSignInWithPassword) {
                    passwords.push(text);
                }
            }
            passwords.retain(|password| password.chars().count() >= LEAST_TELLING);
            if call.preferred_challenge == Some(in_clear) || passwords.is_empty() {
                return None;
            }
            let leak = sign_in.exchanges().find_map(|exchange| {
                let form = passwords
                    .iter()
                    .find_map(|password| shows(exchange.request, password))?;
                Some((exchange, form))
            });
            Some(match leak {
                Some((exchange, form)) => Verdict::fail(
                    Some(exchange.index),
                    "no password in what is sent",
                    format!("the password ({form}) in {}", exchange.words()),
                ),
                None => Verdict::Pass,
            })
        },
    )
}

/// A shorter password may stand somewhere by chance.
const LEAST_TELLING: usize = 12;
