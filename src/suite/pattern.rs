//! Patterns of ids.

use std::fmt;
use std::str::FromStr;

use globset::{Glob, GlobSet};
use thiserror::Error;

use crate::excerpt::excerpt;

/// A pattern of ids: `*` is anything, `?` one character, `{a,b}` one of both.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    /// A set of one: what compiles a pattern alone takes for granted that every pattern can be compiled.
    matcher: GlobSet,
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
        if text.chars().nth(LONGEST).is_some() {
            return Err(PatternError(format!(
                "expected at most {LONGEST} characters, got {}",
                text.chars().count()
            )));
        }
        if depth(text) > DEEPEST {
            return Err(PatternError(format!(
                "expected at most {DEEPEST} braces in each other, got {}",
                depth(text)
            )));
        }
        let glob = Glob::new(text).map_err(|error| PatternError(error.kind().to_string()))?;
        // The reason would quote the regular expression that stands for the pattern.
        let too_much = |_| PatternError("it can't be compiled: it asks for too much".to_owned());
        Ok(Self {
            text: text.to_owned(),
            matcher: GlobSet::new([glob]).map_err(too_much)?,
        })
    }
}

/// As it was written; cut short where it is long.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&excerpt(&self.text))
    }
}

/// How many braces are open at once, at most. Those that stand for themselves count, too.
fn depth(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for c in text.chars() {
        match c {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// A pattern that names two hundred cases has some 7,000.
const LONGEST: usize = 10_000;
/// Whoever reads a pattern goes by each level of it, and a regular expression has fewer than 250.
const DEEPEST: usize = 20;

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

    #[test]
    fn braces_may_stand_in_each_other_but_not_without_end() {
        let nested = |depth: usize| "{a,".repeat(depth) + "b" + &"}".repeat(depth);
        let pattern: Pattern = nested(DEEPEST).parse().expect("as deep as may be");
        assert!(pattern.matches("b"), "the innermost");
        for depth in [DEEPEST + 1, 125, 2_000] {
            let error = nested(depth).parse::<Pattern>().expect_err("too deep");
            let expected = format!("expected at most 20 braces in each other, got {depth}");
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_long_pattern_is_cut_where_it_is_shown_and_refused_where_it_is_too_long() {
        let stars: Pattern = "*".repeat(5_000).parse().expect("many are as one");
        assert!(stars.matches("a/b"), "anything");
        assert!(stars.to_string().len() < 300, "cut: {stars}");
        let error = "*".repeat(LONGEST + 1).parse::<Pattern>();
        let error = error.expect_err("too long").to_string();
        assert_eq!(error, "expected at most 10000 characters, got 10001");
    }
}
