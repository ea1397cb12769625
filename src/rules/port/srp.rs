//! SRP values and the claim.

use num_bigint::BigUint;
use num_traits::Zero;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::injected_a;
use crate::rules::evidence::position::Position;
use crate::rules::evidence::trace::is_redacted;
use crate::rules::explain::{ClaimCase, explain};
use crate::rules::rule::{Finding, Level, Observation, Party, Rule, Verdict, each, observe};
use crate::rules::source::{SWIFT, file, issue, recording, rfc, sample, shim_protocol};
use crate::srp::{self, Dialect, Group, parse_hex};
use crate::wire::ChallengeName;
use crate::wire::names::key;

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "srp.a-in-range",
        level: Level::Must,
        party: Party::Port,
        sentence: "SRP_A is a hexadecimal number that is not 0 modulo N, and below N.",
        sources: &[
            rfc(
                5054,
                "2.5.4",
                "A is g^a modulo N, so below N; who receives an A of 0 modulo N has to abort",
            ),
            sample(
                "utils/SRPUtils.java",
                "SRP_A is g^a modulo N, in hexadecimal, drawn until it is not 0",
            ),
        ],
        check: Rule::requires(a_in_range),
    },
    Rule {
        id: "srp.a-not-small",
        level: Level::Must,
        party: Party::Port,
        sentence: "SRP_A gives nothing away about a: it is no small power of g, and no sign-in repeats another's.",
        sources: &[
            rfc(
                5054,
                "3.1",
                "private values should be random, of at least 256 bits",
            ),
            issue("aws/aws-sdk-net#834"),
            issue("aws/aws-sdk-net#887"),
        ],
        check: Rule::requires(a_not_small),
    },
    Rule {
        id: "srp.a-injected",
        level: Level::Must,
        party: Party::Shim,
        sentence: "A port that says it takes an injected a sends SRP_A = g^a for it.",
        sources: &[
            shim_protocol(
                "Capabilities",
                "a port that declares inject.a takes private values",
            ),
            shim_protocol(
                "Methods",
                "inject.a lists the private values, in the order in which the rounds need them",
            ),
        ],
        check: Rule::requires(a_is_injected),
    },
    Rule {
        id: "srp.claim",
        level: Level::Must,
        party: Party::Port,
        sentence: "PASSWORD_CLAIM_SIGNATURE is the HMAC that Cognito's SRP gives for the password that was typed.",
        sources: &[
            recording(
                "fixtures/vectors/cognito-net-known-claim.json",
                "a claim that worked with the service, with its password, a, salt, B and secret block",
            ),
            sample(
                "utils/SRPUtils.java",
                "k, u, x, S, the key by HKDF and the HMAC over pool name, user, secret block and time",
            ),
            rfc(5869, "2", "how HKDF extracts and expands a key"),
            issue("floci-io/floci#912"),
            issue("aws-amplify/amplify-js#4430"),
            issue("qwigo/warrant#12"),
            issue("simonmcallister0210/cognito-srp-helper#26"),
        ],
        check: Rule::requires(claim),
    },
    Rule {
        id: "srp.secret-block",
        level: Level::Must,
        party: Party::Port,
        sentence: "PASSWORD_CLAIM_SECRET_BLOCK is the SECRET_BLOCK of the challenge, unchanged.",
        sources: &[
            recording(
                "fixtures/transcripts/2018-01-srp-success.json",
                "PASSWORD_CLAIM_SECRET_BLOCK was the SECRET_BLOCK of the challenge, and was accepted",
            ),
            sample(
                "usecases/UserAuthDemo.java",
                "the challenge's SECRET_BLOCK goes back as it came",
            ),
        ],
        check: Rule::requires(secret_block),
    },
    Rule {
        id: "srp.wire-form",
        level: Level::Observed,
        party: Party::Port,
        sentence: "SRP_A is written in upper or lower case, with or without leading zeros.",
        sources: &[
            sample("utils/SRPUtils.java", "lower case, without leading zeros"),
            file(&SWIFT, "SRP/AmplifySRPClient.swift"),
            issue("aws-amplify/amplify-swift#2588"),
        ],
        check: Rule::observes(wire_form),
    },
];

