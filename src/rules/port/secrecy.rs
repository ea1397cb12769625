//! What must never leave the client.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use memchr::memmem;
use serde_json::Value;

use crate::rules::evidence::case::Case;
use crate::rules::evidence::facts::{Facts, injected_a, private_number};
use crate::rules::evidence::trace::{ExchangeTrace, SignInTrace};
use crate::rules::port::flow::flow_of;
use crate::rules::port::srp::proves;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{amplify, issue, model, operation, rfc};
use crate::srp::{
    self, BigUint, Credentials, Dialect, Salt, ServerInput, ServerSession, parse_hex,
};
use crate::wire::event::PoolNote;
use crate::wire::names::key;
use crate::wire::{ChallengeName, HttpRequest, Operation, Reply};

/// The rules of this area.
pub const RULES: &[Rule] = &[
    Rule {
        id: "secrecy.wire",
        level: Level::Must,
        party: Party::Port,
        sentence: "In userSRP and customWithSRP nothing that is sent holds the password, the inner hash, x, v, S, K or a, in \
                   any encoding.",
        sources: &[
            amplify(
                "Switching authentication flows",
                "introduction",
                "in userSRP the password never leaves the client",
            ),
            rfc(
                5054,
                "2.2",
                "what is exchanged is the user name, N, g, the salt, A and B, and no password",
            ),
        ],
        check: Rule::requires(wire),
    },
    Rule {
        id: "secrecy.replies",
        level: Level::Should,
        party: Party::Port,
        sentence: "What the port tells the application never repeats the password.",
        sources: &[
            issue("aws/aws-sdk-ruby#2122"),
            issue("sh00t2kill/dolphin-robot#288"),
        ],
        check: Rule::requires(replies),
    },
    Rule {
        id: "secrecy.device-password",
        level: Level::Must,
        party: Party::Port,
        sentence: "Nothing that is sent holds the device's password, in any encoding.",
        sources: &[
            operation(
                "ConfirmDevice",
                "takes a verifier and a salt, and no password",
            ),
            rfc(
                5054,
                "2.2",
                "what is exchanged is the user name, N, g, the salt, A and B, and no password",
            ),
        ],
        check: Rule::requires(device_password),
    },
    Rule {
        id: "secrecy.later-calls",
        level: Level::Should,
        party: Party::Port,
        sentence: "What is sent after a sign-in holds no password, but for the new one in Password of ConfirmForgotPassword.",
        sources: &[
            model(
                "ConfirmForgotPasswordRequest$Password",
                "the one request after a sign-in that has a password",
            ),
            model(
                "ForgotPasswordRequest$ClientMetadata",
                "is not encrypted, and not for what is sensitive",
            ),
        ],
        check: Rule::requires(later_calls),
    },
];

fn wire(case: &Case<'_>) -> Verdict {
    each(
        case.sign_ins(),
        "no proof by SRP was seen together with its secrets",
        |(sign_in, steps)| {
            let starts_with_srp = flow_of(case.facts, sign_in)?.has_srp();
            let mut of_password = None;
            // Other flows may send the password in clear. Where that is not allowed, another rule looks for it.
            if starts_with_srp {
                let password = case.facts.password_of(sign_in.arguments());
                let Some(password) = password.filter(|text| text.chars().count() >= 12) else {
                    return Some(Verdict::NotApplicable(
                        "the password is not known, or too short to be told from chance",
                    ));
                };
                let is_name = |name: Option<&str>| name.is_some_and(|name| name.contains(password));
                if case.facts.is_observed()
                    && sign_in
                        .exchanges()
                        .any(|e| is_name(e.parameter(key::USERNAME)))
                {
                    return Some(Verdict::NotApplicable(
                        "the password is part of the user's name",
                    ));
                }
                of_password = Some(("the password", forms(password.as_bytes())));
            }
            let injected = sign_in.arguments().map(|call| call.inject.a.as_slice());
            let injected = injected.unwrap_or_default().iter();
            let injected = injected.filter_map(|a| private_number(a));
            let mut secrets: Secrets = injected.map(|a| ("a", forms_of_number(&a))).collect();
            let mut is_searched = starts_with_srp;
            for (at, step) in steps.iter().enumerate() {
                // The secrets of a challenge are new with the first request after it.
                if let Some(asked) = at.checked_sub(1).and_then(|before| steps.get(before)) {
                    let derived = derived(case, sign_in, asked.exchange);
                    is_searched |= !derived.is_empty();
                    secrets.extend(derived);
                }
                // What a person types later may be the password again, say as the new one.
                let may_repeat = case.facts.is_observed() && at > 0 && !proves(step);
                let sent = octets(step.exchange.request);
                let of_password = of_password.as_ref().filter(|_| !may_repeat);
                let found = of_password
                    .into_iter()
                    .chain(&secrets)
                    .find_map(|(name, forms)| Some((name, form_in(&sent, forms)?)));
                if let Some((name, form)) = found {
                    return Some(Verdict::fail(
                        Some(step.exchange.index),
                        "no secret in what is sent",
                        format!("{name} ({form}) in {}", step.exchange.words()),
                    ));
                }
            }
            (is_searched && !steps.is_empty()).then_some(Verdict::Pass)
        },
    )
}

