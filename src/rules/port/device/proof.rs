//! Signing in on a device: how it is named, and how it is proved.

use num_traits::Zero;

use crate::mistakes::{self, Edit};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::{Facts, private_number};
use crate::rules::evidence::known_devices::{KnownDevices, key_named, key_sent, person};
use crate::rules::evidence::position::Position;
use crate::rules::evidence::trace::{ExchangeTrace, is_redacted};
use crate::rules::explain::{ClaimCase, explain};
use crate::rules::port::srp::UNEXPLAINED;
use crate::rules::rule::{Finding, Level, Party, Rule, Verdict, each, within};
use crate::rules::source::{guide, issue, model, observed, sample};
use crate::srp::{self, ClaimInput, Dialect, Group, parse_base64, parse_hex, to_base64};
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::{ChallengeName, ErrorKind};

/// The rules about it.
pub const RULES: &[Rule] = &[
    Rule {
        id: "device.key-in-answers",
        level: Level::Should,
        party: Party::Port,
        sentence: "Once the port has a device of the user, every answer to a challenge names it.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "DEVICE_KEY belongs into an answer for authentication by device",
            ),
            issue("aws-amplify/amplify-swift#2697"),
            issue("aws-amplify/amplify-android#3289"),
            issue("aws-amplify/amplify-js#14622"),
            issue("amazon-archives/amazon-cognito-identity-js#668"),
        ],
        check: Rule::requires(key_in_answers),
    },
    Rule {
        id: "device.key-of-this-user",
        level: Level::Must,
        party: Party::Port,
        sentence: "A request names no device but one that was given to the same user.",
        sources: &[
            guide(
                "amazon-cognito-user-pools-device-tracking",
                "Setting up remembered devices",
                "remembered devices are associated with the pool's users, and a device's identifier is assigned when \
                 a user first signs in with it",
            ),
            issue("aws-amplify/amplify-js#8469"),
            issue("aws-amplify/amplify-js#12209"),
            issue("aws-amplify/amplify-swift#2694"),
        ],
        check: Rule::requires(key_of_this_user),
    },
    Rule {
        id: "device.srp-answer",
        level: Level::Should,
        party: Party::Port,
        sentence: "The port itself answers DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER, each with DEVICE_KEY and what else it \
                   needs.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$ChallengeResponses",
                "DEVICE_SRP_AUTH takes USERNAME, DEVICE_KEY and SRP_A; DEVICE_PASSWORD_VERIFIER takes DEVICE_KEY, the \
                 signature, the secret block, TIMESTAMP and USERNAME",
            ),
            issue("aws-amplify/amplify-android#2018"),
            issue("aws-amplify/amplify-flutter#3541"),
            issue("aws-amplify/amplify-swift#2584"),
        ],
        check: Rule::requires(srp_answer),
    },
    Rule {
        id: "device.claim",
        level: Level::Must,
        party: Party::Port,
        sentence: "The claim of DEVICE_PASSWORD_VERIFIER is over group key and device key, by the password that was confirmed.",
        sources: &[
            model(
                "NewDeviceMetadataType$DeviceGroupKey",
                "the group key goes into the answer to DEVICE_PASSWORD_VERIFIER",
            ),
            sample(
                "usecases/DeviceAuthDemo.java",
                "the claim of a device has the group key and the device key in the places of pool name and user, and \
                 the device's password",
            ),
            issue("aws/aws-sdk-net-extensions-cognito#73"),
            issue("aws/aws-sdk-net-extensions-cognito#139"),
        ],
        check: Rule::requires(claim),
    },
    Rule {
        id: "device.session-echo",
        level: Level::Should,
        party: Party::Port,
        sentence: "The device's challenges are answered with the Session that they came with.",
        sources: &[
            model(
                "RespondToAuthChallengeRequest$Session",
                "the Session of a challenge is sent with the next answer, unmodified",
            ),
            observed("device-session", "a Session was announced as required"),
            issue("aws-amplify/amplify-js#8591"),
            issue("aws-amplify/aws-sdk-android#2337"),
        ],
        check: Rule::requires(session_echo),
    },
];

