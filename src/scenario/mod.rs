//! All that determines one sign-in and what is done after it, as plain data, and its generators.
//!
//! A [`Scenario`] is small and readable on purpose: it is what shrinks, what a failure prints, and what `replay` reads.
//! Names, ids, salts and passwords are not in it; they follow from its `nonce` (see [`Names`]).
//!
//! | file | answers |
//! |---|---|
//! | [`types`] | what a scenario says |
//! | [`input`] | what the person types: a name, a password, answers |
//! | [`factor`] | which factors there are beyond the password |
//! | [`act`] | what is done after the first sign-in |
//! | [`names`] | which unique names, ids and canaries follow from it |
//! | [`stage`] | which world and which call follow from it |
//! | `private_value` | which a a port is given, if it takes one |
//! | [`plan`] | what a scenario means for one sign-in |
//! | [`person`] | what the person answers at each step |
//! | [`limits`] | what no scenario from outside may ask for |
//! | [`fault`] | how an answer of the service is altered |
//! | [`summary`] | how it reads in one line |
//! | [`axes`] | what can be varied by itself, and how |
//! | [`free`] | how scenarios are generated that combine everything |
//! | `parameters` | how texts by name are written down and generated |
//! | [`strategy`] | how scenarios are generated and shrink |
//! | `story` | how those are generated that go on after the password: factors, devices, tokens, a new password |

pub mod act;
pub mod axes;
pub mod factor;
pub mod fault;
pub mod free;
pub mod input;
pub mod limits;
pub mod names;
mod parameters;
pub mod person;
pub mod plan;
mod private_value;
pub mod stage;
mod story;
pub mod strategy;
pub mod summary;
pub mod types;

pub use act::{Act, FetchSession, Reset, SignInAgain, Who};
pub use factor::{FirstFactors, Mfa};
pub use fault::{BadHex, ErrorForm, Fault, FaultKind, Meanwhile};
pub use input::{Answer, AnswerChoice, Password, PasswordText, TypedName};
pub use limits::OutOfLimits;
pub use names::Names;
pub use person::{Person, Surroundings};
pub use plan::{Named, SignInPlan};
pub use types::{AppClientChoice, Attack, ConfigSource, Scenario, UserKind};