/// Whether this step answers PASSWORD_VERIFIER.
pub fn proves(step: &Position<'_>) -> bool {
    step.exchange
        .respond()
        .is_some_and(|request| request.challenge_name == ChallengeName::PasswordVerifier)
}

/// Whether this step shows a claim: the user's, or the device's.
pub fn claims(step: &Position<'_>) -> bool {
    step.exchange.respond().is_some_and(|request| {
        matches!(
            request.challenge_name,
            ChallengeName::PasswordVerifier | ChallengeName::DevicePasswordVerifier
        )
    })
}

fn sent_a<'a>(step: &Position<'a>) -> Option<&'a str> {
    let exchange = Some(step.exchange).filter(|exchange| exchange.begins_srp())?;
    exchange.parameter(key::SRP_A).filter(|a| !is_redacted(a))
}

fn a_in_range(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no SRP_A was sent", |step| {
        let text = sent_a(&step)?;
        let at = Some(step.exchange.index);
        Some(match parse_hex(text) {
            Err(error) => Verdict::fail(at, "SRP_A in hexadecimal", error.to_string()),
            Ok(a) if a.is_zero() => Verdict::fail(at, "0 < A < N", "A = 0"),
            Ok(a) if a >= Group::cognito().n => Verdict::fail(at, "0 < A < N", "A ≥ N"),
            Ok(_) => Verdict::Pass,
        })
    })
}

fn a_not_small(case: &Case<'_>) -> Verdict {
    // Each with the sign-in that it belongs to: one that starts over may send its own again.
    let mut seen: Vec<(BigUint, bool, usize)> = Vec::new();
    each(case.positions(), "no SRP_A was sent", |step| {
        let a = parse_hex(sent_a(&step)?).ok()?;
        let at = Some(step.exchange.index);
        let injected = step.sign_in.is_some_and(|call| !call.inject.a.is_empty());
        let sign_in = step.first.index;
        if a.count_ones() == 1 {
            let got = format!("A = 2^{}", a.bits() - 1);
            return Some(Verdict::fail(
                at,
                "an A whose logarithm can't be read off",
                got,
            ));
        }
        if a.bits() < LEAST_BITS {
            return Some(Verdict::fail(
                at,
                format!("A of at least {LEAST_BITS} bits"),
                format!("{} bits", a.bits()),
            ));
        }
        let is_repeated = case.facts.repeats_a() && step.position == 0
            || seen
                .iter()
                .any(|(earlier, by_us, of)| !by_us && *of != sign_in && *earlier == a);
        if !injected && is_repeated {
            return Some(Verdict::fail(
                at,
                "a fresh A in every sign-in",
                "an A that was sent before",
            ));
        }
        seen.push((a, injected, sign_in));
        Some(Verdict::Pass)
    })
}

/// How many of the last octets of `a` the exponent of a public value is, where it is but few of them.
fn octets_of_a(a: &BigUint, public: &BigUint) -> Option<u32> {
    SHORT.into_iter().find(|octets| {
        let cut = a % (BigUint::from(1_u8) << (8 * octets));
        srp::client_public(&Dialect::cognito(), &cut).as_ref() == Ok(public)
    })
}

/// Lengths in octets that a private value is mistaken to have. RFC 5054 asks for 32 at least, and shipped clients draw as many.
const SHORT: [u32; 5] = [2, 4, 8, 16, 20];

