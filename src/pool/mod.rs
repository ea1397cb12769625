//! The reference user pool: the service's side of every flow.

mod error;
pub mod http;
pub mod policy;
#[allow(clippy::module_inception, reason = "the noun of this folder")]
mod pool;
mod tokens;

pub use error::PoolError;
pub use policy::Policy;
pub use pool::Pool;
pub use tokens::TokenSigning;