/// The secrets that come with a challenge, beyond the password; none where it is no challenge of SRP.
fn derived(case: &Case<'_>, sign_in: &SignInTrace<'_>, asked: &ExchangeTrace<'_>) -> Secrets {
    let Some(challenge) = Challenge::of(asked) else {
        return Vec::new();
    };
    let begins_device = asked
        .respond()
        .is_some_and(|request| request.challenge_name == ChallengeName::DeviceSrpAuth);
    let derived = match begins_device {
        true => challenge.of_device(case),
        false => challenge.of_user(case, sign_in),
    };
    derived.unwrap_or_default()
}

/// A challenge of SRP, as the pool made it.
struct Challenge<'t> {
    scope: &'t str,
    user: &'t str,
    is_real: bool,
    salt: Salt,
    v: BigUint,
    b: BigUint,
    big_a: BigUint,
    big_b: BigUint,
}

impl<'t> Challenge<'t> {
    fn of(asked: &'t ExchangeTrace<'t>) -> Option<Self> {
        let Some(PoolNote::Srp {
            scope,
            user,
            salt,
            v,
            b,
            big_a,
            big_b,
            real,
            ..
        }) = asked.srp_note()
        else {
            return None;
        };
        Some(Self {
            scope,
            user,
            is_real: *real,
            salt: Salt::from_hex(salt).ok()?,
            v: private_number(v)?,
            b: private_number(b)?,
            big_a: parse_hex(big_a).ok()?,
            big_b: parse_hex(big_b).ok()?,
        })
    }

    fn credentials<'a>(&'a self, password: &'a str) -> Credentials<'a> {
        Credentials {
            scope: self.scope,
            user: self.user,
            password: password.as_bytes(),
        }
    }

    fn session_of_pool(&self, dialect: &Dialect) -> Option<ServerSession> {
        let input = ServerInput {
            v: &self.v,
            b: &self.b,
            a_pub: &self.big_a,
            b_pub: &self.big_b,
        };
        srp::server_session_with_public(dialect, &input).ok()
    }

    /// What a client makes of a password that was typed.
    fn of_user(&self, case: &Case<'_>, sign_in: &SignInTrace<'_>) -> Option<Secrets> {
        let mut passwords = sign_in.typed_passwords();
        passwords.extend(case.facts.password_of(sign_in.arguments()));
        let right = passwords
            .iter()
            .find(|password| case.facts.is_right_password(password));
        let password = right.or(passwords.first())?;
        let dialect = Dialect::cognito();
        let credentials = self.credentials(password);
        // Where the typed password is the right one, both sides have the same values, and the pool's cost less than half.
        let is_right = self.is_real && right.is_some();
        let (inner, x, v, s, key) =
            if is_right && srp::server_public(&dialect, &self.v, &self.b) == self.big_b {
                let x = srp::private_key_x(&dialect, &credentials, &self.salt);
                let session = self.session_of_pool(&dialect)?;
                (x.inner, x.x, session.v, session.s, session.key)
            } else {
                let a = injected_a(sign_in.arguments()?)?;
                let big_b = &self.big_b;
                let session = srp::client_session(&dialect, &credentials, &a, &self.salt, big_b);
                let session = session.ok()?;
                (session.inner, session.x, session.v, session.s, session.key)
            };
        Some(vec![
            ("x", forms_of_number(&x)),
            ("v", forms_of_number(&v)),
            ("S", forms_of_number(&s)),
            ("the inner hash", forms(&inner)),
            ("K", forms(&key)),
        ])
    }

