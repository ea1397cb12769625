//! The reference user pool: the service's side of every flow.
//!
//! Behaviour follows the published facts; where those only infer, the code says so. What a wrong service does otherwise
//! is a field of [`Policy`].
//!
//! | file | answers |
//! |---|---|
//! | `pools` | which pool answers a request, where there are many behind one endpoint |
//! | `pool`, `answered` | which operation answers it, and how the answer is signed and written |
//! | [`policy`] | what a wrong service does otherwise |
//! | `offer` | what there is, and how it is known that the service does it so |
//! | `world_check`, `error` | which worlds there can't be, and why |
//! | `shape` | what the service model demands of a body |
//! | `flows` | which flows an app client allows |
//! | `initiate`, `choice`, `respond` | what a request of a sign-in leads to |
//! | `sign_in` | what comes next in a sign-in, and when it ends with tokens |
//! | `passwords`, `srp_challenge`, `steering` | verifiers, `PASSWORD_VERIFIER`, its proof, and rare values on purpose |
//! | `custom`, `script`, `built_in`, `trigger`, `function` | custom challenges, who answers for triggers, their events |
//! | `mfa`, `totp`, `codes` | second factors, and codes on their way to people |
//! | `devices` | how devices are named, proved and kept |
//! | `migration` | how an unknown user comes to be known |
//! | `new_password`, `reset` | how passwords change |
//! | `directory`, `subject`, `state`, `lockout` | who there is, who is meant, and who may sign in |
//! | `sign_up`, `profile`, `attributes` | how users come to be, and what they do with their accounts |
//! | `admin`, `user_filter` | what administrators do with users |
//! | `setup`, `client_settings` | how a pool and its app clients are set up |
//! | `session`, `ledger` | what is remembered between requests |
//! | `tokens`, `signing_keys`, `grants`, `access`, `refresh` | what tokens say, stand for and open, and how they end |
//! | `random` | what is made up |
//! | `knowledge` | what whoever watches is told beyond an exchange |
//! | `errors`, `response` | what an error says, and how it looks |
//! | [`http`] | the listener in front of it |

mod access;
mod admin;
mod answered;
mod attributes;
mod built_in;
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
mod knowledge;
mod ledger;
mod lockout;
mod mfa;
mod migration;
mod new_password;
mod offer;
mod passwords;
pub mod policy;
#[allow(clippy::module_inception, reason = "the noun of this folder")]
mod pool;
mod pools;
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
pub use knowledge::{Knowledge, SignInKnowledge};
pub use offer::{OFFERS, Offer, OfferKind};
pub use policy::Policy;
pub use pool::Pool;
pub use pools::{Issuer, Message, Observed, Pools, PoolsSettings};
pub use signing_keys::SigningKeys;
pub use tokens::TokenSigning;
pub use trigger::{FunctionLimits, Invocation, Said};
