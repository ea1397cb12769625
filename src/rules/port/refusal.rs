//! What a port has to refuse by itself.

use crate::expect::Ended;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::trace::{ExchangeTrace, SignInTrace, Trace};
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{ANDROID, JS, SWIFT, file, issue, rfc};
use crate::scenario::{BadHex, FaultKind};
use crate::wire::names::key;
use crate::wire::{AuthFlowType, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "refusal.b-zero",
        level: Level::Must,
        party: Party::Port,
        sentence: "An SRP_B that is 0 modulo N is refused before any claim is sent.",
        sources: &[rfc(
            5054,
            "2.5.3",
            "the client has to abort if B is 0 modulo N",
        )],
        check: Rule::requires(b_zero),
    },
    Rule {
        id: "refusal.malformed-challenge",
        level: Level::Should,
        party: Party::Port,
        sentence: "A challenge with a value missing or malformed ends in an error, not in a crash, a hang or a sign-in.",
        sources: &[
            issue("aws-amplify/amplify-js#4430"),
            issue("aws-amplify/amplify-js#7618"),
            issue("qwigo/warrant#165"),
            issue("NabuCasa/pycognito#14"),
            issue("jonsaw/amazon-cognito-identity-dart#71"),
            file(
                &SWIFT,
                "Actions/SignIn/SRPAuth/VerifyPasswordSRP+ChallengeParameters.swift",
            ),
        ],
        check: Rule::requires(malformed_challenge),
    },
    Rule {
        id: "refusal.unknown-challenge",
        level: Level::Should,
        party: Party::Port,
        sentence: "A challenge that the port does not know ends in an error of its own, and nothing more is sent.",
        sources: &[
            file(&SWIFT, "Support/Helpers/UserPoolSignInHelper.swift"),
            file(&JS, "providers/cognito/utils/signInHelpers.ts"),
            file(&ANDROID, "actions/SignInCustomCognitoActions.kt"),
            issue("aws-amplify/amplify-swift#2572"),
        ],
        check: Rule::requires(unknown_challenge),
    },
    Rule {
        id: "refusal.bad-input",
        level: Level::Should,
        party: Party::Port,
        sentence: "An empty name, or an empty password where it would be sent, is refused before any request.",
        sources: &[
            file(
                &SWIFT,
                "StateMachine/Resolvers/SRP/SRPSignInState+Resolver.swift",
            ),
            file(
                &SWIFT,
                "StateMachine/Resolvers/MigrateAuth/MigrateSignInState+Resolver.swift",
            ),
        ],
        check: Rule::requires(bad_input),
    },
];

/// The sign-in in which the scenario's fault did alter an answer, when it is of the wanted kind.
fn troubled<'a>(
    facts: &Facts,
    trace: &'a Trace<'a>,
    wanted: fn(&FaultKind) -> bool,
) -> Option<&'a SignInTrace<'a>> {
    let fault = facts.scenario()?.fault.as_ref()?;
    let is_altered =
        |sign_in: &&SignInTrace<'_>| sign_in.exchanges().any(ExchangeTrace::is_altered);
    let mut sign_ins = trace.sign_ins.iter();
    sign_ins.find(is_altered).filter(|_| wanted(&fault.kind))
}

fn b_zero(case: &Case<'_>) -> Verdict {
    let zero = |kind: &FaultKind| {
        matches!(
            kind,
            FaultKind::SrpB(BadHex::Zero | BadHex::N | BadHex::TwoN)
        )
    };
    let Some(sign_in) = troubled(case.facts, case.trace, zero) else {
        return Verdict::NotApplicable("no SRP_B of 0 modulo N was sent");
    };
    refused(sign_in, "an error of the port's own, and no claim")
}

fn unknown_challenge(case: &Case<'_>) -> Verdict {
    let Some(sign_in) = troubled(case.facts, case.trace, |kind| {
        *kind == FaultKind::UnknownChallenge
    }) else {
        return undeclared_challenge(case);
    };
    refused(sign_in, "an error of the port's own, and no answer")
}