    /// What a client makes of the password that it chose for its device. The service has the verifier, which the client
    /// itself has sent; x is known only where the password was injected.
    fn of_device(&self, case: &Case<'_>) -> Option<Secrets> {
        let dialect = Dialect::cognito_device();
        let session = self.session_of_pool(&dialect)?;
        let mut secrets = vec![
            ("S of the device", forms_of_number(&session.s)),
            ("K of the device", forms(&session.key)),
        ];
        let confirmed = case.confirmations().iter();
        let secret = confirmed
            .filter(|confirmation| confirmation.request.device_key == self.user)
            .find_map(|confirmation| confirmation.secret);
        if let Some(secret) = secret {
            let x = srp::private_key_x(&dialect, &self.credentials(&secret.password), &self.salt);
            secrets.push(("x of the device", forms_of_number(&x.x)));
            secrets.push(("the inner hash of the device", forms(&x.inner)));
        }
        Some(secrets)
    }
}

fn replies(case: &Case<'_>) -> Verdict {
    let forms = forms_of_passwords(case.facts);
    if forms.is_empty() {
        return Verdict::NotApplicable("the password is not known");
    }
    each(
        case.trace.all_calls(),
        "nothing was told to the application",
        |call| {
            let reply = call.reply.as_ref()?;
            let said = match reply {
                Reply::Error { error } => format!("{} {}", error.name, error.message),
                other => format!("{other:?}"),
            };
            Some(match form_in(said.as_bytes(), &forms) {
                Some(form) => Verdict::fail(
                    None,
                    "no password in a reply",
                    format!("the password ({form})"),
                ),
                None => Verdict::Pass,
            })
        },
    )
}

fn device_password(case: &Case<'_>) -> Verdict {
    let injected = case.trace.sign_ins.iter().find_map(|sign_in| {
        let secret = sign_in.arguments()?.inject.device_password.as_ref()?;
        Some(secret.password.as_str())
    });
    let Some(password) = injected else {
        return Verdict::NotApplicable("the device's password is the port's own secret");
    };
    let forms = forms(password.as_bytes());
    each(case.trace.exchanges(), "nothing was sent", |exchange| {
        Some(match form_in(&octets(exchange.request), &forms) {
            Some(form) => Verdict::fail(
                Some(exchange.index),
                "no secret in what is sent",
                format!("the device's password ({form}) in {}", exchange.words()),
            ),
            None => Verdict::Pass,
        })
    })
}

fn later_calls(case: &Case<'_>) -> Verdict {
    if case.trace.calls_after_sign_in().next().is_none() {
        return Verdict::NotApplicable("nothing was called after a sign-in");
    }
    let forms = forms_of_passwords(case.facts);
    if forms.is_empty() {
        return Verdict::NotApplicable("the password is not known");
    }
    each(
        case.trace
            .calls_after_sign_in()
            .flat_map(|(_, traced)| &traced.exchanges),
        "nothing was sent after a sign-in",
        |exchange| {
            let mut request = exchange.request.clone();
            if exchange.operation == Some(Operation::ConfirmForgotPassword)
                && let Some(Value::Object(mut members)) = exchange.body.clone()
            {
                members.remove("Password");
                request.body = Value::Object(members).to_string().into();
            }
            Some(match form_in(&octets(&request), &forms) {
                Some(form) => Verdict::fail(
                    Some(exchange.index),
                    "no password beside the new one",
                    format!("a password ({form}) in {}", exchange.words()),
                ),
                None => Verdict::Pass,
            })
        },
    )
}

