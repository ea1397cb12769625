//! Answers of the service that are altered on their way to the port, and what happens at the service meanwhile.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::http::AMZ_JSON;
use crate::wire::names::key;
use crate::wire::{ErrorKind, HttpResponse};

/// Alters the answer to one request, or the service's state just before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// During which act: 0 is the first sign-in, 1 what is done next, and so on.
    #[serde(default, skip_serializing_if = "is_first")]
    pub act: usize,
    /// Which request of the act, counted from 0.
    pub exchange: usize,
    /// What is done to its answer, or what happens before it.
    pub kind: FaultKind,
}

/// What is done to an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// SRP_B is replaced.
    SrpB(BadHex),
    /// SALT is replaced.
    Salt(BadHex),
    /// SECRET_BLOCK is no base64.
    SecretBlockNotBase64,
    /// A challenge parameter is taken out.
    Without(String),
    /// The challenge has a name from the future.
    UnknownChallenge,
    /// 200 with `{}`.
    EmptyObject,
    /// 200 with tokens of which one is missing.
    WithoutToken(String),
    /// An error of the service, in one of the forms in which it may come.
    Error(ErrorForm),
    /// 500 with an HTML page.
    ServerError,
    /// 200 with half of the body.
    Truncated,
    /// The connection is closed without an answer.
    Dropped,
    /// An error of the kind that a device gets which the service has forgotten, about something else.
    OtherNotFound,
    /// The answer has members from the future: beside the others, in the result of a sign-in, and among the parameters of a
    /// challenge that is no question to the person. Right clients ignore them.
    UnknownMember,
    /// The answer stays as it is; what happens is at the service, just before the request arrives.
    Meanwhile(Meanwhile),
}

/// What happens at the service by another hand than the port's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Meanwhile {
    /// The user's devices are forgotten.
    DevicesForgotten,
    /// The user is signed out everywhere.
    SignedOut,
    /// The user is deleted.
    Deleted,
}

impl Meanwhile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::DevicesForgotten, Self::SignedOut, Self::Deleted];

    /// What happens, in a few words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DevicesForgotten => "the user's devices are forgotten",
            Self::SignedOut => "the user is signed out everywhere",
            Self::Deleted => "the user is deleted",
        }
    }
}

/// A value that is no honest peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BadHex {
    /// `0`.
    Zero,
    /// The modulus.
    N,
    /// Twice the modulus.
    TwoN,
    /// Nothing.
    Empty,
    /// A word that is no number.
    NotHex,
    /// A number with a minus sign, as the service sent to unknown users in 2019–2020.
    Negative,
}

/// The forms in which a service error has been seen, or may legally come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorForm {
    /// As the service sends it: header with a trailing colon, bare `__type`, `message`.
    Usual,
    /// `__type` with a namespace.
    Namespaced,
    /// No header.
    BodyOnly,
    /// No body.
    HeaderOnly,
    /// `Message` instead of `message`.
    CapitalMessage,
}

/// The error that [`FaultKind::Error`] carries.
pub const FAULT_ERROR: &str = "TooManyRequestsException";
/// Its text.
pub const FAULT_MESSAGE: &str = "Too many requests";
/// The text of [`FaultKind::OtherNotFound`], as the service says it of an app client.
pub const OTHER_NOT_FOUND: &str = "User pool client does not exist.";

impl Fault {
    /// A fault of the first sign-in.
    pub fn new(exchange: usize, kind: FaultKind) -> Self {
        Self {
            act: 0,
            exchange,
            kind,
        }
    }

