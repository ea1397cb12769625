//! What must never leave the client.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use memchr::memmem;
use serde_json::Value;

use crate::rules::evidence::facts::{Facts, injected_a, private_number};
use crate::rules::evidence::trace::{SignInTrace, Step, Trace};
use crate::rules::port::flow::flow_of;
use crate::rules::port::srp::proves;
use crate::rules::rule::{Level, Party, Rule, Verdict, each};
use crate::rules::source::{amplify, issue, model, operation, rfc};
use crate::srp::{self, BigUint, Credentials, Dialect, Salt, parse_hex};
use crate::wire::names::key;
use crate::wire::transcript::PoolNote;
use crate::wire::{HttpRequest, Operation, Reply};

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

fn wire(facts: &Facts, trace: &Trace) -> Verdict {
    each(
        &trace.sign_ins,
        "no sign-in with SRP was seen together with its password",
        |sign_in| {
            let flow = flow_of(facts, sign_in)?;
            let password = facts
                .password_of(sign_in.arguments())
                .filter(|password| password.chars().count() >= 12);
            if !flow.has_srp() {
                return None;
            }
            let Some(password) = password else {
                return Some(Verdict::NotApplicable(
                    "the password is not known, or too short to be told from chance",
                ));
            };
            let is_name = |name: Option<&str>| name.is_some_and(|name| name.contains(password));
            if facts.observed
                && sign_in
                    .exchanges()
                    .any(|e| is_name(e.parameter(key::USERNAME)))
            {
                return Some(Verdict::NotApplicable(
                    "the password is part of the user's name",
                ));
            }
            let mut secrets = vec![("the password", forms(password.as_bytes()))];
            for step in sign_in.steps() {
                // What a person types later may be the password again, say as the new one.
                if facts.observed && step.position > 0 && !proves(&step) {
                    continue;
                }
                secrets.extend(derived(facts, trace, sign_in, &step));
                let sent = octets(&step.exchange.request);
                for (name, forms) in &secrets {
                    if let Some((form, _)) =
                        forms.iter().find(|(_, octets)| contains(&sent, octets))
                    {
                        let got = format!("{name} ({form}) in {}", step.exchange.words());
                        return Some(Verdict::fail(
                            Some(step.exchange.index),
                            "no secret in what is sent",
                            got,
                        ));
                    }
                }
            }
            sign_in.exchanges().next().map(|_| Verdict::Pass)
        },
    )
}

/// The secrets that a step could give away, beyond the password.
fn derived(
    facts: &Facts,
    trace: &Trace,
    sign_in: &SignInTrace,
    step: &Step<'_>,
) -> Vec<(&'static str, Forms)> {
    let mut secrets = Vec::new();
    let mut number = |name, value: &BigUint| secrets.push((name, forms_of_number(value)));
    let a = sign_in.arguments().and_then(injected_a);
    if step.position == 0 {
        if let Some(a) = &a {
            number("a", a);
        }
        return secrets;
    }
    // The secrets of a challenge are new with the first request after it.
    if step.position != 1 {
        return secrets;
    }
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
    }) = trace.srp_note(step)
    else {
        return secrets;
    };
    let Some(password) = facts.password_of(sign_in.arguments()) else {
        return secrets;
    };
    let (Ok(salt), Some(v), Some(b)) = (Salt::from_hex(salt), private_number(v), private_number(b))
    else {
        return secrets;
    };
    let (Ok(big_a), Ok(big_b)) = (parse_hex(big_a), parse_hex(big_b)) else {
        return secrets;
    };
    let dialect = Dialect::cognito();
    let credentials = Credentials {
        scope,
        user,
        password: password.as_bytes(),
    };
    // Where the typed password is the right one, both sides have the same values, and the pool's cost less than half.
    let is_right = *real && facts.is_right_password(password);
    let derived = if is_right && srp::server_public(&dialect, &v, &b) == big_b {
        let x = srp::private_key_x(&dialect, &credentials, &salt);
        srp::server_session(&dialect, &v, &b, &big_a)
            .ok()
            .map(|s| (x.inner, x.x, s.v, s.s, s.key))
    } else {
        a.and_then(|a| srp::client_session(&dialect, &credentials, &a, &salt, &big_b).ok())
            .map(|s| (s.inner, s.x, s.v, s.s, s.key))
    };
    if let Some((inner, x, v, s, key)) = derived {
        number("x", &x);
        number("v", &v);
        number("S", &s);
        secrets.push(("the inner hash", forms(&inner)));
        secrets.push(("K", forms(&key)));
    }
    secrets
}

fn replies(facts: &Facts, trace: &Trace) -> Verdict {
    let forms = forms_of_passwords(facts);
    if forms.is_empty() {
        return Verdict::NotApplicable("the password is not known");
    }
    each(
        trace.all_calls(),
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

fn device_password(_: &Facts, trace: &Trace) -> Verdict {
    let injected = trace.sign_ins.iter().find_map(|sign_in| {
        let secret = sign_in.arguments()?.inject.device_password.as_ref()?;
        Some(secret.password.as_str())
    });
    let Some(password) = injected else {
        return Verdict::NotApplicable("the device's password is the port's own secret");
    };
    let forms = forms(password.as_bytes());
    each(trace.exchanges(), "nothing was sent", |exchange| {
        Some(match form_in(&octets(&exchange.request), &forms) {
            Some(form) => Verdict::fail(
                Some(exchange.index),
                "no secret in what is sent",
                format!("the device's password ({form}) in {}", exchange.words()),
            ),
            None => Verdict::Pass,
        })
    })
}

fn later_calls(facts: &Facts, trace: &Trace) -> Verdict {
    if trace.later_calls().next().is_none() {
        return Verdict::NotApplicable("nothing was called after a sign-in");
    }
    let forms = forms_of_passwords(facts);
    if forms.is_empty() {
        return Verdict::NotApplicable("the password is not known");
    }
    each(
        trace
            .later_calls()
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
