//! Devices: how a port confirms one, names it, proves it, and lets go of it.

use num_traits::Zero;

use crate::mistakes::{self, Edit};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::{Facts, private_number};
use crate::rules::evidence::known_devices::{
    Confirmation, IssuedDevice, KnownDevices, key_named, key_sent, new_device, person,
};
use crate::rules::evidence::position::Position;
use crate::rules::evidence::trace::{CallTrace, ExchangeTrace, SignInTrace, is_redacted};
use crate::rules::port::srp::UNEXPLAINED;
use crate::rules::rule::{
    Finding, Level, Observation, Party, Rule, Verdict, each, observe, within,
};
use crate::rules::source::{
    ANDROID, FLUTTER, IDENTITY_JS, JS, SWIFT, file, guide, issue, model, observed, operation,
    sample,
};
use crate::srp::{
    self, ClaimInput, Dialect, Group, Salt, device_verifier, parse_base64, parse_hex, to_base64,
};
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::{AuthFlow, Call, ChallengeName, ErrorKind, NextStep, Operation, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "device.confirmed",
        level: Level::Must,
        party: Party::Port,
        sentence: "A device that comes with the tokens is confirmed, whatever flow led there.",
        sources: &[
            model(
                "DeviceConfigurationType$DeviceOnlyRememberedOnUserPrompt",
                "a device is registered by ConfirmDevice, and remembered by that or by the user's choice after it",
            ),
            operation(
                "ConfirmDevice",
                "confirms a device, so that its key can be used in later sign-ins",
            ),
            model(
                "NewDeviceMetadataType",
                "a new device key, with which the app sets up authentication by device",
            ),
            issue("aws-amplify/amplify-android#2506"),
            issue("aws-amplify/amplify-flutter#2198"),
            issue("aws-amplify/amplify-js#12220"),
        ],
        check: Rule::requires(confirmed),
    },
    Rule {
        id: "device.verifier-form",
        level: Level::Must,
        party: Party::Port,
        sentence: "PasswordVerifier and Salt of ConfirmDevice are base64 of octets whose top bit is clear.",
        sources: &[
            sample(
                "usecases/DeviceTrackingDemo.java",
                "salt and verifier are sent as base64 of the octets that BigInteger.toByteArray gives, so with a zero \
                 octet before a top bit",
            ),
            issue("aws/aws-sdk-net-extensions-cognito#46"),
            issue("furaiev/amazon-cognito-identity-dart-2#10"),
        ],
        check: Rule::requires(verifier_form),
    },
    Rule {
        id: "device.verifier",
        level: Level::Must,
        party: Party::Port,
        sentence: "PasswordVerifier is g^x of the device's password, with group key and device key in the places of pool \
                   name and user.",
        sources: &[
            model(
                "NewDeviceMetadataType$DeviceGroupKey",
                "the group key goes into the device's SRP",
            ),
            model(
                "NewDeviceMetadataType$DeviceKey",
                "the device key goes into the device's SRP",
            ),
            sample(
                "usecases/DeviceTrackingDemo.java",
                "the verifier is g^x, with x over the salt and the hash of group key, device key, a colon and the \
                 password",
            ),
            issue("jonsaw/amazon-cognito-identity-dart#62"),
            issue("aws/aws-sdk-net-extensions-cognito#73"),
            issue("simonmcallister0210/cognito-srp-helper#34"),
        ],
        check: Rule::requires(verifier),
    },
    Rule {
        id: "device.password-fresh",
        level: Level::Should,
        party: Party::Port,
        sentence: "The device's password is not the account's.",
        sources: &[
            file(&SWIFT, "StateMachine/CodeGen/Data/DeviceMetadata.swift"),
            issue("simonmcallister0210/cognito-srp-helper#34"),
        ],
        check: Rule::requires(password_fresh),
    },
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
        level: Level::Must,
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
    Rule {
        id: "device.gone-retried-once",
        level: Level::Should,
        party: Party::Port,
        sentence: "Told that the device does not exist, the port tries once more without it, and no more than once.",
        sources: &[
            issue("amazon-archives/amazon-cognito-identity-js#200"),
            issue("aws-amplify/amplify-js#12188"),
            issue("aws-amplify/amplify-android#2603"),
            issue("aws-amplify/amplify-flutter#2621"),
            issue("aws-amplify/amplify-swift#2699"),
        ],
        check: Rule::requires(gone_retried_once),
    },
    Rule {
        id: "device.gone-dropped",
        level: Level::Should,
        party: Party::Port,
        sentence: "A device that the service or the person has forgotten is not named in a later sign-in.",
        sources: &[
            issue("amazon-archives/amazon-cognito-identity-js#204"),
            issue("aws-amplify/amplify-js#8895"),
            issue("aws-amplify/amplify-js#12188"),
            issue("aws-amplify/aws-sdk-ios#5339"),
        ],
        check: Rule::requires(gone_dropped),
    },
    Rule {
        id: "device.other-not-found",
        level: Level::Observed,
        party: Party::Port,
        sentence: "ResourceNotFoundException about something else ends the sign-in and the device is kept, or is taken for the device's.",
        sources: &[
            file(&IDENTITY_JS, "CognitoUser.js"),
            issue("aws-amplify/amplify-js#12241"),
        ],
        check: Rule::observes(other_not_found),
    },
    Rule {
        id: "device.survives-sign-out",
        level: Level::Should,
        party: Party::Port,
        sentence: "Who signs out and in again on a device is still on that device.",
        sources: &[
            file(&SWIFT, "Actions/SignIn/ConfirmDevice.swift"),
            issue("aws-amplify/amplify-flutter#2009"),
            issue("aws-amplify/amplify-flutter#2010"),
        ],
        check: Rule::requires(survives_sign_out),
    },
    Rule {
        id: "device.remember-request",
        level: Level::Must,
        party: Party::Port,
        sentence: "rememberDevice sends UpdateDeviceStatus with the access token, the device and the status remembered.",
        sources: &[
            operation(
                "UpdateDeviceStatus",
                "marks a device of the user who is signed in as remembered or not, by the access token",
            ),
            model(
                "UpdateDeviceStatusRequest$DeviceRememberedStatus",
                "remembered turns authentication by that device on",
            ),
            issue("aws-amplify/amplify-flutter#2010"),
        ],
        check: Rule::requires(remember_request),
    },
    Rule {
        id: "device.forget-request",
        level: Level::Must,
        party: Party::Port,
        sentence: "forgetDevice sends ForgetDevice with the access token and the device.",
        sources: &[
            operation(
                "ForgetDevice",
                "deletes a device of the user who is signed in",
            ),
            model("ForgetDeviceRequest$DeviceKey", "the device to forget"),
            issue("aws-amplify/amplify-flutter#4060"),
        ],
        check: Rule::requires(forget_request),
    },
    Rule {
        id: "device.key-first",
        level: Level::Observed,
        party: Party::Port,
        sentence: "InitiateAuth names the device that the port has under the typed name, or leaves that to the answers.",
        sources: &[
            model(
                "InitiateAuthRequest$AuthParameters",
                "DEVICE_KEY may be added to any flow",
            ),
            file(&SWIFT, "Support/Utils/InitiateAuthInput+Amplify.swift"),
            file(&JS, "providers/cognito/utils/signInHelpers.ts"),
            file(&ANDROID, "actions/MigrateAuthCognitoActions.kt"),
            file(&FLUTTER, "state/machines/sign_in_state_machine.dart"),
        ],
        check: Rule::observes(key_first),
    },
    Rule {
        id: "device.by-another-alias",
        level: Level::Observed,
        party: Party::Port,
        sentence: "Under another of the user's names a port finds the device again, or takes it for a new one.",
        sources: &[
            file(&SWIFT, "Actions/SignIn/ConfirmDevice.swift"),
            file(&ANDROID, "actions/SRPCognitoActions.kt"),
            file(&FLUTTER, "state/machines/sign_in_state_machine.dart"),
            issue("aws-amplify/amplify-android#2609"),
            issue("aws-amplify/amplify-flutter#2622"),
        ],
        check: Rule::observes(by_another_alias),
    },
];