    /// The altered answer, `None` when the connection is to be dropped. An answer that the fault can't apply to (say,
    /// SALT of an error) is returned as it is, with `false`.
    pub fn apply(&self, response: HttpResponse) -> (Option<HttpResponse>, bool) {
        match &self.kind {
            FaultKind::SrpB(bad) => set_parameter(response, key::SRP_B, Some(bad.text())),
            FaultKind::Salt(bad) => set_parameter(response, key::SALT, Some(bad.text())),
            FaultKind::SecretBlockNotBase64 => {
                set_parameter(response, key::SECRET_BLOCK, Some("%%%".to_owned()))
            }
            FaultKind::Without(name) => set_parameter(response, name, None),
            FaultKind::UnknownChallenge => {
                edit(response, |body| match body.get_mut("ChallengeName") {
                    Some(name) => {
                        *name = Value::from("CHALLENGE_FROM_THE_FUTURE");
                        true
                    }
                    None => false,
                })
            }
            FaultKind::WithoutToken(name) => edit(response, |body| {
                body.get_mut("AuthenticationResult")
                    .and_then(Value::as_object_mut)
                    .is_some_and(|result| result.remove(name).is_some())
            }),
            FaultKind::EmptyObject => (Some(HttpResponse::new(200, json_header(), "{}")), true),
            FaultKind::Error(form) => (Some(form.response()), true),
            FaultKind::ServerError => {
                let header = vec![("Content-Type".to_owned(), "text/html".to_owned())];
                (
                    Some(HttpResponse::new(
                        500,
                        header,
                        "<html><body>Internal Server Error</body></html>",
                    )),
                    true,
                )
            }
            FaultKind::Truncated => {
                let body = response.body.as_bytes();
                let half = body[..body.len() / 2].to_vec();
                (
                    Some(HttpResponse {
                        body: half.into(),
                        ..response
                    }),
                    true,
                )
            }
            FaultKind::Dropped => (None, true),
            FaultKind::OtherNotFound => {
                let kind = ErrorKind::ResourceNotFound;
                let body = serde_json::json!({"__type": kind.as_str(), "message": OTHER_NOT_FOUND});
                let mut headers = json_header();
                headers.push(("x-amzn-ErrorType".to_owned(), format!("{kind}:")));
                headers.push(("x-amzn-ErrorMessage".to_owned(), OTHER_NOT_FOUND.to_owned()));
                (
                    Some(HttpResponse::new(400, headers, body.to_string())),
                    true,
                )
            }
            FaultKind::UnknownMember => edit(response, add_members),
            FaultKind::Meanwhile(_) => (Some(response), false),
        }
    }
}

impl Fault {
    /// Whether an answer that is altered so says the same as before.
    pub fn is_harmless(&self) -> bool {
        self.kind == FaultKind::UnknownMember
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_act = match self.act {
            0 => String::new(),
            n => format!(" of act {}", n.saturating_add(1)),
        };
        let which = match self.exchange {
            0 => format!("the first answer{of_act}"),
            n => format!("answer {}{of_act}", n.saturating_add(1)),
        };
        match &self.kind {
            FaultKind::SrpB(bad) => write!(f, "SRP_B in {which} is {bad}"),
            FaultKind::Salt(bad) => write!(f, "SALT in {which} is {bad}"),
            FaultKind::SecretBlockNotBase64 => write!(f, "SECRET_BLOCK in {which} is no base64"),
            FaultKind::Without(name) => write!(f, "{which} lacks {name}"),
            FaultKind::UnknownChallenge => write!(f, "{which} asks for an unknown challenge"),
            FaultKind::EmptyObject => write!(f, "{which} is an empty object"),
            FaultKind::WithoutToken(name) => write!(f, "{which} lacks {name}"),
            FaultKind::Error(form) => write!(f, "{which} is an error ({form:?})"),
            FaultKind::ServerError => write!(f, "{which} is a 500 with HTML"),
            FaultKind::Truncated => write!(f, "{which} is cut in half"),
            FaultKind::Dropped => write!(f, "{which} never comes: the connection is closed"),
            FaultKind::OtherNotFound => write!(f, "{which} says {OTHER_NOT_FOUND:?}"),
            FaultKind::UnknownMember => write!(f, "{which} has members that nobody knows"),
            FaultKind::Meanwhile(what) => write!(f, "{} before {which}", what.as_str()),
        }
    }
}

impl BadHex {
    fn text(self) -> String {
        let n = crate::scenario::fault::MODULUS;
        match self {
            Self::Zero => "0".to_owned(),
            Self::N => n.to_owned(),
            // 2N: the digits shifted by one bit, done on text so that nothing here computes SRP.
            Self::TwoN => doubled(n),
            Self::Empty => String::new(),
            Self::NotHex => "not-a-number".to_owned(),
            Self::Negative => "-16e462a84f2df159eee0c14642974ee7".to_owned(),
        }
    }
}

impl fmt::Display for BadHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zero => "0",
            Self::N => "N",
            Self::TwoN => "2N",
            Self::Empty => "empty",
            Self::NotHex => "no hexadecimal number",
            Self::Negative => "negative",
        })
    }
}

impl ErrorForm {
    /// All forms.
    pub const ALL: [Self; 5] = [
        Self::Usual,
        Self::Namespaced,
        Self::BodyOnly,
        Self::HeaderOnly,
        Self::CapitalMessage,
    ];

