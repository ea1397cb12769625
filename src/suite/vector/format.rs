//! The format of the files.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::srp::{Dialect, Group, Hash, parse_hex};

/// A file of vectors from one source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Name of the file without its ending.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// What its cases compute, unless they say otherwise.
    pub kind: Kind,
    /// Where the numbers come from.
    pub sources: Vec<Source>,
    /// Licence of the source; only numbers were taken.
    pub licence: String,
    /// Dialect of its cases, unless they say otherwise.
    #[serde(default)]
    pub dialect: Option<DialectRef>,
    /// What a reader should know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The cases. After reading, each carries its own kind and dialect.
    pub cases: Vec<Case>,
}

/// Where numbers come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// `owner/name` on GitHub.
    #[serde(default)]
    pub repository: Option<String>,
    /// An RFC, or a word on where else the numbers come from.
    #[serde(default)]
    pub document: Option<String>,
    /// File inside the repository.
    #[serde(default)]
    pub path: Option<String>,
    /// Section of the document, or test inside the file.
    #[serde(default)]
    pub section: Option<String>,
    /// Revision that was read.
    #[serde(default)]
    pub commit: Option<String>,
    /// Date of that revision.
    #[serde(default)]
    pub date: Option<String>,
    /// Which of the numbers, when not all.
    #[serde(default)]
    pub role: Option<String>,
    /// Names of the values it carries, when not all.
    #[serde(default)]
    pub values: Vec<String>,
}

/// What a case computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An SRP session, or any part of one: k, A, B, u, inner, x, v, S, PRK, K, M1, M2, signature, refusal.
    #[default]
    Srp,
    /// A device verifier.
    Device,
    /// `SECRET_HASH`.
    SecretHash,
    /// A hash of octets.
    Hash,
    /// HKDF.
    Hkdf,
    /// Byte forms of integers, and remainders.
    Encoding,
    /// `TIMESTAMP`.
    Timestamp,
    /// A power modulo a number.
    Modexp,
    /// A group and its k in several forms.
    Group,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unique in its file.
    pub id: String,
    /// What it computes; always there after reading.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// By which dialect.
    #[serde(default)]
    pub dialect: Option<DialectRef>,
    /// What is given.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// What the source says.
    #[serde(default)]
    pub published: BTreeMap<String, String>,
    /// What an independent implementation says.
    #[serde(default)]
    pub derived: BTreeMap<String, String>,
    /// Which published values come from a bug.
    #[serde(default)]
    pub negative: Option<Negative>,
    /// What makes the case interesting.
    #[serde(default)]
    pub exercises: Vec<String>,
    /// What a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// Published values that come from a bug.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Negative {
    /// Names of the values.
    pub values: Vec<String>,
    /// The bug, in one sentence.
    pub reason: String,
    /// What reproduces them, where that is known.
    #[serde(default)]
    pub under: Option<Under>,
}

/// What reproduces a value that comes from a bug.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Under {
    /// Id of an arithmetic mistake that edits the dialect.
    #[serde(default)]
    pub mistake: Option<String>,
    /// Inputs as the bug has them.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
}

/// A dialect by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialectRef {
    /// `cognito`, `srptools` …
    pub name: String,
    /// A group by name, where the dialect leaves it open.
    #[serde(default)]
    pub group: Option<String>,
    /// The modulus in hex, for a group without a name.
    #[serde(default, rename = "N")]
    pub n: Option<String>,
    /// The generator in hex, beside `n`.
    #[serde(default)]
    pub g: Option<String>,
    /// A hash by name, where the dialect leaves it open.
    #[serde(default)]
    pub hash: Option<String>,
}

impl DialectRef {
    /// The dialect itself; `None` when there is none of that name, or its group or hash is missing or unknown.
    pub fn resolve(&self) -> Option<Dialect> {
        let hash = || Hash::by_name(self.hash.as_deref()?);
        Some(match self.name.as_str() {
            "cognito" => Dialect::cognito(),
            "cognito-device" => Dialect::cognito_device(),
            "rfc5054-sha1" => Dialect::rfc5054_sha1(),
            "mozilla-onepw" => Dialect::mozilla_onepw(),
            "apple-homekit" => Dialect::apple_homekit(),
            "esp-idf" => Dialect::esp_idf(),
            "srp-net" => Dialect::srp_net(),
            "srp-net-srp6" => Dialect::srp_net_srp6(),
            "swift-srp" => Dialect::swift_srp(),
            "botan" => Dialect::botan(self.group()?, hash()?),
            "srptools" => Dialect::srptools(self.group()?, hash()?),
            "sirp" => Dialect::sirp(self.group()?),
            "srp-rb" => Dialect::srp_rb(self.group()?),
            "spider-gazelle" => Dialect::spider_gazelle(self.group()?),
            "1password" => Dialect::one_password(self.group()?),
            _ => return None,
        })
    }

    fn group(&self) -> Option<Group> {
        match (&self.group, &self.n, &self.g) {
            (Some(name), None, None) => group_by_name(name),
            (None, Some(n), Some(g)) => Some(Group {
                id: "unnamed".into(),
                n: parse_hex(n).ok()?,
                g: parse_hex(g).ok()?,
            }),
            _ => None,
        }
    }
}

/// A group by the name that files give it.
pub(super) fn group_by_name(name: &str) -> Option<Group> {
    match name {
        "cognito" => Some(Group::cognito()),
        other => Group::rfc5054(other.strip_prefix("rfc5054-")?.parse().ok()?),
    }
}

/// The format of the files.
pub const SCHEMA: &str = "cognito-conformance-vectors/1";
