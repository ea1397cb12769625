//! Which outcomes a scenario allows, written from the published facts alone.
//!
//! This model shares no code with the client or the pool: it says which requests a sign-in makes and how it ends, as a
//! *set* wherever the sources only infer, or where shipped clients differ and the service accepts them all.
//!
//! | file | answers |
//! |---|---|
//! | [`expectation`] | what an expectation is, and whether a sign-in fulfils it |
//! | [`flow`] | which flow option and configuration lead to |
//! | [`sign_in`] | which paths the service allows from there |
//! | `state` | what is known of each other between two sign-ins |
//! | [`altered`] | what becomes of a path when an answer is altered |

pub mod altered;
pub mod expectation;
pub mod flow;
pub mod sign_in;
mod state;

pub use expectation::{Expectation, Final, Path};
pub use flow::{Choice, choices};
pub use sign_in::{expect, is_modelled, not_modelled};