fn confirmed(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("whether the device was confirmed was not seen");
    }
    each(
        &case.trace.sign_ins,
        "no device came with tokens that were taken",
        |sign_in| {
            let calls = sign_in.calls.iter().filter(|call| is_done(call));
            let exchanges = calls.flat_map(|call| &call.exchanges);
            within(
                exchanges.filter(|exchange| !exchange.is_altered()),
                |exchange| {
                    let (given, _) = new_device(exchange)?;
                    let calls = sign_in.all_calls();
                    let is_confirmed = calls.flat_map(|call| &call.exchanges).any(|other| {
                        other.operation == Some(Operation::ConfirmDevice)
                            && key_named(other) == Some(given)
                    });
                    Some(if is_confirmed {
                        Verdict::Pass
                    } else {
                        let expected = format!("ConfirmDevice of {given}");
                        Verdict::fail(Some(exchange.index), expected, "no such request")
                    })
                },
            )
        },
    )
}

fn verifier_form(case: &Case<'_>) -> Verdict {
    each(case.confirmations(), NO_CONFIRMATION, |confirmation| {
        let at = Some(confirmation.exchange.index);
        let config = confirmation
            .request
            .device_secret_verifier_config
            .clone()
            .unwrap_or_default();
        for (name, text) in [
            ("PasswordVerifier", config.password_verifier),
            ("Salt", config.salt),
        ] {
            let expected = format!("{name}: base64 of a number that is not negative");
            let Some(text) = text else {
                return Some(Verdict::fail(at, expected, format!("no {name}")));
            };
            if is_redacted(&text) {
                return Some(Verdict::NotApplicable("the verifier is redacted"));
            }
            let first = parse_base64(&text).map(|octets| octets.first().copied());
            match first {
                Ok(Some(first)) if first & 0x80 == 0 => {}
                Ok(Some(first)) => {
                    let got = format!("{text}, whose first octet is {first:02x}");
                    return Some(Verdict::fail(at, expected, got));
                }
                Ok(None) => return Some(Verdict::fail(at, expected, "nothing")),
                Err(error) => {
                    return Some(Verdict::fail(at, expected, format!("{text} ({error})")));
                }
            }
        }
        Some(Verdict::Pass)
    })
}

