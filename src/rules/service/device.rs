//! What the service makes of devices.

use num_bigint::BigUint;
use serde_json::Value;

use super::proof::is_fresh;
use super::reason::{Reason, reasons};
use crate::model::DeviceTracking;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::directory::Person;
use crate::rules::evidence::facts::private_number;
use crate::rules::evidence::held_tokens::shown_token;
use crate::rules::evidence::known_devices::{key_named, key_sent, new_device};
use crate::rules::evidence::service_view::{ServiceView, is_generic};
use crate::rules::evidence::trace::ExchangeTrace;
use crate::rules::evidence::tracked_devices::TrackedDevices;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{JS, PYCOGNITO, file, guide, issue, measured, model, rfc, sample};
use crate::srp::{self, ClaimInput, Dialect, Salt, parse_base64, parse_hex, to_hex};
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::{AuthFlow, ChallengeName, ErrorKind, Operation};

/// Who is given a device.
pub(super) const OFFERED: Rule = Rule {
    id: "service.device-offered",
    level: Level::Must,
    party: Party::Service,
    sentence: "Where devices are tracked, a sign-in that names none of the user's is given a new one with the tokens; any other \
               is given none.",
    sources: &[
        model(
            "NewDeviceMetadataType",
            "comes when the pool remembers devices and a user signs in with one that is not recognised",
        ),
        model(
            "AuthenticationResultType$NewDeviceMetadata",
            "where it stands",
        ),
        guide(
            "amazon-cognito-user-pools-device-tracking",
            "Setting up remembered devices",
            "a device gets its identifier the first time that a user signs in with it",
        ),
    ],
    check: Rule::requires(offered),
};

/// Which devices have to be proved.
pub(super) const CHALLENGE: Rule = Rule {
    id: "service.device-challenge",
    level: Level::Must,
    party: Party::Service,
    sentence: "Before the tokens a remembered device that is named has to be proved by DEVICE_SRP_AUTH; any other has not.",
    sources: &[
        guide(
            "amazon-cognito-user-pools-device-tracking",
            "Setting up remembered devices",
            "a remembered device is authenticated on every sign-in with it",
        ),
        model(
            "UpdateDeviceStatusRequest$DeviceRememberedStatus",
            "remembered turns authentication by that device on, not_remembered off",
        ),
        sample(
            "usecases/DeviceAuthDemo.java",
            "after the password comes DEVICE_SRP_AUTH, then DEVICE_PASSWORD_VERIFIER, then tokens",
        ),
        issue("aws-amplify/amplify-flutter#3541"),
    ],
    check: Rule::requires(challenge),
};

/// What `DEVICE_PASSWORD_VERIFIER` says.
pub(super) const PARAMETERS: Rule = Rule {
    id: "service.device-parameters",
    level: Level::Must,
    party: Party::Service,
    sentence: "DEVICE_PASSWORD_VERIFIER has the SALT that was confirmed, SRP_B for the verifier that was, SECRET_BLOCK and \
               the DEVICE_KEY.",
    sources: &[
        sample(
            "usecases/DeviceAuthDemo.java",
            "SALT, SRP_B and SECRET_BLOCK are read from the challenge's parameters",
        ),
        rfc(
            5054,
            "2.5.3",
            "the salt is the stored one, and B is of the stored verifier",
        ),
        file(&PYCOGNITO, "aws_srp.py"),
    ],
    check: Rule::requires(parameters),
};

/// Which proofs of devices are accepted.
pub(super) const PROOF: Rule = Rule {
    id: "service.device-proof",
    level: Level::Must,
    party: Party::Service,
    sentence: "A device's right proof is accepted; a wrong one is refused with NotAuthorizedException \
               \"Incorrect username or password.\".",
    sources: &[
        measured(
            "furaiev/amazon-cognito-identity-dart-2#10",
            "a trace of a device's wrong proof: NotAuthorizedException \"Incorrect username or password.\"",
        ),
        sample(
            "usecases/DeviceAuthDemo.java",
            "a right proof leads to tokens",
        ),
        issue("jonsaw/amazon-cognito-identity-dart#62"),
        issue("aws/aws-sdk-net-extensions-cognito#73"),
    ],
    check: Rule::requires(proof),
};

/// What a device gets that does not exist.
pub(super) const UNKNOWN: Rule = Rule {
    id: "service.device-unknown",
    level: Level::Should,
    party: Party::Service,
    sentence: "A device that the user does not have gets ResourceNotFoundException \"Device does not exist.\" and no tokens; \
               one that the user has never gets that.",
    sources: &[
        issue("aws-amplify/amplify-js#12188"),
        issue("amazon-archives/amazon-cognito-identity-js#200"),
        file(
            &JS,
            "providers/cognito/utils/retryOnResourceNotFoundException.ts",
        ),
    ],
    check: Rule::requires(unknown),
};

