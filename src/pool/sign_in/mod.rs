//! A sign-in, from its first request to its tokens.
//!
//! | file | answers |
//! |---|---|
//! | `initiate`, `choice`, `respond` | what a request leads to |
//! | `flows` | which flows an app client allows |
//! | `standing` | who is meant, and who may sign in |
//! | `advance` | what comes next, and when it ends with tokens |
//! | `passwords`, `srp_challenge`, `steering` | verifiers, `PASSWORD_VERIFIER` and its proof, and rare values on purpose |
//! | `custom` | custom challenges |
//! | `mfa` | second factors |
//! | `devices` | how a device is named and proved |
//! | `new_password` | how a temporary password is replaced |

pub(in crate::pool) mod advance;
pub(in crate::pool) mod choice;
pub(in crate::pool) mod custom;
pub(in crate::pool) mod devices;
pub(in crate::pool) mod flows;
pub(in crate::pool) mod initiate;
pub(in crate::pool) mod mfa;
pub(in crate::pool) mod new_password;
pub(in crate::pool) mod passwords;
pub(in crate::pool) mod respond;
pub(in crate::pool) mod srp_challenge;
pub(in crate::pool) mod standing;
pub(in crate::pool) mod steering;