/// What a `ConfirmDevice` sends, as numbers, and the keys that it is about.
struct Sent<'a> {
    device: IssuedDevice<'a>,
    v: srp::BigUint,
    salt: Salt,
}

impl<'a> Sent<'a> {
    fn of(devices: &KnownDevices<'a>, confirmation: &Confirmation<'_>) -> Option<Self> {
        let config = confirmation
            .request
            .device_secret_verifier_config
            .as_ref()?;
        let octets = |text: &Option<String>| parse_base64(text.as_deref()?).ok();
        Some(Self {
            device: devices.find(&confirmation.request.device_key)?.clone(),
            v: srp::BigUint::from_bytes_be(&octets(&config.password_verifier)?),
            salt: Salt::from_bytes(&octets(&config.salt)?),
        })
    }

    /// Whether the verifier is that of a password, with this in the place of the device's key.
    fn is_made_of(&self, user: &str, password: &str) -> bool {
        device_verifier(self.device.group_key, user, password, &self.salt).v == self.v
    }
}

fn verifier(case: &Case<'_>) -> Verdict {
    let devices = case.known_devices();
    each(case.confirmations(), NO_CONFIRMATION, |confirmation| {
        let Some(secret) = confirmation.secret else {
            return Some(Verdict::NotApplicable(
                "the device's password is the port's own secret",
            ));
        };
        let sent = Sent::of(devices, confirmation)?;
        let salt = Salt::from_hex(&secret.salt).ok()?;
        let (key, group_key) = (sent.device.key, sent.device.group_key);
        let right = device_verifier(group_key, key, &secret.password, &salt);
        if sent.salt.value() == salt.value() && sent.v == right.v {
            return Some(Verdict::Pass);
        }
        let name = sent.device.owner.as_deref();
        let typed = sent.device.typed;
        let by =
            |user: Option<&str>| user.is_some_and(|user| sent.is_made_of(user, &secret.password));
        let account = case.facts.given_password(confirmation.sign_in.arguments());
        let cause = if by(name) || by(typed) {
            Some("device.user-name-in-the-verifier")
        } else if by(Some(&format!("{key}`"))) {
            Some("device.stray-character-in-the-verifier")
        } else if account.is_some_and(|password| sent.is_made_of(key, password)) {
            Some("device.password-of-the-account")
        } else {
            None
        };
        let words = |salt: &str, verifier: &str| {
            format!("Salt {salt} and PasswordVerifier {}", cut(verifier))
        };
        let finding = Finding::new(
            Some(confirmation.exchange.index),
            words(&right.salt_b64, &right.verifier_b64),
            words(
                &to_base64(sent.salt.bytes()),
                &to_base64(&sent.v.to_bytes_be()),
            ),
        );
        Some(finding.explained_by(cause).proved().into())
    })
}

