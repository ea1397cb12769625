//! User pools.

use serde::{Deserialize, Serialize};

/// A user pool's own settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserPool {
    /// The pool id: region, underscore, name. The name goes into x and the claim.
    pub id: String,
    /// The region.
    pub region: String,
    /// Whether people sign in with an e-mail address or phone number while the internal user name is a UUID.
    #[serde(default = "yes")]
    pub aliases: bool,
    /// Attributes that a user must have, by their bare names.
    #[serde(default)]
    pub required_attributes: Vec<String>,
}

fn yes() -> bool {
    true
}
