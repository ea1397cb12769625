//! All that determines one sign-in, as plain data, and its generators.
//!
//! A [`Scenario`] is small and readable on purpose: it is what shrinks, what a failure prints, and what `replay` reads.
//! Names, ids, salts and passwords are not in it; they follow from its `nonce` (see [`Names`]).
//!
//! | file | answers |
//! |---|---|
//! | [`types`] | what a scenario says |
//! | [`names`] | which unique names, ids and canaries follow from it |
//! | [`stage`] | which world and which call follow from it |
//! | `private_value` | which a a port is given, if it takes one |
//! | [`person`] | what the person answers at each step |
//! | [`limits`] | what no scenario from outside may ask for |
//! | [`fault`] | how an answer of the service is altered |
//! | [`summary`] | how it reads in one line |
//! | [`strategy`] | how scenarios are generated and shrink |

pub mod fault;
pub mod limits;
pub mod names;
pub mod person;
mod private_value;
pub mod stage;
pub mod strategy;
pub mod summary;
pub mod types;

pub use fault::{BadHex, ErrorForm, Fault, FaultKind};
pub use limits::OutOfLimits;
pub use names::Names;
pub use person::Person;
pub use types::{
    Answer, AnswerChoice, AppClientChoice, Attack, ConfigSource, Password, PasswordText, Scenario,
    TypedName, UserKind,
};
