//! What a pool remembers. Each type owns its data, its rules and what is decided about them; none knows the pool.
//!
//! | file | remembers |
//! |---|---|
//! | `directory`, `stored`, `software_token`, `factors` | who there is, with which password and second factors |
//! | `devices` | the devices of users: what one may do |
//! | `codes` | codes that were sent and wait for an answer |
//! | `lockouts` | failed attempts |
//! | `sessions`, `sign_in`, `subject` | sign-ins on their way, and whom they are about |
//! | `blocks` | challenges for the proof of a password, and when a proof is taken |
//! | `grants` | sign-ins that can be refreshed |
//! | `setup` | settings that have no effect on a sign-in |
//! | `private_values` | what clients were given, as far as the pool was told |
//! | `outside` | what functions outside of this program have said |
//! | `signing_keys`, `random` | keys, and what is made up |
//! | `ledger`, `undo`, `equal` | texts that were given out; changes that can be taken back; comparing what is secret |

pub(in crate::pool) mod blocks;
pub(in crate::pool) mod codes;
pub(in crate::pool) mod devices;
pub(in crate::pool) mod directory;
pub(in crate::pool) mod equal;
pub(in crate::pool) mod factors;
pub(in crate::pool) mod grants;
pub(in crate::pool) mod ledger;
pub(in crate::pool) mod lockouts;
pub(in crate::pool) mod outside;
pub(in crate::pool) mod private_values;
pub(in crate::pool) mod random;
pub(in crate::pool) mod sessions;
pub(in crate::pool) mod setup;
pub(in crate::pool) mod sign_in;
pub(in crate::pool) mod signing_keys;
pub(in crate::pool) mod software_token;
pub(in crate::pool) mod stored;
pub(in crate::pool) mod subject;
pub(in crate::pool) mod undo;