fn key_in_answers(case: &Case<'_>) -> Verdict {
    if case.facts.is_recorded() {
        return Verdict::NotApplicable(
            "what the service refused is not part of a recording's trace",
        );
    }
    let devices = case.known_devices();
    each(
        case.sign_ins(),
        "no challenge was answered by a port that has a device of the user",
        |(sign_in, steps)| {
            let mut named = None;
            let mut is_gone = false;
            let typed = sign_in.arguments().map(|call| call.username.as_str());
            within(steps, |step| {
                let before = named;
                let was_gone = is_gone;
                named = key_sent(step.exchange).or(named);
                // Some ports take any ResourceNotFoundException for the device's.
                is_gone |= step.exchange.error.as_ref().is_some_and(|error| {
                    error.kind == ErrorKind::ResourceNotFound && named.is_some()
                });
                let challenge = &step.exchange.respond()?.challenge_name;
                // Passkeys are answered without a device, and a device's own challenges are another rule's matter.
                if was_gone || *challenge == ChallengeName::WebAuthn || is_of_device(challenge) {
                    return None;
                }
                let at = step.exchange.index;
                let known = devices
                    .known_at(at, typed)
                    .filter(|given| !devices.is_signed_out_between(given, at))
                    .map(|given| given.key);
                let has = before.or(known)?;
                Some(match key_sent(step.exchange) {
                    Some(_) => Verdict::Pass,
                    None => Verdict::fail(
                        Some(at),
                        format!("DEVICE_KEY = {has} in the answer to {challenge}"),
                        "no DEVICE_KEY",
                    ),
                })
            })
        },
    )
}

fn key_of_this_user(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("which devices there are was not seen");
    }
    let devices = case.known_devices();
    each(
        &case.trace.sign_ins,
        "no request named a device",
        |sign_in| {
            let typed = sign_in.arguments()?.username.as_str();
            let calls = sign_in.asked_calls();
            within(calls.flat_map(|call| &call.exchanges), |exchange| {
                let named = key_named(exchange).filter(|key| !key.is_empty())?;
                let at = Some(exchange.index);
                let given = devices
                    .find(named)
                    .filter(|given| given.at < exchange.index);
                let Some(given) = given else {
                    return Some(Verdict::fail(at, "a device that the service gave", named));
                };
                let of = given.typed.and_then(|name| person(case.facts, name));
                let by = person(case.facts, typed);
                Some(match (of, by) {
                    (Some(of), Some(by)) if of != by => Verdict::fail(
                        at,
                        format!("no device but one of {by}"),
                        format!("{named}, which was given to {of}"),
                    ),
                    _ => Verdict::Pass,
                })
            })
        },
    )
}

fn srp_answer(case: &Case<'_>) -> Verdict {
    each(&case.trace.sign_ins, "no device was asked for", |sign_in| {
        let mut named = None;
        within(&sign_in.calls, |call| {
            within(call.exchanges.iter().enumerate(), |(at, asked)| {
                // A port that has named no device has none to prove.
                named = key_sent(asked).or(named.filter(|_| asked.initiate().is_none()));
                let answer = asked.answer.as_ref().filter(|_| !asked.is_altered())?;
                let challenge = answer
                    .challenge_name
                    .as_ref()
                    .filter(|name| is_of_device(name))?;
                let next = call.exchanges.get(at + 1);
                let index = next.map_or(asked.index, |next| next.index);
                let answered = next
                    .and_then(ExchangeTrace::respond)
                    .filter(|request| request.challenge_name == *challenge);
                let Some(answered) = answered else {
                    if named.is_none() || !case.facts.is_played() {
                        return None;
                    }
                    let got = next.map_or("no request".to_owned(), ExchangeTrace::words);
                    let wanted = format!("an answer to {challenge}");
                    return Some(Verdict::fail(Some(index), wanted, got).if_service_is_right());
                };
                let needed: &[&str] = match challenge {
                    ChallengeName::DeviceSrpAuth => &[key::USERNAME, key::DEVICE_KEY, key::SRP_A],
                    _ => &[
                        key::USERNAME,
                        key::DEVICE_KEY,
                        key::PASSWORD_CLAIM_SIGNATURE,
                        key::PASSWORD_CLAIM_SECRET_BLOCK,
                        key::TIMESTAMP,
                    ],
                };
                let sent = |name: &str| answered.challenge_responses.get(name);
                if let Some(missing) = needed
                    .iter()
                    .find(|name| sent(name).is_none_or(String::is_empty))
                {
                    let names: Vec<_> = answered.challenge_responses.keys().cloned().collect();
                    return Some(Verdict::fail(
                        Some(index),
                        format!("{missing} in the answer to {challenge}"),
                        names.join(", "),
                    ));
                }
                let asked_for = answer.challenge_parameters.as_ref();
                let asked_for = asked_for.and_then(|parameters| parameters.get(key::DEVICE_KEY));
                if let (Some(wanted), Some(sent)) = (asked_for, sent(key::DEVICE_KEY))
                    && wanted != sent
                {
                    return Some(Verdict::fail(
                        Some(index),
                        format!("DEVICE_KEY = {wanted}"),
                        sent,
                    ));
                }
                if *challenge == ChallengeName::DeviceSrpAuth
                    && let Some(text) = sent(key::SRP_A).filter(|text| !is_redacted(text))
                    && let Some(got) = wrong_a(text)
                {
                    return Some(Verdict::fail(Some(index), "SRP_A with 0 < A < N", got));
                }
                Some(Verdict::Pass)
            })
        })
    })
}

