//! Users: how they come to be, and what is done with their accounts.
//!
//! | file | answers |
//! |---|---|
//! | `sign_up` | how somebody becomes a user |
//! | `migration` | how an unknown user comes to be known |
//! | `profile`, `attributes` | what users do with their accounts, and what attributes may say |
//! | `devices` | what is done with devices |
//! | `reset` | how a forgotten password is replaced |
//! | `admin`, `user_filter` | what administrators do, and which users they look for |

pub(in crate::pool) mod admin;
pub(in crate::pool) mod attributes;
pub(in crate::pool) mod devices;
pub(in crate::pool) mod migration;
pub(in crate::pool) mod profile;
pub(in crate::pool) mod reset;
pub(in crate::pool) mod sign_up;
pub(in crate::pool) mod user_filter;
