//! What was taken out of a transcript, how that looks, and taking it out.
//!
//! A redacted value is a text of one form, wherever it stands — in a header, in a body, alone or in the middle of a
//! longer value whose rest is known:
//!
//! ```text
//! [redacted: session, 846 characters]
//! [redacted: id token]
//! 33da4bda2531…7637[redacted: public value, 716 characters]
//! ```
//!
//! The length is in characters (Unicode scalar values) of the text as it stood at that place, encoding included, and
//! absent where it isn't known.

use std::fmt;
use std::ops::Range;
use std::sync::LazyLock;

use data_encoding::{Encoding, HEXLOWER_PERMISSIVE, Specification};
use serde_json::Value;
use thiserror::Error;

/// A value that was taken out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redacted {
    /// What it was.
    pub kind: RedactedKind,
    /// Its length in characters, if that is known.
    pub len: Option<usize>,
}

impl Redacted {
    /// Reads a text that is one marker and nothing else.
    ///
    /// ```
    /// use cognito_conformance::wire::redaction::{Redacted, RedactedKind};
    ///
    /// let redacted = Redacted::parse("[redacted: session, 846 characters]").expect("a marker");
    /// assert_eq!(redacted, Redacted { kind: RedactedKind::Session, len: Some(846) });
    /// assert_eq!(Redacted::parse("AYABe"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
        let (kind, len) = match inner.split_once(", ") {
            None => (inner, None),
            Some((kind, len)) => {
                let digits = len
                    .strip_suffix(" characters")
                    .or_else(|| len.strip_suffix(" character"))?;
                (kind, Some(digits.parse().ok()?))
            }
        };
        is_kind(kind).then(|| Self {
            kind: RedactedKind::from(kind),
            len,
        })
    }

    /// A text of the kind's alphabet and of this length (64 where it isn't known, 1 Mi at most), the same every time. It
    /// stands in where a program needs a value that it can read, as in re-enactment.
    pub fn stand_in(&self) -> String {
        let alphabet = self.kind.alphabet().as_bytes();
        (0..self.len.unwrap_or(64).min(MAX_STAND_IN))
            .map(|i| char::from(alphabet[(i * 7 + i / alphabet.len()) % alphabet.len()]))
            .collect()
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{OPEN}{}", self.kind.as_str())?;
        match self.len {
            None => {}
            Some(1) => f.write_str(", 1 character")?,
            Some(len) => write!(f, ", {len} characters")?,
        }
        f.write_str(CLOSE)
    }
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $variant:ident => $text:literal in $alphabet:ident),+ $(,)?) => {
        /// What a redacted value was. As text: lower-case words.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RedactedKind {
            $($(#[$meta])* $variant,)+
            /// Another kind, by its name.
            Other(String),
        }

        impl RedactedKind {
            /// The kind's name in a marker.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }

            fn alphabet(&self) -> &'static str {
                match self {
                    $(Self::$variant => $alphabet,)+
                    Self::Other(_) => ALPHANUMERIC,
                }
            }
        }

        impl From<&str> for RedactedKind {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text.to_owned()),
                }
            }
        }
    };
}

kinds! {
    /// A password, old or new.
    Password => "password" in ALPHANUMERIC,
    /// A `Session`.
    Session => "session" in BASE64URL,
    /// A `SECRET_BLOCK`.
    SecretBlock => "secret block" in BASE64,
    /// An `SRP_A` or `SRP_B`.
    PublicValue => "public value" in HEX,
    /// A `PASSWORD_CLAIM_SIGNATURE`.
    Signature => "signature" in BASE64,
    /// An access token.
    AccessToken => "access token" in BASE64URL,
    /// An id token.
    IdToken => "id token" in BASE64URL,
    /// A refresh token, or what of it isn't known.
    RefreshToken => "refresh token" in BASE64URL,
    /// The third part of a JWT.
    TokenSignature => "token signature" in BASE64URL,
    /// An app client's id.
    ClientId => "client id" in LOWER,
    /// An app client's secret.
    ClientSecret => "client secret" in LOWER,
    /// A `SECRET_HASH`.
    SecretHash => "secret hash" in BASE64,
    /// A user name.
    UserName => "user name" in LOWER,
    /// A `sub`.
    Sub => "sub" in HEX,
    /// The value of a user's attribute.
    Attribute => "attribute" in ALPHANUMERIC,
    /// A code that was sent to a person.
    Code => "code" in DIGITS,
    /// The ARN of a role.
    Role => "role" in ALPHANUMERIC,
}

impl fmt::Display for RedactedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A part of a text: what is known of it, or a marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Known text.
    Known(&'a str),
    /// A marker.
    Redacted(Redacted),
}