fn password_fresh(case: &Case<'_>) -> Verdict {
    let devices = case.known_devices();
    each(case.confirmations(), NO_CONFIRMATION, |confirmation| {
        let account = case.facts.given_password(confirmation.sign_in.arguments());
        let Some(password) = account.filter(|password| !password.is_empty()) else {
            return Some(Verdict::NotApplicable(
                "the account's password was not given",
            ));
        };
        let sent = Sent::of(devices, confirmation)?;
        let users = [Some(sent.device.key), sent.device.owner.as_deref()];
        let is_account = users
            .into_iter()
            .flatten()
            .any(|user| sent.is_made_of(user, password));
        Some(if is_account {
            Verdict::fail(
                Some(confirmation.exchange.index),
                "a verifier of a password that nobody has seen",
                "that of the account's password",
            )
        } else {
            Verdict::Pass
        })
    })
}

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
            let calls = sign_in.all_calls();
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
        Some(srp::claim(&session.key, &input).signature)
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
        let pool = facts.pool_name();
        if pool.is_some_and(|pool| is(pool, &self.device_key)) {
            causes.push("device.pool-name-in-the-claim");
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
        let causes = sent.map_or_else(Vec::new, |sent| claim.explain(case.facts, &step, &sent));
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

fn gone_retried_once(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("a further attempt may be the person's own");
    }
    each(
        case.trace
            .sign_ins
            .iter()
            .flat_map(|sign_in| &sign_in.calls),
        NO_MISSING_DEVICE,
        |call| {
            let missed = call.exchanges.iter().position(|exchange| {
                exchange.misses_device() && !exchange.is_altered() && key_sent(exchange).is_some()
            })?;
            let index = Some(call.exchanges[missed].index);
            let named = key_sent(&call.exchanges[missed]).unwrap_or_default();
            let mut rest = call.exchanges[missed + 1..]
                .iter()
                .filter(|exchange| exchange.is_of_sign_in());
            let Some(next) = rest.next() else {
                return Some(Verdict::fail(
                    index,
                    "one more try without the device",
                    "none",
                ));
            };
            if key_sent(next) == Some(named) {
                return Some(Verdict::fail(
                    Some(next.index),
                    "one more try without the device",
                    format!("{} with it", next.words()),
                ));
            }
            let again = rest.find(|exchange| exchange.misses_device());
            Some(match again {
                Some(again) => Verdict::fail(
                    Some(again.index),
                    "no more than one try more",
                    "another device that does not exist",
                ),
                None => Verdict::Pass,
            })
        },
    )
}

