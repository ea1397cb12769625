//! Patterns of ids.

use std::fmt;
use std::str::FromStr;

use globset::{Glob, GlobMatcher};
use thiserror::Error;

/// A pattern of ids: `*` is anything, `?` one character, `{a,b}` one of both.
#[derive(Clone, Debug)]
pub struct Pattern {
    matcher: GlobMatcher,
}

/// What is wrong with a text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct PatternError(String);

impl Pattern {
    /// Whether an id is one of those.
    pub fn matches(&self, id: &str) -> bool {
        self.matcher.is_match(id)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        match Glob::new(text) {
            Ok(glob) => Ok(Self {
                matcher: glob.compile_matcher(),
            }),
            Err(error) => Err(PatternError(error.kind().to_string())),
        }
    }
}

/// As it was written.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.matcher.glob().glob())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_whole_ids_across_slashes_and_is_shown_as_written() {
        let pattern: Pattern = "vectors/*".parse().expect("it is a pattern");
        assert!(pattern.matches("vectors/cognito-made/1"), "two slashes");
        assert!(!pattern.matches("a/vectors/1"), "not from the beginning");
        assert_eq!(pattern.to_string(), "vectors/*");
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        let error = "{a".parse::<Pattern>().expect_err("it never ends");
        assert!(!error.to_string().is_empty(), "{error:?}");
    }
}
