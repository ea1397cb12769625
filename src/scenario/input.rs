//! What the person types: a name, a password, answers.

use serde::{Deserialize, Serialize};

use crate::wire::Parameters;

/// What the person types as name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TypedName {
    /// An e-mail address, while the internal name is a UUID: the default, since many bugs hide where the two coincide.
    #[default]
    Email,
    /// A phone number, likewise.
    Phone,
    /// A plain user name in a pool without aliases.
    Username,
    /// A user name with capitals and letters outside ASCII, in a pool without aliases.
    UnicodeUsername,
    /// The user's `sub`, which is no name to sign in with.
    Sub,
    /// Nothing.
    Empty,
}

/// What the person types as password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Password {
    /// The right one.
    #[default]
    Right,
    /// A wrong one.
    Wrong,
    /// Nothing.
    Empty,
    /// The call gives none.
    Absent,
}

/// What characters the right password is made of. Every password is a canary: unique, and 12 characters or longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PasswordText {
    /// Letters, digits and `-`.
    #[default]
    Ascii,
    /// What JSON, URLs and shells escape.
    Symbols,
    /// Letters outside ASCII, composed and decomposed, and an emoji.
    Unicode,
    /// 120 characters.
    Long,
}

/// An answer the person gives to a custom challenge, or to the wish for a new password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// Right or wrong.
    pub choice: AnswerChoice,
    /// `ClientMetadata` given with it.
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    pub metadata: Parameters,
}

/// Whether an answer is right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AnswerChoice {
    /// Right.
    #[default]
    Right,
    /// Wrong.
    Wrong,
}

impl AnswerChoice {
    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
        }
    }
}