/// A challenge that the service really asks, and that the port does not say it gets past.
fn undeclared_challenge(case: &Case<'_>) -> Verdict {
    let nothing = "no unknown challenge was asked";
    each(&case.trace.sign_ins, nothing, |sign_in| {
        let mut exchanges = sign_in.exchanges();
        let undeclared = exchanges.find(|exchange| {
            let asked = exchange.answer.as_ref();
            let asked = asked.and_then(|answer| answer.challenge_name.as_ref());
            asked.is_some_and(|challenge| case.facts.not_offered().contains(challenge))
        })?;
        let expected = "an error of the port's own, and no answer";
        Some(match (sign_in.ended(), sign_in.exchanges().last()) {
            (Some(Ended::Step(_)), _) => {
                Verdict::NotApplicable("the port knows more challenges than it says")
            }
            (Some(Ended::OwnError), Some(last)) if last.index == undeclared.index => Verdict::Pass,
            (Some(other), _) => Verdict::fail(Some(undeclared.index), expected, other.to_string()),
            (None, _) => Verdict::fail(
                Some(undeclared.index),
                expected,
                format!("{:?}", sign_in.last_reply()),
            ),
        })
    })
}

fn refused(sign_in: &SignInTrace<'_>, expected: &str) -> Verdict {
    let mut after = sign_in
        .exchanges()
        .skip_while(|exchange| !exchange.is_altered())
        .skip(1);
    if let Some(next) = after.next() {
        return Verdict::fail(Some(next.index), expected, next.words());
    }
    let index = sign_in.exchanges().last().map(|exchange| exchange.index);
    match sign_in.ended() {
        Some(Ended::OwnError) => Verdict::Pass,
        Some(other) => Verdict::fail(index, expected, other.to_string()),
        // A crash or a hang is never a refusal.
        None => Verdict::fail(index, expected, format!("{:?}", sign_in.last_reply())),
    }
}

fn malformed_challenge(case: &Case<'_>) -> Verdict {
    let malformed = |kind: &FaultKind| match kind {
        FaultKind::SrpB(bad) => !matches!(bad, BadHex::Zero | BadHex::N | BadHex::TwoN),
        FaultKind::Salt(_) | FaultKind::SecretBlockNotBase64 => true,
        FaultKind::Without(name) => matches!(name.as_str(), "SALT" | "SRP_B" | "SECRET_BLOCK"),
        _ => false,
    };
    let Some(sign_in) = troubled(case.facts, case.trace, malformed) else {
        return Verdict::NotApplicable("no malformed challenge was sent");
    };
    let index = sign_in.exchanges().last().map(|exchange| exchange.index);
    match sign_in.ended() {
        Some(Ended::OwnError | Ended::ServiceError(..)) => Verdict::Pass,
        Some(other) => Verdict::fail(index, "an error", other.to_string()),
        None => Verdict::fail(index, "an error", format!("{:?}", sign_in.last_reply())),
    }
}

fn bad_input(case: &Case<'_>) -> Verdict {
    if case.facts.is_observed() {
        return nothing_empty(case);
    }
    if !case.facts.is_played() {
        return Verdict::NotApplicable("what was typed was not seen");
    }
    let nothing = "the person typed what the flow needs";
    each(&case.trace.sign_ins, nothing, |sign_in| {
        let call = sign_in.arguments()?;
        let flow = call.auth_flow_type.or(case.facts.flow());
        let has_no_password = call.password.as_ref().is_none_or(String::is_empty);
        let lacks_password = flow == Some(AuthFlowType::UserPassword) && has_no_password;
        if !call.username.is_empty() && !lacks_password {
            return None;
        }
        Some(match (sign_in.exchanges().next(), sign_in.last_reply()) {
            (None, Some(Reply::Error { .. })) => Verdict::Pass,
            (None, other) => {
                Verdict::fail(None, "an error of the port's own", format!("{other:?}"))
            }
            (Some(first), _) => Verdict::fail(
                Some(first.index),
                "an error before any request",
                first.words(),
            ),
        })
    })
}

/// Of an observed sign-in: whatever was typed, an empty value should not have been sent.
fn nothing_empty(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no InitiateAuth was made", |step| {
        let request = step.exchange.initiate()?;
        let is_empty = |name: &str| {
            let sent = request.auth_parameters.get(name);
            sent.is_some_and(String::is_empty)
        };
        let empty = [key::USERNAME, key::PASSWORD];
        Some(match empty.into_iter().find(|name| is_empty(name)) {
            Some(name) => Verdict::fail(
                Some(step.exchange.index),
                "an error before any request",
                format!("{} with an empty {name}", step.exchange.words()),
            ),
            None => Verdict::Pass,
        })
    })
}
