//! Confirming a device, and the verifier that a port makes for it.

use data_encoding::HEXLOWER_PERMISSIVE;

use super::is_done;
use crate::mistakes::{self, Edit};
use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::Facts;
use crate::rules::evidence::known_devices::{
    Confirmation, IssuedDevice, KnownDevices, key_named, new_device,
};
use crate::rules::evidence::trace::is_redacted;
use crate::rules::rule::{Finding, Level, Party, Rule, Verdict, each, within};
use crate::rules::source::{SWIFT, file, issue, model, operation, sample};
use crate::srp::{
    self, Dialect, Salt, device_verifier, device_verifier_by, parse_base64, signed_bytes, to_base64,
};
use crate::wire::{ChallengeName, Operation};

/// The rules about it.
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
];

/// Whether the port has devices, as far as it says.
fn knows_devices(case: &Case<'_>) -> bool {
    let not_offered = case.facts.not_offered();
    !not_offered.contains(&ChallengeName::DeviceSrpAuth)
        && !not_offered.contains(&ChallengeName::DevicePasswordVerifier)
}

fn confirmed(case: &Case<'_>) -> Verdict {
    if !case.facts.is_played() {
        return Verdict::NotApplicable("whether the device was confirmed was not seen");
    }
    if !knows_devices(case) {
        return Verdict::NotApplicable("the port says that it has no devices");
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
        self.is_made_over(self.device.group_key, user, password)
    }

    /// Whether the verifier is that of a password, with these in the place of the device's keys.
    fn is_made_over(&self, group_key: &str, user: &str, password: &str) -> bool {
        device_verifier(group_key, user, password, &self.salt).v == self.v
    }

    /// The mistakes under which the verifier of a password comes out as it was sent.
    fn causes(&self, facts: &Facts, account: Option<&str>, password: &str) -> Vec<&'static str> {
        let (key, group_key) = (self.device.key, self.device.group_key);
        if self.is_made_of(key, password) {
            // It is right for the salt that was sent, which is another than the one that was given.
            return Vec::new();
        }
        let names = [self.device.owner.as_deref(), self.device.typed];
        let is_of_name = names
            .into_iter()
            .flatten()
            .any(|name| self.is_made_of(name, password));
        let over = |scope: Option<&str>| {
            scope.is_some_and(|scope| self.is_made_over(scope, key, password))
        };
        let tried = [
            ("device.user-name-in-the-verifier", is_of_name),
            (
                "device.stray-character-in-the-verifier",
                self.is_made_of(&format!("{key}`"), password),
            ),
            (
                "device.password-of-the-account",
                account.is_some_and(|password| self.is_made_of(key, password)),
            ),
            ("device.group-key-left-out-of-the-verifier", over(Some(""))),
            ("device.pool-name-in-the-verifier", over(facts.pool_name())),
            ("device.pool-id-in-the-verifier", over(facts.pool_id())),
        ];
        let found = tried.into_iter().filter(|(_, is)| *is).map(|(id, _)| id);
        let dialects = mistakes::all().filter(|mistake| match mistake.edit {
            Edit::Dialect(edit) => {
                let dialect = edit(Dialect::cognito_device());
                device_verifier_by(&dialect, group_key, key, password, &self.salt).v == self.v
            }
            _ => false,
        });
        found.chain(dialects.map(|mistake| mistake.id)).collect()
    }
}

/// Whether octets are hexadecimal digits as text: those of others, by the look of them.
fn are_hex_text(octets: &[u8], of: &[u8]) -> bool {
    HEXLOWER_PERMISSIVE
        .decode(octets)
        .is_ok_and(|read| read == of)
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
        let account = case.facts.given_password(confirmation.sign_in.arguments());
        let is_hex_text = are_hex_text(sent.salt.bytes(), &signed_bytes(salt.value()))
            && are_hex_text(&sent.v.to_bytes_be(), &signed_bytes(&right.v));
        let causes = match is_hex_text {
            true => vec!["device.octets-as-hex-text"],
            false => sent.causes(case.facts, account, &secret.password),
        };
        let mut causes = causes.into_iter().map(str::to_owned);
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
        Some(
            finding
                .explained_by(causes.next())
                .or_by(causes)
                .proved()
                .into(),
        )
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

/// The beginning of a long value.
fn cut(text: &str) -> &str {
    text.get(..32).unwrap_or(text)
}

const NO_CONFIRMATION: &str = "no device was confirmed";
