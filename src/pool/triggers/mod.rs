//! Triggers: what they are told, and who answers for them.
//!
//! | file | answers |
//! |---|---|
//! | `trigger` | what an event says, and what becomes of the answer |
//! | `script` | what a scripted function answers |
//! | `built_in` | what a function of this program answers |
//! | `function` | how a function outside of this program is asked |

pub(in crate::pool) mod built_in;
pub(in crate::pool) mod function;
pub(in crate::pool) mod script;
pub(in crate::pool) mod trigger;
