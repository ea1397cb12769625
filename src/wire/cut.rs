//! Taking secrets out of texts that were cut short, where a part of one may stand at the cut.

use super::redaction::{Redacted, Secret, redact_text};

/// The text with a marker in place of every secret, and of what is left of one at a cut: in front of or behind `…`, and at
/// either end. So little that it may stand there by chance, fewer than 12 characters, stays.
pub fn redact_cut_text(text: &str, secrets: &[Secret]) -> String {
    let whole = redact_text(text, secrets);
    let parts = whole.split(CUT).map(|part| without_rests(part, secrets));
    parts.collect::<Vec<_>>().join(CUT)
}

fn without_rests(part: &str, secrets: &[Secret]) -> String {
    // What was cut by octets may have lost a part of a character.
    let part = part.trim_matches(char::REPLACEMENT_CHARACTER);
    if part.chars().nth(LEAST - 1).is_none() {
        return part.to_owned();
    }
    if let Some(secret) = secrets.iter().find(|secret| secret.value.contains(part)) {
        return marker(secret, part);
    }
    let (before, part) = match longest(secrets, |secret| end_at_start(secret, part)) {
        Some((secret, len)) => (marker(secret, &part[..len]), &part[len..]),
        None => (String::new(), part),
    };
    match longest(secrets, |secret| start_at_end(secret, part)) {
        Some((secret, len)) => {
            let kept = part.len() - len;
            format!("{before}{}{}", &part[..kept], marker(secret, &part[kept..]))
        }
        None => before + part,
    }
}

fn marker(secret: &Secret, taken: &str) -> String {
    let marker = Redacted {
        kind: secret.kind.clone(),
        len: Some(taken.chars().count()),
    };
    marker.to_string()
}

/// The secret of which the most is there, and how many octets.
fn longest(secrets: &[Secret], there: impl Fn(&str) -> Option<usize>) -> Option<(&Secret, usize)> {
    let found = secrets
        .iter()
        .filter_map(|secret| Some((secret, there(&secret.value)?)));
    found.max_by_key(|(_, len)| *len)
}

/// How many octets of a secret's end a text starts with.
fn end_at_start(secret: &str, text: &str) -> Option<usize> {
    let mut ends = secret.char_indices().map(|(at, _)| &secret[at..]);
    let end = ends.find(|end| text.starts_with(end))?;
    is_enough(end).then_some(end.len())
}

/// How many octets of a secret's start a text ends with.
fn start_at_end(secret: &str, text: &str) -> Option<usize> {
    let mut starts = secret.char_indices().rev().map(|(at, _)| &secret[..at]);
    let start = starts.find(|start| text.ends_with(start))?;
    is_enough(start).then_some(start.len())
}

fn is_enough(rest: &str) -> bool {
    rest.chars().nth(LEAST - 1).is_some()
}

/// What stands where something was cut.
const CUT: &str = "…";
/// The fewest characters of a secret that are told from chance.
const LEAST: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::redaction::RedactedKind;

    const SECRET: &str = "correct-horse-battery-staple";

    fn redacted(text: &str) -> String {
        let secret = Secret::new(RedactedKind::Password, SECRET).expect("it is long enough");
        redact_cut_text(text, &[secret])
    }

    #[test]
    fn what_is_left_of_a_secret_at_a_cut_is_taken_out() {
        let cases = [
            (
                "it said correct-horse-b… (90 characters)",
                "it said [redacted: password, 15 characters]… (90 characters)",
            ),
            (
                "…battery-staple, it said",
                "…[redacted: password, 14 characters], it said",
            ),
            (
                "horse-battery-staple, it said",
                "[redacted: password, 20 characters], it said",
            ),
            (
                "it said correct-horse",
                "it said [redacted: password, 13 characters]",
            ),
            (
                "…horse-battery… (90 characters)",
                "…[redacted: password, 13 characters]… (90 characters)",
            ),
            (
                "…horse-battery-staple or correct-horse…",
                "…[redacted: password, 20 characters] or [redacted: password, 13 characters]…",
            ),
            (
                "a correct-horse-battery-staple b",
                "a [redacted: password, 28 characters] b",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(redacted(text), expected, "{text}");
        }
    }

    #[test]
    fn what_may_stand_at_a_cut_by_chance_stays() {
        for text in [
            "",
            "…",
            "staple",
            "it is correct…",
            "…staple",
            "a correct-horse b",
        ] {
            assert_eq!(redacted(text), text);
        }
    }
}