/// Splits a text at its markers.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut known_from, mut search_from) = (0, 0);
    while let Some(start) = text[search_from..].find(OPEN).map(|i| search_from + i) {
        let end = text[start..].find(CLOSE).map(|i| start + i + CLOSE.len());
        let marker = end.and_then(|end| Some((end, Redacted::parse(&text[start..end])?)));
        let Some((end, redacted)) = marker else {
            search_from = start + OPEN.len();
            continue;
        };
        if known_from < start {
            pieces.push(Piece::Known(&text[known_from..start]));
        }
        pieces.push(Piece::Redacted(redacted));
        (known_from, search_from) = (end, end);
    }
    if known_from < text.len() {
        pieces.push(Piece::Known(&text[known_from..]));
    }
    pieces
}

/// The text with a [`Redacted::stand_in`] in place of each marker.
pub fn fill(text: &str) -> String {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Known(text) => text.to_owned(),
            Piece::Redacted(redacted) => redacted.stand_in(),
        })
        .collect()
}

/// A value of an operator that must not be written.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    pub(super) kind: RedactedKind,
    pub(super) value: String,
}

impl Secret {
    /// The shortest secret that can be taken out, in octets of UTF-8: a shorter one occurs everywhere by chance.
    pub const MIN: usize = 4;

    /// A secret of a kind.
    ///
    /// # Errors
    /// A value shorter than [`Secret::MIN`].
    pub fn new(kind: RedactedKind, value: impl Into<String>) -> Result<Self, RedactionError> {
        let value = value.into();
        if value.len() < Self::MIN {
            return Err(RedactionError::TooShort {
                kind,
                got: value.len(),
                min: Self::MIN,
            });
        }
        Ok(Self { kind, value })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.kind)
    }
}

/// Why nothing may be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RedactionError {
    /// A secret is too short to be told from chance.
    #[error(
        "the {kind} has {got} octets; one of fewer than {min} can't be told from chance: choose a longer one"
    )]
    TooShort {
        /// What it is.
        kind: RedactedKind,
        /// Its length in octets.
        got: usize,
        /// The least length in octets.
        min: usize,
    },
    /// A secret is still readable afterwards, e.g. because a marker contains it.
    #[error(
        "the {kind} can still be read at {at} after redaction: choose another for the recording"
    )]
    Remains {
        /// What it is.
        kind: RedactedKind,
        /// JSON pointer into the transcript.
        at: String,
    },
    /// A secret stood where only a number or a fixed name can stand, so that a marker can't replace it.
    #[error("without its secrets the transcript is no transcript: {reason}")]
    NoTranscript {
        /// What the reader of transcripts says.
        reason: String,
    },
}

/// Puts a marker in place of every secret in a document.
///
/// A secret is found in the clear and behind any mixture, four deep, of JSON escapes, URL escapes, base64 (either
/// alphabet, any alignment) and hexadecimal: in texts, numbers and names of members. An escaped secret is replaced where
/// it stands; of base64 and hexadecimal the whole run is, since the rest of such a run can't be kept readable.
///
/// # Errors
/// When a secret would still be readable. Then nothing may be written.
pub fn redact_document(document: &mut Value, secrets: &[Secret]) -> Result<(), RedactionError> {
    edit_texts(document, secrets);
    check_texts(document, secrets, &mut String::new())
}

/// The text with a marker in place of every secret, by the same search as [`redact_document`].
pub fn redact_text(text: &str, secrets: &[Secret]) -> String {
    let mut places: Vec<(Range<usize>, &RedactedKind)> = secrets
        .iter()
        .flat_map(|secret| {
            find(text.as_bytes(), secret.value.as_bytes(), DEPTH)
                .into_iter()
                .map(move |range| (range, &secret.kind))
        })
        .collect();
    places.sort_by_key(|(range, _)| (range.start, usize::MAX - range.end));
    let mut out = String::with_capacity(text.len());
    let mut kept_to = 0;
    let mut places = places.into_iter().peekable();
    while let Some((mut range, kind)) = places.next() {
        while let Some((next, _)) = places.next_if(|(next, _)| next.start < range.end) {
            range.end = range.end.max(next.end);
        }
        // Found places begin and end at characters: secrets are UTF-8, escapes and runs ASCII.
        let (Some(before), Some(taken)) = (text.get(kept_to..range.start), text.get(range.clone()))
        else {
            continue;
        };
        out.push_str(before);
        out.push_str(
            &Redacted {
                kind: kind.clone(),
                len: Some(taken.chars().count()),
            }
            .to_string(),
        );
        kept_to = range.end;
    }
    out.push_str(&text[kept_to..]);
    out
}