fn gone_dropped(case: &Case<'_>) -> Verdict {
    let typed = |sign_in: &SignInTrace<'_>| sign_in.arguments().map(|call| call.username.clone());
    // Each with whoever was told, and in which sign-in: the service says it of somebody else's device, too.
    let mut gone: Vec<(&str, Option<String>, usize)> = Vec::new();
    for (number, sign_in) in case.trace.sign_ins.iter().enumerate() {
        let calls = sign_in.all_calls();
        for exchange in calls.flat_map(|call| &call.exchanges) {
            let is_forgotten =
                exchange.operation == Some(Operation::ForgetDevice) && exchange.succeeded();
            // Until the service names the user, the typed name may by now be another user's: what it says of a device before is
            // about this one only if the same user gets through.
            let is_about_the_user =
                exchange.initiate().is_none() || sign_in.calls.last().is_some_and(is_done);
            // Where it is not found by somebody who wants it forgotten or remembered, a port may leave it to the next sign-in.
            let is_told = exchange.misses_device() && exchange.is_of_sign_in() && is_about_the_user;
            if let Some(named) = key_named(exchange)
                && (is_forgotten || is_told)
                && !exchange.is_altered()
            {
                gone.push((named, typed(sign_in), number));
            }
        }
    }
    if gone.is_empty() {
        return Verdict::NotApplicable(NO_MISSING_DEVICE);
    }
    each(
        case.trace.sign_ins.iter().enumerate(),
        "nobody signed in again after a device was gone",
        |(number, sign_in)| {
            let name = typed(sign_in);
            let before: Vec<&str> = gone
                .iter()
                .filter(|(_, told, at)| *at < number && *told == name)
                .map(|(key, ..)| *key)
                .collect();
            if before.is_empty() {
                return None;
            }
            let named = sign_in.exchanges().find_map(|exchange| {
                let named = key_sent(exchange).filter(|_| !exchange.is_refresh())?;
                before.contains(&named).then_some((exchange, named))
            });
            Some(match named {
                Some((exchange, named)) => Verdict::fail(
                    Some(exchange.index),
                    "no device that is gone",
                    format!("{named} in {}", exchange.words()),
                ),
                None => Verdict::Pass,
            })
        },
    )
}

fn other_not_found(case: &Case<'_>) -> Observation {
    if !case.facts.is_played() {
        return Observation::NotApplicable("a further attempt may be the person's own");
    }
    observe(
        case.trace.sign_ins.iter().enumerate(),
        "nothing but a device was not found",
        |(number, sign_in)| {
            let call = sign_in.calls.last()?;
            let missed = call.exchanges.iter().position(|exchange| {
                key_sent(exchange).is_some()
                    && !exchange.misses_device()
                    && exchange
                        .error
                        .as_ref()
                        .is_some_and(|error| error.kind == ErrorKind::ResourceNotFound)
            })?;
            let refused = &call.exchanges[missed];
            let error = refused.error.as_ref()?;
            let next = call.exchanges[missed + 1..]
                .iter()
                .find(|exchange| exchange.is_of_sign_in());
            if let Some(next) = next {
                return Some(format!("{} after {}", next.words(), error.kind));
            }
            let named = key_sent(refused)?;
            let typed = sign_in.arguments()?.username.as_str();
            let later = case.trace.sign_ins[number + 1..]
                .iter()
                .find(|later| later.arguments().is_some_and(|call| call.username == typed));
            Some(match later.and_then(|later| names_device(later, named)) {
                Some(false) => "the device dropped".to_owned(),
                _ => "passed on, and the device kept".to_owned(),
            })
        },
    )
}

fn survives_sign_out(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("nobody saw a sign-out");
    }
    let devices = case.known_devices();
    each(
        &case.trace.sign_ins,
        "nobody signed in on a device after a sign-out",
        |sign_in| {
            let first = first_index(sign_in)?;
            let typed = sign_in.arguments().map(|call| call.username.as_str());
            let known = devices
                .known_at(first, typed)
                .filter(|given| devices.is_signed_out_between(given, first))?;
            Some(match names_device(sign_in, known.key)? {
                true => Verdict::Pass,
                false => Verdict::fail(
                    Some(first),
                    format!("DEVICE_KEY = {} after the sign-out as before", known.key),
                    "a sign-in without it",
                ),
            })
        },
    )
}

