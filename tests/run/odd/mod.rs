//! A port that is right in an odd way, and the shim that it is behind.
//!
//! | file | answers |
//! |---|---|
//! | `habits` | in which ways a right port may be odd |
//! | `shim` | how it talks with the harness |
//! | `http` | how it talks with the service |
//! | `json` | how it writes JSON |

pub mod habits;
mod http;
pub mod json;
pub mod shim;