fn edit_texts(value: &mut Value, secrets: &[Secret]) {
    match value {
        Value::String(text) => *text = redact_text(text, secrets),
        Value::Number(number) => {
            let text = number.to_string();
            let redacted = redact_text(&text, secrets);
            if redacted != text {
                *value = Value::String(redacted);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| edit_texts(item, secrets)),
        Value::Object(members) => {
            *members = std::mem::take(members)
                .into_iter()
                .map(|(name, mut member)| {
                    edit_texts(&mut member, secrets);
                    (redact_text(&name, secrets), member)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn check_texts(value: &Value, secrets: &[Secret], at: &mut String) -> Result<(), RedactionError> {
    let check = |text: &str, at: &str| {
        let found = secrets
            .iter()
            .find(|secret| !find(text.as_bytes(), secret.value.as_bytes(), DEPTH).is_empty());
        match found {
            None => Ok(()),
            Some(secret) => Err(RedactionError::Remains {
                kind: secret.kind.clone(),
                at: at.to_owned(),
            }),
        }
    };
    let len = at.len();
    match value {
        Value::String(text) => check(text, at)?,
        Value::Number(number) => check(&number.to_string(), at)?,
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push_str(&format!("/{index}"));
                check_texts(item, secrets, at)?;
                at.truncate(len);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                check(name, at)?;
                at.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
                check_texts(member, secrets, at)?;
                at.truncate(len);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
    Ok(())
}

/// Where `secret` stands in `text`, in the clear or behind up to `depth` layers of encoding.
fn find(text: &[u8], secret: &[u8], depth: usize) -> Vec<Range<usize>> {
    let mut found = plain(text, secret);
    if depth == 0 || text.len() <= secret.len() {
        return found;
    }
    for layer in [json_escapes, percent_escapes, form_escapes] {
        if let Some(decoded) = layer(text) {
            found.extend(
                find(&decoded.octets, secret, depth - 1)
                    .into_iter()
                    .map(|inner| decoded.source(inner)),
            );
        }
    }
    for run in runs(text, is_base64, secret.len() * 4 / 3) {
        let bare = &text[run.clone()];
        let hidden = (0..4).any(|skip| {
            let part = bare.get(skip..).unwrap_or_default();
            // One character alone at the end carries less than an octet.
            let usable = if part.len() % 4 == 1 {
                part.len() - 1
            } else {
                part.len()
            };
            LENIENT_BASE64
                .decode(&part[..usable])
                .is_ok_and(|octets| !find(&octets, secret, depth - 1).is_empty())
        });
        if hidden {
            let padding = text[run.end..].iter().take_while(|&&b| b == b'=').count();
            found.push(run.start..run.end + padding);
        }
    }
    for run in runs(text, u8::is_ascii_hexdigit, secret.len() * 2) {
        let bare = &text[run.clone()];
        let hidden = (0..2).any(|skip| {
            let part = &bare[skip..];
            let usable = part.len() - part.len() % 2;
            HEXLOWER_PERMISSIVE
                .decode(&part[..usable])
                .is_ok_and(|octets| !find(&octets, secret, depth - 1).is_empty())
        });
        if hidden {
            found.push(run);
        }
    }
    found
}

fn plain(text: &[u8], secret: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..]
        .windows(secret.len())
        .position(|window| window == secret)
        .map(|i| from + i)
    {
        found.push(at..at + secret.len());
        from = at + secret.len();
    }
    found
}

/// Longest runs of octets that `belongs` accepts and that have at least `min` of them.
fn runs(text: &[u8], belongs: impl Fn(&u8) -> bool, min: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let len = text[at..].iter().take_while(|octet| belongs(octet)).count();
        if len >= min.max(1) {
            found.push(at..at + len);
        }
        at += len + 1;
    }
    found
}

fn is_base64(octet: &u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'-' | b'_')
}

/// Decoded octets, and from which octets of the source each of them came.
#[derive(Default)]
struct Decoded {
    octets: Vec<u8>,
    from: Vec<Range<usize>>,
}

impl Decoded {
    fn push(&mut self, octets: &[u8], from: Range<usize>) {
        self.octets.extend_from_slice(octets);
        self.from.extend(std::iter::repeat_n(from, octets.len()));
    }

    fn source(&self, inner: Range<usize>) -> Range<usize> {
        self.from[inner.start].start..self.from[inner.end - 1].end
    }
}

/// JSON escapes, undone; `None` where there are none. What isn't one stays as it is.
fn json_escapes(text: &[u8]) -> Option<Decoded> {
    decode(text, |rest| match rest {
        [b'\\', b'u', ..] => {
            let unit = |at: usize| {
                let digits = std::str::from_utf8(rest.get(at + 2..at + 6)?).ok()?;
                let escaped = rest.get(at..at + 2)? == b"\\u";
                escaped
                    .then(|| u16::from_str_radix(digits, 16).ok())
                    .flatten()
            };
            let first = unit(0)?;
            let pair = unit(6).map(|second| [first, second]);
            let (decoded, used) = match char::from_u32(u32::from(first)) {
                Some(c) => (c, 6),
                None => (char::decode_utf16(pair?).next()?.ok()?, 12),
            };
            Some((decoded.to_string().into_bytes(), used))
        }
        [b'\\', escaped, ..] => {
            let octet = match escaped {
                b'"' | b'\\' | b'/' => *escaped,
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                _ => return None,
            };
            Some((vec![octet], 2))
        }
        _ => None,
    })
}

/// `%XX`, undone.
fn percent_escapes(text: &[u8]) -> Option<Decoded> {
    decode(text, percent)
}

/// `%XX` and `+` for a space, undone.
fn form_escapes(text: &[u8]) -> Option<Decoded> {
    text.contains(&b'+')
        .then(|| {
            decode(text, |rest| match rest {
                [b'+', ..] => Some((vec![b' '], 1)),
                _ => percent(rest),
            })
        })
        .flatten()
}

fn percent(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    match rest {
        [b'%', digits @ ..] if digits.len() >= 2 => {
            Some((HEXLOWER_PERMISSIVE.decode(&digits[..2]).ok()?, 3))
        }
        _ => None,
    }
}

fn decode(text: &[u8], escape: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Option<Decoded> {
    let mut decoded = Decoded::default();
    let (mut at, mut any) = (0, false);
    while at < text.len() {
        match escape(&text[at..]) {
            Some((octets, used)) => {
                decoded.push(&octets, at..at + used);
                at += used;
                any = true;
            }
            None => {
                decoded.push(&text[at..=at], at..at + 1);
                at += 1;
            }
        }
    }
    any.then_some(decoded)
}

fn is_kind(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' ' || c == '-')
}

const OPEN: &str = "[redacted: ";
const CLOSE: &str = "]";
/// Deep enough for a header that holds base64 of JSON that holds a JSON text with escapes.
const DEPTH: usize = 4;
/// What a file claims to have been taken out is outside input: its length is bounded as a body's is.
const MAX_STAND_IN: usize = 1 << 20;
const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Both alphabets, no padding, bits left over allowed: text is searched here, not validated.
static LENIENT_BASE64: LazyLock<Encoding> = LazyLock::new(|| {
    let mut lenient = Specification::new();
    lenient.symbols.push_str(BASE64);
    lenient.translate.from.push_str("-_");
    lenient.translate.to.push_str("+/");
    lenient.check_trailing_bits = false;
    lenient
        .encoding()
        .expect("64 different symbols and two translations make an encoding")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_as_it_was_written() {
        for len in [None, Some(0), Some(1), Some(846)] {
            for kind in ["session", "secret block", "something else"] {
                let redacted = Redacted {
                    kind: RedactedKind::from(kind),
                    len,
                };
                assert_eq!(
                    Redacted::parse(&redacted.to_string()),
                    Some(redacted.clone()),
                    "{redacted}"
                );
            }
        }
    }

    #[test]
    fn what_only_resembles_a_marker_is_none() {
        for text in [
            "",
            "session",
            "[redacted: ]",
            "[redacted: session, ]",
            "[redacted: session, x characters]",
            "[redacted: session, 846]",
            "[redacted: Session]",
            "x[redacted: session]",
            "[redacted: session]x",
            "[redacted: session, -1 characters]",
        ] {
            assert_eq!(Redacted::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_splits_at_its_markers_and_nowhere_else() {
        let text = "ab[redacted: no, thing][redacted: code][redacted: session, 2 characters]cd";
        assert_eq!(
            pieces(text),
            [
                Piece::Known("ab[redacted: no, thing]"),
                Piece::Redacted(Redacted {
                    kind: RedactedKind::Code,
                    len: None
                }),
                Piece::Redacted(Redacted {
                    kind: RedactedKind::Session,
                    len: Some(2)
                }),
                Piece::Known("cd"),
            ]
        );
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn a_stand_in_has_the_length_that_was_taken_out() {
        let filled = fill("33da[redacted: public value, 764 characters]");
        assert_eq!(filled.len(), 768, "length");
        assert!(filled.starts_with("33da"), "what is known stays");
        assert!(filled.bytes().all(|b| b.is_ascii_hexdigit()), "alphabet");
        assert_eq!(
            filled,
            fill("33da[redacted: public value, 764 characters]"),
            "the same every time"
        );
    }
}
