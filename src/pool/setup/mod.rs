//! How a pool and its app clients are set up.
//!
//! | file | answers |
//! |---|---|
//! | `pool_settings` | what settings of a pool mean, and how they are described |
//! | `clients`, `client_settings` | how app clients are made, and what their settings mean |

pub(in crate::pool) mod client_settings;
pub(in crate::pool) mod clients;
pub(in crate::pool) mod pool_settings;