/// Secrets by their names.
type Secrets = Vec<(&'static str, Forms)>;

/// A secret's encodings, each with its name.
type Forms = Vec<(&'static str, Vec<u8>)>;

/// Every password that a person of the scenario has and that can be told from chance, in every encoding.
fn forms_of_passwords(facts: &Facts) -> Forms {
    facts
        .passwords()
        .into_iter()
        .filter(|password| password.chars().count() >= 12)
        .flat_map(|password| forms(password.as_bytes()))
        .collect()
}

/// In which of these forms a secret stands in a text.
fn form_in(text: &[u8], forms: &Forms) -> Option<&'static str> {
    let found = forms.iter().find(|(_, octets)| contains(text, octets));
    found.map(|(form, _)| *form)
}

/// A secret in every encoding in which it might travel.
fn forms(secret: &[u8]) -> Forms {
    let mut forms = vec![
        ("as it is", secret.to_vec()),
        ("hexadecimal", HEXLOWER.encode(secret).into_bytes()),
        ("hexadecimal", HEXUPPER.encode(secret).into_bytes()),
        ("base64", BASE64.encode(secret).into_bytes()),
        ("base64url", BASE64URL_NOPAD.encode(secret).into_bytes()),
    ];
    // Inside something larger that is base64-ed as a whole, the secret stands at one of three offsets; the first and last
    // characters mix with its neighbours.
    for offset in 1..3 {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(secret);
        let text = BASE64_NOPAD.encode(&shifted);
        if let Some(inner) = text
            .get(4..text.len().saturating_sub(2))
            .filter(|inner| inner.len() >= 8)
        {
            forms.push(("base64 of something around it", inner.as_bytes().to_vec()));
        }
    }
    if let Some(inner) = BASE64_NOPAD
        .encode(secret)
        .get(..secret.len() / 3 * 4)
        .filter(|inner| inner.len() >= 8)
    {
        forms.push(("base64 of something around it", inner.as_bytes().to_vec()));
    }
    if let Ok(text) = std::str::from_utf8(secret) {
        if let Ok(json) = serde_json::to_string(text) {
            forms.push(("JSON-escaped", json.as_bytes()[1..json.len() - 1].to_vec()));
            let ascii: String = json[1..json.len() - 1]
                .chars()
                .flat_map(|c| match c {
                    c if c.is_ascii() => vec![c.to_string()],
                    c => c
                        .encode_utf16(&mut [0; 2])
                        .iter()
                        .map(|unit| format!("\\u{unit:04x}"))
                        .collect(),
                })
                .collect();
            forms.push(("JSON-escaped", ascii.into_bytes()));
        }
        let escaped = url_escaped(secret);
        forms.push(("URL-escaped", lower_escapes(&escaped)));
        forms.push(("URL-escaped", escaped));
    }
    forms.retain(|(_, octets)| octets.len() >= 8);
    forms
}

/// A number in every form in which it might travel: as octets, and written without leading zeros.
fn forms_of_number(value: &BigUint) -> Forms {
    let mut forms = forms(&value.to_bytes_be());
    let minimal = srp::to_hex(value);
    forms.push(("hexadecimal", minimal.to_uppercase().into_bytes()));
    forms.push(("hexadecimal", minimal.into_bytes()));
    forms.push(("decimal", value.to_string().into_bytes()));
    forms
}

fn url_escaped(octets: &[u8]) -> Vec<u8> {
    octets
        .iter()
        .flat_map(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => vec![*octet],
            other => format!("%{other:02X}").into_bytes(),
        })
        .collect()
}

/// The same with the digits of its escapes in lower case.
fn lower_escapes(escaped: &[u8]) -> Vec<u8> {
    let mut lower = escaped.to_vec();
    let mut at = 0;
    while let Some(escape) = lower.get_mut(at..at + 3) {
        if escape[0] == b'%' {
            escape.make_ascii_lowercase();
            at += 2;
        }
        at += 1;
    }
    lower
}

fn octets(request: &HttpRequest) -> Vec<u8> {
    let mut octets = request.path.clone().into_bytes();
    for (name, value) in &request.headers {
        octets.extend_from_slice(b"\n");
        octets.extend_from_slice(name.as_bytes());
        octets.extend_from_slice(b": ");
        octets.extend_from_slice(value.as_bytes());
    }
    octets.extend_from_slice(b"\n\n");
    octets.extend_from_slice(request.body.as_bytes());
    octets
}

/// In which encoding a request holds a secret, if in any.
pub(super) fn shows(request: &HttpRequest, secret: &str) -> Option<&'static str> {
    form_in(&octets(request), &forms(secret.as_bytes()))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    memmem::find(haystack, needle).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_inside_base64_at_every_offset() {
        let secret = "Canary-abcdefghijkl";
        for before in ["", "x", "xy", "xyz"] {
            let inside = BASE64.encode(format!("{before}{secret} and more").as_bytes());
            assert!(
                forms(secret.as_bytes())
                    .iter()
                    .any(|(_, octets)| contains(inside.as_bytes(), octets)),
                "behind {before:?}: {inside}"
            );
        }
    }

    #[test]
    fn a_secret_is_found_in_json_and_urls() {
        let secret = "C\"ñ\\&%+/=";
        for text in [
            serde_json::to_string(secret).expect("text is writable"),
            "C%22%C3%B1%5C%26%25%2B%2F%3D".to_owned(),
        ] {
            assert!(
                forms(secret.as_bytes())
                    .iter()
                    .any(|(_, octets)| contains(text.as_bytes(), octets)),
                "{text}"
            );
        }
    }
}
