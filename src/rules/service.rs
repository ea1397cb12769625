//! What the service has to do.

use super::rule::Rule;

/// The rules of this area.
pub const RULES: &[Rule] = &[];
