//! The axes of a scenario: what can be varied by itself, with the values that it takes. No axis is a product of others.
//!
//! A value is set on a scenario and recognised in one. What a value needs of other axes before it means anything stands beside it,
//! so that which values can be together follows from this list.
//!
//! | file | answers |
//! |---|---|
//! | `axis` | what an axis and a value are, and what a value needs |
//! | `sign_in` | what is typed, and which flow it leads to |
//! | `service` | what the pool, its client and its user are like |
//! | `challenges` | what is asked beyond the password, and how it is answered |
//! | `acts` | what is done after the first sign-in |
//! | `disturbance` | what goes wrong on the way, and lies for services |
//! | `list` | which axes there are |
//! | [`choice`] | one value of each axis, and what of it can be together |
//! | [`pair`] | two values of two axes, and sets of them |

mod acts;
mod axis;
mod challenges;
pub mod choice;
mod disturbance;
mod list;
pub mod pair;
mod service;
mod sign_in;

pub use axis::{Axis, Condition, Need, SOME, Value};
pub use choice::{Choice, Place};
pub use list::{AXES, DEAD_ENDS, axis};
pub use pair::{Pair, PairSet};
