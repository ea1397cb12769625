//! What the service asks on the way to a sign-in, and how it is answered.
//!
//! | file | answers |
//! |---|---|
//! | `respond` | what an answer of the service means |
//! | `confirm` | how the person's answer travels |
//! | `factors` | how factors are chosen and set up |
//! | `srp_round` | how a challenge that asks for a claim is answered |
//! | `device_round` | how a device becomes known, and how it is proved |

mod confirm;
mod device_round;
mod factors;
mod respond;
mod srp_round;
