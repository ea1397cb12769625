//! How a port keeps a device, asks for it to be remembered or forgotten, and lets go of one that is gone.

use super::is_done;
use crate::rules::evidence::case::Case;
use crate::rules::evidence::known_devices::{key_named, key_sent};
use crate::rules::evidence::trace::{CallTrace, ExchangeTrace, SignInTrace, is_redacted};
use crate::rules::rule::{Level, Observation, Party, Rule, Verdict, each, observe};
use crate::rules::source::{
    ANDROID, FLUTTER, IDENTITY_JS, JS, SWIFT, file, issue, model, operation,
};
use crate::wire::{AuthFlow, Call, ErrorKind, Operation, Reply};

/// The rules about it.
pub const RULES: &[Rule] = &[
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
            if !is_judged {
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

/// The keys of the devices that a port may have for whoever signed in. One that has surely confirmed none has none to speak of.
fn devices_of<'t>(case: &Case<'t>, sign_in: &SignInTrace<'_>) -> Option<Vec<&'t str>> {
    let last = sign_in.exchanges().last()?.index;
    let typed = sign_in.arguments()?.username.as_str();
    let own: Vec<_> = case
        .known_devices()
        .given
        .iter()
        .filter(|given| given.may_be_held_before(last + 1) && given.is_of(case.facts, typed))
        .collect();
    own.iter()
        .any(|given| given.is_confirmed_before(last + 1))
        .then(|| own.iter().map(|given| given.key).collect())
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
            devices.given.iter().find(|given| {
                given.is_confirmed_before(first)
                    && given.typed != Some(typed)
                    && given.is_of(case.facts, typed)
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

const NO_MISSING_DEVICE: &str = "no device was gone";
