//! What it means for people that a rule is broken.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::rule::{Level, Rule};

/// What it means for people that a rule is broken, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Somebody learns or may do what he should not.
    Security,
    /// Somebody who is right does not get in, or not further.
    BreaksUsers,
    /// It shows when something else goes wrong.
    Robustness,
    /// It differs from what is documented, and does no harm that is known.
    Form,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Security => "security",
            Self::BreaksUsers => "breaks users",
            Self::Robustness => "robustness",
            Self::Form => "form",
        })
    }
}

impl Rule {
    /// What it means for people that it is broken.
    pub fn severity(&self) -> Severity {
        let is_one_of = |ids: &[&str]| ids.iter().any(|id| self.id.starts_with(id));
        match self.level {
            _ if is_one_of(SECURITY) => Severity::Security,
            _ if is_one_of(FORM) => Severity::Form,
            Level::Must => Severity::BreaksUsers,
            Level::Should => Severity::Robustness,
            Level::Observed => Severity::Form,
        }
    }
}

/// How the ids of rules begin that keep secrets, and people out.
const SECURITY: &[&str] = &[
    "device.key-of-this-user",
    "device.password-fresh",
    "existence.",
    "outcome.done-means-tokens",
    "refusal.b-zero",
    "secrecy.",
    "secret-hash.not-the-secret",
    "service.device-proof",
    "service.existence",
    "service.lock-out",
    "service.proof",
    "service.refresh-bound",
    "service.refresh-forged",
    "service.refresh-revoked",
    "service.reset-code",
    "service.reset-existence",
    "service.session-life",
    "service.sign-out-revokes",
    "sign-out.forgets",
    "sign-out.revokes",
    "srp.a-not-small",
    "tokens.not-in-errors",
];
/// How the ids of rules begin that are about form alone.
const FORM: &[&str] = &[
    "flow.nothing-after-end",
    "secret-hash.only-with-secret",
    "wire.",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::catalog;

    #[test]
    fn every_beginning_is_that_of_a_rule() {
        for beginning in SECURITY.iter().chain(FORM) {
            let is_used = catalog::all().any(|rule| rule.id.starts_with(beginning));
            assert!(is_used, "{beginning}");
        }
    }
}
