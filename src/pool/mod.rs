//! The reference user pool: the service's side of every flow.
//!
//! Behaviour follows the published facts; where those only infer, the code says so. What a wrong service does otherwise
//! is a field of [`Policy`].
//!
//! | file | answers |
//! |---|---|
//! | `pool` | which operation answers a request |
//! | [`policy`] | what a wrong service does otherwise |
//! | `world_check`, `error` | which worlds there can't be, and why |
//! | `shape` | what the service model demands of a body |
//! | `flows` | which flows an app client allows |
//! | `initiate`, `respond` | what a request of a sign-in leads to |
//! | `srp_challenge`, `steering` | `PASSWORD_VERIFIER`, its proof, and rare values on purpose |
//! | `custom`, `script`, `trigger` | custom challenges, scripted triggers, their events |
//! | `migration` | how an unknown user comes to be known |
//! | `new_password`, `reset` | how passwords change |
//! | `directory`, `subject`, `state`, `lockout` | who there is, who is meant, and who may sign in |
//! | `sign_up`, `profile`, `attributes` | how users come to be, and what they do with their accounts |
//! | `admin`, `user_filter` | what administrators do with users |
//! | `setup`, `client_settings` | how a pool and its app clients are set up |
//! | `session`, `ledger` | what is remembered between requests |
//! | `tokens`, `random` | what is handed out |
//! | `errors`, `response` | what an error says, and how it looks |
//! | [`http`] | the listener in front of it |

mod access;
mod admin;
mod attributes;
mod choice;
mod client_settings;
mod codes;
mod custom;
mod devices;
mod directory;
mod error;
mod errors;
mod flows;
mod function;
mod grants;
pub mod http;
mod initiate;
mod ledger;
mod lockout;
mod mfa;
mod migration;
mod new_password;
mod passwords;
pub mod policy;
#[allow(clippy::module_inception, reason = "the noun of this folder")]
mod pool;
mod profile;
mod random;
mod refresh;
mod reset;
mod respond;
mod response;
mod script;
mod session;
mod setup;
mod shape;
mod sign_in;
mod sign_up;
mod signing_keys;
mod srp_challenge;
mod state;
mod steering;
mod subject;
mod tokens;
mod totp;
mod trigger;
mod user_filter;
mod world_check;

pub use error::PoolError;
pub use policy::Policy;
pub use pool::{Attempt, Pool};
pub use signing_keys::SigningKeys;
pub use tokens::TokenSigning;
pub use trigger::{Invocation, Said};
