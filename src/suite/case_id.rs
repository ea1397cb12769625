//! What a case is called.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// The parts of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Published vectors.
    Vectors,
    /// Recordings of the real service.
    Recordings,
    /// Named scenarios.
    Scripted,
    /// Scenarios that meet every pair of values of two axes.
    Pairs,
    /// Generated scenarios.
    Generated,
}

impl Part {
    /// The parts, in the order in which they run.
    pub const ALL: [Self; 5] = [
        Self::Vectors,
        Self::Recordings,
        Self::Scripted,
        Self::Pairs,
        Self::Generated,
    ];

    /// The first word of its cases' ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vectors => "vectors",
            Self::Recordings => "recordings",
            Self::Scripted => "scripted",
            Self::Pairs => "pairs",
            Self::Generated => "generated",
        }
    }
}

/// The id of a case, as text `generated/12`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseId {
    /// The part that it belongs to.
    pub part: Part,
    /// Its name within that part.
    pub name: String,
}

/// A text that is no id of a case.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no id of a case: expected a part and a name, such as generated/12")]
pub struct CaseIdError(String);

impl CaseId {
    /// The id of a case of a file of vectors.
    pub fn vector(file: &str, case: &str) -> Self {
        Self::new(Part::Vectors, format!("{file}/{case}"))
    }

    /// The id of the case that a recording is.
    pub fn recording(recording: &str) -> Self {
        Self::new(Part::Recordings, recording.to_owned())
    }

    /// The id of a named scenario.
    pub fn scripted(name: &str) -> Self {
        Self::new(Part::Scripted, name.to_owned())
    }

    /// The id of the scenario of that number among those that meet every pair.
    pub fn pairs(number: usize) -> Self {
        Self::new(Part::Pairs, number.to_string())
    }

    /// The id of the generated scenario of that number.
    pub fn generated(number: usize) -> Self {
        Self::new(Part::Generated, number.to_string())
    }

    /// The number of a generated scenario.
    pub fn number(&self) -> Option<usize> {
        match self.part {
            Part::Generated => self.name.parse().ok(),
            Part::Vectors | Part::Recordings | Part::Scripted | Part::Pairs => None,
        }
    }

    fn new(part: Part, name: String) -> Self {
        Self { part, name }
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part.as_str(), self.name)
    }
}

impl FromStr for CaseId {
    type Err = CaseIdError;

    fn from_str(text: &str) -> Result<Self, CaseIdError> {
        let wrong = || CaseIdError(text.to_owned());
        let (word, name) = text.split_once('/').ok_or_else(wrong)?;
        let part = Part::ALL.into_iter().find(|part| part.as_str() == word);
        match part {
            Some(part) if !name.is_empty() => Ok(Self::new(part, name.to_owned())),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_is_written() {
        for (id, text) in [
            (
                CaseId::vector("cognito-made", "a/b"),
                "vectors/cognito-made/a/b",
            ),
            (
                CaseId::recording("2026-05.sign-up"),
                "recordings/2026-05.sign-up",
            ),
            (CaseId::scripted("srp"), "scripted/srp"),
            (CaseId::generated(12), "generated/12"),
        ] {
            assert_eq!(id.to_string(), text, "as text");
            assert_eq!(text.parse(), Ok(id), "as an id");
        }
    }

    #[test]
    fn what_names_no_part_or_no_case_is_no_id() {
        for text in ["", "generated", "generated/", "free/1", "/1"] {
            let error = text.parse::<CaseId>().expect_err(text);
            assert!(error.to_string().contains("generated/12"), "{error}");
        }
    }

    #[test]
    fn only_a_generated_scenario_has_a_number() {
        assert_eq!(CaseId::generated(12).number(), Some(12));
        assert_eq!(CaseId::scripted("12").number(), None, "a name");
    }
}