/// Whether the person has to be asked.
pub(super) const REMEMBERED_STATUS: Rule = Rule {
    id: "service.device-remembered-status",
    level: Level::Must,
    party: Party::Service,
    sentence: "ConfirmDevice says UserConfirmationNecessary where a device is remembered only when the person says so, and \
               not elsewhere.",
    sources: &[
        model(
            "ConfirmDeviceResponse$UserConfirmationNecessary",
            "true where users opt in and have to be asked, false where devices are always remembered",
        ),
        model(
            "DeviceConfigurationType$DeviceOnlyRememberedOnUserPrompt",
            "whether a device is remembered only by the user's choice",
        ),
    ],
    check: Rule::requires(remembered_status),
};

/// Which device a refresh needs.
pub(super) const REFRESH_BOUND: Rule = Rule {
    id: "service.device-refresh-bound",
    level: Level::Should,
    party: Party::Service,
    sentence: "The tokens of a sign-in on a confirmed device are refreshed for who names that device, and for nobody else.",
    sources: &[
        model(
            "GetTokensFromRefreshTokenRequest$DeviceKey",
            "the confirmed device's key has to be there where devices are remembered",
        ),
        issue("aws-amplify/amplify-android#2506"),
        issue("aws-amplify/amplify-js#2962"),
        issue("aws-amplify/aws-sdk-android#1469"),
    ],
    check: Rule::requires(refresh_bound),
};

/// Judges each exchange by what the service had given before. After an answer that was altered, or before a world is known,
/// nothing is judged.
fn of_each(
    case: &Case<'_>,
    nothing: &'static str,
    judge: impl Fn(&TrackedDevices<'_>, &ServiceView<'_>, Option<DeviceTracking>) -> Option<Verdict>,
) -> Verdict {
    let Some(world) = case.facts.world() else {
        return Verdict::NotApplicable("which devices there are is not known");
    };
    let is_any_known = world.users.iter().any(|user| !user.devices.is_empty());
    if is_any_known {
        return Verdict::NotApplicable("the pool has devices from before");
    }
    each(case.tracked_devices(), nothing, |(view, devices)| {
        let is_judged = view.is_clean;
        is_judged
            .then(|| judge(devices, view, world.pool.devices))
            .flatten()
    })
}

fn refresh_bound(case: &Case<'_>) -> Verdict {
    of_each(
        case,
        "no tokens of a sign-in on a device were refreshed",
        |devices, scene, _| {
            if !scene.is_refresh() {
                return None;
            }
            let shown = shown_token(scene.exchange)?;
            let (_, bound) = devices
                .refresh_tokens
                .iter()
                .find(|(token, _)| *token == shown)?;
            let device = devices.find(bound)?;
            if devices.is_any_ended || !device.exists || device.verifier.is_none() {
                return Some(Verdict::NotApplicable(
                    "the refresh token, or the device, may be good no more",
                ));
            }
            let is_named = key_named(scene.exchange) == Some(*bound);
            let is_refused = scene.error().is_some_and(|error| {
                error.kind == ErrorKind::NotAuthorized && error.message == REFUSED
            });
            Some(match (is_named, is_refused) {
                (true, true) => Verdict::fail(
                    scene.index(),
                    format!("tokens, since {bound} is named"),
                    scene.told(),
                ),
                (false, _) if scene.tokens().is_some() => Verdict::fail(
                    scene.index(),
                    format!("a refusal, since {bound} is not named"),
                    scene.told(),
                ),
                _ => Verdict::Pass,
            })
        },
    )
}

fn offered(case: &Case<'_>) -> Verdict {
    of_each(case, NO_TOKENS, |devices, scene, tracking| {
        scene.tokens()?;
        if scene.is_refresh() {
            return None;
        }
        let got = new_device(scene.exchange);
        let Ok(named) = devices.named_of(scene) else {
            return Some(UNTOLD);
        };
        let expected = match (tracking, named) {
            (None, _) => "no device, since the pool tracks none".to_owned(),
            (Some(_), Some(named)) => format!("no new device beside {}", named.key),
            (Some(_), None) => {
                return Some(match got {
                    Some((key, _)) if devices.find(key).is_none() => Verdict::Pass,
                    Some((key, _)) => Verdict::fail(scene.index(), "a new DeviceKey", key),
                    None if scene.flow() == Some(&AuthFlow::CustomAuth) => Verdict::NotApplicable(
                        "whether a custom flow gives a device is not established",
                    ),
                    None => Verdict::fail(
                        scene.index(),
                        "NewDeviceMetadata with DeviceKey and DeviceGroupKey",
                        "tokens without it",
                    ),
                });
            }
        };
        Some(match got {
            None => Verdict::Pass,
            Some((key, _)) => Verdict::fail(scene.index(), expected, key),
        })
    })
}

