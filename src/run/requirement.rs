//! What a case can break: a rule, or one of the comparisons that no rule is behind.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::rules::{Cited, Rule, Severity};

/// What was required where something broke.
#[derive(Clone, Debug)]
pub enum Requirement {
    /// A rule.
    Rule(&'static Rule),
    /// Our own value of this name is the one that a vector publishes.
    Vector(String),
    /// Our own references do what was recorded.
    Recording(Recorded),
    /// A port's pure function of this name, without `srp/`, gives what the oracle gives.
    Primitive(String),
    /// The shim does what the protocol asks of it.
    Shim(ShimDuty),
}

/// What is asked of a shim, whatever its port does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShimDuty {
    /// `reset` forgets everything.
    Reset,
    /// Every answer keeps to the protocol.
    Protocol,
    /// The process lives as long as its input is open.
    Lives,
    /// Every call is answered within the deadline.
    Answers,
}

/// What of a recording is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// What our client sends.
    Client,
    /// What our pool answers.
    Pool,
    /// Whether all that is said to be incomparable is.
    Incomparable,
}

impl Requirement {
    /// Its stable id: that of the rule, or `vector.<value>`, `recording.<end>`, `primitive.<function>`, `shim.<duty>`.
    pub fn id(&self) -> Cow<'static, str> {
        match self {
            Self::Rule(rule) => rule.id.into(),
            Self::Vector(value) => format!("vector.{value}").into(),
            Self::Recording(Recorded::Client) => "recording.client".into(),
            Self::Recording(Recorded::Pool) => "recording.pool".into(),
            Self::Recording(Recorded::Incomparable) => "recording.incomparable".into(),
            Self::Primitive(function) => format!("primitive.{function}").into(),
            Self::Shim(ShimDuty::Reset) => "shim.reset".into(),
            Self::Shim(ShimDuty::Protocol) => "shim.protocol".into(),
            Self::Shim(ShimDuty::Lives) => "shim.lives".into(),
            Self::Shim(ShimDuty::Answers) => "shim.answers".into(),
        }
    }

    /// What it requires, in one sentence.
    pub fn sentence(&self) -> Cow<'static, str> {
        match self {
            Self::Rule(rule) => rule.sentence.into(),
            Self::Vector(value) => format!("Our own {value} is the published one.").into(),
            Self::Recording(_) => "Our own references do what was recorded.".into(),
            Self::Primitive(function) => {
                format!("srp/{function} gives what the oracle gives.").into()
            }
            Self::Shim(ShimDuty::Reset) => {
                "reset forgets everything: tokens, devices, caches.".into()
            }
            Self::Shim(ShimDuty::Protocol) => "The shim keeps to the protocol.".into(),
            Self::Shim(ShimDuty::Lives) => {
                "The shim's process lives until its input is closed.".into()
            }
            Self::Shim(ShimDuty::Answers) => {
                "The shim answers every call within the deadline.".into()
            }
        }
    }

    /// What it means for people that it is not met.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Rule(rule) => rule.severity(),
            Self::Vector(_) | Self::Recording(_) | Self::Primitive(_) | Self::Shim(_) => {
                Severity::BreaksUsers
            }
        }
    }

    /// What the rule rests on, where it is one.
    pub fn evidence(&self) -> Vec<Cited> {
        let sources = self.rule().map_or(&[][..], |rule| rule.sources);
        sources.iter().map(Cited::from).collect()
    }

    /// The rule, where it is one.
    pub fn rule(&self) -> Option<&'static Rule> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Vector(_) | Self::Recording(_) | Self::Primitive(_) | Self::Shim(_) => None,
        }
    }
}

impl From<&'static Rule> for Requirement {
    fn from(rule: &'static Rule) -> Self {
        Self::Rule(rule)
    }
}

// Ids are unique: what has the same one is the same, and reports go in their order.

impl PartialEq for Requirement {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Requirement {}

impl PartialOrd for Requirement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Requirement {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id().cmp(&other.id())
    }
}

/// As its id.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id())
    }
}

/// As its id.
impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::catalog;

    #[test]
    fn each_kind_of_requirement_has_an_id_and_a_sentence() {
        let rule = catalog::find("srp.claim").expect("a rule");
        let of = |requirement: Requirement| (requirement.to_string(), requirement.sentence());
        assert_eq!(
            of(Requirement::Rule(rule)),
            ("srp.claim".to_owned(), rule.sentence.into())
        );
        assert_eq!(
            of(Requirement::Vector("M1".to_owned())),
            (
                "vector.M1".to_owned(),
                "Our own M1 is the published one.".into()
            )
        );
        assert_eq!(
            of(Requirement::Primitive("k".to_owned())),
            (
                "primitive.k".to_owned(),
                "srp/k gives what the oracle gives.".into()
            )
        );
        for (recorded, id) in [
            (Recorded::Client, "recording.client"),
            (Recorded::Pool, "recording.pool"),
            (Recorded::Incomparable, "recording.incomparable"),
        ] {
            let (is, sentence) = of(Requirement::Recording(recorded));
            assert_eq!(is, id);
            assert_eq!(sentence, "Our own references do what was recorded.");
        }
    }

    #[test]
    fn requirements_are_in_the_order_of_their_ids() {
        let rule = catalog::find("srp.claim").expect("a rule");
        let mut all = [
            Requirement::Vector("A".to_owned()),
            Requirement::Rule(rule),
            Requirement::Primitive("x".to_owned()),
        ];
        all.sort();
        let ids: Vec<_> = all.iter().map(Requirement::id).collect();
        assert_eq!(ids, ["primitive.x", "srp.claim", "vector.A"]);
    }
}
