//! Tokens: what they say, open and come to.
//!
//! | file | answers |
//! |---|---|
//! | `issue` | what tokens say |
//! | `access` | whose an access token is, and whether it is good |
//! | `refresh` | how tokens are refreshed, revoked and signed out |

pub(in crate::pool) mod access;
pub(in crate::pool) mod issue;
pub(in crate::pool) mod refresh;