fn challenge(case: &Case<'_>) -> Verdict {
    of_each(case, "nobody signed in on a device", |devices, scene, _| {
        let is_asked = scene
            .challenge()
            .is_some_and(|(_, name)| *name == ChallengeName::DeviceSrpAuth);
        let ends = scene.tokens().is_some() && !scene.is_refresh();
        if !is_asked && !ends {
            return None;
        }
        let Ok(named) = devices.named_of(scene) else {
            return Some(UNTOLD);
        };
        let has_to_be_proved =
            named.is_some_and(|device| device.is_remembered && device.verifier.is_some());
        if is_asked {
            return Some(match has_to_be_proved {
                true => Verdict::Pass,
                false => Verdict::fail(
                    scene.index(),
                    "no DEVICE_SRP_AUTH: no remembered device is named",
                    scene.told(),
                ),
            });
        }
        let is_proved = scene.answers(&ChallengeName::DevicePasswordVerifier);
        named?;
        Some(if has_to_be_proved && !is_proved {
            Verdict::fail(
                scene.index(),
                "DEVICE_SRP_AUTH, since the device that is named is remembered",
                scene.told(),
            )
        } else {
            Verdict::Pass
        })
    })
}

fn parameters(case: &Case<'_>) -> Verdict {
    of_each(
        case,
        "no DEVICE_PASSWORD_VERIFIER was asked",
        |devices, scene, _| {
            let (answer, name) = scene.challenge()?;
            if *name != ChallengeName::DevicePasswordVerifier {
                return None;
            }
            let at = scene.index();
            let value = |name: &str| {
                let parameters = answer.challenge_parameters.as_ref()?;
                parameters.get(name).filter(|value| !value.is_empty())
            };
            let needed = [key::SALT, key::SRP_B, key::SECRET_BLOCK, key::DEVICE_KEY];
            if let Some(missing) = needed.iter().find(|name| value(name).is_none()) {
                return Some(Verdict::fail(at, *missing, "none"));
            }
            let sent = key_sent(scene.exchange)?;
            let told = value(key::DEVICE_KEY)?;
            if told != sent {
                return Some(Verdict::fail(at, format!("DEVICE_KEY = {sent}"), told));
            }
            let (v, salt) = devices.find(sent)?.verifier.as_ref()?;
            let got = value(key::SALT)?;
            if Salt::from_hex(got).map(|got| got.value() == salt.value()) != Ok(true) {
                let expected = format!("SALT = {}, as it was confirmed", salt.to_wire());
                return Some(Verdict::fail(at, expected, got));
            }
            let Some(b) = private_value(scene.exchange) else {
                return Some(Verdict::Pass);
            };
            let expected = srp::server_public(&Dialect::cognito_device(), v, &b);
            let got = value(key::SRP_B)?;
            Some(if parse_hex(got).as_ref() == Ok(&expected) {
                Verdict::Pass
            } else {
                Verdict::fail(at, format!("SRP_B = {}", to_hex(&expected)), got)
            })
        },
    )
}

fn proof(case: &Case<'_>) -> Verdict {
    of_each(case, "no device was proved", |devices, scene, _| {
        if !scene.answers(&ChallengeName::DevicePasswordVerifier) {
            return None;
        }
        let Some(holds) = holds(devices, scene) else {
            return Some(Verdict::NotApplicable(
                "whether the claim is right is not known",
            ));
        };
        let reasons = reasons(case.facts, scene)?;
        if !reasons.is_empty() || !is_fresh(case.facts, scene) {
            return Some(Verdict::NotApplicable(
                "there is another reason to refuse the proof",
            ));
        }
        Some(match (holds, scene.error()) {
            (true, Some(error)) if is_generic(error) => {
                Verdict::fail(scene.index(), "the right proof accepted", scene.told())
            }
            (false, error) if !error.is_some_and(is_generic) => {
                Verdict::fail(scene.index(), "the wrong proof refused", scene.told())
            }
            _ => Verdict::Pass,
        })
    })
}