fn wrong_a(text: &str) -> Option<String> {
    match parse_hex(text) {
        Err(error) => Some(error.to_string()),
        Ok(a) if a.is_zero() => Some("A = 0".to_owned()),
        Ok(a) if a >= Group::cognito().n => Some("A ≥ N".to_owned()),
        Ok(_) => None,
    }
}

/// Everything that goes into a device's claim.
struct DeviceClaim {
    group_key: String,
    device_key: String,
    v: srp::BigUint,
    b: srp::BigUint,
    big_a: srp::BigUint,
    secret_block: Vec<u8>,
    timestamp: String,
}

impl DeviceClaim {
    /// The claim of a step that answers `DEVICE_PASSWORD_VERIFIER`; `None` when nothing can be recomputed.
    fn of(devices: &KnownDevices<'_>, step: &Position<'_>) -> Option<Self> {
        let asked = |name: &str| {
            step.challenge_parameter(name)
                .filter(|value| !is_redacted(value))
        };
        let Some(PoolNote::Srp {
            scope,
            user,
            salt,
            v,
            b,
            big_a,
            big_b,
            ..
        }) = step.srp_note
        else {
            return None;
        };
        let big_b = parse_hex(big_b).ok()?;
        // The pool's side knows only of the challenge that it sent, not of one that was altered on its way.
        if asked(key::SALT)? != salt || parse_hex(asked(key::SRP_B)?).ok()? != big_b {
            return None;
        }
        // What was seen given says whose device it is; where nobody saw it, the pool does.
        let given = devices.find(step.exchange.parameter(key::DEVICE_KEY)?);
        Some(Self {
            group_key: given
                .map_or(scope.as_str(), |given| given.group_key)
                .to_owned(),
            device_key: given.map_or(user.as_str(), |given| given.key).to_owned(),
            v: private_number(v)?,
            b: private_number(b)?,
            big_a: parse_hex(big_a).ok()?,
            secret_block: parse_base64(asked(key::SECRET_BLOCK)?).ok()?,
            timestamp: step.exchange.parameter(key::TIMESTAMP)?.to_owned(),
        })
    }

    fn signature(&self, dialect: &Dialect, scope: &str, user: &str) -> Option<Vec<u8>> {
        let session = srp::server_session(dialect, &self.v, &self.b, &self.big_a).ok()?;
        let input = ClaimInput {
            scope,
            user,
            secret_block: &self.secret_block,
            timestamp: &self.timestamp,
        };
        Some(srp::claim_by(&dialect.claim, &session.key, &input).signature)
    }

    fn right(&self) -> Option<Vec<u8>> {
        self.signature(
            &Dialect::cognito_device(),
            &self.group_key,
            &self.device_key,
        )
    }