fn a_is_injected(case: &Case<'_>) -> Verdict {
    each(
        case.positions(),
        "nothing was injected, or no SRP_A was sent",
        |step| {
            let a = injected_a(step.sign_in?)?;
            // A sign-in that starts over needs another.
            if step.position > 0 {
                return None;
            }
            let sent = sent_a(&step)?;
            let expected = srp::client_public(&Dialect::cognito(), &a).ok()?;
            let got = parse_hex(sent);
            let at = Some(step.exchange.index);
            Some(if got.as_ref() == Ok(&expected) {
                Verdict::Pass
            } else if let Some(octets) = got.ok().and_then(|got| octets_of_a(&a, &got)) {
                // Whoever took that much of it was given it.
                let expected = format!("SRP_A = {}", srp::to_hex(&expected));
                let got = format!("g to the power of the last {octets} octets of a");
                let finding = Finding::new(at, expected, got).blames(Party::Port);
                let cause = match octets {
                    2 => "security.a-of-16-bits",
                    _ => "security.a-cut-short",
                };
                finding.explained_by(Some(cause)).into()
            } else {
                Verdict::fail(at, format!("SRP_A = {}", srp::to_hex(&expected)), sent)
            })
        },
    )
}

fn claim(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no claim was made", |step| {
        if !proves(&step) {
            return None;
        }
        let Some(claim) = ClaimCase::of(case.facts, &step) else {
            return Some(Verdict::NotApplicable(
                "neither a nor the pool's b is known, or a value is redacted",
            ));
        };
        let at = Some(step.exchange.index);
        let sent = step
            .exchange
            .parameter(key::PASSWORD_CLAIM_SIGNATURE)
            .unwrap_or("no PASSWORD_CLAIM_SIGNATURE");
        let Some(expected) = claim.right() else {
            return Some(Verdict::NotApplicable(
                "the typed password is wrong, and a is not known",
            ));
        };
        if claim.is_proved_by(&step) {
            return Some(Verdict::Pass);
        }
        let mut causes = explain(&claim, sent)
            .into_iter()
            .map(str::to_owned)
            .peekable();
        let is_sent = step
            .exchange
            .parameter(key::PASSWORD_CLAIM_SIGNATURE)
            .is_some();
        if case.facts.is_observed() && is_sent && causes.peek().is_none() {
            return Some(Verdict::NotApplicable(UNEXPLAINED));
        }
        let finding = Finding::new(at, expected.signature_b64(), sent);
        let finding = finding.explained_by(causes.next()).or_by(causes).proved();
        Some(match claim.knows_a() {
            true => finding.into(),
            false => finding.if_service_is_right().into(),
        })
    })
}

fn secret_block(case: &Case<'_>) -> Verdict {
    each(case.positions(), "no claim was made", |step| {
        // A claim that is repeated once the device is gone is about an earlier challenge.
        if !claims(&step) || step.misses_device() {
            return None;
        }
        let wanted = step.challenge_parameter(key::SECRET_BLOCK)?;
        let sent = step
            .exchange
            .parameter(key::PASSWORD_CLAIM_SECRET_BLOCK)
            .unwrap_or("none");
        Some(if wanted == sent {
            Verdict::Pass
        } else {
            Verdict::fail(Some(step.exchange.index), wanted, sent)
        })
    })
}

fn wire_form(case: &Case<'_>) -> Observation {
    observe(case.positions(), "no SRP_A was sent", |step| {
        let text = sent_a(&step)?;
        let letters = match (
            text.contains(|c: char| c.is_ascii_uppercase()),
            text.contains(|c: char| c.is_ascii_lowercase()),
        ) {
            (true, false) => "upper case",
            (false, true) => "lower case",
            _ => "mixed case",
        };
        let zeros = if text.starts_with('0') {
            ", leading zero"
        } else {
            ""
        };
        Some(format!("{letters}{zeros}"))
    })
}

/// An honest A has fewer bits once in 2^272.
const LEAST_BITS: u64 = 2800;

/// What is said of an observed proof that is not that of the right password.
pub const UNEXPLAINED: &str =
    "perhaps another password was typed: no known mistake explains the proof with the right one";