/// Whether the claim of an answer to `DEVICE_PASSWORD_VERIFIER` is that of the device; `None` when it can't be computed.
fn holds(devices: &TrackedDevices<'_>, scene: &ServiceView<'_>) -> Option<bool> {
    let asked = scene.asked?;
    let device = devices.find(scene.exchange.parameter(key::DEVICE_KEY)?)?;
    let (v, _) = device.verifier.as_ref()?;
    let b = private_value(asked)?;
    let a_pub = parse_hex(asked.parameter(key::SRP_A)?).ok()?;
    let session = srp::server_session(&Dialect::cognito_device(), v, &b, &a_pub).ok()?;
    let block = parse_base64(scene.asked_parameter(key::SECRET_BLOCK)?).ok()?;
    let input = ClaimInput {
        scope: device.group_key,
        user: device.key,
        secret_block: &block,
        timestamp: scene.exchange.parameter(key::TIMESTAMP)?,
    };
    let sent = scene.exchange.parameter(key::PASSWORD_CLAIM_SIGNATURE)?;
    let signature = srp::claim(&session.key, &input).signature;
    Some(parse_base64(sent).is_ok_and(|sent| sent == signature))
}

fn unknown(case: &Case<'_>) -> Verdict {
    of_each(
        case,
        "no request named a device",
        |devices, scene, tracking| {
            tracking?;
            let named = key_sent(scene.exchange);
            let misses = scene.exchange.misses_device();
            let Some(named) = named else {
                return (misses && key_named(scene.exchange).is_none()).then(|| {
                    Verdict::fail(
                        scene.index(),
                        "no word of a device, since none is named",
                        scene.told(),
                    )
                });
            };
            if scene.is_refresh() || !matches!(scene.person, Person::Known(_)) {
                return None;
            }
            let device = devices.find(named).filter(|device| device.exists);
            let is_own = match device.map(|device| devices.is_of(device, scene)) {
                _ if device.is_some_and(|device| device.verifier.is_none()) => return Some(UNTOLD),
                None => false,
                Some(Ok(is_own)) => is_own,
                Some(Err(())) => return Some(UNTOLD),
            };
            if is_own {
                return Some(match misses {
                    true => Verdict::fail(
                        scene.index(),
                        format!("{named} found, which the user has"),
                        scene.told(),
                    ),
                    false => Verdict::Pass,
                });
            }
            let expected = "ResourceNotFoundException \"Device does not exist.\"";
            if scene.tokens().is_some() {
                return Some(Verdict::fail(scene.index(), expected, "tokens"));
            }
            let reasons = reasons(case.facts, scene)?;
            let error = scene
                .error()
                .filter(|error| error.kind == ErrorKind::ResourceNotFound)?;
            if reasons.contains(&Reason::Client) {
                return None;
            }
            Some(match error.message == MISSING {
                true => Verdict::Pass,
                false => Verdict::fail(scene.index(), expected, scene.told()),
            })
        },
    )
}

fn remembered_status(case: &Case<'_>) -> Verdict {
    of_each(case, "no device was confirmed", |_, scene, tracking| {
        let is_meant = scene.exchange.operation == Some(Operation::ConfirmDevice);
        if !is_meant || !scene.succeeded() {
            return None;
        }
        let wanted = tracking?.only_remembered_on_user_prompt;
        let body = scene.exchange.response.as_ref()?.body.as_bytes();
        let body: Value = serde_json::from_slice(body).ok()?;
        let got = body.get("UserConfirmationNecessary");
        let said = got.and_then(Value::as_bool).unwrap_or(false);
        Some(if said == wanted {
            Verdict::Pass
        } else {
            Verdict::fail(
                scene.index(),
                format!("UserConfirmationNecessary = {wanted}"),
                got.map_or("none".to_owned(), Value::to_string),
            )
        })
    })
}

/// b of a device's challenge, where the pool tells.
fn private_value(exchange: &ExchangeTrace<'_>) -> Option<BigUint> {
    exchange.notes.iter().find_map(|note| match note {
        PoolNote::Srp { b, .. } => private_number(b),
        _ => None,
    })
}

/// What a refresh is told that may not be (aws-amplify/aws-sdk-android#1469).
const REFUSED: &str = "Invalid Refresh Token.";
const NO_TOKENS: &str = "no tokens were issued";
const UNTOLD: Verdict = Verdict::NotApplicable("whose device it is can't be told");
/// What clients look for, literally (amplify-js, `retryOnResourceNotFoundException`).
const MISSING: &str = "Device does not exist.";