fn remember_request(case: &Case<'_>) -> Verdict {
    asks_of_device(
        case,
        |call| matches!(call, Call::RememberDevice),
        &Operation::UpdateDeviceStatus,
        Some("remembered"),
    )
}

fn forget_request(case: &Case<'_>) -> Verdict {
    asks_of_device(
        case,
        |call| matches!(call, Call::ForgetDevice(_)),
        &Operation::ForgetDevice,
        None,
    )
}

/// A request about the device of whoever is signed in.
fn asks_of_device(
    case: &Case<'_>,
    is_meant: fn(&Call) -> bool,
    operation: &Operation,
    status: Option<&str>,
) -> Verdict {
    each(
        case.trace.calls_after_sign_in(),
        "nothing was asked of a device of whoever is signed in",
        |(sign_in, call)| {
            let meant = call.call.as_ref().filter(|call| is_meant(call))?;
            let is_judged = !matches!(call.reply, Some(Reply::Unsupported { .. }))
                && !call.exchanges.iter().any(ExchangeTrace::is_altered)
                && is_still_signed_in(sign_in, call, operation);
            let own = devices_of(case, sign_in)?;
            if !is_judged || own.is_empty() {
                return None;
            }
            let wanted = match meant {
                Call::ForgetDevice(forget) => forget.device_key.as_deref(),
                _ => None,
            };
            let mut exchanges = call.exchanges.iter();
            let request = exchanges.find(|exchange| exchange.operation.as_ref() == Some(operation));
            let Some(request) = request else {
                let got = call.exchanges.first();
                return Some(Verdict::fail(
                    got.map(|exchange| exchange.index),
                    format!("{operation}"),
                    got.map_or("no request".to_owned(), ExchangeTrace::words),
                ));
            };
            Some(of_device_request(sign_in, request, wanted, &own, status))
        },
    )
}

/// Whether somebody who signed in is still signed in when a call is made, as far as the port can know.
fn is_still_signed_in(
    sign_in: &SignInTrace<'_>,
    call: &CallTrace<'_>,
    operation: &Operation,
) -> bool {
    // What comes after the call says nothing of it, also where the call makes no request.
    let before = || {
        let calls = sign_in.later.iter();
        calls.take_while(|later| !std::ptr::eq(*later, call))
    };
    let is_signed_out =
        before().any(|later| matches!(later.call, Some(Call::SignOut(_) | Call::ForgetDevice(_))));
    // Once the service has refused something, a port may count the person as signed out.
    let is_refused = before()
        .chain([call])
        .flat_map(|later| &later.exchanges)
        .any(|exchange| exchange.error.is_some() && exchange.operation.as_ref() != Some(operation));
    sign_in.calls.last().is_some_and(is_done) && !is_signed_out && !is_refused
}

/// The keys of the devices that a port has confirmed for whoever signed in: one that has confirmed none has none to speak of.
fn devices_of<'t>(case: &Case<'t>, sign_in: &SignInTrace<'_>) -> Option<Vec<&'t str>> {
    let last = sign_in.exchanges().last()?.index;
    let typed = sign_in.arguments()?.username.as_str();
    let confirmed = case.known_devices().given.iter();
    let own = confirmed
        .filter(|given| given.is_confirmed_before(last + 1))
        .filter(|given| {
            let of = given.typed.and_then(|name| person(case.facts, name));
            given.typed == Some(typed) || of.is_some() && of == person(case.facts, typed)
        });
    Some(own.map(|given| given.key).collect())
}

