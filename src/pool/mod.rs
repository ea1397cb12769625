//! The reference user pool: the service's side of every flow.
//!
//! Behaviour follows the published facts; where those only infer, the code says so. What a wrong service does otherwise
//! is a field of [`Policy`].
//!
//! A request goes down this list and comes back up; a file imports only from those below it.
//!
//! | from the top | answers |
//! |---|---|
//! | [`http`] | the listener in front of everything |
//! | `pools`, `knowledge` | which pool answers a request, where there are many behind one endpoint; what whoever watches is told |
//! | `dispatch`, `answered` | which operation answers it, and how the answer is signed and written |
//! | `setup/` | how a pool and its app clients are set up |
//! | `sign_in/` | what a request of a sign-in leads to |
//! | `accounts/` | how users come to be, and what is done with their accounts |
//! | `tokens/` | what tokens say, open and come to |
//! | `triggers/` | what triggers are told, and who answers for them |
//! | `sending`, `clients` | codes on their way to people; what shows that a request comes by an app client |
//! | `core` | what a pool is made of, and how a request that has to wait leaves nothing behind |
//! | [`policy`] | what a wrong service does otherwise |
//! | `world_check`, `error` | which worlds there can't be, and why |
//! | `state/` | what is remembered, and what is decided about that |
//! | `wire/` | what the service model demands of a body, and how answers and errors look |
//! | `offer` | what there is, and how it is known that the service does it so |

mod accounts;
mod answered;
mod clients;
mod core;
mod dispatch;
mod error;
pub mod http;
mod knowledge;
mod offer;
pub mod policy;
mod pools;
mod sending;
mod setup;
mod sign_in;
mod state;
mod tokens;
mod triggers;
mod wire;
mod world_check;

pub use core::Pool;
pub use error::PoolError;
pub use knowledge::{Knowledge, SignInKnowledge};
pub use offer::{OFFERS, Offer, OfferKind};
pub use policy::Policy;
pub use pools::{Issuer, Message, Observed, Pools, PoolsSettings};
pub use state::outside::{FunctionLimits, Invocation, Said};
pub use state::signing_keys::{SigningKeys, TokenSigning};