    fn response(self) -> HttpResponse {
        let typed = |kind: &str, member: &str| {
            serde_json::json!({"__type": kind, member: FAULT_MESSAGE}).to_string()
        };
        let body = match self {
            Self::Usual | Self::BodyOnly => typed(FAULT_ERROR, "message"),
            Self::Namespaced => typed(
                &format!("com.amazonaws.cognitoidentityprovider#{FAULT_ERROR}"),
                "message",
            ),
            Self::HeaderOnly => String::new(),
            Self::CapitalMessage => typed(FAULT_ERROR, "Message"),
        };
        let mut headers = json_header();
        if matches!(self, Self::Usual | Self::HeaderOnly) {
            headers.push(("x-amzn-ErrorType".to_owned(), format!("{FAULT_ERROR}:")));
            headers.push(("x-amzn-ErrorMessage".to_owned(), FAULT_MESSAGE.to_owned()));
        }
        HttpResponse::new(400, headers, body)
    }
}

fn is_first(act: &usize) -> bool {
    *act == 0
}

fn json_header() -> Vec<(String, String)> {
    vec![("Content-Type".to_owned(), AMZ_JSON.to_owned())]
}

fn set_parameter(
    response: HttpResponse,
    name: &str,
    value: Option<String>,
) -> (Option<HttpResponse>, bool) {
    edit(response, |body| {
        let Some(parameters) = body
            .get_mut("ChallengeParameters")
            .and_then(Value::as_object_mut)
        else {
            return false;
        };
        match value {
            Some(text) if parameters.contains_key(name) => {
                parameters.insert(name.to_owned(), text.into()).is_some()
            }
            Some(_) => false,
            None => parameters.remove(name).is_some(),
        }
    })
}

/// Adds members to an answer that is a success.
fn add_members(body: &mut Value) -> bool {
    let is_question = body["ChallengeName"] == "CUSTOM_CHALLENGE";
    let Some(members) = body.as_object_mut() else {
        return false;
    };
    if !members.contains_key("ChallengeName") && !members.contains_key("AuthenticationResult") {
        return false;
    }
    if let Some(result) = members
        .get_mut("AuthenticationResult")
        .and_then(Value::as_object_mut)
    {
        result.insert(FUTURE_MEMBER.to_owned(), serde_json::json!([{"Value": 1}]));
    }
    let parameters = members.get_mut("ChallengeParameters");
    if let Some(parameters) = parameters
        .and_then(Value::as_object_mut)
        .filter(|_| !is_question)
    {
        parameters.insert(FUTURE_MEMBER.to_owned(), "1".into());
    }
    members.insert(FUTURE_MEMBER.to_owned(), serde_json::json!({"Value": null}));
    true
}

fn edit(
    response: HttpResponse,
    change: impl FnOnce(&mut Value) -> bool,
) -> (Option<HttpResponse>, bool) {
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body.as_bytes()) else {
        return (Some(response), false);
    };
    if !change(&mut body) {
        return (Some(response), false);
    }
    (
        Some(HttpResponse {
            body: body.to_string().into(),
            ..response
        }),
        true,
    )
}

fn doubled(hex: &str) -> String {
    let mut carry = 0;
    let mut digits: Vec<char> = hex
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| {
            let twice = digit * 2 + carry;
            carry = twice / 16;
            char::from_digit(twice % 16, 16).unwrap_or('0')
        })
        .collect();
    if carry > 0 {
        digits.push('1');
    }
    digits.iter().rev().collect()
}

/// A member that no service model has.
pub const FUTURE_MEMBER: &str = "MemberFromTheFuture";

/// The 3072-bit prime of RFC 3526 (group 15), lower-case hexadecimal.
pub const MODULUS: &str = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff";

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge() -> HttpResponse {
        HttpResponse::new(
            200,
            json_header(),
            r#"{"ChallengeName":"X","ChallengeParameters":{"SRP_B":"1","SALT":"2"}}"#,
        )
    }

    #[test]
    fn a_replaced_value_is_the_only_change() {
        let fault = Fault::new(0, FaultKind::SrpB(BadHex::Zero));
        let (response, applied) = fault.apply(challenge());
        assert!(applied, "SRP_B is there");
        let body = response.expect("an answer").body.to_text().into_owned();
        assert_eq!(
            body,
            r#"{"ChallengeName":"X","ChallengeParameters":{"SALT":"2","SRP_B":"0"}}"#
        );
    }

    #[test]
    fn a_fault_that_does_not_apply_says_so_and_changes_nothing() {
        let fault = Fault::new(0, FaultKind::WithoutToken("IdToken".to_owned()));
        assert_eq!(fault.apply(challenge()), (Some(challenge()), false));
    }

    #[test]
    fn twice_the_modulus_is_one_digit_longer_and_even() {
        let twice = doubled(MODULUS);
        assert_eq!(twice.len(), MODULUS.len() + 1);
        assert!(twice.starts_with('1') && twice.ends_with('e'), "{twice}");
    }
}