/// What is wrong with a request about one of these devices.
fn of_device_request(
    sign_in: &SignInTrace<'_>,
    request: &ExchangeTrace<'_>,
    wanted: Option<&str>,
    own: &[&str],
    status: Option<&str>,
) -> Verdict {
    let at = Some(request.index);
    let token = request.member("AccessToken");
    let tokens = access_tokens(sign_in);
    if !token.is_some_and(|token| tokens.contains(&token) || is_redacted(token)) {
        let got = token.map_or("none", |_| "another text");
        return Verdict::fail(at, "the AccessToken of this sign-in", got);
    }
    let device = request.member("DeviceKey");
    let is_right = device.is_some_and(|device| match wanted {
        Some(wanted) => device == wanted,
        None => own.contains(&device),
    });
    if !is_right {
        return Verdict::fail(
            at,
            format!("DeviceKey = {}", wanted.unwrap_or(&own.join(" or "))),
            device.unwrap_or("no DeviceKey"),
        );
    }
    let sent = request.member("DeviceRememberedStatus");
    match status {
        Some(status) if sent != Some(status) => Verdict::fail(
            at,
            format!("DeviceRememberedStatus = {status}"),
            sent.unwrap_or("none"),
        ),
        _ => Verdict::Pass,
    }
}

fn key_first(case: &Case<'_>) -> Observation {
    let devices = case.known_devices();
    observe(
        &case.trace.sign_ins,
        "no sign-in began on a device that the port has",
        |sign_in| {
            let first = sign_in.exchanges().next()?;
            let flow: &AuthFlow = &first.initiate()?.auth_flow;
            let typed = sign_in.arguments().map(|call| call.username.as_str());
            devices.known_at(first.index, typed)?;
            let how = match key_sent(first) {
                Some(_) => "named",
                None => "not named",
            };
            Some(format!("{how} in InitiateAuth {flow}"))
        },
    )
}

fn by_another_alias(case: &Case<'_>) -> Observation {
    let devices = case.known_devices();
    observe(
        &case.trace.sign_ins,
        "nobody signed in on a known device under another name",
        |sign_in| {
            let typed = sign_in.arguments()?.username.as_str();
            let first = first_index(sign_in)?;
            let who = person(case.facts, typed)?;
            devices.given.iter().find(|given| {
                given.is_confirmed_before(first)
                    && given
                        .typed
                        .is_some_and(|name| name != typed && person(case.facts, name) == Some(who))
            })?;
            let known = sign_in
                .exchanges()
                .find_map(|exchange| devices.find(key_sent(exchange)?));
            let how = match known {
                Some(_) => "found again",
                None => "taken for a new one",
            };
            Some(how.to_owned())
        },
    )
}

/// Whether a sign-in names a device; `None` where it did not get as far as that every port does.
fn names_device(sign_in: &SignInTrace<'_>, device: &str) -> Option<bool> {
    if sign_in
        .exchanges()
        .any(|exchange| key_sent(exchange) == Some(device))
    {
        return Some(true);
    }
    sign_in
        .exchanges()
        .any(|exchange| exchange.respond().is_some())
        .then_some(false)
}

fn first_index(sign_in: &SignInTrace<'_>) -> Option<usize> {
    sign_in.exchanges().next().map(|first| first.index)
}

fn access_tokens<'a>(sign_in: &'a SignInTrace<'_>) -> Vec<&'a str> {
    let calls = sign_in.all_calls();
    calls
        .flat_map(|call| &call.exchanges)
        .filter_map(|exchange| {
            let result = exchange.answer.as_ref()?.authentication_result.as_ref()?;
            result.access_token.as_deref()
        })
        .collect()
}

fn is_done(call: &CallTrace<'_>) -> bool {
    matches!(
        call.reply,
        Some(Reply::Step {
            next: NextStep::Done
        })
    )
}

fn is_of_device(challenge: &ChallengeName) -> bool {
    matches!(
        challenge,
        ChallengeName::DeviceSrpAuth | ChallengeName::DevicePasswordVerifier
    )
}

/// The beginning of a long value.
fn cut(text: &str) -> &str {
    text.get(..32).unwrap_or(text)
}

const NO_CONFIRMATION: &str = "no device was confirmed";
const NO_MISSING_DEVICE: &str = "no device was gone";
