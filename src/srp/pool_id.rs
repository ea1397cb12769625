//! User pool ids.

use thiserror::Error;

/// A user pool id, `<region>_<name>`, e.g. `us-east-1_AbCdEf123` (service model: `UserPoolIdType`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PoolId {
    text: String,
    underscore: usize,
}

impl PoolId {
    /// Parses `[\w-]+_[0-9a-zA-Z]+` of at most 55 characters, and takes as name what follows the *first* underscore.
    ///
    /// # Errors
    /// Says which part is missing or where a character doesn't fit.
    pub fn parse(text: &str) -> Result<Self, PoolIdError> {
        if text.len() > MAX_LENGTH {
            return Err(PoolIdError::TooLong {
                got: text.len(),
                max: MAX_LENGTH,
            });
        }
        let Some((region, name)) = text.split_once('_') else {
            return Err(PoolIdError::NoUnderscore {
                got: text.to_owned(),
            });
        };
        if region.is_empty() {
            return Err(PoolIdError::NoRegion {
                got: text.to_owned(),
            });
        }
        // The pattern lets underscores stand in front of the last one, and some emulators issue such ids.
        let tail = text.rfind('_').map_or(0, |at| at + 1);
        if name.is_empty() || tail == text.len() {
            return Err(PoolIdError::NoName {
                got: text.to_owned(),
            });
        }
        let fits =
            |at: usize, c: char| c.is_ascii_alphanumeric() || (at < tail && matches!(c, '_' | '-'));
        if let Some((position, _)) = text.char_indices().find(|&(at, c)| !fits(at, c)) {
            return Err(PoolIdError::Character {
                position,
                got: text.to_owned(),
            });
        }
        Ok(Self {
            text: text.to_owned(),
            underscore: region.len(),
        })
    }

    /// The part before the underscore, e.g. `us-east-1`.
    pub fn region(&self) -> &str {
        &self.text[..self.underscore]
    }

    /// The part after the underscore: the *pool name* that SRP hashes.
    pub fn name(&self) -> &str {
        &self.text[self.underscore + 1..]
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for PoolId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is not a user pool id.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PoolIdError {
    /// No underscore, so there is no pool name to hash.
    #[error(
        "expected a user pool id like us-east-1_AbCdEf123, got {got:?}, which has no underscore"
    )]
    NoUnderscore {
        /// The text.
        got: String,
    },
    /// Nothing in front of the underscore.
    #[error("expected a region in front of the underscore, got {got:?}")]
    NoRegion {
        /// The text.
        got: String,
    },
    /// Nothing after the underscore.
    #[error("expected a pool name after the underscore, got {got:?}")]
    NoName {
        /// The text.
        got: String,
    },
    /// A character outside the pattern.
    #[error("expected [\\w-]+_[0-9a-zA-Z]+, got {got:?}, whose octet {position} doesn't fit")]
    Character {
        /// Offset in octets.
        position: usize,
        /// The text.
        got: String,
    },
    /// Longer than the service model allows.
    #[error("expected at most {max} characters in a user pool id, got {got}")]
    TooLong {
        /// Length in octets.
        got: usize,
        /// Longest id allowed.
        max: usize,
    },
}

/// `UserPoolIdType` in the service model.
const MAX_LENGTH: usize = 55;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_follows_the_first_underscore() {
        let id = PoolId::parse("us-east-1_AbCdEf123").unwrap();
        assert_eq!(id.region(), "us-east-1", "region");
        assert_eq!(id.name(), "AbCdEf123", "name");
        assert_eq!(id.as_str(), "us-east-1_AbCdEf123", "whole");
        let emulated = PoolId::parse("us-east-1_ab_cd").unwrap();
        assert_eq!(
            emulated.name(),
            "ab_cd",
            "an emulator's name may hold underscores"
        );
        assert_eq!(emulated.region(), "us-east-1", "region of an emulator");
    }

    #[test]
    fn an_id_without_a_name_is_refused() {
        assert!(
            matches!(
                PoolId::parse("us-east-1"),
                Err(PoolIdError::NoUnderscore { .. })
            ),
            "no underscore"
        );
        assert!(
            matches!(PoolId::parse("us-east-1_"), Err(PoolIdError::NoName { .. })),
            "no name"
        );
        assert!(
            matches!(PoolId::parse("_AbC"), Err(PoolIdError::NoRegion { .. })),
            "no region"
        );
        assert!(
            matches!(PoolId::parse(""), Err(PoolIdError::NoUnderscore { .. })),
            "empty"
        );
        assert!(
            matches!(
                PoolId::parse("eu_a-b"),
                Err(PoolIdError::Character { position: 4, .. })
            ),
            "hyphen in the name"
        );
        assert!(
            matches!(PoolId::parse("eu_a_"), Err(PoolIdError::NoName { .. })),
            "ends in an underscore"
        );
        assert!(
            matches!(
                PoolId::parse("eu_a-b_c-"),
                Err(PoolIdError::Character { position: 8, .. })
            ),
            "hyphen at the end"
        );
        assert!(
            matches!(
                PoolId::parse("eü_a"),
                Err(PoolIdError::Character { position: 1, .. })
            ),
            "not ASCII"
        );
        assert!(
            matches!(
                PoolId::parse(&"a_".repeat(40)),
                Err(PoolIdError::TooLong { got: 80, .. })
            ),
            "too long"
        );
    }
}