    /// The ids of the mistakes under which the signature comes out as it was sent, as far as the pool's side can tell: with the
    /// right x.
    fn explain(&self, facts: &Facts, step: &Position<'_>, sent: &[u8]) -> Vec<&'static str> {
        let device = Dialect::cognito_device();
        let is =
            |scope: &str, user: &str| self.signature(&device, scope, user).as_deref() == Some(sent);
        let names = [
            step.exchange.parameter(key::USERNAME),
            step.challenge_parameter(key::USERNAME),
            facts.typed_in(step.sign_in),
        ];
        let mut causes = Vec::new();
        if names
            .into_iter()
            .flatten()
            .any(|name| is(&self.group_key, name))
        {
            causes.push("device.user-name-in-the-claim");
        }
        if let Some(pool) = facts.pool_name() {
            if is(pool, &self.device_key) {
                causes.push("device.pool-name-in-the-claim");
            }
            if names.into_iter().flatten().any(|name| is(pool, name)) {
                causes.push("device.password-round-repeated");
            }
        }
        let dialects = mistakes::all().filter(|mistake| match mistake.edit {
            Edit::Dialect(edit) => {
                let dialect = edit(Dialect::cognito_device());
                let signature = self.signature(&dialect, &self.group_key, &self.device_key);
                signature.as_deref() == Some(sent)
            }
            _ => false,
        });
        causes.extend(dialects.map(|mistake| mistake.id));
        causes
    }
}

fn claim(case: &Case<'_>) -> Verdict {
    let devices = case.known_devices();
    each(case.positions(), "no device was proved", |step| {
        let request = step.exchange.respond()?;
        if request.challenge_name != ChallengeName::DevicePasswordVerifier {
            return None;
        }
        let Some(claim) = DeviceClaim::of(devices, &step) else {
            return Some(Verdict::NotApplicable(
                "the pool's b is not known, or a value is redacted",
            ));
        };
        if sends_another_salt(case, &step) {
            return Some(Verdict::NotApplicable(
                "the service sends another salt than the one that was confirmed",
            ));
        }
        let right = claim.right()?;
        let text = step.exchange.parameter(key::PASSWORD_CLAIM_SIGNATURE)?;
        let sent = parse_base64(text).ok();
        if sent.as_ref() == Some(&right) {
            return Some(Verdict::Pass);
        }
        let mut causes = sent.map_or_else(Vec::new, |sent| claim.explain(case.facts, &step, &sent));
        if causes.is_empty() {
            causes = mistakes_of_the_password_round(case);
        }
        let mut causes = causes.into_iter().map(str::to_owned).peekable();
        // Where nobody saw how the device was confirmed, another secret may simply be meant.
        if case.facts.is_observed() && causes.peek().is_none() {
            return Some(Verdict::NotApplicable(UNEXPLAINED));
        }
        let finding = Finding::new(Some(step.exchange.index), to_base64(&right), text);
        let finding = finding.explained_by(causes.next()).or_by(causes);
        Some(finding.proved().if_service_is_right().into())
    })
}

/// The mistakes of arithmetic that explain wrong claims for the password in the same transcript. The device's own x and a are not
/// known, so that those which change what follows from them can't be told from its claim alone.
fn mistakes_of_the_password_round(case: &Case<'_>) -> Vec<&'static str> {
    let is_dialect = |id: &&str| {
        mistakes::find(id).is_some_and(|mistake| matches!(mistake.edit, Edit::Dialect(_)))
    };
    let mut positions = case.positions().filter_map(|step| {
        let request = step.exchange.respond()?;
        if request.challenge_name != ChallengeName::PasswordVerifier {
            return None;
        }
        let claim = ClaimCase::of(case.facts, &step)?;
        let sent = step.exchange.parameter(key::PASSWORD_CLAIM_SIGNATURE)?;
        let causes: Vec<_> = explain(&claim, sent)
            .into_iter()
            .filter(is_dialect)
            .collect();
        (!claim.is_proved_by(&step) && !causes.is_empty()).then_some(causes)
    });
    positions.next().unwrap_or_default()
}

/// Whether a device is asked for a proof over another salt than the one that it was confirmed with: no claim can hold then.
fn sends_another_salt(case: &Case<'_>, step: &Position<'_>) -> bool {
    let asked = step.challenge_parameter(key::SALT);
    let asked = asked.and_then(|salt| parse_hex(salt).ok());
    let device = step.exchange.parameter(key::DEVICE_KEY);
    let mut confirmed = case.confirmations().iter();
    let confirmed = confirmed.rfind(|confirmed| {
        confirmed.exchange.index < step.exchange.index
            && Some(confirmed.request.device_key.as_str()) == device
    });
    let salt = confirmed
        .and_then(|confirmed| confirmed.request.device_secret_verifier_config.as_ref())
        .and_then(|config| parse_base64(config.salt.as_deref()?).ok())
        .map(|octets| srp::BigUint::from_bytes_be(&octets));
    asked.is_some() && salt.is_some() && asked != salt
}

fn session_echo(case: &Case<'_>) -> Verdict {
    each(
        case.positions(),
        "no device's challenge with a Session was answered",
        |step| {
            let request = step.exchange.respond()?;
            if !is_of_device(&request.challenge_name) {
                return None;
            }
            let wanted = step.pending?.session.as_ref()?;
            Some(match &request.session {
                Some(sent) if is_redacted(sent) || is_redacted(wanted) => {
                    Verdict::NotApplicable("the Session is redacted")
                }
                Some(sent) if sent == wanted => Verdict::Pass,
                sent => Verdict::fail(
                    Some(step.exchange.index),
                    format!("the Session that came with {}", request.challenge_name),
                    sent.as_ref().map_or("no Session", |_| "another Session"),
                ),
            })
        },
    )
}

fn is_of_device(challenge: &ChallengeName) -> bool {
    matches!(
        challenge,
        ChallengeName::DeviceSrpAuth | ChallengeName::DevicePasswordVerifier
    )
}
